"""MobileNet (Howard, Sandler et al. 2017 to 2019): networks for telephones, in three versions.

One module for each version, with its own config; a config is built by the module that defines it.
"""

import keras

from course_lib.zoo.mobilenet import v1, v2, v3

_VERSIONS = (v1, v2, v3)
CONFIGS = {model_id: config for version in _VERSIONS for model_id, config in version.CONFIGS.items()}
_BUILDERS = {type(config): version.build for version in _VERSIONS for config in version.CONFIGS.values()}


def build(config) -> keras.Model:
    """Build a MobileNet of any version with random weights.

    Args:
        config: one of CONFIGS, or a variation by `dataclasses.replace`.

    Returns:
        A model from (batch, size, size, 3) float32 to (batch, classes) logits. The input of layer "head" holds the
        features.

    Source: each version's own module names its paper.
    """
    return _BUILDERS[type(config)](config)
