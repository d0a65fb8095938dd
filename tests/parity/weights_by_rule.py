"""Random weights and pictures that two frameworks can make alike, each by itself: all come from a seed and a name.

So a fixture holds only what the reference answered, not the hundreds of megabytes that it was asked with.
The rule keeps a deep network's numbers near 1: kernels are as large as their fan-in wants before a ReLU, and the
statistics of batch norm differ from 0 and 1, else a swap of mean and variance would go unseen.
"""

import math
from collections.abc import Mapping
from zlib import crc32

import numpy as np

# The last part of a tensor's name, in PyTorch's words and in TensorFlow's -> the rule for tensors of one axis.
_NEAR_ONE = ("weight", "gamma", "running_var", "moving_variance")
_NEAR_ZERO = ("bias", "beta", "biases", "running_mean", "moving_mean", "in_proj_bias", "class_embedding",
              "cls_emb", "masked_spec_embed")  # fmt: skip
_COUNTERS = ("num_batches_tracked",)


def tensors(shapes: Mapping[str, tuple[int, ...]], seed: int, layout: str = "torch") -> dict[str, np.ndarray]:
    """Make a network's weights.

    Args:
        shapes: upstream's tensor names, each with its shape.
        seed: of everything.
        layout: "torch", whose kernels have their output channels first, or "slim", where they come last.

    Returns:
        Upstream's tensors by name, float32; counters are int64 zeros.
    """
    return {name: tensor(name, tuple(shape), seed, layout) for name, shape in shapes.items()}


def tensor(name: str, shape: tuple[int, ...], seed: int, layout: str = "torch") -> np.ndarray:
    """Make one tensor; arguments as for `tensors`."""
    kind = name.replace("/", ".").rpartition(".")[2]
    random = np.random.default_rng([seed, crc32(name.encode())])
    if kind in _COUNTERS:
        return np.zeros(shape, np.int64)
    if not shape:
        return np.array(random.uniform(0.8, 1.2), np.float32)
    if len(shape) > 1:
        fan_in = math.prod(shape[1:] if layout == "torch" else shape[:-1])
        return random.standard_normal(shape, np.float32) * np.float32(math.sqrt(2 / fan_in))
    if kind in _NEAR_ONE:
        return random.uniform(0.8, 1.2, shape).astype(np.float32)
    if kind in _NEAR_ZERO or kind.startswith("bias_"):  # an LSTM numbers its layers: bias_ih_l0
        return random.normal(0, 0.1, shape).astype(np.float32)
    raise ValueError(f"There is no rule for {name} of shape {shape}.")


def pictures(count: int, size: int, seed: int) -> np.ndarray:
    """Make preprocessed pictures, (count, size, size, 3) float32 of mean 0 and deviation 1."""
    random = np.random.default_rng([seed, crc32(b"pictures")])
    return random.standard_normal((count, size, size, 3), np.float32)


def checksum(arrays: Mapping[str, np.ndarray]) -> float:
    """Sum up all absolute values: says whether two sides made the same numbers, whatever their order of adding."""
    return float(sum(np.abs(array).sum(dtype=np.float64) for array in arrays.values()))
