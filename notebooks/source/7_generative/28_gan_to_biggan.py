# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # GANs, up to BigGAN: what can a network learn from an opponent?
#
# [Lesson 27](27_vae.ipynb) compared each picture with a copy of it, pixel by pixel, and got soft pictures: an average is never far from the truth.
# Here nothing is compared with anything. One network paints, another says "real" or "not real", and that is all the painter ever hears.
#
# > **You will be able to** play the game of two networks and see it go wrong, write spectral norm, conditional batch norm and BigGAN's block by
# > hand, trade variety against quality by truncation, and judge a generator by four numbers none of which is enough alone.
# >
# > **Needs** [lesson 04](../1_convnets/04_resnet.ipynb) for residual blocks. On two cores about 40 s, 1 GB of memory, no download.

# %% [markdown] tags=["set-up"]
# ## Set-up

# %%
from course_lib.lessons import exercise, quiz, start

start()

import json

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from course_lib import load, viz
from course_lib.data_dir import data_dir
from course_lib.media import fashion
from course_lib.training.generative import directions, figures, modes
from course_lib.training.generative.judge import judge
from course_lib.training.generative.measuring import real as real_pictures
from course_lib.training.generative.play import play
from course_lib.zoo import biggan
from course_lib.zoo.biggan.parts import SpectralDense

# %% [markdown] tags=["see-it-work"]
# ## See it work
#
# Our small BigGAN-deep has learned from Fashion-MNIST's 60,000 grey pictures of clothes. It is told a class and some random
# numbers. A row is a class; none of these things was ever photographed. Plain things come out best; look for the trouser that is a smear, and
# for patterns that turned to noise.

# %%
painter = load("biggan_nano")
pictures = painter.generate(70, seed=3)  # (70, 32, 32, 3), the classes by turns
by_kind = pictures.reshape(7, 10, 32, 32, 3).swapaxes(0, 1).reshape(70, 32, 32, 3)
viz.samples(by_kind, names=fashion.KINDS, columns=7, width=400)

# %% [markdown] tags=["idea"]
# ## The idea: a game
#
# The **generator** $G$ turns random numbers $z$ into a picture. The **discriminator** $D$ gets a picture and gives a number: above 0
# it thinks the picture real. Each has its own loss, here in the *hinge* form, which BigGAN uses:
#
# $$ L_D = \mathbb{E}\,\max(0,\ 1 - D(x)) + \mathbb{E}\,\max(0,\ 1 + D(G(z))) \qquad L_G = -\,\mathbb{E}\, D(G(z)) $$
#
# So $D$ wants answers of 1 or more to real pictures and of -1 or less to made ones; an answer beyond that costs nothing and teaches nothing.
# $G$ wants its pictures to get high answers: it follows the slope of $D$, backwards through $D$ into its own weights. They learn by turns.
#
# Goodfellow and others (2014) proved that a perfect game ends where made and real things can't be told apart. Real games are not
# perfect. Here is one small enough to watch: "pictures" of two numbers, which lie in eight clusters on a circle.

# %%
real = modes.ring(20_000)  # (20000, 2): eight clusters on a circle


def game(way, steps):
    """Play; return 1,000 points that the generator makes then."""
    keras.utils.set_random_seed(0)
    generator, discriminator = modes.players(way.spectral)  # two hidden layers of 64 each
    play(generator, discriminator, real, None, modes.rules(way, steps=steps))
    noise = np.random.default_rng(1).normal(size=(1000, 8)).astype(np.float32)
    return generator({"latent": noise}).numpy()


points = game(modes.WAYS["plain"], steps=800)
print("after 800 rounds: clusters found {}, points inside one {:.0%}".format(*modes.found(points)))

# %% [markdown]
# That was the game of 2014: a *logistic* loss, which takes $D$'s answer for the log-odds of "real" and always wants it surer still, and a discriminator
# that learns faster than its opponent. Longer games of four kinds, three seeds each, are recorded (by
# `python -m course_lib.training.generative.modes`); **spectral norm** comes below. A cluster counts as found when at least 2 % of the
# points lie in it; an eighth would be fair. Of each kind the first game:

