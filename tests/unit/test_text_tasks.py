"""The tasks on texts: right answers, and no question on both sides."""

import datetime

import pytest

from course_lib.media.spelling import in_roman, in_words, plural
from course_lib.media.text_tasks import PREFIXES, TASKS, make_pairs


@pytest.mark.parametrize(("number", "words"), [
    (0, "zero"), (19, "nineteen"), (40, "forty"), (72, "seventy-two"), (300, "three hundred"),
    (472, "four hundred and seventy-two"), (1000, "one thousand"), (1005, "one thousand and five"),
    (2300, "two thousand three hundred"), (9999, "nine thousand nine hundred and ninety-nine"),
    (120_010, "one hundred and twenty thousand and ten"),
])  # fmt: skip
def test_numbers_in_words(number, words):
    assert in_words(number) == words


def test_words_tell_all_numbers_apart():
    assert len({in_words(number) for number in range(10_000)}) == 10_000


@pytest.mark.parametrize(
    ("number", "roman"), [(1, "I"), (4, "IV"), (1994, "MCMXCIV"), (2026, "MMXXVI"), (3999, "MMMCMXCIX")]
)
def test_roman_numerals(number, roman):
    assert in_roman(number) == roman


@pytest.mark.parametrize(("noun", "many"), [
    ("baby", "babies"), ("toy", "toys"), ("box", "boxes"), ("glass", "glasses"), ("church", "churches"),
    ("dish", "dishes"), ("cat", "cats"), ("man", "men"), ("sheep", "sheep"),
])  # fmt: skip
def test_plurals(noun, many):
    assert plural(noun) == many


def test_the_same_seed_makes_the_same_pairs():
    assert make_pairs(100, seed=3) == make_pairs(100, seed=3) != make_pairs(100, seed=4)


def test_no_question_is_on_both_sides():
    training, testing = (set(make_pairs(4_000, seed=1, test=test)[0]) for test in (False, True))
    assert not training & testing
    assert min(len(training), len(testing)) > 2_000


def test_tasks_take_turns():
    questions, _ = make_pairs(16)
    assert [question.partition(":")[0] for question in questions] == 2 * list(PREFIXES)


def test_answers_are_right():
    for question, answer in zip(*make_pairs(800, seed=5), strict=True):
        prefix, _, asked = question.partition(": ")
        if prefix == "add":
            assert sum(map(int, asked.split("+"))) == int(answer)
        if prefix == "date":
            day, month, year = answer.split()
            assert datetime.datetime.strptime(f"{day} {month} {year}", "%d %B %Y").date().isoformat() == asked
        if prefix == "digits":
            assert in_words(int(answer)) == asked
        if prefix == "reverse":
            assert answer[::-1] == asked


def test_longer_questions_are_longer():
    for prefix in set(TASKS) - {"date", "iso", "roman"}:
        short, long = (make_pairs(300, [prefix], longer=longer)[0] for longer in (False, True))
        assert max(map(len, short)) <= max(map(len, long))
        assert sum(map(len, long)) / 300 > sum(map(len, short)) / 300 + 2
