"""How the nano ViT is pre-trained: besides the kind, every token tells how much of its patch the object covers.

One name a picture says little of where to look. The painter knows where the object is, so each picture can teach 64 things
more: from as many pictures the network learns more (`training/supervision.py` measures how much). The part of it that answers
them is thrown away after the training.
"""

from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from course_lib.media.world import make_masked_images
from course_lib.training import augment
from course_lib.training.fit import optimizer_of, updates
from course_lib.training.pretrain import Recipe, scale_of

GRID = 8  # patches of a picture, along one side


@dataclass(frozen=True)
class MaskedRecipe(Recipe):
    """The classifiers' recipe, with the masks of the objects as further lessons.

    Attributes:
        mask_weight: of the masks' loss beside that of the kinds.
    """

    mask_weight: float = 1.0

    def data(self, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Paint the pictures of this seed, with their labels and the object's share of each patch."""
        return make_masked_images(min(self.images, self.images_seen), seed=seed, grid=GRID)

    def learn(self, model: keras.Model, data, seed: int) -> None:
        """Train the classifier on kinds and masks."""
        images, labels, shares = data
        settings, scale = self.settings(seed), scale_of(model)
        step = _compiled_step(_with_mask_head(model), optimizer_of(settings), self.mask_weight)
        rng = np.random.default_rng(seed)
        for chosen in updates(len(images), settings, rng):
            swap = rng.random(len(chosen)) < 0.5 if self.mirror else np.zeros(len(chosen), bool)
            batch, wanted = _mirrored(images[chosen], swap), _mirrored(shares[chosen], swap)
            if self.recolour:
                batch = augment.recoloured(batch, rng)
            step(*map(tf.constant, (scale(batch), labels[chosen], wanted.reshape(len(chosen), -1))))


def _mirrored(batch: np.ndarray, swap: np.ndarray) -> np.ndarray:
    """Swap left and right where `swap` (n,) says so: picture and mask must turn together."""
    batch = batch.copy()
    batch[swap] = batch[swap, :, ::-1]
    return batch


def _with_mask_head(model: keras.Model) -> keras.Model:
    """Return the classifier with a second output: a logit for each patch, from its token behind the last block."""
    tokens = model.get_layer("norm").output
    tokens = layers.Cropping1D((1, 0), name="patch_tokens")(tokens)  # all but the class token
    covered = layers.Flatten(name="covered")(layers.Dense(1, name="mask_head")(tokens))
    return keras.Model(model.input, [model.output, covered])


def _compiled_step(model: keras.Model, optimizer: keras.optimizers.Optimizer, mask_weight: float) -> Callable:
    """Return one update as a compiled function of (images, labels, shares)."""
    variables = model.trainable_variables
    optimizer.build(variables)
    kinds = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    masks = keras.losses.BinaryCrossentropy(from_logits=True)

    # On a processor, XLA makes small transformers half as fast again.
    @tf.function(jit_compile=True, autograph=False)
    def step(images, labels, shares):
        with tf.GradientTape() as tape:
            logits, covered = model(images, training=True)
            loss = kinds(labels, logits) + mask_weight * masks(shares, covered)
        optimizer.apply(tape.gradient(loss, variables), variables)

    return step
