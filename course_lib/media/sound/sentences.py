"""The sentences that the course's nano speech models know: fifty-two words and a little grammar.

Some are held out: which ones, a hash of their words says, so that no training can meet them by chance.
"""

import hashlib

import numpy as np

ANIMALS = ("bird", "cat", "dog", "fish", "horse", "mouse")
THINGS = ("ball", "book", "box", "chair", "cup", "hat", "lamp", "table")
COLOURS = ("black", "blue", "brown", "green", "red", "white", "yellow")
SIZES = ("big", "old", "small")
PLACES = ("behind", "near", "on", "over", "under")
ORDERS = ("bring", "give", "put", "take")
DEEDS = ("finds", "follows", "likes", "sees", "wants")
NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
SMALL_WORDS = ("and", "is", "number", "the")
WORDS = tuple(sorted(ANIMALS + THINGS + COLOURS + SIZES + PLACES + ORDERS + DEEDS + NUMBERS + SMALL_WORDS))
HELD_OUT = 5  # one sentence of so many
JUMBLED = 0.2  # the share of sentences whose words stand in any order


def sentences(count: int, seed: int, held_out: bool = False, jumbled: float = JUMBLED) -> list[str]:
    """Make sentences, no two of them the same.

    Args:
        count: how many.
        seed: of the choice.
        held_out: only those that no training ever sees; else only others.
        jumbled: the share of those whose words stand in any order, so that nobody learns the grammar in place of the sounds.

    Returns:
        Sentences of two to nine words in small letters.
    """
    rng, found = np.random.default_rng(seed), {}
    while len(found) < count:
        sentence = jumble(rng) if rng.random() < jumbled else grammatical(rng)
        if is_held_out(sentence) == held_out:
            found[sentence] = True
    return list(found)


def is_held_out(sentence: str) -> bool:
    """Say whether a sentence is kept for measuring."""
    return hashlib.sha256(sentence.encode()).digest()[0] % HELD_OUT == 0


def grammatical(rng: np.random.Generator) -> str:
    """Make one sentence of the grammar, for instance "put the small red cup under the table"."""
    pick = rng.choice
    frames = (
        lambda: f"{pick(ORDERS)} {_thing(rng)} {pick(PLACES)} {_thing(rng)}",
        lambda: f"{_animal(rng)} {pick(DEEDS)} {_animal(rng) if rng.random() < 0.5 else _thing(rng)}",
        lambda: f"{pick(THINGS)} number {pick(NUMBERS)} is {pick(COLOURS)}",
        lambda: f"{pick(ORDERS)} {_thing(rng)} and {_thing(rng)}",
        lambda: f"{_animal(rng)} is {pick(PLACES)} {_thing(rng)}",
    )
    return frames[rng.integers(len(frames))]()


def jumble(rng: np.random.Generator) -> str:
    """Put two to seven of the words in any order."""
    return " ".join(rng.choice(WORDS, rng.integers(2, 8)))


def _thing(rng: np.random.Generator) -> str:
    return _described(rng, rng.choice(THINGS))


def _animal(rng: np.random.Generator) -> str:
    return _described(rng, rng.choice(ANIMALS))


def _described(rng: np.random.Generator, noun: str) -> str:
    size = f"{rng.choice(SIZES)} " if rng.random() < 0.3 else ""
    colour = f"{rng.choice(COLOURS)} " if rng.random() < 0.5 else ""
    return f"the {size}{colour}{noun}"
