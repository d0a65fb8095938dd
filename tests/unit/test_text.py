"""Tokenizers: texts to numbers and back."""

import gzip
import hashlib
from dataclasses import replace

import numpy as np
import pytest

from course_lib.errors import BadInput, CourseError
from course_lib.text import clip, tokenizer
from course_lib.text.words import WordTokenizer


def test_words_there_and_back():
    words = WordTokenizer(("a", "red", "star"))
    rows = words.encode(["a red star", "Star"], 6)
    assert rows.tolist() == [[1, 3, 4, 5, 2, 0], [1, 5, 2, 0, 0, 0]]
    assert words.decode(rows) == ["a red star", "star"]
    assert words.decode([[1, 4, 2, 5, 5, 5]]) == ["red"]
    assert len(words) == 6


def test_an_unknown_word_is_named_with_the_known_ones():
    with pytest.raises(BadInput, match="does not know the word 'zebra'; it knows: a, an, picture"):
        tokenizer("captions").encode(["a zebra"], 14)


def test_too_long_a_text():
    with pytest.raises(BadInput, match="has 13 words, at most 12 fit"):
        tokenizer("captions").encode(["a " * 13], 14)


@pytest.fixture
def pieces(monkeypatch, tmp_path):
    path = tmp_path / "merges.gz"
    path.write_bytes(gzip.compress(b"version\nc a\nca t</w>\nt h\n"))
    monkeypatch.setattr(clip.package, "find", lambda file: path)
    own = replace(clip.MERGES, hash=f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}")
    monkeypatch.setattr(clip.ClipTokenizer, "file", own)
    return clip.ClipTokenizer()


def test_clip_puts_pieces_together(pieces):
    rows = pieces.encode(["Cat cats", "é!"], 9)
    letter = {chr(byte): byte - ord("!") for byte in range(ord("!"), ord("~") + 1)}
    assert rows[0].tolist() == [49406, 513, 512, letter["t"], 256 + letter["s"], 49407, 0, 0, 0]
    assert rows[1, 0] == pieces.start
    assert pieces.decode(rows) == ["cat cats", "é !"]
    assert len(pieces) == 49_408


def test_clip_refuses_too_long_a_text(pieces):
    with pytest.raises(BadInput, match="11 tokens, at most 4 fit"):
        pieces.encode(["x y z" * 3 + " cat cat"], 6)


def test_clip_without_its_list_says_what_brings_it(monkeypatch):
    monkeypatch.setattr(clip.package, "find", lambda file: None)
    with pytest.raises(CourseError, match="course fetch coca_vit_b32"):
        clip.ClipTokenizer().encode(["a cat"], 8)
    assert np.all(np.array([clip.ClipTokenizer().start, clip.ClipTokenizer().end]) == (49406, 49407))


def test_another_list_is_not_read(pieces, monkeypatch):
    monkeypatch.setattr(clip.ClipTokenizer, "file", clip.MERGES)
    with pytest.raises(CourseError, match="not the file that was expected"):
        pieces.encode(["a cat"], 8)
