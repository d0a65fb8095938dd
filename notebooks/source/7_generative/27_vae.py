# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # VAE: how does a network learn to imagine what it has never seen?
#
# So far our networks looked, read or listened. From here on they make things up. The oldest recipe of the lot is still inside the large
# image generators: squeeze pictures through a few numbers, in such a way that *any* numbers unpack to a picture.
#
# > **You will be able to** write the reparameterisation and the evidence lower bound by hand, check the bound by drawing,
# > walk between two pictures, see a code collapse and bring it back, and say why samples of a VAE are blurred.
# >
# > **Needs** [lesson 14](../3_transfer/14_feature_extraction.ipynb) for features; [lesson 26](../6_speech/26_waveglow.ipynb) helps.
# > On two cores about 40 s, 1 GB of memory, no download.

# %% [markdown] tags=["set-up"]
# ## Set-up

# %%
from course_lib.lessons import exercise, quiz, start

start()

import json
import math

import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from course_lib import build, load, viz
from course_lib.data_dir import data_dir
from course_lib.errors import CourseError
from course_lib.media.fashion import KINDS, few, held_out
from course_lib.media.samples import sample
from course_lib.training.generative.measuring import real
from course_lib.zoo import vae as zoo_vae

# %% [markdown] tags=["see-it-work"]
# ## See it work
#
# Our nano VAE saw 60,000 small photographs of clothes, Fashion-MNIST, and never a name. We hand it 16 random numbers, 24 times:

# %%
vae = load("vae_nano")
viz.images(
    vae.generate(24, seed=1),
    columns=12,
    alt="24 grey pictures of shirts, trousers, shoes and bags, a little blurred.",
)

# %% [markdown]
# Nobody photographed these. The other half of the network goes the opposite way: from a picture, here one of the test split, to 16 numbers. So
# there and back is a rebuilding:

# %%
images, labels = held_out()  # 1,000 test pictures, a hundred of each kind
shown = images[::100]
codes = vae.encode(shown)
print("pictures", shown.shape, "-> codes", codes.shape)
viz.images(
    [*shown, *vae.decode(codes)],
    columns=10,
    alt="Ten kinds of clothes; below each the same rebuilt, without the fine print.",
)

# %% [markdown] tags=["idea"]
# ## The idea: no holes
#
# Squeezing and unpacking alone is an **autoencoder**, known since the 1980s. It rebuilds well. Does it imagine? Let us train one by hand: dense
# layers, 16 numbers in the middle, on the 200 training pictures that come with the course. `loss_of` says what it should make small.

# %%
levels = few()[0].astype(np.float32) / 255  # (200, 32, 32, 1), 0 to 1


def trained(loss_of, steps=500, seed=0):
    """Train a fresh network of dense layers by a loss of (images, what the network answers); return it."""
    tf.keras.utils.set_random_seed(seed)
    model, adam = build("vae_dense_nano", latent=16), tf.keras.optimizers.Adam(2e-3)

    @tf.function
    def step(batch, noise):
        with tf.GradientTape() as tape:
            loss = loss_of(batch, model([batch, noise]))
        adam.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)

    rng = np.random.default_rng(seed)
    for _ in range(steps):
        step(levels[rng.integers(200, size=50)], rng.normal(size=(50, 16)).astype(np.float32))
    return model


# %%
def squares(batch, found):
    """Rebuild, and nothing else: the sum of squared differences of each picture."""
    return tf.reduce_mean(tf.reduce_sum((batch - found["rebuilt"]) ** 2, axis=(1, 2, 3)))


plain = trained(squares)
print(
    "squared difference a pixel:",
    f"{squares(levels, plain([levels, np.zeros((200, 16), np.float32)])) / 1024:.4f}",
)

# %% [markdown]
# Now random codes: normal numbers, as wide in each direction as the autoencoder's own codes are.

