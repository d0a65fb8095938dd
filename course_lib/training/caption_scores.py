"""What a model that was trained on the captioned world can do, on pictures that it has not seen."""

from collections.abc import Sequence

import keras
import numpy as np

from course_lib.media import world_captions as world
from course_lib.media.articles import with_articles
from course_lib.media.world_captions import Scene
from course_lib.tasks.base import compiled
from course_lib.tasks.caption import PROMPT, greedy
from course_lib.text import tokenizer
from course_lib.training.pretrain import scale_of
from course_lib.zoo import coca

RETRIEVE = 100  # pictures among which a caption has to find its own
BOTH = "captions that name kind and colour"


class Judge:
    """Measures one model; each measure takes pictures (n, size, size, 3) uint8 with their scenes, and is a share of 1."""

    def __init__(self, model: keras.Model):
        """Compile what the measures need of a CoCa whose tokenizer is "captions"."""
        image, text = (model.get_layer(name).output for name in ("image", "text"))
        self._scale, self._context = scale_of(model), text.shape[1]
        self._memory = compiled(keras.Model(image, model.get_layer("image_memory").output))
        self._embedding = compiled(keras.Model(image, model.get_layer("image_embedding").output))
        self._text = compiled(coca.text_encoder(model))
        self._next = compiled(coca.captioner(model))
        self._words = tokenizer("captions")

    def kinds(self, images: np.ndarray, scenes: Sequence[Scene]) -> float:
        """Zero-shot classification of the kinds: the nearest of their prompts."""
        return _share(np.array(self._nearest(images, world.KINDS)) == [scene.kind for scene in scenes])

    def pairs(self, images: np.ndarray, scenes: Sequence[Scene]) -> float:
        """Zero-shot classification of kind and colour together, among all pairs."""
        pairs = [f"{colour} {kind}" for kind in world.KINDS for colour in world.COLOURS]
        return _share(np.array(self._nearest(images, pairs)) == [f"{s.colour} {s.kind}" for s in scenes])

    def captions(self, images: np.ndarray, scenes: Sequence[Scene]) -> dict[str, float]:
        """How much of the captions that the model writes is true."""
        memory = self._run(self._memory, images)
        written = self._words.decode(greedy(self._next, memory, self._context, self._words))
        pairs = list(zip(written, scenes, strict=True))
        return {
            "captions that name the kind": _share([scene.kind in text.split() for text, scene in pairs]),
            "captions that name the colour": _share([scene.colour in text.split() for text, scene in pairs]),
            BOTH: _share([f"{scene.colour} {scene.kind}" in text for text, scene in pairs]),
            "captions that are right in every word": _share(
                [scene.caption() == text for text, scene in pairs]
            ),
        }

    def retrieval(self, images: np.ndarray, scenes: Sequence[Scene]) -> float:
        """How often a caption's nearest picture of RETRIEVE is its own; some captions fit two, and one of them counts."""
        similarity = self._embed([scene.caption() for scene in scenes]) @ self._run(self._embedding, images).T
        starts = range(0, len(images), RETRIEVE)
        groups = [similarity[start : start + RETRIEVE, start : start + RETRIEVE] for start in starts]
        return _share(np.concatenate([group.argmax(axis=1) == np.arange(len(group)) for group in groups]))

    def _nearest(self, images: np.ndarray, labels: Sequence[str]) -> list[str]:
        prompts = self._embed([PROMPT.replace("{}", label) for label in labels])
        return [labels[i] for i in (self._run(self._embedding, images) @ prompts.T).argmax(axis=1)]

    def _embed(self, texts: list[str]) -> np.ndarray:
        return self._text(self._words.encode([with_articles(text) for text in texts], self._context))

    def _run(self, function, images: np.ndarray) -> np.ndarray:
        starts = range(0, len(images), 500)
        return np.concatenate([function(self._scale(images[start : start + 500])) for start in starts])


def _share(right) -> float:
    return round(float(np.mean(right)), 4)
