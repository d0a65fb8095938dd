"""T5 (Raffel et al. 2019, arXiv 1910.10683): every task is a text that goes in and a text that comes out.

An encoder reads the whole source, each token looking both ways. A decoder writes the answer token by token, and at each
looks at what the encoder made of the source. Where a token stands, nothing tells it; how far apart two tokens stand is
told to every attention, as a number that is added to its logit.
"""

import math
from dataclasses import dataclass

import keras
from keras import layers, ops

from course_lib.zoo.attention import CachedAttention


@dataclass(frozen=True)
class T5Config:
    """What tells one T5 from another."""

    width: int  # numbers in a token
    depth: int  # blocks of the encoder, and of the decoder
    heads: int
    mlp: int  # units in the hidden layer of each block
    gated: bool = False  # T5 1.1 and Flan: a GELU that a second dense layer multiplies; else one ReLU
    tied: bool = True  # the head is the table of words turned round; T5 1.1 and Flan have a head of their own
    head_width: int = 64  # numbers in a head; heads * head_width need not be the width
    vocabulary: int = 32_128
    context: int = 512  # tokens of a source; there is no table of places, so nothing breaks beyond, it was just never seen
    buckets: int = 32  # of distances, see `bucket`
    farthest: int = 128  # tokens; whatever is as far as this or farther shares a bucket
    tanh: bool = False  # the GELU's approximation by tanh; KerasHub takes the exact one
    epsilon: float = 1e-6  # of the normalisations


CONFIGS = {
    "t5_small": T5Config(512, 6, 8, 2048),
    "t5_base": T5Config(768, 12, 12, 3072),
    "t5_large": T5Config(1024, 24, 16, 4096),
    "flan_t5_small": T5Config(512, 8, 6, 1024, gated=True, tied=False),
    "flan_t5_base": T5Config(768, 12, 12, 2048, gated=True, tied=False),
    "flan_t5_large": T5Config(1024, 24, 16, 2816, gated=True, tied=False),
    "t5_nano": T5Config(96, 3, 4, 128, gated=True, tied=False, head_width=24, vocabulary=96, context=96),
}


def build(config: T5Config) -> keras.Model:
    """Build a T5 with random weights.

    Args:
        config: one of CONFIGS, or a variation by `dataclasses.replace`.

    Returns:
        A model from {"source": (batch, tokens) int32, padded by 0; "tokens": (batch, tokens) int32, what is written so
        far, beginning with 0} to (batch, tokens, vocabulary) float32, logits of the token that follows each token. It is
        made of two models, `get_layer("encoder")`: source -> (batch, tokens, width), and `get_layer("decoder")`:
        [what the encoder gave, source, tokens] -> logits.

    Source: arXiv 1910.10683, section 2.1; sizes are those of the published weights.
    """
    words = layers.ReversibleEmbedding(
        config.vocabulary, config.width, embeddings_initializer=keras.initializers.RandomNormal(stddev=1.0), name="words"
    )  # fmt: skip
    encoder, decoder = _encoder(words, config), _decoder(words, config)
    source, tokens = (layers.Input((None,), dtype="int32", name=name) for name in ("source", "tokens"))
    logits = decoder([encoder(source), source, tokens])
    return keras.Model({"source": source, "tokens": tokens}, logits, name="t5")


def bucket(distance, buckets: int = 32, farthest: int = 128, causal: bool = False):
    """Say into which bucket a distance falls: near ones have one each, far ones share, in steps that grow.

    Args:
        distance: whole numbers of any shape, place of the key minus place of the query.
        buckets: how many there are; half of them for keys after the query, unless `causal`.
        farthest: distances from this one on share the last bucket.
        causal: keys after the query are never looked at, so all buckets serve those before it.

    Returns:
        int32 of the same shape, 0 to buckets - 1.

    Source: arXiv 1910.10683, section 2.1; the formula is that of the code which the authors published with it.
    """
    distance = ops.cast(distance, "int32")
    if causal:
        first, distance = 0, ops.maximum(-distance, 0)
    else:
        buckets //= 2
        first, distance = buckets * ops.cast(distance > 0, "int32"), ops.abs(distance)
    exact = buckets // 2  # distances below have a bucket of their own
    # Distance 0 would have the logarithm of nothing; it is below `exact` anyhow.
    growth = ops.log(ops.cast(ops.maximum(distance, 1), "float32") / exact) / math.log(farthest / exact)
    far = exact + ops.cast(growth * (buckets - exact), "int32")
    return first + ops.where(distance < exact, distance, ops.minimum(far, buckets - 1))