# %%
record = json.loads((data_dir() / "experiments" / "modes.json").read_text())
with viz.style():
    figure, axes = plt.subplots(1, 5, figsize=(7.4, 1.9), sharex=True, sharey=True)
    panels = {"real": real[:300]} | {way: np.array(runs[0]["points"]) for way, runs in record.items()}
    for place, (title, dots) in zip(axes, panels.items(), strict=True):
        place.scatter(*dots.T, s=3, linewidths=0)
        place.set_title(title.replace(", ", ",\n"), fontsize=8)
        place.set(xlim=(-3, 3), ylim=(-3, 3), aspect="equal")
viz.show(
    figure,
    alt="Points in five panels: eight real clusters on a ring; plain fills three of them; the hinge loss all eight, narrowly; "
    "spectral norm, and both together, smear points along the whole ring.",
)

# %%
for way, runs in record.items():
    inside = np.mean([run["inside"] for run in runs])
    print(f"{way:<26} clusters found {[run['found'] for run in runs]}, points inside one {inside:.0%}")
viz.curves(
    {
        way: (np.array(runs[0]["after"])[:, 0], [np.array(run["after"])[:, 1] for run in runs])
        for way, runs in record.items()
    },
    "rounds",
    "clusters found, of 8",
    ylim=(0, 8.5),
    size=(6.4, 3.0),
)

# %% [markdown]
# **Mode collapse**: in the plain games most points are good ones, and whole clusters are missing. $D$ judges points one by one, so to make the same few
# things again and again is not punished. Each cure ends with 7 or 8 clusters.
#
# Both, it is thought, keep $D$ **gentle**. The hinge loss stops teaching it where it is right by a margin. Spectral norm bounds how fast its
# answer may change with its input (here by 5 for a step of 1): no cliff beside a cluster, but a slope that reaches far into the empty parts,
# where $G$ needs one. Its price is in the numbers: fewer points land inside a cluster. Nor is its way straight: one of its games was down to
# 2 clusters after 1,500 rounds. In this small game the hinge loss alone does best; BigGAN has both.

# %% [markdown] tags=["build"]
# ## Build it by hand
#
# ### Spectral norm
#
# How many times longer can a matrix $W$ make a vector? At most $\sigma(W)$ times: that is its **largest singular value**. Divide each kernel by it, and no
# layer makes anything longer (a convolution's kernel is laid out as a matrix first). **Power iteration** finds it: multiply any vector by $W$ and back by
# $W^T$, again and again; the direction that grows most wins. Beside it numpy's own way, the singular value decomposition (SVD).

# %%
layer = SpectralDense(6)
layer.build((None, 9))
W = np.asarray(layer.kernel)  # (9, 6)
direction = np.asarray(layer.direction)
for step in range(1, 31):
    left = W @ direction / np.linalg.norm(W @ direction)
    direction = left @ W / np.linalg.norm(left @ W)
    if step in (1, 3, 30):
        print(f"after {step:2} steps: {left @ W @ direction:.5f}")
print(f"by the SVD:      {np.linalg.svd(W, compute_uv=False)[0]:.5f}")

# %% [markdown]
# In training one step an update is enough, since the kernel hardly moves from one to the next: the vector is kept.

# %%
for _ in range(30):
    divided = layer.divided(training=True)
print(f"largest |difference| to the library's: {np.abs(divided - W / (left @ W @ direction)).max():.0e}")
assert np.allclose(divided, W / (left @ W @ direction), atol=1e-5)

