"""Videos and webcams, frame after frame in flat memory. PyAV decodes them; it is the extra "video"."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from course_lib.errors import BadInput, CourseError, first_line
from course_lib.files import expanded

KINDS = (".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ts", ".flv", ".wmv", ".ogv",
         ".3gp")  # fmt: skip
# FFmpeg's readers by name. Not on the list, among others: playlists, which make it open further files and addresses
READERS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpeg,mpegts,flv,asf,ogg"
WEBCAM = "webcam:"
MAX_PIXELS = 40_000_000  # of a frame; 8K video has 33 million
PATIENCE = 10.0  # seconds that a webcam may be silent


@dataclass(frozen=True)
class Clip:
    """An opened video or webcam.

    Attributes:
        name: its path, or "webcam:0".
        count: frames that the file says it has; 0 where nobody knows.
        frames: (seconds, frame) in order, where a frame is (height, width, 3) uint8 RGB, upright, or for one that can't be
            read the reason; the next one follows.
    """

    name: str
    count: int
    frames: Iterator[tuple[float, np.ndarray | BadInput]]


def is_video(given) -> bool:
    """Say whether a text or path means a video or a webcam, by its name."""
    given = os.fspath(given) if isinstance(given, str | Path) else ""
    return given.startswith(WEBCAM) or os.path.splitext(given)[1].lower() in KINDS


@contextmanager
def open_video(given: str | Path) -> Iterator[Clip]:
    """Open a video file, or a webcam.

    Args:
        given: A path; or "webcam:0" for the first webcam, on Windows "webcam:" and its name.

    Yields:
        A `Clip`.

    Raises:
        BadInput: There is no such file or webcam, or it is no video.
        CourseError: PyAV is missing.
    """
    av, given = pyav(), os.fspath(given)
    live = given.startswith(WEBCAM)
    container = _webcam(av, given) if live else _file(av, expanded(given))
    with container:
        if not container.streams.video:
            raise BadInput(f"The file {given!r} holds no pictures, only sound: give a video.")
        stream = container.streams.video[0]
        _check_size(stream.codec_context.width, stream.codec_context.height)
        stream.codec_context.options = {"max_pixels": str(MAX_PIXELS)}
        yield Clip(given, 0 if live else stream.frames, _frames(av, container, stream, live))


def pyav():
    """Import PyAV, or say how to get it."""
    try:
        import av
    except ImportError:
        raise CourseError(
            'Videos and webcams need the package av: pip install "course-lib[video]".'
        ) from None
    return av


def _file(av, path: Path):
    if os.path.isdir(path) or not os.path.exists(path):
        raise BadInput(f"There is no video file {str(path)!r}: check the path.")
    if not os.path.isfile(path) or path.stat().st_size == 0:
        raise BadInput(f"{str(path)!r} is empty, or not an ordinary file: copy or download the video again.")
    try:
        # "file:", so that a name such as "http:x.mp4" is no address.
        return av.open(f"file:{path}", options={"format_whitelist": READERS, "protocol_whitelist": "file"})
    except PermissionError:
        raise BadInput(f"{str(path)!r} cannot be opened: you lack the permission to read it.") from None
    except (av.FFmpegError, OSError, ValueError) as error:
        raise BadInput(
            f"{str(path)!r} is no video that can be read, or it is cut short ({reason(error)})."
        ) from None


def _webcam(av, given: str):
    which = given.removeprefix(WEBCAM) or "0"
    if sys.platform != "win32" and not which.isdecimal():
        raise BadInput(f"{given!r} is no webcam: they have numbers, the first is webcam:0.")
    # The systems' names for cameras; without the frame rate macOS refuses to open its own.
    device, system, options = {
        "darwin": (which, "avfoundation", {"framerate": "30"}),
        "win32": (f"video={which}", "dshow", {}),
    }.get(sys.platform, (f"/dev/video{which}", "v4l2", {}))
    try:
        return av.open(device, format=system, options=options)
    except (av.FFmpegError, OSError, ValueError) as error:
        raise BadInput(f"The webcam {given!r} can't be opened ({reason(error)}): is it plugged in, and may this "
                       "program use it? A video file goes as well.") from None  # fmt: skip


def _frames(av, container, stream, live: bool) -> Iterator[tuple[float, np.ndarray | BadInput]]:
    """Decode packet by packet, so that a damaged one costs its own frames and no others."""
    began, seconds = time.monotonic(), 0.0
    for packet in _packets(av, container, stream, live):
        if isinstance(packet, BadInput):
            yield seconds, packet
            continue
        try:
            decoded = packet.decode()
        except (av.FFmpegError, OSError, ValueError) as error:
            yield seconds, _broken(seconds, reason(error))
            continue
        for frame in decoded:
            if live:
                seconds = time.monotonic() - began
            elif frame.time is not None:
                seconds = float(frame.time)
            yield seconds, _pixels(av, frame, seconds)


def _packets(av, container, stream, live: bool) -> Iterator:
    """Yield packets, and one error where the file breaks off; wait for a webcam that has no picture yet."""
    silent = None
    while True:
        try:
            for packet in container.demux(stream):
                silent = None
                yield packet
            return
        except BlockingIOError as error:
            silent = silent or time.monotonic()
            if not live or time.monotonic() - silent > PATIENCE:
                yield BadInput(f"No more pictures came ({reason(error)}).")
                return
            time.sleep(0.005)
        except (av.FFmpegError, OSError, ValueError) as error:
            yield BadInput(f"It breaks off ({reason(error)}).")
            return


def _pixels(av, frame, seconds: float) -> np.ndarray | BadInput:
    if frame.is_corrupt:
        return _broken(seconds, "damaged")
    try:
        _check_size(frame.width, frame.height)
        pixels = frame.to_ndarray(format="rgb24")
    except BadInput as error:
        return error
    except (av.FFmpegError, OSError, ValueError) as error:
        return _broken(seconds, reason(error))
    # A phone held upright writes how its frames are to be turned, degrees to the left.
    turns = round(getattr(frame, "rotation", 0) / 90) % 4
    return np.ascontiguousarray(np.rot90(pixels, turns)) if turns else pixels


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise BadInput(f"A frame of {width:,} x {height:,} pixels is too large to decode safely: shrink the video "
                       f"below {MAX_PIXELS // 1_000_000} million.")  # fmt: skip


def _broken(seconds: float, why: str) -> BadInput:
    return BadInput(f"The frame after {seconds:.2f} s can't be read ({why}).")


def reason(error: Exception) -> str:
    """Return what FFmpeg says, without its own notes behind it."""
    return getattr(error, "strerror", None) or first_line(error)
