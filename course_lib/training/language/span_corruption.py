"""What reading without questions is worth: texts with holes first, then few questions with answers.

`python -m course_lib.training.language.span_corruption` measures it and writes data/experiments/span_corruption.json.
"""

import itertools
import json
import sys
from collections.abc import Sequence

import numpy as np
from tqdm import tqdm

from course_lib.data_dir import data_dir
from course_lib.errors import BadInput
from course_lib.files import write_text
from course_lib.media.text_tasks import make_lines, make_pairs
from course_lib.training.fit import Settings

MODEL, TASKS = "t5_nano", ("words", "digits", "date", "iso")
LABELS, DRAWS = (300,), range(3)  # questions of each task
LINES, READING, ANSWERING = 40_000, 4_000, 1_000  # updates
TEST_PAIRS, TEST_SEED = 400, 9001
# What was read before: nothing; lines that tell one thing in both ways; lines in which each stands alone.
READINGS = {"nothing": None, "things together": True, "things apart": False}


def corrupted(
    numbers: Sequence[int],
    blanks: Sequence[int],
    rng: np.random.Generator,
    rate: float = 0.15,
    span: float = 3.0,
) -> tuple[list[int], list[int]]:
    """Take spans out of a text.

    Args:
        numbers: its tokens.
        blanks: tokens that stand for a hole, in order.
        rng: which spans.
        rate: share of the tokens that go.
        span: tokens of a hole, in the mean.

    Returns:
        The text with a blank for each hole, and what stood there: each blank, and its tokens behind it.

    Source: arXiv 1910.10683, sections 3.1.4 and 3.3.4, figure 2; there one more blank closes the answer, here the end does.
    """
    if len(numbers) < 2:
        raise BadInput("A text with holes has two tokens or more: one that goes, and one that stays.")
    gone = max(1, round(rate * len(numbers)))
    holes = min(max(1, round(gone / span)), len(blanks), len(numbers) - gone)
    # Both the gone and the kept tokens are cut into as many pieces as there are holes, and the pieces take turns.
    gone_pieces, kept_pieces = _pieces(gone, holes, rng), _pieces(len(numbers) - gone, holes, rng)
    source, target, at = [], [], 0
    for blank, kept, lost in zip(blanks, kept_pieces, gone_pieces, strict=False):
        source += [*numbers[at : at + kept], blank]
        target += [blank, *numbers[at + kept : at + kept + lost]]
        at += kept + lost
    return source, target


def _pieces(total: int, pieces: int, rng: np.random.Generator) -> list[int]:
    """Cut a whole number into positive ones, all ways equally likely."""
    cuts = np.sort(rng.choice(total - 1, pieces - 1, replace=False)) + 1
    return np.diff([0, *cuts, total]).tolist()


def read(model, lines: Sequence[str], settings: Settings) -> None:
    """Train a T5 of characters to fill in what is missing from lines, in place; lines are short, so much is missing."""
    from course_lib.text import padded, tokenizer
    from course_lib.training.language.text_to_text import learn_numbers

    letters, rng = tokenizer("characters"), np.random.default_rng(settings.seed)
    pairs = [corrupted(letters.tokenize(line), letters.blanks, rng, rate=0.4, span=6.0) for line in lines]
    learn_numbers(model, padded([source for source, _ in pairs]), [target for _, target in pairs], settings)


def reader(together: bool | None):
    """Return a network that has read lines, or nothing."""
    import keras

    from course_lib.loading import build

    keras.utils.set_random_seed(0)
    model = build(MODEL)
    if together is not None:
        read(model, make_lines(LINES, together=together), Settings(READING, 64, 3e-3, 200))
    return model


def measured(model, labels: int, draw: int) -> dict[str, float]:
    """Teach a copy with few questions; return each task's exact match on held-out ones, 0 to 1."""
    from course_lib.loading import build
    from course_lib.training.language.text_to_text import exact_match, learn

    weights, model = model.get_weights(), build(MODEL)
    model.set_weights(weights)
    pairs = make_pairs(labels * len(TASKS), TASKS, seed=100 + draw)
    learn(model, *pairs, Settings(ANSWERING, 32, 2e-3, 100, seed=draw))
    tests = {task: make_pairs(TEST_PAIRS // len(TASKS), [task], seed=TEST_SEED, test=True) for task in TASKS}
    return {task: round(exact_match(model, *test), 4) for task, test in tests.items()}


def main() -> None:
    """Measure what is not yet in the file, a line after each run."""
    path = data_dir() / "experiments" / "span_corruption.json"
    known = json.loads(path.read_text()) if path.is_file() else {}
    table = {name: {str(n): known.get(name, {}).get(str(n), []) for n in LABELS} for name in READINGS}
    for name, together in READINGS.items():
        if all(len(runs) == len(DRAWS) for runs in table[name].values()):
            continue
        model = reader(together)
        for labels, draw in tqdm([*itertools.product(LABELS, DRAWS)], name, file=sys.stderr):
            if len(table[name][str(labels)]) == draw:
                table[name][str(labels)].append(measured(model, labels, draw))
                write_text(path, json.dumps(table) + "\n")
                print(name, labels, table[name][str(labels)][-1], flush=True)


if __name__ == "__main__":
    main()
