"""Re-parameterisation: a trained YOLOv9 with fewer, larger convolutions that gives the same answers, faster."""

from dataclasses import replace

import keras
import numpy as np


def fuse(model: keras.Model, config) -> keras.Model:
    """Fold batch norm into the convolutions, and each pair of convolutions side by side into one.

    Args:
        model: as `build(config)` makes it, with its weights.
        config: the model's, not fused itself.

    Returns:
        A model of `replace(config, fused=True)` with the same outputs up to rounding; it is for use, not for training.

    Source: Ding et al. 2021, RepVGG, section 3.3 (arXiv 2101.03697).
    """
    from course_lib.zoo.yolo_v9 import build

    fused = build(replace(config, fused=True))
    known = {layer.name: layer for layer in model.layers}
    for layer in fused.layers:
        if layer.weights:
            layer.set_weights(_folded(layer.name, known))
    return fused


def _folded(name, known) -> list[np.ndarray]:
    """Return kernel and bias of a layer of the fused model."""
    stem = name.removesuffix("_conv")
    if f"{stem}_bn" in known:
        return _without_norm(known[name], known[f"{stem}_bn"])
    if name in known:
        return known[name].get_weights()
    (large, bias), (small, other) = (
        _without_norm(known[f"{stem}_{size}_conv"], known[f"{stem}_{size}_bn"]) for size in ("3x3", "1x1")
    )
    # A 1x1 kernel is a 3x3 kernel that is zero all round.
    return [large + np.pad(small, ((1, 1), (1, 1), (0, 0), (0, 0))), bias + other]


def _without_norm(conv, norm) -> list[np.ndarray]:
    """Scale a kernel's outputs and shift them, as batch norm with its fixed statistics does."""
    (kernel,) = conv.get_weights()
    gamma, beta, mean, variance = norm.get_weights()
    scale = gamma / np.sqrt(variance + norm.epsilon)
    return [kernel * scale, beta - mean * scale]
