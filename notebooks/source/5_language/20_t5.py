# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # T5: can one network do every task, if each is told in words?
#
# A translator, a classifier and a calculator used to be three networks with three kinds of output. In 2019 T5 made them one:
# the task stands in the question, and the answer is always a text.
#
# > **You will be able to** build T5's attention by hand, prove a network equal to the official one, measure several tasks in
# > one network, and pre-train on texts with holes.
# >
# > **Needs** lesson 19 (attention, tokens, a cache). On two cores about 60 s, 1.5 GB of memory, no download.

# %% [markdown] tags=["set-up"]
# ## Set-up

# %%
from course_lib.lessons import exercise, quiz, start

start()

import json
import warnings
from dataclasses import replace

import keras
import keras_hub
import numpy as np
from course_lib import card, load, viz
from course_lib.data_dir import data_dir
from course_lib.decoding.filters import softmax
from course_lib.errors import BadInput
from course_lib.loading import build
from course_lib.media.text_tasks import PREFIXES, TASKS, make_pairs
from course_lib.training.fit import Settings
from course_lib.training.language.fit import TextTrainer
from course_lib.training.language.span_corruption import corrupted
from course_lib.training.language.text_to_text import padded
from course_lib.weights.convert import load_into
from course_lib.weights.presets import variables
from course_lib.zoo import t5
from matplotlib import pyplot as plt

# %% [markdown] tags=["see-it-work"]
# ## See it work
#
# Ask for the official T5. Without a download a small sister stands in, `t5_nano`, which this course trained; the line that
# is printed says which one you have.

# %%
model = load("t5_small")
german = "translate English to German: The house is wonderful."
questions = [german] if model.provenance.grade == "official" else ["words: 4719", "add: 38+45"]
for question, answer in zip(questions, model.transform(questions), strict=True):
    print(f"{question!r} -> {answer!r}")

# %% [markdown]
# From here on we use the small one, `nano`. It reads and writes single characters and knows eight tasks. What stands before
# the colon, the **prefix**, is all that tells it which is meant: there is no switch, and no task has output units of its own.

# %%
nano = load("t5_nano")
asked, wanted = make_pairs(len(PREFIXES), seed=9004, test=True)
for question, answer, truth in zip(asked, nano.transform(asked), wanted, strict=True):
    print(f"{question:48} -> {answer:28} {'right' if answer == truth else 'wrong: ' + truth}")

# %% [markdown]
# In training, `digits` had *twelve* only after other words, as in *four hundred and twelve*. Alone it was held out.

# %% [markdown] tags=["idea"]
# ## The idea
#
# [Raffel and others (2019)](https://arxiv.org/abs/1910.10683) wanted to compare ways of pre-training fairly. That is hard
# where each task needs an output and a loss of its own. So they cast every task as **text to text**: one network, one loss,
# one way of decoding. Even how alike two sentences are, from 1 to 5, was written as a text: "3.8".
#
# The network has two halves. The **encoder** reads the question, each token looking both ways. The **decoder** writes the
# answer from left to right like GPT, and in each block looks at the encoder's output as well: in this **cross-attention**
# the queries come from the answer, the keys and values from the question.

# %%
# This cell only draws: skip its code, look at the picture.
with viz.style():
    fig, ax = plt.subplots(figsize=(6.8, 2.6))
ax.set(xlim=(0, 1), ylim=(0, 1))
ax.axis("off")
centre = {"ha": "center", "va": "center"}
for x, y, words, colour in (
    (0.27, 0.5, "encoder\nlooks both ways", "#005caf"),
    (0.74, 0.5, "decoder\nlooks back, and at the encoder", "#d97330"),
):
    box = {"boxstyle": "round,pad=0.8", "facecolor": "white", "edgecolor": colour}
    ax.text(x, y, words, bbox=box, **centre)
ax.annotate(
    "", (0.51, 0.5), (0.41, 0.5), arrowprops={"arrowstyle": "->", "color": "#005caf", "linewidth": 2.5}
)
for x, below, above in ((0.27, "reverse: tram", ""), (0.74, "(start) m a r t", "m a r t (end)")):
    ax.text(x, 0.04, below, family="monospace", **centre)
    ax.text(x, 0.96, above, family="monospace", **centre)
    ax.annotate("", (x, 0.31), (x, 0.11), arrowprops={"arrowstyle": "->"})
