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
# So far our networks looked, read or listened. From here on they make things up. The first recipe is still inside the large
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
seen = "24 grey, blurred pictures: many tops, a few boots, a pair of trousers, and some that are between two garments."
viz.images(vae.generate(24, seed=1), columns=12, width=640, alt=seen)

# %% [markdown]
# Nobody photographed these. Many of them one could wear; some are half one garment and half another. The network's other half goes the opposite way: from
# a picture, here one of the test split, to 16 numbers. So there and back is a rebuilding:

# %%
images, labels = held_out()  # 1,000 test pictures, a hundred of each kind
shown = images[::100]
codes = vae.encode(shown)
print("pictures", shown.shape, "-> codes", codes.shape)
seen = "Ten kinds of clothes; below each the same rebuilt, blurred: print and stripes are gone, the sandal is a dim shoe."
viz.images([*shown, *vae.decode(codes)], columns=10, width=580, alt=seen)

# %% [markdown] tags=["idea"]
# ## The idea: no holes
#
# Squeezing and unpacking alone is an **autoencoder**, known since the 1980s. It rebuilds well. Does it imagine? Let us train one by hand: dense
# layers, 16 numbers in the middle, on the 200 training pictures that come with the course. `loss_of` says what it should make small.

# %%
levels = few()[0].astype(np.float32) / 255  # (200, 32, 32, 1), 0 to 1
NO_NOISE = np.zeros((200, 16), np.float32)


def trained(loss_of, steps=500, seed=0, noisy=1.0):
    """Train a fresh network of dense layers by a loss of (images, what the network answers); the noise is for later."""
    tf.keras.utils.set_random_seed(seed)
    model, adam = build("vae_dense_nano", latent=16), tf.keras.optimizers.Adam(2e-3)

    @tf.function
    def step(batch, noise):
        with tf.GradientTape() as tape:
            loss = loss_of(batch, model([batch, noise]))
        adam.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)

    rng = np.random.default_rng(seed)
    for _ in range(steps):
        noise = noisy * rng.normal(size=(50, 16)).astype(np.float32)
        step(levels[rng.integers(200, size=50)], noise)
    return model


# %%
def squares(batch, found):
    """Rebuild, and nothing else: the sum of squared differences of each picture."""
    return tf.reduce_mean(tf.reduce_sum((batch - found["rebuilt"]) ** 2, axis=(1, 2, 3)))


plain = trained(squares, noisy=0.0)
left = squares(levels, plain([levels, NO_NOISE])) / 1024
print(f"squared difference a pixel, of the pictures it was trained on: {left:.4f}")
print(f"if each came back as the mean picture: {levels.var(axis=0).mean():.4f}")

# %% [markdown]
# Now random codes: **normal** numbers, drawn from the bell curve, as wide as the autoencoder's own codes are, and as correlated:

# %%
plain_codes = plain.get_layer("encoder")(levels)[0].numpy()
rng = np.random.default_rng(0)
drawn = rng.multivariate_normal(plain_codes.mean(axis=0), np.cov(plain_codes.T), 1000)
rubbish = np.asarray(plain.get_layer("decoder")(drawn))
seen = "Twelve grainy shapes: some would pass for a top, a bag or trousers, others are dim, torn or two things in one."
viz.images(np.uint8(255 * rubbish[:12]), columns=12, alt=seen)

# %% [markdown]
# Some would pass for a garment, others are shreds: nothing ever told the decoder what lies between the codes of real pictures. Kingma and Welling's idea (2013) has
# two parts. The encoder gives not a point but a **cloud**, a mean and a deviation (how wide it is) for each number; the decoder must cope with whatever is
# drawn from it, so codes become islands. And every cloud pays for being far from one common normal cloud, so the islands meet.
#
# In symbols: $x$ is a picture, $z$ a code. The common cloud $p(z)$, mean 0 and deviation 1, is called the **prior**: what one expects of a code before a
# picture is seen. The encoder's cloud $q(z|x)$ stands for the **posterior**, what one believes after. $p(x|z)$ says how likely the decoder, given the code, finds
# the picture; $\mathbb{E}$ is the average over codes drawn from the cloud. KL, the **Kullback-Leibler divergence**, measures how far one cloud is from another: 0 if
# they are the same. All of it is counted in natural logarithms, so the unit is the **nat**, 1.44 bits. Training makes large
#
# $$ \underbrace{\mathbb{E}_{z \sim q(z|x)} \log p(x|z)}_{\text{rebuild well}} \;-\; \underbrace{\mathrm{KL}\left(q(z|x)\,\|\,p(z)\right)}_{\text{stay near normal}} \;\le\; \log p(x) $$
#
# The left side is the **evidence lower bound**, ELBO. On the right is what we should like to know, the evidence: how likely the model finds the picture. To compute
# it, one would have to try all codes. For the left side a draw where the encoder points will do. What it lacks is how far the encoder's cloud is from the true
# posterior, a divergence as well: never negative, and 0 for a perfect encoder.

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
deviation = np.exp(log_variance[0] / 2)
print("asked for: means", mean[0, :3].round(2), "deviations", deviation[:3].round(2))
print("drawn:     means", cloud.mean(axis=0)[:3].round(2), "deviations", cloud.std(axis=0)[:3].round(2))


