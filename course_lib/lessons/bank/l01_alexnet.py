"""Lesson 01's exercises and quiz, and the network with a fault that its last exercise is about."""

import numpy as np

from course_lib.lessons.exercises import Exercise
from course_lib.lessons.expect import as_numbers, expect, expect_close, expect_shape
from course_lib.lessons.quiz import Choice, Question

FAULTY, MEND = "conv4", (1, 0, 2, 3)  # the layer, and the order of axes that puts its kernel right
PAPER = ((11, 3, 96, 1), (5, 96, 256, 2), (3, 256, 384, 1), (3, 384, 384, 2), (3, 384, 256, 2))
DENSE = 9216 * 4096 + 4096 + 4096 * 4096 + 4096 + 4096 * 1000 + 1000
BEFORE, AFTER = 6 * 6 * 256 * 4096, 256 * 4096  # dense6's weights, from all places and from their averages


def with_a_fault(model):
    """Return a copy of a nano AlexNet in which rows and columns of one convolution's kernels are swapped.

    Args:
        model: a network of the zoo, `alexnet_nano`.

    Returns:
        The copy.
    """
    import keras

    suspect = keras.models.clone_model(model)
    suspect.set_weights(model.get_weights())
    layer = suspect.get_layer(FAULTY)
    kernel, *bias = layer.get_weights()
    layer.set_weights(
        [kernel.transpose(MEND), *bias]
    )  # swapping twice is not swapping: the same order mends it
    return suspect


def _counts_groups(conv_params):
    got = conv_params(3, 8, 6)
    expect(got != 3 * 3 * 8 * 6, "Each filter has one number more: where is its bias?")
    expect_close(got, 3 * 3 * 8 * 6 + 6, "One group: each of 6 filters is 3 x 3 pixels through 8 channels.")
    got = conv_params(3, 8, 6, 2)
    expect(
        got != (3 * 3 * 8 * 6 + 6) // 2,
        "Both towers have biases: there are as many filters as before, only thinner ones.",
    )
    expect(
        got != 3 * 3 * 4 * 3 + 3,
        "That is one of the two groups. Both have filters: how many are there together?",
    )
    expect_close(got, 3 * 3 * 4 * 6 + 6, "Two groups of 4 channels: through how many does each filter go?")
    expect_close(
        conv_params(5, 12, 30, 3), 5 * 5 * 4 * 30 + 30, "That is right for two groups, but not for three."
    )
    total = sum(conv_params(*layer) for layer in PAPER) + DENSE
    expect(total == 60_965_224, f"The paper's layers would come to {total:,}, not to its 60 million.")


def _scales_what_stays(dropout):
    x = np.random.default_rng(0).uniform(1, 2, (200, 500))
    given = x.copy()
    got = as_numbers(dropout(x, 0.3, np.random.default_rng(1)))
    expect_shape(got, x.shape, "As many numbers should come out as go in: the silenced ones are 0.")
    expect(np.array_equal(x, given), "The numbers given were changed themselves: make new ones instead.")
    silent = np.mean(got == 0)
    expect(silent > 0, "No number is silenced.")
    expect(
        abs(silent - 0.7) > 0.02, "With `rate=0.3`, 70 % are silenced: is the comparison the wrong way round?"
    )
    expect(abs(silent - 0.3) < 0.02, f"With `rate=0.3`, {silent:.0%} of the numbers are silenced.")
    dead = (got == 0).mean(axis=0).max() == 1 or (got == 0).mean(axis=1).max() == 1
    expect(not dead, "Whole rows or columns are silenced together: each number needs a draw of its own.")
    kept = got[got != 0] / x[got != 0]
    expect(not np.allclose(kept, 1), "Make those that stay larger, or the sum shrinks by 30 %.")
    expect_close(
        np.median(kept), 1 / 0.7, "By which factor must what stays grow, for the same sum on average?"
    )
    expect_close(dropout(x, 0.0, np.random.default_rng(1)), x, "With `rate=0` nothing should change.")
    again = as_numbers(dropout(x, 0.3, np.random.default_rng(1)))
    expect(np.array_equal(again, got), "Take the random numbers from `dice`, so that a seed repeats them.")


def _names_layer_and_order(verdict):
    parts = list(verdict) if isinstance(verdict, list | tuple) else []
    expect(
        len(parts) == 2 and isinstance(parts[0], str), "`verdict` holds a layer's name, and an order of axes."
    )
    name, order = parts
    advice = (
        f"`{name}` is not where it begins. Every layer behind the fault differs too, some of them by more."
    )
    expect(name == FAULTY, advice)
    expect(
        isinstance(order, list | tuple) and sorted(order) == [0, 1, 2, 3],
        "The layer is right. The order is that of `np.transpose`: each of 0, 1, 2, 3 once.",
    )
    expect(tuple(order) != (0, 1, 2, 3), "The layer is right. That order changes nothing.")
    expect(
        tuple(order) == MEND,
        "The layer is right, the order is not. Which axes can change places, and the shape (3, 3, 64, 48) stay?",
    )


