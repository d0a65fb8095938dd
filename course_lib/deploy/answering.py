"""What stands in a request, and what is answered to it; whatever serves, this is what a client meets."""

import base64
import binascii
from dataclasses import asdict

import numpy as np

from course_lib.errors import BadInput
from course_lib.media.picture_files import decode_bytes
from course_lib.tasks.predictions import ranked

TOP = 5
HOW = 'send the file as multipart/form-data, or as JSON {"picture": its bytes in base64}'


def read_request(payload, size_of) -> tuple[np.ndarray, int] | str:
    """Read what somebody sent.

    Args:
        payload: a form, or what the JSON held.
        size_of: resizes a picture to the network's size.

    Returns:
        The picture (size, size, 3) uint8 and how many guesses are wanted; or the sentence that says what is wrong.
    """
    try:
        content, top = _parts(payload)
        return size_of(decode_bytes(content, "The picture")), top
    except BadInput as error:
        return str(error)


def _parts(payload) -> tuple[bytes, int]:
    if not hasattr(payload, "get"):
        raise BadInput(f"There is no picture in this request: {HOW}.")
    picture = payload.get("picture")
    if picture is None:
        picture = next((part for part in payload.values() if hasattr(part, "file")), None)
    if picture is None:
        raise BadInput(f"There is no picture in this request: {HOW}.")
    return _bytes(picture), _top(payload.get("top", TOP))


def _bytes(picture) -> bytes:
    if hasattr(picture, "file"):
        return picture.file.read()
    try:
        return base64.b64decode(picture, validate=True)
    except (binascii.Error, ValueError, TypeError):
        raise BadInput(f"The picture is no base64 text: {HOW}.") from None


def _top(wanted) -> int:
    text = str(wanted)
    if (
        isinstance(wanted, bool)
        or not (text.isascii() and text.isdecimal())
        or len(text) > 6
        or int(text) < 1
    ):
        raise BadInput("`top` is a whole number from 1: how many guesses you want.")
    return int(text)


def answers(exported, read: list) -> list[dict]:
    """Run all pictures that could be read, and return an answer for each request, in order."""
    good = [one for one in read if not isinstance(one, str)]
    rows = iter(exported.probabilities(np.stack([picture for picture, _ in good])) if good else ())
    return [{"error": one} if isinstance(one, str) else _answer(exported, next(rows), one[1]) for one in read]


def _answer(exported, row, top: int) -> dict:
    guesses = [asdict(guess) for guess in ranked(row, exported.labels, top)]
    return {"predictions": guesses, "model": exported.manifest.model, "licence": exported.manifest.licence}
