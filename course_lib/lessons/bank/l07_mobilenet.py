"""Lesson 07's exercises and quiz, and the network with a fault that one exercise is about."""

import numpy as np

from course_lib.lessons.exercises import Exercise
from course_lib.lessons.expect import as_numbers, expect, expect_close, expect_shape
from course_lib.lessons.quiz import Choice, Question

FAULTY, WRONG = "block10_dw_act", "silu"  # as Keras calls swish
ROLLED = {"gamma": (1.0, 3.0), "variance": (0.3, 1.0)}


def right_and_wrong():
    """Build MobileNet V3 small at 64 px twice, with equal weights; in the second one activation is another.

    Returns:
        Both models. Batch norm's numbers are rolled: as they are at first, all activations would be so close to zero that
        hard-swish and swish are nearly the same.
    """
    import keras

    from course_lib import build

    def copied(layer):
        settings = layer.get_config() | ({"activation": WRONG} if layer.name == FAULTY else {})
        return layer.__class__.from_config(settings)

    keras.utils.set_random_seed(0)
    right, dice = build("mobilenet_v3_small", size=64), np.random.default_rng(0)
    for weight in [weight for weight in right.weights if not weight.path.endswith("kernel")]:
        low, high = ROLLED.get(weight.path.split("/")[-1].removeprefix("moving_"), (-1.0, 1.0))
        weight.assign(dice.uniform(low, high, weight.shape))
    wrong = keras.models.clone_model(right, clone_function=copied)
    wrong.set_weights(right.get_weights())
    return right, wrong


def _rounds_to_steps(to_steps):
    numbers, scale, zero = np.array([0.0, 1.0, -1.0, 0.24, 0.26]), 0.5, -10
    got = as_numbers(to_steps(numbers, scale, zero))
    expect_shape(got, numbers.shape, "Each number becomes one step.")
    expect(
        not np.allclose(got, numbers / scale),
        "That is how many steps away from 0 each number lies. Which step stands for 0?",
    )
    expect(
        np.allclose(got, np.rint(got)),
        "A step is a whole number; yours are not all whole. NumPy has `np.rint`.",
    )
    expect(
        not np.allclose(got, [-10, -9, -11, -10, -10]),
        "Multiplied or divided? One step is `scale` wide: how many fit into 1?",
    )
    expect_close(
        got, [-10, -8, -12, -10, -9], "With scale 0.5 and zero -10: the number 0 is step -10, 0.5 is step -9."
    )
    wide = as_numbers(to_steps(np.array([200.0, -200.0]), scale, zero))
    expect(
        np.abs(wide).max() <= 128,
        "Right inside the range. But 200 and -200 get steps that 8 bits do not have: what is to become of them?",
    )
    expect_close(
        wide, [127, -128], "What lies beyond the range gets the last step there is; 8 bits have -128 to 127."
    )


def _names_layer_and_activation(fault):
    expect(
        isinstance(fault, tuple | list) and len(fault) == 2 and all(isinstance(part, str) for part in fault),
        'Give two texts: ("the name of the layer", "the activation that it has").',
    )
    layer, activation = fault
    expect(layer != "head", "The head is the last layer: it only passes on what others have spoilt.")
    expect(
        layer == FAULTY,
        f"`{layer}` is not the one. Up to the fault both networks agree: `viz.first_difference(values)` names the layer "
        "where that ends.",
    )
    expect(
        activation != "hard_swish",
        "That is what the layer should compute. What does `suspect` compute there?",
    )
    expect(
        activation in (WRONG, "swish"),
        f"The layer is right. But `{activation}` is not what its configuration says.",
    )


_TO_STEPS = '''
def to_steps(numbers, scale, zero):
    """Return the whole numbers of 8 bits, -128 to 127, that stand for `numbers`."""
'''
_SUSPECT = """
v3, suspect = right_and_wrong()
values = viz.layer_differences(suspect, v3, pictures)  # viz.differences(values) draws them
"""
_V3 = """
import numpy as np
from course_lib import viz
from course_lib.lessons.bank.l07_mobilenet import right_and_wrong

pictures = np.random.default_rng(0).uniform(-1, 1, (2, 64, 64, 3))
"""

