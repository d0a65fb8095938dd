"""From Shakespeare to Python's manual: what pre-training is worth to a language model that changes its author.

`python -m course_lib.training.language.new_author` measures it and writes data/experiments/new_author.json.
"""

import time
from dataclasses import dataclass

from course_lib.text import corpora
from course_lib.training.experiment import record

MODEL = "gpt_nano"
DRAWS = range(3)


@dataclass(frozen=True)
class Way:
    """One way to a model of the manual.

    Attributes:
        knows: begin with the pre-trained weights, else with random ones.
        steps: updates; none leaves it as it is.
        learning_rate: of these.
    """

    knows: bool
    steps: int
    learning_rate: float = 1e-3


WAYS = {
    "before": Way(True, 0),
    "fine-tuned, 50 steps": Way(True, 50, 2e-3),
    "fine-tuned, 200 steps": Way(True, 200, 2e-3),
    "from scratch, 200 steps": Way(False, 200, 3e-3),
    "from scratch, 400 steps": Way(False, 400, 3e-3),
}


def measured(way: Way, draw: int) -> dict:
    """Train once; return the perplexity a token on the manual's other topics, and the processor's seconds."""
    import keras

    from course_lib.loading import open_pretrained
    from course_lib.training.language.finetuning import finetune_text, perplexity

    text, test = corpora.manual()
    keras.utils.set_random_seed(draw)
    model = open_pretrained(MODEL, "nano" if way.knows else None)
    began = time.process_time()
    if way.steps:
        model = finetune_text(model, text, steps=way.steps, learning_rate=way.learning_rate, seed=draw)
    seconds = time.process_time() - began
    return {"perplexity": round(perplexity(model, test), 2), "seconds": round(seconds, 1)}


if __name__ == "__main__":
    record("new_author", WAYS, DRAWS, measured)
