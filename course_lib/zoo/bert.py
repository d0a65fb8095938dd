"""BERT (Devlin et al. 2018, arXiv 1810.04805): a transformer in which every token looks both ways.

The encoder of a text, and what Sentence-BERT (Reimers and Gurevych 2019, arXiv 1908.10084) made of it: one vector for a
whole sentence, the mean over its tokens, so that sentences that mean the same point the same way.
"""

from dataclasses import dataclass

import keras
from keras import layers, ops

from course_lib.zoo.attention import CachedAttention, Places


@dataclass(frozen=True)
class BertConfig:
    """What tells one BERT from another."""

    width: int  # numbers in a token
    depth: int  # blocks
    heads: int
    mlp: int  # units in the hidden layer behind the attention
    vocabulary: int = 30_522
    context: int = 512  # places that were learned
    separator: int = 102  # token that ends a sentence; behind the first one the second sentence begins
    epsilon: float = 1e-12  # of the layer normalisations


CONFIGS = {"minilm_l6": BertConfig(384, 6, 12, 1536)}


def build(config: BertConfig) -> keras.Model:
    """Build a sentence encoder with random weights.

    Args:
        config: one of CONFIGS, or a variation by `dataclasses.replace`.

    Returns:
        A model from "tokens" (batch, any length) int32, where 0 is padding, to the sentences' vectors (batch, width)
        float32 of length 1, from layer "pool"; layer "norm" has the tokens' own, (batch, length, width).

    Source: arXiv 1810.04805, section 3; the mean over tokens: arXiv 1908.10084, section 3.
    """
    tokens = layers.Input((None,), dtype="int32", name="tokens")
    known = ops.not_equal(tokens, 0)
    x = layers.Embedding(config.vocabulary, config.width, name="words")(tokens)
    x = Sentences(config.separator, name="sentences")(x, tokens)
    x = Places(config.context, name="places")(x)
    x = layers.LayerNormalization(epsilon=config.epsilon, name="start_norm")(x)
    for number in range(1, config.depth + 1):
        last = number == config.depth
        x = block(x, known, config, f"block{number}", "norm" if last else f"block{number}_norm2")
    return keras.Model(tokens, MeanToken(name="pool")(x, known), name="bert")


def block(x, known, config: BertConfig, name: str, end: str):
    """Let the tokens look at each other, then think each for itself; what adds up is normalised behind each sum.

    Args:
        x: a Keras tensor, (batch, tokens, width).
        known: (batch, tokens) bool, False at padding.
        config: of the network.
        name: prefix of the layers' names.
        end: name of the last normalisation.

    Returns:
        A Keras tensor of the shape of `x`.

    Source: arXiv 1706.03762, section 3.1: unlike in later transformers, nothing passes a block without being normalised.
    """
    attention = CachedAttention(
        config.heads, config.width // config.heads, causal=False, name=f"{name}_attention"
    )
    x = layers.Add(name=f"{name}_looked")([x, attention(x, visible=known)])
    x = layers.LayerNormalization(epsilon=config.epsilon, name=f"{name}_norm1")(x)
    y = layers.Dense(config.mlp, "gelu", name=f"{name}_mlp1")(x)
    y = layers.Dense(config.width, name=f"{name}_mlp2")(y)
    x = layers.Add(name=f"{name}_out")([x, y])
    return layers.LayerNormalization(epsilon=config.epsilon, name=end)(x)


@keras.saving.register_keras_serializable("course_lib")
class Sentences(layers.Layer):
    """Adds to each token a learned vector for the sentence in which it stands: the first, or what follows its separator."""

    def __init__(self, separator, **options):
        super().__init__(**options)
        self.separator = separator

    def build(self, x_shape, tokens_shape):
        start = keras.initializers.RandomNormal(stddev=0.02)
        self.embeddings = self.add_weight(shape=(2, x_shape[-1]), initializer=start, name="embeddings")

    def call(self, x, tokens):
        ends = ops.cast(ops.equal(tokens, self.separator), "int32")
        before = ops.cumsum(ends, axis=1) - ends  # the separator itself belongs to the sentence that it ends
        return x + ops.take(self.embeddings, ops.minimum(before, 1), axis=0)

    def get_config(self):
        return super().get_config() | {"separator": self.separator}


@keras.saving.register_keras_serializable("course_lib")
class MeanToken(layers.Layer):
    """The mean over a text's tokens, without its padding, brought to length 1."""

    def call(self, x, known):
        counted = ops.cast(known, x.dtype)[:, :, None]
        mean = ops.sum(x * counted, axis=1) / ops.maximum(ops.sum(counted, axis=1), 1)
        return mean / ops.maximum(ops.norm(mean, axis=-1, keepdims=True), 1e-12)

    def compute_output_shape(self, x_shape, known_shape):
        return (x_shape[0], x_shape[-1])
