"""Records what torchvision's own networks answer, for test_fixtures.py; run once, by hand, whenever a fixture is added.

It needs torch and torchvision, which the course does not:

    pip install torch
    pip install --no-deps torchvision
    python tests/parity/record_torchvision.py alexnet

A fixture, fixtures/<model id>.npz, holds the answers to pictures and weights that weights_by_rule.py makes from a seed, and all
that is needed to make them again: tensor names and shapes, seed, size of the pictures, checksums, versions.
`record` takes any PyTorch network.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
import weights_by_rule

FIXTURES = Path(__file__).parent / "fixtures"
SEED, PICTURES = 0, 2
# Model id, with a word for a variant, -> torchvision's constructor, its arguments, and the side of the pictures.
NETWORKS = {
    "alexnet": ("alexnet", {}, 224),
    "inception_v1": ("googlenet", {"aux_logits": True, "init_weights": False}, 224),
    "inception_v1.auxiliary": ("googlenet", {"aux_logits": True, "init_weights": False}, 224),
    "mobilenet_v2": ("mobilenet_v2", {}, 224),
}


def import_torchvision():
    """Import torchvision beside a torch whose build lacks two operators that its detection models use."""
    try:
        import torchvision
    except RuntimeError:
        library = torch.library.Library("torchvision", "DEF")
        library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        import torchvision

        torchvision.declared = library  # or the operators would go when it does
    return torchvision


def fill(network: torch.nn.Module, seed: int) -> dict[str, tuple[int, ...]]:
    """Give every tensor of a network's state dict the numbers of the rule; return its names and shapes."""
    shapes = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    made = weights_by_rule.tensors(shapes, seed)
    network.load_state_dict({name: torch.from_numpy(array) for name, array in made.items()})
    return shapes


def all_heads(network: torch.nn.Module) -> torch.nn.Module:
    """Make a GoogLeNet answer with its auxiliary heads, too: (batch, 3 x classes)."""
    plain = network.forward

    def forward(images):
        network.training = True  # of the network alone: its layers stay in inference mode
        found = plain(images)
        return torch.cat([found.logits, found.aux_logits1, found.aux_logits2], 1)

    network.forward = forward
    return network


def record(name: str, network: torch.nn.Module, size: int, upstream: str, config: dict | None = None) -> Path:
    """Write the fixture of one network.

    Args:
        name: the course's name of the model; after a dot, a word for a variant.
        network: it takes (batch, 3, size, size) and gives (batch, classes) logits.
        size: side of the pictures, pixels.
        upstream: name and version of the package, for instance "torchvision 0.28.0".
        config: what the variant changes in our config.

    Returns:
        The file.
    """
    shapes = fill(network.eval(), SEED)
    images = weights_by_rule.pictures(PICTURES, size, SEED)
    with torch.inference_mode():
        outputs = network(torch.from_numpy(images.transpose(0, 3, 1, 2).copy())).numpy()
    note = {
        "upstream": f"{upstream} with torch {torch.__version__}, CPU, float32, in inference mode",
        "layout": "torch",
        "seed": SEED,
        "size": size,
        "config": config or {},
        "shapes": shapes,
        "weights_checksum": weights_by_rule.checksum(weights_by_rule.tensors(shapes, SEED)),
        "pictures_checksum": weights_by_rule.checksum({"pictures": images}),
    }
    path = FIXTURES / f"{name}.npz"
    np.savez_compressed(path, outputs=outputs, note=np.array(json.dumps(note)))
    spread = f"outputs {outputs.shape} of {outputs.min():.2f} to {outputs.max():.2f}"
    print(f"{path.name}: {spread}, {path.stat().st_size:,} bytes")
    return path


if __name__ == "__main__":
    torchvision = import_torchvision()
    for name in sys.argv[1:] or NETWORKS:
        constructor, options, size = NETWORKS[name]
        network = getattr(torchvision.models, constructor)(weights=None, **options)
        config = {"auxiliary": True} if name.endswith(".auxiliary") else {}
        if config:
            network = all_heads(network)
        record(name, network, size, f"torchvision {torchvision.__version__}", config)
