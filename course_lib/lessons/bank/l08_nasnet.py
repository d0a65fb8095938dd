"""Lesson 08's exercises and quiz."""

from functools import cache
from math import isclose

from course_lib.lessons.exercises import Exercise
from course_lib.lessons.expect import as_numbers, expect
from course_lib.lessons.quiz import Choice, Question

MENU = 13  # operations in the paper's search
MOMENTUM, STEPS = 0.9997, 500


def as_ported(model):
    """Return a copy of a nano NASNet, as a port to another library made it: the same weights, and one fault.

    Args:
        model: the network of `load("nasnet_nano")`.
    """
    from dataclasses import replace

    from course_lib.zoo import nasnet

    copy = nasnet.build(replace(nasnet.CONFIGS["nasnet_nano"], zero_padding=False))
    copy.set_weights(model.get_weights())
    return copy


@cache
def _first_layer() -> str:
    import numpy as np

    from course_lib import build, viz

    model = build("nasnet_nano")
    pictures = np.random.default_rng(0).uniform(-1, 1, (2, 32, 32, 3)).astype("float32")
    return viz.first_difference(viz.layer_differences(as_ported(model), model, pictures))


def _takes_the_unused(outputs):
    chain = (("h", "conv3", "p", "max3"), ("b1", "identity", "h", "conv3"))
    got = outputs(chain)
    expect(
        isinstance(got, list | tuple) and all(isinstance(name, str) for name in got),
        "Return a list of names, such as ['b1', 'b3'].",
    )
    expect("h" not in got and "p" not in got, "Only sums are put out: not `h`, not `p`.")
    expect("b1" not in got, "In (h, p), (b1, h) the second block takes b1.")
    expect(list(got) == ["b2"], "In (h, p), (b1, h) only the last sum is left over.")
    right = (("h", "conv3", "p", "max3"), ("h", "identity", "b1", "conv3"))
    expect(list(outputs(right)) == ["b2"], "A block has two states: b1 may stand as the second of them.")
    apart = (("h", "conv3", "p", "max3"), ("h", "identity", "p", "conv3"))
    expect(list(outputs(apart)) == ["b1", "b2"], "In (h, p), (h, p) nobody takes b1: it is put out too.")
    longer = (*chain, ("h", "max3", "b1", "max3"), ("p", "conv3", "b3", "conv3"))
    expect(list(outputs(longer)) == ["b2", "b4"], "Right for two blocks, not for four.")


def _draws_enough(draws_needed):
    for share, chance, wanted in ((0.5, 0.9, 4), (0.05, 0.95, 59), (0.01, 0.99, 459)):
        got = float(as_numbers(draws_needed(share, chance)))
        expect(
            not isclose(got, chance / share) and got != round(chance / share),
            "Chances do not add up: two draws at 0.5 each do not make it certain.",
        )
        expect(got == int(got), "Return a whole number of cells: you cannot draw half of one.")
        advice = (
            f"With {wanted - 1} draws the chance of at least one is too low"
            if got < wanted
            else "Fewer draws do"
        )
        expect(got == wanted, f"{advice}, for share {share} and chance {chance}; you say {got:g}.")


def _names_the_layer(where):
    expect(isinstance(where, str), "Answer with the name of a layer, a text such as 'stem_conv'.")
    expect(
        not where.endswith(("_add", "_out")),
        "A sum only passes on what one of its terms has got wrong: look further up.",
    )
    expect(
        where == _first_layer(),
        f"`{where}` is not the first. Up to the fault both networks agree: `viz.first_difference(values)` names "
        "the layer where that ends.",
    )


_OUTPUTS = '''
def outputs(blocks):
    """Return the names of the sums ("b1" is the first block's) that no block takes, in order."""
'''
_DRAWS = '''
def draws_needed(share, chance):
    """Return how many random cells to draw until one of the best `share` is among them with this `chance`."""
'''
_VALUES = """
ready = nano.preprocess([make_image("heart", seed=9002)])
values = viz.layer_differences(as_ported(nano.model), nano.model, ready)  # viz.differences(values) draws them
"""
_NANO = """
from course_lib import load, viz
from course_lib.lessons.bank.l08_nasnet import as_ported
from course_lib.media.world import make_image

nano = load("nasnet_nano")
"""

