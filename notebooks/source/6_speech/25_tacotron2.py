# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Tacotron 2: how does a network read a text aloud?
#
# A sentence of fifty letters becomes three seconds of sound. Which letter takes how long, and which is not said at all, no recording tells. Tacotron 2
# learns to read from sentences and recordings alone: it must find out by itself *where to look* while it speaks, and *when to stop*.
#
# > **You will be able to** follow a text from its letters to a spectrogram, write location-sensitive attention and the whole decoder by hand and
# > prove them equal to the library's, see by number why the training error says little about a voice, and teach a network another
# > voice from thirty sentences.
# >
# > **Needs** [lesson 10](../2_transformers_and_scale/10_vision_transformer.ipynb) for attention, [lesson 23](23_deepspeech.ipynb) for spectrograms. On two cores
# > about 50 s, 2 GB of memory, no download.

# %% [markdown] tags=["set-up"]
# ## Set-up

# %%
from course_lib.lessons import exercise, quiz, start

start()

import json
import warnings

import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from course_lib import card, load, viz
from course_lib.data_dir import data_dir
from course_lib.media.sound.corpus import recordings
from course_lib.text.spoken import written_out
from course_lib.training.fit import Settings
from course_lib.training.speech.speaking import Sentences, SpeakingTrainer
from course_lib.training.speech.spoken_scores import another_sentence, score
from course_lib.zoo.tacotron2 import CONFIGS, generator

# %% [markdown] tags=["see-it-work"]
# ## See it work
#
# The nano Tacotron 2 has heard six thousand sentences of one synthetic voice, made of fifty-two words. This sentence was kept from it:

# %%
voice = load("tacotron2_nano")
true = recordings("voice_test")[8]
print(true.text)
voice.speak(true.text, vocoder="griffin_lim")

# %% [markdown]
# And the recording that nobody showed it:

# %%
true.audio

# %% [markdown]
# The hollow ring in the first is not Tacotron's. It does not write sound; it writes a **mel spectrogram**, how loud each of 80 pitches is, 62 times a second, and
# leaves the rest to a *vocoder*. Griffin and Lim's is an old one without any learning; the next lesson trains a better one.

# %%
said = voice.spectrogram(true.text)
sound = voice.sound
viz.spectrogram({"written by Tacotron 2": said.mel, "of the recording": sound.of(true.audio.samples)}, sound)

# %% [markdown]
# The same bands at nearly the same moments. Look at fine detail: the network's picture is a little smoother. It learned to be right *on average*, and the
# average of two sharp pictures is a blurred one.

# %% [markdown] tags=["idea"]
# ## The idea: look, write, look again
#
# One network, the **encoder**, reads the letters. Another, the **decoder**, writes the spectrogram from left to right. At each step it shares its attention among
# the letters, mixes what it reads there, and writes the next three frames:

# %%
step = CONFIGS["tacotron2_nano"].frames_per_step * sound.hop / sound.rate  # seconds
title = "Where the decoder looks while it speaks"
viz.alignment(said.alignment, said.letters, step, title=title)

# %% [markdown]
# Nobody drew this line. It *is* the reading: flat where a letter takes its time, steep where letters share a sound. How does the decoder decide where to look? Each
# letter $j$ gets an **energy** at step $i$, and softmax makes shares of the energies:
#
# $$ e_{ij} = v^\top \tanh(W s_i + V h_j + U f_{ij}) \qquad \alpha_{ij} = \frac{\exp e_{ij}}{\sum_k \exp e_{ik}} $$
#
# $s_i$ is the decoder's state (*what do I want?*), $h_j$ the letter (*what is here?*), and $f_{ij}$ tells where the attention has been so far (*was I here
# before?*). The matrices $W$, $V$, $U$ and the vector $v$ are learned. Without $f$, two equal letters would look alike: it is what "location-sensitive" means.

# %% [markdown] tags=["build"]
# ## Build it by hand
#
# **Step 1, letters.** Small letters, numbers in words, a full stop behind: then each letter is a number.

# %%
print(written_out("Box No 7"), "|", written_out("Dr. Cat sees 2 dogs!"))
letters = voice.tokens(true.text)
print(letters[:12], "...", len(letters), "letters")

# %% [markdown]
# **Step 2, the encoder.** Three convolutions look at five letters each: `th` is not `t` and `h`. A bidirectional LSTM then reads the whole sentence from both sides. So
# the same letter means different things in different places:

