"""Inception's files load by path and answer as upstream does; counts that upstream publishes."""

from pathlib import Path

import h5py
import keras
import numpy as np
from keras.src.legacy.saving import legacy_h5_format
from safetensors.numpy import save_file
from test_fixtures import question, read

import course_lib
from course_lib import catalog
from course_lib.loading import open_pretrained

FIXTURE = Path(__file__).parent / "fixtures" / "inception_v4.npz"


def trained(model):
    """Count as PyTorch's packages do: without batch norm's means and variances."""
    return sum(int(np.prod(variable.shape)) for variable in model.trainable_weights)


def fact(model_id, name):
    """Return what the card says."""
    return next(fact.value for fact in catalog.card(model_id).facts if fact.name == name)


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
    # timm's count
    assert (
        trained(loaded.model)
        == fact("inception_v4", "parameters without batch norm's statistics")
        == 42_679_816
    )


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
    model = course_lib.build("inception_v3", auxiliary=True)
    assert model.count_params() == fact("inception_v3", "parameters with the auxiliary head")
    assert [tuple(output.shape) for output in model.outputs] == [(None, 1000), (None, 1000)]
    # docs.pytorch.org/vision, Inception_V3_Weights.IMAGENET1K_V1, num_params: with the auxiliary head, and with
    # gammas, one for each beta.
    gammas = sum(int(np.prod(v.shape)) for v in model.trainable_weights if v.path.endswith("beta"))
    assert trained(model) + gammas == 27_161_264
