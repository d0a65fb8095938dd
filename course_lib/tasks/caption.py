"""Pictures and texts together: which text fits a picture, and what would one write below it?"""

from collections.abc import Callable, Iterator, Sequence

import keras
import numpy as np

from course_lib.errors import BadInput
from course_lib.media.articles import with_articles
from course_lib.media.images import is_single
from course_lib.tasks.base import Pretrained
from course_lib.tasks.classify import Predictions, best, collected
from course_lib.zoo import coca

PROMPT = "a picture of a {}"


class ImageTextModel(Pretrained):
    """A network that knows pictures and texts: it compares them, and it writes captions.

    Attributes:
        tokenizer: texts -> rows of token numbers, and back.
    """

    def __init__(self, *arguments, tokenizer, **options):
        super().__init__(*arguments, **options)
        self.tokenizer = tokenizer

    def caption(self, images) -> str | list[str]:
        """Write what pictures show, each time with the likeliest next token.

        Args:
            images: one picture or many, as `classify` takes them.

        Returns:
            A text for one picture; a list of them, in order, for many.

        Raises:
            BadInput: a picture can't be read, or there is none.
        """
        rows = self._rows(images, self._written)
        texts = self.tokenizer.decode(rows)
        return texts[0] if is_single(images) else texts

    def caption_stream(self, images) -> Iterator[tuple[str, str | BadInput]]:
        """Yield (name, caption or error) picture by picture, in flat memory however many there are."""
        for name, row in self._stream(images, self._written):
            yield name, row if isinstance(row, BadInput) else self.tokenizer.decode(row[None])[0]

    def classify(
        self, images, labels: Sequence[str] | None = None, prompt: str = PROMPT, top: int = 5
    ) -> Predictions | list[Predictions]:
        """Name what pictures show, with labels that it was never trained to tell apart: zero-shot classification.

        Args:
            images: one picture or many: a path, a folder, a PIL image, an array (height, width, 3) or
                (batch, height, width, 3) uint8 0-255, or a list of these.
            labels: what to choose from; by default the model's own.
            prompt: the sentence that each label is put into, at the place of {}; "a" becomes "an" where it must.
            top: how many guesses for each picture.

        Returns:
            `Predictions` for one picture, whose scores are probabilities over `labels`; a list of them, in order, for
            many. Among many, one that can't be read has no guesses and says why in its `.error`.

        Raises:
            BadInput: no labels, no {} in the prompt, a word that the tokenizer does not know; the only picture can't be
                read, or there is none.
        """
        return collected(self.classify_stream(images, top, labels, prompt), images)

    def classify_stream(
        self, images, top: int = 5, labels: Sequence[str] | None = None, prompt: str = PROMPT
    ) -> Iterator[Predictions]:
        """Yield `Predictions` picture by picture, in order, in flat memory however many there are."""
        labels = tuple(self.labels if labels is None else [labels] if isinstance(labels, str) else labels)
        if not labels:
            raise BadInput(
                "There is nothing to choose from: give labels, for instance labels=['star', 'moon']."
            )
        if "{}" not in prompt:
            raise BadInput(
                f"The prompt needs a place for the label, for instance {PROMPT!r}, not {prompt!r}."
            )
        texts = self.embed_texts([with_articles(prompt.replace("{}", label)) for label in labels])
        for name, row in self._stream(images, self._image_embedding):
            if isinstance(row, BadInput):
                yield Predictions((), name, str(row))
            else:
                yield Predictions(best(self.scale * texts @ row, labels, top), name)

    def embed_images(self, images) -> np.ndarray:
        """Compute the embeddings of pictures.

        Args:
            images: one picture or many, as for `classify`.

        Returns:
            (pictures, numbers) float32; each row has length 1, so that `embed_images(a) @ embed_texts(b).T` are cosines.
        """
        return self._rows(images, self._image_embedding)

    def embed_texts(self, texts: str | Sequence[str]) -> np.ndarray:
        """Compute the embeddings of texts.

        Args:
            texts: one text or many.

        Returns:
            (texts, numbers) float32; each row has length 1.

        Raises:
            BadInput: no text, a word that the tokenizer does not know, a text that is too long.
        """
        texts = [texts] if isinstance(texts, str) else list(texts)
        if not texts or not all(isinstance(text, str) for text in texts):
            raise BadInput(
                "embed_texts takes a text or a list of texts, for instance ['a red star', 'a moon']."
            )
        return self._text_embedding(self.tokenizer.encode(texts, self._context))

    @property
    def scale(self) -> float:
        """What the cosines are multiplied by before the softmax; learned in training."""
        return float(np.exp(np.asarray(self.model.get_layer("similarity").log_scale)))

    @property
    def _context(self) -> int:
        return self.model.get_layer("text").output.shape[1]

    def _prepare_engine(self) -> None:
        self._pooled  # noqa: B018

    @property
    def _image_embedding(self) -> Callable:
        return self._from_image("image_embedding")

    @property
    def _memory(self) -> Callable:
        return self._from_image("image_memory")

    def _feature_net(self) -> keras.Model:
        return self._image_net("pool")

    def _image_net(self, layer: str) -> keras.Model:
        return keras.Model(self.model.get_layer("image").output, self.model.get_layer(layer).output)

    def _from_image(self, layer: str) -> Callable:
        return self._function(layer, lambda: self._image_net(layer))

    @property
    def _text_embedding(self) -> Callable:
        return self._function("text embedding", lambda: coca.text_encoder(self.model))

    def _written(self, batch: np.ndarray) -> np.ndarray:
        """Return a caption for each preprocessed picture, as rows of token numbers."""
        return greedy(self._next, self._memory(batch), self._context, self.tokenizer)

    @property
    def _next(self) -> Callable:
        return self._function("next token", lambda: coca.captioner(self.model))


def greedy(next_logits: Callable, memory: np.ndarray, context: int, tokenizer) -> np.ndarray:
    """Write the likeliest token after the other, until all texts have ended.

    Args:
        next_logits: (memory, text) -> logits of the token that follows each token.
        memory: (pictures, tokens, numbers), what the decoder looks at.
        context: tokens that fit into a text.
        tokenizer: has the numbers of `start` and `end`.

    Returns:
        (pictures, context) int32 token numbers, padded by 0.
    """
    text = np.zeros((len(memory), context), np.int32)
    text[:, 0] = tokenizer.start
    going = np.ones(len(memory), bool)
    for place in range(1, context):
        chosen = next_logits(memory, text)[:, place - 1].argmax(axis=1)
        text[going, place] = chosen[going]
        going &= chosen != tokenizer.end
        if not going.any():
            break
    return text


Task = ImageTextModel