# %%
plain_codes = plain.get_layer("encoder")(levels)[0].numpy()
rng = np.random.default_rng(0)
drawn = plain_codes.mean(axis=0) + plain_codes.std(axis=0) * rng.normal(size=(1000, 16))
rubbish = np.asarray(plain.get_layer("decoder")(drawn))
viz.images(
    np.uint8(255 * rubbish[:12]),
    columns=12,
    alt="Twelve pictures of overlaid, torn shapes; hardly one is a garment.",
)

# %% [markdown]
# Rubbish. The codes of real pictures are islands, and nothing ever told the decoder what lies between them. Kingma and Welling's idea (2013) has
# two parts. The encoder gives no point but a **cloud**, a mean and a deviation for each number; the decoder must cope with whatever is
# drawn from it, so the islands grow. And every cloud pays for being far from one common normal cloud, so the islands meet. What
# a picture costs is then
#
# $$ \underbrace{\mathbb{E}_{z \sim q(z|x)} \log p(x|z)}_{\text{rebuild well}} \;-\; \underbrace{\mathrm{KL}\left(q(z|x)\,\|\,p(z)\right)}_{\text{stay near normal}} \;\le\; \log p(x) $$
#
# the **evidence lower bound**, ELBO. On the right is what we should like to know: how likely the model finds the picture. To compute
# it, one would have to try all codes. The left side needs one, drawn where the encoder points.

# %% [markdown] tags=["build"]
# ## Build it by hand
#
# **Drawing a code.** A random draw has no gradient. The trick: draw noise first, which depends on no weight, and let mean and deviation
# move and stretch it. This is the **reparameterisation**. Ten thousand codes of one picture:

# %%
batch = images[::100].astype(np.float32) / 255  # ten pictures, one of each kind
mean, log_variance = (part.numpy() for part in vae.model.get_layer("encoder")(batch))
print("means", mean.shape, "logarithms of variances", log_variance.shape)


def draw(mean, log_variance, noise):
    """Return a code: the noise, stretched and moved."""
    return mean + np.exp(log_variance / 2) * noise


cloud = draw(mean[0], log_variance[0], rng.normal(size=(10_000, 16)))
print(
    "first numbers, mean and deviation asked for:",
    mean[0, :3].round(2),
    np.exp(log_variance[0, :3] / 2).round(2),
)
print(
    "                                     found:",
    cloud[:, :3].mean(axis=0).round(2),
    cloud[:, :3].std(axis=0).round(2),
)


# %% [markdown]
# **How far from normal.** The Kullback-Leibler divergence of two normal clouds has a closed form. Each number of the code pays for being
# moved, $\mu^2$, and for being narrower or wider than 1:


# %%
def divergence(mean, log_variance):
    """Return the nats that each picture's code costs."""
    return 0.5 * np.sum(mean**2 + np.exp(log_variance) - log_variance - 1, axis=-1)


print("nats of the ten codes:", divergence(mean, log_variance).round(1))


# %% [markdown]
# **How well rebuilt.** The decoder paints a mean, and the model says: the pixels are that, give or take normal noise of size $\sigma$. That
# makes squared differences a likelihood, and $\sigma$ the exchange rate between the two terms.


# %%
SIGMA = zoo_vae.CONFIGS["vae_nano"].sigma


def log_likelihood(images, rebuilt, sigma=SIGMA):
    """Return the log-density of each picture: a SUM over its 1,024 pixels."""
    each = -0.5 * ((images - rebuilt) / sigma) ** 2 - math.log(sigma * math.sqrt(2 * math.pi))
    return each.sum(axis=(1, 2, 3))


noise = rng.normal(size=(10, 16)).astype(np.float32)
rebuilt = vae.model.get_layer("decoder")(draw(mean, log_variance, noise)).numpy()
elbo = log_likelihood(batch, rebuilt) - divergence(mean, log_variance)
print(f"sigma {SIGMA}; the bound of each picture, in nats: {elbo.round(0)}")

