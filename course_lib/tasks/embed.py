"""Sentences as vectors: texts that mean the same point the same way."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

import keras
import numpy as np

from course_lib.errors import BadInput
from course_lib.tasks.text_model import TextModel, listed
from course_lib.text import padded

BATCH = 32  # texts in one call
CHUNK = 16 * BATCH  # texts that are sorted by length, so that those of a batch need little padding


class SentenceEncoder(TextModel):
    """A network that turns sentences into vectors.

    Attributes:
        tokenizer: text -> token numbers; its `longest` is how many of them the network reads.
    """

    def features_stream(self, texts: str | Sequence[str]) -> Iterator[tuple[str, np.ndarray]]:
        """Yield (text, vector of length 1) text by text, in flat memory however many there are."""
        left = iter(listed(texts))
        while chunk := list(islice(left, CHUNK)):
            yield from zip(chunk, self._vectors([self.tokens(text) for text in chunk]), strict=True)

    def similarity(self, a: str | Sequence[str], b: str | Sequence[str]) -> float | np.ndarray:
        """Say how alike texts are in meaning.

        Args:
            a: one text or many.
            b: one text or many.

        Returns:
            The cosine of the angle between the vectors of two texts, -1 to 1; (a, b) float32 where there are many.
        """
        cosines = self.features(a) @ self.features(b).T
        return float(cosines[0, 0]) if isinstance(a, str) and isinstance(b, str) else cosines

    def tokens(self, text: str) -> list[int]:
        """Return a text's token numbers between start and end; what is behind the longest text is cut off, as upstream does.

        Raises:
            BadInput: no text, an empty one, half of a character in it.
        """
        pieces = self.tokenizer.tokenize(text)
        if not pieces:
            raise BadInput("The text is empty: give at least one character that is no blank.")
        return [self.tokenizer.start, *pieces[: self.tokenizer.longest - 2], self.tokenizer.end]

    def _vectors(self, rows: list[list[int]]) -> np.ndarray:
        order = sorted(range(len(rows)), key=lambda row: len(rows[row]))
        vectors = np.empty((len(rows), self.model.output.shape[-1]), np.float32)
        for first in range(0, len(order), BATCH):
            places = order[first : first + BATCH]
            vectors[places] = self._sentences(padded([rows[place] for place in places]))
        return vectors

    def _feature_net(self) -> keras.Model:
        return self.model

    @property
    def _sentences(self) -> Callable:
        return self._pooled


Task = SentenceEncoder
