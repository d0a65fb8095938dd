"""Which engines there are and which of them are here; knowing it loads no TensorFlow."""

import importlib.util
import os
import sys

from course_lib.errors import BadInput, CourseError

# LiteRT comes with TensorFlow.
PACKAGES = {"tf": (), "openvino": ("openvino",), "onnx": ("onnxruntime", "tf2onnx"), "litert": ()}


def check(engine: str, threads: int | None = None) -> None:
    """Raise BadInput or CourseError, as `engines.function` does, where an engine can't be had here."""
    if engine not in PACKAGES:
        raise BadInput(f"There is no engine {engine!r}; there are: {', '.join(PACKAGES)}.")
    if missing := [name for name in PACKAGES[engine] if not _here(name)]:
        raise CourseError(
            f'The engine {engine} needs {" and ".join(missing)}: type `{sys.executable} -m pip install "course-lib[engines]"`.'
        )
    if threads is not None and (engine == "tf" or threads < 1):
        raise BadInput(
            "threads is a whole number from 1, for openvino, onnx and litert; TensorFlow's are set for all of it, before "
            "its first use, by tf.config.threading.set_intra_op_parallelism_threads."
        )


def installed() -> tuple[str, ...]:
    """Return the engines whose packages are here."""
    return tuple(name for name, packages in PACKAGES.items() if all(map(_here, packages)))


def cores() -> int:
    """Return how many processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _here(package: str) -> bool:
    return importlib.util.find_spec(package) is not None
