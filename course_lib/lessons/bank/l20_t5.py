"""Lesson 20's exercises and quiz."""

import math

import numpy as np

from course_lib.lessons.exercises import Exercise
from course_lib.lessons.expect import as_numbers, expect, expect_close, expect_shape
from course_lib.lessons.quiz import Choice, Question

WIDTH, HEADS, BUCKETS = 512, 8, 32  # T5 small, in the quiz
FARTHEST, EXACT = 128, 8
LENGTH = 9  # letters of an answer, in the quiz


def _normalises(rms_norm):
    rng = np.random.default_rng(0)
    x, scale = rng.normal(2, 3, (4, 6)), rng.uniform(0.5, 2, 6)
    root = np.sqrt((x**2).mean(axis=1, keepdims=True) + 1e-6)
    got = as_numbers(rms_norm(x.copy(), scale.copy()))
    expect_shape(got, (4, 6), "Four tokens of six numbers come out as they went in, (4, 6).")
    centred = (x - x.mean(axis=1, keepdims=True)) / x.std(axis=1, keepdims=True) * scale
    expect(not np.allclose(got, centred, atol=1e-3), "No mean is taken away: only the size is divided out.")
    expect(
        not np.allclose(got, x / root), "The normalised numbers are not yet multiplied by the learned scale."
    )
    expect(
        not np.allclose(got, x / (root**2) * scale),
        "That is divided by the mean square itself: what gives back the unit of x?",
    )
    over_all = x / np.sqrt((x**2).mean() + 1e-6) * scale
    expect(not np.allclose(got, over_all), "Each token has a mean square of its own: over which axis?")
    expect_close(got, x / root * scale, "Check the mean of the squares, the root and the scale.", rtol=1e-6)
    large = as_numbers(rms_norm(np.ones((1, 2)), np.ones(2), 3.0))
    expect_close(large, [[0.5, 0.5]], "Where does epsilon go? It is added before the root.", rtol=1e-6)


def _makes_holes(with_holes):
    words = ["the", "cat", "sat", "on", "the", "mat", "and", "slept"]
    got = with_holes(list(words), [(1, 3), (5, 6)])
    expect(isinstance(got, tuple) and len(got) == 2, "Return two texts, the source and the target.")
    source, target = got
    expect(isinstance(source, str) and isinstance(target, str), "Both are texts: join the words with spaces.")
    expect(
        "<0>" in source and "<1>" in source,
        "A blank stands in each hole: <0> in the first, <1> in the second.",
    )
    expect(
        source == "the <0> on the <1> and slept",
        "In the source, everything outside the spans stays where it is.",
    )
    expect(
        "<0>" in target,
        "In the target each span begins with its blank: which hole would it be for otherwise?",
    )
    expect(
        target == "<0> cat sat <1> mat",
        "The target has each blank and the words of its span, and nothing else.",
    )
    again = with_holes(list(words), [(0, 1), (7, 8)])
    expect(
        again == ("<0> cat sat on the mat and <1>", "<0> the <1> slept"),
        "Try spans at the very beginning and the very end.",
    )


def _groups(by_task):
    questions = ["add: 1+2", "add: 2+2", "words: 4", "iso: 4 May 1999", "add: 9+9"]
    got = by_task(
        list(questions), ["3", "5", "four", "1999-05-4", "18"], ["3", "4", "four", "1999-05-04", "18"]
    )
    expect(isinstance(got, dict), "Return a dict with an entry for each prefix.")
    expect(
        set(got) == {"add", "words", "iso"}, "The keys are the prefixes: what stands before the first colon."
    )
    expect(got["iso"] == 0, "Almost right is wrong: '1999-05-4' is not '1999-05-04'.")
    expect_close(
        got["add"], 2 / 3, "Of three sums two are right: divide by the questions of this task alone."
    )
    expect_close(got["words"], 1.0, "One question of this task, and it is right.")
    almost = by_task(["add: 9+9", "plural: ox", "reverse: tab"], ["1", "Oxen", "bat "], ["18", "oxen", "bat"])
    expect(
        not any(almost.values()),
        "Almost right is wrong: '1' is not '18', 'Oxen' is not 'oxen', and 'bat ' with a space is not 'bat'.",
    )
    colon = by_task(["words: a: b"], ["x"], ["x"])
    expect(
        set(colon) == {"words"}, "A question may hold a colon of its own: only the first one ends the prefix."
    )


def _bucket(distance):
    """The bucket of a key so many tokens before its query, in an encoder."""
    growth = math.log(distance / EXACT) / math.log(FARTHEST / EXACT)
    return distance if distance < EXACT else min(EXACT + int(growth * EXACT), 2 * EXACT - 1)


