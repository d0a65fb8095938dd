"""wav2vec 2.0 (Baevski et al. 2020, arXiv 2006.11477): what speech is made of, learned from speech alone.

Convolutions turn samples into a frame every 20 ms; a transformer lets the frames look at each other. Before it sees any text,
the network hears sentences with gaps, and has to tell what was in a gap from what was elsewhere. Then a head of letters
is put on it, and a few written sentences do.
"""

from dataclasses import dataclass
from math import prod

import keras
import numpy as np
from keras import layers

from course_lib.zoo.attention import CachedAttention
from course_lib.zoo.wav2vec2.parts import Codebook, GroupedConv1D, Mask, MostLikely


@dataclass(frozen=True)
class Wav2Vec2Config:
    """What tells one wav2vec 2.0 from another."""

    width: int  # numbers in a frame inside the transformer
    depth: int  # blocks
    heads: int
    mlp: int  # units in a block's hidden layer
    rate: int = 16_000  # samples a second
    channels: tuple[int, ...] = (512,) * 7  # of the convolutions that listen
    kernels: tuple[int, ...] = (10, 3, 3, 3, 3, 2, 2)
    strides: tuple[int, ...] = (5, 2, 2, 2, 2, 2, 2)  # together: samples a frame
    conv_bias: bool = False
    conv_norm: str = "group"  # "group": the first convolution alone, each channel over time; "layer": all, each frame by itself
    norm_first: bool = False  # normalise in front of each part of a block, else behind each sum
    position_kernel: int = 128  # frames that tell a frame where it stands
    position_groups: int = 16
    dropout: float = 0.0  # behind each part that adds to the frames, while training
    epsilon: float = 1e-5  # of the normalisations
    symbols: int = 32  # letters of the head; 0: no head, but the parts of the pre-training
    codebooks: int = 2
    codes: int = 320  # in each code book
    code_width: int = 256  # numbers in a code of each book, together
    target_width: int = 256  # numbers that are compared


_LARGE = {"width": 1024, "depth": 24, "heads": 16, "mlp": 4096, "code_width": 768, "target_width": 768}
_LV60 = _LARGE | {"conv_bias": True, "conv_norm": "layer", "norm_first": True}
_NANO = {
    "width": 128, "depth": 4, "heads": 4, "mlp": 384, "rate": 8000, "channels": (32, 48, 64, 64, 96, 96),
    "kernels": (10, 3, 3, 3, 3, 2), "strides": (5, 2, 2, 2, 2, 2), "norm_first": True, "position_kernel": 32,
    "position_groups": 8, "codes": 40, "code_width": 64, "target_width": 64,
}  # fmt: skip

CONFIGS = {
    "wav2vec2_base": Wav2Vec2Config(768, 12, 12, 3072),
    "wav2vec2_large": Wav2Vec2Config(**_LARGE),
    "wav2vec2_large_lv60": Wav2Vec2Config(**_LV60),
    "wav2vec2_nano": Wav2Vec2Config(**_NANO, symbols=29),
    "wav2vec2_base_pretrained": Wav2Vec2Config(768, 12, 12, 3072, symbols=0),
    "wav2vec2_nano_pretrained": Wav2Vec2Config(**_NANO, symbols=0),
}


@dataclass(frozen=True)
class Listener:
    """What a recording must become before the network hears it, and how many frames come of it."""

    config: Wav2Vec2Config

    @property
    def rate(self) -> int:
        """Samples a second."""
        return self.config.rate

    @property
    def hop(self) -> int:
        """Samples from one frame to the next."""
        return prod(self.config.strides)

    def frames(self, samples: int) -> int:
        """Return how many frames come of so many samples."""
        for kernel, stride in zip(self.config.kernels, self.config.strides, strict=True):
            samples = (samples - kernel) // stride + 1
        return max(0, samples)

    def prepare(self, samples: np.ndarray) -> np.ndarray:
        """Bring a recording (n,) float32 to mean 0 and variance 1: how loud it is says nothing."""
        samples = np.asarray(samples, np.float32)
        return (samples - samples.mean()) / np.sqrt(samples.var() + 1e-7)


def listener(config: Wav2Vec2Config) -> Listener:
    """Return what prepares recordings for a network of this config."""
    return Listener(config)


def build_to_count(config: Wav2Vec2Config) -> keras.Model:
    """Build it for one second of sound, so that its multiply-adds can be counted."""
    return build(config, config.rate)


