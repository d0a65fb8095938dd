"""The tokenizer that lies in a GGUF file beside the numbers, and the form in which its model wants to be asked."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from course_lib.errors import BadInput
from course_lib.text import checked
from course_lib.text.byte_level import WORD, ByteLevelTokenizer, from_merges
from course_lib.weights.gguf_file import read_settings

# How llama.cpp cuts texts before it looks for pieces, by the name that a file gives it.
_WORDS = {"smollm": (r"\p{N}", WORD), "gpt-2": (WORD,)}
_CONTROL = 3  # the kind of token that stands for no text
_BEGIN, _END = "<|im_start|>", "<|im_end|>"
_ROLES = ("system", "user", "assistant")


class GgufTokenizer(ByteLevelTokenizer):
    """Numbers for pieces of bytes, as a GGUF file has them; and messages, each between two tokens of its own.

    Args:
        settings: what `read_settings` found.

    Raises:
        BadInput: they hold another kind of tokenizer, or none.
    """

    def __init__(self, settings: Mapping):
        pieces, merges = (_list(settings, name) for name in ("tokens", "merges"))
        kinds = np.atleast_1d(_get(settings, "token_type"))
        pre = _get(settings, "pre")
        if _get(settings, "model") != "gpt2" or pre not in _WORDS:
            raise BadInput(
                f"This file cuts texts in a way ({pre!r}) that is not known here; known: {', '.join(_WORDS)}."
            )
        if len(set(pieces)) < len(pieces) or len(kinds) != len(pieces):
            raise BadInput(
                "The vocabulary in this file is damaged: a piece comes twice, or kinds are missing."
            )
        super().__init__(
            {piece: number for number, piece in enumerate(pieces)},
            [tuple(merge.split(" ")) for merge in merges],
            [piece for piece, kind in zip(pieces, kinds, strict=True) if kind == _CONTROL],
            words=_WORDS[pre],
        )
        self.start, self.end = (settings.get(f"tokenizer.ggml.{name}_token_id") for name in ("bos", "eos"))
        self._first = _first_message(settings)

    def chat(self, messages: Sequence[Mapping[str, str]]) -> list[int]:
        """Put messages into the form that the model was taught, ready for its answer.

        Args:
            messages: each with a "role", "system", "user" or "assistant", and its "content". What a content says is text
                alone: it can't end its message, or begin another.

        Returns:
            Token numbers, up to where the answer begins; it ends with token `end`.

        Raises:
            BadInput: no message, one without role or content, or a model that knows no messages.
        """
        if _BEGIN not in self._specials or _END not in self._specials:
            raise BadInput("This model was not taught to answer messages: let it complete a text.")
        messages = [_checked(message) for message in messages]
        if not messages:
            raise BadInput(
                'There is no message: give one, for instance {"role": "user", "content": "Who are you?"}.'
            )
        if self._first and messages[0][0] != "system":
            messages.insert(0, ("system", self._first))
        begin, end = self.vocabulary[_BEGIN], self.vocabulary[_END]
        numbers = []
        for role, content in messages:
            numbers += [begin, *self.tokenize(f"{role}\n{content}"), end, *self.tokenize("\n")]
        return [*numbers, begin, *self.tokenize("assistant\n")]


def read_tokenizer(path: Path | None) -> ByteLevelTokenizer:
    """Read the tokenizer of a GGUF file.

    Args:
        path: the file; without one, a network that has learned nothing reads single bytes.

    Raises:
        BadInput: the file can't be read, or holds another kind of tokenizer.
    """
    return GgufTokenizer(read_settings(path)) if path else from_merges([])


def _first_message(settings: Mapping) -> str:
    """Return what the model is told first where nobody tells it anything; the template, a program, is read, not run."""
    template = settings.get("tokenizer.chat_template")
    found = re.search(re.escape(f"{_BEGIN}system\n") + r"([^{}<>]{1,1000})" + re.escape(_END), str(template))
    return found[1] if found else ""


def _checked(message) -> tuple[str, str]:
    try:
        role, content = message["role"], message["content"]
    except (TypeError, KeyError, IndexError):
        raise BadInput(
            'A message is a dictionary such as {"role": "user", "content": "Who are you?"}.'
        ) from None
    if role not in _ROLES:
        raise BadInput(f"A message is from one of {', '.join(_ROLES)}, not from {role!r}.")
    return role, checked(content)


def _get(settings: Mapping, name: str):
    try:
        return settings[f"tokenizer.ggml.{name}"]
    except KeyError:
        raise BadInput(
            f"This file has no tokenizer that can be read here: it says nothing of its {name}."
        ) from None


def _list(settings: Mapping, name: str) -> list[str]:
    found = _get(settings, name)
    if not isinstance(found, list):
        raise BadInput(f"This file has no tokenizer that can be read here: its {name} are no list of texts.")
    return found
