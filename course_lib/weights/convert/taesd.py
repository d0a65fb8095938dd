"""Names of TAESD's layers upstream, where encoder and decoder are two numbered rows of modules, each in a file of its own."""

from collections.abc import Mapping

import numpy as np

from course_lib.weights.convert.names import rename

# upstream's number of a module -> ours
_ENCODER = {0: "encoder_stem", 1: "encoder_stage1_block1", 14: "encoder_latent"} | {
    4 * stage - 6 + number: f"encoder_stage{stage}_" + (f"block{number}" if number else "down")
    for stage in (2, 3, 4)
    for number in range(4)
}
_DECODER = {1: "decoder_stem", 18: "decoder_stage4_block1", 19: "decoder_pixels"} | {
    5 * stage - 3 + number: f"decoder_stage{stage}_" + (f"block{number}" if number < 4 else "up")
    for stage in (1, 2, 3)
    for number in (1, 2, 3, 5)
}
_NAMES = {f"encoder.{number}": name for number, name in _ENCODER.items()}
_NAMES |= {f"decoder.{number}": name for number, name in _DECODER.items()}
_INNER = (
    (r"conv\.0", "conv1"),
    (r"conv\.2", "conv2"),
    (r"conv\.4", "conv3"),
    (r"pool\.0", "pool1"),
    (r"pool\.1", "norm"),
    (r"pool\.3", "pool2"),
)


def torch(module: str, config) -> str:
    """Upstream's files, "encoder." or "decoder." before the names: a number, and within a block a row of its own."""
    half, number, *inner = module.split(".", 2)
    if f"{half}.{number}" not in _NAMES:
        return module
    return _NAMES[f"{half}.{number}"] + "".join(f"_{rename(name, _INNER)}" for name in inner)


def torch_arrays(arrays: Mapping[str, np.ndarray], config) -> dict[str, np.ndarray]:
    """Take diffusers' file as well: both halves in one, and its decoder does not count the bend of the codes."""
    if not any(name.startswith("decoder.layers.") for name in arrays):
        return dict(arrays)
    named = {}
    for name, array in arrays.items():
        half, _, number, rest = name.split(".", 3)
        named[f"{half}.{int(number) + (half == 'decoder')}.{rest}"] = array
    return named
