"""A language model of counts: how likely is a word behind the words before it?"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence

from course_lib.errors import BadInput

START = "<s>"  # stands before a text's first word


class WordModel:
    """Probabilities of words by their last few neighbours; shorter neighbourhoods fill in for what was never seen.

    Where a word came `n` times behind its neighbours, and these were followed by `kinds` different words in `all` places,
    its probability is (n + kinds * p) / (all + kinds), p being its probability behind one neighbour fewer. So the more kinds of words
    were seen there, the likelier is another one. Under all of them lies an even chance for each known word and one unknown.

    Source: Witten and Bell 1991, as Chen and Goodman (1998), section 2.5, write it down.
    """

    def __init__(self, order: int, counts: dict[tuple[str, ...], Counter]):
        """Keep counts; `learn` makes them.

        Args:
            order: words that are looked at, the one in question among them.
            counts: neighbours -> how often each word came behind them; of no neighbours, of one, and so on.
        """
        self.order, self.counts = order, counts

    @property
    def words(self) -> set[str]:
        """All that were learned."""
        return set(self.counts[()])

    def log_prob(self, word: str, before: Sequence[str] = ()) -> float:
        """Return the logarithm of a word's probability behind others, in nats.

        Args:
            word: any; all that were never learned share one small probability.
            before: the text's words so far, from its first on.
        """
        return math.log(self._prob(word, (START,) * (self.order - 1) + tuple(before)))

    def perplexity(self, texts: Iterable[str]) -> float:
        """Return among how many equally likely words the model seems to choose, on average, in these texts."""
        logs = [
            self.log_prob(word, words[:place])
            for words in (text.split() for text in texts)
            for place, word in enumerate(words)
        ]
        return math.exp(-sum(logs) / len(logs))

    def _prob(self, word: str, before: tuple[str, ...]) -> float:
        p = 1 / (len(self.counts[()]) + 1)
        for neighbours in range(self.order):
            seen = self.counts.get(before[len(before) - neighbours :])
            if seen:
                p = (seen[word] + len(seen) * p) / (seen.total() + len(seen))
        return p


def learn(texts: Iterable[str], order: int = 3) -> WordModel:
    """Count words and their neighbours.

    Args:
        texts: words with spaces between them.
        order: words that are looked at: 1 knows how often each one comes, 2 knows pairs.

    Returns:
        The model.

    Raises:
        BadInput: there is no word in the texts, or the order is below 1.
    """
    if order < 1:
        raise BadInput(f"A word model of order {order} looks at nothing: give 1 or more.")
    counts: dict[tuple[str, ...], Counter] = {}
    for text in texts:
        words = (START,) * (order - 1) + tuple(text.split())
        for place in range(order - 1, len(words)):
            for neighbours in range(order):
                counts.setdefault(words[place - neighbours : place], Counter())[words[place]] += 1
    if not counts:
        raise BadInput("There is no word in these texts to learn from.")
    return WordModel(order, counts)
