"""What every model that reads texts alone offers."""

from collections.abc import Callable, Iterator, Sequence

import keras
import numpy as np

from course_lib import zoo
from course_lib.errors import BadInput, CourseError
from course_lib.tasks.base import Pretrained


class TextModel(Pretrained):
    """A loaded model of texts.

    Attributes:
        tokenizer: text -> token numbers, and back.
    """

    def __init__(self, *arguments, tokenizer, **options):
        super().__init__(*arguments, **options)
        self.tokenizer = tokenizer

    def features(self, texts: str | Sequence[str]) -> np.ndarray:
        """Compute feature vectors: what the network knows of a text just before it answers, the mean over its tokens.

        Args:
            texts: one text or many.

        Returns:
            (texts, features) float32, one row for each text, in order; also for a single one.

        Raises:
            BadInput: no text, an empty one, half of a character in it, more tokens than fit.
        """
        return np.stack([row for _, row in self.features_stream(texts)])

    def features_stream(self, texts: str | Sequence[str]) -> Iterator[tuple[str, np.ndarray]]:
        """Yield (text, feature vector) text by text, in flat memory however many there are."""
        function = self._hidden
        for text in listed(texts):
            yield text, function(np.array([self.tokens(text)], np.int32))[0].mean(axis=0)

    def feature_function(self, pictures: int = 1) -> Callable:
        """Say that pictures are nothing for this network."""
        raise BadInput(f"{self.card.id} reads texts, not pictures.")

    def tokens(self, text: str) -> list[int]:
        """Return a text's token numbers.

        Raises:
            BadInput: no text, an empty one, half of a character in it, more tokens than fit.
        """
        numbers = self.tokenizer.tokenize(text)
        if not numbers:
            raise BadInput("The text is empty: give at least one character.")
        if len(numbers) > self.context:
            raise BadInput(
                f"This text has {len(numbers):,} tokens, at most {self.context:,} fit into {self.card.id}: shorten it, "
                f"it begins {text[:30]!r}."
            )
        return numbers

    @property
    def context(self) -> int:
        """How many tokens the network can look at: as many as it has places for, or as it was made for."""
        places = [layer.count for layer in self.model.layers if hasattr(layer, "count")]
        return min(places, default=0) or zoo.family(self.card.family).CONFIGS[self.provenance.model].context

    def _prepare_engine(self) -> None:
        if self._engine[0] != "tf":
            raise CourseError(
                f"{self.card.id} reads texts of any length, which runs in TensorFlow alone: use engine='tf'."
            )

    def _feature_net(self) -> keras.Model:
        return keras.Model(self.model.inputs, self.model.get_layer("norm").output)

    @property
    def _hidden(self) -> Callable:
        """From (texts, tokens) to (texts, tokens, width), compiled once for texts of any length."""
        return self._function("hidden", self._feature_net)


def listed(texts: str | Sequence[str]) -> list[str]:
    """Return texts as a list; raise BadInput where there is none."""
    texts = [texts] if isinstance(texts, str) else texts
    if not isinstance(texts, Sequence) or not len(texts):
        raise BadInput("A text or a list of texts is wanted, for instance ['Once upon a time', 'To be'].")
    return list(texts)
