"""Lesson 28's exercises and quiz."""

import numpy as np

from course_lib.lessons.exercises import Exercise
from course_lib.lessons.expect import as_numbers, expect, expect_close, expect_shape
from course_lib.lessons.quiz import Choice, Question


def _is_hinge(hinge):
    real, made = np.array([2.5, 0.25, -1.0, 1.5]), np.array([-3.0, 0.5, -0.25])
    right = np.maximum(0, 1 - real).mean() + np.maximum(0, 1 + made).mean()
    got = as_numbers(hinge(real.copy(), made.copy()))
    expect_shape(got, (), "One number: a mean over real pictures and a mean over made ones, added.")
    swapped = np.maximum(0, 1 + real).mean() + np.maximum(0, 1 - made).mean()
    expect(not np.isclose(got, swapped), "Real pictures should get answers above 1, made ones below -1.")
    expect(
        not np.isclose(got, (1 - real).mean() + (1 + made).mean()),
        "An answer beyond the margin is good enough: it should add 0, nothing below.",
    )
    expect(
        not np.isclose(got, np.maximum(0, -real).mean() + np.maximum(0, made).mean()),
        "The margin is 1: an answer of 0.25 to a real picture is right, and not yet enough.",
    )
    together = (np.maximum(0, 1 - real).sum() + np.maximum(0, 1 + made).sum()) / 7
    expect(not np.isclose(got, together), "Take the mean over real and over made ones separately.")
    expect_close(
        got, right, "What is missing to 1 for real ones, what is above -1 for made ones; means, added."
    )
    expect_close(
        hinge(np.array([1.0, 4.0]), np.array([-1.0])), 0.0, "Nothing is left to learn beyond the margin."
    )


def _finds_the_stretch(largest_stretch):
    rng = np.random.default_rng(0)
    W, direction = rng.normal(size=(5, 3)), rng.normal(size=3)
    values = np.linalg.svd(W, compute_uv=False)
    got = as_numbers(largest_stretch(W.copy(), direction.copy(), 100))
    expect_shape(got, (), "One number.")
    expect(not np.isclose(got, values[0] ** 2), "That is its square: W and its transpose each stretch once.")
    expect_close(got, values[0], "After many steps it is the largest singular value.", rtol=1e-5)
    expect_close(
        largest_stretch(10 * W, direction.copy(), 100),
        10 * values[0],
        "A matrix ten times as large stretches ten times as much.",
    )
    one = direction
    for _ in range(2):
        left = W @ one / np.linalg.norm(W @ one)
        one = left @ W / np.linalg.norm(left @ W)
    early = as_numbers(largest_stretch(W.copy(), direction.copy(), 2))
    fits = [left @ W @ one, np.linalg.norm(W @ one), np.linalg.norm(left @ W)]
    expect(
        any(np.isclose(early, fit, rtol=1e-6) for fit in fits),
        "Begin with the given direction, and take as many steps as are asked for: a step is W, then its transpose.",
    )


def _is_truncated(truncated):
    rng = np.random.default_rng(0)
    got = as_numbers(truncated(rng, 20_000, 0.5))
    expect_shape(got, (20_000,), "As many numbers as are asked for.")
    expect(np.abs(got).max() <= 1.0 + 1e-9, "None may be beyond twice the truncation.")
    expect(
        np.mean(np.isclose(np.abs(got), 1.0)) < 1e-3,
        "Draw anew what lies outside; do not push it to the edge.",
    )
    expect(
        abs(got.std() - 0.44) < 0.01,
        "First normal numbers within -2 and 2, then all of them times the truncation: the deviation becomes 0.44.",
    )
    one, other = (as_numbers(truncated(np.random.default_rng(3), 5, 1.0)) for _ in range(2))
    expect_close(one, other, "Take chance from the given rng alone.")


