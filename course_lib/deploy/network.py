"""The network that is exported: the model's own, with its preprocessing before it and the softmax behind it."""

from functools import cached_property

import keras
import numpy as np

from course_lib.deploy.manifest import Manifest
from course_lib.engines import to_onnx
from course_lib.errors import BadInput
from course_lib.tracing import constant_inference
from course_lib.weights.preprocess import CONVENTIONS

MOST_EXAMPLES = 300  # of which three in four set the ranges of the 8-bit numbers; more change nothing


def with_preprocessing(pretrained) -> keras.Model:
    """Put a classifier's preprocessing and a softmax into one graph with it, so that no client can get them wrong.

    Args:
        pretrained: an `ImageClassifier`.

    Returns:
        A Keras model from pictures (batch, size, size, 3) float32, RGB, 0-255, to probabilities (batch, classes).
    """
    convention = CONVENTIONS[pretrained.preprocess.normalise]
    size = pretrained.preprocess.size
    pictures = keras.Input((size, size, 3), dtype="float32", name="pictures")
    x = pictures[..., ::-1] if convention.bgr else pictures
    if any(convention.mean):
        x = x - np.float32(convention.mean)
    if set(convention.std) != {1}:
        x = x / np.float32(convention.std)
    logits = pretrained.model(x)
    return keras.Model(pictures, keras.layers.Softmax(name="probabilities")(logits), name="exported")


class Network:
    """What the formats are written from; what several of them need is made once.

    Attributes:
        model: from pictures of 0-255 to probabilities.
        manifest: what is said of it; no formats yet.
        typical: pictures (n, size, size, 3) float32 0-255, on which 8-bit ranges are measured.
        held_back: the examples that are only measured on.
    """

    def __init__(self, pretrained, manifest: Manifest, examples: np.ndarray | None):
        self.model, self.manifest, self._examples = with_preprocessing(pretrained), manifest, examples

    @cached_property
    def graph(self):
        """The network as a TensorFlow function with its numbers as constants."""
        return constant_inference(self.model)

    @cached_property
    def onnx(self) -> bytes:
        """The network as an ONNX file."""
        return to_onnx(self.model, self.graph)

    @property
    def typical(self) -> np.ndarray:
        """Three of four examples."""
        if self._examples is None:
            raise BadInput(
                "litert-int8 rounds to 8 bits, and measures on typical pictures how large the numbers get: give some tens of "
                "them, --examples FOLDER (in Python, examples=)."
            )
        if len(self._examples) < 4:
            return self._examples
        return self._examples[np.arange(len(self._examples)) % 4 != 3]

    @property
    def held_back(self) -> np.ndarray:
        """Every fourth example, and of fewer than four none."""
        return self._examples[3::4] if self._examples is not None else np.zeros((0,))
