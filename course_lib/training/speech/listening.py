"""Should a vocoder hear itself while it learns? Another voice from thirty sentences, with likelihood alone and with both.

`python -m course_lib.training.speech.listening` measures it and writes data/experiments/listening.json.
"""

import time
from dataclasses import asdict, dataclass

from course_lib.training.experiment import record

MODEL = "waveglow_nano"
DRAWS = range(3)


@dataclass(frozen=True)
class Way:
    """One way to the other voice.

    Attributes:
        steps: updates; none leaves it as it is.
        spectral: weight of the spectra of what it says; 0 for likelihood alone.
    """

    steps: int
    spectral: float = 0.0


WAYS = {
    "before": Way(0),
    "likelihood, 200 steps": Way(200),  # in about the same time as the next
    "likelihood and its own sound, 100 steps": Way(100, 2.0),
}


def measured(way: Way, draw: int) -> dict:
    """Train once; return how faithfully the other voice's held-out sentences are copied, and the processor's seconds."""
    import keras

    from course_lib.loading import open_pretrained
    from course_lib.media.sound.corpus import recordings
    from course_lib.training.fit import Settings
    from course_lib.training.recipes.waveglow_nano import RECIPE
    from course_lib.training.speech import fidelity
    from course_lib.training.speech.flowing import Listening, learn

    keras.utils.set_random_seed(draw)
    vocoder = open_pretrained(MODEL)
    began = time.process_time()
    if way.steps:
        few = [item.audio.samples for item in recordings("other_few")]
        spoken = [(samples, vocoder.sound.of(samples)) for samples in few]
        settings = Settings.of(RECIPE, steps=way.steps, learning_rate=5e-4, warmup=20, seed=draw)
        listening = Listening(way.spectral, RECIPE.spoken_sigma) if way.spectral else None
        learn(vocoder.model, spoken, settings, RECIPE.frames, listening=listening)
    seconds = time.process_time() - began
    say = fidelity.speaker(vocoder.model, RECIPE.spoken_sigma, seed=draw)
    sounds = [item.audio.samples for item in recordings("other_test")]
    found = fidelity.measured(lambda sound, mel: say(mel), sounds, vocoder.sound)
    return {**asdict(found), "seconds": round(seconds, 1)}


if __name__ == "__main__":
    record("listening", WAYS, DRAWS, measured)
