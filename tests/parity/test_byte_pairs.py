"""Byte-level pieces as OpenAI's own tokenizer makes them, from 1,000 texts by chance; and as KerasHub's does, word by word."""

import json
import zlib
from pathlib import Path

import keras_hub
import numpy as np
import pytest
import regex

from course_lib.text.byte_level import WORD, read_shipped
from course_lib.text.wild import wild_texts

RECORDED = Path(__file__).parent / "fixtures" / "shakespeare.tiktoken.json"


@pytest.fixture(scope="module")
def tokenizer():
    return read_shipped("shakespeare")


@pytest.fixture(scope="module")
def texts():
    return wild_texts(1000)


def test_texts_are_wild(texts):
    together = "".join(texts)
    assert len({*together}) > 2000
    assert max(map(ord, together)) > 0xFFFF
    assert not any(0xD800 <= ord(letter) < 0xE000 for letter in together)
    assert texts[:10] == wild_texts(10)
    assert texts[:10] != wild_texts(10, seed=1)


def test_as_tiktoken(tokenizer, texts):
    found = [zlib.crc32(str(tokenizer.tokenize(text)).encode()) for text in texts]
    assert found == json.loads(RECORDED.read_text(encoding="utf-8"))["checksums"]


def test_nothing_is_lost(tokenizer, texts):
    assert [tokenizer.detokenize(tokenizer.tokenize(text)) for text in texts] == texts


def test_as_kerashub_word_by_word(tokenizer, texts):
    """Word by word, because KerasHub 0.32 does not cut texts into words first, and merges over their ends."""
    merges = [" ".join(pair) for pair in tokenizer.merges]
    official = keras_hub.tokenizers.BytePairTokenizer(tokenizer.vocabulary, merges)
    words = [word for text in texts for word in regex.findall(WORD, text)]
    for word in dict.fromkeys(words[:3000]):
        assert np.asarray(official(word)).tolist() == tokenizer.tokenize(word)
