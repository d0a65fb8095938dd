"""Records what Ultralytics' own networks answer, for test_fixtures.py; run once, by hand.

It needs what record_torchvision.py needs, and Ultralytics:

    pip install ultralytics
    python tests/parity/record_ultralytics.py

The answers are the head's raw numbers, in our order. Of networks too large to run here, only the tensors' names and shapes are recorded.
"""

import gzip
import json

import torch
import ultralytics
from record_torchvision import FIXTURES, record
from ultralytics.nn.tasks import DetectionModel

SIZE, CLASSES = 64, 20  # pixels; fewer classes make a smaller file
RUN = {"yolo_v8_n": "yolov8n"}
LARGE = {"yolo_v8_x": "yolov8x"}
UPSTREAM = f"ultralytics {ultralytics.__version__}"


def raw(network: torch.nn.Module) -> torch.nn.Module:
    """Make a detector answer with its head's numbers: (batch, cells, 4 * bins + classes), boxes first."""
    plain = network.forward

    def forward(images):
        _, found = plain(images)
        return torch.cat([found["boxes"], found["scores"]], 1).transpose(1, 2).contiguous()

    network.forward = forward
    return network


def record_shapes(model_id: str, name: str) -> None:
    """Write fixtures/<model id>.shapes.json.gz: each tensor's name and shape, and how many numbers are trained."""
    network = DetectionModel(f"{name}.yaml", verbose=False)
    shapes = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    # The 16 numbers from which a box's mean distance is counted are parameters upstream, but not trained.
    parameters = sum(tensor.numel() for name, tensor in network.named_parameters() if ".dfl." not in name)
    note = {"upstream": UPSTREAM, "parameters": parameters, "shapes": shapes}
    path = FIXTURES / f"{model_id}.shapes.json.gz"
    path.write_bytes(gzip.compress(json.dumps(note).encode(), mtime=0))
    print(f"{path.name}: {len(shapes)} tensors, {parameters:,} parameters, {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    for model_id, name in RUN.items():
        network = DetectionModel(f"{name}.yaml", nc=CLASSES, verbose=False)
        record(model_id, raw(network), SIZE, UPSTREAM, {"classes": CLASSES})
    for model_id, name in LARGE.items():
        record_shapes(model_id, name)
