"""KerasHub's presets, which kagglehub brings."""

from pathlib import Path
from typing import TYPE_CHECKING

from course_lib.catalog import Weights
from course_lib.weights import presets

if TYPE_CHECKING:
    import numpy as np

# What a preset consists of; the card's `file` is the backbone's weights among them.
BACKBONE = ("config.json", "metadata.json", "model.weights.h5")
TASK = ("task.json", "task.weights.h5")  # the head of a classifier
# What its tokenizer adds, by the name that course_lib.text knows it by.
TOKENIZERS = {
    "gpt2": ("tokenizer.json", "assets/tokenizer/vocabulary.json", "assets/tokenizer/merges.txt"),
    "sentencepiece": ("tokenizer.json", "assets/tokenizer/vocabulary.spm"),
}


def files(offer: Weights) -> tuple[str, ...]:
    """Return the names of the files that make a preset whole."""
    task = () if offer.builder.endswith("Backbone") else TASK
    return BACKBONE + task + TOKENIZERS.get(offer.tokenizer, ())


def find(offer: Weights) -> Path | None:
    """Return the weights file of a preset that kagglehub has cached whole, or None."""
    return presets.find(offer, files(offer))


def fetch(offer: Weights) -> Path:
    """Let kagglehub bring the preset's files into its cache; errors as for `presets.fetch`."""
    return presets.fetch(offer, files(offer))


def read(path: Path, offer: Weights) -> "dict[str, np.ndarray]":
    """Read a preset through the model that it was published for; errors as for `presets.read`."""
    import keras_hub

    return presets.read(path, offer, files(offer), keras_hub.models)
