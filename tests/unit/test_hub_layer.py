"""A SavedModel as a Keras 3 layer: it answers as the original, fine-tunes, and survives being saved."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from course_lib.errors import BadInput, CourseError
from course_lib.weights.hub_layer import HubLayer
from course_lib.weights.saved_model import signatures, variables
from tests import saved_models

X = np.random.default_rng(1).normal(size=(16, 4)).astype(np.float32)
PICTURES = np.random.default_rng(2).uniform(size=(16, 8, 8, 3)).astype(np.float32)
Y = np.arange(16) % 3


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("saved")
    originals = {
        "keras": saved_models.from_keras(root / "keras"),
        "plain": saved_models.plain(root / "plain"),
        "served": saved_models.served(root / "served"),
    }
    saved_models.from_tf1(root / "tf1")
    saved_models.from_tf1(root / "tf1_ref", use_resource=False)
    return root, originals


def values(model):
    return [np.array(weight) for weight in model.weights]


def taught(layer, x, steps=5):
    """Train a head on a layer; return the losses and the model."""
    image = keras.Input(x.shape[1:])
    model = keras.Model(image, keras.layers.Dense(3)(layer(image)))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.05), loss, run_eagerly=True)
    return [model.train_on_batch(x, Y) for _ in range(steps)], model


@pytest.mark.parametrize(
    ("name", "x", "kwargs"),
    [("keras", PICTURES, {}), ("plain", X, {}), ("served", X, {"output": "logits"})],
)
def test_it_answers_as_the_original_and_fine_tunes(folders, name, x, kwargs):
    root, originals = folders
    layer = HubLayer(root / name, **kwargs)
    original = originals[name].serve if name == "served" else originals[name]
    expected = original(x)["logits"] if name == "served" else original(x)
    assert np.abs(layer(x) - expected).max() <= 1e-6
    before = values(layer)
    losses, _ = taught(layer, x)
    assert losses[-1] < losses[0]
    assert len(layer.trainable_variables) >= 1
    moved = [not np.array_equal(a, b) for a, b in zip(before, values(layer), strict=True)]
    assert any(moved)
    frozen = len(layer.trainable_variables)
    assert not any(moved[frozen:]) or name == "plain"  # the plain module counts its training calls
    assert np.abs(layer(x) - expected).max() > 1e-4


def test_frozen_nothing_moves_and_training_mode_is_off(folders):
    layer = HubLayer(folders[0] / "plain", trainable=False)
    before = values(layer)
    _, model = taught(layer, X)
    assert all(np.array_equal(a, b) for a, b in zip(before, values(layer), strict=True))
    assert layer.trainable_variables == []
    assert len(model.trainable_variables) == 2


def test_training_reaches_the_module_only_where_it_may(folders):
    layer = HubLayer(folders[0] / "plain")
    seen = next(variable for variable in layer.weights if variable.name == "scope_seen")
    layer(X), layer(X, training=False)
    assert float(seen) == 0
    layer(X, training=True)
    assert float(seen) == 1


def test_the_very_variables_are_adopted(folders):
    """`_track_variable` and `keras.Variable(initializer=tf.Variable)` are Keras's affair: this says what is used of them."""
    layer = HubLayer(folders[0] / "keras")
    inside = variables(layer.loaded)
    assert {id(weight.value) for weight in layer.weights} == {id(variable) for variable in inside}
    assert [weight.name for weight in layer.trainable_variables][:2] == ["conv_kernel", "conv_bias"]
    assert [weight.name for weight in layer.non_trainable_variables] == [
        "bn_moving_mean",
        "bn_moving_variance",
    ]
    inside[0].assign(np.zeros(inside[0].shape))
    assert not np.any(layer.weights[0])


def test_a_keras_file_keeps_what_was_learned(folders, tmp_path):
    layer = HubLayer(folders[0] / "keras")
    _, model = taught(layer, PICTURES)
    model.save(tmp_path / "tuned.keras")
    with pytest.raises(ValueError, match="safe_mode=False"):
        keras.saving.load_model(tmp_path / "tuned.keras")
    again = keras.saving.load_model(tmp_path / "tuned.keras", safe_mode=False)
    assert np.array_equal(again(PICTURES), model(PICTURES))
    assert all(np.array_equal(a, b) for a, b in zip(values(model), values(again), strict=True))
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    assert np.array_equal(copy(PICTURES), model(PICTURES))


