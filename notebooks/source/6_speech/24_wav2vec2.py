# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # wav2vec 2.0: what can be learned from speech that nobody has written down?
#
# [Lesson 23](23_deepspeech.ipynb) needed the text of every recording. Texts are dear: somebody must listen and type, and for most of the world's seven thousand
# languages nobody has. Speech itself is everywhere. Can a network first learn to hear, and then to spell, from very few texts?
#
# > **You will be able to** count what a frame of wav2vec 2.0 hears, write its first layers, its quantiser and its contrastive loss by hand and prove them equal
# > to the library's, find out what a network has learned without labels, measure what that is worth to sixty labelled sentences, and avoid the batch of zeros that ruins it.
# >
# > **Needs** [lesson 10](../2_transformers_and_scale/10_vision_transformer.ipynb) for attention, [lesson 23](23_deepspeech.ipynb) for CTC and word errors.
# > On two cores about 50 s, 2 GB of memory, no download.

# %% [markdown] tags=["set-up"]
# ## Set-up

# %%
from course_lib.lessons import exercise, quiz, start

start()

import json
import warnings

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from course_lib import load, viz
from course_lib.data_dir import data_dir
from course_lib.decoding import alignments
from course_lib.decoding.ctc import greedy
from course_lib.decoding.errors import letter_errors, word_errors
from course_lib.media.sound.audio import Audio
from course_lib.media.sound.corpus import recordings
from course_lib.media.sound.mfcc import Mfcc
from course_lib.tasks.listen import Listening
from course_lib.text.letters import DEEPSPEECH as letters
from course_lib.training.fit import Settings
from course_lib.training.speech.contrastive import Task, guessed
from course_lib.training.speech.ctc import CtcTrainer, Examples, logits_of
from course_lib.zoo import wav2vec2
from course_lib.zoo.wav2vec2 import pretraining
from numpy.lib.stride_tricks import sliding_window_view

# %% [markdown] tags=["see-it-work"]
# ## See it work
#
# A voice that no training heard, a sentence that no training saw. (All voices here are synthetic, at 8,000 samples a second.) The nano wav2vec 2.0, **fine-tuned** on sentences with text, writes it down:

# %%
strangers = recordings("speakers_test")  # 120 sentences of eight voices
one = strangers[0]
nano = load("wav2vec2_nano")
heard = nano.transcribe(one.audio)
print("said :", one.text)
print("heard:", heard.text)
one.audio

# %% [markdown]
# Before it saw any text, it was this network. It had heard three hours of speech and knows no letter:

# %%
ears = load("wav2vec2_nano_pretrained")
found = ears.hear(one.audio)
print("each frame by itself    ", found.features.shape)
print("each frame among others ", found.context.shape)
print("codes of eight of them: ", found.codes[20:28].tolist())

# %% [markdown]
# Fifty times a second it gives 96 numbers for that moment alone, 128 that take in what is around it, and two **codes** from 0 to 39, places in two learned lists, the **code books**. Nobody told it
# what they should mean. What has it learned?

# %% [markdown] tags=["idea"]
# ## The idea: a gap, and forty wrong answers
#
# A child hears for a year before it says a word. wav2vec 2.0 (Baevski and others, 2020) turns hearing into a game: hide pieces of a recording, and guess what was there.

# %%
masks = pretraining.span_masks(1, len(found.codes), np.random.default_rng(3))  # (1, frames)
edges = np.flatnonzero(np.diff(np.pad(masks[0].astype(int), 1))).reshape(-1, 2) * found.step
viz.waveform(
    one.audio, [("?", begin, end) for begin, end in edges], caption="What is shaded, the network does not get to hear.",
    alt=f"A waveform of which {len(edges)} stretches are shaded and marked with a question mark.",
)  # fmt: skip

# %% [markdown]
# But guess it how? Not sample by sample: nobody can know those. It is multiple choice. For each hidden frame $t$
# a transformer makes a vector $c_t$ from what it hears *around* the gap. It is then shown 41 candidates $q$: the true one, and forty **distractors**, other hidden frames of the same recording.
# The nearer a candidate's direction is to that of $c_t$, the more it is believed. So the cosines, divided by a **temperature** $\kappa$, are logits. The **contrastive loss** is then a classifier's: minus the logarithm of the truth's share.
#
# $$ \mathcal{L}_t = -\log \frac{e^{\cos(c_t,\,q_t)/\kappa}}{\sum_{q} e^{\cos(c_t,\,q)/\kappa}}, \qquad \kappa = 0.1 $$
#
# Distractors come from the same recording, so that the voice and the hiss of the line give nothing away: only *what is being said at that moment* does. And the candidates $q$ are not raw frames. A **quantiser**, learned along with
# everything else, puts one of a limited stock of sounds in the place of each.

