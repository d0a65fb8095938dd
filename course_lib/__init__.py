"""Pre-trained models: built by hand, proved equal to the official ones, loaded from the best weights that are here.

The public face. It is lazy: importing it loads no TensorFlow.
"""

import importlib
import os

# TensorFlow's start-up messages speak of processors and drivers; a learner needs none of them.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

_FACE = {
    "list_models": "course_lib.catalog",
    "card": "course_lib.catalog",
    "load": "course_lib.loading",
    "build": "course_lib.loading",
    "finetune": "course_lib.training",
    "Pretrained": "course_lib.tasks.base",
    "CourseError": "course_lib.errors",
    "BadInput": "course_lib.errors",
}
__all__ = list(_FACE)
__version__ = "0.1.0"


def __getattr__(name):
    if name in _FACE:
        return getattr(importlib.import_module(_FACE[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted([*globals(), *_FACE])
