"""Lesson 18's exercises and quiz."""

import numpy as np

from course_lib.lessons.exercises import Exercise
from course_lib.lessons.expect import as_numbers, expect, expect_close, expect_shape
from course_lib.lessons.quiz import Choice, Question


def _gives_back_its_input(wire_kernel):
    kernel = as_numbers(wire_kernel(5))
    expect_shape(kernel, (3, 3, 5, 5), "A kernel has height, width, channels in, channels out.")
    picture = np.random.default_rng(0).normal(size=(4, 6, 5))
    got = _convolved(picture, kernel)
    expect(
        not np.allclose(got, np.repeat(picture.sum(axis=-1, keepdims=True), 5, axis=-1)),
        "Each output channel is now the sum of all input channels. Which ones should it read?",
    )
    expect(
        not np.allclose(got[..., 0], _convolved(picture, np.ones((3, 3, 5, 5)))[..., 0]),
        "This adds up all that lies around a pixel: most of the numbers should be zero.",
    )
    expect_close(
        got, picture, "Convolved with it, a picture should come out as it went in; it does not.", rtol=1e-5
    )


def _convolved(picture, kernel):
    """Return the 3x3 convolution of (height, width, channels), zeros around it."""
    height, width, _ = picture.shape
    wide = np.pad(picture, ((1, 1), (1, 1), (0, 0)))
    return sum(
        wide[row : row + height, column : column + width] @ kernel[row, column]
        for row in range(3)
        for column in range(3)
    )


def _counts_the_paths(paths):
    got = as_numbers(paths(1, 1))
    expect_shape(got, (2,), "Return two numbers, the shortest and the longest.")
    expect_close(got[0], 2, "The shortest path through one block: which parts pass by the work?")
    expect(got[1] != 7, "The longest path goes through both `csp`s: the second reads what the first gave.")
    expect(got[1] != 10, "You forgot the first and the last convolution of the block, perhaps.")
    expect_close(got[1], 12, "The longest path through one block, with one bottleneck in each `csp`.")
    expect_close(paths(1, 3), (2, 20), "Right with one bottleneck; not with three in each `csp`.")
    expect_close(paths(4, 1), (8, 48), "Right for one block; not for four, one behind the other.")


EXERCISES = [
    Exercise(
        id="18.1",
        title="A wire as a kernel",
        setup="import numpy as np",
        starter='''
def wire_kernel(channels):
    """Return a kernel (3, 3, channels, channels) whose convolution gives back its input."""
    return ...
''',
        mistake='''
def wire_kernel(channels):
    """Return a kernel (3, 3, channels, channels) whose convolution gives back its input."""
    kernel = np.zeros((3, 3, channels, channels))
    kernel[1, 1] = 1
    return kernel
''',
        solution='''
def wire_kernel(channels):
    """Return a kernel (3, 3, channels, channels) whose convolution gives back its input."""
    kernel = np.zeros((3, 3, channels, channels))
    kernel[1, 1] = np.eye(channels)
    return kernel
''',
        test=_gives_back_its_input,
        hints=[
            "Which of the nine pixels under the kernel may count, if nothing is to move?",
            "That one place of the kernel is a matrix, channels in by channels out. Which matrix changes nothing?",
            "np.eye(channels) is that matrix. All other places are zero.",
        ],
    ),
    Exercise(
        id="18.2",
        title="The shortest and the longest path",
        starter='''
def paths(blocks, bottlenecks):
    """Return (shortest, longest) number of convolutions through `blocks` blocks."""
    return ...
''',
        mistake='''
def paths(blocks, bottlenecks):
    """Return (shortest, longest) number of convolutions through `blocks` blocks."""
    return 2 * blocks, blocks * (1 + (2 + 2 * bottlenecks + 1) + 1)
''',
        solution='''
def paths(blocks, bottlenecks):
    """Return (shortest, longest) number of convolutions through `blocks` blocks."""
    csp = 1 + 2 * bottlenecks + 1
    return 2 * blocks, blocks * (1 + 2 * (csp + 1) + 1)
''',
        test=_counts_the_paths,
        hints=[
            "Go through `gelan` with a pencil: one convolution to split, one at the end. What must a path pass in between?",
            "Two of the four parts come straight from the split. The last part has seen both `csp`s, and a mix behind each.",
            "On the longest way through `csp`: main, two for each bottleneck, and the one that joins both halves.",
        ],
    ),
]


QUIZ = [
    Question(
        "A network's tenth layer has lost which of two objects is red. What can its eleventh layer do about it?",
        [
            Choice(
                "Find it again, if it is wide enough",
                False,
                "It sees nothing but what the tenth gives. More channels cannot hold what is not there.",
            ),
            Choice(
                "Nothing, unless a path brings an earlier map past the tenth",
                True,
                "A shortcut, or a part kept aside as in GELAN, is such a path.",
            ),
            Choice(
                "Find it again, once it is trained for long enough",
                False,
                "Training may teach the *tenth* layer to keep it. The eleventh has only what it gets.",
            ),
        ],
    ),
    Question(
        "In our chains of random weights, why did the residual one remember longer than GELAN's?",
        [
            Choice(
                "Its shortcuts pass no convolution at all; GELAN's shortest path passes two a block",
                True,
                "Most likely: each of the two mixes the channels and bends them by SiLU, and after some blocks little can be read.",
            ),
            Choice(
                "It has more parameters, so it can store more of the picture",
                False,
                "More than GELAN's it has; but the plain chain has just as many, and forgot first.",
            ),
            Choice(
                "GELAN throws half of its channels away when it splits them",
                False,
                "Both halves are kept, and laid side by side at the end of the block.",
            ),
        ],
    ),
    Question(
        "You train with the auxiliary branch, and then cut it off. What does a user of the network notice?",
        [
            Choice(
                "It is slower than one trained without, since it knows more",
                False,
                "What runs in use is layer by layer the same network; only its weights were taught otherwise.",
            ),
            Choice(
                "Nothing but, perhaps, better answers",
                True,
                "The branch reads the backbone; the head in use never reads the branch.",
            ),
            Choice(
                "It needs the branch's weights for its answers",
                False,
                "No arrow leads from the branch into the head in use: it can go without a trace.",
            ),
        ],
    ),
    Question(
        "Two branches, each a convolution, batch norm *and* SiLU, are added. Can they be folded into one convolution?",
        [
            Choice(
                "Yes, as in the lesson: add the kernels, then the biases",
                False,
                "There the sum came first and one SiLU after it. Here each branch is bent before the sum.",
            ),
            Choice(
                "No: the sum of two bent functions is not one bent sum",
                True,
                "Only what is linear adds up weight by weight: convolutions, stored batch norm, the bare wire.",
            ),
            Choice(
                "Only if both kernels have the same size",
                False,
                "Size is no obstacle: a small kernel is padded with zeros.",
            ),
        ],
    ),
]