# %% [markdown]
# **How far from normal.** The divergence of two normal clouds has a closed form: no draws, one line. Each number of the code pays for being
# moved, $\mu^2$, and for being narrower or wider than 1:


# %%
def divergence(mean, log_variance):
    """Return the nats that each picture's code costs."""
    return 0.5 * np.sum(mean**2 + np.exp(log_variance) - log_variance - 1, axis=-1)


print("nats of the ten codes:", divergence(mean, log_variance).round(1))


# %% [markdown]
# **How well rebuilt.** The decoder paints a mean, and the model says: the pixels are that, give or take normal noise of size $\sigma$. The logarithm
# of the bell curve is a constant less a square. So squared differences become $\log p(x|z)$, the **log-likelihood**, and $\sigma$ the exchange rate between
# the two terms.


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
off = np.abs(rebuilt - found["rebuilt"]).max(), np.abs(elbo / theirs - 1).max()
print(f"largest |difference|: pictures {off[0]:.0e}, bound {off[1]:.0e} of it")
assert max(off) < 1e-4

# %% [markdown]
# And is the closed form right? The bound can be had **without any formula for the divergence**: draw codes, and average
# $\log p(x|z) + \log p(z) - \log q(z|x)$. Such a **Monte-Carlo estimate** comes with its own error.

# %%
many = rng.normal(size=(100, 10, 16)).astype(np.float32)
logs = zoo_vae.log_weights(vae.model, batch, many, SIGMA).numpy()  # (100, 10)
painted = vae.model.get_layer("decoder")(draw(mean, log_variance, many).reshape(1000, 16)).numpy()
likely = log_likelihood(np.tile(batch, (100, 1, 1, 1)), painted).reshape(100, 10)
formula, estimate = likely.mean(axis=0) - divergence(mean, log_variance), logs.mean(axis=0)
error = (logs - likely).std(axis=0) / math.sqrt(100)
print("formula ", formula[:5].round(1), "\ndrawn   ", estimate[:5].round(1), "\nerror +-", error[:5].round(1))
assert np.all(np.abs(formula - estimate) < 5 * error)

# %% [markdown]
# The same draws give more for nothing: average $p(x|z)\,p(z)/q(z|x)$ *itself* and then take the logarithm. That is a bound too, and on
# average a tighter one the more are drawn (Burda and others, 2015). Averaged over the ten pictures:

# %%
for count in (1, 10, 100):
    print(f"draws {count:>3}: at least {zoo_vae.tightened(logs[:count]).numpy().mean():.1f} nats")
assert np.all(zoo_vae.tightened(logs).numpy() > estimate)

# %% [markdown] tags=["inside"]
# ## Look inside: the space between
#
# First the holes. The same 200 pictures and the same layers, trained by our bound instead of squares; then plain normal numbers:


# %%
def cost(batch, found, sigma=0.4):
    """The ELBO with its sign turned, for training."""
    return -tf.reduce_mean(zoo_vae.elbo(batch, found, sigma))


varied = trained(cost)
imagined = np.asarray(varied.get_layer("decoder")(rng.normal(size=(1000, 16))))
seen = "Twelve blurred pictures; most can be told as a top, a bag, trousers or a shoe."
viz.images(np.uint8(255 * imagined[:12]), columns=12, alt=seen)


# %%
def gap(made):
    """Return the mean distance from made pictures to the nearest of 1,000 real ones that nobody trained on."""
    rows, real = made.reshape(len(made), -1), images.reshape(1000, -1) / 255
    squared = (rows**2).sum(1)[:, None] - 2 * rows @ real.T + (real**2).sum(1)
    return np.sqrt(squared.min(axis=1) / 1024).mean()


for name, made in (("real, to train on", levels), ("plain autoencoder", rubbish), ("variational", imagined)):
    print(f"{name:<18} {gap(made):.3f}, {gap(made) / gap(levels):.2f} times as far as a real one")
assert gap(imagined) < gap(rubbish)

# %% [markdown]
# A blurred picture is a little like many, so a figure below 1 is no triumph. But the plain autoencoder's inventions lie well outside, and these
# don't.

