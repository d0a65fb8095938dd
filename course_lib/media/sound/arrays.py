"""Checking an array that is meant to be a sound: the right result, or one sentence that says what is wrong."""

from collections.abc import Iterator
from numbers import Real

import numpy as np

from course_lib.errors import BadInput
from course_lib.media.sound.files import BLOCK, CHANNELS, Opened, check_header

FULL = {"uint8": (128, 128), "int16": (0, 32_768), "int32": (0, 2_147_483_648)}  # middle and full swing
LOUDEST = 8.0  # float files may pass 1 a little; what passes this is no share of full swing


def open_array(array: np.ndarray, rate, said: str = "This array") -> Opened:
    """Turn an array into a sound, or say why it is none.

    Args:
        array: (n,) or (n, channels): float of -1 to 1, int16, int32 or uint8.
        rate: Samples a second.
        said: How an error names it, as the start of a sentence.

    Returns:
        An `Opened`.

    Raises:
        BadInput: The shape, the type, the range of the numbers or the rate is not that of a sound.
    """
    if isinstance(rate, bool) or not isinstance(rate, Real) or rate != rate // 1:
        raise BadInput(f"{said} has a rate of {rate!r}: a rate is a whole number of samples a second, such as 16000.")  # fmt: skip
    _check_shape(array, said)
    array = array[:, None] if array.ndim == 1 else array
    check_header(int(rate), array.shape[1], len(array), said)
    if array.dtype.name not in FULL and not np.issubdtype(array.dtype, np.floating):
        raise BadInput(
            f"{said} holds {array.dtype}, a sound holds floats of -1 to 1, int16, int32 or uint8: convert it first."
        )
    return Opened(int(rate), array.shape[1], len(array), _blocks(array))


def checked(block: np.ndarray, said: str) -> np.ndarray:
    """Return a block of samples as it is, or raise BadInput where it holds what is no sound."""
    loudest = max(-float(block.min()), float(block.max()))  # NaN if one of them is
    if not np.isfinite(loudest):
        raise BadInput(f"{said} holds NaN or infinity, a sound holds -1 to 1: look for a division by zero before it.")  # fmt: skip
    if loudest > LOUDEST:
        raise BadInput(f"{said} goes to {loudest:,.5g}, a sound of floats goes to 1: divide by the largest number that it "
                       "could hold, 32768 for 16 bits.")  # fmt: skip
    return block


def _blocks(array: np.ndarray) -> Iterator[np.ndarray]:
    middle, full = FULL.get(array.dtype.name, (0, 1))
    for start in range(0, len(array), BLOCK):
        block = array[start : start + BLOCK]
        # Of integers in float64: 2^31 has more digits than float32
        yield np.float32(block if full == 1 else (block.astype(np.float64) - middle) / full)


def _check_shape(array: np.ndarray, said: str) -> None:
    shape = array.shape
    if array.ndim == 0 or 0 in shape:
        raise BadInput(f"{said} has the shape {shape}: it is empty, so there is nothing to hear.")
    if array.ndim == 2 and shape[0] <= CHANNELS < shape[1]:
        raise BadInput(f"{said} has the shape {shape}: its channels come first, here they come last; give array.T.")  # fmt: skip
    if array.ndim > 2:
        raise BadInput(f"{said} has the shape {shape}, which is no sound: expected (samples,) or (samples, channels).")  # fmt: skip
