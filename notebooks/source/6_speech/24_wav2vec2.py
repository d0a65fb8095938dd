# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # wav2vec 2.0: what can be learned from speech without a word of text?
#
# Sound is free: every radio makes it. Text that says what was said costs an hour of work for minutes of sound, and for most of
# the world's languages there is hardly any. A child has heard thousands of hours before it reads its first word. What could a
# network learn from listening alone?
#
# > **You will be able to** turn samples into frames, hide some, quantise and compare them by hand, and prove your loss equal to the
# > library's; see what the codes of a network that knows no text stand for; and measure what listening is worth to sixty written sentences.
# >
# > **Needs** [lesson 23](23_deepspeech.ipynb) (CTC, word error rate); [lesson 12](../2_transformers_and_scale/12_coca_and_omnivec.ipynb)
# > helps. On two cores about 60 s, 2 GB of memory, no download.

# %% [markdown] tags=["set-up"]
# ## Set-up

# %%
from course_lib.lessons import exercise, quiz, start

start()

import json

import keras
import numpy as np
from course_lib import card, load, viz
from course_lib.data_dir import data_dir
from course_lib.decoding.ctc import greedy
from course_lib.decoding.errors import word_errors
from course_lib.loading import build
from course_lib.media.sound.corpus import recordings
from course_lib.text.letters import DEEPSPEECH as letters
from course_lib.training.speech.contrastive import guessed
from course_lib.training.speech.ctc import examples, logits_of
from course_lib.training.speech.few_labels import Way, errors, learned
from course_lib.zoo import wav2vec2
from course_lib.zoo.wav2vec2 import pretraining
from matplotlib import pyplot as plt

# %% [markdown] tags=["see-it-work"]
# ## See it work
#
# Two networks, one after the other. The second writes down what it hears; a stranger's voice says a sentence that no training saw.

# %%
strangers = recordings("speakers_test")
one = strangers[2]
writer = load("wav2vec2_nano")
print("said :", one.text)
print("heard:", writer.transcribe(one.audio))
one.audio

# %% [markdown]
# The first is the same network **before any text**. It cannot write. Fifty times a second it has a number out of forty for what it
# hears, and another out of forty from a second list. Nobody told it what the numbers should mean.

# %%
ears = load("wav2vec2_nano_pretrained")
heard = ears.hear(one.audio)
print(f"{one.audio.seconds:.2f} s of sound, {len(heard.codes)} frames of {1000 * heard.step:.0f} ms")
for book in (0, 1):
    print(f"list {book + 1}:", " ".join(f"{code:2}" for code in heard.codes[:30, book]), "...")

# %% [markdown] tags=["idea"]
# ## The idea: guess what was in the gap
#
# GPT learns from text by guessing the next word. Sound has no words to choose from, and to guess the next *samples* is mostly to
# guess noise. [Baevski and others (2020)](https://arxiv.org/abs/2006.11477) made it a choice among a few:
#
# 1. Convolutions turn samples into **frames**, one every 20 ms.
# 2. Some spans of frames are **hidden**: one learned vector stands in their place. A transformer sees the rest, and makes a **guess** for each gap.
# 3. What really was there is **quantised**: replaced by the nearest of a limited number of codes. That is the **target**.
# 4. The guess must be nearer to its own target than to **distractors**: targets of other gaps in the same recording.
#
# With cosine similarity and a temperature $\kappa = 0.1$, the loss of a hidden frame $t$ is
#
# $$ -\log \frac{e^{\cos(c_t,\, q_t) / \kappa}}{\sum_{\tilde q \,\in\, \{q_t\} \cup \text{distractors}} e^{\cos(c_t,\, \tilde q) / \kappa}} $$
#
# where $c$ is the guess and $q$ the target. The distractors have the same voice, microphone and room. To tell them apart, only *what is
# said* helps. Here is a sentence with gaps:

# %%
dice = np.random.default_rng(3)
listener, config = ears.listener, wav2vec2.CONFIGS["wav2vec2_nano_pretrained"]
samples = listener.prepare(one.audio.samples)
count = listener.frames(len(samples))
mask = pretraining.span_masks(1, count, dice)[0]
edges = np.flatnonzero(np.diff(np.pad(mask.astype(int), 1))).reshape(-1, 2) * heard.step
viz.waveform(one.audio, [("hidden", start, end) for start, end in edges])

