"""course facts: the ledger of all models, recounted on demand."""

import dataclasses
import json
from typing import Annotated

import typer

from course_lib import catalog
from course_lib.catalog import ledger
from course_lib.cli import MORE, app
from course_lib.cli.models import AsJson
from course_lib.errors import BadInput, CourseError

Pattern = Annotated[str, typer.Argument(help='Shell-style pattern, such as "resnet*".')]


@app.command()
def facts(
    pattern: Pattern = "*",
    nano: Annotated[bool, typer.Option("--nano", help="The nano models, all families side by side.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Build every model, count again, and fail on a difference.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Print the ledger: parameters and multiply-adds as counted, accuracy as quoted, what was released."""
    if check:
        _check(pattern)
        return
    rows = ledger.nano_ledger() if nano else ledger.ledger(pattern)
    if not rows:
        raise BadInput(f"No model matches {pattern!r}: `course list` shows all of them.")
    if as_json:
        print(json.dumps([dataclasses.asdict(row) for row in rows], indent=2))
    elif nano:
        _print_nano(rows)
    else:
        _print_ledger(rows)
        if pattern == "*":
            _print_claims()


def _print_ledger(rows: list[ledger.Row]) -> None:
    print(f"{'model':<22}{'year':<6}{'parameters':>13}{'multiply-adds':>16}{'top-1 %':>9}  weights' licence")
    for row in rows:
        top1 = f"{row.top1:.1f}" if row.top1 is not None else "-"
        licence = row.licence if row.released else "not released"
        print(f"{row.model:<22}{row.year:<6}{row.params:>13,}{row.multiply_adds:>16,}{top1:>9}  {licence}")
    print("Counted by building each network; accuracy of the weights on ImageNet's validation set, quoted: see "
          "`course info MODEL` for sources.")  # fmt: skip


def _print_claims() -> None:
    print("\nFigures that go around, held against the sources:")
    for claim in ledger.claims():
        print(f"{claim.title}, {claim.year}: {claim.params} parameters, {claim.accuracy} %")
        print(f"    {claim.truth} ({claim.source})")


def _print_nano(rows: list[ledger.NanoRow]) -> None:
    print(f"{'model':<20}{'accuracy %':>16}{'parameters':>12}{'multiply-adds':>15}{'core-seconds':>14}")
    for row in rows:
        score = f"{row.score:.1f} ± {row.spread:.1f}"
        print(f"{row.model:<20}{score:>16}{row.params:>12,}{row.multiply_adds:>15,}{row.core_seconds:>14.0f}")
    print("Held-out pictures of the procedural world, 20 kinds, chance 5 %; one recipe but for what a file in "
          "training/recipes changes; the spread is half the range over the seeds.")  # fmt: skip


def _check(pattern: str) -> None:
    """Count every model again, by building it."""
    from tqdm import tqdm

    from course_lib.quiet import import_tensorflow

    import_tensorflow()
    from course_lib.zoo.cost import count

    wrong = []
    model_ids = catalog.list_models(pattern)
    for model_id in tqdm(model_ids, "counting", unit="model", delay=2, leave=False, disable=None):
        card = catalog.card(model_id)
        said, found = (card.params, card.multiply_adds), count(card)
        if said != found:
            wrong.append(f"{model_id}: the card says {_words(said)}, the network has {_words(found)}.")
    if wrong:
        raise CourseError(MORE.join(wrong))
    print(f"{len(model_ids)} models counted again, and every card is right.")


def _words(counts: tuple[int, int]) -> str:
    return f"{counts[0]:,} parameters and {counts[1]:,} multiply-adds"
