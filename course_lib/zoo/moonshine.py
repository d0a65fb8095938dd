"""Moonshine (Jeffries et al. 2024, arXiv 2410.15608) as its makers publish it: two ONNX networks, ready to run.

It is not built here, only run: an encoder reads samples as they are, without a spectrogram, and a decoder writes pieces of
words, remembering keys and values from one to the next.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path

import numpy as np

from course_lib.engine_names import cores
from course_lib.errors import BadInput, CourseError, first_line

START, END = 1, 2  # numbers of the tokens that begin and end a text
SPACE = "\N{LOWER ONE EIGHTH BLOCK}"  # stands for the space in front of a word
NO_TEXT = (b"<unk>", b"<s>", b"</s>", b"<<ST_")  # how tokens begin that write nothing


@dataclass(frozen=True)
class Config:
    """What runs the two networks have to know of them.

    Attributes:
        rate: samples a second that it listens to.
        longest: seconds that it hears at once; it was trained on no longer ones.
        blocks: of the decoder, each with keys and values to remember.
        heads, width: of each block's attention, and numbers of a head.
        pace: tokens a second, at most: where nothing is said it would go on writing.
        params: how many numbers it has; ONNX Runtime does not show them.
    """

    rate: int = 16_000
    longest: float = 30.0
    blocks: int = 6
    heads: int = 8
    width: int = 36
    pace: float = 6.5
    params: int = 27_092_736


CONFIGS = {"moonshine_tiny": Config()}


def listener(config: Config) -> Config:
    """Return what tells how samples are to be given: at which rate, and how many at once."""
    return config


def opened(files: Sequence[Path], config: Config) -> "Moonshine":
    """Open the published networks.

    Args:
        files: the encoder, the decoder, the tokens; held to their hashes before.
        config: one of `CONFIGS`.

    Returns:
        A `Moonshine`.

    Raises:
        CourseError: ONNX Runtime is missing.
        BadInput: a file is not what it should be.
    """
    encoder, decoder, tokens = files[:3]
    return Moonshine(_session(encoder), _session(decoder), read_tokens(tokens.read_bytes()), config)


class Moonshine:
    """The two networks: samples in, text out.

    Args:
        encoder, decoder: what `_session` opened.
        tokens: what each number writes.
        config: a `Config`.
    """

    def __init__(self, encoder, decoder, tokens: list[bytes], config: Config):
        self._encoder, self._decoder, self._tokens, self._config = encoder, decoder, tokens, config

    def write(self, samples: np.ndarray) -> tuple[str, float]:
        """Write down a stretch of speech.

        Args:
            samples: (n,) float32 of -1 to 1 at `config.rate`, at most `config.longest` seconds.

        Returns:
            The text, and the mean probability of its tokens.
        """
        numbers, chances = [], []
        for number, chance in self._steps(samples):
            if number == END:
                break
            numbers.append(number)
            chances.append(chance)
        return self._text(numbers), float(np.mean(chances)) if chances else 0.0

    def count_params(self) -> int:
        """Return how many numbers it has."""
        return self._config.params

    def _steps(self, samples: np.ndarray):
        """Yield (token, its probability), always the likeliest."""
        given = {"input_values": samples[None], "attention_mask": np.ones((1, len(samples)), np.int64)}
        heard = self._encoder.run(None, given)[0]
        memory, number = self._empty(), START
        always = {"encoder_hidden_states": heard, "encoder_attention_mask": given["attention_mask"]}
        for step in range(ceil(len(samples) / self._config.rate * self._config.pace)):
            now = {"input_ids": np.array([[number]]), "use_cache_branch": np.array([step > 0])}
            logits, *kept = self._decoder.run(None, {**always, **now, **memory})
            # What it knows of the sound is computed at the first step alone
            fresh = (pair for pair in zip(memory, kept, strict=True) if step == 0 or ".decoder." in pair[0])
            memory |= dict(fresh)
            shares = np.exp(logits[0, -1] - logits[0, -1].max())
            number = int(shares.argmax())
            yield number, float(shares[number] / shares.sum())

    def _empty(self) -> dict[str, np.ndarray]:
        """Return a memory of nothing, in the order in which the decoder gives its memory out."""
        nothing = np.zeros((1, self._config.heads, 0, self._config.width), np.float32)
        parts = [f"{side}.{kind}" for side in ("decoder", "encoder") for kind in ("key", "value")]
        return {
            f"past_key_values.{block}.{part}": nothing
            for block in range(self._config.blocks)
            for part in parts
        }

    def _text(self, numbers: list[int]) -> str:
        pieces = (self._tokens[number] for number in numbers)
        written = b"".join(piece for piece in pieces if not piece.startswith(NO_TEXT))
        return " ".join(written.decode(errors="replace").replace(SPACE, " ").split())


def read_tokens(content: bytes) -> list[bytes]:
    """Read a list of tokens: before each its length, in one byte, or from 128 on in two.

    Raises:
        BadInput: it ends within a token.
    """
    tokens, place = [], 0
    while place < len(content):
        length, place = content[place], place + 1
        if length >= 128:
            length, place = length - 128 + 128 * (content[place] if place < len(content) else 0), place + 1
        tokens.append(content[place : place + length])
        place += length
    if place != len(content):
        raise BadInput("This list of tokens ends within a token: fetch it again.")
    return tokens


def _session(path: Path):
    try:
        import onnxruntime
    except ImportError:
        raise CourseError(
            'Moonshine runs on ONNX Runtime: type `pip install "course-lib[engines]"`.'
        ) from None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = cores(), 4
    options.add_session_config_entry("session.load_model_format", "ORT")
    try:
        return onnxruntime.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its errors have no common kind
        raise BadInput(
            f"{path.name} can't be opened by ONNX Runtime ({first_line(error)}): fetch it again."
        ) from error
