"""Print the table: `python -m benchmarks [--turns 15] [--strict] [words that a case's name has to contain]`."""

import argparse
import json
import statistics
import sys
from itertools import chain

from rich.console import Console
from rich.table import Table

from benchmarks.cases import classifying, reading, start_up
from benchmarks.timing import Result, compare


def main() -> int:
    """Measure and print.

    Returns:
        The exit code: 1 with --strict where a limit is passed, else 0.
    """
    options = _options()
    results = []
    for case in chain(start_up(), reading(), classifying()):
        if all(word in f"{case.name} {case.peer_name}" for word in options.words):
            results.append(compare(case, options.turns))
            print(".", end="", flush=True, file=sys.stderr)
    print(file=sys.stderr)
    if options.json:
        print(json.dumps([_record(result) for result in results], indent=1))
    else:
        Console(width=max(Console().width, 120)).print(_table(results, options.turns))
    return int(options.strict and not all(result.within for result in results))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="The course beside its peers.")
    parser.add_argument("words", nargs="*", help="only cases whose name contains these")
    parser.add_argument("--turns", type=int, default=15, help="measurements of each (default 15)")
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument("--strict", action="store_true", help="exit 1 where a limit is passed")
    return parser.parse_args()


def _table(results: list[Result], turns: int) -> Table:
    caption = f"Medians of {turns} turns, A B B A ...; in brackets the lowest and the highest."
    table = Table("the course", "beside", caption=caption, caption_justify="left", box=None, pad_edge=False)
    for column in ("ms", "peer's ms", "ratio", "", "limit"):
        table.add_column(column, justify="right", no_wrap=True)
    for result in results:
        limit = result.case.limit
        table.add_row(
            result.case.name,
            result.case.peer_name,
            _milliseconds(result.ours),
            _milliseconds(result.peer),
            f"{result.ratio:.2f}",
            f"[dim]({min(result.ratios):.2f}-{max(result.ratios):.2f})[/dim]",
            "" if limit is None else f"{limit:.1f}" if result.within else f"[red]{limit:.1f} passed[/red]",
        )
    return table


def _milliseconds(seconds: list[float]) -> str:
    return f"{1000 * statistics.median(seconds):.3g}"


def _record(result: Result) -> dict:
    return {
        "name": result.case.name,
        "peer": result.case.peer_name,
        "ours_seconds": result.ours,
        "peer_seconds": result.peer,
        "ratio": result.ratio,
        "limit": result.case.limit,
    }


if __name__ == "__main__":
    sys.exit(main())
