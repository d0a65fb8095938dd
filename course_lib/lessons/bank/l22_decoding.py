"""Lesson 22's exercises and quiz."""

import numpy as np

from course_lib.decoding.filters import softmax, top_p
from course_lib.decoding.measures import perplexity
from course_lib.lessons.exercises import Exercise
from course_lib.lessons.expect import as_numbers, expect, expect_close, expect_shape
from course_lib.lessons.quiz import Choice, Question


def _takes_the_nucleus(nucleus):
    p = np.array([0.05, 0.5, 0.1, 0.3, 0.05])
    got = as_numbers(nucleus(p.copy(), 0.7))
    expect(
        got.tolist() != [1],
        "The token with which the sum passes the share belongs to the nucleus too: without it, they don't have that much.",
    )
    expect(
        sorted(got.tolist()) != [0, 1],
        "Take the likeliest tokens, not the first ones: sort before you add up.",
    )
    expect_shape(got, (2,), "Here .5 is too little and .5 + .3 is enough: two tokens.")
    expect_close(got, [1, 3], "Return the tokens' places in p, the likeliest first.")
    expect_close(nucleus(p.copy(), 0.4), [1], "Where one token has the share alone, it is the nucleus.")
    expect_close(nucleus(p.copy(), 0.85), [1, 3, 2], "Go on until the sum reaches the share.")
    flat = np.array([0.24, 0.26, 0.23, 0.27])
    expect_close(nucleus(flat, 0.9), [3, 1, 0, 2], "Where nothing stands out, the nucleus is large.")


def _surprise(perplexity_):
    p = [0.5, 0.125, 0.25, 0.001]
    got = as_numbers(perplexity_(list(p)))
    expect(
        not np.isclose(got, np.mean(1 / np.array(p))),
        "A mean of 1 / p lets one rare token decide. Take the mean of the logarithms, then the exponential.",
    )
    expect(
        not np.isclose(got, np.exp(np.mean(np.log(p)))),
        "That is the mean probability of a token. Perplexity is the other way up: the more surprised, the higher.",
    )
    expect(
        not np.isclose(got, -np.mean(np.log(p))),
        "That is the mean surprise, in logarithms: one exponential is missing.",
    )
    expect(
        not np.isclose(got, 1 / np.prod(p)),
        "Divide by the number of tokens, so that long texts compare with short ones.",
    )
    expect_close(got, perplexity(np.log(p)), "Logarithms, their mean, the sign, the exponential.")
    expect_close(
        perplexity_([1 / 7] * 3), 7, "Seven equally likely tokens at each place are a perplexity of 7."
    )
    expect_close(
        perplexity_([1e-200] * 3), 1e200, "Multiplied, small numbers become 0: add their logarithms instead."
    )


def _steps(beam_step):
    totals = np.array([-1.0, -3.0])
    logs = np.log([[0.5, 0.3, 0.2], [0.05, 0.9, 0.05]])
    rows, tokens = _rows_and_tokens(beam_step(totals.copy(), logs.copy(), 2), 2)
    expect(
        (rows.tolist(), tokens.tolist()) != ([0, 1], [0, 1]),
        "Not the best token behind each text: the best texts of all. Both may grow from one text, and the other one dies.",
    )
    expect(
        (rows.tolist(), tokens.tolist()) != ([1, 0], [1, 0]),
        "Add what the texts have had so far: a likely token behind an unlikely text is no good.",
    )
    expect_close(
        rows, [0, 0], "-1 + log .5 and -1 + log .3 are the two highest sums here: which texts are those?"
    )
    expect_close(tokens, [0, 1], "And which tokens?")
    dice = np.random.default_rng(0)
    totals, logs = dice.normal(0, 1, 4), np.log(softmax(dice.normal(0, 2, (4, 9))))
    rows, tokens = _rows_and_tokens(beam_step(totals.copy(), logs.copy(), 5), 5)
    expect(
        ((rows >= 0) & (rows < 4) & (tokens >= 0) & (tokens < 9)).all(),
        f"Of 4 texts and 9 tokens, the places are at most 3 and 8; yours are at most {rows.max()} and {tokens.max()}. "
        "How many places of the long list belong to one text?",
    )
    wanted = sorted((totals[:, None] + logs).ravel(), reverse=True)[:5]
    expect_close(
        (totals[:, None] + logs)[rows, tokens],
        wanted,
        "The five best of 4 x 9 sums, the best first: sort all of them.",
    )


def _rows_and_tokens(answer, beams):
    told = "Return two arrays, (rows, tokens), with a number for each beam."
    answer = as_numbers(answer)
    expect_shape(answer, (2, beams), told)
    return answer.astype(int)


