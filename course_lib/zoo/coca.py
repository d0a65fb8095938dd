"""CoCa (Yu et al. 2022, arXiv 2205.01917): one network that tells which text fits a picture, and writes one.

An image encoder makes tokens of a picture. A text decoder is cut in two: its first half reads the text alone and ends in
the text's embedding, its second half looks at the picture as well and guesses each next token.
"""

import math
from dataclasses import dataclass

import keras
from keras import layers, ops

from course_lib.zoo import resnet
from course_lib.zoo.resnet import ResNetConfig
from course_lib.zoo.transformer import ClassToken, Positions, Queries, block


@dataclass(frozen=True)
class CoCaConfig:
    """What tells one CoCa from another."""

    width: int  # numbers in a token of the image encoder
    depth: int  # its blocks
    heads: int
    mlp: int
    text_width: int  # numbers in a token of both text decoders
    text_depth: int  # blocks of the unimodal decoder
    decoder_depth: int  # pairs of blocks of the multimodal decoder: one looks at the text, one at the picture
    text_heads: int
    text_mlp: int
    embedding: int  # numbers in an embedding, and in a token that the pooler hands to the decoder
    patch: int = 0  # side of a patch, pixels; 0 where convolutions make the tokens
    convolutions: ResNetConfig | None = None  # what makes the tokens, instead of patches
    size: int = 224  # side of the picture, pixels
    queries: int = 256  # of the pooler: the first is for the embedding, the others are for the decoder
    pooler_heads: int = 8
    vocabulary: int = 49_408
    context: int = 76  # tokens of a text; shorter ones are padded by 0
    late_mask: bool = False  # padding is masked one place late, as OpenCLIP's published weights know it
    epsilon: float = 1e-5  # of the layer normalisations


CONFIGS = {
    "coca_vit_b32": CoCaConfig(
        768, 12, 12, 3072, 512, 12, 12, 8, 2048, embedding=512, patch=32, late_mask=True
    ),
    "coca_vit_l14": CoCaConfig(
        1024, 24, 16, 4096, 768, 12, 12, 12, 3072, embedding=768, patch=14, late_mask=True
    ),
    "coca_nano": CoCaConfig(
        64, 1, 4, 128, 64, 2, 2, 4, 128, embedding=64, convolutions=resnet.CONFIGS["resnet_nano"], size=32,
        queries=9, pooler_heads=4, vocabulary=44, context=14,
    ),
}  # fmt: skip


def build(config: CoCaConfig) -> keras.Model:
    """Build a CoCa with random weights.

    Args:
        config: one of CONFIGS, or a variation by `dataclasses.replace`.

    Returns:
        A model from {"image": (batch, size, size, 3) float32, "text": (texts, context) token numbers} to a dict:
        "image_embedding" (batch, embedding) and "text_embedding" (texts, embedding), of length 1;
        "similarity" (batch, texts), their products times a learned scale; and, where there is a text for each
        picture, "caption" (batch, context, vocabulary): logits of the token that follows each token.

    Source: arXiv 2205.01917, section 3.2 and figure 2; sizes and the one pooler for both uses: OpenCLIP.
    """
    image = layers.Input((config.size, config.size, 3), name="image")
    text = layers.Input((config.context,), dtype="int32", name="text")
    image_embedding, memory = _read_image(image, config)
    text_embedding, tokens = _read_text(text, config)
    outputs = {
        "image_embedding": image_embedding,
        "text_embedding": text_embedding,
        "similarity": Similarity(name="similarity")([image_embedding, text_embedding]),
        "caption": _write(tokens, memory, config),
    }
    return keras.Model({"image": image, "text": text}, outputs, name="coca")


def image_encoder(model: keras.Model) -> keras.Model:
    """Cut out of a CoCa what reads pictures: "image" -> [embedding, the tokens that the decoder looks at]."""
    ends = [model.get_layer(name).output for name in ("image_embedding", "image_memory")]
    return keras.Model(model.get_layer("image").output, ends, name="image_encoder")


def text_encoder(model: keras.Model) -> keras.Model:
    """Cut out of a CoCa what reads texts alone: "text" -> embedding."""
    return keras.Model(
        model.get_layer("text").output, model.get_layer("text_embedding").output, name="text_encoder"
    )


def captioner(model: keras.Model) -> keras.Function:
    """Cut out of a CoCa what writes: [the image encoder's second output, "text"] -> logits of each next token.

    A `keras.Model` that begins inside another one leaves that other one unable to be saved (Keras 3.15); a Function does not.
    """
    starts = [model.get_layer("image_memory").output, model.get_layer("text").output]
    return keras.Function(starts, model.get_layer("caption").output, name="captioner")


def contrastive_loss(similarity):
    """Return how badly pictures and texts find each other: the diagonal should win in each row and each column.

    Args:
        similarity: (n, n) logits, row i for picture i, column i for its text.

    Returns:
        A scalar: the mean cross entropy over rows and columns.

    Source: arXiv 2205.01917, equation 2, halved as OpenCLIP does.
    """
    own = ops.arange(ops.shape(similarity)[0])
    rows = ops.sparse_categorical_crossentropy(own, similarity, from_logits=True)
    columns = ops.sparse_categorical_crossentropy(own, ops.transpose(similarity), from_logits=True)
    return (ops.mean(rows) + ops.mean(columns)) / 2


