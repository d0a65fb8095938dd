"""How a text is written down before a voice reads it letter by letter: small letters, numbers in words, a sign at its end."""

import re
import unicodedata

from course_lib.errors import BadInput
from course_lib.media.spelling import in_words
from course_lib.text import checked

# As those read them out whose voices were published: the course's voices have learned none of these.
SHORT = {
    "mr": "mister", "mrs": "misess", "dr": "doctor", "st": "saint", "jr": "junior", "rev": "reverend", "capt": "captain",
    "lt": "lieutenant", "sgt": "sergeant", "gen": "general", "col": "colonel", "co": "company", "ltd": "limited",
}  # fmt: skip
LARGEST = 999_999
# Quotation marks and dashes of printers -> those of a typewriter; marks round a quotation are not spoken.
TYPED = str.maketrans(
    {0x2018: "'", 0x2019: "'", 0x2013: "-", 0x2014: "-", 0x201C: None, 0x201D: None, ord('"'): None}
)
ENDS = ".!?"


def written_out(text: str) -> str:
    """Write a text as a voice wants to read it.

    Args:
        text: English.

    Returns:
        The text in small letters, with single spaces, whole numbers up to 999,999 and abbreviations such as "Dr." in words, and
        a full stop behind it unless it ends in a sign of its own: the voice learned where a sentence ends from that.

    Raises:
        BadInput: no text, an empty one, or a number that no rule here can read.
    """
    # Letters without their accents, as English readers take them, and signs as a typewriter has them.
    text = unicodedata.normalize("NFKD", checked(text)).translate(TYPED)
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    text = re.sub(r"\s+", " ", text).strip().lower()
    if not re.search(r"\w", text):
        raise BadInput("There is nothing to say: give a text with at least one letter.")
    text = re.sub(rf"\b({'|'.join(SHORT)})\.", lambda found: SHORT[found[1]], text)
    text = re.sub(r"\d[\d.,:/]*\d|\d", _number, text)
    return text if text[-1] in ENDS else text.rstrip(",;: ") + "."


def _number(found: re.Match) -> str:
    digits = found[0]
    if re.fullmatch(r"\d{1,3}(,\d{3})+", digits):
        digits = digits.replace(",", "")
    if not digits.isdecimal() or int(digits) > LARGEST:
        raise BadInput(
            f"How {found[0]!r} is said depends on what it is, a date, a sum, a time: write it in words."
        )
    return in_words(int(digits))
