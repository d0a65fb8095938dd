"""Lesson 25's exercises and quiz."""

import numpy as np

from course_lib.lessons.exercises import Exercise
from course_lib.lessons.expect import as_numbers, expect, expect_close, expect_shape
from course_lib.lessons.quiz import Choice, Question


def _guides(guide):
    got = as_numbers(guide(4, 8))
    expect_shape(got, (4, 8), "A row for each step, a column for each letter.")
    steps, letters = np.arange(4)[:, None] / 4, np.arange(8)[None] / 8
    right = 1 - np.exp(-((letters - steps) ** 2) / 0.08)
    expect(
        not np.allclose(got, 1 - right),
        "On the diagonal it should cost nothing: take the exponential from 1.",
    )
    whole = 1 - np.exp(-((8 * letters - 4 * steps) ** 2) / 0.08)
    expect(not np.allclose(got, whole), "Compare shares: the letter's place of all letters, the step's of all steps.")  # fmt: skip
    without_two = 1 - np.exp(-((letters - steps) ** 2) / 0.04)
    expect(not np.allclose(got, without_two), "There is a 2 in front of g squared.")
    expect_close(got, right, "The first step is step 0, the first letter is letter 0.")
    wide = 1 - np.exp(-((letters - steps) ** 2) / (2 * 0.5**2))
    expect_close(as_numbers(guide(4, 8, g=0.5)), wide, "How wide the diagonal is, `g` says.")


def _ends(stop_targets):
    got = stop_targets(np.array([3, 1, 5]))
    expect(
        isinstance(got, tuple | list) and len(got) == 2, "Return two arrays: the targets, and the weights."
    )
    targets, weights = map(as_numbers, got)
    for rows in (targets, weights):
        expect_shape(rows, (3, 5), "A row for each sentence, as many columns as the longest has steps.")
    right = np.zeros((3, 5))
    right[[0, 1, 2], [2, 0, 4]] = 1
    beyond = np.array([[0, 0, 1, 1, 1], [1, 1, 1, 1, 1], [0, 0, 0, 0, 1]])
    expect(not np.array_equal(targets, beyond), "Each sentence has one end; what lies behind is padding.")
    expect_close(
        targets.astype(float), right, "A sentence of 3 steps ends at step 2, for the first is step 0."
    )
    expect(not weights[0, 3:].any(), "Padding weighs nothing.")
    expect(weights[0, 2] != 1, "An end weighs 5: there is only one among many steps.")
    expect_close(
        weights.astype(float),
        [[1, 1, 5, 0, 0], [5, 0, 0, 0, 0], [1, 1, 1, 1, 5]],
        "Real steps weigh 1, ends 5.",
    )


def _reads(reading):
    alignment = np.array(
        [[0.9, 0.1, 0, 0, 0], [0.2, 0.75, 0.05, 0, 0], [0.6, 0.3, 0.08, 0.02, 0], [0, 0, 0.09, 0.9, 0.01]]
    )
    got = reading(alignment)
    expect(isinstance(got, tuple | list) and len(got) == 2, "Return two numbers.")
    read, forward = map(float, got)
    expect(not np.isclose(read, 3 / 4), "Count letters, the columns: there are five.")
    expect_close(read, 3 / 5, "The largest share that each letter ever got, compared with 0.1.")
    expect(not np.isclose(forward, 1 / 3), "An eye that rests on a letter has not gone back.")
    expect_close(forward, 2 / 3, "At each step the eye is on the letter with the largest share; between 4 steps lie 3 moves.")  # fmt: skip
    still = np.full((3, 2), 0.5)
    still[:, 0] += 0.01
    expect_close(float(reading(still)[1]), 1.0, "An eye that rests on a letter has not gone back.")