# %% [markdown]
# ### Telling every block
#
# A batch norm brings each channel to mean 0 and variance 1, then gives it a scale and an offset, usually learned numbers. BigGAN tells $G$ its
# class and its random numbers not once but in **every** batch norm: scale and offset are computed from them. That is **conditional batch norm**.
# For the class stands a row of learned numbers, its *embedding*. The paper gives each block a piece of $z$ (*skip-z*); BigGAN-deep gives all of it to all.

# %%
network, config = painter.model, biggan.CONFIGS["biggan_nano"]
kinds = np.array([3, 8], np.int32)  # a dress, a bag
z = np.stack([biggan.latent(config, np.random.default_rng(i)) for i in (0, 1)])
embedding = network.get_layer("embedding").get_weights()[0]  # one row a class
told = np.concatenate([z, embedding[kinds]], axis=1)
print("random numbers", z.shape, "+ class", embedding[kinds].shape, "->", told.shape)


def weights(name):
    return network.get_layer(name).get_weights()


def conditional_norm(x, told, name):
    """x (pictures, side, side, channels), told (pictures, numbers) -> as x."""
    mean, variance = weights(name)  # standing: gathered once, after training
    x = (x - mean) / np.sqrt(variance + config.epsilon)
    scale, offset = (
        told @ weights(f"{name}_{part}")[0] for part in ("scale", "offset")
    )  # (pictures, channels)
    return x * (1 + scale[:, None, None]) + offset[:, None, None]


kernel, bias = weights("first")
x = (told @ kernel + bias).reshape(len(told), 4, 4, -1)
print("first map", x.shape, "-> after the first norm", conditional_norm(x, told, "block1_norm1").shape)

# %% [markdown]
# ### The block
#
# Four convolutions: narrow (1x1), twice 3x3 at the small width, wide again (1x1). Beside them a path on which nothing is
# learned at all: where fewer channels are wanted, the last ones are **dropped**; where the side doubles, each pixel becomes four.


# %%
def conv(x, name):
    kernel, bias = weights(name)
    return tf.nn.conv2d(x, kernel, 1, "SAME").numpy() + bias


def doubled(x):
    return x.repeat(2, axis=1).repeat(2, axis=2)


def block(x, told, name, doubles):
    """x (pictures, side, side, channels) -> side or 2 * side, and as many channels or fewer."""
    h = x
    for step in (1, 2, 3, 4):
        h = np.maximum(conditional_norm(h, told, f"{name}_norm{step}"), 0)
        if doubles and step == 2:
            h = doubled(h)
        h = conv(h, f"{name}_conv{step}")
    passing = x[..., : h.shape[-1]]
    return h + (doubled(passing) if doubles else passing)


h = block(x, told, "block1", doubles=True)
print(x.shape, "->", h.shape)

# %% [markdown]
# Put together: a dense layer makes a first map of 4 x 4, blocks follow, then a last norm, a convolution and a hyperbolic tangent. Ours stops at
# 16 x 16, where each place makes a square of 2 x 2 pixels; BigGAN goes on by blocks. From 128 pixels up there is also
# **self-attention**, at 64 x 64: each place looks at all others ([lesson 10](../2_transformers_and_scale/10_vision_transformer.ipynb)).


# %%
def paint(told_by_part):
    """What the first map is told, then what each block is told -> (pictures, 32, 32, 1)."""
    x = (told_by_part[0] @ kernel + bias).reshape(len(told_by_part[0]), 4, 4, -1)
    for number, (doubles, _, _) in enumerate(config.blocks, start=1):
        x = block(x, told_by_part[number], f"block{number}", doubles)
    gamma, beta, mean, variance = weights("last_norm")
    x = conv(np.maximum((x - mean) / np.sqrt(variance + config.epsilon) * gamma + beta, 0), "picture")
    squares = x.reshape(len(x), 16, 16, 2, 2, 1).transpose(0, 1, 3, 2, 4, 5)
    return np.tanh(squares.reshape(len(x), 32, 32, 1))


by_hand = paint([told] * (1 + len(config.blocks)))

# %% [markdown] tags=["proof"]
# ## Proof

