"""Teaching a language model another author, from his text alone."""

from dataclasses import dataclass

import keras
import numpy as np

from course_lib.errors import BadInput
from course_lib.tasks.text_model import TextModel
from course_lib.text import checked
from course_lib.training.features import weights_hash
from course_lib.training.fit import Settings
from course_lib.training.language.fit import TextTrainer, nats, windows
from course_lib.training.plan import check_steps, plan_of


@dataclass(frozen=True)
class TextPlan:
    """The settings of `finetune_text`.

    Attributes:
        steps: updates of all that is trainable.
        batch_size: pieces of text in each.
        length: tokens of a piece.
        learning_rate: its peak; a cosine takes it down to zero.
        warmup: updates over which it rises from zero.
        seed: of the order of the pieces.
    """

    steps: int = 200
    batch_size: int = 16
    length: int = 128
    learning_rate: float = 1e-3
    warmup: int = 20
    seed: int = 0

    def __post_init__(self):
        check_steps(self, {"length": (self.length >= 2, "2 or more")})


def finetune_text(pretrained: TextModel, text: str, **settings) -> TextModel:
    """Train a copy of a language model further, on a text.

    Args:
        pretrained: a loaded model that completes texts; it stays as it is.
        text: of the new author; at least a few thousand characters.
        **settings: fields of `TextPlan`, for instance `steps=400`.

    Returns:
        A model of the same kind, with weights of its own.

    Raises:
        BadInput: no text, or too short a one; a setting that is not to be had.
    """
    plan = plan_of(settings, TextPlan, "finetune_text")
    if not isinstance(pretrained, TextModel) or len(pretrained.model.inputs) != 1:
        raise BadInput("finetune_text begins with a model that completes texts, such as load('gpt_nano').")
    numbers = numbers_of(pretrained, text, plan.length)
    model = copied(pretrained.model)
    keras.utils.set_random_seed(plan.seed)
    learn_text(model, numbers, plan)
    provenance = pretrained.provenance.tuned(f"{len(text):,} characters of another text", weights_hash(model))
    return type(pretrained)(
        pretrained.card, model, provenance, pretrained.preprocess, tokenizer=pretrained.tokenizer
    )


def learn_text(model: keras.Model, numbers: np.ndarray, plan: TextPlan) -> None:
    """Train what is trainable of a language model, in place.

    Args:
        model: from (texts, tokens) to logits.
        numbers: (tokens,) of the text.
        plan: how.
    """
    inputs, targets = windows(numbers, plan.length, plan.length // 2)
    TextTrainer(model, Settings.of(plan), padded=False).fit([inputs], targets)


def perplexity(pretrained: TextModel, text: str, length: int = 128) -> float:
    """Return a model's perplexity a token on a text, read in windows of `length` tokens."""
    return float(np.exp(nats(pretrained.model, numbers_of(pretrained, text, length), length)))


def numbers_of(pretrained: TextModel, text: str, length: int) -> np.ndarray:
    """Return a text's tokens; raise BadInput where they do not make one window with a token behind it."""
    if length > pretrained.context:
        raise BadInput(
            f"{pretrained.card.id} looks at {pretrained.context} tokens at most: length={length} is too long."
        )
    numbers = np.array(pretrained.tokenizer.tokenize(checked(text)), np.int32)
    if len(numbers) <= length:
        raise BadInput(
            f"This text has {len(numbers)} tokens; more than {length} are needed: give a longer one."
        )
    return numbers


def copied(model: keras.Model) -> keras.Model:
    """Return a network with the same numbers, which can be trained without changing the first."""
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    return copy
