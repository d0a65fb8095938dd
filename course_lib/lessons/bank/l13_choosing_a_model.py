"""Lesson 13's exercises and quiz."""

from types import SimpleNamespace

import numpy as np

from course_lib.catalog import card
from course_lib.lessons.exercises import Exercise
from course_lib.lessons.expect import as_numbers, expect, expect_close
from course_lib.lessons.quiz import Choice, Question


def _row(model, params, multiply_adds, top1):
    return SimpleNamespace(model=model, params=params, multiply_adds=multiply_adds, top1=top1)


def _fits_and_is_best(choose):
    rows = [
        _row("small", 3, 300, 71.0),
        _row("wide", 9, 200, 74.0),
        _row("deep", 5, 900, 77.0),
        _row("secret", 1, 1, None),
        _row("both", 5, 300, 73.0),
    ]
    expect(
        choose(list(rows), 100, 10_000) == "deep",
        "With room for everything, the most accurate one should win.",
    )
    expect(
        choose(list(rows), 5, 300) == "both",
        "With 5 parameters and 300 multiply-adds, 'both' fits exactly and beats 'small': is a network that needs just "
        "what there is left out, or one that breaks one of the two limits let in?",
    )
    expect(
        choose(list(rows), 4, 10_000) == "small",
        "Within 4 parameters only 'small' has a known accuracy: a network whose top1 is None can't be compared.",
    )
    expect(choose(list(rows), 2, 2) is None, "Where nothing with a known accuracy fits, return None.")


def _respects_every_cost(unbeaten):
    points = {
        "a": (80.0, 10.0, 5.0),
        "b": (80.0, 10.0, 6.0),  # beaten by a: equal, but for one cost
        "c": (75.0, 4.0, 9.0),
        "d": (70.0, 5.0, 9.5),  # beaten by c
        "e": (60.0, 9.0, 1.0),
        "f": (60.0, 9.0, 1.0),  # e's equal: neither beats the other
    }
    got = set(unbeaten(dict(points)))
    expect("e" in got and "f" in got, "'e' and 'f' are equal in everything, so neither beats the other.")
    expect(
        "c" in got,
        "'c' has the smallest first cost of all: what could beat it?",
    )
    expect(
        "b" not in got,
        "'b' is as accurate as 'a' and costs more in one place, the same in the other: beaten.",
    )
    expect("d" not in got, "'c' is more accurate than 'd' and cheaper in both costs.")
    expect(
        got == {"a", "c", "e", "f"},
        f"Compare every pair by the definition: you kept {sorted(map(str, got))}.",
    )
    two = {"x": (1.0, 1.0), "y": (2.0, 2.0), "z": (1.5, 3.0)}
    expect(
        set(unbeaten(two)) == {"x", "y"}, "It should work for one cost as well: 'z' is beaten by 'y' there."
    )


def _counts_both_errors(standard_errors_apart):
    got = [
        float(as_numbers(standard_errors_apart(p, q, n)))
        for p, q, n in ((0.8, 0.7, 100), (0.7, 0.8, 100), (0.5, 0.5, 10), (0.9, 0.8, 400))
    ]
    expect(got[0] >= 0 and got[1] >= 0, "A distance is not negative, whichever network is the better.")
    expect_close(got[2], 0, "Equal shares lie 0 errors apart.")
    one = 0.1 / np.sqrt(0.8 * 0.2 / 100)
    expect(
        not np.isclose(got[0], one), "That is the error of one network: both are uncertain, and squares add."
    )
    wanted = [
        0.1 / np.sqrt(p * (1 - p) / n + q * (1 - q) / n) for p, q, n in ((0.8, 0.7, 100), (0.9, 0.8, 400))
    ]
    expect_close(
        [got[0], got[3]], wanted, "The difference's error is the root of p(1-p)/n + q(1-q)/n.", rtol=1e-3
    )