EXERCISES = [
    Exercise(
        id="25.1",
        title="A guide for the eye",
        setup="import numpy as np",
        starter='''
def guide(steps, letters, g=0.2):
    """Return (steps, letters): 0 on the diagonal, up to 1 far from it."""
    return ...
''',
        mistake='''
def guide(steps, letters, g=0.2):
    """Return (steps, letters): 0 on the diagonal, up to 1 far from it."""
    t, n = np.arange(steps)[:, None], np.arange(letters)[None]
    return 1 - np.exp(-((n - t) ** 2) / (2 * g**2))
''',
        solution='''
def guide(steps, letters, g=0.2):
    """Return (steps, letters): 0 on the diagonal, up to 1 far from it."""
    t, n = np.arange(steps)[:, None] / steps, np.arange(letters)[None] / letters
    return 1 - np.exp(-((n - t) ** 2) / (2 * g**2))
''',
        test=_guides,
        hints=[
            "Make t/T a column with `[:, None]` and n/N a row with `[None]`; their difference is the whole table.",
            "Its size at the corner far from the diagonal is nearly 1, on the diagonal 0.",
        ],
    ),
    Exercise(
        id="25.2",
        title="When is the end?",
        setup="import numpy as np",
        starter='''
def stop_targets(steps):
    """Return targets and weights, (sentences, longest) each: 1 at a sentence's last step; an end weighs 5, padding 0."""
    return ...
''',
        mistake='''
def stop_targets(steps):
    """Return targets and weights, (sentences, longest) each: 1 at a sentence's last step; an end weighs 5, padding 0."""
    place = np.arange(max(steps))[None]
    targets = place >= steps[:, None] - 1
    return targets.astype(float), 1.0 + 4 * targets
''',
        solution='''
def stop_targets(steps):
    """Return targets and weights, (sentences, longest) each: 1 at a sentence's last step; an end weighs 5, padding 0."""
    place = np.arange(max(steps))[None]
    targets = (place == steps[:, None] - 1).astype(float)
    real = place < steps[:, None]
    return targets, real * (1 + 4 * targets)
''',
        test=_ends,
        hints=[
            "A row of places, `np.arange(max(steps))[None]`, compared with a column of lengths, `steps[:, None]`.",
            "Which places come before a sentence's length? Only these weigh anything.",
        ],
    ),
    Exercise(
        id="25.3",
        title="Did it read all, and in order?",
        setup="import numpy as np",
        starter='''
def reading(alignment):
    """Return (share of the letters that were read, share of the steps whose eye did not go back)."""
    return ...
''',
        mistake='''
def reading(alignment):
    """Return (share of the letters that were read, share of the steps whose eye did not go back)."""
    eye = alignment.argmax(axis=1)
    return np.mean(alignment.max(axis=1) > 0.1), np.mean(np.diff(eye) > 0)
''',
        solution='''
def reading(alignment):
    """Return (share of the letters that were read, share of the steps whose eye did not go back)."""
    eye = alignment.argmax(axis=1)
    return np.mean(alignment.max(axis=0) > 0.1), np.mean(np.diff(eye) >= 0)
''',
        test=_reads,
        hints=[
            "`alignment.max(axis=...)`: over which axis must it go, so that one number for each letter is left?",
            "`np.diff(alignment.argmax(axis=1))` says how far the eye went at each move.",
        ],
    ),
]

_STEP = 3 * 128 / 8_000
_LONGEST = 300 * _STEP

QUIZ = [
    Question(
        "The nano voice writes three frames a step, a frame every 128 samples, 8,000 samples a second. It is stopped after 300 steps. How long can a sentence be?",
        [
            Choice(f"{_LONGEST:.1f} s", True, "300 steps x 3 frames x 128 samples / 8,000."),
            Choice(f"{_LONGEST / 3:.1f} s", False, "That forgets that a step writes three frames."),
            Choice(f"{_LONGEST * 4:.1f} s", False, "That takes a window's 512 samples for the way from frame to frame."),
        ],
    ),
    Question(
        "Why are half of the pre-net's numbers dropped even when the network speaks?",
        [
            Choice("It learned to live with a blurred view of its last frames; with a clear one it would be in a situation that it never trained for", True, "And in training the blur is there so that copying the last frame does not pay: it must look at the letters."),
            Choice("Dropout makes it faster", False, "The numbers are computed first and dropped then."),
            Choice("By mistake: dropout belongs to training", False, "Usually so. Here the paper and NVIDIA's code keep it on, on purpose."),
        ],
    ),
    Question(
        "A voice has half the error of another one under teacher forcing. Which speaks better?",
        [
            Choice("That can't be said", True, "Under a teacher it never sees its own mistakes, and never has to find the end. Let both speak."),
            Choice("The first", False, "It guesses the next frame better, given true frames before it. Copying the last one nearly does that."),
            Choice("The second", False, "Nothing speaks for that either."),
        ],
    ),
    Question(
        "The sentence 'the cat sees the dog' has two equal words. What tells the attention which 'the' comes next?",
        [
            Choice("Where it has been: the location features; and the encoder, to which the two are not quite the same", True, "The sum of all shares so far marks the first 'the' as read."),
            Choice("Nothing: it must guess", False, "Attention by content alone is nearer to that, if the encoder saw no neighbours."),
            Choice("The stop token", False, "That says when to end, not where to look."),
        ],
    ),
    Question(
        "Two readings of one sentence, one of them slower. Frame by frame, their spectrograms differ greatly. What is wrong?",
        [
            Choice("The measure: moments that do not belong together are compared", True, "Dynamic time warping compares each with the one that fits best, in order."),
            Choice("The slower reading", False, "Speed is free: nobody said how fast the sentence must be read."),
            Choice("The mel scale", False, "Both were drawn with the same one."),
        ],
    ),
]  # fmt: skip
