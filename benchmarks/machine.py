"""What this machine can do at all: its processor, the speed of its multiplications, and that of its memory."""

import os
import platform
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.results import Section

SIDE = 512  # of the matrices: so short a work is now and then left alone on a busy machine
TRIES = 100
MEGABYTES = 64  # copied at a time: more than any cache holds


@dataclass(frozen=True)
class Machine:
    """Which machine it is, in words."""

    system: str
    processor: str
    cores: int
    used: int
    gigabytes: float

    def __str__(self):
        return (
            f"{self.system}, {self.processor}, {self.cores} cores, {self.gigabytes:.0f} GB of memory; everything was "
            f"pinned to {self.used} of the cores"
        )


def pin(cores: int) -> None:
    """Keep this process, and all that it starts, on the last cores of the machine; to be called before anything else."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-cores:])


def this_machine() -> Machine:
    """Describe it."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return Machine(platform.system(), _processor(), os.cpu_count(), usable, _memory() / 1e9)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def _memory() -> float:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return float("nan")


def bounds() -> Section:
    """Measure the machine's own limits, and what they say of ResNet-50: hardly quicker than its multiplications."""
    from course_lib import build
    from course_lib.quiet import import_tensorflow

    tf = import_tensorflow()
    from course_lib.zoo.cost import multiply_adds

    rng = np.random.default_rng(0)
    left, right = rng.random((2, SIDE, SIDE), np.float32)
    tensors = tf.constant(left), tf.constant(right)
    rate = 2 * SIDE**3 / 1e9
    with threadpool_limits(
        this_machine().used
    ):  # NumPy was there before the pinning, with a thread for every core
        numpy_rate = rate / _best(lambda: left @ right)
    gemm = {
        "NumPy": numpy_rate,
        "TensorFlow": rate / _best(lambda: tf.matmul(*tensors).numpy()),
    }
    block = np.ones(MEGABYTES * 125_000)
    target = np.empty_like(block)
    bandwidth = 2 * block.nbytes / 1e9 / _best(lambda: np.copyto(target, block))
    rows = [(f"float32 matrix product, {name}", f"{speed:.0f} GFLOP/s") for name, speed in gemm.items()]
    rows.append(("copying in memory, reading and writing", f"{bandwidth:.1f} GB/s"))
    model = build("resnet50")
    work, numbers = 2 * multiply_adds(model) / 1e9, 4 * model.count_params() / 1e9
    rows.append((f"ResNet-50, {work:.2f} GFLOP at that rate", f"{1000 * work / max(gemm.values()):.0f} ms"))
    rows.append((f"its weights, {1000 * numbers:.0f} MB, read once", f"{1000 * numbers / bandwidth:.0f} ms"))
    return Section("The machine's own limit", "", ("what", "measured"), rows)


def _best(call) -> float:
    """Return the shortest of many times: a limit is what the machine can do, not what it did meanwhile."""
    times = []
    for _ in range(TRIES):
        started = time.perf_counter()
        call()
        times.append(time.perf_counter() - started)
    return min(times)
