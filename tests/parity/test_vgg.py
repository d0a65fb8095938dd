"""VGG's layers in the order of the paper's table 1."""

import keras
import pytest

import course_lib
from course_lib.zoo.cost import layer_costs

# Columns D and E, where "maxpool" ends a stage.
TABLE_1 = {
    "vgg16": "64 64 M 128 128 M 256 256 256 M 512 512 512 M 512 512 512 M 4096 4096 1000",
    "vgg19": "64 64 M 128 128 M 256 256 256 256 M 512 512 512 512 M 512 512 512 512 M 4096 4096 1000",
}


@pytest.mark.parametrize("model_id", TABLE_1)
def test_layers_of_the_paper(model_id):
    model = course_lib.build(model_id)
    table = ["M" if cost.kind == "MaxPooling2D" else str(cost.output[-1]) for cost in layer_costs(model) if cost.kind in
             ("Conv2D", "Dense", "MaxPooling2D")]  # fmt: skip
    assert " ".join(table) == TABLE_1[model_id]
    convs = [layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    assert {(layer.kernel_size, layer.strides, layer.padding) for layer in convs} == {
        ((3, 3), (1, 1), "same")
    }
    assert len(table) - table.count("M") == int(model_id[-2:])  # layers with weights give the name


def test_variations_change_one_thing():
    small = {"size": 32, "classes": 20, "dense": (64,)}
    plain = course_lib.build("vgg16", **small)
    dropped = course_lib.build("vgg16", **small, dropout=0.5)
    normed = course_lib.build("vgg16", **small, batch_norm=True)
    assert plain.count_params() == dropped.count_params()
    assert "dense1_dropout" in [layer.name for layer in dropped.layers]
    # four numbers a channel more, and one bias less
    channels = sum(depth * width for depth, width in ((2, 64), (2, 128), (3, 256), (6, 512)))
    assert normed.count_params() == plain.count_params() + 3 * channels
