"""Lesson 09's exercises and quiz."""

import numpy as np

from course_lib.catalog import card
from course_lib.lessons.exercises import Exercise
from course_lib.lessons.expect import as_numbers, expect, expect_close, expect_shape
from course_lib.lessons.quiz import Choice, Question


def _rounds_but_not_far_down(scaled_channels):
    got = {
        case: float(as_numbers(scaled_channels(*case)))
        for case in ((32, 1.1), (24, 1.1), (16, 0.35), (40, 1.4), (10, 1.1), (11, 1.0), (24, 0.5))
    }
    expect(
        all(value % 8 == 0 for value in got.values()),
        "Every answer should be a multiple of 8: look at 40 channels times 1.4, and at 24 times 1.1.",
    )
    expect(
        got[16, 0.35] == 8,
        f"16 x 0.35 is 5.6, and no layer should have fewer than 8 channels; you give {got[16, 0.35]:g}.",
    )
    expect(
        got[32, 1.1] == 32,
        f"32 x 1.1 is 35.2: the nearest multiple of 8 is below it, and that loses 9 %, which is allowed; you give {got[32, 1.1]:g}.",
    )
    expect(
        got[10, 1.1] == 16 and got[11, 1.0] == 16,
        "11 channels are nearest to 8, but 8 is less than nine tenths of 11: go one step up.",
    )
    expect(
        got[24, 0.5] == 16,
        f"24 x 0.5 is 12, half-way between 8 and 16; halves go up, and 8 would lose too much; you give {got[24, 0.5]:g}.",
    )
    expect(
        got[40, 1.4] == 56 and got[24, 1.1] == 24, "40 x 1.4 is a multiple of 8 already; 24 x 1.1 is 26.4."
    )


def _spends_the_budget(compound_scale):
    for budget in (2.0, 1.0, 16.0):
        got = as_numbers(compound_scale(budget))
        expect_shape(got, (3,), "Return three numbers: depth, width, resolution.")
        depth, width, size = got
        expect(
            not np.isclose(depth * width * size, budget) or budget == 1,
            "Your three factors multiply to the budget; but the cost grows by the *square* of width and of resolution.",
        )
        expect_close(
            depth * width**2 * size**2,
            budget,
            f"For a budget of {budget:g}, depth x width^2 x resolution^2 should be {budget:g}. "
            "(1.2 x 1.1^2 x 1.15^2 is 1.92, not exactly 2: solve with the real base.)",
            rtol=1e-3,
        )
    wanted = 3 ** (np.log(1.3) / np.log(1.3 * 1.2**2 * 1.05**2))
    expect_close(
        compound_scale(3.0, 1.3, 1.2, 1.05)[0],
        wanted,
        "With other alpha, beta, gamma, each dial is its own base to the same power phi.",
        rtol=1e-3,
    )


def _gates_each_channel(excite):
    rng = np.random.default_rng(0)
    x, reduce, expand = (rng.normal(size=shape) for shape in ((5, 4, 6), (6, 2), (2, 6)))
    got = as_numbers(excite(x.copy(), reduce.copy(), expand.copy()))
    expect_shape(got, x.shape, "Gating changes the size of the numbers, not the shape.")
    few = x.mean(axis=(0, 1)) @ reduce
    swish = few / (1 + np.exp(-few))
    gate = 1 / (1 + np.exp(-(swish @ expand)))
    with_relu = x / (1 + np.exp(-(np.maximum(few, 0) @ expand)))
    expect(not np.allclose(got, with_relu), "Between the two layers EfficientNet has swish, not ReLU.")
    expect(
        not np.allclose(got, x / (1 + np.exp(-(few @ expand)))),
        "Something is missing between the two layers: x times its sigmoid.",
    )
    expect(not np.allclose(got, np.broadcast_to(gate, x.shape)), "That is the gate. Now let x through it.")
    ratio = got / x
    expect(
        np.allclose(ratio, ratio[0, 0]),
        "All places of a channel should be multiplied by the same number: average over height and width first.",
    )
    expect(np.all((ratio > 0) & (ratio < 1)), "A gate is a number between 0 and 1: which function makes it?")
    expect_close(
        got, x * gate, "Average, reduce, swish, expand, sigmoid, multiply: follow one channel by hand."
    )


