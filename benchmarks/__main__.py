"""Measure everything in one go: `python -m benchmarks [--turns 9] [--lessons] [--strict] [names of sections]`.

With all sections (the lessons aside) it writes benchmarks/RESULTS.md.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterable

from benchmarks.machine import bounds, pin, this_machine
from benchmarks.results import PATH, Section, comparison, markdown, records, show, updated
from benchmarks.timing import Case, compare
from course_lib.quiet import import_tensorflow


def main() -> int:
    """Measure and print.

    Returns:
        The exit code: 1 with --strict where a limit is passed, else 0.
    """
    options = _options()
    pin(options.cores)  # before TensorFlow counts the cores
    import_tensorflow()  # quietly, so that no section has to
    if options.update:  # said before the measuring, not after it
        updated(PATH.read_text(), [], time.strftime("%Y-%m-%d"), str(this_machine()))
    left_out: list[str] = []
    known = _sections(options, left_out)
    chosen = options.sections or [name for name in known if name != "lessons" or options.lessons]
    sections: list[Section] = []
    for name in chosen:
        measured = _measured(known[name], name, left_out)
        sections += measured
        date, machine = time.strftime("%Y-%m-%d"), str(this_machine())
        if not options.sections:  # at once, so that a run that is stopped has not measured in vain
            PATH.write_text(markdown(sections, date, machine, left_out))
        elif options.update:
            PATH.write_text(updated(PATH.read_text(), measured, date, machine))
        for section in [] if options.json else measured:
            show(section)
    if options.json:
        print(json.dumps(records(sections), indent=1))
    print(*(f"left out: {line}" for line in left_out), sep="\n", file=sys.stderr)
    return int(options.strict and any(_passed(section) for section in sections))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="The course beside its peers.")
    parser.add_argument("sections", nargs="*", help="only these: " + ", ".join(_sections(None, [])))
    parser.add_argument("--turns", type=int, default=9, help="measurements of each (default 9)")
    parser.add_argument("--slow-turns", type=int, default=1, help="of what takes minutes (default 1)")
    parser.add_argument("--cores", type=int, default=1, help="processor cores for all, peers too (default 1)")
    parser.add_argument(
        "--lessons", action="store_true", help="run every lesson as well: a quarter of an hour"
    )
    parser.add_argument("--update", action="store_true", help="put the named sections into RESULTS.md")
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument("--strict", action="store_true", help="exit 1 where a limit is passed")
    options = parser.parse_args()
    if unknown := [name for name in options.sections if name not in _sections(None, [])]:
        parser.error(f"there is no section {unknown[0]}")
    return options


def _sections(options, left_out: list[str]) -> dict[str, Callable[[], Section]]:
    """Return what can be measured, by name; nothing heavy is imported before its turn."""

    def compared(title: str, cases: Callable[[], Iterable[Case]]) -> Section:
        results = []
        for case in cases():
            results.append(compare(case, options.turns))
            print(".", end="", flush=True, file=sys.stderr)
        return comparison(title, results, options.turns)

    def library() -> Section:
        from benchmarks.cases import classifying, reading, start_up

        return compared(
            "The library", lambda: (case for part in (start_up, reading, classifying) for case in part())
        )

    def networks() -> Section:
        from benchmarks.networks import forward

        return compared("One forward pass", lambda: forward(left_out))

    def detecting() -> Section:
        from benchmarks.detecting import detecting

        return compared("Finding objects", lambda: detecting(left_out))

    def writing() -> Section:
        from benchmarks.writing import writing

        return compared("Writing", lambda: writing(left_out))

    def transcribing() -> Section:
        from benchmarks.transcribing import transcribing

        return compared("Transcribing", lambda: transcribing(left_out))

    def step() -> Section:
        from benchmarks.tuning import step

        return compared("Training a whole network", step)

    def frozen() -> Section:
        from benchmarks.tuning import frozen

        return frozen(options.slow_turns)

    def folders() -> Section:
        from benchmarks.folders import growing

        return growing()

    def lessons() -> Section:
        from benchmarks.lesson_times import lessons

        return lessons()

    return {
        "machine": bounds, "frozen": frozen, "networks": networks, "detecting": detecting, "writing": writing,
        "transcribing": transcribing,
        "step": step, "folders": folders, "library": library, "lessons": lessons,
    }  # fmt: skip


def _measured(measure: Callable[[], Section], name: str, left_out: list[str]) -> list[Section]:
    """Measure one section; one that fails is left out, and the others are not lost with it."""
    print(f"\n{name} ", end="", flush=True, file=sys.stderr)
    try:
        return [measure()]
    except Exception as error:
        left_out.append(f"{name}: {type(error).__name__}: {error}")
        return []


def _passed(section: Section) -> bool:
    return any(
        cell.endswith((" passed", " missed")) or cell == "failed" for row in section.rows for cell in row
    )


if __name__ == "__main__":
    sys.exit(main())
