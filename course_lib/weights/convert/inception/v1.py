"""Names of GoogLeNet's layers upstream."""

import re

from course_lib.weights.convert.names import rename

_PARTS = {
    "branch1": "1x1", "branch2.0": "3x3_reduce", "branch2.1": "3x3", "branch3.0": "5x5_reduce", "branch3.1": "5x5",
    "branch4.1": "pool_proj",
}  # fmt: skip
_TORCH = (
    (r"fc", "head"),
    (r"conv(\d)\.(conv|bn)", r"stem\1_\2"),
    (r"(aux\d)\.conv\.(conv|bn)", r"\1_\2"),
    (r"(aux\d)\.fc1", r"\1_dense"),
    (r"(aux\d)\.fc2", r"\1_head"),
)
_SLIM = (
    (r"Logits/Conv2d_0c_1x1", "head"),
    (r"Conv2d_1a_7x7", "stem1"),
    (r"Conv2d_2b_1x1", "stem2"),
    (r"Conv2d_2c_3x3", "stem3"),
)
# TensorFlow-slim counts the pooling before a stage as its module "a".
_MIXED = ("3b", "3c", "4b", "4c", "4d", "4e", "4f", "5b", "5c")
_BRANCHES = (
    (r"Branch_0/Conv2d_0a_1x1", "1x1"),
    (r"Branch_1/Conv2d_0a_1x1", "3x3_reduce"),
    (r"Branch_1/Conv2d_0b_3x3", "3x3"),
    (r"Branch_2/Conv2d_0a_1x1", "5x5_reduce"),
    (r"Branch_2/Conv2d_0[ab]_3x3", "5x5"),  # Mixed_5b calls it 0a, all others 0b
    (r"Branch_3/Conv2d_0b_1x1", "pool_proj"),
)


def torch(module: str, config) -> str | None:
    """torchvision. Its file holds the auxiliary heads, which it never trained: they are left out unless asked for."""
    if module.startswith("aux") and not config.auxiliary:
        return None
    found = re.fullmatch(r"inception(\d\w)\.(.+)\.(conv|bn)", module)
    if found and found[2] in _PARTS:
        return f"module{found[1]}_{_PARTS[found[2]]}_{found[3]}"
    return rename(module, _TORCH)


def slim(module: str, config) -> str | None:
    """TensorFlow-slim: InceptionV1/Mixed_3b/Branch_1/Conv2d_0a_1x1, and its BatchNorm below it."""
    return slim_name(
        module, "InceptionV1", dict(zip(_MIXED, config.modules(), strict=True)), _SLIM, _BRANCHES
    )


def slim_name(module, network, modules, rules, branches) -> str:
    """Rename one of TensorFlow-slim's layers.

    Args:
        module: its name, for instance "InceptionV1/Mixed_3b/Branch_0/Conv2d_0a_1x1/BatchNorm".
        network: the name that all begin with.
        modules: what stands for "3b" in "Mixed_3b" here.
        rules: for layers outside the modules, as `names.rename` takes them; without our "_conv" at the end.
        branches: for layers in a module, after "Mixed_3b/".

    Returns:
        Our layer's name; the given one where no rule fits.
    """
    layer, batch_norm = re.fullmatch(rf"(?:{network}/)?(.*?)(/BatchNorm)?", module).groups()
    found = re.fullmatch(r"Mixed_(\w+?)/(.+)", layer)
    if found and found[1] in modules:
        ours = f"{modules[found[1]]}_{rename(found[2], branches)}"
    else:
        ours = rename(layer, rules)
    return ours if ours == "head" else ours + ("_bn" if batch_norm else "_conv")
