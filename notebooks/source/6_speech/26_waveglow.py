# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # WaveGlow: how can a network that turns speech into noise learn to speak?
#
# [Lesson 25](25_tacotron2.ipynb) ended with a mel spectrogram: how loud each pitch is, moment by moment. A loudspeaker wants
# samples, eight thousand a second, and the spectrogram knows nothing of where in its swing each tone stands. Somebody has to make that up.
#
# > **You will be able to** write an invertible flow by hand, prove that it goes back exactly and that its determinant is right,
# > explain why training one needs neither labels nor an opponent, choose sigma, and say by number whether a voice sounds or whispers.
# >
# > **Needs** [lesson 23](23_deepspeech.ipynb) for spectrograms and word errors. On two cores about 40 s, 1 GB of memory, no download.

# %% [markdown] tags=["set-up"]
# ## Set-up

# %%
from course_lib.lessons import exercise, quiz, start

start()

import json

import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from course_lib import load, viz
from course_lib.data_dir import data_dir
from course_lib.media.sound import corpus
from course_lib.media.sound.audio import Audio
from course_lib.media.sound.spectra import istft, stft
from course_lib.training.speech import fidelity
from course_lib.zoo.waveglow import invert

# %% [markdown] tags=["see-it-work"]
# ## See it work
#
# A sentence that no training heard, in the synthetic voice of this course's speech models; then what WaveGlow makes of
# nothing but its mel spectrogram.

# %%
vocoder = load("waveglow_nano")
heldout = corpus.recordings("voice_test")
sentence = heldout[1]
print(sentence.text)
sentence.audio

# %%
copy = vocoder.resynthesise(sentence.audio)
copy

# %% [markdown]
# The classical way is **Griffin-Lim** (1984): begin with random phases, go to samples and back to a spectrogram, put the right
# loudness in, and again, sixty times. It needs no training.

# %%
mel = vocoder.sound.of(sentence.audio.samples)  # (frames, 80), natural logarithms
griffin_lim = Audio(vocoder.sound.griffin_lim(mel), vocoder.sound.rate)
griffin_lim

# %%
viz.spectrogram({"the recording": sentence.audio, "WaveGlow": copy, "Griffin-Lim": griffin_lim}, columns=3)

# %% [markdown]
# The stripes are the **harmonics** of a voice: multiples of its pitch, here some 190 Hz. Where there are none, the sound hisses: an
# *s*, an *f*. Both copies have stripes where they belong. That is not a matter of course, as we will see.

# %% [markdown] tags=["idea"]
# ## The idea: a bridge between speech and noise
#
# How do you train a network to make sounds, when a thousand different ones fit the same spectrogram? Not by comparing samples. WaveGlow
# (Prenger, Valle and Catanzaro, 2018) asks for something else: a function $f$ that turns each recording $x$ into numbers $z$ that look like
# normal noise, and that can be **run backwards**. Then any noise, sent back through it, is a sound.
#
# Training makes the recordings likely. How likely noise is, the normal density $\mathcal{N}$ of deviation $\sigma$ says. A function that stretches space thins out what lies in it, and the stretch is the
# **determinant** of its Jacobian, the table of all slopes $\partial z_i / \partial x_j$:
#
# $$ \log p(x) = \log \mathcal{N}(f(x);\, 0, \sigma^2) + \log \left| \det \frac{\partial f}{\partial x} \right| $$
#
# Determinants of large tables are dear. The trick of all flows: build $f$ of steps whose determinant can be read off. Here are two, in two
# dimensions, on points along a parabola. Each leaves one number as it is, and **shifts and scales the other by what it reads there**.

# %%
rng = np.random.default_rng(0)
a = 1.5 * rng.normal(size=2000)
points = np.stack([a, 0.5 * a**2 - 1 + 0.3 * rng.normal(size=2000)], axis=1)  # (2000, 2)


def flow(x):
    """Turn points into noise; return it and the logarithm of the determinant."""
    first, second = x[:, 0], x[:, 1]
    second = (second - (0.5 * first**2 - 1)) / 0.3  # the shift may be any function of `first`
    first = first / 1.5  # here it reads nothing
    return np.stack([first, second], axis=1), np.full(len(x), -np.log(0.3) - np.log(1.5))


