"""Lesson 24's exercises and quiz."""

import math

import numpy as np

from course_lib.lessons.exercises import Exercise
from course_lib.lessons.expect import as_numbers, expect, expect_close, expect_shape
from course_lib.lessons.quiz import Choice, Question

SHARE, SPAN = 0.065, 10  # of the paper's gaps
BOOKS, CODES = 2, 320  # of the published networks
OTHERS = 100  # distractors in the paper


def _hides(hide):
    got = as_numbers(hide(12, [2, 4, 10], 3))
    expect_shape(got, (12,), "One truth value for each frame, (frames,).")
    expect(got.any(), "Nothing is hidden yet: set the frames of each span to True.")
    expect(got[2:5].all(), "The span that begins at 2 hides the frames 2, 3 and 4.")
    expect(got[4:7].all(), "Spans may overlap: the one that begins at 4 hides 4, 5 and 6 as well.")
    expect(not got[[0, 1, 7, 8, 9]].any(), "Frames outside all spans stay visible: does a span end too late?")
    expect(got[10:].all(), "The span that begins at 10 hides what is left, frames 10 and 11.")
    expect(len(got) == 12, "A span that reaches beyond the end must not add frames.")
    expect(not as_numbers(hide(5, [], 3)).any(), "Without a start nothing is hidden.")


def _picks(pick_distractors):
    mask = np.array([1, 1, 0, 1, 1, 0, 1], bool)
    chosen = np.array([[3, 1], [3, 2], [3, 3], [3, 1], [4, 1], [9, 9], [7, 7]])
    got = sorted(
        int(place) for place in np.ravel(as_numbers(pick_distractors(mask.copy(), chosen.copy(), 0)))
    )
    expect(0 not in got, "A frame is no distractor of itself.")
    expect(not {2, 5} & set(got), "Only hidden frames compete: 2 and 5 were heard.")
    expect(3 not in got, "Frame 3 has the same codes as frame 0 in both books: to choose it would be right.")
    expect(1 in got, "Frame 1 shares one code with frame 0, but not both: it is another target.")
    expect(got == [1, 4, 6], "Hidden, other codes, and nothing else: which places are left?")
    again = sorted(
        int(place) for place in np.ravel(as_numbers(pick_distractors(mask.copy(), chosen.copy(), 6)))
    )
    expect(again == [0, 1, 3, 4], "Try another frame: the codes are compared with those of `frame`.")


def _counts(codes_in_use):
    even = codes_in_use(np.arange(12) % 4, 4)
    expect_close(even, 4.0, "Four codes, each chosen equally often: four are in use.", rtol=1e-3)
    expect_close(
        codes_in_use(np.full(9, 2), 8), 1.0, "If one code is always chosen, one is in use: 0 log 0 counts as 0.", rtol=1e-3
    )  # fmt: skip
    skewed = np.array([0] * 8 + [1, 2])
    shares = np.array([0.8, 0.1, 0.1])
    expect_close(
        codes_in_use(skewed, 5), np.exp(-(shares * np.log(shares)).sum()),
        "Take the shares of the codes, their entropy in nats, and e to it: rare codes count little.", rtol=1e-3,
    )  # fmt: skip


EXERCISES = [
    Exercise(
        id="24.1",
        title="Gaps",
        starter='''
def hide(frames, starts, length):
    """Return (frames,) bool, True in spans of `length` that begin at `starts`; spans end with the recording."""
    return ...
''',
        mistake="""
def hide(frames, starts, length):
    mask = np.zeros(frames, bool)
    mask[list(starts)] = True
    return mask
""",
        solution="""
def hide(frames, starts, length):
    mask = np.zeros(frames, bool)
    for start in starts:
        mask[start : start + length] = True
    return mask
""",
        test=_hides,
        hints=[
            "Begin with np.zeros(frames, bool), and set a slice for each start.",
            "A slice that reaches beyond the end of an array simply ends with it.",
        ],
        setup="import numpy as np",
    ),
    Exercise(
        id="24.2",
        title="Fair distractors",
        starter='''
def pick_distractors(mask, chosen, frame):
    """Return the places of all fair distractors of a hidden frame; `mask` is (frames,) bool, `chosen` (frames, books)."""
    return ...
''',
        mistake="""
def pick_distractors(mask, chosen, frame):
    return [place for place in np.flatnonzero(mask) if place != frame]
""",
        solution="""
def pick_distractors(mask, chosen, frame):
    others = (chosen != chosen[frame]).any(axis=1)
    return np.flatnonzero(mask & others)
""",
        test=_picks,
        hints=[
            "Two conditions: hidden, and not the same codes as `frame` has.",
            "Codes differ if they differ in any book: .any(axis=1). That leaves out the frame itself as well.",
        ],
        setup="import numpy as np",
    ),
    Exercise(
        id="24.3",
        title="Codes in use",
        starter='''
def codes_in_use(chosen, codes):
    """Return e to the entropy of how often each code was chosen; `chosen` is (frames,) of 0 to codes - 1."""
    return ...
''',
        mistake="""
def codes_in_use(chosen, codes):
    return len(np.unique(chosen))
""",
        solution="""
def codes_in_use(chosen, codes):
    shares = np.bincount(chosen, minlength=codes) / len(chosen)
    shares = shares[shares > 0]
    return np.exp(-(shares * np.log(shares)).sum())
""",
        test=_counts,
        hints=[
            "np.bincount counts; divided by the number of frames the counts are shares.",
            "Leave out codes that were never chosen: the logarithm of 0 is no number.",
        ],
        setup="import numpy as np",
    ),
]

_HIDDEN = 1 - (1 - SHARE) ** SPAN

QUIZ = [
    Question(
        "Why do the distractors come from the same recording?",
        [
            Choice(
                "So that voice and microphone do not give the answer away",
                True,
                "What all candidates share cannot tell them apart; what is said can.",
            ),
            Choice(
                "So that the computation takes less memory",
                False,
                "Any targets of the batch are at hand: it would cost nothing more to take others.",
            ),
            Choice(
                "Because other recordings have other code books",
                False,
                "There is one pair of code books for all recordings.",
            ),
        ],
    ),
    Question(
        f"A span of {SPAN} frames begins at each frame with probability {SHARE}. About how much is hidden?",
        [
            Choice(
                f"{_HIDDEN:.0%}",
                True,
                "A frame is visible only if no span began at the ten places up to it: 0.935 to the tenth.",
            ),
            Choice(f"{SHARE * SPAN:.0%}", False, "That counts frames twice where spans overlap."),
            Choice(f"{SHARE:.1%}", False, "That is how many spans begin; each of them hides ten frames."),
        ],
    ),
    Question(
        f"The published networks have {BOOKS} code books of {CODES} codes. How many different targets can they make?",
        [
            Choice(
                f"{CODES**BOOKS:,}", True, "One code of each book, put side by side: the numbers multiply."
            ),
            Choice(
                f"{BOOKS * CODES:,}",
                False,
                "So many vectors are stored; but a target takes one of each book.",
            ),
            Choice(f"{CODES:,}", False, "That would be one book."),
        ],
    ),
    Question(
        f"With {OTHERS} distractors, what is the loss of a network that guesses blindly?",
        [
            Choice(
                f"{math.log(1 + OTHERS):.2f} nats",
                True,
                f"The logarithm of {1 + OTHERS} candidates, all equally likely.",
            ),
            Choice(f"{math.log(OTHERS):.2f} nats", False, "The truth stands among the candidates too."),
            Choice(
                f"{1 / (1 + OTHERS):.4f} nats", False, "That is its share of right guesses, not the loss."
            ),
        ],
    ),
]
