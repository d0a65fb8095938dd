"""Names of WaveGlow's layers upstream, and its weights that were kept as lengths and directions."""

from collections.abc import Mapping

import numpy as np

from course_lib.weights.convert.names import rename

_TORCH = (
    (r"upsample", "upsample"),
    (r"convinv\.(\d+)\.conv", r"flow{\1}_mix"),
    (r"WN\.(\d+)\.(start|end)", r"flow{\1}_\2"),
    (r"WN\.(\d+)\.cond_layer", r"flow{\1}_cond"),
    *(
        (rf"WN\.(\d+)\.{theirs}\.{number}", rf"flow{{\1}}_{ours}{number + 1}")
        for theirs, ours in (("in_layers", "in"), ("res_skip_layers", "out"))
        for number in range(64)
    ),
)


def torch(module: str, config) -> str | None:
    """NVIDIA's WaveGlow: its flows and layers count from 0, ours from 1."""
    return rename(module, _TORCH, [str(number) for number in range(1, config.flows + 1)])


def torch_arrays(arrays: Mapping[str, np.ndarray], config) -> dict[str, np.ndarray]:
    """Fold weight normalisation, and join what older files keep apart: conditions layer by layer, residual and skip."""
    named = _folded({name.removeprefix("module."): array for name, array in arrays.items()})
    for flow in range(config.flows):
        for kind in ("weight", "bias"):
            place = f"WN.{flow}"
            parts = [f"{place}.cond_layers.{layer}.{kind}" for layer in range(config.depth)]
            if all(part in named for part in parts):
                named[f"{place}.cond_layer.{kind}"] = np.concatenate([named.pop(part) for part in parts])
            for layer in range(config.depth):
                parts = [f"{place}.{half}_layers.{layer}.{kind}" for half in ("res", "skip")]
                found = [named.pop(part) for part in parts if part in named]
                if found:  # the last layer only skips
                    named[f"{place}.res_skip_layers.{layer}.{kind}"] = np.concatenate(found)
    return named


def _folded(arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return kernels, for each a length `weight_g` and a direction `weight_v` an output channel.

    Source: arXiv 1602.07868, equation 2.
    """
    named = {}
    for name, array in arrays.items():
        module, _, variable = name.rpartition(".")
        length = arrays.get(f"{module}.weight_g")
        if variable == "weight_v" and length is not None:
            norm = np.sqrt(np.sum(np.square(array, dtype=np.float64), axis=(1, 2), keepdims=True))
            named[f"{module}.weight"] = (array * (length / norm)).astype(np.float32)
        elif variable != "weight_g" or f"{module}.weight_v" not in arrays:
            named[name] = array
    return named