def flow_back(z):
    """Undo the steps, the last one first."""
    first = 1.5 * z[:, 0]
    return np.stack([first, 0.3 * z[:, 1] + 0.5 * first**2 - 1], axis=1)


noise, _ = flow(points)
print(f"there and back: largest |difference| {np.abs(flow_back(noise) - points).max():.0e}")
print("covariance of the noise:", np.cov(noise.T).round(2).tolist())

# %%
drawn = rng.normal(size=(2000, 2))
panels = {"points": points, "turned into noise": noise, "other noise": drawn, "turned back": flow_back(drawn)}
with viz.style():
    figure, axes = plt.subplots(1, 4, figsize=(6.6, 2.0), sharey=True)
    for place, (title, dots) in zip(axes, panels.items(), strict=True):
        left = points[:, 0] if place in axes[:2] else drawn[:, 0]
        place.scatter(*dots.T, s=2, c=left, cmap="viridis", linewidths=0)
        place.set_title(title, fontsize=9)
        place.set(xlim=(-5, 5), ylim=(-4, 8))
viz.show(
    figure,
    alt="Points along a parabola become a round cloud; another round cloud becomes points along the same parabola.",
)

# %% [markdown]
# Is the determinant needed? A density must add up to 1 over the whole plane:

# %%
step = 0.02
grid = np.stack(np.meshgrid(np.arange(-9, 9, step), np.arange(-6, 40, step)), axis=-1).reshape(-1, 2)
z, log_determinant = flow(grid)
normal = np.exp(-0.5 * (z**2).sum(axis=1)) / (2 * np.pi)
print(
    f"with it {np.sum(normal * np.exp(log_determinant)) * step**2:.4f}, without {np.sum(normal) * step**2:.4f}"
)

# %% [markdown] tags=["build"]
# ## Build it by hand
#
# WaveGlow does the same to sound, twelve times over. **First**, samples that follow each other are put side by side: ours in groups of 16,
# NVIDIA's in groups of 8. A group is now what a point was.
#
# What is **heard** of the spectrogram comes beside it: two convolutions over its frames, then a learned *upsampling* that stretches each frame to the
# eight groups it lasts, 48 numbers at each group.
#
# **Mixing.** A square matrix turns the sixteen channels, a *1x1 convolution*; else the same half would stay as it is for ever. It can be undone by the
# inverse matrix, and stretches each group by its determinant.

# %%
network = vocoder.model
whole = len(sentence.audio.samples) // 16 * 16
samples = sentence.audio.samples[None, :whole]
grouped = samples.reshape(1, -1, 16)
heard = network.get_layer("conditioner")(mel[None]).numpy()[:, : grouped.shape[1]]
print("samples", samples.shape, "-> groups", grouped.shape, "; what is heard of the spectrogram", heard.shape)


def mixed(x, number):
    """Return the mixed channels, and the logarithm of the determinant over all groups."""
    kernel = network.get_layer(f"flow{number}_mix").kernel.numpy()
    return x @ kernel, x.shape[1] * np.log(np.abs(np.linalg.det(kernel)))


x, log_det = mixed(grouped, 1)
print(x.shape, f"log-determinant {log_det:.0f}: quiet speech is made larger, towards noise of size 1")


# %% [markdown]
# **What decides shift and scale** is a small WaveNet, *WN*. It reads the first half of the channels and the spectrogram. Convolutions look at
# a group and its neighbours, then at those 2 away, then 4 (*dilation*); a **gate**, a tangent times a sigmoid, lets pass what matters. None of it needs
# to be invertible!


# %%
def convolve(x, name, dilation=1):
    """Convolve (1, groups, channels) with a layer's kernel: a sum over its places, each a matrix product."""
    layer = network.get_layer(name.split("_")[0]).get_layer(name)
    kernel, bias = layer.get_weights()
    reach = (len(kernel) - 1) // 2 * dilation
    padded = np.pad(x, ((0, 0), (reach, reach), (0, 0)))
    return bias + sum(padded[:, i * dilation :][:, : x.shape[1]] @ kernel[i] for i in range(len(kernel)))


