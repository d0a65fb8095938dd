"""A network that is fine-tuned again and again, from the same weights."""

from dataclasses import replace

import keras
import numpy as np
import tensorflow as tf

from course_lib.loading import open_pretrained
from course_lib.tasks.base import Pretrained, compiled
from course_lib.training.fit import batches
from course_lib.training.layerwise import LayerwiseAdam, rate_factors
from course_lib.training.probe import linear_probe
from course_lib.training.thawing.pictures import CLASSES, SIZE
from course_lib.training.thawing.ways import Way
from course_lib.zoo import efficientnet

BATCH = 10


def small_lite0(size: int = SIZE) -> Pretrained:
    """Return EfficientNet-Lite0 for smaller pictures: a convolution's weights fit any size. Its two dropouts are off."""
    lite = open_pretrained("efficientnet_lite0")
    config = replace(efficientnet.CONFIGS["efficientnet_lite0"], size=size, dropout=0.0, drop_path=0.0)
    model = efficientnet.build(config)
    model.set_weights(lite.model.get_weights())
    return type(lite)(
        lite.card, model, lite.provenance, replace(lite.preprocess, size=size), lambda: lite.labels
    )


class Bench:
    """A network that can be fine-tuned again and again from the same weights, with its compiled updates."""

    def __init__(self, source: str):
        """Load it.

        Args:
            source: "ImageNet", EfficientNet-Lite0; "drawings", the nano ResNet of this course; "nothing", Lite0 with
                random weights.
        """
        self.pretrained = open_pretrained("resnet_nano") if source == "drawings" else small_lite0()
        self.backbone, self.knows = self.pretrained.model, source != "nothing"
        pool = self.backbone.get_layer("head").input
        self.model = keras.Model(self.backbone.input, keras.layers.Dense(CLASSES, name="head")(pool))
        self.model.trainable = True
        if not self.knows:
            for layer in self.model.layers:
                if isinstance(layer, keras.layers.BatchNormalization):
                    layer.momentum = 0.9  # else 200 updates are too few to remember what batches look like
        self.size, self.start = self.model.input_shape[1], self.model.get_weights()
        self.old_head = self.backbone.get_layer("head").kernel.numpy()
        self.features = compiled(keras.Function(self.backbone.input, pool))
        self.logits = compiled(self.model)
        self.rate_of = tf.Variable(tf.zeros(len(self.model.trainable_variables)))
        self.optimizer = LayerwiseAdam(1.0, factors=self.rate_of, global_clipnorm=1.0)
        self.optimizer.build(self.model.trainable_variables)
        self._updates = {}

    def restart(self, draw: int) -> None:
        """Take back all that was learned; the head, and of a network that knows nothing all of it, gets random weights."""
        keras.utils.set_random_seed(draw)
        if self.knows:
            self.model.set_weights(self.start)
        else:
            self.model.set_weights(keras.models.clone_model(self.model).get_weights())
        head = self.model.get_layer("head")
        head.set_weights([keras.initializers.GlorotUniform()(head.kernel.shape), np.zeros(CLASSES)])
        for variable in self.optimizer.variables:
            variable.assign(np.zeros(variable.shape, variable.dtype))
        self.optimizer.learning_rate = 1.0

    def moved(self) -> dict[str, float]:
        """Return, for each stage, how long the change of its kernels is beside their first weights; a mean of layers."""
        parts: dict[str, list[float]] = {}
        for new, old in zip(self.model.weights, self.start, strict=True):
            layer = new.path.split("/")[0]
            if "kernel" in new.path and layer != "head":
                change = np.linalg.norm(np.asarray(new) - old) / np.linalg.norm(old)
                parts.setdefault(layer.split("_")[0], []).append(float(change))
        return {stage: round(float(np.mean(changes)), 5) for stage, changes in parts.items()}

    def rates(self, way: Way) -> np.ndarray:
        """Return each variable's part of the head's rate; 0 keeps it frozen."""
        factors = rate_factors(self.model, way.unfreeze, way.decay)
        return np.array([factors.get(v.path, 0.0) for v in self.model.trainable_variables], np.float32)

    def update(self, training: bool):
        """Return one compiled update, from (inputs, labels) to the loss."""
        if training not in self._updates:
            self._updates[training] = self._compiled(training)
        return self._updates[training]

    def _compiled(self, training: bool):
        variables = self.model.trainable_variables
        loss_of = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        signature = [tf.TensorSpec((None, *self.model.input_shape[1:])), tf.TensorSpec((None,), tf.int32)]

        @tf.function(input_signature=signature, autograph=False)
        def update(inputs, labels):
            with tf.GradientTape() as tape:
                loss = loss_of(labels, self.model(inputs, training=training))
            self.optimizer.apply(tape.gradient(loss, variables), variables)
            return loss

        return update

    def run(self, function, images: np.ndarray) -> np.ndarray:
        """Run a compiled function over pictures (n, size, size, 3) uint8, a hundred at a time."""
        parts = (images[start : start + 100] for start in range(0, len(images), 100))
        return np.concatenate([function(self.pretrained.preprocess.normalised(part)) for part in parts])


def schedule(steps: int, warm_up: float = 0.1) -> np.ndarray:
    """Return what the rate is multiplied by at each update: up in a part of the time, then down along a cosine."""
    rising = round(warm_up * steps)
    falling = 0.5 * (1 + np.cos(np.pi * np.arange(steps - rising) / (steps - rising)))
    return np.concatenate([np.arange(rising) / max(1, rising), falling]).astype(np.float32)


def tune(bench: Bench, way: Way, draw: int, train: tuple, watch=None) -> None:
    """Fine-tune a network from its first weights, in place.

    Args:
        bench: the network.
        way: how.
        draw: of the head's first weights, of the order and of the augmentation.
        train: pictures (n, size, size, 3) uint8 and labels (n,).
        watch: called after each epoch.
    """
    images, labels = train
    bench.restart(draw)
    if way.probe:
        probe = linear_probe(bench.run(bench.features, images), labels)
        bench.model.get_layer("head").set_weights([probe.kernel, probe.bias])
    rates, update = bench.rates(way) * way.rate, bench.update(way.training)
    each = len(images) // BATCH
    order = batches(len(images), BATCH, np.random.default_rng(draw))
    parts = schedule(each * way.epochs, way.warm_up)
    for step, (part, chosen) in enumerate(zip(parts, order, strict=False)):  # the order never ends
        bench.rate_of.assign(part * rates)
        changed = way.augment(images[chosen], np.random.default_rng([draw, step]))
        update(bench.pretrained.preprocess.normalised(changed), labels[chosen].astype(np.int32))
        if watch and (step + 1) % each == 0:
            watch()
