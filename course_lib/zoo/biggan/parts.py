"""Layers of BigGAN-deep that Keras does not have."""

import math

import keras
from keras import layers, ops

SMALLEST = 1e-12  # no direction is divided by less


@keras.saving.register_keras_serializable("course_lib")
class StandingNorm(layers.Layer):
    """Batch norm with sets of means and variances that were measured beforehand, one for each of some truncations.

    Args:
        sets: for truncations from 0 to 1 in equal steps; between two of them, the statistics are mixed.
        epsilon: added to the variance.
        affine: whether it has a scale and an offset of its own.
    """

    def __init__(self, sets, epsilon, affine=False, **options):
        super().__init__(**options)
        self.sets, self.epsilon, self.affine = sets, epsilon, affine

    def build(self, x_shape, truncation_shape):
        kept = {"shape": (self.sets, x_shape[-1]), "trainable": False}
        self.means = self.add_weight(initializer="zeros", name="means", **kept)
        self.variances = self.add_weight(initializer="ones", name="variances", **kept)
        if self.affine:
            self.gamma = self.add_weight(shape=x_shape[-1:], initializer="ones", name="gamma")
            self.beta = self.add_weight(shape=x_shape[-1:], initializer="zeros", name="beta")

    def call(self, x, truncation):
        place = ops.clip(truncation, 0, 1) * (self.sets - 1)
        # float32 has no 0.3: what is a set's own place but for rounding belongs to it alone.
        place = ops.where(ops.abs(place - ops.round(place)) < 1e-4, ops.round(place), place)
        below = ops.clip(ops.floor(place), 0, self.sets - 2)
        mean, variance = (self._between(kept, below, place - below) for kept in (self.means, self.variances))
        x = (x - mean) * ops.rsqrt(variance + self.epsilon)
        return x * self.gamma + self.beta if self.affine else x

    def _between(self, kept, below, share):
        index, share = ops.cast(below, "int32"), share[:, None]
        mixed = ops.take(kept, index, axis=0) * (1 - share) + ops.take(kept, index + 1, axis=0) * share
        return mixed[:, None, None]

    def get_config(self):
        return super().get_config() | {"sets": self.sets, "epsilon": self.epsilon, "affine": self.affine}


@keras.saving.register_keras_serializable("course_lib")
class Affine(layers.Layer):
    """Scales and shifts the channels of each picture: x (batch, side, side, c), scale less 1 and offset (batch, c)."""

    def call(self, x, scale, offset):
        return x * (1 + scale[:, None, None]) + offset[:, None, None]


@keras.saving.register_keras_serializable("course_lib")
class Gain(layers.Layer):
    """One learned number that everything is multiplied by."""

    def build(self, _):
        self.gamma = self.add_weight(shape=(1,), initializer="zeros", name="gamma")

    def call(self, x):
        return self.gamma * x


@keras.saving.register_keras_serializable("course_lib")
class Attend(layers.Layer):
    """Attention between places: query (batch, h, w, c), key and value of fewer places; nothing is divided by a root."""

    def call(self, query, key, value):
        flat = [ops.reshape(x, (-1, math.prod(x.shape[1:3]), x.shape[-1])) for x in (query, key, value)]
        weights = ops.softmax(ops.matmul(flat[0], ops.transpose(flat[1], (0, 2, 1))))
        return ops.reshape(ops.matmul(weights, flat[2]), (-1, *query.shape[1:3], value.shape[-1]))


@keras.saving.register_keras_serializable("course_lib")
class Pixels(layers.Layer):
    """Lays out channels as squares of pixels: (batch, h, w, side * side * c) -> (batch, side * h, side * w, c).

    Source: arXiv 1609.05158, section 2.2; BigGAN does without, and pays for every pixel in its last blocks.
    """

    def __init__(self, side, **options):
        super().__init__(**options)
        self.side = side

    def call(self, x):
        (height, width, channels), side = x.shape[1:], self.side
        x = ops.reshape(x, (-1, height, width, side, side, channels // side**2))
        x = ops.transpose(x, (0, 1, 3, 2, 4, 5))
        return ops.reshape(x, (-1, side * height, side * width, channels // side**2))

    def get_config(self):
        return super().get_config() | {"side": self.side}


def normalised(vector):
    """Return a vector of length 1 in the same direction."""
    return vector / ops.maximum(ops.sqrt(ops.sum(ops.square(vector))), SMALLEST)


class Spectral:
    """What makes a Keras layer divide its kernel by the kernel's largest singular value.

    A vector that every step of training turns once more towards the longest direction is kept for it: power iteration.

    Source: arXiv 1802.05957, section 2.1 and algorithm 1.
    """

    table = "kernel"  # what the layer calls its matrix

    def build(self, shape):
        super().build(shape)
        columns = getattr(self, self.table).shape[-1]
        self.direction = self.add_weight(
            shape=(columns,), initializer="random_normal", trainable=False, name="direction"
        )

    def divided(self, training: bool):
        """Return the kernel over its largest singular value; in training, the kept direction turns."""
        kernel = getattr(self, self.table)
        matrix = ops.reshape(kernel, (-1, kernel.shape[-1]))
        still = ops.stop_gradient(matrix)
        left = normalised(ops.matmul(still, self.direction))
        right = normalised(ops.matmul(left, still))
        if training:
            self.direction.assign(right)
        return kernel / ops.sum(left * ops.matmul(matrix, right))


@keras.saving.register_keras_serializable("course_lib")
class SpectralConv2D(Spectral, layers.Conv2D):
    """A convolution whose kernel, laid out as a matrix, stretches nothing."""

    def call(self, x, training=False):
        return ops.add(self.convolution_op(x, self.divided(training)), self.bias)


@keras.saving.register_keras_serializable("course_lib")
class SpectralDense(Spectral, layers.Dense):
    """A dense layer that stretches nothing."""

    def call(self, x, training=False):
        return ops.add(ops.matmul(x, self.divided(training)), self.bias)


@keras.saving.register_keras_serializable("course_lib")
class SpectralEmbedding(Spectral, layers.Embedding):
    """A table of classes that, as a matrix, stretches nothing."""

    table = "embeddings"

    def call(self, labels, training=False):
        return ops.take(self.divided(training), labels, axis=0)

    def compute_output_spec(self, labels, training=False):
        return super().compute_output_spec(labels)
