"""Lesson 19's exercises and quiz."""

from types import SimpleNamespace

import numpy as np

from course_lib.catalog import card
from course_lib.lessons.exercises import Exercise
from course_lib.lessons.expect import as_numbers, expect, expect_close, expect_shape
from course_lib.lessons.quiz import Choice, Question


def _joins_the_earliest(merge_once):
    ranks = {b"th": 2, b"he": 1, b"the": 0, b"er": 5, b"re": 4}
    row = [b"t", b"h", b"e", b"r", b"e"]
    got = merge_once(list(row), dict(ranks))
    expect(isinstance(got, list | tuple), "Return a list of pieces.")
    got = list(got)
    expect(
        got != [b"th", b"e", b"r", b"e"],
        "That joined the pair that stands first in the text. Which was *learned* first?",
    )
    expect(
        got != [b"t", b"h", b"er", b"e"] and got != [b"t", b"h", b"e", b"re"],
        "The earliest pair has the smallest rank, not the largest.",
    )
    expect(got == [b"t", b"he", b"r", b"e"], "Of t-h, h-e, e-r and r-e, find the one with the smallest rank.")
    twice = list(merge_once([b"h", b"e", b"h", b"e"], dict(ranks)))
    expect(twice == [b"he", b"h", b"e"], "Join one place in each step: the first where the pair stands.")
    alone = merge_once([b"x", b"y"], dict(ranks))
    expect(alone is not None, "Where no pair is known, return the row as it is.")
    expect(list(alone) == [b"x", b"y"], "Where no pair is known, the pieces stay as they are.")
    expect(list(merge_once([b"x"], dict(ranks))) == [b"x"], "A single piece has no neighbour: it stays.")


def _never_ahead(may_look):
    got = as_numbers(may_look(3, 2))
    expect_shape(
        got, (3, 5), "A row for each new token, a column for each token that there is: earlier + new."
    )
    got = got.astype(bool)
    expect(got[:, :2].all(), "Every new token may look at all the earlier ones.")
    expect(not got[0, 3:].any(), "The first new token may not look at those behind it.")
    expect(got[2, 4], "A token may look at itself.")
    expect_close(
        got.astype(float), np.tri(3, 5, 2), "Row i: true up to column earlier + i, and false behind it."
    )
    expect_close(
        np.asarray(may_look(4, 0)).astype(float),
        np.tri(4),
        "Without earlier tokens it is the lesson's triangle.",
    )


def _counts_the_cache(cache_bytes):
    config = SimpleNamespace(width=96, depth=7, heads=3, mlp=11, vocabulary=13, context=2048)
    got = as_numbers(cache_bytes(config, 10, 8))
    right = 2 * 7 * 10 * 96 * 8
    expect(got != right / 8, "That many numbers; how many bytes do they take?")
    expect(got != right / 4, "Use `bytes_a_number`: float64 takes 8.")
    expect(got != right / 2, "Both keys and values are kept.")
    expect(got != right / 7, "Each block has keys and values of its own.")
    expect(
        got not in (right * 3, right / 3),
        "The heads share the width: together they have `width` numbers, not `width` each.",
    )
    expect(got != right * 2048 / 10, "Count the tokens that are there, not those that would fit.")
    expect_close(got, right, "Of one token in one block: how many numbers are its key and its value?")
    expect_close(as_numbers(cache_bytes(config, 10)), right / 4, "Without being told, take 2 bytes a number.")


