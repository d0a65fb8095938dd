"""Weights with NaN or infinity in them: refused, and the layer is named."""

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from course_lib import catalog
from course_lib.data_dir import data_dir
from course_lib.errors import CourseError
from tests.faults.test_bad_inputs import wrong

BAD = (np.nan, np.inf, -np.inf)
MODELS = ("resnet_nano", "vgg_nano", "mobilenet_nano", "densenet_nano")


def nano_file(model_id):
    return data_dir() / "weights" / next(o.file for o in catalog.card(model_id).weights if o.grade == "nano")


def poisoned(arrays: dict, dice) -> tuple[dict, str]:
    """Return the arrays with one bad number in one of them, and its name."""
    name = dice.choice(sorted(name for name, array in arrays.items() if array.dtype.kind == "f"))
    bad = arrays[name].copy()
    bad.flat[dice.integers(bad.size)] = dice.choice(BAD)
    return arrays | {name: bad}, str(name)


@pytest.mark.fault(18)
def test_the_command_names_the_layer(course, homes, tmp_path, record_property):
    dice, calls, layers = np.random.default_rng(0), [], []
    for number in range(20):
        model_id = MODELS[number % len(MODELS)]
        arrays, layer = poisoned(load_file(nano_file(model_id)), dice)
        path = tmp_path / f"{number}.safetensors"
        save_file(arrays, path)
        calls.append(["classify", "sample:cat", "--model", model_id, "--weights", str(path)])
        layers.append(layer)
    for layer, ended in zip(layers, course.run(*calls, **homes), strict=True):
        assert wrong(ended) == "", ended
        assert "not finite" in ended.err
        assert layer.split("/")[0] in ended.err, (layer, ended.err)
    record_property("tried", len(calls))


@pytest.mark.fault(18)
@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("layout", ["ours", "torch", "slim", "applications"])
def test_every_layout_is_looked_at(layout, bad, monkeypatch):
    """What upstream calls a tensor makes no difference: our layer is named, and the model is as it was."""
    import keras

    from course_lib.weights import convert

    given = keras.Input((3,))
    model = keras.Model(given, keras.layers.Dense(2, name="head")(given))
    before = [np.array(variable) for variable in model.weights]
    kernel, bias = np.ones((3, 2), np.float32), np.array([0, bad], np.float32)
    names = {"ours": ("head/kernel", "head/bias"), "applications": ("head/kernel", "head/bias"),
             "torch": ("head.weight", "head.bias"), "slim": ("head/weights", "head/biases")}[layout]  # fmt: skip

    class Converter:
        torch = slim = applications = staticmethod(lambda module, config: module)

    monkeypatch.setattr(convert, "_converter", lambda family: Converter)
    arrays = {names[0]: kernel.T if layout == "torch" else kernel, names[1]: bias}
    with pytest.raises(CourseError, match="head/bias holds numbers that are not finite"):
        convert.load_into(model, arrays, "any", layout, None)
    for old, variable in zip(before, model.weights, strict=True):
        np.testing.assert_array_equal(old, variable)
    convert.load_into(model, arrays | {names[1]: np.zeros(2, np.float32)}, "any", layout, None)


@pytest.mark.fault(18)
@pytest.mark.parametrize("bad", BAD)
def test_a_saved_model_of_tf_hub_is_looked_at(tmp_path, bad):
    import tensorflow as tf

    from course_lib.loading import open_pretrained
    from tests import saved_models

    module = saved_models.Plain()
    module.w.assign(tf.tensor_scatter_nd_update(module.w, [[1, 2]], [bad]))
    for training in (True, False):
        module.__call__.get_concrete_function(tf.TensorSpec((None, 4), name="x"), training=training)
    tf.saved_model.save(module, str(tmp_path / "model"))
    with pytest.raises(CourseError, match="scope/w:0 holds numbers that are not finite"):
        open_pretrained(f"hub:{tmp_path / 'model'}")
