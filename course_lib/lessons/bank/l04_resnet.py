"""Lesson 04's exercises and quiz."""

import numpy as np

from course_lib.lessons.exercises import Exercise
from course_lib.lessons.expect import as_numbers, expect, expect_close, expect_shape
from course_lib.lessons.quiz import Choice, Question

WIRE, BRANCH = 2, -5  # what a block gets, and what its branch gives


def _projects_its_input(shrinking_block):
    import keras

    inputs = keras.Input((8, 8, 16))
    model = keras.Model(inputs, shrinking_block(inputs, 32))
    expect_shape(model.output, (None, 4, 4, 32), "From (8, 8, 16) and 32 filters, (4, 4, 32) should come.")
    try:
        shrinking_block(inputs, 24)
    except ValueError:
        expect(False, "It fits 32 filters, but not 24: what on the shortcut does not follow `filters`?")
    on_wire = _wire(model)
    expect(
        on_wire, "Nothing that can learn stands on the shortcut: how shall 16 channels become 32 useful ones?"
    )
    conv = next((layer for layer in on_wire if isinstance(layer, keras.layers.Conv2D)), None)
    expect(conv, "The paper's shortcut is a convolution.")
    expect(
        conv.strides == (2, 2),
        "The shortcut has to take the same step as the branch: let its one convolution do that.",
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
    got = as_numbers(gradient_gain(halves, False))
    expect(got.ndim == 0, "Return one number for the whole tower, not one for each block.")
    expect(
        not np.isclose(got, 1.5**20),
        "Right with shortcuts. With `residual=False` the slopes multiply without the 1.",
    )
    expect_close(got, 0.5**20, "A plain tower: twenty slopes of 0.5, each multiplied by the next.", rtol=1e-6)
    got = as_numbers(gradient_gain(halves, True))
    expect(got.ndim == 0, "Return one number with shortcuts too, not one for each block.")
    expect(
        not np.isclose(got, 1 + 0.5**20),
        "One shortcut round the whole tower gives that; here every block has its own.",
    )
    expect(not np.isclose(got, 20 + 0.5**20), "The blocks follow each other: their slopes multiply.")
    expect_close(got, 1.5**20, "The slope of x + F(x) is not that of F(x).", rtol=1e-6)
    _keeps_the_signs(gradient_gain)


def _keeps_the_signs(gradient_gain):
    mixed = np.array([0.2, -1.5, 0.5, 0.7])  # one slope below -1, so that both products are negative
    for residual, wanted in ((True, 1.2 * -0.5 * 1.5 * 1.7), (False, 0.2 * -1.5 * 0.5 * 0.7)):
        advice = f"Right for equal slopes, not for [0.2, -1.5, 0.5, 0.7] with `residual={residual}`."
        expect_close(gradient_gain(mixed, residual), wanted, advice, rtol=1e-6)
    stopped = gradient_gain(np.array([0.2, 0.0, 0.7]), False)
    expect_close(stopped, 0.0, "One block of slope 0 stops a plain tower's gradient.")


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
    shortcut = layers.Conv2D(filters, 3, strides=2, padding="same")(x)
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
                "Overfitting: so many layers learn the training data by heart",
                False,
                "An overfitted network is good on its training data. This one is bad there as well.",
            ),
            Choice(
                "Degradation: training misses a solution that is there",
                True,
                "The 20-layer solution fits into the 56 layers, the rest doing nothing. Gradient descent misses it.",
            ),
            Choice(
                "Underfitting: the network is too small for its data",
                False,
                "It is larger than the one that does better, so size is not what it lacks.",
            ),
        ],
    ),
    Question(
        "All weights of a block's branch, the last batch norm's scale and shift too, are zero. The block gets 3, from a "
        "ReLU. What comes out of a version-1 residual block, and out of its plain twin?",
        [
            Choice("0 from both", False, "The branch gives 0, but a shortcut carries the 3 past it."),
            Choice("3 from both", False, "The plain block has nothing but its branch, and that gives 0."),
            Choice(
                "3, and 0",
                True,
                "relu(3 + 0) = 3: doing nothing is where the residual block begins. The plain one has to learn it.",
            ),
            Choice("0, and 3", False, "It is the residual block that has a wire round its branch."),
        ],
    ),
    Question(
        "Batch norm keeps each layer's numbers at the same size. Why may a deep *plain* network's gradient explode even so?",
        [
            Choice(
                "The learning rate is too high: weights grow", False, "We measured before the first step."
            ),
            Choice(
                "It levels what goes forward, not what comes back",
                True,
                "Back through each block the gradient grew a little, and 24 such factors multiply.",
            ),
            Choice(
                "The stored averages do not suit the batch at hand",
                False,
                "In training mode the batch's own mean and deviation are used.",
            ),
        ],
    ),
    Question(
        f"A block gets {WIRE}. Its branch gives {BRANCH}. What leaves the block in version 1, and in version 2?",
        [
            Choice(
                f"{max(WIRE + BRANCH, 0)}, and {WIRE + BRANCH}",
                True,
                "Version 1 has a ReLU after the sum; version 2 leaves the wire bare.",
            ),
            Choice(
                f"{WIRE + BRANCH}, and {max(WIRE + BRANCH, 0)}",
                False,
                "The other way round: the ReLU after the sum is version 1's.",
            ),
            Choice(
                f"{WIRE}, and {WIRE}", False, "That would need a ReLU before the sum: neither has one there."
            ),
        ],
    ),
    Question(
        "You train a whole pre-trained ResNet further, in batches of two, with `training=True`. What does batch norm do?",
        [
            Choice(
                "Nothing, if the learning rate is small", False, "The averages are not learned by gradient."
            ),
            Choice(
                "It normalises by two pictures, and its averages drift",
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
]
