"""Decoding: a language model gives the next token's probabilities; what is written is decided here.

Everything is NumPy and works on whatever can step through a text. `steps` always means an object with

- `steps.start(batch)`: an empty cache;
- `steps(tokens, cache)`: reads (batch, n) further tokens, returns the next token's logits (batch, vocabulary) and the cache;
- `steps.reorder(cache, rows)`: the cache of these rows, some perhaps twice and some not at all.

| file | what it is |
|---|---|
| `filters.py` | logits -> logits: temperature, top-k, top-p, repetition penalty |
| `choosing.py` | logits -> tokens: greedy, or by lot |
| `generating.py` | one token after the other: a text, many texts, beam search |
| `measures.py` | of what was written: perplexity, distinct-n, repeated share |
"""
