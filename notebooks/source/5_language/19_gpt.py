# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # GPT: how does guessing the next token make a writer?
#
# GPT-2, GPT-3 and GPT-4 were pre-trained for one thing: guess what comes next. No grammar was given, no facts, no task. The same guess,
# made again and again, writes. What must be in a network for that, and what does it cost?
#
# > **You will be able to** cut any text into tokens by hand, write causal attention and a whole GPT and prove them equal to the
# > library's, make it write without computing anything twice, count what GPT-3 took, and teach a small GPT another author.
# >
# > **Needs** [lesson 10](../2_transformers_and_scale/10_vision_transformer.ipynb) for attention. On two cores about 45 s, 2 GB of
# > memory, no download.

# %% [markdown] tags=["set-up"]
# ## Set-up

# %%
from course_lib.lessons import exercise, quiz, start

start()

import json
import time
from collections import Counter
from dataclasses import replace
from itertools import pairwise

import keras_hub
import numpy as np
import regex
import tensorflow as tf
from course_lib import card, load, viz
from course_lib.data_dir import data_dir
from course_lib.errors import CourseError
from course_lib.text.byte_level import WORD, letters
from course_lib.text.corpora import manual
from course_lib.text.wild import wild_texts
from course_lib.training.language.finetuning import finetune_text, perplexity
from course_lib.weights.convert import load_into
from course_lib.zoo import gpt
from course_lib.zoo.cached import Steps

# %% [markdown] tags=["see-it-work"]
# ## See it work
#
# If you have fetched SmolLM2 (`course fetch smollm2`, 93 MB), a network of 135 million parameters writes here. Else it is the
# course's nano GPT: under a million parameters, and of the whole world it has read Shakespeare.

# %%
nano = load("gpt_nano")
try:
    writer = load("smollm2")
except CourseError:  # it has not been fetched
    writer = nano
prompt = "The king is"
print(prompt + writer.complete(prompt, length=60, temperature=0.8, top_k=40, seed=2))
print(f"\n({writer.card.title} wrote this.)")

# %% [markdown]
# What such a network gives at each step is a probability for *every* token that it knows:

# %%
line = "To be, or not to"
guesses = nano.next_tokens(line, top=8)
title = f"The nano GPT: what follows {line!r}?"
viz.bars({guess.label: guess.score for guess in guesses}, "probability", form="{:.1%}", title=title)

# %% [markdown] tags=["idea"]
# ## The idea: guess, append, guess again
#
# One token is chosen (here the likeliest; above it was drawn by lot), it is appended, and the longer text goes in again. `complete` does no
# more than this:

# %%
text = line
for _ in range(14):
    likeliest = nano.next_tokens(text, top=1)[0]
    text += nano.tokenizer.detokenize([likeliest.index])
print(text)

# %% [markdown]
# The probability of a whole text is the product of its guesses, each token $t_i$ given all before it:
#
# $$ p(\text{text}) = \prod_i p(t_i \mid t_1, \ldots, t_{i-1}) $$
#
# Training makes the true next token as probable as it can be, at all places of a text at once. How well it goes is measured by
# **perplexity**: among how many equally likely tokens would the network be as unsure? Blind guessing among 1,024 tokens has 1,024.

# %%
verse = "Shall I compare thee to a summer's day? Thou art more lovely and more temperate."
prose = "The quarterly report was sent to all employees by the accounting department on Friday."
for sentence in (verse, " ".join(sorted(verse.split())), prose):
    print(f"{sentence}\n    {nano.perplexity(sentence)}")

# %% [markdown]
# The network has read this verse in its training, and has never heard of an office. But most of all it knows about *order*: the words of the
# verse, sorted, surprise it more than the office does. The rest of this lesson builds what makes these numbers.

# %% [markdown] tags=["build"]
# ## Build it by hand
#
# **Step 1, tokens.** Letters would make texts long, and a list of words would always lack one. GPT-2 begins with *bytes*: every text of
# every script is a row of numbers below 256. Then pairs of neighbours that often meet become one new token, again and again.
# This is **byte-pair encoding**, BPE. First a text is cut into words, so that no token spans two:

