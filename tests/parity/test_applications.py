"""Every zoo architecture that keras.applications has too gives the same numbers with the same weights."""

import dataclasses

import keras
import numpy as np
import pytest

from course_lib import catalog, zoo
from course_lib.weights.convert import load_into
from course_lib.weights.preprocess import CONVENTIONS, Preprocess
from course_lib.weights.sources.applications import arrays_of
from course_lib.zoo.cost import count

OFFERS = [
    o
    for m in catalog.list_models()
    for o in catalog.card(m).weights
    if o.source == "applications" and o.model == m
]
# Full width, but a smaller picture, where the official model takes one; VGG's dense layers fix its size.
SIZES = {"vgg": 224, "inception": 96, "xception": 96}


def reference(offer, size, **options):
    """Build the official model with random weights and random batch-norm statistics."""
    keras.utils.set_random_seed(0)
    kwargs = {"include_top": True, "weights": None, "classifier_activation": None, **options}
    model = getattr(keras.applications, offer.builder)(input_shape=(size, size, 3), **kwargs)
    random = np.random.default_rng(0)
    for variable in model.weights:
        # Statistics that are not 0 and 1, else a swap of mean and variance would go unseen.
        if variable.path.endswith(("gamma", "moving_variance")):
            variable.assign(random.uniform(0.8, 1.2, variable.shape))
        elif variable.path.endswith(("beta", "bias", "moving_mean")):
            variable.assign(random.normal(0, 0.1, variable.shape))
    return model


@pytest.mark.parametrize("offer", OFFERS, ids=lambda offer: offer.model)
def test_same_weights_same_numbers(offer):
    card = catalog.card(offer.model)
    size = SIZES.get(card.family, 64)
    official = reference(offer, size)
    family = zoo.family(card.family)
    config = dataclasses.replace(family.CONFIGS[offer.model], size=size, **offer.config)
    ours = family.build(config)
    # keras.applications keeps the 7 numbers of a normalisation layer inside EfficientNet; ours is preprocessing.
    inside = sum(
        layer.count_params() for layer in official.layers if isinstance(layer, keras.layers.Normalization)
    )
    assert ours.count_params() == official.count_params() - inside == card.params
    load_into(ours, arrays_of(official), card.family, "applications", config)

    pixels = np.random.default_rng(1).uniform(0, 255, (2, size, size, 3)).astype(np.float32)
    inputs, takes_pixels = official_inputs(official, pixels)
    expected = official.predict_on_batch(pixels if takes_pixels else inputs)
    found = ours.predict_on_batch(inputs)
    assert np.abs(expected).max() > 0.01  # an output of zeros would prove nothing
    assert np.abs(expected - found).max() <= 1e-4 * max(1, np.abs(expected).max())


def official_inputs(official, pixels):
    """Return pixels as the network behind the official model's own scaling sees them, and whether it has any."""
    rescaling = next((x for x in official.layers if isinstance(x, keras.layers.Rescaling)), None)
    return (np.asarray(rescaling(pixels)), True) if rescaling else (pixels / 127.5 - 1, False)


@pytest.mark.parametrize("card", [catalog.card(m) for m in catalog.list_models()], ids=lambda card: card.id)
def test_the_card_counts_right(card):
    assert count(card) == (card.params, card.multiply_adds)


@pytest.mark.parametrize("mode", ["caffe", "tf", "torch"])
def test_preprocessing_is_keras_preprocessing(mode):
    pixels = np.random.default_rng(2).integers(0, 256, (2, 8, 8, 3)).astype(np.uint8)
    expected = keras.applications.imagenet_utils.preprocess_input(pixels.astype(np.float32), mode=mode)
    assert mode in CONVENTIONS
    np.testing.assert_allclose(Preprocess(8, mode, 0.875)(pixels), expected, atol=2e-5)


def test_official_normalisation_of_efficientnet():
    """With its published weights, keras.applications normalises inside the network as our convention "torch" does."""
    model = keras.applications.EfficientNetB0(weights=None)
    normalisation = next(layer for layer in model.layers if isinstance(layer, keras.layers.Normalization))
    constants = keras.src.applications.efficientnet.IMAGENET_STDDEV_RGB
    # The published file carries ImageNet's mean, and its deviation in the variance's place; a further layer
    # divides by the root of the deviation again.
    pixels = np.random.default_rng(3).uniform(0, 255, (1, 4, 4, 3)).astype(np.float32)
    normalisation.mean, normalisation.variance = np.float32([0.485, 0.456, 0.406]), np.float32(constants)
    expected = np.asarray(normalisation(pixels / 255)) / np.sqrt(np.float32(constants))
    np.testing.assert_allclose(Preprocess(4, "torch", 0)(pixels), expected, atol=1e-4)
