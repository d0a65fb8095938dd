"""Lesson 21's exercises and quiz."""

import numpy as np

from course_lib.lessons.exercises import Exercise
from course_lib.lessons.expect import as_numbers, expect, expect_close, expect_shape
from course_lib.lessons.quiz import Choice, Question

WIDTH, RANK, DEPTH = 4096, 8, 32


def _counts_two_thin_matrices(lora_numbers):
    got = as_numbers(lora_numbers(100, 1, 1, 3))
    expect(not np.isclose(got, 300), "That is one of the two thin matrices; each pair has a second one.")
    expect(not np.isclose(got, 10_000), "That is the wide matrix, which stays frozen.")
    expect_close(got, 600, "For a width of 100 and rank 3, A has 100 x 3 numbers and B has 3 x 100.")
    expect_close(
        lora_numbers(10, 4, 3, 2), 480, "Each of the matrices in each of the blocks has a pair of its own."
    )


def _does_the_same_in_one(merged):
    generator = np.random.default_rng(0)
    w, a, b = (generator.normal(size=shape) for shape in ((5, 3), (5, 2), (2, 3)))
    got = merged(w, a, b, 2.0)
    expect_shape(np.asarray(got), (5, 3), "The merged matrix should have the shape of the frozen one.")
    expect(
        not np.allclose(as_numbers(got), w + 2 * a @ b),
        "You scaled by alpha alone. The formula divides it by the rank, which the shapes of A and B tell.",
    )
    expect_close(
        got, w + a @ b, "With alpha equal to the rank, 2, the scale is 1: W and the product of A and B."
    )
    got = as_numbers(merged(w, a, b, 6.0))
    expect(not np.allclose(got, 3 * (w + a @ b)), "Only what is learned is scaled, not the frozen matrix.")
    expect_close(got, w + 3 * a @ b, "With alpha 6 and rank 2 the product counts three times.")


def _is_the_nearest(squeezed):
    generator = np.random.default_rng(1)
    change = generator.normal(size=(6, 4)) @ np.diag([5.0, 2.0, 0.5, 0.1])
    result = squeezed(change, 2)
    expect(isinstance(result, tuple | list) and len(result) == 2, "Return two matrices, a and b.")
    a, b = (as_numbers(part) for part in result)
    expect_shape(a, (6, 2), "a should have a column for each direction that is kept.")
    expect_shape(b, (2, 4), "b should have a row for each direction that is kept.")
    u, sizes, v = np.linalg.svd(change, full_matrices=False)
    expect(
        not np.allclose(a @ b, u[:, :2] @ v[:2]),
        "The directions are right, but each has a size: put the sizes into a or into b.",
    )
    expect(
        not np.allclose(a @ b, (u[:, :2] * sizes[:2] ** 2) @ v[:2]),
        "The sizes are in twice: put them into a or into b, or their roots into both.",
    )
    expect_close(
        a @ b,
        (u[:, :2] * sizes[:2]) @ v[:2],
        "Keep the largest directions, which come first, and see that a @ b has their sizes.",
    )
    a, _ = squeezed(change, 1)
    expect_shape(as_numbers(a), (6, 1), "With rank 1 a single direction should be kept.")