# %%
memory = voice.model.get_layer("encoder")(np.array([letters])).numpy()[0]
print("letters, numbers:", memory.shape)
unit = memory / np.linalg.norm(memory, axis=1, keepdims=True)
places = [i for i, letter in enumerate(said.letters) if letter == "e"]
names = [said.letters[max(0, i - 2) : i] + "E" + said.letters[i + 1 : i + 2] for i in places]
viz.table(
    unit[places] @ unit[places].T, names, names, form="{:.2f}", width=6.0,
    alt="How alike the encoder finds each e of the sentence to each other: those of 'the' are most alike.",
)  # fmt: skip

# %% [markdown]
# **Step 3, the pre-net.** The decoder sees the frames that it wrote last, but only through a bottleneck of two small layers, and *half of their numbers are dropped, at
# all times*, also when it speaks. So the masks are an input here, and we draw them ourselves. **Step 4, an LSTM** keeps the thread: four gates decide what to take
# in, what to keep, what is new, and what to say.

# %%
w = {
    weight.path.removeprefix("decoder/"): weight.numpy()
    for weight in voice.model.get_layer("decoder").weights
}
masks = 2.0 * (np.random.default_rng(0).random((300, 2, 128)) < 0.5)  # 0 drops, 2 makes up for it


def prenet(frames, mask):
    """Frames of the last step, 3 x 80 = (240,) -> (128,)."""
    hidden = mask[0] * np.maximum(0, frames @ w["prenet/dense1/kernel"])
    return mask[1] * np.maximum(0, hidden @ w["prenet/dense2/kernel"])


def sigmoid(x):
    """Squeeze to 0..1."""
    return 1 / (1 + np.exp(-x))


def lstm(x, output, cell, name):
    """One step of an LSTM: its new output and its new memory cell, (192,) each."""
    gates = x @ w[f"{name}/kernel"] + output @ w[f"{name}/recurrent_kernel"] + w[f"{name}/bias"]
    take, keep, new, say = np.split(gates, 4)
    cell = sigmoid(keep) * cell + sigmoid(take) * np.tanh(new)
    return sigmoid(say) * np.tanh(cell), cell


# %% [markdown]
# **Step 5, attention**, as in the formula. `looked` has two columns: the shares of the step before, and the sum of all steps so far. A convolution of 31 letters
# makes $f_{ij}$ of them.

# %%
part = {
    name: w[f"attention/{name}/kernel"] for name in ("query", "key", "location", "score", "location_conv")
}
keys = memory @ part["key"]  # the same at each step, so computed once


def attend(state, looked):
    """State (192,), looked (letters, 2) -> the context (96,), the shares (letters,)."""
    # (letters, 2, 31): of each letter, where the attention was from 15 letters before it to 15 behind it
    around = np.lib.stride_tricks.sliding_window_view(np.pad(looked, ((15, 15), (0, 0))), 31, axis=0)
    features = np.einsum("lck,kcf->lf", around, part["location_conv"]) @ part["location"]
    energies = (np.tanh(state @ part["query"] + keys + features) @ part["score"])[:, 0]
    shares = np.exp(energies - energies.max())
    shares /= shares.sum()
    return shares @ memory, shares


# %% [markdown]
# **Step 6, all together.** Ask, look, think, write, and say whether this was the end:


# %%
def speak_by_hand(longest=300):
    """Return what was written (frames, 80), and where it looked (steps, letters)."""
    asking = asking_cell = writing = writing_cell = np.zeros(192)
    context, looked, frames = np.zeros(96), np.zeros((len(letters), 2)), np.zeros(240)
    written, eyes = [], []
    for mask in masks[:longest]:
        x = np.concatenate([prenet(frames, mask), context])
        asking, asking_cell = lstm(x, asking, asking_cell, "asking_lstm")
        context, shares = attend(asking, looked)
        looked = np.stack([shares, looked[:, 1] + shares], axis=1)
        x = np.concatenate([asking, context])
        writing, writing_cell = lstm(x, writing, writing_cell, "writing_lstm")
        result = np.concatenate([writing, context])
        frames = result @ w["to_mel/kernel"] + w["to_mel/bias"]
        written.append(frames)
        eyes.append(shares)
        if sigmoid(result @ w["to_stop/kernel"] + w["to_stop/bias"])[0] > 0.5:
            break
    return np.reshape(written, (-1, 80)), np.array(eyes)


by_hand, eyes = speak_by_hand()
print("frames:", by_hand.shape, "steps and letters:", eyes.shape)

# %% [markdown]
# **Step 7, the post-net.** The decoder could not know what comes next when it wrote a frame. Convolutions over the finished spectrogram can: what they find is added.

# %%
corrected = by_hand + voice.model.get_layer("postnet")(by_hand[None].astype(np.float32)).numpy()[0]
print(f"the post-net changes each number by {np.abs(corrected - by_hand).mean():.2f} in the mean")