ax.annotate("", (0.74, 0.89), (0.74, 0.69), arrowprops={"arrowstyle": "->"})
viz.show(fig, alt="The question goes into the encoder. Its output goes into the decoder, which gets the answer so far, "
         "beginning with a start token, and gives each next character.")  # fmt: skip

# %% [markdown]
# GPT adds a learned vector to each token to say *where* it stands. T5 says only *how far apart* two tokens are, and says
# it inside the attention: to the product of query $i$ and key $j$ a learned number $b$ is added.
#
# $$ \mathrm{weight}_{ij} = \mathrm{softmax}_j\left(q_i \cdot k_j + b_{\mathrm{bucket}(j - i)}\right) $$
#
# With a number for every distance, those longer than any text in training would have learned nothing. So distances are
# sorted into 32 **buckets**: near ones have one each, far ones share. And unlike in GPT, nothing divides the product by
# $\sqrt{d}$, where $d$ is the width of a head.

# %% [markdown] tags=["build"]
# ## Build it by hand
#
# First the buckets. Half of them are for keys that come after the query. Of the other 16, distances 0 to 7 have one each;
# the rest widen with the logarithm, and the last takes all from 91 on.


# %% tags=["nbval-check-output"]
def bucket(distance, buckets=32, farthest=128):
    """Return the bucket of each distance, for an encoder."""
    half, exact, far = buckets // 2, buckets // 4, np.abs(distance)
    growth = np.log(np.maximum(far, 1) / exact) / np.log(farthest / exact)  # 0 at 8, 1 at 128
    shared = np.minimum(exact + (growth * (half - exact)).astype(int), half - 1)
    return half * (distance > 0) + np.where(far < exact, far, shared)


# %% tags=["nbval-check-output"]
distances = np.arange(-200, 201)
assert np.array_equal(bucket(distances), t5.bucket(distances))
print(bucket(np.array([-500, -128, -20, -19, -2, -1, 0, 1, 2, 20])))
x_axis = "distance: place of the key minus place of the query"
viz.curves({"bucket": (distances, bucket(distances))}, x_axis, "bucket", size=(6.8, 2.6))

# %% [markdown]
# Now one attention of `nano`'s encoder, on a question of thirteen characters. Its four heads get 24 numbers each of
# the 96 that a token has.

# %% tags=["nbval-check-output"]
letters, encoder, decoder = nano.tokenizer, nano.model.get_layer("encoder"), nano.model.get_layer("decoder")
source = np.array([letters.tokenize("reverse: tram")], np.int32)
x = encoder.get_layer("words")(source)
y = encoder.get_layer("encoder_block1_norm1")(x)
attention = encoder.get_layer("encoder_block1_attention")
print("tokens", x.shape)


# %% tags=["nbval-check-output"]
def heads(x):
    """(1, tokens, 96) -> (4, tokens, 24)."""
    return np.asarray(x)[0].reshape(-1, 4, 24).swapaxes(0, 1)


query, key, value = heads(attention.query(y)), heads(attention.key(y)), heads(attention.value(y))
table = np.asarray(encoder.get_layer("encoder_distances").embeddings)  # (32 buckets, 4 heads)
print("query", query.shape, "  table", table.shape)

# %% tags=["nbval-check-output"]
places = np.arange(source.shape[1])
bias = table[bucket(places[None, :] - places[:, None])]  # (query, key, head)
weights = softmax(query @ key.swapaxes(1, 2) + bias.transpose(2, 0, 1))
looked = attention.out((weights @ value).swapaxes(0, 1).reshape(1, -1, 96))
theirs = attention(y, bias=encoder.get_layer("encoder_distances")(x))
print("bias", bias.shape, " weights", weights.shape, " looked", looked.shape)
assert np.abs(looked - theirs).max() <= 1e-4

# %% [markdown]
# All blocks of the encoder share this one table; the decoder has another, for looking back only. Before each attention
# stands an **RMS norm**, which divides a token by the root of its mean square and multiplies by a learned scale (you write it in
# exercise 1). After the attention, and a norm again, each token thinks for itself: `mlp2(relu(mlp1(x)))` in the first T5; in its version 1.1, in Flan-T5
# and in `nano` a **gated GELU**, `mlp2(gelu(mlp1(x)) * gate(x))`. No dense layer adds a bias. With that the whole encoder fits
# in a cell:


