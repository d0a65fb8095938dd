"""Lesson 03's exercises and quiz, and the network that one of them compares."""

from dataclasses import replace

import numpy as np

from course_lib.lessons.exercises import Exercise
from course_lib.lessons.expect import as_numbers, expect, expect_close, expect_shape
from course_lib.lessons.quiz import Choice, Question

SMOOTHING, CLASSES = 0.1, 1000


def from_the_paper(model):
    """Build the small Inception as the paper's table has it, with the same weights: they fit, and it is another network.

    Args:
        model: the small Inception.

    Returns:
        The copy. Its last max pooling looks at 3x3 pixels, as in the paper; the published weights were trained with 2x2.
    """
    from course_lib.zoo import inception

    copy = inception.build(replace(inception.CONFIGS["inception_nano"], pools=(3, 3)))
    copy.set_weights(model.get_weights())
    return copy


def _folds_batch_norm(fold):
    random = np.random.default_rng(3)
    kernel = random.normal(size=(3, 3, 4, 5))
    gamma, variance = random.uniform(0.5, 2, (2, 5))
    beta, mean = random.normal(size=(2, 5))
    epsilon = 0.3  # large, so that it shows where it stands
    got = fold(kernel, gamma, beta, mean, variance, epsilon)
    expect(isinstance(got, tuple | list) and len(got) == 2, "Return two things: the new kernel and the bias.")
    scale = gamma / np.sqrt(variance + epsilon)
    expect_shape(got[0], kernel.shape, "The new kernel has the old one's shape.")
    expect_shape(got[1], (5,), "One number of bias for each channel that comes out.")
    expect(
        not np.allclose(as_numbers(got[0]), kernel * gamma / (np.sqrt(variance) + epsilon)),
        "Look at the formula: where does epsilon stand, under the root or behind it?",
    )
    expect_close(got[0], kernel * scale, "The kernel: by what is each channel that comes out multiplied?")
    expect(
        not np.allclose(as_numbers(got[1]), beta - mean),
        "The mean is subtracted before the channel is divided and scaled: what becomes of it then?",
    )
    expect_close(got[1], beta - mean * scale, "The kernel is right. The bias: what comes out where z is 0?")


def _finds_the_fault(answer):
    expect(
        isinstance(answer, dict) and {"layer", "setting"} <= answer.keys(),
        'Answer as the starter does: {"layer": "...", "setting": "..."}, two names.',
    )
    layer, setting = str(answer["layer"]), str(answer["setting"])
    expect(
        layer not in ("module5a_out", "head"),
        "That one only hands on what came to it. Which layer before it is the first above the dashed line?",
    )
    expect(
        layer == "pool4",
        "Another layer differs before that one, or that one does not differ. `viz.first_difference(differences)` names the first.",
    )
    excuses = {
        "bn_epsilon": "Every batch norm has the same epsilon: then the very first one would differ.",
        "padding": "Padding acts in every layer of stride 2: then the very first convolution would differ.",
        "wide_kernel": "Another kernel has another shape: the weights would not have fitted.",
    }
    expect(
        setting == "pools",
        excuses.get(setting, "The layer is right. It has no weights: what else can one choose about it?"),
    )


EXERCISES = [
    Exercise(
        id="03.1",
        title="Batch norm for nothing",
        setup="import numpy as np",
        starter='''
def fold(kernel, gamma, beta, mean, variance, epsilon):
    """Return one kernel and one bias that do what the convolution and batch norm do together after training.

    kernel: (height, width, channels in, channels out); epsilon: a number; all others: (channels out,).
    The old convolution has no bias.
    """
    return ...
''',
        mistake='''
def fold(kernel, gamma, beta, mean, variance, epsilon):
    """Return one kernel and one bias that do what the convolution and batch norm do together after training."""
    return kernel * gamma / np.sqrt(variance + epsilon), beta - mean
''',
        solution='''
def fold(kernel, gamma, beta, mean, variance, epsilon):
    """Return one kernel and one bias that do what the convolution and batch norm do together after training."""
    scale = gamma / np.sqrt(variance + epsilon)
    return kernel * scale, beta - mean * scale
''',
        test=_folds_batch_norm,
        hints=[
            "Multiply the formula of batch norm out: one number times z, plus one number. z is what the convolution gives.",
            "Multiplying z by a number is the same as multiplying the kernel by it, channel by channel.",
            "NumPy lines up the last axes, so `kernel * scale` does it. The bias is what is left of the formula where z is 0.",
        ],
    ),
    Exercise(
        id="03.2",
        title="The first difference",
        starter="""
answer = {"layer": ..., "setting": ...}
""",
        mistake="""
answer = {"layer": "pool4", "setting": "padding"}
""",
        solution="""
# The paper's table pools 3x3 everywhere. TensorFlow's network took 2x2 the last time, and so do all published weights.
answer = {"layer": "pool4", "setting": "pools"}
""",
        test=_finds_the_fault,
        hints=[
            "`viz.first_difference(differences)` names the first layer above the dashed line.",
            "What can one choose about this kind of layer? And which of the settings would already have changed an earlier layer?",
            "`inception.CONFIGS['inception_nano']` shows the settings. Two max poolings lie between stages: only the second differs.",
        ],
    ),
]