# %% [markdown] tags=["build"]
# ## Build it by hand: the ear
#
# Lesson 23 computed Fourier transforms. Here seven convolutions (six in the nano) read samples, each with a stride. How many samples does one frame hear, and how far is it to the next?

# %% tags=["nbval-check-output"]
for model_id in ("wav2vec2_base", "wav2vec2_nano"):
    c, field, stride = wav2vec2.CONFIGS[model_id], 1, 1
    for kernel, step in zip(c.kernels, c.strides, strict=True):
        field, stride = field + (kernel - 1) * stride, stride * step
    hears, later = 1000 * field / c.rate, 1000 * stride / c.rate
    print(
        f"{model_id}: a frame hears {field} samples ({hears} ms), the next begins {stride} later ({later:.0f} ms)"
    )

# %%
config = wav2vec2.CONFIGS["wav2vec2_nano_pretrained"]


def weights(name):
    return ears.model.get_layer(name).get_weights()


def convolve(x, kernel, stride):
    """(moments, channels in) -> (frames, channels out)."""
    windows = sliding_window_view(x, len(kernel), axis=0)[::stride]  # (frames, channels in, kernel)
    return np.einsum("fik,kio->fo", windows, kernel, optimize=True)


def normalise(x, axis, scale, shift):
    return (x - x.mean(axis, keepdims=True)) / np.sqrt(x.var(axis, keepdims=True) + 1e-5) * scale + shift


# %%
sound = one.audio.samples
samples = (sound - sound.mean()) / np.sqrt(sound.var() + 1e-7)  # how loud it is says nothing
x = samples[:, None]
for number, stride in enumerate(config.strides, 1):
    x = convolve(x, weights(f"conv{number}")[0], stride)
    if number == 1:
        x = normalise(x, 0, *weights("conv1_norm"))  # each channel, over the whole recording
    x = np.asarray(keras.activations.gelu(x))
    print(f"after convolution {number}: {x.shape}")
features = normalise(x, 1, *weights("features"))  # each frame, over its channels
print(f"largest |difference| to the library {np.abs(features - found.features).max():.0e}")
assert np.allclose(features, found.features, atol=2e-3)

# %% [markdown]
# One line there is dangerous: the first layer is normalised *over the whole recording*. We will come back to it.
#
# ## Build it by hand: gaps
#
# At 6.5 % of all frames a hidden span of ten begins; spans may overlap. One learned vector stands in the place of all that is hidden. How much is that?
# A frame is spared if no span begins at it, nor at the nine before it.


# %%
dice = np.random.default_rng(0)
starts = dice.random((200, 1000)) < 0.065  # (recordings, frames)
hidden = np.zeros_like(starts)
for later in range(10):
    hidden[:, later:] |= starts[:, : 1000 - later]
print(f"hidden: {hidden.mean():.1%}; by arithmetic 1 - 0.935^10 = {1 - 0.935**10:.1%}")

# %% [markdown]
# Half of all that is said! Each span lasts a fifth of a second, about a syllable. Shorter ones would be too easy, as we will measure.
#
# ## Build it by hand: the quantiser
#
# For each frame the quantiser computes 40 logits a book. At inference it takes the largest. In training it *draws*, so that all codes get their chance. Add **Gumbel noise**, $-\log(-\log u)$ with $u$
# uniform in 0 to 1, to logits, and the largest sum is a fair draw from their softmax.


# %%
def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


three = np.array([2.0, 1.0, 0.0])
drawn = (three - np.log(-np.log(dice.random((100_000, 3))))).argmax(axis=1)
print("drawn:  ", (np.bincount(drawn) / len(drawn)).round(3), "\nsoftmax:", softmax(three).round(3))
assert np.allclose(np.bincount(drawn) / len(drawn), softmax(three), atol=0.01)

