"""What transformers share: a learned token, places, and the block in which tokens look at each other and then think."""

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable("course_lib")
class ClassToken(layers.Layer):
    """Puts one learned token in front of each row, or behind it: what it has gathered at the end is what is read."""

    def __init__(self, last=False, **options):
        super().__init__(**options)
        self.last = last

    def build(self, shape):
        self.token = self.add_weight(shape=(1, 1, shape[-1]), initializer="zeros", name="class_token")

    def call(self, x):
        token = ops.tile(self.token, (ops.shape(x)[0], 1, 1))
        return ops.concatenate([x, token] if self.last else [token, x], axis=1)

    def get_config(self):
        return super().get_config() | {"last": self.last}


@keras.saving.register_keras_serializable("course_lib")
class Positions(layers.Layer):
    """Adds to each token a learned vector for its place in the row."""

    def build(self, shape):
        start = keras.initializers.RandomNormal(stddev=0.02)
        self.embeddings = self.add_weight(shape=shape[1:], initializer=start, name="embeddings")

    def call(self, x):
        return x + self.embeddings


@keras.saving.register_keras_serializable("course_lib")
class Queries(layers.Layer):
    """A few learned tokens, the same for every picture; of its input it only takes the batch size."""

    def __init__(self, count, width, **options):
        super().__init__(**options)
        self.count, self.width = count, width

    def build(self, shape):
        start = keras.initializers.RandomNormal(stddev=1.0)
        self.queries = self.add_weight(shape=(self.count, self.width), initializer=start, name="queries")

    def call(self, x):
        return ops.tile(self.queries[None], (ops.shape(x)[0], 1, 1))

    def get_config(self):
        return super().get_config() | {"count": self.count, "width": self.width}


def block(x, heads, mlp, *, name, epsilon=1e-6, dropout=0.0, memory=None, mask=None, causal=False):
    """Let the tokens look at each other, then think each for itself; both add to what is there.

    Args:
        x: a Keras tensor, (batch, tokens, width).
        heads: of the attention; each has width / heads numbers.
        mlp: units in the hidden layer.
        name: prefix of the layers' names.
        epsilon: of the layer normalisations.
        dropout: behind each dense layer.
        memory: (batch, other tokens, width) to look at instead of `x` itself: cross-attention.
        mask: (batch, tokens, tokens) bool, True where a row may look at a column; None for everywhere.
        causal: let no token look at those behind it.

    Returns:
        A Keras tensor of the shape of `x`.

    Source: arXiv 1706.03762, section 3; the normalisations stand in front, as in arXiv 2010.11929, equations 2 and 3.
    """
    width = x.shape[-1]
    y = seen = layers.LayerNormalization(epsilon=epsilon, name=f"{name}_norm1")(x)
    if memory is not None:
        seen = layers.LayerNormalization(epsilon=epsilon, name=f"{name}_norm_memory")(memory)
    attention = layers.MultiHeadAttention(heads, width // heads, name=f"{name}_attention")
    y = attention(y, seen, attention_mask=mask, use_causal_mask=causal)
    y = layers.Dropout(dropout, name=f"{name}_drop1")(y)
    x = layers.Add(name=f"{name}_looked")([x, y])
    y = layers.LayerNormalization(epsilon=epsilon, name=f"{name}_norm2")(x)
    y = layers.Dense(mlp, "gelu", name=f"{name}_mlp1")(y)
    y = layers.Dropout(dropout, name=f"{name}_drop2")(y)
    y = layers.Dense(width, name=f"{name}_mlp2")(y)
    y = layers.Dropout(dropout, name=f"{name}_drop3")(y)
    return layers.Add(name=f"{name}_out")([x, y])
