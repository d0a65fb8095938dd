"""Decoding equals KerasHub's samplers: the same greedy and beam texts, the same probabilities to draw with."""

import keras
import numpy as np
import pytest
from keras_hub import samplers

from course_lib.decoding.choosing import Greedy, Sampling
from course_lib.decoding.generating import beam_search, generate_rows
from tests.unit.table_model import TableSteps

VOCABULARY, LENGTH = 11, 8


@pytest.fixture(scope="module", params=[0, 1, 2])
def steps(request):
    return TableSteps(VOCABULARY, seed=request.param)


def next_of(steps):
    """Return what KerasHub's samplers ask for the next token."""

    def call(prompt, cache, index):
        before, last = prompt[:, index - 2], prompt[:, index - 1]
        table = keras.ops.reshape(steps.table, (-1, VOCABULARY))
        return keras.ops.take(table, before * VOCABULARY + last, axis=0), None, cache

    return call


def written(sampler, steps, starts, **options):
    """Let a sampler of KerasHub continue each row of `starts`, (rows, 2)."""
    prompt = np.concatenate([starts, np.zeros((len(starts), LENGTH), np.int32)], axis=1)
    mask = np.arange(prompt.shape[1])[None] < starts.shape[1]
    given = keras.ops.convert_to_tensor(prompt)
    out = sampler(next_of(steps), given, index=2, mask=np.repeat(mask, len(starts), 0), **options)
    return keras.tree.map_structure(np.asarray, out)


STARTS = np.array([[1, 2], [3, 4], [0, 9], [5, 5]], np.int32)


def test_greedy(steps):
    expected = written(samplers.GreedySampler(), steps, STARTS)[:, 2:]
    assert generate_rows(steps, STARTS, Greedy(), LENGTH).tolist() == expected.tolist()


@pytest.mark.parametrize("beams", [1, 3, 6])
def test_beam_search(steps, beams):
    texts, totals = written(samplers.BeamSampler(beams, return_all_beams=True), steps, STARTS)
    for start, rows, expected in zip(STARTS, texts, totals, strict=True):
        found = beam_search(steps, start, beams, LENGTH)
        assert [list(beam.tokens) for beam in found] == rows[:, 2:].tolist()
        np.testing.assert_allclose([beam.log_probability for beam in found], expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("sampler", "ours"),
    [
        (lambda: samplers.RandomSampler(), Sampling()),
        (lambda: samplers.RandomSampler(temperature=0.6), Sampling(temperature=0.6)),
        (lambda: samplers.TopKSampler(4), Sampling(top_k=4)),
        (lambda: samplers.TopKSampler(4, temperature=1.7), Sampling(top_k=4, temperature=1.7)),
        (lambda: samplers.TopPSampler(0.8), Sampling(top_p=0.8)),
        (lambda: samplers.TopPSampler(0.5, temperature=1.7), Sampling(top_p=0.5, temperature=1.7)),
    ],
    ids=["random", "random at .6", "top-k", "top-k at 1.7", "top-p", "top-p at 1.7"],
)
def test_the_lots_are_drawn_with_the_same_probabilities(monkeypatch, steps, sampler, ours):
    """What KerasHub hands to `random.categorical` is caught, and put back into the vocabulary's order."""
    sampler, caught = sampler(), {}

    def categorical(logits, number, **options):
        caught["probabilities"] = keras.ops.softmax(logits)
        return keras.ops.zeros((logits.shape[0], number), "int32")

    monkeypatch.setattr(keras.random, "categorical", categorical)
    logits = steps.table.reshape(-1, VOCABULARY)
    probabilities = sampler.compute_probabilities(logits)
    sampler.get_next_token(probabilities)
    drawn = np.asarray(caught["probabilities"])
    if not isinstance(sampler, samplers.RandomSampler):
        # These samplers draw among tokens in the order of `top_k`.
        unsorted = isinstance(sampler, samplers.TopKSampler)
        _, order = keras.ops.top_k(probabilities, drawn.shape[1], sorted=not unsorted)
        full = np.zeros_like(logits)
        np.put_along_axis(full, np.asarray(order), drawn, axis=-1)
        drawn = full
    expected = ours.probabilities(logits, np.zeros((len(logits), 1), int))
    np.testing.assert_array_equal(drawn > 0, expected > 0)
    np.testing.assert_allclose(drawn, expected, atol=1e-6)
