"""Texts by chance that hold whatever Unicode has: what a tokenizer must get through unharmed."""

import random
from collections.abc import Callable

SPACES = " \n\t\r\u00a0\u2009\u3000"
BITS = (
    "the ",
    " don't",
    "I'll",
    "2026 ",
    " 3.14",
    " of",
    "ing",
    "  ",
    "é",
    "ß",
    "漢字",
    "шум",
    "שלום",
    "🎭",
    "👩‍🚀",
    "🇬🇧",
)
HALVES = range(0xD800, 0xE000)  # surrogates: halves of a character in UTF-16, and no characters


def wild_texts(count: int, seed: int = 0, longest: int = 60) -> list[str]:
    """Make up texts of letters, signs, spaces and pieces of many scripts, in a mixture of its own each.

    Args:
        count: of texts.
        seed: the same seed makes the same texts.
        longest: characters or bits in a text, at most.

    Returns:
        Texts, none of them empty, none with half a character in it.
    """
    chance = random.Random(seed)
    kinds = _kinds(chance)
    return [_text(chance, kinds, longest) for _ in range(count)]


def _kinds(chance: random.Random) -> list[Callable[[], str]]:
    return [
        lambda: chr(chance.randrange(32, 127)),
        lambda: chr(chance.randrange(0xA0, 0x250)),
        lambda: chr(chance.choice([chance.randrange(HALVES.start), chance.randrange(HALVES.stop, 0x110000)])),
        lambda: chance.choice(SPACES),
        lambda: chance.choice(BITS),
    ]


def _text(chance: random.Random, kinds: list[Callable[[], str]], longest: int) -> str:
    shares = [chance.random() ** 2 for _ in kinds]
    return "".join(chance.choices(kinds, shares)[0]() for _ in range(chance.randint(1, longest)))
