"""DeepSpeech as Mozilla exported it: a LiteRT file that reads sixteen frames at a time and hands on what it remembers."""

import math
from pathlib import Path

import numpy as np

from course_lib.errors import BadInput, first_line
from course_lib.quiet import silence
from course_lib.weights.trial import survives
from course_lib.zoo.deepspeech import CONFIGS

STATES = {"previous_state_c": "new_state_c", "previous_state_h": "new_state_h"}
SYMBOLS = CONFIGS["deepspeech"].symbols  # of the English files
FLOOR = 1e-12  # of a probability that a file in whole numbers rounded to nothing


class DeepSpeechFile:
    """An exported DeepSpeech, ready to run; from (1, frames, coefficients) to (1, frames, symbols), as the network itself.

    Its answers are logarithms of probabilities, since the file ends in a softmax.
    """

    def __init__(self, path: str | Path, largest: int, rate: int = 16_000):
        """Get the file ready.

        Args:
            path: the .tflite file.
            largest: bytes that it may have.
            rate: samples a second that it must be made for.

        Raises:
            BadInput: it is too large, no LiteRT file, or another network than DeepSpeech for English.
        """
        path = Path(path)
        if path.stat().st_size > largest:
            raise BadInput(
                f"{path.name} has {path.stat().st_size:,} bytes, a DeepSpeech at most {largest:,}: it was not read."
            )
        # A shape or a number of a tensor that is wrong can end the whole process, without a word.
        if not survives(lambda: self._open(path, largest, rate)):
            raise BadInput(
                f"{path.name} is no sound LiteRT file: running it ends the program. Fetch it again."
            )
        self._open(path, largest, rate)

    def _open(self, path: Path, largest: int, rate: int) -> None:
        try:
            self._interpreter = _interpreter(path, largest)
            self._inputs = {details["name"]: details for details in self._interpreter.get_input_details()}
            self._outputs = {details["name"]: details for details in self._interpreter.get_output_details()}
            self._check_names(path.name)
            _, self.steps, window, self.coefficients = self._inputs["input_node"]["shape"].tolist()
            self.context = window // 2
            # Silence, for two chunks: what one remembers fits the next. What a file says of itself are outputs, too.
            self(np.zeros((1, self.steps + 1, CONFIGS["deepspeech"].coefficients)))
            self._check_kind(path.name, rate)
        except (
            ValueError,
            RuntimeError,
            IndexError,
            TypeError,
        ) as error:  # what LiteRT meets in a broken file
            raise BadInput(
                f"{path.name} is not a LiteRT file that can be run ({first_line(error)}): fetch it again."
            ) from error

    def __call__(self, features: np.ndarray) -> np.ndarray:
        """Run one recording; (1, frames, coefficients) float32, as the listener prepares it."""
        frames = np.pad(np.asarray(features, np.float32)[0], ((self.context, self.context), (0, 0)))
        windows = np.lib.stride_tricks.sliding_window_view(frames, 2 * self.context + 1, axis=0).swapaxes(
            1, 2
        )
        states = {name: np.zeros(self._inputs[name]["shape"], np.float32) for name in STATES}
        rows = []
        for start in range(0, len(windows), self.steps):
            chunk = windows[start : start + self.steps]
            probabilities, states = self._step(chunk, states)
            rows.append(probabilities[: len(chunk)])
        return np.log(np.maximum(np.concatenate(rows), FLOOR))[None]

    def count_params(self) -> int:
        """Return how many numbers the network has; upstream gives all its layers one width."""
        width, symbols = self._inputs["previous_state_c"]["shape"][-1], self._outputs["logits"]["shape"][-1]
        first, last = (2 * self.context + 1) * self.coefficients + 1, (width + 1) * symbols
        return int(first * width + 3 * (width + 1) * width + 4 * (2 * width + 1) * width + last)

    def _step(self, chunk: np.ndarray, states: dict[str, np.ndarray]):
        filled = np.zeros(self._inputs["input_node"]["shape"], np.float32)
        filled[0, : len(chunk)] = chunk
        for name, value in {"input_node": filled, **states}.items():
            self._interpreter.set_tensor(self._inputs[name]["index"], value)
        self._interpreter.invoke()
        return self._read("logits"), {before: self._read(after) for before, after in STATES.items()}

    def _read(self, name: str) -> np.ndarray:
        return self._interpreter.get_tensor(self._outputs[name]["index"])

    def _check_names(self, name: str) -> None:
        wanted = {"input_node", *STATES}, {"logits", *STATES.values(), "metadata_sample_rate"}
        shape = self._inputs.get("input_node", {"shape": ()})["shape"]
        if not (
            wanted[0] <= self._inputs.keys()
            and wanted[1] <= self._outputs.keys()
            and len(shape) == 4
            and shape[2] % 2
        ):
            raise BadInput(
                f"{name} is a LiteRT file of another network: a DeepSpeech has input_node, logits and its states."
            )

    def _check_kind(self, name: str, rate: int) -> None:
        made_for, symbols = int(self._read("metadata_sample_rate")[0]), self._outputs["logits"]["shape"][-1]
        if made_for != rate or symbols != SYMBOLS:
            raise BadInput(f"{name} is a DeepSpeech for {made_for:,} samples a second and {symbols} symbols; the course knows the "
                           f"English one, {rate:,} and {SYMBOLS}.")  # fmt: skip


def _interpreter(path: Path, largest: int):
    import tensorflow as tf

    with silence():
        interpreter = tf.lite.Interpreter(model_content=path.read_bytes(), num_threads=1)
        # Shapes are only claims: LiteRT would make room for terabytes, if a file said so.
        if (
            sum(math.prod(details["shape"].tolist()) for details in interpreter.get_tensor_details())
            > largest
        ):
            raise BadInput(f"{path.name} claims to hold more than its own size: it was not run.")
        interpreter.allocate_tensors()
    return interpreter
