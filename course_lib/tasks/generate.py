"""Pictures out of nothing but random numbers."""

import difflib
from collections.abc import Callable, Iterator
from functools import cached_property
from types import ModuleType

import numpy as np

from course_lib import zoo
from course_lib.errors import BadInput, CourseError
from course_lib.tasks.base import Pretrained

BATCH = 32  # pictures of 64 px in one call; fewer of larger ones
MOST_BYTES = 500_000_000  # of one array of pictures; `stream` makes more
TRUNCATION = (0.02, 1.0)  # unless the family says otherwise


class ImageGenerator(Pretrained):
    """A network that makes pictures.

    Picture number i of a seed follows from the seed and i alone: it is the same however many are made, and how.
    """

    task = "generate"

    def generate(self, n: int = 1, seed: int = 0, classes=None, truncation: float = 1.0) -> np.ndarray:
        """Make pictures.

        Args:
            n: how many.
            seed: of the random numbers, 0 or more; other seeds make other pictures.
            classes: what they shall show: a name or number of `labels`, or a list, which is gone through by turns; None
                for all by turns. A model without classes takes none.
            truncation: how far from the ordinary they may be: 1 is all that the model learned, less makes pictures that
                are better and more alike.

        Returns:
            (n, size, size, 3) uint8, 0 to 255.

        Raises:
            BadInput: no number, a class that the model does not know, a truncation out of its range, or more pictures than
                one array should hold: take `stream` then.
        """
        size = self._config.size
        if _whole(n) and n * size * size * 3 > MOST_BYTES:
            raise BadInput(
                f"{n:,} pictures of {size} x {size} pixels are too many for one array: let `.stream(n)` make them batch by "
                f"batch, or ask for {MOST_BYTES // (size * size * 3):,} at most."
            )
        return np.concatenate(list(self.stream(n, seed, classes, truncation)))

    def stream(self, n: int, seed: int = 0, classes=None, truncation: float = 1.0) -> Iterator[np.ndarray]:
        """Make pictures batch by batch, in flat memory however many; see `generate`. Bad input is told at once."""
        self._check(n, seed, truncation)
        kinds = self._numbers(classes)
        return self._batches(range(n), seed, kinds, truncation)

    def walk(
        self, stops: int = 4, steps: int = 12, seed: int = 0, classes=None, truncation: float = 1.0
    ) -> np.ndarray:
        """Walk from picture to picture and back to the first, in small steps through what lies between them.

        Args:
            stops: pictures that are walked to: the first ones of the seed.
            steps: from one to the next.
            seed, truncation: as for `generate`.
            classes: of the stops; None for the model's first alone. Half-way between two stops the class changes.

        Returns:
            (stops * steps, size, size, 3) uint8.

        Raises:
            BadInput: as for `generate`.
        """
        self._check(stops, seed, truncation)
        self._check(steps, seed, truncation)
        kinds = self._numbers(0 if classes is None and self._config.classes else classes)
        ends = np.stack([self._latent(seed, stop, truncation) for stop in range(stops)])
        shares = np.arange(stops * steps) / steps
        first, share = shares.astype(int), (shares % 1)[:, None]
        latents = between(ends[first], ends[(first + 1) % stops], share).astype(np.float32)
        nearest = (shares + 0.5).astype(int) % stops
        labels = kinds[nearest % len(kinds)] if len(kinds) else None
        starts = range(0, len(latents), self._batch)
        parts = [slice(start, start + self._batch) for start in starts]
        return np.concatenate(
            [
                self._painted(latents[part], None if labels is None else labels[part], truncation)
                for part in parts
            ]
        )

    def features(self, images) -> np.ndarray:
        """Refuse: this network makes pictures and looks at none."""
        raise BadInput(f"{self.card.id} makes pictures, it has no features of them: take a classifier.")

    features_stream = features

    def _batches(
        self, indices: range, seed: int, kinds: np.ndarray, truncation: float
    ) -> Iterator[np.ndarray]:
        for start in indices[:: self._batch]:
            chosen = range(start, min(start + self._batch, len(indices)))
            latents = np.stack([self._latent(seed, index, truncation) for index in chosen])
            labels = kinds[np.array(chosen) % len(kinds)] if len(kinds) else None
            yield self._painted(latents, labels, truncation)

    def _latent(self, seed: int, index: int, truncation: float) -> np.ndarray:
        rng = np.random.default_rng([seed, index])
        return np.asarray(self._family.latent(self._config, rng, truncation), np.float32)

    def _painted(self, latents: np.ndarray, labels: np.ndarray | None, truncation: float) -> np.ndarray:
        """Paint up to a batch; what is missing is filled up, so that a picture never depends on how many there are."""
        count = len(latents)
        missing = ((0, self._batch - count),)
        latents = np.pad(latents, (*missing, (0, 0)))
        labels = labels if labels is None else np.pad(labels, missing).astype(np.int32)
        pictures = np.asarray(self._paint(latents, labels, truncation))[:count]
        pixels = np.clip(np.round((pictures + 1) * 127.5), 0, 255).astype(np.uint8)
        return pixels if pixels.shape[-1] == 3 else pixels.repeat(3, axis=-1)

    def _check(self, n, seed, truncation) -> None:
        """Refuse numbers that make no sense."""
        lowest, highest = getattr(self._family, "TRUNCATION", TRUNCATION)
        if not _whole(n) or n < 1:
            raise BadInput(f"The number of pictures is a whole number from 1, not {n!r}.")
        if not _whole(seed) or seed < 0:
            raise BadInput(f"The seed is a whole number from 0, not {seed!r}.")
        if isinstance(truncation, bool) or not isinstance(truncation, int | float | np.number):
            raise BadInput(f"The truncation is a number from {lowest:g} to {highest:g}, not {truncation!r}.")
        if not lowest <= truncation <= highest:
            raise BadInput(f"The truncation is from {lowest:g} to {highest:g}, not {truncation:g}.")

    def _numbers(self, classes) -> np.ndarray:
        """Return the numbers of what is asked for, (k,) int32; empty for a model without classes."""
        count = self._config.classes
        if not count:
            if classes is not None:
                raise BadInput(
                    f"{self.card.id} knows no classes, it makes what it likes: leave `classes` away."
                )
            return np.empty(0, np.int32)
        if classes is None:
            return np.arange(count, dtype=np.int32)
        asked = [classes] if isinstance(classes, str) or np.ndim(classes) == 0 else list(classes)
        if not asked:
            raise BadInput("The list of classes is empty: name at least one, or leave it away.")
        return np.array([self._number(kind, count) for kind in asked], np.int32)

    def _number(self, kind, count: int) -> int:
        if _whole(kind):
            if not 0 <= kind < count:
                raise BadInput(f"{self.card.id} has the classes 0 to {count - 1}, not {kind}.")
            return int(kind)
        if not isinstance(kind, str):
            raise BadInput(f"A class is a name or a number from 0 to {count - 1}, not {kind!r}.")
        names = [label.casefold() for label in self.labels]
        if kind.casefold() in names:
            return names.index(kind.casefold())
        if not names:
            raise BadInput(f"These weights have no names for their classes: give a number, 0 to {count - 1}.")
        near = difflib.get_close_matches(kind.casefold(), names, n=1, cutoff=0.5)
        hint = f"did you mean {self.labels[names.index(near[0])]!r}?" if near else _listed(self.labels)
        raise BadInput(f"{self.card.id} knows no class {kind!r}: {hint}")

    def _prepare_engine(self) -> None:
        if self._engine[0] != "tf":
            raise CourseError(f"{self.card.id} makes its pictures in TensorFlow alone: use engine='tf'.")

    @property
    def _family(self) -> ModuleType:
        return zoo.family(self.card.family)

    @property
    def _config(self):
        return self._family.CONFIGS[self.provenance.model]

    @property
    def _batch(self) -> int:
        return max(1, min(BATCH, BATCH * 64 * 64 // self._config.size**2))

    @cached_property
    def _paint(self) -> Callable:
        return self._family.painter(self.model, self._config)


def between(start: np.ndarray, end: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Go a share of the way along the arc from one row of numbers to another, so that their length stays usual.

    Random numbers of many dimensions lie near a sphere; half-way on the straight line they would be too short.

    Args:
        start, end: (n, latent).
        share: (n, 1), 0 to 1.

    Returns:
        (n, latent).

    Source: arXiv 1609.04468, section 2.1.
    """
    lengths = np.linalg.norm(start, axis=1) * np.linalg.norm(end, axis=1)
    cosine = np.sum(start * end, axis=1) / np.maximum(lengths, 1e-12)
    angle = np.arccos(np.clip(cosine, -1, 1))[:, None]
    straight = np.sin(angle) < 1e-4  # no arc to speak of
    sine = np.where(straight, 1, np.sin(angle))
    first = np.where(straight, 1 - share, np.sin((1 - share) * angle) / sine)
    return first * start + np.where(straight, share, np.sin(share * angle) / sine) * end


def _whole(number) -> bool:
    return isinstance(number, int | np.integer) and not isinstance(number, bool)


def _listed(names: tuple[str, ...]) -> str:
    return f"it knows {', '.join(names)}." if len(names) <= 20 else f"`labels` lists all {len(names)}."


Task = ImageGenerator
