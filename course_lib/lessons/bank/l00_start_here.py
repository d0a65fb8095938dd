"""Lesson 00's exercises and quiz."""

import numpy as np

from course_lib.catalog import card
from course_lib.lessons.exercises import Exercise
from course_lib.lessons.expect import (
    TryAgain,
    as_numbers,
    expect,
    expect_close,
    expect_shape,
    refuse_nothing,
)
from course_lib.lessons.quiz import Choice, Question

PARAMETERS = card("efficientnet_lite0").params


def _reaches_both_ends(to_unit):
    pixels = np.uint8([[[0, 51, 255], [204, 102, 0]]])
    got = to_unit(pixels)
    expect_shape(got, pixels.shape, "Scaling changes the numbers, not the shape.")
    got = np.asarray(got)
    expect(got.dtype.kind == "f", "Whole numbers can't lie between -1 and 1: make the pixels float32 first.")
    expect_close(got.max(), 1, "The brightest pixel, 255, should become 1.", atol=1e-3)
    expect_close(got.min(), -1, "The darkest pixel, 0, should become -1.", atol=1e-3)
    expect_close(got, pixels / 127.5 - 1.0, "The ends are right, but not what lies between them.", atol=1e-3)
    dull = np.uint8([102, 153, 204])  # no black, no white
    advice = "Here no pixel is 0 or 255, and 102 should still become what it becomes in any other picture."
    expect_close(to_unit(dull), dull / 127.5 - 1.0, advice, atol=1e-3)
    expect(
        got.dtype == np.float32, f"The numbers are right, but float32 was asked for; yours are {got.dtype}."
    )


def _index_from(most_like, query, rows):
    try:
        got = most_like(query, rows)
    except ValueError as error:
        if any(word in str(error) for word in ("matmul", "aligned", "broadcast")):
            advice = f"The shapes don't fit: the rows are {rows.shape}, the query is {query.shape}. Which stands first in `@`?"
            raise TryAgain(advice) from None
        raise
    refuse_nothing(got)
    expect(np.ndim(got) == 0, "One query has one nearest row: return its index alone.")
    whole = np.asarray(got).dtype.kind in "iu"
    expect(whole, f"An index, please: the place of the best row, 0 to {len(rows) - 1}, not its cosine.")
    return got


def _goes_by_angle(most_like):
    query = np.array([2.0, 0.0, 0.0])
    rows = np.array(
        [
            [0.0, 1.0, 0.0],
            [9.0, 1.5, 0.0],
            [40.0, 30.0, 0.0],
            [-5.0, 0.0, 0.0],
            [0.3, 0.3, 0.0],
            [2.0, 1.2, 0.0],
        ]
    )
    got = _index_from(most_like, query, rows)
    advice = {
        2: "Row 2 is long, so its product with anything is large; but it points elsewhere. Only the angle counts.",
        3: "Row 3 points the opposite way: that is the smallest cosine, not the largest.",
        4: "Row 4 is very short, and yours prefers that: divide by the row's length once, not by its square.",
        5: "Row 5 ends nearest to the query, but there is a row that points more nearly the same way. Distance is not angle.",
    }
    by_hand = (
        f"Row {got} is not it. Compute the cosines of {query.tolist()} with {rows[:2].tolist()} by hand."
    )
    expect(got == 1, advice.get(int(got), by_hand))
    expect(
        _index_from(most_like, np.array([-2.0, 0.0, 0.0]), rows) == 3,
        f"It is right for {query.tolist()}, but not for [-2.0, 0.0, 0.0]: is a sign lost on the way?",
    )
    rng = np.random.default_rng(0)
    many = rng.normal(size=(30, 8)) * rng.uniform(0.1, 10, (30, 1))
    for k in range(5):
        near = many[k] + 0.01 * rng.normal(size=8)
        expect(
            _index_from(most_like, near, many) == k,
            "It is right for 6 rows of 3 numbers, but not for 30 of 8.",
        )


def _counts_the_five_best(top5_accuracy):
    # Where each picture's right class stands among 12; every usual slip leads to another share
    ranks = np.repeat([1, 2, 3, 4, 5, 6, 7, 9, 11], [3, 2, 1, 1, 2, 3, 3, 3, 2])
    rng = np.random.default_rng(0)
    logits = rng.permuted(np.tile(np.arange(12) + 0.5, (20, 1)), axis=1)
    got = top5_accuracy(logits, np.argsort(-logits, axis=1)[np.arange(20), ranks - 1])
    expect_shape(np.asarray(as_numbers(got)), (), "Return one number for all pictures together.")
    expect(0 <= got <= 1, "A share lies between 0 and 1: divide by the number of pictures.")
    slips = {
        0.0: "No picture counts: are you comparing the logits themselves with the right class, rather than their places?",
        0.09: "Each picture counts once, if any of its five is right: what does `.any(axis=1)` do?",
        0.15: "That is top-1 accuracy: it counts the best guess alone.",
        0.25: "That counts the five lowest logits: which end does your sorting begin at?",
        0.30: "That leaves out the best guess of all: where does your slice end?",
        0.35: "That counts the four best: where does your slice end?",
        0.60: "That counts the six best: where does your slice end?",
    }
    advice = "Take one picture: which five classes have its highest logits, and is the right one among them?"
    expect_close(got, 0.45, next((text for slip, text in slips.items() if np.isclose(got, slip)), advice))


