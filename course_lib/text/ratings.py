"""Sentences about films, each rated by people for how good or bad it finds its film.

They lie in the source archive of vaderSentiment, in an archive of their own; neither is ever run, only read.
"""

import hashlib
import html
import re
import tarfile
from dataclasses import dataclass
from functools import cache

from course_lib.errors import CourseError
from course_lib.weights.sources import package
from course_lib.weights.sources.package import PackagedFile

RATED = PackagedFile(
    file="hutto_ICWSM_2014.tar.gz",
    hash="sha256:d5bb07d87474b3eb8d30b4deccbc23f19d742a6c5718fbacc65485b70b95c5fa",
    bytes=2_338_514,
    package="vaderSentiment==3.3.2",
    inside="vaderSentiment-3.3.2/additional_resources/hutto_ICWSM_2014.tar.gz",
    sdist="sha256:5d7c06e027fc8b99238edb0d53d970cf97066ef97654009890b83703849632f9",
)
FILE = "hutto_ICWSM_2014/movieReviewSnippets_GroundTruth.txt"
LARGEST = 5_000_000  # bytes of the file, unpacked; it has 1.4 million
BEST = 4.0  # ratings go from -4 to 4
CLEAR = 0.5  # a mean rating nearer to 0 is no clear answer
PARTS = {"train": (30, 100), "validation": (15, 30), "held out": (0, 15)}  # of a hundred


@dataclass(frozen=True)
class RatedSentence:
    """What people made of a sentence."""

    text: str
    rating: float  # mean over at least fifteen raters: -4, most negative, to 4
    part: str  # a key of PARTS

    @property
    def positive(self) -> bool:
        """Whether it praises."""
        return self.rating > 0


def rated_sentences(part: str = "", clear: float = CLEAR) -> list[RatedSentence]:
    """Return sentences of film reviews with their ratings.

    Which part a sentence is in hangs on its words alone, so equal ones are in the same part. Which review a
    sentence was taken out of is not in the file: two of one review may be in different parts.

    Args:
        part: "train", "validation" or "held out"; all by default.
        clear: leave out those whose rating is nearer to 0.

    Returns:
        The sentences in the order of the file, 10,605 before any is left out.

    Raises:
        CourseError: they are not on this machine, or the file is not what it should be.

    Source: Hutto and Gilbert, VADER, ICWSM 2014; the sentences are from rotten.tomatoes.com, collected by Pang and Lee.
    """
    if part and part not in PARTS:
        raise CourseError(f"There is no part {part!r} of these sentences; there are: {', '.join(PARTS)}.")
    return [s for s in _read() if part in ("", s.part) and abs(s.rating) >= clear]


@cache
def _read() -> tuple[RatedSentence, ...]:
    missing = "The rated sentences are not on this machine: `course fetch sentiment` brings them (2 MB)."
    path = package.needed(RATED, missing)
    with tarfile.open(path) as archive:
        member = archive.getmember(FILE)
        if not member.isfile() or member.size > LARGEST:
            raise CourseError(f"{FILE} is not the list of sentences that it should be: it was not read.")
        text = archive.extractfile(member).read().decode("utf-8")
    return tuple(map(_sentence, text.splitlines()))


def _sentence(line: str) -> RatedSentence:
    try:
        _, rating, text = line.split("\t")
        rating = float(rating)
    except ValueError:
        raise CourseError(f"{FILE} should have a number, a rating and a sentence in each line.") from None
    if not -BEST <= rating <= BEST:
        raise CourseError(f"{FILE} has a rating of {rating}; they go from -4 to 4.")
    text = html.unescape(text)
    return RatedSentence(text, rating, part_of(text))


def part_of(text: str) -> str:
    """Return the part that a sentence belongs to; blanks, punctuation and capitals make no difference."""
    words = re.sub(r"\W+", " ", text.lower()).strip()
    share = int.from_bytes(hashlib.sha256(words.encode()).digest()[:4]) % 100
    return next(part for part, (first, end) in PARTS.items() if first <= share < end)
