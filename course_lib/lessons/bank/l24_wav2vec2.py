"""Lesson 24's exercises and quiz."""

import numpy as np

from course_lib.lessons.exercises import Exercise
from course_lib.lessons.expect import as_numbers, expect, expect_close
from course_lib.lessons.quiz import Choice, Question


def _counts_samples(receptive_field):
    got = as_numbers(receptive_field((10,), (5,)))
    expect_close(got, 10, "One convolution alone hears as many samples as its kernel is long.")
    got = as_numbers(receptive_field((3, 3), (2, 2)))
    expect(got != 6, "Kernels don't add up: the second reads frames, and each of them stands two samples on.")
    expect(
        got != 9, "That counts the second convolution's own stride: it says where the next frame is, no more."
    )
    expect_close(got, 7, "Draw it: three frames, two samples apart, of three samples each.")
    expect_close(
        as_numbers(receptive_field((3, 3, 3), (1, 1, 1))), 7, "Without strides each kernel of 3 adds two."
    )
    expect_close(
        as_numbers(receptive_field((10, 3, 3, 3, 3, 2, 2), (5, 2, 2, 2, 2, 2, 2))),
        400,
        "The base model's frames hear 25 ms of 16,000 Hz.",
    )


def _unit(x):
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


def _compares(contrastive):
    guess, truth = np.array([1.0, 0.0]), np.array([1.0, 0.0])
    others = np.array([[0.0, 1.0], [-1.0, 0.0]])
    logits = np.array([1.0, 0.0, -1.0])
    wanted = float(np.log(np.exp(logits).sum()) - 1)
    got = as_numbers(contrastive(guess, truth, others, 1.0))
    without = float(np.log(np.exp(logits[1:]).sum()) - 1)
    expect(abs(got - without) > 1e-6, "The truth is a candidate, too: it belongs in the sum.")
    expect_close(got, wanted, "Minus the logarithm of the truth's share among all candidates.")
    got = as_numbers(contrastive(5 * guess, truth, 7 * others, 1.0))
    expect_close(got, wanted, "Longer vectors should change nothing: a cosine is asked for.")
    rng = np.random.default_rng(0)
    guess, truth, others = rng.normal(size=8), rng.normal(size=8), rng.normal(size=(5, 8))
    logits = _unit(np.vstack([truth, others])) @ _unit(guess) / 0.1
    expect_close(
        as_numbers(contrastive(guess, truth, others, 0.1)),
        float(np.log(np.exp(logits).sum()) - logits[0]),
        "With the temperature 0.1 it is not right yet: it divides the cosines.",
    )


def _counts_codes(perplexity_of):
    expect_close(as_numbers(perplexity_of([3, 3, 3, 3], 5)), 1, "One code alone: e to the entropy 0.")
    expect_close(
        as_numbers(perplexity_of([0, 1, 2, 3], 4)), 4, "Four codes, all as frequent: four are in use."
    )
    got = as_numbers(perplexity_of([0, 0, 0, 1], 8))
    expect(abs(got - 2) > 1e-6, "Two codes occur, but one of them seldom: that counts as fewer than two.")
    wanted = float(np.exp(-(0.75 * np.log(0.75) + 0.25 * np.log(0.25))))
    expect(
        abs(got - np.log(wanted)) > 1e-6,
        "That is the entropy itself; the question is for e to the power of it.",
    )
    expect_close(got, wanted, "Shares are 0.75 and 0.25, natural logarithms.")