# %%
def part(number, name):
    return encoder.get_layer(f"encoder_block{number}_{name}")


x = encoder.get_layer("words")(source)
shared = encoder.get_layer("encoder_distances")(x)
for number in (1, 2, 3):
    x = x + part(number, "attention")(part(number, "norm1")(x), bias=shared)
    y = part(number, "norm2")(x)
    hidden = keras.ops.gelu(part(number, "mlp1")(y), approximate=False) * part(number, "gate")(y)
    x = x + part(number, "mlp2")(hidden)
memory = encoder.get_layer("encoder_norm")(x)
difference = np.abs(memory - encoder(source)).max()
print(f"our encoder against the zoo's: largest |difference| {difference:.1e}")
assert difference <= 1e-4

# %% [markdown]
# The decoder adds the cross-attention and a mask against looking ahead. All of it:
# [zoo/t5.py](../../course_lib/zoo/t5.py).

# %% [markdown] tags=["proof"]
# ## Proof: it is the real one
#
# We build KerasHub's T5 and ours as wide as `t5_small`, with two blocks of its six, and carry random weights over by name.
# The second question is shorter: neither network may look at its padding (token 0).

# %%
warnings.filterwarnings("ignore", "Layer '.*_attention'")  # KerasHub's layers complain of each other's masks
config = replace(t5.CONFIGS["t5_small"], depth=2, vocabulary=200)
backbone = keras_hub.models.T5Backbone(200, 2, 8, 512, 2048, key_value_dim=64, use_gated_activation=False)
dice = np.random.default_rng(0)
for weight in backbone.weights:
    name, size = weight.path.rpartition("/")[2], weight.shape
    if name != "kernel":
        weight.assign(dice.uniform(0.5, 1.5, size) if name == "weight" else dice.normal(0, 1, size))
ours = t5.build(config)
load_into(ours, variables(backbone), "t5", "kerashub", config)
official = keras_hub.models.T5Seq2SeqLM(backbone)

# %% [markdown]
# Would a comparison notice a mistake? Where the head is the table of words itself, T5 multiplies by $512^{-1/2}$ first.
# Forget it on purpose, then put it right.

# %%
asking, writing = np.array([[7, 3, 9, 2, 8, 1], [4, 1, 0, 0, 0, 0]]), np.array([[0, 5, 9, 9], [0, 3, 3, 8]])
expected = official({"encoder_token_ids": asking, "encoder_padding_mask": (asking != 0).astype(int),
                     "decoder_token_ids": writing, "decoder_padding_mask": np.ones_like(writing)})  # fmt: skip
scaled = ours.get_layer("decoder").get_layer("scaled")
for scale in (1.0, 512**-0.5):
    scaled.scale = scale
    difference = np.abs(ours({"source": asking, "tokens": writing}) - expected).max()
    print(
        f"times {scale:.4f}: largest |difference| {difference:.1e}, of logits up to {np.abs(expected).max():.1f}"
    )
assert difference <= 1e-4 * max(1, np.abs(expected).max())

# %% [markdown]
# The zoo's six published networks are the same code. Counted by hand they must have the parameters that their cards say.


# %% tags=["nbval-check-output"]
def count(c):
    """Add up the parameters of a T5."""
    attention = 4 * c.width * c.heads * c.head_width
    mlp = (3 if c.gated else 2) * c.width * c.mlp
    blocks = c.depth * (
        3 * attention + 2 * mlp + 5 * c.width
    )  # an encoder's and a decoder's, with their norms
    words = c.vocabulary * c.width * (1 if c.tied else 2)
    return blocks + words + 2 * c.buckets * c.heads + 2 * c.width


for name, config in t5.CONFIGS.items():
    print(f"{name:14} {config.depth:3}+{config.depth:<3} width {config.width:5}  {count(config):12,}")
    assert count(config) == card(name).params

# %% [markdown] tags=["inside"]
# ## Look inside: what did it learn about distance?
#
# `nano`'s encoder has one learned number for each bucket and head. Drawn over the distance, each head turns out to have a
# favourite: a neighbour, far back (16 to 22 share a bucket) and, oddly, five characters ahead, where all four have a peak.

