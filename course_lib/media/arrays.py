"""Checking an array that is meant to be a picture: the right result, or one sentence that says what is wrong."""

import warnings

import numpy as np

from course_lib.errors import BadInput

CHANNELS = (1, 3, 4)  # grey, RGB, RGB with opacity


def array_image(array: np.ndarray) -> np.ndarray:
    """Turn an array into a picture, or say why it is none.

    Args:
        array: (height, width), or (height, width, 1, 3 or 4 channels), values 0 to 255 of any numeric type.

    Returns:
        (height, width, 3) uint8 RGB; grey is repeated, opacity is laid on white. Of whole numbers that are all 0 and 1
        it warns: that is nearly black.

    Raises:
        BadInput: The shape, the type or the range of values is not that of a picture.
    """
    _check_shape(array)
    pixels = _as_uint8(array)
    if np.issubdtype(array.dtype, np.integer) and array.max() == 1:
        warnings.warn("This array holds only 0 and 1, a picture holds 0 to 255, so it is nearly black: multiply by 255 if 1 "
                      "is white.", stacklevel=3)  # fmt: skip
    if pixels.ndim == 2:
        pixels = pixels[..., None]
    if pixels.shape[-1] == 4:
        pixels = _on_white(pixels)
    if pixels.shape[-1] == 1:
        pixels = np.repeat(pixels, 3, axis=-1)
    return pixels


def _check_shape(array: np.ndarray) -> None:
    shape = array.shape
    said = f"This array has the shape {shape}, which is not one picture"
    if 0 in shape:
        raise BadInput(f"This array has the shape {shape}: it is empty, so there is nothing to look at.")
    if array.ndim == 4:
        raise BadInput(f"{said} but a batch of {shape[0]}: give one of them, array[0].")
    if array.ndim == 2 or (array.ndim == 3 and shape[-1] in CHANNELS):
        return
    if array.ndim == 3 and shape[0] in CHANNELS:
        raise BadInput(f"{said}: channels come first, Keras wants them last; np.transpose(array, (1, 2, 0)).")
    if array.ndim == 3:
        raise BadInput(
            f"{said} (height, width, 1, 3 or 4 channels): if it is a batch of grey pictures, "
            "add the channels with array[..., None]."
        )
    raise BadInput(f"{said}: expected (height, width) or (height, width, channels).")


def _as_uint8(array: np.ndarray) -> np.ndarray:
    if array.dtype == np.uint8:
        return array
    if array.dtype == bool:
        raise BadInput(
            "This array holds True and False, a picture holds 0 to 255: multiply by 255 if it is a mask."
        )
    if not np.issubdtype(array.dtype, np.integer) and not np.issubdtype(array.dtype, np.floating):
        raise BadInput(
            f"This array holds {array.dtype} values, a picture holds numbers from 0 to 255: convert it first."
        )
    _check_range(array)
    return np.rint(array).astype(np.uint8)


def _check_range(array: np.ndarray) -> None:
    low, high = array.min(), array.max()
    floating = np.issubdtype(array.dtype, np.floating)
    if floating and not (np.isfinite(low) and np.isfinite(high)):
        raise BadInput(
            "This array holds NaN or infinity, a picture holds 0 to 255: look for a division by zero before it."
        )
    said = f"This array's values go from {low:.4g} to {high:.4g}; expected 0 to 255"
    if low < 0:
        raise BadInput(f"{said}: it looks preprocessed already, give the pixels as they were before.")
    if high > 255:
        raise BadInput(f"{said}: if it is a 16-bit picture, divide by 257.")
    if floating and 0 < high <= 1:
        raise BadInput(f"{said}: multiply by 255.")


def _on_white(pixels: np.ndarray) -> np.ndarray:
    opacity = pixels[..., 3:].astype(np.float32) / 255
    return np.rint(pixels[..., :3] * opacity + 255 * (1 - opacity)).astype(np.uint8)
