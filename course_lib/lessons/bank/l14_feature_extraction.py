"""Lesson 14's exercises and quiz."""

import numpy as np

from course_lib.lessons.exercises import Exercise
from course_lib.lessons.expect import as_numbers, expect, expect_close, expect_shape
from course_lib.lessons.quiz import Choice, Question

FEATURES, KINDS, STEPS, PICTURES = 64, 8, 3000, 40  # the lesson's probe and its descent


def _uses_training_statistics(standardise):
    train = np.array([[0.0, 10.0, 1.0], [2.0, 30.0, 2.0], [4.0, 20.0, 6.0], [6.0, 60.0, 3.0]])
    test = np.array([[3.0, 30.0, 3.0]]) + 5.0
    got = standardise(train.copy(), test.copy())
    expect(
        isinstance(got, tuple | list) and len(got) == 2, "Return two arrays: `return train, test`, scaled."
    )
    expect_shape(
        np.asarray(got[0]), train.shape, "Scaling changes the numbers of the training rows, not their shape."
    )
    expect_shape(
        np.asarray(got[1]), test.shape, "Scaling changes the numbers of the test rows, not their shape."
    )
    ours, theirs = as_numbers(got[0]), as_numbers(got[1])
    expect(
        np.isfinite(theirs).all() and not np.allclose(theirs, 0),
        "One test row has no spread of its own. Whose mean and deviation did the probe see when it was fitted?",
    )
    expect_close(
        ours.mean(axis=0), [0, 0, 0], "Each feature of the training rows should have mean 0.", atol=1e-4
    )
    expect_close(
        ours.std(axis=0),
        [1, 1, 1],
        "Each feature of the training rows should have deviation 1, as NumPy counts unless told otherwise (`ddof=0`).",
        atol=1e-4,
    )
    wanted = (test - train.mean(axis=0)) / train.std(axis=0)
    expect_close(theirs, wanted, "Scale the test rows exactly as you scaled the training rows.", atol=1e-4)


def _goes_to_the_nearest(nearest_mean):
    features = np.array([[5.0, 0], [1.0, 0.5], [7.0, 0], [1.0, -0.5], [1.0, 5.0], [1.0, 3.0]])
    labels = np.array([2, 0, 2, 0, 1, 1])  # means: (1, 0), (1, 4), (6, 0)
    queries = np.array([[1.5, 0.2], [5.0, 1.0], [0.0, 3.0], [2.0, 1.0], [3.4, 0.4], [5.0, 3.7]])
    got = nearest_mean(features, labels, queries)
    expect_shape(np.asarray(as_numbers(got)), (6,), "Each query has one answer.")
    got = as_numbers(got)
    expect(
        not np.array_equal(got, [2, 1, 2, 2, 1, 0]),
        "Each query gets the mean that is *farthest* from it. Which end of the distances do you want?",
    )
    expect(
        got[0] != 2,
        "For the query (1.5, 0.2) you chose the mean (6, 0), but (1, 0) is nearer. If you multiplied: "
        "a product grows with a mean's length, a distance does not.",
    )
    expect(
        got[4] == 0,
        "The query (3.4, 0.4) lies 2.43 from the mean (1, 0) and 2.63 from (6, 0): compare with means, not with single pictures.",
    )
    expect(
        got[5] != 1,
        "The query (5, 3.7) lies 4.01 from the mean (1, 4) and 3.83 from (6, 0), in a straight line: "
        "how long is the difference of two points?",
    )
    expect_close(got, [0, 2, 1, 0, 0, 2], "The kinds' means are (1, 0), (1, 4) and (6, 0): measure by hand.")


def _keeps_sources_whole(split_by_source):
    rng = np.random.default_rng(0)
    source = rng.permutation(np.repeat(np.arange(10) * 3 + 5, [1, 2, 3, 4, 5, 6, 7, 8, 9, 15]))
    masks = []
    for seed, share in [(seed, share) for seed in range(12) for share in (0.32, 0.38)]:
        mask, again = (
            np.asarray(split_by_source(source.copy(), share, np.random.default_rng(seed))) for _ in range(2)
        )
        _is_sound(mask, source, share)
        expect(
            np.array_equal(mask, again),
            "Two generators in the same state give different photos: draw all lots from `rng`.",
        )
        masks.append(mask)
    expect(
        any(not np.array_equal(masks[0], mask) for mask in masks[2::2]),
        "Every generator gives the same photos: use `rng` to choose them.",
    )


def _is_sound(mask, source, share):
    expect_shape(mask, source.shape, "Return one True or False for each row.")
    expect(mask.dtype == bool, "Return True and False, not numbers: a comparison or `np.isin` gives them.")
    both = np.intersect1d(source[mask], source[~mask])
    expect(not both.size, f"{both.size} of 10 photos have rows on both sides. Choose photos, not rows.")
    chosen, wanted = len(np.unique(source[mask])), round(10 * share)
    expect(
        chosen == wanted,
        f"A share of {share} of 10 photos is {wanted}, rounded; yours are {chosen}. If it varies: "
        "was a photo drawn twice?",
    )