EXERCISES = [
    Exercise(
        id="21.1",
        title="What LoRA trains",
        starter='''
def lora_numbers(width, depth, matrices, rank):
    """Return how many numbers LoRA trains."""
    return ...
''',
        mistake='''
def lora_numbers(width, depth, matrices, rank):
    """Return how many numbers LoRA trains."""
    return width * rank * matrices * depth
''',
        solution='''
def lora_numbers(width, depth, matrices, rank):
    """Return how many numbers LoRA trains."""
    return 2 * width * rank * matrices * depth
''',
        test=_counts_two_thin_matrices,
        hints=[
            "What are the shapes of A and of B for one matrix of width x width?",
            "One pair has width x rank + rank x width numbers; there is a pair for each matrix in each block.",
        ],
    ),
    Exercise(
        id="21.2",
        title="One matrix again",
        setup="import numpy as np",
        starter='''
def merged(w, a, b, alpha):
    """Return the matrix; w is (inputs, outputs), a is (inputs, rank), b is (rank, outputs)."""
    return ...
''',
        mistake='''
def merged(w, a, b, alpha):
    """Return the matrix; w is (inputs, outputs), a is (inputs, rank), b is (rank, outputs)."""
    return w + alpha * a @ b
''',
        solution='''
def merged(w, a, b, alpha):
    """Return the matrix; w is (inputs, outputs), a is (inputs, rank), b is (rank, outputs)."""
    return w + alpha / a.shape[1] * a @ b
''',
        test=_does_the_same_in_one,
        hints=[
            "x W + s (x A) B = x (...): what stands in the brackets?",
            "The scale is `alpha` divided by the rank, and the rank is the number of columns of `a`.",
        ],
    ),
    Exercise(
        id="21.3",
        title="The nearest thin change",
        setup="import numpy as np",
        starter='''
def squeezed(change, rank):
    """Return a (inputs, rank) and b (rank, outputs), so that a @ b is as near to the change as can be."""
    return ...
''',
        mistake='''
def squeezed(change, rank):
    """Return a (inputs, rank) and b (rank, outputs), so that a @ b is as near to the change as can be."""
    u, sizes, v = np.linalg.svd(change, full_matrices=False)
    return u[:, :rank], v[:rank]
''',
        solution='''
def squeezed(change, rank):
    """Return a (inputs, rank) and b (rank, outputs), so that a @ b is as near to the change as can be."""
    u, sizes, v = np.linalg.svd(change, full_matrices=False)
    return u[:, :rank] * sizes[:rank], v[:rank]
''',
        test=_is_the_nearest,
        hints=[
            "The directions come sorted by size. Which of them do you keep?",
            "Columns of `u` for a, rows of `v` for b; and the sizes must go into one of the two.",
        ],
    ),
]

QUIZ = [
    Question(
        f"Queries and values of {DEPTH} blocks of width {WIDTH:,} get LoRA of rank {RANK}. How many numbers are trained?",
        [
            Choice(f"{2 * 2 * DEPTH * WIDTH * RANK:,}", True, "Two matrices a block, two thin ones beside each."),
            Choice(f"{2 * DEPTH * WIDTH * RANK:,}", False, "That is A alone, or B alone."),
            Choice(f"{2 * DEPTH * WIDTH**2:,}", False, "Those are the frozen matrices."),
        ],
    ),
    Question(
        "Why does B begin with zeros, and A not?",
        [
            Choice("So that the model is unchanged at first, and can still learn.", True,
                   "AB is zero, and B has a gradient since A is not zero."),
            Choice("So that the rank stays low.", False, "The shapes alone see to that."),
            Choice("It would do as well to begin both with zeros.", False,
                   "Then neither would ever have a gradient: each one's is multiplied by the other."),
        ],
    ),
    Question(
        "What does LoRA in Keras save, compared with full fine-tuning?",
        [
            Choice("The optimiser's memory, and disk for each further task.", True,
                   "Adam keeps two numbers for each that is trained, and only A and B need to be handed on."),
            Choice("Most of the computing in each update.", False,
                   "Forward and backward go through the network all the same; only some gradients are left out."),
            Choice("Computing when the model is used.", False, "Merged, it costs just what it did before."),
        ],
    ),
    Question(
        "LoRA at the learning rate of full fine-tuning learned little. What do you do first?",
        [
            Choice("Try rates three and ten times higher, on validation data.", True,
                   "Thin matrices begin at nothing and have far to go."),
            Choice("Give up: the rank is too low.", False, "Perhaps it is, but this run does not say so."),
            Choice("Choose the rate that scores best on the test set.", False, "Then the test set has been trained on."),
        ],
    ),
]  # fmt: skip
