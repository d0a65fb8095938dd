"""Classifying folders that grow tenfold: the time a file, and the most memory that the process ever held."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.results import Section

MODEL = "efficientnet_lite0"
SIZES = (15, 150, 1500)
DIFFERENT = 15  # pictures; the others are links to them
SIDE = 512  # pixels of a JPEG: decoding is part of the work
GROWTH = 1.1  # how much more memory the largest folder may take than the one before


def growing() -> Section:
    """Classify the folders, each in a process of its own."""
    found = {}
    with tempfile.TemporaryDirectory() as root:
        paint(Path(root))
        for size in SIZES:
            command = [sys.executable, "-m", "benchmarks.folders", str(Path(root) / str(size))]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            found[size] = json.loads(done.stdout.splitlines()[-1])
    rows = [
        (f"{size:,}", f"{1000 * one['seconds'] / size:.1f}", f"{one['megabytes']:.0f}")
        for size, one in found.items()
    ]
    growth = found[SIZES[-1]]["megabytes"] / found[SIZES[-2]]["megabytes"]
    note = (
        f"classify_stream of {MODEL} on JPEGs of {SIDE} px. The first figure holds the compiling. From {SIZES[-2]:,} to "
        f"{SIZES[-1]:,} files the most memory grows by the factor {growth:.2f} ({GROWTH} "
        + ("wanted)." if growth <= GROWTH else "wanted: missed).")
    )
    return Section("A folder that grows", note, ("files", "ms a file", "most memory, MB"), rows)


def paint(root: Path) -> None:
    """Write one folder for each size."""
    from PIL import Image

    from course_lib.media.images import sample_crops
    from course_lib.media.samples import samples

    crops = sample_crops(-(-DIFFERENT // len(samples())), seed=0)[:DIFFERENT]
    for size in SIZES:
        folder = root / str(size)
        folder.mkdir()
        for number in range(size):
            path = folder / f"{number:05}.jpg"
            if number < DIFFERENT:
                Image.fromarray(crops[number]).resize((SIDE, SIDE)).save(path, quality=90)
            else:
                os.link(folder / f"{number % DIFFERENT:05}.jpg", path)


def classify(folder: Path) -> dict:
    """Classify one folder; return the seconds and the most memory in MB."""
    from course_lib.loading import open_pretrained

    model = open_pretrained(MODEL)
    started = time.perf_counter()
    count = sum(1 for _ in model.classify_stream(folder))
    assert count == len(list(folder.iterdir()))
    return {"seconds": time.perf_counter() - started, "megabytes": most_memory()}


def most_memory() -> float:
    """Return the most memory that this process ever held, in MB."""
    import resource

    status = Path("/proc/self/status")
    if status.exists():  # Linux counts what the parent held into the other figure
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1e3
    unit = 1e6 if sys.platform == "darwin" else 1e3  # bytes there, kilobytes elsewhere
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


if __name__ == "__main__":
    print(json.dumps(classify(Path(sys.argv[1]))))
