"""MobileNet at other widths: the same counts and the same numbers as keras.applications with that alpha."""

import dataclasses

import numpy as np
import pytest
from test_applications import official_inputs, reference

from course_lib import catalog, zoo
from course_lib.weights.convert import load_into
from course_lib.weights.sources.applications import arrays_of

MODELS = ("mobilenet_v1", "mobilenet_v2", "mobilenet_v3_large", "mobilenet_v3_small")


@pytest.mark.parametrize(("model_id", "alpha"), [*((m, 0.5) for m in MODELS), ("mobilenet_v2", 1.4)])
def test_another_width(model_id, alpha):
    official = reference(catalog.card(model_id).weights[0], 64, alpha=alpha)
    family = zoo.family("mobilenet")
    config = dataclasses.replace(family.CONFIGS[model_id], size=64, alpha=alpha)
    ours = family.build(config)
    assert ours.count_params() == official.count_params()
    load_into(ours, arrays_of(official), "mobilenet", "applications", config)
    pixels = np.random.default_rng(1).uniform(0, 255, (2, 64, 64, 3)).astype(np.float32)
    inputs, takes_pixels = official_inputs(official, pixels)
    expected = official.predict_on_batch(pixels if takes_pixels else inputs)
    found = ours.predict_on_batch(inputs)
    assert np.abs(expected).max() > 0.01  # an output of zeros would prove nothing
    assert np.abs(expected - found).max() <= 1e-4 * max(1, np.abs(expected).max())
