"""Synchronous data parallel training: each replica takes its share of a batch, and all take the same step.

The loss of a batch is a mean over its pictures, so its gradient is the sum of what the shares contribute, each divided by the
size of the whole batch. Summed over all replicas (an all-reduce), it is what one process would have computed: the same losses,
the same weights, up to the last bits of a sum in another order. Batch norm keeps its statistics, so no picture's answer depends
on who else is in its share.

Source: arXiv 1706.02677, section 3 (which divisor, which order), and tf.distribute's custom training loops.
"""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from course_lib.errors import BadInput, CourseError
from course_lib.training.checkpoint import Checkpoint
from course_lib.training.unfrozen import Unfrozen, logits_of


class Parallel(Unfrozen):
    """One training of a whole network, by several replicas; each process runs this with the same arguments."""

    def __init__(self, strategy: tf.distribute.Strategy, rank: int, workers: int, build: Callable, *training):
        """Compile the update.

        Args:
            strategy: over all replicas, `MultiWorkerMirroredStrategy` or `MirroredStrategy`.
            rank: the number of this process, from 0; the first one, the chief, writes the checkpoints.
            workers: how many processes there are.
            build: makes the model; its variables must be made under the strategy.
            *training: the plan, both sets and `prepare`, as `Unfrozen` takes them.

        Raises:
            BadInput: a batch has fewer pictures than there are replicas.
        """
        self.strategy, self.rank, self.workers = strategy, rank, workers
        self.replicas = strategy.num_replicas_in_sync
        refuse_small_batch(training[0].batch_size, self.replicas)
        with strategy.scope():
            super().__init__(build(), *training)
        self._sum = tf.function(self._summed, autograph=False)
        here = self.replicas // workers
        # The places in a batch of each replica of this process
        self._places = [
            np.arange(replica, self.plan.batch_size, self.replicas)
            for replica in range(rank * here, (rank + 1) * here)
        ]
        self._mine = np.concatenate(self._places)

    def _share(self, chosen: np.ndarray) -> np.ndarray:
        return chosen[self._mine]

    def _changed(self, images: np.ndarray) -> np.ndarray:
        if not self.plan.augment:
            return images
        # Drawn for the whole batch: a picture's change is the same, whoever learns from it.
        whole = np.zeros((self.plan.batch_size, *images.shape[1:]), images.dtype)
        whole[self._mine] = images
        return super()._changed(whole)[self._mine]

    def _compiled_update(self) -> Callable:
        model, optimizer = self.model, self.optimizer
        variables = [variable.value for variable in self.variables]

        # Summed before they are clipped, which Keras would not do; and once is enough.
        assert hasattr(optimizer, "_all_reduce_sum_gradients"), "another Keras"
        optimizer._all_reduce_sum_gradients = lambda pairs: pairs

        def step(inputs, labels, weights):
            with tf.GradientTape() as tape:
                logits = model(inputs, training=False)
                each = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
                # By the size of the whole batch: divided by the share's, the sum would be as many times too large.
                loss = tf.reduce_sum(weights * each) / self.plan.batch_size
            loss, *summed = self._reduced([loss, *tape.gradient(loss, variables)])
            optimizer.apply(summed, self.variables)
            return loss

        @tf.function(autograph=False)
        def update(inputs, labels, weights):
            return self._first(self.strategy.run(step, args=(inputs, labels, weights)))

        return lambda *arrays: update(*map(self._dealt, arrays))

    @staticmethod
    def _reduced(tensors: list) -> list:
        return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, tensors)

    def _first(self, value):
        """Return what all replicas have in common, as the first of this process has it."""
        return self.strategy.experimental_local_results(value)[0]

    def _dealt(self, array: np.ndarray):
        """Give each replica of this process its part of an array of this process's share."""
        bounds = np.cumsum([0, *map(len, self._places)])
        first = self.rank * len(self._places)

        def part(context):
            i = context.replica_id_in_sync_group - first
            return tf.constant(np.asarray(array)[bounds[i] : bounds[i + 1]])

        return self.strategy.experimental_distribute_values_from_function(part)

    def _summed(self, array):
        # A copy, since what goes into a function is on no device yet
        return self._first(self.strategy.run(lambda x: self._reduced([tf.identity(x)])[0], args=(array,)))

    def logits(self, data) -> np.ndarray:
        """Return the present logits, (n, classes) float32; each process computes a share of the batches."""
        if self.workers == 1 or not len(data.labels):
            return super().logits(data)
        size, rows = self.plan.batch_size, np.zeros((len(data.labels), len(data.names)), np.float32)
        starts = range(self.rank * size, len(rows), self.workers * size)
        mine = np.concatenate([np.empty(0, int)] + [np.arange(s, min(s + size, len(rows))) for s in starts])
        rows[mine] = logits_of(self._forward, data.take(mine), self.prepare, size)
        return np.asarray(self._sum(tf.constant(rows)))

    def _save(self, checkpoint: Checkpoint) -> float:
        return super()._save(checkpoint) if self.rank == 0 else 0.0

    def _restored(self, checkpoint: Checkpoint | None) -> bool:
        restored = super()._restored(checkpoint)
        if self.workers > 1:
            steps = float(self._sum(tf.constant(float(self.state.step))))
            if steps != self.workers * self.state.step:
                raise CourseError("The workers do not see the same checkpoint: OUT must be a folder that all machines share, under the "
                                  "same path.")  # fmt: skip
        return restored


def refuse_small_batch(batch_size: int, replicas: int) -> None:
    """Raise BadInput where some replica would get no picture of a batch."""
    if batch_size < replicas:
        raise BadInput(
            f"A batch of {batch_size} can't be shared among {replicas} workers: let the batch size be at least as large."
        )
