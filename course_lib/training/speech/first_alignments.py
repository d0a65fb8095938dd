"""How the attention of Tacotron 2 finds its way: what helps it, watched from the first update on.

`python -m course_lib.training.speech.first_alignments` measures it and writes data/experiments/first_alignments.json.
"""

import dataclasses
from dataclasses import dataclass

import numpy as np

from course_lib.training.experiment import record

MODEL = "tacotron2_nano"
SHORT = 192  # sentences to learn from, the shortest of those that are made
WATCHED = 8  # held-out sentences, the shortest
STEPS, EVERY, BATCH = 200, 20, 16
KEPT = (0, 40, 60, 80, 120, 200)  # updates at which the first sentence's alignment is kept, of the first draw
NEAR = 1  # letter
DRAWS = range(2)


@dataclass(frozen=True)
class Way:
    """One way to train.

    Attributes:
        location: tell the attention where it has looked.
        guide: weight of the guided attention.
        dropout: of the pre-net.
    """

    location: bool = True
    guide: float = 5.0
    dropout: float = 0.5


WAYS = {
    "as it is": Way(),
    "no location": Way(location=False),
    "no guide": Way(guide=0.0),
    "neither": Way(location=False, guide=0.0),
    "pre-net sees all": Way(dropout=0.0),
}


def measured(way: Way, draw: int) -> dict:
    """Train once; return what was watched, and how the network ends up led by a teacher and by itself."""
    import keras

    from course_lib.training.fit import Settings
    from course_lib.training.speech.making import make
    from course_lib.training.speech.speaking import Sentences, SpeakingTrainer
    from course_lib.zoo import tacotron2

    config = tacotron2.CONFIGS[MODEL]
    changed = {"location_filters": config.location_filters * way.location, "prenet_dropout": way.dropout}
    keras.utils.set_random_seed(draw)
    model = tacotron2.build(dataclasses.replace(config, **changed))
    spoken = sorted(make("voice", 4 * SHORT, draw), key=lambda item: len(item.audio.samples))[:SHORT]
    eye = Eye(model, config)
    settings = Settings(STEPS, BATCH, 2e-3, warmup=20, weight_decay=1e-6, seed=draw)
    SpeakingTrainer(model, settings, way.guide).fit(Sentences.of(spoken, config.sound), eye.watch)
    found = {"updates": eye.updates, "found": eye.found, **eye.measured()}
    return found | ({"alignments": eye.alignments} if way == Way() and draw == 0 else {})


class Eye:
    """Watches where a network looks while it reads held-out sentences under a teacher."""

    def __init__(self, model, config):
        """Get ready; where one should look, the voice that has learned all tells."""
        import tensorflow as tf

        from course_lib.loading import open_pretrained
        from course_lib.media.sound.corpus import recordings
        from course_lib.training.speech.speaking import Sentences

        self.model, self.config = model, config
        self.spoken = sorted(recordings("voice_test"), key=lambda item: len(item.audio.samples))[:WATCHED]
        sentences = Sentences.of(self.spoken, config.sound)
        self.batch = sentences.batch(np.arange(WATCHED), config.frames_per_step)
        self._look = tf.function(lambda x: model(x, training=False), autograph=False)
        self.should = open_pretrained(MODEL, "nano").model(self._inputs)["alignment"].numpy().argmax(axis=-1)
        self.updates, self.found, self.alignments = [], [], {}

    def watch(self, count: int) -> None:
        """Look at the network after so many updates."""
        if count % EVERY:
            return
        alignment = self._look(self._inputs)["alignment"].numpy()
        self.updates.append(count)
        self.found.append(round(self._near(alignment), 4))
        if count in KEPT:
            letters = int((self.batch[0][0] != 0).sum())
            kept = alignment[0, : self.batch[2][0], :letters]
            self.alignments[str(count)] = np.round(100 * kept).astype(int).tolist()

    def measured(self) -> dict:
        """Return the error under a teacher, and the distance and the letters that were read without one."""
        from course_lib.training.speech.speaking import losses
        from course_lib.training.speech.spoken_scores import score

        letters, mel, steps = self.batch
        error = float(losses(self._look(self._inputs), letters, mel, steps)[1])
        alone = score(self.model, self.spoken, self.config.sound)
        means = {
            name: round(float(np.mean([getattr(x, name) for x in alone])), 4)
            for name in ("decibels", "read", "length")
        }
        return {"error": round(error, 4), **means}

    def _near(self, alignment: np.ndarray) -> float:
        """Return the share of the attention that lies on the letter where it should, or next to it."""
        letters = np.arange(alignment.shape[-1])
        near = np.abs(letters - self.should[..., None]) <= NEAR
        real = np.arange(alignment.shape[1]) < self.batch[2][:, None]
        return float((alignment * near).sum(axis=-1)[real].mean())

    @property
    def _inputs(self) -> dict:
        return {"letters": self.batch[0], "mel": self.batch[1]}


if __name__ == "__main__":
    record("first_alignments", WAYS, DRAWS, measured)
