"""A tokenizer whose tokens are the words of a short list: all that a nano model needs."""

from collections.abc import Sequence

import numpy as np

from course_lib.errors import BadInput

PAD, START, END = 0, 1, 2


class WordTokenizer:
    """Numbers for the words of a list; 0 is padding, 1 the start of a text, 2 its end.

    Attributes:
        words: the known words, in order; the first is token 3.
    """

    start, end = START, END

    def __init__(self, words: Sequence[str]):
        self.words = tuple(words)
        self._numbers = {word: number for number, word in enumerate(self.words, start=3)}

    def __len__(self):
        return len(self.words) + 3

    def encode(self, texts: Sequence[str], length: int) -> np.ndarray:
        """Turn texts into rows of token numbers: start, words, end, padding.

        Args:
            texts: of known words.
            length: of a row.

        Returns:
            (texts, length) int32.

        Raises:
            BadInput: an unknown word, or too many words.
        """
        rows = np.zeros((len(texts), length), np.int32)
        for row, text in zip(rows, texts, strict=True):
            numbers = [START, *map(self._number, text.lower().split()), END]
            if len(numbers) > length:
                raise BadInput(f"This text has {len(numbers) - 2} words, at most {length - 2} fit: {text!r}.")
            row[: len(numbers)] = numbers
        return rows

    def decode(self, rows: np.ndarray) -> list[str]:
        """Turn rows of token numbers (texts, length) back into texts; each ends at its first end."""
        texts = []
        for row in np.asarray(rows).tolist():
            until = row.index(END) if END in row else len(row)
            texts.append(" ".join(self.words[number - 3] for number in row[:until] if number >= 3))
        return texts

    def _number(self, word: str) -> int:
        try:
            return self._numbers[word]
        except KeyError:
            raise BadInput(
                f"This model does not know the word {word!r}; it knows: {', '.join(self.words)}."
            ) from None
