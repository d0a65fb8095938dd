"""course lab, run, progress: the notebooks."""

import json
from typing import Annotated

import typer

from course_lib.cli import app
from course_lib.cli.models import AsJson

LessonNumber = Annotated[str, typer.Argument(help="The lesson's number or name, such as 04 or resnet.")]


@app.command()
def lab(lesson: LessonNumber = "00") -> None:
    """Open JupyterLab on a lesson."""
    from course_lib.lessons.lab import open_lab

    raise typer.Exit(open_lab(lesson))


@app.command()
def run(lesson: LessonNumber) -> None:
    """Run a lesson from its first cell to its last, without a browser."""
    from course_lib.lessons.run import run_lesson

    run_lesson(lesson)


@app.command()
def progress(as_json: AsJson = False) -> None:
    """Show which exercises you have done."""
    from course_lib.lessons.report import report

    entries = report()
    if as_json:
        rows = [
            {"lesson": e.number, "name": e.name, "done": sorted(e.done), "exercises": e.exercises}
            for e in entries
        ]
        print(json.dumps(rows, indent=2))
        return
    for entry in entries:
        print(f"{entry.number} {entry.name:<24}{len(entry.done)} of {len(entry.exercises)}")
        for key, title in entry.exercises.items():
            print(f"   [{'x' if key in entry.done else ' '}] {key} {title}")