def _smoothed_gap():
    return np.log((1 - SMOOTHING + SMOOTHING / CLASSES) / (SMOOTHING / CLASSES))


QUIZ = [
    Question(
        f"A 5x5 convolution from 192 to 32 channels has {192 * 25 * 32:,} weights. Put a 1x1 to 16 channels before it. How many "
        "weights have both together?",
        [
            Choice(
                f"{192 * 16 + 16 * 25 * 32:,}",
                True,
                "192 x 16 for the 1x1, then 16 x 25 x 32: the large kernel meets 16 channels, not 192.",
            ),
            Choice(f"{16 * 25 * 32:,}", False, "That is the 5x5 alone; the 1x1 has weights too."),
            Choice(
                f"{192 * 25 * 32 + 192 * 16:,}",
                False,
                "That adds a layer and leaves the 5x5 as it was; but it now sees 16 channels, not 192.",
            ),
        ],
    ),
    Question(
        "Inception v3 in `keras.applications` has batch norm without the scale gamma, always before a ReLU. Why is nothing lost?",
        [
            Choice(
                "After normalising, all channels are equally important",
                False,
                "They are equally large, which is not the same. Something has to weigh them.",
            ),
            Choice(
                "The kernel of the next convolution can do the scaling",
                True,
                "For a factor above zero, relu(factor x z) = factor x relu(z), and the next kernel can take the factor.",
            ),
            Choice(
                "The moving variance does it in inference",
                False,
                "That divides a channel to deviation 1; gamma would scale it afterwards.",
            ),
        ],
    ),
    Question(
        "A 1x7 and a 7x1 in place of a 7x7, as many channels everywhere. What part of the weights is left, and what of the "
        "receptive field?",
        [
            Choice(
                f"{2 * 7}/{7 * 7} of the weights, all of the field",
                True,
                "7 + 7 in place of 7 x 7; each output still sees 49 pixels.",
            ),
            Choice(
                f"{2 * 7}/{7 * 7} of the weights, a cross of {7 + 7 - 1} pixels",
                False,
                "Side by side they would see a cross; one behind the other they see the square.",
            ),
            Choice(
                "1/7 of the weights, all of the field", False, "There are two of them: 14 in place of 49."
            ),
        ],
    ),
    Question(
        f"ImageNet's 1,000 classes, label smoothing with epsilon {SMOOTHING}. How far above the others is the right score to stand?",
        [
            Choice("As far as possible", False, "That is what one-hot labels ask for."),
            Choice(
                f"{_smoothed_gap():.1f}",
                True,
                "log((1 - epsilon + epsilon / K) / (epsilon / K)): any further, and the loss grows again.",
            ),
            Choice(
                f"{np.log(1 / SMOOTHING):.1f}",
                False,
                "log(1 / epsilon) forgets that the epsilon is shared by all classes.",
            ),
        ],
    ),
    Question(
        'A network from TensorFlow-slim has 1,001 outputs. The highest is number 282. In the usual list, counted from 0, "tabby" '
        'is 281 and "tiger cat" 282. What did it see?',
        [
            Choice(
                "a tiger cat", False, "Its class 0 is the background, so all others stand one place later."
            ),
            Choice(
                "a tabby",
                True,
                "282 - 1 = 281. Read without the shift, the answer sounds right, and is wrong.",
            ),
            Choice(
                "nothing: a network has as many outputs as classes", False, "It has: the background is one."
            ),
        ],
    ),
]
