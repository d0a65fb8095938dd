"""The formats of an export: how each is written, and how its file is opened again. One table; nothing else lists them.

Writing needs Keras. Opening does not, so each function imports what it needs, when it needs it.
"""

import difflib
import importlib.util
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from course_lib import runtimes
from course_lib.errors import BadInput, CourseError

if TYPE_CHECKING:
    from course_lib.deploy.network import Network

Run = Callable[[np.ndarray], np.ndarray]  # pictures (batch, size, size, 3) 0-255 float32 -> probabilities


@dataclass(frozen=True)
class Format:
    """One format.

    Attributes:
        entry: the file or folder that is opened.
        write: writes a network into a folder.
        open: gets the entry ready to run, on so many threads.
        packages: what it needs besides TensorFlow.
        extra: the course's extra that brings them.
        exact: whether its answers must be the Keras model's; else how often they are is measured.
    """

    entry: str
    write: Callable[["Network", Path], None]
    open: Callable[[Path, int], Run]
    packages: tuple[str, ...] = ()
    exact: bool = True

    @property
    def missing(self) -> list[str]:
        """The packages that are not here."""
        return [name for name in self.packages if importlib.util.find_spec(name) is None]


def check(name: str) -> Format:
    """Return a format by its name; raise BadInput for an unknown one, CourseError where a package is missing."""
    if name not in FORMATS:
        near = difflib.get_close_matches(name.lower(), FORMATS, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(FORMATS)}."
        raise BadInput(f"There is no format {name[:60]!r}: {hint}")
    if missing := FORMATS[name].missing:
        raise CourseError(
            f'The format {name} needs {" and ".join(missing)}: type `{sys.executable} -m pip install "course-lib[engines]"`.'
        )
    return FORMATS[name]


def _write_saved_model(network: "Network", folder: Path) -> None:
    import tensorflow as tf

    from course_lib.quiet import silence
    from course_lib.tracing import inference, variables

    # Not Keras's own export, which writes every weight twice.
    module = tf.Module()
    module.serve, module.weights = inference(network.model), [one.value for one in variables(network.model)]
    with silence():
        tf.saved_model.save(module, str(folder / "saved_model"), {"serving_default": module.serve})


def _open_saved_model(path: Path, threads: int) -> Run:
    from course_lib.quiet import import_tensorflow
    from course_lib.weights.saved_model import reaching_out

    if ops := reaching_out(path):
        raise BadInput(f"{path} reads or writes files or calls Python ({', '.join(ops)}): it is not opened.")
    loaded = import_tensorflow().saved_model.load(
        str(path)
    )  # kept, since its function does not hold its variables
    return lambda pictures: loaded.serve(pictures).numpy()


def _write_litert(network: "Network", folder: Path) -> None:
    from course_lib import litert

    (folder / "model.tflite").write_bytes(litert.convert(network.model))


def _write_int8(network: "Network", folder: Path) -> None:
    from course_lib import litert

    (folder / "model_int8.tflite").write_bytes(litert.convert(network.model, network.typical))


def _open_litert(path: Path, threads: int) -> Run:
    from course_lib.litert import Runner

    return Runner(path.read_bytes(), threads)


def _write_onnx(network: "Network", folder: Path) -> None:
    (folder / "model.onnx").write_bytes(network.onnx)


def _open_onnx(path: Path, threads: int) -> Run:
    return runtimes.onnx(str(path), threads)


def _write_openvino(network: "Network", folder: Path) -> None:
    from course_lib.engines import to_openvino
    from course_lib.quiet import silence

    with silence():
        converted = to_openvino(network.model, network.graph)
        import openvino

        openvino.save_model(converted, folder / "model.xml", compress_to_fp16=False)


def _open_openvino(path: Path, threads: int) -> Run:
    return runtimes.openvino(str(path), threads)


def _write_page(network: "Network", folder: Path) -> None:
    from course_lib.deploy.page import written
    from course_lib.files import write_text

    write_text(folder / "page.html", written(network))


def _open_page(path: Path, threads: int) -> Run:
    from course_lib.deploy.page import network_of

    return runtimes.onnx(network_of(path), threads)


FORMATS = {
    "openvino": Format("model.xml", _write_openvino, _open_openvino, ("openvino",)),
    "onnx": Format("model.onnx", _write_onnx, _open_onnx, ("onnxruntime", "tf2onnx")),
    "litert": Format("model.tflite", _write_litert, _open_litert),
    "savedmodel": Format("saved_model", _write_saved_model, _open_saved_model),
    "litert-int8": Format("model_int8.tflite", _write_int8, _open_litert, exact=False),
    "page": Format("page.html", _write_page, _open_page, ("onnxruntime", "tf2onnx")),
}
