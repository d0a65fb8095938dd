"""Inception's files load by path and answer as upstream does; counts that upstream publishes."""

import dataclasses
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest
from keras.src.legacy.saving import legacy_h5_format
from safetensors.numpy import save_file
from test_fixtures import question, read

import course_lib
from course_lib import zoo
from course_lib.errors import CourseError
from course_lib.loading import open_pretrained
from course_lib.weights.convert import load_into

FIXTURE = Path(__file__).parent / "fixtures" / "inception_v4.npz"


def trained(model):
    """Count as PyTorch's packages do: without batch norm's means and variances."""
    return sum(int(np.prod(variable.shape)) for variable in model.trainable_weights)


def test_a_file_of_timm_loads_by_path(tmp_path):
    expected, note = read(FIXTURE)
    arrays, images = question(note)
    path = tmp_path / "inception_v4.safetensors"
    save_file(arrays, path)
    loaded = open_pretrained("inception_v4", weights=path)
    assert (loaded.provenance.grade, loaded.provenance.source) == ("official", "timm")
    assert loaded.model.input.shape[1:] == images.shape[1:]
    found = loaded.model.predict_on_batch(images)
    assert np.abs(expected - found).max() <= 1e-4 * np.abs(expected).max()
    assert trained(loaded.model) == 42_679_816  # timm's count


def test_an_official_file_loads_whatever_was_built_before(tmp_path):
    """Keras calls unnamed layers after all that was built before in the process: the file says conv2d_5, the reader conv2d_99."""
    keras.utils.set_random_seed(0)
    official = keras.applications.InceptionV3(weights=None, classifier_activation=None)
    random = np.random.default_rng(0)
    for variable in official.weights:
        if variable.path.endswith(("beta", "moving_mean")):
            variable.assign(random.normal(0, 0.1, variable.shape))
        elif variable.path.endswith("moving_variance"):
            variable.assign(random.uniform(0.8, 1.2, variable.shape))
    path = tmp_path / "inception_v3.h5"
    with h5py.File(path, "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, official)
    keras.Sequential(
        [keras.layers.Conv2D(4, 1), keras.layers.BatchNormalization(), keras.layers.Conv2D(4, 1)]
    )

    loaded = open_pretrained("inception_v3", weights=path)
    pixels = loaded.preprocess([random.integers(0, 256, (299, 299, 3), np.uint8)])
    expected = official.predict_on_batch(pixels)
    found = loaded.model.predict_on_batch(pixels)
    assert np.abs(expected).max() > 0.01
    assert np.abs(expected - found).max() <= 1e-4 * max(1, np.abs(expected).max())


def test_auxiliary_head_of_version_3():
    plain = course_lib.build("inception_v3")
    auxiliary = course_lib.build("inception_v3", auxiliary=True, bn_scale=True)
    # docs.pytorch.org/vision, Inception_V3_Weights.IMAGENET1K_V1: num_params, with the auxiliary head and gammas.
    assert trained(auxiliary) == 27_161_264
    assert [tuple(output.shape) for output in auxiliary.outputs] == [(None, 1000), (None, 1000)]
    names = {layer.name for layer in auxiliary.layers} - {layer.name for layer in plain.layers}
    assert all(name.startswith("aux") for name in names)


def test_a_missing_tensor_of_timm_is_told():
    _, note = read(FIXTURE)
    arrays, _ = question(note)
    family = zoo.family("inception")
    config = dataclasses.replace(family.CONFIGS["inception_v4"], size=107)
    del arrays["features.21.branch2_3b.bn.running_var"]
    with pytest.raises(CourseError, match="module_c3_branch3_4b_bn/moving_variance"):
        load_into(family.build(config), arrays, "inception", "torch", config)
