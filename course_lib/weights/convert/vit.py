"""Names of ViT's layers upstream."""

from course_lib.weights.convert.names import rename

_EMBEDDING, _BLOCK = r".*vit_patching_and_embedding", r".*vit_encoder/transformer_block_(\d+)/"
_KERASHUB = (
    (_EMBEDDING, "tokens"),
    (_EMBEDDING + "/patch_embedding", "patch_conv"),
    (_EMBEDDING + "/position_embedding", "positions"),
    (_BLOCK + r"ln_(\d)", r"block\1_norm\2"),
    (_BLOCK + r"mha/(\w+)", r"block\1_attention/\2"),
    (_BLOCK + r"mlp/dense_(\d)", r"block\1_mlp\2"),
    (r".*vit_encoder/ln", "norm"),
    ("predictions", "head"),
)


def kerashub(module: str, config) -> str | None:
    """KerasHub's ViTImageClassifier: its layers lie in each other, ours in a row."""
    return rename(module, _KERASHUB)
