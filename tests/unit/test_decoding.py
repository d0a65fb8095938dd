"""Decoding: filters by their definitions, choices by lot, generation, beam search against trying everything."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from course_lib.decoding import filters, measures
from course_lib.decoding.choosing import Greedy, Sampling
from course_lib.decoding.generating import beam_search, generate, generate_rows
from course_lib.errors import BadInput
from tests.unit.table_model import TableSteps

# Few different values, so that there are ties; some far apart.
LOGITS = arrays.arrays(
    np.float32, st.tuples(st.integers(1, 3), st.integers(1, 9)), elements=st.sampled_from([-90, -2, -1, 0, 0.5, 3, 90])
)  # fmt: skip
quick = settings(max_examples=60, deadline=None)


@quick
@given(LOGITS)
def test_softmax(logits):
    probabilities = filters.softmax(logits)
    np.testing.assert_allclose(probabilities.sum(-1), 1, rtol=1e-5)
    np.testing.assert_allclose(np.exp(filters.log_softmax(logits)), probabilities, rtol=1e-4, atol=1e-30)


@quick
@given(LOGITS, st.sampled_from([0.1, 0.7, 1.0, 5.0]))
def test_temperature_is_a_power_of_the_probabilities(logits, degree):
    powers = filters.softmax(logits.astype(float)) ** (1 / degree)
    expected = powers / powers.sum(-1, keepdims=True)
    np.testing.assert_allclose(filters.softmax(filters.temperature(logits.astype(float), degree)), expected)


@quick
@given(LOGITS, st.integers(0, 12))
def test_top_k_keeps_the_k_likeliest(logits, k):
    kept = filters.top_k(logits, k) > -np.inf
    for row, keep in zip(logits, kept, strict=True):
        best = sorted(range(len(row)), key=lambda i: -row[i])[: k or None]
        assert set(np.flatnonzero(keep)) == set(best)
    np.testing.assert_array_equal(filters.top_k(logits, k)[kept], logits[kept])


@quick
@given(LOGITS, st.floats(0.01, 1))
def test_top_p_keeps_the_smallest_set_with_the_probability_p(logits, p):
    kept = filters.top_p(logits, p) > -np.inf
    probabilities = filters.softmax(logits.astype(float))
    for row, keep in zip(probabilities, kept, strict=True):
        assert row[keep].sum() >= p - 1e-9
        assert row[keep].sum() - row[keep].min() < p or keep.all()  # one less would not do
        assert row[keep].min() >= row[~keep].max(initial=0)


def test_the_nucleus_grows_and_shrinks():
    sure, unsure = np.log([0.97, 0.01, 0.01, 0.01]), np.log([0.3, 0.3, 0.2, 0.2])
    assert (filters.top_p(np.stack([sure, unsure]), 0.9) > -np.inf).sum(-1).tolist() == [1, 4]


@quick
@given(LOGITS, st.data(), st.sampled_from([0.5, 1.0, 1.3]))
def test_repetition_penalty_changes_what_was_seen_and_nothing_else(logits, data, penalty):
    seen = data.draw(arrays.arrays(np.int32, (len(logits), 4), elements=st.integers(0, logits.shape[1] - 1)))
    before = logits.copy()
    changed = filters.repetition_penalty(logits, seen, penalty)
    np.testing.assert_array_equal(logits, before)
    for row, new, tokens in zip(logits, changed, seen, strict=True):
        for token, (a, b) in enumerate(zip(row, new, strict=True)):
            expected = a if token not in tokens else a / penalty if a > 0 else a * penalty
            assert b == pytest.approx(expected)


@pytest.mark.parametrize(
    "settings_",
    [{"temperature": 0}, {"temperature": -1}, {"temperature": math.nan}, {"top_k": -1}, {"top_k": 2.5},
     {"top_p": 0}, {"top_p": 1.1}, {"top_p": math.nan}, {"repetition_penalty": 0}],
    ids=str,
)  # fmt: skip
def test_settings_out_of_range_are_told_at_once(settings_):
    with pytest.raises(BadInput):
        Sampling(**settings_)


def test_lots_come_as_often_as_they_are_probable():
    logits = np.log([[0.5, 0.25, 0.15, 0.1]]).repeat(20_000, axis=0)
    seen = np.zeros((20_000, 1), int)
    choose = Sampling(top_k=3, seed=1)
    share = np.bincount(choose(logits, seen), minlength=4) / 20_000
    np.testing.assert_allclose(share, choose.probabilities(logits, seen)[0], atol=0.012)
    assert share[3] == 0
    assert (Sampling(seed=1)(logits, seen) == Sampling(seed=1)(logits, seen)).all()
    assert (Sampling(seed=1)(logits, seen) != Sampling(seed=2)(logits, seen)).any()


def test_the_nucleus_is_taken_behind_the_temperature():
    logits, seen = np.log([[0.5, 0.3, 0.2]]), np.zeros((1, 1), int)
    assert (Sampling(temperature=0.2, top_p=0.7).probabilities(logits, seen) > 0).sum() == 1
    assert (Sampling(temperature=5.0, top_p=0.7).probabilities(logits, seen) > 0).sum() == 3


@pytest.mark.parametrize("prompt", [[3], [1, 4, 2]])
def test_greedy_writes_what_it_would_write_without_a_cache(prompt):
    steps, text = TableSteps(), list(prompt)
    for _ in range(8):
        text.append(int(steps.logits(text).argmax()))
    assert list(generate(steps, prompt, Greedy(), 8)) == text[len(prompt) :]
    assert steps.read == [(1, len(prompt))] + [(1, 1)] * 7  # each token is read once
    assert len(set(generate(steps, prompt, Greedy(repetition_penalty=50), 4))) == 4


def test_a_full_context_begins_again_with_its_last_half():
    steps = TableSteps()
    written = list(generate(steps, [1, 4, 2, 0, 3], Greedy(), 8, context=6))
    assert written == list(generate(TableSteps(), [1, 4, 2, 0, 3], Greedy(), 8))  # it only looks two back
    assert steps.read == [(1, 5), (1, 1), (1, 3), (1, 1), (1, 1), (1, 1), (1, 3), (1, 1)]


def test_the_end_is_not_written_and_stops_its_row_alone():
    steps = TableSteps(seed=3)
    alone = [list(generate(steps, [first], Greedy(), 6, end=2)) for first in range(5)]
    assert {len(row) for row in alone} > {6}  # some end early, some never
    assert all(2 not in row for row in alone)
    rows = generate_rows(steps, np.arange(5)[:, None], Greedy(), 6, end=2)
    assert rows.dtype == np.int32
    assert rows.tolist() == [row + [2] * (6 - len(row)) for row in alone]


def every_text(steps, prompt, length, end=None):
    """Return {text: log-probability} of all there are; one that has ended is not continued."""
    texts = {}
    for tokens in itertools.product(range(steps.table.shape[0]), repeat=length):
        if end in tokens:
            tokens = tokens[: tokens.index(end) + 1]
        text, total = list(prompt), 0.0
        for token in tokens:
            total += float(filters.log_softmax(steps.logits(text).astype(float))[token])
            text.append(token)
        texts[tokens] = total
    return texts


@pytest.mark.parametrize("end", [None, 1])
@pytest.mark.parametrize("length_penalty", [0.0, 1.0])
@pytest.mark.parametrize("seed", range(4))
def test_a_beam_for_every_text_finds_the_best_of_all(seed, length_penalty, end):
    steps = TableSteps(vocabulary=3, seed=seed)
    texts = every_text(steps, [2], 4, end)
    ranked = sorted(texts, key=lambda tokens: -texts[tokens] / len(tokens) ** length_penalty)
    found = beam_search(steps, [2], 3**4, 4, end, length_penalty)
    assert found[0].tokens == ranked[0]
    assert {beam.tokens for beam in found} == set(ranked)
    assert [beam.score for beam in found] == sorted((beam.score for beam in found), reverse=True)
    for beam in found:
        assert beam.log_probability == pytest.approx(texts[beam.tokens])
        assert beam.score == pytest.approx(texts[beam.tokens] / len(beam.tokens) ** length_penalty)


def test_one_beam_is_greedy_and_more_are_seldom_worse():
    better = 0
    for seed in range(10):
        steps = TableSteps(vocabulary=8, seed=seed)
        one, *others = beam_search(steps, [1, 2], 1, 7)
        assert not others
        assert list(one.tokens) == list(generate(steps, [1, 2], Greedy(), 7))
        found = beam_search(steps, [1, 2], 5, 7)
        assert [beam.score for beam in found] == sorted((beam.score for beam in found), reverse=True)
        better += found[0].score > one.score + 1e-9
    assert better >= 5


def test_nothing_to_do_is_told():
    for call in (
        lambda: list(generate(TableSteps(), [], Greedy(), 3)),
        lambda: list(generate(TableSteps(), [1], Greedy(), 0)),
        lambda: generate_rows(TableSteps(), np.zeros((2, 0)), Greedy(), 3),
        lambda: beam_search(TableSteps(), [1], 0, 3),
        lambda: measures.perplexity([]),
        lambda: measures.distinct_n([1], 0),
        lambda: measures.repeated_share([1], 0),
    ):
        with pytest.raises(BadInput):
            call()


def test_measures_by_hand():
    assert measures.perplexity(np.log([0.5, 0.125])) == pytest.approx(4)
    assert measures.perplexity([math.log(1 / 7)] * 5) == pytest.approx(7)
    assert measures.perplexity([-1e9]) == math.inf
    assert measures.distinct_n("abab", 2) == pytest.approx(2 / 3)
    assert measures.distinct_n(range(9), 3) == 1
    assert math.isnan(measures.distinct_n([1], 2))
    assert measures.repeated_share("abcab", 3) == pytest.approx(2 / 5)
    assert measures.repeated_share("abcab", 2) == 0
    assert math.isnan(measures.repeated_share([]))
