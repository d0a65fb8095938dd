"""Which of a card's offers `load` takes, where its files are, and that they are what they should be."""

import os
from pathlib import Path

from course_lib.catalog import Card, Weights
from course_lib.catalog.cards import GRADES, RUN
from course_lib.errors import BadInput, CourseError
from course_lib.fetching import by_hand
from course_lib.files import expanded
from course_lib.weights import cache
from course_lib.weights.file_kinds import end, kind
from course_lib.weights.sources import paths, source


def is_grade(weights) -> bool:
    """Say whether `weights`, as `load` takes it, leaves the choice of the file to the card."""
    return isinstance(weights, str) and weights in ("auto", *GRADES)


def offers_of(card: Card) -> tuple[Weights, ...]:
    """Return the weights on offer, of which a nano model whose recipe has not been run yet has none."""
    if not card.weights:
        raise BadInput(f"{card.id} has no weights yet: build({card.id!r}) gives its network, untrained.")
    return card.weights


def choose(card: Card, weights) -> tuple[Weights, Path]:
    """Find the offer and the file that `weights` asks for.

    Args:
        card: of the model.
        weights: as `load` takes it, but not None.

    Returns:
        The offer, and the path of its first file.

    Raises:
        BadInput: no such grade, no such file, or one that fits no offer.
        CourseError: the weights are not on this machine; the sentence says where to get them.
    """
    if isinstance(weights, os.PathLike) or (isinstance(weights, str) and not is_grade(weights)):
        return _from_path(card, weights)
    if not isinstance(weights, str):
        raise BadInput(
            f"weights is 'auto', {', '.join(map(repr, GRADES))}, None or a path, not {type(weights).__name__}."
        )
    offers = [offer for offer in offers_of(card) if weights in ("auto", offer.grade)]
    for offer in offers:
        found = [source(part.source).find(part) for part in offer.parts]
        if all(found):
            return offer, found[0]
    raise CourseError(_not_here(card, weights, offers))


def _from_path(card: Card, path) -> tuple[Weights, Path]:
    path = expanded(path)
    if os.path.isdir(path):
        return _from_folder(card, path)
    if not os.path.exists(path) and not path.suffix:
        raise BadInput(
            f"weights={str(path)!r} is neither a grade (auto, {', '.join(GRADES)}) nor a file that exists."
        )
    if not os.path.isfile(path):
        raise BadInput(f"There is no weights file {path}: check the path, or use weights='auto'.")
    fitting = [offer for offer in offers_of(card) if kind(offer.file) == kind(path) != ""]
    if not fitting:
        known = ", ".join(sorted({end(offer.file) for offer in card.weights}))
        raise BadInput(
            f"{card.id} takes weights as {known}, not {end(path)}: `course info {card.id}` names the files."
        )
    return fitting[0], path


def _from_folder(card: Card, folder: Path) -> tuple[Weights, Path]:
    names = [Path(offer.file).name for offer in offers_of(card)]
    for offer, name in zip(card.weights, names, strict=True):
        if (folder / name).is_file():
            return offer, folder / name
    raise BadInput(f"The folder {folder} holds no weights of {card.id}: {' or '.join(dict.fromkeys(names))} should lie "
                   "in it.")  # fmt: skip


def _not_here(card: Card, weights: str, offers: list[Weights]) -> str:
    if not offers:
        have = ", ".join(dict.fromkeys(offer.grade for offer in card.weights))
        return f"{card.id} has no {weights} weights; it has: {have}."
    return (f"{card.id}: the {offers[0].grade} weights are not on this machine. `course fetch {card.id}` brings them. "
            + by_hand(card, offers[0]))  # fmt: skip


def checked(offer: Weights, first: Path, named: bool) -> str:
    """Hold an offer's files to their hashes, and return the first one's SHA-256.

    What somebody gave a path of may be a file of their own, unless it is a program.
    """
    files = paths(offer, first)
    if missing := [path.name for path in files if not path.is_file()]:
        raise BadInput(f"Beside {first.name} {missing[0]} is missing: put all of its files into one folder.")
    found = []
    for path, part in zip(files, offer.parts, strict=True):
        known = part.hash if offer.format in RUN else ""
        found.append(cache.verify(path, part.hash) if named else cache.check(path, known, path.name))
    return found[0]
