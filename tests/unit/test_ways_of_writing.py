"""The measurement behind lesson 22: what it measures of a text, and what it found."""

import json

import numpy as np
import pytest

from course_lib.data_dir import data_dir
from course_lib.decoding.choosing import Greedy
from course_lib.training.language.ways_of_writing import DRAWS, PIECES, WAYS, measured, pieces, written
from tests.unit.table_model import TableSteps


def test_pieces_are_drawn_from_the_text():
    drawn = pieces(np.arange(500), seed=1)
    assert drawn.shape == (PIECES, 128)
    assert (np.diff(drawn, axis=1) == 1).all()
    assert not np.array_equal(drawn, pieces(np.arange(500), seed=2))


def test_measures_of_a_text_by_hand():
    steps = TableSteps(4)
    prompts, texts = np.array([[1, 2], [3, 0]], np.int32), np.array([[1, 2, 1, 2], [0, 1, 2, 3]], np.int32)

    def logits(rows):
        return np.array([[steps.logits(row[: n + 1]) for n in range(len(row))] for row in rows.tolist()])

    found = measured(logits, prompts, texts)
    surprise = []
    for prompt, text in zip(prompts.tolist(), texts.tolist(), strict=True):
        for place, token in enumerate(text):
            row = steps.logits([*prompt, *text[:place]]).astype(float)
            surprise.append(np.log(np.exp(row).sum()) - row[token])
    assert found["perplexity"] == pytest.approx(np.exp(np.mean(surprise)))
    assert found["distinct"] == pytest.approx((2 / 3 + 1) / 2)
    assert found["repeated"] == pytest.approx((1 / 2 + 0) / 2)


def test_a_beam_search_is_written_row_by_row():
    steps = TableSteps(5)
    prompts = np.array([[1, 2], [3, 0]], np.int32)
    searched, greedy = written(steps, prompts, None, 0, 6), written(steps, prompts, lambda _: Greedy(), 0, 6)
    assert searched.shape == greedy.shape == (2, 6)


def test_what_lesson_22_says_of_the_record():
    record = json.loads((data_dir() / "experiments" / "ways_of_writing.json").read_text())
    assert record["sha256"] == json.loads((data_dir() / "weights" / "gpt_nano.json").read_text())["sha256"]
    ways = record["ways"]
    assert list(ways) == ["people", *WAYS]
    assert len(WAYS) == 21
    assert {len(runs) for runs in ways.values()} == {len(DRAWS)}

    def mean(name, key):
        return np.mean([run[key] for run in ways[name]])

    people = {key: mean("people", key) for key in ("perplexity", "distinct", "repeated")}
    # Rules of one place on the road.
    for name in ("temperature 0.9", "top-p 0.9", "top-k 40"):
        assert 10.5 < mean(name, "perplexity") < 13.5
        assert 0.14 < mean(name, "repeated") < 0.155
    # People: as repetitive as the nucleus, twice as surprising.
    assert abs(mean("top-p 0.95", "repeated") - people["repeated"]) < 0.01
    assert 1.8 < people["perplexity"] / mean("top-p 0.95", "perplexity") < 2.3
    assert mean("temperature 1.2", "repeated") < 0.75 * people["repeated"]
    assert abs(mean("temperature 1.2", "perplexity") - people["perplexity"]) < 8
    assert mean("greedy", "repeated") > 2.5 * people["repeated"]
    assert (
        mean("beam search, 5 beams", "perplexity") < mean("greedy", "perplexity") < people["perplexity"] / 5
    )
    # A penalty fools one measure.
    assert abs(mean("greedy, repetition penalty 1.2", "distinct") - people["distinct"]) < 0.015
    assert mean("greedy, repetition penalty 1.2", "perplexity") < people["perplexity"] / 5