EXERCISES = [
    Exercise(
        id="08.1",
        title="What a cell puts out",
        starter=f"{_OUTPUTS}    return ...",
        mistake=f"""{_OUTPUTS}    used = [block[0] for block in blocks]
    return [f"b{{n}}" for n in range(1, len(blocks) + 1) if f"b{{n}}" not in used]""",
        solution=f"""{_OUTPUTS}    used = [state for left, _, right, _ in blocks for state in (left, right)]
    return [f"b{{n}}" for n in range(1, len(blocks) + 1) if f"b{{n}}" not in used]""",
        test=_takes_the_unused,
        hints=[
            "First collect all states that are taken: in each block the first and the third entry.",
            "The names are b1 to b followed by `len(blocks)`. Keep those that are not in your collection.",
        ],
    ),
    Exercise(
        id="08.2",
        title="How many random cells?",
        starter=f"{_DRAWS}    return ...",
        mistake=f"{_DRAWS}    return round(chance / share)",
        solution=f"""{_DRAWS}    draws, nothing = 1, 1 - share
    while 1 - nothing < chance:
        draws, nothing = draws + 1, nothing * (1 - share)
    return draws""",
        test=_draws_enough,
        hints=[
            "Ask for the opposite: what is the chance that one draw misses the best? That two draws both miss? That n do?",
            "One draw misses with 1 - share, n draws with (1 - share) ** n. Raise n until 1 minus that reaches `chance`.",
        ],
    ),
    Exercise(
        id="08.3",
        title="The fault in the port",
        setup=_NANO,
        starter=f"{_VALUES}\nwhere = ...  # the name of the layer",
        mistake=f"{_VALUES}\nwhere = max(values, key=values.get)",
        solution=f"{_VALUES}\nwhere = viz.first_difference(values)",
        test=_names_the_layer,
        hints=[
            "`values` goes from layer to difference, in the order in which they run. The largest need not be the first.",
            "`viz.first_difference(values)` finds it. Then look at what kind of layer it is, and what comes just before it.",
        ],
    ),
]

QUIZ = [
    Question(
        f"A block may take 2 states and {MENU} operations, on either side, and add or concatenate. How many blocks are there?",
        [
            Choice(
                f"{2 * (2 * MENU) ** 2:,}",
                True,
                "Either side: a state and an operation. Both sides together, and two ways to combine them.",
            ),
            Choice(f"{2 * 2 * MENU:,}", False, "That is one side. The other is chosen freely as well."),
            Choice(f"{2 * MENU**2:,}", False, "The states are chosen too, not the operations alone."),
        ],
    ),
    Question(
        "A search trains 500 cells and finds one with 94.8 %. Ten random cells are trained; the best has 94.1 %. What has the "
        "search shown?",
        [
            Choice(
                "That it beats random search by 0.7 points",
                False,
                "The best of 500 random cells would be better than the best of ten, too.",
            ),
            Choice(
                "Nothing yet: it was allowed to train more",
                True,
                "Compare at the same number of trained cells, over several runs, on pictures that the search did not choose by.",
            ),
            Choice(
                "That 500 cells are too few to find a good one",
                False,
                "How many are enough depends on the space; the comparison is what is missing.",
            ),
        ],
    ),
    Question(
        "The winner of a search had 96 % on the validation pictures. On new ones it has 94 %. Why is this usual?",
        [
            Choice(
                "Its weights have overfitted the pictures that it was trained on",
                False,
                "That would lower both numbers: neither of the two sets was trained on.",
            ),
            Choice(
                "It was chosen for a high number, which was partly luck",
                True,
                "The highest of many numbers is high by merit and by luck. On new pictures only the merit is left.",
            ),
            Choice(
                "The new pictures are harder than those of the validation set",
                False,
                "It also happens where both sets are drawn at random from the same pictures.",
            ),
        ],
    ),
    Question(
        f"You fine-tune the official network; its batch norms have momentum {MOMENTUM}. How much of the old averages is left "
        f"after {STEPS} steps?",
        [
            Choice(
                f"{MOMENTUM**STEPS:.0%}",
                True,
                f"{MOMENTUM} to the power of {STEPS}. The network would still normalise with ImageNet's averages.",
            ),
            Choice(
                f"{0.99**STEPS:.0%}",
                False,
                "With the usual 0.99 it would be so; here the averages are far slower.",
            ),
            Choice(
                "None", False, "Each step keeps the greater part. What is the power of a number just below 1?"
            ),
        ],
    ),
]
