"""Lesson 04's exercises and quiz."""

import numpy as np

from course_lib.catalog import card
from course_lib.lessons.exercises import Exercise
from course_lib.lessons.expect import expect, expect_close, expect_shape
from course_lib.lessons.quiz import Choice, Question

BASIC = 2 * 3 * 3 * 256 * 256
BOTTLENECK = 256 * 64 + 3 * 3 * 64 * 64 + 64 * 256


def _projects_its_input(shrinking_block):
    import keras

    inputs = keras.Input((8, 8, 16))
    model = keras.Model(inputs, shrinking_block(inputs, 32))
    expect_shape(model.output, (None, 4, 4, 32), "From (8, 8, 16) and 32 filters, (4, 4, 32) should come.")
    on_wire = _wire(model)
    expect(
        on_wire,
        "Nothing that can learn stands on the shortcut: how shall 16 channels become 32 useful ones?",
    )
    conv = next((layer for layer in on_wire if isinstance(layer, keras.layers.Conv2D)), None)
    expect(conv, "The paper's shortcut is a convolution.")
    expect(
        conv.strides == (2, 2),
        "The shortcut has to take the same step as the branch, in the convolution itself.",
    )
    expect(
        conv.kernel_size == (1, 1),
        "It fits, but it does more than it must: the shortcut only reshapes, and a single pixel is enough for that.",
    )
    expect(
        conv.activation is keras.activations.linear,
        "Leave the wire free of ReLU: what is cut off there is lost to all later blocks.",
    )


def _wire(model):
    """Return the layers with weights on the shorter of the two paths from the input to the sum."""
    import keras

    made_by = {id(operation.output): operation for operation in model.operations}
    total = next(layer for layer in model.layers if isinstance(layer, keras.layers.Add))
    paths = []
    for tensor in total.input:
        path = []
        while tensor is not model.input:
            layer = made_by[id(tensor)]
            path += [layer] if getattr(layer, "weights", ()) else []
            tensor = layer.input[0] if isinstance(layer.input, list) else layer.input
        paths.append(path)
    return min(paths, key=len)


def _multiplies_the_slopes(gradient_gain):
    halves = np.full(20, 0.5)
    got = gradient_gain(halves, False)
    expect_close(got, 0.5**20, "A plain tower: twenty slopes of 0.5, each multiplied by the next.", rtol=1e-6)
    got = gradient_gain(halves, True)
    expect(
        not np.isclose(got, 1 + 0.5**20),
        "One shortcut round the whole tower gives that; here every block has its own.",
    )
    expect(not np.isclose(got, 20 + 0.5**20), "The blocks follow each other: their slopes multiply.")
    expect_close(got, 1.5**20, "The slope of x + F(x) is not that of F(x).", rtol=1e-6)
    mixed = np.array([0.2, -0.4, 0.0, 0.7])
    expect_close(
        gradient_gain(mixed, True),
        1.2 * 0.6 * 1.0 * 1.7,
        "Right for equal slopes, not for [0.2, -0.4, 0, 0.7].",
        rtol=1e-6,
    )
    expect_close(gradient_gain(mixed, False), 0.0, "One block of slope 0 stops a plain tower's gradient.")


