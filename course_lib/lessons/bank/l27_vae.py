"""Lesson 27's exercises and quiz."""

import numpy as np

from course_lib.lessons.exercises import Exercise
from course_lib.lessons.expect import as_numbers, expect, expect_close, expect_shape
from course_lib.lessons.quiz import Choice, Question

PIXELS, SIGMA = 32 * 32, 0.1
SIDE, CODE = 512, (64, 64, 4)  # of a photograph, and of TAESD's code of it


def _finds_the_noise(noise_of):
    rng = np.random.default_rng(0)
    mean, log_variance, noise = (rng.normal(size=(4, 3)) for _ in range(3))
    code = mean + np.exp(log_variance / 2) * noise
    got = as_numbers(noise_of(code.copy(), mean.copy(), log_variance.copy()))
    expect_shape(got, (4, 3), "One number of noise for each number of the code.")
    expect(
        not np.allclose(got, (code - mean) / np.exp(log_variance)),
        "You divided by the variance. The noise was multiplied by the deviation, its square root.",
    )
    expect(
        not np.allclose(got, (code - mean) / log_variance),
        "The encoder says the logarithm of the variance: undo the logarithm first.",
    )
    expect(not np.allclose(got, code - mean), "The mean is taken away; the stretching is still in it.")
    expect_close(got, noise, "Code = mean + deviation * noise: solve it for the noise.")


def _counts_active_units(active):
    rng = np.random.default_rng(1)
    means = rng.normal(size=(500, 6)) * np.array([1.0, 0.5, 0.02, 0.0, 0.2, 0.0]) + np.array(
        [0, 0, 0, 3.0, 0, 0]
    )
    got = as_numbers(active(means.copy()))
    expect_shape(got, (), "One count for the whole code.")
    expect(
        got != 4,
        "A number that is always 3 tells nothing: look at how it varies over the pictures, not at how large it is.",
    )
    expect(got != 500 and got <= 6, "Count numbers of the code, not pictures: the variance is over axis 0.")
    expect(int(got) == 3, "Variance of each column over the pictures; how many are above `least`?")
    expect(int(as_numbers(active(means.copy(), 0.1))) == 2, "Use the `least` that is given.")
    expect(int(as_numbers(active(means.copy(), 1e-5))) == 4, "Use the `least` that is given.")


def _pays_at_least(paid):
    mean = np.array([[0.0, 0.2, 0.1], [0.0, 3.0, -0.1]])
    log_variance = np.array([[0.0, 0.0, 0.0], [0.0, -1.0, 0.0]])
    each = 0.5 * (mean**2 + np.exp(log_variance) - log_variance - 1)
    right = np.maximum(each.mean(axis=0), 0.5).sum()
    got = as_numbers(paid(mean.copy(), log_variance.copy(), 0.5))
    expect_shape(got, (), "One number for the batch: the sum over the code.")
    expect(
        not np.isclose(got, np.maximum(each, 0.5).mean(axis=0).sum()),
        "Average over the batch first, then take the larger: a number of the code may tell much of one picture and nothing of another.",
    )
    expect(
        not np.isclose(got, max(each.mean(axis=0).sum(), 0.5)),
        "Each number of the code has its own free nats: take the larger before you sum over the code.",
    )
    expect(not np.isclose(got, each.mean(axis=0).sum()), "Nothing is free yet: what does `free` do?")
    expect_close(got, right, "Divergence of each number, mean over axis 0, at least `free`, sum.")
    expect_close(
        paid(mean.copy(), log_variance.copy(), 0.0),
        each.mean(axis=0).sum(),
        "With free = 0 it is the divergence itself.",
    )


