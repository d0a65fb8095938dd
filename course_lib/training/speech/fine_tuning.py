"""How a network that has heard much and read nothing learns letters."""

from dataclasses import dataclass

import keras

from course_lib.loading import open_pretrained
from course_lib.training.speech.recognising import RecogniserRecipe

EARS = ("conv", "features")  # how the names of the layers begin that turn samples into frames


@dataclass(frozen=True)
class FineTuningRecipe(RecogniserRecipe):
    """The pre-trained network, and text for some of what it has heard.

    Attributes:
        start: the pre-trained model.
        hidden: the widest span of samples that an update hides, two of them in each recording.
        speakers, voice, recordings_seen, batch_size, learning_rate, warmup, weight_decay, clip_norm: see RecogniserRecipe.
    """

    family: str = "wav2vec2"
    model_id: str = "wav2vec2_nano"
    start: str = "wav2vec2_nano_pretrained"
    speakers: int = 1200
    voice: int = 300
    recordings_seen: int = 20_000
    hidden: int = 1600
    batch_size: int = 8
    learning_rate: float = 1e-3
    warmup: int = 200

    def learn(self, model: keras.Model, data, seed: int) -> None:
        """Begin with what was learned without text, then train by CTC."""
        begin_with(model, open_pretrained(self.start).model)
        super().learn(model, data, seed)


def begin_with(model: keras.Model, pretrained: keras.Model) -> None:
    """Give a recogniser all numbers that a pre-trained network has under the same names; its head stays as it is.

    Args:
        model, pretrained: `zoo.wav2vec2.build` of a config with symbols, and of one without.
    """
    known = {variable.path: variable for variable in pretrained.weights}
    for variable in model.weights:
        if variable.path in known:
            variable.assign(known[variable.path])


def freeze_ears(model: keras.Model, frozen: bool = True) -> None:
    """Keep the convolutions as the pre-training left them, as the paper does; only what understands is trained."""
    for layer in model.layers:
        if layer.name.startswith(EARS) and layer.name != "features_project":
            layer.trainable = not frozen
