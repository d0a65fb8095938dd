"""BiT's two ingredients, against the sums written out; its counts, against timm's."""

import dataclasses

import keras
import numpy as np
import pytest

from course_lib import catalog
from course_lib.zoo import bit

# timm 1.0.31, resnetv2_<...>_bit
COUNTS = {
    "bit_r50x1": 25_549_352,
    "bit_r50x3": 217_319_080,
    "bit_r101x1": 44_541_480,
    "bit_r101x3": 387_934_888,
    "bit_r152x2": 236_335_208,
    "bit_r152x4": 936_533_224,
}


@pytest.mark.parametrize("model_id", COUNTS)
def test_cards_say_what_timm_counts(model_id):  # that the network has as many, test_applications.py says
    assert catalog.card(model_id).params == COUNTS[model_id]


def test_bit_l_was_never_released():
    card = catalog.card("bit_l")
    assert bit.CONFIGS["bit_l"] == bit.CONFIGS["bit_r152x4"]
    assert all(offer.model != "bit_l" for offer in card.weights)
    assert card.params == COUNTS["bit_r152x4"]


def test_standardised_kernels():
    layer = bit.StdConv2D(5, 3, use_bias=False, padding="same")
    image = np.random.default_rng(0).normal(size=(2, 6, 6, 3)).astype(np.float32)
    layer.build(image.shape)
    kernel = np.random.default_rng(1).normal(3, 7, layer.kernel.shape).astype(np.float32)
    layer.kernel.assign(kernel)
    standard = (kernel - kernel.mean(axis=(0, 1, 2))) / kernel.std(axis=(0, 1, 2))
    expected = keras.ops.conv(image, standard.astype(np.float32), padding="same")
    found = layer(image)
    np.testing.assert_allclose(found, expected, atol=1e-3)
    layer.kernel.assign(10 * kernel + 2)  # the kernels' scale and offset make no difference
    np.testing.assert_allclose(layer(image), found, atol=1e-3)


def test_a_picture_does_not_see_the_others_of_its_batch():
    model = bit.build(bit.CONFIGS["bit_nano"])
    images = np.random.default_rng(2).normal(size=(4, 32, 32, 3)).astype(np.float32)
    together, alone = model(images, training=True), model(images[:1], training=True)
    np.testing.assert_allclose(together[:1], alone, atol=1e-5)
    assert not model.non_trainable_weights


def test_the_stride_sits_on_the_3x3():
    config = dataclasses.replace(bit.CONFIGS["bit_r50x1"], size=64)
    model = bit.build(config)
    first = {number: model.get_layer(f"stage3_block1_conv{number}").output.shape[1] for number in (1, 2, 3)}
    assert first == {1: 16, 2: 8, 3: 8}
    assert model.get_layer("pool").output.shape == (None, 2048)
