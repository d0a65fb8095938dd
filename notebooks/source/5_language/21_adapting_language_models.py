# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Adapting language models: how few numbers must move?
#
# A language model has learned one thing at great cost, and you want another: an author's tone, a manual's, an opinion told
# from its opposite. Fine-tuning moves every number it has, and then there is a second whole model to keep. Must all of them move?
#
# > **You will be able to** adapt a language model by LoRA, write LoRA by hand and prove it equal to Keras's, merge it away,
# > say what each way costs in numbers, seconds and forgetting, and choose between a bag of words, frozen features, LoRA and
# > full fine-tuning by measurement.
# >
# > **Needs** [lesson 15](../3_transfer/15_fine_tuning.ipynb) and [lesson 19](19_gpt.ipynb)'s GPT. On two cores about a minute, 2 GB, no download.

# %% [markdown] tags=["set-up"]
# ## Set-up

# %%
from course_lib.lessons import exercise, quiz, start

start()

import json
import time

import keras
import numpy as np
import tensorflow as tf
from course_lib import load, viz
from course_lib.data_dir import data_dir
from course_lib.errors import CourseError
from course_lib.text import corpora
from course_lib.training.language.finetuning import TextPlan, learn_text
from course_lib.training.language.fit import nats
from course_lib.training.language.lora import merge, trained_parameters
from course_lib.training.language.ranks import WAYS, prepared

# %% [markdown] tags=["see-it-work"]
# ## A poet reads a manual
#
# The nano GPT of lesson 19 was trained on Shakespeare and on nothing else. Python carries another author in itself: its
# reference manual, nearly half a million characters. We shall ask for the **perplexity** of each: among how many equally likely
# tokens the model would be as unsure as it is about the next one. The smaller, the better.

# %%
gpt = load("gpt_nano")
manual, held_out = corpora.manual()  # to learn from; other topics, to be asked about
old = """If music be the food of love, play on; Give me excess of it, that, surfeiting, The appetite may sicken, and so die.
To-morrow, and to-morrow, and to-morrow, Creeps in this petty pace from day to day To the last syllable of recorded time,
And all our yesterdays have lighted fools The way to dusty death. Out, out, brief candle! Life's but a walking shadow, a poor
player That struts and frets his hour upon the stage And then is heard no more: it is a tale Told by an idiot, full of sound
and fury, Signifying nothing. Once more unto the breach, dear friends, once more; Or close the wall up with our English dead.
In peace there's nothing so becomes a man As modest stillness and humility: But when the blast of war blows in our ears, Then
imitate the action of the tiger."""  # from three plays that it never saw
cut = gpt.tokenizer.tokenize
new, lines = np.array(cut(held_out))[:3073], np.array(cut(old))


def perplexities(network):
    """Return the perplexity a token on the manual's other topics, and on Shakespeare's lines."""
    return {name: np.exp(nats(network, text, 64)) for name, text in (("manual", new), ("Shakespeare", lines))}


print({name: f"{value:.0f}" for name, value in perplexities(gpt.model).items()})
print("The assignment statement", gpt.complete("The assignment statement", 30, temperature=0.7, seed=1))

# %%
plan = {"steps": 60, "batch_size": 16, "length": 64, "warmup": 6}
tokens = np.array(cut(manual))
thin = prepared(gpt.model, WAYS["LoRA, rank 4"])  # a copy; what the words mean is this lesson
started = time.process_time()
learn_text(thin, tokens, TextPlan(**plan, learning_rate=3e-2))
print(f"{time.process_time() - started:.0f} s of processor")
after = perplexities(thin)
print(f"trained {trained_parameters(thin):,} of {gpt.model.count_params():,} numbers:", end=" ")
print({name: f"{value:.0f}" for name, value in after.items()})
assert after["manual"] < 0.6 * perplexities(gpt.model)["manual"]

# %% [markdown]
# Less than one number in a hundred has moved, and the manual is far less of a surprise. Where are these numbers, and what does
# it cost to move so few?

