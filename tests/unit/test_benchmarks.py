"""The rivals take turns fairly, limits are held against the median, and the results are written as they should be."""

import sys
import time

import pytest

from benchmarks.results import Section, comparison, markdown, updated
from benchmarks.timing import Case, Result, compare
from benchmarks.worker import Worker


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


def test_a_rival_may_time_itself():
    result = compare(Case("ours", "a worker", lambda: time.sleep(0.03), lambda: 0.5), turns=2)
    assert result.peer == [0.5, 0.5]


def test_limit_is_held_against_the_median():
    times = {"ours": [1.0, 9.0, 2.0], "peer": [1.0, 1.0, 1.0]}
    assert Result(Case("a", "b", print, print, limit=2.0), **times).within
    assert not Result(Case("a", "b", print, print, limit=1.9), **times).within
    assert Result(Case("a", "b", print, print), **times).ratio == 2.0


def test_a_worker_answers_with_its_seconds():
    code = "print('ready', flush=True)\nwhile True: print(len(input()) / 10, flush=True)"
    worker = Worker([sys.executable, "-c", code])
    assert worker.call("resnet50 1")() == 1.0
    worker.close()
    with pytest.raises(RuntimeError, match="no such network"):
        Worker([sys.executable, "-c", "raise SystemExit('no such network')"])


def test_results_carry_date_machine_ratios_and_what_is_left_out():
    result = Result(Case("a net", "a | peer", print, print, limit=0.85), [0.9, 0.8, 0.4], [1.0, 1.0, 1.0])
    sections = [
        comparison("One pass", [result], 3),
        Section("Folders", "A note.", ("files", "ms"), [("20", "1.5")]),
    ]
    text = markdown(sections, "2026-11-21", "Linux, a processor, 2 cores", ["PyTorch: not here"])
    assert "a change by hand is lost" in text
    assert "Measured on 2026-11-21: Linux, a processor, 2 cores." in text
    assert "| a net | a \\| peer | 800 | 1e+03 | 0.80 | 0.40 to 0.90 | 0.85 |" in text
    assert "## Folders\n\n| files | ms |\n| --- | --- |\n| 20 | 1.5 |\n\nA note.\n" in text
    assert text.endswith("## Left out\n\n- PyTorch: not here\n")
    late = Result(Case("a", "b", print, print, limit=0.5), [1.0], [1.0])
    assert comparison("", [late], 1).rows[0][-1] == "0.50 passed"


def test_a_section_measured_again_takes_the_place_of_the_old():
    old = [Section("One", "", ("ms",), [("1",)]), Section("Two", "A note.", ("ms",), [("2",)])]
    again, more = Section("One", "", ("ms",), [("3",)]), Section("Three", "", ("ms",), [("4",)])
    day, machine = "2026-11-21", "Linux"
    text = updated(markdown(old, day, machine, []), [again, more], day, machine)
    assert text == markdown([again, old[1], more], day, machine, [])
    with pytest.raises(ValueError, match="run all sections"):
        updated(text, [again], "2026-11-22", machine)
