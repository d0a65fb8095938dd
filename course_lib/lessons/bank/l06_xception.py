"""Lesson 06's exercises and quiz, and the network with a fault that two of the exercises are about."""

import numpy as np

from course_lib.lessons.exercises import Exercise
from course_lib.lessons.expect import as_numbers, expect, expect_close, expect_shape
from course_lib.lessons.quiz import Choice, Question

FAULTY = "middle_block2"


def with_a_fault(model):
    """Return a copy of an Xception in which one thing is connected differently; its weights are the same.

    Args:
        model: an Xception with two blocks or more in its middle flow.

    Returns:
        The copy. In one block the first ReLU reaches the shortcut too, as it does in PyTorch where a ReLU works in place.
    """
    import keras

    def connect(layer, *args, **kwargs):
        if layer.name == f"{FAULTY}_out":
            branch, shortcut = args[0]
            args = ([branch, keras.ops.relu(shortcut)],)
        return layer(*args, **kwargs)

    copy = keras.models.clone_model(model, call_function=connect)
    copy.set_weights(model.get_weights())
    return copy


def _fuses(fuse):
    dice = np.random.default_rng(0)
    depthwise, pointwise = dice.normal(size=(3, 3, 4, 1)), dice.normal(size=(1, 1, 4, 6))
    got = fuse(depthwise, pointwise)
    expect_shape(got, (3, 3, 4, 6), "An ordinary kernel from 4 to 6 channels has the shape (3, 3, 4, 6).")
    wanted = depthwise[..., 0][..., None] * pointwise[0, 0]
    advice = "How much does the input at place (i, j) of channel c weigh in output channel o? Follow it through both."
    expect_close(got, wanted, advice)


def _names_the_sum(where):
    expect(isinstance(where, str), 'Give the name of a layer, as text: "stem_conv1".')
    expect(
        where != f"{FAULTY}_bn3",
        "That layer still agrees: the two differ one layer later.",
    )
    expect(
        where == f"{FAULTY}_out",
        f"It is not {where!r}. Before the fault the differences are next to nothing: `viz.first_difference(values)` names the "
        "first layer where they are not.",
    )


def _cuts_off(arrives):
    x = np.array([-2.0, 0.5, 3.0, -0.1])
    got = as_numbers(arrives(x))
    expect(not np.allclose(got, x), "That is what a right shortcut brings: then the sums would not differ.")
    expect(
        not np.allclose(got, 0),
        "Then the block would have no shortcut at all. Subtract the branch from the sum: is the rest zero?",
    )
    expect(
        not np.allclose(got, abs(x)),
        "Never negative is right. But look at what becomes of a negative number.",
    )
    advice = "Compare sum minus branch with what enters the block, number by number: which numbers stay, and which change?"
    expect_close(got, np.maximum(x, 0), advice)


_FUSE = '''
def fuse(depthwise, pointwise):
    """Return the one ordinary kernel (3, 3, C, O); depthwise (3, 3, C, 1), pointwise (1, 1, C, O)."""
'''
_ARRIVES = '''
def arrives(x):
    """Return what the copy's shortcut brings to the sum, x being what enters the block."""
'''
_WHERE = """
copy = with_a_fault(nano.model)
ready = nano.preprocess([make_image("heart", seed=9002)])
values = viz.layer_differences(copy, nano.model, ready)  # viz.differences(values) draws them
"""
_NANO = """
from course_lib import load, viz
from course_lib.lessons.bank.l06_xception import with_a_fault
from course_lib.media.world import make_image

nano = load("xception_nano")
"""