EXERCISES = [
    Exercise(
        id="22.1",
        title="The nucleus",
        setup="import numpy as np",
        starter='''
def nucleus(p, share):
    """Return the indices of the fewest likely tokens that have the probability share together, the likeliest first."""
    return ...
''',
        mistake="""
def nucleus(p, share):
    order = np.argsort(-p)
    return order[p[order].cumsum() <= share]
""",
        solution="""
def nucleus(p, share):
    order = np.argsort(-p)
    before = p[order].cumsum() - p[order]
    return order[before < share]
""",
        test=_takes_the_nucleus,
        hints=[
            "Sort the tokens, the likeliest first: np.argsort(-p).",
            "A token is in the nucleus as long as those before it do not have the share yet.",
        ],
    ),
    Exercise(
        id="22.2",
        title="Perplexity",
        setup="import numpy as np",
        starter='''
def perplexity(p):
    """Return the perplexity of a text whose tokens had the probabilities p when they came."""
    return ...
''',
        mistake="""
def perplexity(p):
    return np.mean(1 / np.array(p))
""",
        solution="""
def perplexity(p):
    return np.exp(-np.mean(np.log(p)))
""",
        test=_surprise,
        hints=[
            "One token of probability 1/7 has perplexity 7. For several, take a mean, but of what?",
            "The mean of the logarithms; then turn the sign, and undo the logarithm.",
        ],
    ),
    Exercise(
        id="22.3",
        title="One step of a beam search",
        setup="import numpy as np",
        starter='''
def beam_step(totals, logs, beams):
    """Return (rows, tokens): the texts to go on with, and their next tokens; the best first.

    totals (texts,) are the texts' log-probabilities, logs (texts, vocabulary) those of the next token behind each.
    """
    return ...
''',
        mistake="""
def beam_step(totals, logs, beams):
    return np.arange(len(totals))[:beams], logs.argmax(axis=1)[:beams]
""",
        solution="""
def beam_step(totals, logs, beams):
    sums = totals[:, None] + logs
    best = np.argsort(-sums, axis=None)[:beams]
    return np.divmod(best, sums.shape[1])
""",
        test=_steps,
        hints=[
            "Every text with every next token is a candidate: what is the log-probability of each? A table of sums.",
            "Sort the table as one long list; np.divmod by the size of the vocabulary gives row and column back.",
        ],
    ),
]

_P = [0.5, 0.3, 0.15, 0.05]
_NUCLEUS = int(np.isfinite(top_p(np.log(_P), 0.9)).sum())
_TWO = [0.5, 0.125]

QUIZ = [
    Question(
        "Two tokens came with the probabilities 1/2 and 1/8. What is the perplexity?",
        [
            Choice(f"{perplexity(np.log(_TWO)):g}", True, "Together 1/16, and 1/4 for each of two tokens gives the same."),
            Choice(f"{np.mean(1 / np.array(_TWO)):g}", False, "That is the mean of 2 and 8. Probabilities multiply, so take the mean of logarithms."),
            Choice(f"{1 / np.prod(_TWO):g}", False, "That is for both tokens together; perplexity is a token's."),
        ],
    ),
    Question(
        f"The next token's probabilities are {', '.join(map(str, _P))}. How many tokens does top-p .9 keep?",
        [
            Choice(str(_NUCLEUS - 1), False, f"These have {sum(_P[: _NUCLEUS - 1]):g} together, which is not .9 yet."),
            Choice(str(_NUCLEUS), True, f"{sum(_P[: _NUCLEUS - 1]):g} is too little; the one that passes .9 belongs to it."),
            Choice(str(len(_P)), False, "The last one is not needed any more: that is the tail that is cut."),
        ],
    ),
    Question(
        "What does a temperature near 0 come to?",
        [
            Choice("drawing among all tokens alike", False, "That is a temperature that grows without end: all logits become the same."),
            Choice("greedy decoding", True, "The gaps between logits grow without bound, and the likeliest token gets all."),
            Choice("beam search with many beams", False, "No temperature looks ahead: each token is drawn for itself."),
        ],
    ),
    Question(
        "A model is to write a story. Why not take the most probable one that a wide beam search finds?",
        [
            Choice("Beam search can't find probable texts.", False, "It does find them: more probable ones than greedy or lots do."),
            Choice("A text of likely words alone says nothing new, and repeats itself.", True, "People's words are now likely, now not; the search's hardly ever surprise."),
            Choice("It would need another model.", False, "Any model that gives the next token's probabilities will do."),
        ],
    ),
]  # fmt: skip
