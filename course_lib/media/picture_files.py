"""Decoding one picture file (or PIL image) that nobody vouches for.

The size is read from the header before a pixel is decoded, only plain picture formats are tried, and whatever
is wrong with the file becomes one sentence.
"""

import contextlib
import importlib
import io
import re
import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from course_lib.errors import BadInput
from course_lib.media.arrays import array_image
from course_lib.media.paths import check_file

MAX_PIXELS = 80_000_000  # 240 MB as an array; below the size at which Pillow itself begins to warn
# Pillow's readers by name. Not on the list, among others: EPS and PS, for which it starts a PostScript interpreter
READERS = ("Jpeg", "Png", "WebP", "Gif", "Bmp", "Tiff", "Ppm", "Jpeg2K", "Avif")
ORIENTATION = 0x0112  # the EXIF tag that says how the camera was held
HEAD = 512  # bytes that tell what a file is
PILLOW = r"PIL\."  # where its warnings come from
GIVE = "give a JPEG, PNG, WebP, GIF, BMP or TIFF file"


def read_file(path: Path) -> np.ndarray:
    """Decode one picture file.

    Args:
        path: The file.

    Returns:
        (height, width, 3) uint8, RGB, upright; the first frame of an animation; white where it is transparent.

    Raises:
        BadInput: There is no such file, it is no picture, it is damaged, or it is too large.
    """
    return _with_opened(path, decode)


def size_of_file(path: Path) -> tuple[int, int]:
    """Return the height and width in pixels that `read_file` would give, from the header alone.

    Raises:
        BadInput: There is no such file, it is no picture, or it is too large.
    """
    return _with_opened(path, _upright_size)


def decode_bytes(content: bytes, said: str = "This picture") -> np.ndarray:
    """Decode the bytes of a picture file, as a stranger may have sent them; otherwise like `read_file`."""
    if not content:
        raise BadInput(f"{said} is empty (0 bytes): send the file's bytes.")
    return _opened(io.BytesIO(content), said, content[:HEAD], decode)


def _with_opened(path: Path, use: Callable):
    """Return use(image, said) of a picture file's opened image; whatever goes wrong becomes a BadInput."""
    check_file(path, "picture")
    said = f"The file {path.name!r}"
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
    except PermissionError:
        raise BadInput(f"{said} cannot be opened: you lack the permission to read it.") from None
    except OSError as error:
        raise _damaged(said, error) from None
    return _opened(path, said, head, use)


def _opened(source: Path | io.BytesIO, said: str, head: bytes, use: Callable):
    """Open a picture, of which the first bytes are `head`, and return use(image, said)."""
    try:
        _hush_pillow()
        with Image.open(source, formats=_formats()) as image:
            return use(image, said)
    except UnidentifiedImageError:
        raise BadInput(f"{said} {_what_it_is(head)}") from None
    except Image.DecompressionBombError as error:
        pixels = re.search(r"\((\d+) pixels\)", str(error))
        size = f"{int(pixels[1]):,} pixels" if pixels else "more pixels than are safe to decode"
        raise BadInput(_too_large(said, size)) from None
    except BadInput:
        raise
    except Exception as error:  # a decoder meets hostile bytes: whatever it raises, the file is what is wrong
        raise _damaged(said, error) from None


def decode(image: Image.Image, said: str = "This picture") -> np.ndarray:
    """Decode an opened PIL image.

    Args:
        image: The image; nothing of it need be decoded yet.
        said: How an error names it, as the start of a sentence.

    Returns:
        (height, width, 3) uint8, RGB, upright.

    Raises:
        BadInput: It is damaged or too large.
    """
    _check_size(image, said)
    try:
        image.load()
        return _to_rgb(_upright(image))
    except BadInput as error:
        raise BadInput(f"{said}: {error}") from None
    except Exception as error:
        raise _damaged(said, error) from None


def _hush_pillow() -> None:
    """Keep Pillow's warnings away: of large pictures, which are refused here, and of odd metadata, which nobody needs.

    `warnings.catch_warnings` would not do: where threads read pictures, one restores what another has set, and in the
    end all warnings of the process may be off.
    """
    first = warnings.filters[0] if warnings.filters else None
    if first is None or first[0] != "ignore" or getattr(first[3], "pattern", None) != PILLOW:
        warnings.filterwarnings("ignore", module=PILLOW)


@cache
def _formats() -> list[str]:
    # Importing these few takes half the time of Pillow's own search through all its readers
    for reader in READERS:
        with contextlib.suppress(ImportError):  # an older Pillow has no AVIF
            importlib.import_module(f"PIL.{reader}ImagePlugin")
    wanted = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "JPEG2000", "AVIF")
    return [name for name in wanted if name in Image.OPEN]


def _damaged(said: str, error: Exception) -> BadInput:
    text = str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
    reason = "it ends too early" if "truncated" in text.lower() else text
    return BadInput(f"{said} is damaged or cut short ({reason}): copy or download it again.")


def _check_size(image: Image.Image, said: str) -> None:
    width, height = image.size
    if width == 0 or height == 0:
        raise BadInput(f"{said} is empty: it has {width} x {height} pixels.")
    if width * height > MAX_PIXELS:
        raise BadInput(_too_large(said, f"{width:,} x {height:,} pixels"))


def _too_large(said: str, size: str) -> str:
    return f"{said} has {size}, too many to decode safely: shrink it below {MAX_PIXELS // 1_000_000} million."


def _upright_size(image: Image.Image, said: str) -> tuple[int, int]:
    _check_size(image, said)
    try:
        sideways = image.getexif().get(ORIENTATION, 1) in (5, 6, 7, 8)
    except Exception:  # as below
        sideways = False
    return image.size if sideways else image.size[::-1]


def _upright(image: Image.Image) -> Image.Image:
    try:
        turned = image.getexif().get(ORIENTATION, 1) != 1
        return ImageOps.exif_transpose(image) if turned else image  # which would copy it in any case
    except Exception:  # broken metadata round a sound picture: show it as it lies
        return image


def _to_rgb(image: Image.Image) -> np.ndarray:
    if image.mode.startswith("I"):
        return array_image(_from_16_bit(np.asarray(image)))
    if image.mode == "F":
        return array_image(np.asarray(image))
    if image.has_transparency_data:
        picture = image.convert("RGBA")
        image = Image.new("RGB", picture.size, "white")
        image.paste(picture, mask=picture.getchannel("A"))
    return np.array(image if image.mode == "RGB" else image.convert("RGB"))


def _from_16_bit(values: np.ndarray) -> np.ndarray:
    # Pillow gives 16-bit greys as I;16, and some of them (PGM) as I: 32-bit integers
    if values.min() < 0 or values.max() > 65535:
        raise BadInput("its values do not fit in 16 bits, so their range is unknown; save it with 8 bits.")
    return np.rint(values / np.float32(257)).astype(np.uint8)


def _what_it_is(head: bytes) -> str:
    if head[4:8] == b"ftyp" and head[8:11] in (b"hei", b"hev", b"mif", b"msf"):
        return "is in the HEIC format, which cannot be read here: export it as JPEG."
    if head.lstrip().lower().startswith((b"<!doctype", b"<html")):
        return "is a web page under a picture's name: download the picture itself."
    if head.startswith((b"\xff\xd8", b"\x89PNG", b"GIF8", b"RIFF", b"BM", b"II*\0", b"MM\0*")):
        return "is damaged or cut short: copy or download it again."
    if all(byte >= 32 or chr(byte).isspace() for byte in head):
        return f"is text under a picture's name: {GIVE}."
    return f"is not a picture in a format that can be read: {GIVE}."
