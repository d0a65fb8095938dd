"""course lab, run, progress, teach: the notebooks."""

import json
from pathlib import Path
from typing import Annotated

import typer

from course_lib.cli import app
from course_lib.cli.models import AsJson
from course_lib.cli.records import warnings_as_lines
from course_lib.cli.use import report_failed

LessonNumber = Annotated[str, typer.Argument(help="The lesson's number or name, such as 04 or resnet.")]


@app.command()
def lab(lesson: LessonNumber = "00") -> None:
    """Open JupyterLab on a lesson, or with `course lab progress` on the page of what you have done."""
    from course_lib.lessons.lab import open_lab

    raise typer.Exit(open_lab(lesson))


@app.command()
def run(lesson: LessonNumber) -> None:
    """Run a lesson from its first cell to its last, without a browser."""
    from course_lib.lessons.run import run_lesson

    run_lesson(lesson)


@app.command()
def progress(
    as_json: AsJson = False,
    export: Annotated[
        Path | None, typer.Option(help="Write it to a .csv or .json file, to hand to a teacher.")
    ] = None,
    name: Annotated[str, typer.Option(help="What you want to be called in that file.")] = "",
    collect: Annotated[
        list[Path] | None,
        typer.Option(help="For teachers: learners' files, or a folder of them; may be repeated. A table of the class."),
    ] = None,
) -> None:  # fmt: skip
    """Show which exercises you have done, and what comes next; or hand it to a teacher."""
    from course_lib.lessons.progress import done
    from course_lib.lessons.report import report, summary

    if collect:
        _print_class(collect)
        return
    with warnings_as_lines():
        finished = done()
    entries = report(finished)
    if export:
        from course_lib.lessons.shared_progress import export as write

        total = summary(entries, finished)
        print(f"{write(export, name, entries, finished)}: {total.right} of {total.exercises} exercises right")
    elif as_json:
        rows = [
            {"lesson": e.number, "name": e.name, "done": sorted(e.done), "exercises": e.exercises}
            for e in entries
        ]
        print(json.dumps(rows, indent=2))
    else:
        _print_progress(entries, summary(entries, finished))


def _print_progress(entries, total) -> None:
    """Print a line for each lesson, and the exercises of those in which something is done or comes next."""
    print(f"{total}.")
    for entry in entries:
        print(f"{entry.number} {entry.name:<30}{len(entry.done)} of {len(entry.exercises)}")
        if (entry.done and not entry.complete) or (total.next and total.next[0] in entry.exercises):
            for key, title in entry.exercises.items():
                print(f"   [{'x' if key in entry.done else ' '}] {key} {title}")


def _print_class(given: list[Path]) -> None:
    from course_lib.lessons.report import report
    from course_lib.lessons.shared_progress import class_table, collect

    learners, failed = collect(given)
    if learners:
        print(class_table(learners, report({})), end="")
    report_failed(failed, len(learners) + len(failed), "files can't be used")


@app.command()
def teach(
    lesson: Annotated[
        str | None, typer.Argument(help="The lesson's number or name; all of them if left out.")
    ] = None,
) -> None:
    """Show a teacher's notes on a lesson: how long it takes, common errors, questions to discuss."""
    from course_lib.lessons.contents import find_lesson, lessons
    from course_lib.lessons.notes import RULE, guide

    for one in lessons() if lesson is None else [find_lesson(lesson)]:
        print(guide(one))
    print(f"Minutes are estimates by one rule: {RULE}.")