EXERCISES = [
    Exercise(
        id="24.1",
        title="What one frame hears",
        starter='''
def receptive_field(kernels, strides):
    """Return how many samples one frame of the last convolution depends on."""
    return ...
''',
        mistake='''
def receptive_field(kernels, strides):
    """Return how many samples one frame of the last convolution depends on."""
    field, stride = 1, 1
    for kernel, step in zip(kernels, strides):
        stride *= step
        field += (kernel - 1) * stride
    return field
''',
        solution='''
def receptive_field(kernels, strides):
    """Return how many samples one frame of the last convolution depends on."""
    field, stride = 1, 1
    for kernel, step in zip(kernels, strides):
        field += (kernel - 1) * stride
        stride *= step
    return field
''',
        test=_counts_samples,
        hints=[
            "Keep two numbers: what one frame hears so far, and how far apart two neighbours stand in samples.",
            "A kernel of k joins k neighbours: that adds k - 1 times their distance. Only then does the stride widen the distance.",
        ],
    ),
    Exercise(
        id="24.2",
        title="The loss of a gap",
        starter='''
def contrastive(guess, truth, others, temperature):
    """Return the loss in nats; `guess` and `truth` are (width,), `others` is (count, width)."""
    return ...
''',
        mistake='''
def contrastive(guess, truth, others, temperature):
    """Return the loss in nats; `guess` and `truth` are (width,), `others` is (count, width)."""
    logits = np.vstack([truth, others]) @ guess / temperature
    return np.log(np.exp(logits).sum()) - logits[0]
''',
        solution='''
def contrastive(guess, truth, others, temperature):
    """Return the loss in nats; `guess` and `truth` are (width,), `others` is (count, width)."""
    candidates = np.vstack([truth, others])
    candidates = candidates / np.linalg.norm(candidates, axis=1, keepdims=True)
    logits = candidates @ guess / np.linalg.norm(guess) / temperature
    return np.logaddexp.reduce(logits) - logits[0]
''',
        test=_compares,
        hints=[
            "Put the truth in front of the others, and bring all vectors to length 1.",
            "Cosines over temperature are logits. The loss is the logarithm of their exponentials' sum (`np.logaddexp.reduce`), less the first logit.",
        ],
        setup="import numpy as np",
    ),
    Exercise(
        id="24.3",
        title="Codes in use",
        starter='''
def perplexity_of(codes, count):
    """Return e to the entropy of how often each of `count` codes stands in `codes`, a list of integers."""
    return ...
''',
        mistake='''
def perplexity_of(codes, count):
    """Return e to the entropy of how often each of `count` codes stands in `codes`, a list of integers."""
    return len(set(codes))
''',
        solution='''
def perplexity_of(codes, count):
    """Return e to the entropy of how often each of `count` codes stands in `codes`, a list of integers."""
    shares = np.bincount(codes, minlength=count) / len(codes)
    shares = shares[shares > 0]
    return np.exp(-(shares * np.log(shares)).sum())
''',
        test=_counts_codes,
        hints=[
            "`np.bincount` counts how often each integer occurs; divided by the length of the list, the counts are shares.",
            "The entropy is minus the sum of each share times its logarithm. A share of 0 adds nothing: leave it out before you take logarithms.",
        ],
        setup="import numpy as np",
    ),
]

QUIZ = [
    Question(
        "Why are ten frames in a row hidden, not single ones?",
        [
            Choice(
                "A sound lasts longer than a frame, so a single gap is answered by its neighbours.",
                True,
                "Measured in this lesson: single gaps are guessed about twice as often, by the same network.",
            ),
            Choice("It saves computing.", False, "All frames go through the network, hidden or not."),
            Choice(
                "The transformer can't see neighbouring frames.",
                False,
                "It sees all of them. That is why single gaps would be too easy.",
            ),
        ],
    ),
    Question(
        "Knowing nothing, with 40 distractors: what is the loss of a hidden frame?",
        [
            Choice(f"{np.log(41):.2f} nats", True, "All 41 candidates are alike: minus log(1/41)."),
            Choice(f"{np.log(40):.2f} nats", False, "The truth is a candidate, too."),
            Choice(f"{1 / 41:.3f} nats", False, "That is the chance to be right, not the loss."),
        ],
    ),
    Question(
        "What does `soft + stop_gradient(hard - soft)` give forwards and backwards?",
        [
            Choice(
                "Forwards the hard choice, backwards the slope of the soft one.",
                True,
                "Forwards soft cancels out; backwards what is stopped has no slope.",
            ),
            Choice("Forwards the soft mixture, backwards nothing.", False, "Add it up: soft cancels out."),
            Choice(
                "The mean of both, in both directions.",
                False,
                "Nothing is halved: look at which term is left each way.",
            ),
        ],
    ),
    Question(
        "A pre-training's contrastive loss is small and stays small, its perplexity is 2 with two code books. What happened?",
        [
            Choice(
                "All frames got the same code, one of each book; nothing was learned.",
                True,
                "The books collapsed: distractors with the truth's codes don't count, so no wrong answer is left. The second loss is there to prevent it.",
            ),
            Choice(
                "It is done: two codes are enough.", False, "One code a book tells no sound from another."
            ),
            Choice(
                "The learning rate is too small.",
                False,
                "Then the loss would stand near log 41, with many codes in use.",
            ),
        ],
    ),
    Question(
        "Alone a recording is understood; in a batch, with 10 s of zeros behind it, it is not. Why?",
        [
            Choice(
                "The first layer is normalised over the whole recording, zeros included.",
                True,
                "So every frame of the speech comes out differently scaled. A norm of each frame by itself would not mind.",
            ),
            Choice(
                "Zeros are transcribed as letters.",
                False,
                "Look at the words that were said: they are heard otherwise than before.",
            ),
            Choice(
                "It is too long for the transformer.",
                False,
                "Places are told by a convolution, relative to their neighbours: the length alone does little harm.",
            ),
        ],
    ),
]