# %% [markdown] tags=["proof"]
# ## Proof
#
# Against the library's network and its bound, with the same noise:

# %%
found = vae.model([batch, noise])
theirs = zoo_vae.elbo(batch, found, SIGMA).numpy()
print(
    f"largest |difference|: pictures {np.abs(rebuilt - found['rebuilt']).max():.0e}, bound {np.abs(elbo / theirs - 1).max():.0e} of it"
)
assert np.abs(rebuilt - found["rebuilt"]).max() < 1e-4
assert np.allclose(elbo, theirs, rtol=1e-4)

# %% [markdown]
# And is the closed form right? The bound can be had **without any formula for the divergence**: draw codes, and average
# $\log p(x|z) + \log p(z) - \log q(z|x)$. Such a **Monte-Carlo estimate** comes with its own error.

# %%
DRAWS = 200
many = rng.normal(size=(DRAWS, 10, 16)).astype(np.float32)
weights = zoo_vae.log_weights(vae.model, batch, many, SIGMA).numpy()  # (200, 10)
decoder = vae.model.get_layer("decoder")
painted = [decoder(draw(mean, log_variance, each)).numpy() for each in many]
likely = np.mean([log_likelihood(batch, pictures) for pictures in painted], axis=0)
formula, estimate = likely - divergence(mean, log_variance), weights.mean(axis=0)
error = (weights - likely).std(axis=0) / math.sqrt(DRAWS)
print("formula ", formula[:5].round(1), "\ndrawn   ", estimate[:5].round(1), "\nerror +-", error[:5].round(1))
assert np.all(np.abs(formula - estimate) < 5 * error)

# %% [markdown]
# The same draws give more for nothing: the average of the *weights themselves*, not of their logarithms, is a bound too, and a
# tighter one the more are drawn (Burda and others, 2015).

# %%
for count in (1, 10, DRAWS):
    print(f"{count:>4} draws: {zoo_vae.tightened(weights[:count]).numpy().mean():8.1f} nats")
assert np.all(zoo_vae.tightened(weights).numpy() > estimate)

# %% [markdown] tags=["inside"]
# ## Look inside: the space between
#
# First the holes. The same 200 pictures and the same layers, trained by our bound instead of squares; then the same normal numbers:


# %%
def cost(batch, found, sigma=0.4):
    """The ELBO with its sign turned, for training."""
    return -tf.reduce_mean(zoo_vae.elbo(batch, found, sigma))


varied = trained(cost)
imagined = np.asarray(varied.get_layer("decoder")(rng.normal(size=(1000, 16))))
viz.images(
    np.uint8(255 * imagined[:12]),
    columns=12,
    alt="Twelve blurred pictures; most can be told as a shirt, a shoe or a pair of trousers.",
)


# %%
def gap(made):
    """Return the mean distance from made pictures to the nearest of 1,000 real ones that nobody trained on."""
    rows, real = made.reshape(len(made), -1), images.reshape(1000, -1) / 255
    return np.sqrt(
        np.min((rows**2).sum(1)[:, None] - 2 * rows @ real.T + (real**2).sum(1), axis=1) / 1024
    ).mean()


real_gap = gap(levels)
for name, made in (("plain autoencoder", rubbish), ("variational", imagined)):
    print(
        f"{name:<18} {gap(made):.3f} from the nearest real picture, {gap(made) / real_gap:.2f} times as far as a real one is"
    )
assert gap(imagined) < gap(rubbish)

# %% [markdown]
# **The map.** With only two numbers in a code, all that a VAE can imagine fits on one sheet. `vae_dense_nano` is such a one. Left, where it
# puts the test pictures, coloured by a kind that it was never told; right, what it paints at each place.

