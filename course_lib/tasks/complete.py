"""Language models that go on with a text: the next token, and the next, and the next."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from numbers import Real
from operator import index

import numpy as np

from course_lib.decoding import filters, measures
from course_lib.decoding.choosing import Greedy, Sampling
from course_lib.decoding.generating import beam_search, generate
from course_lib.errors import BadInput
from course_lib.tasks.classify import Prediction, Predictions
from course_lib.tasks.text_model import TextModel
from course_lib.text.streaming import certain_pieces, checked_stops, first_stop
from course_lib.zoo.cached import Steps

ROWS_OF = 1_000_000  # logits that are worked on at once
WINDOW = 1024  # tokens of a measured text that are read at once; what they say to each other fills the memory


@dataclass(frozen=True)
class Perplexity:
    """How well a model foresaw a text; the smaller, the better."""

    per_token: float  # among how many equally likely tokens it would have been as unsure
    bits_per_byte: float  # of the text, compressed with the model; compares models of different tokens
    tokens: int  # that were foreseen: all but the first

    def __repr__(self):
        return f"perplexity {self.per_token:,.2f} a token, {self.bits_per_byte:.3f} bits a byte, {self.tokens:,} tokens"


class TextGenerator(TextModel):
    """A network that writes on from where a text stops."""

    task = "complete"

    def complete(
        self,
        prompt: str,
        length: int = 40,
        *,
        temperature: float = 0.0,
        top_k: int = 0,
        top_p: float = 1.0,
        repetition_penalty: float = 1.0,
        beams: int = 1,
        seed: int = 0,
        stop: str | Sequence[str] = (),
    ) -> str:
        """Continue a text.

        A network looks no further back than its context. Where prompt and continuation fill it, the last half is read
        anew and the text goes on from there; what came before is forgotten.

        Args:
            prompt: how the text begins.
            length: of the continuation, in tokens, at most.
            temperature: 0 takes the likeliest token each time; above 0 it is drawn by lot, below 1 the likely ones more
                often than their probability says, above 1 the unlikely ones.
            top_k: draw among so many of the likeliest tokens; 0 for all.
            top_p: draw among the fewest of the likeliest tokens that have this probability together; 1 for all.
            repetition_penalty: above 1, tokens that stand in the text already become less likely.
            beams: above 1, look for the most probable text with so many beams; then nothing is drawn.
            seed: of the lots.
            stop: where one of these texts would come, the continuation ends.

        Returns:
            The continuation alone, without the prompt.

        Raises:
            BadInput: no text, an empty one, half of a character in it, more tokens than the context has; a setting that is
                out of its range or does not go with the others.
        """
        if _whole("beams", beams, 1) == 1:
            stream = self.complete_stream(
                prompt, length, temperature=temperature, top_k=top_k, top_p=top_p,
                repetition_penalty=repetition_penalty, seed=seed, stop=stop,
            )  # fmt: skip
            return "".join(stream)
        if temperature or top_k or top_p != 1 or repetition_penalty != 1:
            raise BadInput("Beam search looks for the most probable text and draws nothing: leave temperature, top_k, top_p "
                           "and repetition_penalty away, or beams.")  # fmt: skip
        length, stops, end = _whole("length", length, 1), checked_stops(stop), self.tokenizer.end
        best = beam_search(self._steps, self.tokens(prompt), beams, length, end, context=self.context)[0]
        text = self.tokenizer.detokenize([token for token in best.tokens if token != end])
        return text[: first_stop(text, stops)]

    def complete_stream(self, prompt: str, length: int = 40, **options) -> Iterator[str]:
        """Yield the continuation piece by piece, each as soon as it is certain.

        Args:
            prompt, length, options: as for `complete`, without `beams`.

        Yields:
            Texts; never half of a character.

        Raises:
            BadInput: as for `complete`, at once.
        """
        return self._written(self.tokens(prompt), length, **options)

    def answer(self, question: str, length: int = 200, **options) -> str:
        """Answer a question, as a model can that was taught to.

        Args:
            question: or anything else that one says to it.
            length: of the answer, in tokens, at most.
            **options: as for `complete`, without `beams`.

        Returns:
            The answer.

        Raises:
            BadInput: as for `complete`; or the model was taught to continue texts alone.
        """
        return "".join(self.answer_stream(question, length, **options))

    def answer_stream(self, question: str, length: int = 200, **options) -> Iterator[str]:
        """Yield the answer piece by piece, as `complete_stream` does; arguments and errors as for `answer`."""
        if not hasattr(self.tokenizer, "chat"):
            raise BadInput(f"{self.card.id} was taught to continue texts, not to answer: use .complete(...).")
        self.tokens(question)  # says what is wrong with it
        numbers = self.tokenizer.chat([{"role": "user", "content": question}])
        if len(numbers) > self.context:
            raise BadInput(f"This question takes {len(numbers):,} of {self.context:,} tokens: shorten it.")
        return self._written(numbers, length, **options)

    def next_tokens(self, prompt: str, top: int = 5) -> Predictions:
        """Say which tokens could come next.

        Args:
            prompt: how the text begins.
            top: how many guesses.

        Returns:
            `Predictions`, the likeliest first; a label is the token as Python writes it, so that spaces are seen.

        Raises:
            BadInput: as for `complete`.
        """
        numbers, top = self.tokens(prompt), _whole("top", top, 1)
        logits, _ = self._steps(np.array([numbers], np.int32), self._steps.start(1))
        scores = filters.softmax(logits[0].astype(float))
        order = np.argsort(-scores, kind="stable")[:top].tolist()
        guesses = [Prediction(repr(self.tokenizer.detokenize([i])), i, float(scores[i])) for i in order]
        return Predictions(guesses, prompt)

    def perplexity(self, text: str) -> Perplexity:
        """Measure how well the network foresees a text.

        Args:
            text: at least two tokens, of any length; how a long one is read, `log_probabilities` says.

        Returns:
            `Perplexity`.

        Raises:
            BadInput: no text, less than two tokens, half of a character in it.
        """
        numbers = self.tokenizer.tokenize(text)
        values = self.log_probabilities(numbers)
        per_token = measures.perplexity(values)
        size = len(self.tokenizer.detokenize(numbers[1:]).encode())
        return Perplexity(per_token, float(-values.sum() / math.log(2) / max(size, 1)), len(values))

    def log_probabilities(self, numbers: Sequence[int]) -> np.ndarray:
        """Compute how probable each token is, given those before it.

        Args:
            numbers: of the tokens. More than the context has, or than `WINDOW`, are read in windows that overlap by half:
                each token is foreseen once, and behind the first window from at least half a window.

        Returns:
            (tokens - 1,) float64, natural logarithms: of all tokens but the first.
        """
        numbers, network = np.asarray(numbers, np.int32), self._logits
        context = min(self.context, WINDOW)
        values = np.empty(0)
        begin = 0
        while len(values) < len(numbers) - 1:
            window = numbers[begin : begin + context + 1]
            new = len(values) - begin
            logits = np.asarray(network(window[None, :-1]))[0, new:]
            values = np.append(values, _of(logits, window[1 + new :]))
            begin += max(1, context // 2)
        return values

    def _written(
        self, numbers, length, *, temperature=0.0, top_k=0, top_p=1.0, repetition_penalty=1.0, seed=0, stop=()
    ) -> Iterator[str]:
        """Check the settings, and return what is written behind these tokens, piece by piece."""
        for value in (temperature, top_k, top_p, repetition_penalty):
            if not isinstance(value, Real):
                raise BadInput(
                    f"temperature, top_k, top_p and repetition_penalty are numbers, not {value!r}."
                )
        if temperature == 0 and (top_k or top_p != 1):
            raise BadInput("top_k and top_p say what to draw among, and at temperature 0 nothing is drawn: give a "
                           "temperature too, for instance 1.")  # fmt: skip
        if temperature == 0:
            choose = Greedy(repetition_penalty)
        else:
            choose = Sampling(temperature, top_k, top_p, repetition_penalty, _whole("seed", seed, 0))
        length, stops = _whole("length", length, 1), checked_stops(stop)
        tokens = generate(self._steps, numbers, choose, length, self.tokenizer.end, self.context)
        return certain_pieces(tokens, self.tokenizer.detokenize, stops)

    @property
    def _steps(self) -> Steps:
        # Adapters bring further weights, and with them another graph.
        name = f"steps with {len(self.model.weights)} weights"
        if name not in self._ways:
            self._ways[name] = Steps(self.model)
        return self._ways[name]


def _whole(name: str, value, least: int) -> int:
    """Return a setting that is a whole number; raise BadInput where it is none, or below the least."""
    try:
        if (number := index(value)) >= least:
            return number
    except TypeError:
        pass
    raise BadInput(f"{name} is a whole number from {least}, not {value!r}.")


def _of(logits: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Return the log-probabilities (tokens,) of tokens by logits (tokens, vocabulary)."""
    # Some rows at a time: a large vocabulary in float64 fills the memory.
    parts = np.array_split(np.arange(len(numbers)), 1 + logits.size // ROWS_OF)
    return np.concatenate([
        filters.log_softmax(logits[rows].astype(float))[np.arange(len(rows)), numbers[rows]] for rows in parts
    ])  # fmt: skip


Task = TextGenerator
