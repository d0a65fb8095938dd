# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # DeepSpeech: who tells a network when each letter is said?
#
# A recording of two seconds is sixteen thousand numbers here, and its text is thirty letters. People can write down *what* was said for thousands
# of hours; nobody writes down *when* each letter was said. How can a network learn letters from labels that say nothing about time?
#
# > **You will be able to** turn sound into what a recogniser reads, write DeepSpeech's network and the loss that trains it (CTC) by hand
# > and prove both equal to the library's, search for the likeliest text with a language model, measure the word error rate, and teach
# > a recogniser a new accent from forty sentences.
# >
# > **Needs** [lesson 04](../1_convnets/04_resnet.ipynb); [lesson 19](../5_language/19_gpt.ipynb) helps. On two cores about 45 s, 2 GB of
# > memory, no download.

# %% [markdown] tags=["set-up"]
# ## Set-up

# %%
from course_lib.lessons import exercise, quiz, start

start()

import json
from itertools import groupby, product

import keras
import numpy as np
import tensorflow as tf
from course_lib import card, load, viz
from course_lib.data_dir import data_dir
from course_lib.decoding import alignments
from course_lib.decoding.ctc import Weights, greedy, prefix_beam_search
from course_lib.decoding.errors import word_errors
from course_lib.decoding.ngram import learn
from course_lib.media.sound.corpus import recordings
from course_lib.media.sound.mfcc import Mfcc, to_mel
from course_lib.media.sound.sentences import sentences
from course_lib.text.letters import DEEPSPEECH as letters
from course_lib.training.fit import Settings
from course_lib.training.speech.ctc import CtcTrainer, examples, logits_of, masked
from course_lib.zoo import deepspeech

# %% [markdown] tags=["see-it-work"]
# ## See it work
#
# A voice that no training heard says a sentence that no training saw. All voices of this lesson are synthetic, at 8,000 samples a second like an old
# telephone; their sentences are made of fifty-two words.

# %%
strangers = recordings("speakers_test")
one = strangers[2]
one.audio

# %%
nano = load("deepspeech_nano")
heard = nano.transcribe(one.audio)
print("said :", one.text)
print("heard:", heard.text)
viz.waveform(one.audio, heard.words, caption="What the nano DeepSpeech heard, and about when.")

# %% [markdown] tags=["idea"]
# ## The idea: one more symbol, that says nothing
#
# Fifty times a second, DeepSpeech gives each of 29 symbols a probability: 26 letters, space, apostrophe, and the **blank**, which writes nothing.
# This is what it said of the sentence above:

# %%
log_probs = nano.logits(one.audio)
print("frames, symbols:", log_probs.shape, f"; a frame is {1000 * nano.step:.0f} ms")
viz.spikes(log_probs, letters.symbols, letters.blank, nano.step, heard.words, title="Letters are spikes")

# %% [markdown]
# Each letter is a spike of one to three frames; where a sound lasts longer, the network waits and says *blank* (grey). Reading a text off that takes three steps: take each frame's likeliest
# symbol, **merge** neighbours that are the same, **drop** the blanks.


# %%
def collapse(path, blank):
    """Return what a path of symbols writes."""
    merged = [symbol for symbol, _ in groupby(path)]
    return [symbol for symbol in merged if symbol != blank]


path = log_probs.argmax(axis=1).tolist()
print("".join("·" if symbol == letters.blank else letters.symbols[symbol] for symbol in path))
print(letters.detokenize(collapse(path, letters.blank)))
assert tuple(collapse(path, letters.blank)) == greedy(log_probs, letters.blank).letters

# %% [markdown]
# The blank has a second task. A letter may be held for several frames, so `ss` would always become one s. In *green* the two e must therefore be parted by a
# blank. That is the whole code: **many paths write the same text, and it does not matter which of them the network takes.**
#
# So the loss need not know when a letter was said. It asks for the *sum* of the probabilities of all paths that write the right text:
#
# $$ p(\text{text} \mid \text{sound}) = \sum_{\text{paths that collapse to it}} \;\prod_t p_t(\text{symbol of the path at } t) $$
#
# This is **connectionist temporal classification**, CTC (Graves and others, 2006). DeepSpeech (Hannun and others, 2014) put it on a plain, large
# network, and did without what speech recognition had been built on: **phonemes**, the sounds that tell words apart, and a dictionary that spells words in them.

