"""StyleGAN2's layers: equalised learning rates, the modulated convolution, noise, and looking at several pictures at once."""

import math

import keras
from keras import layers, ops

from course_lib.zoo.stylegan2.resampling import upfirdn

SLOPE, GAIN = 0.2, math.sqrt(2)  # of the leaky ReLU; the gain keeps the size of what passes through it
TINY = 1e-8


def leaky(x):
    """Leaky ReLU, times the gain that keeps the size of what passes through it."""
    return ops.leaky_relu(x, SLOPE) * GAIN


def bounded(x, clamp: float):
    """Cut off what is further than `clamp` from 0; a clamp of 0 leaves all as it is."""
    return ops.clip(x, -clamp, clamp) if clamp else x


class _Equalised:
    """Weights are kept as normal numbers of deviation 1 and scaled when they are used, so Adam's steps suit all layers alike.

    Source: arXiv 1710.10196, section 4.1.
    """

    def _set_up(self, rate, leaky, start):
        self.rate, self.leaky, self.start = rate, leaky, start
        return {
            "kernel_initializer": keras.initializers.RandomNormal(stddev=1 / rate),
            "bias_initializer": keras.initializers.Constant(start),
        }

    def _scaled(self):
        return self.kernel * (self.rate / math.sqrt(math.prod(self.kernel.shape[:-1])))

    def _active(self, x):
        x = x + self.bias * self.rate if self.use_bias else x
        return leaky(x) if self.leaky else x

    def get_config(self):
        kept = super().get_config()
        told = {"rate": self.rate, "leaky": self.leaky, "start": self.start}
        return {key: kept[key] for key in self.kept} | told


@keras.saving.register_keras_serializable("course_lib")
class EqualisedDense(_Equalised, layers.Dense):
    """A dense layer with an equalised learning rate.

    Args:
        units: numbers that come out.
        rate: multiplies the learning rate; the mapping network has .01.
        leaky: whether a leaky ReLU and its gain follow.
        start: the bias at the beginning.
    """

    kept = ("name", "trainable", "dtype", "units", "use_bias")

    def __init__(self, units, rate=1.0, leaky=False, start=0.0, **options):
        super().__init__(units, **self._set_up(rate, leaky, start), **options)

    def call(self, x):
        return self._active(ops.matmul(x, self._scaled()))


