"""Logits in, tokens out: the likeliest one, or one by lot."""

import numpy as np

from course_lib.decoding import filters


class Greedy:
    """Takes the likeliest token, each time the same.

    Args:
        repetition_penalty: see `filters.repetition_penalty`.
    """

    def __init__(self, repetition_penalty: float = 1.0):
        self.repetition_penalty = repetition_penalty
        self(np.zeros((1, 2)), np.zeros((1, 1)))  # a bad setting is told at once

    def __call__(self, logits: np.ndarray, seen: np.ndarray) -> np.ndarray:
        """Choose the next tokens of some texts.

        Args:
            logits: (batch, vocabulary), of the next token.
            seen: (batch, tokens), the texts so far.

        Returns:
            (batch,) int32 token numbers.
        """
        return filters.repetition_penalty(logits, seen, self.repetition_penalty).argmax(-1).astype(np.int32)


class Sampling:
    """Draws the next token by lot, each with its probability behind the filters.

    The filters work in this order: repetition penalty, temperature, top-k, top-p. So top-p sees what temperature and top-k
    have left, its probabilities summing to 1 again; before the temperature it would choose another nucleus.

    Args:
        temperature: see `filters.temperature`.
        top_k: see `filters.top_k`; 0 for all tokens.
        top_p: see `filters.top_p`; 1 for all tokens.
        repetition_penalty: see `filters.repetition_penalty`.
        seed: of the lots; the same seed draws the same texts.
    """

    def __init__(
        self,
        temperature: float = 1.0,
        top_k: int = 0,
        top_p: float = 1.0,
        repetition_penalty: float = 1.0,
        seed: int = 0,
    ):
        self.temperature, self.top_k, self.top_p = temperature, top_k, top_p
        self.repetition_penalty = repetition_penalty
        self._generator = np.random.default_rng(seed)
        self.probabilities(np.zeros((1, 2)), np.zeros((1, 1)))  # a bad setting is told at once

    def probabilities(self, logits: np.ndarray, seen: np.ndarray) -> np.ndarray:
        """Return what the lots are drawn with.

        Args:
            logits: (batch, vocabulary), of the next token.
            seen: (batch, tokens), the texts so far.

        Returns:
            (batch, vocabulary) float64.
        """
        logits = filters.repetition_penalty(np.asarray(logits, float), seen, self.repetition_penalty)
        logits = filters.temperature(logits, self.temperature)
        return filters.softmax(filters.top_p(filters.top_k(logits, self.top_k), self.top_p))

    def __call__(self, logits: np.ndarray, seen: np.ndarray) -> np.ndarray:
        """Choose the next tokens of some texts; arguments as for `probabilities`, returns (batch,) int32."""
        # The tokens lie side by side on a line, each as long as it is probable; the lot is a point on this line.
        ends = self.probabilities(logits, seen).cumsum(axis=-1)
        points = self._generator.random((len(ends), 1)) * ends[:, -1:]
        return (ends <= points).sum(axis=-1).astype(np.int32)
