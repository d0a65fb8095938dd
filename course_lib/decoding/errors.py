"""How much of what was said was heard wrongly: the word error rate and the letter error rate."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from course_lib.errors import BadInput


@dataclass(frozen=True)
class Errors:
    """The fewest changes that make what was heard out of what was said.

    Attributes:
        substituted, deleted, inserted: words (or letters) heard as another one, not heard, heard without being said.
        said: how many there were.
    """

    substituted: int = 0
    deleted: int = 0
    inserted: int = 0
    said: int = 0

    @property
    def changes(self) -> int:
        """All of them."""
        return self.substituted + self.deleted + self.inserted

    @property
    def rate(self) -> float:
        """Changes for each that was said; above 1 where more was heard than said."""
        return self.changes / self.said

    def __add__(self, other: "Errors") -> "Errors":
        return Errors(
            self.substituted + other.substituted, self.deleted + other.deleted, self.inserted + other.inserted,
            self.said + other.said,
        )  # fmt: skip


def word_errors(said: Sequence[str], heard: Sequence[str]) -> Errors:
    """Count the errors in words, over all texts together.

    Args:
        said: the true texts.
        heard: what a model wrote down, in the same order.

    Returns:
        The `Errors`; its rate is the word error rate.

    Raises:
        BadInput: not as many texts here as there, or none of them holds a word.
    """
    return _errors([text.split() for text in said], [text.split() for text in heard])


def letter_errors(said: Sequence[str], heard: Sequence[str]) -> Errors:
    """Count the errors in letters, spaces among them; arguments and more as for `word_errors`."""
    return _errors([" ".join(text.split()) for text in said], [" ".join(text.split()) for text in heard])


def _errors(said: list[Sequence], heard: list[Sequence]) -> Errors:
    if len(said) != len(heard):
        raise BadInput(f"{len(said)} texts were said and {len(heard)} heard: give one for each.")
    total = sum((fewest(*pair) for pair in zip(said, heard, strict=True)), Errors())
    if not total.said:
        raise BadInput("Nothing was said: an error rate needs at least one word.")
    return total


def fewest(said: Sequence, heard: Sequence) -> Errors:
    """Count the fewest changes from one row of things to another, by dynamic programming.

    Args:
        said, heard: words, or letters.

    Returns:
        The `Errors`; of equally few, one in which most are substitutions.

    Source: Levenshtein, Binary codes capable of correcting deletions, insertions and reversals (1966).
    """
    above = [Errors(inserted=count) for count in range(len(heard) + 1)]
    for row in range(1, len(said) + 1):
        now = [Errors(deleted=row)]
        for column in range(1, len(heard) + 1):
            wrong = int(said[row - 1] != heard[column - 1])
            ways = (
                above[column - 1] + Errors(substituted=wrong),
                above[column] + Errors(deleted=1),
                now[-1] + Errors(inserted=1),
            )
            now.append(min(ways, key=lambda way: way.changes))
        above = now
    return replace(above[-1], said=len(said))
