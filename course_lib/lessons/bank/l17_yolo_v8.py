"""Lesson 17's exercises and quiz."""

import numpy as np

from course_lib.lessons.exercises import Exercise
from course_lib.lessons.expect import as_numbers, expect, expect_close, expect_shape
from course_lib.lessons.quiz import Choice, Question

WIDTH, STEP = 100, 14  # three boxes in a row, each so many pixels further right
NEIGHBOURS, ENDS = ((WIDTH - step) / (WIDTH + step) for step in (STEP, 2 * STEP))  # their IoU
SIDE = 20  # two squares, one half a side further right
HALF = SIDE * SIDE / 2
RIGHT = np.array([1, 0, 1])  # found boxes from the surest; two true ones
PRECISION = np.cumsum(RIGHT) / np.arange(1, 4)
AP = (51 * PRECISION[0] + 50 * PRECISION[2]) / 101


def _splits_the_distance(shares_of):
    got = shares_of(2.75, 8)
    expect_shape(np.asarray(as_numbers(got)), (8,), "There should be one share for each of the 8 bins.")
    got = as_numbers(got)
    expect_close(got.sum(), 1.0, "Shares add up to 1.")
    expect(np.count_nonzero(got) == 2, "For 2.75, two bins share: the whole numbers below and above it.")
    expect_close(
        got @ np.arange(8), 2.75, "The shares' mean should be the distance: the nearer bin gets more."
    )
    expect_close(shares_of(0.1, 4), [0.9, 0.1, 0, 0], "Right for 2.75 in 8 bins, not for 0.1 in 4.")
    advice = "A whole number needs one bin alone, even the last: try 7.0 with 8 bins."
    expect_close(shares_of(7.0, 8), np.eye(8)[7], advice)


def _goes_back(to_photo):
    wide = ([100, 70, 200, 170], 480, 640, 320)  # scaled by a half, with 40 px above and below
    got = as_numbers(to_photo(*wide))
    expect(got.shape == (4,), "Return four numbers: x0, y0, x1, y1.")
    expect(
        not np.allclose(got, [200, 140, 400, 340]),
        "The scale is right. How much grey is above the photo in the square?",
    )
    expect(
        not np.allclose(got, [200, 100, 400, 300]),
        "Which comes first on the way back: the grey, which is counted in the square's pixels, or the scale?",
    )
    expect_close(
        got, [200, 60, 400, 260], "A photo of 480 x 640 in a square of 320: scale a half, grey 40 px high."
    )
    tall = to_photo([120, 0, 200, 320], 800, 400, 320)
    expect_close(
        tall, [100, 0, 300, 800], "Right for a wide photo; in a tall one the grey is left and right."
    )


EXERCISES = [
    Exercise(
        id="17.1",
        title="A distance as a distribution",
        setup="import numpy as np",
        starter='''
def shares_of(distance, bins):
    """Return the (bins,) shares whose mean is the distance, all in the two bins on both sides of it."""
    return ...
''',
        mistake='''
def shares_of(distance, bins):
    """Return the (bins,) shares whose mean is the distance, all in the two bins on both sides of it."""
    return np.eye(bins)[round(distance)]
''',
        solution='''
def shares_of(distance, bins):
    """Return the (bins,) shares whose mean is the distance, all in the two bins on both sides of it."""
    return np.maximum(0, 1 - np.abs(np.arange(bins) - distance))
''',
        test=_splits_the_distance,
        hints=[
            "2.75 is a quarter away from 3, and 3 gets three quarters. What do 3's gap and 3's share add up to?",
            "So a bin's share is 1 less its gap to the distance, |bin - distance|. And bins further away than 1?",
            "`np.arange(bins)` are all bins at once, `np.maximum(0, ...)` cuts off what would be negative.",
        ],
    ),
    Exercise(
        id="17.2",
        title="Out of the letterbox",
        setup="import numpy as np",
        starter='''
def to_photo(box, height, width, size):
    """Carry a box x0, y0, x1, y1 from the square's pixels to those of a photo of that height and width."""
    return ...
''',
        mistake='''
def to_photo(box, height, width, size):
    """Carry a box x0, y0, x1, y1 from the square's pixels to those of a photo of that height and width."""
    return np.array(box) * max(height, width) / size
''',
        solution='''
def to_photo(box, height, width, size):
    """Carry a box x0, y0, x1, y1 from the square's pixels to those of a photo of that height and width."""
    scale = size / max(height, width)
    left, top = (size - width * scale) / 2, (size - height * scale) / 2
    return (np.array(box) - [left, top, left, top]) / scale
''',
        test=_goes_back,
        hints=[
            "On the way there: times a scale, then moved to the middle. On the way back the last comes first.",
            "The scale is size / the longer side. The photo is then width x scale wide: how much of `size` is left over?",
            "Half of what is left over lies left of the photo (or above it). Take it off, then divide by the scale.",
        ],
    ),
]

