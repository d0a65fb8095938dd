"""Sixty labelled sentences: what three hours of speech without a word of text are worth to them.

`python -m course_lib.training.speech.few_labels` measures it and writes data/experiments/few_labels.json.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache

import keras
import numpy as np

from course_lib.decoding.ctc import greedy
from course_lib.decoding.errors import letter_errors, word_errors
from course_lib.media.sound.corpus import Recording, recordings
from course_lib.text.letters import DEEPSPEECH
from course_lib.training.experiment import record
from course_lib.training.fit import History, Settings
from course_lib.training.speech.ctc import CtcTrainer, Examples, examples, logits_of, masked
from course_lib.training.speech.fine_tuning import begin_with, freeze_ears
from course_lib.zoo import wav2vec2

NANO, PRETRAINED = "wav2vec2_nano", "wav2vec2_nano_pretrained"
LISTENER = wav2vec2.listener(wav2vec2.CONFIGS[NANO])
DRAWS = range(3)
HIDDEN = 1600  # samples: the widest span that an update hides, two in each recording
EACH = 600  # updates from one look at the held-out speakers to the next; nothing is chosen by it
LAST = 45  # updates, six times all sentences, whose mean loss is written down


@dataclass(frozen=True)
class Way:
    """One way from sixty sentences to a recogniser.

    Attributes:
        knows: begin with what was learned without text, else with random numbers.
        steps: updates, of eight recordings each.
        learning_rate: at its peak.
        frozen: leave the convolutions as they are.
        dropout: behind each part of the transformer.
    """

    knows: bool
    steps: int
    learning_rate: float = 1e-3
    frozen: bool = True
    dropout: float = 0.1


# The rate from scratch: of 1e-3, 2e-3 and 4e-3 the one with the lowest training loss after 300 updates (2.26, 1.92 and 2.11 nats
# a letter); the pre-trained one's is a pilot's. Pre-training took 542 s, and an update from scratch .144 s where nothing else ran, so
# 4300 of them take as long as pre-training and fine-tuning together.
WAYS = {
    "pre-trained": Way(True, 600, 2e-3),
    "from scratch, as many updates": Way(False, 600, 2e-3, frozen=False),
    "from scratch, as much time in all": Way(False, 4300, 2e-3, frozen=False),
}


def learned(
    way: Way, seed: int, labelled: Examples, watch: Callable | None = None
) -> tuple[keras.Model, History]:
    """Train a recogniser one way.

    Args:
        way: how.
        seed: of the head, or of all numbers, and of the order.
        labelled: what it learns letters from.
        watch: called after each update with its number and the model.

    Returns:
        The model; and the history of this training, the pre-training apart.
    """
    keras.utils.set_random_seed(seed)
    model = wav2vec2.build(replace(wav2vec2.CONFIGS[NANO], dropout=way.dropout))
    if way.knows:
        begin_with(model, pretrained())
    freeze_ears(model, way.frozen)
    settings = Settings(
        way.steps, batch_size=8, learning_rate=way.learning_rate, warmup=way.steps // 10, seed=seed
    )
    trainer = CtcTrainer(
        model, settings, DEEPSPEECH.blank, multiple=800, augment=masked(HIDDEN), frames=LISTENER.frames
    )  # fmt: skip
    return model, trainer.fit(labelled, watch=watch and (lambda number, _: watch(number, model)))


@cache
def pretrained() -> keras.Model:
    """Return the network as it was before any text."""
    from course_lib.loading import open_pretrained

    return open_pretrained(PRETRAINED).model


def errors(model: keras.Model, heard: Sequence[Recording]) -> tuple[float, float]:
    """Return the word error rate and the letter error rate of a recogniser, each frame its likeliest symbol."""
    inputs = examples(heard, LISTENER, DEEPSPEECH).inputs
    rows = logits_of(model, inputs, frames=LISTENER.frames)
    written = [DEEPSPEECH.detokenize(greedy(row, DEEPSPEECH.blank).letters) for row in rows]
    said = [recording.text for recording in heard]
    return word_errors(said, written).rate, letter_errors(said, written).rate


def measured(way: Way, draw: int) -> dict:
    """Train once.

    Returns:
        "words", "letters": error rates at the end, on speakers that no training heard; "course": [updates, words, letters] on
        the way; "loss": of the last updates, in nats a letter; "seconds": the processor's, of the training alone.
    """
    heard, course, apart = recordings("speakers_test"), [], 0.0

    def watch(number, model):
        nonlocal apart
        if number % EACH == 0 and number < way.steps:
            began = time.process_time()
            course.append([number, *(round(rate, 4) for rate in errors(model, heard))])
            apart += time.process_time() - began

    began = time.process_time()
    model, history = learned(way, draw, examples(recordings("speakers_few"), LISTENER, DEEPSPEECH), watch)
    seconds = time.process_time() - began - apart
    words, letters = errors(model, heard)
    course.append([way.steps, round(words, 4), round(letters, 4)])
    loss = float(np.mean(history.loss[-LAST:]))
    return {"words": round(words, 4), "letters": round(letters, 4), "course": course, "loss": round(loss, 4),
            "seconds": round(seconds, 1)}  # fmt: skip


def main() -> None:
    """Measure what is not yet in the file, a line after each run."""
    record("few_labels", WAYS, DRAWS, measured)


if __name__ == "__main__":
    main()
