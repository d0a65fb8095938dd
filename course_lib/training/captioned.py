"""How the nano CoCa is pre-trained: pictures of the captioned world, and nothing but their captions."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import keras
import numpy as np
import tensorflow as tf

from course_lib.media import world_captions as world
from course_lib.media.world_captions import Scene, make_captioned
from course_lib.text import tokenizer
from course_lib.training import augment
from course_lib.training.caption_scores import BOTH, RETRIEVE, Judge
from course_lib.training.fit import Settings, optimizer_of, updates
from course_lib.training.pretrain import scale_of
from course_lib.training.recipe import NanoRecipe
from course_lib.zoo import coca


@dataclass(frozen=True)
class CaptionedRecipe(NanoRecipe):
    """Both losses on captions whose form changes from time to time; kinds are nowhere a label.

    Attributes:
        images: different training images; the pairs of kind and colour that are kept for testing are not among them.
        images_seen: images in all updates together.
        forms: how often each of the world's forms of a caption is used; most often the one that tells all, so that the
            model writes that.
        caption_weight: of the captioning loss; the contrastive one has 1, as OpenCLIP's defaults say.
        batch_size, learning_rate, warmup, weight_decay, clip_norm: see `Settings`.
        test_images: in each held-out set.
    """

    measure: ClassVar[str] = f"zero-shot top-1 accuracy on held-out pictures of {len(world.KINDS)} kinds"
    bits: int = 8
    images: int = 60_000
    images_seen: int = 256_000
    forms: tuple[float, ...] = (0.4, 0.15, 0.15, 0.15, 0.15)
    caption_weight: float = 2.0
    batch_size: int = 64
    learning_rate: float = 2e-3
    warmup: int = 200
    weight_decay: float = 1e-2
    clip_norm: float = 1.0
    test_images: int = 2_000

    def data(self, seed: int) -> tuple[np.ndarray, list[Scene]]:
        """Paint the pictures of this seed."""
        return make_captioned(min(self.images, self.images_seen), seed=seed)

    def learn(self, model: keras.Model, data, seed: int) -> None:
        """Train on pictures and captions."""
        images, scenes = data
        settings = Settings.of(self, steps=max(1, self.images_seen // self.batch_size))
        texts = np.stack(
            [_encode(model, [scene.caption(i) for scene in scenes]) for i in range(len(self.forms))], 1
        )
        step = _compiled_step(model, optimizer_of(settings), self.caption_weight)
        scale, rng = scale_of(model), np.random.default_rng(seed)
        for chosen in updates(len(images), settings, rng):
            batch = scale(augment.mirrored(images[chosen], rng))
            form = rng.choice(len(self.forms), len(chosen), p=self.forms)
            step(tf.constant(batch), tf.constant(texts[chosen, form]))

    def heldout_scores(self, model: keras.Model) -> tuple[float, ...]:
        """Return how often the right kind's prompt is the nearest text, on each held-out set."""
        judge = Judge(model)
        return tuple(judge.kinds(*make_captioned(self.test_images, seed=seed)) for seed in self.test_seeds)

    def further_scores(self, model: keras.Model) -> dict[str, tuple[float, ...]]:
        """Measure the captions, retrieval, and pairs of kind and colour that no training picture showed."""
        judge, rows = Judge(model), []
        for seed in self.test_seeds:
            known = make_captioned(self.test_images, seed=seed)
            new = make_captioned(self.test_images, seed=seed, new_pairs=True)
            rows.append(judge.captions(*known) | {
                f"captions that find their picture among {RETRIEVE}": judge.retrieval(*known),
                "new pairs of kind and colour whose kind is told by prompts": judge.kinds(*new),
                "new pairs of kind and colour that are told from all 160 by prompts": judge.pairs(*new),
                "new pairs of kind and colour that the caption names": judge.captions(*new)[BOTH],
            })  # fmt: skip
        return {name: tuple(row[name] for row in rows) for name in rows[0]}


def _compiled_step(
    model: keras.Model, optimizer: keras.optimizers.Optimizer, caption_weight: float
) -> Callable:
    """Return one update as a compiled function of (images, texts)."""
    variables = model.trainable_variables
    optimizer.build(variables)

    @tf.function(autograph=False)
    def step(images, texts):
        with tf.GradientTape() as tape:
            outputs = model({"image": images, "text": texts}, training=True)
            writing = coca.captioning_loss(outputs["caption"], texts)
            loss = coca.contrastive_loss(outputs["similarity"]) + caption_weight * writing
        optimizer.apply(tape.gradient(loss, variables), variables)
        return loss

    return step


def _encode(model, texts: list[str]) -> np.ndarray:
    return tokenizer("captions").encode(texts, model.get_layer("text").output.shape[1])