# %%
near = np.arange(-16, 17)
favourites = near[table[bucket(near)].argmax(axis=0)]
print(
    "looks most at distance:",
    *(f"head {head + 1}: {place:+}" for head, place in enumerate(favourites)),
    sep="   ",
)
lines = {f"head {head + 1}": (near, table[bucket(near), head]) for head in range(4)}
viz.curves(
    lines, "distance: place of the key minus place of the query", "added to the logit", size=(6.8, 3.2)
)

# %% [markdown]
# And the cross-attention? While the decoder writes a word backwards, does it read backwards? We ask it for the weights of
# each block, when it has the right answer before it.

# %%
question, answer = asked[4], wanted[4]
source = np.array([letters.tokenize(question)], np.int32)
tokens = np.array([[0, *letters.tokenize(answer)[:-1]]], np.int32)
names = [f"decoder_block{number}_norm_source" for number in (1, 2, 3)]
inner = keras.Model(decoder.inputs, [decoder.get_layer(name).output for name in names])
memory, crossing = np.asarray(encoder(source)), []
for name, x in zip(names, inner([memory, source, tokens]), strict=True):
    looking = decoder.get_layer(name.replace("norm_source", "source"))
    crossing.append(softmax(heads(looking.query(x)) @ heads(looking.key(memory)).swapaxes(1, 2)))

# %%
with viz.style():
    fig, axes = plt.subplots(1, 3, figsize=(8.4, 3.0), sharey=True)
for number, (ax, weights) in enumerate(zip(axes, crossing, strict=True), 1):
    ax.imshow(weights.mean(0), cmap="Blues", vmin=0, aspect="auto")
    ax.set(title=f"block {number}", xlabel="read", xticks=range(len(question)), yticks=range(len(answer)))
    ax.set_xticklabels(list(question), fontsize=7)
    ax.set_yticklabels(list(answer))
    ax.grid(False)
axes[0].set_ylabel("written")
viz.show(fig, alt="Three maps, one a block of the decoder: for each letter written, how much each letter of the question is "
         "looked at, the mean over four heads.")  # fmt: skip

# %% [markdown]
# In the last block a finger moves along the question from its end, as it should. But halfway it jumps: for the word's
# *first* letters it points into the prefix, five characters too early! Yet the answer is right. A map of attention shows
# where the network looks, not what it finds there: the encoder must have carried letters over. Five ahead was its head 4's
# favourite distance.
#
# ## Measure it: exact match
#
# Almost right is wrong here: a date with one false digit is another date. **Exact match** is the share of answers that are
# right to the last character. There is a shortcut. `nano` decodes **greedily**: it always writes the likeliest next
# character. So its answer is right if, and only if, each right character is the likeliest *after the right beginning*:
# one pass over all answers at once will do.


# %%
def right(model, questions, answers):
    """Return for each question whether greedy decoding would answer it right."""
    sources = padded([letters.tokenize(question) for question in questions])
    targets = padded([[*letters.tokenize(answer), letters.end] for answer in answers])
    tokens = np.pad(targets[:, :-1], ((0, 0), (1, 0)))  # what the decoder has before it: moved by one
    best = np.argmax(model({"source": sources, "tokens": tokens}, training=False), axis=-1)
    return np.all((best == targets) | (targets == 0), axis=1)


pairs = make_pairs(64, seed=9005, test=True, distinct=True)
decoded = np.array(nano.transform(pairs[0])) == pairs[1]
print(f"decoded: {decoded.mean():.3f}, in one pass: {right(nano.model, *pairs).mean():.3f}")
assert np.array_equal(decoded, right(nano.model, *pairs))

# %% [markdown]
# Now 800 held-out questions, none of them in training; and 800 that go *beyond* training: numbers of five and six digits,
# words of more syllables, years from 2100 and Roman numerals from 3000 on.

# %%
scores = [right(nano.model, *make_pairs(800, seed=9001, distinct=True, **which)).reshape(-1, len(PREFIXES)).mean(axis=0)
          for which in ({"test": True}, {"longer": True})]  # fmt: skip
names = [f"{prefix}: {TASKS[prefix].says}" for prefix in PREFIXES]
viz.table(np.stack(scores, axis=1), names, ["like in training", "longer"], form="{:.0%}", width=6.4)

