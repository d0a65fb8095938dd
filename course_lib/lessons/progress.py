"""Which exercises a learner has done: one small JSON file in the user's own folder."""

import json
import os
import warnings
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from filelock import FileLock
from platformdirs import user_data_path

from course_lib.errors import CourseError
from course_lib.files import write_text


def course_home() -> Path:
    """Return the folder of what the course keeps for this user.

    Returns:
        The environment variable COURSE_HOME where it is set, else the platform's folder for user data.
    """
    chosen = os.environ.get("COURSE_HOME")
    return Path(chosen).expanduser() if chosen else user_data_path("course_lib", appauthor=False)


def progress_file() -> Path:
    """Return where the list of finished exercises lies, whether or not it exists yet."""
    return course_home() / "progress.json"


def done() -> dict[str, str]:
    """Return the exercises that were answered correctly; a damaged list is kept aside, and a warning says so.

    Returns:
        The time of the first correct answer (ISO 8601, UTC) by exercise id.

    Raises:
        CourseError: if the list is damaged and can't be moved out of the way.
    """
    finished, told = _finished()
    if told:
        warnings.warn(told, stacklevel=2)
    return finished


def record(exercise_id: str) -> str:
    """Note that an exercise is done; two notebooks may do so at once.

    Args:
        exercise_id: such as "00.1".

    Returns:
        A sentence where the list was damaged and a new one was begun, else "".

    Raises:
        CourseError: if the file cannot be written.
        OSError: if its folder cannot be made.
    """
    path = progress_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_suffix(".lock"), timeout=10):
        finished, told = _finished()
        if exercise_id not in finished:
            finished[exercise_id] = datetime.now(UTC).isoformat(timespec="seconds")
            content = json.dumps({"done": dict(sorted(finished.items()))}, indent=1)
            write_text(path, content)
    return told


def _finished() -> tuple[dict[str, str], str]:
    """Read the list; return a sentence besides where it was damaged."""
    path = progress_file()
    try:
        finished = dict(json.loads(path.read_text(encoding="utf-8"))["done"])
        if not all(isinstance(text, str) for pair in finished.items() for text in pair):
            raise ValueError("an entry is no text")
    except FileNotFoundError:
        return {}, ""
    except (ValueError, KeyError, TypeError, RecursionError):
        kept = _keep_aside(path)
        return (
            {},
            f"The list of finished exercises could not be read. It is kept as {kept}, and a new one is begun.",
        )
    return finished, ""


def _keep_aside(path: Path) -> Path:
    """Move a damaged list to a name that is free."""
    names = (path.with_name(f"progress-damaged-{number}.json") for number in count(1))
    aside = next(name for name in names if not name.exists())
    try:
        os.replace(path, aside)
    except FileNotFoundError:  # another process was sooner
        pass
    except OSError as error:
        raise CourseError(
            f"The list of finished exercises {path} is damaged and can't be moved: {error.strerror or error}. Delete it and "
            "go on."
        ) from error
    return aside