# %%
sample = "A naïve café in 2026 🎭"
words = regex.findall(WORD, sample)  # letters, digits or signs, each with the space before it
print(words)
print(list(words[1].encode()))  # six characters, seven bytes: ï takes two

# %% [markdown]
# *Learning* the merges is counting. The most frequent pair becomes one piece; then count again. On a part of Python's manual:


# %%
def learn_merges(text, count):
    """Return the `count` pairs of pieces that are merged first."""
    pieces = Counter(tuple(bytes([b]) for b in word.encode()) for word in regex.findall(WORD, text))
    merges = []
    for _ in range(count):
        pairs = Counter()
        for word, times in pieces.items():
            for pair in pairwise(word):
                pairs[pair] += times
        merges.append(max(pairs, key=pairs.get))
        pieces = Counter({merged(word, merges[-1]): times for word, times in pieces.items()})
    return merges


def merged(word, pair):
    """Return a row of pieces in which each such pair of neighbours is one piece."""
    row = []
    for piece in word:
        together = bool(row) and (row[-1], piece) == pair
        row[-1:] = [row[-1] + piece] if together else [*row[-1:], piece]
    return tuple(row)


python_text, python_test = manual()  # most topics of the manual, and the others
print(*(repr(b"".join(pair).decode()) for pair in learn_merges(python_text[:50_000], 16)))

# %% [markdown]
# First what its indented lines begin with, then what English is full of. GPT-2 made 50,000 merges on web pages; our nano 767 on
# Shakespeare. *Using* them: in each word, always the pair that was learned first. A token's number tells when that was.

# %%
byte_of = {letter: byte for byte, letter in enumerate(letters())}  # files write bytes as printable letters
numbers = {
    bytes(byte_of[letter] for letter in piece): number
    for piece, number in nano.tokenizer.vocabulary.items()
    if number != nano.tokenizer.end
}


def pieces_of(word):
    """Cut a word (bytes) into tokens: merge the earliest pair until there is none."""
    row = [bytes([byte]) for byte in word]
    while known := [a + b for a, b in pairwise(row) if a + b in numbers]:
        first = min(known, key=numbers.get)
        place = next(i for i in range(len(row) - 1) if row[i] + row[i + 1] == first)
        row[place : place + 2] = [first]
    return row


def tokenize(text):
    """Return the numbers of a text's tokens."""
    return [numbers[piece] for word in regex.findall(WORD, text) for piece in pieces_of(word.encode())]


print([nano.tokenizer.piece(number) for number in tokenize("Wherefore art thou Romeo? In 2026?")])

# %% [markdown]
# Is this the real thing? 1,000 random texts, of any script, with odd spaces and flags: by hand, by the course's tokenizer (a
# compiled library), and by KerasHub's.

# %%
texts = wild_texts(1000)
ours = [tokenize(text) for text in texts]
assert ours == [nano.tokenizer.tokenize(text) for text in texts]
assert [nano.tokenizer.detokenize(row) for row in ours] == texts
merges = [" ".join(pair) for pair in nano.tokenizer.merges]
hub = keras_hub.tokenizers.BytePairTokenizer(nano.tokenizer.vocabulary, merges)
alike = sum(np.array_equal(hub(text), row) for text, row in zip(texts, ours, strict=True))
print(f"by hand as by the library: 1000 of 1000; as KerasHub's: {alike}")
cut = [word for text in texts[:100] for word in regex.findall(WORD, text)]
assert all(np.array_equal(hub(word), tokenize(word)) for word in cut)

# %% [markdown]
# KerasHub's agrees on every *word*, but not on all texts: its version 0.32 does not cut them into words first, so that a merge may cross from
# one into the next. OpenAI's own tokenizer is on our side: the course's tests hold its answers to these 1,000 texts.
#
# **Step 2, tokens become vectors.** Each has a learned row of 128 numbers, and so has each of the 128 places:

# %%
layer = nano.model.get_layer
quote = "The quality of mercy is not strain"
row = tokenize(quote)
x = layer("words").embeddings.numpy()[row] + layer("places").embeddings.numpy()[: len(row)]
print(row, x.shape)

