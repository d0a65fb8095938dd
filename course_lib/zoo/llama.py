"""Llama: a decoder whose parts are each a little simpler than GPT-2's: norms without a mean, no biases, turned positions.

SmolLM2 is such a network, small enough to answer on a laptop.
"""

from dataclasses import dataclass

import keras
from keras import layers

from course_lib.zoo.attention import CachedAttention


@dataclass(frozen=True)
class LlamaConfig:
    """What tells one Llama from another."""

    width: int  # numbers in a token
    depth: int  # blocks
    heads: int  # of the queries in each attention
    kv_heads: int  # of keys and values: several heads of queries share one
    mlp: int  # units in a block's hidden layer
    vocabulary: int  # tokens that it knows
    context: int  # tokens that it can look back on
    rotary: float = 10_000.0  # base of the angles by which queries and keys are turned
    epsilon: float = 1e-5  # of the normalisations


CONFIGS = {
    "smollm2": LlamaConfig(576, 30, 9, 3, 1536, vocabulary=49_152, context=8192, rotary=100_000.0),
}


def build(config: LlamaConfig) -> keras.Model:
    """Build a Llama with random weights.

    Args:
        config: one of CONFIGS, or a variation by `dataclasses.replace`.

    Returns:
        A model from "tokens" (batch, tokens) int32, at most `context` of them, to logits (batch, tokens, vocabulary): at
        each place, of the token that comes next.

    Source: arXiv 2302.13971, section 2.2; keys and values that heads share: arXiv 2305.13245.
    """
    tokens = layers.Input((None,), dtype="int32", name="tokens")
    words = layers.ReversibleEmbedding(
        config.vocabulary, config.width, embeddings_initializer=_normal(), name="words"
    )
    x = words(tokens)
    for number in range(1, config.depth + 1):
        x = _block(x, config, f"block{number}")
    x = _norm(config, "norm")(x)
    return keras.Model(tokens, words(x, reverse=True), name="llama")


def _block(x, config: LlamaConfig, name: str):
    """Let each token look back, then think for itself; both add to what is there."""
    y = _norm(config, f"{name}_norm1")(x)
    y = CachedAttention(
        config.heads, config.width // config.heads, config.kv_heads, use_bias=False, rotary=config.rotary,
        name=f"{name}_attention",
    )(y)  # fmt: skip
    x = layers.Add(name=f"{name}_looked")([x, y])
    y = _norm(config, f"{name}_norm2")(x)
    # SwiGLU: one layer says what there is to add, the other how much of it passes (arXiv 2002.05202).
    gate = _dense(config.mlp, f"{name}_gate", activation="silu")(y)
    y = _dense(config.mlp, f"{name}_mlp1")(y)
    y = _dense(config.width, f"{name}_mlp2")(layers.Multiply(name=f"{name}_gated")([gate, y]))
    return layers.Add(name=f"{name}_out")([x, y])


def _norm(config: LlamaConfig, name: str):
    """Divide a token by its root mean square: no mean is taken away, and nothing is added."""
    return layers.RMSNormalization(epsilon=config.epsilon, name=name)


def _dense(units: int, name: str, **options):
    return layers.Dense(units, use_bias=False, kernel_initializer=_normal(), name=name, **options)


def _normal():
    return keras.initializers.RandomNormal(stddev=0.02)