def build(config: Wav2Vec2Config, length: int | None = None) -> keras.Model:
    """Build a wav2vec 2.0 with random weights.

    Args:
        config: one of CONFIGS, or a variation by `dataclasses.replace`.
        length: samples of every recording; None for any number.

    Returns:
        A model from "samples" (batch, samples) float32, prepared by the `listener`, to logits (batch, frames, symbols). With no
        symbols, the network of the pre-training: from {"samples", "mask" (batch, frames) bool, True where a frame is hidden} to
        {"guesses", "targets": (batch, frames, target_width) float32, "codes": logits (batch, frames, codebooks, codes)}.

    Source: arXiv 2006.11477, section 2; sizes of its section 4.2.
    """
    samples = layers.Input((length,), name="samples")
    heard = _listen(samples, config)
    x = layers.Dense(config.width, name="features_project")(heard)
    x = layers.Dropout(config.dropout, name="features_drop")(x)
    if config.symbols:
        logits = layers.Dense(config.symbols, name="head")(_understand(x, config))
        return keras.Model(samples, logits, name="wav2vec2")
    mask = layers.Input((x.shape[1],), dtype="bool", name="mask")
    x = _understand(Mask(name="mask_frames")(x, mask), config)
    guesses = layers.Dense(config.target_width, name="guesses")(x)
    codes, targets = _quantise(heard, config)
    return keras.Model(
        {"samples": samples, "mask": mask}, {"guesses": guesses, "targets": targets, "codes": codes}, name="wav2vec2"
    )  # fmt: skip


def _listen(samples, config):
    """Turn samples into frames. Source: arXiv 2006.11477, section 2, feature encoder."""
    x = layers.Reshape((-1, 1), name="one_channel")(samples)
    parts = zip(config.channels, config.kernels, config.strides, strict=True)
    for number, (channels, kernel, stride) in enumerate(parts, 1):
        name = f"conv{number}"
        x = layers.Conv1D(
            channels, kernel, stride, use_bias=config.conv_bias, kernel_initializer="he_normal", name=name
        )(x)
        if config.conv_norm == "layer":
            x = layers.LayerNormalization(epsilon=config.epsilon, name=f"{name}_norm")(x)
        elif number == 1:
            x = layers.GroupNormalization(-1, epsilon=config.epsilon, name=f"{name}_norm")(x)
        x = layers.Activation("gelu", name=f"{name}_gelu")(x)
    return layers.LayerNormalization(epsilon=config.epsilon, name="features")(x)


def _understand(x, config):
    """Let the frames look at each other. Source: arXiv 2006.11477, section 2, contextualised representations."""
    # PyTorch pads half a kernel on both sides and drops the last frame: of an even kernel one more lies in front.
    before = config.position_kernel // 2
    y = layers.ZeroPadding1D((before, config.position_kernel - 1 - before), name="positions_pad")(x)
    options = {"groups": config.position_groups, "activation": "gelu", "name": "positions"}
    y = GroupedConv1D(config.width, config.position_kernel, kernel_initializer=_positions(config), **options)(
        y
    )
    x = layers.Add(name="placed")([x, y])
    if not config.norm_first:
        x = _norm(x, "norm", config)
    x = layers.Dropout(config.dropout, name="drop")(x)
    for number in range(1, config.depth + 1):
        x = _block(x, config, f"block{number}")
    return _norm(x, "norm", config) if config.norm_first else x


def _block(x, config, name):
    """Look at the other frames, then think; the norms stand in front of both parts, or behind both sums."""
    first = config.norm_first
    y = _norm(x, f"{name}_norm1", config) if first else x
    y = CachedAttention(config.heads, config.width // config.heads, causal=False, name=f"{name}_attention")(y)
    y = layers.Dropout(config.dropout, name=f"{name}_drop1")(y)
    x = layers.Add(name=f"{name}_looked")([x, y])
    x, y = (x, _norm(x, f"{name}_norm2", config)) if first else [_norm(x, f"{name}_norm1", config)] * 2
    y = layers.Dense(config.mlp, "gelu", name=f"{name}_mlp1")(y)
    y = layers.Dropout(config.dropout, name=f"{name}_drop2")(y)
    y = layers.Dense(config.width, name=f"{name}_mlp2")(y)
    y = layers.Dropout(config.dropout, name=f"{name}_drop3")(y)
    x = layers.Add(name=f"{name}_out")([x, y])
    return x if first else _norm(x, f"{name}_norm2", config)


def _quantise(heard, config):
    """Choose a code of each book for every frame. Source: arXiv 2006.11477, section 2, quantization module."""
    start = keras.initializers.RandomNormal(stddev=1.0)
    codes = layers.Dense(config.codebooks * config.codes, kernel_initializer=start, name="codes")(heard)
    codes = layers.Reshape((-1, config.codebooks, config.codes), name="code_logits")(codes)
    chosen = Codebook(config.code_width // config.codebooks, name="codebook")(
        MostLikely(name="chosen")(codes)
    )
    return codes, layers.Dense(config.target_width, name="targets")(chosen)


def _norm(x, name, config):
    return layers.LayerNormalization(epsilon=config.epsilon, name=name)(x)


def _positions(config):
    deviation = 2 / np.sqrt(config.position_kernel * config.width)
    return keras.initializers.RandomNormal(stddev=float(deviation))
