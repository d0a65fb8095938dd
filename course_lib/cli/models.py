"""course list, info: what exists, and what of it is here."""

import dataclasses
import json
from pathlib import Path
from typing import Annotated

import typer

from course_lib import catalog
from course_lib.catalog import Card, Weights
from course_lib.catalog.handles import handle
from course_lib.cli import app
from course_lib.errors import BadInput
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