# %% [markdown]
# **The map.** With only two numbers in a code, all that a VAE can imagine fits on one sheet. `vae_dense_nano` is one of these. Left, where it
# puts the test pictures, coloured by a kind that it was never told; right, what it paints at each place of the same plane.

# %%
flat = load("vae_dense_nano")
places = flat.encode(images)
steps = np.linspace(-2.75, 2.75, 12)
grid = np.stack(np.meshgrid(steps, -steps), axis=-1).reshape(-1, 2)  # row by row, from the top
sheet = flat.decode(grid).reshape(12, 12, 32, 32, 3).transpose(0, 2, 1, 3, 4).reshape(384, 384, 3)

# %%
with viz.style():
    figure, (left, right) = plt.subplots(1, 2, figsize=(6.4, 3.7), sharey=True, layout="constrained")
    for kind, name in enumerate(KINDS):
        left.scatter(*places[labels == kind].T, s=4, color=plt.cm.tab10(kind), label=name, linewidths=0)
    right.imshow(sheet, extent=(-3, 3, -3, 3))
    right.grid(False)
    for axes in (left, right):
        axes.set(xlim=(-3, 3), ylim=(-3, 3), aspect="equal", xlabel="first number of the code")
    left.set_ylabel("second number")
    figure.legend(
        fontsize=8, markerscale=3, ncols=5, columnspacing=1, loc="outside lower center", handletextpad=0.1
    )
seen = "Left, test pictures as coloured dots in a plane: shoes above, some bags above them to the left, tops below, trousers lower right; pullovers, coats and shirts mixed. Right, a sheet of pictures that change gradually in the same order."
viz.show(figure, alt=seen)

# %% [markdown]
# Neighbours look alike, and kinds that look alike are neighbours: pullovers, coats and shirts share one place. (Bags have two.) Almost every
# place has a picture. But two numbers are few: at the border between shoes and tops it paints something dim that is neither.

# %% [markdown]
# **The walk.** Half-way between two pictures, pixel by pixel, is a double exposure. Half-way between two *codes*, of our first VAE, is a third shoe.

# %%
ends = np.stack([images[labels == 7][3], images[labels == 9][5]])  # a sneaker, an ankle boot
shares = np.linspace(0, 1, 6)
faded = [np.uint8((1 - share) * ends[0] + share * ends[1]).repeat(3, axis=-1) for share in shares]
codes = vae.encode(ends)
walked = vae.decode(np.stack([(1 - share) * codes[0] + share * codes[1] for share in shares]))
seen = "Above, a sneaker fades into a boot, both seen at once in the middle. Below, its shaft grows step by step."
viz.images([*faded, *walked], columns=6, width=520, alt=seen)

# %% [markdown] tags=["change"]
# ## Change it: two terms that pull
#
# Weigh the divergence by $\beta$, and one slides from an autoencoder to a network that ignores its pictures (*beta-VAE*, 2017). Below, networks of dense layers with
# $\sigma$ 0.1 and 16 numbers, three seeds, recorded by `python -m course_lib.training.generative.collapse`. The **distance** holds a thousand
# made pictures against real ones, in the features of a classifier: less is better, and lesson 28 builds it. Real training pictures score the first line.

# %%
record = json.loads((data_dir() / "experiments" / "collapse.json").read_text())
swept = {int(way[5:]): runs for way, runs in record.items() if way[5:].isdigit()}
print(f"real training pictures: distance {real().baseline_small.mean():.1f}")
for beta, runs in swept.items():
    row = {key: np.mean([run[key] for run in runs]) for key in runs[0]}
    told = f"code {row['divergence']:5.1f} nats, {row['active']:4.1f} of 16 numbers in use"
    print(f"beta {beta:>5}: rebuilt {row['rebuilt']:4.0%}  {told}  distance {row['distance']:5.1f}")

# %%
lines = {
    "variance rebuilt": [[run["rebuilt"] for run in runs] for runs in swept.values()],
    "numbers of the code in use": [[run["active"] / 16 for run in runs] for runs in swept.values()],
}
drawn = {name: (list(swept), np.transpose(rows)) for name, rows in lines.items()}
viz.curves(drawn, "beta", "share", logx=True, percent=True, size=(6.6, 3.2))

# %%
distances = np.transpose([[run["distance"] for run in runs] for runs in swept.values()])
drawn = {"made pictures": (list(swept), distances)}
seen = "Line chart of distance against beta: 46 at 1, falling to its lowest, 24, at 64, then rising to 74 at 1,024."
viz.curves(drawn, "beta", "distance from real pictures", logx=True, size=(6.6, 2.6), alt=seen)