# %% [markdown]
# **Step 3, causal attention.** Lesson 10's attention with one rule more: *no token looks ahead*. The logits of later tokens become
# minus infinity, softmax makes them 0, and so every place of a text is an honest exercise: guess the next token without seeing it.

# %%
HEADS, WIDTH = 4, 128


def attention(x, number):
    """Causal attention of one block: x (tokens, 128) -> the shares (heads, tokens, tokens), what is gathered (tokens, 128)."""
    part = layer(f"block{number}_attention")
    q, k, v = (
        (x @ dense.kernel.numpy() + dense.bias.numpy()).reshape(-1, HEADS, WIDTH // HEADS).transpose(1, 0, 2)
        for dense in (part.query, part.key, part.value)
    )  # (4, tokens, 32) each
    logits = q @ k.transpose(0, 2, 1) / np.sqrt(WIDTH // HEADS)
    ahead = np.triu(np.ones(logits.shape[1:], bool), k=1)  # True above the diagonal
    shares = tf.nn.softmax(np.where(ahead, -np.inf, logits)).numpy()
    together = (shares @ v).transpose(1, 0, 2).reshape(-1, WIDTH)
    return shares, together @ part.out.kernel.numpy() + part.out.bias.numpy()


# %% [markdown]
# **Step 4, the network.** Blocks as in lesson 10: normalise, look, add; normalise, think, add. At the end each vector is compared with
# all rows of the *same* table that made tokens into vectors: the products are the logits.


# %%
def network(row):
    """Return the logits (tokens, vocabulary) of the token after each, and the shares of each block."""
    x = layer("words").embeddings.numpy()[row] + layer("places").embeddings.numpy()[: len(row)]
    looks = []
    for number in range(1, 5):
        shares, gathered = attention(layer(f"block{number}_norm1")(x).numpy(), number)
        x = x + gathered
        hidden = layer(f"block{number}_mlp1")(layer(f"block{number}_norm2")(x))  # GELU is inside
        x = x + layer(f"block{number}_mlp2")(hidden).numpy()
        looks.append(shares)
    return layer("norm")(x).numpy() @ layer("words").embeddings.numpy().T, looks


logits, looks = network(row)
print(logits.shape, "then most likely:", repr(nano.tokenizer.piece(logits[-1].argmax())))

# %% [markdown] tags=["proof"]
# ## Proof: by hand, the library, GPT-2
#
# `'d` is right: so the line goes on in *The Merchant of Venice*, which the network has read. Now compare ours with the zoo's network. And
# can a token look ahead? With another last token, nothing before it may change.

# %%
theirs = nano.model(np.array([row])).numpy()[0]
difference = np.abs(logits - theirs).max()
other = nano.model(np.array([[*row[:-1], 5]])).numpy()[0]
before, last = np.abs(other[:-1] - theirs[:-1]).max(), np.abs(other[-1] - theirs[-1]).max()
print(f"by hand and library: largest |difference| {difference:.1e}")
print(f"another last token: {before:.1e} before it, {last:.1f} at it")
assert max(difference, before) < 1e-4 < last

# %% [markdown]
# Now GPT-2 itself, against KerasHub's: the same random numbers in both, at full width; to save time, two of its twelve blocks and
# 2,000 of its 50,257 tokens.

# %%
small = replace(gpt.CONFIGS["gpt2_small"], depth=2, vocabulary=2000, context=64)
hub_gpt2 = keras_hub.models.GPT2Backbone(2000, 2, 12, 768, 3072, max_sequence_length=64)
dice = np.random.default_rng(0)
for weight in hub_gpt2.weights:  # fresh, many of these are 0 or 1 and could hide a mistake
    weight.assign(weight + 0.1 * dice.standard_normal(weight.shape, "float32"))
gpt2 = gpt.build(small)
load_into(gpt2, {w.path: w.numpy() for w in hub_gpt2.weights}, "gpt", "kerashub", small)
tokens = dice.integers(0, 2000, (2, 48), dtype="int32")
hidden = hub_gpt2({"token_ids": tokens, "padding_mask": np.ones_like(tokens)}, training=False)
expected = hub_gpt2.token_embedding(hidden, reverse=True).numpy()
difference = np.abs(gpt2(tokens) - expected).max() / np.abs(expected).max()
print(f"logits spread over {expected.std():.1f}; largest |difference| {difference:.1e} of the largest")
assert difference < 1e-4

# %% [markdown] tags=["inside"]
# ## Look inside: where does each token look?
#
# Of the four heads of the first block, the one that looks back most. A row shows how one token shares its attention among itself and those
# before it:

# %%
names = [nano.tokenizer.piece(number).strip() or "_" for number in row]
back = [np.diagonal(head, -1).mean() for head in looks[0]]  # the share of the token just before
shares = looks[0][np.argmax(back)].copy()
print(f"share of the token just before, head by head: {', '.join(f'{share:.2f}' for share in back)}")
shares[np.triu_indices(len(row), k=1)] = np.nan  # what no token may see
viz.table(
    shares, names, names, form="{:.2f}", width=7.6,
    alt="A table of shares, empty above its diagonal: each token looks at itself and at earlier tokens only.",
)  # fmt: skip

# %% [markdown]
# Inside a word, most goes to the pieces before: `al` looks at `qu`, `erc` at `m`, `ra` at `st`. Nobody told it so; it paid, for who would
# guess what follows `y` without knowing that it ends *mercy*? Later blocks mix what such heads have gathered.
#
# **What never changes need not be computed again.** Since nobody looks ahead, the keys and values of a token stay the same whatever
# is written behind it. So keep them: the **KV cache**. A new token then computes its own query, key and value and looks at the kept
# ones. `Steps` is the library's; it must give what the whole network gives:

# %%
steps = Steps(nano.model)
cache = steps.start(1)
stepwise = []
for number in row:  # one token at a time
    answer, cache = steps(np.array([[number]]), cache)
    stepwise.append(answer[0])
# A block keeps (keys and values, texts, heads, tokens, numbers of a head).
difference = np.abs(np.array(stepwise) - theirs).max()
print(f"largest |difference| {difference:.1e}; keys and values that a block keeps: {cache[0].shape}")
assert difference < 1e-4

# %% [markdown]
# What is it worth? Three blocks as wide as GPT-2's, and the time until the *next* token is there, after texts of several lengths:


# %%
def milliseconds(work):
    """Return the shortest of five times, in milliseconds: others may use this machine too."""
    times = []
    for _ in range(5):
        began = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - began))
    return min(times)