# %%
library = biggan.painter(network, config)(z, kinds)
print(f"largest |difference| {np.abs(by_hand - library).max():.0e}, of numbers from -1 to 1")
assert np.abs(by_hand - library).max() < 1e-4

# %% [markdown]
# The network of 128 pixels, 52 million numbers, is the same file with another configuration. Beside the PyTorch port of DeepMind's own
# modules, with the same random weights, its pictures agree to 1.4e-6; the course's tests repeat that on a small one.

# %% [markdown] tags=["inside"]
# ## Look inside: which block decides what?
#
# Since each part is told by itself, we can lie to some of them: the first ones hear "trouser", those behind them "ankle boot". The random numbers stay.


# %%
def as_kind(kind, count=5):
    return np.concatenate([draws[:count], np.repeat(embedding[[kind]], count, axis=0)], axis=1)


draws = np.stack([biggan.latent(config, np.random.default_rng(100 + i)) for i in range(8)])
parts = 1 + len(config.blocks)  # the first map, then three blocks
rows = [paint([as_kind(1)] * (parts - n) + [as_kind(9)] * n) for n in range(parts + 1)]
told_so = ["trouser", "boot: block 3", "boot: 2, 3", "boot: 1, 2, 3", "ankle boot"]
for n in range(parts):
    changed = np.abs(rows[n + 1] - rows[n]).mean() / 2
    print(f"{told_so[n]:<13} -> {told_so[n + 1]:<13}: pixels change by {changed:.1%} of their range")
lied = ((np.concatenate(rows) + 1) * 127.5).astype(np.uint8)
viz.samples(
    lied,
    told_so,
    columns=5,
    width=460,
    alt="Five trousers; row by row one more part is told ankle boot: they grow stouter, and the last row shows boots.",
)

# %% [markdown]
# The kind is settled before any block: while the first map alone hears "trouser", no boot appears, though every block is told "boot".
# Block 1 changes the outline (short and stout), block 2 details of it (the gap between the legs closes), block 3 hardly more than shades:
# from coarse to fine, as the side of the map grows.

# %% [markdown] tags=["change"]
# ## Change it: variety against quality
#
# Random numbers are usually drawn from a normal distribution. BigGAN's authors found that pictures get better when large ones are
# left away, and more alike: **truncation**. DeepMind's modules draw within two standard deviations and multiply by the truncation.

# %%
cut = np.concatenate([painter.generate(5, seed=5, classes="sandal", truncation=t) for t in (0.1, 0.5, 1.0)])
seen = "Five sandals a row: nearly alike at truncation 0.1, more varied at 0.5, different at 1."
viz.samples(cut, ["0.1", "0.5", "1"], columns=5, width=460, alt=seen)

# %% [markdown]
# Better and more alike, by what measure? We need a judge: a ResNet that learned Fashion-MNIST's kinds from real pictures alone. **Recognised** is the
# share that it takes for what we asked for. **Diversity** is how far its features (what its last layer gets) of two pictures of a kind
# lie apart, as a share of the same in real ones.

# %%
look = judge()  # pictures -> their features (n, 72), and the kinds that it sees
all_real = real_pictures()  # what was measured of the 10,000 real test pictures


def judged(images, labels):
    """Return features, the share recognised, and the diversity."""
    features, seen = look(images)
    spread = figures.spread_within(features, labels)  # (10,), mean distance of two of a kind
    return features, np.mean(seen == labels), np.mean(spread / all_real.spread)


by_truncation = {}
for t in (0.1, 0.3, 0.5, 0.7, 1.0):
    images = painter.generate(500, seed=9, truncation=t)[..., :1]
    by_truncation[t] = judged(images, np.arange(500) % 10)
features, recognised, diversity = zip(*by_truncation.values(), strict=True)
both = {"recognised": recognised, "diversity, of real": diversity}
viz.curves(
    {name: (list(by_truncation), y) for name, y in both.items()},
    "truncation",
    "share",
    percent=True,
    size=(6.4, 3.0),
)