@keras.saving.register_keras_serializable("course_lib")
class EqualisedConv2D(_Equalised, layers.Conv2D):
    """A convolution with an equalised learning rate; where it halves the map, it blurs first.

    Args:
        filters, kernel_size: as for Conv2D.
        down: 2 halves the map.
        rate, leaky, start: as for `EqualisedDense`.
    """

    kept = ("name", "trainable", "dtype", "filters", "kernel_size", "use_bias")

    def __init__(self, filters, kernel_size, down=1, rate=1.0, leaky=False, start=0.0, **options):
        super().__init__(filters, kernel_size, **self._set_up(rate, leaky, start), **options)
        self.down = down

    def call(self, x):
        kernel, side = self._scaled(), self.kernel_size[0]
        if self.down == 1:
            x = ops.conv(x, kernel, padding="same")
        elif side == 1:
            x = ops.conv(upfirdn(x, down=2, pad=(1, 1)), kernel)
        else:
            x = ops.conv(upfirdn(x, pad=(2, 2)), kernel, strides=2, padding="valid")
        return self._active(x)

    def compute_output_shape(self, shape):
        return (shape[0], shape[1] // self.down, shape[2] // self.down, self.filters)

    def get_config(self):
        return super().get_config() | {"down": self.down}


@keras.saving.register_keras_serializable("course_lib")
class ModulatedConv2D(layers.Conv2D):
    """A convolution whose kernel each picture's style scales: (maps, style) -> maps.

    The kernel is multiplied by the style, one number an input channel (modulation), then each output channel is divided by the
    length of its own kernel (demodulation). To scale the input and the output instead gives the same, and all pictures of
    a batch share one convolution.

    Args:
        filters, kernel_size: as for Conv2D; bias and noise come behind it.
        up: 2 doubles the map, and blurs it.
        demodulate: whether the second step is done.

    Source: arXiv 1912.04958, section 2.2, equations 1 and 3.
    """

    def __init__(self, filters, kernel_size, up=1, demodulate=True, **options):
        normal = keras.initializers.RandomNormal(stddev=1.0)
        super().__init__(filters, kernel_size, use_bias=False, kernel_initializer=normal, **options)
        self.up, self.demodulate = up, demodulate

    def build(self, x_shape, style_shape=None):
        super().build(x_shape)

    def call(self, x, style):
        x = x * style[:, None, None, :]
        if self.up == 1:
            x = ops.conv(x, self.kernel, padding="same")
        else:
            turned = ops.transpose(self.kernel, (0, 1, 3, 2))
            x = ops.conv_transpose(x, turned, strides=2, padding="valid")
            x = upfirdn(x, pad=(1, 1), gain=4.0)
        if self.demodulate:
            squares = ops.matmul(ops.square(style), ops.sum(ops.square(self.kernel), axis=(0, 1)))
            x = x * ops.rsqrt(squares + TINY)[:, None, None, :]
        return x

    def compute_output_shape(self, x_shape, style_shape=None):
        batch, height, width, _ = x_shape
        return (batch, height * self.up, width * self.up, self.filters)

    def multiply_adds(self):
        """Count: when it doubles the map, each pixel that comes in meets the kernel once."""
        height, width = self.output.shape[1:3]
        return height * width // self.up**2 * math.prod(self.kernel.shape)

    def get_config(self):
        kept = super().get_config()
        kept = {key: kept[key] for key in ("name", "trainable", "dtype", "filters", "kernel_size")}
        return kept | {"up": self.up, "demodulate": self.demodulate}


@keras.saving.register_keras_serializable("course_lib")
class Noise(layers.Layer):
    """Adds noise times a learned strength, the same to all channels; then bias, and a leaky ReLU with its gain.

    While training each picture gets noise of its own; else all get the `constant`, so that a latent gives one picture.

    Source: arXiv 1812.04948, section 2; arXiv 1912.04958, figure 2.
    """

    def __init__(self, clamp=0.0, **options):
        super().__init__(**options)
        self.clamp = clamp
        self.seed = keras.random.SeedGenerator()

    def build(self, shape):
        _, height, width, channels = shape
        normal = keras.initializers.RandomNormal(stddev=1.0)
        self.strength = self.add_weight(shape=(), initializer="zeros", name="strength")
        self.bias = self.add_weight(shape=(channels,), initializer="zeros", name="bias")
        self.constant = self.add_weight(
            shape=(height, width), initializer=normal, trainable=False, name="constant"
        )

    def call(self, x, training=False):
        noise = self.constant[None, :, :, None]
        if training:
            noise = keras.random.normal((ops.shape(x)[0], *self.constant.shape, 1), seed=self.seed)
        return bounded(leaky(x + noise * self.strength + self.bias), self.clamp)

    def compute_output_shape(self, shape):
        return shape

    def get_config(self):
        return super().get_config() | {"clamp": self.clamp}


@keras.saving.register_keras_serializable("course_lib")
class Bias(layers.Layer):
    """Adds a learned number to each channel."""

    def __init__(self, clamp=0.0, **options):
        super().__init__(**options)
        self.clamp = clamp

    def build(self, shape):
        self.bias = self.add_weight(shape=(shape[-1],), initializer="zeros", name="bias")

    def call(self, x):
        return bounded(x + self.bias, self.clamp)

    def get_config(self):
        return super().get_config() | {"clamp": self.clamp}


@keras.saving.register_keras_serializable("course_lib")
class Constant(layers.Layer):
    """What all pictures begin as: learned maps, once for each style of the batch."""

    def __init__(self, side, channels, **options):
        super().__init__(**options)
        self.side, self.channels = side, channels

    def build(self, shape):
        normal = keras.initializers.RandomNormal(stddev=1.0)
        self.maps = self.add_weight(
            shape=(self.side, self.side, self.channels), initializer=normal, name="maps"
        )

    def call(self, style):
        return ops.broadcast_to(self.maps[None], (ops.shape(style)[0], *self.maps.shape))

    def compute_output_shape(self, shape):
        return (shape[0], self.side, self.side, self.channels)

    def get_config(self):
        return super().get_config() | {"side": self.side, "channels": self.channels}
