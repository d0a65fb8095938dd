"""Paths as people give them, of pictures and recordings alike: what can't be one is refused in a sentence that names the kind."""

import os
from collections.abc import Iterator, Set
from pathlib import Path

from course_lib.errors import BadInput
from course_lib.files import expanded


def is_empty(path: str | Path) -> bool:
    """Say whether a path is blank: Path("") is the folder one is in, and would get an answer to another question."""
    return isinstance(path, str) and not path.strip()


def given_file(given: str | Path, kind: str, example: str) -> Path:
    """Return the path that a person gave, with ~ for the home folder.

    Args:
        given: the path.
        kind: "picture" or "recording", as the sentence shall name it.
        example: a file's name, for whoever gave none.

    Returns:
        The path, not looked at yet.

    Raises:
        BadInput: it is empty, or an address.
    """
    if is_empty(given):
        raise BadInput(f"The path of the {kind} is empty: put a file's name there, such as {example!r}.")
    if str(given).startswith(("http://", "https://")):
        raise BadInput(f"{given!r} is an address, not a file: download the {kind} and give its path.")
    return expanded(given)


def check_file(path: Path, kind: str) -> None:
    """Raise BadInput unless there is an ordinary file with something in it."""
    if os.path.isdir(path) and not os.access(path, os.R_OK | os.X_OK):
        raise BadInput(f"The folder {str(path)!r} cannot be opened: you lack the permission to read it.")
    if os.path.isdir(path):
        raise BadInput(f"{str(path)!r} is a folder, where one {kind} is needed: give one of the files in it.")
    if not os.path.exists(path):
        raise BadInput(f"There is no file {str(path)!r}: check the path (you are in {Path.cwd().name!r}).")
    if not os.path.isfile(path):
        raise BadInput(f"{str(path)!r} is not an ordinary file: give the path of a {kind}.")
    if path.stat().st_size == 0:
        raise BadInput(f"The file {path.name!r} is empty (0 bytes): copy or download it again.")


def files_in(folder: Path, suffixes: Set[str]) -> Iterator[Path]:
    """Yield the files with such suffixes in a folder and those in it, in sorted order; what is hidden is passed over.

    A folder that can't be listed is yielded itself: reading it says what is wrong with it, and the others go on.
    """
    # One folder's names in memory at a time; sorted as `sorted(paths)` would sort the whole
    try:
        entries = sorted(folder.iterdir(), key=lambda path: path.name)
    except OSError:
        yield folder
        return
    for path in entries:
        if path.name.startswith("."):
            continue
        if path.is_dir() and not path.is_symlink():  # a link could lead back to where we came from
            yield from files_in(path, suffixes)
        elif path.suffix.lower() in suffixes:
            yield path
