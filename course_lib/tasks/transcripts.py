"""What was heard: a text, when each word was said, and how sure the network is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple


class Word(NamedTuple):
    """A word, and about when it was said, in seconds from the beginning of the recording."""

    text: str
    start: float
    end: float


@dataclass(frozen=True, repr=False)
class Transcript:
    """What a recording says; prints as its text.

    Attributes:
        text: the words.
        words: a `Word` for each; empty where a network does not tell when it hears what.
        confidence: mean probability of its letters or tokens, 0 to 1; of an empty text 0.
        name: the recording's name.
        warning: a sentence where the recording is silent, clipped or too coarse, else "".
        error: the sentence that says why the recording could not be heard, else "".
    """

    text: str
    words: tuple[Word, ...] = ()
    confidence: float = 0.0
    name: str = ""
    warning: str = ""
    error: str = ""

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self.error or self.text or "nothing heard"


def joined(pieces: Sequence[Transcript], name: str = "", warning: str = "") -> Transcript:
    """Put the pieces of one recording together.

    Args:
        pieces: in their order.
        name: of the recording.
        warning: about it.

    Returns:
        The whole; its confidence is the pieces', by their numbers of letters.
    """
    spoken = [piece for piece in pieces if piece.text]
    text = " ".join(piece.text for piece in spoken)
    words = tuple(word for piece in spoken for word in piece.words)
    letters = sum(len(piece.text) for piece in spoken)
    confidence = sum(piece.confidence * len(piece.text) for piece in spoken) / max(1, letters)
    return replace(Transcript(text, words, confidence), name=name, warning=warning)
