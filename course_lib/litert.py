"""LiteRT, formerly TensorFlow Lite: a network as one small file for telephones, and running that file here."""

import logging
import time
import warnings
from contextlib import contextmanager

import numpy as np

from course_lib.errors import BadInput
from course_lib.quiet import quiet_start


def convert(model, examples: np.ndarray | None = None, *, per_channel: bool = True) -> bytes:
    """Export a network to LiteRT, for one picture at a time: in float, or in whole numbers of 8 bits.

    Args:
        model: a functional `keras.Model` with one input.
        examples: (n, height, width, channels) float32, preprocessed: what the network will typically see, from which
            the range of each layer's output is measured. None keeps all numbers in float.
        per_channel: whether each output channel of a kernel gets a scale of its own, or the whole kernel one.

    Returns:
        The file's bytes; to be written to "name.tflite".

    Raises:
        BadInput: the examples are not of the network's input shape, or there is none.

    Source: arXiv 1712.05877, sections 2 and 3.
    """
    import tensorflow as tf

    shape = tuple(model.input.shape[1:])
    if examples is not None and (np.shape(examples)[1:] != shape or not len(examples)):
        raise BadInput(
            f"The examples have the shape {np.shape(examples)}: give (n, {', '.join(map(str, shape))}), n > 0."
        )
    call = tf.function(lambda image: model(image, training=False))
    call = call.get_concrete_function(tf.TensorSpec((1, *shape), tf.float32))
    with _silence():
        # Without the model beside it the weights become constants: quicker than a SavedModel, and 8 bits need it.
        converter = tf.lite.TFLiteConverter.from_concrete_functions([call])
    if examples is not None:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: ([example[None]] for example in np.float32(examples))
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.int8
        converter._experimental_disable_per_channel = not per_channel  # there is no public way
    with _silence():
        return converter.convert()


class Runner:
    """A LiteRT file, ready to run: float pictures in, float logits out, whatever it computes with inside."""

    def __init__(self, content: bytes, threads: int = 1):
        """Get the file ready.

        Args:
            content: what `convert` returned.
            threads: processor threads to use.
        """
        import tensorflow as tf

        with _silence():
            self.interpreter = tf.lite.Interpreter(model_content=content, num_threads=threads)
            self.interpreter.allocate_tensors()
        self._input, self._output = (
            self.interpreter.get_input_details()[0],
            self.interpreter.get_output_details()[0],
        )

    def __call__(self, batch) -> np.ndarray:
        """Run pictures one by one; (n, height, width, 3) float32, preprocessed, to (n, classes) float32."""
        return np.stack([self._run(picture) for picture in np.asarray(batch, np.float32)])

    def seconds(self, picture: np.ndarray, repeats: int = 50) -> float:
        """Time one picture.

        Args:
            picture: (height, width, 3) float32, preprocessed.
            repeats: how many runs.

        Returns:
            The median of the processor time, in seconds: with one thread what a clock shows on an idle machine, but on a
            busy one it stays true.
        """
        self._run(picture)
        spent = []
        for _ in range(repeats):
            started = time.process_time()
            self.interpreter.invoke()
            spent.append(time.process_time() - started)
        return float(np.median(spent))

    def _run(self, picture) -> np.ndarray:
        self.interpreter.set_tensor(self._input["index"], quantise(picture, self._input)[None])
        self.interpreter.invoke()
        return dequantise(self.interpreter.get_tensor(self._output["index"])[0], self._output)


def quantise(numbers: np.ndarray, details: dict) -> np.ndarray:
    """Round numbers to the steps of a LiteRT tensor, as its `details` say; leave them alone where it is float."""
    scale, zero = details["quantization"]
    if not scale:
        return numbers
    limits = np.iinfo(details["dtype"])
    return np.clip(np.rint(numbers / scale) + zero, limits.min, limits.max).astype(details["dtype"])


def dequantise(steps: np.ndarray, details: dict) -> np.ndarray:
    """Return the numbers that the steps of a LiteRT tensor stand for."""
    scale, zero = details["quantization"]
    return (steps.astype(np.float32) - zero) * np.float32(scale) if scale else steps


@contextmanager
def _silence():
    """Hold back the converter's many lines, and the interpreter's word that it will move to another package."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), quiet_start():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
