"""Lesson 02's exercises and quiz, and the network with a planted fault that one exercise is about."""

from itertools import pairwise

import numpy as np

from course_lib.lessons.exercises import Exercise
from course_lib.lessons.expect import expect, expect_close, expect_shape, refuse_nothing
from course_lib.lessons.quiz import Choice, Question

TURNED = "stage3_conv1"
VGG16 = [(3, 1), (3, 1), (2, 2)] * 2 + [(3, 1), (3, 1), (3, 1), (2, 2)] * 3  # (kernel, step) of each layer
FC1 = 7 * 7 * 512 * 4096 + 4096
WIDTHS = [3, 64, 64, 128, 128, *[256] * 3, *[512] * 6]
CONVOLUTIONS = sum(3 * 3 * before * after + after for before, after in pairwise(WIDTHS))
STEM_7, STEM_3 = 7 * 7 * 3 * 64, 3 * 3 * 3 * 64 + 2 * 3 * 3 * 64 * 64


def with_a_turned_layer(model):
    """Return a copy of a VGG in which one convolution's filters are turned by 180 degrees.

    Args:
        model: a VGG with a first convolution in stage 3.

    Returns:
        The copy; its other weights are the same.
    """
    import keras

    suspect = keras.models.clone_model(model)
    suspect.set_weights(model.get_weights())
    kernel, *others = suspect.get_layer(TURNED).get_weights()
    suspect.get_layer(TURNED).set_weights([kernel[::-1, ::-1], *others])
    return suspect


def _sees(receptive_field):
    got = receptive_field([(3, 1), (3, 1)])
    expect(
        got != 6,
        "The two fields overlap: two neighbours of the first layer share all but one column of pixels each.",
    )
    expect_close(got, 5, "Two 3x3 convolutions see 5 pixels.")
    expect_close(receptive_field([(7, 1)]), 7, "Right for 3x3; one 7x7 sees 7 pixels.")
    got = receptive_field([(3, 1), (2, 2), (3, 1)])
    expect(
        got != 6,
        "Behind the pooling two neighbours stand 2 pixels apart: a kernel there reaches that much further.",
    )
    expect_close(got, 8, "A convolution, a pooling, a convolution see 8 pixels.")
    got = receptive_field([(2, 2), (2, 2), (3, 1)])
    expect(got != 8, "The second pooling doubles the distance between neighbours once more.")
    expect_close(got, 12, "Two poolings and a convolution see 12 pixels.")
    expect_close(receptive_field(VGG16), 212, "Right for few layers, not for the whole of VGG-16.")


def _mends(mend):
    import keras

    from course_lib import build

    keras.utils.set_random_seed(7)
    right = build("vgg_nano")
    suspect = with_a_turned_layer(right)
    batch = np.random.default_rng(7).normal(size=(1, 32, 32, 3)).astype("float32")
    expect(mend(suspect) is None, "Change the model in place with `set_weights`; there is nothing to return.")
    changed = [
        layer.name
        for layer, twin in zip(suspect.layers, with_a_turned_layer(right).layers, strict=True)
        if any(not np.array_equal(a, b) for a, b in zip(layer.get_weights(), twin.get_weights(), strict=True))
    ]
    expect(changed, "Nothing has changed in the model: is there a `set_weights`?")
    expect(
        changed == [TURNED],
        f"`{changed[0]}` was changed, and nothing was wrong with it. Which layer does `viz.first_difference` name?"
        if changed[0] != TURNED
        else "That layer was wrong, but another was changed as well.",
    )
    expect_close(
        suspect(batch, training=False),
        right(batch, training=False),
        "This is the layer, but its kernel is not right yet. The check uses other weights than the notebook's: say what "
        "was done to the kernel, and undo that. Compare `kernel[:, :, 0, 0]` of both networks.",
        rtol=1e-3,
        atol=1e-4,
    )


def _slides(as_convolution):
    dice = np.random.default_rng(3)
    dense, maps = dice.normal(size=(2 * 2 * 3, 5)), dice.normal(size=(2, 2, 3))
    kernel = as_convolution(dense, 2)
    refuse_nothing(kernel)
    expect_shape(kernel, (2, 2, 3, 5), "A kernel has (height, width, channels in, channels out).")
    expect_close(
        np.tensordot(maps, np.asarray(kernel), 3),
        maps.ravel() @ dense,
        "The shape is right, but on the same maps it gives other numbers than the dense layer. In which order does "
        "flattening lay out rows, columns and channels?",
    )
    expect_shape(
        as_convolution(dice.normal(size=(3 * 3 * 4, 6)), 3),
        (3, 3, 4, 6),
        "Right for 2 x 2 places, not for 3 x 3.",
    )


_FIELD = '''
def receptive_field(layers):
    """Return how many pixels across one unit sees; layers: [(kernel, step), ...] from the picture on."""
'''
_MEND = '''
def mend(model):
    """Put the one wrong layer of a VGG right, in place."""
'''
_SLIDE = '''
def as_convolution(dense, side):
    """Return a dense layer's weights (side * side * channels, units) as a kernel (side, side, channels, units)."""
'''

