"""The speech that the nano models learn from, made by a synthesiser on the developer's machine; nothing else needs it.

The synthesiser is espeak-ng, from the extra "voices". Its licence, GPL-3, is its own; what it says is not a part of it.
"""

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from tqdm import tqdm

from course_lib.errors import BadInput, CourseError
from course_lib.media.sound import sentences
from course_lib.media.sound.audio import Audio
from course_lib.media.sound.corpus import RATE, Recording

OWN_RATE = 22_050  # of the synthesiser
LOUDNESS = 0.06  # root mean square of every recording
DITHER = 1e-3  # it is silent to the last bit between words, which no microphone ever is
PAUSE = 0.06  # seconds of silence that are left at either end
ACCENTS = ("en-us", "en", "en-gb-x-rp", "en-029", "en-us-nyc", "en-gb-x-gbclan")
NEW_ACCENT = "en-gb-scotland"  # no training hears it
VARIANTS = ("m1", "m2", "m3", "m4", "m6", "m7", "m8", "f1", "f2", "f4", "klatt", "klatt3", "Andy", "Annie", "Gene",
            "Lee", "Mario", "Michael", "adam", "anika", "david", "edward", "ian", "john", "linda", "max", "norbert",
            "paul", "quincy", "steph")  # fmt: skip
NEW_VARIANTS = ("m5", "f3", "f5", "klatt2", "Denis", "belinda", "robert", "travis")  # nor these


@dataclass(frozen=True)
class Speaker:
    """A voice of the synthesiser.

    Attributes:
        voice: its name there, an accent and a variant.
        rate: words a minute.
        pitch, melody: 0 to 99: how high it is, and how far it rises and falls.
    """

    voice: str
    rate: int = 150
    pitch: int = 50
    melody: int = 50


THE_VOICE = Speaker("en-us+f2", rate=140, pitch=60, melody=25)
OTHER_VOICE = Speaker("en+m3", rate=140, pitch=45, melody=25)


def make(name: str, count: int, seed: int, held_out: bool = False, jumbled: float = sentences.JUMBLED) -> list[Recording]:  # fmt: skip
    """Let the synthesiser say sentences.

    Args:
        name: "voice": the one voice that the nano voices learn; "other": another one; "speakers": many, of all accents but
            one; "new_speakers": those that no training hears; "accent": the accent that no training hears.
        count: how many sentences, all different; a recording is about two seconds long.
        seed: of the sentences, the speakers and the dither.
        held_out: only sentences that no training sees.
        jumbled: the share of those whose words stand in any order.

    Returns:
        Recordings at 8,000 Hz.

    Raises:
        BadInput: there are no voices of that name.
        CourseError: the synthesiser is not installed.
    """
    if name not in CASTS:
        raise BadInput(f"There are no voices named {name!r}: there are {', '.join(CASTS)}.")
    rng, say = np.random.default_rng(seed), synthesiser()
    said = sentences.sentences(count, seed, held_out, jumbled)
    return [
        _record(say, sentence, CASTS[name](rng), rng) for sentence in tqdm(said, name, delay=2, disable=None)
    ]


def _speakers(rng: np.random.Generator) -> Speaker:
    return _anyhow(f"{rng.choice(ACCENTS)}+{rng.choice(VARIANTS)}", rng)


def _new_speakers(rng: np.random.Generator) -> Speaker:
    return _anyhow(f"{rng.choice(ACCENTS)}+{rng.choice(NEW_VARIANTS)}", rng)


def _accent(rng: np.random.Generator) -> Speaker:
    return _anyhow(f"{NEW_ACCENT}+{rng.choice(VARIANTS)}", rng)


def _anyhow(voice: str, rng: np.random.Generator) -> Speaker:
    """Let a voice speak as fast and as high as it happens to."""
    return Speaker(voice, *(int(rng.integers(*limits)) for limits in ((120, 190), (30, 75), (20, 75))))


CASTS: dict[str, Callable[[np.random.Generator], Speaker]] = {
    "voice": lambda rng: THE_VOICE,
    "other": lambda rng: OTHER_VOICE,
    "speakers": _speakers,
    "new_speakers": _new_speakers,
    "accent": _accent,
}


def _record(say: Callable, sentence: str, speaker: Speaker, rng: np.random.Generator) -> Recording:
    sound = _trimmed(Audio(say(sentence, speaker), OWN_RATE).resampled(RATE).samples)
    sound = sound * (LOUDNESS / np.sqrt(np.mean(sound**2))) + DITHER * rng.standard_normal(len(sound))
    return Recording(sentence, speaker.voice, Audio(np.clip(sound, -1, 1).astype(np.float32), RATE))


def _trimmed(samples: np.ndarray) -> np.ndarray:
    """Leave the same short silence at both ends."""
    loud = np.flatnonzero(np.abs(samples) > 0.01 * np.abs(samples).max())
    pause = np.zeros(round(PAUSE * RATE), np.float32)
    return np.concatenate([pause, samples[loud[0] : loud[-1] + 1], pause])


@cache
def synthesiser() -> Callable[[str, Speaker], np.ndarray]:
    """Wake the synthesiser.

    Returns:
        A function from a text and a `Speaker` to samples (n,) float32 -1..1 at `OWN_RATE`.

    Raises:
        CourseError: it is not installed.
    """
    try:
        import espeakng_loader
    except ImportError:
        raise CourseError(
            'Making speech needs the synthesiser espeak-ng: pip install "course-lib[voices]". Every nano model of the '
            "course is trained already, so only training one anew needs it."
        ) from None
    return _voice_of(ctypes.CDLL(espeakng_loader.get_library_path()), espeakng_loader.get_data_path())


SYNCHRONOUS, UTF8 = 2, 1  # of espeak-ng's speak_lib.h
RATE_SETTING, PITCH_SETTING, RANGE_SETTING = 1, 3, 4


def _voice_of(library: ctypes.CDLL, data: str) -> Callable[[str, Speaker], np.ndarray]:
    heard: list[np.ndarray] = []

    @ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
    def hear(samples, count, events) -> int:
        if samples and count > 0:
            heard.append(np.ctypeslib.as_array(samples, (count,)).copy())
        return 0

    library.espeak_Initialize(SYNCHRONOUS, 500, str(data).encode(), 0)
    library.espeak_SetSynthCallback(hear)

    variants = {path.name for path in (Path(data) / "voices" / "!v").iterdir()}

    def say(text: str, speaker: Speaker) -> np.ndarray:
        heard.clear()
        # It would say an unknown variant as the plain voice, without a word.
        known = speaker.voice.partition("+")[2] in variants
        if not known or library.espeak_SetVoiceByName(speaker.voice.encode()) != 0:
            raise CourseError(f"The synthesiser has no voice {speaker.voice!r}.")
        settings = {RATE_SETTING: speaker.rate, PITCH_SETTING: speaker.pitch, RANGE_SETTING: speaker.melody}
        for number, value in settings.items():
            library.espeak_SetParameter(number, value, 0)
        words = text.encode()
        library.espeak_Synth(words, ctypes.c_size_t(len(words) + 1), 0, 0, 0, UTF8, None, None)
        library.espeak_Synchronize()
        return np.concatenate(heard).astype(np.float32) / 2**15

    say.keep = hear  # the library calls it: it must outlive this function
    return say