EXERCISES = [
    Exercise(
        id="07.1",
        title="From numbers to steps",
        setup="import numpy as np",
        starter=f"{_TO_STEPS}    return ...",
        mistake=f"{_TO_STEPS}    return np.rint(numbers / scale) + zero",
        solution=f"{_TO_STEPS}    return np.clip(np.rint(numbers / scale) + zero, -128, 127)",
        test=_rounds_to_steps,
        hints=[
            "Solve number = scale x (step - zero) for the step.",
            "A step is a whole number: `np.rint` rounds.",
            "Numbers beyond the range get the last step: `np.clip(steps, -128, 127)`.",
        ],
    ),
    Exercise(
        id="07.2",
        title="Find the wrong activation",
        setup=_V3,
        starter=f"{_SUSPECT}\nfault = (..., ...)  # the name of the layer, and the activation that it has in `suspect`",
        mistake=f'{_SUSPECT}\nfault = ([name for name, value in values.items() if value > 1e-4][-1], "swish")',
        solution=(
            f"{_SUSPECT}\nname = viz.first_difference(values)\n"
            'fault = (name, suspect.get_layer(name).get_config()["activation"])'
        ),
        test=_names_layer_and_activation,
        hints=[
            "`values` has the layers in the order in which they run; `viz.first_difference(values)` gives the first that "
            "differs by more than rounding.",
            "`suspect.get_layer(name).get_config()` lists how a layer is set up: look for `activation`.",
        ],
    ),
]


def _saving(channels, kernel=3):
    return f"{kernel**2 * channels / (kernel**2 + channels):.1f} times"


QUIZ = [
    Question(
        "A 3x3 convolution from 128 to 128 channels is split into depthwise and pointwise. How many times fewer multiply-adds?",
        [
            Choice(_saving(128), True, "9 x 128 x 128 against 9 x 128 + 128 x 128, at each pixel."),
            Choice(
                "9.0 times", False, "The limit for very many channels: the depthwise part is not quite free."
            ),
            Choice(
                "128.0 times", False, "That forgets the pointwise part, which is nearly all that is left."
            ),
        ],
    ),
    Question(
        "MobileNet V1 with alpha 0.5 instead of 1: what becomes of its multiply-adds?",
        [
            Choice(
                "About a half", False, "A pointwise convolution has half the inputs and half the outputs."
            ),
            Choice(
                "About a quarter",
                True,
                "Half of the channels come in, half go out: 0.5 x 0.5, but for the depthwise part.",
            ),
            Choice(
                "About an eighth", False, "Width and height of the picture stay: only channels get fewer."
            ),
        ],
    ),
    Question(
        "Why does an inverted residual end without an activation?",
        [
            Choice(
                "A ReLU there would be slow on a phone",
                False,
                "It is about the cheapest thing a network does.",
            ),
            Choice(
                "With so few channels, a ReLU would lose too much",
                True,
                "In many channels, what one cuts off others still carry; in few, it is gone.",
            ),
            Choice(
                "The sum with the shortcut would overflow",
                False,
                "Nothing overflows in float; in 8 bits the sum has its own scale.",
            ),
        ],
    ),
    Question(
        "A tensor has scale 0.05 and zero -28. Which number does the step 12 stand for?",
        [
            Choice(f"{0.05 * (12 + 28):g}", True, "0.05 x (12 - (-28))."),
            Choice(f"{0.05 * 12:g}", False, "That takes step 0 for the number 0; here it is step -28."),
            Choice(f"{0.05 * (12 - 28):g}", False, "The zero is subtracted, and it is negative."),
        ],
    ),
    Question(
        "You export in 8 bits with examples of 0 to 255, but the network was trained on -1 to 1. What happens?",
        [
            Choice("The converter refuses them", False, "Their shape fits, so it cannot know."),
            Choice(
                "The ranges are measured on inputs that the file will never see",
                True,
                "The steps come out far too wide, and the file answers badly, without an error. Preprocess the examples too.",
            ),
            Choice(
                "Nothing: ranges are measured anew on every picture",
                False,
                "They are fixed at the export; that is what makes it quick.",
            ),
        ],
    ),
]