# %% [markdown] tags=["idea"]
# ## The idea: a thin matrix beside a wide one
#
# A dense layer multiplies by a matrix $W$, in our attention of 128 x 128 numbers, in large models of 4,096 x 4,096. Fine-tuning adds a change
# $\Delta W$ to it, of as many numbers. **LoRA** (low-rank adaptation) bets that a good change is *simple*: that
# a few directions of the input matter, and each pushes the output in one direction. Then $\Delta W$ is a product of two thin
# matrices, and only these are trained:
#
# $$ y = x\,W + \frac{\alpha}{r}\; x\,A\,B \qquad A: 128 \times r, \quad B: r \times 128 $$
#
# (The paper writes $BAx$: its vectors are columns.) $r$ is the **rank**, how many directions there are. $A$ begins at random and $B$ with zeros, so at first nothing changes.
# $\alpha$ scales what is added; where it equals $r$, as in Keras unless one says otherwise, the fraction is 1. How many numbers
# is that, if the matrices for queries and values in all four blocks get their pair?

# %%
ranks = (1, 4, 16, 64, 128)
counts = {f"LoRA, rank {rank}": 8 * rank * (128 + 128) for rank in ranks}  # 4 blocks, 2 matrices each
counts |= {"these eight matrices themselves": 8 * 128 * 128, "the whole model": gpt.model.count_params()}
viz.bars(counts, "numbers that move", form="{:,.0f}", highlight="LoRA, rank 4")

# %% [markdown]
# At rank 64, half of the width, nothing is saved any more: two thin matrices then have as many numbers as the wide one.

# %% [markdown] tags=["build"]
# ## By hand
#
# A layer that has a dense layer inside it, frozen, and two matrices beside it. The order of the products matters:
# $(xA)B$ never builds the wide matrix $AB$.


# %%
class Thin(keras.layers.Layer):
    """A frozen dense layer, and beside it two thin matrices that learn."""

    def __init__(self, dense, rank):
        super().__init__()
        self.dense, self.rank = dense, rank
        dense.trainable = False

    def build(self, shape):
        wide, units = self.dense.kernel.shape
        self.a = self.add_weight(shape=(wide, self.rank), initializer="he_uniform", name="a")
        self.b = self.add_weight(shape=(self.rank, units), initializer="zeros", name="b")

    def call(self, x):
        return self.dense(x) + (x @ self.a) @ self.b  # (batch, wide) -> (batch, rank) -> (batch, units)


# %%
kernel = gpt.model.get_layer("block1_attention").query.kernel.numpy()
bias = gpt.model.get_layer("block1_attention").query.bias.numpy()


def dense_layer():
    """Return the first block's layer for queries, as a layer of its own."""
    layer = keras.layers.Dense(128)
    layer.build((None, 128))
    layer.set_weights([kernel, bias])
    return layer


x = np.random.default_rng(0).normal(size=(64, 128)).astype(np.float32)  # 64 tokens
ours = Thin(dense_layer(), rank=4)
print("changed at first by", np.abs(ours(x) - dense_layer()(x)).max())
print([(w.name, tuple(w.shape)) for w in ours.trainable_variables])

# %% [markdown] tags=["proof"]
# ## Proof: it is Keras's `enable_lora`
#
# Every dense layer of Keras can do this: `enable_lora(rank)` freezes its matrix and adds the two others. With the same numbers in
# them, answers and gradients must be the same; $B$ gets random numbers too, as zeros would prove little.

# %%
theirs = dense_layer()
theirs.enable_lora(4)
generator = np.random.default_rng(1)
a, b = (generator.normal(size=shape).astype(np.float32) for shape in ((128, 4), (4, 128)))
for layer, names in ((ours, ("a", "b")), (theirs, ("lora_kernel_a", "lora_kernel_b"))):
    for name, numbers in zip(names, (a, b), strict=True):
        getattr(layer, name).assign(numbers)
largest = np.abs(ours(x) - theirs(x)).max()
print(f"largest |difference| of the answers {largest:.1e}, of numbers up to {np.abs(ours(x)).max():.0f}")
assert largest < 1e-3


# %%
def gradients(layer, thin):
    """Return how the sum of the squared answers changes with both thin matrices."""
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(x) ** 2)
    return tape.gradient(loss, thin)


mine = gradients(ours, [ours.a, ours.b])
wanted = gradients(theirs, [theirs.lora_kernel_a, theirs.lora_kernel_b])
relative = [
    float(np.abs(one - other).max() / np.abs(other).max()) for one, other in zip(mine, wanted, strict=True)
]
print("largest relative |difference| of the gradients", [f"{value:.1e}" for value in relative])
assert max(relative) < 1e-4

