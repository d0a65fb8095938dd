"""The game of two networks: one makes pictures, the other tells them from real ones, and each learns from the other.

The learning rates are constant and the generator that counts is an average of its past: so a game can be stopped after
any number of updates, and taken up again.
"""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from course_lib.training.generative.diff_augment import diff_augment
from course_lib.training.generative.losses import discriminator_loss, generator_loss, gradient_penalty
from course_lib.training.generative.rules import Rules
from course_lib.training.generative.standing import settle


class Game:
    """Both players with their compiled updates."""

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        rules: Rules,
        penalty: Callable | None = None,
        classes: int = 0,
    ):
        """Get ready to play from the players' present weights.

        Args:
            generator: of {"latent": (batch, latent), "label": (batch,) int32} to (batch, ...); where it has no
                input "label", labels are left away, and so for the discriminator.
            discriminator: of {"image": (batch, ...), "label": (batch,)} to (batch,) or (batch, 1) logits.
            rules: how to play.
            penalty: from the generator, its inputs and a seed (2,) int32 to one number that it shall keep small besides;
                where it has `variables`, they are saved with a checkpoint.
            classes: how many kinds the labels are drawn from.
        """
        self.generator, self.discriminator, self.rules = generator, discriminator, rules
        self.penalty, self.classes = penalty, classes
        self.latent = input_of(generator, "latent").shape[-1]
        self._labelled = {model: input_of(model, "label") is not None for model in (generator, discriminator)}
        self._optimizers = []
        for model, rate in ((generator, rules.generator_rate), (discriminator, rules.discriminator_rate)):
            adam = keras.optimizers.Adam(rate, rules.beta_1, rules.beta_2, epsilon=1e-8)
            adam.build(model.trainable_variables)
            self._optimizers.append(adam)
        self._learned = generator.trainable_variables
        self._average = [tf.Variable(variable.value) for variable in self._learned]
        self._steps: dict[tuple[str, bool], Callable] = {}

    def update(self, number: int, images: np.ndarray, labels: np.ndarray | None) -> tuple[float, float]:
        """Play one round: all of the discriminator's updates, then the generator's.

        Args:
            number: of the round, from 0; with the seed it decides about all that is drawn.
            images: all real pictures, uint8, or float32 that are taken as they are.
            labels: (n,) int32, or None.

        Returns:
            The losses of discriminator and generator.
        """
        rules, rng = self.rules, np.random.default_rng([self.rules.seed, number])
        for turn in range(rules.discriminator_steps):
            chosen = rng.integers(len(images), size=rules.batch_size)
            real = {"image": scaled(images[chosen])}
            if labels is not None:
                real["label"] = tf.constant(labels[chosen])
            count = number * rules.discriminator_steps + turn
            step = self._step("discriminator", bool(rules.r1) and count % rules.r1_every == 0)
            told = step(self._kept(self.discriminator, real), *self._drawn(rng))
        step = self._step("generator", self.penalty is not None and number % rules.penalty_every == 0)
        decay = min(rules.ema, (1 + number) / (10 + number))
        return float(told), float(step(tf.constant(decay, tf.float32), *self._drawn(rng)))

    def finish(self) -> None:
        """Give the generator the average of its weights, and batch norms the statistics that go with them."""
        for variable, average in zip(self._learned, self._average, strict=True):
            variable.assign(average)
        rng = np.random.default_rng([self.rules.seed, 0, 1])
        settle(self.generator, lambda: self._drawn(rng)[0])

    def average(self) -> list[np.ndarray]:
        """Return the averaged weights of the generator's trainable variables, to look on while it is played."""
        return [variable.numpy() for variable in self._average]

    @property
    def state(self) -> list:
        """All variables that the rest of the game depends on."""
        inside = [*self.generator.variables, *self.discriminator.variables, *self._average]
        optimizers = [variable for adam in self._optimizers for variable in adam.variables]
        return [*inside, *optimizers, *getattr(self.penalty, "variables", ())]

    def _drawn(self, rng: np.random.Generator) -> tuple[dict, tf.Tensor]:
        """Draw the generator's inputs, and a seed for the augmentation."""
        latent = rng.standard_normal((self.rules.batch_size, self.latent), np.float32)
        inputs = {"latent": tf.constant(latent)}
        if self.classes:
            inputs["label"] = tf.constant(rng.integers(self.classes, size=len(latent)), tf.int32)
        return inputs, tf.constant(rng.integers(2**31 - 64, size=2), tf.int32)

    def _kept(self, model: keras.Model, inputs: dict) -> dict:
        return inputs if self._labelled[model] else {k: v for k, v in inputs.items() if k != "label"}

    def _paint(self, inputs: dict):
        return self.generator(self._kept(self.generator, inputs), training=True)

    def _logits(self, inputs: dict, seed):
        seen = inputs | {"image": diff_augment(inputs["image"], self.rules.augment, seed)}
        return tf.reshape(self.discriminator(self._kept(self.discriminator, seen), training=True), [-1])

    def _step(self, player: str, penalised: bool) -> Callable:
        if (player, penalised) not in self._steps:
            made = self._discriminator_step if player == "discriminator" else self._generator_step
            compiled = tf.function(made(penalised), autograph=False, jit_compile=self.rules.jit_compile)
            self._steps[player, penalised] = compiled
        return self._steps[player, penalised]

    def _discriminator_step(self, penalised: bool) -> Callable:
        variables, rules, optimizer = self.discriminator.trainable_variables, self.rules, self._optimizers[1]

        def step(real, inputs, seed):
            made = {**inputs, "image": self._paint(inputs)}
            made.pop("latent")
            with tf.GradientTape() as tape:
                with tf.GradientTape() as inner:
                    inner.watch(real["image"])
                    on_real = self._logits(real, seed)
                told = loss = discriminator_loss(
                    on_real, self._logits(made, seed + tf.constant([1, 0])), rules.loss
                )
                if penalised:
                    slope = inner.gradient(on_real, real["image"])
                    loss += rules.r1 / 2 * rules.r1_every * gradient_penalty(slope)
            optimizer.apply(tape.gradient(loss, variables), variables)
            return told

        return step

    def _generator_step(self, penalised: bool) -> Callable:
        variables, rules, optimizer = self._learned, self.rules, self._optimizers[0]

        def step(decay, inputs, seed):
            with tf.GradientTape() as tape:
                made = {**inputs, "image": self._paint(inputs)}
                made.pop("latent")
                told = loss = generator_loss(self._logits(made, seed), rules.loss)
                if penalised:
                    loss += rules.penalty_every * self.penalty(
                        self.generator, self._kept(self.generator, inputs), seed
                    )
            optimizer.apply(tape.gradient(loss, variables), variables)
            for average, variable in zip(self._average, variables, strict=True):
                average.assign(decay * average + (1 - decay) * variable.value)
            return told

        return step


def input_of(model: keras.Model, name: str):
    """Return a model's input of a name, or None; models are called with dictionaries."""
    return next((item for item in model.inputs if item.name.split(":")[0] == name), None)


def scaled(images: np.ndarray) -> tf.Tensor:
    """Bring pixels of 0 to 255 to -1 to 1; what is no uint8 is taken as it is."""
    pictures = tf.constant(images)
    return tf.cast(pictures, tf.float32) / 127.5 - 1.0 if images.dtype == np.uint8 else pictures
