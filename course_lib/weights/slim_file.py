"""Reads TensorFlow 1's checkpoints, TensorFlow-slim's and others: one .ckpt file, or an archive that holds one checkpoint.

Checkpoints of 2016 are one file; later ones are an index and a file of numbers. Nothing that an archive says
decides where anything is written, and no more is unpacked than the weights can need.
"""

import gzip
import math
import shutil
import tarfile
import tempfile
import zlib
from pathlib import Path, PurePosixPath

import numpy as np

from course_lib.errors import BadInput

_ENDS = (".ckpt", ".index", ".data-00000-of-00001")  # of one file, or of the two


def read_slim(path: Path, largest: int) -> dict[str, np.ndarray]:
    """Read the tensors of a TensorFlow checkpoint.

    Args:
        path: a .ckpt file, or a .tar.gz or .tgz that holds one checkpoint.
        largest: bytes that an archive may unpack to.

    Returns:
        The tensors by name.

    Raises:
        BadInput: where the file is no such file, unpacks to more, or does not hold exactly one checkpoint.
    """
    if path.suffix == ".ckpt":
        return _tensors(path, path, path.stat().st_size)
    with tempfile.TemporaryDirectory() as folder:
        return _tensors(_unpack(path, Path(folder), largest), path, largest)


def _unpack(path: Path, folder: Path, largest: int) -> Path:
    """Take the checkpoint out of an archive, under a name of our own."""
    found = []
    try:
        with (
            gzip.open(path) as stream,
            tarfile.open(fileobj=_Capped(stream, path, largest), mode="r|") as archive,
        ):
            for member in archive:
                if end := _wanted_end(member):
                    found.append(end)
                    with open(folder / f"model.ckpt{end.removeprefix('.ckpt')}", "xb") as target:
                        shutil.copyfileobj(archive.extractfile(member), target)
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        if isinstance(error, FileExistsError):
            raise BadInput(f"{path.name} holds more than one checkpoint: it was not read.") from None
        raise BadInput(f"{path.name} is not an archive that can be read ({type(error).__name__}: {error}): fetch the "
                       "file again.") from error  # fmt: skip
    if sorted(found) not in ([_ENDS[0]], sorted(_ENDS[1:])):
        raise BadInput(f"{path.name} does not hold one checkpoint: there should be one regular file whose name ends in "
                       ".ckpt, or two that end in .index and .data-00000-of-00001.")  # fmt: skip
    return folder / "model.ckpt"


def _wanted_end(member: tarfile.TarInfo) -> str:
    """Return which part of a checkpoint a member is; empty for folders, links and files of other names."""
    place = PurePosixPath(member.name)
    if not member.isfile() or place.is_absolute() or ".." in place.parts:
        return ""
    return next((end for end in _ENDS if place.name.endswith(end)), "")


class _Capped:
    """An unpacked stream that stops at its cap, so that neither a member nor a header can fill disk or memory."""

    def __init__(self, stream, path: Path, largest: int):
        self.stream, self.path, self.left = stream, path, largest

    def read(self, count: int) -> bytes:
        chunk = self.stream.read(count)
        self.left -= len(chunk)
        if self.left < 0:
            raise BadInput(f"{self.path.name} unpacks to far more than it should: it was not read.")
        return chunk


def _tensors(checkpoint: Path, path: Path, size: int) -> dict[str, np.ndarray]:
    import tensorflow as tf

    try:
        reader = tf.train.load_checkpoint(str(checkpoint))
        shapes, dtypes = reader.get_variable_to_shape_map(), reader.get_variable_to_dtype_map()
        # Shapes are only claims: TensorFlow would make room for terabytes, if a file said so.
        if sum(math.prod(shape) * dtypes[name].size for name, shape in shapes.items()) > size:
            raise BadInput(f"{path.name} claims to hold more than its own size: it was not read.")
        return {name: reader.get_tensor(name) for name in shapes}
    except BadInput:
        raise
    except Exception as error:  # whatever TensorFlow finds in a broken file
        first_line = (str(error).strip().splitlines() or [""])[0].replace(str(checkpoint), path.name)
        raise BadInput(
            f"{path.name} is not a TensorFlow checkpoint that can be read ({first_line}): fetch the file again."
        ) from error