def test_a_tf1_module_runs_by_signature_and_fine_tunes(folders):
    layer = HubLayer(folders[0] / "tf1")
    assert layer.signature == "default"
    assert np.allclose(layer(X), X @ np.full((4, 3), 2.0) - 1, atol=1e-5)
    assert [weight.name for weight in layer.weights] == ["module_Net_weights", "module_Net_moving_mean"]
    losses, _ = taught(layer, X)
    assert losses[-1] < losses[0]
    assert not np.array_equal(layer.weights[0], np.full((4, 3), 2.0))
    assert np.array_equal(layer.weights[1], np.ones(3))
    twice = HubLayer(folders[0] / "tf1", output="twice", tags=("train",))
    assert np.allclose(twice(X), 20 * (X @ np.full((4, 3), 2.0) - 1), atol=1e-4)


def test_a_tf1_module_of_reference_variables_only_infers(folders):
    layer = HubLayer(folders[0] / "tf1_ref")
    assert layer.weights == []
    assert np.allclose(layer(X), X @ np.full((4, 3), 2.0) - 1, atol=1e-5)


@pytest.mark.parametrize(
    ("kwargs", "says"),
    [
        ({"signature": "no"}, "score"),
        ({"output": "no"}, "logits, total"),
        ({"tags": ("tpu",)}, "can't be opened"),
    ],
)
def test_what_does_not_exist_is_said_with_what_does(folders, kwargs, says):
    with pytest.raises(BadInput, match=says):
        HubLayer(folders[0] / "served", **kwargs)(X)


def test_several_outputs_come_as_a_dictionary(folders):
    outputs = HubLayer(folders[0] / "served")(X)
    assert sorted(outputs) == ["logits", "total"]
    assert outputs["total"].shape == (16,)


def test_signatures_are_listed_without_running_anything(folders, monkeypatch):
    monkeypatch.setattr(tf.saved_model, "load", None)
    said = {
        name: [str(s) for s in signatures(folders[0] / name)] for name in ("keras", "plain", "served", "tf1")
    }
    assert said["plain"] == ["__call__: x (any, 4) float32 -> whatever it returns"]
    assert said["served"] == ["score: x (any, 4) float32 -> logits (any, 3) float32, total (any) float32"]
    assert any(line.endswith("-> output_0 (any, 5) float32") for line in said["keras"])
    one = "images (any, 4) float32 -> default (any, 3) float32, twice (any, 3) float32"
    assert said["tf1"] == [f"default: {one}", f"default [train]: {one}"]


def broken(folder, how):
    folder.mkdir()
    if how == "garbage":
        (folder / "saved_model.pb").write_bytes(b"no protobuf" * 50)
    if how == "a folder for a file":
        (folder / "saved_model.pb").mkdir()
    if how == "nothing":
        (folder / "saved_model.pb").write_bytes(b"")
    return folder


@pytest.mark.parametrize("how", ["empty folder", "garbage", "a folder for a file", "nothing"])
def test_a_folder_that_is_no_saved_model_gives_one_line(how, tmp_path):
    with pytest.raises(CourseError) as error:
        HubLayer(broken(tmp_path / "model", how))
    assert "\n" not in str(error.value)


def test_a_saved_model_without_its_weights_gives_one_line(tmp_path):
    saved_models.served(tmp_path / "model")
    (tmp_path / "model" / "variables" / "variables.index").write_bytes(b"damaged")
    with pytest.raises(BadInput, match="can't be opened"):
        HubLayer(tmp_path / "model")


def test_a_saved_model_that_reads_files_is_refused(tmp_path):
    class Spy(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec((None, 4))])
        def __call__(self, x):
            return x, tf.io.read_file("/etc/hostname")

    tf.saved_model.save(Spy(), str(tmp_path / "spy"))
    with pytest.raises(BadInput, match="ReadFile"):
        HubLayer(tmp_path / "spy")
