"""Texts: from words to the numbers of tokens, and back."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from course_lib.errors import BadInput


def tokenizer(name: str, weights: Path | None = None):
    """Return a tokenizer.

    Args:
        name: as a card says it, a key of TOKENIZERS.
        weights: the file of the weights, for a tokenizer that lies in it or beside it.

    Returns:
        An object; its `file`, where it has one, is what it needs to have fetched. That of a language model has
        `tokenize(text)`, a list of numbers, `detokenize(numbers)`, and the numbers of `start` and `end` or None. That of
        captions has `encode(texts, length)` and `decode(rows)` in their place; 0 is padding.
    """
    return TOKENIZERS[name](weights)


def checked(text) -> str:
    """Return a text that can be cut into tokens.

    Raises:
        BadInput: it is no text, or holds half of a character, which no file and no token can.
    """
    if not isinstance(text, str):
        raise BadInput(f"A text is wanted, for instance 'Once upon a time', not {type(text).__name__}.")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise BadInput(
            f"Place {error.start} of this text holds half of a character (a lone surrogate, "
            f"{text[error.start]!a}): it was decoded wrongly somewhere; leave it out."
        ) from None
    return text


def padded(rows: Sequence[Sequence[int]], length: int = 0) -> np.ndarray:
    """Write rows of token numbers below each other.

    Args:
        rows: of any lengths.
        length: of all rows; by default the longest one's.

    Returns:
        (rows, length) int32, 0 behind the end of each.
    """
    numbers = np.zeros((len(rows), length or max(map(len, rows))), np.int32)
    for number, row in zip(numbers, rows, strict=True):
        number[: len(row)] = row
    return numbers


def _captions(_):
    from course_lib.media.world_captions import WORDS
    from course_lib.text.words import WordTokenizer

    return WordTokenizer(WORDS)


def _clip(_):
    from course_lib.text.clip import ClipTokenizer

    return ClipTokenizer()


def _gpt2(weights):
    from course_lib.text.byte_level import read_preset

    return read_preset(weights)


def _gguf(weights):
    from course_lib.text.gguf import read_tokenizer

    return read_tokenizer(weights)


def _shakespeare(_):
    from course_lib.text.byte_level import read_shipped

    return read_shipped("shakespeare")


def _characters(_):
    from course_lib.text.characters import CharacterTokenizer

    return CharacterTokenizer()


def _letters(name: str):
    def read(_):
        from course_lib.text import letters

        return getattr(letters, name)

    return read


def _wordpiece(_):
    from course_lib.text.wordpiece import WordpieceTokenizer

    return WordpieceTokenizer()


def _sentencepiece(weights):
    from course_lib.text.sentencepiece import SentencePieceTokenizer

    return SentencePieceTokenizer(weights)


TOKENIZERS = {
    "captions": _captions,  # the words of the captioned world
    "characters": _characters,  # those of the nano T5's tasks
    "clip": _clip,  # CLIP's pieces of words
    "deepspeech": _letters("DEEPSPEECH"),  # 28 letters, and CTC's blank
    "gguf": _gguf,  # pieces of bytes, from the file of the weights
    "gpt2": _gpt2,  # pieces of bytes, from a preset of KerasHub
    "sentencepiece": _sentencepiece,  # pieces of words, from a preset of KerasHub
    "shakespeare": _shakespeare,  # pieces of bytes, made from Shakespeare's plays
    "tacotron2": _letters("TACOTRON2"),  # letters, signs and sounds
    "wav2vec2": _letters("WAV2VEC2"),  # 28 letters, and CTC's blank
    "wordpiece": _wordpiece,  # BERT's pieces of words
}
