"""What every loaded model offers: its card, the plain Keras model, where its weights come from, and features."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import keras
import numpy as np

from course_lib import engines
from course_lib.catalog import Card
from course_lib.engine_names import check
from course_lib.engines import compiled  # noqa: F401  training takes it from here
from course_lib.errors import BadInput, CourseError
from course_lib.media.images import is_single, open_images
from course_lib.tasks.batching import by_batch
from course_lib.tasks.predictions import NO_PICTURE

UNTRAINED = "This network's weights are random: it has learned no classes. Load it with trained weights."
BATCH = 32  # pictures in one call; few enough for a small machine, enough to keep it busy


@dataclass(frozen=True)
class Provenance:
    """Where a model's numbers come from."""

    grade: str  # "official", "package", "nano", "random" or "fine-tuned"
    model: str  # the configuration that was built; a stand-in's, where it differs from the card's id
    source: str  # what they came from, in words
    file: str = ""
    sha256: str = ""
    trained_on: str = "nothing"
    licence: str = ""
    offer: str = ""  # the file of the card's weights that it all began with

    def tuned(self, new: str, sha256: str) -> "Provenance":
        """Say where weights come from that were trained further, on what is `new`; `sha256` is theirs."""
        # What was fine-tuned twice still comes from the weights that it began with.
        first = self.source if self.grade == "fine-tuned" else f"{self.grade} weights ({self.source})"
        trained_on = f"{self.trained_on}; then {new}"
        return replace(self, grade="fine-tuned", source=first, file="", sha256=sha256, trained_on=trained_on)


class Pretrained:
    """A loaded model.

    Attributes:
        card: the facts, `catalog.Card`.
        model: the plain `keras.Model`, from preprocessed pictures to logits.
        provenance: where its weights come from, `Provenance`.
        preprocess: pictures -> (batch, size, size, 3) float32.
        labels: the class names in the order of the logits.
        task: what a saved model of this kind is opened for again.
    """

    task = ""

    def __init__(
        self, card: Card, model: keras.Model, provenance: Provenance, preprocess: Callable, labels=()
    ):
        self.card, self.model, self.provenance = card, model, provenance
        self.preprocess, self._labels = preprocess, labels
        self._engine: tuple[str, int | None] = ("tf", None)
        self._ways: dict[str, Callable] = {}

    def compile(self, engine: str = "tf", threads: int | None = None) -> "Pretrained":
        """Choose what runs the network from now on; the answers stay the same, see `engines.function`.

        Args:
            engine: "tf" (as at first), "openvino", "onnx" or "litert"; the first two of the others need an extra,
                `pip install "course-lib[engines]"`. Copying a large network over takes seconds, at its first use.
            threads: processor threads of the new engine; by default as many as there are cores for this process.

        Returns:
            This very model, so that `load(...).compile(...)` can be written.

        Raises:
            BadInput: there is no such engine.
            CourseError: its packages are missing, it can't run this network, or it gives other answers than TensorFlow;
                the model stays as it was.
        """
        check(engine, threads)
        before = self._engine, self._ways
        self._engine, self._ways = (engine, threads), {}
        try:
            self._prepare_engine()
        except CourseError:
            self._engine, self._ways = before
            raise
        return self

    def features(self, images) -> np.ndarray:
        """Compute feature vectors: what the network knows of a picture just before it names it.

        Args:
            images: one picture or many: a path, a folder, a PIL image, an array (height, width, 3) or
                (batch, height, width, 3) uint8, or a list of these.

        Returns:
            (batch, features) float32, one row for each picture, in order; also for a single one.

        Raises:
            BadInput: a picture can't be read. None is left out, since the rows would no longer match yours.
        """
        return self._rows(images, self._pooled)

    def features_stream(self, images) -> Iterator[tuple[str, np.ndarray | BadInput]]:
        """Yield (name, feature vector or error) picture by picture, in flat memory however many there are."""
        return self._stream(images, self._pooled)

    def __repr__(self):
        return f"<{type(self).__name__} {self.card.id}: {self.provenance.grade} weights, {self.model.count_params():,} parameters>"

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The class names in the order of the logits; read at their first use, since ImageNet's take seconds to come."""
        return tuple(self._labels() if callable(self._labels) else self._labels)

    def feature_function(self, pictures: int = 1) -> Callable[[np.ndarray], np.ndarray]:
        """Return what turns preprocessed pictures into features; where it pays, on the fastest engine that is here.

        Args:
            pictures: how many there will be; for few, copying the network to another engine takes longer than it saves.

        Returns:
            A function from (batch, size, size, 3) float32 to (batch, features) float32, within `engines.TOLERANCE` the same
            on every engine. An engine chosen with `compile` stays; one that can't run the network is passed over.
        """
        engine = engines.fastest(self.model)
        if engine == "tf" or self._engine[0] != "tf" or not engines.pays(self.model, pictures):
            return self._pooled
        try:
            return self._function(f"pooled on {engine}", self._feature_net, (engine, None)).follow()
        except CourseError:
            return self._pooled

    def _prepare_engine(self) -> None:
        """Make a function, so that an engine that can't run the network says so at once, not in the middle of the work."""
        self._logits  # noqa: B018

    # One compiled function for each use, kept with the model: `predict` would cost several times as much for one
    # picture, and a fresh tf.function would be traced again.
    def _function(
        self, name: str, network: Callable, engine: tuple[str, int | None] | None = None
    ) -> Callable:
        """Return the function of a network, `network()`, on the chosen engine, made at its first use."""
        if name not in self._ways:
            self._ways[name] = engines.function(network(), *(engine or self._engine))
        return self._ways[name]

    @property
    def _logits(self) -> Callable:
        return self._function("logits", lambda: self.model)

    @property
    def _pooled(self) -> Callable:
        return self._function("pooled", self._feature_net)

    def _feature_net(self) -> keras.Model:
        return keras.Model(self.model.input, pooled(self.model))

    def _rows(self, images, function: Callable) -> np.ndarray:
        """Return a function's rows for all pictures; the first picture that can't be read is an error."""
        rows: list[np.ndarray] = []
        for _, row in self._stream(images, function):
            if isinstance(row, BadInput):
                raise row
            rows.append(row)
        if not rows:
            raise BadInput(NO_PICTURE)
        return np.stack(rows)

    def _stream(self, images, function: Callable) -> Iterator[tuple[str, np.ndarray | BadInput]]:
        """Yield (name, output row or error) for each picture, in order, with one batch in memory at a time."""
        for name, _, row in self._sized_stream(images, function):
            yield name, row

    def _sized_stream(
        self, images, function: Callable
    ) -> Iterator[tuple[str, tuple[int, ...], np.ndarray | BadInput]]:
        """Yield (name, (height, width) of the picture as it was given, output row or error) as `_stream` does."""
        # Resized at once, so that a batch of large photographs never stands in memory.
        resized = (self._resized(name, image) for name, image in open_images(images))
        size = 1 if is_single(images) else BATCH
        yield from by_batch(resized, size, lambda pictures: function(self.preprocess(pictures)))

    def _resized(self, name: str, image: np.ndarray | BadInput) -> tuple:
        if isinstance(image, BadInput):
            return name, (), image
        return name, image.shape[:2], self.preprocess.resized(image)


def pooled(model: keras.Model):
    """Return a model's features, a symbolic tensor: what goes into its layer "head"; its output where no single tensor does."""
    heads = [x for x in model.layers if x.name == "head" and isinstance(x.input, keras.KerasTensor)]
    return heads[0].input if heads else model.output