# %% [markdown] tags=["build"]
# ## Build it by hand: ears
#
# No spectrogram: the first convolution reads samples. Each later one halves the rate, and sees further:

# %% tags=["nbval-check-output"]
rows, field, hop = len(samples), 1, 1
for kernel, stride, channels in zip(config.kernels, config.strides, config.channels, strict=True):
    rows, field = (rows - kernel) // stride + 1, field + (kernel - 1) * hop
    hop *= stride
    print(
        f"kernel {kernel:2}, stride {stride}: {rows:5,} rows of {channels:2}; each sees {field:3} samples, {field / 8:.1f} ms"
    )
assert (rows, hop) == (count, listener.hop)

# %% [markdown]
# **Gaps.** At each frame a span of ten begins with probability 0.065; spans may overlap. How much is hidden in the end? A frame stays
# visible only if none of the ten places before it begins a span.

# %%
begins = dice.random((2000, count)) < 0.065
hidden = np.zeros_like(begins)
for shift in range(10):
    hidden[:, shift:] |= begins[:, : count - shift]
print(f"hidden: {hidden.mean():.3f}; by thought, far from the ends: 1 - 0.935^10 = {1 - 0.935**10:.3f}")

# %% [markdown]
# **Quantise.** A dense layer gives each frame a logit for each of forty codes in two **code books**; the largest wins, and its vector is looked
# up. Two books of forty can say 1,600 things with 80 vectors.

# %%
kernel, bias = ears.model.get_layer("codes").get_weights()
code_logits = (heard.features @ kernel + bias).reshape(count, 2, 40)
chosen = code_logits.argmax(axis=-1)
book = ears.model.get_layer("codebook").get_weights()[0].reshape(2, 40, -1)
vectors = np.hstack([book[0][chosen[:, 0]], book[1][chosen[:, 1]]])
kernel, bias = ears.model.get_layer("targets").get_weights()
targets = vectors @ kernel + bias
print(
    "features",
    heard.features.shape,
    "-> logits",
    code_logits.shape,
    "-> vectors",
    vectors.shape,
    "-> targets",
    targets.shape,
)

# %% [markdown]
# "The largest wins" has no gradient. In training a trick stands in for it: add **Gumbel noise** to the logits, and the largest is a fair *draw* from
# their softmax. Forwards the draw is used; backwards one pretends it had been the soft shares.

# %%
shares = np.array([0.7, 0.2, 0.1])
noise = -np.log(-np.log(dice.random((20_000, 3))))
drawn = np.bincount((np.log(shares) + noise).argmax(axis=1), minlength=3) / 20_000
print("softmax:", shares, " how often each was drawn:", drawn.round(3))
assert np.abs(drawn - shares).max() < 0.02

# %% [markdown]
# **Contrast.** Now the guesses: the same recording, with gaps. Take one hidden frame and compare.

# %%
output = ears.model({"samples": samples[None], "mask": mask[None]}, training=False)
guesses = np.asarray(output["guesses"])[0]
others = pretraining.distractors(mask[None], 40, dice)[0]


def cosine(a, b):
    """(..., width) and (..., width) -> (...)."""
    return (a * b).sum(-1) / np.linalg.norm(a, axis=-1) / np.linalg.norm(b, axis=-1)


frame = np.flatnonzero(mask)[12]
near, far = cosine(guesses[frame], targets[frame]), cosine(guesses[frame], targets[others[frame]])
print(
    f"frame {frame}: cosine with the truth {near:.2f}; with 40 distractors {far.min():.2f} to {far.max():.2f}"
)

# %% [markdown]
# One thing is easily missed: a distractor with the *same codes* as the truth is no distractor. It must not count, or the network would be
# punished for being right.


# %%
def contrast(guesses, targets, chosen, others, mask, kappa=0.1):
    """Return the mean loss over hidden frames, and the share of them that is guessed right."""
    losses, right = [], []
    for t in np.flatnonzero(mask):
        fair = [o for o in others[t] if (chosen[o] != chosen[t]).any()]
        logits = cosine(guesses[t], targets[[t, *fair]]) / kappa
        losses.append(np.log(np.exp(logits).sum()) - logits[0])
        right.append(logits[0] > logits[1:].max())
    return np.mean(losses), np.mean(right)


