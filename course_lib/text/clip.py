"""CLIP's tokenizer: frequent words are one token, rare ones are put together from pieces of bytes.

The pieces come from a list of merges in the wheel of open_clip_torch, which is read but never installed or run.
"""

import gzip
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from course_lib.errors import BadInput
from course_lib.weights.sources import package
from course_lib.weights.sources.package import PackagedFile

MERGES = PackagedFile(
    file="open_clip/bpe_simple_vocab_16e6.txt.gz",
    hash="sha256:924691ac288e54409236115652ad4aa250f48203de50a9e4722a6ecd48d6804a",
    bytes=1_356_917,
    package="open_clip_torch==3.3.0",
    wheel="sha256:c549ad5ed6bfc119cc11105033c0a2b9d7a2a4afeb40a58a09aab3da1a0043ce",
)
SIZE, BYTES = 49_408, 256
END_OF_WORD = "</w>"
WORD = r"'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+"  # CLIP cuts texts into these before it looks for pieces


class ClipTokenizer:
    """Numbers for pieces of words; 0 is padding, the two last of 49,408 are the start of a text and its end."""

    start, end = SIZE - 2, SIZE - 1
    file = MERGES

    def __len__(self):
        return SIZE

    def encode(self, texts: Sequence[str], length: int) -> np.ndarray:
        """Turn texts into rows of token numbers: start, pieces, end, padding.

        Args:
            texts: any.
            length: of a row.

        Returns:
            (texts, length) int32.

        Raises:
            BadInput: too long a text.
            CourseError: the list of merges is not on this machine, or not the one that it should be.
        """
        rows = np.zeros((len(texts), length), np.int32)
        for row, text in zip(rows, texts, strict=True):
            numbers = [self.start, *self._pieces.encode(" ".join(text.split())).ids, self.end]
            if len(numbers) > length:
                raise BadInput(
                    f"This text has {len(numbers) - 2} tokens, at most {length - 2} fit: {text[:60]!r}..."
                )
            row[: len(numbers)] = numbers
        return rows

    def decode(self, rows: np.ndarray) -> list[str]:
        """Turn rows of token numbers (texts, length) back into texts; each ends at its first end."""
        texts = []
        for row in np.asarray(rows).tolist():
            until = row.index(self.end) if self.end in row else len(row)
            text = self._pieces.decode([number for number in row[:until] if 0 < number < self.start])
            texts.append(text.replace(END_OF_WORD, " ").strip())
        return texts

    @cached_property
    def _pieces(self):
        from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

        merges = read_merges(self._found())
        letters = list(_bytes_as_letters())
        words = [*letters, *(letter + END_OF_WORD for letter in letters), *("".join(pair) for pair in merges)]
        tokenizer = Tokenizer(
            models.BPE(
                {word: number for number, word in enumerate(words)}, merges, end_of_word_suffix=END_OF_WORD
            )
        )
        tokenizer.normalizer = normalizers.Lowercase()
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
            pre_tokenizers.Split(Regex(WORD), behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ])  # fmt: skip
        tokenizer.decoder = decoders.ByteLevel()
        return tokenizer

    def _found(self) -> Path:
        missing = (
            "CLIP's list of word pieces is not on this machine: `course fetch coca_vit_b32` brings it from "
        )
        return package.needed(self.file, f"{missing}{self.file.package}.")


def read_merges(path: Path) -> list[tuple[str, str]]:
    """Read the pairs of pieces that are put together, most important first; those that CLIP uses."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        lines = file.read().split("\n")
    return [tuple(line.split()) for line in lines[1 : SIZE - 2 * BYTES - 2 + 1] if line]


def _bytes_as_letters() -> list[str]:
    """Return a printable letter for each byte, in CLIP's order: printable bytes are themselves, the others come behind."""
    printable = [
        *range(ord("!"), ord("~") + 1),
        *range(ord("¡"), ord("¬") + 1),
        *range(ord("®"), ord("ÿ") + 1),
    ]
    return [*map(chr, printable), *(chr(BYTES + number) for number in range(BYTES - len(printable)))]
