"""Grad-CAM and layer outputs, on a network small enough to know every number by hand."""

import numpy as np
import pytest

from course_lib import viz
from course_lib.errors import BadInput

keras = pytest.importorskip("keras")


@pytest.fixture(scope="module")
def network():
    """Two maps that are the input's two channels; class 0 likes the first and dislikes the second, class 1 vice versa."""
    image = keras.Input((2, 2, 2), name="image")
    maps = keras.layers.Conv2D(2, 1, use_bias=False, name="maps")(image)
    pooled = keras.layers.GlobalAveragePooling2D(name="pool")(maps)
    model = keras.Model(image, keras.layers.Dense(2, name="head")(pooled), name="tiny")
    model.get_layer("maps").set_weights([np.eye(2).reshape(1, 1, 2, 2)])
    model.get_layer("head").set_weights([np.array([[2.0, -1.0], [-1.0, 3.0]]), np.array([0.5, -0.5])])
    return model


FIRST = np.array([[4.0, 1.0], [0.0, 2.0]])
SECOND = np.array([[0.0, 2.0], [4.0, 2.0]])
BATCH = np.stack([FIRST, SECOND], axis=-1)[None].astype(np.float32)


def test_heat_is_what_one_computes_by_hand(network):
    # d logit_c / d map_k is head[k, c] / 4 everywhere, so the heat is relu(sum_k head[k, c] map_k), scaled to 1
    for index, (one, two) in enumerate([(2, -1), (-1, 3)]):
        expected = np.maximum(one * FIRST + two * SECOND, 0)
        heat = viz.grad_cam(network, BATCH, "maps", index)
        assert heat.dtype == np.float32
        np.testing.assert_allclose(heat, expected / expected.max(), atol=1e-6)


def test_without_a_class_it_explains_the_likeliest(network):
    logits = np.array([2 * FIRST.mean() - SECOND.mean() + 0.5, -FIRST.mean() + 3 * SECOND.mean() - 0.5])
    likeliest = int(logits.argmax())
    np.testing.assert_array_equal(
        viz.grad_cam(network, BATCH, "maps"), viz.grad_cam(network, BATCH, "maps", likeliest)
    )


def test_nothing_speaks_for_it(network):
    against = np.stack([np.zeros((2, 2)), np.ones((2, 2))], axis=-1)[None]
    assert not viz.grad_cam(network, against, "maps", 0).any()


def test_layer_outputs(network):
    outputs = viz.layer_outputs(network, np.concatenate([BATCH, BATCH]), ["maps", "pool", "head"])
    assert {name: value.shape for name, value in outputs.items()} == {
        "maps": (2, 2, 2, 2),
        "pool": (2, 2),
        "head": (2, 2),
    }
    np.testing.assert_allclose(outputs["pool"][0], [FIRST.mean(), SECOND.mean()])
    np.testing.assert_allclose(viz.layer_outputs(network, BATCH, "maps")["maps"], BATCH)


def test_no_warning_reaches_the_notebook(network, recwarn):
    viz.grad_cam(network, BATCH, "maps", 0)
    viz.layer_outputs(network, BATCH, ["maps"])
    assert not recwarn


def test_bad_input_gives_a_sentence(network):
    with pytest.raises(BadInput, match=r"no layer named 'mabs'; the nearest are maps"):
        viz.layer_outputs(network, BATCH, ["mabs"])
    with pytest.raises(BadInput, match="before the pooling"):
        viz.grad_cam(network, BATCH, "pool", 0)
    with pytest.raises(BadInput, match="no class 2"):
        viz.grad_cam(network, BATCH, "maps", 2)
    with pytest.raises(BadInput, match="one picture"):
        viz.grad_cam(network, np.concatenate([BATCH, BATCH]), "maps", 0)


def test_the_first_difference_is_where_the_fault_was_planted():
    import course_lib

    sound = course_lib.build("resnet_nano")
    faulty = course_lib.build("resnet_nano", bn_epsilon=0.1)
    faulty.set_weights(sound.get_weights())
    batch = np.random.default_rng(0).normal(size=(1, 32, 32, 3)).astype(np.float32)
    found = viz.layer_differences(faulty, sound, batch)
    assert found["stem_conv"] == 0
    assert viz.first_difference(found) == "stem_bn"
    assert viz.first_difference(viz.layer_differences(sound, sound, batch)) is None
    assert "stem_bn" not in viz.differences(found).alt


def test_networks_without_a_common_layer_are_refused(network):
    import course_lib

    with pytest.raises(BadInput, match="no layer name in common"):
        viz.layer_differences(course_lib.build("resnet_nano"), _renamed(network), BATCH)


def _renamed(network):
    copy = keras.models.clone_model(network)
    for layer in copy.layers:
        layer.name = f"other_{layer.name}"
    return copy
