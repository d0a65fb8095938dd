"""KerasHub's "xception_41" is Xception under another name: same weights, same features."""

import dataclasses
import re

import keras
import keras_hub
import numpy as np

from course_lib import viz
from course_lib.weights.convert import load_into
from course_lib.zoo import xception

# As KerasHub's conversion of the weights of keras.applications builds it (tools/checkpoint_conversion, 2025).
FILTERS = [[32, 64], [128, 128], [256, 256], [728, 728], *[[728] * 3] * 8, [728, 1024], [1536, 2048]]
POOLS = [False, *[True] * 3, *[False] * 8, True, False]
SHORTCUTS = {"conv": "conv2d", "bn": "batch_normalization"}


def test_xception_41_of_keras_hub_is_this_network():
    keras.utils.set_random_seed(0)
    theirs = keras_hub.models.XceptionBackbone(FILTERS, POOLS, image_shape=(71, 71, 3))
    config = dataclasses.replace(xception.CONFIGS["xception"], size=71)
    ours = xception.build(config)
    head = ours.get_layer("head").count_params()
    assert theirs.count_params() == ours.count_params() - head == 20_861_480

    load_into(ours, _arrays(theirs, ours), "xception", "applications", config)
    pixels = np.random.default_rng(0).uniform(-1, 1, (1, 71, 71, 3)).astype(np.float32)
    expected = theirs.predict_on_batch(pixels)
    found = viz.layer_outputs(ours, pixels, "exit_block2_relu2")["exit_block2_relu2"]
    assert expected.max() > 0  # small, after so many layers of random weights: so compare by its own size
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4 * expected.max())


def _arrays(theirs, ours):
    """Return KerasHub's numbers by the names of keras.applications, with our head, which a backbone has not."""
    random = np.random.default_rng(1)
    arrays = {f"predictions/{v.name}": np.asarray(v) for v in ours.get_layer("head").weights}
    blocks = {"2": 0, "3": 1, "4": 2, "13": 3}
    for variable in theirs.weights:
        layer, _, name = variable.path.rpartition("/")
        if found := re.fullmatch(r"block(\d+)_residual_(conv|bn)", layer):
            layer = f"{SHORTCUTS[found[2]]}_{blocks[found[1]]}"
        if name in ("gamma", "moving_variance"):  # not 1, so that the two cannot be swapped unseen
            variable.assign(random.uniform(0.8, 1.2, variable.shape))
        arrays[f"{layer}/{name}"] = np.asarray(variable)
    return arrays
