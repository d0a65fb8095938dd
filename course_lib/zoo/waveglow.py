"""WaveGlow (Prenger et al. 2018, arXiv 1811.00002): a flow that turns a sound into noise, and noise into a sound.

Every step can be undone exactly: the samples of a moment are mixed by a matrix, then one half of them is scaled and shifted
by what a network makes of the other half and of the mel spectrogram. So training needs no opponent and no small steps in
time: it asks how likely the sound is. Run backwards, the same network speaks.
"""

import math
from dataclasses import dataclass

import keras
from keras import layers, ops

from course_lib.media.sound.spectra import FULL, NANO, Mel

SCALE, OFFSET = 1 / 3, 2.0  # a mel spectrogram's numbers are around -6, give or take 3


@dataclass(frozen=True)
class WaveGlowConfig:
    """What tells one WaveGlow from another."""

    channels: int  # in the network of each flow
    flows: int = 12
    depth: int = 8  # gated convolutions of that network; the dilation doubles from one to the next
    kernel: int = 3
    group: int = 8  # samples that stand side by side
    early_every: int = 4  # after so many flows, some channels are finished
    early_size: int = 2  # how many
    spread: int = 80  # channels of the mel spectrogram at every sample
    listening: tuple[
        int, ...
    ] = ()  # channels of convolutions that the mel spectrogram passes first; upstream has none
    gain: float = 1.0  # of the first mixing at the start: about one over the loudness of the sounds
    sound: Mel = FULL

    @property
    def widths(self) -> tuple[int, ...]:
        """How many channels each flow works on."""
        return tuple(self.group - self.early_size * (flow // self.early_every) for flow in range(self.flows))


CONFIGS = {
    "waveglow": WaveGlowConfig(256),
    "waveglow_nano": WaveGlowConfig(
        48, depth=3, group=16, spread=3, listening=(96, 64), gain=16.0, sound=NANO
    ),
}


def build(config: WaveGlowConfig, frames: int | None = None) -> keras.Model:
    """Build a WaveGlow with random weights.

    Args:
        config: one of CONFIGS, or a variation by `dataclasses.replace`.
        frames: of the spectrograms; None for any number.

    Returns:
        A model from ["samples" (batch, samples) float32, "mel" (batch, frames, mels)] to two outputs: the noise (batch,
        samples // group, group), and the logarithm of the determinant of all that was done, (batch,). The spectrogram has
        to reach as far as the samples; samples beyond the last whole group are left out. `invert` goes back.

    Source: arXiv 1811.00002, section 2; sizes are those of the published weights.
    """
    samples = layers.Input((frames and frames * config.sound.hop,), name="samples")
    mel = layers.Input((frames, config.sound.mels), name="mel")
    audio = Grouped(config.group, name="grouped")(samples)
    heard = AsLong(name="heard")(_conditioner(config)(mel), audio)
    finished, determinants = [], []
    for number, width in enumerate(config.widths, 1):
        done = audio.shape[-1] - width
        if done:
            finished, audio = [*finished, audio[..., :done]], audio[..., done:]
        mix = InvertibleConv1D(config.gain if number == 1 else 1.0, name=f"flow{number}_mix")
        audio, mixed = mix(audio)
        first, second = ops.split(audio, 2, axis=-1)
        shift, log_scale = _network(width // 2, config, f"flow{number}")([first, heard])
        audio = ops.concatenate([first, second * ops.exp(log_scale) + shift], axis=-1)
        determinants += [mixed, ops.sum(log_scale, axis=(1, 2))]
    noise = ops.concatenate([*finished, audio], axis=-1)
    return keras.Model([samples, mel], [noise, sum(determinants)], name="waveglow")


def invert(model: keras.Model, mel, noise):
    """Make the sound that the model would turn into this noise.

    Args:
        model: as `build` gives it.
        mel: (batch, frames, mels).
        noise: (batch, groups, group), at most as long as the spectrogram.

    Returns:
        Samples (batch, groups * group).
    """
    heard = AsLong()(model.get_layer("conditioner")(mel), noise)
    audio = noise[..., noise.shape[-1] :]
    for number in range(flows(model), 0, -1):
        mix, network = model.get_layer(f"flow{number}_mix"), model.get_layer(f"flow{number}")
        back = mix.width - audio.shape[-1]  # channels that were finished behind this flow
        left = noise.shape[-1] - audio.shape[-1]
        audio = ops.concatenate([noise[..., left - back : left], audio], axis=-1)
        first, second = ops.split(audio, 2, axis=-1)
        shift, log_scale = network([first, heard])
        audio = mix.unmix(ops.concatenate([first, (second - shift) * ops.exp(-log_scale)], axis=-1))
    return ops.reshape(audio, (ops.shape(audio)[0], -1))


def build_to_count(config: WaveGlowConfig) -> keras.Model:
    """Build the network for one frame of the spectrogram: that is what its cost is told of."""
    return build(config, frames=1)


def reach_of(model: keras.Model) -> int:
    """Return how many frames to either side a sample can depend on, or a few more, all flows together."""
    reach, upsample = 0, model.get_layer("conditioner").get_layer("upsample")
    for flow in range(1, flows(model) + 1):
        for layer in model.get_layer(f"flow{flow}").layers:
            if isinstance(layer, layers.Conv1D):
                reach += (layer.kernel_size[0] - 1) // 2 * layer.dilation_rate[0]
    hop, group = upsample.strides[0], model.outputs[0].shape[-1]
    heard = upsample.kernel_size[0] // hop + sum(
        isinstance(layer, layers.Conv1D) for layer in model.get_layer("conditioner").layers
    )
    return -(-reach * group // hop) + heard


def flows(model: keras.Model) -> int:
    """Return how many flows a WaveGlow has."""
    return sum(isinstance(layer, InvertibleConv1D) for layer in model.layers)


@keras.saving.register_keras_serializable("course_lib")
class Grouped(layers.Layer):
    """Puts samples that follow each other side by side: (batch, n) or (batch, n, channels) -> (batch, n // group, ...)."""

    def __init__(self, group, **options):
        super().__init__(**options)
        self.group = group

    def call(self, x):
        groups, channels = ops.shape(x)[1] // self.group, math.prod(x.shape[2:])
        x = x[:, : groups * self.group]
        if channels > 1:  # upstream has all samples of a channel before the next channel
            x = ops.reshape(x, (-1, groups, self.group, channels))
            x = ops.transpose(x, (0, 1, 3, 2))
        return ops.reshape(x, (-1, groups, self.group * channels))

    def compute_output_shape(self, shape):
        groups = None if shape[1] is None else shape[1] // self.group
        return (shape[0], groups, self.group * math.prod(shape[2:]))

    def get_config(self):
        return super().get_config() | {"group": self.group}


@keras.saving.register_keras_serializable("course_lib")
class AsLong(layers.Layer):
    """Cuts what is heard, (batch, groups, ...), to the length of the sound."""

    def call(self, heard, audio):
        return heard[:, : ops.shape(audio)[1]]


@keras.saving.register_keras_serializable("course_lib")
class Spread(layers.Conv1DTranspose):
    """Upsampling by transposed convolution, cut behind the last frame's own samples.

    It is a matrix product for each frame, and overlapping pieces that are added: several times as fast as Keras's.
    """

    def call(self, mel):
        (kernel,), (hop,) = self.kernel_size, self.strides
        batch, frames, parts = ops.shape(mel)[0], ops.shape(mel)[1], kernel // hop
        pieces = ops.matmul(mel, ops.transpose(ops.reshape(self.kernel, (-1, mel.shape[-1]))))
        pieces = ops.reshape(pieces, (batch, frames, parts, hop * self.filters))
        padded = ops.pad(pieces, ((0, 0), (parts - 1, 0), (0, 0), (0, 0)))
        total = sum(padded[:, parts - 1 - part : parts - 1 - part + frames, part] for part in range(parts))
        return ops.reshape(total, (batch, frames * hop, self.filters)) + self.bias

    def compute_output_shape(self, shape):
        samples = None if shape[1] is None else shape[1] * self.strides[0]
        return (shape[0], samples, self.filters)


@keras.saving.register_keras_serializable("course_lib")
class InvertibleConv1D(layers.Layer):
    """An invertible 1x1 convolution: a square matrix over the channels; it tells the logarithm of its determinant as well.

    Source: arXiv 1811.00002, section 2.2.
    """

    def __init__(self, gain=1.0, **options):
        super().__init__(**options)
        self.gain = gain

    def build(self, shape):
        self.width = shape[-1]
        self.kernel = self.add_weight(shape=(self.width, self.width), initializer=self._turn, name="kernel")

    def _turn(self, shape, dtype=None):
        """Begin with a rotation: it keeps all lengths, and its determinant is 1."""
        turn = keras.initializers.Orthogonal()(shape, dtype)
        sign = ops.sign(ops.det(turn))
        return self.gain * ops.concatenate([turn[:, :1] * sign, turn[:, 1:]], axis=1)

    def call(self, x):
        # By QR, a turn and a triangle: XLA can't compile the determinant itself.
        triangle = ops.qr(self.kernel)[1]
        log_det = ops.sum(ops.log(ops.abs(ops.diagonal(triangle)))) * ops.cast(ops.shape(x)[1], x.dtype)
        return ops.matmul(x, self.kernel), ops.broadcast_to(log_det, ops.shape(x)[:1])

    def compute_output_shape(self, shape):
        return shape, shape[:1]

    def unmix(self, x):
        """Undo it."""
        return ops.matmul(x, ops.inv(self.kernel))

    def get_config(self):
        return super().get_config() | {"gain": self.gain}


@keras.saving.register_keras_serializable("course_lib")
class Gate(layers.Layer):
    """One half of the channels through a hyperbolic tangent, times the other half through a sigmoid."""

    def call(self, x, heard):
        wave, gate = ops.split(x + heard, 2, axis=-1)
        return ops.tanh(wave) * ops.sigmoid(gate)


def _conditioner(config: WaveGlowConfig) -> keras.Model:
    """From the mel spectrogram to what every flow hears at each group of samples."""
    mel = layers.Input((None, config.sound.mels), name="mel")
    x = layers.Rescaling(SCALE, OFFSET, name="levelled")(mel) if config.listening else mel
    for number, channels in enumerate(config.listening, 1):
        x = layers.Conv1D(channels, 3, padding="same", activation="relu", name=f"listen{number}")(x)
    spread = Spread(config.spread, config.sound.window, config.sound.hop, name="upsample")
    return keras.Model(mel, Grouped(config.group, name="groups")(spread(x)), name="conditioner")


def _network(width: int, config: WaveGlowConfig, name: str) -> keras.Model:
    """The network of a flow (WN): dilated convolutions with gates, that look to both sides of a moment."""
    first = layers.Input((None, width), name="first")
    heard = layers.Input((None, config.spread * config.group), name="heard")
    channels, depth = config.channels, config.depth
    x = layers.Conv1D(channels, 1, name=f"{name}_start")(first)
    told = layers.Conv1D(2 * channels * depth, 1, name=f"{name}_cond")(heard)
    skipped = []
    for number, part in enumerate(ops.split(told, depth, axis=-1) if depth > 1 else [told], 1):
        dilated = {"padding": "same", "dilation_rate": 2 ** (number - 1), "name": f"{name}_in{number}"}
        gated = Gate(name=f"{name}_gate{number}")(
            layers.Conv1D(2 * channels, config.kernel, **dilated)(x), part
        )
        last = number == depth
        y = layers.Conv1D(channels if last else 2 * channels, 1, name=f"{name}_out{number}")(gated)
        if not last:
            x, y = x + y[..., :channels], y[..., channels:]
        skipped.append(y)
    # Zeros: at first, a flow changes nothing.
    end = layers.Conv1D(2 * width, 1, kernel_initializer="zeros", name=f"{name}_end")(sum(skipped))
    return keras.Model([first, heard], ops.split(end, 2, axis=-1), name=name)