# %% [markdown] tags=["build"]
# ## Build it by hand: the ear
#
# A network could read samples (lesson 24's does); DeepSpeech 0.9 is given a description of each 32 ms. **Step 1**: cut the sound into frames that overlap, let each
# begin and end softly (a Hann window), and ask the Fourier transform how much of each pitch it holds.

# %%
rate, length, hop = 8000, 256, 160  # 32 ms, and a new frame each 20 ms
samples = one.audio.samples
frames = np.stack([samples[i : i + length] for i in range(0, len(samples) - length + 1, hop)])
hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)
spectra = np.abs(np.fft.rfft(frames * hann))
print(f"{len(samples):,} samples -> {frames.shape} frames -> {spectra.shape} magnitudes")
viz.spectrogram(
    one.audio,
    caption="Narrow stripes are multiples of the voice's pitch; which of them are dark tells vowels apart.",
)

# %% [markdown]
# **Step 2**: from 200 to 300 Hz is a large step for the ear, from 3,200 to 3,300 a small one. So forty triangular filters add up neighbouring pitches, narrow below and wide
# above: evenly spaced on the **mel** scale.

# %%
hertz = np.arange(129) * rate / length
edges, place = np.linspace(to_mel(20), to_mel(rate / 2), 42), to_mel(hertz)[:, None]
triangles = np.clip(np.minimum(place - edges[:-2], edges[2:] - place) / (edges[1] - edges[0]), 0, None)
triangles[:2] = 0  # TensorFlow leaves out frequencies this low
shown = {f"filter {i}": (hertz / 1000, triangles[:, i]) for i in (6, 16, 26, 36)}
said = "Four triangles, each wider than those below: the first spans about 110 Hz, the last about 370."
viz.curves(shown, "kHz", "weight", title="Four of forty mel filters", size=(6.6, 2.4), alt=said)

# %% [markdown]
# **Step 3**: a logarithm, since loudness is heard in ratios, and forty numbers, neighbours much alike, become 26: the **cepstrum**. It says how much of each of 26 cosine waves makes up the
# spectrum's shape. The first is loudness, the next the tilt from low to high, the later ones ever finer waves. These are MFCC, mel-frequency cepstral coefficients.

# %%
waves = np.sqrt(2 / 40) * np.cos(np.pi / 40 * (np.arange(40)[:, None] + 0.5) * np.arange(26))
mfcc = np.log(np.maximum(spectra @ triangles, 1e-12)) @ waves
library = Mfcc(rate).of(samples)
theirs = tf.raw_ops.Mfcc(
    spectrogram=tf.raw_ops.AudioSpectrogram(
        input=samples[:, None], window_size=length, stride=hop, magnitude_squared=True
    ),
    sample_rate=rate, upper_frequency_limit=rate / 2, dct_coefficient_count=26,
)[0]  # fmt: skip
print(f"coefficients {mfcc.shape}; largest |difference|", end=" ")
print(f"to the library {np.abs(mfcc - library).max():.1e}, to TensorFlow {np.abs(mfcc - theirs).max():.1e}")
assert max(np.abs(mfcc - library).max(), np.abs(mfcc - theirs).max()) < 1e-4

# %% [markdown]
# ## Build it by hand: the network
#
# Each frame is joined with nine before and nine behind it: 19 x 26 = 494 numbers. Three dense layers follow, whose outputs are **clipped** to between 0 and 20; one LSTM (long short-term memory)
# that runs forward in time, since Mozilla's 0.9 must write while one still speaks (the paper had a plainer recurrent layer, and ran it both ways); a dense layer; and 29 logits.
#
# An LSTM remembers in a **cell**. At each step three gates, numbers from 0 to 1, say how much new content enters it, how much of the old is kept, and how much of it is shown:


# %%
def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def lstm(rows, kernel, recurrent, bias):
    """(frames, inputs) -> (frames, cells): what is shown at each frame."""
    shown = cell = np.zeros(len(recurrent))
    outputs = []
    for row in rows:
        enter, keep, new, show = np.split(row @ kernel + shown @ recurrent + bias, 4)
        cell = sigmoid(keep) * cell + sigmoid(enter) * np.tanh(new)
        shown = sigmoid(show) * np.tanh(cell)
        outputs.append(shown)
    return np.array(outputs)


# %%
def dense(x, name):
    kernel, bias = nano.model.get_layer(name).get_weights()
    return x @ kernel + bias


