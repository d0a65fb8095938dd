"""Names of BERT's layers upstream."""

from course_lib.weights.convert.names import rename

_LAYER = r"encoder\.layer\.(\d+)\."
_TORCH = (
    (r"embeddings\.word_embeddings", "words"),
    (r"embeddings\.LayerNorm", "start_norm"),
    (_LAYER + r"attention\.self\.(query|key|value)", r"block{\1}_attention/\2"),
    (_LAYER + r"attention\.output\.dense", r"block{\1}_attention/out"),
    (_LAYER + r"attention\.output\.LayerNorm", r"block{\1}_norm1"),
    (_LAYER + r"intermediate\.dense", r"block{\1}_mlp1"),
    (_LAYER + r"output\.dense", r"block{\1}_mlp2"),
    (_LAYER + r"output\.LayerNorm", r"block{\1}_norm2"),
)

torch_parameters = {
    "embeddings.token_type_embeddings.weight": "sentences/embeddings",
    "embeddings.position_embeddings.weight": "places/embeddings",
}


def torch(module: str, config) -> str | None:
    """Hugging Face's BertModel: its blocks count from 0, ours from 1; the mean over tokens stands in for its pooler."""
    if module in ("pooler.dense", "embeddings"):  # of the latter, the places' numbers: 0, 1, 2 ...
        return None
    numbers = [str(number) for number in range(1, config.depth + 1)]
    name = rename(module, _TORCH, numbers)
    return "norm" if name == f"block{config.depth}_norm2" else name
