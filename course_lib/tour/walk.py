"""Walking from stop to stop: each is tried with the best weights that are here, and one that fails stops nobody."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from course_lib.catalog import Card, card
from course_lib.errors import CourseError, first_line
from course_lib.tour.stops import Shown, Stop, Way


@dataclass(frozen=True)
class Used:
    """A model that took part: its card, its `Provenance`, and the sentence that `load` prints of it."""

    card: Card
    provenance: object
    sentence: str


@dataclass(frozen=True)
class Seen:
    """What was seen at a stop.

    Attributes:
        does: what the model does there.
        shown: what it did; None where it could not be shown.
        used: the models that took part.
        seconds: how long it took.
        troubles: a sentence for each way that failed.
    """

    does: str
    shown: Shown | None
    used: tuple[Used, ...]
    seconds: float
    troubles: tuple[str, ...] = ()


def walk(stops: Sequence[Stop], say: Callable[[str], None]) -> list[Seen]:
    """Walk the tour, without a network.

    Args:
        stops: for instance `TOUR`.
        say: is called with pieces of text while the work goes on, to be printed as they come.

    Returns:
        What was seen at each stop.
    """
    seen = []
    for number, stop in enumerate(stops, 1):
        say(f"{number}/{len(stops)} {stop.does} ... ")
        seen.append(visit(stop))
        say(_line(seen[-1]) + "\n")
    return seen


def visit(stop: Stop) -> Seen:
    """Show one stop in the best way that is here; where that fails, in the next one."""
    began, troubles = time.perf_counter(), []
    for way in stop.ways:
        if not _is_here(way) and way is not stop.ways[-1]:
            continue
        try:
            shown, used = _shown(way)
        except Exception as error:  # whatever it is, the other stops are worth seeing
            troubles.append(f"{way.model}: {_sentence(error)}")
        else:
            return Seen(stop.does, shown, used, time.perf_counter() - began, tuple(troubles))
    return Seen(stop.does, None, (), time.perf_counter() - began, tuple(troubles))


def _is_here(way: Way) -> bool:
    from course_lib.choosing import choose

    try:
        return bool(choose(card(way.model), way.weights))
    except CourseError:
        return False


def _shown(way: Way) -> tuple[Shown, tuple[Used, ...]]:
    from course_lib.loading import announcement, open_pretrained

    model = open_pretrained(way.model, way.weights)
    shown = way.show(model)
    return shown, tuple(Used(one.card, one.provenance, announcement(one)) for one in (model, *shown.helpers))


def _sentence(error: Exception) -> str:
    return str(error) if isinstance(error, CourseError) else f"{type(error).__name__}: {first_line(error)}"


def _line(seen: Seen) -> str:
    troubles = "".join(f" [{trouble}]" for trouble in seen.troubles)
    if seen.shown is None:
        return f"could not be shown:{troubles}"
    models = " and ".join(f"{one.card.id}, {one.provenance.grade}" for one in seen.used)
    answer = " / ".join(line for line in seen.shown.answer.splitlines() if line)
    return f"{answer} ({models}; {seen.seconds:.1f} s){troubles}"