loss, right = contrast(guesses, targets, chosen, others, mask)
print(
    f"loss {loss:.3f} nats (chance: {np.log(41):.3f}); guessed right: {right:.0%} of {mask.sum()} (chance: {1 / 41:.1%})"
)

# %% [markdown]
# **Collapse.** A lazy network could give every frame the same code: then there is nothing to tell apart. So a second loss rewards
# **diversity**: it measures, by the entropy of their mean shares, how many codes are in use.


# %%
def in_use(shares):
    """(frames, codes), rows that sum to 1 -> e to the entropy of their mean: how many codes are in use."""
    mean = shares.mean(axis=0)
    return np.exp(-(mean * np.log(mean + 1e-9)).sum())


used = [in_use(np.eye(40)[chosen[:, b]]) for b in (0, 1)]
print(
    f"in this sentence: {used[0]:.1f} and {used[1]:.1f} of 40; all alike would be {in_use(np.eye(40)[[5] * 9]):.1f}"
)

# %% [markdown] tags=["proof"]
# ## Proof
#
# Targets, loss, accuracy and diversity against the library's:

# %%
same = {"targets": np.abs(targets - output["targets"][0]).max()}
logits = pretraining.contrastive_logits(output["guesses"], output["targets"], chosen[None], others[None])
found = pretraining.contrastive_loss(logits, mask[None])
same |= {"loss": abs(loss - found[0]), "accuracy": abs(right - found[1])}
same["codes in use"] = abs(sum(used) - pretraining.perplexity(np.float32(np.eye(40)[chosen][None])))
for name, difference in same.items():
    print(f"{name:<13} largest |difference| {float(difference):.1e}")
    assert difference < 1e-3

# %% [markdown]
# The whole network, with a head of letters and in pre-training, is held to Hugging Face's in the course's tests: for the variant of **base** (the first
# convolution's channels are normalised over time; blocks normalise behind each sum) and that of the **large** one from 60,000 hours (each frame is normalised by itself;
# blocks normalise in front). The largest difference is below 1e-4. What they hold:

# %% tags=["nbval-check-output"]
for model_id in ("wav2vec2_base", "wav2vec2_large", "wav2vec2_nano"):
    c, known = wav2vec2.CONFIGS[model_id], card(model_id)
    block = 4 * (c.width + 1) * c.width + 2 * c.width * c.mlp + c.width + c.mlp + 4 * c.width
    print(f"{model_id:<15}{known.params:12,} parameters, {c.depth * block / known.params:.0%} of them in {c.depth} blocks; "
          f"a second of sound costs {known.multiply_adds / 1e9:.2f} G multiply-adds")  # fmt: skip

# %% [markdown] tags=["inside"]
# ## Look inside: how it learned
#
# Pre-training the small one, 6,000 recordings of thirty synthetic voices without their text, was written down:

# %%
course = json.loads((data_dir() / "experiments" / "hearing.json").read_text())
print(f"{course['updates'][-1]:,} updates, {course['seconds'] / 60:.0f} minutes of one core")
series = {
    "guessed": (course["updates"], course["accuracy"]),
    "chance": (course["updates"], [1 / 41] * len(course["updates"])),
}
viz.curves(
    series,
    "updates of eight recordings",
    "gaps guessed right",
    percent=True,
    title="For a while, nothing; then it hears",
)

# %% [markdown]
# At first the loss stays at chance: guesses and targets both move, and neither means anything yet. Then some codes begin to mean something that neighbours foretell. How
# well does it do on voices that it never heard, with the draw switched off? And a network with random numbers?

# %%
test = [listener.prepare(recording.audio.samples) for recording in strangers[:20]]
keras.utils.set_random_seed(0)
for name, network in {"random numbers": build("wav2vec2_nano_pretrained"), "pre-trained": ears.model}.items():
    accuracy, codes = guessed(network, config, test)
    print(f"{name:<15} {accuracy:.1%} of the gaps, {codes:.0f} of 80 codes in use")

# %% [markdown]
# ## What do the codes stand for?
#
# The writer can tell us *when* each letter was said: at its spikes (lesson 23). So count which code of the first book the ears heard at each letter.

# %%
table = np.zeros((27, 40))
for recording in recordings("voice_test") + strangers:
    spoken, codes = writer.logits(recording.audio).argmax(axis=1), ears.hear(recording.audio).codes[:, 0]
    for symbol, code in zip(spoken, codes, strict=False):
        if symbol < 27:
            table[symbol, code] += 1
