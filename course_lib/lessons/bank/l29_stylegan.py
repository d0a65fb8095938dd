"""Lesson 29's exercises and quiz."""

import numpy as np

from course_lib.lessons.exercises import Exercise
from course_lib.lessons.expect import as_numbers, expect, expect_close, expect_shape
from course_lib.lessons.quiz import Choice, Question

SIDES = (4, 8, 16, 32, 64, 128, 256, 512, 1024)
WIDE = 512  # channels of the full network's first maps


def _is_modulated(modulated_kernel):
    rng = np.random.default_rng(0)
    kernel, style = rng.normal(size=(3, 3, 4, 5)), rng.uniform(0.5, 2.0, 4)
    scaled = kernel * style[:, None]
    length = np.sqrt((scaled**2).sum(axis=(0, 1, 2)))
    got = as_numbers(modulated_kernel(kernel.copy(), style.copy()))
    expect_shape(got, kernel.shape, "A kernel of the same shape comes out.")
    expect(
        not np.allclose(got, scaled), "That is the modulation. Now divide each output channel by its length."
    )
    expect(
        not np.allclose(got, kernel / np.sqrt((kernel**2).sum(axis=(0, 1, 2)))),
        "The style is gone: multiply by it first, then take the lengths of what that gave.",
    )
    expect(
        not np.allclose(got, scaled / length**2, rtol=1e-3),
        "That divides by the squared length: take the root of the sum of squares.",
    )
    expect_close(
        (got**2).sum(axis=(0, 1, 2)),
        np.ones(5),
        "The squares of each output channel's kernel should add up to 1.",
    )
    expect_close(got, scaled / length, "The style has one number for each input channel, the third axis.")
    square = rng.normal(size=(3, 3, 4, 4))
    wanted = square * style[:, None]
    expect_close(
        modulated_kernel(square.copy(), style.copy()),
        wanted / np.sqrt((wanted**2).sum(axis=(0, 1, 2))),
        "With as many channels in as out: does the style still meet the third axis?",
    )


def _is_mixed(mix):
    coarse, fine = np.arange(6.0), -np.arange(6.0) - 1
    got = as_numbers(mix(coarse.copy(), fine.copy(), 3, 8))
    expect_shape(got, (8, 6), "One style for each layer: (layers, numbers of a style).")
    expect(
        not np.allclose(got[0], fine),
        "The coarse style belongs to the layers of the smallest maps, which come first.",
    )
    expect_close(got[:3], np.stack([coarse] * 3), "The first `start` layers take the coarse style.")
    expect_close(got[3:], np.stack([fine] * 5), "All layers from `start` on take the fine style.")
    expect_close(
        mix(coarse, fine, 0, 2), np.stack([fine] * 2), "With start 0 nothing of the coarse style is left."
    )
    expect_close(
        mix(coarse, fine, 2, 2), np.stack([coarse] * 2), "Where start is past the end, all is coarse."
    )


def _is_truncated(truncate):
    rng = np.random.default_rng(1)
    w, labels = rng.normal(size=(6, 4)), np.array([2, 0, 1, 1, 2, 0])
    centres = rng.normal(size=(3, 4))
    got = as_numbers(truncate(w.copy(), labels, centres.copy(), 0.6))
    expect_shape(got, w.shape, "A style for each picture comes out.")
    own = centres[labels]
    expect(
        not np.allclose(got, centres.mean(axis=0) + 0.6 * (w - centres.mean(axis=0))),
        "That goes towards the centre of all classes. Each picture has a class: go towards that one's centre.",
    )
    expect(not np.allclose(got, 0.6 * w), "That goes towards 0. The mean style is somewhere else.")
    expect(
        not np.allclose(got, w + 0.6 * (own - w)), "That goes 60 % of the way; psi is the part that is kept."
    )
    expect_close(
        got, own + 0.6 * (w - own), "centre + psi * (w - centre), with the centre of the picture's own class."
    )
    expect_close(truncate(w, labels, centres, 0.0), own, "With psi 0 all pictures of a class are the same.")


