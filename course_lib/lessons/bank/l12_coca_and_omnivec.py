"""Lesson 12's exercises and quiz."""

import numpy as np

from course_lib.lessons.exercises import Exercise
from course_lib.lessons.expect import as_numbers, expect, expect_close, expect_shape
from course_lib.lessons.quiz import Choice, Question

BATCH = 128  # pairs, in the quiz
PAIRS, KEPT_OUT = 160, 40


def _cross_entropy(logits):
    return -np.mean(np.diag(logits) - np.log(np.exp(logits).sum(axis=1)))


def _compares_directions(contrastive_loss):
    rng = np.random.default_rng(0)
    images, texts = rng.normal(size=(5, 8)), rng.normal(size=(5, 8))
    a = images / np.linalg.norm(images, axis=1, keepdims=True)
    b = texts / np.linalg.norm(texts, axis=1, keepdims=True)
    rows, columns = _cross_entropy(3 * a @ b.T), _cross_entropy(3 * b @ a.T)
    got = as_numbers(contrastive_loss(images.copy(), texts.copy(), 3.0))
    expect(got.ndim == 0, "Return one number for the whole batch.")
    bare = (_cross_entropy(3 * images @ texts.T) + _cross_entropy(3 * texts @ images.T)) / 2
    expect(
        not np.isclose(got, bare),
        "A long vector should not win because it is long: what did `embed_images` do to its rows?",
    )
    expect(
        not np.isclose(got, rows),
        "Only the pictures' half is there: the other asks which picture each text belongs to.",
    )
    expect(
        not np.isclose(got, columns),
        "Only the texts' half is there: the other asks which text each picture belongs to.",
    )
    expect(not np.isclose(got, rows + columns), "Both halves are there: take their mean.")
    without = (_cross_entropy(a @ b.T) + _cross_entropy(b @ a.T)) / 2
    expect(not np.isclose(got, without), "The cosines go into the softmax without their scale.")
    expect_close(
        got,
        (rows + columns) / 2,
        "Check the softmax over each row, and the share of the diagonal.",
        rtol=1e-6,
    )


def _averages_directions(kind_vectors):
    rng = np.random.default_rng(1)
    texts = rng.normal(size=(4, 3, 6))
    texts /= np.linalg.norm(texts, axis=2, keepdims=True)
    got = as_numbers(kind_vectors(texts))
    expect_shape(got, (4, 6), "Four kinds with three prompts each: one vector a kind, (4, 6).")
    mean = texts.mean(axis=1)
    expect(
        not np.allclose(got, mean),
        "The averages are shorter than 1, each by another amount: a kind whose prompts differ would seem far from every picture.",
    )
    expect_close(
        got,
        mean / np.linalg.norm(mean, axis=1, keepdims=True),
        "Average over the prompts, then give every row length 1.",
        rtol=1e-6,
    )


def _counts_what_was_hidden(masked_loss):
    truth = np.arange(16, dtype=float).reshape(2, 4, 2)
    guess, hidden = truth.copy(), np.array([[1, 0, 0, 0], [0, 1, 1, 0]], float)
    guess[0, 1] += 50  # a token that was not hidden
    expect_close(
        masked_loss(guess, truth, hidden),
        0.0,
        "All hidden tokens are guessed rightly here: the others should not count.",
    )
    guess[0, 0] += 3
    got = as_numbers(masked_loss(guess, truth, hidden))
    expect(not np.isclose(got, 9 / 8), "Divide by the number of hidden tokens, not by that of all tokens.")
    expect(
        not np.isclose(got, 9.0), "Right for the sum: three tokens are hidden, and the loss is their mean."
    )
    expect_close(
        got,
        3.0,
        "Square the differences, average over the numbers of a token, then over the hidden tokens.",
        rtol=1e-6,
    )


