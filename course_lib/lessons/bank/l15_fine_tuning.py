"""Lesson 15's exercises and quiz."""

import numpy as np

from course_lib.lessons.exercises import Exercise
from course_lib.lessons.expect import as_numbers, expect, expect_close, expect_shape
from course_lib.lessons.quiz import Choice, Question

PEAK, DECAY, THIRDS = 1e-3, 2.6, 3  # not the lesson's own: the answer can't be read off its figure
MOMENTUM, BATCHES = 0.99, 100


def _slows_towards_the_stem(layer_rates):
    got = layer_rates(0.01, 2.0, 4)
    expect_shape(np.asarray(got), (4,), "Return one rate for each layer, the head included.")
    got = as_numbers(got)
    expect(
        not np.allclose(got, got[::-1]) and got[0] < got[-1],
        "The first of the list is the layer next to the picture: it should be the slowest, and the head the fastest.",
    )
    expect_close(got[-1], 0.01, "The head, last in the list, gets the peak itself: decay to the power of 0.")
    expect_close(
        got,
        [0.00125, 0.0025, 0.005, 0.01],
        "Each layer should be `decay` times slower than the one above it.",
    )
    expect_close(layer_rates(0.3, 3.0, 1), [0.3], "A network of a single layer is all head.")


def _keeps_the_best(stopped):
    got = stopped([0.9, 0.7, 0.8, 0.6, 0.65, 0.7, 0.5], 2)
    expect(as_numbers(got).shape == (2,), "Return two numbers: the epoch to keep, and how many were run.")
    best, run = as_numbers(got)
    expect(
        run != 7,
        "Epochs 5 and 6 (losses .65 and .70) are no better than epoch 4: with a patience of 2 the seventh is never run.",
    )
    expect(
        run != 3,
        "After epoch 3 only one epoch has passed without a better loss: wait for two. A better one starts the wait anew.",
    )
    expect(best != 6, "Keep the epoch with the lowest loss, not the last that was run.")
    expect_close(
        [best, run],
        [4, 6],
        "Count epochs from 1. Epoch 4 is the best, and two more are run before you lose patience.",
    )
    expect_close(
        as_numbers(stopped([0.5, 0.4, 0.3], 1)),
        [3, 3],
        "As long as the loss falls, nothing stops: all three epochs.",
    )
    expect_close(
        as_numbers(stopped([0.5, 0.5, 0.4], 1)),
        [1, 2],
        "An equal loss is not a better one: with patience 1, stop there.",
    )
    expect_close(
        as_numbers(stopped([0.5, 0.8, 0.7, 0.4], 2)),
        [1, 3],
        "Compare with the lowest loss so far, not with the last: .8 and then .7 are two epochs without a new lowest.",
    )
    expect_close(
        as_numbers(stopped([0.5, 0.4, 0.45], 2)),
        [2, 3],
        "Where the losses end before your patience does, the best epoch is still the one to keep.",
    )


def _drifts(remembered):
    got = remembered(10.0, [0.0], 0.9)
    expect(
        not np.isclose(as_numbers(got), 1.0),
        "You kept a tenth and took nine tenths of the batch. In Keras, `momentum` is the part that is *kept*; "
        "PyTorch's is the part that is taken.",
    )
    expect_close(got, 9.0, "With momentum .9 a remembered 10 and a batch of mean 0 give 9.")
    expect_close(
        remembered(0.0, [1.0, 2.0, 4.0], 0.5),
        2.625,
        "Go batch by batch: 0.5, then 1.25, then 2.625. The later batches weigh more than the earlier.",
    )
    expect_close(remembered(3.0, [], 0.9), 3.0, "Without a batch nothing changes.")


