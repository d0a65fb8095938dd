"""Cached features: the frozen network sees each picture once, and never again while picture and weights stay."""

import hashlib
from collections.abc import Iterator

import numpy as np
from tqdm import tqdm

from course_lib.errors import BadInput
from course_lib.tasks.base import Pretrained
from course_lib.training.augment import NOTHING, Augmentation
from course_lib.training.feature_cache import FeatureCache
from course_lib.training.pictures import Pictures, pictures_of

BATCH = 32  # pictures that go through the network together; always so many, see `_vectors`
KEEP = 16  # batches after which the cache is written


def cached_features(
    pretrained: Pretrained, images, augment: Augmentation = NOTHING, seed: int = 0
) -> np.ndarray:
    """Compute feature vectors once, and read them from the cache ever after.

    Each vector is found by the weights themselves, the preprocessing, and the picture's contents (a file's bytes, an
    array's pixels): change one picture, and it alone is computed anew. A cache that cannot be written costs a warning.

    Args:
        pretrained: a loaded model.
        images: whatever `pretrained.features` takes.
        augment: how to change each picture first; the change belongs to the picture, whatever its place in a list.
        seed: of the change; another seed, another changed copy.

    Returns:
        (n, features) float32.

    Raises:
        BadInput: an image cannot be read.
    """
    rows, failures = feature_rows(pretrained, pictures_of(images), augment, seed)
    if failures:
        raise BadInput(next(iter(failures.values())))
    return rows


def feature_rows(
    pretrained: Pretrained, pictures: Pictures, augment: Augmentation = NOTHING, seed: int = 0
) -> tuple[np.ndarray, dict[int, str]]:
    """Compute features as `cached_features` does, and go on where a picture cannot be read.

    Args:
        pretrained: a loaded model.
        pictures: n of them, unread.
        augment: how to change each picture first.
        seed: of the change.

    Returns:
        (n, features) float32, with zeros for unreadable pictures; and a sentence for each of those, by index.
    """
    keys, failures = _keys(pretrained, pictures, augment, seed)
    cache = FeatureCache()
    known = cache.get(list(dict.fromkeys(key for key in keys if key)))
    first = {key: i for i, key in reversed(list(enumerate(keys))) if key and key not in known}
    new: dict[bytes, np.ndarray] = {}
    for computed, errors in _computed(pretrained, pictures, sorted(first.values()), augment, keys):
        failures |= errors
        new |= computed
        if len(new) >= KEEP * BATCH:
            cache.put(new)
            known |= new
            new = {}
    if new:
        cache.put(new)
    known |= new
    none = np.zeros_like(next(iter(known.values()), np.empty(0, np.float32)))
    rows = [known.get(key, none) for key in keys]
    # A file that is there twice fails twice.
    failures |= {i: failures[first[key]] for i, key in enumerate(keys) if first.get(key) in failures}
    return np.stack(rows) if rows else none[None][:0], dict(sorted(failures.items()))


def weights_hash(model, without: str = "") -> str:
    """Return the SHA-256 of a Keras model's weights, names and all, as they are in memory now.

    The hash of the file would not do: a model may have been trained on since it was loaded.

    Args:
        model: a `keras.Model`.
        without: name of a layer to leave out; the head does not matter to features.

    Returns:
        64 hexadecimal digits.
    """
    digest = hashlib.sha256()
    for variable in model.weights:  # not `variables`: the states of random generators differ in each process
        if not (without and variable.path.startswith(f"{without}/")):
            digest.update(f"{variable.path} {variable.shape}".encode())
            digest.update(np.ascontiguousarray(variable))
    return digest.hexdigest()


def _keys(pretrained, pictures, augment, seed) -> tuple[list[bytes | None], dict[int, str]]:
    """Return what each picture's vector is found by, None where the picture can't be read, and why."""
    network = hashlib.sha256(weights_hash(pretrained.model, without="head").encode())
    # What the preprocessing does to one picture with all shades tells it apart better than its name.
    shades = np.arange(64 * 48 * 3, dtype=np.uint32).reshape(1, 64, 48, 3) * 7 % 256
    network.update(pretrained.preprocess(shades.astype(np.uint8)))
    network.update(f"{augment} {seed}".encode() if augment else b"")
    keys, failures = [], {}
    for i in range(len(pictures)):
        try:
            keys.append(hashlib.sha256(network.digest() + pictures.key(i)).digest())
        except BadInput as error:
            keys.append(None)
            failures[i] = str(error)
    return keys, failures


def _computed(pretrained, pictures, indices, augment, keys) -> Iterator[tuple[dict, dict]]:
    """Yield, batch by batch, vectors by key, and by index why a picture has none."""
    if not indices:
        return

    def prepare(index: int, image: np.ndarray) -> np.ndarray:
        image = pretrained.preprocess.resized(image)[None]
        if augment:
            image = augment(image, np.random.default_rng(list(keys[index])))
        return pretrained.preprocess.normalised(image)[0]

    # By the number of all, so that what is left after a stop is computed as the rest was.
    function = pretrained.feature_function(len(pictures))
    batches = (indices[start : start + BATCH] for start in range(0, len(indices), BATCH))
    bar = tqdm(total=len(indices), desc="features", unit="picture", delay=2, leave=False, disable=None)
    with bar:
        for batch, images in pictures.batches(batches, prepare):
            errors = {i: str(x) for i, x in zip(batch, images, strict=True) if isinstance(x, BadInput)}
            good = [(keys[i], x) for i, x in zip(batch, images, strict=True) if i not in errors]
            yield _vectors(function, good), errors
            bar.update(len(batch))


def _vectors(function, good: list[tuple[bytes, np.ndarray]]) -> dict[bytes, np.ndarray]:
    """Run one batch, filled up to its full size.

    A kernel chosen for another number of pictures adds in another order: filled up, a vector's last bits do not depend
    on how many others were left to compute, so a training that was killed and goes on ends in the same weights.
    """
    if not good:
        return {}
    images = [image for _, image in good]
    full = np.stack(images + images[:1] * (BATCH - len(images)))
    return dict(zip((key for key, _ in good), function(full), strict=False))