EXERCISES = [
    Exercise(
        id="20.1",
        title="RMS norm",
        starter='''
def rms_norm(x, scale, epsilon=1e-6):
    """Normalise x, (tokens, width); `scale` is (width,), `epsilon` is added below the root."""
    return ...
''',
        mistake="""
def rms_norm(x, scale, epsilon=1e-6):
    x = x - x.mean(axis=-1, keepdims=True)
    return x / np.sqrt((x**2).mean(axis=-1, keepdims=True) + epsilon) * scale
""",
        solution="""
def rms_norm(x, scale, epsilon=1e-6):
    mean_square = (x**2).mean(axis=-1, keepdims=True)
    return x / np.sqrt(mean_square + epsilon) * scale
""",
        test=_normalises,
        hints=[
            "The mean is over the numbers of one token: the last axis, kept with keepdims=True.",
            "Square, mean, plus epsilon, root; divide x by it; times the scale.",
        ],
        setup="import numpy as np",
    ),
    Exercise(
        id="20.2",
        title="Texts with holes",
        starter='''
def with_holes(words, spans):
    """Return two texts: the words with a blank for each span, and the blanks with what stood there."""
    source, target = ..., ...
    return source, target
''',
        mistake="""
def with_holes(words, spans):
    source, target, at = [], [], 0
    for number, (first, behind) in enumerate(spans):
        source += [*words[at:first], f"<{number}>"]
        target += words[first:behind]
        at = behind
    return " ".join(source + words[at:]), " ".join(target)
""",
        solution="""
def with_holes(words, spans):
    source, target, at = [], [], 0
    for number, (first, behind) in enumerate(spans):
        source += [*words[at:first], f"<{number}>"]
        target += [f"<{number}>", *words[first:behind]]
        at = behind
    return " ".join(source + words[at:]), " ".join(target)
""",
        test=_makes_holes,
        hints=[
            "Go through the spans with enumerate, and remember where the last one ended.",
            "words[at:first] stays, words[first:behind] goes; behind the last span, words[at:] stays.",
        ],
    ),
    Exercise(
        id="20.3",
        title="Exact match by task",
        starter='''
def by_task(questions, found, wanted):
    """Return a dict: prefix -> share of its questions whose answer is right to the last character."""
    return ...
''',
        mistake="""
def by_task(questions, found, wanted):
    shares = {}
    for question, answer, right in zip(questions, found, wanted):
        prefix = question.partition(":")[0]
        shares[prefix] = shares.get(prefix, 0) + (answer == right) / len(questions)
    return shares
""",
        solution="""
def by_task(questions, found, wanted):
    hits = {}
    for question, answer, right in zip(questions, found, wanted):
        hits.setdefault(question.partition(":")[0], []).append(answer == right)
    return {prefix: sum(task) / len(task) for prefix, task in hits.items()}
""",
        test=_groups,
        hints=[
            'question.partition(":")[0] is the prefix.',
            "Collect True and False in a list for each prefix; their mean is the share.",
        ],
    ),
]

QUIZ = [
    Question(
        "How many numbers has T5 small's encoder for telling distances, over all its six blocks?",
        [
            Choice(
                f"{BUCKETS * HEADS:,}", True, "32 buckets times 8 heads; all six blocks share the one table."
            ),
            Choice(f"{6 * BUCKETS * HEADS:,}", False, "The blocks share one table."),
            Choice(
                f"{512 * WIDTH:,}",
                False,
                "That would be a learned vector for each of 512 places, as GPT has.",
            ),
        ],
    ),
    Question(
        "Two keys stand 70 and 90 tokens before their query. What tells them apart in the bias of T5's encoder?",
        [
            Choice(
                f"nothing: both are in bucket {_bucket(70)}",
                _bucket(70) == _bucket(90),
                "Far buckets are wide; what the keys say still differs.",
            ),
            Choice("each has a number of its own", False, f"Only distances below {EXACT} have."),
            Choice(
                "nothing, since both are beyond the farthest distance",
                False,
                f"The last bucket begins at {next(d for d in range(1, FARTHEST) if _bucket(d) == 2 * EXACT - 1)} tokens.",
            ),
        ],
    ),
    Question(
        "What makes `nano` reverse a word instead of writing its plural?",
        [
            Choice("the prefix, which is part of the text that it reads", True, "Nothing else differs."),
            Choice("another head", False, "There is one head: scores of each next character."),
            Choice("other weights, loaded for the task", False, "All tasks share all weights."),
        ],
    ),
    Question(
        f"An answer has {LENGTH} characters. How often does greedy decoding run the encoder, and how often the decoder?",
        [
            Choice(
                f"1 and {LENGTH + 1} times",
                True,
                "The question is read once; each character costs a step of the decoder, and so does the end.",
            ),
            Choice(
                f"{LENGTH + 1} and {LENGTH + 1} times",
                False,
                "What the encoder made of the question stays the same.",
            ),
            Choice(
                "1 and 1 times", False, "So it is when an answer is measured, or learned: it is known then."
            ),
        ],
    ),
]
