"""Letters as the models that hear and speak know them: each symbol has a number."""

import string
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from course_lib.errors import BadInput
from course_lib.text import checked

ARPABET = (
    "AA AA0 AA1 AA2 AE AE0 AE1 AE2 AH AH0 AH1 AH2 AO AO0 AO1 AO2 AW AW0 AW1 AW2 AY AY0 AY1 AY2 B CH D DH EH EH0 EH1 EH2 "
    "ER ER0 ER1 ER2 EY EY0 EY1 EY2 F G HH IH IH0 IH1 IH2 IY IY0 IY1 IY2 JH K L M N NG OW OW0 OW1 OW2 OY OY0 OY1 OY2 P R S "
    "SH T TH UH UH0 UH1 UH2 UW UW0 UW1 UW2 V W Y Z ZH"
)


@dataclass(frozen=True)
class Letters:
    """Symbols and their numbers.

    Attributes:
        symbols: in the order of their numbers; one of several characters stands for no letter of a text.
        blank: number of the symbol that says nothing, for models that hear; else None.
        space: the symbol that stands between words.
        upper: whether letters are capitals here; texts are in small letters outside.
    """

    symbols: tuple[str, ...]
    blank: int | None = None
    space: str = " "
    upper: bool = False

    start = end = None  # nothing marks where a text begins and ends

    def __len__(self):
        return len(self.symbols)

    def tokenize(self, text: str) -> list[int]:
        """Return the numbers of a text's letters.

        Raises:
            BadInput: no text, or symbols that are unknown here; they are named.
        """
        text = checked(text).upper() if self.upper else checked(text)
        text = text.replace(" ", self.space)
        if unknown := "".join(dict.fromkeys(letter for letter in text if letter not in self._numbers)):
            raise BadInput(
                f"This model does not know {_shown(unknown)}; it knows {_known(self._numbers)}. Write the text with these."
            )
        return [self._numbers[letter] for letter in text]

    def detokenize(self, numbers: Sequence[int]) -> str:
        """Return the text of symbols' numbers; those that stand for no letter are left out."""
        found = (self.symbols[number] for number in map(int, numbers))
        text = "".join(symbol for symbol in found if symbol in self._numbers)
        return (text.lower() if self.upper else text).replace(self.space, " ")

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {symbol: number for number, symbol in enumerate(self.symbols) if len(symbol) == 1}


def _shown(letters: str) -> str:
    return " or ".join(
        [", ".join(map(repr, letters[:-1])), repr(letters[-1])] if letters[1:] else [repr(letters)]
    )


def _known(numbers: dict[str, int]) -> str:
    signs = " ".join(sign for sign in numbers if not sign.isalpha() and sign not in " |_")
    return "the letters a to z, the space" + (f" and {signs}" if signs else "")


# As mozilla/DeepSpeech's data/alphabet.txt orders them; the blank comes behind.
DEEPSPEECH = Letters((" ", *string.ascii_lowercase, "'", "<blank>"), blank=28)
# As in the vocab.json of facebook/wav2vec2-base-960h, where <pad> is the blank.
WAV2VEC2 = Letters(
    ("<pad>", "<s>", "</s>", "<unk>", *"|ETAONIHSRDLUMWCFGYPBVK'XJQZ"), blank=0, space="|", upper=True
)
# As NVIDIA/tacotron2's text/symbols.py orders them: padding, signs, letters, and sounds in ARPAbet.
TACOTRON2 = Letters(
    ("_", "-", *"!'(),.:;? ", *string.ascii_letters, *(f"@{sound}" for sound in ARPABET.split()))
)