# %% [markdown]
# One thing differs, and it is worth knowing: Keras adds $AB$ to $W$ *first* and multiplies once. So its update computes the gradient of
# the whole matrix on the way, and LoRA saves no time on that matrix. Some is saved elsewhere, since what is frozen needs no
# gradient. What it saves above all is memory for the optimiser (Adam keeps two more numbers for each one that is trained)
# and the size of the file that you hand on.
#
# ## Merged, it costs nothing
#
# After training, $W + AB$ is a matrix like any other. The library's `merge` adds it up in every layer. The matrices are then as many
# and as large as they were.

# %%
batch = tokens[None, :64]
before = np.asarray(thin(batch))
merge(thin)
difference = np.abs(np.asarray(thin(batch)) - before).max()
print(f"largest |difference| of the logits, merged or not: {difference:.1e}")
assert difference < 1e-3

# %% [markdown] tags=["inside"]
# ## Look inside: how simple is the change?
#
# LoRA *makes* the change simple. Is it so anyway, where everything may move? We fine-tune all numbers as well,
# take the change of one matrix apart into directions (its **singular values**, largest first), and ask how much of the
# change the first few directions hold.

# %%
whole = prepared(gpt.model, WAYS["everything"])
started = time.process_time()
learn_text(whole, tokens, TextPlan(**plan, learning_rate=3e-3))
print(f"{time.process_time() - started:.0f} s of processor, {trained_parameters(whole):,} numbers")
print({name: f"{value:.0f}" for name, value in perplexities(whole).items()})


# %%
def held(network):
    """Return which share of the squared change of a matrix its first 1, 2, 3 ... directions hold."""
    change = network.get_layer("block1_attention").query.kernel.numpy() - kernel
    sizes = np.linalg.svd(change, compute_uv=False) ** 2
    return np.cumsum(sizes) / sizes.sum()


series = {"LoRA, rank 4": held(thin), "everything moved": held(whole)}
series = {name: (np.arange(1, 33), values[:32]) for name, values in series.items()}
assert held(whole)[7] < 0.6 < held(whole)[31]
viz.curves(series, "directions, largest first", "share of the change", percent=True, ylim=(0, 1.02))

# %% [markdown]
# LoRA's change has four directions by construction. Where everything moved, half of the change lies in a dozen or so of the 128
# directions, and the rest in all the others. So the bet is far from true here; the question is what that costs.
#
# What is forgotten? The same two networks, asked for Shakespeare's lines:

# %%
known = perplexities(gpt.model)["Shakespeare"]
forgot = {"as it was": known, "LoRA, rank 4": perplexities(thin)["Shakespeare"]}
forgot["everything moved"] = perplexities(whole)["Shakespeare"]
viz.bars(forgot, "perplexity of Shakespeare's lines (smaller is better)", form="{:.0f}")

# %% [markdown] tags=["change"]
# ## Change it: which numbers, and how many?
#
# LoRA is not the only way to move little. One can train only the biases and the normalisations' scales, or only the table of words,
# which is the head as well. From here on, more runs than a lesson has time for: we draw what
# `python -m course_lib.training.language.ranks` measured beforehand, 60 updates each on one thread, each way at the
# learning rate that a *validation* part of the manual liked best, the mean of two runs. **Bet first:** which way comes
# nearest to moving everything?

# %%
recorded = json.loads((data_dir() / "experiments" / "ranks.json").read_text())
ways = recorded["ways"]
mean = {name: {key: np.mean([run[key] for run in runs]) for key in runs[0]} for name, runs in ways.items()}
points = {name: (of["trained"], of["manual"]) for name, of in mean.items()}
viz.scatter(points, "numbers that move", "perplexity of the manual's other topics", logx=True)

# %%
rows = ["nothing moved", *mean]
table = [[0, 0, recorded["before"]["manual"], recorded["before"]["Shakespeare"]]]
table += [[of[key] for key in ("trained", "seconds", "manual", "Shakespeare")] for of in mean.values()]
print(f"{'':28}{'numbers':>9}{'seconds':>9}{'manual':>8}{'Shakespeare':>13}")
for name, (numbers, seconds, manual_after, old_after) in zip(rows, table, strict=True):
    print(f"{name:28}{numbers:9,.0f}{seconds:9.0f}{manual_after:8.1f}{old_after:13.1f}")

# %% [markdown]
# (Shakespeare is here the opening of *Macbeth*, set out as the plays it learned from are; our lines ran on like prose.)
#
# Among LoRA's ranks, more numbers are better. But *which* numbers matters as much as how many: the table of words alone, a
# seventh of the model, comes nearest to moving everything. LoRA's bet is that the model knows already what the new task needs,
# and only has to be turned towards it. This small one has never seen a line of Python: its very words must come to mean something
# else. LoRA's fame comes from models that have seen nearly everything.
#
# And forgetting? At its best rate, full fine-tuning forgets Shakespeare more than LoRA does. But that is the price of learning
# more, not of moving more. At gentler rates:

