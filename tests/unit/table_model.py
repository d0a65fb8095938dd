"""The smallest language model: a table of logits for the next token, by the two last ones."""

import numpy as np


class TableSteps:
    """Steps through a text like a network; its cache is the last token, and counts what was read since the start."""

    def __init__(self, vocabulary=5, seed=0, spread=2.0):
        self.table = np.random.default_rng(seed).normal(0, spread, (vocabulary,) * 3).astype(np.float32)
        self.read = []

    def start(self, batch):
        return np.full(batch, -1)

    def __call__(self, tokens, cache):
        self.read.append(tokens.shape)
        before = tokens[:, -2] if tokens.shape[1] > 1 else np.maximum(cache, 0)
        return self.table[before, tokens[:, -1]], tokens[:, -1]

    def reorder(self, cache, rows):
        return cache[rows]

    def logits(self, text):
        """Return the next token's logits behind a text, without any cache."""
        return self.table[text[-2] if len(text) > 1 else 0, text[-1]]