EXERCISES = [
    Exercise(
        id="06.1",
        title="One kernel for both",
        setup="import numpy as np",
        starter=f"{_FUSE}    return ...",
        mistake=f"{_FUSE}    return depthwise + pointwise",
        solution=f"{_FUSE}    return depthwise * pointwise",
        test=_fuses,
        hints=[
            "A pixel of channel c is first multiplied by a number of `depthwise`, then by one of `pointwise`.",
            "So kernel[i, j, c, o] is depthwise[i, j, c, 0] times pointwise[0, 0, c, o].",
            "Their shapes fit for NumPy's broadcasting: axes of length 1 are stretched.",
        ],
    ),
    Exercise(
        id="06.2",
        title="Where do they begin to differ?",
        setup=_NANO,
        starter=f"{_WHERE}\nwhere = ...  # the name of the layer",
        mistake=f'{_WHERE}\nwhere = "head"',
        solution=f"{_WHERE}\nwhere = viz.first_difference(values)",
        test=_names_the_sum,
        hints=[
            "`values` has the layers in the order in which they run.",
            "`viz.first_difference(values)` gives the name of the first that differs.",
        ],
    ),
    Exercise(
        id="06.3",
        title="What does its shortcut bring?",
        setup="import numpy as np\nimport tensorflow as tf",
        starter=f"{_ARRIVES}    return ...",
        mistake=f"{_ARRIVES}    return x",
        solution=f"{_ARRIVES}    return np.maximum(x, 0)",
        test=_cuts_off,
        hints=[
            "`viz.layer_outputs(copy, ready, names)` gives the outputs of a list of layers. You need three: the sum; the "
            "branch's last layer, a batch norm; and the block before, which is what enters.",
            "Subtract the branch from the sum. What is its smallest number? And the smallest of what enters?",
            "One layer of the branch has been applied to the shortcut as well. Which one never lets a negative number through?",
        ],
    ),
]


def _saving(kernel, channels):
    return f"{kernel**2 * channels / (kernel**2 + channels):.1f} times"


QUIZ = [
    Question(
        "How many weights has a 3x3 convolution from 64 to 64 channels in four groups, without bias?",
        [
            Choice(f"{9 * 64 * 64:,}", False, "That is one group: every output channel reads all 64."),
            Choice(
                f"{9 * 64 * 64 // 16:,}",
                False,
                "Inputs and outputs are both split in four, but there are four such groups: a quarter is left, not a sixteenth.",
            ),
            Choice(f"{9 * 64 * 64 // 4:,}", True, "Each output channel reads 64 / 4 channels: 9 x 16 x 64."),
            Choice(f"{9 * 64:,}", False, "That is depthwise: as many groups as channels."),
        ],
    ),
    Question(
        "A 5x5 convolution from 256 to 256 channels is made separable. How many times fewer multiply-adds?",
        [
            Choice(_saving(3, 256), False, "That is for a 3x3 kernel."),
            Choice(_saving(5, 256), True, "25 x 256 / (25 + 256)."),
            Choice("25.0 times", False, "Nearly, but mixing the channels costs something too."),
        ],
    ),
    Question(
        "Why does a depthwise convolution take more time than its few multiply-adds suggest?",
        [
            Choice(
                "It computes little for every number it fetches",
                True,
                "Nine multiply-adds for a number that an ordinary convolution uses nine times for each output channel.",
            ),
            Choice(
                "Its kernels are larger than the ordinary ones",
                False,
                "They are the same 3x3, and far fewer.",
            ),
            Choice(
                "It needs more training until it is as good",
                False,
                "We timed one run forward: no training is in it.",
            ),
        ],
    ),
    Question(
        "You have a trained ResNet and replace each 3x3 kernel by the nearest separable one. What happens?",
        [
            Choice(
                "It needs less arithmetic, and is hardly less accurate",
                False,
                "We measured it: little more than chance is left.",
            ),
            Choice(
                "Nothing: kernels are always products of these two parts",
                False,
                "Only kernels of rank 1 are. A trained one needs most of its nine.",
            ),
            Choice(
                "Little more than chance is left of its accuracy",
                True,
                "A network has to be *trained* with separable kernels: then it finds answers that need no others.",
            ),
        ],
    ),
]
