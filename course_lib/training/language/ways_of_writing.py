"""Which way of decoding writes texts like people's? Lesson 22 draws what this measured.

`python -m course_lib.training.language.ways_of_writing` lets the nano GPT continue pieces of the plays that it was never
trained on, in many ways, and writes data/experiments/ways_of_writing.json. The plays: `course fetch shakespeare`.
"""

import json
import sys
from collections.abc import Callable

import numpy as np
from tqdm import tqdm

from course_lib.data_dir import data_dir
from course_lib.decoding.choosing import Greedy, Sampling
from course_lib.decoding.filters import log_softmax
from course_lib.decoding.generating import beam_search, generate_rows
from course_lib.decoding.measures import distinct_n, perplexity, repeated_share
from course_lib.files import write_text

MODEL, BEAMS = "gpt_nano", 5
PROMPT, LENGTH = 28, 100  # tokens; together they fill the context
PIECES, SEARCHED = 64, 16  # texts of one draw; a beam search is slower, so it gets the first few
DRAWS = (0, 1, 2)
WAYS = {
    "greedy": lambda seed: Greedy(),
    "greedy, repetition penalty 1.2": lambda seed: Greedy(1.2),
    f"beam search, {BEAMS} beams": None,
    **{f"temperature {t}": lambda seed, t=t: Sampling(t, seed=seed) for t in (0.3, 0.5, 0.7, 0.8, 0.9, 1.0, 1.2, 1.5)},
    **{f"top-k {k}": lambda seed, k=k: Sampling(top_k=k, seed=seed) for k in (5, 10, 40, 100)},
    **{f"top-p {p}": lambda seed, p=p: Sampling(top_p=p, seed=seed) for p in (0.3, 0.5, 0.7, 0.8, 0.9, 0.95)},
}  # fmt: skip


def written(steps, prompts: np.ndarray, way: Callable | None, seed: int, length: int = LENGTH) -> np.ndarray:
    """Continue prompts.

    Args:
        steps: a model's, see `decoding`.
        prompts: (rows, tokens).
        way: of WAYS: seed -> what chooses the tokens; None for a beam search.
        seed: of the lots.
        length: of the continuations, in tokens.

    Returns:
        (rows, length) int32, the continuations alone.
    """
    if way is None:
        return np.array([beam_search(steps, prompt, BEAMS, length)[0].tokens for prompt in prompts], np.int32)
    return generate_rows(steps, prompts, way(seed), length)


def measured(logits: Callable, prompts: np.ndarray, texts: np.ndarray) -> dict[str, float]:
    """Measure continuations, whoever wrote them.

    Args:
        logits: of a model, from tokens (rows, tokens) to (rows, tokens, vocabulary).
        prompts: (rows, tokens) before them.
        texts: (rows, length).

    Returns:
        "perplexity" a token for the model, of all texts together; "distinct" pairs of tokens and "repeated" tokens,
        shares of a text, their mean over the texts.
    """
    rows = np.concatenate([prompts, texts], axis=1)
    foreseen = log_softmax(np.asarray(logits(rows[:, :-1]))[:, prompts.shape[1] - 1 :].astype(float))
    return {
        "perplexity": perplexity(np.take_along_axis(foreseen, texts[..., None].astype(int), axis=-1).ravel()),
        "distinct": float(np.mean([distinct_n(text, 2) for text in texts.tolist()])),
        "repeated": float(np.mean([repeated_share(text) for text in texts.tolist()])),
    }


def pieces(numbers: np.ndarray, seed: int) -> np.ndarray:
    """Draw pieces of a long text, (PIECES, PROMPT + LENGTH) tokens."""
    size = PROMPT + LENGTH
    places = np.random.default_rng(seed).integers(0, len(numbers) - size, PIECES)
    return np.stack([numbers[place : place + size] for place in places])


def main() -> None:
    """Measure people and all ways, draw by draw."""
    from course_lib.loading import open_pretrained
    from course_lib.text import corpora

    writer = open_pretrained(MODEL)
    numbers = np.concatenate([writer.tokenizer.tokenize(play) for play in corpora.plays(held_out=True)])
    table: dict[str, list] = {"people": [], **{name: [] for name in WAYS}}
    for draw in tqdm(DRAWS, "draws", file=sys.stderr):
        rows = pieces(numbers.astype(np.int32), draw)
        prompts = rows[:, :PROMPT]
        table["people"].append(measured(writer._logits, prompts, rows[:, PROMPT:]))
        for name, way in WAYS.items():
            some = prompts[: SEARCHED if way is None else PIECES]
            table[name].append(measured(writer._logits, some, written(writer._steps, some, way, draw)))
            print(draw, name, {key: round(value, 3) for key, value in table[name][-1].items()}, flush=True)
    record = {"model": MODEL, "sha256": writer.provenance.sha256, "prompt": PROMPT, "length": LENGTH}
    rounded = {
        name: [{k: round(v, 4) for k, v in row.items()} for row in rows] for name, rows in table.items()
    }
    write_text(
        data_dir() / "experiments" / "ways_of_writing.json", json.dumps(record | {"ways": rounded}) + "\n"
    )


if __name__ == "__main__":
    main()
