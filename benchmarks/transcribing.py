"""Writing down speech: ten seconds of it, by networks of three sizes, beside the bare network and beside transformers."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from benchmarks.timing import Case
from benchmarks.worker import peer
from course_lib import card, load
from course_lib.engines import compiled
from course_lib.errors import CourseError
from course_lib.loading import build
from course_lib.media.sound.audio import Audio
from course_lib.media.sound.corpus import recordings
from course_lib.tasks.base import Provenance
from course_lib.tasks.transcribe import Transcriber
from course_lib.text.letters import WAV2VEC2
from course_lib.zoo import wav2vec2

SECONDS = 10


def transcribing(left_out: list[str]) -> Iterator[Case]:
    """Yield the cases; a minute of speech takes six times as long.

    Args:
        left_out: gets a line for each peer or model that can't be had here, and why.
    """
    speech = _speech()
    for name in ("deepspeech_nano", "wav2vec2_nano"):
        try:
            ears = load(name)
        except CourseError as error:
            left_out.append(f"{name}: {error}")
            continue
        ready = ears.listener.prepare(speech.resampled(ears.listener.rate).samples)[None]
        bare = partial(compiled(ears.model), ready)
        yield Case(
            f"{name}, {SECONDS} s of speech", "its network alone", partial(ears.transcribe, speech), bare
        )
    yield from _moonshine(speech, left_out)
    yield from _base(speech, left_out)


def _speech() -> Audio:
    samples = np.concatenate([one.audio.samples for one in recordings("voice_test")])
    return Audio(samples[: SECONDS * 8_000], 8_000)


def _moonshine(speech: Audio, left_out: list[str]) -> Iterator[Case]:
    """Beside the speech itself: below 1 it writes sooner than one speaks."""
    try:
        ears = load("moonshine_tiny")
    except CourseError as error:
        left_out.append(f"moonshine_tiny: {error}")
        return
    run = partial(ears.transcribe, speech)
    yield Case(
        f"moonshine_tiny, {SECONDS} s of speech", "the speech itself", run, lambda: float(SECONDS), limit=1.0
    )


def _base(speech: Audio, left_out: list[str]) -> Iterator[Case]:
    """Base's shape with random numbers, which take as long as any others."""
    try:
        worker = peer("hearing")
    except RuntimeError as error:
        left_out.append(f"transformers: {error}")
        return
    config = wav2vec2.CONFIGS["wav2vec2_base"]
    provenance = Provenance("random", "wav2vec2_base", "the initialisers")
    parts = {"listener": wav2vec2.listener(config), "tokenizer": WAV2VEC2}
    ears = Transcriber(card("wav2vec2_base"), build("wav2vec2_base"), provenance, None, **parts)
    run = partial(ears.transcribe, speech.resampled(config.rate))
    try:
        ours = f"wav2vec2_base, {SECONDS} s of speech"
        yield Case(ours, "transformers, float32", run, worker.call(f"wav2vec2_base {SECONDS}"))
    finally:
        worker.close()
