"""Byte-level pieces: every text goes in and comes out, as with KerasHub's tokenizer."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.errors import BadInput
from course_lib.text import tokenizer
from course_lib.text.byte_level import END, letters, read_preset

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@pytest.fixture(scope="module")
def pieces():
    return tokenizer("shakespeare")


@pytest.fixture(scope="module")
def preset(pieces, tmp_path_factory):
    """The same vocabulary as KerasHub's presets keep it."""
    folder = tmp_path_factory.mktemp("preset")
    assets = folder / "assets" / "tokenizer"
    assets.mkdir(parents=True)
    (assets / "vocabulary.json").write_text(json.dumps(pieces.vocabulary))
    (assets / "merges.txt").write_text("#version: 0.2\n" + "\n".join(map(" ".join, pieces.merges)) + "\n")
    return folder


@given(TEXTS)
def test_every_text_comes_back(text):
    pieces = tokenizer("shakespeare")
    assert pieces.detokenize(pieces.tokenize(text)) == text


def test_letters_stand_for_all_bytes():
    assert len(set(letters())) == 256
    assert letters()[ord("A")] == "A"
    assert letters()[ord(" ")] == "Ġ"


def test_the_end_of_a_text_is_a_token_that_no_text_can_write(pieces):
    assert pieces.end == len(pieces) - 1 == 1023
    assert pieces.end not in pieces.tokenize(END)
    assert pieces.detokenize([pieces.end]) == ""


def test_frequent_words_are_one_token(pieces):
    assert [pieces.piece(number) for number in pieces.tokenize("What is the love of thee")] == [
        "What", " is", " the", " love", " of", " thee",
    ]  # fmt: skip


def test_a_preset_reads_the_same(pieces, preset):
    text = "To be, or not — \U0001f642!"
    assert read_preset(preset / "model.weights.h5").tokenize(text) == pieces.tokenize(text)


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("vocabulary.json", "{"),
        ("vocabulary.json", "3"),
        pytest.param("vocabulary.json", "[" * 200_000, id="deep"),
        ("merges.txt", None),
    ],
)
def test_a_damaged_preset_is_refused(preset, tmp_path, file, content):
    assets = tmp_path / "assets" / "tokenizer"
    assets.mkdir(parents=True)
    for name in ("vocabulary.json", "merges.txt"):
        (assets / name).write_text((preset / "assets" / "tokenizer" / name).read_text())
    if content is None:
        (assets / file).unlink()
    else:
        (assets / file).write_text(content)
    with pytest.raises(BadInput, match="vocabulary"):
        read_preset(tmp_path / "model.weights.h5")


@pytest.mark.parametrize(
    ("text", "said"), [("a\ud800b", "lone surrogate"), (b"bytes", "not bytes"), (None, "NoneType")]
)
@pytest.mark.parametrize("name", ["shakespeare", "characters"])
def test_what_is_no_text_is_refused(name, text, said):
    with pytest.raises(BadInput, match=said):
        tokenizer(name).tokenize(text)


def test_characters_come_back_and_blanks_have_names():
    letters = tokenizer("characters")
    numbers = letters.tokenize("12 May: a<b")
    assert letters.detokenize(numbers) == "12 May: a<b"
    assert letters.detokenize([letters.blanks[1], *numbers[:2], letters.end, *numbers]) == "<1>12"
    with pytest.raises(BadInput, match="'é'"):
        letters.tokenize("café")
    assert len(set(letters.tokenize("abc"))) == 3 <= len(letters)