QUIZ = [
    Question(
        f"Two squares of {SIDE} x {SIDE} pixels, one half a side further right. What is their IoU?",
        [
            Choice(
                f"{HALF / SIDE**2:.2f}",
                False,
                f"That is {HALF:.0f} over one square's area. The union is larger.",
            ),
            Choice(
                f"{HALF / (2 * SIDE**2 - HALF):.2f}",
                True,
                f"{HALF:.0f} shared, {2 * SIDE**2 - HALF:.0f} covered at all. Half covered makes an IoU of only a third.",
            ),
            Choice(
                f"{HALF / (2 * SIDE**2):.2f}",
                False,
                "The sum of both areas counts what they share twice: take it off once.",
            ),
        ],
    ),
    Question(
        f"Three boxes of one kind, with scores 0.9, 0.8 and 0.7. The second has IoU {NEIGHBOURS:.2f} with each of the others, "
        f"the first and the third have {ENDS:.2f} with each other. What does NMS with threshold 0.7 keep?",
        [
            Choice(
                "The first alone", False, "Only what overlaps a box that is *kept* goes. Was the second kept?"
            ),
            Choice(
                "The first and the third",
                True,
                "The second falls to the first, and so can no longer drop the third.",
            ),
            Choice("All three", False, f"{NEIGHBOURS:.2f} is above 0.7, so the second falls to the first."),
            Choice("The second alone", False, "The surest goes first, not the one in the middle."),
        ],
    ),
    Question(
        "A picture has two true boxes of one kind. Found, from the surest: a right one, a wrong one, a right one. What is the average precision?",
        [
            Choice(
                f"{PRECISION.mean():.2f}",
                False,
                "That is the mean over the found boxes. AP is the mean over recalls.",
            ),
            Choice(
                f"{AP:.2f}",
                True,
                "Up to recall 0.5 the best precision is 1, from there to 1 it is 2/3: the wrong box costs only there.",
            ),
            Choice(f"{PRECISION[2]:.2f}", False, "That is the precision at the end of the list alone."),
        ],
    ),
    Question(
        "A detector's box and the true one do not touch. What does the loss 1 - IoU tell the box?",
        [
            Choice(
                "To come nearer",
                False,
                "A pixel nearer, IoU is still 0: nothing gets better by coming nearer.",
            ),
            Choice("To grow", False, "That would help some day, but a pixel wider is still IoU 0."),
            Choice(
                "Nothing",
                True,
                "IoU is flat there, its slope 0. CIoU's part for the distance slopes everywhere.",
            ),
        ],
    ),
    Question(
        "You measure mAP, and throw away all boxes below score 0.5 first, since you would not show them to anybody. What happens?",
        [
            Choice(
                "mAP rises: fewer wrong boxes",
                False,
                "Wrong boxes at the list's end cost little; losing the right ones among them costs more.",
            ),
            Choice(
                "Nothing: it has thresholds of its own",
                False,
                "Those ten are of IoU. Scores only put the boxes in order.",
            ),
            Choice(
                "mAP falls: recall ends early",
                True,
                "Where the curve never comes, precision counts as 0. A threshold is for showing, not for measuring.",
            ),
        ],
    ),
]
