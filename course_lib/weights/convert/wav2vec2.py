"""Names of wav2vec 2.0's layers upstream."""

from collections.abc import Mapping

import numpy as np

from course_lib.weights.convert.names import rename

_CONV, _LAYER = (
    r"(?:wav2vec2\.)?feature_extractor\.conv_layers\.(\d+)\.",
    r"(?:wav2vec2\.)?encoder\.layers\.(\d+)\.",
)
_TORCH = (
    (_CONV + "conv", r"conv{\1}"),
    (_CONV + "layer_norm", r"conv{\1}_norm"),
    (r"(?:wav2vec2\.)?feature_projection\.layer_norm", "features"),
    (r"(?:wav2vec2\.)?feature_projection\.projection", "features_project"),
    (r"(?:wav2vec2\.)?encoder\.pos_conv_embed\.conv", "positions"),
    (r"(?:wav2vec2\.)?encoder\.layer_norm", "norm"),
    (_LAYER + r"attention\.q_proj", r"block{\1}_attention/query"),
    (_LAYER + r"attention\.k_proj", r"block{\1}_attention/key"),
    (_LAYER + r"attention\.v_proj", r"block{\1}_attention/value"),
    (_LAYER + r"attention\.out_proj", r"block{\1}_attention/out"),
    (_LAYER + "layer_norm", r"block{\1}_norm1"),
    (_LAYER + r"feed_forward\.intermediate_dense", r"block{\1}_mlp1"),
    (_LAYER + r"feed_forward\.output_dense", r"block{\1}_mlp2"),
    (_LAYER + "final_layer_norm", r"block{\1}_norm2"),
    ("lm_head", "head"),
    (r"quantizer\.weight_proj", "codes"),
    ("project_hid", "guesses"),
    ("project_q", "targets"),
)  # fmt: skip
# How long each vector of a kernel is, and where it points: PyTorch's older names for the two, and the newer ones.
_LENGTH, _DIRECTION = (
    (".weight_g", ".parametrizations.weight.original0"),
    (".weight_v", ".parametrizations.weight.original1"),
)

torch_parameters = {
    "quantizer.codevectors": "codebook/vectors",
    "wav2vec2.masked_spec_embed": "mask_frames/embeddings",
    "masked_spec_embed": "mask_frames/embeddings",
}


def torch(module: str, config) -> str:
    """Hugging Face's Wav2Vec2ForCTC and Wav2Vec2ForPreTraining: what they count from 0, we count from 1."""
    numbers = [str(number) for number in range(1, max(config.depth, len(config.channels)) + 1)]
    return rename(module, _TORCH, numbers)


def torch_arrays(arrays: Mapping[str, np.ndarray], config) -> dict[str, np.ndarray]:
    """Fold the weight norm of the positions' kernel; leave out the mask where the network has no gaps to fill."""
    found = {name: array for name, array in arrays.items()
             if not (config.symbols and name.endswith("masked_spec_embed"))}  # fmt: skip
    for length, direction in zip(_LENGTH, _DIRECTION, strict=True):
        for name in [name for name in found if name.endswith(direction)]:
            module = name.removesuffix(direction)
            if module + length in found:
                found[f"{module}.weight"] = _folded(found.pop(module + length), found.pop(name))
    return found


def _folded(length: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """Return the kernel (out, in, places) whose vector at each place, (out, in), has this length and direction."""
    norms = np.sqrt(np.sum(np.square(direction, dtype=np.float64), axis=(0, 1), keepdims=True))
    return (direction * (length / np.maximum(norms, 1e-30))).astype(np.float32)
