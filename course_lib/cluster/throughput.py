"""python -m course_lib.cluster.throughput: how fast one process and 1 and 2 workers are; writes data/experiments/throughput.json.

Each run computes the features of the same photographs with EfficientNet-Lite0 and notes when each answer came.
"""

import os
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from PIL import Image

from course_lib.cluster.address import Cluster
from course_lib.cluster.mapping import BATCH, stream
from course_lib.media.images import sample_crops
from course_lib.training.experiment import record

MODEL, SIDE, COUNT, DRAWS = "efficientnet_lite0", 256, 12 * BATCH, 3
WAYS = {"one process": 0, "1 worker": 1, "2 workers": 2}


def in_new_process(workers: int, draw: int) -> dict:
    """Run `measured` where nothing is imported yet, so that every start is a cold one."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(measured, workers, draw).result()


def measured(workers: int, draw: int) -> dict:
    """Run once.

    Args:
        workers: 0 for this process alone.
        draw: which repetition.

    Returns:
        The seconds to the first answer and, from there on, pictures a second of all together; memory of a worker in bytes;
        bytes of a picture file; numbers of a feature vector.
    """
    with tempfile.TemporaryDirectory() as folder:
        size = _write_pictures(Path(folder), draw)
        begun, answers, memory, numbers = time.time(), [], [], 0
        for _, row in _answers(workers, folder, lambda pid, at: answers.append((pid, at))):
            if len(answers) == COUNT:
                memory, numbers = [_memory(pid) for pid in {pid for pid, _ in answers}], row.size
    who, at = np.array(answers).T
    # Counted is what comes after the slowest worker's first batch, with which all are up.
    up = max(at[who == pid].min() for pid in set(who))
    rate = np.sum(at > up) / (at.max() - up)
    return {
        "start": float(at.min() - begun),
        "rate": float(rate),
        "memory": max(memory, default=0),
        "picture": size,
        "row": numbers,
    }


def _answers(workers: int, folder: str, on_answer):
    if workers:
        yield from stream(Cluster(workers=workers), [folder], "features", MODEL, on_answer=on_answer)
        return
    from course_lib.loading import open_pretrained

    kept = []
    for answer in open_pretrained(MODEL).features_stream([folder]):
        kept.append(answer)
        if len(kept) == BATCH:  # a batch is ready at one moment
            now = time.time()
            for one in kept:
                on_answer(os.getpid(), now)
                yield one
            kept = []


def _write_pictures(folder: Path, draw: int) -> float:
    """Write pieces of the sample photographs as JPEG files, and return the bytes of one on average."""
    crops = sample_crops(COUNT, draw, ["china"])
    for i, crop in enumerate(crops):
        Image.fromarray(crop).resize((SIDE, SIDE)).save(folder / f"{i:04}.jpg", quality=90)
    return float(np.mean([path.stat().st_size for path in folder.iterdir()]))


def _memory(pid: int) -> int:
    """Return the bytes of a process that are in memory; 0 where the system does not say."""
    try:
        fields = Path(f"/proc/{pid}/statm").read_text().split()
    except OSError:
        return 0
    return int(fields[1]) * 4096


if __name__ == "__main__":
    record("throughput", WAYS, range(DRAWS), in_new_process)