EXERCISES = [
    Exercise(
        id="02.1",
        title="The receptive field, by formula",
        starter=f"{_FIELD}    return ...",
        mistake=f"""{_FIELD}    field = 1
    for kernel, step in layers:
        field += kernel - 1
    return field""",
        solution=f"""{_FIELD}    field, apart = 1, 1
    for kernel, step in layers:
        field += (kernel - 1) * apart
        apart *= step
    return field""",
        test=_sees,
        hints=[
            "Begin with a field of 1 and walk from the picture on. A 3x3 adds one neighbour on each side.",
            "How many pixels apart are two neighbours? 1 at first; each layer's step multiplies that.",
            "A kernel of k adds k - 1 neighbours. Add their distance k - 1 times, and only then multiply it by this layer's step.",
        ],
    ),
    Exercise(
        id="02.2",
        title="The first difference",
        setup="from course_lib import viz",
        starter=f"{_MEND}    return ...",
        mistake=f"""{_MEND}    layer = model.get_layer("{TURNED}")
    kernel, *others = layer.get_weights()
    layer.set_weights([kernel.transpose(1, 0, 2, 3), *others])""",
        solution=f"""{_MEND}    layer = model.get_layer("{TURNED}")
    kernel, *others = layer.get_weights()
    layer.set_weights([kernel[::-1, ::-1], *others])""",
        test=_mends,
        hints=[
            "`viz.first_difference(values)` names the layer. `get_layer(name).get_weights()[0]` is its kernel.",
            "Print `kernel[:, :, 0, 0]`, nine numbers, for `nano.model` and for `suspect`. Where did each one go?",
            "The first has become the last, in rows and in columns: `kernel[::-1, ::-1]` turns it back.",
        ],
    ),
    Exercise(
        id="02.3",
        title="A dense layer that slides",
        setup="import numpy as np",
        starter=f"{_SLIDE}    return ...",
        mistake=f"""{_SLIDE}    channels = len(dense) // side**2
    return dense.reshape(channels, side, side, -1).transpose(1, 2, 0, 3)""",
        solution=f"""{_SLIDE}    return dense.reshape(side, side, -1, dense.shape[1])""",
        test=_slides,
        hints=[
            "A convolution as large as the map has one place to stand, and there it does what a dense layer does.",
            "`flatten` goes through rows, then columns, then channels: the last index runs fastest.",
            "So one `reshape` to (side, side, channels, units) is enough: -1 lets NumPy find the channels.",
        ],
    ),
]

QUIZ = [
    Question(
        "Which stack of 3x3 convolutions, without pooling, sees as far as one 9x9?",
        [
            Choice("Three", False, "Three see 7: 1 + 3 x 2."),
            Choice("Four", True, "1 + 4 x 2 = 9. Each adds one pixel on each side."),
            Choice("Nine", False, "Nine see 19. The fields overlap, but each layer still adds 2."),
        ],
    ),
    Question(
        "A network's very first layer is a 7x7, 3 channels in and 64 out. You put three 3x3 of 64 channels in its place. How many weights do they have?",
        [
            Choice(
                "45 % fewer than the 7x7", False, "That holds for as many channels in as out. Here 3 go in."
            ),
            Choice(
                f"{STEM_3 / STEM_7:.0f} times as many as the 7x7",
                True,
                f"{STEM_7:,} before; {3 * 3 * 3 * 64:,} + 2 x {3 * 3 * 64 * 64:,} = {STEM_3:,} after. "
                "Many networks keep a 7x7 at the front for that reason.",
            ),
            Choice("As many as the 7x7", False, "Count both: kernel x kernel x channels in x channels out."),
        ],
    ),
    Question(
        "VGG-16's file should become smaller. Where do you cut?",
        [
            Choice(
                "Stage 1: its outputs are the largest",
                False,
                "Outputs are not stored in the file. Those two have 39 thousand weights.",
            ),
            Choice(
                "The first dense layer: it reads every place",
                True,
                f"{FC1:,} of 138 million weights. All thirteen convolutions together have {CONVOLUTIONS:,}.",
            ),
            Choice(
                "Stage 5: the convolutions with the most channels",
                False,
                "Seven million weights, a twentieth of the whole.",
            ),
        ],
    ),
    Question(
        "In an untrained VGG a unit's field is 196 pixels across. How much does a pixel 90 away from its middle move the unit?",
        [
            Choice(
                "As much as any other pixel in the field",
                False,
                "Few paths lead from the rim to the unit.",
            ),
            Choice(
                "Next to nothing",
                True,
                "Few paths lead from there to the unit: what counts is the effective field, and it is smaller.",
            ),
            Choice(
                "Not at all",
                False,
                "It lies inside the field, which reaches 98 pixels to each side: its gradient is small, not zero.",
            ),
        ],
    ),
]
