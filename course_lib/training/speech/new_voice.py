"""Another voice from thirty sentences: what is it worth that a network can speak already?

`python -m course_lib.training.speech.new_voice` measures it and writes data/experiments/new_voice.json.
"""

import time
from dataclasses import dataclass

import numpy as np

from course_lib.training.experiment import record

MODEL = "tacotron2_nano"
BATCH = 10
DRAWS = range(3)


@dataclass(frozen=True)
class Way:
    """One way to the other voice.

    Attributes:
        knows: begin with the weights of the first voice, else with random ones.
        steps: updates; none leaves it as it is.
        learning_rate: of these.
    """

    knows: bool
    steps: int
    learning_rate: float = 1e-3


WAYS = {
    "before": Way(True, 0),
    "fine-tuned, 30 steps": Way(True, 30),
    "fine-tuned, 120 steps": Way(True, 120),
    "from scratch, 240 steps": Way(False, 240, 2e-3),
}


def measured(way: Way, draw: int) -> dict:
    """Train once; return how the network says the other voice's held-out sentences, and the processor's seconds."""
    import keras

    from course_lib.loading import open_pretrained
    from course_lib.media.sound.corpus import recordings
    from course_lib.training.fit import Settings
    from course_lib.training.speech.speaking import Sentences, SpeakingTrainer
    from course_lib.training.speech.spoken_scores import score
    from course_lib.zoo.tacotron2 import CONFIGS

    keras.utils.set_random_seed(draw)
    sound = CONFIGS[MODEL].sound
    model = open_pretrained(MODEL, "nano" if way.knows else None).model
    began = time.process_time()
    if way.steps:
        settings = Settings(way.steps, BATCH, way.learning_rate, warmup=10, weight_decay=1e-6, seed=draw)
        SpeakingTrainer(model, settings).fit(Sentences.of(recordings("other_few"), sound))
    seconds = time.process_time() - began
    scores = score(model, recordings("other_test"), sound, seed=draw)
    names = ("in_time", "read", "forward", "length", "decibels")
    means = {name: round(float(np.mean([getattr(x, name) for x in scores])), 4) for name in names}
    return {**means, "seconds": round(seconds, 1)}


if __name__ == "__main__":
    record("new_voice", WAYS, DRAWS, measured)
