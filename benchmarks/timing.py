"""Timing that survives a busy machine: the rivals take turns, and what counts is the ratio within a turn."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

LEAST_SECONDS = (
    0.02  # one measurement repeats its call until it lasts as long: clocks and schedulers have grain
)


@dataclass(frozen=True)
class Case:
    """One comparison.

    Attributes:
        name: What the course does.
        peer_name: What it is held against.
        ours: The course's way, a function without arguments.
        peer: The other way. A function that returns a float has timed itself, in seconds, as a worker process does.
        limit: The ratio of times that is allowed, or None.
    """

    name: str
    peer_name: str
    ours: Callable
    peer: Callable
    limit: float | None = None


@dataclass(frozen=True)
class Result:
    """What was measured, one value a turn.

    Attributes:
        case: The comparison.
        ours: Seconds a call.
        peer: Seconds a call.
    """

    case: Case
    ours: list[float]
    peer: list[float]

    @property
    def ratios(self) -> list[float]:
        """Ours by the peer's, turn by turn."""
        return [one / other for one, other in zip(self.ours, self.peer, strict=True)]

    @property
    def ratio(self) -> float:
        """The median of the ratios."""
        return statistics.median(self.ratios)

    @property
    def within(self) -> bool:
        """Whether the ratio keeps to the limit, if there is one."""
        return self.case.limit is None or self.ratio <= self.case.limit


def compare(case: Case, turns: int) -> Result:
    """Let both call alternately, A B, B A, A B, ..., and add up the times of each turn.

    Args:
        case: The comparison.
        turns: How many.

    Returns:
        The times of each turn.
    """
    case.ours(), case.peer()  # what a first call builds is not counted
    repeats = max(1, round(LEAST_SECONDS / max(_time(case.ours), 1e-7)))
    times = [[], []]
    for _ in range(turns):
        spent = [0.0, 0.0]
        for repeat in range(repeats):
            for which in (0, 1) if repeat % 2 == len(times[0]) % 2 else (1, 0):
                spent[which] += _time((case.ours, case.peer)[which])
        for which in (0, 1):
            times[which].append(spent[which] / repeats)
    return Result(case, *times)


def _time(call: Callable) -> float:
    start = time.perf_counter()
    own = call()
    return own if isinstance(own, float) else time.perf_counter() - start