EXERCISES = [
    Exercise(
        id="13.1",
        title="The best that fits",
        starter='''
def choose(rows, most_params, most_multiply_adds):
    """Return the name of the most accurate fitting network, or None; rows have model, params, multiply_adds, top1."""
    return ...
''',
        mistake='''
def choose(rows, most_params, most_multiply_adds):
    """Return the name of the most accurate fitting network, or None; rows have model, params, multiply_adds, top1."""
    fitting = [row for row in rows if row.top1 and row.params < most_params and row.multiply_adds < most_multiply_adds]
    return max(fitting, key=lambda row: row.top1).model if fitting else None
''',
        solution='''
def choose(rows, most_params, most_multiply_adds):
    """Return the name of the most accurate fitting network, or None; rows have model, params, multiply_adds, top1."""
    fitting = [row for row in rows if row.top1 and row.params <= most_params and row.multiply_adds <= most_multiply_adds]
    return max(fitting, key=lambda row: row.top1).model if fitting else None
''',
        test=_fits_and_is_best,
        hints=[
            "First a list of the rows that meet three conditions: a known `top1`, and both limits kept, exactly meeting them allowed.",
            "Then the best of these: `max(fitting, key=lambda row: row.top1)`, and of that the `model`.",
            "`max([])` raises an error: if nothing fits, return `None` before you come to it.",
        ],
    ),
    Exercise(
        id="13.2",
        title="Unbeaten on every axis",
        starter='''
def unbeaten(points):
    """Return the set of unbeaten names; points: name -> (accuracy, cost, cost, ...), any number of costs."""
    return ...
''',
        mistake='''
def unbeaten(points):
    """Return the set of unbeaten names; points: name -> (accuracy, cost, cost, ...), any number of costs."""
    def beats(a, b):
        return a[0] >= b[0] and all(x <= y for x, y in zip(a[1:], b[1:]))
    return {n for n, p in points.items() if not any(beats(q, p) for m, q in points.items() if m != n)}
''',
        solution='''
def unbeaten(points):
    """Return the set of unbeaten names; points: name -> (accuracy, cost, cost, ...), any number of costs."""
    def beats(a, b):
        return a != b and a[0] >= b[0] and all(x <= y for x, y in zip(a[1:], b[1:]))
    return {n for n, p in points.items() if not any(beats(q, p) for q in points.values())}
''',
        test=_respects_every_cost,
        hints=[
            "Mind the order: here the accuracy comes first; in the lesson's `beats` the cost did.",
            "Write `beats(a, b)` first: at least as accurate, no cost higher, and something strictly better.",
            "If nothing is worse and the two points differ at all, something is strictly better.",
        ],
    ),
    Exercise(
        id="13.3",
        title="Is the difference real?",
        setup="import numpy as np",
        starter='''
def standard_errors_apart(p, q, n):
    """Return |p - q| in units of the difference's standard error; p and q are shares of 0 to 1."""
    return ...
''',
        mistake='''
def standard_errors_apart(p, q, n):
    """Return |p - q| in units of the difference's standard error; p and q are shares of 0 to 1."""
    return abs(p - q) / np.sqrt(p * (1 - p) / n)
''',
        solution='''
def standard_errors_apart(p, q, n):
    """Return |p - q| in units of the difference's standard error; p and q are shares of 0 to 1."""
    return abs(p - q) / np.sqrt(p * (1 - p) / n + q * (1 - q) / n)
''',
        test=_counts_both_errors,
        hints=[
            "The variance of one share is p(1 - p) / n. What is the variance of a difference of two independent numbers?",
            "Variances add, even in a difference; the standard error is the root of their sum.",
        ],
    ),
]

_GROWN = 380 / 224

QUIZ = [
    Question(
        "You feed a fully convolutional network 380-pixel pictures instead of 224-pixel ones. What becomes of its parameters "
        "and its multiply-adds?",
        [
            Choice(
                f"Both grow about {_GROWN**2:.1f} times",
                False,
                "A kernel has its size, whatever it slides over.",
            ),
            Choice(
                f"The same parameters, about {_GROWN:.1f} times the multiply-adds",
                False,
                "The side grows by that; the number of places is an area.",
            ),
            Choice(
                f"The same parameters, about {_GROWN**2:.1f} times the multiply-adds",
                True,
                "Each kernel meets every place of the picture, and the places grow with the area.",
            ),
        ],
    ),
    Question(
        "A network lies on the Pareto front of accuracy and multiply-adds. What do you know?",
        [
            Choice(
                "It is the fastest for its accuracy on your machine",
                False,
                "Multiply-adds are not milliseconds.",
            ),
            Choice(
                "Nothing in the plot beats it: whatever is more accurate costs more",
                True,
                "That is what unbeaten means; and whatever costs less is less accurate.",
            ),
            Choice(
                "It is the best choice for any budget of parameters",
                False,
                "Another cost has another front.",
            ),
        ],
    ),
    Question(
        f"VGG-16 has {card('vgg16').params / card('efficientnet_b0').params:.0f} times the parameters of EfficientNet-B0. What "
        "follows for the memory that their feature maps need?",
        [
            Choice(
                "VGG-16's need as many times the memory",
                False,
                "Maps grow with the picture and the channels; most of VGG-16's parameters sit in dense layers.",
            ),
            Choice(
                "VGG-16's need more, but not as many times", False, "So it may be, but it does not follow."
            ),
            Choice("Nothing: these are two different costs", True, "Count or measure each cost by itself."),
        ],
    ),
    Question(
        "A paper gives network A 77.2 % with ten crops a photo, another gives network B 76.4 % with one. Which is better?",
        [
            Choice(
                "One cannot tell from these two numbers",
                True,
                "Ten crops raise a score at ten times the cost.",
            ),
            Choice(
                "A: nearly a point is more than the error of 50,000 pictures",
                False,
                "It is, but luck is not the only difference: the protocols differ.",
            ),
            Choice(
                "B: it needs only a tenth of the arithmetic",
                False,
                "One crop of B does; so does one crop of A.",
            ),
        ],
    ),
]
