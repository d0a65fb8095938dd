"""Decoding one sound file that nobody vouches for, block by block.

What the header says (length, channels, rate) is held to limits before a sample is decoded, only plain sound formats are
read, and whatever is wrong with the file becomes one sentence.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from course_lib.errors import BadInput, CourseError, first_line
from course_lib.media.paths import check_file
from course_lib.quiet import quiet_start

KINDS = (".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aiff", ".aif", ".au", ".caf", ".w64")
# libsndfile's formats by name. Not on the list, among others: raw samples, of which nobody knows rate and width
FORMATS = frozenset({"WAV", "WAVEX", "RF64", "W64", "FLAC", "OGG", "MP3", "MPEG", "AIFF", "AU", "CAF"})
LONGEST = 24 * 3600  # seconds
RATES = range(2_000, 768_001)  # Hz; a made-up rate of 1 Hz would be resampled to ten thousand times its size
CHANNELS = 32
BLOCK = 1 << 16  # samples of each channel that are in memory at a time
MISSING = 0.02  # share of what the header promises; MP3's own count is that rough
UNKNOWN_SIZES = (0, 2**32 - 1, 2**64 - 1)  # what programs write that did not know the length beforehand
# How libsndfile's log words a size that goes past the end: of a WAV, an AIFF, an AU, an RF64, a W64
TOO_LONG = re.compile(
    r"^ *(?:data|SSND|Data Size|Riff size|riff) *: (-?\d+) \(should be -?\d+\)", re.MULTILINE
)
NO_LENGTH = 1 << 62  # and what libsndfile makes of a FLAC without one
GIVE = "give a WAV, FLAC, OGG or MP3 file"


@dataclass(frozen=True)
class Opened:
    """A sound as it was recorded, not decoded yet.

    Attributes:
        rate: samples a second, of each channel.
        channels: how many.
        frames: samples of each channel, as the header says; 0 where it does not.
        blocks: (n, channels) float32, whole sound at -1 to 1; may raise BadInput at any of them.
    """

    rate: int
    channels: int
    frames: int
    blocks: Iterator[np.ndarray]


@contextmanager
def open_file(path: Path) -> Iterator[Opened]:
    """Open a sound file.

    Args:
        path: The file: WAV of 8 to 32 bits or float, FLAC, OGG (Vorbis or Opus), MP3, AIFF, AU, CAF.

    Yields:
        An `Opened`; its blocks can be read inside the block.

    Raises:
        BadInput: There is no such file, it is no sound, it is damaged, too long, or of an odd rate.
        CourseError: The package that decodes sound is missing.
    """
    check_file(path, "recording")
    sf, said = soundfile(), f"The file {path.name!r}"
    try:
        # A file object and not a name: libsndfile would look for further files beside some of them
        with path.open("rb") as handle:
            with quiet_start(replay=False):  # the MP3 decoder writes to the error stream
                opened = _opened(sf, handle, said, path)
            with opened:
                check_header(opened.samplerate, opened.channels, opened.frames, said)
                _check_whole(opened, said)
                if opened.frames == 0:
                    raise BadInput(f"{said} holds no sound: it has 0 samples.")
                blocks = _blocks(sf, opened, said)
                yield Opened(opened.samplerate, opened.channels, opened.frames, blocks)
    except PermissionError:
        raise BadInput(f"{said} cannot be opened: you lack the permission to read it.") from None


def soundfile():
    """Import the package that decodes sound, or say how to get it."""
    try:
        import soundfile
    except (ImportError, OSError):  # an OSError where its library is missing
        raise CourseError("Sound files need the package soundfile: pip install soundfile.") from None
    return soundfile


def check_header(rate: int, channels: int, frames: int, said: str) -> None:
    """Raise BadInput unless a sound of such a rate, so many channels and samples of each can be decoded safely.

    Args:
        rate: In Hz.
        channels: How many.
        frames: Samples of each channel.
        said: How an error names it, as the start of a sentence.
    """
    if rate not in RATES:
        raise BadInput(
            f"{said} has a rate of {rate:,} Hz, sound has {RATES[0]:,} to {RATES[-1]:,}: check what wrote it."
        )
    if not 1 <= channels <= CHANNELS:
        raise BadInput(
            f"{said} has {channels:,} channels, at most {CHANNELS} are read: save fewer of them, one will do."
        )
    if frames > NO_LENGTH:
        raise BadInput(f"{said} does not say how long it is: save it once more, as WAV.")
    if frames > LONGEST * rate:
        raise BadInput(
            f"{said} says that it is {frames / rate / 3600:,.0f} hours long, at most {LONGEST // 3600} are decoded "
            "safely: cut it."
        )


def _opened(sf, handle, said: str, path: Path):
    try:
        opened = sf.SoundFile(handle)
    except (sf.LibsndfileError, RuntimeError, ValueError, TypeError):
        raise BadInput(f"{said} {_what_it_is(path)}") from None
    if opened.format not in FORMATS:
        opened.close()
        raise BadInput(f"{said} is in the format {opened.format}, which is not read here: {GIVE}.")
    return opened


def _check_whole(opened, said: str) -> None:
    """Refuse a file whose own log says that it was cut short: half a recording gives half a text, and nobody notices."""
    log = opened.extra_info
    cut = any(
        int(size) % 2**64 not in UNKNOWN_SIZES for size in TOO_LONG.findall(log)
    )  # it prints them signed
    # An Ogg stream that was recorded as it came has no mark at its end, but whole pages
    if cut or ("without an End-Of-Stream" in log and "Junk after the last page" in log):
        raise BadInput(f"{said} is cut short: copy or download it again.")


def _blocks(sf, opened, said: str) -> Iterator[np.ndarray]:
    read = 0
    while True:
        try:
            block = opened.read(BLOCK, dtype="float32", always_2d=True)
        except (sf.LibsndfileError, RuntimeError, ValueError) as error:
            seconds = read / opened.samplerate
            raise BadInput(
                f"{said} is damaged or cut short after {seconds:.1f} s ({_reason(error)}): copy or download it again."
            ) from None
        read += len(block)
        if not len(block):
            break
        yield block
    _check_whole(opened, said)  # of some formats the last page is only seen now
    if read < (1 - MISSING) * opened.frames:
        raise BadInput(
            f"{said} is cut short: it holds {read / opened.samplerate:.1f} of {opened.frames / opened.samplerate:.1f} s; "
            "copy or download it again."
        )


def _reason(error: Exception) -> str:
    return re.sub(r"^Error : ", "", first_line(error)).rstrip(".")


def _what_it_is(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(512)
    if head[4:8] == b"ftyp" or head.startswith((b"\x1a\x45\xdf\xa3", b"FLV")) or head[8:12] == b"AVI ":
        return ("is a video or an M4A recording, whose sound is not read here: save its sound as WAV, for instance "
                f"`ffmpeg -i {path.name} sound.wav`.")  # fmt: skip
    if head.startswith((b"RIFF", b"fLaC", b"OggS", b"ID3", b"FORM", b".snd", b"caff")):
        return "is damaged or cut short: copy or download it again."
    if head.startswith((b"\xff\xd8", b"\x89PNG", b"GIF8", b"BM")):
        return f"is a picture: {GIVE}."
    if head.lstrip().lower().startswith((b"<!doctype", b"<html")):
        return "is a web page under a recording's name: download the recording itself."
    if all(byte >= 32 or chr(byte).isspace() for byte in head):
        return f"is text under a recording's name: {GIVE}."
    return f"is not a sound in a format that can be read: {GIVE}."