EXERCISES = [
    Exercise(
        id="09.1",
        title="Channels that hardware likes",
        starter='''
def scaled_channels(channels, width):
    """Return channels * width as the nearest multiple of 8, at least 8, one step up if it lost over 10 %."""
    return ...
''',
        mistake='''
def scaled_channels(channels, width):
    """Return channels * width as the nearest multiple of 8, at least 8, one step up if it lost over 10 %."""
    return max(8, int(channels * width / 8 + 0.5) * 8)
''',
        solution='''
def scaled_channels(channels, width):
    """Return channels * width as the nearest multiple of 8, at least 8, one step up if it lost over 10 %."""
    exact = channels * width
    rounded = max(8, int(exact / 8 + 0.5) * 8)
    return rounded + 8 if rounded < 0.9 * exact else rounded
''',
        test=_rounds_but_not_far_down,
        hints=[
            "`int(y + 0.5)` is the nearest whole number; work in units of 8 channels.",
            "Round first, then compare with nine tenths of the exact value, not of the original channels.",
        ],
    ),
    Exercise(
        id="09.2",
        title="Spend a budget",
        setup="import numpy as np",
        starter='''
def compound_scale(budget, alpha=1.2, beta=1.1, gamma=1.15):
    """Return (depth factor, width factor, resolution factor) whose cost is `budget` times the base's."""
    return ...
''',
        mistake='''
def compound_scale(budget, alpha=1.2, beta=1.1, gamma=1.15):
    """Return (depth factor, width factor, resolution factor) whose cost is `budget` times the base's."""
    phi = np.log2(budget)
    return alpha**phi, beta**phi, gamma**phi
''',
        solution='''
def compound_scale(budget, alpha=1.2, beta=1.1, gamma=1.15):
    """Return (depth factor, width factor, resolution factor) whose cost is `budget` times the base's."""
    phi = np.log(budget) / np.log(alpha * beta**2 * gamma**2)
    return alpha**phi, beta**phi, gamma**phi
''',
        test=_spends_the_budget,
        hints=[
            "The cost grows by (alpha x beta^2 x gamma^2)^phi. Set that equal to the budget.",
            "Take logarithms on both sides: phi is a quotient of two of them.",
        ],
    ),
    Exercise(
        id="09.3",
        title="Squeeze and excite",
        setup="import numpy as np",
        starter='''
def excite(x, reduce, expand):
    """Return x (h, w, c) with each channel gated; reduce (c, few) and expand (few, c) are the two layers, no biases."""
    return ...
''',
        mistake='''
def excite(x, reduce, expand):
    """Return x (h, w, c) with each channel gated; reduce (c, few) and expand (few, c) are the two layers, no biases."""
    few = np.maximum(x.mean(axis=(0, 1)) @ reduce, 0)
    return x / (1 + np.exp(-(few @ expand)))
''',
        solution='''
def excite(x, reduce, expand):
    """Return x (h, w, c) with each channel gated; reduce (c, few) and expand (few, c) are the two layers, no biases."""
    few = x.mean(axis=(0, 1)) @ reduce
    few = few / (1 + np.exp(-few))
    return x / (1 + np.exp(-(few @ expand)))
''',
        test=_gates_each_channel,
        hints=[
            "Five steps: average over places, `@ reduce`, swish, `@ expand`, sigmoid; then multiply.",
            "sigmoid(y) is 1 / (1 + exp(-y)); swish(y) is y * sigmoid(y). NumPy lets (h, w, c) times (c,) through.",
        ],
    ),
]

_B0, _B1 = card("efficientnet_b0"), card("efficientnet_b1")

QUIZ = [
    Question(
        "A network gets twice as wide and pictures of twice the side; its depth stays. How does its cost in multiply-adds "
        "grow?",
        [
            Choice(f"{2**2 * 2**2} times", True, "Both enter squared."),
            Choice(f"{2 * 2} times", False, "That would be so if each entered once, as depth does."),
            Choice(f"{2**2 + 2**2} times", False, "The factors multiply: every weight is used at every place."),
        ],
    ),
    Question(
        "From B0 to B1, pictures grow from 224 to 240 pixels and the network from 16 to 23 blocks. Which of the two changed the number of "
        f"parameters ({_B0.params / 1e6:.1f} to {_B1.params / 1e6:.1f} million)?",
        [
            Choice("The blocks alone", True, "A convolution's weights do not depend on the size of the picture."),
            Choice("The pixels alone", False, "They change the cost of a picture, not what is stored."),
            Choice("Both", False, "No layer of the network stores something for each pixel."),
        ],
    ),
    Question(
        "Squeeze-and-excitation costs B0 few multiply-adds. Why?",
        [
            Choice("Its two layers see only averages", True, "One number for each channel, instead of one for each place and channel."),
            Choice("Its two layers have almost no parameters", False, "They have a good part of B0's; but each is used only once for a picture."),
            Choice("It runs once for the whole network", False, "Every block has its own."),
        ],
    ),
    Question(
        "The constraint alpha x beta^2 x gamma^2 = 2 has many solutions. What chose 1.2, 1.1 and 1.15?",
        [
            Choice("A small grid search, starting from B0", True, "Section 4 of the paper: once, on the small network."),
            Choice("It is the only solution with round numbers", False, "The lesson lists others, such as 1.3, 1.05 and 1.2."),
            Choice("Calculus: there the cost is smallest", False, "On that surface the cost is the same everywhere."),
        ],
    ),
]  # fmt: skip
