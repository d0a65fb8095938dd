"""Reads the cards: families/*.toml, one file a family. A new family is a new file; nothing lists them."""

import difflib
import fnmatch
import tomllib
from functools import cache
from pathlib import Path
from types import MappingProxyType

from course_lib.catalog.cards import GRADES, Card, Fact, HubOffer, Weights
from course_lib.catalog.handles import PREFIX, handle, is_hub
from course_lib.catalog.reports import nano_offer
from course_lib.errors import BadInput, CourseError, shortened

FAMILIES = Path(__file__).parent / "families"
# What nano models are trained on, unless their card says otherwise.
WORLD = {
    "trained_on": "the course's procedural world, 20 kinds of object at 32 px",
    "normalise": "tf",
    "crop": 0,
    "labels": "world",
}


def list_models(pattern: str = "*", task: str | None = None) -> list[str]:
    """List the ids of the models that the course knows.

    Args:
        pattern: shell-style pattern, for instance `"resnet*"`; `"hub:*"` for the models of TF Hub that have a card.
        task: only models of this task, for instance "classify".

    Returns:
        Model ids, family by family, each family in the order of its card.
    """
    cards = (_hub_cards() if pattern.startswith(PREFIX) else _cards()).values()
    return [c.id for c in cards if fnmatch.fnmatchcase(c.id, pattern) and task in (None, c.task)]


def card(model_id: str) -> Card:
    """Return a model's card.

    Args:
        model_id: an id of `list_models()`, one that the course only tells of, or any handle of TF Hub behind "hub:".

    Returns:
        The card, a frozen dataclass; of an unknown handle, one that says nothing but its name.

    Raises:
        BadInput: where there is no such model; the nearest names are suggested.
    """
    if is_hub(model_id):
        text = handle(model_id).text
        return _hub_cards().get(PREFIX + text) or _hub_card(text, "tf_hub", {})
    try:
        return _cards().get(model_id) or _told_cards()[model_id]
    except (KeyError, TypeError):
        raise BadInput(_unknown(model_id)) from None


def _unknown(model_id) -> str:
    if not isinstance(model_id, str):
        return f"A model id is a text such as 'resnet50', not a {type(model_id).__name__}: see list_models()."
    wanted = model_id.lower().replace("-", "_").replace(" ", "_")
    near = difflib.get_close_matches(wanted, _cards(), n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else "see `course list` for all of them."
    return f"There is no model {shortened(model_id)!r} in the catalogue: {hint}"


@cache
def _cards() -> MappingProxyType[str, Card]:
    return _read(_family)


@cache
def _told_cards() -> MappingProxyType[str, Card]:
    return _read(_told_family)


@cache
def _hub_cards() -> MappingProxyType[str, Card]:
    return _read(_hub_family)


def _read(cards_of) -> MappingProxyType[str, Card]:
    """Read all families' files with a function of a family's name and its table."""
    cards = {}
    for path in sorted(FAMILIES.glob("*.toml")):
        try:
            cards |= cards_of(path.stem, tomllib.loads(path.read_text(encoding="utf-8")))
        except (AttributeError, KeyError, TypeError, ValueError) as error:  # TOML's own is a ValueError
            reason = f"{error} is missing" if isinstance(error, KeyError) else error
            raise CourseError(f"The card {path} can't be used: {reason}. Mend that file.") from error
    return MappingProxyType(cards)


def _family(name: str, family: dict) -> dict[str, Card]:
    # Read when somebody asks for one of these.
    others = family.pop("hub", {}) or family.pop("told", {})
    shared, models = family.pop("shared", {}), family.pop("models", {}) if others else family.pop("models")
    # An offer overrides what all offers of its grade in this family have in common; so does a model.
    offers = {key: _offer(offer, shared) for key, offer in family.pop("offers", {}).items()}
    return {key: _card(key, name, {**family, **table}, offers) for key, table in models.items()}


def _told_family(name: str, family: dict) -> dict[str, Card]:
    """Return the cards of models that the course only tells of."""
    told = family.pop("told", {})
    return {
        key: _card(key, name, {**table, "params": 0, "told_only": True}, {}) for key, table in told.items()
    }


def _hub_family(name: str, family: dict) -> dict[str, Card]:
    """Return the cards of a family's models on TF Hub; what is not said of one is as it is with the model it is of."""
    hub, models = family.pop("hub", {}), family.pop("models", {})
    common = {key: value for key, value in family.items() if key not in ("shared", "offers")}
    shared = hub.pop("shared", {})
    cards = (
        _hub_card(text, name, {**common, **models.get(table.get("of"), {}), **shared, **table})
        for text, table in hub.items()
    )
    return {card.id: card for card in cards}


def _hub_card(text: str, family: str, table: dict) -> Card:
    facts = tuple(Fact(**fact) for fact in table.get("hub_facts", ()))
    known = {
        "task": "signatures",
        "title": text,
        "year": 0,
        "paper": "",
        "arxiv": "",
        "size": 0,
        "lesson": "16",
    }
    known |= {"summary": "A model of TF Hub."}
    fields = {key: table.get(key, value) for key, value in known.items()}
    offer = {key: table[key] for key in HubOffer.__dataclass_fields__ if key in table}
    return Card(id=PREFIX + text, family=family, params=0, facts=facts, hub=HubOffer(**offer), **fields)


def _card(model_id: str, family: str, table: dict, offers: dict[str, Weights]) -> Card:
    facts = tuple(Fact(**fact) for fact in table.pop("facts", ()))
    weights = [offers[name] for name in table.pop("weights", ()) if offers[name]]
    weights.sort(key=lambda offer: GRADES.index(offer.grade))
    return Card(id=model_id, family=family, facts=facts, weights=tuple(weights), **table)


def _offer(table: dict, shared: dict) -> Weights | None:
    """Fill in what an offer shares with others; None for a nano model whose recipe has not been run yet."""
    table = {**shared.get(table["grade"], {}), **table}
    if table["grade"] == "nano":
        report = nano_offer(table["model"])
        return _weights({**WORLD, **report, **table}) if report else None
    return _weights(table)


def _weights(table: dict) -> Weights:
    facts = tuple(Fact(**fact) for fact in table.pop("facts", ()))
    config = MappingProxyType(table.pop("config", {}))
    labels = table.pop("labels")
    labels = labels if isinstance(labels, str) else tuple(labels)
    parts, mirrors = (
        table.pop("also", ()),
        tuple(table.pop("mirrors", ())),
    )  # each file has mirrors of its own
    also = tuple(
        Weights(labels=labels, **table | part | {"mirrors": tuple(part.get("mirrors", ()))}) for part in parts
    )
    return Weights(labels=labels, config=config, facts=facts, also=also, mirrors=mirrors, **table)
