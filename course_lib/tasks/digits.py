"""Naming a digit that is seen, heard or read, by one network."""

from collections.abc import Callable
from functools import cached_property

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
        return keras.ops.convert_to_numpy(keras.ops.softmax(self._run(modality, inputs, self._heads)))

    def features(self, modality: str, inputs) -> np.ndarray:
        """Compute feature vectors, (n, width) float32: the mean of the tokens behind the trunk; arguments as for `read`."""
        return self._run(modality, inputs, self._pools)

    def features_stream(self, images):
        """Say that photographs are nothing for this network."""
        raise BadInput(
            f"{self.card.id} takes no photographs: call .features(modality, inputs) with {', '.join(MODALITIES)}."
        )

    def _run(self, modality: str, inputs, functions: dict[str, Callable]) -> np.ndarray:
        if modality not in functions:
            raise BadInput(f"There is no modality {modality!r}; there are: {', '.join(functions)}.")
        return functions[modality](prepare(modality, inputs)).numpy()

    @cached_property
    def _heads(self) -> dict[str, Callable]:
        return self._functions("head")

    @cached_property
    def _pools(self) -> dict[str, Callable]:
        return self._functions("pool")

    def _functions(self, layer: str) -> dict[str, Callable]:
        """Compile, for each modality, the way from its input to one of its layers."""
        import tensorflow as tf

        nets = {
            name: keras.Model(self.model.input[name], self.model.get_layer(f"{name}_{layer}").output)
            for name in self.model.input
        }
        return {name: tf.function(net, reduce_retracing=True) for name, net in nets.items()}


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
