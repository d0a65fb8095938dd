"""The texts that are not in the course, but can be brought: `course fetch` knows them by these names."""

from pathlib import Path

from course_lib.text.corpora import SHAKESPEARE
from course_lib.text.ratings import RATED
from course_lib.weights.shelf import Shelf, bring

DATA_SETS = {"shakespeare": SHAKESPEARE, "sentiment": RATED}


def fetch(name: str, shelf: Shelf | None = None) -> Path:
    """Bring a data set to this machine, held to its hash; one that is damaged is fetched again; with a shelf, from there.

    Raises:
        CourseError: it can't be had; the sentence says why.
    """
    return bring(DATA_SETS[name], shelf)
