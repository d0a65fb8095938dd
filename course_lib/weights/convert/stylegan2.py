"""Names of StyleGAN2's layers upstream; both its networks."""

import re
from collections.abc import Mapping

import numpy as np

from course_lib.weights.convert.names import rename

_SIDES = [2**power for power in range(2, 11)]
_TORCH = (
    (r"(d_)?mapping\.embed", r"\1mapping_embed"),
    *((rf"(d_)?mapping\.fc{number}", rf"\1mapping_dense{number + 1}") for number in range(8)),
    (r"synthesis\.b(\d+)\.(conv[01])", r"b\1_\2"),
    (r"synthesis\.b(\d+)\.(conv[01])\.affine", r"b\1_\2_style"),
    (r"synthesis\.b(\d+)\.torgb", r"b\1_rgb"),
    (r"synthesis\.b(\d+)\.torgb\.affine", r"b\1_rgb_style"),
    # The discriminator, whose mapping network is to be called d_mapping.
    (r"b\d+\.fromrgb", "d_rgb"),
    (r"b4\.conv", "d4_conv"),
    (r"b4\.fc", "d4_dense"),
    (r"b4\.out", "d_out"),
    (r"b(\d+)\.(skip|conv[01])", r"d\1_\2"),
)

# What belongs to no kernel: bias, strength and noise stand in a layer behind the convolution here.
torch_parameters = {
    "mapping.w_avg": "centre/mean",
    "synthesis.b4.const": "b4_start/maps",
    **{f"synthesis.b{side}.torgb.bias": f"b{side}_rgb_bias/bias" for side in _SIDES},
    **{
        f"synthesis.b{side}.conv{number}.{theirs}": f"b{side}_conv{number}_noise/{ours}"
        for side in _SIDES
        for number in (0, 1)
        for theirs, ours in (("bias", "bias"), ("noise_strength", "strength"), ("noise_const", "constant"))
    },
}


def torch(module: str, config) -> str:
    """NVIDIA's stylegan2-ada-pytorch: its dense layers count from 0, ours from 1."""
    return rename(module, _TORCH)


def torch_arrays(arrays: Mapping[str, np.ndarray], config) -> dict[str, np.ndarray]:
    """Leave out the blur's taps, which are always the same; the constant has its channels first."""
    named = {name: array for name, array in arrays.items() if not name.endswith("resample_filter")}
    if "synthesis.b4.const" in named:
        named["synthesis.b4.const"] = named["synthesis.b4.const"].transpose(1, 2, 0)
    return named


def dnnlib(module: str, config) -> str:
    """NVIDIA's older pickles: `dnnlib_arrays` has given them our names."""
    return module


def dnnlib_arrays(arrays: Mapping[str, np.ndarray], config) -> dict[str, np.ndarray]:
    """Give the variables of TensorFlow's time our names and axes.

    Source: NVlabs/stylegan2-ada-pytorch, legacy.py, for what each variable means: kernels that enlarge lie turned round, a
    style's bias is kept without its 1.
    """
    named = {}
    for name, array in arrays.items():
        place = _dnnlib_place(name)
        if place is None:
            continue  # the resolution that training had reached, and the like
        if place.endswith("_start/maps"):
            array = array[0].transpose(1, 2, 0)
        elif place.endswith("/constant"):
            array = array[0, 0]
        elif "Conv0_up/weight" in name:
            array = array[::-1, ::-1]
        elif name.endswith("mod_bias"):
            array = array + 1
        named[place] = array
    return named


def _dnnlib_place(name: str) -> str | None:
    """Return our path of an older variable, or None for one that has no place."""
    noise = re.fullmatch(r"synthesis/noise(\d+)", name)
    if noise:  # counted through: one at 4 px, then two at each size
        number = int(noise[1])
        return f"b{2 ** ((number + 5) // 2)}_conv{0 if number % 2 else 1}_noise/constant"
    for pattern, ours in _DNNLIB:
        if found := re.fullmatch(pattern, name):
            return found.expand(ours)
    return None


_DNNLIB = (
    (r"dlatent_avg", "centre/mean"),
    (r"mapping/LabelEmbed/weight", "mapping_embed/kernel"),
    (r"mapping/LabelEmbed/bias", "mapping_embed/bias"),
    *((rf"mapping/Dense{i}/{a}", f"mapping_dense{i + 1}/{b}") for i in range(8) for a, b in (("weight", "kernel"), ("bias", "bias"))),
    (r"synthesis/4x4/Const/const", "b4_start/maps"),
    *(
        (rf"synthesis/(\d+)x\d+/{theirs}/{variable}", rf"b\1_{ours}{rest}")
        for theirs, ours, bias in (
            ("Conv", "conv1", "noise"), ("Conv0_up", "conv0", "noise"), ("Conv1", "conv1", "noise"), ("ToRGB", "rgb", "bias")
        )
        for variable, rest in (
            ("weight", "/kernel"), ("mod_weight", "_style/kernel"), ("mod_bias", "_style/bias"),
            ("bias", f"_{bias}/bias"), ("noise_strength", "_noise/strength"),
        )
    ),
)  # fmt: skip
