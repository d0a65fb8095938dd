"""Lesson 31's exercises and quiz."""

import numpy as np

from course_lib.lessons.exercises import Exercise
from course_lib.lessons.expect import as_numbers, expect, expect_close
from course_lib.lessons.quiz import Choice, Question

RESNET50 = 25_636_712  # parameters, as keras.applications counts them
START, RATE, MANY = 30, 100, 1_000_000  # seconds, pictures a second of a worker, pictures


def _deals_all_places(share):
    shares = [as_numbers(share(10, rank, 4)) for rank in range(4)]
    together = np.concatenate(shares)
    expect(
        len(together) == 10 and set(together.tolist()) == set(range(10)),
        "Together the four workers should have each of the ten places once.",
    )
    expect(
        shares[0].tolist() != [0, 1, 2],
        "These are blocks of neighbours. Deal like cards instead: one for each worker in turn.",
    )
    expect_close(shares[1], [1, 5, 9], "Of ten places among four, worker 1 has 1, 5 and 9.")
    expect_close(as_numbers(share(6, 0, 1)), range(6), "A worker that is alone has them all.")


def _counts_what_is_sent(ring_seconds):
    got = ring_seconds(1_000_000_000, 2, 32)
    expect(
        not np.isclose(as_numbers(got), 0.125),
        "Bits and bytes: a number has 4 bytes of 8 bits each, and cables are measured in bits.",
    )
    expect_close(got, 1.0, "Two workers send 2 (2 - 1) / 2 = 1 times 32 gigabits, at 32 gigabits a second.")
    expect_close(
        ring_seconds(1_000_000_000, 4, 32), 1.5, "Four workers send 2 (4 - 1) / 4 = 1.5 times all numbers."
    )
    expect_close(ring_seconds(1_000_000, 1, 10), 0.0, "One worker has nobody to send to.")


def _is_bounded(speedup):
    expect_close(speedup(1.0, 8), 8.0, "If all can be shared, eight workers are eight times faster.")
    expect_close(speedup(0.0, 8), 1.0, "If nothing can be shared, they are no faster.")
    got = as_numbers(speedup(0.5, 2))
    expect(
        not np.isclose(got, 1.5),
        "Add up times, not speeds: half of the work takes as long as before, the other half is shared.",
    )
    expect_close(got, 4 / 3, "Half of 1 s stays .5 s; the other half takes .25 s: 1 / .75.")
    expect_close(
        speedup(0.9, 10**9), 10.0, "With 90 % shared, no number of workers is more than ten times faster."
    )


EXERCISES = [
    Exercise(
        id="31.1",
        title="Your share",
        setup="import numpy as np",
        starter='''
def share(batch_size, rank, workers):
    """Return the places in a batch, 0 to batch_size - 1, of worker `rank`: every workers-th, beginning with its own rank."""
    return ...
''',
        mistake='''
def share(batch_size, rank, workers):
    """Return the places in a batch, 0 to batch_size - 1, of worker `rank`: every workers-th, beginning with its own rank."""
    return np.array_split(np.arange(batch_size), workers)[rank]
''',
        solution='''
def share(batch_size, rank, workers):
    """Return the places in a batch, 0 to batch_size - 1, of worker `rank`: every workers-th, beginning with its own rank."""
    return np.arange(rank, batch_size, workers)
''',
        test=_deals_all_places,
        hints=["Deal the places like cards: 0 to worker 0, 1 to worker 1, ...", "`np.arange` takes a start, an end and a step."],
    ),
    Exercise(
        id="31.2",
        title="Seconds for a ring",
        starter='''
def ring_seconds(parameters, workers, gigabits):
    """Return the seconds in which each worker sends its part of a ring all-reduce; 4 bytes a parameter, gigabits a second."""
    return ...
''',
        mistake='''
def ring_seconds(parameters, workers, gigabits):
    """Return the seconds in which each worker sends its part of a ring all-reduce; 4 bytes a parameter, gigabits a second."""
    return 2 * (workers - 1) / workers * parameters * 4 / (gigabits * 1e9)
''',
        solution='''
def ring_seconds(parameters, workers, gigabits):
    """Return the seconds in which each worker sends its part of a ring all-reduce; 4 bytes a parameter, gigabits a second."""
    return 2 * (workers - 1) / workers * parameters * 32 / (gigabits * 1e9)
''',
        test=_counts_what_is_sent,
        hints=["Each worker sends 2 (N - 1) / N times all numbers.", "A number of 4 bytes has 32 bits; a gigabit is 1e9 bits."],
    ),
    Exercise(
        id="31.3",
        title="Amdahl",
        starter='''
def speedup(shared, workers):
    """Return how many times faster `workers` are, when the part `shared` (0 to 1) of the work is shared among them."""
    return ...
''',
        mistake='''
def speedup(shared, workers):
    """Return how many times faster `workers` are, when the part `shared` (0 to 1) of the work is shared among them."""
    return (1 - shared) + shared * workers
''',
        solution='''
def speedup(shared, workers):
    """Return how many times faster `workers` are, when the part `shared` (0 to 1) of the work is shared among them."""
    return 1 / ((1 - shared) + shared / workers)
''',
        test=_is_bounded,
        hints=["Let all the work take 1 s on one worker. How long does it take now?", "The time is (1 - shared) + shared / workers."],
    ),
]  # fmt: skip