# %% [markdown] tags=["proof"]
# ## Proof: by hand as the library
#
# The library's decoder is compiled and runs for many texts at once. Given our masks, does it write the same, look the same, and stop at the same step?

# %%
given = tf.constant(masks, tf.float32)
(theirs,) = generator(voice.model, lambda step, batch, seed: given[step][:, None])([letters])
difference = {
    "frames": np.abs(corrected - theirs.mel).max(),
    "attention": np.abs(eyes - theirs.alignment).max(),
}
print(f"steps by hand {len(eyes)}, the library's {len(theirs.alignment)}")
print("largest |difference|:", ", ".join(f"{name} {value:.1e}" for name, value in difference.items()))
assert theirs.stopped
assert max(difference.values()) < 1e-3 * np.abs(theirs.mel).max()

# %% [markdown]
# The full network is the same code with larger numbers. With the same weights, the course's tests hold it to what NVIDIA's own code answers, to five
# digits, in both of its ways: led by a teacher, and by itself. One more check, of a count that NVIDIA's code gives as 28,193,153:

# %%
full = CONFIGS["tacotron2"]
twice = 2 * 4 * (full.width // 2) + 2 * 4 * full.recurrent  # biases of the LSTMs, which PyTorch has two of
statistics = 2 * (
    3 * full.width + 4 * full.postnet + full.sound.mels
)  # of batch norm; NVIDIA's count leaves them out
print(f"ours {card('tacotron2').params:,}, NVIDIA's {card('tacotron2').params + twice - statistics:,}")
assert card("tacotron2").params + twice - statistics == 28_193_153

# %% [markdown] tags=["inside"]
# ## Look inside: the diagonal appears
#
# At first the attention lies everywhere, and the decoder writes a murmur of the mean sound. Then, within a few dozen updates, a line. Recorded while a fresh
# network learned from short sentences (`python -m course_lib.training.speech.first_alignments`):

# %%
first = json.loads((data_dir() / "experiments" / "first_alignments.json").read_text())
kept = first["as it is"][0]["alignments"]
fig, panels = plt.subplots(1, len(kept), figsize=(7.6, 1.9), sharey=True, layout="constrained")
for panel, (updates, alignment) in zip(panels, kept.items(), strict=True):
    panel.imshow(
        np.array(alignment).T, origin="lower", aspect="auto", cmap="Blues", vmax=100, interpolation="nearest"
    )
    panel.set(title=f"{updates} updates", xticks=[], yticks=[], xlabel="steps")
panels[0].set_ylabel("letters")
viz.show(
    fig,
    alt="Six maps of attention, letters against steps: an even pale blue at first, a sharp diagonal line at last.",
)

# %% [markdown]
# What made it? Two things push towards a line: the location features, and in training a **guide**, an extra error for attention far off the diagonal, since
# people read from left to right at a nearly even speed. **Bet first:** which of the two can be left out?

# %%
found = {
    name: (runs[0]["updates"], [run["found"] for run in runs])
    for name, runs in first.items()
    if name != "pre-net sees all"
}
title = "Attention within a letter of where it should be, two seeds each"
viz.curves(found, "updates", "share of the attention", percent=True, title=title)

# %% [markdown]
# Neither. Without the guide it looks at all letters alike to the end of these 200 updates; without location features it has just begun to find its way. (Where it
# *should* look, the finished voice tells.) With more time each may come by itself: NVIDIA's code trains without a guide, for days.
#
# **The stop token.** At each step the decoder also says how sure it is that this was the last. A sentence has one end and a hundred steps that are none, so in
# training an end counts five times. What it says along our sentence:

# %%
seconds = step * np.arange(1, len(said.stop) + 1)
viz.curves(
    {"the end": (seconds, said.stop)}, "seconds", "probability of the end", title="It knows when it is done"
)

# %% [markdown]
# ## How good is it?
#
# There is no accuracy of a voice. These numbers together say something: does each sentence end in time (within a tenth of the recording's length), was every
# letter looked at, did the eye go back, and how far is the spectrogram from the recording's? Two readings are never equally fast, so for the last
# each moment is compared with the one that fits best: **dynamic time warping**. And, recorded for lesson 26: how many words does a *recogniser* understand?

# %%
test = recordings("voice_test")[:20]
scores = score(voice.model, test, sound)
table = {
    "end in time": np.mean([s.in_time for s in scores]),
    "letters that were read": np.mean([s.read for s in scores]),
    "steps that do not go back": np.mean([s.forward for s in scores]),
}
print(", ".join(f"{name} {share:.1%}" for name, share in table.items()))
alone = np.mean([s.decibels for s in scores])
others = another_sentence(test, sound)
print(f"distance from the recordings {alone:.1f} dB; other sentences of the voice are {others:.1f} dB away")
trip = json.loads((data_dir() / "experiments" / "round_trip.json").read_text())["accuracy"]["deepspeech_nano"]
back = trip["Tacotron 2, Griffin-Lim"]["accuracy"]
print(f"words that lesson 23's recogniser writes down rightly: {back:.1%} of sixty sentences")
assert table["end in time"] > 0.9

# %% [markdown]
# Do not trust the first three. An earlier nano of ours, with less than half the numbers and a fifth of the training, ended every sentence in time and read 99.8 % of the letters,
# and the recogniser understood 63 % of its words. Its spectrograms were 4.6 dB from the recordings: what was missing was sharpness, and only size and time brought it.

# %% [markdown] tags=["change"]
# ## Change it: another voice from thirty sentences
#
# Pre-training should pay here as well: what a network knows of letters and of looking is the same for every voice. Thirty sentences of a man's voice, and sixty
# updates of ten sentences each:

# %%
other, heard = load("tacotron2_nano"), recordings("other_few")
trainer = SpeakingTrainer(other.model, Settings(60, 10, 1e-3, warmup=10, weight_decay=1e-6))
trainer.fit(Sentences.of(heard, sound))
new = recordings("other_test")[1]
print(new.text)
other.speak(new.text, vocoder="griffin_lim")

# %% [markdown]
# Does it have the man's voice? The stripes of a spectrogram are multiples of the pitch: the lower a voice, the closer they lie. After sixty updates they have
# moved together, and are still blurred:

# %%
drawn = {"first voice": voice, "after 60 updates": other}
drawn = {name: reader.spectrogram(new.text).mel for name, reader in drawn.items()}
viz.spectrogram(drawn | {"his recording": sound.of(new.audio.samples)}, sound, columns=3)

# %% [markdown]
# **Bet first:** can a fresh network learn to read from the same thirty sentences, if it gets eight times as many updates as the pre-trained one? Recorded, on
# sentences of his that no training saw (`python -m course_lib.training.speech.new_voice`):

# %%
ways = json.loads((data_dir() / "experiments" / "new_voice.json").read_text())


def mean(runs, name):
    """Return the mean of what several runs measured."""
    return np.mean([run[name] for run in runs])


print(f"{'':<26}end in time   letters read   core seconds")
for name, runs in ways.items():
    row = (mean(runs, "in_time"), mean(runs, "read"), mean(runs, "seconds"))
    print(f"{name:<26}{row[0]:>11.0%}{row[1]:>15.0%}{row[2]:>15.0f}")
# Who does not stop goes on with silence, and warping compares that with the recording's: such a run has no distance.
distances = {name: [run["decibels"] for run in runs if run["length"] < 1.5] for name, runs in ways.items()}
viz.bars(distances, "dB from his recordings", form="{:.1f}", title="Held-out sentences of the man's voice")

# %% [markdown]
# It can: thirty sentences and the guide are enough to read in order, nine letters of ten, and to find the end. But its voice is a blur: after 240 updates it is farther from the
# man's than the pre-trained network is after 30, in a quarter of the time. "Before" is the first voice as it is: it reads well, in a woman's voice.

# %% [markdown] tags=["traps"]
# ## Traps and limits
#
# **The mistake everyone makes: to judge a voice by its training error.** In training each frame is written as if the *true* frames stood before it: **teacher forcing**. When
# the network speaks, its own frames stand there. How far apart are the two?

# %%
letters_of, frames, steps = Sentences.of(test, sound).batch(np.arange(len(test)), 3)
real = np.arange(frames.shape[1]) < 3 * steps[:, None]  # False in the silence behind a sentence


def decibels(written):
    """Return the mean distance from the recordings, frame by frame."""
    return np.abs(written - frames)[real].mean() * 20 / np.log(10)


led = voice.model({"letters": letters_of, "mel": frames})["mel"].numpy()
wrong = voice.model({"letters": np.roll(letters_of, 1, axis=0), "mel": frames})["mel"].numpy()
held = np.repeat(frames[:, 2:-3:3], 3, axis=1)  # the last frame of each step, three times
copied = np.pad(held, ((0, 0), (3, 0), (0, 0)))  # as the next step: first there is silence, as 0
print(
    f"led by a teacher: Tacotron 2 {decibels(led):.1f} dB, the same with the wrong texts {decibels(wrong):.1f} dB,"
)
print(
    f"whoever repeats the last frame {decibels(copied):.1f} dB, and recordings of other sentences {others:.1f} dB"
)

# %% [markdown]
# With the true frames before it, a machine that *ignores the text* and repeats what it sees is nearer than another sentence of the same voice. By itself it would
# repeat its first silence for ever. Ours does read, as the wrong texts show. But would you have noticed from the error alone? Once more the recorded networks, at
# the end of their 200 updates:

# %%
for name, runs in first.items():
    print(
        f"{name:<18}error under a teacher {mean(runs, 'error'):.2f}, by itself it reads {mean(runs, 'read'):.0%} of the letters"
    )

# %% [markdown]
# A network that reads nothing at all has an error only a little above that of one that reads everything. **So let it speak** before you believe it.
#
# The last line is our own bet, lost. With a clear view of the last frames copying should be so easy that a network never learns to look, says the paper, and so the
# pre-net drops half. Under our guide the clear-sighted network learned to look just as well.
#
# **It reads whatever you give it.** A word that it never heard it pronounces somehow, from letters that it knows:

# %%
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    strange = voice.speak("the elephant likes the piano", vocoder="griffin_lim")
print(*(str(warning.message) for warning in told), sep="\n")
strange

# %% [markdown]
# **Every reading differs a little**, because the pre-net drops other numbers: another `seed` gives another length. **It may not stop.** Attention can lose its way; then only the cap on
# steps ends the sentence, `.stopped` is False and a warning says so. **Long sentences** are the first to suffer; `.speak` therefore reads sentence by sentence.
#
# **Somebody's voice.** Thirty sentences were enough here. Ask the person first. **Licence.** NVIDIA's code and weights are under the BSD-3 licence; LJ Speech, which they learned from, is in
# the public domain. Our nano's voice is a synthesiser's, espeak-ng. NVIDIA's code differs from the paper in one more thing: dropout of a tenth where the
# paper has zoneout, which *keeps* an old value in place of dropping it.

# %% [markdown] tags=["exercises"]
# ## Exercises
#
# **1.** The guide: what attention at step $t$ of $T$ to letter $n$ of $N$ costs, $1 - \exp(-(n/N - t/T)^2 / 2g^2)$.


# %%
def guide(steps, letters, g=0.2):
    """Return (steps, letters): 0 on the diagonal, up to 1 far from it."""
    return ...


exercise("25.1").check(guide)

# %%
# exercise("25.1").hint()  # take away the first #; then .solution()

# %% [markdown]
# **2.** What the stop token is trained on, for sentences of different lengths in one batch.


# %%
def stop_targets(steps):
    """Return targets and weights, (sentences, longest) each: 1 at a sentence's last step; an end weighs 5, padding 0."""
    return ...


exercise("25.2").check(stop_targets)

# %%
# exercise("25.2").hint()

# %% [markdown]
# **3.** Did it read all, and in order? A letter was read if it got more than a tenth of the attention at any step.


# %%
def reading(alignment):
    """Return (share of the letters that were read, share of the steps whose eye did not go back)."""
    return ...


exercise("25.3").check(reading)

# %%
# exercise("25.3").hint()

# %% [markdown] tags=["quiz"]
# ## Quiz

# %%
quiz("25")

# %% [markdown] tags=["recap"]
# ## Recap
#
# - Tacotron 2 writes a mel spectrogram; a vocoder makes it sound.
# - Attention finds out which letter is being said. It looks at what is wanted, at what is there, and at where it has been.
# - Frames, attention and the end come from one step that repeats: ask, look, write, stop?
# - Teacher forcing trains it; only speaking freely shows what it can do.
# - A voice that can read learns another voice from thirty sentences.
#
# | paper | here |
# |---|---|
# | Shen et al. 2017, section 2.2, location-sensitive attention | `attend(state, looked)` |
# | the same, pre-net with dropout at inference | `prenet(frames, mask)` |
# | the same, stop token | `... > 0.5: break` |
# | the same, post-net | `by_hand + postnet(by_hand)` |
# | Chorowski et al. 2015, equation 9 | `np.tanh(state @ query + keys + features)` |
# | Tachibana et al. 2017, guided attention | `guide(steps, letters)` |
# | the first Tacotron, several frames a step | `frames_per_step` |
#
# **To read:** [Natural TTS Synthesis](https://arxiv.org/abs/1712.05884), section 2.2;
# [Attention-Based Models for Speech Recognition](https://arxiv.org/abs/1506.07503), section 2.1, where attention learned to know its place;
# [Efficiently Trainable Text-to-Speech](https://arxiv.org/abs/1710.08969), section 4.1, for the guide.
#
# **Next:** lesson 26 turns spectrograms into sound without a ring, with WaveGlow.
