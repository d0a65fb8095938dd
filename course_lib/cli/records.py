"""What the commands share: the beginning of every JSON answer, and warnings as a person should read them."""

import dataclasses
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager


def head(pretrained) -> dict:
    """Say which model answered, and where its weights come from."""
    return {"model": pretrained.card.id, "provenance": dataclasses.asdict(pretrained.provenance)}


@contextmanager
def warnings_as_lines() -> Iterator[None]:
    """Let warnings inside the block be lines on the error stream, without a place in the code."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", UserWarning)
        yield
    for warning in told:
        print(f"course: {warning.message}", file=sys.stderr)
