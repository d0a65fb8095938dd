"""DenseNet-264, which keras.applications can build though it has no name for it; and what the paper's table 1 says."""

import dataclasses

import keras
import numpy as np
import pytest
from keras.src.applications.densenet import DenseNet

import course_lib
from course_lib import catalog
from course_lib.weights.convert import load_into
from course_lib.weights.sources.applications import arrays_of
from course_lib.zoo import densenet
from course_lib.zoo.cost import layer_costs


def test_densenet264_gives_the_same_numbers_as_keras_builder():
    keras.utils.set_random_seed(0)
    official = DenseNet([6, 12, 64, 48], weights=None, input_shape=(32, 32, 3), classifier_activation=None)
    random = np.random.default_rng(0)
    for variable in official.weights:  # a fresh batch norm would hide a swap
        if not variable.path.endswith("kernel"):
            variable.assign(random.uniform(0.8, 1.2, variable.shape))
    config = dataclasses.replace(densenet.CONFIGS["densenet264"], size=32)
    ours = densenet.build(config)
    assert ours.count_params() == official.count_params() == catalog.card("densenet264").params == 33_736_232
    load_into(ours, arrays_of(official), "densenet", "applications", config)

    pictures = random.normal(0, 1, (2, 32, 32, 3)).astype(np.float32)
    expected, found = official(pictures, training=False), ours(pictures, training=False)
    assert np.abs(expected).max() > 0.01
    assert np.abs(expected - found).max() <= 1e-4 * max(1, np.abs(expected).max())


@pytest.mark.parametrize(("model_id", "channels"), [("densenet121", 1024), ("densenet201", 1920)])
def test_sizes_of_table_1(model_id, channels):
    config = densenet.CONFIGS[model_id]
    model = densenet.build(config)
    ends = [f"block{block}_layer{depth}_out" for block, depth in enumerate(config.depths, start=1)]
    assert [model.get_layer(name).output.shape[1] for name in ends] == [56, 28, 14, 7]
    assert model.get_layer("pool").output.shape == (None, channels)
    kinds = [cost.kind for cost in layer_costs(model)]
    assert kinds.count("Conv2D") + kinds.count("Dense") == int(
        model_id[-3:]
    )  # layers with weights give the name


def test_variations():
    small = {"depths": (2, 3), "growth": 8, "stem_width": 10, "size": 32, "classes": 20}
    model = course_lib.build("densenet_nano", **small)
    assert model.get_layer("transition1_conv").output.shape == (None, 16, 16, 13)  # half of 10 + 2 x 8
    assert model.get_layer("pool").output.shape[-1] == 13 + 3 * 8
    squeezed = course_lib.build("densenet_nano", bottleneck=4, **small)
    assert squeezed.get_layer("block1_layer2_conv1").kernel.shape == (1, 1, 18, 32)
    assert squeezed.get_layer("block1_layer2_conv2").kernel.shape == (3, 3, 32, 8)
    kept = course_lib.build("densenet_nano", compression=1.0, **small)
    assert kept.get_layer("pool").output.shape[-1] == 26 + 3 * 8
