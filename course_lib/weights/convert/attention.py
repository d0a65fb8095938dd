"""PyTorch's attention keeps the projections of queries, keys and values in one tensor; here they are cut apart."""

from collections.abc import Mapping

import numpy as np

PARTS = ("query", "key", "value")
# The end of a packed tensor's name -> what each part's name ends in; nn.MultiheadAttention, and timm's own attention.
_PACKED = {".in_proj_weight": "weight", ".in_proj_bias": "bias", ".qkv.weight": "weight", ".qkv.bias": "bias"}
# nn.MultiheadAttention keeps the matrices apart, but not the biases, where keys are of another width than queries.
_APART = {
    ".q_proj_weight": ".query.weight",
    ".k_proj_weight": ".key.weight",
    ".v_proj_weight": ".value.weight",
}


def unpacked(arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Cut packed projections apart.

    Args:
        arrays: tensors by PyTorch's names.

    Returns:
        The same tensors; `x.in_proj_weight` (3 width, width) has become `x.query.weight`, `x.key.weight` and
        `x.value.weight`, (width, width) each; and so for the other ways of packing.
    """
    found = {}
    for name, array in arrays.items():
        for ending, variable in _PACKED.items():
            if name.endswith(ending) and len(array) % 3 == 0:
                module = name.removesuffix(ending)
                found |= {
                    f"{module}.{part}.{variable}": third
                    for part, third in zip(PARTS, np.split(array, 3), strict=True)
                }
                break
        else:
            ending = next((ending for ending in _APART if name.endswith(ending)), "")
            found[name.removesuffix(ending) + _APART.get(ending, "")] = array
    return found
