"""DeepSpeech's files upstream: Mozilla's checkpoints, written by TensorFlow 1, and its exports for LiteRT."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from course_lib.catalog import Weights
from course_lib.errors import CourseError
from course_lib.weights.deepspeech_file import DeepSpeechFile

_LSTM = "cudnn_lstm/rnn/multi_rnn_cell/cell_0/cudnn_compatible_lstm_cell"
_LAYERS = {f"layer_{number}": f"dense{number}" for number in (1, 2, 3, 5)} | {"layer_6": "head"}
slim_parameters = {
    f"{theirs}/{variable}": f"{ours}/{name}"
    for theirs, ours in _LAYERS.items()
    for variable, name in (("weights", "kernel"), ("bias", "bias"))
} | {f"{_LSTM}/{part}": f"lstm/lstm_cell/{part}" for part in ("kernel", "recurrent_kernel", "bias")}
# What training needs besides the network.
_TRAINING = ("learning_rate", "global_step", "beta1_power", "beta2_power")


def litert_file(path: Path, offer: Weights, config) -> DeepSpeechFile:
    """Open Mozilla's export, which runs as it is."""
    return DeepSpeechFile(path, 2 * offer.bytes, config.rate)


def slim(module: str, config) -> str:
    """All names of the network are in the table: another one is not of this model."""
    return module


def slim_arrays(arrays: Mapping[str, np.ndarray], config) -> dict[str, np.ndarray]:
    """Leave out what training needed, and give the LSTM's gates Keras's order.

    TensorFlow's kernel reads input and state in one, and its columns are input gate, new content, forget gate, output gate; Keras
    has two kernels, and the forget gate before the content. Nothing is added to the forget gate's bias: upstream adds none.
    """
    network = {
        name: array
        for name, array in arrays.items()
        if name not in _TRAINING and not name.rpartition("/")[2].startswith("Adam")
    }
    kernel, bias = network.pop(f"{_LSTM}/kernel", None), network.pop(f"{_LSTM}/bias", None)
    if kernel is None or bias is None or kernel.shape[-1] % 4 or kernel.shape[:1] <= (config.cell,):
        raise CourseError(
            f"This file has no {_LSTM}/kernel and bias that fit: it is not a DeepSpeech of release 0.6 to 0.9."
        )
    kernel, bias = _reordered(kernel), _reordered(bias)
    inputs = len(kernel) - config.cell
    parts = {"kernel": kernel[:inputs], "recurrent_kernel": kernel[inputs:], "bias": bias}
    return network | {f"{_LSTM}/{name}": array for name, array in parts.items()}


def _reordered(array):
    entry, content, forget, output = np.split(array, 4, axis=-1)
    return np.concatenate([entry, forget, content, output], axis=-1)