# %%
flat = load("vae_dense_nano")
places = flat.encode(images)
quantiles = np.array([-1.64, -1.15, -0.84, -0.6, -0.39, -0.19, 0, 0.19, 0.39, 0.6, 0.84, 1.15, 1.64])
grid = np.stack(np.meshgrid(quantiles, quantiles[::-1]), axis=-1).reshape(
    -1, 2
)  # equal shares of the normal cloud
sheet = flat.decode(grid).reshape(13, 13, 32, 32, 3).transpose(0, 2, 1, 3, 4).reshape(416, 416, 3)
with viz.style():
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.4, 3.9))
    for kind, name in enumerate(KINDS):
        left.scatter(*places[labels == kind].T, s=4, color=plt.cm.tab10(kind), label=name, linewidths=0)
    left.set(xlim=(-3, 3), ylim=(-3, 3), aspect="equal")
    left.legend(
        fontsize=6,
        markerscale=2,
        ncols=5,
        loc="upper center",
        bbox_to_anchor=(0.5, -0.08),
        columnspacing=0.6,
        handletextpad=0.1,
    )
    right.imshow(sheet)
    right.axis("off")
viz.show(
    figure,
    alt="Left, test pictures as coloured dots in a plane, each kind in a region of its own. Right, a grid of pictures that change gradually from shoes to trousers to shirts and bags.",
)

# %% [markdown]
# Neighbours look alike, kinds that look alike are neighbours, and there is no empty place.

# %% [markdown]
# **The walk.** Half-way between two pictures, pixel by pixel, is a double exposure. Half-way between two *codes* is a third garment.

# %%
start_picture, end_picture = images[labels == 7][3], images[labels == 9][5]  # a sneaker, an ankle boot
shares = np.linspace(0, 1, 9)[:, None]
ends = vae.encode(np.stack([start_picture, end_picture]))
through_codes = vae.decode((1 - shares) * ends[0] + shares * ends[1])
faded = np.uint8((1 - shares[..., None, None]) * start_picture + shares[..., None, None] * end_picture)
viz.images(
    [*faded.repeat(3, axis=-1), *through_codes],
    columns=9,
    alt="Above, a sneaker fades into a boot, both seen at once in the middle. Below, its shaft grows step by step.",
)

# %% [markdown] tags=["change"]
# ## Change it: two terms that pull
#
# Weigh the divergence by $\beta$, and one slides from autoencoder to pure imagination (*beta-VAE*, 2017). Below, networks of dense layers with
# $\sigma$ 0.1 and 16 numbers, three seeds, recorded by `python -m course_lib.training.generative.collapse`. The **distance** holds a thousand
# made pictures against real ones, in the features of a classifier; lesson 28 builds it. Real training pictures score the first line.

# %%
record = json.loads((data_dir() / "experiments" / "collapse.json").read_text())
swept = {
    float(way.split()[1]): runs
    for way, runs in record.items()
    if way.count(" ") == 1 and way.startswith("beta")
}
print(f"real training pictures: distance {real().baseline_small.mean():.1f}")
for beta, runs in swept.items():
    row = {key: np.mean([run[key] for run in runs]) for key in runs[0]}
    told = f"code {row['divergence']:5.1f} nats, {row['active']:4.1f} of 16 numbers in use"
    print(f"beta {beta:>5g}: rebuilt {row['rebuilt']:4.0%}  {told}  distance {row['distance']:5.1f}")

# %%
lines = {
    "variance rebuilt": [[run["rebuilt"] for run in runs] for runs in swept.values()],
    "numbers of the code in use": [[run["active"] / 16 for run in runs] for runs in swept.values()],
}
viz.curves(
    {name: (list(swept), np.transpose(rows)) for name, rows in lines.items()},
    "beta",
    "share",
    logx=True,
    percent=True,
)

# %%
distances = np.transpose([[run["distance"] for run in runs] for runs in swept.values()])
viz.curves(
    {"made pictures": (list(swept), distances)},
    "beta",
    "distance from real pictures",
    logx=True,
    size=(6.6, 2.8),
)