# %% [markdown]
# The left column is what one network of half a million numbers makes of eight tasks. What `digits` gets wrong are *ten* and
# *twelve*: training never showed them alone. The right column is a warning: it has not learned to *add*, but to add numbers of
# up to three digits. Relative places let a longer text in; they do not say what to do with it.

# %% [markdown]
# Does `nano` need its favourite distances? Take one away at a time: in every head, put the number of its bucket down to the
# lowest that the head has.

# %%
distances, kept = np.arange(-8, 9), encoder.get_layer("encoder_distances").embeddings
sets = {task: make_pairs(60, [task], seed=9001, test=True, distinct=True) for task in ("reverse", "words")}
found = {task: [] for task in sets}
for place in distances:
    without = table.copy()
    without[bucket(place)] = table.min(axis=0)
    kept.assign(without)
    for task, pairs in sets.items():
        found[task].append(right(nano.model, *pairs).mean())
kept.assign(table)
lines = {task: (distances, shares) for task, shares in found.items()}
viz.curves(lines, "distance that is taken away", "exact match", percent=True, ylim=(0, 1.05), size=(6.8, 3.0))

# %% [markdown]
# Only three of these distances are clearly missed, -1, +1 and +5: the favourites of heads 1, 2 and 4.

# %% [markdown] tags=["change"]
# ## Pre-training: texts with holes
#
# T5's first training had no questions. **Span corruption** takes some spans out of a text and puts a numbered blank in
# each hole; the answer names each blank and what stood there. With the paper's 15 % of the tokens (here characters), in
# spans of three on average:

# %%
text = "Thank you for inviting me to your party last week."
source, target = corrupted(letters.tokenize(text), letters.blanks, np.random.default_rng(4))
print("in: ", letters.detokenize(source))
print("out:", letters.detokenize(target))

# %% [markdown]
# It needs no labels, only text, and the answer is short, so it is cheap. Does it help where labels are few? Networks that
# had read 40,000 lines with holes, or nothing, were then taught four tasks about numbers and dates with 300 questions
# each, three times. (These lines are short, so 40 % of them was missing.) In one kind of line a thing stands alone; in the other it is told in both ways, as in "3 May 1999
# (1999-05-03)". That takes too long for a lesson: these numbers were recorded by
# [span_corruption.py](../../course_lib/training/language/span_corruption.py).

# %%
recorded = json.loads((data_dir() / "experiments" / "span_corruption.json").read_text())
shares = {f"read before: {name}": [np.mean(list(run.values())) for run in counts["300"]]
          for name, counts in recorded.items()}  # fmt: skip
viz.bars(shares, "exact match on held-out questions, mean of four tasks", form="{:.0%}",
         highlight="read before: things together")  # fmt: skip

# %% [markdown]
# Reading helps a great deal, but not by itself. Reading things apart teaches what numbers and dates look like, and saves no
# label. Filling a hole in "3 May 1999 (____-05-03)" needs the translation itself, and that a few questions can then call up. The
# web, too, tells many things twice; how much of what T5 learned came from there, this small experiment can't say.
#
# ## What it learned before helps
#
# A ninth task, from 100 questions: `adverb: tram` -> `tramly`. `nano` has never seen this prefix or this ending, but it can
# copy letters. Its untrained twin has to learn both. Two orders of the questions each:

# %%
train, test = (
    [question.removeprefix("reverse: ") for question in make_pairs(n, ["reverse"], seed=1, test=held)[0]]
    for n, held in ((100, False), (300, True))
)
sources = padded([letters.tokenize(f"adverb: {w}") for w in train])
targets = padded([[*letters.tokenize(w + "ly"), letters.end] for w in train])
inputs = [sources, np.pad(targets[:, :-1], ((0, 0), (1, 0)))]
pupil = build("t5_nano")
trainer = TextTrainer(pupil, Settings(100, batch_size=16, learning_rate=2e-3, warmup=10), padded=True)
starts, found = {"from eight tasks": nano.model.get_weights(), "from nothing": pupil.get_weights()}, {}
for name, start_weights in starts.items():
    found[name] = []
    for seed in (0, 1):
        pupil.set_weights(start_weights)
        trainer.fit(inputs, targets, seed=seed)
        found[name].append(right(pupil, [f"adverb: {w}" for w in test], [w + "ly" for w in test]).mean())
