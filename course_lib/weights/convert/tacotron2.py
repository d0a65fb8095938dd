"""Names of Tacotron 2's layers upstream, in NVIDIA's two projects, which differ in a prefix."""

from collections.abc import Mapping

import numpy as np

from course_lib.weights.convert.names import rename

_TORCH = (
    (r"embedding", "embedding"),
    (r"(encoder|postnet)\.convolutions\.(\d+)\.0\.conv", r"\1_conv{\2}"),
    (r"(encoder|postnet)\.convolutions\.(\d+)\.1", r"\1_norm{\2}"),
)
_LINEAR = {
    "prenet.layers.0.linear_layer": "prenet/dense1",
    "prenet.layers.1.linear_layer": "prenet/dense2",
    "attention_layer.query_layer.linear_layer": "attention/query",
    "attention_layer.memory_layer.linear_layer": "attention/key",
    "attention_layer.v.linear_layer": "attention/score",
    "attention_layer.location_layer.location_conv.conv": "attention/location_conv",
    "attention_layer.location_layer.location_dense.linear_layer": "attention/location",
    "linear_projection.linear_layer": "to_mel",
    "gate_layer.linear_layer": "to_stop",
}
# An LSTM's module and the ending of its tensors' names -> ours. The gates stand in the same order: input, forget, cell, output.
_LSTMS = {
    ("encoder.lstm", "_l0"): "encoder_lstm/forward_lstm/lstm_cell",
    ("encoder.lstm", "_l0_reverse"): "encoder_lstm/backward_lstm/lstm_cell",
    ("decoder.attention_rnn", ""): "decoder/asking_lstm",
    ("decoder.decoder_rnn", ""): "decoder/writing_lstm",
}
# The decoder is one layer here, so its parts' names are told one by one.
torch_parameters = {
    f"decoder.{theirs}.{variable}": f"decoder/{ours}/{name}"
    for theirs, ours in _LINEAR.items()
    for variable, name in (("weight", "kernel"), ("bias", "bias"))
} | {
    f"{module}.{variable}{ending}": f"{ours}/{name}"
    for (module, ending), ours in _LSTMS.items()
    for variable, name in (("weight_ih", "kernel"), ("weight_hh", "recurrent_kernel"), ("bias", "bias"))
}


def torch(module: str, config) -> str | None:
    """NVIDIA/tacotron2, and the file of NVIDIA's DeepLearningExamples; their convolutions count from 0, ours from 1."""
    count = max(config.encoder_depth, config.postnet_depth)
    return rename(module, _TORCH, [str(number) for number in range(1, count + 1)])


def torch_arrays(arrays: Mapping[str, np.ndarray], config) -> dict[str, np.ndarray]:
    """Take away the prefix of a network that was trained on several cards, and let the decoder's numbers lie as Keras's do."""
    found = {}
    for name, array in arrays.items():
        name = name.removeprefix("module.")
        # To what it sees and to what it remembers PyTorch's LSTM adds a bias each; their sum does the same.
        name = name.replace(".bias_ih", ".bias").replace(".bias_hh", ".bias")
        if name not in torch_parameters:
            found[name] = array
        elif array.ndim == 1:
            found[name] = found[name] + array if name in found else array
        else:
            found[name] = np.transpose(array)
    return found