kept = np.flatnonzero(table.sum(axis=1) >= 60)
shown = table[kept] / table[kept].sum(axis=1, keepdims=True)
order = np.argsort(shown.argmax(axis=0) * 100 - shown.max(axis=0))
with viz.style():
    fig, ax = plt.subplots(figsize=(6.8, 4.2))
ax.imshow(shown[:, order], cmap="Blues", aspect="auto")
ax.set(yticks=range(len(kept)), yticklabels=["space" if i == 0 else letters.symbols[i] for i in kept])
ax.set(xticks=[], xlabel="the forty codes of the first book, sorted")
viz.show(fig, alt="A table of letters and codes. Each letter has a few codes of its own.")

# %% [markdown]
# How much is that, in a number? The **mutual information**: how many bits one learns about the letter from the code. With codes from other moments
# it should be nothing, but for what a small sample feigns.


# %%
def bits(table):
    """(letters, codes) counts -> bits that one tells of the other."""
    joint = table / table.sum()
    alone = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0)
    return (joint[joint > 0] * np.log2(joint[joint > 0] / alone[joint > 0])).sum()


pairs = np.argwhere(table).repeat(table[table > 0].astype(int), axis=0)
mixed = np.zeros_like(table)
np.add.at(mixed, (pairs[:, 0], dice.permutation(pairs[:, 1])), 1)
share = table.sum(axis=1) / table.sum()
print(
    f"a letter is worth {-(share[share > 0] * np.log2(share[share > 0])).sum():.2f} bits; its code tells {bits(table):.2f} of them; shuffled, {bits(mixed):.2f}"
)

# %% [markdown] tags=["change"]
# ## Change it: sixty written sentences
#
# Now letters. A new head of 29 symbols is put on, and CTC trains it on **sixty sentences**, two minutes of speech. The convolutions stay as they are, as in the paper. For
# comparison the same network begins with random numbers. A small run, live:

# %%
few = examples(recordings("speakers_few"), listener, letters)
STEPS = 120
runs = {"pre-trained": Way(True, STEPS), "from scratch": Way(False, STEPS, frozen=False)}
for name, way in runs.items():
    model, seconds = learned(way, 0, few)
    words, wrong = errors(model, strangers[:40])
    print(
        f"{name:<13} {STEPS} updates, {seconds:.0f} s: {words:.0%} of the words and {wrong:.0%} of the letters wrong"
    )

# %% [markdown]
# So short a run can only begin. The longer ones were recorded (`python -m course_lib.training.speech.few_labels`), three seeds each. Fair is what takes **as much
# processor time in all**, the pre-training counted; **as many updates** shows what the beginning alone is worth.

# %%
recorded = json.loads((data_dir() / "experiments" / "few_labels.json").read_text())
for name, runs in recorded.items():
    words, wrong, seconds = (np.mean([run[key] for run in runs]) for key in ("words", "letters", "seconds"))
    print(f"{name:<36} words wrong {words:.1%}, letters wrong {wrong:.1%}, {seconds:.0f} s")
rates = {name: [100 * run["words"] for run in runs] for name, runs in recorded.items()}
viz.bars(
    rates,
    "word error rate, %",
    form="{:.1f}",
    title="Sixty labelled sentences, voices that no training heard",
)

# %% [markdown] tags=["traps"]
# ## Traps and limits
#
# **The mistake everyone makes: an easy game.** Draw the distractors from *other* recordings of the batch, and the accuracy looks far
# better. Bet first: is the network better, or the game easier?

