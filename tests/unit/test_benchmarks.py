"""The rivals take turns fairly, and limits are held against the median."""

import time

from benchmarks.timing import Case, Result, compare


def test_rivals_alternate():
    order = []

    def call(name, seconds):
        order.append(name)
        time.sleep(seconds)

    result = compare(Case("slow", "fast", lambda: call("A", 0.02), lambda: call("B", 0.005)), turns=4)
    assert len(result.ours) == len(result.peer) == 4
    assert order.count("A") - order.count("B") == 1  # the one by which the number of repeats is found
    counted = "".join(order[3:])
    assert "AAA" not in counted
    assert "BBB" not in counted
    assert 1 < result.ratio < 6


def test_limit_is_held_against_the_median():
    times = {"ours": [1.0, 9.0, 2.0], "peer": [1.0, 1.0, 1.0]}
    assert Result(Case("a", "b", print, print, limit=2.0), **times).within
    assert not Result(Case("a", "b", print, print, limit=1.9), **times).within
    assert Result(Case("a", "b", print, print), **times).ratio == 2.0