EXERCISES = [
    Exercise(
        id="15.1",
        title="A rate for each layer",
        setup="import numpy as np",
        starter='''
def layer_rates(peak, decay, layers):
    """Return the rates of so many layers, from the stem to the head: the head's is the peak."""
    return ...
''',
        mistake='''
def layer_rates(peak, decay, layers):
    """Return the rates of so many layers, from the stem to the head: the head's is the peak."""
    return [peak / decay**k for k in range(layers)]
''',
        solution='''
def layer_rates(peak, decay, layers):
    """Return the rates of so many layers, from the stem to the head: the head's is the peak."""
    return [peak / decay**below for below in reversed(range(layers))]
''',
        test=_slows_towards_the_stem,
        hints=[
            "How many layers lie above the last one, the head? And above the first?",
            "A layer with `below` layers above it gets `peak / decay**below`. Which order does the list want?",
        ],
    ),
    Exercise(
        id="15.2",
        title="Stop in time",
        starter='''
def stopped(losses, patience):
    """Return the epoch to keep, and how many are run; both count from 1.

    losses: held-out losses, epoch by epoch. Stop after `patience` epochs in a row without a new lowest loss.
    """
    return ...
''',
        mistake='''
def stopped(losses, patience):
    """Return the epoch to keep, and how many are run; both count from 1."""
    for epoch in range(patience, len(losses)):
        if losses[epoch] >= losses[epoch - 1]:
            return epoch + 1, epoch + 1
    return len(losses), len(losses)
''',
        solution='''
def stopped(losses, patience):
    """Return the epoch to keep, and how many are run; both count from 1."""
    best = 1
    for epoch, loss in enumerate(losses, start=1):
        if loss < losses[best - 1]:
            best = epoch
        if epoch - best >= patience:
            break
    return best, epoch
''',
        test=_keeps_the_best,
        hints=[
            "Remember the best epoch so far. How long ago was it?",
            "The wait is `epoch - best`; it begins anew by itself when `best` moves.",
            "Two things happen in each epoch: perhaps `best = epoch`, then perhaps `break`.",
        ],
    ),
    Exercise(
        id="15.3",
        title="What batch norm remembers",
        starter='''
def remembered(mean, batch_means, momentum):
    """Return the moving mean after these batches: of the old value, Keras keeps the part `momentum` at each."""
    return ...
''',
        mistake='''
def remembered(mean, batch_means, momentum):
    """Return the moving mean after these batches."""
    for batch in batch_means:
        mean = (1 - momentum) * mean + momentum * batch
    return mean
''',
        solution='''
def remembered(mean, batch_means, momentum):
    """Return the moving mean after these batches: of the old value, Keras keeps the part `momentum` at each."""
    for batch in batch_means:
        mean = momentum * mean + (1 - momentum) * batch
    return mean
''',
        test=_drifts,
        hints=[
            "Two parts that add up to 1: one of the old value, one of the batch.",
            "`mean = momentum * mean + (1 - momentum) * batch`, once for each batch.",
        ],
    ),
]

QUIZ = [
    Question(
        f"The head learns at {PEAK:g}, the decay is {DECAY}. At which rate does the lowest third of the backbone learn?",
        [
            Choice(
                f"{PEAK * DECAY**-THIRDS:.1e}", True, f"Three thirds below the head: {PEAK:g} / {DECAY}³."
            ),
            Choice(
                f"{PEAK / (DECAY * THIRDS):.1e}",
                False,
                "The decay multiplies at each third; it does not add up.",
            ),
            Choice(
                f"{PEAK * DECAY ** -(THIRDS - 1):.1e}",
                False,
                "That is the middle third: the upper one is already slower than the head.",
            ),
        ],
    ),
    Question(
        f"Batch norm's momentum is {MOMENTUM}, and the whole network is thawed. After {BATCHES} batches with `training=True`, how much of what it remembered from ImageNet is left?",
        [
            Choice(
                f"{MOMENTUM**BATCHES:.0%}",
                True,
                f"{MOMENTUM} at each batch: {MOMENTUM} to the power of {BATCHES}.",
            ),
            Choice(f"{MOMENTUM:.0%}", False, "That is after one batch."),
            Choice(
                "all of it, where the learning rate is 0",
                False,
                "The moving statistics need no gradient and no rate: looking is enough to move them.",
            ),
        ],
    ),
    Question(
        "You want the first layers to learn ten times slower and divide their gradients by ten. With Adam, what happens?",
        [
            Choice(
                "They learn ten times slower",
                False,
                "With plain gradient descent they would. What does Adam divide by?",
            ),
            Choice(
                "Next to nothing changes",
                True,
                "Adam divides by the root of the mean square of the gradients, which is ten times smaller as well. It is the rate that must differ.",
            ),
            Choice("They stop", False, "A small gradient is still a direction, and Adam scales it up."),
        ],
    ),
    Question(
        "The network names all fifty training pictures rightly with a loss of 0.001, and 70% of the others. What is that?",
        [
            Choice(
                "Overfitting: look for more varied pictures first",
                True,
                "In the lesson shifted pictures lowered the test loss; with more to learn from, there is less to learn by heart.",
            ),
            Choice(
                "Underfitting: train longer",
                False,
                "There is nothing left to learn from these fifty as they are.",
            ),
            Choice("A leak between training and test", False, "A leak makes the test score too good."),
        ],
    ),
    Question(
        "A training was killed half-way. You load the weights and call `fit` for the other half. What is missing?",
        [
            Choice(
                "Nothing: the weights are all that a network knows",
                False,
                "The network, yes. But the training has a memory too.",
            ),
            Choice(
                "Adam's running means, the step, and the place in the order",
                True,
                "Without Adam's means, or in another order, the lesson's run ended elsewhere; the step sets the rate and the shifts. With all of them the end was the same.",
            ),
            Choice(
                "Only the learning rate",
                False,
                "That follows from the step. Adam's means and the order of the pictures count as well.",
            ),
        ],
    ),
]
