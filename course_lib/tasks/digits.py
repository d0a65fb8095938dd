"""Naming a digit that is seen, heard or read, by one network."""

import keras
import numpy as np

from course_lib.errors import BadInput
from course_lib.media import digits
from course_lib.tasks.base import Pretrained
from course_lib.zoo.omnivec import MODALITIES


class DigitReader(Pretrained):
    """A network with a tokenizer for each modality, and one trunk for all."""

    def read(self, modality: str, inputs) -> np.ndarray:
        """Name digits.

        Args:
            modality: "image", "audio" or "text".
            inputs: pictures (n, 8, 8), 0 paper to 1 ink; clips (n, 1664) at 8,000 samples a second; or a list of words.

        Returns:
            (n, 10) float32: how probable each digit is.

        Raises:
            BadInput: there is no such modality, or the inputs do not fit it.
        """
        return keras.ops.convert_to_numpy(keras.ops.softmax(self._run(modality, inputs, "head")))

    def features(self, modality: str, inputs) -> np.ndarray:
        """Compute feature vectors, (n, width) float32: the mean of the tokens behind the trunk; arguments as for `read`."""
        return self._run(modality, inputs, "pool")

    def features_stream(self, images):
        """Say that photographs are nothing for this network."""
        raise BadInput(
            f"{self.card.id} takes no photographs: call .features(modality, inputs) with {', '.join(MODALITIES)}."
        )

    def _run(self, modality: str, inputs, layer: str) -> np.ndarray:
        if modality not in self.model.input:
            raise BadInput(f"There is no modality {modality!r}; there are: {', '.join(self.model.input)}.")
        function = self._function(f"{modality}_{layer}", lambda: self._way(modality, layer))
        return function(prepare(modality, inputs))

    def _way(self, modality: str, layer: str) -> keras.Model:
        """Return the network from one of the inputs to one of its layers."""
        return keras.Model(self.model.input[modality], self.model.get_layer(f"{modality}_{layer}").output)

    def _prepare_engine(self) -> None:
        modality = next(iter(self.model.input))
        self._function(f"{modality}_head", lambda: self._way(modality, "head"))


def prepare(modality: str, inputs) -> np.ndarray:
    """Turn pictures, clips or words into what the network takes; arguments as for `DigitReader.read`."""
    if modality == "text":
        if isinstance(inputs, str) or not all(isinstance(word, str) for word in inputs):
            raise BadInput("Words come as a list, for instance ['sieben', 'sept'].")
        return digits.spell(list(inputs))
    array = np.asarray(inputs, np.float32)
    wanted = (digits.SAMPLES,) if modality == "audio" else MODALITIES[modality].shape
    if array.shape[1:] != wanted:
        raise BadInput(
            f"The {modality} inputs have the shape {array.shape}, not (n, {', '.join(map(str, wanted))})."
        )
    return digits.log_spectrogram(array) if modality == "audio" else digits.standardised(array)


Task = DigitReader