x = (mfcc - mfcc.mean(axis=0)) / (mfcc.std(axis=0) + 1e-2)  # only the nano does this: it learns sooner
padded = np.pad(x, ((9, 9), (0, 0)))
x = np.hstack([padded[i : i + len(mfcc)] for i in range(19)])  # (frames, 494)
for name in ("dense1", "dense2", "dense3"):
    x = np.clip(dense(x, name), 0, 20)
x = lstm(x, *nano.model.get_layer("lstm").get_weights())
logits = dense(np.clip(dense(x, "dense5"), 0, 20), "head")
ours = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
difference = np.abs(ours - log_probs).max()
print(f"a whole recogniser in NumPy: {ours.shape}, largest |difference| {difference:.1e}")
assert difference < 1e-3

# %% [markdown]
# Where do the parameters sit? In Mozilla's network all layers are 2,048 wide:

# %% tags=["nbval-check-output"]
for model_id, c in deepspeech.CONFIGS.items():
    first, square, last = 495 * c.width, (c.width + 1) * c.width, (c.width + 1) * c.symbols
    gates, fifth = 4 * (c.width + c.cell + 1) * c.cell, (c.cell + 1) * c.width
    total = first + 2 * square + gates + fifth + last
    print(f"{model_id:<16}{total:12,} parameters, {gates / total:.0%} of them in the LSTM's gates")
    assert total == card(model_id).params

# %% [markdown]
# ## Build it by hand: the loss
#
# How many paths write *see* in ten frames? Small enough to list them all, over the symbols s, e and blank:

