"""Every engine gives TensorFlow's answers, for every batch size, and follows the weights; where it can't, it says so."""

import importlib.util

import keras
import numpy as np
import pytest
from keras import layers

from course_lib import BadInput, CourseError, engines, load
from course_lib.media.images import read_image
from course_lib.media.world import make_images

OTHERS = ("openvino", "onnx", "litert")


def closeness(found, expected):
    return np.abs(found - expected).max() / np.abs(expected).max()


@pytest.fixture(params=OTHERS)
def engine(request):
    if request.param not in engines.installed():
        pytest.skip("this engine is not installed")
    return request.param


@pytest.fixture(scope="module")
def mixed():
    """A small network with the layers that converters get wrong."""
    x = entry = layers.Input((12, 12, 3))
    x = layers.Conv2D(8, 3, strides=2, padding="same", activation="swish")(x)
    x = layers.BatchNormalization()(x)
    x = layers.DepthwiseConv2D(3, padding="same")(x)
    x = layers.GroupNormalization(4)(x)
    x = layers.add([x, layers.Dropout(0.5)(x)])
    rows = layers.LayerNormalization()(layers.Reshape((36, 8))(x))
    rows = layers.MultiHeadAttention(2, 4)(rows, rows)
    x = layers.GlobalAveragePooling1D()(layers.Activation("gelu")(rows))
    model = keras.Model(entry, layers.Dense(5)(x))
    rng = np.random.default_rng(0)
    model.set_weights([rng.uniform(0.2, 1, w.shape) for w in model.get_weights()])
    return model


def pictures(n):
    return np.random.default_rng(n).normal(size=(n, 12, 12, 3)).astype(np.float32)


def test_the_answers_are_tensorflows_for_every_batch_size(engine, mixed):
    theirs, ours = engines.function(mixed, engine, threads=1), engines.compiled(mixed)
    for n in (1, 5, 2):
        found = theirs(pictures(n))
        assert found.dtype == np.float32
        assert found.shape == (n, 5)
        assert closeness(found, ours(pictures(n))) <= engines.TOLERANCE


def test_several_inputs_of_a_bare_graph(engine):
    numbers, words = layers.Input((4,)), layers.Input((3,), dtype="int32")
    x = layers.Dense(6)(numbers) + layers.Flatten()(layers.Embedding(5, 2)(words))
    graph = keras.Function([numbers, words], x)
    given = np.arange(8.0).reshape(2, 4), np.array([[0, 1, 4], [2, 2, 3]])
    found = engines.function(graph, engine)(*given)
    assert closeness(found, engines.compiled(graph)(*given)) <= engines.TOLERANCE


def test_a_copy_follows_the_weights(mixed):
    theirs = engines.function(mixed, engines.installed()[1])
    before, weights = theirs(pictures(2)), mixed.get_weights()
    mixed.set_weights([w * 0.9 for w in weights])
    try:
        after = theirs(pictures(2))
        assert closeness(after, before) > 10 * engines.TOLERANCE
        assert closeness(after, engines.compiled(mixed)(pictures(2))) <= engines.TOLERANCE
    finally:
        mixed.set_weights(weights)


def test_a_trained_network_gives_the_same_on_all_engines():
    """A small one: of a large one every copy is held against TensorFlow when it is made."""
    network = load("mobilenet_nano")
    batch = network.preprocess([read_image("sample:cat")])
    expected = network._logits(batch)  # what compile makes first; features would be a second copy each
    for engine in engines.installed()[1:]:
        assert network.compile(engine=engine, threads=1) is network
        assert closeness(network._logits(batch), expected) <= engines.TOLERANCE


def test_other_tasks_run_on_the_engine():
    reader = load("omnivec_nano")
    before = reader.read("text", ["sieben", "sept"])
    reader.compile(engine=engines.installed()[1])
    np.testing.assert_allclose(reader.read("text", ["sieben", "sept"]), before, atol=1e-4)


def test_other_answers_are_an_error_and_the_model_stays(monkeypatch):
    network = load("resnet_nano")
    images = make_images(2, seed=1)[0]
    before = network.features(images)
    right = engines._ENGINES["litert"]

    def wrong(*arguments):
        run = right(*arguments)
        return lambda *arrays: run(*arrays) * 1.001

    monkeypatch.setitem(engines._ENGINES, "litert", wrong)
    with pytest.raises(CourseError, match="other answers than TensorFlow"):
        network.compile(engine="litert")
    np.testing.assert_array_equal(network.features(images), before)
    monkeypatch.setitem(engines._ENGINES, "litert", lambda *_: 1 / 0)
    with pytest.raises(CourseError, match="can't run this network \\(division by zero\\): use engine='tf'"):
        network.compile(engine="litert")


def test_unknown_and_missing_engines_are_told_in_one_line(monkeypatch):
    network = load("resnet_nano")
    with pytest.raises(BadInput, match="no engine 'tensorrt'; there are: tf, openvino, onnx, litert"):
        network.compile(engine="tensorrt")
    with pytest.raises(BadInput, match="set_intra_op_parallelism_threads"):
        network.compile(threads=2)
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "openvino" else found(name))
    with pytest.raises(
        CourseError, match=r'needs openvino: type `.* -m pip install "course-lib\[engines\]"`'
    ):
        network.compile(engine="openvino")
    assert "openvino" not in engines.installed()


def test_many_pictures_get_the_fastest_engine_and_few_do_not(monkeypatch):
    network = load("resnet_nano")
    assert network.feature_function(10**5) is not network._pooled or engines.fastest(network.model) == "tf"
    assert network.feature_function(10) is network._pooled
    monkeypatch.setattr(engines, "fastest", lambda model: "litert")
    monkeypatch.setattr(engines, "MUCH", 0)
    fast, plain = network.feature_function(engines.MANY), network.feature_function(engines.MANY - 1)
    batch = network.preprocess(make_images(3, seed=1)[0])
    assert fast is not plain
    assert closeness(fast(batch), plain(batch)) <= engines.TOLERANCE
    assert network.feature_function(engines.MANY) is fast  # kept
    kernel = next(v for v in network.model.trainable_variables if v.shape[0] == 3)
    changed = kernel.numpy()
    changed.flat[changed.size // 2] += 5  # a single number, which cached features must not miss
    kernel.assign(changed)
    np.testing.assert_allclose(network.feature_function(engines.MANY)(batch), plain(batch), atol=1e-3)
    monkeypatch.setitem(engines._ENGINES, "litert", lambda *_: 1 / 0)
    other = load("resnet_nano")
    assert other.feature_function(engines.MANY) is other._pooled  # an engine that fails is passed over


def test_openvino_tells_nobody_that_it_is_used():
    if "openvino" not in engines.installed():
        pytest.skip("OpenVINO is not installed")
    entry = layers.Input((4,))
    engines.function(keras.Model(entry, layers.Dense(2)(entry)), "openvino")
    from openvino.tools.ovc import telemetry_utils

    assert telemetry_utils.tm.__name__ == "openvino.tools.ovc.telemetry_stub"