EXERCISES = [
    Exercise(
        id="12.1",
        title="The contrastive loss, from bare vectors",
        setup="import numpy as np",
        starter='''
def contrastive_loss(images, texts, scale):
    """Return the contrastive loss of n pairs: images (n, d) and texts (n, d), of any length; row i belongs to row i."""
    return ...
''',
        mistake='''
def contrastive_loss(images, texts, scale):
    """Return the contrastive loss of n pairs: images (n, d) and texts (n, d), of any length; row i belongs to row i."""
    logits = scale * images @ texts.T
    rows = np.log(np.exp(logits).sum(axis=1)) - np.diag(logits)
    columns = np.log(np.exp(logits).sum(axis=0)) - np.diag(logits)
    return (rows.mean() + columns.mean()) / 2
''',
        solution='''
def contrastive_loss(images, texts, scale):
    """Return the contrastive loss of n pairs: images (n, d) and texts (n, d), of any length; row i belongs to row i."""
    images = images / np.linalg.norm(images, axis=1, keepdims=True)
    texts = texts / np.linalg.norm(texts, axis=1, keepdims=True)
    logits = scale * images @ texts.T
    rows = np.log(np.exp(logits).sum(axis=1)) - np.diag(logits)
    columns = np.log(np.exp(logits).sum(axis=0)) - np.diag(logits)
    return (rows.mean() + columns.mean()) / 2
''',
        test=_compares_directions,
        hints=[
            "First bring every row to length 1: `np.linalg.norm(images, axis=1, keepdims=True)`.",
            "-log of the softmax's right entry is log(sum of exp of all logits) minus the right logit; the right ones are the diagonal.",
            "Once over rows and once over columns; return the mean of both means.",
        ],
    ),
    Exercise(
        id="12.2",
        title="One vector from several prompts",
        setup="import numpy as np",
        starter='''
def kind_vectors(texts):
    """Return one vector of length 1 for each kind; texts (kinds, prompts, d) are the prompts' vectors, each of length 1."""
    return ...
''',
        mistake='''
def kind_vectors(texts):
    """Return one vector of length 1 for each kind; texts (kinds, prompts, d) are the prompts' vectors, each of length 1."""
    return texts.mean(axis=1)
''',
        solution='''
def kind_vectors(texts):
    """Return one vector of length 1 for each kind; texts (kinds, prompts, d) are the prompts' vectors, each of length 1."""
    means = texts.mean(axis=1)
    return means / np.linalg.norm(means, axis=1, keepdims=True)
''',
        test=_averages_directions,
        hints=[
            "Which axis holds the prompts? Average over it.",
            "How long is the average of two vectors of length 1 that point in different directions?",
        ],
    ),
    Exercise(
        id="12.3",
        title="The loss of masked pre-training",
        setup="import numpy as np",
        starter='''
def masked_loss(guess, truth, hidden):
    """Return the mean squared error of hidden tokens; guess, truth (n, tokens, values), hidden (n, tokens) is 1 or 0."""
    return ...
''',
        mistake='''
def masked_loss(guess, truth, hidden):
    """Return the mean squared error of hidden tokens; guess, truth (n, tokens, values), hidden (n, tokens) is 1 or 0."""
    each = ((guess - truth) ** 2).mean(axis=2)
    return (each * hidden).mean()
''',
        solution='''
def masked_loss(guess, truth, hidden):
    """Return the mean squared error of hidden tokens; guess, truth (n, tokens, values), hidden (n, tokens) is 1 or 0."""
    each = ((guess - truth) ** 2).mean(axis=2)
    return (each * hidden).sum() / hidden.sum()
''',
        test=_counts_what_was_hidden,
        hints=[
            "First one number for each token: the mean of its squared differences, over the last axis.",
            "Multiplied by `hidden`, tokens that were to be seen become 0. By how many must the sum be divided?",
        ],
    ),
]

QUIZ = [
    Question(
        f"In a batch of {BATCH} pairs, how many wrong answers does the contrastive loss offer each picture?",
        [
            Choice(
                f"{BATCH - 1}",
                True,
                "All other texts of the batch. A larger batch is a harder quiz, and teaches more.",
            ),
            Choice(
                f"{2 * (BATCH - 1)}",
                False,
                "The columns are a quiz of their own: there a text chooses among pictures.",
            ),
            Choice(
                f"{BATCH * (BATCH - 1)}",
                False,
                "That counts the wrong pairs of the whole table; a picture sees one row.",
            ),
        ],
    ),
    Question(
        "Why must the first half of CoCa's text decoder not look at the picture?",
        [
            Choice(
                "Its vector would know the picture that it is to be compared with",
                True,
                "Then the contrast is trivial in training; and to choose among texts, one would need each text's vector for each picture anew.",
            ),
            Choice(
                "To save time",
                False,
                "It does save some, but a half that looks would not be comparable at all.",
            ),
            Choice(
                "It does look, as the second half does",
                False,
                "Only the multimodal half has cross-attention to the picture's tokens.",
            ),
        ],
    ),
    Question(
        "The learned scale is removed, and plain cosines go into the softmax. What happens?",
        [
            Choice(
                "Nothing, softmax does not care for factors",
                False,
                "It ignores what is added to all logits, not what they are multiplied by.",
            ),
            Choice(
                "Even perfect vectors are hardly rewarded",
                True,
                f"At most 1 for the right one and -1 for the others: among {BATCH}, p is then {np.e / (np.e + (BATCH - 1) / np.e):.2f} at best.",
            ),
            Choice(
                "The answers of zero-shot classification change",
                False,
                "Their order stays: a factor above 0 moves no arg max. Training changes.",
            ),
        ],
    ),
    Question(
        f"Training never showed {KEPT_OUT} of the {PAIRS} pairs of kind and colour. Why can CoCa name such a pair at all?",
        [
            Choice(
                "It has an output for each pair",
                False,
                "It has none for any pair: it compares vectors, and writes words.",
            ),
            Choice(
                "Its texts are made of words, and it knows both words from other pairs",
                True,
                "What is learned about green from stars, and about trees from red ones, helps with green trees. That it works for a third of them only, and hardly ever in writing, you have measured.",
            ),
            Choice("By the background", False, "The background was drawn at random, whatever the pair."),
        ],
    ),
    Question(
        "What do the three modalities share in OmniVec?",
        [
            Choice(
                "Tokenizer, trunk and head",
                False,
                "A letter and a patch cannot go through the same first layer.",
            ),
            Choice(
                "The trunk",
                True,
                "Each has an encoder (in ours, a tokenizer) and a head of its own; the blocks between have the same weights for all.",
            ),
            Choice("The labels", False, "Here all three name digits, but nothing in the method needs that."),
        ],
    ),
]
