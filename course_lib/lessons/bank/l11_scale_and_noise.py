"""Lesson 11's exercises and quiz."""

import numpy as np

from course_lib.catalog import card
from course_lib.lessons.exercises import Exercise
from course_lib.lessons.expect import as_numbers, expect, expect_close, expect_shape
from course_lib.lessons.quiz import Choice, Question
from course_lib.training.hyper_rule import SMALL, HyperRule


def _in_groups(x, groups):
    apart = x.reshape(*x.shape[:3], groups, -1)
    mean, variance = (take((1, 2, 4), keepdims=True) for take in (apart.mean, apart.var))
    return ((apart - mean) / np.sqrt(variance + 1e-5)).reshape(x.shape)


def _normalises_each_group(normalise):
    x = np.random.default_rng(0).normal(2, 3, (2, 3, 4, 6))
    x[1] += 50
    got = as_numbers(normalise(x.copy(), 3))
    expect_shape(got, x.shape, "Normalising changes the numbers, not the shape.")
    groups = got.reshape(2, 12, 3, 2)
    whole = (x - x.mean((0, 1, 2))) / np.sqrt(x.var((0, 1, 2)) + 1e-5)
    expect(
        not np.allclose(got, whole), "That is batch norm: it mixes the pictures. Which axis is the picture's?"
    )
    each = (x - x.mean((1, 2), keepdims=True)) / np.sqrt(x.var((1, 2), keepdims=True) + 1e-5)
    expect(
        not np.allclose(got, each),
        "Every channel is normalised by itself; with 3 groups of 6 channels, two belong together.",
    )
    one = (x - x.mean((1, 2, 3), keepdims=True)) / np.sqrt(x.var((1, 2, 3), keepdims=True) + 1e-5)
    expect(not np.allclose(got, one), "All channels are one group here; with groups=3 there should be three.")
    expect(
        np.allclose(groups.mean(axis=(1, 3)), 0, atol=1e-4),
        "The mean of each picture's group should be 0. Neighbouring channels belong together: 0 and 1, 2 and 3, 4 and 5.",
    )
    advice = "The means are right. Divide by the root of the variance plus 1e-5."
    expect_close(got, _in_groups(x, 3), advice, atol=1e-4)  # also good enough for float32
    faint = x[:1] / 1000
    expect_close(
        normalise(faint.copy(), 3),
        _in_groups(faint, 3),
        "Right, but for pictures that hardly vary: the 1e-5 is added to the variance, before its root is taken.",
        atol=1e-4,
    )
    tiny = as_numbers(normalise(np.full((1, 2, 2, 2), 7.0), 1))
    expect(
        np.isfinite(tiny).all(), "A picture of one colour has no variance: what keeps you from dividing by 0?"
    )


def _picks_the_sure_ones(balanced):
    answers = np.array(
        [[0.9, 0.1], [0.6, 0.4], [0.95, 0.05], [0.2, 0.8], [0.99, 0.01], [0.8, 0.2], [0.1, 0.9], [0.3, 0.7]]
    )
    got = balanced(answers.copy(), 0.75, 2)
    expect(
        np.asarray(got).dtype != bool,
        "That is a mask of all rows; the positions of the chosen ones are wanted.",
    )
    got = as_numbers(got).astype(int).tolist()
    expect(
        1 not in got and 7 not in got, "Rows 1 and 7 are not sure: their largest probability is below 0.75."
    )
    expect(
        len(got) == 4,
        f"Two classes, at most 2 of each, and enough sure rows for both: four in all. You chose {len(got)}.",
    )
    expect(
        set(got) != {0, 2, 3, 6},
        "Class 0 has four sure rows; you took the first two, and the surest two are wanted.",
    )
    expect(sorted(got) == [2, 3, 4, 6], "Choose the surest of every class, not of all rows together.")
    expect(got == sorted(got), "The rows are right. Return them in rising order.")
    few = as_numbers(balanced(answers.copy(), 0.75, 10)).astype(int).tolist()
    expect(few == [0, 2, 3, 4, 5, 6], "Where a class has fewer sure rows than `most`, take all of them.")
    torn = as_numbers(balanced(np.array([[0.45, 0.4, 0.15]]), 0.4, 1)).astype(int).tolist()
    expect(
        torn == [0],
        "A picture has one answer, the likeliest class, even where another is above the threshold.",
    )
    edge = as_numbers(balanced(np.array([[0.75, 0.25]]), 0.75, 1)).astype(int).tolist()
    expect(edge == [0], "A probability equal to the threshold is sure enough.")