QUIZ = [
    Question(
        f"ResNet-50 has {RESNET50 / 1e6:.1f} million parameters. What does each of 100 workers in a ring send in an update?",
        [
            Choice(f"about {2 * 99 / 100 * RESNET50 * 4 / 1e6:.0f} MB", True, "2 (N - 1) / N of 4 bytes a parameter: hardly more than for ten workers."),
            Choice(f"about {RESNET50 * 4 * 99 * 2 / 1e9:.0f} GB", False, "That is what the middle of a star would move."),
            Choice(f"about {RESNET50 * 4 / 100 / 1e6:.0f} MB", False, "That is one piece; it is sent in each of 2 (N - 1) rounds."),
        ],
    ),
    Question(
        "Of N workers with equal shares, each takes the mean of the loss over its own share, and the gradients are summed. What happens?",
        [
            Choice("The gradient is N times too long", True, "Each share should be divided by the size of the whole batch."),
            Choice("Nothing, a mean is a mean", False, "A sum of N means is N times the mean of all."),
            Choice("The gradient is N times too short", False, "Dividing by a smaller number makes it longer."),
        ],
    ),
    Question(
        "Which layer makes the result depend on how a batch is shared?",
        [
            Choice("Batch norm in training", True, "It uses mean and deviation of what is in the share."),
            Choice("Batch norm with frozen statistics", False, "Then each picture is treated alone, as in inference."),
            Choice("Layer norm", False, "It looks at one picture (or one token) at a time."),
        ],
    ),
    Question(
        f"A worker names {RATE} pictures a second and takes {START} s to start. How long do ten need for {MANY:,}, if all goes well?",
        [
            Choice(f"about {(START + MANY / (10 * RATE)) / 60:.0f} minutes", True, f"{START} s, and then {MANY:,} / (10 x {RATE}) s."),
            Choice(f"about {MANY / RATE / 60:.0f} minutes", False, "That is one worker."),
            Choice(f"about {(10 * START + MANY / (10 * RATE)) / 60:.0f} minutes", False, "They start at the same time, not one after the other."),
        ],
    ),
    Question(
        "In synchronous training one of a hundred workers is killed. What is lost?",
        [
            Choice("The updates since the last checkpoint", True, "All wait for its share; so all begin again from there, and end in the same weights."),
            Choice("A hundredth of the pictures", False, "Then the sum would be another one: the training would no longer be that of one process."),
            Choice("Nothing: the others go on", False, "That holds for classifying a folder. Here each update needs every share."),
        ],
    ),
]  # fmt: skip
