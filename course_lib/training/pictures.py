"""Pictures that stay where they are until they are asked for: training on a folder keeps no more than a batch of it."""

import hashlib
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from course_lib.errors import BadInput
from course_lib.media.images import find_images, is_single, picture_path, read_image

AHEAD = 2  # batches that are being read while one is computed with


class Pictures:
    """Many pictures, all of one size once they are read.

    `pictures[3]` is one, (size, size, 3) uint8; `pictures[[3, 1]]` or `pictures[3:7]` a batch of them.
    """

    def __init__(self, sources: Sequence, resize: Callable[[np.ndarray], np.ndarray]):
        """Take the sources as they are.

        Args:
            sources: paths, PIL images or arrays, one a picture.
            resize: brings one picture (height, width, 3) uint8 to the size that the network takes.
        """
        self.sources, self.resize = list(sources), resize
        self._keys: dict[int, bytes] = {}

    def __len__(self) -> int:
        return len(self.sources)

    def __getitem__(self, chosen) -> np.ndarray:
        if isinstance(chosen, int | np.integer):
            return self.read(chosen)
        indices = range(len(self))[chosen] if isinstance(chosen, slice) else np.asarray(chosen)
        return np.stack([self.read(i) for i in indices])

    def read(self, index: int) -> np.ndarray:
        """Read one picture; raise BadInput, with its name, where that can't be done."""
        try:
            return self.resize(read_image(self.sources[index]))
        except BadInput as error:
            raise BadInput(f"{self.name(index)}: {error}") from None

    def name(self, index: int) -> str:
        """Return what to call a picture: its path, or its place."""
        source = self.sources[index]
        return str(source) if isinstance(source, str | Path) else f"image[{index}]"

    def take(self, indices: Iterable[int]) -> "Pictures":
        """Return some of the pictures, still unread."""
        indices = list(indices)
        some = Pictures([self.sources[i] for i in indices], self.resize)
        some._keys = {new: self._keys[old] for new, old in enumerate(indices) if old in self._keys}
        return some

    def key(self, index: int) -> bytes:
        """Return the SHA-256 of a picture's contents, as it was when first asked: of the file's bytes, or of the pixels.

        Raises:
            BadInput: the file can't be read.
        """
        if index not in self._keys:
            self._keys[index] = self._hashed(self.sources[index])
        return self._keys[index]

    @staticmethod
    def _hashed(source) -> bytes:
        if isinstance(source, str | Path):
            try:
                with open(picture_path(source), "rb") as file:
                    return hashlib.file_digest(file, "sha256").digest()
            except OSError as error:
                raise BadInput(f"{source}: it can't be read ({error.strerror}).") from None
        array = np.asarray(source)
        return hashlib.sha256(f"{array.shape} {array.dtype}".encode() + array.tobytes()).digest()

    def batches(
        self, batches: Iterable[Sequence[int]], prepare: Callable = lambda index, image: image
    ) -> Iterator[tuple[Sequence[int], list]]:
        """Read batch after batch, the next ones while the caller is busy with the last.

        Args:
            batches: the indices of each.
            prepare: makes of a picture's index and pixels what is wanted of it.

        Yields:
            The indices, and for each a picture or the BadInput that says why there is none.
        """
        with ThreadPoolExecutor(os.cpu_count()) as pool:  # Pillow decodes without holding Python's lock
            waiting = deque()
            for batch in batches:
                waiting.append((batch, [pool.submit(self._read_or_error, i, prepare) for i in batch]))
                if len(waiting) > AHEAD:
                    yield _results(*waiting.popleft())
            while waiting:
                yield _results(*waiting.popleft())

    def _read_or_error(self, index: int, prepare: Callable):
        try:
            return prepare(index, self.read(index))
        except BadInput as error:
            return error


def pictures_of(images, resize: Callable[[np.ndarray], np.ndarray] = lambda image: image) -> Pictures:
    """Return what people give as pictures, unread: a path, a folder, a PIL image, an array, a batch, or a list of these."""
    return images if isinstance(images, Pictures) else Pictures(list(_sources(images)), resize)


def _sources(images) -> Iterator:
    if is_single(images):
        yield images
    elif isinstance(images, str | Path):
        yield from find_images(images)
    elif isinstance(images, Iterable):
        for each in images:
            yield from _sources(each)
    else:
        yield images  # reading it says what is wrong with it


def stacked(images: list) -> np.ndarray:
    """Make one array of a batch that `Pictures.batches` read; raise the BadInput of one that can't be read."""
    for image in images:
        if isinstance(image, BadInput):
            raise image
    return np.stack(images)


def _results(batch, futures) -> tuple:
    return batch, [future.result() for future in futures]
