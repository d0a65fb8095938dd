"""`load("hub:<handle>")`: a SavedModel of TF Hub that is on this machine, as a `Pretrained`."""

import hashlib
from pathlib import Path

from course_lib import catalog
from course_lib.catalog import Card
from course_lib.catalog.handles import Handle, handle
from course_lib.errors import BadInput, CourseError
from course_lib.weights.saved_model import GRAPH, variables
from course_lib.weights.sources.tf_hub import fetch_folder, find_folder, not_here

USUAL_SIZE = 224  # pixels, where a model takes any


def open_hub(model_id: str, weights="auto"):
    """Open a model of TF Hub, without a word and without the network.

    Args:
        model_id: "hub:" and a handle, or the path of a SavedModel folder.
        weights: "auto" or "official"; a SavedModel has no others.

    Returns:
        A `HubModel`, a `Pretrained` whose functions can be called by name; a `HubClassifier` where its card knows the
        names of its classes.

    Raises:
        BadInput: no handle, no SavedModel, or one that can't be opened.
        CourseError: it is not on this machine; the sentence says where it belongs and how to get it.
    """
    if weights not in ("auto", "official"):
        raise BadInput(f"{model_id}: a SavedModel brings its own weights: leave weights={weights!r} away.")
    wanted, card = handle(model_id), catalog.card(model_id)
    folder = find_folder(wanted)
    if folder is None:
        raise (CourseError if wanted.url else BadInput)(not_here(wanted))
    return _pretrained(card, wanted, folder)


def fetch_hub(model_id: str) -> Path:
    """Download a model of TF Hub, because a person asked for it; return its folder."""
    return fetch_folder(handle(model_id))


def _pretrained(card: Card, wanted: Handle, folder: Path):
    from course_lib.quiet import import_tensorflow

    import_tensorflow()
    from functools import partial

    from course_lib.tasks.base import Provenance
    from course_lib.tasks.hub import HubClassifier, HubModel
    from course_lib.weights.hub_layer import HubLayer
    from course_lib.weights.labels import class_names
    from course_lib.weights.preprocess import Preprocess
    from course_lib.weights.saved_model import signatures

    layer = HubLayer(wanted.url or folder, name="backbone")
    _check_finite(layer.loaded, card)
    offered = signatures(folder)
    model = _functional(layer, next(s for s in offered if s.name == layer.signature))
    side = _picture_side(model, card)
    preprocess = Preprocess(side, card.hub.normalise, 0.875) if side else None
    sha256 = hashlib.sha256((folder / GRAPH).read_bytes()).hexdigest()
    source = "TF Hub" if wanted.url else "a folder"
    provenance = Provenance("official", card.id, source, GRAPH, sha256, card.hub.trained_on, card.hub.licence)
    functions = {name: partial(_call, function) for name, function in layer.loaded.signatures.items()}
    known = bool(side and card.hub.labels)
    labels = partial(class_names, card.hub.labels) if known else ()
    kind = HubClassifier if known else HubModel
    return kind(card, model, provenance, preprocess, labels, signatures=offered, functions=functions)


def _check_finite(loaded, card: Card) -> None:
    """Raise CourseError for weights that hold NaN or infinity; their variable is named."""
    import numpy as np

    for variable in variables(loaded):
        if variable.dtype.is_floating and not np.isfinite(variable.numpy()).all():
            raise CourseError(
                f"The weights of {card.id} are damaged: {variable.name} holds numbers that are not finite. Fetch it again."
            )


def _call(function, tensors: dict):
    return function(**tensors)


def _functional(layer, signature):
    """Wrap the layer in a `keras.Model` where each of its inputs is a batch; else return the layer."""
    import keras

    if not signature.inputs or any(not t.shape or t.shape[0] is not None for t in signature.inputs):
        return layer
    inputs = {
        t.name: keras.Input(t.shape[1:], dtype=t.dtype, name=f"{t.name}_input") for t in signature.inputs
    }
    given = next(iter(inputs.values())) if len(inputs) == 1 else inputs
    return keras.Model(given, layer(given), name="hub_model")


def _picture_side(model, card: Card) -> int:
    """Return the side of the pictures that a model takes; 0 where it takes none, or gives no row of numbers for each."""
    import keras

    if not isinstance(model, keras.Model) or len(model.inputs) != 1:
        return 0
    shape, output = model.inputs[0].shape, model.output
    if len(shape) != 4 or shape[3] != 3 or model.inputs[0].dtype != "float32":
        return 0
    if isinstance(output, dict | list) or len(output.shape) != 2:
        return 0
    return shape[1] or card.size or USUAL_SIZE