EXERCISES = [
    Exercise(
        id="00.1",
        title="Preprocessing for another network",
        setup="import numpy as np",
        starter='''
def to_unit(pixels):
    """Scale pixels of 0 to 255, uint8 of any shape, to float32 from -1 to 1."""
    return ...
''',
        mistake='''
def to_unit(pixels):
    """Scale pixels of 0 to 255, uint8 of any shape, to float32 from -1 to 1."""
    return pixels.astype(np.float32) / 255
''',
        solution='''
def to_unit(pixels):
    """Scale pixels of 0 to 255, uint8 of any shape, to float32 from -1 to 1."""
    return pixels.astype(np.float32) / 127.5 - 1
''',
        test=_reaches_both_ends,
        hints=[
            "Where should 0 go, where 255? A straight line through two points: stretch, then shift.",
            "From 0..255 to -1..1 the width shrinks from 255 to 2. Divide by 255 / 2; what is still missing?",
            "Divide by 127.5, subtract 1. Divided as they come, uint8 pixels become float64: `astype(np.float32)` first.",
        ],
    ),
    Exercise(
        id="00.2",
        title="Search by features",
        setup="import numpy as np",
        starter='''
def most_like(query, rows):
    """Return the index of the row (n, d) with the largest cosine to the query (d,)."""
    return ...
''',
        mistake='''
def most_like(query, rows):
    """Return the index of the row (n, d) with the largest cosine to the query (d,)."""
    return (rows @ query).argmax()
''',
        solution='''
def most_like(query, rows):
    """Return the index of the row (n, d) with the largest cosine to the query (d,)."""
    lengths = np.linalg.norm(rows, axis=1)
    return (rows @ query / lengths).argmax()
''',
        test=_goes_by_angle,
        hints=[
            "The lesson's `nearest` does this for all rows at once. What does it do before it multiplies?",
            "A cosine is the product of two vectors, divided by both their lengths.",
            "`np.linalg.norm(rows, axis=1)` has the lengths, one a row. The query's own length changes no order.",
        ],
    ),
    Exercise(
        id="00.3",
        title="Top-5 accuracy",
        setup="import numpy as np",
        starter='''
def top5_accuracy(logits, right):
    """Return the share of pictures, 0 to 1, whose right class is among the five highest logits.

    logits: (pictures, classes); right: (pictures,) the index of each picture's right class.
    """
    return ...
''',
        mistake='''
def top5_accuracy(logits, right):
    """Return the share of pictures, 0 to 1, whose right class is among the five highest logits.

    logits: (pictures, classes); right: (pictures,) the index of each picture's right class.
    """
    five = np.argsort(logits, axis=1)[:, :5]
    return (five == right[:, None]).any(axis=1).mean()
''',
        solution='''
def top5_accuracy(logits, right):
    """Return the share of pictures, 0 to 1, whose right class is among the five highest logits.

    logits: (pictures, classes); right: (pictures,) the index of each picture's right class.
    """
    five = np.argsort(-logits, axis=1)[:, :5]
    return (five == right[:, None]).any(axis=1).mean()
''',
        test=_counts_the_five_best,
        hints=[
            "There is no need for softmax: it keeps the order.",
            "`np.argsort(logits, axis=1)` puts the lowest first. Which five columns do you want?",
            "Compare the five indices with `right[:, None]`, then `.any(axis=1)`, then the mean.",
        ],
    ),
]

QUIZ = [
    Question(
        "What is in the file that you download when you get a pre-trained model?",
        [
            Choice(
                "Rules that say what a cat looks like",
                False,
                "Nobody wrote any. What it knows is spread over all of it.",
            ),
            Choice(
                "The training photos, compressed",
                False,
                "They are gone: 4.7 million numbers could not hold 1.28 million photos.",
            ),
            Choice(
                "The parameters: numbers that training set",
                True,
                "Numbers, and their names. The architecture is code.",
            ),
        ],
    ),
    Question(
        f"Stored as 16-bit numbers, how large would the lesson's {PARAMETERS:,} parameters be?",
        [
            Choice(f"{PARAMETERS * 2 / 1e6:.1f} MB", True, "Two bytes each: half the file."),
            Choice(
                f"{PARAMETERS * 4 / 1e6:.1f} MB",
                False,
                "That is what the file has now: 32 bits, four bytes each.",
            ),
            Choice(f"{PARAMETERS * 16 / 1e6:.1f} MB", False, "16 bits are two bytes, not sixteen."),
        ],
    ),
    Question(
        "By mistake you scale pixels to 0 to 1 for a network that was trained on -1 to 1, and try it on one clear photo "
        "of a cat. What will you most likely see?",
        [
            Choice("An error", False, "The shape is right, and numbers are numbers: nothing complains."),
            Choice(
                "A cat, and nothing amiss",
                True,
                "To the network the photo is only pale. It costs other photos more, so test on several.",
            ),
            Choice(
                "Nonsense",
                False,
                "That is what 0 to 255 does. This mistake is too small to be noticed on one good photo.",
            ),
        ],
    ),
    Question(
        'Your network says "bubble, 57 %" of a picture. What do you know?',
        [
            Choice(
                "It is a bubble in 57 of 100 such cases",
                False,
                "Only if that was checked on pictures like yours.",
            ),
            Choice(
                "It has seen this picture in training",
                False,
                "It scores pictures that it has never seen, and noise too.",
            ),
            Choice(
                'Of its labels, "bubble" fits best',
                True,
                "No more. The true name may not be among them.",
            ),
        ],
    ),
    Question(
        "Why did the random twin find the right photo so much less often than the trained network?",
        [
            Choice(
                "Nobody had trained its numbers",
                True,
                "All else was the same: architecture, pictures, preprocessing.",
            ),
            Choice("It has fewer parameters", False, "It has exactly as many: the same architecture."),
            Choice(
                "Its pictures were preprocessed differently",
                False,
                "Both went through the same preprocessing.",
            ),
        ],
    ),
]
