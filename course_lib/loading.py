"""`load`: the one place where it all meets. Card -> weights -> model -> the task that the card names."""

import dataclasses
import os
from functools import partial
from pathlib import Path

from course_lib import catalog
from course_lib.catalog import Card, Weights
from course_lib.catalog.handles import is_hub
from course_lib.choosing import checked, choose, is_grade, offers_of
from course_lib.errors import BadInput, CourseError
from course_lib.fetching import megabytes
from course_lib.quiet import import_tensorflow
from course_lib.weights.saved import is_saved
from course_lib.weights.sources import read

FLOAT32 = 4  # bytes in a number


def load(model_id: str, weights="auto"):
    """Load a model with the best weights that this machine has, and say in one line which they are.

    Never touches the network: `course fetch` does, when you ask.

    Args:
        model_id: an id of `list_models()`; or "hub:" and a handle of TF Hub or the path of a SavedModel folder; or a
            folder that `finetune` saved a model in, then without `weights`.
        weights: "auto" (official if cached, else package, else nano), one of these names, None for random weights,
            or the path of a weights file in the format that the card names, or of a folder in which such a file
            has the name that the card gives it.

    Returns:
        A `Pretrained`; for an image classifier, one with `.classify(images)`.

    Raises:
        BadInput: an unknown model or grade, a missing or unfitting file.
        CourseError: the weights are not on this machine; the sentence says where to get them.
    """
    pretrained = open_pretrained(model_id, weights)
    print(announcement(pretrained))
    return pretrained


def open_pretrained(model_id: str, weights="auto"):
    """Load as `load` does, without a word."""
    if is_hub(model_id):
        from course_lib.hub_loading import open_hub

        return open_hub(model_id, weights)
    if model_id not in catalog.list_models() and _is_path(model_id):
        return _saved(model_id, weights)
    card = _loadable(model_id)
    if weights is None:
        return _random(card)
    offer, path = choose(card, weights)
    # The hash comes first: nothing reads a byte of a file that is not the one it should be.
    return _assemble(card, offer, path, checked(offer, path, is_grade(weights)))


def build(model_id: str, **overrides):
    """Build a model's architecture alone, with random weights.

    Args:
        model_id: an id of `list_models()`.
        **overrides: fields of the model's config to change, for instance `classes=8` or `size=64`.

    Returns:
        A `keras.Model`.

    Raises:
        BadInput: an unknown model, or a field that its config does not have.
        CourseError: the network's numbers are more than this machine's memory can hold.
    """
    card = _loadable(model_id)
    if card.hub:
        raise BadInput(f"{model_id} is a SavedModel, which can't be built without its weights: load it.")
    family = _family(card)
    if not hasattr(family, "build"):
        raise BadInput(f"{model_id} comes ready-made, its network is not built here: load it.")
    config = family.CONFIGS[card.id]
    known = [field.name for field in dataclasses.fields(config)]
    if unknown := [name for name in overrides if name not in known]:
        raise BadInput(f"{model_id} has no setting {unknown[0]!r}; it has: {', '.join(known)}.")
    config = dataclasses.replace(config, **overrides)
    _check_room(card, family, config)
    return family.build(config)


def _check_room(card: Card, family, config) -> None:
    """Refuse a network whose numbers this machine can't hold; only where the card's size gives reason is it counted."""
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):  # Windows doesn't say it so
        return
    if FLOAT32 * card.params <= memory:
        return
    params = card.params if config == family.CONFIGS[card.id] else _count(family, config)
    if FLOAT32 * params > memory:
        raise CourseError(
            f"{card.id} has {params:,} parameters: {FLOAT32 * params / 1e9:.0f} GB, and this machine has "
            f"{memory / 1e9:.0f} GB of memory. Its settings can make it smaller, for instance build({card.id!r}, depth=1)."
        )


def _count(family, config) -> int:
    import tensorflow as tf

    with tf.Graph().as_default():  # its variables have no numbers
        return family.build(config).count_params()


def announcement(pretrained) -> str:
    """Say in one line which weights a loaded model has, and how to get better ones."""
    card, found = pretrained.card, pretrained.provenance
    if found.grade == "random":
        return f"{card.id}: random weights, trained on nothing."
    name = card.id if found.model == card.id else f"{card.id}: {found.model} stands in for it,"
    line = f"{name}: {found.grade} weights from {found.source}, trained on {found.trained_on}.".replace(
        ",:", ":"
    )
    if found.grade == "fine-tuned" or not card.weights:
        return line
    best = card.weights[0]
    if best.grade != found.grade or best.model != found.model:
        line += f" For the {best.grade} ones: course fetch {card.id} ({megabytes(best)})."
    return line


def _loadable(model_id: str) -> Card:
    card = catalog.card(model_id)
    if card.told_only:
        raise BadInput(
            f"{model_id} is not built here, the course only tells of it: `course info {model_id}` says what."
        )
    return card


def _is_path(text) -> bool:
    return isinstance(text, str | Path) and os.path.exists(os.path.expanduser(text))


def _saved(folder: str | Path, weights):
    """Open a model that `finetune` saved."""
    if not is_saved(folder):
        raise BadInput(
            f"{str(folder)!r} is neither a model of the catalogue nor a folder that `finetune` saved a model in."
        )
    if weights != "auto":
        raise BadInput(f"{str(folder)!r} holds a model with weights of its own: leave `weights` away.")
    from course_lib.saving import open_saved

    return open_saved(folder)


def _random(card: Card):
    offer = offers_of(card)[0]
    return _pretrained(card, build(card.id), _family(card).CONFIGS[card.id], "random", offer)


def _family(card: Card):
    import_tensorflow()
    from course_lib import zoo

    return zoo.family(card.family)


def _assemble(card: Card, offer: Weights, path: Path, sha256: str):
    family = _family(card)
    from course_lib.weights.convert import load_into, opener

    config = dataclasses.replace(family.CONFIGS[offer.model], **offer.config)
    if open_file := opener(card.family, offer.format):
        return _pretrained(card, open_file(path, offer, config), config, offer.grade, offer, path, sha256)
    arrays = read(offer, path)  # first: what can't be read costs no building
    model = family.build(config)
    load_into(model, arrays, card.family, offer.format, config)
    return _pretrained(card, model, config, offer.grade, offer, path, sha256)


def _pretrained(
    card: Card, model, config, grade: str, offer: Weights, path: Path | None = None, sha256: str = ""
):
    from course_lib.tasks import task_class
    from course_lib.tasks.base import Provenance
    from course_lib.text import tokenizer
    from course_lib.weights.labels import class_names
    from course_lib.weights.preprocess import Preprocess

    if path is None:
        provenance, labels = Provenance(grade, card.id, "the initialisers"), ()
    else:
        where = offer.package.replace("==", " ") or offer.project
        provenance = Provenance(
            grade, offer.model, where, path.name, sha256, offer.trained_on, offer.licence, offer.file
        )
        labels = partial(class_names, offer.labels)
    preprocess = None  # of what reads texts alone
    if offer.normalise:
        preprocess = Preprocess(model.inputs[0].shape[1], offer.normalise, offer.crop, offer.letterbox)
    extras = {"tokenizer": tokenizer(offer.tokenizer, path)} if offer.tokenizer else {}
    if hasattr(family := _family(card), "listener"):
        extras["listener"] = family.listener(config)
    if offer.vocoder:
        extras["vocoder"] = partial(open_pretrained, offer.vocoder)  # opened at its first use
    return task_class(card.task)(card, model, provenance, preprocess, labels, **extras)
