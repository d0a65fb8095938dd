"""What an exercise's test says when an answer is not right yet: expectations that carry a text that helps."""

from typing import Any

import numpy as np


class TryAgain(Exception):
    """The answer is not right yet; the message is the text that helps."""


def expect(condition: Any, advice: str) -> None:
    """Ask for another try unless the condition holds.

    Args:
        condition: anything with a truth value.
        advice: what to look at next; never the answer itself.

    Raises:
        TryAgain: if the condition does not hold.
    """
    if not condition:
        raise TryAgain(advice)


def expect_close(got: Any, wanted: Any, advice: str, rtol: float = 1e-4, atol: float = 1e-6) -> None:
    """Ask for another try unless two numbers or arrays agree within a tolerance.

    Args:
        got: the learner's number, array or tensor.
        wanted: the right one.
        advice: what to look at next; the learner's own value is added to it.
        rtol: relative tolerance.
        atol: absolute tolerance.

    Raises:
        TryAgain: if `got` is no number, has another shape, or differs.
    """
    ours = as_numbers(got)
    wanted = np.asarray(wanted, dtype=np.float64)
    if ours.shape != wanted.shape:
        raise TryAgain(f"{advice} The shape is {ours.shape}, and should be {wanted.shape}.")
    if not np.allclose(ours, wanted, rtol=rtol, atol=atol):
        raise TryAgain(f"{advice} Yours is {brief(ours)}.")


def expect_shape(got: Any, wanted: tuple[int | None, ...], advice: str) -> None:
    """Ask for another try unless an array, tensor or model output has the wanted shape.

    Args:
        got: anything with `.shape`.
        wanted: the right shape.
        advice: what to look at next; the learner's own shape is added to it.

    Raises:
        TryAgain: if `got` has no shape or another one.
    """
    refuse_nothing(got)
    expect(hasattr(got, "shape"), f"{advice} Yours is a `{type(got).__name__}`, which has no shape.")
    expect(tuple(got.shape) == tuple(wanted), f"{advice} The shape is {tuple(got.shape)}.")


def as_numbers(got: Any) -> np.ndarray:
    """Return a learner's answer as float64 numbers, or say why it is none.

    Args:
        got: the learner's number, array or tensor.

    Returns:
        An array of the same shape.

    Raises:
        TryAgain: if it is None, a text, ragged, or anything else but numbers.
    """
    refuse_nothing(got)
    if isinstance(got, (str, bytes)):
        raise TryAgain(f"This should be a number, without quotes around it; yours is the text {got!r}.")
    try:
        return np.asarray(got, dtype=np.float64)
    except (TypeError, ValueError):
        raise TryAgain(f"This should be a number or an array; yours is a `{type(got).__name__}`.") from None


def refuse_nothing(got: Any) -> None:
    """Say what is wrong where a function gave back nothing.

    Args:
        got: the learner's answer.

    Raises:
        TryAgain: if it is None.
    """
    expect(got is not None, "The answer is `None`: is a `return` missing?")


def brief(numbers: np.ndarray) -> str:
    """Return a short text of a number or an array."""
    if numbers.size > 8:
        return f"an array with mean {numbers.mean():.4g}, lowest {numbers.min():.4g}, highest {numbers.max():.4g}"
    if numbers.ndim == 0:  # without NumPy's dot behind a whole number, which would meet the sentence's
        return f"{numbers:.4g}"
    return np.array2string(numbers, precision=4, separator=", ")
