"""Checkpoint files that an upstream project publishes at an address: .pth, .safetensors, .gguf, .tar.gz with a .ckpt."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from course_lib.catalog import Weights
from course_lib.errors import BadInput
from course_lib.weights import cache, file_kinds

if TYPE_CHECKING:  # listing models looks for files here, and must not wait for NumPy
    import numpy as np


def find(offer: Weights) -> Path | None:
    """Return the cached file, or None."""
    return cache.find(offer.file)


def fetch(offer: Weights) -> Path:
    """Download the file into the cache, held to its hash, from its address or the next mirror.

    Raises:
        CourseError: no network, failing servers, a wrong hash; nothing is left behind.
    """
    from course_lib.weights.download import download

    urls = (offer.url, *offer.mirrors)
    bring = partial(download, urls, expected_bytes=offer.bytes, published=offer.hash)
    return cache.put(offer.file, offer.hash, bring)


def read(path: Path, offer: Weights) -> "dict[str, np.ndarray]":
    """Read the tensors of a file by its suffix.

    Raises:
        BadInput: a suffix that no reader knows, or a file that is not what its suffix says.
    """
    kind = file_kinds.kind(path)
    if kind == ".pth":
        from course_lib.weights.torch_file import read_torch

        return read_torch(path)
    if kind == ".pkl":
        from course_lib.weights.persistent_file import read_persistent

        return read_persistent(path)
    if kind == ".safetensors":
        return read_safetensors(path)
    if kind == ".ckpt":
        from course_lib.weights.slim_file import read_slim

        return read_slim(path, largest=2 * offer.bytes)
    if kind == ".gguf":
        from course_lib.weights.gguf_file import read_gguf

        return read_gguf(path)
    raise BadInput(f"{path.name}: weights come as .pth, .pt, .pkl, .safetensors, .gguf, .ckpt or .tar.gz here, not as "
                   f"{path.suffix or 'this'}.")  # fmt: skip


def read_safetensors(path: Path) -> "dict[str, np.ndarray]":
    """Read all tensors of a safetensors file; raise BadInput where it is none."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        return load_file(path)
    except (SafetensorError, OSError) as error:
        raise BadInput(
            f"{path.name} is not a safetensors file that can be read ({error}): fetch it again."
        ) from error