# %% [markdown]
# Two prices. On the left almost four fifths of the pixels' variance come back, but made pictures are far from real ones: the clouds of real
# pictures are tiny, they fill a corner of the normal cloud, and what is drawn beside them is unknown land. On the right nothing comes back.
# Made pictures are best **in between**, where the code is told few nats and uses the space it has.
#
# Beta and sigma are one knob: weighing the divergence by 16 is the same as making $\sigma$ four times as large. So our nano, with $\sigma$ 0.4, is
# the third row.

# %% [markdown]
# ### Collapse, and the cure
#
# On the right end nothing is told: every number of the code is the same noise for every picture. That is **posterior collapse**, and it has a
# second, sneakier cause: a decoder so strong that it hardly needs a code. Ours here paints row by row and *sees the real rows above*. Two cures: let
# $\beta$ grow from 0 over the first half of training (**annealing**), or let each number tell half a nat at no cost (**free bits**).

# %%
hard = {way: runs for way, runs in record.items() if way.startswith("strong") or way.startswith("beta 1024")}
for way, runs in hard.items():
    print(
        f"{way:<28} bits a pixel {np.mean([run['bits'] for run in runs]):.3f}, rebuilt {np.mean([run['rebuilt'] for run in runs]):4.0%}"
    )
viz.bars(
    {way: [run["active"] for run in runs] for way, runs in hard.items()}, "numbers of the code in use, of 16"
)

# %% [markdown]
# The large beta is cured by half a free nat a number: all sixteen speak again. The strong decoder rebuilds 72 % from the rows above and
# tells 0.6 nats by its code. Letting $\beta$ grow doubles that, to 1.2, and **does not cure it here**.
# Free bits do: 7.4 nats. But look at the bits a pixel: the cure makes them no better, even a trace worse. By the bound, a decoder
# that can do without its code is right to; only whoever *wants* the code has to pay for it.

# %% [markdown]
# ### The real one
#
# Stable Diffusion and FLUX don't paint pixels. They paint *codes* of a variational autoencoder, and its decoder makes the photograph. **TAESD** is a
# small copy of that autoencoder, 2.4 million numbers, and `load("taesd")` runs the published files: `course fetch taesd` (5 MB).

# %%
try:
    taesd = load("taesd")
except CourseError:
    taesd = load("taesd", weights=None)
photo_codes = taesd.encode(sample("cat"), size=256)
print(
    "photograph (256, 256, 3) -> code",
    photo_codes.shape[1:],
    f": {256 * 256 * 3 / photo_codes[0].size:.0f} times fewer numbers",
)

# %%
if taesd.provenance.grade == "random":
    print(
        "Its files are not on this machine. What works without them: shapes, and the course's tests against its author's code."
    )
    picture = viz.images([sample("cat")], width=256)
else:
    picture = viz.images([taesd.decode(photo_codes)[0]], width=256)
picture

# %% [markdown] tags=["traps"]
# ## Traps and limits
#
# **A mean where a sum belongs.** Every framework offers a mean squared error. Take it for the first term, and the divergence, which is a sum
# over the code, suddenly weighs 1,024 times as much:


# %%
def averaged(batch, found, sigma=0.4):
    """The mistake: the likelihood as a mean over pixels."""
    likely = zoo_vae.log_likelihood(batch, found["rebuilt"], sigma) / 1024
    return tf.reduce_mean(zoo_vae.divergence(found["mean"], found["log_variance"]) - likely)


for name, model in (("sum", varied), ("mean", trained(averaged))):
    answer = model([levels, np.zeros((200, 16), np.float32)])
    told = float(tf.reduce_mean(zoo_vae.divergence(answer["mean"], answer["log_variance"])))
    left = np.mean((levels - answer["rebuilt"]) ** 2) / np.mean((levels - levels.mean(axis=0)) ** 2)
    print(f"{name:<5} code {told:6.2f} nats, {1 - left:4.0%} of the variance rebuilt")