EXERCISES = [
    Exercise(
        id="14.1",
        title="Standardise without looking",
        setup="import numpy as np",
        starter='''
def standardise(train, test):
    """Return both, (n, d) and (m, d), scaled so that each feature of the training rows has mean 0 and deviation 1."""
    return ...
''',
        mistake='''
def standardise(train, test):
    """Return both, (n, d) and (m, d), scaled so that each feature of the training rows has mean 0 and deviation 1."""
    return (train - train.mean(axis=0)) / train.std(axis=0), test - test.mean(axis=0)
''',
        solution='''
def standardise(train, test):
    """Return both, (n, d) and (m, d), scaled so that each feature of the training rows has mean 0 and deviation 1."""
    mean, deviation = train.mean(axis=0), train.std(axis=0)
    return (train - mean) / deviation, (test - mean) / deviation
''',
        test=_uses_training_statistics,
        hints=[
            "Each *feature*, so each column, has its own mean. Which axis do you average over?",
            "When the probe is in use, one picture comes at a time. What is the deviation of one picture?",
            "The scaling is part of what was learned: take both numbers from the training rows, and use them twice.",
        ],
    ),
    Exercise(
        id="14.2",
        title="A head with nothing to train",
        setup="import numpy as np",
        starter='''
def nearest_mean(features, labels, queries):
    """Return the kind of each query, (m,) integers, from features (n, d) with labels (n,) and queries (m, d)."""
    return ...
''',
        mistake='''
def nearest_mean(features, labels, queries):
    """Return the kind of each query, (m,) integers, from features (n, d) with labels (n,) and queries (m, d)."""
    means = np.stack([features[labels == kind].mean(axis=0) for kind in range(labels.max() + 1)])
    return (queries @ means.T).argmax(axis=1)
''',
        solution='''
def nearest_mean(features, labels, queries):
    """Return the kind of each query, (m,) integers, from features (n, d) with labels (n,) and queries (m, d)."""
    means = np.stack([features[labels == kind].mean(axis=0) for kind in range(labels.max() + 1)])
    distances = np.linalg.norm(queries[:, None] - means, axis=2)  # (m, kinds)
    return distances.argmin(axis=1)
''',
        test=_goes_to_the_nearest,
        hints=[
            "First the means: `features[labels == kind]` are the rows of one kind. Stack one mean for each kind.",
            "`queries[:, None] - means` has the shape (m, kinds, d). What should become of the last axis?",
            "Nearest is the smallest length of the difference: `argmin`, not `argmax`.",
        ],
    ),
    Exercise(
        id="14.3",
        title="Split by source",
        setup="import numpy as np",
        starter='''
def split_by_source(source, share, rng):
    """Return a mask (n,), True for test rows.

    source: (n,) which photo each row comes from. A share (0 to 1) of the *photos*, rounded, chosen with
    rng (a NumPy generator), goes to the test, with all its rows.
    """
    return ...
''',
        mistake='''
def split_by_source(source, share, rng):
    """Return a mask (n,), True for test rows."""
    return rng.random(len(source)) < share
''',
        solution='''
def split_by_source(source, share, rng):
    """Return a mask (n,), True for test rows."""
    photos = np.unique(source)
    chosen = rng.choice(photos, round(share * len(photos)), replace=False)
    return np.isin(source, chosen)
''',
        test=_keeps_sources_whole,
        hints=[
            "Draw lots among the photos, not among the rows. Which function lists the different values of `source`?",
            "`rng.choice(photos, count, replace=False)` draws `count` different ones.",
            "`np.isin(source, chosen)` says for each row whether its photo is among the chosen.",
        ],
    ),
]

QUIZ = [
    Question(
        f"A probe from {FEATURES} features to {KINDS} kinds, bias included: how many numbers does it learn?",
        [
            Choice(
                f"{FEATURES * KINDS + KINDS:,}",
                True,
                f"{FEATURES} x {KINDS} weights and {KINDS} biases. The backbone's 175,728 stay as they are.",
            ),
            Choice(f"{FEATURES * KINDS:,}", False, "Those are the weights; each kind has a bias too."),
            Choice("175,728", False, "That is the backbone, which is frozen: it learns nothing here."),
        ],
    ),
    Question(
        "From scratch, the network named most of its training pictures rightly and new ones hardly better than by chance. Why?",
        [
            Choice(
                "It hardly learned anything in so few updates",
                False,
                "It did learn: it names most of its training pictures. What it learned does not carry over to new ones.",
            ),
            Choice(
                "It learned the pictures by heart instead of the kinds",
                True,
                "So many free numbers can tell a few hundred pictures apart by anything: colour, noise, a scrap of clutter.",
            ),
            Choice(
                "The architecture is too small for the problem",
                False,
                "The same architecture, pre-trained, does well: it is large enough.",
            ),
        ],
    ),
    Question(
        f"A probe takes {STEPS:,} steps over {PICTURES} pictures. How many pictures does the backbone see if the features are kept?",
        [
            Choice(f"{STEPS * PICTURES:,}", False, "That is with the backbone in the loop."),
            Choice(
                f"{PICTURES}", True, "Each once: it is frozen, so a second look would give the same numbers."
            ),
            Choice("None", False, "Somebody has to compute the features, once."),
        ],
    ),
    Question(
        "Which of these makes a test score too good without any error message?",
        [
            Choice(
                "Frames of the same film in training and test",
                True,
                "Neighbouring frames are nearly the same picture: the network need only recognise it.",
            ),
            Choice(
                "Features computed with training=True on a batch of one kind",
                False,
                "That is silent too, but it makes the score worse.",
            ),
            Choice(
                "Choosing C by cross-validation within the training pictures",
                False,
                "That is how it should be: the test stays unseen.",
            ),
        ],
    ),
    Question(
        "For which problem would you try plain pixels before any network?",
        [
            Choice(
                "Digits, centred, all of one size, white on black",
                True,
                "Each pixel means the same in every picture. In the lesson, pixels beat the network's features there.",
            ),
            Choice(
                "Umbrellas in any colour, place and rotation",
                False,
                "No single pixel says anything about the kind: pixels stayed near chance.",
            ),
            Choice(
                "Scraps of photos",
                False,
                "Pixels did better than chance there, but features from ImageNet did twice as well.",
            ),
        ],
    ),
]