# %% [markdown]
# Two prices. On the left almost four fifths of the pixels' variance come back, but made pictures are far from real ones. 50 nats mean, roughly, that the
# cloud of one picture fills a share $e^{-50}$ of the common cloud. There are 60,000, or $e^{11}$, training pictures; together they fill next to nothing, and what
# is drawn beside them is unknown land. On the right hardly anything comes back. Made pictures are best **in between**, where the code tells few
# nats and the clouds fill the space. (Our nano's 16 nats or so fill under 1 %. It too must often guess: hence the half garments at the top.)
#
# A number counts as *in use* as soon as its mean varies a little over the pictures. So at the far right a few seem to come back: all together they tell 0.4 nats.
#
# Beta and sigma are one knob: weighing the divergence by 16 is the same as making $\sigma$ four times as large. So our nano, with $\sigma$ 0.4, stands
# where the third row does.

# %% [markdown]
# ### Collapse, and the cure
#
# On the right end next to nothing is told: every number of the code is nearly the same noise for every picture. That is **posterior collapse**: the posterior
# has become the prior. It has a second, sneakier cause: a decoder so strong that it hardly needs a code. Ours here paints row by row and *sees the five
# real rows above*; its $\sigma$ is 0.8, so that details count little. Two cures: let $\beta$ grow from 0 over the first half of training (**annealing**), or let each
# number tell half a nat at no cost (**free bits**, as they are called; here in nats).

# %%
hard = {way: runs for way, runs in record.items() if way.startswith(("strong", "beta 1024"))}
for way, runs in hard.items():
    bits, rebuilt_share, told = (
        np.mean([run[key] for run in runs]) for key in ("bits", "rebuilt", "divergence")
    )
    print(f"{way:<26} bits a pixel {bits:6.3f}, rebuilt {rebuilt_share:.0%}, code {told:.1f} nats")
told = {way: [run["divergence"] for run in runs] for way, runs in hard.items()}
viz.bars(told, "nats that the code tells", form="{:.1f}")

# %% [markdown]
# The large beta is cured by half a free nat a number: the code tells 7 of the 8 nats that are free. The strong decoder rebuilds 72 %
# and tells 0.6 nats by its code: the rest it sees in the rows above. Letting $\beta$ grow doubles that, to 1.2, and **does not cure it here**.
# Free bits do: 7.4 nats. But look at the strong decoder's bits a pixel, what a picture costs by the bound (with $\sigma$ 0.8,
# 9.00 even where every pixel is met; so don't compare them with the rows above, whose $\sigma$ is 0.1): the cure makes them no better, even a trace worse. By the
# bound, a decoder that can do without its code is right to; only whoever *wants* the code has to pay for it.

# %% [markdown]
# ### The real one
#
# Stable Diffusion and FLUX don't paint pixels. They paint *codes* of a variational autoencoder, and its decoder makes the photograph. **TAESD** is a
# small stand-in for Stable Diffusion's, 2.4 million numbers, and `load("taesd")` runs the published files: `course fetch taesd` (5 MB).
# Without them the shapes are right, and no picture comes back.

# %%
try:
    taesd = load("taesd")
except CourseError:  # its files are not here; shapes need none
    taesd = load("taesd", weights=None)
code = taesd.encode(sample("cat"), size=256)[0]
fewer = 256 * 256 * 3 / code.size
print(f"photograph (256, 256, 3) -> code {code.shape}: {fewer:.0f} times fewer numbers")
cat = None
if taesd.provenance.grade != "random":  # else it stays a code
    cat = viz.images(taesd.decode(code[None]), width=256, alt="A cat's face, rebuilt from its code.")
cat

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
    answer = model([levels, NO_NOISE])
    told = float(tf.reduce_mean(zoo_vae.divergence(answer["mean"], answer["log_variance"])))
    left = np.mean((levels - answer["rebuilt"]) ** 2) / np.mean((levels - levels.mean(axis=0)) ** 2)
    print(f"{name:<5} code {told:6.2f} nats, {1 - left:4.0%} of the variance rebuilt")

# %% [markdown]
# Nobody gets an error message. With 0.00 nats every picture comes back as the same grey average, here a little worse than the true average of the training
# pictures. It is collapse by accident: with $\sigma$ 0.4 this $\beta$ of 1,024 lies sixteen times beyond the right end of the figure above.
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
# **Limits.** This one has seen ten kinds of clothes, centred, on black. It imagines nothing else, and which
# kind comes, nobody can ask of it: it was never told the kinds. Lesson 28 tells them. Fashion-MNIST is under the MIT licence.

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
# **2. Active units.** How many numbers of a code tell anything?


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
# - An autoencoder has holes; a VAE's codes are clouds pushed together, so that most normal numbers give something like a picture.
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