def wn(first, heard, flow):
    """Return shift and logarithm of the scale, each (1, groups, channels) as `first`."""
    x = convolve(first, f"{flow}_start")
    told, skipped = np.split(convolve(heard, f"{flow}_cond"), 3, axis=-1), 0
    for layer in range(3):
        wave, gate = np.split(convolve(x, f"{flow}_in{layer + 1}", 2**layer) + told[layer], 2, axis=-1)
        y = convolve(np.tanh(wave) / (1 + np.exp(-gate)), f"{flow}_out{layer + 1}")
        if layer < 2:
            x, y = x + y[..., :48], y[..., 48:]
        skipped = skipped + y
    return np.split(convolve(skipped, f"{flow}_end"), 2, axis=-1)


# %% [markdown]
# **The coupling** is the step of the parabola: the first half stays, the second is scaled and shifted. Its Jacobian is a triangle, so its determinant
# is the product of the scales, and the logarithm a plain sum. After the fourth and the eighth flow two channels are finished and pass the others by
# (*early outputs*): coarse things can be told early, and the later flows have less to do.


# %%
def coupled(x, heard, number):
    """Return what a coupling makes of x, and the logarithm of its determinant."""
    first, second = np.split(x, 2, axis=-1)
    shift, log_scale = wn(first, heard, f"flow{number}")
    return np.concatenate([first, second * np.exp(log_scale) + shift], axis=-1), log_scale.sum()


def to_noise(x, heard):
    """All twelve flows; after the fourth and the eighth, two channels are finished and leave."""
    finished, total, states = [], 0.0, []
    for number in range(1, 13):
        if number in (5, 9):
            finished, x = [*finished, x[..., :2]], x[..., 2:]
        x, log_mixed = mixed(x, number)
        x, log_coupled = coupled(x, heard, number)
        total = total + log_mixed + log_coupled
        states.append(np.concatenate([*finished, x], axis=-1))
    return states[-1], total, states


noise, log_determinant, states = to_noise(grouped, heard)
print("noise", noise.shape, f"mean {noise.mean():.2f}, deviation {noise.std():.2f}")


# %% [markdown]
# **And back**: the same steps in the opposite order. The first half was left alone, so WN can be asked again what it said.


# %%
def to_sound(noise, heard):
    """Undo the flows, the last one first."""
    x = noise[..., 4:]
    for number in range(12, 0, -1):
        first, second = np.split(x, 2, axis=-1)
        shift, log_scale = wn(first, heard, f"flow{number}")
        x = np.concatenate([first, (second - shift) * np.exp(-log_scale)], axis=-1)
        x = x @ np.linalg.inv(network.get_layer(f"flow{number}_mix").kernel.numpy())
        if number in (9, 5):  # the channels that left here come back
            x = np.concatenate([noise[..., 2:4] if number == 9 else noise[..., :2], x], axis=-1)
    return x.reshape(1, -1)


back = to_sound(noise, heard)
print(
    f"there and back: largest |difference| {np.abs(back - samples).max():.0e} of samples up to {np.abs(samples).max():.2f}"
)
assert np.abs(back - samples).max() < 1e-3

# %% [markdown] tags=["proof"]
# ## Proof
#
# Our NumPy against the library's network; and the library's network goes back exactly.

# %%
library_noise, library_log_determinant = network([samples, mel[None]])
print(f"noise: largest |difference| {np.abs(noise - library_noise).max():.0e}")
print(
    f"log-determinant: {log_determinant:.2f} by hand, {float(library_log_determinant[0]):.2f} by the library"
)
library_back = invert(network, mel[None], np.asarray(library_noise))
print(f"there and back: {np.abs(library_back - samples).max():.0e}")
assert np.abs(noise - library_noise).max() < 1e-3
assert np.isclose(log_determinant, float(library_log_determinant[0]), rtol=1e-4)

# %% [markdown]
# And is that sum really the determinant? For three groups, 48 samples, the Jacobian can be written out: 48 copies of
# the piece, each pushed along one of its samples.

# %%
piece = tf.constant(np.repeat(samples[:, 4800:4848], 48, axis=0))
around = tf.constant(np.repeat(mel[None, 38:39], 48, axis=0))
with tf.autodiff.ForwardAccumulator(piece, tf.eye(48)) as pushed:
    z, said = network([piece, around])
jacobian = pushed.jvp(z).numpy().reshape(48, 48).T.astype(float)
written_out = np.linalg.slogdet(jacobian)[1]
print(f"48 x 48 slopes: log|det| {written_out:.3f}; by the flow's sums {float(said[0]):.3f}")
assert np.isclose(written_out, float(said[0]), atol=0.01)

