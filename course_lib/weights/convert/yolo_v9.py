"""Names of YOLOv9's layers upstream, "model.<node>.<part>": a network's nodes are numbered, and in two ways.

A "converted" file holds the network for use. The file that a training left has the auxiliary branch too, with both heads in its
last node, and so other numbers. A look at the whole file tells which it is; then its nodes get our names.
"""

import re
from collections.abc import Mapping

import numpy as np

from course_lib.weights.convert.names import rename

# Nodes in upstream's order; those without a name have no weights.
_TOP_DOWN = ("spp", "", "", "up4", "", "", "up3")
_NECK = (*_TOP_DOWN, "down4_down", "", "down4", "down5_down", "", "down5")
_AUXILIARY = tuple(name and f"auxiliary_{name}" for name in _TOP_DOWN)

# The parts of a node -> our names. A block's second and third part, cv2 and cv3, are our first and second.
_BLOCK = tuple(
    (rf"([^.]*)\.cv{number + 1}{part}", rf"\1_{ours}")
    for number in (1, 2)
    for part, ours in (
        (r"\.0\.m\.(\d)\.cv1\.conv1", rf"csp{number}_block{{\2}}_rep_3x3"),
        (r"\.0\.m\.(\d)\.cv1\.conv2", rf"csp{number}_block{{\2}}_rep_1x1"),
        (r"\.0\.m\.(\d)\.cv2", rf"csp{number}_block{{\2}}_last"),
        (r"\.0\.cv1", f"csp{number}_main"),
        (r"\.0\.cv2", f"csp{number}_aside"),
        (r"\.0\.cv3", f"csp{number}"),
        (r"\.1", f"mix{number}"),
        ("", f"mix{number}"),  # of a block without bottlenecks
    )
)
_RULES = (
    (r"([^.]*spp)\.cv1", r"\1_in"),
    (r"([^.]*spp)\.cv5", r"\1_out"),
    (r"([^.]*_down)\.cv2", r"\1_pooled"),
    *_BLOCK,
    (r"([^.]*)\.cv1", r"\1_split"),
    (r"([^.]*)\.cv4", r"\1_out"),
    (r"((?:head|auxiliary)\d_\w+)\.([01])", r"\1{\2}"),
)
_STRIDED = {"split": (r"([^.]*_down)\.cv1", r"\1_strided"), "average": (r"([^.]*_down)\.cv1", r"\1")}


def torch_arrays(arrays: Mapping[str, np.ndarray], config) -> dict[str, np.ndarray]:
    """Give the nodes of a file our names, and leave out what the network has no use for.

    Args:
        arrays: tensors by upstream's names, of a file of either kind.
        config: of the network; where it has no auxiliary branch, the file's is left out.

    Returns:
        Tensors by our node's name and upstream's part, "p3.cv1.conv.weight"; unknown ones by the name that they had.
    """
    training = any(re.fullmatch(r"model\.\d+\.cv[45]\.\d\..*", name) for name in arrays)
    nodes, found = dict(enumerate(_nodes(config, training))), {}
    for name, array in arrays.items():
        number, part = re.fullmatch(r"(?s)(?:model\.(\d+)\.)?(.*)", name).groups()
        node = nodes.get(int(number)) if number else None
        ours = _head(part, training) if node == "heads" else f"{node}.{part}" if node else name
        if config.auxiliary or not ours.startswith("auxiliary"):
            found[ours] = array
    return found


def torch(module: str, config) -> str | None:
    """The authors' own code, its nodes named by `torch_arrays`."""
    if module.startswith("dfl"):
        return None  # the numbers 0 to bins - 1
    if module.endswith(".2"):
        return f"{module.removesuffix('.2')}es"  # "head3_boxes", "head3_classes"
    path, _, unit = module.rpartition(".")
    if re.fullmatch(r"(auxiliary_)?link\d", path):
        return path
    depths = [str(number + 1) for number in range(10)]  # upstream begins with 0
    return f"{rename(path, (_STRIDED[config.halving], *_RULES), depths)}_{unit}"


def _nodes(config, training: bool) -> list[str]:
    """Name the nodes of a network in upstream's order."""
    if config.columns == 2:
        link = [f"link{level}" for level in range(1, 6)]
        backbone = ["", *_column("first_"), *link, *_column("", sums=range(1, 6))]
        return [*backbone, *(_AUXILIARY if training else ()), *_NECK, "heads"]
    network = [*_column(""), *_NECK]
    if not training:
        return [*network, "heads"]
    if config.auxiliary_branch == "top_down":
        return [*network, *_AUXILIARY, "heads"]
    link = [f"auxiliary_link{level}" for level in (3, 4, 5)]
    return ["", *network, *link, *_column("auxiliary_", sums=(3, 4, 5)), "heads"]


def _column(prefix, sums=()) -> list[str]:
    """Name a backbone's nodes; a node for a sum stands behind the halving."""
    names = []
    for level in range(1, 6):
        halving, *block = [f"p{level}"] if level == 1 else [f"p{level}_down", f"p{level}"]
        names += [prefix + halving, *([""] if level in sums else []), *(prefix + name for name in block)]
    return names


def _head(part: str, training: bool) -> str:
    """Name a tensor of the last node: "cv2.0.1.conv.weight" -> "head3_box.1.conv.weight"."""
    if not (found := re.fullmatch(r"cv([2-5])\.(\d)\.(.*)", part)):
        return part
    branch, level, rest = int(found[1]), int(found[2]) + 3, found[3]
    head = "auxiliary" if training and branch < 4 else "head"
    return f"{head}{level}_{'class' if branch % 2 else 'box'}.{rest}"
