"""Names of GPT's layers upstream."""

from course_lib.weights.convert.names import rename

_BLOCK = r"transformer_layer_(\d+)/"
_KERASHUB = (
    ("token_embedding", "words"),
    ("position_embedding", "places"),
    ("layer_norm", "norm"),
    (_BLOCK + r"self_attention_layer_norm", r"{\1}_norm1"),
    (_BLOCK + r"feedforward_layer_norm", r"{\1}_norm2"),
    (_BLOCK + r"self_attention/(query|key|value)", r"{\1}_attention/\2"),
    (_BLOCK + r"self_attention/attention_output", r"{\1}_attention/out"),
    (_BLOCK + r"feedforward_intermediate_dense", r"{\1}_mlp1"),
    (_BLOCK + r"feedforward_output_dense", r"{\1}_mlp2"),
)


def kerashub(module: str, config) -> str | None:
    """KerasHub's GPT2Backbone: its blocks count from 0, ours from 1."""
    return rename(module, _KERASHUB, [f"block{number}" for number in range(1, config.depth + 1)])