def _multiplies_two_gradients(feedback):
    rng = np.random.default_rng(1)
    w, x, gradient = rng.normal(size=(5, 3)), rng.normal(size=5), rng.normal(size=(5, 3))
    p = np.exp(x @ w) / np.exp(x @ w).sum()
    slope = np.outer(x, np.eye(3)[2] - p)
    wanted = 0.1 * np.sum(gradient * slope)
    got = as_numbers(feedback(w.copy(), x.copy(), 2, gradient.copy(), 0.1))
    expect_shape(got, (), "Return one number: how the loss changes.")
    expect(
        not np.isclose(got, -wanted),
        "The size is right, the sign is not: being taught moves the weights *up* the gradient of log p.",
    )
    expect(not np.isclose(got, wanted / 0.1), "Everything but the learning rate.")
    expect(
        not np.isclose(got, 0.1 * np.sum(gradient * np.outer(x, np.eye(3)[2]))),
        "The gradient of log p for the logits is the one-hot class *minus the probabilities*.",
    )
    expect_close(
        got, wanted, "Gradient of log p(c) for w, times the gradient of the loss, all summed, times the rate."
    )


EXERCISES = [
    Exercise(
        id="11.1",
        title="Normalise in groups",
        setup="import numpy as np",
        starter='''
def normalise(x, groups):
    """Return x (n, h, w, c) with mean 0 and deviation 1 in each picture and group; add 1e-5 to the variance."""
    return ...
''',
        mistake='''
def normalise(x, groups):
    """Return x (n, h, w, c) with mean 0 and deviation 1 in each picture and group; add 1e-5 to the variance."""
    return (x - x.mean(axis=(0, 1, 2))) / np.sqrt(x.var(axis=(0, 1, 2)) + 1e-5)
''',
        solution='''
def normalise(x, groups):
    """Return x (n, h, w, c) with mean 0 and deviation 1 in each picture and group; add 1e-5 to the variance."""
    n, h, w, c = x.shape
    apart = x.reshape(n, h, w, groups, c // groups)
    mean = apart.mean(axis=(1, 2, 4), keepdims=True)
    variance = apart.var(axis=(1, 2, 4), keepdims=True)
    return ((apart - mean) / np.sqrt(variance + 1e-5)).reshape(x.shape)
''',
        test=_normalises_each_group,
        hints=[
            "Split the last axis in two, groups and channels of a group: `x.reshape(n, h, w, groups, c // groups)`.",
            "Mean and variance go over height, width and the channels of a group; `keepdims=True` keeps them subtractable.",
        ],
    ),
    Exercise(
        id="11.2",
        title="Sure, and balanced",
        setup="import numpy as np",
        starter='''
def balanced(probabilities, threshold, most):
    """Return the sorted positions of the chosen rows of probabilities (n, classes)."""
    return ...
''',
        mistake='''
def balanced(probabilities, threshold, most):
    """Return the sorted positions of the chosen rows of probabilities (n, classes)."""
    return np.flatnonzero(probabilities.max(axis=1) >= threshold)
''',
        solution='''
def balanced(probabilities, threshold, most):
    """Return the sorted positions of the chosen rows of probabilities (n, classes)."""
    sure, answer = probabilities.max(axis=1), probabilities.argmax(axis=1)
    chosen = []
    for label in range(probabilities.shape[1]):
        mine = np.flatnonzero((answer == label) & (sure >= threshold))
        chosen += list(mine[np.argsort(-sure[mine])][:most])
    return sorted(chosen)
''',
        test=_picks_the_sure_ones,
        hints=[
            "Go through the classes: which rows have this class as their answer, and are sure?",
            "`np.argsort(-sure[mine])` puts the surest first; cut it off behind `most`.",
        ],
    ),
    Exercise(
        id="11.3",
        title="What the teacher hears",
        setup="import numpy as np",
        starter='''
def feedback(w, x, c, gradient, rate):
    """Return the change of the loss; w and gradient are (features, classes), x is (features,)."""
    return ...
''',
        mistake='''
def feedback(w, x, c, gradient, rate):
    """Return the change of the loss; w and gradient are (features, classes), x is (features,)."""
    p = np.exp(x @ w) / np.exp(x @ w).sum()
    slope = np.outer(x, p - np.eye(len(p))[c])
    return rate * np.sum(gradient * slope)
''',
        solution='''
def feedback(w, x, c, gradient, rate):
    """Return the change of the loss; w and gradient are (features, classes), x is (features,)."""
    p = np.exp(x @ w) / np.exp(x @ w).sum()
    slope = np.outer(x, np.eye(len(p))[c] - p)
    return rate * np.sum(gradient * slope)
''',
        test=_multiplies_two_gradients,
        hints=[
            "Being taught c adds `rate` times the gradient of log p(c) to w. A small step changes the loss by gradient times step.",
            "For the logits the gradient of log p(c) is one-hot(c) - p; for w it is `np.outer(x, one_hot - p)`.",
        ],
    ),
]

