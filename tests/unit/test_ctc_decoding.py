"""Reading off a text: against all paths counted one by one, with a language model, and the model's own probabilities."""

import itertools
import math

import numpy as np
import pytest

from course_lib.decoding.ctc import Weights, greedy, prefix_beam_search
from course_lib.decoding.ngram import learn
from course_lib.errors import BadInput

BLANK = 2
SYMBOLS = (" ", *"abcdefghijklmnopqrstuvwxyz")


def logs(rows):
    rows = np.asarray(rows, float)
    return np.log(rows / rows.sum(axis=1, keepdims=True))


def collapsed(path, blank=BLANK):
    merged = [symbol for symbol, _ in itertools.groupby(path)]
    return tuple(symbol for symbol in merged if symbol != blank)


def all_texts(log_probs, blank=BLANK):
    """Sum the probability of every path, text by text."""
    found = {}
    for path in itertools.product(range(log_probs.shape[1]), repeat=len(log_probs)):
        p = math.exp(sum(log_probs[frame, symbol] for frame, symbol in enumerate(path)))
        text = collapsed(path, blank)
        found[text] = found.get(text, 0) + p
    return found


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("blank", [0, 2])
def test_a_wide_search_finds_every_text_with_its_exact_probability(seed, blank):
    log_probs = logs(np.random.default_rng(seed).random((5, 3)) + 0.01)
    expected = all_texts(log_probs, blank)
    found = prefix_beam_search(log_probs, blank, beams=1000)
    assert len(found) == len(expected)
    for decoded in found:
        assert math.exp(decoded.score) == pytest.approx(expected[decoded.letters], rel=1e-9)
    assert [x.score for x in found] == sorted((x.score for x in found), reverse=True)


def test_greedy_takes_one_path_and_the_search_all_of_them():
    # Blank wins each frame, but "a" in either frame is likelier than nothing at all.
    log_probs = logs([[0.4, 1e-9, 0.6]] * 2)
    assert greedy(log_probs, BLANK).letters == ()
    assert prefix_beam_search(log_probs, BLANK, beams=4)[0].letters == (0,)


def test_greedy_merges_repetitions_but_not_over_a_blank_and_tells_the_frames():
    path = [2, 0, 0, 2, 0, 1, 1, 2]
    decoded = greedy(logs(np.eye(3)[path] + 1e-3), BLANK)
    assert decoded.letters == (0, 0, 1)
    assert decoded.frames == (1, 4, 5)
    best = prefix_beam_search(logs(np.eye(3)[path] + 1e-3), BLANK, beams=8)[0]
    assert (best.letters, best.frames) == (decoded.letters, decoded.frames)
    assert best.score >= decoded.score


def test_a_letter_that_was_whispered_early_is_heard_where_it_is_loud():
    rows = np.full((6, 3), 1e-4)
    rows[:, 2] = 1
    rows[4, 0] = 50
    assert prefix_beam_search(logs(rows), BLANK, beams=8)[0].frames == (4,)


def spoken(text, doubt=None, seed=0):
    """Return log-probabilities of a text, two frames a letter; `doubt` maps a letter to one that sounds alike."""
    numbers = {symbol: number for number, symbol in enumerate(SYMBOLS)}
    rows = np.full((2 * len(text), len(SYMBOLS) + 1), 1e-6)
    for place, letter in enumerate(text):
        rows[2 * place, numbers[letter]] = 1
        if doubt and letter in doubt:
            rows[2 * place, numbers[doubt[letter]]] = 1.5
        rows[2 * place + 1, -1] = 1
    return logs(rows)


def test_a_language_model_decides_between_words_that_sound_alike():
    model = learn(["the red hat", "the red hat is old", "a bad cat"], order=2)
    log_probs = spoken("the red hat", {"h": "c"})
    blank = len(SYMBOLS)

    def text(**options):
        best = prefix_beam_search(log_probs, blank, 32, symbols=SYMBOLS, **options)[0]
        return "".join(SYMBOLS[i] for i in best.letters)

    assert text() == "tce red cat"
    assert text(language_model=model) == "the red hat"
    assert text(language_model=model, weights=Weights(0.0, 0.0)) == "the red cat"  # known, but never so


def test_the_models_share_of_the_score_is_what_the_formula_says():
    model, weights = learn(["a bad cat", "a cat"], order=2), Weights(0.7, 0.3)
    log_probs = spoken("a cat")
    plain = {x.letters: x.score for x in prefix_beam_search(log_probs, 27, 64)}
    best = prefix_beam_search(log_probs, 27, 64, model, weights, SYMBOLS)[0]
    added = 0.7 * (model.log_prob("a") + model.log_prob("cat", ["a"])) + 2 * 0.3
    assert best.score == pytest.approx(plain[best.letters] + added, abs=1e-4)


def test_only_words_that_the_model_knows_are_written():
    model = learn(["the red hat", "a bad cat"], order=2)
    log_probs = spoken("thf rad hzt", {"f": "g", "z": "y"})

    def text(language_model):
        best = prefix_beam_search(log_probs, 27, 64, language_model, Weights(0.5, 1.0), SYMBOLS)[0]
        return "".join(SYMBOLS[i] for i in best.letters)

    assert set(text(model).split()) <= model.words

    class Open:  # one without a list of words lets any be written
        log_prob = model.log_prob

    assert not set(text(Open()).split()) <= model.words


def test_a_language_model_needs_to_know_the_letters():
    with pytest.raises(BadInput, match="symbols"):
        prefix_beam_search(spoken("a cat"), 27, 4, learn(["a cat"]))


def test_probabilities_of_all_words_sum_to_one_behind_anything():
    model = learn(["put the cup on the box", "the cat sees the dog", "put the hat on"], order=3)
    for before in ([], ["put"], ["put", "the"], ["never", "heard"], ["the", "cat", "sees", "the"]):
        known = sum(math.exp(model.log_prob(word, before)) for word in model.words)
        assert known + math.exp(model.log_prob("unheard", before)) == pytest.approx(1)


def test_what_was_seen_is_likelier_and_more_neighbours_help():
    texts = ["put the cup on the box", "put the hat on the box"] * 3 + ["the cat sees the dog"]
    model = learn(texts)
    assert model.log_prob("box", ["on", "the"]) > model.log_prob("dog", ["on", "the"])
    assert (
        learn(texts, 3).perplexity(texts)
        < learn(texts, 2).perplexity(texts)
        < learn(texts, 1).perplexity(texts)
    )


def test_a_model_by_hand():
    model = learn(["a b", "a c"], order=2)
    # Even: 1/4. Alone: a 2, b 1, c 1, so (1 + 3/4) / 7 = 1/4. Behind a: b 1 of 2, two kinds.
    assert math.exp(model.log_prob("b", ["a"])) == pytest.approx((1 + 2 * 0.25) / 4)


def test_nothing_to_learn_from_is_said():
    with pytest.raises(BadInput, match="no word"):
        learn(["", " "])
    with pytest.raises(BadInput, match="order 0"):
        learn(["a"], order=0)