viz.bars(found, "exact match on 300 other words", form="{:.0%}", highlight="from eight tasks")

# %% [markdown] tags=["traps"]
# ## Traps and limits
#
# **The forgotten prefix.** `transform` refuses a text whose prefix `nano` does not know. The network itself refuses nothing: it
# always writes something.

# %%
try:
    nano.transform("4719")
except BadInput as error:
    print(error)
questions, answers = make_pairs(200, ["words"], seed=9001, test=True, distinct=True)
bare = [question.removeprefix("words: ") for question in questions]
wrong = {
    "with its prefix": right(nano.model, questions, answers).mean(),
    "without": right(nano.model, bare, answers).mean(),
}

# %% [markdown]
# **The scale out of habit.** Every other transformer divides by $\sqrt d$. Do it to T5, whose weights were trained without,
# and all attention blurs, without an error or a warning.

# %%
attentions = [layer for half in (encoder, decoder) for layer in half.layers if hasattr(layer, "head_width")]
for layer in attentions:
    layer.scale = True
wrong["with its prefix, logits divided"] = right(nano.model, questions, answers).mean()
for layer in attentions:
    layer.scale = False
viz.bars(wrong, "exact match on 200 numbers", form="{:.0%}", highlight="with its prefix")

# %% [markdown]
# **Limits.** T5's weights are free to use (Apache-2.0), but C4, the web text that they read, has the web's biases in it. The
# published tasks are translation from English to German, French and Romanian, summaries, questions and grammar; for anything else
# you fine-tune, or take Flan-T5, which was trained to follow instructions. And an answer is not a fact because it is fluent.

# %% [markdown] tags=["exercises"]
# ## Exercises
#
# **1.** RMS norm: divide each token by the root of the mean of its squares, then multiply by the scale.


# %%
def rms_norm(x, scale, epsilon=1e-6):
    """Normalise x, (tokens, width); `scale` is (width,), `epsilon` is added below the root."""
    return ...


exercise("20.1").check(rms_norm)

# %%
# exercise("20.1").hint()  # take away the first #; then .solution()

# %% [markdown]
# **2.** Span corruption on words: the spans are (place of the first word, place after the last), in order. Blanks are written `<0>`, `<1>`.


# %%
def with_holes(words, spans):
    """Return two texts: the words with a blank for each span, and the blanks with what stood there."""
    source, target = ..., ...
    return source, target


exercise("20.2").check(with_holes)

# %%
# exercise("20.2").hint()  # take away the first #; then .solution()

# %% [markdown]
# **3.** Exact match by task, from questions such as `"add: 1+2"`.


# %%
def by_task(questions, found, wanted):
    """Return a dict: prefix -> share of its questions whose answer is right to the last character."""
    return ...


exercise("20.3").check(by_task)

# %%
# exercise("20.3").hint()  # take away the first #; then .solution()

# %% [markdown] tags=["quiz"]
# ## Quiz

# %%
quiz("20")

# %% [markdown] tags=["recap"]
# ## Recap
#
# - The task stands in the text; one network, one loss and one way of decoding serve them all.
# - The encoder looks both ways, the decoder back and across; distance is a learned number per bucket and head, added to the logit.
# - Nothing divides the logits: the weights are trained to go without.
# - Texts with holes teach without labels, and what was learned before saves labels later.
# - Measure exact match task by task, and beyond training separately: there it shows what was only half learned.
#
# | paper | here |
# |---|---|
# | 2.1, relative position embeddings | `bias = table[bucket(places[None, :] - places[:, None])]` |
# | 2.1, simplified layer norm | `rms_norm(x, scale)` |
# | 2.4, text to text | `nano.transform("words: 4719")` |
# | 3.1.4, 3.3.4 and figure 2, span corruption | `corrupted(numbers, blanks, rng)` |
# | 1.1's gated GELU, [arXiv 2002.05202](https://arxiv.org/abs/2002.05202) | `mlp2(gelu(mlp1(x)) * gate(x))` |
#
# To read: sections 2 and 3 of [the paper](https://arxiv.org/abs/1910.10683);
# [Flan-T5](https://arxiv.org/abs/2210.11416). Next, [lesson 21](21_adapting_language_models.ipynb): a language model, adapted to a task of your own.