# %% [markdown]
# The full network, 87.7 million numbers, is the same file with another configuration. With NVIDIA's own code beside it and the same
# random weights, noise and determinants agree to 2e-6 of the largest number; the course's tests repeat that on a small one.

# %% [markdown] tags=["inside"]
# ## Look inside: how speech becomes noise
#
# After each flow, held-out speech should look a little more like noise. We take its **kurtosis**, a measure of rare large values:
# 3 for normal noise, far more for speech, with its pauses and its peaks.


# %%
def kurtosis(x):
    """Fourth moment over the square of the second."""
    return np.mean((x - x.mean()) ** 4) / np.var(x) ** 2


own = invert(network, mel[None], np.asarray(library_noise))[0]
other = vocoder.vocode(mel, sigma=1.0, seed=7).samples[: len(own)]
for name, made in (("its own noise", own), ("other noise", other)):
    print(f"{name} sent back: correlation with the recording {np.corrcoef(made, samples[0])[0, 1]:+.2f}")
stages = [grouped, *states]
print("kurtosis after 0, 1, 2 ... 12 flows:", *(f"{kurtosis(stage):.1f}" for stage in stages))
assert abs(kurtosis(stages[-1]) - 3) < abs(kurtosis(stages[0]) - 3) / 3
rows = {f"after {n} flows": Audio((stages[n] / stages[n].std() / 8).ravel(), 8000) for n in (0, 4, 8, 12)}
viz.spectrogram(rows, vocoder.sound, columns=4)

# %% [markdown]
# First the stripes go, which tell of the voice, then the dark and pale columns, which tell of syllables. What is left is what the spectrogram
# does *not* tell: above all the phases. The first two lines prove it: this very noise, sent back, gives the recording, sample by sample; other
# noise gives another take of the same sentence.

# %% [markdown] tags=["change"]
# ## Change it: does it sound, or does it whisper?
#
# In a voice, each period is like the one before; in a whisper, none is. So we hold 60 milliseconds against the sound one period later,
# try all periods of a human voice, and take the best correlation: **periodicity**. Beside it, the
# **log-spectral distance** in dB, and the error of the mel spectrogram. `whispered` keeps the formants and drops the
# voice: noise, as loud as the recording in each broad band.


# %%
def whispered(sound, mel):
    """Noise with the recording's loudness, smoothed over 33 frequencies (500 Hz)."""
    power = np.abs(stft(sound, 512, 128)) ** 2
    smooth = np.stack([np.convolve(np.pad(row, 16, "edge"), np.full(33, 1 / 33), "valid") for row in power])
    hiss = stft(np.random.default_rng(0).normal(size=len(sound)), 512, 128)
    return istft(np.sqrt(smooth) * hiss / np.sqrt(192), 512, 128).astype(np.float32)


Audio(whispered(sentence.audio.samples, mel), 8000)


# %%
ways = {
    "recording": lambda sound, mel: sound,
    "Griffin-Lim": lambda sound, mel: vocoder.sound.griffin_lim(mel),
    "WaveGlow": lambda sound, mel: vocoder.vocode(mel).samples,
    "whispered": whispered,
}
sounds = [item.audio.samples for item in heldout[:20]]
scores = {name: fidelity.measured(way, sounds, vocoder.sound) for name, way in ways.items()}
for name, s in scores.items():
    print(f"{name:<12} periodicity {s.periodicity:.3f}  distance {s.spectral_distance:5.2f} dB  mel error {s.mel_error:.2f}")  # fmt: skip
hisses = np.random.default_rng(0).normal(0, 0.05, (2, 16_000))
print(f"two takes of the same hiss: {fidelity.spectral_distance(*hisses, vocoder.sound):.2f} dB apart")
assert (
    scores["WaveGlow"].periodicity > scores["Griffin-Lim"].periodicity > 2 * scores["whispered"].periodicity
)

# %% [markdown]
# The whisper has the words, and nobody speaks. WaveGlow is nearly as periodic as the recording, which Griffin-Lim is not. In distance it is
# behind: Griffin-Lim does nothing else than fit the spectrogram, while WaveGlow draws a take by chance, and two takes of the very same hiss
# already lie as far apart as the last line says.
#
# **Sigma** says how loud the noise is that a sound is made of. Trained with 1, WaveGlow is commonly played with 0.6. We choose it
# where choosing is fair, on sentences from training:

