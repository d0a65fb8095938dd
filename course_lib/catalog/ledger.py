"""The ledger: every model in one row, and the figures that go around held against the sources."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from course_lib.catalog.cards import Card, Weights
from course_lib.catalog.reader import card, list_models
from course_lib.catalog.reports import read_report

CLAIMS = Path(__file__).parent / "claims.toml"


@dataclass(frozen=True)
class Row:
    """One model of the ledger; what is not known is None."""

    model: str
    year: int
    params: int  # counted by building the network
    multiply_adds: int  # counted by building the network, for one picture of the model's size
    top1: float | None  # of the weights to be had, per cent, quoted
    source: str  # of top1
    released: (
        bool  # whether trained weights of this very network can be had from its authors or a known project
    )
    licence: str


@dataclass(frozen=True)
class NanoRow:
    """One nano model: what the same recipe made of each family."""

    model: str
    score: float  # accuracy on held-out pictures, per cent
    spread: float  # half the range over the seeds
    params: int
    multiply_adds: int
    core_seconds: float  # of training, mean over the seeds


@dataclass(frozen=True)
class Claim:
    """A figure that goes around, and what must be said with it."""

    title: str
    year: int
    params: str
    accuracy: float
    truth: str
    source: str
    model: str = ""  # ours, where the zoo has it
    released: bool = True


def ledger(pattern: str = "*", task: str = "classify") -> list[Row]:
    """Return a row for every full-size model, in the order of their years.

    Args:
        pattern: shell-style pattern of model ids.
        task: the task that the models are for.
    """
    cards = [card(model_id) for model_id in list_models(pattern, task)]
    return sorted((_row(c) for c in cards if not _is_nano(c)), key=lambda row: (row.year, row.params))


def nano_ledger() -> list[NanoRow]:
    """Return a row for every nano classifier of the world, best first; what others are measured by compares with nothing here."""
    cards = [card(model_id) for model_id in list_models(task="classify")]
    of_the_world = (c for c in cards if _is_nano(c) and c.weights and c.weights[0].labels == "world")
    rows = [_nano_row(c, read_report(c.id)) for c in of_the_world]
    return sorted(rows, key=lambda row: -row.score)


def claims() -> list[Claim]:
    """Return the figures that go around, oldest first."""
    return [Claim(**table) for table in tomllib.loads(CLAIMS.read_text(encoding="utf-8"))["claims"]]


def _is_nano(c: Card) -> bool:
    return all(offer.grade == "nano" and offer.model == c.id for offer in c.weights)


def _row(c: Card) -> Row:
    own = next((offer for offer in c.weights if offer.model == c.id and offer.grade != "nano"), None)
    fact = _top1(own)
    return Row(
        c.id, c.year, c.params, c.multiply_adds, fact and fact.value, fact.source if fact else "", own is not None,
        own.licence if own else "",
    )  # fmt: skip


def _top1(offer: Weights | None):
    return next((fact for fact in offer.facts if fact.name.startswith("top-1")), None) if offer else None


def _nano_row(c: Card, report: dict) -> NanoRow:
    fact = c.weights[0].facts[0]
    seconds = [report["seconds"], *(repeat["seconds"] for repeat in report["repeats"].values())]
    mean = sum(seconds) / len(seconds)
    return NanoRow(c.id, fact.value, fact.spread, c.params, c.multiply_adds, mean)
