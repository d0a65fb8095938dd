"""Eight small tasks on texts, each told by its prefix: a data set that needs no download and never ends.

Whether a question is kept for testing hangs on its own letters, so that no question is ever on both sides.
"""

import datetime
import random
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from course_lib.media.spelling import IRREGULAR, MONTHS, in_roman, in_words, listed, plural

# What invented words are made of: a beginning and vowels for each syllable, and an ending.
BEGINNINGS = listed("b br c ch cl d dr f fl g gr h j k l m n p pl r s sh sl st t tr v w")
VOWELS = listed("a e i o u ai ea oo ou")
ENDINGS = listed("b d ck g ll m n ng p r t nt st x ss sh ch y ay oy er le on")
SHARE_HELD_OUT = 10  # one question of so many is kept for testing
SHARE_IRREGULAR = 0.1  # of the nouns


@dataclass(frozen=True)
class Task:
    """One task.

    Attributes:
        prefix: what a question begins with.
        says: what is asked, in words.
        ask: (random numbers, longer) -> question without its prefix, and its answer; `longer` ones are never trained.
    """

    prefix: str
    says: str
    ask: Callable[[random.Random, bool], tuple[str, str]]


def _number(rng: random.Random, longer: bool) -> int:
    digits = rng.randint(5, 6) if longer else rng.randint(1, 4)
    return rng.randrange(10 ** (digits - 1) if digits > 1 else 0, 10**digits)


def _word(rng: random.Random, syllables: int) -> str:
    stem = "".join(rng.choice(BEGINNINGS) + rng.choice(VOWELS) for _ in range(syllables))
    return stem + rng.choice(ENDINGS)


def _words(rng, longer):
    number = _number(rng, longer)
    return str(number), in_words(number)


def _digits(rng, longer):
    number = _number(rng, longer)
    return in_words(number), str(number)


def _date(rng, longer):
    first, last = (2100, 2999) if longer else (1900, 2099)
    day = datetime.date(rng.randint(first, last), 1, 1) + datetime.timedelta(rng.randrange(365))
    return day.isoformat(), f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def _iso(rng, longer):
    iso, written = _date(rng, longer)
    return written, iso


def _reverse(rng, longer):
    word = _word(rng, rng.randint(4, 5) if longer else rng.randint(1, 3))
    return word, word[::-1]


def _plural(rng, longer):
    if not longer and rng.random() < SHARE_IRREGULAR:
        noun = rng.choice(list(IRREGULAR))
    else:
        noun = _word(rng, rng.randint(3, 4) if longer else rng.randint(1, 2))
    return noun, plural(noun)


def _add(rng, longer):
    one, other = (_number(rng, True) if longer else rng.randrange(10 ** rng.randint(1, 3)) for _ in range(2))
    return f"{one}+{other}", str(one + other)


def _roman(rng, longer):
    number = rng.randrange(3000, 4000) if longer else rng.randrange(1, 3000)
    return str(number), in_roman(number)


TASKS = {
    task.prefix: task
    for task in (
        Task("words", "write a number in words", _words),
        Task("digits", "write a number's words in digits", _digits),
        Task("date", "write out an ISO date", _date),
        Task("iso", "write a date as ISO wants it", _iso),
        Task("reverse", "write a word backwards", _reverse),
        Task("plural", "write the plural of a noun", _plural),
        Task("add", "add two numbers", _add),
        Task("roman", "write a number in Roman numerals", _roman),
    )
}
PREFIXES = tuple(TASKS)


def held_out(question: str) -> bool:
    """Say whether a question, with its prefix, is kept for testing; irregular plurals are never."""
    noun = question.partition(": ")[2]
    return noun not in IRREGULAR and zlib.crc32(question.encode()) % SHARE_HELD_OUT == 0


def make_pairs(
    n: int,
    tasks: Iterable[str] = PREFIXES,
    seed: int = 0,
    test: bool = False,
    longer: bool = False,
    distinct: bool = False,
) -> tuple[list[str], list[str]]:
    """Make questions and answers.

    Args:
        n: how many, shared evenly among the tasks.
        tasks: prefixes.
        seed: of all choices.
        test: questions that are kept for testing; else such as are not.
        distinct: ask nothing twice; few numbers are short, so else these come again and again.
        longer: questions longer, or of later years, than any in training.

    Returns:
        The questions, for instance "add: 17+25", and the answers, "42"; the tasks take turns.
    """
    rng, tasks, questions, answers = random.Random(f"{seed} {test} {longer}"), list(tasks), [], []
    asked: set[str] = set()
    while len(questions) < n:
        task = TASKS[tasks[len(questions) % len(tasks)]]
        question, answer = task.ask(rng, longer)
        question = f"{task.prefix}: {question}"
        if (longer or held_out(question) == test) and not (distinct and question in asked):
            asked.add(question)
            questions.append(question)
            answers.append(answer)
    return questions, answers


def make_lines(n: int, seed: int = 0, together: bool = False) -> list[str]:
    """Write lines of text without questions: numbers and dates as they stand in books and tables.

    Args:
        n: how many.
        seed: of all choices.
        together: let a line tell one thing in both ways, as texts sometimes do: "3 May 1999 (1999-05-03)"; else each line
            has things that have nothing to do with each other.

    Returns:
        Lines of 60 characters or less; nothing in them that a held-out question asks for is told in both ways.
    """
    rng, lines = random.Random(f"lines {seed} {together}"), []
    while len(lines) < n:
        name = rng.choice(("words", "date"))
        question, answer = TASKS[name].ask(rng, False)
        others = {"words": "digits", "date": "iso"}
        if together and not (held_out(f"{name}: {question}") or held_out(f"{others[name]}: {answer}")):
            pair = [question, answer] if rng.random() < 0.5 else [answer, question]
            lines.append(rng.choice(("{} ({})", "{}, that is {}", "{} = {}")).format(*pair))
        elif not together:
            lines.append(f"{_word(rng, 2)} {rng.choice((question, answer))} {_word(rng, 1)}")
    return lines
