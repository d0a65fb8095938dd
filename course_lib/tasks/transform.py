"""Text to text: what shall be done is said in the text itself."""

from collections.abc import Iterator, Sequence
from functools import cached_property

import keras
import numpy as np

from course_lib.decoding.choosing import Greedy
from course_lib.decoding.generating import beam_search, generate_rows
from course_lib.errors import BadInput
from course_lib.tasks.base import BATCH
from course_lib.tasks.text_model import TextModel, listed
from course_lib.text import padded
from course_lib.zoo.cached import Steps

LENGTH = 64


class TextToText(TextModel):
    """A network that makes a text of a text, an encoder and a decoder."""

    def transform(self, texts: str | Sequence[str], length: int = LENGTH, beams: int = 1) -> str | list[str]:
        """Do what texts ask for.

        Args:
            texts: one or many; each begins with what shall be done, for instance "summarize: ".
            length: of an answer, in tokens, at most.
            beams: 1 takes the likeliest next token each time; more keep so many answers and give the likeliest of them.

        Returns:
            The answer to one text; a list of them, in order, for many.

        Raises:
            BadInput: no text, an empty one, half of a character in it, more tokens than fit, nothing that a nano model has
                learned to do, a length or a number of beams below 1.
        """
        answers = [answer for _, answer in self.transform_stream(texts, length, beams)]
        return answers[0] if isinstance(texts, str) else answers

    def transform_stream(
        self, texts: str | Sequence[str], length: int = LENGTH, beams: int = 1
    ) -> Iterator[tuple[str, str]]:
        """Yield (text, answer) in order, with one batch in memory at a time; as for `transform`."""
        if beams < 1:
            raise BadInput(f"A beam search keeps at least one text, not {beams}.")
        texts = listed(texts)
        rows = [self.tokens(text) for text in texts]  # first, so that a text that can't be read costs no work
        for start in range(0, len(rows), BATCH):
            batch = slice(start, start + BATCH)
            yield from zip(texts[batch], self._answers(rows[batch], length, beams), strict=True)

    def tokens(self, text: str) -> list[int]:
        """Return a text's token numbers, the end behind them where T5 was trained so; errors as for `transform`."""
        prefixes = getattr(self.tokenizer, "prefixes", ())
        if isinstance(text, str) and text and prefixes and text.partition(": ")[0] not in prefixes:
            raise BadInput(
                f"{self.provenance.model} knows its tasks by what a text begins with, and {text[:20]!r} begins none of them: "
                f"begin with {', '.join(map(repr, prefixes))}, and ': ' behind it."
            )
        return super().tokens(text) + [self.tokenizer.end] * self.tokenizer.closed

    @property
    def context(self) -> int:
        """How many tokens of a text the network was made for."""
        return super().context - self.tokenizer.closed

    def _answers(self, rows: list[list[int]], length: int, beams: int) -> list[str]:
        """Encode texts together, the shorter ones padded, and decode what follows."""
        start, end = self.tokenizer.start, self.tokenizer.end
        if beams > 1:
            found = (
                beam_search(self._steps_for([row]), [start], beams, length, end)[0].tokens for row in rows
            )
        else:
            starts = np.full((len(rows), 1), start, np.int32)
            found = generate_rows(self._steps_for(rows), starts, Greedy(), length, end)
        return [self.tokenizer.detokenize(numbers) for numbers in found]

    def _steps_for(self, rows: list[list[int]]) -> Steps:
        source = padded(rows)
        return self._steps.remembering(self._hidden(source), source)

    @cached_property
    def _steps(self) -> Steps:
        return Steps(self.model.get_layer("decoder"))

    def _feature_net(self) -> keras.Model:
        return self.model.get_layer("encoder")


Task = TextToText