wide = gpt.build(replace(gpt.CONFIGS["gpt2_small"], depth=3, vocabulary=1024, context=512))
whole = tf.function(lambda x: wide(x)[:, -1], input_signature=[tf.TensorSpec([1, None], tf.int32)])
steps = Steps(wide)
lengths, again, kept = [32, 128, 256, 384, 512], [], []
for length in lengths:
    x = dice.integers(0, 1024, (1, length), dtype="int32")
    _, cache = steps(x[:, :-1], steps.start(1))
    again.append(milliseconds(lambda x=x: whole(x).numpy()))
    kept.append(milliseconds(lambda x=x, cache=cache: steps(x[:, -1:], cache)))
print(f"token 512: {1000 / again[-1]:.1f} a second computed anew, {1000 / kept[-1]:.0f} with the cache")
assert again[-1] > 3 * kept[-1]
series = {"all computed anew": (lengths, again), "with the cache": (lengths, kept)}
viz.curves(series, "tokens of the text", "milliseconds for the next token", title="What a KV cache saves")

# %% [markdown]
# Without it, the time grows with the text, and a text of twice the length costs about four times as much. With it, the next token
# hardly gets dearer. The price is memory: two rows for each token in each block.
#
# ## GPT-2, GPT-3, GPT-4 in numbers
#
# A GPT is easy to count: two tables, and blocks that are all alike.


# %% tags=["nbval-check-output"]
def count(c):
    """Count a GPT's parameters from its config."""
    tables = (c.vocabulary + c.context) * c.width
    looking = 4 * (c.width**2 + c.width)  # queries, keys, values, and the mixing of the heads
    thinking = c.width * c.mlp + c.mlp + c.mlp * c.width + c.width
    return tables + c.depth * (looking + thinking + 4 * c.width) + 2 * c.width


