"""Names of BigGAN-deep's layers in the PyTorch port of its published modules, and its kernels without their norms."""

from collections.abc import Mapping

import numpy as np

from course_lib.errors import CourseError
from course_lib.weights.convert.names import rename

_OF_NORMS = ("weight", "weight_u", "weight_v")  # older files also keep the last divided kernel
_ATTENTION = {"theta": "query", "phi": "key", "g": "value", "o_conv": "out"}
_TORCH = (
    (r"embeddings", "embedding"),
    (r"generator\.gen_z", "first"),
    *(
        (rf"generator\.attention\.snconv1x1_{theirs}", f"attention_{ours}")
        for theirs, ours in _ATTENTION.items()
    ),
    (r"generator\.attention", "attention_gain"),
    *(
        (
            rf"generator\.blocks\.(\d+)\.{theirs}_{number}(?:\.(scale|offset))?",
            rf"{{\1}}_{ours}{number + 1}\2",
        )
        for theirs, ours in (("bn", "norm"), ("conv", "conv"))
        for number in range(4)
    ),
    (r"generator\.bn", "last_norm"),
    (r"generator\.conv_to_rgb", "picture"),
)


def torch(module: str, config) -> str | None:
    """Hugging Face's port, after `torch_arrays`: its blocks count from 0, ours from 1."""
    name = rename(module, _TORCH, [f"block{number}" for number in range(1, len(config.blocks) + 1)])
    for part in ("scale", "offset"):
        name = name.removesuffix(part) + f"_{part}" if name.endswith(part) else name
    return name


def torch_arrays(arrays: Mapping[str, np.ndarray], config) -> dict[str, np.ndarray]:
    """Fold the spectral norms, take attention out of the count of blocks, and keep what the network uses."""
    named = {_counted(name, config.attention): array for name, array in _folded(arrays).items()}
    if "embeddings.weight" in named:  # a linear layer upstream, of a row with a single 1
        named["embeddings.weight"] = named["embeddings.weight"].T
    for name in ("generator.conv_to_rgb.weight", "generator.conv_to_rgb.bias"):
        if name in named:  # upstream computes as many channels as come in, and shows the first three
            named[name] = named[name][: config.channels]
    return named


def _counted(name: str, attention: int) -> str:
    """Rename "generator.layers.<i>", where attention is one of the layers, to blocks and attention."""
    place, _, rest = name.removeprefix("generator.layers.").partition(".")
    if not name.startswith("generator.layers.") or not place.isdigit():
        return name
    if int(place) == attention:
        return f"generator.attention.{rest}"
    return f"generator.blocks.{int(place) - (int(place) > attention)}.{rest}"


def _folded(arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return kernels divided by their largest singular value, as the two kept vectors tell it.

    Source: arXiv 1802.05957, equation 8; PyTorch's `spectral_norm` in inference takes no new step of the power iteration.
    """
    named = {}
    for name, array in arrays.items():
        module, _, variable = name.rpartition(".")
        if variable == "weight_orig":
            matrix = array.reshape(len(array), -1).astype(np.float64)
            left, right = (_kept(arrays, f"{module}.weight_{which}") for which in "uv")
            named[f"{module}.weight"] = (array / (left @ matrix @ right)).astype(np.float32)
        elif variable not in _OF_NORMS or f"{module}.weight_orig" not in arrays:
            named[name] = array
    return named


def _kept(arrays: Mapping[str, np.ndarray], name: str) -> np.ndarray:
    if name not in arrays:
        raise CourseError(
            f"This file has no {name}, without which a kernel's norm is not known: it is another model's."
        )
    return arrays[name].astype(np.float64)
