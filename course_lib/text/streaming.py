"""A text that is still being written: what of it is certain already can be shown."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from course_lib.errors import BadInput

HALF = "\ufffd"  # what bytes decode to that make no character, perhaps not yet


def certain_pieces(
    tokens: Iterable[int], detokenize: Callable[[Sequence[int]], str], stops: Sequence[str] = ()
) -> Iterator[str]:
    """Turn tokens into text while they come.

    Args:
        tokens: one after the other.
        detokenize: token numbers -> text; bytes that make no character become U+FFFD.
        stops: the text ends where the first of these would begin, and no further token is asked for.

    Yields:
        Pieces of text: never half of a character, never the beginning of what may become a stop.
    """
    written: list[int] = []
    text, told = "", 0
    for token in tokens:
        written.append(token)
        text = detokenize(written)
        if (until := first_stop(text, stops)) < len(text):
            text = text[:until]
            break
        if (safe := _certain(text, stops)) > told:
            yield text[told:safe]
            told = safe
    if text[told:]:
        yield text[told:]


def first_stop(text: str, stops: Sequence[str]) -> int:
    """Return where the first of the stops begins in a text; the text's length where none does."""
    return min((place for stop in stops if (place := text.find(stop)) >= 0), default=len(text))


def checked_stops(stops: str | Sequence[str]) -> tuple[str, ...]:
    """Return one text or several as a tuple; raise BadInput where one is empty or no text."""
    stops = (stops,) if isinstance(stops, str) else tuple(stops)
    if not all(isinstance(stop, str) and stop for stop in stops):
        raise BadInput("stop is a text or a list of texts, none of them empty, for instance '\\n'.")
    return stops


def _certain(text: str, stops: Sequence[str]) -> int:
    """Return how many characters of a text stay, whatever comes behind them."""
    whole = text.removesuffix(HALF)
    begun = [n for stop in stops for n in range(1, len(stop)) if whole.endswith(stop[:n])]
    return len(whole) - max(begun, default=0)