# %%
few = [item.audio.samples for item in corpus.recordings("voice_few")[:8]]


def copied(sounds, change=lambda mel: mel, sigma=0.6):
    """Measure what the vocoder makes of recordings' spectrograms, which may be changed first."""
    return fidelity.measured(
        lambda sound, mel: vocoder.vocode(change(mel), sigma).samples, sounds, vocoder.sound
    )


by_sigma = {sigma: copied(few, sigma=sigma) for sigma in (0.0, 0.3, 0.6, 0.8, 1.0)}
for sigma, s in by_sigma.items():
    print(f"sigma {sigma}: periodicity {s.periodicity:.3f}, distance {s.spectral_distance:5.2f} dB")
line = [s.spectral_distance for s in by_sigma.values()]
viz.curves({"WaveGlow": (list(by_sigma), line)}, "sigma", "log-spectral distance, dB")

# %% [markdown]
# Too much noise makes the voice hoarse. Too little takes away the hiss that belongs there, the *s* and the breath: periodicity
# likes that, the spectra do not. One number alone would have misled us.

# %% [markdown]
# ### Another voice, and what to train by
#
# The paper trains by likelihood alone. Ours, a million numbers with an hour of one processor core, stayed hoarse that way. So after twenty minutes a
# second teacher came in: in each update the flow also ran backwards, spoke from noise, and was told how far the *spectra* of what it said
# lie from the recording's.
#
# What is that teacher worth? An experiment that could have failed: our vocoder knows one voice, and speaks another one, a man's, almost an octave
# too high. Thirty of his sentences to learn from, ten others to measure on, three draws (recorded by
# `python -m course_lib.training.speech.listening`):

# %%
record = json.loads((data_dir() / "experiments" / "listening.json").read_text())
his = [item.audio.samples for item in corpus.recordings("other_test")]
griffin = fidelity.measured(ways["Griffin-Lim"], his, vocoder.sound)
record["Griffin-Lim, for comparison"] = [vars(griffin)]
for way, runs in record.items():
    mean = {key: np.mean([run[key] for run in runs]) for key in runs[0]}
    told = f"periodicity {mean['periodicity']:.2f}  distance {mean['spectral_distance']:5.2f} dB"
    print(f"{way:<40} {told}  pitch off by {mean['pitch_error']:4.1f} semitones")
viz.bars({way: [run["spectral_distance"] for run in runs] for way, runs in record.items()}, "log-spectral distance, dB")  # fmt: skip

# %% [markdown]
# By likelihood alone the spectra come nearer and the voice goes: he whispers. Hearing itself is better by every number, in about the same
# time. But look at the last row. For a voice that it does not know, a minute of training is not enough for a vocoder that begins with another
# one's; Griffin-Lim needs none.

# %% [markdown]
# ### The round trip
#
# Text to spectrogram, spectrogram to sound, sound to text: three networks of this course, none of which saw this sentence. Below it sixty
# such sentences, each said in five ways and written down again (recorded by `python -m
# course_lib.training.speech.round_trip`): the share of words that come back.

# %%
voice, listener = load("tacotron2_nano"), load("deepspeech_nano")
text = heldout[2].text
spoken = vocoder.vocode(voice.spectrogram(text).mel)
print("said: ", text)
print("heard:", listener.transcribe(spoken))
spoken

# %%
trip = json.loads((data_dir() / "experiments" / "round_trip.json").read_text())
accuracy = {r: {way: row["accuracy"] for way, row in rows.items()} for r, rows in trip["accuracy"].items()}
for way in accuracy["deepspeech_nano"]:
    print(f"{way:<30}", *(f"{r}: {rows[way]:.1%}" for r, rows in accuracy.items()), sep="   ")

# %% [markdown]
# Ninety-seven words of a hundred come back. With the vocoder as described so far it was 93.9 %: what Tacotron 2 writes is smoother than the spectrogram of any
# recording, and a vocoder that knows recordings alone takes the blur for part of the sound. So it went through **a third round** of seventeen minutes, in which half of all pieces came with the
# spectrogram that Tacotron 2 had written of them, led by a teacher to keep their time. Copies of recordings are nearly as good as before: .853 periodic in place of
# .858, and no farther away. And look at the second, less patient listener: of Griffin-Lim's blur it makes out three words of five, of WaveGlow's voice nine of ten.

