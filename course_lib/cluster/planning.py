"""From what was measured on few pictures to the time, money and memory of very many."""

import math
from dataclasses import dataclass

from course_lib.errors import BadInput


@dataclass(frozen=True)
class Measured:
    """What one has to measure before one can plan.

    Attributes:
        rate: pictures a second of one worker that is alone.
        efficiency: what each of several workers still does of that, 0 to 1.
        start: seconds before the first picture: processes, imports, the model.
        memory: bytes of each worker.
        picture: bytes of a picture file, on average.
        row: bytes of what is kept of a picture; 4 for each number of a feature vector.
    """

    rate: float
    efficiency: float = 1.0
    start: float = 0.0
    memory: float = 0.0
    picture: float = 0.0
    row: float = 0.0

    def __post_init__(self):
        if not (self.rate > 0 and 0 < self.efficiency <= 1):
            raise BadInput(
                f"A rate is above 0 and an efficiency from 0 to 1, not {self.rate} and {self.efficiency}."
            )


@dataclass(frozen=True)
class Estimate:
    """What a run takes: seconds, money (in the currency of the price), and bytes."""

    images: int
    workers: int
    seconds: float
    money: float
    memory: float  # of all workers together
    read: float  # of picture files
    kept: float  # of results


def estimate(images: int, workers: int, measured: Measured, price: float) -> Estimate:
    """Estimate a run.

    Args:
        images: how many pictures.
        workers: how many workers share them.
        measured: on few pictures, with these very workers.
        price: of one worker for an hour, as the reader pays it.

    Returns:
        The estimate. Nothing in it is a promise: storage that is too slow, for one, appears in no measurement on few files.

    Raises:
        BadInput: less than one picture or worker, or a price below zero.
    """
    if images < 1 or workers < 1 or price < 0:
        raise BadInput(f"A plan wants one picture and one worker or more, and no negative price, not {images}, {workers} and {price}.")  # fmt: skip
    efficiency = measured.efficiency if workers > 1 else 1.0
    seconds = measured.start + images / (workers * measured.rate * efficiency)
    return Estimate(
        images,
        workers,
        seconds,
        workers * seconds / 3600 * price,
        workers * measured.memory,
        images * measured.picture,
        images * measured.row,
    )


def workers_for(images: int, seconds: float, measured: Measured) -> int:
    """Return how many workers end in so many seconds; raise BadInput where not even starting takes less."""
    if seconds <= measured.start:
        raise BadInput(
            f"The workers take {measured.start:.0f} s to start, so nothing is done within {seconds:g} s."
        )
    return math.ceil(images / ((seconds - measured.start) * measured.rate * measured.efficiency))


def break_even(alone: Measured, shared: Measured, workers: int) -> float:
    """Return from how many pictures on several workers end before one process does; infinity where they never do.

    Args:
        alone: one process without a cluster.
        shared: each of the workers.
        workers: how many there are.
    """
    saved = 1 / alone.rate - 1 / (workers * shared.rate * shared.efficiency)  # seconds a picture
    return max(0.0, shared.start - alone.start) / saved if saved > 0 else math.inf