# %%
assert list(diversity) == sorted(diversity)
assert recognised[0] > recognised[-1]
print(f"the judge recognises {all_real.recognised:.1%} of real test pictures")

# %% [markdown]
# So the trade is real: at 0.1 every picture is recognised, and two of a kind differ a fifth as much as real ones; at 1 it is nine in ten, and nine tenths.
# Up to 0.7 the judge knows ours better than real ones: it likes what is typical, which is not yet what is real.

# %% [markdown]
# ### Four figures, and who fools them
#
# The third figure compares all pictures at once. Take the judge's features of real and of made pictures, and of each cloud of features
# its mean $\mu$ and its covariance $\Sigma$ (how each feature varies, and which vary together): the **Frechet distance** says how far apart
# two such clouds are. With the features of an Inception network it is the *FID* of papers.
#
# $$ d^2 = |\mu_1 - \mu_2|^2 + \operatorname{tr}\left(\Sigma_1 + \Sigma_2 - 2 (\Sigma_1 \Sigma_2)^{1/2}\right) $$


# %%
def frechet(a, b):
    """Feature rows (n, d) and (m, d) -> the squared distance of their two clouds."""
    values = np.linalg.eigvals(np.cov(a.T) @ np.cov(b.T))  # of a product of two such matrices: 0 or more
    root = np.sqrt(np.maximum(values.real, 0)).sum()  # the trace of the square root
    return np.sum((a.mean(0) - b.mean(0)) ** 2) + np.trace(np.cov(a.T) + np.cov(b.T)) - 2 * root


real_images, real_labels = fashion.held_out()  # 1,000 of them
real_features, _ = look(real_images)
made = painter.generate(1000, seed=9)[..., :1]
made_features, _ = look(made)
by_hand = frechet(real_features.astype(float), made_features.astype(float))
library = figures.frechet_distance(figures.gaussian_of(real_features), figures.gaussian_of(made_features))
print(f"by hand {by_hand:.4f}, by the library {library:.4f}")
assert np.isclose(by_hand, library, rtol=1e-3)

# %% [markdown]
# What does it say of truncation, from all 10,000 real test pictures?


# %%
def distance(features):
    return figures.frechet_distance(figures.gaussian_of(features), all_real.features)


for t, of_500 in zip(by_truncation, features, strict=True):
    print(f"truncation {t}: distance {distance(of_500):5.2f}")

# %% [markdown]
# The more alike, the farther off: a narrow cloud is no match for a wide one, however typical each picture in it.
#
# The fourth figure asks whether pictures were **learned by heart**: the distance to the nearest training picture. Now two cheats: one makes a
# single good picture of each kind, again and again; the other hands out 200 training pictures.

# %%
known, known_labels = fashion.few()  # 200 training pictures
single = painter.generate(10, seed=9, truncation=0.02)[..., :1]
order = np.arange(1000) % 10
contestants = {
    "real pictures": (real_images, real_labels),
    "our BigGAN": (made, order),
    "one picture a kind": (single[order], order),
    "200 by heart": (np.tile(known, (5, 1, 1, 1)), np.tile(known_labels, 5)),
}
print(f"{'':<19} recognised  diversity  Frechet distance  nearest of 200")
for name, (images, labels) in contestants.items():
    its_features, right, varied = judged(images, labels)
    nearest = figures.nearest_distances(images, known).mean()
    print(f"{name:<19} {right:>10.0%}  {varied:>9.0%}  {distance(its_features):>16.2f}  {nearest:>14.2f}")
print("1,000 training pictures, three draws: distance", all_real.baseline_small.round(2))

# %% [markdown]
# By recognition alone, the first cheat is the best of all: one clear picture of each kind, never mistaken. Diversity and distance see
# through it. The second beats our BigGAN in three figures, as real pictures should, and fails the fourth: a distance of 0. Ours lie about as
# far from those 200 as new real pictures do. So all four count together; and then one looks. (The first line's distance is flattered: those
# pictures are among the 10,000. The last line is the fair one, and our BigGAN is several times as far.)

