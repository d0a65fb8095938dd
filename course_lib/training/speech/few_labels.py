"""Sixty labelled sentences: what three hours of speech without a word of text are worth to them.

`python -m course_lib.training.speech.few_labels` measures it and writes data/experiments/few_labels.json.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import keras

from course_lib.decoding.ctc import greedy
from course_lib.decoding.errors import letter_errors, word_errors
from course_lib.media.sound.corpus import Recording, recordings
from course_lib.text.letters import DEEPSPEECH
from course_lib.training.experiment import record
from course_lib.training.fit import Settings
from course_lib.training.speech.ctc import CtcTrainer, Examples, examples, logits_of, masked
from course_lib.training.speech.fine_tuning import begin_with, freeze_ears
from course_lib.zoo import wav2vec2

NANO, PRETRAINED = "wav2vec2_nano", "wav2vec2_nano_pretrained"
LISTENER = wav2vec2.listener(wav2vec2.CONFIGS[NANO])
DRAWS = range(3)
HIDDEN = 1600  # samples: the widest span that an update hides, two in each recording


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


WAYS = {
    "pre-trained": Way(True, 600),
    "from scratch, as many updates": Way(False, 600, frozen=False),
    "from scratch, as much time in all": Way(False, 4800, frozen=False),
}


def learned(way: Way, seed: int, labelled: Examples) -> tuple[keras.Model, float]:
    """Train a recogniser one way.

    Args:
        way: how.
        seed: of the head, or of all numbers, and of the order.
        labelled: what it learns letters from.

    Returns:
        The model; and the processor seconds of this training, without the pre-training.
    """
    keras.utils.set_random_seed(seed)
    model = wav2vec2.build(replace(wav2vec2.CONFIGS[NANO], dropout=way.dropout))
    if way.knows:
        begin_with(model, pretrained())
    freeze_ears(model, way.frozen)
    began = time.process_time()
    settings = Settings(
        way.steps, batch_size=8, learning_rate=way.learning_rate, warmup=way.steps // 10, seed=seed
    )
    trainer = CtcTrainer(
        model, settings, DEEPSPEECH.blank, multiple=800, augment=masked(HIDDEN), frames=LISTENER.frames
    )  # fmt: skip
    trainer.fit(labelled)
    return model, time.process_time() - began


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
    """Train once; return the error rates on speakers that no training heard, and the processor's seconds."""
    labelled = examples(recordings("speakers_few"), LISTENER, DEEPSPEECH)
    model, seconds = learned(way, draw, labelled)
    words, letters = errors(model, recordings("speakers_test"))
    return {"words": round(words, 4), "letters": round(letters, 4), "seconds": round(seconds, 1)}


def main() -> None:
    """Measure what is not yet in the file, a line after each run."""
    record("few_labels", WAYS, DRAWS, measured)


if __name__ == "__main__":
    main()
