"""Progress that a learner hands to a teacher, and a class of such files as one table. Nobody needs an account.

A file holds what its writer chose to say: a name, and which exercises were right when. It proves nothing.
"""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from course_lib.errors import BadInput, shortened
from course_lib.files import expanded, write_text
from course_lib.lessons.report import LessonProgress

KINDS = (".csv", ".json")
COLUMNS = ("name", "lesson", "title", "exercise", "what", "right")
MOST_BYTES = 1_000_000  # of one learner's file
LONGEST = 80  # letters of a name
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # how a cell begins that a spreadsheet would compute


@dataclass(frozen=True)
class Handed:
    """What one learner handed in: a name, when each exercise was right, by its id, and the file that says so."""

    name: str
    right: dict[str, str]
    file: str


def export(path: Path, name: str, entries: list[LessonProgress], finished: dict[str, str]) -> Path:
    """Write a learner's progress to a file for a teacher.

    Args:
        path: ends in .csv, a row for each exercise, or in .json.
        name: what the learner wants to be called there.
        entries: what `report` returned.
        finished: what `progress.done` returned.

    Returns:
        The path.

    Raises:
        BadInput: another ending, or a name that is none.
    """
    path, name = _checked(path), _name(name)
    right = {key: finished[key] for entry in entries for key in sorted(entry.done)}
    if path.suffix.lower() == ".json":
        told = {"name": name, "written": datetime.now(UTC).isoformat(timespec="seconds"), "right": right}
        write_text(path, json.dumps(told, indent=1, ensure_ascii=False) + "\n")
        return path
    rows = [(name, entry.number, entry.name, key, title, right.get(key, ""))
            for entry in entries for key, title in entry.exercises.items()]  # fmt: skip
    write_text(path, _table([COLUMNS, *rows]))
    return path


def collect(given: Iterable[str | Path]) -> tuple[list[Handed], list[str]]:
    """Read what a class handed in.

    Args:
        given: files that `export` wrote, and folders of them.

    Returns:
        The learners by name, of each the fullest file; and a sentence for each file that can't be used. Two files of one name
        are of one learner only if one of them holds all that is in the other, times included: else both stay.

    Raises:
        BadInput: there is not one file.
    """
    paths = dict.fromkeys(path for one in given for path in _files(expanded(one)))
    if not paths:
        raise BadInput("There are no files of learners here: `course progress --export mine.csv --name ...` writes one.")  # fmt: skip
    found, failed = [], []
    for path in paths:
        try:
            handed = _read(path)
        except BadInput as error:
            failed.append(str(error))
            continue
        if not any(_is_older(handed, other) for other in found):
            found = [other for other in found if not _is_older(other, handed)] + [handed]
    return sorted(found, key=lambda one: (one.name.casefold(), one.name, one.file)), failed


def _is_older(handed: Handed, other: Handed) -> bool:
    """Tell whether a file says nothing that another of that name doesn't say too; an empty one may be anybody's."""
    return handed.name == other.name and bool(handed.right) and handed.right.items() <= other.right.items()


def class_table(learners: Iterable[Handed], entries: list[LessonProgress]) -> str:
    """Write a class as a CSV table: a row for each learner, a column for each lesson with how many exercises are right.

    Args:
        learners: what `collect` returned; where several have one name, their files stand beside it.
        entries: what `report` returned, for the lessons and their exercises; other exercises don't count.
    """
    rows = [("name", "exercises right", "lessons done", *(entry.number for entry in entries))]
    learners = list(learners)
    names = Counter(one.name for one in learners)
    for one in learners:
        name = f"{one.name} ({one.file})" if names[one.name] > 1 else one.name
        counts = [sum(key in one.right for key in entry.exercises) for entry in entries]
        complete = sum(count == len(entry.exercises) for count, entry in zip(counts, entries, strict=True))
        rows.append((name, sum(counts), complete, *counts))
    return _table(rows)


def _table(rows: Iterable[Iterable]) -> str:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows([_cell(value) for value in row] for row in rows)
    return file.getvalue()


def _cell(value) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def _checked(path: Path) -> Path:
    path = expanded(path)
    if path.suffix.lower() not in KINDS:
        raise BadInput(f"--export {shortened(str(path))}: progress is written as {' or '.join(KINDS)}; give a name that ends so.")  # fmt: skip
    return path


def _name(name, where: str = "--name") -> str:
    if not isinstance(name, str) or not name.strip() or len(name) > LONGEST or not name.isprintable():
        raise BadInput(f"{where}: a name has 1 to {LONGEST} letters on one line, such as 'Ada', not {shortened(str(name), LONGEST)!r}.")  # fmt: skip
    return name.strip()


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    return sorted(one for one in path.iterdir() if one.suffix.lower() in KINDS and not one.name.startswith("."))  # fmt: skip


def _read(path: Path) -> Handed:
    named = shortened(str(path))
    try:
        if not path.is_file():  # a pipe would let us wait for ever
            raise BadInput(f"There is no file {named}: check the path.")
        if path.stat().st_size > MOST_BYTES:
            raise ValueError("it is far too large")
        text = path.read_text(encoding="utf-8-sig")
        name, right = _from_json(text) if path.suffix.lower() == ".json" else _from_csv(text)
        return Handed(_name(name, named), right, _printable(named))
    except BadInput:
        raise
    except OSError as error:
        raise BadInput(f"{named} can't be read: {error.strerror or error}.") from error
    # RecursionError: brackets in brackets, deeper than Python reads them.
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, csv.Error) as error:
        raise BadInput(f"{named} is no file that `course progress --export` wrote.") from error


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in text)


def _from_json(text: str) -> tuple[str, dict[str, str]]:
    told = json.loads(text)
    return told["name"], {str(key): str(when) for key, when in told["right"].items()}


def _from_csv(text: str) -> tuple[str, dict[str, str]]:
    rows = list(csv.DictReader(io.StringIO(text)))
    names = {row["name"] for row in rows}
    if len(names) != 1:
        raise ValueError("several names, or none")
    name = names.pop()
    name = name[1:] if name.startswith("'") and name[1:].startswith(FORMULA) else name
    return name, {row["exercise"]: row["right"] for row in rows if row["right"]}