EXERCISES = [
    Exercise(
        id="28.1",
        title="The hinge loss",
        starter='''
def hinge(on_real, on_made):
    """Return the discriminator's loss from its answers (n,) to real and (m,) to made pictures."""
    return ...
''',
        mistake="""
def hinge(on_real, on_made):
    return np.mean(1 - on_real) + np.mean(1 + on_made)
""",
        solution="""
def hinge(on_real, on_made):
    return np.maximum(0, 1 - on_real).mean() + np.maximum(0, 1 + on_made).mean()
""",
        test=_is_hinge,
        hints=[
            "Look at the first formula of the lesson.",
            "`np.maximum(0, ...)` for each answer, then the mean.",
        ],
        setup="import numpy as np",
    ),
    Exercise(
        id="28.2",
        title="The largest stretch",
        starter='''
def largest_stretch(W, direction, steps):
    """Return W's largest singular value as `steps` steps find it from a direction (columns,); W is (rows, columns)."""
    return ...
''',
        mistake="""
def largest_stretch(W, direction, steps):
    for _ in range(steps):
        direction = W.T @ (W @ direction)
        stretch = np.linalg.norm(direction)
        direction = direction / stretch
    return stretch
""",
        solution="""
def largest_stretch(W, direction, steps):
    for _ in range(steps):
        left = W @ direction
        left = left / np.linalg.norm(left)
        direction = W.T @ left
        direction = direction / np.linalg.norm(direction)
    return left @ W @ direction
""",
        test=_finds_the_stretch,
        hints=["Make both vectors length 1 at each step.", "At the end, how long is W times the direction?"],
        setup="import numpy as np",
    ),
    Exercise(
        id="28.3",
        title="Truncated random numbers",
        starter='''
def truncated(rng, n, truncation):
    """Return n normal numbers, drawn again as long as any is beyond -2 to 2, times the truncation."""
    return ...
''',
        mistake="""
def truncated(rng, n, truncation):
    return truncation * np.clip(rng.standard_normal(n), -2, 2)
""",
        solution="""
def truncated(rng, n, truncation):
    drawn = rng.standard_normal(n)
    while (outside := np.abs(drawn) > 2).any():
        drawn[outside] = rng.standard_normal(outside.sum())
    return truncation * drawn
""",
        test=_is_truncated,
        hints=[
            "A loop that ends when none is outside.",
            "`drawn[outside] = rng.standard_normal(outside.sum())`.",
        ],
        setup="import numpy as np",
    ),
]

_MEAN_GAP, _ONE, _OTHER = 3.0, 4.0, 1.0  # two clouds of one feature: means and variances
_DISTANCE = _MEAN_GAP**2 + (np.sqrt(_ONE) - np.sqrt(_OTHER)) ** 2

QUIZ = [
    Question(
        "A generator always paints the same perfect trouser for `trouser`. Which figure looks best?",
        [
            Choice("recognised", True, "The judge sees each picture alone, and each is a clear trouser."),
            Choice("diversity within a kind", False, "It is 0: all are the same."),
            Choice("the Frechet distance", False, "A cloud without any spread is far from the real one."),
        ],
    ),
    Question(
        f"Two clouds of one feature have means {_MEAN_GAP:g} apart and the variances {_ONE:g} and {_OTHER:g}. Their Frechet distance?",
        [
            Choice(
                f"{_DISTANCE:g}",
                True,
                "The squared gap, and the squared difference of the deviations 2 and 1.",
            ),
            Choice(f"{_MEAN_GAP**2:g}", False, "That is the means alone; the clouds also differ in size."),
            Choice(
                f"{_MEAN_GAP**2 + (_ONE - _OTHER) ** 2:g}", False, "It compares deviations, not variances."
            ),
        ],
    ),
    Question(
        "Why does dividing every kernel of the discriminator by its largest singular value help?",
        [
            Choice(
                "its answer cannot jump, so its slope reaches as far as the made pictures",
                True,
                "No layer makes a difference larger, nor does the whole: no cliff.",
            ),
            Choice("it makes the discriminator's pictures sharper", False, "It makes none."),
            Choice("it makes the network smaller", False, "There are as many numbers as before."),
        ],
    ),
    Question(
        "What does a truncation of 0.3 instead of 1 do?",
        [
            Choice(
                "pictures become more typical and more alike", True, "Only ordinary random numbers are left."
            ),
            Choice("pictures become smaller", False, "It is about random numbers, not pixels."),
            Choice("training gets faster", False, "It is chosen after training."),
        ],
    ),
]