# %% [markdown]
# Nobody gets an error message: the loss falls, and every picture comes back as the same average. It is the right end of the figure above, $\beta$
# 1,024, by accident.
#
# **Blur.** How much do neighbouring pixels differ?


# %%
def sharpness(pictures):
    """Mean difference of neighbouring pixels, 0 to 255."""
    return np.abs(np.diff(pictures[..., 0].astype(float), axis=2)).mean()


made = vae.generate(200, seed=5)
noisy = np.clip(made + 255 * SIGMA * rng.normal(size=made.shape[:3])[..., None], 0, 255)
for name, pictures in (
    ("real", images),
    ("rebuilt", vae.rebuild(images[::5])),
    ("made", made),
    ("made, with the noise of size sigma", noisy),
):
    print(f"{name:<36} {sharpness(pictures):5.1f}")

# %% [markdown]
# A decoder that minimises squares paints the **mean** of all pictures that fit a code, and where their edges differ the mean is a smear. What the
# model believes is that mean *plus noise of size sigma*, each pixel by itself: the last row, grainy instead of blurred, and no photograph
# either. A likelihood pixel by pixel can't say "sharp, but I don't know where". The opponent of lesson 28 can.
#
# **Limits.** This one has seen ten kinds of clothes, centred, on black. It imagines nothing else, and in the proportions of its training pictures.

# %% [markdown] tags=["exercises"]
# ## Exercises
#
# **1. Reparameterise.** With which noise would this very code have been drawn?


# %%
def noise_of(code, mean, log_variance):
    """Return the noise that, stretched and moved, is this code."""
    return ...


exercise("27.1").check(noise_of)

# %%
# exercise("27.1").hint()  # take away the first #; then .solution()

# %% [markdown]
# **2. Active units.** Which numbers of a code tell anything?


# %%
def active(means, least=0.01):
    """Return how many numbers of the codes (pictures, latent) have means whose variance over the pictures exceeds `least`."""
    return ...


exercise("27.2").check(active)

# %%
# exercise("27.2").hint()  # take away the first #; then .solution()

# %% [markdown]
# **3. Free bits.** The cure, as a loss.


# %%
def paid(mean, log_variance, free):
    """Return the nats that a batch pays: each number's divergence, averaged over the batch, but at least `free`; summed over the code."""
    return ...


exercise("27.3").check(paid)

# %%
# exercise("27.3").hint()  # take away the first #; then .solution()

# %% [markdown] tags=["quiz"]
# ## Quiz

# %%
quiz("27")

# %% [markdown] tags=["recap"]
# ## Recap
#
# - An autoencoder has holes; a VAE's codes are clouds that overlap, so that any normal numbers are a picture.
# - Reparameterisation lets gradients through a random draw: noise first, then mean and deviation.
# - The ELBO is likelihood less divergence: a bound, checked by drawing. Sigma, or beta, sets the exchange rate.
# - A code collapses where it costs more than it brings: a large beta, or a decoder that needs no code.
# - Means of many possible pictures are blurred. The next lesson has a teacher that punishes blur.
#
# | In the paper (arXiv 1312.6114) | here |
# |---|---|
# | Equation 3, the bound | `elbo = log_likelihood(...) - divergence(...)` |
# | Section 2.4, the reparameterisation trick | `draw(mean, log_variance, noise)` |
# | Appendix B, the divergence in closed form | `divergence(mean, log_variance)` |
# | Appendix C.2, normal decoder | `log_likelihood(images, rebuilt, sigma)` |
# | Figure 4, the map | `flat.decode(grid)` |
#
# **Read on:** Kingma and Welling, *An Introduction to Variational Autoencoders* (2019); Burda and others, *Importance Weighted Autoencoders* (2015);
# Rombach and others, *Latent Diffusion* (2022), where the codes get a painter of their own.
# **Next:** lesson 28, from GAN to BigGAN: sharp pictures, by a game between two networks.
