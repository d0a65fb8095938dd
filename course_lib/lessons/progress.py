"""Which exercises a learner has done: one small JSON file in the user's own folder."""

import json
import os
from datetime import UTC, datetime
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
    """Return the exercises that were answered correctly.

    Returns:
        The time of the first correct answer (ISO 8601, UTC) by exercise id.

    Raises:
        CourseError: if the file is damaged.
    """
    path = progress_file()
    if not path.exists():
        return {}
    try:
        return dict(json.loads(path.read_text(encoding="utf-8"))["done"])
    except (ValueError, KeyError, TypeError) as error:
        raise CourseError(
            f"The list of finished exercises cannot be read: delete {path} and go on."
        ) from error


def record(exercise_id: str) -> None:
    """Note that an exercise is done; two notebooks may do so at once.

    Args:
        exercise_id: such as "00.1".

    Raises:
        CourseError: if the file is damaged or cannot be written.
        OSError: if its folder cannot be made.
    """
    path = progress_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_suffix(".lock"), timeout=10):
        finished = done()
        if exercise_id in finished:
            return
        finished[exercise_id] = datetime.now(UTC).isoformat(timespec="seconds")
        content = json.dumps({"done": dict(sorted(finished.items()))}, indent=1)
        write_text(path, content)
