"""The space: cells as `zoo.nasnet` builds them, with two blocks and three operations."""

from itertools import product

from course_lib.zoo.nasnet import Cell

OPERATIONS = ("identity", "conv3", "max3")
STATES = (("h", "p"), ("h", "p", "b1"))  # what the first and the second block may take

Blocks = tuple[
    tuple[str, str, str, str], ...
]  # as in `Cell.blocks`: (state, operation, state, operation) each


def choices() -> list[tuple[str, ...]]:
    """Return what is to be decided, in order: for both blocks a state, an operation, a state, an operation."""
    return [options for states in STATES for options in (states, OPERATIONS, states, OPERATIONS)]


def to_blocks(decisions) -> Blocks:
    """Cut a row of decisions into blocks."""
    return tuple(tuple(decisions[start : start + 4]) for start in range(0, len(decisions), 4))


def same(blocks: Blocks) -> Blocks:
    """Return the one way of writing a cell that stands for all that compute the same.

    A sum has no order; nor have the two blocks, where the second does not take the first's sum.
    """
    first, second = (_sorted(block) for block in blocks)
    return (first, second) if "b1" in second else tuple(sorted((first, second)))


def all_cells() -> list[Blocks]:
    """Return every cell of the space, each in one way of writing it."""
    return sorted({same(to_blocks(decisions)) for decisions in product(*choices())})


def to_cell(blocks: Blocks) -> Cell:
    """Return the table that the zoo builds; its outputs are the sums that no block takes, as in the paper.

    Source: arXiv 1707.07012, section 3.1.
    """
    used = {state for block in blocks for state in (block[0], block[2])}
    return Cell(blocks, tuple(name for name in ("b1", "b2") if name not in used))


def _sorted(block):
    left, right = sorted((block[:2], block[2:]))
    return (*left, *right)
