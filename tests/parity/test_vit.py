"""ViT gives the same numbers as KerasHub's with the same weights."""

import dataclasses

import keras
import keras_hub
import numpy as np
import pytest

from course_lib.weights.convert import load_into
from course_lib.zoo import vit

# KerasHub's backbones, parameters as its presets say.
BACKBONES = {
    "vit_b16": 85_798_656,
    "vit_b32": 87_455_232,
    "vit_l16": 303_301_632,
    "vit_l32": 305_510_400,
    "vit_h14": 630_764_800,
}


def reference(config):
    """Build KerasHub's classifier with random weights, biases and norms that differ from 0 and 1."""
    keras.utils.set_random_seed(0)
    backbone = keras_hub.models.ViTBackbone(
        (config.size, config.size, 3), config.patch, config.depth, config.heads, config.width, config.mlp,
        layer_norm_epsilon=config.epsilon,
    )  # fmt: skip
    model = keras_hub.models.ViTImageClassifier(backbone, config.classes)
    random = np.random.default_rng(0)
    for variable in model.weights:
        if variable.path.endswith("gamma"):
            variable.assign(random.uniform(0.8, 1.2, variable.shape))
        elif not variable.path.endswith("kernel"):
            variable.assign(random.normal(0, 0.1, variable.shape))
    return model


@pytest.mark.parametrize("model_id", BACKBONES)
def test_same_weights_same_numbers(model_id):
    config = vit.CONFIGS[model_id]
    small = dataclasses.replace(
        config, size=3 * config.patch, depth=2
    )  # full width, fewer blocks of the same kind
    official, ours = reference(small), vit.build(small)
    load_into(ours, {v.path: np.asarray(v) for v in official.weights}, "vit", "kerashub", small)
    pictures = np.random.default_rng(1).normal(0, 1, (2, small.size, small.size, 3)).astype(np.float32)
    expected, found = official(pictures, training=False), ours(pictures, training=False)
    assert np.std(expected) > 0.1
    assert np.abs(expected - found).max() <= 1e-4 * max(1, np.abs(expected).max())


@pytest.mark.parametrize("model_id", BACKBONES)
def test_parameters_as_published(model_id):
    """Counted without building: all blocks are alike, and what differs is counted by itself."""
    config = vit.CONFIGS[model_id]
    one, two = (vit.build(dataclasses.replace(config, depth=depth)).count_params() for depth in (1, 2))
    head = (config.width + 1) * config.classes
    assert one + (config.depth - 1) * (two - one) - head == BACKBONES[model_id]
