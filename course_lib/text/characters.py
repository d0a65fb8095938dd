"""A tokenizer whose tokens are characters: all that short tasks with words, numbers and dates need."""

import string
from collections.abc import Sequence

from course_lib.errors import BadInput
from course_lib.text import checked

PAD, END, FIRST_BLANK, BLANKS = 0, 1, 2, 10
LETTERS = string.ascii_letters + string.digits + " .,:;!?+-*/=()'\"<>#%&_"


class CharacterTokenizer:
    """Numbers for characters; 0 is padding and starts an answer, 1 ends a text, then come ten blanks to be filled in.

    Attributes:
        blanks: numbers of the blanks, in the order in which they stand in a text with holes.
    """

    start, end = PAD, END
    closed = False  # behind a question stands nothing
    blanks = tuple(range(FIRST_BLANK, FIRST_BLANK + BLANKS))

    def __init__(self):
        self._numbers = {letter: number for number, letter in enumerate(LETTERS, start=FIRST_BLANK + BLANKS)}

    def __len__(self):
        return FIRST_BLANK + BLANKS + len(LETTERS)

    @property
    def prefixes(self) -> tuple[str, ...]:
        """What a question begins with, ": " behind it."""
        from course_lib.media.text_tasks import PREFIXES

        return PREFIXES

    def tokenize(self, text: str) -> list[int]:
        """Return the numbers of a text's characters, without an end.

        Raises:
            BadInput: no text, or a character that the model does not know.
        """
        try:
            return [self._numbers[letter] for letter in checked(text)]
        except KeyError as error:
            raise BadInput(
                f"This model does not know the character {error.args[0]!r}; it knows letters without accents, digits, "
                "the space and common signs."
            ) from None

    def detokenize(self, numbers: Sequence[int]) -> str:
        """Return the text of tokens, up to the first end; a blank is written as its number in angle brackets."""
        text = []
        for number in map(int, numbers):
            if number == END:
                break
            if number in self.blanks:
                text.append(f"<{self.blanks.index(number)}>")
            elif number != PAD:
                text.append(LETTERS[number - FIRST_BLANK - BLANKS])
        return "".join(text)
