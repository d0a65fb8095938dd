"""Records what timm's own networks answer, for test_fixtures.py; run once, by hand.

It needs what record_torchvision.py needs, and timm:

    pip install --no-deps timm
    pip install huggingface_hub pyyaml safetensors
    python tests/parity/record_timm.py inception_v4

The fixture is the same as there. Of networks too large to run here, only the tensors' names and shapes are recorded.
"""

import gzip
import json
import sys

import torch
from record_torchvision import FIXTURES, import_torchvision, record

# Model id -> timm's name, and the side of the pictures.
NETWORKS = {
    "inception_v4": ("inception_v4", 299),
    "efficientnet_lite0": ("tf_efficientnet_lite0", 224),
    "efficientnet_lite1": ("tf_efficientnet_lite1", 240),
    "efficientnet_lite2": ("tf_efficientnet_lite2", 260),
    "bit_r50x1": ("resnetv2_50x1_bit", 96),
}

# Model id -> timm's name, of networks that are not run.
LARGE = {"bit_r152x4": "resnetv2_152x4_bit", "efficientnet_l2": "tf_efficientnet_l2"}


def record_shapes(model_id: str, upstream: str) -> None:
    """Write fixtures/<model id>.shapes.json.gz: how timm calls each tensor, and its shape, on the device without numbers."""
    with torch.device("meta"):
        network = timm.create_model(upstream, pretrained=False)
    shapes = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    parameters = sum(parameter.numel() for parameter in network.parameters())
    note = {"upstream": f"timm {timm.__version__}", "parameters": parameters, "shapes": shapes}
    path = FIXTURES / f"{model_id}.shapes.json.gz"
    path.write_bytes(gzip.compress(json.dumps(note).encode(), mtime=0))
    print(f"{path.name}: {len(shapes)} tensors, {parameters:,} parameters, {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    import_torchvision()  # timm imports it
    import timm

    for model_id in sys.argv[1:] or [*NETWORKS, *LARGE]:
        if model_id in LARGE:
            record_shapes(model_id, LARGE[model_id])
            continue
        name, size = NETWORKS[model_id]
        record(model_id, timm.create_model(name, pretrained=False), size, f"timm {timm.__version__}")
