"""Two clips of real speech, which come with Moonshine (`course fetch moonshine`), and what is said in them."""

import hashlib
import re
from pathlib import Path

from course_lib import catalog
from course_lib.errors import CourseError
from course_lib.media.sound.corpus import Recording
from course_lib.media.sound.inputs import read_audio
from course_lib.weights import cache
from course_lib.weights.sources import source

MODEL = "moonshine_tiny"
# Charles Dickens, A Tale of Two Cities (1859), its beginning.
TWO_CITIES = (
    "It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of foolishness, it was "
    "the epoch of belief, it was the epoch of incredulity, it was the season of Light, it was the season of Darkness, it was "
    "the spring of hope, it was the winter of despair, we had everything before us, we had nothing before us, we were all "
    "going direct to Heaven, we were all going direct the other way - in short, the period was so far like the present "
    "period, that some of its noisiest authorities insisted on its being received, for good or for evil, in the superlative "
    "degree of comparison only."
)
# The other clip reads a passage by Samuel Beckett that is not free yet: it is told by its words' number and SHA-256.
BECKETT_WORDS = 12
BECKETT_SHA256 = "d0edbd63e4635b62932ebb71a5ac02db727d9ce16184fd4195a2da73de246b89"


def clip(name: str) -> Path | None:
    """Return the path of a clip, "two_cities" or "beckett", where this machine has it, else None.

    Raises:
        CourseError: it is not the file that was published.
    """
    offer = next(
        part for part in catalog.card(MODEL).weights[0].parts if part.file == f"moonshine_{name}.wav"
    )
    path = source(offer.source).find(offer)
    if path:
        cache.verify(path, offer.hash)
    return path


def two_cities() -> Recording:
    """Return the clip of Dickens's sentence, 44 seconds of a man's reading at 48,000 Hz, and its words.

    Raises:
        CourseError: it is not on this machine.
    """
    path = clip("two_cities")
    if not path:
        raise CourseError("The clip is not on this machine: `course fetch moonshine` brings it.")
    return Recording(plain(TWO_CITIES), "a reader", read_audio(path))


def plain(text: str) -> str:
    """Return a text's words as recognisers without capitals and signs write them, for word error rates."""
    return " ".join(re.findall(r"[a-z0-9']+", text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")))


def is_beckett(text: str) -> bool:
    """Say whether these are the words of the clip "beckett", each of them."""
    return hashlib.sha256(plain(text).encode()).hexdigest() == BECKETT_SHA256
