"""The ten digits seen, heard and read: deterministic, balanced, and with the frequencies and letters that are promised."""

import numpy as np
import pytest

from course_lib.errors import BadInput
from course_lib.media import digits


def test_pictures_are_the_real_ones_from_paper_to_ink():
    images, labels = digits.pictures()
    assert images.shape == (1797, 8, 8)
    assert (images.min(), images.max()) == (0, 1)
    assert sorted(set(labels.tolist())) == list(range(10))
    scaled = digits.standardised(images)
    assert abs(scaled.mean()) < 0.01
    assert scaled.std() == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("make", [digits.tones, digits.words])
def test_the_same_seed_gives_the_same_digits_and_another_others(make):
    (one, labels), (again, _), (other, _) = make(40, 3), make(40, 3), make(40, 4)
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)
    assert np.bincount(labels).tolist() == [4] * 10


def test_more_tones_begin_with_the_fewer():
    assert np.array_equal(digits.tones(15, 1)[0], digits.tones(30, 1)[0][:15])


def test_a_key_sounds_its_two_frequencies():
    """Averaged over many clips, noise and hum are level, and each digit's own two frequencies stand out."""
    clips, labels = digits.tones(1000, 2)
    loud = digits.log_spectrogram(clips).mean(axis=1)
    difference = np.stack([loud[labels == digit].mean(axis=0) for digit in range(10)]) - loud.mean(axis=0)
    for digit, (row, column) in enumerate(digits.KEYS):
        for frequency in (digits.ROWS[row], digits.COLUMNS[column]):
            place = round(frequency / (digits.RATE / digits.WINDOW)) - digits.LOWEST
            assert difference[digit, place] > 0.15


def test_clips_and_spectrograms_have_their_shapes_whatever_the_loudness():
    clips, _ = digits.tones(3)
    rows = digits.log_spectrogram(clips)
    assert clips.shape == (3, 1664)
    assert rows.shape == (3, 12, 40)
    assert np.allclose(digits.log_spectrogram(0.5 * clips), rows, atol=1e-2)


def test_no_word_comes_twice_and_none_is_right():
    typed, _ = digits.words(1797)
    correct = {word for words in digits.WORDS.values() for word in words}
    assert len(set(typed)) == 1797
    assert not correct & set(typed)
    assert all(len(words) == 10 for words in digits.WORDS.values())


def test_words_are_one_or_two_errors_from_a_number_word_of_their_digit():
    typed, labels = digits.words(200, 5)
    for word, label in zip(typed, labels, strict=True):
        assert (
            min(_distance(word, known[label]) for known in digits.WORDS.values()) <= 4
        )  # a swap counts twice


def _distance(a, b):
    row = list(range(len(b) + 1))
    for i, one in enumerate(a, 1):
        previous, row = row, [i]
        for j, other in enumerate(b, 1):
            row.append(min(previous[j] + 1, row[-1] + 1, previous[j - 1] + (one != other)))
    return row[-1]


def test_spelling_can_be_read_back():
    rows = digits.spell(["sept", "fünf"])
    assert rows.shape == (2, 10)
    assert ["".join(digits.LETTERS[i - 1] for i in row if i) for row in rows] == ["sept", "fünf"]


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: digits.tones(-1), "0 or more"),
        (lambda: digits.words(6000), "5,000"),
        (lambda: digits.spell(["w?"]), "letters"),
    ],
)
def test_what_cannot_be_made_gets_one_sentence(call, says):
    with pytest.raises(BadInput, match=says):
        call()
