"""Networks as ONNX Runtime and OpenVINO run them, from a file or from memory; for this nobody needs Keras or TensorFlow."""

import sys
from collections.abc import Callable, Sequence

import numpy as np


def onnx(source: bytes | str, threads: int) -> Callable[..., np.ndarray]:
    """Get an ONNX network ready to run.

    Args:
        source: the file's bytes, or its path.
        threads: processor threads to use.

    Returns:
        A function from an array for each input to the first output.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # Idle threads leave others the cores
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
    names = [x.name for x in session.get_inputs()]
    return lambda *arrays: session.run(None, dict(zip(names, arrays, strict=True)))[0]


def openvino(network, threads: int, names: Sequence[str] = ()) -> Callable[..., np.ndarray]:
    """Get an OpenVINO network ready to run, in float32 whatever the processor offers.

    Args:
        network: an `openvino.Model`, or the path of its .xml file.
        threads: processor threads to use.
        names: of its inputs, where there are several.

    Returns:
        A function from an array for each input to the first output.
    """
    options = {
        "INFERENCE_PRECISION_HINT": "f32",  # else it takes bfloat16 where the processor has it
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_NUM_THREADS": threads,
        "ENABLE_CPU_PINNING": False,  # else all processes of a machine crowd on its first cores
    }
    run = openvino_core().compile_model(network, "CPU", options)
    if names:
        return lambda *arrays: run(dict(zip(names, arrays, strict=True)))[0]
    return lambda *arrays: run(list(arrays))[0]


def openvino_core():
    """Return OpenVINO's core."""
    # Without this package, which it looks for, OpenVINO does not tell its makers of every import and conversion.
    sys.modules.setdefault("openvino_telemetry", None)
    from openvino import Core

    return Core()