# %% [markdown]
# But a choice has no slope: move a logit a little, and nothing changes. So forwards the network uses the choice, 0 or 1, and backwards it pretends to have used a soft mixture, a softmax with a temperature. This is
# the **straight-through** trick: `soft + stop_gradient(hard - soft)`.

# %%
logits = tf.constant(dice.normal(size=(1, 6, 2, 40)), tf.float32)  # (recordings, frames, books, codes)
noise = pretraining.gumbel_noise(tf.constant(dice.random(logits.shape), tf.float32))
worth = tf.constant(dice.normal(size=logits.shape), tf.float32)  # what a loss might say of each code
with tf.GradientTape(persistent=True) as tape:
    tape.watch(logits)
    soft = tf.nn.softmax((logits + noise) / 2.0)  # temperature 2
    hard = tf.one_hot(tf.argmax(soft, axis=-1), 40)
    ours = soft + tf.stop_gradient(hard - soft)
    theirs = pretraining.gumbel_shares(logits, noise, 2.0)
    losses = [tf.reduce_sum(y * worth) for y in (hard, ours, theirs)]
slopes = [tape.gradient(loss, logits) for loss in losses]
print("choice alone:", slopes[0], "; straight-through: largest slope", f"{np.abs(slopes[1]).max():.2f}")
assert slopes[0] is None
assert np.allclose(ours, theirs)
assert np.allclose(slopes[1], slopes[2])

# %% [markdown]
# Each code stands for a learned vector. A frame's two, side by side, go through one matrix, and that is its candidate $q$. 40 x 40 pairs make 1,600 possible sounds (in the base model 320 x 320).

# %%
book, (kernel, bias) = weights("codebook")[0], weights("targets")  # book: (2 x 40, 32)
vectors = np.concatenate([book[found.codes[:, 0]], book[40 + found.codes[:, 1]]], axis=1)
targets = vectors @ kernel + bias
given = {"samples": np.float32(samples[None]), "mask": masks}
answer = {name: np.asarray(x) for name, x in ears.model(given, training=False).items()}
print(f"targets {targets.shape}; largest |difference| {np.abs(targets - answer['targets'][0]).max():.0e}")
assert np.allclose(targets, answer["targets"][0], atol=1e-3)

# %% [markdown] tags=["proof"]
# ## Proof: the same loss
#
# Now the game itself, candidate by candidate, for the gaps drawn above. One rule is left: a distractor that has the very codes of the truth is no distractor.

# %%
others = pretraining.distractors(masks, 40, np.random.default_rng(5))  # (1, frames, 40) places
guesses, chosen = answer["guesses"][0], found.codes


def unit(x):
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


rows = []
for t in np.flatnonzero(masks[0]):
    candidates = np.append(t, others[0, t])  # the truth first
    same = (chosen[candidates] == chosen[t]).all(axis=1)
    same[0] = False
    rows.append(np.where(same, -1e9, unit(targets[candidates]) @ unit(guesses[t]) / 0.1))
rows = np.array(rows)  # (hidden frames, 41)
loss, right = (np.logaddexp.reduce(rows, axis=1) - rows[:, 0]).mean(), (rows.argmax(axis=1) == 0).mean()
library = pretraining.contrastive_logits(
    answer["guesses"], answer["targets"], chosen[None].astype("int32"), others
)
their_loss, their_right = map(float, pretraining.contrastive_loss(library, masks))
print(
    f"loss {loss:.4f} nats (library {their_loss:.4f}); right {right:.1%}; knowing nothing: {np.log(41):.2f} nats"
)
assert np.isclose(loss, their_loss, atol=2e-3)
assert np.isclose(right, their_right, atol=0.02)

# %% [markdown]
# There is a lazy way to win: give *every* frame the same codes. By that last rule no distractor is left, the loss is 0, and nothing is learned. So a second, small loss asks that all codes be used. It counts them by the **perplexity**
# of a book, $e$ to the entropy of the codes' mean shares: 1 if one code is always taken, 40 if all are taken equally. The two books' are added. (Exercise 3 is one book's.)
#
# The whole network, base and large, is held to Hugging Face's implementation in the course's tests, within 1e-4, quantiser and loss included.

# %% [markdown] tags=["inside"]
# ## Look inside: does it guess?
#
# That was one sentence. Now 25, in eight voices that no training heard. Guessing blindly is right once in 41 times, 2.4 %. Below, the same network with random weights; and for both a second game: as many frames hidden, but **one by one**.

