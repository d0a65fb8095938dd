"""Texts: from words to the numbers of tokens, and back."""


def tokenizer(name: str):
    """Return a tokenizer.

    Args:
        name: as a card says it: "captions", the words of the captioned world; "clip", CLIP's pieces of words.

    Returns:
        An object with `encode(texts, length)`, `decode(rows)`, and the numbers of `start` and `end`; 0 is padding. Its
        `file`, where it has one, is what it needs to have fetched.
    """
    return TOKENIZERS[name]()


def _captions():
    from course_lib.media.world_captions import WORDS
    from course_lib.text.words import WordTokenizer

    return WordTokenizer(WORDS)


def _clip():
    from course_lib.text.clip import ClipTokenizer

    return ClipTokenizer()


TOKENIZERS = {"captions": _captions, "clip": _clip}