EXERCISES = [
    Exercise(
        id="19.1",
        title="One merge",
        starter='''
def merge_once(row, ranks):
    """Return the pieces with the earliest known pair of neighbours joined (its first place only); else as they are."""
    return ...
''',
        mistake='''
def merge_once(row, ranks):
    """Return the pieces with the earliest known pair of neighbours joined (its first place only); else as they are."""
    for i in range(len(row) - 1):
        if row[i] + row[i + 1] in ranks:
            return [*row[:i], row[i] + row[i + 1], *row[i + 2 :]]
    return row
''',
        solution='''
def merge_once(row, ranks):
    """Return the pieces with the earliest known pair of neighbours joined (its first place only); else as they are."""
    known = [i for i in range(len(row) - 1) if row[i] + row[i + 1] in ranks]
    if not known:
        return row
    i = min(known, key=lambda i: ranks[row[i] + row[i + 1]])
    return [*row[:i], row[i] + row[i + 1], *row[i + 2 :]]
''',
        test=_joins_the_earliest,
        hints=[
            "List the places i at which `row[i] + row[i + 1]` is in `ranks`. None? Then return the row.",
            "`min(places, key=...)` finds the place whose joined piece has the smallest rank; of equal ones it takes the first.",
        ],
    ),
    Exercise(
        id="19.2",
        title="Who may look where",
        setup="import numpy as np",
        starter='''
def may_look(new, earlier):
    """Return (new, earlier + new) bool: True where a new token may look at an earlier one, itself, or one before it."""
    return ...
''',
        mistake='''
def may_look(new, earlier):
    """Return (new, earlier + new) bool: True where a new token may look at an earlier one, itself, or one before it."""
    return np.tri(new, earlier + new, dtype=bool)
''',
        solution='''
def may_look(new, earlier):
    """Return (new, earlier + new) bool: True where a new token may look at an earlier one, itself, or one before it."""
    places = earlier + np.arange(new)
    return np.arange(earlier + new)[None, :] <= places[:, None]
''',
        test=_never_ahead,
        hints=[
            "At which place of the whole text does new token i stand?",
            "Compare the places of all tokens, as a row, with those of the new ones, as a column.",
        ],
    ),
    Exercise(
        id="19.3",
        title="What a KV cache takes",
        starter='''
def cache_bytes(config, tokens, bytes_a_number=2):
    """Return the bytes of the keys and values of all blocks, for one text; `config` is of `gpt.CONFIGS`."""
    return ...
''',
        mistake='''
def cache_bytes(config, tokens, bytes_a_number=2):
    """Return the bytes of the keys and values of all blocks, for one text; `config` is of `gpt.CONFIGS`."""
    return config.depth * tokens * config.width * bytes_a_number
''',
        solution='''
def cache_bytes(config, tokens, bytes_a_number=2):
    """Return the bytes of the keys and values of all blocks, for one text; `config` is of `gpt.CONFIGS`."""
    return 2 * config.depth * tokens * config.width * bytes_a_number
''',
        test=_counts_the_cache,
        hints=[
            "The shape of the cache of a block was printed under **Look inside**: what are its numbers?",
            "Two rows of `width` numbers, for each token, in each block.",
        ],
    ),
]

_GPT3 = card("gpt3_175b")
_CACHE = 2 * 96 * 2048 * 12_288 * 2 / 1e9

QUIZ = [
    Question(
        "GPT-3's 175 billion parameters: how much memory do they take with two bytes a number?",
        [
            Choice(f"{2 * _GPT3.params / 1e9:.0f} GB", True, "So it runs on several accelerators at once, before a single token is kept."),
            Choice(f"{_GPT3.params / 1e9:.0f} GB", False, "That would be one byte a number."),
            Choice(f"{_CACHE:.0f} GB", False, "That is about its KV cache for one full context."),
        ],
    ),
    Question(
        "Why can the keys and values of earlier tokens be kept while a text grows?",
        [
            Choice("No token looks at those behind it, so what is appended changes nothing before", True, "In BERT, where all look at all, each new token would change every other."),
            Choice("They are parameters and do not change after training", False, "They are computed from the text; another text has others."),
            Choice("Later tokens change them too little to matter", False, "They do not change at all: the lesson's difference was rounding."),
        ],
    ),
    Question(
        "A text holds an emoji that the tokenizer's training text never had. What does byte-level BPE do?",
        [
            Choice("It uses the emoji's bytes, a token each if nothing was merged", True, "Every text is bytes, and all 256 are tokens: nothing is unknown."),
            Choice("It uses a token for what is unknown", False, "That is what word lists do; here there is none, and no need."),
            Choice("It leaves the emoji out", False, "Then the text would not come back; the lesson checked that 1,000 did."),
        ],
    ),
    Question(
        "Model A has perplexity 20 a token, model B 30 a token, on the same text. B's tokenizer makes half as many tokens of it. Which foresees the text better?",
        [
            Choice("B", True, f"For two of A's tokens B pays once: 30 against 20 x 20 = {20 * 20}. Bits a byte would have said so."),
            Choice("A", False, "A's tokens are shorter, and therefore easier to guess each."),
            Choice("That can't be said", False, "It can: the text is the same, so compare the probabilities of the whole."),
        ],
    ),
    Question(
        "The prompt `\"The capital of France is \"`, with a space at its end, often gets worse continuations than without. Why?",
        [
            Choice("The space belongs to the next word's token, so that token can no longer come", True, "The likeliest token was ` Paris`, with its space. Now the network must go on from a lone space."),
            Choice("The prompt has become too long", False, "By one token: that is not what changes the guess."),
            Choice("Spaces at the end are not seen by the network", False, "They are a token like any other, and that is the trouble."),
        ],
    ),
]  # fmt: skip