for name, c in gpt.CONFIGS.items():
    print(f"{name:<12} width {c.width:6,}  blocks {c.depth:2}  parameters {count(c):15,}")
    assert count(c) == card(name).params

# %% [markdown]
# Papers can be checked this way. GPT-2's says 117 million for the smallest: it is 124. GPT-3's table 2.1 gives the 13B model a width
# of 5,140; its table D.1 counts 12,850 million, which only a width of 5,120 makes. (GPT-3 lets every second block look at a band of
# tokens only; that changes no parameter.)
#
# And what does it take to *train* it? For each parameter and token, two operations forward (multiply, add) and four backward:
# $6ND$, with $N$ parameters and $D$ tokens. GPT-3 saw 300 billion tokens.

# %%
N, D = card("gpt3_175b").params, 300e9
matrix = tf.random.normal((1024, 1024))
speed = 2 * 1024**3 / (milliseconds(lambda: (matrix @ matrix).numpy()) / 1000)  # operations a second
print(f"GPT-3: {4 * N / 1e9:.0f} GB in float32, {6 * N * D:.2e} operations; its paper says 3.14e+23")
print(f"this machine, at {speed / 1e9:.0f} billion a second: {6 * N * D / speed / 3.15e7:,.0f} years")
print(f"the nano GPT, 16 million tokens: {6 * card('gpt_nano').params * 16e6:.1e} operations")

# %% [markdown]
# GPT-3's weights were never published: the library can count it, and `build("gpt3_175b")` refuses on any machine without 700 GB. Of GPT-4 not
# even that much is known. Its report (arXiv 2303.08774, section 2) gives no size, architecture, hardware, computation, data or method; it gives
# scores, such as 86.4 % of MMLU's questions, and says that some could be foretold from networks with a thousandth of the computation.
# Type `course info gpt4` for what was published. Numbers of parameters that you read elsewhere are guesses.

# %% [markdown] tags=["change"]
# ## Change it: another author
#
# Pre-training pays when a new text is short. The nano GPT has read plays; now it shall write like Python's manual, which comes with
# every Python. **Bet first:** how many updates does the same network need from *random* numbers, to be as good on topics that it has not
# seen as this one is after fifty?

# %%
part = python_test[:16_000]
tuned = finetune_text(nano, python_text, steps=50, learning_rate=2e-3)
live = {"before": perplexity(nano, part), "after 50 updates": perplexity(tuned, part)}
print("perplexity", ", ".join(f"{name} {value:.1f}" for name, value in live.items()))
assert live["after 50 updates"] < live["before"] / 2
print("The function" + tuned.complete("The function", length=50, temperature=0.7, seed=1))

# %% [markdown]
# One run proves little. Recorded, with three seeds each and on all topics that were kept from training (`python -m course_lib.training.language.new_author`):

# %%
recorded = json.loads((data_dir() / "experiments" / "new_author.json").read_text())
scores = {name: [run["perplexity"] for run in runs] for name, runs in recorded.items()}
for name, runs in recorded.items():
    seconds = np.mean([run["seconds"] for run in runs])
    print(f"{name:<24} perplexity {np.mean(scores[name]):6.1f}   {seconds:4.0f} s of one core")
assert max(scores["fine-tuned, 50 steps"]) < min(scores["from scratch, 400 steps"])
title = "Topics of the manual that no training saw"
viz.bars({name: scores[name] for name in list(scores)[1:]}, "perplexity a token", form="{:.1f}", title=title)

# %% [markdown]
# Fifty updates from Shakespeare beat four hundred from nothing, although no play knows Python: English endings, spaces,
# "look at the token before" need not be learned again. Given more updates, the network from scratch comes closer: pre-training saves *time*.

# %% [markdown] tags=["traps"]
# ## Traps and limits
#
# **A space at the end of the prompt.** A space belongs to the *next* word's token. If you type it, the network must go on behind a
# lone space, which it has hardly ever seen before a word:

# %%
for prompt in ("My lord, I", "My lord, I "):
    guesses = nano.next_tokens(prompt, top=5)
    print(f"{prompt!r:<14}", ", ".join(f"{guess.label} {guess.score:.0%}" for guess in guesses))
