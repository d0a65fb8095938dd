"""How nano recognisers are trained on labelled speech, and how many words a recogniser gets wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import keras
import numpy as np

from course_lib import zoo
from course_lib.decoding.ctc import greedy
from course_lib.decoding.errors import word_errors
from course_lib.media.sound.corpus import Recording, recordings
from course_lib.text.letters import DEEPSPEECH
from course_lib.training.fit import Settings
from course_lib.training.recipe import NanoRecipe
from course_lib.training.speech.ctc import CtcTrainer, examples, logits_of, masked

FURTHER = {
    "voice_test": "word error rate on the course's own voice",
    "accent_test": "word error rate on an accent that no training hears",
}


@dataclass(frozen=True)
class RecogniserRecipe(NanoRecipe):
    """Many speakers and one voice, sentences of fifty-two words.

    Attributes:
        family: of the zoo.
        model_id: whose config says how the recogniser listens.
        speakers, voice: training sentences that many speakers say, and the course's own voice.
        recordings_seen: in all updates together.
        hidden: the widest span of frames that an update hides, two of them in each recording.
        batch_size, learning_rate, warmup, weight_decay, clip_norm: see `Settings`.
    """

    measure: ClassVar[str] = "word error rate on held-out sentences of speakers that no training hears"
    bits: int = 8
    family: str = "deepspeech"
    model_id: str = "deepspeech_nano"
    speakers: int = 5000
    voice: int = 500
    recordings_seen: int = 96_000
    hidden: int = 8
    batch_size: int = 32
    learning_rate: float = 4e-3
    warmup: int = 100
    weight_decay: float = 1e-2
    clip_norm: float = 1.0

    @property
    def listener(self):
        """What turns samples into the recogniser's input."""
        family = zoo.family(self.family)
        return family.listener(family.CONFIGS[self.model_id])

    def data(self, seed: int):
        """Let the synthesiser say the sentences of this seed, and prepare them."""
        from course_lib.training.speech.making import make

        share = min(1, self.recordings_seen / (self.speakers + self.voice))  # a quick try needs no more
        counts = {"speakers": self.speakers, "voice": self.voice}
        said = [x for name, count in counts.items() for x in make(name, max(1, int(share * count)), seed)]
        return examples(said, self.listener, DEEPSPEECH)

    def learn(self, model: keras.Model, data, seed: int) -> None:
        """Train by CTC."""
        steps = max(1, self.recordings_seen // self.batch_size)
        settings = Settings.of(self, steps=steps, seed=seed)
        frames = getattr(self.listener, "frames", None)  # where a network thins out what it reads
        trainer = CtcTrainer(model, settings, DEEPSPEECH.blank, augment=masked(self.hidden), frames=frames)
        trainer.fit(data, watch=_tell)

    def heldout_scores(self, model: keras.Model) -> tuple[float, ...]:
        """Return the word error rate on each part of the held-out set; it has as many parts as there are test seeds."""
        return self._rates(model, "speakers_test")

    def further_scores(self, model: keras.Model) -> dict[str, tuple[float, ...]]:
        """Return the same for one clear voice, and for an accent that no training hears."""
        return {told: self._rates(model, name) for name, told in FURTHER.items()}

    def _rates(self, model, name):
        spoken = recordings(name)
        heard = transcripts(model, self.listener, DEEPSPEECH, spoken)
        parts = np.array_split(np.arange(len(spoken)), len(self.test_seeds))
        return tuple(
            round(word_errors([spoken[i].text for i in part], [heard[i] for i in part]).rate, 4)
            for part in parts
        )


def transcripts(model: keras.Model, listener, letters, spoken: Sequence[Recording]) -> list[str]:
    """Let a recogniser write down recordings, each frame its likeliest symbol.

    Args:
        model: of the zoo.
        listener: its listener.
        letters: its tokenizer.
        spoken: the recordings.

    Returns:
        A text of each, in the same order.
    """
    inputs = examples(spoken, listener, letters).inputs
    found = logits_of(model, inputs, frames=getattr(listener, "frames", None))
    return [letters.detokenize(greedy(rows, letters.blank).letters) for rows in found]


def word_error_rate(model: keras.Model, listener, letters, spoken: Sequence[Recording]) -> float:
    """Return the share of words that a recogniser gets wrong; arguments as for `transcripts`."""
    heard = transcripts(model, listener, letters, spoken)
    return word_errors([recording.text for recording in spoken], heard).rate


def _tell(number: int, loss: float) -> None:
    if number % 250 == 0:
        print(f"{number} updates: {loss:.3f} nats a letter", flush=True)