EXERCISES = [
    Exercise(
        id="27.1",
        title="Reparameterise",
        starter='''
def noise_of(code, mean, log_variance):
    """Return the noise that, stretched and moved, is this code."""
    return ...
''',
        mistake="""
def noise_of(code, mean, log_variance):
    return (code - mean) / np.exp(log_variance)
""",
        solution="""
def noise_of(code, mean, log_variance):
    return (code - mean) * np.exp(-log_variance / 2)
""",
        test=_finds_the_noise,
        hints=[
            "Look at `draw` in the lesson: what was done last, and what first?",
            "Take the mean away, then divide by the deviation, which is np.exp(log_variance / 2).",
        ],
        setup="import numpy as np",
    ),
    Exercise(
        id="27.2",
        title="Active units",
        starter='''
def active(means, least=0.01):
    """Return how many numbers of the codes (pictures, latent) have means whose variance over the pictures exceeds `least`."""
    return ...
''',
        mistake="""
def active(means, least=0.01):
    return int(np.sum(np.mean(means**2, axis=0) > least))
""",
        solution="""
def active(means, least=0.01):
    return int(np.sum(np.var(means, axis=0) > least))
""",
        test=_counts_active_units,
        hints=[
            "A number that is the same for every picture can't tell them apart. What measures how much it differs?",
            "np.var(means, axis=0), one variance a column; count those above `least`.",
        ],
        setup="import numpy as np",
    ),
    Exercise(
        id="27.3",
        title="Free bits",
        starter='''
def paid(mean, log_variance, free):
    """Return the nats that a batch pays: each number's divergence, averaged over the batch, but at least `free`; summed over the code."""
    return ...
''',
        mistake="""
def paid(mean, log_variance, free):
    each = 0.5 * (mean**2 + np.exp(log_variance) - log_variance - 1)
    return np.maximum(each, free).mean(axis=0).sum()
""",
        solution="""
def paid(mean, log_variance, free):
    each = 0.5 * (mean**2 + np.exp(log_variance) - log_variance - 1)
    return np.maximum(each.mean(axis=0), free).sum()
""",
        test=_pays_at_least,
        hints=[
            "`divergence` of the lesson sums at once. Keep its terms apart first: (batch, latent).",
            "Mean over axis 0, np.maximum with `free`, sum.",
        ],
        setup="import numpy as np",
    ),
]


def _nats(mean: float, variance: float) -> float:
    return 0.5 * (mean**2 + variance - np.log(variance) - 1)


QUIZ = [
    Question(
        "A code of one number has mean 1 and variance 1. How many nats does it cost?",
        [
            Choice(f"{_nats(1, 1):g}", True, "Half the square of the mean; the variance is the normal one and costs nothing."),
            Choice("0", False, "Only a mean of 0 would be free."),
            Choice("1", False, "Nearly: there is a factor of one half."),
        ],
    ),
    Question(
        f"{PIXELS:,} pixels are each off by 0.1, and sigma is {SIGMA}. By how many nats is the picture less likely than if it were met exactly?",
        [
            Choice(f"{0.5 * PIXELS:,.0f}", True, f"Half a nat a pixel, summed over {PIXELS:,} pixels."),
            Choice("0.5", False, "That is one pixel's. The likelihood of a picture is a sum over all of them."),
            Choice(f"{PIXELS:,}", False, "The normal density has one half of the square."),
        ],
    ),
    Question(
        "Why is noise drawn first, and then stretched and moved?",
        [
            Choice("So that the draw depends on no weight, and gradients pass mean and deviation", True, "Code = mean + deviation * noise can be differentiated; a draw from a cloud can't."),
            Choice("Because normal numbers are cheaper to draw that way", False, "They cost the same."),
            Choice("So that the divergence has a closed form", False, "It has one because both clouds are normal, however they are drawn."),
        ],
    ),
    Question(
        "After training, 14 of 16 numbers of every code have mean 0 and variance 1. What does the decoder hear of a picture?",
        [
            Choice("Two numbers; the other 14 are pure noise to it", True, "A cloud that is the same for all pictures tells nothing of any: these units have collapsed."),
            Choice("16 numbers, of which 14 are small", False, "They are not small: what is drawn has deviation 1, whatever the picture."),
            Choice("Nothing", False, "Two numbers still tell something."),
        ],
    ),
    Question(
        f"TAESD turns a photograph of {SIDE} x {SIDE} pixels into a code {CODE}. How many times fewer numbers is that?",
        [
            Choice(f"{SIDE * SIDE * 3 / np.prod(CODE):g}", True, "An eighth as wide and high, and four numbers where there were three."),
            Choice(f"{SIDE * SIDE / (CODE[0] * CODE[1]):g}", False, "That counts places; a pixel has three numbers, a place of the code four."),
            Choice("8", False, "That is one side alone."),
        ],
    ),
]  # fmt: skip
