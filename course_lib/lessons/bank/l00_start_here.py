"""Lesson 00's exercises and quiz."""

import numpy as np

from course_lib.catalog import card
from course_lib.lessons.exercises import Exercise
from course_lib.lessons.expect import as_numbers, expect, expect_close, expect_shape
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


def _goes_by_angle(most_like):
    rows = np.array([[0.0, 1.0, 0.0], [3.0, 0.5, 0.0], [40.0, 30.0, 0.0], [-5.0, 0.0, 0.0]])
    query = np.array([2.0, 0.0, 0.0])
    got = most_like(query, rows)
    expect(np.ndim(got) == 0, "One query has one nearest row: return its index alone.")
    expect(
        got != 2,
        "Row 2 is long, so its product with anything is large; but it points elsewhere. Only the angle counts.",
    )
    expect(got != 3, "Row 3 points the opposite way: that is the smallest cosine, not the largest.")
    expect_close(
        got,
        1,
        "Compute the four cosines by hand for rows [0,1,0], [3,.5,0], [40,30,0], [-5,0,0], query [2,0,0].",
    )
    expect_close(most_like(-query, rows), 3, "It is right for one query, and not for its opposite.")


def _counts_the_five_best(top5_accuracy):
    logits = np.array(
        [
            [9.0, 8, 7, 6, 5, 4, 3, 2],
            [2.0, 3, 4, 5, 6, 7, 8, 9],
            [9.0, 8, 7, 6, 5, 4, 3, 2],
            [1.0, 9, 1.5, 8, 2.5, 7, 3, 6],
            [5.0, 1, 6, 2, 7, 3, 8, 4],
        ]
    )
    got = top5_accuracy(logits, np.array([0, 1, 1, 6, 0]))  # first, seventh, second, fifth, fourth
    expect_shape(np.asarray(as_numbers(got)), (), "Return one number for all pictures together.")
    expect(0 <= got <= 1, "A share lies between 0 and 1: divide by the number of pictures.")
    expect(not np.isclose(got, 0.2), "That is top-1 accuracy: it counts the best guess alone.")
    expect(
        not np.isclose(got, 0.6), "That counts the five lowest logits: which end does your sorting begin at?"
    )
    expect_close(
        got,
        0.8,
        "Take one picture: which five classes have its highest logits, and is the right one among them?",
    )


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
            "Make them float32 before you subtract anything: in uint8, 0 - 1 is 255.",
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
                "The training photos, compressed",
                False,
                "They are gone: 4.7 million numbers could not hold 1.28 million photos.",
            ),
            Choice(
                "The parameters: numbers that training set",
                True,
                "Numbers, and their names. The architecture is code.",
            ),
            Choice(
                "Rules that say what a cat looks like",
                False,
                "Nobody wrote any. What it knows is spread over all of it.",
            ),
        ],
    ),
    Question(
        f"Stored as 16-bit numbers, how large would the lesson's {PARAMETERS:,} parameters be?",
        [
            Choice(
                f"{PARAMETERS * 4 / 1e6:.1f} MB",
                False,
                "That is what the file has now: 32 bits, four bytes each.",
            ),
            Choice(
                f"{PARAMETERS * 2 / 1e6:.1f} MB",
                True,
                "Two bytes each: half the file.",
            ),
            Choice(f"{PARAMETERS * 16 / 1e6:.1f} MB", False, "16 bits are two bytes, not sixteen."),
        ],
    ),
    Question(
        "You feed pixels of 0 to 255 to a network that was trained on -1 to 1. What happens?",
        [
            Choice(
                "Keras raises an error",
                False,
                "The shape is right, and numbers are numbers: nothing complains.",
            ),
            Choice(
                "The first layer corrects it", False, "Its filters are fixed numbers, made for another range."
            ),
            Choice(
                "It answers, and is wrong", True, "That is what makes it a trap. Test on pictures you know."
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
                'Of its labels, "bubble" fits best by far',
                True,
                "No more. The true name may not be among them.",
            ),
            Choice(
                "It has seen this picture in training",
                False,
                "It scores pictures that it has never seen, and noise too.",
            ),
        ],
    ),
    Question(
        "Why did the random twin find the right neighbour so much less often than the trained network?",
        [
            Choice("It has fewer parameters", False, "It has exactly as many: the same architecture."),
            Choice(
                "Its numbers were never trained",
                True,
                "Same architecture, same pictures: only the numbers differ.",
            ),
            Choice(
                "Its pictures were preprocessed otherwise", False, "Both went through the same preprocessing."
            ),
        ],
    ),
]