# %%
rounds = [test[i][: 1600 * (len(test[i]) // 1600)] for i in range(12)]
played = []
for x in rounds:
    gaps = pretraining.span_masks(1, listener.frames(len(x)), dice)
    answer = ears.model({"samples": x[None], "mask": gaps}, training=False)
    played.append([np.asarray(answer[name])[0][gaps[0]] for name in ("guesses", "targets")])


def guessed_among(distractors_of):
    """Return the share of hidden frames told from 40 others; `distractors_of(i)` are the targets to draw from."""
    right = []
    for i, (guesses, targets) in enumerate(played):
        for guess, target in zip(guesses, targets, strict=True):
            pool = distractors_of(i)
            pool = pool[dice.integers(len(pool), size=40)]
            pool = pool[np.abs(pool - target).max(axis=1) > 1e-6]  # the same codes do not compete
            right.append(cosine(guess, target) > cosine(guess, pool).max())
    return np.mean(right)


everywhere = [np.concatenate([played[j][1] for j in range(12) if j != i]) for i in range(12)]
print(
    f"distractors from the same recording {guessed_among(lambda i: played[i][1]):.1%}, from others {guessed_among(lambda i: everywhere[i]):.1%}"
)

# %% [markdown]
# The network is the same. Compare accuracies only where the game is the same: as many distractors, from the same places, gaps of one length.
#
# **Normalise, but know why.** Recordings are brought to mean 0 and variance 1. What if one forgets, or the microphone is far away?

# %%
texts = [recording.text for recording in strangers[:30]]
for scale in (1, 0.1, 0.01, 0.001):
    raw = [scale * recording.audio.samples for recording in strangers[:30]]
    rows = logits_of(writer.model, raw, frames=listener.frames)
    said = [letters.detokenize(greedy(row, letters.blank).letters) for row in rows]
    print(f"samples as they are, times {scale:<5}: word error rate {word_errors(texts, said).rate:.0%}")

# %% [markdown]
# This variant forgives much: its first convolution has no bias, and each of its channels is normalised over time, so loudness cancels out, until the
# epsilon under the root weighs more than the signal. The large one from 60,000 hours has biases and no such norm: it does not forgive.
#
# **What it costs.** The paper pre-trained base on 64 GPUs for 1.6 days, and then ten minutes of labels did: with 53,000 hours of speech before, the large one reached
# word error rates of 4.8 and 8.2 % (quoted, clean and other test set of LibriSpeech, with a language model). Ours heard thirty synthetic voices; it knows
# nothing of yours. The published weights (Apache-2.0, `course fetch wav2vec2_base`) learned from read English, and are weaker on whatever that is not.
# TF Hub has the same network as a SavedModel, `load("hub:vasudevgupta7/wav2vec2-960h/1")`.

# %% [markdown] tags=["exercises"]
# ## Exercises
#
# **1.** Which frames are hidden?


# %%
def hide(frames, starts, length):
    """Return (frames,) bool, True in spans of `length` that begin at `starts`; spans end with the recording."""
    return ...


exercise("24.1").check(hide)

# %%
# exercise("24.1").hint()  # take away the first #; then .solution()

# %% [markdown]
# **2.** Distractors come from other gaps of the same recording.


# %%
def pick_distractors(mask, chosen, frame):
    """Return the places of all fair distractors of a hidden frame; `mask` is (frames,) bool, `chosen` (frames, books)."""
    return ...


exercise("24.2").check(pick_distractors)

# %%
# exercise("24.2").hint()

# %% [markdown]
# **3.** How many codes are in use?


# %%
def codes_in_use(chosen, codes):
    """Return e to the entropy of how often each code was chosen; `chosen` is (frames,) of 0 to codes - 1."""
    return ...


exercise("24.3").check(codes_in_use)

# %%
# exercise("24.3").hint()

# %% [markdown] tags=["quiz"]
# ## Quiz

# %%
quiz("24")

# %% [markdown] tags=["recap"]
# ## Recap
#
# - Convolutions make a frame of every 20 ms; a transformer lets frames look at each other.
# - Pre-training hides spans and asks which of 41 codes was there. Distractors share the voice, so what is said must tell.
# - Targets are quantised; Gumbel noise makes the choice a draw that a gradient comes through; diversity keeps the codes from collapsing.
# - Nobody told the codes of letters, and yet they tell of them.
# - Then a head and CTC: few written sentences go further.
#
# | arXiv 2006.11477 | Line of code |
# |---|---|
# | section 2, feature encoder | `rows, field = (rows - kernel) // stride + 1, ...` |
# | equation 1: Gumbel softmax | `(np.log(shares) + noise).argmax(axis=1)` |
# | section 3.1: masking | `hidden[:, shift:] \|= begins[:, : count - shift]` |
# | equation 3: contrastive loss | `np.log(np.exp(logits).sum()) - logits[0]` |
# | equation 4: diversity | `-(mean * np.log(mean + 1e-9)).sum()` |
#
# Next: [the other way round](25_tacotron2.ipynb), from letters to sound.
