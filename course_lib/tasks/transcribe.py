"""Speech to text: what is said in a recording, and when?"""

import warnings
from collections.abc import Callable, Iterator
from functools import cached_property
from numbers import Integral

import keras
import numpy as np

from course_lib.errors import BadInput, CourseError
from course_lib.media.sound.inputs import Sound, each_sound, is_single, open_sound
from course_lib.tasks.base import Pretrained, pooled
from course_lib.tasks.ears import Spelling, Writing, windows
from course_lib.tasks.transcripts import Transcript, joined

MOST_BEAMS = 1000


class Transcriber(Pretrained):
    """A network that writes down what it hears.

    Attributes:
        tokenizer: numbers of symbols -> text.
        listener: what turns samples into the network's input; its `rate` is the one that sounds are brought to.
    """

    task = "transcribe"

    def __init__(self, *arguments, listener, tokenizer=None, **options):
        super().__init__(*arguments, **options)
        self.listener, self.tokenizer = listener, tokenizer

    def transcribe(self, audio, *, beams: int = 1, language_model=None) -> Transcript | list[Transcript]:
        """Write down what recordings say.

        Args:
            audio: one recording or many: a path, an `Audio`, (samples, rate), a folder, or a list of these. Files as
                soundfile reads them (WAV, FLAC, OGG, MP3 ...), of any rate, length and number of channels.
            beams: 1 takes the likeliest symbol at each moment; more look for the likeliest text among so many.
            language_model: has `log_prob(word, words before it)`, for instance a `decoding.ngram.WordModel`; for a search
                with beams.

        Returns:
            A `Transcript` for one recording; a list of them, in order, for many. Among many, one that can't be heard has no
            text and says why in its `.error`. Of silence the text is empty, and a warning says so.

        Raises:
            BadInput: the only recording can't be heard, or there is none; beams that are no whole number from 1, or a
                language model without them.
        """
        heard = list(self.transcribe_stream(audio, beams=beams, language_model=language_model))
        if not heard:
            raise BadInput("There is no recording among these inputs: give a path, a folder, or (samples, rate).")  # fmt: skip
        if is_single(audio):
            if heard[0].error:
                raise BadInput(heard[0].error)
            _warn(heard[0].warning)
            return heard[0]
        if failed := [one.error for one in heard if one.error]:
            _warn(f"{len(failed)} of {len(heard)} recordings could not be heard; the first: {failed[0]}")
        if told := [one.warning for one in heard if one.warning]:
            _warn(told[0] + (f" So are {len(told) - 1} others." if told[1:] else ""))
        return heard

    def transcribe_stream(self, audio, *, beams: int = 1, language_model=None) -> Iterator[Transcript]:
        """Yield a `Transcript` for each recording, in order, in flat memory however many and long they are."""
        check_search(beams, language_model)
        for name, source in each_sound(audio):
            try:
                with self._opened(name, source) as sound:
                    pieces = list(self._ear.pieces(sound, beams, language_model))
                    yield joined(pieces, name, sound.warning)
            except BadInput as error:
                yield Transcript("", name=name, error=str(error))

    def listen(
        self, audio, *, beams: int = 1, language_model=None, watch: Callable | None = None
    ) -> Iterator[Transcript]:
        """Yield what one recording says piece by piece, while it is read: for long ones.

        Args:
            audio: one recording, as for `transcribe`.
            beams, language_model: as for `transcribe`.
            watch: is called with the seconds that were read, and the seconds that the recording has, before each piece.

        Yields:
            A `Transcript` of each half minute or so, its words' times counted from the recording's beginning; its `.warning`
            is about all that was heard up to there.

        Raises:
            BadInput: as for `transcribe`, or at a place where the file is damaged.
        """
        check_search(beams, language_model)
        with self._opened("", audio) as sound:
            for piece in self._ear.pieces(sound, beams, language_model):
                if watch:
                    watch(sound.position, sound.seconds)
                yield joined([piece], sound.name, sound.warning)

    def logits(self, audio) -> np.ndarray:
        """Compute how likely each symbol is at each moment of one recording.

        Args:
            audio: as for `transcribe`.

        Returns:
            (frames, symbols) float32, natural logarithms of probabilities; `.step` is the seconds of a frame.

        Raises:
            BadInput: it can't be heard, or this network does not write letter by letter.
        """
        if not isinstance(self._ear, Spelling):
            raise BadInput(
                f"{self.card.id} writes a sentence at a time, so no letters belong to its moments."
            )
        with self._opened("", audio) as sound:
            return np.concatenate(list(self._ear.log_probs(sound)))

    @property
    def step(self) -> float:
        """Seconds of one frame of `logits`."""
        return self._ear.step

    def features(self, audio) -> np.ndarray:
        """Compute feature vectors: what the network knows of a sound just before it names letters, the mean over time.

        Args:
            audio: one recording or many, as for `transcribe`.

        Returns:
            (recordings, features) float32, one row for each, in order; also for a single one.

        Raises:
            BadInput: a recording can't be heard. None is left out, since the rows would no longer match yours.
        """
        rows = []
        for _, row in self.features_stream(audio):
            if isinstance(row, BadInput):
                raise row
            rows.append(row)
        if not rows:
            raise BadInput("There is no recording among these inputs: give a path, a folder, or (samples, rate).")  # fmt: skip
        return np.stack(rows)

    def features_stream(self, audio) -> Iterator[tuple[str, np.ndarray | BadInput]]:
        """Yield (name, feature vector or error) recording by recording, in flat memory."""
        hidden = self._hidden
        for name, source in each_sound(audio):
            try:
                with self._opened(name, source) as sound:
                    yield name, self._mean(sound, hidden)
            except BadInput as error:
                yield name, error

    def feature_function(self, pictures: int = 1) -> Callable:
        """Say that pictures are nothing for this network."""
        raise BadInput(f"{self.card.id} hears sounds, it sees no pictures.")

    def _mean(self, sound: Sound, hidden: Callable) -> np.ndarray:
        total, count = 0, 0
        for samples, kept in windows(sound.blocks, self.listener.rate, self.listener.hop):
            rows = hidden(self.listener.prepare(samples)[None])[0][kept]
            total, count = total + rows.sum(axis=0), count + len(rows)
        return np.float32(total / count)

    def _opened(self, name: str, source):
        return open_sound(source, self.listener.rate, name)

    @cached_property
    def _ear(self) -> Spelling | Writing:
        if hasattr(self.model, "write"):
            return Writing(self.model, self.listener)
        return Spelling(lambda batch: self._logits(batch), self.listener, self.tokenizer)

    @property
    def _is_keras(self) -> bool:
        return isinstance(self.model, keras.Model)

    @property
    def _logits(self) -> Callable:
        return super()._logits if self._is_keras else self.model

    @property
    def _hidden(self) -> Callable:
        if not self._is_keras:
            raise BadInput(f"{self.card.id} comes ready-made and shows its answers alone, no features.")
        return self._function("hidden", lambda: keras.Model(self.model.inputs, pooled(self.model)))

    def _prepare_engine(self) -> None:
        if self._engine[0] != "tf":
            raise CourseError(
                f"{self.card.id} hears sounds of any length, which runs in TensorFlow alone: use engine='tf'."
            )


def check_search(beams, language_model) -> None:
    """Raise BadInput unless beams is a whole number from 1, and above 1 where there is a language model."""
    if isinstance(beams, bool) or not isinstance(beams, Integral) or not 1 <= beams <= MOST_BEAMS:
        raise BadInput(f"beams is a whole number from 1 to {MOST_BEAMS:,}, not {beams!r}.")
    if language_model is not None and beams == 1:
        raise BadInput("A language model judges texts that compete: give more beams than one, for instance beams=32.")  # fmt: skip


def _warn(sentence: str) -> None:
    if sentence:
        warnings.warn(sentence, stacklevel=3)


Task = Transcriber
