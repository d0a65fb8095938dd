"""Pictures through a network, batch by batch; one that could not be read is passed on in its place."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from course_lib.errors import BadInput


def by_batch(pictures: Iterable[tuple], size: int, run: Callable) -> Iterator[tuple]:
    """Yield what a network makes of each picture, in order, with one batch in memory at a time.

    Args:
        pictures: tuples that end in a picture at the network's size, or in the BadInput that says why there is none.
        size: pictures in one call.
        run: from a list of pictures to a row for each.

    Yields:
        The same tuples, with the row in the picture's place; errors stay.
    """
    rest = iter(pictures)
    while batch := list(islice(rest, size)):
        good = [picture for *_, picture in batch if not isinstance(picture, BadInput)]
        rows = iter(run(good) if good else ())
        for *told, picture in batch:
            yield *told, picture if isinstance(picture, BadInput) else next(rows)
