"""Nano weights: trained by this course, shipped in data/weights as safetensors of 16 or 8 bits under our own names."""

from pathlib import Path
from typing import TYPE_CHECKING

from course_lib.catalog import Weights
from course_lib.data_dir import data_dir
from course_lib.errors import BadInput, CourseError
from course_lib.weights.sources import checkpoint

if TYPE_CHECKING:  # as in `checkpoint`
    import numpy as np


def find(offer: Weights) -> Path | None:
    """Return the shipped file, or None."""
    path = data_dir() / "weights" / offer.file
    return path if path.is_file() else None


def fetch(offer: Weights) -> Path:
    """Return the shipped file: nano weights come with the course, there is nothing to fetch."""
    if path := find(offer):
        return path
    raise CourseError(f"{offer.file} should have come with the course: install it again, or make it with "
                      f"`course pretrain {offer.model}`.")  # fmt: skip


def read(path: Path, offer: Weights) -> "dict[str, np.ndarray]":
    """Read a file's weights as float32, whichever way they are kept in it.

    Raises:
        BadInput: no safetensors file, or one whose parts do not belong together.
    """
    from course_lib.weights.eight_bits import unpack

    tensors = checkpoint.read(path, offer)
    try:
        return unpack(tensors)
    except BadInput as error:
        raise BadInput(
            f"{path.name} is damaged: {error}; install the course again, or make it anew with "
            f"`course pretrain {offer.model}`."
        ) from error