_L = card("bit_l")
_RULE, _MEDIUM = HyperRule(examples=5_000, side=224), HyperRule(examples=SMALL, side=224)

QUIZ = [
    Question(
        f"BiT-L has {_L.params / 1e6:.0f} million parameters. What does training with group norm instead of batch norm allow?",
        [
            Choice("Few pictures on each chip", True, "A picture's norm does not depend on the others: one at a time is enough."),
            Choice("Fewer parameters", False, "Both have a gamma and a beta for each channel."),
            Choice("Larger learning rates in fine-tuning", False, "The HyperRule's rate is rather small, 0.003."),
        ],
    ),
    Question(
        "You multiply all kernels of a weight-standardised convolution by 10. What happens to its output?",
        [
            Choice("Nothing", True, "Each kernel is divided by its deviation, which is 10 times as large as well."),
            Choice("It is multiplied by 10", False, "So it would be without standardisation."),
            Choice("It is divided by 10", False, "The deviation cancels the factor, no more."),
        ],
    ),
    Question(
        f"You fine-tune on {_RULE.examples:,} labelled photos by the HyperRule, in batches of {_RULE.batch_size}. How often is each photo seen?",
        [
            Choice(f"{_RULE.steps * _RULE.batch_size / _RULE.examples:.0f} times", True, f"{_RULE.steps} updates of {_RULE.batch_size} pictures, shared among {_RULE.examples:,}."),
            Choice(f"{_RULE.steps / _RULE.examples:.1f} times", False, f"Each update takes {_RULE.batch_size} pictures."),
            Choice(f"{_MEDIUM.steps * _RULE.batch_size / _RULE.examples:.0f} times", False, f"{_MEDIUM.steps:,} updates are for tasks of {SMALL:,} labels and more."),
        ],
    ),
    Question(
        "Who gets noise in Noisy Student?",
        [
            Choice("The student while it learns", True, "It has to give under noise the answer that the teacher gave without."),
            Choice("The teacher while it answers", False, "Then the answers get worse, as the lesson measures."),
            Choice("Both, always", False, "The teacher was trained with noise, but it answers without."),
        ],
    ),
    Question(
        "In Meta Pseudo Labels, the student's labelled loss went up after it was taught the teacher's answer. What does the "
        "teacher do?",
        [
            Choice("It makes that answer less likely", True, "The answer harmed on pictures whose labels are known."),
            Choice("It repeats the answer with more weight", False, "That is what happens when the loss went down."),
            Choice("Nothing: it is frozen", False, "Frozen it is in Noisy Student, while a student learns."),
        ],
    ),
]  # fmt: skip