EXERCISES = [
    Exercise(
        id="04.1",
        title="A block that changes the shape",
        setup="from keras import layers",
        starter='''
def shrinking_block(x, filters):
    """Return relu(shortcut + branch), of half the height and width, with `filters` channels."""
    branch = layers.Conv2D(filters, 3, strides=2, padding="same", activation="relu")(x)
    branch = layers.Conv2D(filters, 3, padding="same")(branch)
    shortcut = ...
    return layers.ReLU()(layers.Add()([shortcut, branch]))
''',
        mistake='''
def shrinking_block(x, filters):
    """Return relu(shortcut + branch), of half the height and width, with `filters` channels."""
    branch = layers.Conv2D(filters, 3, strides=2, padding="same", activation="relu")(x)
    branch = layers.Conv2D(filters, 3, padding="same")(branch)
    shortcut = layers.Conv2D(filters, 1)(x)
    return layers.ReLU()(layers.Add()([shortcut, branch]))
''',
        solution='''
def shrinking_block(x, filters):
    """Return relu(shortcut + branch), of half the height and width, with `filters` channels."""
    branch = layers.Conv2D(filters, 3, strides=2, padding="same", activation="relu")(x)
    branch = layers.Conv2D(filters, 3, padding="same")(branch)
    shortcut = layers.Conv2D(filters, 1, strides=2)(x)
    return layers.ReLU()(layers.Add()([shortcut, branch]))
''',
        test=_projects_its_input,
        hints=[
            "Two things differ between x and the branch: the number of channels, and height and width.",
            "A 1x1 convolution is a small matrix at each pixel: it turns any number of channels into any other.",
            "And its stride decides how many pixels it looks at. Which stride did the branch take?",
        ],
    ),
    Exercise(
        id="04.2",
        title="The gradient through a tower of blocks",
        setup="import numpy as np",
        starter='''
def gradient_gain(slopes, residual):
    """Return the factor by which the gradient grows on its way back through all blocks, ReLUs left aside.

    slopes: (blocks,) the slope F'(x) of each block's branch; residual: whether blocks have shortcuts.
    """
    return ...
''',
        mistake='''
def gradient_gain(slopes, residual):
    """Return the factor by which the gradient grows on its way back through all blocks, ReLUs left aside.

    slopes: (blocks,) the slope F'(x) of each block's branch; residual: whether blocks have shortcuts.
    """
    return np.prod(slopes) + residual
''',
        solution='''
def gradient_gain(slopes, residual):
    """Return the factor by which the gradient grows on its way back through all blocks, ReLUs left aside.

    slopes: (blocks,) the slope F'(x) of each block's branch; residual: whether blocks have shortcuts.
    """
    return np.prod(1 + slopes) if residual else np.prod(slopes)
''',
        test=_multiplies_the_slopes,
        hints=[
            "The chain rule: going through one block after the other, slopes multiply. `np.prod` does it.",
            "The slope of a sum is the sum of the slopes. What is the slope of x by itself?",
            "So each residual block has the slope 1 + F'(x). Put that into the product, for every block.",
        ],
    ),
]

QUIZ = [
    Question(
        "A 56-layer plain network has a higher error than a 20-layer one, on the training data too. What is this?",
        [
            Choice(
                "Overfitting: it has too many parameters",
                False,
                "An overfitted network is good on its training data. This one is bad there as well.",
            ),
            Choice(
                "Degradation: training does not find the solution that is there",
                True,
                "The 20-layer solution fits into the 56 layers, the rest doing nothing. Gradient descent misses it.",
            ),
            Choice(
                "Underfitting: it is too small for the data",
                False,
                "It is larger than the one that does better, so size is not what it lacks.",
            ),
        ],
    ),
    Question(
        "What did you measure in deep plain networks *with* batch norm, before training?",
        [
            Choice(
                "The gradient vanishes on its way to the first block",
                False,
                "That was the plain network without batch norm.",
            ),
            Choice(
                "The gradient stays level",
                False,
                "That was the residual network. Batch norm levels what goes forward, not what comes back.",
            ),
            Choice(
                "The gradient grows, block by block, towards the input",
                True,
                "Block by block: the deeper the network, the wilder its first layers. Unequal, but not absent.",
            ),
        ],
    ),
    Question(
        "How many weights has a bottleneck of 256, 64, 64, 256 channels, biases and batch norm left aside?",
        [
            Choice(f"{BASIC:,}", False, "That is two 3x3 convolutions at 256 channels: the basic block."),
            Choice(f"{BOTTLENECK:,}", True, "256 x 64 + 3 x 3 x 64 x 64 + 64 x 256."),
            Choice(
                f"{3 * 3 * 64 * 64:,}",
                False,
                "That is the 3x3 convolution alone; the two 1x1 convolutions have weights as well.",
            ),
        ],
    ),
    Question(
        "You train all layers of a ResNet on, with batches of two and `training=True`. What does batch norm do?",
        [
            Choice(
                "Nothing, as long as the learning rate is small",
                False,
                "The stored averages are not learned by gradient: the learning rate has no say in them.",
            ),
            Choice(
                "It normalises by two pictures, and its stored averages drift",
                True,
                "Both at once, and without an error. Call the network with `training=False`, or freeze these layers.",
            ),
            Choice(
                "It raises an error: two pictures have no standard deviation",
                False,
                "They have: each channel has many pixels. It is just a poor estimate.",
            ),
        ],
    ),
    Question(
        f"ResNet-152 has {card('resnet152').params / card('resnet50').params:.1f} times the parameters of ResNet-50. "
        "What does it add on ImageNet, with the weights that one can download?",
        [
            Choice(
                f"{card('resnet152').weights[0].facts[0].value - card('resnet50').weights[0].facts[0].value:.1f} points of top-1",
                True,
                "Depth still helps, and each further point costs more. Start with the small one.",
            ),
            Choice("About twice the accuracy", False, "From 74.9 % there is no room for that."),
            Choice(
                "Nothing: deeper networks degrade",
                False,
                "Plain ones do. With shortcuts each of the three is better than the one before.",
            ),
        ],
    ),
]
