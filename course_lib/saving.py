"""Keeping a model that was trained here, and opening it again."""

import dataclasses
from pathlib import Path

from course_lib import catalog
from course_lib.catalog import Card
from course_lib.catalog.handles import handle, is_hub
from course_lib.errors import BadInput, CourseError
from course_lib.files import expanded
from course_lib.quiet import import_tensorflow
from course_lib.weights import cache, saved


def check_saveable(pretrained) -> None:
    """Make sure that a model can be built again from the catalogue; to be called before the training, not after it.

    Args:
        pretrained: an image classifier, whatever its head.

    Raises:
        BadInput: its network is not the catalogue's.
    """
    try:
        fresh = built(pretrained.card, pretrained.provenance.offer, 2, pretrained.preprocess.size)
        same = _below_head(fresh) == _below_head(pretrained.model)
    except CourseError:
        same = False
    if not same:
        raise BadInput(f"This network is not built as the catalogue's {pretrained.card.id} is, so it can't be saved as one: "
                       "leave `out` away, and save its .model with Keras.")  # fmt: skip


def save(pretrained, folder: Path) -> Path:
    """Save a model whose network the catalogue can build; see `saved.save` for what that keeps safe.

    Args:
        pretrained: an image classifier or a detector, with names for its classes.
        folder: where to; `load(folder)` finds it there.

    Returns:
        The file.
    """
    import numpy as np

    found = pretrained.provenance
    texts = {name: str(value) for name, value in dataclasses.asdict(found).items() if name != "file"}
    preprocess = dataclasses.asdict(pretrained.preprocess)
    description = saved.Description(
        pretrained.card.id,
        found.offer,
        tuple(pretrained.labels),
        **preprocess,
        provenance=texts,
        task=pretrained.task,
    )
    arrays = {variable.path: np.asarray(variable) for variable in pretrained.model.weights}
    return saved.save(folder, arrays, description)


def open_saved(folder):
    """Open a folder that `save` wrote.

    Args:
        folder: its path.

    Returns:
        A `Pretrained` of the same kind.

    Raises:
        BadInput: the file is damaged, is of another kind, or fits no model of the catalogue.
    """
    path = expanded(folder) / saved.FILE
    found = saved.describe(path)
    card = catalog.card(found.model)
    if (found.task == "detect") != (card.task == "detect"):
        raise BadInput(f"{path} is to {found.task} with {card.id}, which can't: this course did not save it.")
    model = built(card, found.offer, len(found.classes), found.size)
    from course_lib.tasks import task_class
    from course_lib.tasks.base import Provenance
    from course_lib.weights.convert import load_into
    from course_lib.weights.preprocess import Preprocess
    from course_lib.weights.sources.checkpoint import read_safetensors

    load_into(model, read_safetensors(path), card.family, "ours", None)
    known = {field.name for field in dataclasses.fields(Provenance)}
    texts = {name: text for name, text in found.provenance.items() if name in known}
    if not texts.keys() >= {"model", "source"}:
        raise BadInput(f"{path} does not say where its weights come from, so this course did not save it.")
    ours = {"grade": "fine-tuned", "file": path.name, "sha256": cache.check(path, "", path.name)}
    provenance = Provenance(**texts | ours)
    preprocess = Preprocess(found.size, found.normalise, found.crop, found.letterbox)
    return task_class(found.task)(card, model, provenance, preprocess, found.classes)


def built(card: Card, offer_file: str, classes: int, size: int):
    """Build the network that a card's offer configures, for other classes.

    Args:
        card: of a model that can be built, or of one on TF Hub.
        offer_file: the file of the card's weights that training began from; empty for random ones.
        classes: how many.
        size: side of the pictures, pixels; not more than the catalogue's.

    Returns:
        A `keras.Model` with random weights.

    Raises:
        BadInput: there is no such offer, or the network can't be built so.
    """
    import_tensorflow()
    if is_hub(card.id):
        return _on_hub(card, classes)
    from course_lib import zoo

    family = zoo.family(card.family)
    offer = next((offer for offer in card.weights if offer.file == offer_file), None)
    if offer_file and not offer:
        raise BadInput(
            f"{card.id} has no weights {offer_file}: was this model saved by a newer version of the course?"
        )
    config = family.CONFIGS[offer.model if offer else card.id]
    config = dataclasses.replace(config, **offer.config if offer else {})
    changes = {"classes": classes, "size": size}
    if missing := changes.keys() - {field.name for field in dataclasses.fields(config)}:
        raise BadInput(f"{card.id} has no setting {min(missing)}, so other classes can't be given to it.")
    if size > config.size:  # a network whose dense layers grow with the picture could fill any memory
        raise BadInput(f"{card.id} is built for pictures of {config.size} px, not for {size}.")
    return family.build(dataclasses.replace(config, **changes))


def _on_hub(card: Card, classes: int):
    """Put a head on a model of TF Hub. Only on one with an address: a file must not choose which folder's program is run."""
    import keras

    from course_lib.hub_loading import open_hub
    from course_lib.tasks.base import pooled

    if not handle(card.id).url:
        raise BadInput(f"{card.id} has no address on TF Hub, so what is built on it can't be saved here.")
    model = open_hub(card.id).model
    return keras.Model(model.input, keras.layers.Dense(classes, name="head")(pooled(model)))


def _below_head(model) -> dict:
    """Return the shapes of all variables but the head's, by path."""
    return {v.path: tuple(v.shape) for v in model.weights if not v.path.startswith("head/")}
