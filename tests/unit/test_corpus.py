"""The shipped recordings, the sentences, and the errors counted on them."""

import numpy as np
import pytest

from course_lib.decoding.errors import Errors, letter_errors, word_errors
from course_lib.errors import BadInput
from course_lib.media.sound import corpus, sentences


def test_there_are_fifty_two_words():
    assert len(set(sentences.WORDS)) == len(sentences.WORDS) == 52


def test_no_held_out_sentence_is_made_for_training():
    train = set(sentences.sentences(500, seed=0))
    test = set(sentences.sentences(200, seed=0, held_out=True))
    assert len(train) == 500
    assert len(test) == 200
    assert not train & test
    assert all(word in sentences.WORDS for text in train | test for word in text.split())


@pytest.mark.parametrize("name", corpus.names())
def test_recordings_are_whole(name):
    spoken = corpus.recordings(name)
    for item in spoken:
        assert item.audio.rate == 8_000
        assert item.audio.samples.dtype == np.float32
        assert 0.8 < item.audio.seconds < 5
        assert 0.03 < np.sqrt(np.mean(item.audio.samples**2)) < 0.1
        assert sentences.is_held_out(item.text) == name.endswith("_test")
        # Each begins and ends in its pause: so none holds a part of its neighbour.
        edges = np.concatenate([item.audio.samples[:320], item.audio.samples[-320:]])
        assert np.abs(edges).max() < 0.35 * np.abs(item.audio.samples).max()


def test_no_voice_is_in_training_and_test():
    few, test = (
        {item.speaker.split("+")[1] for item in corpus.recordings(f"speakers_{part}")}
        for part in ("few", "test")
    )
    assert len(test) == 8
    assert not few & test


def test_unknown_recordings_are_refused():
    with pytest.raises(BadInput, match="voice_test"):
        corpus.recordings("nobody")


@pytest.mark.parametrize(
    ("said", "heard", "errors"),
    [
        ("the cat sat", "the cat sat", Errors(0, 0, 0, 3)),
        ("the cat sat", "a cat sat on", Errors(1, 0, 1, 3)),
        ("the cat sat", "", Errors(0, 3, 0, 3)),
        ("put it there", "it there", Errors(0, 1, 0, 3)),
    ],
)
def test_word_errors(said, heard, errors):
    assert word_errors([said], [heard]) == errors
    assert word_errors([said, "yes"], [heard, "yes"]) == errors + Errors(said=1)


def test_letter_errors():
    assert letter_errors(["kitten"], ["sitting"]).rate == pytest.approx(3 / 6)


def test_an_error_rate_of_nothing_is_refused():
    with pytest.raises(BadInput, match="at least one word"):
        word_errors([""], ["hello"])
    with pytest.raises(BadInput, match="one for each"):
        word_errors(["a"], [])