# %%
heard = [ears.listener.prepare(recording.audio.samples) for recording in strangers[:25]]
keras.utils.set_random_seed(0)
blank_slate, guess = wav2vec2.build(config), {}
for name, model in (("pre-trained", ears.model), ("random", blank_slate)):
    for way, task in (("in a row", Task(share=0.065, span=10)), ("single", Task(share=0.49, span=1))):
        guess[name, way] = guessed(model, config, heard, 0, task)[0]
        print(f"{name:<12} hidden frames {way:<9} {guess[name, way]:.1%} right")
assert guess["pre-trained", "in a row"] > 0.25 > 0.1 > guess["random", "in a row"]
assert guess["pre-trained", "single"] > guess["pre-trained", "in a row"] + 0.15

# %% [markdown]
# It guesses a third of the frames hidden in a row, and two thirds of the single ones, which it never practised: a sound lasts longer than 20 ms, so the answer stands beside the gap. That game can be
# won by looking left and right. The course of our training (recorded: `python -m course_lib.training.speech.hearing`; nine minutes of one core):

# %%
course = json.loads((data_dir() / "experiments" / "hearing.json").read_text())
viz.curves(
    {"gaps guessed": (course["updates"], course["accuracy"]),
     "codes in use": (course["updates"], np.array(course["codes"]) / 80)},
    "updates", "share", percent=True, title="Three hours of speech, heard nearly seven times", size=(6.6, 2.8),
)  # fmt: skip

# %% [markdown]
# ### What do the codes mean?
#
# Sort all frames of the 120 sentences by their code in the second book, and average the spectra of each. Each code is a column, bright where the sound is strong.

# %%
known = [ears.hear(recording.audio) for recording in strangers]
spectra, counts = np.zeros((40, 129)), np.zeros(40)
cut = {code: [] for code in range(40)}  # pieces of sound, by code
for recording, ear in zip(strangers, known, strict=True):
    pieces = sliding_window_view(recording.audio.samples, 256)[::160][: len(ear.codes)] * np.hanning(256)
    codes = ear.codes[: len(pieces), 1]
    np.add.at(spectra, codes, np.abs(np.fft.rfft(pieces)) ** 2)
    np.add.at(counts, codes, 1)
    for code, piece in zip(codes, pieces, strict=True):
        cut[int(code)].append(piece)
power = 10 * np.log10(spectra / np.maximum(counts, 1)[:, None] + 1e-6)  # (codes, pitches), decibels

# %%
low, high = power[:, 6:32].max(axis=1), power[:, 64:].max(axis=1)  # 200 to 1,000 Hz; 2,000 Hz and above
order = np.argsort(high - low + 100 * (low < power.max() - 25))  # the quiet ones last
with viz.style():
    figure, axes = plt.subplots(figsize=(7.4, 2.9))
    top = power.max()
    axes.imshow(
        power[order].T,
        origin="lower",
        aspect="auto",
        cmap="magma",
        vmin=top - 45,
        vmax=top,
        extent=(0, 40, 0, 4),
    )
    axes.grid(False)
    axes.set_xticks(np.arange(40) + 0.5, order, fontsize=6)
    axes.set(
        xlabel="code (second book), from hum to hiss",
        ylabel="kHz",
        title="A table of sounds that nobody drew up; right, the quiet ones",
    )
viz.show(figure, alt="Forty mean spectra side by side: most have one to three bright bands at places of their own, as vowels have; some are bright up to 4 kHz; those at the right are nearly silent.")  # fmt: skip


# %%
def glued(code, count=50):
    """Return pieces of many voices that have one code, one after the other."""
    out = np.zeros(160 * count + 96, np.float32)
    for place, piece in enumerate(np.linspace(0, len(cut[code]) - 1, count).astype(int)):
        out[160 * place : 160 * place + 256] += cut[code][piece]
    return out / np.abs(out).max() / 2


hiss, loud = high.argmax(), power.max(axis=1).argmax()
print(
    f"the hissing code {hiss}: {counts[hiss]:.0f} frames; then the loudest, {loud}: {counts[loud]:.0f} frames"
)
Audio(np.concatenate([glued(hiss), np.zeros(2000, np.float32), glued(loud)]), 8000)

