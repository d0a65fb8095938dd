"""Lesson 26's exercises and quiz."""

import numpy as np

from course_lib.lessons.exercises import Exercise
from course_lib.lessons.expect import as_numbers, expect, expect_close, expect_shape
from course_lib.lessons.quiz import Choice, Question

RATE, PITCH = 8000, 200  # of a voice in the quiz, in Hz
GROUP = 16


def _goes_back(uncouple):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(5, 6))

    def shift_and_scale(first):
        return np.sin(first) + 1, 0.5 * np.cos(first)

    first, second = np.split(x, 2, axis=-1)
    shift, log_scale = shift_and_scale(first)
    y = np.concatenate([first, second * np.exp(log_scale) + shift], axis=-1)
    got = as_numbers(uncouple(y.copy(), shift_and_scale))
    expect_shape(got, x.shape, "Put the two halves together again, the untouched one in front.")
    expect(not np.allclose(got[:, :3], 0), "The first half was never changed: hand it on as it is.")
    wrong_order = (y[:, 3:]) * np.exp(-log_scale) - shift
    expect(
        not np.allclose(got[:, 3:], wrong_order),
        "On the way there the shift came last: so it is the first to be taken away.",
    )
    again = second * np.exp(log_scale) + shift
    expect(
        not np.allclose(got[:, 3:], again * np.exp(log_scale) + shift),
        "That couples a second time. Take the shift away, then divide by the scale.",
    )
    expect_close(
        got,
        x,
        "Ask shift_and_scale what it said of the first half, take the shift away, divide by exp(log_scale).",
    )


def _is_the_likelihood(nats):
    noise, log_determinant, sigma = np.array([[0.5, -1.0], [2.0, 0.25], [0.0, 1.5]]), 3.0, 0.7
    squares = np.sum(noise**2) / (2 * sigma**2)
    constant = np.log(sigma * np.sqrt(2 * np.pi))
    right = (squares - log_determinant) / noise.size + constant
    got = as_numbers(nats(noise.copy(), log_determinant, sigma))
    expect_shape(got, (), "One number for the whole sound.")
    expect(not np.isclose(got, -right), "That is the likelihood: turn its sign, so that smaller is better.")
    expect(
        not np.isclose(got, (squares + log_determinant) / noise.size + constant),
        "A flow that stretches makes the sound likelier: the log-determinant counts against the loss.",
    )
    expect(
        not np.isclose(got, squares / noise.size - log_determinant + constant),
        "The log-determinant is a sum over all samples too: divide both by their number.",
    )
    expect(
        not np.isclose(got, right - constant),
        "The normal density has a factor in front: 1 / (sigma * sqrt(2 pi)) for each sample.",
    )
    expect_close(
        got,
        right,
        "Sum of squares over 2 sigma^2, less the log-determinant, a sample; plus log(sigma sqrt(2 pi)).",
    )
    expect_close(
        nats(np.zeros(4), 0.0, 1.0), np.log(np.sqrt(2 * np.pi)), "Zeros are the likeliest noise, not certain."
    )


def _finds_the_period(periodicity):
    time = np.arange(600)
    wave = np.sin(2 * np.pi * time / 40) + 0.5 * np.sin(4 * np.pi * time / 40)
    got = as_numbers(periodicity(wave.copy(), 240, range(20, 60)))
    expect_shape(got, (), "One number: the largest of all lags.")
    expect(got < 1.5, "Divide by the lengths of both pieces, so that loudness does not count.")
    expect_close(got, 1.0, "A wave of period 40 is the same again 40 samples later.")
    expect_close(
        periodicity(3 * wave + 5, 240, range(20, 60)),
        1.0,
        "Take the mean away first: a constant is no period.",
    )
    noise = np.random.default_rng(0).normal(size=600)
    alone = max(np.corrcoef(noise[:240], noise[lag : lag + 240])[0, 1] for lag in range(20, 60))
    expect_close(
        periodicity(noise.copy(), 240, range(20, 60)),
        alone,
        "Of noise it is the correlation that chance leaves.",
    )
    expect(
        abs(as_numbers(periodicity(wave.copy(), 240, [30])) - np.corrcoef(wave[:240], wave[30:270])[0, 1])
        < 1e-6,
        "Look at the lags that are given, and at no others.",
    )


