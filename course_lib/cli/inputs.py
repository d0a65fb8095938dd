"""Which pictures a command works on: those of its arguments, or those of a list of any size, read line by line."""

import codecs
import os
import sys
from collections.abc import Iterable, Iterator
from io import BufferedReader
from itertools import chain
from typing import Annotated

import typer

from course_lib.errors import BadInput
from course_lib.files import expanded

LONGEST = 1 << 16  # bytes of a line; no system takes a path that long

Inputs = Annotated[
    list[str], typer.Argument(help="Pictures or folders of pictures; sample:cat is a sample photo.")
]
ListOption = Annotated[
    str, typer.Option("--list", help="A text file with a path on each line instead; - reads standard input.")
]


def gathered(inputs: list[str] | None, listed: str) -> Iterable[str]:
    """Return what a command shall work on, before a model takes its seconds to load.

    Args:
        inputs: the arguments: paths of pictures and folders.
        listed: the value of `--list`, or nothing.

    Returns:
        The paths; of a list, an iterator that reads on as they are taken.

    Raises:
        BadInput: there are none, both are given, or the list can't be read.
    """
    if not listed:
        if not inputs:
            raise BadInput("Give pictures or folders of pictures; or --list FILE, with a path on each line.")
        refuse_nothing(inputs)
        return inputs
    if inputs:
        raise BadInput(f"{inputs[0]!r} and --list {listed}: give pictures or a list of them, not both.")
    paths = _lines(_opened(listed), listed)
    if (first := next(paths, None)) is None:
        raise BadInput(f"--list {listed} is empty: write a path on each line.")
    return chain([first], paths)


def _opened(listed: str) -> BufferedReader:
    if listed == "-" and sys.stdin:
        return sys.stdin.buffer
    try:
        return open(expanded(listed), "rb")
    except OSError as error:
        raise BadInput(
            f"--list {listed}: {error.strerror}. Give a text file with a path on each line."
        ) from error


def _lines(file: BufferedReader, listed: str) -> Iterator[str]:
    """Yield the paths of a list; bytes that are no text stand for themselves, as in the names of files."""
    with file:
        block, start = file.peek(), codecs.BOM_UTF8  # some editors begin a file with it
        while line := file.readline(LONGEST):
            # Of a picture's file the first line may look like one.
            if b"\0" in block or b"\0" in line or len(line) == LONGEST:
                raise BadInput(f"--list {listed} is not a text: give a file with a path on each line.")
            if line.strip():
                yield os.fsdecode(line.removeprefix(start).rstrip(b"\r\n"))
            start = b""


def refuse_nothing(inputs: list[str]) -> None:
    """Refuse inputs of which not one exists at once, before a model takes its seconds to load."""
    from course_lib.media.images import read_image

    if not any(os.path.exists(expanded(given)) or given.startswith("sample:") for given in inputs):
        read_image(inputs[0])
