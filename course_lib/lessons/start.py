"""The first line of every lesson's set-up: versions, and which weights this machine has."""

import platform
from importlib.metadata import version

from course_lib import catalog
from course_lib.quiet import import_tensorflow
from course_lib.weights.sources import source


def start() -> None:
    """Import TensorFlow quietly, and print the versions and the weights that are on this machine."""
    import_tensorflow()
    versions = [
        f"{name} {version(package)}" for name, package in (("TensorFlow", "tensorflow"), ("Keras", "keras"))
    ]
    print(f"Course {version('course-lib')}, Python {platform.python_version()}, {', '.join(versions)}.")
    here = [f"{model_id} ({grade})" for model_id in catalog.list_models() if (grade := _own_grade(model_id))]
    print("Weights on this machine:", ", ".join(here) or "none", "- no download needed.")


def _own_grade(model_id: str) -> str:
    """Return the grade of the best weights of this very model, stand-ins aside."""
    offers = (offer for offer in catalog.card(model_id).weights if offer.model == model_id)
    return next((offer.grade for offer in offers if source(offer.source).find(offer)), "")