def captioning_loss(logits, text):
    """Return the mean cross entropy of each next token; padding (token 0) is nothing that one should learn to write.

    Args:
        logits: (batch, context, vocabulary), as the model gives them for `text`.
        text: (batch, context) token numbers.

    Returns:
        A scalar.

    Source: arXiv 2205.01917, equation 3.
    """
    wanted = text[:, 1:]
    losses = ops.sparse_categorical_crossentropy(wanted, logits[:, :-1], from_logits=True)
    counts = ops.cast(ops.not_equal(wanted, 0), losses.dtype)
    return ops.sum(losses * counts) / ops.maximum(ops.sum(counts), 1)


@keras.saving.register_keras_serializable("course_lib")
class TextMask(layers.Layer):
    """Which token may look at which: never at a later one, never at padding (token 0); the class token stands last."""

    def __init__(self, late=False, **options):
        super().__init__(**options)
        self.late = late

    def call(self, text):
        known = ops.not_equal(text, 0)
        always = ops.ones_like(known[:, :1])
        known = ops.concatenate([always, known] if self.late else [known, always], axis=1)
        places = ops.arange(known.shape[1])
        return ops.logical_and(known[:, None, :], places[None, :] <= places[:, None])

    def get_config(self):
        return super().get_config() | {"late": self.late}


@keras.saving.register_keras_serializable("course_lib")
class Similarity(layers.Layer):
    """Every picture's embedding times every text's, times a learned scale: the inverse of a temperature."""

    def build(self, shapes):
        start = keras.initializers.Constant(math.log(1 / 0.07))
        self.log_scale = self.add_weight(shape=(), initializer=start, name="log_scale")

    def call(self, embeddings):
        images, texts = embeddings
        return ops.exp(self.log_scale) * ops.matmul(images, ops.transpose(texts))

    def compute_output_shape(self, shapes):
        return (shapes[0][0], shapes[1][0])


def _read_image(x, config):
    """Return a picture's embedding, and the tokens that the decoder may look at."""
    x = _image_tokens(x, config)
    for number in range(1, config.depth + 1):
        x = block(x, config.heads, config.mlp, epsilon=config.epsilon, name=f"image_block{number}")
    x = _pool(x, config)
    x = layers.LayerNormalization(epsilon=config.epsilon, name="image_norm")(x)
    memory = layers.Cropping1D((1, 0), name="image_memory")(x)
    first = layers.Flatten(name="pool")(layers.Cropping1D((0, config.queries - 1), name="image_first")(x))
    embedding = layers.Dense(config.embedding, use_bias=False, name="image_projection")(first)
    return layers.UnitNormalization(name="image_embedding")(embedding), memory


def _image_tokens(x, config):
    if config.convolutions:
        x = resnet.trunk(x, config.convolutions)
        x = layers.Conv2D(config.width, 1, name="patch_conv")(x)
    else:
        patches = {"kernel_size": config.patch, "strides": config.patch, "use_bias": False}
        x = layers.Conv2D(config.width, **patches, name="patch_conv")(x)
    x = layers.Reshape((x.shape[1] * x.shape[2], config.width), name="patches")(x)
    x = Positions(name="image_positions")(ClassToken(name="image_tokens")(x))
    return layers.LayerNormalization(epsilon=config.epsilon, name="image_pre_norm")(x)


def _pool(x, config):
    """Let learned queries look at the picture's tokens; what each of them saw is a token of its own."""
    queries = Queries(config.queries, config.embedding, name="pooler_queries")(x)
    queries = layers.LayerNormalization(epsilon=config.epsilon, name="pooler_norm_queries")(queries)
    x = layers.LayerNormalization(epsilon=config.epsilon, name="pooler_norm_tokens")(x)
    heads = config.pooler_heads
    return layers.MultiHeadAttention(heads, config.embedding // heads, name="pooler_attention")(queries, x)


def _read_text(text, config):
    """Return a text's embedding, and its tokens for the multimodal decoder."""
    mask = TextMask(config.late_mask, name="text_mask")(text)
    x = layers.Embedding(config.vocabulary, config.text_width, name="text_words")(text)
    x = Positions(name="text_positions")(ClassToken(last=True, name="text_tokens")(x))
    for number in range(1, config.text_depth + 1):
        options = {"epsilon": config.epsilon, "mask": mask, "name": f"text_block{number}"}
        x = block(x, config.text_heads, config.text_mlp, **options)
    last = layers.Flatten(name="text_class")(layers.Cropping1D((config.context, 0), name="text_last")(x))
    last = layers.LayerNormalization(epsilon=config.epsilon, name="text_norm")(last)
    embedding = layers.Dense(config.embedding, use_bias=False, name="text_projection")(last)
    tokens = layers.Cropping1D((0, 1), name="text_memory")(x)
    return layers.UnitNormalization(name="text_embedding")(embedding), tokens


def _write(x, memory, config):
    """Guess each next token from the text so far and the picture."""
    options = {"heads": config.text_heads, "mlp": config.text_mlp, "epsilon": config.epsilon}
    for number in range(1, config.decoder_depth + 1):
        x = block(x, causal=True, name=f"decoder_block{number}", **options)
        x = block(x, memory=memory, name=f"decoder_look{number}", **options)
    x = layers.LayerNormalization(epsilon=config.epsilon, name="decoder_norm")(x)
    return layers.Dense(config.vocabulary, use_bias=False, name="caption")(x)
