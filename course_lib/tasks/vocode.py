"""From a mel spectrogram to a sound."""

from collections.abc import Callable
from functools import cached_property
from numbers import Real

import keras
import numpy as np

from course_lib import zoo
from course_lib.errors import BadInput, CourseError
from course_lib.media.sound.audio import Audio
from course_lib.media.sound.inputs import read_audio
from course_lib.media.sound.spectra import Mel
from course_lib.tasks.base import Pretrained
from course_lib.zoo.waveglow import invert, reach_of

SIGMA = 0.6  # as upstream's example speaks
PIECE = 800  # frames that are made at once


class Vocoder(Pretrained):
    """A network that makes a sound of a mel spectrogram."""

    task = "vocode"

    def vocode(self, mel: np.ndarray, sigma: float = SIGMA, seed: int = 0) -> Audio:
        """Make a sound.

        Args:
            mel: (frames, mels) natural logarithms of magnitudes, as `sound.of` makes them.
            sigma: of the normal noise that the sound is made of; small ones give calm, 0 gives the likeliest sound.
            seed: of that noise.

        Returns:
            The sound, `sound.hop` samples for each frame.

        Raises:
            BadInput: not a spectrogram for this model, numbers in it that are not finite, a sigma below 0.
        """
        if not isinstance(sigma, Real) or not 0 <= sigma < float("inf"):
            raise BadInput(f"Sigma is a finite number from 0 on, for instance {SIGMA}, not {sigma!r}.")
        return Audio(self._synthesis(self._checked(mel), sigma, seed), self.sound.rate)

    def resynthesise(self, audio, sigma: float = SIGMA, seed: int = 0) -> Audio:
        """Make a sound anew from its own mel spectrogram, which knows nothing of phases.

        Args:
            audio: a path, an `Audio`, or (samples, rate), of any rate and number of channels.
            sigma, seed: as for `vocode`.

        Returns:
            A copy at the model's rate, about as long.

        Raises:
            BadInput: it can't be heard, or is shorter than one window of the spectrogram.
        """
        samples = read_audio(audio, self.sound.rate).samples
        if len(samples) < self.sound.window:
            raise BadInput(
                f"This sound has {len(samples):,} samples at {self.sound.rate:,} Hz, one window of the spectrogram has "
                f"{self.sound.window:,}: give a longer one."
            )
        return self.vocode(self.sound.of(samples), sigma, seed)

    @property
    def sound(self) -> Mel:
        """How the spectrograms are made that it understands."""
        return zoo.family(self.card.family).CONFIGS[self.provenance.model].sound

    def _checked(self, mel) -> np.ndarray:
        mel, mels = np.asarray(mel), self.sound.mels
        if mel.ndim != 2 or mel.shape[1] != mels or not len(mel) or mel.dtype.kind not in "fiu":
            raise BadInput(
                f"{self.card.id} wants a mel spectrogram of numbers (frames, {mels}), not {mel.dtype} {mel.shape}."
            )
        if not np.isfinite(mel).all():
            raise BadInput("The mel spectrogram holds numbers that are not finite: mend it first.")
        return mel.astype(np.float32)

    def _prepare_engine(self) -> None:
        if self._engine[0] != "tf":
            raise CourseError(f"{self.card.id} runs backwards, in TensorFlow alone: use engine='tf'.")

    @cached_property
    def _synthesis(self) -> Callable:
        return synthesis(self.model)


def synthesis(model: keras.Model) -> Callable[[np.ndarray, float, int], np.ndarray]:
    """Compile a WaveGlow's way back for spectrograms of any length.

    Args:
        model: of the zoo's waveglow.

    Returns:
        A function from (mel spectrogram (frames, mels), sigma, seed) to samples (n,) float32. Long ones are made piece by
        piece, in flat memory; each piece hears so much around it that nobody can tell.
    """
    import tensorflow as tf

    mels, group = model.inputs[1].shape[-1], model.outputs[0].shape[-1]
    hop, reach = model.get_layer("conditioner").get_layer("upsample").strides[0], reach_of(model)
    signature = [tf.TensorSpec((1, None, mels)), tf.TensorSpec((1, None, group))]
    back = tf.function(
        lambda mel, noise: invert(model, mel, noise), input_signature=signature, autograph=False
    )

    def make(mel: np.ndarray, sigma: float = SIGMA, seed: int = 0) -> np.ndarray:
        mel, random, frames = np.asarray(mel, np.float32), np.random.default_rng(seed), len(mel)
        noise = np.float32(sigma) * random.standard_normal((frames * hop // group, group), np.float32)
        parts = []
        for start in range(0, frames, PIECE):
            low, high, end = (
                max(0, start - reach),
                min(frames, start + PIECE + reach),
                min(frames, start + PIECE),
            )
            around = noise[low * hop // group : high * hop // group]
            spoken = back(tf.constant(mel[None, low:high]), tf.constant(around[None])).numpy()[0]
            parts.append(spoken[(start - low) * hop : (end - low) * hop])
        return np.concatenate(parts)

    return make


Task = Vocoder