# %% [markdown] tags=["traps"]
# ## Traps and limits
#
# **The spectrogram of somebody else.** Natural logarithm or base 10, decibels, power or magnitude: libraries differ, and a vocoder
# takes any numbers without complaint. The mistake everyone makes once:

# %%
wrong = {
    "as it was trained": lambda mel: mel,
    "logarithm to base 10": lambda mel: mel / np.log(10),
    "of the power": lambda mel: 2 * mel,
    "in decibels": lambda mel: 20 * mel / np.log(10),
}
print("                       distance   periodicity   pitch off by")
for name, change in wrong.items():
    s = copied(few[:4], change)
    print(f"{name:<22} {s.spectral_distance:5.2f} dB   {s.periodicity:.2f}   {s.pitch_error:13.1f} semitones")

# %% [markdown]
# **Judging by words alone.** A recogniser makes out most of the whisper:

# %%
for name, way in ways.items():
    heard_text = listener.transcribe(Audio(np.asarray(way(sentence.audio.samples, mel), np.float32), 8000))
    print(f"{name:<12} periodicity {scores[name].periodicity:.2f}  {heard_text}")

# %% [markdown]
# So a word error rate hardly sees what is wrong with such a voice. Use several measures, and your ears.
#
# **Limits.** This vocoder knows one synthetic voice and fifty-two words. NVIDIA's weights (BSD-3-Clause; `course info waveglow` says where they
# are) know real voices, and want 2.6 billion multiply-adds for each 12 ms. What imitates a voice can be misused: speak with nobody's voice without their leave, and
# say that a machine speaks.

# %% [markdown] tags=["exercises"]
# ## Exercises
#
# **1. Undo a coupling.** The way back of one step.


# %%
def uncouple(x, shift_and_scale):
    """Undo [first, second] -> [first, second * exp(log_scale) + shift] on the last axis; (shift, log_scale) = shift_and_scale(first)."""
    return ...


exercise("26.1").check(uncouple)

# %%
# exercise("26.1").hint()  # take away the first #; then .solution()

# %% [markdown]
# **2. The likelihood.** What training makes small.


# %%
def nats_a_sample(noise, log_determinant, sigma):
    """Return the negative log-likelihood of one sound, divided by its number of samples; noise has any shape."""
    return ...


exercise("26.2").check(nats_a_sample)

# %%
# exercise("26.2").hint()  # take away the first #; then .solution()

# %% [markdown]
# **3. Periodicity.** The largest correlation of a piece with what follows it some samples later.


# %%
def periodicity(samples, window, lags):
    """Return the largest correlation of samples[:window] with samples[lag : lag + window], over all lags."""
    return ...


exercise("26.3").check(periodicity)

# %%
# exercise("26.3").hint()  # take away the first #; then .solution()

# %% [markdown] tags=["quiz"]
# ## Quiz

# %%
quiz("26")

# %% [markdown] tags=["recap"]
# ## Recap
#
# - A flow is a function that can be run backwards and knows how much it stretches: so it gives exact likelihoods, and samples.
# - Coupling: one half says how the other half is shifted and scaled. What says it need not be invertible.
# - The noise holds what the spectrogram does not tell: phases. Fresh noise is another take of the same sentence.
# - Likelihood is a demanding teacher of details and a slow one of the voice; hearing its own spectra helps a small network.
# - Words come back even from a whisper. Measure periodicity and spectra too, and listen.
#
# | In the paper (arXiv 1811.00002) | here |
# |---|---|
# | Equations 3 and 4, change of variables | `flow(x)` and its integral |
# | Section 2.1, affine coupling, equations 5 to 8 | `coupled(x, heard, number)` |
# | Section 2.2, 1x1 invertible convolution | `mixed(x, number)` |
# | Section 2.3, early outputs | `finished, x = [*finished, x[..., :2]], x[..., 2:]` |
# | WN, figure 1 | `wn(first, heard, flow)` |
#
# **Read on:** Kingma and Dhariwal, *Glow* (2018), the same for pictures; Ping and others, *WaveFlow* (2020), with far larger groups and far fewer numbers.
# **Next:** lesson 27, variational autoencoders, where the way back is learned instead of computed.