@keras.saving.register_keras_serializable("course_lib")
class RelativeBias(layers.Layer):
    """What is added to the logits for how far apart query and key stand: a learned number a bucket and head."""

    looks_back = True

    def __init__(self, heads, buckets=32, farthest=128, causal=False, **options):
        super().__init__(**options)
        self.heads, self.buckets, self.farthest, self.causal = heads, buckets, farthest, causal

    def build(self, x_shape):
        start = keras.initializers.RandomNormal(stddev=x_shape[-1] ** -0.5)
        self.embeddings = self.add_weight(
            shape=(self.buckets, self.heads), initializer=start, name="embeddings"
        )

    def call(self, x, past=None):
        """(batch, tokens, width) -> (1, heads, tokens, keys), where the keys of a past stand before the tokens."""
        tokens, earlier = ops.shape(x)[1], 0 if past is None else ops.shape(past)[3]
        queries, keys = earlier + ops.arange(tokens), ops.arange(earlier + tokens)
        numbers = bucket(keys[None, :] - queries[:, None], self.buckets, self.farthest, self.causal)
        return ops.transpose(ops.take(self.embeddings, numbers, axis=0), (2, 0, 1))[None]

    def get_config(self):
        names = ("heads", "buckets", "farthest", "causal")
        return super().get_config() | {name: getattr(self, name) for name in names}


@keras.saving.register_keras_serializable("course_lib")
class Known(layers.Layer):
    """Where a source has tokens: True, False at padding (token 0)."""

    def call(self, source):
        return ops.not_equal(source, 0)


def _encoder(words, config):
    source = layers.Input((None,), dtype="int32", name="source")
    x = words(source)
    bias = _bias(x, "encoder", config)
    known = Known(name="encoder_known")(source)
    for number in range(1, config.depth + 1):
        name = f"encoder_block{number}"
        y = _norm(x, f"{name}_norm1", config)
        y = _attention(f"{name}_attention", config)(y, bias=bias, visible=known)
        x = layers.Add(name=f"{name}_looked")([x, y])
        x = _think(x, name, config)
    return keras.Model(source, _norm(x, "encoder_norm", config), name="encoder")


def _decoder(words, config):
    memory = layers.Input((None, config.width), name="memory")
    source, tokens = (layers.Input((None,), dtype="int32", name=name) for name in ("source", "tokens"))
    x = words(tokens)
    bias = _bias(x, "decoder", config, causal=True)
    known = Known(name="decoder_known")(source)
    for number in range(1, config.depth + 1):
        name = f"decoder_block{number}"
        y = _norm(x, f"{name}_norm1", config)
        y = _attention(f"{name}_attention", config, causal=True)(y, bias=bias)
        x = layers.Add(name=f"{name}_looked")([x, y])
        y = _norm(x, f"{name}_norm_source", config)
        y = _attention(f"{name}_source", config)(y, memory=memory, visible=known)
        x = layers.Add(name=f"{name}_read")([x, y])
        x = _think(x, name, config)
    logits = _head(_norm(x, "norm", config), words, config)
    return keras.Model([memory, source, tokens], logits, name="decoder")


def _head(x, words, config):
    """Compare what was thought with every word; a table of words of size 1 needs the scale, a head learns its own."""
    if not config.tied:
        return layers.Dense(config.vocabulary, use_bias=False, name="head")(x)
    x = layers.Rescaling(config.width**-0.5, name="scaled")(x)
    return layers.Identity(name="head")(words(x, reverse=True))


def _think(x, name, config):
    """Let each token think for itself. Source of the gate: arXiv 2002.05202, equation 6."""
    y = _norm(x, f"{name}_norm2", config)
    dense = {"units": config.mlp, "use_bias": False}
    if config.gated:
        hidden = layers.Dense(**dense, name=f"{name}_mlp1")(y)
        hidden = layers.Activation(_gelu_by_tanh if config.tanh else "gelu", name=f"{name}_gelu")(hidden)
        gate = layers.Dense(**dense, name=f"{name}_gate")(y)
        y = layers.Multiply(name=f"{name}_gated")([hidden, gate])
    else:
        y = layers.Dense(**dense, activation="relu", name=f"{name}_mlp1")(y)
    y = layers.Dense(config.width, use_bias=False, name=f"{name}_mlp2")(y)
    return layers.Add(name=f"{name}_out")([x, y])


@keras.saving.register_keras_serializable("course_lib")
def _gelu_by_tanh(x):
    return ops.gelu(x, approximate=True)


def _bias(x, name, config, causal=False):
    """Make a stack's one table of distances, which all its blocks share."""
    layer = RelativeBias(config.heads, config.buckets, config.farthest, causal, name=f"{name}_distances")
    return layer(x)


def _attention(name, config, causal=False):
    options = {"use_bias": False, "scale": False, "causal": causal, "name": name}
    return CachedAttention(config.heads, config.head_width, **options)


def _norm(x, name, config):
    """Divide by the root of the mean square, and nothing else: no mean is taken away, no bias is added."""
    return layers.RMSNormalization(epsilon=config.epsilon, name=name)(x)
