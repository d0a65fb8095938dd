"""Nano weights: trained by this course, shipped in data/weights as float16 safetensors under our own names."""

from pathlib import Path

from course_lib.catalog import Weights
from course_lib.data_dir import data_dir
from course_lib.errors import CourseError
from course_lib.weights.sources.checkpoint import read

__all__ = ["fetch", "find", "read"]


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
