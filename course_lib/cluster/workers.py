"""What a worker process of a training does: join the others, train, and, if it is the first, write down the result."""

import os
import pickle
import sys
import traceback
from dataclasses import asdict, dataclass
from pathlib import Path

from course_lib.errors import CourseError
from course_lib.files import write_atomically, write_text
from course_lib.with_parent import when_parent_ends

RESULT, ERROR = "result.pickle", "error.txt"
BAD_INPUT = 2  # exit status: to begin again would not help


@dataclass(frozen=True)
class Job:
    """All that a worker has to know; the same for each.

    Attributes:
        model: the pickled Keras model.
        plan, train, held_out, prepare: as `Unfrozen` takes them.
        checkpoint, fingerprint: as `Checkpoint` takes them.
        folder: where the result goes; all workers see it.
        threads: processor threads of each worker; 0 for as many as there are cores.
        devices: replicas in each process: more than one only for the graphics cards of one machine.
    """

    model: bytes
    plan: object
    train: object
    held_out: object
    prepare: object
    checkpoint: Path
    fingerprint: str
    folder: Path
    threads: int = 0
    devices: int = 1


def train(job: Job, rank: int, workers: int) -> None:
    """Train, together with the processes that TF_CONFIG names; the first one leaves RESULT in the job's folder."""
    from course_lib.quiet import import_tensorflow

    tf = import_tensorflow()
    if job.threads:
        tf.config.threading.set_intra_op_parallelism_threads(job.threads)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    strategy = strategy_of(tf, workers, job.devices)  # before anything else wakes TensorFlow up
    from course_lib.cluster.parallel import Parallel
    from course_lib.training.checkpoint import Checkpoint

    sets = job.plan, job.train, job.held_out, job.prepare
    training = Parallel(strategy, rank, workers, lambda: pickle.loads(job.model), *sets)
    epochs, notes = training.run(Checkpoint(job.checkpoint, job.fingerprint))
    if rank == 0:
        result = training.model.get_weights(), [asdict(epoch) for epoch in epochs], notes, training.earlier
        write_atomically(job.folder / RESULT, lambda file: pickle.dump(result, file))


def strategy_of(tf, workers: int, devices: int):
    """Return the strategy: over processes where there are several, over this one's devices otherwise."""
    if workers > 1:
        return tf.distribute.MultiWorkerMirroredStrategy()
    kind = "GPU" if tf.config.list_physical_devices("GPU") else "CPU"
    if kind == "CPU" and devices > 1:  # a processor passes for several, so that it can be tried anywhere
        processor = tf.config.list_physical_devices("CPU")[0]
        parts = [tf.config.LogicalDeviceConfiguration()] * devices
        tf.config.set_logical_device_configuration(processor, parts)
    return tf.distribute.MirroredStrategy([f"{kind}:{i}" for i in range(devices)])


def main() -> None:
    """Run one worker: `python -m course_lib.cluster.workers FOLDER RANK WORKERS`."""
    folder, rank, workers = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    when_parent_ends(lambda: os._exit(1))
    try:
        train(pickle.loads((folder / "job.pickle").read_bytes()), rank, workers)
    except CourseError as error:
        write_text(folder / ERROR, str(error))
        _leave(BAD_INPUT)
    except Exception:
        traceback.print_exc()
        _leave(1)
    _leave(0)


def _leave(status: int) -> None:
    """End at once: the others may be gone already, so there is nothing to take leave of."""
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    main()