# %%
rows = np.concatenate([real_images[400::100], made[4:10], single[4:]])
viz.samples(
    rows,
    ["real", "made", "the cheat"],
    columns=6,
    width=320,
    alt="Six real pictures, one a kind: coat, sandal, shirt, sneaker, bag, ankle boot; six made ones; the cheat's six.",
)

# %% [markdown]
# ### Walking between pictures
#
# A picture is a point among 32 random numbers. What lies between two of them?

# %%
strip = painter.walk(stops=2, steps=7, seed=2, classes="bag")[:8]
viz.samples(strip, alt="Eight bags in a row: a patterned one with a handle becomes a plain one without.")

# %% [markdown]
# Step by step the handle sinks into the bag, and each step is a bag. `course generate --model biggan_nano --walk walk.gif` makes one that moves.
#
# ### A direction that nobody taught
#
# The 32 random numbers have no names. Is there still a direction that means "brighter"? We paint 500 things of five kinds, fit brightness to
# the random numbers by least squares, and walk that way with the five **other** kinds.

# %%
rng = np.random.default_rng(7)
latents = np.stack([biggan.latent(config, rng) for _ in range(500)])
labels = np.resize(np.array(directions.LEARNED_ON, np.int32), 500)
brush = biggan.painter(network, config)
values = directions.brightness(directions.moved(brush, latents, labels, np.zeros(32), 0))
brighter = directions.direction_of(latents, values, labels)
tried = np.array(directions.TRIED_ON, np.int32)
steps = [directions.moved(brush, latents[:5], tried, brighter, s) for s in (-3, -1, 1, 3)]
viz.samples(
    np.concatenate(steps),
    ["-3", "-1", "+1", "+3"],
    columns=5,
    width=460,
    alt="A trouser, a dress, a sandal, a sneaker and a boot in four rows, from dark to bright.",
)

# %% [markdown]
# Measured from -1 to +1 with other random numbers, three draws, beside a direction by chance (recorded by `python -m
# course_lib.training.generative.directions`), and the same for "wider". The change is counted in standard deviations of the property within a
# kind; the processor seconds are for all of it: painting 4,000 pictures, fitting, measuring.

# %%
record = json.loads((data_dir() / "experiments" / "directions.json").read_text())
for way, runs in record.items():
    mean = {key: np.mean([run[key] for run in runs]) for key in runs[0]}
    kept = f"recognised {mean['recognised before']:.0%} -> {mean['recognised after']:.0%}"
    moved = f"moved by {mean['moved']:+.2f}, the right way {mean['right way']:4.0%}"
    print(f"{way:<21} {moved}; {kept}; {mean['seconds']:.1f} s")
viz.bars(
    {way: [abs(run["moved"]) for run in runs] for way, runs in record.items()},
    "moved either way, in standard deviations",
)

# %% [markdown]
# An edit without any training, in two or three seconds: nearly every picture gets brighter, by two standard deviations, and the judge still
# knows what it is (these five kinds are easy for it). Width moves half as far, and only two pictures in three by a whole column of pixels.
# A direction by chance does next to nothing. At -3 and +3, beyond what was measured, things begin to break: look at the sandal.

# %% [markdown] tags=["traps"]
# ## Traps and limits
#
# **Few samples, large distance.** A covariance of few pictures is a bad guess, and the distance counts that as an error of the generator. Real
# pictures against real pictures:

# %%
train_like = np.random.default_rng(0).permutation(1000)
for n in (50, 100, 200, 500):
    one, other = real_features[train_like[:n]], real_features[train_like[500 : 500 + n]]
    print(f"{n} against {n} real pictures: {frechet(one.astype(float), other.astype(float)):.2f}")

