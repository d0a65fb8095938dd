"""Lesson 05's exercises and quiz, and the network with two faults that its last exercise is about."""

from course_lib.lessons.exercises import Exercise
from course_lib.lessons.expect import expect, expect_close
from course_lib.lessons.quiz import Choice, Question

LATE_LAYER = 2176 * 4 * 32 + 3 * 3 * 4 * 32 * 32  # both convolutions of layer 33 in DenseNet-264's last block
READ = 256 + 23 * 32  # what the 24th and last layer of DenseNet-121's third block reads
FAULTS = ("block2_layer3_relu1", "block3_layer2_bn1")


def with_two_faults(model):
    """Return a copy of a DenseNet in which two layers work differently; its weights are the same.

    Args:
        model: a DenseNet with three layers or more in block 2, and two or more in block 3.

    Returns:
        The copy. One activation lets a tenth of what is negative through, one batch norm has PyTorch's epsilon.
    """
    import keras

    suspect = keras.models.clone_model(model)
    suspect.set_weights(model.get_weights())
    leaky, norm = (suspect.get_layer(name) for name in FAULTS)
    leaky.negative_slope, norm.epsilon = 0.1, 1e-5
    return suspect


def _counts_channels(channels):
    got = channels((4,), 10, 16)
    expect(
        got != 28, "One block of 4 layers: there is nothing in it that halves. Where do transitions stand?"
    )
    expect(got != 40, "A block's channels begin with those that come in, here the stem's.")
    expect_close(got, 56, "One block: 16 from the stem, and 4 layers that each add 10.")
    expect_close(
        channels((2, 3), 10, 16), 48, "Right for one block. Between two of them stands a transition."
    )
    advice = "Right for (2, 3), not for three blocks, or where the channels to be halved are odd."
    expect_close(channels((3, 3, 1), 5, 8), 18, advice)
    expect_close(channels((6, 12, 24, 16), 32, 64), 1024, "Right for small networks, not for DenseNet-121.")


def _names_both(faults):
    names = list(faults) if isinstance(faults, list | tuple) else []
    expect(
        len(names) == 2 and all(isinstance(name, str) for name in names),
        "`faults` should hold the names of two layers, such as 'stem_conv', the first to run first.",
    )
    first, second = names
    expect(
        first == FAULTS[0],
        f"`{first}` is not the first. Up to the first fault both networks agree: `viz.first_difference(values)` names "
        "the layer where that ends.",
    )
    expect(second != first, "That is the first twice. Repair it in `suspect`, and compare again.")
    expect(
        second == FAULTS[1],
        f"`{second}` only reads what another layer has spoilt. Once the first fault is repaired in `suspect`, "
        "`viz.first_difference` names the second.",
    )


_CHANNELS = '''
def channels(blocks, growth, stem):
    """Return how many channels leave the last block; blocks: (layers in block 1, in block 2, ...)."""
'''
_NANO = """
from course_lib import load, viz
from course_lib.lessons.bank.l05_densenet import with_two_faults
from course_lib.media.world import make_image

nano = load("densenet_nano")
suspect = with_two_faults(nano.model)
ready = nano.preprocess([make_image("heart", seed=9002)])
values = viz.layer_differences(suspect, nano.model, ready)
"""

EXERCISES = [
    Exercise(
        id="05.1",
        title="How many channels leave the last block?",
        starter=f"{_CHANNELS}    return ...",
        mistake=f"""{_CHANNELS}    total = stem
    for layers in blocks:
        total = (total + layers * growth) // 2
    return total""",
        solution=f"""{_CHANNELS}    total = stem
    for number, layers in enumerate(blocks):
        if number > 0:
            total //= 2
        total += layers * growth
    return total""",
        test=_counts_channels,
        hints=[
            "Walk through the network with one running number: it begins as `stem`.",
            "Each layer adds `growth`. Each transition keeps half, rounded down: `// 2`.",
            "Four blocks have three transitions between them, and none behind the last.",
        ],
    ),
    Exercise(
        id="05.2",
        title="Two faults",
        setup=_NANO,
        starter="faults = [..., ...]",
        mistake="faults = [name for name, value in values.items() if value > 1e-4][:2]",
        solution="""
first = viz.first_difference(values)
# Only `negative_slope` differs between suspect.get_layer(first).get_config() and the same of nano.model.
suspect.get_layer(first).negative_slope = nano.model.get_layer(first).negative_slope
second = viz.first_difference(viz.layer_differences(suspect, nano.model, ready))

faults = [first, second]
""",
        test=_names_both,
        hints=[
            "`viz.first_difference(values)` names the first fault. All layers that run later read what it spoils.",
            "What is wrong with it? Compare `suspect.get_layer(name).get_config()` with `nano.model`'s: one entry differs.",
            "Repair it by `suspect.get_layer(name).negative_slope = ...`, and call `viz.layer_differences` again: now "
            "`viz.first_difference` names the second.",
        ],
    ),
]

QUIZ = [
    Question(
        "DenseNet-121's third block begins with 256 channels. Each layer adds 32. How many does its 24th layer read?",
        [
            Choice("32", False, "That is what one layer writes. It reads what all before it wrote."),
            Choice(f"{READ:,}", True, "256 that came in, and 32 from each of the 23 layers before it."),
            Choice(f"{READ + 32:,}", False, "That many leave the block: a layer does not read itself."),
        ],
    ),
    Question(
        "DenseNet-201 has blocks of 6, 12, 48, 32 layers and 20.2 million parameters; DenseNet-264 has 6, 12, 64, 48. Which "
        "thought shows that 264 must have far more than 22 million?",
        [
            Choice(
                f"Each of its last 16 layers alone has more than {LATE_LAYER // 1000 * 1000:,}",
                True,
                f"16 times that is {16 * LATE_LAYER / 1e6:.1f} million, and the third block has 16 more layers too.",
            ),
            Choice(
                "Its weights were never published, so any count is a guess",
                False,
                "A count needs no weights: it follows from the table of the architecture.",
            ),
            Choice(
                "Parameters grow with the square of the number of layers",
                False,
                f"(264 / 201)^2 gives {20.2 * (264 / 201) ** 2:.0f} million: near, by luck. The two differ only in "
                "their wide blocks.",
            ),
        ],
    ),
    Question(
        "In block 3 of our trained network, cutting one wire mostly cost next to nothing; cutting all wires of one layer cost "
        "much more. What follows?",
        [
            Choice(
                "Most of its wires are useless, and could all be left out together",
                False,
                "Each is spared only while the others are there. Leave out many, and the network is lost.",
            ),
            Choice(
                "Several later layers read what a layer finds, and can stand in for each other",
                True,
                "Reuse is spread out: most single wires matter little, together they matter much.",
            ),
            Choice(
                "What a layer finds is read only once, by the layer that comes next",
                False,
                "When only layer 2 could read layer 1, the network lost accuracy: later layers missed it.",
            ),
        ],
    ),
    Question(
        "DenseNet-121 has a third of ResNet-50's parameters. Why may training it still need more memory?",
        [
            Choice(
                "Its optimiser keeps more numbers for each parameter than ResNet's",
                False,
                "An optimiser keeps the same few for every parameter, whatever the network.",
            ),
            Choice(
                "Its first layers work on larger pictures than ResNet-50's do",
                False,
                "Both take 224 pixels a side, and both halve them early.",
            ),
            Choice(
                "Each concatenation makes a copy, and training keeps them all",
                True,
                "Parameters are one thing, activations another: these grow with the square of a block's depth.",
            ),
        ],
    ),
]
