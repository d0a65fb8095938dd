"""Moonshine's networks come as files for ONNX Runtime, which run as they are: nothing is converted."""

from pathlib import Path

from course_lib.catalog import Weights
from course_lib.weights.sources import paths
from course_lib.zoo import moonshine


def ort_file(path: Path, offer: Weights, config) -> moonshine.Moonshine:
    """Open the encoder, and the files beside it."""
    return moonshine.opened(paths(offer, path), config)
