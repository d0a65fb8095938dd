"""Listening without writing: what a network that knows no text makes of a recording."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import keras
import numpy as np

from course_lib.errors import BadInput
from course_lib.media.sound.inputs import each_sound, read_audio
from course_lib.tasks.base import Pretrained


@dataclass(frozen=True)
class Heard:
    """A recording, frame by frame.

    Attributes:
        features: (frames, channels) float32, each frame by itself.
        context: (frames, width) float32, each frame among the others.
        codes: (frames, codebooks) int, the likeliest code of each book.
        step: seconds from one frame to the next.
    """

    features: np.ndarray
    context: np.ndarray
    codes: np.ndarray
    step: float


class Listening(Pretrained):
    """A network that was pre-trained on speech alone."""

    task = "listen"

    def __init__(self, *arguments, listener, **options):
        super().__init__(*arguments, **options)
        self.listener = listener

    def hear(self, audio) -> Heard:
        """Listen to one recording, with nothing hidden.

        Args:
            audio: a path, an `Audio`, or (samples, rate).

        Returns:
            What was `Heard`.

        Raises:
            BadInput: it can't be heard, or is shorter than a frame.
        """
        samples = self.listener.prepare(read_audio(audio, self.listener.rate).samples)
        frames = self.listener.frames(len(samples))
        if frames < 1:
            raise BadInput(
                f"A recording of {len(samples)} samples is shorter than one frame: give a longer one."
            )
        found = self._hearing(samples[None], np.zeros((1, frames), bool))
        features, context, codes = (np.asarray(x[0]) for x in found)
        return Heard(features, context, codes.argmax(axis=-1), self.listener.hop / self.listener.rate)

    def features(self, audio) -> np.ndarray:
        """Compute feature vectors: the mean over time of what the transformer makes of a recording.

        Args:
            audio: one recording or many: a path, an `Audio`, (samples, rate), a folder, or a list of these.

        Returns:
            (recordings, width) float32, one row for each, in order; also for a single one.

        Raises:
            BadInput: a recording can't be heard, or there is none.
        """
        rows = [self.hear(source).context.mean(axis=0) for _, source in each_sound(audio)]
        if not rows:
            raise BadInput(
                "There is no recording among these inputs: give a path, a folder, or (samples, rate)."
            )
        return np.stack(rows)

    @cached_property
    def _hearing(self) -> Callable:
        import tensorflow as tf

        features, guesses, codes = (
            self.model.get_layer(name) for name in ("features", "guesses", "code_logits")
        )
        net = keras.Model(self.model.input, [features.output, guesses.input, codes.output])
        signature = [tf.TensorSpec((1, None)), tf.TensorSpec((1, None), tf.bool)]
        return tf.function(
            lambda samples, mask: net({"samples": samples, "mask": mask}, training=False),
            input_signature=signature, autograph=False,
        )  # fmt: skip


Task = Listening