EXERCISES = [
    Exercise(
        id="29.1",
        title="Modulate and demodulate",
        starter='''
def modulated_kernel(kernel, style):
    """Scale a kernel (3, 3, inputs, outputs) by a style (inputs,), then each output channel to length 1."""
    return ...
''',
        mistake="""
def modulated_kernel(kernel, style):
    kernel = kernel / np.sqrt((kernel**2).sum(axis=(0, 1, 2)))
    return kernel * style[:, None]
""",
        solution="""
def modulated_kernel(kernel, style):
    kernel = kernel * style[:, None]  # the style's axis is the third, the inputs
    return kernel / np.sqrt((kernel**2).sum(axis=(0, 1, 2)))
""",
        test=_is_modulated,
        hints=[
            "style[:, None] has shape (inputs, 1): against (3, 3, inputs, outputs) it meets the right axis.",
            "The length of an output channel's kernel is the root of its sum of squares, over the first three axes.",
        ],
        setup="import numpy as np",
    ),
    Exercise(
        id="29.2",
        title="Mix two styles",
        starter='''
def mix(coarse, fine, start, layers):
    """Return (layers, n): the style `coarse` (n,) for the layers before `start`, `fine` (n,) for the others."""
    return ...
''',
        mistake="""
def mix(coarse, fine, start, layers):
    return np.stack([fine] * start + [coarse] * (layers - start))
""",
        solution="""
def mix(coarse, fine, start, layers):
    return np.stack([coarse] * start + [fine] * (layers - start))
""",
        test=_is_mixed,
        hints=[
            "The first layers draw the smallest maps.",
            "[row] * 3 is a list with the same row three times; np.stack makes one array of a list.",
        ],
        setup="import numpy as np",
    ),
    Exercise(
        id="29.3",
        title="Truncate within a class",
        starter='''
def truncate(w, labels, centres, psi):
    """Move styles w (n, k) towards the mean style of their own class; centres (classes, k), labels (n,)."""
    return ...
''',
        mistake="""
def truncate(w, labels, centres, psi):
    centre = centres.mean(axis=0)
    return centre + psi * (w - centre)
""",
        solution="""
def truncate(w, labels, centres, psi):
    own = centres[labels]  # (n, k): a centre for each picture
    return own + psi * (w - own)
""",
        test=_is_truncated,
        hints=[
            "centres[labels] has a row for each picture.",
            "psi = 1 leaves w as it is, psi = 0 gives the centre.",
        ],
        setup="import numpy as np",
    ),
]

QUIZ = [
    Question(
        f"NVIDIA's network for {SIDES[-1]:,} px draws maps of {len(SIDES)} sizes, from 4 px on. Each size has two layers that take "
        "a style, but the smallest has one, and the picture of the last size takes one more. How many styles are there?",
        [
            Choice(f"{2 * len(SIDES)}", True, "One less at the beginning, one more at the end."),
            Choice(f"{len(SIDES)}", False, "There are two convolutions at most sizes."),
            Choice(f"{2 * len(SIDES) + 1}", False, "The smallest size has one convolution only."),
        ],
    ),
    Question(
        "Why is each output channel divided by the length of its kernel, and not by the deviation of its map?",
        [
            Choice(
                "The map's deviation can be tricked: one tall peak makes all the rest small.",
                True,
                "That was the droplet in the first StyleGAN's pictures.",
            ),
            Choice(
                "The deviation would cost more time.",
                False,
                "Both are cheap; it is about what pictures come out.",
            ),
            Choice(
                "So that the style has no effect on the map.",
                False,
                "It still says which inputs count how much; only the common size is taken out.",
            ),
        ],
    ),
    Question(
        "What does w have that z has not?",
        [
            Choice(
                "Its distribution can be whatever the pictures need.",
                True,
                "z is a ball by decree; w is what the mapping's dense layers made of it.",
            ),
            Choice("More information.", False, "w is computed from z: nothing is added."),
            Choice(
                "It differs from layer to layer.",
                False,
                "It may, if two are mixed; by itself one w serves all layers.",
            ),
        ],
    ),
    Question(
        f"A layer has {WIDE} channels in and out, and a 3x3 kernel. How many numbers does its style have?",
        [
            Choice(
                f"{WIDE}",
                True,
                "One for each input channel: it scales all of the kernel that meets that channel.",
            ),
            Choice(
                f"{9 * WIDE * WIDE:,}",
                False,
                "That is the kernel; the style scales it, it does not replace it.",
            ),
            Choice(
                f"{2 * WIDE:,}", False, "The first StyleGAN had a scale and a shift; here there is no shift."
            ),
        ],
    ),
]