# %%
S, E, BLANK = 0, 1, 2
word = [S, E, E]
paths = [p for p in product(range(3), repeat=10) if collapse(p, BLANK) == word]
print(f"{len(paths):,} of {3**10:,} paths; three of them:")
for p in paths[:: len(paths) // 3][:3]:
    print("  ", "".join("se·"[symbol] for symbol in p))

# %% [markdown]
# For a sentence nobody lists them. But they run through few places: put a blank around each letter, `·s·e·e·`. At each frame a path **stays**, goes **one**
# place on, or skips a blank and goes **two** on, which is not allowed between equal letters. So keep one number a place: the sum of all paths that have come there. That is the
# **forward algorithm**. Probabilities of long paths would be 0 in any float, so all is done in logarithms.


# %%
def ctc_log_prob(log_probs, text, blank):
    """Return the logarithm of the sum of all paths' probabilities."""
    places = [blank] + [symbol for letter in text for symbol in (letter, blank)]
    skip = [i > 2 and places[i] not in (blank, places[i - 2]) for i in range(len(places))]
    paths = np.full(len(places), -np.inf)
    paths[:2] = log_probs[0, places[:2]]  # begin with a blank, or with the first letter
    for row in log_probs[1:]:
        one = np.append(-np.inf, paths[:-1])
        two = np.where(skip, np.append([-np.inf, -np.inf], paths[:-2]), -np.inf)
        paths = np.logaddexp(np.logaddexp(paths, one), two) + row[places]
    return np.logaddexp(paths[-1], paths[-2])  # end with the last letter, or the blank behind it


dice = np.random.default_rng(0)
toy = np.log(dice.dirichlet(np.ones(3), 10))
listed = sum(np.exp(toy[range(10), p].sum()) for p in paths)
found = np.exp(ctc_log_prob(toy, word, BLANK))
print(f"p(see): all paths listed {listed:.10f}, forward algorithm {found:.10f}")
assert np.isclose(listed, found)
sentence = letters.tokenize(one.text)
count = np.exp(ctc_log_prob(np.zeros((84, 29)), sentence, letters.blank))  # each path counts as 1
print(f"paths of 84 frames that write the sentence above: {count:.0e}")

# %% [markdown] tags=["proof"]
# ## Proof: the same loss as Keras's
#
# Random probabilities of 29 symbols, random texts of random length:

# %%
worst = 0
for _ in range(6):
    count = int(dice.integers(10, 60))
    rows = np.log(dice.dirichlet(np.full(29, 0.3), count) + 1e-9)
    rows -= np.logaddexp.reduce(rows, axis=1, keepdims=True)
    text = dice.integers(0, 28, dice.integers(1, count // 2))
    lengths = [np.array([len(a)], "int32") for a in (text, rows)]
    keras_loss = keras.ops.ctc_loss(
        text[None].astype("int32"), np.float32(rows[None]), *lengths, mask_index=28
    )
    worst = max(worst, abs(float(keras_loss[0]) / -ctc_log_prob(rows, text, 28) - 1))
print(f"largest relative difference in 6 cases: {worst:.1e}")
assert worst < 1e-4

# %% [markdown]
# The whole of Mozilla's network is held to its own code in the course's tests: its checkpoint's names and order of gates, and the exported `.tflite`
# file, whose state goes from one piece of sound to the next.

# %% [markdown] tags=["inside"]
# ## Look inside: why spikes?
#
# The same algorithm run backwards tells which share of all paths is at which letter at each moment. Nobody labelled these times. The sentence begins in the figure's lower left corner:

# %%
shares = alignments.shares(log_probs, sentence, letters.blank)
viz.alignment(
    shares[:, 1::2], list(one.text), nano.step, title="Where the paths of the right text are",
    alt="One rising line from the first letter to the last: each letter has one to three frames of its own.",
)  # fmt: skip

# %% [markdown]
# The gradient has a plain form: at each frame and for each symbol, *what the network says, less the share of the paths*. See what that asks for at the very beginning of training, when all symbols are alike:

# %%
even = np.full((len(log_probs), 29), -np.log(29))
share = alignments.shares(even, sentence, letters.blank)
by_letter = share[:, 1::2] @ np.eye(29)[sentence]  # (84, 29): the places of one letter together
wanted_blank, wanted_letter = share[:, 0::2].sum(axis=1), by_letter.max(axis=1)
print(
    f"share of the blank, mean over frames: {wanted_blank.mean():.2f}; of the likeliest letter: {wanted_letter.mean():.2f}"
)
seconds = np.arange(len(even)) * nano.step
series = {"the blank": (seconds, wanted_blank), "the likeliest letter": (seconds, wanted_letter)}
viz.curves(
    series,
    "seconds",
    "share of the paths",
    title="What CTC asks of a network that knows nothing",
    ylim=(0, 1),
    alt="The blank's share lies above the likeliest letter's at most moments, and below it at both ends.",
)

# %% [markdown]
# (The humps are the double l of *yellow*: two places of one letter, and a blank that must lie between.) Between any two letters there may be blanks, and a letter could be nearly anywhere; so, at most moments, the blank is asked for more than any letter. A network learns it first (its
# texts are empty for a while), then a letter where it is surest; and with each spike its neighbours are told to be blank. One frame is enough for a letter, so nothing makes spikes
# wider, and their places are not to be trusted to the frame.
#
# ## From probabilities to words
#
# How good is it? The **word error rate**, WER, counts the fewest words to substitute, delete or insert that make the heard text out of the true one, and divides by the true words:


# %%
def word_error_rate(said, heard):
    """Return the edits that make `heard` out of `said`, for each word said."""
    said, heard = said.split(), heard.split()
    row = list(range(len(heard) + 1))  # from nothing to each beginning of what was heard: insertions
    for i, a in enumerate(said, 1):
        above, row = row, [i]
        for j, b in enumerate(heard, 1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (a != b)))
    return row[-1] / len(said)


for wrong in ("put the red cap on table", "but the red cup on the the table"):
    rate_of = word_error_rate("put the red cup on the table", wrong)
    assert rate_of == word_errors(["put the red cup on the table"], [wrong]).rate
    print(f"{rate_of:.0%}  {wrong}")

# %%
accent = recordings("accent_test")
rows = logits_of(nano.model, examples(accent, nano.listener, letters).inputs)
said = [recording.text for recording in accent]
plain = [letters.detokenize(greedy(row, letters.blank).letters) for row in rows]
known = [str(text) for text in nano.transcribe([recording.audio for recording in strangers])]
rate_known = word_errors([recording.text for recording in strangers], known).rate
print(
    f"new speakers, accents as in training: {rate_known:.1%}; a new accent: {word_errors(said, plain).rate:.1%}"
)
for a, b in [pair for pair in zip(said, plain, strict=True) if pair[0] != pair[1]][:5]:
    print(f"   said {a!r}, heard {b!r}")

# %% [markdown]
# Many mishearings are no words at all. A **language model** knows which words there are, and which follow which: here by counting words, pairs and triples in 3,000 sentences, none of which is tested; where a triple was never
# seen, pairs fill in. `prefix_beam_search` follows the likeliest texts (each by *all* its paths), drops those that begin no known word, and asks the model about each word that ends:
#
# $$ \log p(\text{text} \mid \text{sound}) + \alpha \log p_\text{language}(\text{text}) + \beta \cdot \text{words} $$

# %%
language = learn(sentences(3000, seed=0))
for before, word in (("on the", "table"), ("on the", "likes"), ("on the", "tabel")):
    print(f"p({word} | {before}) = {np.exp(language.log_prob(word, before.split())):.1e}")


def searched(model, weights):
    found = (prefix_beam_search(row, letters.blank, 16, model, weights, letters.symbols)[0] for row in rows)
    return [letters.detokenize(best.letters) for best in found]


ways = {
    "greedy": plain,
    "16 beams": searched(None, None),
    "16 beams, known words": searched(language, Weights(0, 0)),
    "the same, alpha 0.93, beta 1.18": searched(language, Weights()),  # DeepSpeech 0.9's own
    "the same, alpha 8": searched(language, Weights(8, 1.18)),
}
errors = {name: word_errors(said, texts) for name, texts in ways.items()}
print("words left out:", ", ".join(f"{name}: {found.deleted}" for name, found in errors.items()))
rates = {name: 100 * found.rate for name, found in errors.items()}
viz.bars(rates, "word error rate, %", form="{:.1f}", title="An accent that no training heard")

# %% [markdown]
# Beams alone change little: where a network is sure of itself, the likeliest path is the likeliest text. To know the words does most; to know their order adds some. But let the
# model say too much, and three words in ten are left out: each one costs.

# %% [markdown] tags=["change"]
# ## Change it: a new accent from forty sentences
#
# Forty recordings of the new accent, 80 seconds, are at hand. **Bet first:** 32 updates with them; how far do they bring the recogniser, and how far one that begins with random numbers? And what becomes of the accents
# that it knew? The loss is counted in **nats** a letter: minus the natural logarithm of the text's probability, by its letters.

# %%
few = examples(recordings("accent_few"), nano.listener, letters)
tests = {"the new accent": accent, "accents it knew": strangers[:40]}
everybody = examples([*accent, *strangers[:40]], nano.listener, letters).inputs


def error_rates(model):
    """Return the word error rate on each test set, in percent."""
    rows = logits_of(model, everybody)
    texts = [letters.detokenize(greedy(row, letters.blank).letters) for row in rows]
    parts = {"the new accent": texts[:40], "accents it knew": texts[40:]}
    return {name: 100 * word_errors([r.text for r in tests[name]], parts[name]).rate for name in tests}


# %%
model = deepspeech.build(deepspeech.CONFIGS["deepspeech_nano"])
settings = Settings(steps=32, batch_size=8, learning_rate=2e-3, warmup=10)
trainer = CtcTrainer(model, settings, letters.blank, augment=masked(8))  # hides up to 8 frames, twice
pretrained, results, losses = nano.model.get_weights(), {"before": [error_rates(nano.model)]}, {}
for seed in (0, 1, 2):
    keras.utils.set_random_seed(seed)
    random = deepspeech.build(deepspeech.CONFIGS["deepspeech_nano"]).get_weights()
    for name, weights in (("fine-tuned", pretrained), ("from scratch", random)):
        model.set_weights(weights)
        losses.setdefault(name, []).append(trainer.fit(few, seed=seed).loss)
        results.setdefault(name, []).append(error_rates(model))

# %%
new = {way: np.mean([run["the new accent"] for run in runs]) for way, runs in results.items()}
old = {way: np.mean([run["accents it knew"] for run in runs]) for way, runs in results.items()}
print(
    f"new accent: {new['before']:.1f} -> {new['fine-tuned']:.1f} %; from scratch {new['from scratch']:.0f} %"
)
print(f"accents it knew: {old['before']:.1f} -> {old['fine-tuned']:.1f} %")
first, last = (np.mean([run[i] for run in losses["from scratch"]]) for i in (0, -1))
print(f"loss from scratch: {first:.2f} -> {last:.2f} nats a letter")
assert new["fine-tuned"] < new["before"] < new["from scratch"]
table = {f"{test}: {way}": [run[test] for run in runs] for test in tests for way, runs in results.items()}
viz.bars(table, "word error rate, %", form="{:.1f}", title="32 updates on forty sentences of a new accent")

# %% [markdown] tags=["traps"]
# ## Traps and limits
#
# **The mistake everyone makes: the wrong rate.** A network knows how long a frame is; an array of samples does not say how fast they were taken. `transcribe` resamples what it is told about. Tell it too much, and the voice is a mouse's:

# %%
sound = one.audio.samples
for told in (8000, 11_025, 16_000):
    texts = nano.transcribe([(recording.audio.samples, told) for recording in strangers[:20]])
    wrong = word_errors([recording.text for recording in strangers[:20]], [str(text) for text in texts]).rate
    print(f"told {told:6,} Hz: word error rate {wrong:4.0%}; the first: {texts[0].text!r}")

# %% [markdown]
# No error, no warning: only nonsense. Told too little, 4,000 Hz, it warns, since no recogniser here was trained on so few.
#
# **Judging by the loss.** From scratch it fell by more than half above, and not a single word was right: first a network learns which letters are frequent. Losses of networks with other symbols, or with texts of
# other lengths, can't be compared at all. Count words.
#
# **A recogniser knows the voices and the words it was trained on.** A man reads the beginning of *A Tale of Two Cities* (a clip that comes with Moonshine, `course fetch moonshine`; recorded by
# `python -m course_lib.training.speech.real_speech`):

# %%
for name, [run] in json.loads((data_dir() / "experiments" / "real_speech.json").read_text()).items():
    print(f"recorded: {name:<16} word error rate {run['word error rate']:4.0%}: {run['heard']} ...")

# %% [markdown]
# Fifty-two words in synthetic voices are not English; Moonshine has 27 million parameters, and has heard people. Mozilla's release of DeepSpeech 0.9.3 states 7.06 % on the clean test set of LibriSpeech (books read aloud), with its language
# model, and says itself that it does best with clear recordings and leans towards US male accents. Measure on the people who will speak.
#
# `course fetch deepspeech` brings the released network, for 16,000 samples a second; code and weights are under the MPL 2.0. Mozilla archived the project in 2025.

# %% [markdown] tags=["exercises"]
# ## Exercises
#
# **1.** A recording must be long enough for its text. How many frames are needed at least?


# %%
def frames_needed(text):
    """Return the fewest frames in which CTC can write a text."""
    return ...


exercise("23.1").check(frames_needed)

# %%
# exercise("23.1").hint()  # take away the first #; then .solution()

# %% [markdown]
# **2.** A path tells when each letter was heard, if nothing is thrown away too early.


# %%
def timed(path, blank, step):
    """Return (symbol, seconds) for each letter that a path writes: the time of its first frame; `step` is a frame's seconds."""
    return ...


exercise("23.2").check(timed)

# %%
# exercise("23.2").hint()

# %% [markdown]
# **3.** Short sentences have wild rates. How is one rate made of many sentences?


# %%
def corpus_rate(said, heard, word_error_rate):
    """Return the word error rate over all sentences together; `word_error_rate(a, b)` is of one sentence."""
    return ...


exercise("23.3").check(corpus_rate)

# %%
# exercise("23.3").hint()

# %% [markdown] tags=["quiz"]
# ## Quiz

# %%
quiz("23")

# %% [markdown] tags=["recap"]
# ## Recap
#
# - A recording becomes fifty rows a second: Fourier transform, mel filters, logarithm, cosines.
# - DeepSpeech is three dense layers, an LSTM, a dense layer, and a symbol for each row; one of the symbols is the blank.
# - CTC sums over all paths that write the text, in the time of one pass, so nobody need say when a letter is heard. What it teaches are spikes.
# - A beam search adds up the paths of each text, and lets a language model judge words.
# - Word error rate is the measure; forty sentences of a new accent help a recogniser that has heard many voices; one that has heard none learns no word from them.
#
# | Source | Line of code |
# |---|---|
# | Graves 2006, section 3.1: the map from paths to texts | `collapse(path, blank)` |
# | Graves 2006, section 4.1: forward variables | `np.logaddexp(np.logaddexp(paths, one), two) + row[places]` |
# | Graves 2006, section 4.1: the text's probability | `np.logaddexp(paths[-1], paths[-2])` |
# | Graves 2006, section 4.2: the shares in the gradient | `alignments.shares(...)` |
# | Deep Speech, section 2: clipped ReLU | `np.clip(dense(x, name), 0, 20)` |
# | Deep Speech, section 2.2: the language model's share | `Weights(alpha, beta)` |
#
# **To read:** [Deep Speech](https://arxiv.org/abs/1412.5567), section 2; [First-Pass Large Vocabulary Continuous Speech Recognition using
# Bi-Directional Recurrent DNNs](https://arxiv.org/abs/1408.2873), algorithm 1, the search.
#
# **Next:** lesson 24, networks that listen for long before anybody tells them a word.
