"""One forward pass: the course's functions beside PyTorch, ONNX Runtime, OpenVINO and Keras's `predict`."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from benchmarks.timing import Case
from benchmarks.worker import Worker, peer
from course_lib import build, engines

PEERS = {"torch": "PyTorch, eager", "onnx": "ONNX Runtime", "openvino": "OpenVINO, float32"}
PREDICT = "keras predict"
# The network, the pictures, and for each of the course's engines what it is held against. All pairs would take an hour.
CASES = (
    ("resnet50", 1, {
        "tf": ("torch", "onnx", "openvino", PREDICT), "openvino": ("torch", "onnx", "openvino"),
        "onnx": ("onnx",), "litert": ("torch",),
    }),
    ("resnet50", 16, {"tf": ("torch", PREDICT), "openvino": ("onnx", "openvino")}),
    ("mobilenet_v2", 1, {"tf": ("torch", PREDICT), "openvino": ("onnx", "openvino"), "litert": ("onnx",)}),
)  # fmt: skip
# What the project promises: by default against PyTorch, and with its fastest engine against ONNX Runtime.
LIMITS = {("resnet50", 1, "tf", "torch"): 0.85, ("resnet50", 1, "openvino", "onnx"): 1.0}


def forward(left_out: list[str]) -> Iterator[Case]:
    """Yield the cases, network by network.

    Args:
        left_out: gets a line for each peer that can't be had here, and why.
    """
    workers = _workers(left_out)
    try:
        for name, size, engines_of in CASES:
            model = build(name)
            for engine, peers in engines_of.items():
                if engine in engines.installed():
                    yield from _cases(name, size, model, engine, {p: workers.get(p) for p in peers})
                else:
                    left_out.append(f"{name} on {engine}, which is not installed")
    finally:
        for worker in workers.values():
            worker.close()


def _cases(name: str, size: int, model, engine: str, peers: dict[str, Worker | None]) -> Iterator[Case]:
    batch = np.random.default_rng(0).random((size, 224, 224, 3), np.float32)
    function = engines.function(model, engine)
    ours = f"{name}, batch {size}, " + (engine if engine != "tf" else "by default")
    for peer_name, worker in peers.items():
        limit = LIMITS.get((name, size, engine, peer_name))
        if peer_name == PREDICT:
            predict = partial(model.predict, batch, verbose=0)
            yield Case(ours, PREDICT, partial(function, batch), predict, limit=1.0)
        elif worker:
            call = worker.call(f"{name} {size}")
            yield Case(ours, PEERS[peer_name], partial(function, batch), call, limit=limit)


def _workers(left_out: list[str]) -> dict[str, Worker]:
    workers = {}
    for name, words in PEERS.items():
        try:
            workers[name] = peer(name)
        except RuntimeError as error:
            left_out.append(f"{words}: {error}")
    return workers
