"""LiteRT, formerly TensorFlow Lite: a network as one small file for telephones, and running that file here."""

import time

import numpy as np

from course_lib.errors import BadInput
from course_lib.quiet import silence
from course_lib.tracing import constant_inference


def convert(model, examples: np.ndarray | None = None, *, per_channel: bool = True) -> bytes:
    """Export a network to LiteRT, for one picture at a time: in float, or in whole numbers of 8 bits.

    Args:
        model: a functional `keras.Model`, or a graph of layers without one.
        examples: (n, height, width, channels) float32, preprocessed: what the network will typically see, from which
            the range of each layer's output is measured. None keeps all numbers in float; anything else is for a network
            with one input.
        per_channel: whether each output channel of a kernel gets a scale of its own, or the whole kernel one.

    Returns:
        The file's bytes; to be written to "name.tflite".

    Raises:
        BadInput: the examples are not of the network's input shape, or there is none.

    Source: arXiv 1712.05877, sections 2 and 3.
    """
    import tensorflow as tf

    shape = tuple(model.inputs[0].shape[1:])
    if examples is not None and (np.shape(examples)[1:] != shape or not len(examples)):
        raise BadInput(
            f"The examples have the shape {np.shape(examples)}: give (n, {', '.join(map(str, shape))}), n > 0."
        )
    call = constant_inference(model, batch=1).get_concrete_function()
    with silence():
        converter = tf.lite.TFLiteConverter.from_concrete_functions([call])
    if examples is not None:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: ([example[None]] for example in np.float32(examples))
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.int8
        converter._experimental_disable_per_channel = not per_channel  # there is no public way
    with silence():
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

        with silence():
            self.interpreter = tf.lite.Interpreter(model_content=content, num_threads=threads)
            self.interpreter.allocate_tensors()
        self._inputs = self.interpreter.get_input_details()
        self._output = self.interpreter.get_output_details()[0]

    def __call__(self, *batches) -> np.ndarray:
        """Run pictures one by one; (n, height, width, 3) float32, preprocessed, to (n, classes) float32.

        A network with several inputs takes an array for each.
        """
        return np.stack([self._run(*rows) for rows in zip(*batches, strict=True)])

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

    def _run(self, *rows) -> np.ndarray:
        for row, details in zip(rows, self._inputs, strict=True):
            number = np.float32 if details["quantization"][0] else details["dtype"]
            self.interpreter.set_tensor(details["index"], quantise(np.asarray(row, number), details)[None])
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
