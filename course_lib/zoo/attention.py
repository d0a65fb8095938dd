"""Attention that can remember, and the layer that tells tokens where they stand: what the language models are made of."""

import keras
from keras import layers, ops

NEVER = -1e9  # the logit of what may not be looked at


@keras.saving.register_keras_serializable("course_lib")
class CachedAttention(layers.Layer):
    """Attention of several heads, whose keys and values can be kept for the next token.

    Args:
        heads: of the queries.
        head_width: numbers in each.
        kv_heads: of keys and values; as many as of the queries, or fewer that they share.
        use_bias: of all four projections.
        scale: divide the logits by the root of `head_width`.
        causal: let no token look at those behind it.
        rotary: base of the rotation by which queries and keys tell where they stand; 0 for none.

    Source: arXiv 1706.03762, section 3.2; shared keys: arXiv 2305.13245; rotation: arXiv 2104.09864, section 3.4.
    """

    def __init__(
        self, heads, head_width, kv_heads=None, use_bias=True, scale=True, causal=True, rotary=0.0, **options
    ):
        super().__init__(**options)
        self.heads, self.head_width, self.kv_heads = heads, head_width, kv_heads or heads
        self.use_bias, self.scale, self.causal, self.rotary = use_bias, scale, causal, rotary

    def build(self, x_shape, memory_shape=None):
        width, seen = x_shape[-1], (memory_shape or x_shape)[-1]
        self.query = self._dense("query", self.heads * self.head_width, width)
        self.key = self._dense("key", self.kv_heads * self.head_width, seen)
        self.value = self._dense("value", self.kv_heads * self.head_width, seen)
        self.out = self._dense("out", width, self.heads * self.head_width)

    def call(self, x, memory=None, bias=None, visible=None):
        """Let tokens look around; arguments and first result as for `remember`."""
        return self._attend(x, memory, bias, visible, None)[0]

    def remember(self, x, memory=None, bias=None, visible=None, past=None):
        """Let tokens look around, and at those that were before them.

        Args:
            x: (batch, tokens, width).
            memory: (batch, others, width), what to look at instead of `x` itself.
            bias: (1 or batch, heads, tokens, keys), added to the logits.
            visible: (batch, keys) bool, True where there is something to look at.
            past: (2, batch, kv_heads, earlier, head_width), keys and values of the tokens before these; for an attention
                that is not causal, all that there is to look at, as `kept` gives it.

        Returns:
            (batch, tokens, width), and the past of the tokens to come.
        """
        return self._attend(x, memory, bias, visible, past)

    def kept(self, memory):
        """Return keys and values of a memory (batch, others, width): (2, batch, kv_heads, others, head_width)."""
        return ops.stack([self._split(self.key, memory), self._split(self.value, memory)])

    def _attend(self, x, memory, bias, visible, past):
        seen, query = x if memory is None else memory, self._split(self.query, x)
        if past is not None and not self.causal:
            key, value = ops.unstack(past)
            return by_rows(self.out, self._look(query, key, value, bias, visible)), past
        key, value = self._split(self.key, seen), self._split(self.value, seen)
        if self.rotary:
            start = 0 if past is None else ops.shape(past)[3]
            query, key = rotated(query, start, self.rotary), rotated(key, start, self.rotary)
        if past is not None:
            # One copy of what is remembered, and none to take it apart again: for a long text that is most of the work.
            past = ops.concatenate([past, ops.stack([key, value])], axis=3)
            key, value = ops.unstack(past)
        return by_rows(self.out, self._look(query, key, value, bias, visible)), past

    def get_config(self):
        names = ("heads", "head_width", "kv_heads", "use_bias", "scale", "causal", "rotary")
        return super().get_config() | {name: getattr(self, name) for name in names}

    def _dense(self, name, units, width):
        # Where nothing divides the logits, the queries begin so small that the logits do as well.
        small = self.head_width if name == "query" and not self.scale else 1
        start = keras.initializers.VarianceScaling(1 / small, "fan_avg", "uniform")
        dense = layers.Dense(
            units, use_bias=self.use_bias, kernel_initializer=start, name=name, dtype=self.dtype_policy
        )
        dense.build((None, None, width))
        return dense

    def _split(self, dense, x):
        """Project (batch, tokens, width) to (batch, heads, tokens, head_width), all tokens as in `by_rows`."""
        y, shape = dense(_rows(x)), ops.shape(x)
        y = ops.reshape(y, (*shape[:2], y.shape[-1] // self.head_width, self.head_width))
        return ops.transpose(y, (0, 2, 1, 3))

    def _look(self, query, key, value, bias, visible):
        batch, tokens, keys = ops.shape(query)[0], ops.shape(query)[2], ops.shape(key)[2]
        if self.scale:
            query = query / self.head_width**0.5
        # Heads that share keys and values stand behind each other, as if they were more tokens of one.
        query = ops.reshape(query, (batch, self.kv_heads, -1, self.head_width))
        logits = ops.matmul(query, ops.transpose(key, (0, 1, 3, 2)))
        logits = ops.reshape(logits, (batch, self.heads, tokens, keys))
        if bias is not None:
            logits = logits + bias
        if visible is not None:
            logits = ops.where(visible[:, None, None, :], logits, NEVER)
        if self.causal:
            logits = ops.where(_earlier(tokens, keys), logits, NEVER)
        shares = ops.reshape(ops.softmax(logits), (batch, self.kv_heads, -1, keys))
        y = ops.reshape(ops.matmul(shares, value), (batch, self.heads, tokens, self.head_width))
        return ops.reshape(ops.transpose(y, (0, 2, 1, 3)), (batch, tokens, self.heads * self.head_width))


@keras.saving.register_keras_serializable("course_lib")
class Places(layers.Layer):
    """Adds to each token a learned vector for its place in the text; `count` places are known."""

    looks_back = True

    def __init__(self, count, **options):
        super().__init__(**options)
        self.count = count

    def build(self, x_shape):
        start = keras.initializers.RandomNormal(stddev=0.02)
        self.embeddings = self.add_weight(
            shape=(self.count, x_shape[-1]), initializer=start, name="embeddings"
        )

    def call(self, x, past=None):
        first = 0 if past is None else ops.shape(past)[3]
        return x + ops.take(self.embeddings, first + ops.arange(ops.shape(x)[1]), axis=0)

    def get_config(self):
        return super().get_config() | {"count": self.count}


def by_rows(dense, x):
    """Call a dense layer on all tokens of all texts as one matrix.

    A product with three axes is to Keras a dozen small operations round it, and a single token waits for each.

    Args:
        dense: a layer that treats each token by itself.
        x: (batch, tokens, width).

    Returns:
        (batch, tokens, units).
    """
    y = dense(_rows(x))
    return ops.reshape(y, (*ops.shape(x)[:-1], y.shape[-1]))


def _rows(x):
    return ops.reshape(x, (-1, x.shape[-1]))


def rotated(x, start, base: float):
    """Turn pairs of numbers by an angle that grows with the place: then a product of two tells how far apart they stand.

    Args:
        x: (batch, heads, tokens, head_width); number i goes with number i + head_width / 2.
        start: place of the first token.
        base: the slowest pair turns by 1 / base or a little more a token.

    Returns:
        A tensor of the shape of `x`.

    Source: arXiv 2104.09864, equation 34; which numbers are a pair: as in Llama.
    """
    half = x.shape[-1] // 2
    speeds = base ** (-ops.arange(half, dtype="float32") / half)
    places = ops.cast(start + ops.arange(ops.shape(x)[2]), "float32")
    angles = places[:, None] * speeds[None]
    cosine, sine = ops.cos(angles), ops.sin(angles)
    first, second = x[..., :half], x[..., half:]
    return ops.concatenate([first * cosine - second * sine, second * cosine + first * sine], axis=-1)


def _earlier(tokens, keys):
    """Return (tokens, keys) bool: True where a key stands no later than the token; the last token has the last key."""
    places = ops.arange(tokens) + (keys - tokens)
    return ops.arange(keys)[None, :] <= places[:, None]
