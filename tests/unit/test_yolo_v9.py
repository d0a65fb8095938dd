"""YOLOv9's nano model in training, in use and fused; the published sizes; files that a training left."""

import json
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from course_lib import catalog
from course_lib.weights.convert import yolo_v9 as convert
from course_lib.zoo import yolo_v9
from course_lib.zoo.cost import multiply_adds
from course_lib.zoo.layers import GroupedConv2D

NANO = yolo_v9.CONFIGS["yolo_v9_nano"]
FIXTURES = Path(__file__).parents[1] / "parity/fixtures"


@pytest.fixture(scope="module")
def networks():
    """The network that is trained and the one for use, with the same random weights and statistics."""
    random = np.random.default_rng(0)
    trained, used = yolo_v9.build(replace(NANO, auxiliary=True)), yolo_v9.build(NANO)
    for variable in trained.weights:
        positive = variable.name in ("gamma", "moving_variance")
        spread = (
            random.uniform(0.8, 1.2, variable.shape) if positive else random.normal(0, 0.1, variable.shape)
        )
        variable.assign(spread)
    known = {variable.path: variable for variable in trained.weights}
    for variable in used.weights:
        variable.assign(known[variable.path])
    return trained, used


PICTURES = np.random.default_rng(1).random((2, 96, 96, 3), np.float32)


def test_the_network_for_use_is_a_part_of_the_one_that_is_trained(networks):
    trained, used = networks
    answers = trained(PICTURES, training=False)
    assert answers.keys() == {"head", "auxiliary"}
    assert answers["head"].shape == answers["auxiliary"].shape == (2, 144 + 36 + 9, 4 * 8 + 20)
    np.testing.assert_allclose(answers["head"], used(PICTURES, training=False), atol=1e-5)
    assert np.abs(answers["head"] - answers["auxiliary"]).max() > 0.1


def test_the_auxiliary_head_alone_teaches_the_backbone(networks):
    trained, _ = networks
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(trained(PICTURES)["auxiliary"] ** 2)
    weights = {
        w.path: w for w in trained.trainable_weights if w.path in ("p1_conv/kernel", "head3_boxes/kernel")
    }
    found = tape.gradient(loss, weights)
    assert np.abs(found["p1_conv/kernel"]).max() > 0
    assert found["head3_boxes/kernel"] is None


def test_fused_says_the_same(networks):
    _, used = networks
    fused = yolo_v9.fuse(used, NANO)
    assert not any(isinstance(layer, keras.layers.BatchNormalization) for layer in fused.layers)
    expected = used(PICTURES, training=False)
    assert np.std(expected) > 0.1
    assert np.abs(fused(PICTURES, training=False) - expected).max() <= 1e-4 * max(1, np.abs(expected).max())


def test_the_nano_model_is_small(networks):
    assert networks[1].count_params() < 700_000
    assert multiply_adds(networks[1]) < 25_000_000


@pytest.mark.parametrize(("size", "params"), [("t", 2_001_824), ("m", 19_978_656), ("c", 25_288_752)])
def test_fused_parameters_are_the_published_ones(size, params):
    config = yolo_v9.CONFIGS[f"yolo_v9_{size}"]
    with tf.Graph().as_default():  # no numbers are made
        assert yolo_v9.build(replace(config, fused=True, size=32)).count_params() == params
    published = catalog.card(f"yolo_v9_{size}").facts[0]
    assert published.name.startswith("parameters as published, fused")
    assert round(params / 1e6, 1) == published.value


@pytest.mark.parametrize("size", ["t", "c"])
def test_a_file_that_a_training_left_holds_the_network_for_use(size):
    config = replace(yolo_v9.CONFIGS[f"yolo_v9_{size}"], classes=4, class_width=0)
    left, used = (
        convert.torch_arrays(shapes(f"yolo_v9_{size}{kind}"), config) for kind in (".auxiliary", "")
    )
    named = [{name: shape for name, shape in found.items() if "dfl" not in name} for found in (left, used)]
    assert named[0] == named[1]
    assert {name.partition(".")[0] for name in used} >= {"p1", "spp", "down5", "head3_box", "head5_class"}
    both = convert.torch_arrays(shapes(f"yolo_v9_{size}.auxiliary"), replace(config, auxiliary=True))
    assert len(both) == len(shapes(f"yolo_v9_{size}.auxiliary"))
    assert {"auxiliary3_box.0.conv.weight", *left} < both.keys()


def test_the_main_head_of_a_training_is_its_second():
    heads = {f"model.29.cv{branch}.0.0.conv.weight": branch for branch in (2, 3, 4, 5)}
    found = convert.torch_arrays(heads, replace(yolo_v9.CONFIGS["yolo_v9_t"], auxiliary=True))
    places = ("auxiliary3_box", "auxiliary3_class", "head3_box", "head3_class")
    assert found == {f"{place}.0.conv.weight": branch for branch, place in enumerate(places, start=2)}


def shapes(name):
    """Return the shapes of upstream's tensors, by name."""
    with np.load(FIXTURES / f"{name}.npz") as fixture:
        return json.loads(str(fixture["note"]))["shapes"]


def test_grouped_convolution_is_keras_own():
    random, inputs = np.random.default_rng(2), keras.Input((6, 6, 8))
    options = {"padding": "same", "groups": 4, "name": "conv"}
    own = keras.Model(inputs, GroupedConv2D(12, 3, strides=2, **options)(inputs))
    keras_own = keras.Model(inputs, keras.layers.Conv2D(12, 3, strides=2, **options)(inputs))
    keras_own.set_weights([random.normal(size=weight.shape) for weight in own.get_weights()])
    own.set_weights(keras_own.get_weights())
    again = keras.Model.from_config(own.get_config())
    again.set_weights(own.get_weights())
    batch = random.random((2, 6, 6, 8), np.float32)
    expected = keras_own.predict_on_batch(batch)
    for model in (own, again):
        np.testing.assert_allclose(model.predict_on_batch(batch), expected, atol=1e-5)
