"""Names of CoCa's layers upstream."""

from course_lib.weights.convert.names import rename

# Where OpenCLIP keeps its blocks -> what ours are called.
_TOWERS = {
    r"visual\.transformer\.resblocks": "image_block",
    r"text\.transformer\.resblocks": "text_block",
    r"text_decoder\.resblocks": "decoder_block",
    r"text_decoder\.cross_attn": "decoder_look",
}
_PARTS = (
    (r"ln_(\d)", r"norm\2"),
    (r"ln_1_kv", "norm_memory"),
    (r"attn\.(query|key|value)", r"attention/\2"),
    (r"attn\.out_proj", "attention/attention_output"),
    (r"mlp\.c_fc", "mlp1"),
    (r"mlp\.c_proj", "mlp2"),
)
_OPEN_CLIP = (
    *(
        (rf"{tower}\.(\d+)\.{part}", rf"{block}{{\1}}_{ours}")
        for tower, block in _TOWERS.items()
        for part, ours in _PARTS
    ),
    (r"visual\.conv1", "patch_conv"),
    (r"visual\.ln_pre", "image_pre_norm"),
    (r"visual\.attn_pool\.attn\.(query|key|value)", r"pooler_attention/\1"),
    (r"visual\.attn_pool\.attn\.out_proj", "pooler_attention/attention_output"),
    (r"visual\.attn_pool\.ln_q", "pooler_norm_queries"),
    (r"visual\.attn_pool\.ln_k", "pooler_norm_tokens"),
    (r"visual\.ln_post", "image_norm"),
    (r"text\.token_embedding", "text_words"),
    (r"text\.ln_final", "text_norm"),
    (r"text_decoder\.ln_final", "decoder_norm"),
)

torch_parameters = {
    "visual.class_embedding": "image_tokens/class_token",
    "visual.positional_embedding": "image_positions/embeddings",
    "visual.attn_pool.query": "pooler_queries/queries",
    "visual.proj": "image_projection/kernel",
    "text.cls_emb": "text_tokens/class_token",
    "text.positional_embedding": "text_positions/embeddings",
    "text.text_projection": "text_projection/kernel",
    "text_decoder.text_projection": "caption/kernel",
    "logit_scale": "similarity/log_scale",
}


def torch(module: str, config) -> str | None:
    """OpenCLIP's CoCa: its blocks count from 0, ours from 1."""
    numbers = [
        str(number) for number in range(1, 1 + max(config.depth, config.text_depth, config.decoder_depth))
    ]
    return rename(module, _OPEN_CLIP, numbers)