# %%
tried = recorded["rates"]
gentle = {"everything, gently": tried["everything"]["0.001"], "words, gently": tried["words alone"]["0.003"]}
for name, run in (gentle | {"LoRA, rank 4": mean["LoRA, rank 4"]}).items():
    print(f"{name:19} manual {run['manual']:.0f}, Shakespeare {run['Shakespeare']:.0f}")

# %% [markdown]
# One run each. The old author suffers about as much, or less, and the new one's perplexity is a third or about half of LoRA's. So
# measure before you believe that moving less forgets less.
#
# ## Praise or blame?
#
# Writing like a manual is one kind of adapting. More often the question is *what does this sentence mean to me?* So: sentences of
# film reviews, each rated from -4 to 4 by at least fifteen people. Is the mean above 0 or below? (Nearer to 0 than a half: left out.) Our encoder is **MiniLM**, a BERT of six
# blocks that makes 384 numbers of a sentence (every token looks both ways; the mean over the tokens is the sentence). It and
# the sentences come by `course fetch minilm_l6 sentiment`; where the encoder is here, this cell asks how alike it finds two texts
# (1: the same direction, 0: nothing in common).

# %%
try:
    encoder = load("minilm_l6")
    pairs = [
        ("guitar", "musician"),
        ("guitar", "stock market"),
        ("a moving film", "I wept"),
        ("a moving film", "I slept"),
    ]
    for one, other in pairs:
        print(f"{one!r} and {other!r}: {encoder.similarity(one, other):.2f}")
except CourseError:
    print("MiniLM is not on this machine: what follows was recorded.")

# %% [markdown]
# Four ways, measured by `python -m course_lib.training.language.adapting` with 200 and with 1,000 sentences to learn from and 600 others to be
# asked about: a **bag of words** (which words and pairs of words occur, no network), a linear probe (a linear classifier) on
# MiniLM's *frozen* vectors, LoRA of rank 8 on queries and values, and full fine-tuning. The last two begin at the probe; the rate
# of each was chosen once, on 300 validation sentences after learning from 200.

# %%
sentiment = json.loads((data_dir() / "experiments" / "adapting.json").read_text())["ways"]
shown = {
    f"{way}, {size} sentences": [run["accuracy"] for run in sizes[size]]
    for size in ("200", "1000")
    for way, sizes in sentiment.items()
}
viz.bars(shown, "share of 600 sentences judged rightly (chance: about half)", form="{:.1%}")

# %%
for way, sizes in sentiment.items():
    for size, runs in sizes.items():
        seconds = np.mean([run["seconds"] for run in runs])
        print(f"{way:17}{size:>5} sentences{runs[0]['trained']:12,} numbers{seconds:7.1f} s")

# %% [markdown]
# Read such a table from its cheap end. A bag of words and frozen vectors take seconds, and tell what the expensive ways
# must beat; each step up has to pay for its seconds, and for a file of its own for each task. And mind the luck of the draw: with
# 600 sentences a share is good to about two points either way, so a lead of one point says little.
#
# With 200 sentences a bag of words is little better than chance, and the frozen vectors judge seven of ten rightly: that is what
# pre-training is worth. LoRA adds about two points to them, near what luck can do; full fine-tuning five, for three hundred times as
# many numbers. (LoRA's best rate was the lowest that was tried: a lower one might do better still.)

# %% [markdown] tags=["traps"]
# ## Traps
#
# **The learning rate of the other.** LoRA's matrices begin near nothing and have far to go; a whole model has not. Take the
# rate that suits the one for the other, and you will report that it does not work. The same 60 updates, at four rates:

# %%
rates = json.loads((data_dir() / "experiments" / "ranks.json").read_text())["rates"]
lines_of = {}
for name in rates:
    tried = sorted((float(rate), run["manual"]) for rate, run in rates[name].items())
    lines_of[name] = tuple(np.transpose(tried))
viz.curves(lines_of, "learning rate at its peak", "perplexity of the manual", logx=True)