EXERCISES = [
    Exercise(
        id="26.1",
        title="Undo a coupling",
        starter='''
def uncouple(x, shift_and_scale):
    """Undo [first, second] -> [first, second * exp(log_scale) + shift] on the last axis; (shift, log_scale) = shift_and_scale(first)."""
    return ...
''',
        mistake="""
def uncouple(x, shift_and_scale):
    first, second = np.split(x, 2, axis=-1)
    shift, log_scale = shift_and_scale(first)
    return np.concatenate([first, second * np.exp(-log_scale) - shift], axis=-1)
""",
        solution="""
def uncouple(x, shift_and_scale):
    first, second = np.split(x, 2, axis=-1)
    shift, log_scale = shift_and_scale(first)  # it says what it said before: first is what it was
    return np.concatenate([first, (second - shift) * np.exp(-log_scale)], axis=-1)
""",
        test=_goes_back,
        hints=[
            "Which half does shift_and_scale read? Is it still there?",
            "np.split(x, 2, axis=-1), then the two operations in the opposite order.",
        ],
        setup="import numpy as np",
    ),
    Exercise(
        id="26.2",
        title="The likelihood",
        starter='''
def nats_a_sample(noise, log_determinant, sigma):
    """Return the negative log-likelihood of one sound, divided by its number of samples; noise has any shape."""
    return ...
''',
        mistake="""
def nats_a_sample(noise, log_determinant, sigma):
    return (np.sum(noise**2) / (2 * sigma**2) + log_determinant) / noise.size + np.log(sigma * np.sqrt(2 * np.pi))
""",
        solution="""
def nats_a_sample(noise, log_determinant, sigma):
    noise = np.asarray(noise)
    density = -np.sum(noise**2) / (2 * sigma**2) - noise.size * np.log(sigma * np.sqrt(2 * np.pi))
    return -(density + log_determinant) / noise.size
""",
        test=_is_the_likelihood,
        hints=[
            "The formula under 'The idea' has two terms. Take their sum, its negative, and divide by noise.size.",
            "log N(z; 0, sigma^2) is -z^2 / (2 sigma^2) - log(sigma sqrt(2 pi)), for each sample.",
        ],
        setup="import numpy as np",
    ),
    Exercise(
        id="26.3",
        title="Periodicity",
        starter='''
def periodicity(samples, window, lags):
    """Return the largest correlation of samples[:window] with samples[lag : lag + window], over all lags."""
    return ...
''',
        mistake="""
def periodicity(samples, window, lags):
    return max(np.mean(samples[:window] * samples[lag : lag + window]) for lag in lags)
""",
        solution="""
def periodicity(samples, window, lags):
    return max(np.corrcoef(samples[:window], samples[lag : lag + window])[0, 1] for lag in lags)
""",
        test=_finds_the_period,
        hints=[
            "A correlation takes the means away and divides by both deviations. NumPy has a function for it.",
            "np.corrcoef(a, b)[0, 1], for each lag; then the largest.",
        ],
        setup="import numpy as np",
    ),
]

QUIZ = [
    Question(
        f"A voice of {PITCH} Hz at {RATE:,} samples a second. How many groups of {GROUP} samples is one of its periods?",
        [
            Choice(f"{RATE / PITCH / GROUP:g}", True, f"{RATE:,} / {PITCH} = {RATE // PITCH} samples, in groups of {GROUP}."),
            Choice(f"{RATE // PITCH}", False, "That is samples; a group holds several."),
            Choice(f"{RATE / GROUP / 100:g}", False, f"That would be a voice of 100 Hz; this one has {PITCH}."),
        ],
    ),
    Question(
        "What may the network WN inside a coupling be?",
        [
            Choice("Anything: it is only ever asked forwards", True, "Its input, the first half, is known on both ways."),
            Choice("Invertible layers only", False, "The coupling is inverted, WN is not: the way back asks it the same question."),
            Choice("Linear", False, "Then the whole flow would be linear, and noise would stay normal."),
        ],
    ),
    Question(
        "Why does every flow begin with a mixing matrix?",
        [
            Choice("Else the same half of the channels would never be changed", True, "A coupling leaves its first half as it is."),
            Choice("To make the determinant 1", False, "It begins as a rotation, but learns: its log-determinant is part of the loss."),
            Choice("To see neighbouring groups", False, "It mixes the channels of one group; neighbours are WN's business."),
        ],
    ),
    Question(
        "A coupling scales 3 numbers by 2, 0.5 and 4. What is the logarithm of its determinant?",
        [
            Choice(f"{np.log(2 * 0.5 * 4):.2f}", True, "The logarithms add up: log 2 + log 0.5 + log 4 = log 4."),
            Choice(f"{np.log(2 + 0.5 + 4):.2f}", False, "Scales multiply a volume, they don't add to it."),
            Choice("0", False, "Only if the scales' product were 1."),
        ],
    ),
    Question(
        "You synthesise with sigma 0 instead of 0.6. What do you hear?",
        [
            Choice("Dull speech: what hisses is gone, since there is no noise to make it of", True, "Zeros are the likeliest noise, but no typical one."),
            Choice("The recording itself", False, "That needs the recording's own noise, not zeros."),
            Choice("Silence", False, "The spectrogram still shifts and scales: the network makes something of zeros too."),
        ],
    ),
]  # fmt: skip
