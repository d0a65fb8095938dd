"""A generator of small pictures whose every pixel can be foretold."""

from dataclasses import dataclass
from types import SimpleNamespace

import keras
import numpy as np

from course_lib.catalog.cards import Card
from course_lib.tasks import generate
from course_lib.tasks.base import Provenance


@dataclass(frozen=True)
class ToyConfig:
    size: int = 8
    channels: int = 1
    classes: int = 3
    latent: int = 4


def family(config, batches):
    """Return a family whose pictures have the brightness of their first random number, and their kind in one corner."""

    def latent(config, rng, truncation=1.0):
        return truncation * rng.standard_normal(config.latent)

    def painter(model, config):
        def paint(latents, labels, truncation):
            batches.append(len(latents))
            pictures = np.tanh(latents[:, 0])[:, None, None, None] * np.ones(
                (1, config.size, config.size, config.channels)
            )
            if labels is not None:
                pictures[:, 0, 0] = (labels[:, None] / 5).astype(np.float32)
            return pictures.astype(np.float32)

        return paint

    return SimpleNamespace(CONFIGS={"toy": config}, latent=latent, painter=painter)


def toy(monkeypatch, labels=("cat", "dog", "Tree frog"), **config):
    """Return the generator; its `batches` tells how many pictures each call made."""
    batches = []
    made = family(ToyConfig(**config), batches)
    monkeypatch.setattr(generate.zoo, "family", lambda name: made)
    card = Card("toy", "toy", "Toy", "generate", 2026, "", "", 0, 8, "", "27")
    inputs = keras.Input((4,), name="latent")
    maker = generate.ImageGenerator(
        card, keras.Model(inputs, inputs), Provenance("nano", "toy", "a test"), None, labels
    )
    maker.batches = batches
    return maker
