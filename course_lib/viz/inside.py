"""What goes on inside a network: the output of any layer, and which places of a picture speak for a class.

TensorFlow is imported inside the functions, so that drawing alone stays quick to import.
"""

import difflib
from collections.abc import Sequence

import numpy as np

from course_lib.errors import BadInput


def layer_outputs(model, batch, names: Sequence[str] | str) -> dict[str, np.ndarray]:
    """Run a network and return what its layers put out.

    Args:
        model: A functional `keras.Model`.
        batch: (n, height, width, 3) float32, preprocessed as the model wants it.
        names: Names of layers; one name alone will do.

    Returns:
        name -> (n, ...) float32, the output of that layer as in inference.

    Raises:
        BadInput: The model has no layer of that name; the sentence suggests the nearest.
    """
    import keras

    names = [names] if isinstance(names, str) else list(names)
    probe = keras.Model(model.input, [_layer(model, name).output for name in names])
    outputs = probe(np.asarray(batch, np.float32), training=False)
    outputs = outputs if isinstance(outputs, list | tuple) else [outputs]
    return {name: keras.ops.convert_to_numpy(output) for name, output in zip(names, outputs, strict=True)}


def grad_cam(model, batch, layer_name: str, class_index: int | None = None) -> np.ndarray:
    """Compute where in a picture a network sees what speaks for a class.

    The gradient of the class's logit, averaged over a feature map, says how much that map speaks for the class;
    the maps are added with these weights, and what speaks against it is cut off.

    Args:
        model: A functional `keras.Model` that ends in logits, one for each class.
        batch: (1, height, width, 3) float32: one picture, preprocessed as the model wants it.
        layer_name: A layer whose output is (1, h, w, channels): commonly the last one before the pooling.
        class_index: The class to explain; None for the one that the network finds likeliest.

    Returns:
        (h, w) float32 of 0 to 1, where 1 is the strongest place; all 0 where nothing speaks for the class.

    Raises:
        BadInput: There is no such layer or class, or the layer's output is not made of feature maps.

    Source:
        Selvaraju et al. 2017, Grad-CAM, equations 1 and 2, https://arxiv.org/abs/1610.02391
    """
    maps, gradient = _maps_and_gradient(model, batch, layer_name, class_index)
    weights = gradient.mean(axis=(0, 1))  # (channels,)    equation 1
    heat = np.maximum(maps @ weights, 0)  # (h, w)         equation 2
    return (heat / heat.max() if heat.max() > 0 else heat).astype(np.float32)


def _maps_and_gradient(model, batch, layer_name, class_index) -> tuple[np.ndarray, np.ndarray]:
    import keras
    import tensorflow as tf

    batch = np.asarray(batch, np.float32)
    if batch.ndim != 4 or len(batch) != 1:
        raise BadInput(
            f"Grad-CAM explains one picture, a batch (1, h, w, 3), not {batch.shape}: give batch[:1]."
        )
    layer = _layer(model, layer_name)
    if len(layer.output.shape) != 4:
        raise BadInput(f"The layer {layer_name!r} puts out no feature maps: take one before the pooling.")
    probe = keras.Model(model.input, [layer.output, model.output])
    with tf.GradientTape() as tape:
        maps, logits = probe(batch, training=False)
        chosen = _chosen_class(logits, class_index)
        logit = logits[0, chosen]
    return maps[0].numpy(), tape.gradient(logit, maps)[0].numpy()


def _chosen_class(logits, class_index: int | None) -> int:
    classes = int(logits.shape[-1])
    if class_index is None:
        return int(np.argmax(logits[0]))
    if not 0 <= class_index < classes:
        raise BadInput(f"There is no class {class_index}: this model has {classes}, counted from 0.")
    return int(class_index)


def _layer(model, name: str):
    names = [layer.name for layer in model.layers]
    if name not in names:
        near = difflib.get_close_matches(name, names, n=3, cutoff=0.4)
        hint = f"; the nearest are {', '.join(near)}" if near else ""
        raise BadInput(
            f"{model.name!r} has no layer named {name!r}{hint}: see them all with model.summary()."
        )
    return model.get_layer(name)