# %% [markdown]
# Bright bands are **formants**, the resonances of a mouth: which of them sound together tells vowels apart. Many codes, not all, have a pattern of their own. You hear fifty moments of one code, from up to eight voices: first the code that is loudest above 2,000 Hz,
# then the loudest of all.
#
# ### Words, before any word was taught
#
# Is there more than single sounds? Cut all words but "the" out of these sentences. (The *fine-tuned* network says where each stands, by aligning the right text, as in lesson 23.) Each word is then one vector: the mean
# of its frames, as the network *without any text* hears them. For each word we look for the most similar one **in another voice**. How often is it the same word?


# %%
def words_of(recording):
    """Yield (word, first frame, end) by the alignment of the right text."""
    log_probs, tokens = nano.logits(recording.audio), letters.tokenize(recording.text)
    share = alignments.shares(log_probs, tokens, letters.blank)[:, 1::2]  # (frames, letters)
    when = np.arange(len(share)) @ share / share.sum(axis=0)
    place = 0
    for word in recording.text.split():
        first, end = int(when[place]), int(when[place + len(word) - 1]) + 1
        yield word, first, max(end, first + 2)
        place += len(word) + 1


cuts = [(i, *found) for i, recording in enumerate(strangers) for found in words_of(recording)]
cuts = [cut for cut in cuts if cut[1] != "the"]
said = np.array([word for _, word, *_ in cuts])
voice = np.array([strangers[i].speaker.partition("+")[2] for i, *_ in cuts])
print(f"{len(said)} words, {len(set(said))} different ones, {len(set(voice))} voices")


# %%
def word_vectors(frames):
    rows = np.stack([frames[i][first:end].mean(axis=0) for i, _, first, end in cuts])
    return unit((rows - rows.mean(axis=0)) / rows.std(axis=0))


def same_word(vectors):
    likeness = np.where(voice[:, None] == voice, -1, vectors @ vectors.T)
    return (said[likeness.argmax(axis=1)] == said).mean()


naive = Listening(ears.card, blank_slate, ears.provenance, ears.preprocess, listener=ears.listener)
contexts = {
    "cepstra of lesson 23": [Mfcc(8000).of(recording.audio.samples) for recording in strangers],
    "random weights": [naive.hear(recording.audio).context for recording in strangers],
    "pre-trained": [ear.context for ear in known],
}
vectors = {name: word_vectors(frames) for name, frames in contexts.items()}
nearest = {name: same_word(rows) for name, rows in vectors.items()}
print(f"by chance: {np.mean([(said[voice != v] == w).mean() for v, w in zip(voice, said, strict=True)]):.1%}")
assert nearest["pre-trained"] > nearest["cepstra of lesson 23"] + 0.25
viz.bars(nearest, "nearest in another voice is the same word", form="{:.0%}")

# %%
shown = ("brown", "fish", "mouse", "number", "yellow", "black")
with viz.style():
    figure, panels = plt.subplots(1, 2, figsize=(7.4, 3.3))
    for axes, name in zip(panels, ("cepstra of lesson 23", "pre-trained"), strict=True):
        rows = vectors[name][np.isin(said, shown)]
        flat = (rows - rows.mean(axis=0)) @ np.linalg.svd(rows - rows.mean(axis=0))[2][:2].T
        for word in shown:
            dots = flat[said[np.isin(said, shown)] == word]
            axes.scatter(*dots.T, s=14)
            axes.text(*np.median(dots, axis=0), word, weight="bold", ha="center")
        axes.set(title=name, xticks=[], yticks=[])
viz.show(figure, alt="Six words said by eight voices, as dots. Left, by cepstra, the words lie over each other; right, by the pre-trained network, most words are islands.")  # fmt: skip

# %% [markdown]
# Each dot is one spoken word, its vector flattened to the two directions in which these words differ most. Nobody ever told this network that there are words, or that a man and a woman can say the same one.
# (It helps that its three hours were made of the same fifty-two words.)

# %% [markdown] tags=["change"]
# ## Change it: letters from sixty sentences
#
# Sixty sentences with their text, two minutes. First the least that one can learn: **one matrix** from frames to letters, 3,741 numbers, trained by CTC; the network below it stays as it is. Three draws of the matrix, live:

