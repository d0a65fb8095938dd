"""Byte-level pieces, as GPT-2 cuts texts: any text is bytes, and bytes that often meet become one token.

So nothing is unknown, not even what no training text held. Source: Radford et al. 2019, section 2.2.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

from course_lib.data_dir import data_dir
from course_lib.errors import BadInput, CourseError, first_line
from course_lib.text import checked

END = "<|endoftext|>"
# GPT-2 cuts a text into words, numbers, signs and spaces before it looks for pieces.
WORD = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
LARGEST = 50_000_000  # bytes of a file with a vocabulary; GPT-2's has 1 MB


class ByteLevelTokenizer:
    """Numbers for pieces of bytes.

    Args:
        vocabulary: number by piece; each byte is written as a printable letter, as in `letters`.
        merges: pairs of pieces that become one, most important first.
        specials: pieces that stand for no text, by which a text is cut before anything else.
        end: the one of them that ends a text.
        words: patterns that a text is cut by, one after the other, before pieces are looked for.
    """

    def __init__(
        self,
        vocabulary: Mapping[str, int],
        merges: Sequence[tuple[str, str]],
        specials: Sequence[str] = (END,),
        end: str = END,
        words: Sequence[str] = (WORD,),
    ):
        self.vocabulary, self.merges = dict(vocabulary), list(merges)
        self._specials, self._words = tuple(specials), tuple(words)
        self.start = self.end = self.vocabulary.get(end)

    def __len__(self):
        return len(self.vocabulary)

    def tokenize(self, text: str) -> list[int]:
        """Cut a text into tokens.

        Args:
            text: any; the name of a special piece in it is text like all else.

        Returns:
            Their numbers; none for no text.

        Raises:
            BadInput: no text, or half of a character in it.
        """
        return self._pieces.encode(checked(text), add_special_tokens=False).ids

    def detokenize(self, numbers: Sequence[int]) -> str:
        """Return the text of tokens; bytes that make no character become the sign for that, special pieces nothing."""
        return self._pieces.decode([int(number) for number in numbers], skip_special_tokens=True)

    def piece(self, number: int) -> str:
        """Return a token's own text."""
        return self.detokenize([number])

    @cached_property
    def _pieces(self):
        from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers

        try:
            tokenizer = Tokenizer(models.BPE(self.vocabulary, self.merges))
        except Exception as error:  # the library has no error of its own for merges of unknown pieces
            raise CourseError(f"This vocabulary can't be used: {error}.") from error
        cuts = [pre_tokenizers.Split(Regex(word), behavior="isolated") for word in self._words]
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [*cuts, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
        )
        tokenizer.decoder = decoders.ByteLevel()
        # Decoding drops them; told so, encoding takes their names in a text for text.
        tokenizer.add_special_tokens([AddedToken(name, special=True) for name in self._specials])
        tokenizer.encode_special_tokens = True
        return tokenizer


def read_preset(weights: Path | None) -> ByteLevelTokenizer:
    """Read the tokenizer of a KerasHub preset, from the folder of its weights.

    Args:
        weights: the preset's file of weights; without one, a network that has learned nothing reads single bytes.

    Raises:
        BadInput: the vocabulary is not beside the weights, or is damaged.
    """
    if weights is None:
        return from_merges([])
    folder = weights.parent / "assets" / "tokenizer"
    try:
        vocabulary = json.loads(_read(folder / "vocabulary.json"))
        lines = _read(folder / "merges.txt").split("\n")
        merges = [tuple(line.split()) for line in lines if line and not line.startswith("#version")]
        return ByteLevelTokenizer(vocabulary, merges)
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise BadInput(f"The vocabulary in {folder} is damaged: {first_line(error)}") from error


def read_shipped(name: str) -> ByteLevelTokenizer:
    """Return a tokenizer of the course's own, `data/tokenizers/<name>.json`: what was merged, in order."""
    merges = json.loads((data_dir() / "tokenizers" / f"{name}.json").read_text(encoding="utf-8"))["merges"]
    return from_merges([tuple(pair) for pair in merges])


def from_merges(merges: Sequence[tuple[str, str]]) -> ByteLevelTokenizer:
    """Return the tokenizer of some merges: first the bytes, then what becomes of each pair, last the end of a text."""
    pieces = [*letters(), *("".join(pair) for pair in merges), END]
    return ByteLevelTokenizer({piece: number for number, piece in enumerate(pieces)}, merges)


def letters() -> list[str]:
    """Return a printable letter for each of the 256 bytes, by the byte's number.

    Printable bytes are themselves, the others come behind; as in GPT-2's files.
    """
    printable = {
        *range(ord("!"), ord("~") + 1),
        *range(ord("¡"), ord("¬") + 1),
        *range(ord("®"), ord("ÿ") + 1),
    }
    others = iter(range(256, 512))
    return [chr(byte) if byte in printable else chr(next(others)) for byte in range(256)]


def _read(path: Path) -> str:
    if not path.is_file():
        raise BadInput(f"The vocabulary {path} is missing: it belongs beside the weights.")
    if path.stat().st_size > LARGEST:
        raise BadInput(f"{path} is far larger than a vocabulary: it was not read.")
    return path.read_text(encoding="utf-8")
