"""OmniVec (Srivastava and Sharma 2023, arXiv 2311.05709): a tokenizer for each modality, one trunk for all, a head for each task.

The authors published neither weights nor a count of parameters. This is the idea at nano scale: pictures, sounds and
words become rows of tokens of one width, and from there on the same transformer blocks read them all.
"""

from dataclasses import dataclass

import keras
from keras import layers, ops

from course_lib.zoo.transformer import Positions, block


@dataclass(frozen=True)
class Modality:
    """What comes in, and how it is cut into tokens."""

    shape: tuple[int, ...]  # of one input
    tokens: int  # that it is cut into
    values: int  # numbers in a token before it is embedded; of text, how many letters there are
    letters: bool = False  # whether a token is one of a list, rather than some numbers


MODALITIES = {
    "image": Modality((8, 8), tokens=16, values=4),  # patches of 2 x 2 pixels
    "audio": Modality((12, 40), tokens=12, values=40),  # frames of a log-spectrogram
    "text": Modality((10,), tokens=10, values=26, letters=True),  # letters; 0 is the end of the word
}


@dataclass(frozen=True)
class OmniVecConfig:
    """One trunk, and who shares it."""

    modalities: tuple[str, ...] = tuple(MODALITIES)  # a single one makes a net of its own, of the same size
    width: int = 48  # numbers in a token
    depth: int = 2  # blocks of the trunk
    heads: int = 4
    mlp: int = 96  # units in the hidden layer of each block
    classes: int = 10  # of each task
    dropout: float = 0.0
    epsilon: float = 1e-6  # of the layer normalisations


CONFIGS = {"omnivec_nano": OmniVecConfig()}


@keras.saving.register_keras_serializable("course_lib")
class MaskToken(layers.Layer):
    """Hides tokens: wherever the mask is 1, one learned vector stands in place of what was there."""

    def build(self, x_shape, hidden_shape):
        start = keras.initializers.RandomNormal(stddev=0.02)
        self.token = self.add_weight(shape=(x_shape[-1],), initializer=start, name="token")

    def call(self, x, hidden):
        return ops.where(hidden[..., None] > 0, self.token, x)


def build(config: OmniVecConfig) -> keras.Model:
    """Build an OmniVec with random weights.

    Args:
        config: one of CONFIGS, or a variation by `dataclasses.replace`.

    Returns:
        A model from {modality: (batch, *shape)} to {modality: (batch, classes)} logits; the shapes are those of
        MODALITIES. Layer "trunk" is shared; "<modality>_pool" holds the features, the mean of the trunk's tokens.

    Source: arXiv 2311.05709: task-specific encoders, a common trunk in the middle, task-specific heads.
    """
    trunk = _trunk(config)
    inputs, outputs = {}, {}
    for name in config.modalities:
        modality = MODALITIES[name]
        inputs[name] = layers.Input(modality.shape, name=name, dtype="int32" if modality.letters else None)
        x = _embedder(modality, config.width, name)(cut(inputs[name], modality))
        x = trunk(Positions(name=f"{name}_positions")(x))
        x = layers.GlobalAveragePooling1D(name=f"{name}_pool")(x)
        outputs[name] = layers.Dense(config.classes, name=f"{name}_head")(x)
    return keras.Model(inputs, outputs, name="omnivec")


def build_masked(model: keras.Model, config: OmniVecConfig) -> keras.Model:
    """Build the pre-training net around a model's own tokenizers and trunk: it guesses what is hidden from it.

    Args:
        model: what `build` gave; training the new net trains it.
        config: its config.

    Returns:
        A model from {modality: inputs, "<modality>_hidden": (batch, tokens), 1 where a token is hidden} to {modality:
        (batch, tokens, values)}: the numbers of each token, or one logit for each letter.

    Source: arXiv 2311.05709, masked pre-training; the mask token and the loss on hidden tokens alone are BERT's.
    """
    inputs, outputs = {}, {}
    for name in config.modalities:
        modality = MODALITIES[name]
        inputs[name] = model.input[name]
        hidden = inputs[f"{name}_hidden"] = layers.Input((modality.tokens,), name=f"{name}_hidden")
        x = model.get_layer(f"{name}_embed")(cut(inputs[name], modality))
        x = MaskToken(name=f"{name}_mask")(x, hidden)
        x = model.get_layer("trunk")(model.get_layer(f"{name}_positions")(x))
        outputs[name] = layers.Dense(modality.values, name=f"{name}_guess")(x)
    return keras.Model(inputs, outputs, name="omnivec_masked")


def cut(x, modality: Modality):
    """Cut inputs into rows of tokens.

    Args:
        x: (batch, *modality.shape), a tensor or an array.
        modality: its kind.

    Returns:
        (batch, tokens, values): pictures become patches, row by row; frames and letters are tokens as they are.
    """
    if len(modality.shape) < 2 or modality.shape[0] == modality.tokens:
        return x
    side = int(modality.values**0.5)
    height, width = (length // side for length in modality.shape)
    x = ops.reshape(x, (-1, height, side, width, side))
    return ops.reshape(ops.transpose(x, (0, 1, 3, 2, 4)), (-1, modality.tokens, modality.values))


def _embedder(modality: Modality, width: int, name: str):
    if modality.letters:
        return layers.Embedding(modality.values, width, name=f"{name}_embed")
    return layers.Dense(width, name=f"{name}_embed")


def _trunk(config: OmniVecConfig) -> keras.Model:
    """The blocks that all modalities go through, as one layer; how many tokens come does not matter to it."""
    x = tokens = layers.Input((None, config.width), name="tokens")
    for number in range(1, config.depth + 1):
        options = {"epsilon": config.epsilon, "dropout": config.dropout, "name": f"block{number}"}
        x = block(x, config.heads, config.mlp, **options)
    return keras.Model(
        tokens, layers.LayerNormalization(epsilon=config.epsilon, name="norm")(x), name="trunk"
    )
