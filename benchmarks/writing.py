"""Writing text: GPT-2's smallest size on the course's loop, beside transformers and KerasHub, all with random weights."""

from collections.abc import Iterator

import keras_hub
import numpy as np

from benchmarks.timing import Case
from benchmarks.worker import peer
from course_lib import build
from course_lib.decoding.choosing import Greedy
from course_lib.decoding.generating import generate
from course_lib.zoo.cached import Steps

TOKENS = 64  # that are written; tokens a second are 64 divided by the seconds
PROMPT = list(range(8))


def writing(left_out: list[str]) -> Iterator[Case]:
    """Yield the cases; all are greedy, remember earlier tokens, and compute in float32.

    Args:
        left_out: gets a line for each peer that can't be had here, and why.
    """
    steps = Steps(build("gpt2_small"))
    name = f"gpt2_small, {TOKENS} tokens more"

    def ours() -> None:
        list(generate(steps, PROMPT, Greedy(), TOKENS, end=None, context=1024))

    yield Case(name, "KerasHub, without XLA", ours, _keras_hub())
    try:
        worker = peer("transformers")
    except RuntimeError as error:
        left_out.append(f"transformers: {error}")
        return
    try:
        yield Case(name, "transformers, float32", ours, worker.call(f"gpt2_small {TOKENS}"), limit=1.0)
    finally:
        worker.close()


def _keras_hub():
    backbone = keras_hub.models.GPT2Backbone(50_257, 12, 12, 768, 3072, max_sequence_length=1024)
    model = keras_hub.models.GPT2CausalLM(backbone, preprocessor=None)
    model.compile(sampler="greedy", jit_compile=False)  # XLA takes longer here
    tokens = np.array([PROMPT + TOKENS * [0]], np.int32)
    inputs = {"token_ids": tokens, "padding_mask": np.arange(tokens.size)[None] < len(PROMPT)}

    def write() -> None:
        model.generate(inputs, stop_token_ids=None)

    return write