# %%
lora, all_of_it = rates["LoRA, rank 4"], rates["everything"]
best = [min(tried, key=lambda rate: tried[rate]["manual"]) for tried in (lora, all_of_it)]
print(
    f"LoRA, rank 4: best at {best[0]}: {lora[best[0]]['manual']:.0f}; at {best[1]}: {lora[best[1]]['manual']:.0f}"
)
print(
    f"everything:   best at {best[1]}: {all_of_it[best[1]]['manual']:.0f}; at {best[0]}: {all_of_it[best[0]]['manual']:.0f}"
)

# %% [markdown]
# Ten times apart; at the other's rate, the one learns far less, and the other is more than twice as perplexed. A comparison at
# *one* rate says whatever its author likes. (Where a line still falls at its right end, a higher rate might be better still.)
#
# **Forgetting.** LoRA leaves the old matrices whole, so the old model can be had back by taking $AB$ away: hand on the
# small file, keep the large one. But *while* $AB$ is added, the old author is forgotten, as with any other way: the table of ways
# has the numbers. "LoRA does not forget" is true of the file, not of the answers.
#
# **Frozen too little.** `enable_lora` freezes a layer's matrix, not its bias, nor any other layer. Call it alone on two layers and
# look at what would be trained:

# %%
copy = keras.models.clone_model(gpt.model)
for part in ("query", "value"):
    getattr(copy.get_layer("block1_attention"), part).enable_lora(4)
print(f"after enable_lora alone: {trained_parameters(copy):,} numbers would move")
print(f"after the library's add_lora: {trained_parameters(thin):,}, in all four blocks")

# %% [markdown]
# **Whose words?** Ratings come from people who were paid for them, reviews from people whom nobody asked for leave. MiniLM carries what
# a billion pairs of sentences from the web had to say about men, women and nations; a linear probe on top inherits it.

# %% [markdown] tags=["exercises"]
# ## Exercises
#
# **21.1 Count.** A model has `depth` blocks of this `width`. In each block, so many `matrices`, all square, get LoRA of this `rank`.


# %%
def lora_numbers(width, depth, matrices, rank):
    """Return how many numbers LoRA trains."""
    return ...


exercise("21.1").check(lora_numbers)

# %%
# exercise("21.1").hint()  # take away the first #; then .solution()

# %% [markdown]
# **21.2 Merge.** Return the one matrix that does what the frozen matrix and the thin ones do together, scaled by `alpha / rank`.


# %%
def merged(w, a, b, alpha):
    """Return the matrix; w is (inputs, outputs), a is (inputs, rank), b is (rank, outputs)."""
    return ...


exercise("21.2").check(merged)

# %%
# exercise("21.2").hint()  # take away the first #; then .solution()

# %% [markdown]
# **21.3 Squeeze.** Full fine-tuning has left you a change of a matrix. Find the two thin matrices whose product comes
# nearest to it. (`np.linalg.svd(change, full_matrices=False)` returns `u`, `sizes`, `v` with `change = u @ np.diag(sizes) @ v`.)


# %%
def squeezed(change, rank):
    """Return a (inputs, rank) and b (rank, outputs), so that a @ b is as near to the change as can be."""
    return ...


exercise("21.3").check(squeezed)

# %%
# exercise("21.3").hint()  # take away the first #; then .solution()

# %% [markdown] tags=["quiz"]
# ## Quiz

# %%
quiz("21")

# %% [markdown] tags=["recap"]
# ## Recap
#
# - A change of a few thousand numbers turns a model towards another author; how near it comes depends on what it knew already.
# - LoRA freezes $W$ and trains $A$ and $B$; $B$ begins with zeros, so nothing changes at first.
# - Merged, it costs nothing in use; in Keras it saves memory and files, and some time.
# - Its learning rate is several times that of full fine-tuning. Choose each way's own on validation data, else you compare rates.
# - Before anything moves, measure a bag of words and frozen features: they take seconds.
#
# | LoRA, arXiv 2106.09685 | here |
# |---|---|
# | section 4.1, equation 3 | `self.dense(x) + (x @ self.a) @ self.b` |
# | section 4.1, scaling by $\alpha / r$ | `lora_alpha` of `enable_lora`, $\alpha = r$ by default |
# | section 4.1, no additional latency | `merge(thin)` |
# | section 4.2, queries and values alone | `WAYS["LoRA, rank 4"]` |
#
# **Read on:** [LoRA](https://arxiv.org/abs/2106.09685); [biases alone](https://arxiv.org/abs/2106.10199);
# [Sentence-BERT](https://arxiv.org/abs/1908.10084). **Next:** [lesson 22](22_decoding.ipynb), how a model's probabilities become a text.
