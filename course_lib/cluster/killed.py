"""python -m course_lib.cluster.killed: one process, two workers, two of which one is killed; writes data/experiments/killed.json."""

import os
import signal
import tempfile
import time
from pathlib import Path
from threading import Thread

from course_lib.cluster.address import Cluster
from course_lib.cluster.training import tune_on
from course_lib.media.world import HELDOUT_CLASSES, make_images
from course_lib.training.experiment import record
from course_lib.training.finetuning import CHECKPOINT, tune

WAYS = {"one process": (0, False), "two workers": (2, False), "two workers, one killed": (2, True)}
DRAWS = 3


def measured(way: tuple[int, bool], draw: int) -> dict:
    """Fine-tune once.

    Args:
        way: how many workers, 0 for this process alone; and whether the second is killed once there is a checkpoint.
        draw: seed of the pictures and of the training.

    Returns:
        The loss of each epoch, how often the workers were started, and the seconds that all took.
    """
    from course_lib.loading import open_pretrained

    workers, kill = way
    images, labels = make_images(96, HELDOUT_CLASSES[:4], seed=100 + draw)
    pretrained, groups = open_pretrained("vgg_nano"), []
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "tuned"

        def started(pids):
            groups.append(pids)
            if kill and len(groups) == 1:
                Thread(target=_kill, args=(out / CHECKPOINT, pids[1]), daemon=True).start()

        plan = {"out": out, "epochs": 3, "batch_size": 18, "patience": 9, "seed": draw}
        begun = time.perf_counter()
        if workers:
            _, outcome = tune_on(
                Cluster(workers=workers), pretrained, (images, labels), on_start=started, **plan
            )
        else:
            _, outcome = tune(pretrained, (images, labels), **plan)
    losses = [epoch.loss for epoch in outcome.epochs]
    return {"losses": losses, "started": len(groups), "seconds": time.perf_counter() - begun}


def _kill(checkpoint: Path, pid: int) -> None:
    while not checkpoint.is_file():
        time.sleep(0.005)
    os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    record("killed", WAYS, range(DRAWS), measured)
