"""Full fine-tuning over several processes or machines: started, watched, and begun again where a worker dies."""

import json
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from course_lib.cluster.address import Cluster
from course_lib.cluster.parallel import refuse_small_batch
from course_lib.cluster.workers import ERROR, RESULT, Job
from course_lib.errors import BadInput, CourseError
from course_lib.ports import free_ports
from course_lib.training.checkpoint import Checkpoint
from course_lib.training.finetuning import tune
from course_lib.training.new_head import Sets
from course_lib.training.plan import Plan, plan_of
from course_lib.training.report import Epoch

MOST_FAILURES = 3  # workers lost before a run is given up
POLL = 0.1  # seconds
PREFIX = ".cluster-"  # of the folder in which workers find their job and leave what they say


def tune_on(
    cluster: Cluster, pretrained, data, *, out=None, on_start: Callable = lambda pids: None, **others
):
    """Fine-tune as `training.finetuning.tune` does; the whole network is trained by the workers of a cluster.

    The head is fitted here. Then each worker takes its share of every batch, so that the losses are those of one process.
    The first worker writes the checkpoint; where a worker dies, all begin again from there, and end in the same weights. If this
    process is killed, the same call goes on from there too; and so does `tune`, alone.

    Args:
        cluster: where.
        pretrained, data, out, **others: as `tune` takes them. On several machines, all see the pictures and `out` under the
            same paths.
        on_start: gets the process ids of the workers of this machine, each time that they are started.

    Returns:
        The classifier, and all that there is to say of its training.

    Raises:
        BadInput: as `tune` does; or the batch is smaller than the number of workers.
        CourseError: as `tune` does; or workers died again and again.
    """

    settings = {name: value for name, value in others.items() if name != "class_names"}
    refuse_small_batch(plan_of(settings).batch_size, cluster.workers)

    def learn(model, sets: Sets, plan: Plan, prepare, checkpoint: Checkpoint | None):
        with ExitStack() as stack:
            # Beside the result where there is one: on a cluster, that place is one that all machines see.
            place = checkpoint.path.parent if checkpoint else None
            for left in place.glob(f"{PREFIX}*") if place else ():  # by a run that was killed itself
                shutil.rmtree(left, ignore_errors=True)
            folder = Path(
                stack.enter_context(tempfile.TemporaryDirectory(dir=place, prefix=PREFIX))
            ).absolute()
            path = checkpoint.path.absolute() if checkpoint else folder / "checkpoint.npz"
            job = Job(pickle.dumps(model), plan, sets.train, sets.held_out, prepare, path,
                      checkpoint.fingerprint if checkpoint else "", folder, *_shape(cluster))  # fmt: skip
            restarts = _run(cluster, job, on_start)
            weights, epochs, notes, earlier = pickle.loads((folder / RESULT).read_bytes())
        model.set_weights(weights)
        if restarts:
            times = "once" if restarts == 1 else f"{restarts} times"
            notes = (*notes, f"A worker was lost; {times} all began again from the last checkpoint.")
        return tuple(Epoch(**epoch) for epoch in epochs), notes, earlier

    return tune(pretrained, data, out=out, learn=learn, **others)


def _shape(cluster: Cluster) -> tuple[int, int]:
    """Return the threads of each worker, and the devices in each process."""
    if not cluster.is_local:
        return 0, 1
    if _cards() >= cluster.workers > 1:
        return 0, cluster.workers
    return max(1, len(os.sched_getaffinity(0)) // cluster.workers) if hasattr(
        os, "sched_getaffinity"
    ) else 1, 1


def _cards() -> int:
    import tensorflow as tf

    return len(tf.config.list_physical_devices("GPU"))


def _run(cluster: Cluster, job: Job, on_start: Callable) -> int:
    """Let the workers train, and return how often they had to begin again."""
    if not cluster.is_local:
        from course_lib.cluster.ray_training import run

        return run(cluster, job, MOST_FAILURES)
    (job.folder / "job.pickle").write_bytes(pickle.dumps(job))
    processes = 1 if job.devices > 1 else cluster.workers
    for failures in range(MOST_FAILURES + 1):
        if _group_ended(job, processes, on_start):
            return failures
    raise CourseError(f"The workers ended before their work did, {MOST_FAILURES + 1} times: {_last_words(job.folder)}.")  # fmt: skip


def _group_ended(job: Job, count: int, on_start: Callable) -> bool:
    """Start all workers, wait, and say whether they came to the end; whatever happens, none is left running."""
    addresses = [f"127.0.0.1:{port}" for port in free_ports(count)]
    workers: list[subprocess.Popen] = []
    try:
        for rank in range(count):
            workers.append(_started(job.folder, rank, addresses))
        on_start([worker.pid for worker in workers])
        while None in (status := [worker.poll() for worker in workers]) and not any(status):
            time.sleep(POLL)
        if (job.folder / ERROR).is_file():
            raise BadInput((job.folder / ERROR).read_text())
        return not any(status)
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
            worker.stdin.close()


def _started(folder: Path, rank: int, addresses: Sequence[str]) -> subprocess.Popen:
    """Start one worker; its pipe closes with this process, and then it ends too."""
    config = {"cluster": {"worker": list(addresses)}, "task": {"type": "worker", "index": rank}}
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "GRPC_VERBOSITY": "NONE"}
    if len(addresses) > 1:
        environment["TF_CONFIG"] = json.dumps(config)
    command = [
        sys.executable,
        "-m",
        "course_lib.cluster.workers",
        str(folder),
        str(rank),
        str(len(addresses)),
    ]
    with open(folder / f"log{rank}.txt", "wb") as log:
        # The first one's progress bar is for the person who waits.
        error = None if rank == 0 and sys.stderr is not None and sys.stderr.isatty() else log
        return subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=log, stderr=error)


def _last_words(folder: Path) -> str:
    lines = [
        line
        for log in sorted(folder.glob("log*.txt"))
        for line in log.read_text(errors="replace").splitlines()
    ]
    return lines[-1].strip() if lines else "they said nothing"
