"""Cached features: the frozen network sees each image once, and never again while image and weights stay."""

import hashlib
import os
import warnings
from pathlib import Path

import numpy as np
from tqdm import tqdm

from course_lib.errors import BadInput, CourseError
from course_lib.files import write_atomically
from course_lib.media.images import is_single, open_images
from course_lib.tasks.base import Pretrained
from course_lib.weights.cache import cache_dir

BATCH = 256  # images between two ticks of the progress bar
LIMIT = 1 << 30  # bytes of features that are kept; beyond that the ones unused for longest go


def cached_features(pretrained: Pretrained, images) -> np.ndarray:
    """Compute feature vectors once, and read them from the cache ever after.

    What is kept is found by the weights themselves, the preprocessing and every pixel: change any of them
    and the features are computed anew. A cache that cannot be written costs a warning, no more.

    Args:
        pretrained: a loaded model.
        images: (n, height, width, 3) uint8, or whatever else `pretrained.features` takes.

    Returns:
        (n, features) float32.

    Raises:
        BadInput: an image cannot be read.
    """
    images = images if isinstance(images, np.ndarray) and images.ndim == 4 else _read(images)
    path = cache_dir() / "features" / f"{pretrained.card.id}-{_key(pretrained, images)}.npy"
    features = _load(path, len(images))
    if features is None:
        starts = range(0, len(images), BATCH)
        bar = tqdm(starts, "features", unit="batch", delay=2, leave=False, disable=None)
        features = np.concatenate([pretrained.features(images[i : i + BATCH]) for i in bar])
        _save(path, features)
    return features


def weights_hash(model, without: str = "") -> str:
    """Return the SHA-256 of a Keras model's weights, names and all, as they are in memory now.

    The hash of the file would not do: a model may have been trained on since it was loaded.

    Args:
        model: a `keras.Model`.
        without: name of a layer to leave out; the head does not matter to features.
    """
    digest = hashlib.sha256()
    for variable in model.variables:
        if not (without and variable.path.startswith(f"{without}/")):
            digest.update(f"{variable.path} {variable.shape}".encode())
            digest.update(np.ascontiguousarray(variable))
    return digest.hexdigest()


def _read(images) -> list[np.ndarray]:
    """Read pictures of any kind into a list of arrays."""
    pictures = []
    for name, picture in open_images(images):
        if isinstance(picture, BadInput):
            raise picture if is_single(images) else BadInput(f"{name}: {picture}")
        pictures.append(picture)
    return pictures


def _key(pretrained: Pretrained, images) -> str:
    digest = hashlib.sha256(weights_hash(pretrained.model, without="head").encode())
    # What the preprocessing does to one picture with all shades tells it apart better than its name.
    shades = np.arange(64 * 48 * 3, dtype=np.uint32).reshape(1, 64, 48, 3) * 7 % 256
    digest.update(pretrained.preprocess(shades.astype(np.uint8)))
    for image in images:
        digest.update(f"{image.shape} {image.dtype}".encode())
        digest.update(np.ascontiguousarray(image))
    return digest.hexdigest()[:32]


def _load(path: Path, rows: int) -> np.ndarray | None:
    """Return the cached features; None where there are none, or where the file is damaged."""
    try:
        features = np.load(path, allow_pickle=False)
        os.utime(path)  # used just now: the last to go
    except (OSError, ValueError, EOFError):
        return None
    sound = features.ndim == 2 and len(features) == rows and np.isfinite(features).all()
    return features if sound else None


def _save(path: Path, features: np.ndarray) -> None:
    """Keep the features for the next time; where that fails, say so and go on."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, lambda file: np.save(file, features, allow_pickle=False))
        _make_room(path.parent)
    except (OSError, CourseError) as error:
        reason = getattr(error, "strerror", None) or error
        warnings.warn(
            f"The features are not kept ({reason}). Set COURSE_CACHE to a folder that can be written.",
            stacklevel=3,
        )


def _make_room(folder: Path) -> None:
    """Delete the files unused for longest until the rest fit into LIMIT."""
    total = 0
    for _, size, path in sorted(
        ((p.stat().st_mtime, p.stat().st_size, p) for p in folder.glob("*.npy")), reverse=True
    ):
        total += size
        if total > LIMIT:
            path.unlink(missing_ok=True)