_PARAMS = '''
def conv_params(kernel, before, after, groups=1):
    """Return the parameters of a convolution from `before` to `after` channels, kernel x kernel pixels."""
'''
_DROPOUT = '''
def dropout(x, rate, dice):
    """Return x with a random share `rate` of its numbers silenced, as in training; dice: a NumPy generator."""
'''
_NANO = """
import numpy as np
from itertools import permutations
from course_lib import load, viz
from course_lib.lessons.bank.l01_alexnet import with_a_fault
from course_lib.media.world import make_image

nano = load("alexnet_nano")
"""
_SUSPECT = """
heart_ready = nano.preprocess([make_image("heart", seed=9002)])
suspect = with_a_fault(nano.model)
values = viz.layer_differences(suspect, nano.model, heart_ready)
"""

EXERCISES = [
    Exercise(
        id="01.1",
        title="Two towers",
        starter=f"{_PARAMS}    return ...",
        mistake=f"{_PARAMS}    return (kernel**2 * before * after + after) // groups",
        solution=f"{_PARAMS}    return kernel**2 * (before // groups) * after + after",
        test=_counts_groups,
        hints=[
            "With one group: each filter has height x width x channels in weights, and one bias.",
            "With two groups there are as many filters as before. Through how many channels does each go?",
        ],
    ),
    Exercise(
        id="01.2",
        title="Dropout",
        setup="import numpy as np",
        starter=f"{_DROPOUT}    return ...",
        mistake=f"{_DROPOUT}    return x * (dice.random(x.shape) >= rate)",
        solution=f"{_DROPOUT}    return x * (dice.random(x.shape) >= rate) / (1 - rate)",
        test=_scales_what_stays,
        hints=[
            "`dice.random(x.shape)` gives numbers of 0 to 1, one for each of x. How many of them are below `rate`?",
            "Multiplied by True a number stays, multiplied by False it becomes 0.",
            "Of ten ones, seven stay at a rate of 0.3. What must they be, to add up to ten again?",
        ],
    ),
    Exercise(
        id="01.3",
        title="The first difference",
        setup=_NANO,
        starter=f"""{_SUSPECT}
verdict = [..., ...]  # the layer's name, such as "conv1"; the order for np.transpose, such as (3, 2, 1, 0)
""",
        mistake=f"""{_SUSPECT}
verdict = [list(values)[-1], (1, 0, 2, 3)]
""",
        solution=f"""{_SUSPECT}
name = viz.first_difference(values)
mine, right = (model.get_layer(name).kernel.numpy() for model in (suspect, nano.model))
orders = [order for order in permutations(range(4)) if np.array_equal(mine.transpose(order), right)]

verdict = [name, orders[0]]
""",
        test=_names_layer_and_order,
        hints=[
            "`viz.first_difference(values)` names the first layer that differs.",
            "Its kernel is `suspect.get_layer(name).kernel.numpy()`, and the right one that of `nano.model`. "
            "Both are (3, 3, 64, 48): height, width, channels in, channels out.",
            "There are 24 orders: `from itertools import permutations`, then `permutations(range(4))`. Compare `kernel.transpose(order)` "
            "with the right kernel by `np.array_equal`.",
        ],
    ),
]

QUIZ = [
    Question(
        "AlexNet should do half the work for each photo. Which layers do you make smaller?",
        [
            Choice(
                "The dense layers: they have most of the parameters",
                False,
                "That makes the file smaller. They do less than a tenth of the multiply-adds.",
            ),
            Choice(
                "The convolutions: they have most of the multiply-adds",
                True,
                "Few numbers, but each is used at every place of the picture.",
            ),
            Choice(
                "No matter which: more parameters, more work",
                False,
                "A filter's number is used once for each place, a dense layer's once for each picture.",
            ),
        ],
    ),
    Question(
        f"`dense6` reads 6x6 places of 256 channels: {BEFORE:,} weights. How many if each channel is averaged over the "
        "places first?",
        [
            Choice(f"{AFTER:,}", True, "256 averages into 4,096 units. Later networks do this."),
            Choice(
                f"{BEFORE // 2:,}", False, "Of 36 places one number is left, so the weights fall to a 36th."
            ),
            Choice(
                f"{BEFORE:,}", False, "It reads fewer numbers, and needs a weight for each number and unit."
            ),
        ],
    ),
    Question(
        "In our race, when did tanh fail where ReLU did not?",
        [
            Choice(
                "When the network was deeper",
                False,
                "It was the same network throughout.",
            ),
            Choice(
                "When the first weights were very large",
                True,
                "Far from zero tanh is flat. ReLU's slope is 1 however large its input is.",
            ),
            Choice(
                "When tanh was given the wrong learning rate",
                False,
                "Both were given the same three, and the best one counted.",
            ),
        ],
    ),
    Question(
        "You train with dropout of a half, in Keras. What happens when you classify a photo with `model.predict`?",
        [
            Choice("A random half of the units is silent", False, "Then two calls would give two answers."),
            Choice(
                "All units work, and their outputs are halved",
                False,
                "So the paper did it. Keras has doubled what stayed during training instead.",
            ),
            Choice(
                "All units work, and their outputs stay as they are",
                True,
                "Training has made what stayed twice as large, so the sums already fit.",
            ),
        ],
    ),
]
