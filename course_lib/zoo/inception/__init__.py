"""Inception (Szegedy et al. 2014 to 2016): several kernel sizes side by side, and ever cheaper ways to have them.

One module for each version, with its own config; a config is built by the module that defines it.
"""

import keras

from course_lib.zoo.inception import resnet_v2, v1, v2, v3, v4

_VERSIONS = (v1, v2, v3, v4, resnet_v2)
CONFIGS = {model_id: config for version in _VERSIONS for model_id, config in version.CONFIGS.items()}
_BUILDERS = {type(config): version.build for version in _VERSIONS for config in version.CONFIGS.values()}


def build(config) -> keras.Model:
    """Build an Inception of any version with random weights.

    Args:
        config: one of CONFIGS, or a variation by `dataclasses.replace`.

    Returns:
        A model from (batch, size, size, 3) float32 to (batch, classes) logits. Layer "pool" holds the features.

    Source: each version's own module names its paper.
    """
    return _BUILDERS[type(config)](config)