whole, typed = tokenize("My lord, I have"), tokenize("My lord, I ") + tokenize("have")
for cut in (whole, typed):
    print([nano.tokenizer.piece(number) for number in cut])

# %% [markdown]
# **Tokens are not letters.** The network never sees how a word is spelled, so counting letters or rhyming is hard for it. And whose
# language the merges were made from decides how dear yours is:

# %%
greetings = {
    "English": "Good morning, my dear friends.",
    "German": "Guten Morgen, liebe Freunde.",
    "Russian": "Доброе утро, друзья.",
    "Japanese": "おはようございます。",
}
dear = {name: len(tokenize(text)) / len(text) for name, text in greetings.items()}
viz.bars(dear, "tokens a character, by Shakespeare's merges", form="{:.2f}")

# %% [markdown]
# **Perplexity a token compares nothing across tokenizers.** Larger tokens are harder to guess, and there are fewer of them. So `perplexity`
# above also said **bits a byte**: what the text would take, compressed with this network. These can be compared.
#
# **It knows nothing.** It says what is likely to follow, true or not, and takes over what its texts think of kings, women and
# foreigners. **Licence.** GPT-2's weights are under a modified MIT licence, which asks you to say that a text is
# GPT-2's; WebText, the pages it read, was never published.

# %% [markdown] tags=["exercises"]
# ## Exercises
#
# **1.** One merge. `ranks` says how early each joined piece was learned: the smaller, the earlier.


# %%
def merge_once(row, ranks):
    """Return the pieces with the earliest known pair of neighbours joined (its first place only); else as they are."""
    return ...


exercise("19.1").check(merge_once)

# %%
# exercise("19.1").hint()  # take away the first #; then .solution()

# %% [markdown]
# **2.** The rule that makes attention causal, also for new tokens that come behind `earlier` kept ones.


# %%
def may_look(new, earlier):
    """Return (new, earlier + new) bool: True where a new token may look at an earlier one, itself, or one before it."""
    return ...


exercise("19.2").check(may_look)

# %%
# exercise("19.2").hint()

# %% [markdown]
# **3.** What a KV cache takes.


# %%
def cache_bytes(config, tokens, bytes_a_number=2):
    """Return the bytes of the keys and values of all blocks, for one text; `config` is of `gpt.CONFIGS`."""
    return ...


exercise("19.3").check(cache_bytes)

# %%
# exercise("19.3").hint()

# %% [markdown] tags=["quiz"]
# ## Quiz

# %%
quiz("19")

# %% [markdown] tags=["recap"]
# ## Recap
#
# - A GPT gives probabilities of the next token. Drawing, appending and asking again makes a text.
# - Byte-pair encoding: bytes, and the pairs that often meet. Nothing is unknown, and nothing is a letter.
# - Causal attention: no token looks ahead. So training is honest at every place, and keys and values can be kept.
# - $6ND$ operations train a network; GPT-3 is GPT-2 made larger. Of GPT-4, nothing can be counted.
# - A pre-trained writer learns a new author in seconds. Compare by bits a byte.
#
# | paper | here |
# |---|---|
# | Sennrich et al. 2016, algorithm 1 | `learn_merges(text, count)` |
# | GPT-2, section 2.2, bytes | `word.encode()` |
# | GPT-2, section 2.3, norms in front | `layer("block1_norm1")(x)` |
# | Attention is all you need, section 3.2.3, masking | `np.triu(..., k=1)` |
# | GPT-3, table 2.1 | `count(gpt.CONFIGS["gpt3_175b"])` |
# | GPT-3, appendix D, training compute | `6 * N * D` |
#
# **To read:** [Language Models are Few-Shot Learners](https://arxiv.org/abs/2005.14165), sections 2 and 3.9;
# [Neural Machine Translation of Rare Words with Subword Units](https://arxiv.org/abs/1508.07909), which brought byte-pair encoding to translation;
# [GPT-4's report](https://arxiv.org/abs/2303.08774), section 2, for what is not in it.
#
# **Next:** lesson 20 makes every task a text, with T5.
