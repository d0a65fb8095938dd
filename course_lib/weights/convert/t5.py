"""Names of T5's layers upstream."""

import re
from collections.abc import Mapping

import numpy as np

from course_lib.weights.convert.names import rename

_BLOCK = r"transformer_(encoder|decoder)_layer_(\d+)/"
_KERASHUB = (
    (_BLOCK + r"self_attention/(query|key|value)_projector", r"\1_block{\2}_attention/\3"),
    (_BLOCK + r"self_attention/output_projector", r"\1_block{\2}_attention/out"),
    (_BLOCK + r"cross_attention/(query|key|value)_projector", r"\1_block{\2}_source/\3"),
    (_BLOCK + r"cross_attention/output_projector", r"\1_block{\2}_source/out"),
    (_BLOCK + r"input_projector", r"\1_block{\2}_mlp1"),
    (_BLOCK + r"gate_projector", r"\1_block{\2}_gate"),
    (_BLOCK + r"output_projector", r"\1_block{\2}_mlp2"),
    (_BLOCK + r"(norm\w+)", r"\1_block{\2}_\3"),
    (r"token_embedding", "words"),
)
# An attention owns the table of distances, and says not whose it is: the encoder's comes first.
kerashub_parameters = {
    "self_attention/embeddings": "encoder_distances/embeddings",
    "self_attention_1/embeddings": "decoder_distances/embeddings",
    "encoder_output_layer_norm/weight": "encoder_norm/scale",
    "decoder_output_layer_norm/weight": "norm/scale",
    "token_embedding/reverse_embeddings": "head/kernel",
}
_NORMS = {"encoder": ("norm1", "norm2"), "decoder": ("norm1", "norm_source", "norm2")}

_SUB = r"(encoder|decoder)\.block\.(\d+)\.layer\.\d\."
_ATTENTIONS = (("SelfAttention", "attention"), ("EncDecAttention", "source"))
_PROJECTIONS = {"q": "query", "k": "key", "v": "value", "o": "out"}
_TORCH = (
    *(
        (rf"{_SUB}{theirs}\.{letter}", rf"\1_block{{\2}}_{ours}/{part}")
        for theirs, ours in _ATTENTIONS
        for letter, part in _PROJECTIONS.items()
    ),
    (_SUB + r"DenseReluDense\.wi(_0)?", r"\1_block{\2}_mlp1"),
    (_SUB + r"DenseReluDense\.wi_1", r"\1_block{\2}_gate"),
    (_SUB + r"DenseReluDense\.wo", r"\1_block{\2}_mlp2"),
    (r"encoder\.block\.(\d+)\.layer\.0\.layer_norm", r"encoder_block{\1}_norm1"),
    (r"encoder\.block\.(\d+)\.layer\.1\.layer_norm", r"encoder_block{\1}_norm2"),
    (r"decoder\.block\.(\d+)\.layer\.0\.layer_norm", r"decoder_block{\1}_norm1"),
    (r"decoder\.block\.(\d+)\.layer\.1\.layer_norm", r"decoder_block{\1}_norm_source"),
    (r"decoder\.block\.(\d+)\.layer\.2\.layer_norm", r"decoder_block{\1}_norm2"),
    (r"encoder\.final_layer_norm", "encoder_norm"),
    (r"decoder\.final_layer_norm", "norm"),
    (r"shared", "words"),
    (r"lm_head", "head"),
)
torch_parameters = {
    f"{stack}.block.0.layer.0.SelfAttention.relative_attention_bias.weight": f"{stack}_distances/embeddings"
    for stack in ("encoder", "decoder")
}


def kerashub(module: str, config) -> str | None:
    """KerasHub's T5Backbone: its blocks count from 0, ours from 1."""
    return rename(module, _KERASHUB, _numbers(config))


def kerashub_arrays(arrays: Mapping[str, np.ndarray], config) -> dict[str, np.ndarray]:
    """Name the normalisations of a block by what they stand in front of; KerasHub counts all that were ever made."""
    named, seen = {}, {}
    for name, array in arrays.items():
        if found := re.fullmatch(rf"({_BLOCK})t5_layer_norm(_\d+)?/weight", name):
            block, stack = found[1], found[2]
            place = seen[block] = seen.get(block, -1) + 1
            if place < len(_NORMS[stack]):  # else the check of all names says what is unknown
                name = f"{block}{_NORMS[stack][place]}/scale"
        named[name] = array
    return named


def torch(module: str, config) -> str | None:
    """Hugging Face's T5ForConditionalGeneration, whose files may hold the table of words several times."""
    if module in ("encoder.embed_tokens", "decoder.embed_tokens") or (config.tied and module == "lm_head"):
        return None
    return rename(module, _TORCH, _numbers(config))


def _numbers(config) -> list[str]:
    return [str(number) for number in range(1, config.depth + 1)]
