"""Frames into a video file, one at a time: the file is whole under its name, or it is not there."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path

import numpy as np

from course_lib.errors import BadInput, CourseError
from course_lib.files import expanded, write_atomically
from course_lib.media.video import pyav, reason

WRITTEN = {".mp4": "mp4", ".mov": "mov", ".mkv": "matroska"}
MAX_GAP = 10.0  # seconds; longer ones between two frames, as damaged time stamps make them, are cut to it
TICKS = 60_000  # a second


def write_video(path: str | Path, frames: Iterable[tuple[float, np.ndarray]]) -> None:
    """Write a video, whole or not at all; without sound.

    Args:
        path: Where to; it ends in .mp4, .mov or .mkv.
        frames: (seconds, (height, width, 3) uint8 RGB), in order. The first one's size is that of all; an odd one grows by a
            pixel. One is in memory at a time.

    Raises:
        BadInput: The path ends otherwise, or there is no frame.
        CourseError: The file can't be written, or PyAV is missing.
    """
    path = expanded(path)
    check_written(path)
    av = pyav()

    def write(file):
        try:
            _encode(av, file, WRITTEN[path.suffix.lower()], iter(frames))
        except av.FFmpegError as error:
            raise CourseError(f"Can't write {path}: {reason(error)}.") from error

    write_atomically(path, write)


def check_written(path: Path) -> None:
    """Raise BadInput unless a video can be written under this name."""
    if path.suffix.lower() not in WRITTEN:
        raise BadInput(
            f"{str(path)!r}: videos are written as {', '.join(WRITTEN)}; give a name that ends so."
        )


def _encode(av, file, container_format: str, frames: Iterator[tuple[float, np.ndarray]]) -> None:
    first = next(frames, None)
    if first is None:
        raise BadInput("There is no frame to write: nothing in this video could be read.")
    with av.open(file, "w", format=container_format) as container:
        stream = _stream(av, container, _even(first[1]).shape)
        tick, before = 0, first[0]
        for seconds, pixels in chain([first], frames):
            tick += round(TICKS * min(max(seconds - before, 0), MAX_GAP))
            picture = av.VideoFrame.from_ndarray(_even(pixels), format="rgb24")
            picture = picture.reformat(stream.width, stream.height, "yuv420p")
            picture.pts, picture.time_base, before = tick, stream.codec_context.time_base, seconds
            container.mux(stream.encode(picture))
            tick += 1  # no two frames at one time
        container.mux(stream.encode())


def _stream(av, container, shape: tuple[int, ...]):
    codec = next((name for name in ("libx264", "h264", "mpeg4") if _can_encode(av, name)), "mpeg4")
    stream = container.add_stream(codec, rate=30)
    stream.height, stream.width, stream.pix_fmt = *shape[:2], "yuv420p"
    stream.codec_context.time_base = Fraction(1, TICKS)
    if codec == "mpeg4":
        stream.codec_context.bit_rate = max(1_000_000, 4 * shape[0] * shape[1])
    return stream


def _can_encode(av, name: str) -> bool:
    try:
        return bool(av.Codec(name, "w"))
    except ValueError:
        return False


def _even(pixels: np.ndarray) -> np.ndarray:
    """Repeat the last row and column of odd pictures: colours are stored for two by two pixels."""
    rows, columns = (side % 2 for side in pixels.shape[:2])
    return np.pad(pixels, ((0, rows), (0, columns), (0, 0)), "edge") if rows or columns else pixels
