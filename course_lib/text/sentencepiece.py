"""SentencePiece, T5's way of cutting texts into pieces: a list of pieces, each with how likely it is, in one file.

The pieces of a text are those that are likeliest together. Spaces are part of them, written as a low line.
"""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from course_lib.errors import BadInput, CourseError
from course_lib.text import checked

PLACE = Path("assets", "tokenizer", "vocabulary.spm")  # in a preset of KerasHub, beside the weights
MOST_BYTES = 32 << 20  # T5's file has 0.8 MB


class SentencePieceTokenizer:
    """Numbers for pieces of words, as a file of SentencePiece has them; 0 is padding and starts an answer, 1 ends a text.

    Behind the file's pieces T5 counts 100 blanks, from the last one down: what was left out of a text.
    """

    start, end, most_blanks = 0, 1, 100
    closed = True  # behind a question stands the end as well, as T5 was trained

    def __init__(self, weights: Path | None):
        """Remember where the file should be; it is read when the first text comes.

        Args:
            weights: the file of weights in the preset's folder, None where they are random.
        """
        self._file = weights and Path(weights).parent / PLACE

    def __len__(self):
        return self._pieces.get_piece_size() + self.most_blanks

    @property
    def blanks(self) -> tuple[int, ...]:
        """The numbers of the blanks, in the order in which they stand in a text with holes."""
        return tuple(range(len(self) - 1, len(self) - 1 - self.most_blanks, -1))

    def tokenize(self, text: str) -> list[int]:
        """Return the numbers of a text's pieces, without an end.

        Raises:
            BadInput: no text.
            CourseError: the file of pieces is not here, or is none.
        """
        return self._pieces.encode(checked(text))

    def detokenize(self, numbers: Sequence[int]) -> str:
        """Return the text of tokens, up to the first end; a blank is written as its number in angle brackets."""
        known, parts = self._pieces.get_piece_size(), [[]]
        for number in map(int, numbers):
            if number == self.end:
                break
            if known <= number < len(self):
                parts += [f"<{len(self) - 1 - number}>", []]
            elif number < known:
                parts[-1].append(number)
        texts = (part if isinstance(part, str) else self._pieces.decode(part) for part in parts)
        return " ".join(text for text in texts if text)

    @cached_property
    def _pieces(self):
        import sentencepiece

        content = self._content()
        try:
            return sentencepiece.SentencePieceProcessor(model_proto=content)
        except (RuntimeError, ValueError, TypeError) as error:
            raise BadInput(
                f"{self._file} is no vocabulary of SentencePiece: bring the preset anew."
            ) from error

    def _content(self) -> bytes:
        if self._file is None:
            raise CourseError(
                "Random weights come without a list of word pieces: load a preset, or the nano model."
            )
        try:
            with open(self._file, "rb") as file:
                content = file.read(MOST_BYTES + 1)
        except OSError as error:
            raise CourseError(f"The list of word pieces is not with the weights ({error.strerror}): {PLACE} should lie in "
                              f"{self._file.parent.parent.parent}.") from error  # fmt: skip
        if not content:
            raise BadInput(f"{self._file} is empty: bring the preset anew.")
        if len(content) > MOST_BYTES:
            raise BadInput(
                f"{self._file} is larger than any vocabulary of SentencePiece: bring the preset anew."
            )
        return content
