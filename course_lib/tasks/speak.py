"""Text to speech: what does a text sound like?"""

import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import keras
import numpy as np

from course_lib import zoo
from course_lib.errors import BadInput, CourseError
from course_lib.media.sound.audio import Audio
from course_lib.media.sound.spectra import Mel
from course_lib.tasks.text_model import TextModel
from course_lib.text.spoken import ENDS, written_out
from course_lib.zoo.tacotron2 import generator

MOST_LETTERS = 500  # of one sentence
PAUSE = 0.25  # seconds between two
VOCODERS = ("auto", "waveglow", "griffin_lim")


@dataclass(frozen=True, eq=False)
class Spoken:
    """What a voice wrote of one sentence.

    Attributes:
        mel: (frames, mels) float32, natural logarithms of magnitudes.
        alignment: (steps, letters) float32, where each step of the decoder looked; a row adds up to 1.
        stopped: False where the voice did not say that it was done, and was stopped.
        letters: the text as it was read.
        stop: (steps,) float32, how sure it was at each step that this is the last.
    """

    mel: np.ndarray
    alignment: np.ndarray
    stopped: bool
    letters: str
    stop: np.ndarray


class Speaker(TextModel):
    """A network that reads texts aloud.

    Attributes:
        tokenizer: text -> numbers of letters.
    """

    task = "speak"

    def __init__(self, *arguments, vocoder: Callable | None = None, **options):
        super().__init__(*arguments, **options)
        self._open_vocoder = vocoder

    def spectrogram(self, text: str, seed: int = 0) -> Spoken:
        """Write the mel spectrogram of one sentence.

        Args:
            text: English, at most 500 letters; capitals, numbers and abbreviations are written out first.
            seed: of the pre-net's dropout, which makes every reading a little different.

        Returns:
            The `Spoken`; a warning says it where the voice did not come to an end, or does not know a word.

        Raises:
            BadInput: no text, symbols that the voice does not know, a number that has to be written in words.
        """
        numbers = self.tokens(text)
        self._warn_of_words(text)
        (said,) = self._generate([numbers], seed=_seed(seed), longest=self._config.longest)
        if not said.stopped:
            seconds = len(said.mel) * self.sound.hop / self.sound.rate
            _warn(f"The voice found no end and was stopped after {seconds:.1f} s: try another seed, or a shorter text.")  # fmt: skip
        return Spoken(said.mel, said.alignment, said.stopped, written_out(text), said.stop)

    def speak(self, text: str, vocoder="auto", seed: int = 0) -> Audio:
        """Read a text aloud, sentence by sentence.

        Args:
            text: as for `spectrogram`, but of any number of sentences.
            vocoder: what makes a sound of a spectrogram: "waveglow", the network that belongs to this voice;
                "griffin_lim", which needs none; "auto", the first if it is on this machine, else the second; or any model
                with `.vocode(mel, seed=...)`.
            seed: of all that is left to chance; the same seed gives the same sound.

        Returns:
            The sound.

        Raises:
            BadInput: as for `spectrogram`, or no such vocoder.
            CourseError: "waveglow" was asked for and is not on this machine, or is made for other spectrograms.
        """
        make = self._vocoder(vocoder)
        texts = [part for part in re.split(rf"(?<=[{ENDS}])\s+", written_out(text)) if part]
        for part in texts:  # first, so that a text that can't be read costs no work
            self.tokens(part)
        pause = np.zeros(round(PAUSE * self.sound.rate), np.float32)
        parts = [x for part in texts for x in (make(self.spectrogram(part, seed).mel, seed), pause)]
        return Audio(np.concatenate(parts[:-1]), self.sound.rate)

    def tokens(self, text: str) -> list[int]:
        """Return the numbers of a text's letters, as it is read; errors as for `spectrogram`."""
        text = written_out(text)
        if "_" in text:  # it has a number, but that stands for nothing
            raise BadInput("A voice can't say '_': leave it out, or write a space.")
        return super().tokens(text)

    @property
    def context(self) -> int:
        """How many letters a sentence may have."""
        return MOST_LETTERS

    @property
    def sound(self) -> Mel:
        """How the spectrograms are made that it writes."""
        return self._config.sound

    @property
    def _config(self):
        return zoo.family(self.card.family).CONFIGS[self.provenance.model]

    @cached_property
    def _generate(self) -> Callable:
        return generator(self.model)

    def _feature_net(self) -> keras.Model:
        return self.model.get_layer("encoder")

    def _warn_of_words(self, text: str) -> None:
        known = self._config.words
        said = re.findall(r"[a-z']+", written_out(text))
        if known and (new := [word for word in dict.fromkeys(said) if word not in known]):
            _warn(
                f"{self.provenance.model} has learned {len(known)} words, and {', '.join(map(repr, new[:3]))}"
                f"{' and others' if new[3:] else ''} not among them: it says what it makes of the letters."
            )

    def _vocoder(self, wanted) -> Callable[[np.ndarray, int], np.ndarray]:
        """Return a function from (spectrogram, seed) to samples."""
        if callable(vocode := getattr(wanted, "vocode", None)):
            return lambda mel, seed: vocode(mel, seed=seed).samples
        if wanted not in VOCODERS:
            raise BadInput(f"The vocoder is {', '.join(map(repr, VOCODERS))} or a model that vocodes, not {wanted!r}.")  # fmt: skip
        try:
            if wanted != "griffin_lim":
                return self._vocoder(self._own_vocoder)
        except CourseError:
            if wanted == "waveglow":
                raise
        return lambda mel, seed: np.clip(self.sound.griffin_lim(mel, seed=seed), -1, 1)

    @cached_property
    def _own_vocoder(self):
        if self._open_vocoder is None:
            raise CourseError(f"No vocoder belongs to these weights of {self.card.id}: use 'griffin_lim'.")
        found = self._open_vocoder()
        if found.sound != self.sound:
            raise CourseError(
                f"{found.provenance.model}, which is here, is made for other spectrograms than {self.provenance.model} "
                "writes: use 'griffin_lim'."
            )
        return found


def _seed(seed) -> int:
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or not 0 <= seed < 2**31:
        raise BadInput(f"A seed is a whole number from 0 to {2**31 - 1:,}, not {seed!r}.")
    return int(seed)


def _warn(sentence: str) -> None:
    warnings.warn(sentence, stacklevel=3)


Task = Speaker
