"""Texts: from words to the numbers of tokens, and back."""

from course_lib.text.words import WordTokenizer


def tokenizer(name: str) -> WordTokenizer:
    """Return the tokenizer that a card names: "captions", the words of the captioned world."""
    return TOKENIZERS[name]()


def _captions() -> WordTokenizer:
    from course_lib.media.world_captions import WORDS

    return WordTokenizer(WORDS)


TOKENIZERS = {"captions": _captions}
