"""The recordings that come with the course: sentences and who says them, read anywhere, without a network."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from course_lib.data_dir import data_dir
from course_lib.errors import BadInput
from course_lib.media.sound.audio import Audio

RATE = 8_000  # samples a second of all of them, as a telephone's
INDEX = "recordings.json"


@dataclass(frozen=True)
class Recording:
    """A sentence, who says it, and its sound.

    Attributes:
        text: its words, in small letters.
        speaker: the name of the voice.
        audio: `Audio`.
    """

    text: str
    speaker: str
    audio: Audio


def names() -> dict[str, str]:
    """Return the sets of recordings: name -> what it is."""
    return {name: entry["title"] for name, entry in _index().items()}


def recordings(name: str) -> list[Recording]:
    """Read a set of recordings.

    Args:
        name: a key of `names()`, for instance "voice_test".

    Returns:
        Its recordings, at 8,000 Hz.

    Raises:
        BadInput: there is no such set.
    """
    index = _index()
    if name not in index:
        raise BadInput(f"There are no recordings named {name!r}: there are {', '.join(index)}.")
    import soundfile

    samples, rate = soundfile.read(_folder() / index[name]["file"], dtype="float32")
    ends = np.cumsum([length for _, _, length in index[name]["recordings"]])
    parts = np.split(samples[: ends[-1]], ends[:-1])
    told = index[name]["recordings"]
    return [
        Recording(text, speaker, Audio(part, rate))
        for (text, speaker, _), part in zip(told, parts, strict=True)
    ]


def write(folder: Path, sets: dict[str, tuple[str, float, Sequence[Recording]]]) -> None:
    """Write sets of recordings as they are shipped: one sound file a set, and the index.

    Args:
        folder: where to.
        sets: name -> (title, quality of the Ogg file from 0 to 1, recordings).
    """
    import soundfile

    folder.mkdir(parents=True, exist_ok=True)
    index = {}
    for name, (title, quality, spoken) in sets.items():
        file = f"{name}.ogg"
        samples = np.concatenate([item.audio.samples for item in spoken])
        soundfile.write(folder / file, samples, RATE, compression_level=1 - quality)
        told = [[item.text, item.speaker, len(item.audio.samples)] for item in spoken]
        index[name] = {"title": title, "file": file, "recordings": told}
    lines = json.dumps(index, indent=0).replace("[\n", "[").replace(',\n"', ',"').replace("\n]", "]")
    (folder / INDEX).write_text(lines + "\n", encoding="utf-8")


def _folder() -> Path:
    return data_dir() / "speech"


def _index() -> dict[str, dict]:
    return json.loads((_folder() / INDEX).read_text(encoding="utf-8"))