# %% [markdown]
# So compare distances only at the same number of samples, and give real against real beside them.
#
# **Batch norm in training mode.** Then each picture is normed by its neighbours in the batch, and changes with them (pixels go from -1 to 1):

# %%
inputs = {"latent": latents[:16], "label": np.resize(np.arange(10, dtype=np.int32), 16)}
changed = inputs | {"label": np.r_[inputs["label"][:1], np.full(15, 8, np.int32)]}  # the other 15 become bags
kept = network.get_weights()
for training in (True, False):
    first, second = (network(given, training=training).numpy()[0] for given in (inputs, changed))
    print(f"training={training!s:<5}: the first picture changes by up to {np.abs(first - second).max():.3f}")
    network.set_weights(kept)  # training mode has also overwritten the saved statistics

# %% [markdown]
# Saved statistics cure it. BigGAN paints with an average of its weights over many updates, and that generator has never painted in training:
# so its statistics are gathered anew.
#
# **Limits.** Ours knows ten kinds in grey, and hardly a pattern. BigGAN was trained on 128 to 512 TPU cores, and its training
# collapses in the end and is stopped before (the paper; quoted). Made photographs can deceive, and carry the biases of what was photographed:
# say that they are made.

# %% [markdown] tags=["exercises"]
# ## Exercises
#
# **1. The hinge loss of the discriminator.**


# %%
def hinge(on_real, on_made):
    """Return the discriminator's loss from its answers (n,) to real and (m,) to made pictures."""
    return ...


exercise("28.1").check(hinge)

# %%
# exercise("28.1").hint()  # take away the first #; then .solution()

# %% [markdown]
# **2. Spectral norm.** Some steps of the power iteration.


# %%
def largest_stretch(W, direction, steps):
    """Return W's largest singular value as `steps` steps find it from a direction (columns,); W is (rows, columns)."""
    return ...


exercise("28.2").check(largest_stretch)

# %%
# exercise("28.2").hint()  # take away the first #; then .solution()

# %% [markdown]
# **3. Truncated random numbers.** In the way of DeepMind's modules: what lies outside is drawn anew, then all is scaled.


# %%
def truncated(rng, n, truncation):
    """Return n normal numbers, drawn again as long as any is beyond -2 to 2, times the truncation."""
    return ...


exercise("28.3").check(truncated)

# %%
# exercise("28.3").hint()  # take away the first #; then .solution()

# %% [markdown] tags=["quiz"]
# ## Quiz

# %%
quiz("28")

# %% [markdown] tags=["recap"]
# ## Recap
#
# - A generator needs no picture to copy: it needs an opponent whose answer has a slope.
# - Judged one by one, pictures may all become the same: mode collapse. A gentle opponent is the cure: hinge loss, spectral norm.
# - BigGAN tells class and random numbers to every block, by the scales and offsets of batch norms.
# - Truncation trades variety for recognition, after training, by one number; the Frechet distance sees what is lost.
# - Four figures: recognised, diversity, Frechet distance, nearest training picture. Each alone is fooled by some cheat.
#
# | In the papers | here |
# |---|---|
# | Hinge loss, arXiv 1802.05957, equations 16 and 17 | `Rules(loss="hinge")` |
# | Spectral norm, the same, algorithm 1 | `left = W @ direction / ...` |
# | Shared embedding, skip-z, arXiv 1809.11096, section 3 | `told = np.concatenate([z, embedding[kinds]])` |
# | BigGAN-deep's block, figure 16 | `block(x, told, name, doubles)` |
# | Truncation, section 3.1 | `painter.generate(..., truncation=t)` |
# | Frechet distance, arXiv 1706.08500, equation 6 | `frechet(a, b)` |
#
# **Read on:** Miyato and Koyama, *cGANs with projection discriminator* (2018), how BigGAN's discriminator is told the class; Brock's paper itself, whose
# section 4 watches trainings collapse. **Next:** lesson 29, StyleGAN, which tells its blocks in another way.
