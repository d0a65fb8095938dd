"""The paddings of a convolution, each against the sum written out."""

import keras
import numpy as np
import pytest

from course_lib.zoo.layers import conv, depthwise_conv

PIXELS = np.random.default_rng(0).normal(size=(1, 8, 8, 1)).astype(np.float32)


@pytest.mark.parametrize(
    ("padding", "before", "after"), [("same", 0, 1), ("symmetric", 1, 1), ("valid", 0, 0)]
)
@pytest.mark.parametrize("layer", [conv, depthwise_conv])
def test_padding_at_stride_2(layer, padding, before, after):
    inputs = keras.Input((8, 8, 1))
    filters = (1,) if layer is conv else ()
    model = keras.Model(inputs, layer(inputs, *filters, 3, 2, padding=padding, name="conv"))
    padded = np.pad(PIXELS[0, ..., 0], (before, after))
    kernel = model.get_layer("conv").get_weights()[0][..., 0, 0]
    starts = range(0, len(padded) - 2, 2)
    expected = [[np.sum(kernel * padded[y : y + 3, x : x + 3]) for x in starts] for y in starts]
    np.testing.assert_allclose(model(PIXELS)[0, ..., 0], expected, atol=1e-5)
