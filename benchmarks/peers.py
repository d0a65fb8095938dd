"""The peers that the course does not depend on, each in a process of its own: `python peers.py torch | onnx | ...`.

It runs in the environment `.bench`, so it imports nothing of the course. It reads lines "network size", runs the
network once, and answers with the seconds; "ready" comes first. A picture is a NumPy array going in, and so are the
logits coming out; the size is that of the batch. A language model writes as many tokens as the size says, a
recogniser hears so many seconds.
"""

import os
import sys
import tempfile
import time
import warnings
from functools import partial
from pathlib import Path

import numpy as np
import torch

NETWORKS = ("resnet50", "mobilenet_v2")
THREADS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def network(name: str) -> torch.nn.Module:
    """Build torchvision's network with random weights, for inference."""
    import torchvision

    return getattr(torchvision.models, name)(weights=None).eval()


def with_torch(name: str):
    """PyTorch as it comes: eager."""
    net = network(name)

    def run(batch):
        with torch.inference_mode():
            return net(torch.from_numpy(batch)).numpy()

    return run


def with_onnx(name: str):
    """ONNX Runtime on PyTorch's own export."""
    import onnxruntime

    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "network.onnx")
        example, batch = (torch.zeros(2, 3, 224, 224),), {0: torch.export.Dim("batch")}
        torch.onnx.export(network(name), example, path, dynamic_shapes=(batch,), dynamo=True, verbose=False)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = THREADS
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    entry = session.get_inputs()[0].name
    return lambda batch: session.run(None, {entry: batch})[0]


def with_openvino(name: str):
    """OpenVINO's own conversion of the PyTorch network; in float32 as all others, not in what it would choose."""
    sys.modules.setdefault("openvino_telemetry", None)
    import openvino

    converted = openvino.convert_model(network(name), example_input=torch.zeros(1, 3, 224, 224))
    options = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": THREADS}
    run = openvino.Core().compile_model(converted, "CPU", options)
    return lambda batch: run(batch)[0]


def seeing(make):
    """Build all networks for pictures, and return what prepares a call of one."""
    runs = {name: make(name) for name in NETWORKS}

    def prepare(name: str, size: int):
        return partial(runs[name], np.random.default_rng(0).random((size, 3, 224, 224), np.float32))

    return prepare


def writing():
    """Build transformers' GPT-2 with random weights, and return what prepares its writing: greedy, with its cache."""
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.manual_seed(0)
    model = GPT2LMHeadModel(GPT2Config()).eval()
    model.generation_config.eos_token_id, model.generation_config.pad_token_id = None, 0
    prompt = torch.arange(8)[None]

    def prepare(_name: str, size: int):
        return partial(model.generate, prompt, max_new_tokens=size, do_sample=False)

    return prepare


def hearing():
    """Build transformers' wav2vec 2.0, base's shape, with random weights; the size is in seconds."""
    from transformers import Wav2Vec2Config, Wav2Vec2ForCTC

    model = Wav2Vec2ForCTC(Wav2Vec2Config()).eval()

    def prepare(_name: str, size: int):
        sound = torch.from_numpy(np.random.default_rng(0).normal(size=(1, 16_000 * size)).astype(np.float32))

        def run():
            with torch.inference_mode():
                return model(sound).logits

        return run

    return prepare


KINDS = {
    "torch": partial(seeing, with_torch),
    "onnx": partial(seeing, with_onnx),
    "openvino": partial(seeing, with_openvino),
    "transformers": writing,
    "hearing": hearing,
}


def main() -> None:
    """Build, say "ready", and answer line after line."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what converters print is no answer
    warnings.simplefilter("ignore")
    torch.set_num_threads(THREADS)
    prepare = KINDS[sys.argv[1]]()
    print("ready", file=answers, flush=True)
    for line in sys.stdin:
        name, size = line.split()
        run = prepare(name, int(size))
        started = time.perf_counter()
        run()
        print(time.perf_counter() - started, file=answers, flush=True)


if __name__ == "__main__":
    main()
