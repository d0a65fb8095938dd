"""Training: cached features, linear probes, fine-tuning, and the recipes of the nano models.

`finetune` is here by its own name, lazily: the names of the recipes can be had without loading TensorFlow.
"""

import importlib

from course_lib.quiet import import_tensorflow

_FACE = {
    "cached_features": "features",
    "linear_probe": "probe",
    "finetune": "finetuning",
    "accuracy": "finetuning",
    "Settings": "fit",
    "Trainer": "fit",
}
__all__ = list(_FACE)


def __getattr__(name):
    if name in _FACE:
        import_tensorflow()
        return getattr(importlib.import_module(f"{__name__}.{_FACE[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
