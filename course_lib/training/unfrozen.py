"""Training a whole pre-trained network: slower where it is deeper, stopped in time, and resumed where it was killed."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from itertools import islice

import keras
import numpy as np
import tensorflow as tf
from tqdm import tqdm

from course_lib.errors import CourseError
from course_lib.tasks.base import compiled
from course_lib.training.checkpoint import Checkpoint
from course_lib.training.data import Labelled, class_weights
from course_lib.training.fit import batches
from course_lib.training.layerwise import is_half, optimizer_of, rate_factors
from course_lib.training.pictures import stacked
from course_lib.training.plan import Plan
from course_lib.training.report import Epoch

SAVING = 0.05  # the part of the time that writing checkpoints may take


@dataclass
class _State:
    """Where a training stands; its arrays are saved beside it."""

    start_loss: float = float("nan")  # held out, of the head alone
    step: int = 0
    losses: list[float] = field(default_factory=list)  # of this epoch's updates so far
    epochs: list[dict] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def best(self) -> int:
        """The epoch with the lowest held-out loss, the first being 1; 0 where none is better than the head alone."""
        losses = np.array([self.start_loss, *(epoch["held_out_loss"] for epoch in self.epochs)])
        return int(np.argmin(np.where(np.isfinite(losses), losses, np.inf)))


class Unfrozen:
    """One training of a whole network."""

    def __init__(
        self, model: keras.Model, plan: Plan, train: Labelled, held_out: Labelled, prepare: Callable
    ):
        """Compile the update.

        Args:
            model: from prepared pictures to (batch, classes) logits, with a good head already; trained in place.
            plan: the settings.
            train: what to learn from.
            held_out: what to stop by; may be empty, then all epochs are run.
            prepare: from pictures (batch, size, size, 3) uint8 to the model's input.
        """
        self.model, self.plan, self.train, self.held_out, self.prepare = model, plan, train, held_out, prepare
        model.trainable = True
        factors = rate_factors(model, plan.unfreeze, plan.decay)
        self.variables = [variable for variable in model.trainable_variables if variable.path in factors]
        self.epoch_steps = -(-len(train.labels) // plan.batch_size)
        rates = [factors[variable.path] for variable in self.variables]
        self.optimizer = optimizer_of(plan, rates, plan.epochs * self.epoch_steps, is_half(model))
        self.optimizer.build(self.variables)
        self.state, self.best_weights = _State(), model.get_weights()
        # A run that was cut goes on from this update, after so many seconds.
        self.begun, self.earlier = 0, 0.0
        self._update, self._forward = self._compiled_update(), compiled(model)
        self._weights = class_weights(train) if plan.balance else np.ones(len(train.names), np.float32)

    def run(self, checkpoint: Checkpoint | None = None) -> tuple[list[Epoch], tuple[str, ...]]:
        """Train to the end, from the checkpoint if there is one, and leave the best epoch's weights in the model.

        Args:
            checkpoint: where to save now and then; removed by the caller, once the result is safe.

        Returns:
            The epochs, and in sentences what there is to say of them.

        Raises:
            BadInput: a picture can't be read any more.
            CourseError: the checkpoint can't be written, or training goes astray.
        """
        if not self._restored(checkpoint):
            self.state.start_loss, _ = self._measured()
        self.begun, self.earlier = self.state.step, self.state.seconds
        before = _moving_statistics(self.model)
        self._train(checkpoint)
        assert all(map(np.array_equal, before, _moving_statistics(self.model))), "batch norm moved"
        self._refuse_nonsense(*self.best_weights)
        self.model.set_weights(self.best_weights)
        return [Epoch(**epoch) for epoch in self.state.epochs], tuple(self._said())

    def _said(self) -> list[str]:
        """Say where it went on, and which weights are kept, where these are not the last."""
        said = []
        if self.begun:
            said.append(f"It went on from update {self.begun} of a run that was cut short.")
        ran, best = len(self.state.epochs), self.state.best
        if len(self.held_out.labels) and best != ran:
            kept = f"epoch {best}" if best else "the new head alone, which no epoch bettered,"
            ended = "1 epoch" if ran == 1 else f"{ran} epochs"
            said.append(
                f"After {ended} the held-out loss was no longer the lowest: the weights of {kept} are kept."
            )
        return said

    def _train(self, checkpoint: Checkpoint | None) -> None:
        total = 0 if self._is_over() else self.plan.epochs * self.epoch_steps
        about = {"desc": "training", "unit": "step", "delay": 2, "leave": False, "disable": None}
        bar = tqdm(total=total, initial=self.state.step, **about)
        order = batches(len(self.train.labels), self.plan.batch_size, np.random.default_rng(self.plan.seed))
        started, saved_at, saving = time.perf_counter() - self.state.seconds, -np.inf, 0.0
        with bar:
            # What was learned before is passed over: the order is the same as if nothing had happened.
            shares = map(self._share, islice(order, self.state.step, total))
            for chosen, images in self.train.images.batches(shares):
                self._step(chosen, images)
                self.state.seconds = time.perf_counter() - started
                if self.state.step % self.epoch_steps == 0:
                    self._end_epoch(bar)
                if checkpoint and saving <= SAVING * (time.perf_counter() - saved_at):
                    saving = self._save(checkpoint)
                    saved_at = time.perf_counter()
                bar.update()
                if self._is_over():
                    break

    def _share(self, chosen: np.ndarray) -> np.ndarray:
        """Return the pictures of a batch that this process learns from: all, unless others take part."""
        return chosen

    def _changed(self, images: np.ndarray) -> np.ndarray:
        """Augment this process's share of a batch, (share, size, size, 3)."""
        return self.plan.augment(images, np.random.default_rng([self.plan.seed, self.state.step]))

    def _step(self, chosen, images: list) -> None:
        inputs = self.prepare(self._changed(stacked(images)))
        labels = self.train.labels[chosen]
        self.state.losses.append(float(self._update(inputs, labels, self._weights[labels])))
        self.state.step += 1
        self._refuse_nonsense(self.state.losses[-1])

    def _refuse_nonsense(self, *numbers) -> None:
        if not all(np.isfinite(each).all() for each in numbers):
            raise CourseError(f"Training went astray at update {self.state.step}: its numbers are no longer finite. Choose a lower "
                              f"learning_rate than {self.plan.learning_rate:g}.")  # fmt: skip

    def _end_epoch(self, bar) -> None:
        """Measure on the held-out pictures, and keep the weights if they are the best so far."""
        loss, right = self._measured()
        number, before = len(self.state.epochs) + 1, sum(epoch["seconds"] for epoch in self.state.epochs)
        epoch = Epoch(number, float(np.mean(self.state.losses)), loss, right, self.state.seconds - before)
        self.state.epochs.append(asdict(epoch))
        self.state.losses = []
        if not len(self.held_out.labels) or self.state.best == number:
            self.best_weights = self.model.get_weights()
        bar.set_postfix_str(f"held-out loss {loss:.3f}, accuracy {right:.3f}")

    def _measured(self) -> tuple[float, float]:
        """Return the held-out loss and accuracy; not a number where nothing is held out."""
        logits = self.logits(self.held_out)
        if not len(logits):
            return float("nan"), float("nan")
        labels = self.held_out.labels
        losses = keras.losses.sparse_categorical_crossentropy(labels, logits, from_logits=True)
        return float(np.mean(losses)), float(np.mean(logits.argmax(axis=1) == labels))

    def logits(self, data: Labelled) -> np.ndarray:
        """Return the model's present logits, (n, classes) float32."""
        return logits_of(self._forward, data, self.prepare, self.plan.batch_size)

    def _is_over(self) -> bool:
        waited = len(self.state.epochs) - self.state.best
        return bool(len(self.held_out.labels)) and waited >= self.plan.patience

    def _compiled_update(self) -> Callable:
        model, optimizer, variables = self.model, self.optimizer, self.variables
        signature = [
            tf.TensorSpec((None, *model.input_shape[1:])),
            tf.TensorSpec((None,), tf.int32),
            tf.TensorSpec((None,)),
        ]

        @tf.function(input_signature=signature, autograph=False)
        def update(inputs, labels, weights):
            with tf.GradientTape() as tape:
                # As in inference: batch norm keeps its statistics, which a few small batches would spoil.
                logits = tf.cast(model(inputs, training=False), tf.float32)
                each = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
                loss = tf.reduce_mean(weights * each)
                scaled = optimizer.scale_loss(loss)
            optimizer.apply(tape.gradient(scaled, variables), variables)
            return loss

        return update

    def _save(self, checkpoint: Checkpoint) -> float:
        """Write the checkpoint; return the seconds that it took."""
        started = time.perf_counter()
        checkpoint.save(self._lists(), asdict(self.state))
        return time.perf_counter() - started

    def _lists(self) -> dict[str, list[np.ndarray]]:
        return {
            "model": self.model.get_weights(),
            "optimizer": [np.asarray(variable) for variable in self.optimizer.variables],
            "best": self.best_weights,
        }

    def _restored(self, checkpoint: Checkpoint | None) -> bool:
        if not (saved := checkpoint and checkpoint.load()):
            return False
        lists, state = saved
        same = _shapes(lists) == _shapes(self._lists()) and state.keys() == asdict(self.state).keys()
        if not same:  # of another version of this course
            checkpoint.refuse("does not fit")
            return False
        self.model.set_weights(lists["model"])
        for variable, value in zip(self.optimizer.variables, lists["optimizer"], strict=True):
            variable.assign(value)
        self.best_weights, self.state = lists["best"], _State(**state)
        return True


def _shapes(lists: dict[str, list[np.ndarray]]) -> dict[str, list[tuple]]:
    return {name: [array.shape for array in arrays] for name, arrays in lists.items()}


def _moving_statistics(model: keras.Model) -> list[np.ndarray]:
    return [np.array(variable) for variable in model.non_trainable_variables if "moving_" in variable.path]


def logits_of(forward: Callable, data: Labelled, prepare: Callable, batch_size: int = 64) -> np.ndarray:
    """Run labelled pictures through a compiled network, batch by batch.

    Args:
        forward: from a batch of prepared pictures to (batch, classes) logits.
        data: n pictures.
        prepare: from pictures (batch, size, size, 3) uint8 to the network's input.
        batch_size: pictures at a time.

    Returns:
        (n, classes) float32.

    Raises:
        BadInput: a picture can't be read.
    """
    starts = range(0, len(data.labels), batch_size)
    indices = [range(start, min(start + batch_size, len(data.labels))) for start in starts]
    rows = []
    for _, images in data.images.batches(indices):
        rows.append(forward(prepare(stacked(images))))
    return np.concatenate(rows).astype(np.float32) if rows else np.empty((0, len(data.names)), np.float32)