# %%
labelled, rates = recordings("speakers_few"), {}
labels = [letters.tokenize(recording.text) for recording in labelled]
texts = [recording.text for recording in strangers]
head = keras.Sequential([keras.Input((None, 128)), keras.layers.Dense(29)])
settings = Settings(steps=100, batch_size=20, learning_rate=3e-2, warmup=10, weight_decay=0.0)
trainer = CtcTrainer(head, settings, letters.blank, frames=lambda length: length)
for name, network in (("random weights", naive), ("pre-trained", ears)):
    frames = [network.hear(recording.audio).context for recording in labelled]
    for seed in range(3):
        head.set_weights([np.random.default_rng(seed).normal(0, 0.1, (128, 29)), np.zeros(29)])
        trainer.fit(Examples(frames, labels), seed=seed)
        rows = logits_of(head, contexts[name], frames=lambda length: length)
        written = [letters.detokenize(greedy(row, letters.blank).letters) for row in rows]
        rates.setdefault(name, []).append(100 * letter_errors(texts, written).rate)
    print(f"{name:<15} {written[0]}   (said: {texts[0]})")
assert max(rates["pre-trained"]) < min(rates["random weights"]) - 15
viz.bars(rates, "letter error rate, %", form="{:.0f}", title="One matrix on top, sixty sentences")

# %% [markdown]
# On random weights four letters in five are wrong, on the pre-trained network one in two. That cannot be read yet, but "the" is whole, and "book" is "blk": some sounds were there, and only needed names.
#
# ### All of it, and the fair question
#
# Now the whole transformer learns along (the convolutions stay, as in the paper). **Bet first:** the rival begins with random numbers and trains everything. It gets as many updates as the pre-trained one, 600; or, to be fair, **as much time in all**:
# pre-training took nine minutes of one core, and 4,300 updates take about as long as that and the fine-tuning together. We made three draws of each way. The rival's learning rate is, of 0.001, 0.002 and 0.004, the one with the lowest training loss after 300 updates. (Recorded by
# `python -m course_lib.training.speech.few_labels`.)

# %%
record = json.loads((data_dir() / "experiments" / "few_labels.json").read_text())
for way, runs in record.items():
    small, loss = np.mean([run["letters"] for run in runs]), np.mean([run["loss"] for run in runs])
    print(f"{way:<33} {len(runs)} draws: letter error rate {small:.0%}, training loss {loss:.2f} nats")
long = record["from scratch, as much time in all"][0]["course"]
print("as much time, word errors on the way:", *(f"{words:.0%} after {n:,};" for n, words, _ in long[::2]))

# %%
knows, *others = ([run["words"] for run in runs] for runs in record.values())
assert max(knows) < min(min(rates) for rates in others)
table = {way: [100 * run["words"] for run in runs] for way, runs in record.items()}
viz.bars(
    table, "word error rate on eight unheard voices, %", form="{:.0f}", title="Sixty sentences with text",
    caption="Mean of three draws, and lines from the lowest to the highest.",
)  # fmt: skip

# %% [markdown]
# Six words in ten are wrong with pre-training, nearly nine in ten without. Look at the training loss: the rival knows its sixty sentences *better*, and strangers worse.
#
# **As much time in all did not help, in any draw.** The training loss ends at a hundredth of a nat a letter, the sentences known by heart. At none of eight looks on the way did it hear strangers better than the short training.
# (Its 98 % after 600 updates were measured near the peak of its learning rate.) Another rate or more noise may do better.
#
# With fifteen hundred labelled sentences (fifty minutes), the same start gives the network from the beginning of this lesson, which gets some 15 % of words wrong. The paper's famous figure: pre-trained on 53,000 hours, *ten minutes* of
# labelled speech gave 4.8 % on LibriSpeech's clean test set (quoted from its abstract; with a language model).

# %% [markdown] tags=["traps"]
# ## Traps and limits
#
# **The mistake everyone makes: a batch filled up with zeros.** Recordings differ in length, so short ones get silence behind them. But the first normalisation runs *over the whole recording*: zeros change its mean and
# variance, and with them every frame of the speech. So does a click:

# %%
click = np.float32(dice.normal(size=400))  # 50 ms, loud
spoiled = {
    "as it is": lambda x: x,
    "a hundred times quieter": lambda x: x / 100,
    "3 s of zeros behind it": lambda x: np.pad(x, (0, 24_000)),
    "10 s of zeros behind it": lambda x: np.pad(x, (0, 80_000)),
    "a loud click of 50 ms": lambda x: np.concatenate([x, click]),
}
some, wrong = strangers[:20], {}
for name, change in spoiled.items():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        written = nano.transcribe([(change(recording.audio.samples), 8000) for recording in some])
    wrong[name] = word_errors([recording.text for recording in some], [str(text) for text in written]).rate
    print(f"{name:<26} word error rate {wrong[name]:4.0%}")
