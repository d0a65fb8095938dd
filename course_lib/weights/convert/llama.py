"""Names of Llama's layers upstream, and the way into KerasHub's own network."""

from collections.abc import Mapping

import numpy as np

from course_lib.weights.convert.names import rename

_BLOCK = r"blk\.(\d+)\."
_GGUF = (
    (r"token_embd", "words"),
    (_BLOCK + r"attn_norm", r"{\1}_norm1"),
    (_BLOCK + r"ffn_norm", r"{\1}_norm2"),
    (_BLOCK + r"attn_q", r"{\1}_attention/query"),
    (_BLOCK + r"attn_k", r"{\1}_attention/key"),
    (_BLOCK + r"attn_v", r"{\1}_attention/value"),
    (_BLOCK + r"attn_output", r"{\1}_attention/out"),
    (_BLOCK + r"ffn_gate", r"{\1}_gate"),
    (_BLOCK + r"ffn_up", r"{\1}_mlp1"),
    (_BLOCK + r"ffn_down", r"{\1}_mlp2"),
    (r"output_norm", "norm"),
)
_LAYER = r"transformer_layer_(\d+)/"
_KERASHUB = (
    (r"token_embedding", "words"),
    (_LAYER + r"self_attention_layernorm", r"{\1}_norm1"),
    (_LAYER + r"feedforward_layernorm", r"{\1}_norm2"),
    (_LAYER + r"self_attention/attention_output", r"{\1}_attention/out"),
    (_LAYER + r"self_attention/(\w+)", r"{\1}_attention/\2"),
    (_LAYER + r"feedforward_gate_dense", r"{\1}_gate"),
    (_LAYER + r"feedforward_intermediate_dense", r"{\1}_mlp1"),
    (_LAYER + r"feedforward_output_dense", r"{\1}_mlp2"),
    (r"sequence_output_layernorm", "norm"),
)


def gguf(module: str, config) -> str | None:
    """llama.cpp's names."""
    return rename(module, _GGUF, _blocks(config))


def gguf_arrays(arrays: Mapping[str, np.ndarray], config) -> dict[str, np.ndarray]:
    """Bring queries' and keys' numbers into our order.

    llama.cpp turns neighbours, numbers 2 i and 2 i + 1 of a head, by an angle, as Llama's authors do; KerasHub and this
    course turn i and i + half a head, so that the rows of a head have to change their places.
    """
    heads = {"attn_q": config.heads, "attn_k": config.kv_heads}
    return {name: _halves(array, heads.get(name.split(".")[-2], 0)) for name, array in arrays.items()}


def _halves(array: np.ndarray, heads: int) -> np.ndarray:
    if not heads or array.ndim != 2 or len(array) % (2 * heads):
        return array  # where it should have been another shape, the check of shapes will say it
    pairs = array.reshape(heads, -1, 2, array.shape[1])
    return pairs.swapaxes(1, 2).reshape(array.shape)


def kerashub(module: str, config) -> str | None:
    """KerasHub's LlamaBackbone: its blocks count from 0, ours from 1."""
    return rename(module, _KERASHUB, _blocks(config))


def to_keras_hub(model, config):
    """Put the numbers of one of our models into KerasHub's network of the same architecture.

    Args:
        model: what `zoo.llama.build(config)` made, with whatever weights.
        config: its config.

    Returns:
        A `keras_hub.models.LlamaBackbone`; `backbone.token_embedding(backbone(inputs), reverse=True)` are its logits.
    """
    import keras_hub

    backbone = keras_hub.models.LlamaBackbone(
        config.vocabulary, config.depth, config.heads, config.width, config.mlp, config.kv_heads,
        rope_max_wavelength=config.rotary, layer_norm_epsilon=config.epsilon, tie_word_embeddings=True,
    )  # fmt: skip
    ours = {variable.path: variable for variable in model.weights}
    for variable in backbone.weights:
        module, _, name = variable.path.rpartition("/")
        array = np.asarray(ours[f"{kerashub(module, config)}/{name}"])
        variable.assign(array.reshape(variable.shape))
    return backbone


def _blocks(config) -> list[str]:
    return [f"block{number}" for number in range(1, config.depth + 1)]
