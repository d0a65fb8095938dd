"""GPT (Radford et al. 2019; Brown et al. 2020, arXiv 2005.14165): a row of blocks that guesses each next token.

GPT-3 is the same network, larger; what its paper says of sparse attention in every other layer is left out: it changes
no parameter, only which pairs of tokens are looked at.
"""

from dataclasses import dataclass

import keras
from keras import layers

from course_lib.zoo.attention import CachedAttention, Places


@dataclass(frozen=True)
class GPTConfig:
    """What tells one GPT from another."""

    width: int  # numbers in a token
    depth: int  # blocks
    heads: int
    mlp: int  # units in a block's hidden layer
    vocabulary: int = 50_257  # tokens that it knows
    context: int = 1024  # tokens that it can look back on
    dropout: float = 0.1  # behind each part that adds to the tokens, while training
    epsilon: float = 1e-5  # of the layer normalisations


CONFIGS = {
    "gpt2_small": GPTConfig(768, 12, 12, 3072),
    "gpt2_medium": GPTConfig(1024, 24, 16, 4096),
    "gpt2_large": GPTConfig(1280, 36, 20, 5120),
    "gpt2_xl": GPTConfig(1600, 48, 25, 6400),
    "gpt3_small": GPTConfig(768, 12, 12, 3072, context=2048),
    "gpt3_medium": GPTConfig(1024, 24, 16, 4096, context=2048),
    "gpt3_large": GPTConfig(1536, 24, 16, 6144, context=2048),
    # Table 2.1 says 24 heads for XL, and a width of 5,140 for 13B. What table D.1 counts only comes out with these.
    "gpt3_xl": GPTConfig(2048, 24, 16, 8192, context=2048),
    "gpt3_2_7b": GPTConfig(2560, 32, 32, 10_240, context=2048),
    "gpt3_6_7b": GPTConfig(4096, 32, 32, 16_384, context=2048),
    "gpt3_13b": GPTConfig(5120, 40, 40, 20_480, context=2048),
    "gpt3_175b": GPTConfig(12_288, 96, 96, 49_152, context=2048),
    "gpt_nano": GPTConfig(128, 4, 4, 512, vocabulary=1024, context=128, dropout=0.0),
}


def build(config: GPTConfig) -> keras.Model:
    """Build a GPT with random weights.

    Args:
        config: one of CONFIGS, or a variation by `dataclasses.replace`.

    Returns:
        A model from "tokens" (batch, tokens) int32, at most `context` of them, to logits (batch, tokens, vocabulary): at
        each place, of the token that comes next.

    Source: GPT-2's paper, section 2.3; sizes of its table 2, and of table 2.1 in arXiv 2005.14165.
    """
    tokens = layers.Input((None,), dtype="int32", name="tokens")
    words = layers.ReversibleEmbedding(
        config.vocabulary, config.width, embeddings_initializer=_normal(), name="words"
    )
    x = Places(config.context, name="places")(words(tokens))
    x = layers.Dropout(config.dropout, name="drop")(x)
    for number in range(1, config.depth + 1):
        x = _block(x, config, f"block{number}")
    x = layers.LayerNormalization(epsilon=config.epsilon, name="norm")(x)
    return keras.Model(tokens, words(x, reverse=True), name="gpt")


@keras.saving.register_keras_serializable("course_lib")
def gelu_by_tanh(x):
    """GELU as GPT-2 was trained with it, by a hyperbolic tangent; the exact one differs in the fourth digit."""
    return keras.activations.gelu(x, approximate=True)


def _block(x, config: GPTConfig, name: str):
    """Let each token look back, then think for itself; both add to what is there."""
    y = layers.LayerNormalization(epsilon=config.epsilon, name=f"{name}_norm1")(x)
    y = CachedAttention(config.heads, config.width // config.heads, name=f"{name}_attention")(y)
    y = layers.Dropout(config.dropout, name=f"{name}_drop1")(y)
    x = layers.Add(name=f"{name}_looked")([x, y])
    y = layers.LayerNormalization(epsilon=config.epsilon, name=f"{name}_norm2")(x)
    y = layers.Dense(config.mlp, gelu_by_tanh, kernel_initializer=_normal(), name=f"{name}_mlp1")(y)
    y = layers.Dense(config.width, kernel_initializer=_normal(), name=f"{name}_mlp2")(y)
    y = layers.Dropout(config.dropout, name=f"{name}_drop2")(y)
    return layers.Add(name=f"{name}_out")([x, y])


def _normal():
    return keras.initializers.RandomNormal(stddev=0.02)