assert wrong["10 s of zeros behind it"] > wrong["as it is"] + 0.2
assert abs(wrong["a hundred times quieter"] - wrong["as it is"]) < 0.03

# %% [markdown]
# Loudness does not matter; ten seconds of silence quadruple the errors, and no warning comes; one click leaves hardly a word. The base model has this norm, too: Hugging Face's page says to fill its batches with zeros and give no attention mask (which tells
# sound from filling), as in its training. The large model of 60,000 hours norms each frame by itself (`conv_norm="layer"`) and is given the mask. Compare a batch with its recordings one by one. (`transcribe` hears each recording by itself.)
#
# **The wrong rate** is as deadly as in lesson 23: wav2vec 2.0 was trained at 16,000 samples a second, and an array does not say its own.
#
# **Limits.** Fifty-two words in synthetic voices are not English. The official models have heard people read books; expect less on a telephone. And what is learned from recordings is still the speakers': mind whose they are.

# %% [markdown]
# `course fetch wav2vec2_base` brings Facebook's weights (94 million parameters, 378 MB; Apache-2.0), pre-trained and fine-tuned on LibriSpeech's 960 hours. Its page states word error rates of 3.4 % (clean) and 8.6 % (other, the harder). `course fetch wav2vec2_base_pretrained` brings the one without letters.

# %% [markdown] tags=["exercises"]
# ## Exercises
#
# **1.** How many samples does one frame hear? Write it for any stack of convolutions.


# %%
def receptive_field(kernels, strides):
    """Return how many samples one frame of the last convolution depends on."""
    return ...


exercise("24.1").check(receptive_field)

# %%
# exercise("24.1").hint()  # take away the first #; then .solution()

# %% [markdown]
# **2.** The contrastive loss of one hidden frame.


# %%
def contrastive(guess, truth, others, temperature):
    """Return the loss in nats; `guess` and `truth` are (width,), `others` is (count, width)."""
    return ...


exercise("24.2").check(contrastive)

# %%
# exercise("24.2").hint()

# %% [markdown]
# **3.** How many codes are in use? The perplexity of one book.


# %%
def perplexity_of(codes, count):
    """Return e to the entropy of how often each of `count` codes stands in `codes`, a list of integers."""
    return ...


exercise("24.3").check(perplexity_of)

# %%
# exercise("24.3").hint()

# %% [markdown] tags=["quiz"]
# ## Quiz

# %%
quiz("24")

# %% [markdown] tags=["recap"]
# ## Recap
#
# - Strided convolutions turn raw samples into a frame each 20 ms; a transformer lets the frames look at each other.
# - Half of all frames are hidden, in spans; the network tells the truth from forty other moments.
# - The candidates are rounded to codes by a quantiser: drawn with Gumbel noise, trained straight through.
# - What comes of it, without a letter: a table of sounds, and the same word in other voices close by. Sixty sentences with text then leave six words in ten wrong, not nine.
# - A norm over the whole recording makes padding dangerous.
#
# | wav2vec 2.0 paper | Line of code |
# |---|---|
# | Section 2, feature encoder | `convolve(x, weights(f"conv{number}")[0], stride)` |
# | Section 3.1, masking | `hidden[:, later:] \|= starts[:, : 1000 - later]` |
# | Equation 1, Gumbel softmax | `soft + tf.stop_gradient(hard - soft)` |
# | Section 2, quantization module | `np.concatenate([book[...], book[40 + ...]], axis=1)` |
# | Equation 3, contrastive loss | `np.logaddexp.reduce(rows, axis=1) - rows[:, 0]` |
# | Equation 4, diversity | exercise 3 |
#
# **To read:** [wav2vec 2.0](https://arxiv.org/abs/2006.11477), sections 2 and 3 and appendix D, where codes meet phonemes; [Categorical Reparameterization
# with Gumbel-Softmax](https://arxiv.org/abs/1611.01144).
#
# **Next:** [lesson 25](25_tacotron2.ipynb), the other way round: a network that reads aloud.
