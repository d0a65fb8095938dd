# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # StyleGAN2: where should the random numbers go in?
#
# The first GAN of [lesson 28](28_gan_to_biggan.ipynb) gets its random numbers once, at the bottom. BigGAN tells them to every block as well, but just as they were
# drawn, and nobody knows which number does what. StyleGAN (Karras, Laine and Aila, 2018) changes the entrance, not the game: the numbers are first **arranged anew**,
# then go in **at every layer**, and no longer at the bottom. So one coat's cut can be had in another coat's cloth.
#
# > **You will be able to** write the mapping network and the modulated convolution by hand, prove both equal to the library's, mix two
# > styles, turn one property of a picture by a number, and say what truncation costs and how it goes wrong with classes.
# >
# > **Needs** [lesson 28](28_gan_to_biggan.ipynb) for the game of two networks. On two cores about 40 s, 1 GB of memory, no download.

# %% [markdown] tags=["set-up"]
# ## Set-up

# %%
from course_lib.lessons import exercise, quiz, start

start()

import json

import matplotlib.pyplot as plt
import numpy as np
from course_lib import load, viz
from course_lib.data_dir import data_dir
from course_lib.media.fashion import KINDS
from course_lib.training.generative.directions import brightness
from course_lib.training.generative.judge import judge
from course_lib.zoo import stylegan2

# %% [markdown] tags=["see-it-work"]
# ## See it work
#
# The course's nano StyleGAN2 learned from 60,000 small grey photographs of clothes, Fashion-MNIST. Ten kinds, three
# pictures each; none of them was ever photographed.

# %%
gan = load("stylegan2_nano")
in_order = ", ".join(KINDS)
alt = "Thirty drawn pieces of clothing, three of each kind."
viz.samples(gan.generate(30, seed=3), alt=alt, caption=in_order)

# %% [markdown]
# From here on we work with its parts: the numbers $z$ that go in, the **styles** $w$ that they become, and the pictures drawn from them.

# %%
network = gan.model
latents = np.random.default_rng(3).standard_normal((30, 64), np.float32)
labels = np.arange(30) % 10
w = np.asarray(stylegan2.styles(network, latents, labels))


def drawn(w):
    """Draw styles as grey pictures, (n, 32, 32) from 0 to 1."""
    return np.clip(stylegan2.draw(network, w)[..., 0] / 2 + 0.5, 0, 1)


def greys(pictures):
    """How bright pictures (n, 32, 32) of 0 to 1 are, where they are not background."""
    return brightness(255 * pictures[..., None])


def show(pictures, alt, names=None, columns=10, caption=None):
    """Show pictures, (n, 32, 32) or rows of them, close together."""
    pixels = (255 * np.asarray(pictures)).astype(np.uint8).reshape(-1, 32, 32, 1)
    return viz.samples(pixels, names, columns, alt=alt, caption=caption)


# %% [markdown]
# And here is what this lesson is about. The **columns** give the cut, the **rows** the cloth: in each square the layers up to 8 px took the style of the
# picture above, the finer layers that of the picture on the left.

# %%
shapes, cloths = w[[12, 4, 3, 8]], w[[26, 22, 5, 10]]
# 3 of the 8 layers that take a style: those up to 8 px
grid = [drawn(stylegan2.mixed(shapes, np.repeat(cloth[None], 4, axis=0), 3, 8)) for cloth in cloths]
heads = drawn(np.concatenate([shapes, cloths]))
rows = [np.ones((32, 32)), *heads[:4]]
for cloth, mixtures in zip(heads[4:], grid, strict=True):
    rows += [cloth, *mixtures]
alt = "Four cuts across, four cloths down; each square has the cut of its column and the cloth of its row."
show(rows, alt, columns=5)

# %% [markdown] tags=["idea"]
# ## The idea: a ball is the wrong shape
#
# **First entrance.** Random numbers $z$ come from a ball: every direction alike. The world is no ball. Think of shirts by two properties, length of sleeve
# and thickness of cloth, and let nobody sew thick ones without sleeves. A generator fed from the ball has to bend it until that corner is empty, and so each
# number of $z$ comes to mean a bit of both properties: it is **entangled**.

# %%
rng = np.random.default_rng(0)
ball = rng.normal(size=(1500, 2))
sleeve = np.argsort(np.argsort(ball[:, 0])) / 1500  # 0 to 1, all lengths alike
room = np.where(sleeve < 0.5, 0.5, 1.0)  # short sleeves: thin cloth only
thickness = room * np.argsort(np.argsort(ball[:, 1])) / 1500
both = np.stack([sleeve, thickness], axis=1)
with viz.style():
    figure, axes = plt.subplots(1, 2, figsize=(6.4, 2.9))
    for place, dots, names in zip(axes, (ball, both), (("z1", "z2"), ("sleeve", "thickness")), strict=True):
        place.scatter(*dots.T, c=thickness, s=3, cmap="viridis", linewidths=0)
        place.set(xlabel=names[0], ylabel=names[1])
viz.show(
    figure, alt="The same points as a ball and as a square without a corner; equal colours jump in the ball."
)


# %% [markdown]
# Colour is thickness. In the ball its bands **break** where the corner is missing; a straight step in $z_2$ means two different things. How straight are they? We fit
# thickness by a plane over each space:


# %%
def straightness(space, property_):
    """Share of a property's variance that a plane over the space explains on the other half of the points, R squared."""
    half = len(space) // 2
    inputs = np.column_stack([space, np.ones(len(space))])
    plane = np.linalg.lstsq(inputs[:half], property_[:half], rcond=None)[0]
    missed = property_[half:] - inputs[half:] @ plane
    return 1 - missed.var() / property_[half:].var()


print(
    f"over the ball {straightness(ball, thickness):.2f}, over the square {straightness(both, thickness):.2f}"
)

# %% [markdown]
# (The square's 1.00 was sure: thickness is one of its sides. What counts is that the ball falls short.) So StyleGAN lets a small network, $w = f(z)$, unbend the ball first. Nobody tells it how. The authors expect that good pictures are easier to draw when $w$ lies straight, so that training pushes that way. Whether it did, we measure below.
#
# **Second entrance.** Then $w$ goes into each layer. There a small dense layer turns it into the layer's own style $s$: one number for each input channel, which scales
# the kernel $k$. After that the kernel of each output channel is divided by its length, so that no style can make a map loud:
#
# $$ k'_{ijp} = s_i\, k_{ijp} \qquad\quad k''_{ijp} = k'_{ijp} \Big/ \sqrt{\textstyle\sum_{i,p} k'^{\,2}_{ijp}} $$
#
# ($i$ counts channels in, $j$ channels out, $p$ the places of the kernel. The paper calls the kernel $w$ too; here $w$ is always the picture's style.) The picture itself begins as the same learned constant every time.

# %% [markdown] tags=["build"]
# ## Build it by hand
#
# **The mapping network.** A dense layer makes 64 numbers of the class; these and $z$ are each scaled to a mean square of 1. Then come dense layers with a leaky ReLU. All
# weights of a StyleGAN are kept large and scaled down when they are used (**equalised learning rate**), so that Adam, whose steps are all about alike, changes each layer
# at the same pace. The mapping's are kept larger still, and so change more slowly than the rest: 100 times in NVIDIA's networks, 10 times in ours, which has less time.


# %%
def dense(x, name, rate=1.0):
    """A dense layer with an equalised learning rate."""
    inner = network.get_layer("mapping" if name.startswith("mapping") else "synthesis")
    kernel, bias = inner.get_layer(name).get_weights()
    return x @ (kernel * rate / np.sqrt(len(kernel))) + bias * rate


def normalised(x):
    return x / np.sqrt(np.mean(x**2, axis=-1, keepdims=True) + 1e-8)


def leaky(x):
    return np.where(x > 0, x, 0.2 * x) * np.sqrt(2)  # the gain keeps the size


# %%
SLOW = stylegan2.CONFIGS["stylegan2_nano"].slow


def mapping(z, labels, depth):
    """From random numbers (n, 64) and classes (n,) to styles (n, 64)."""
    told = dense(np.eye(10)[labels], "mapping_embed")
    x = np.concatenate([normalised(z), normalised(told)], axis=-1)  # (n, 128)
    for number in range(1, depth + 1):
        x = leaky(dense(x, f"mapping_dense{number}", rate=SLOW))
    return x


depth = sum("dense" in layer.name for layer in network.get_layer("mapping").layers)
by_hand = mapping(latents, labels, depth)
print(latents.shape, "->", by_hand.shape, f"through {depth} layers")

# %% [markdown]
# **The modulated convolution**, exactly as in the equations: every picture gets a kernel of its own.


# %%
def convolve(x, kernel):
    """Convolve one map (height, width, inputs) with a 3x3 kernel: a sum over its places, each a matrix product."""
    height, width, _ = x.shape
    padded = np.pad(x, ((1, 1), (1, 1), (0, 0)))
    return sum(padded[i : i + height, j : j + width] @ kernel[i, j] for i in range(3) for j in range(3))


def modulated(x, kernel, style):
    """Scale the kernel by a style (inputs,), each output channel to length 1, and convolve."""
    scaled = kernel * style[:, None]  # (3, 3, inputs, outputs)
    return convolve(x, scaled / np.sqrt((scaled**2).sum(axis=(0, 1, 2)) + 1e-8))


# %%
synthesis = network.get_layer("synthesis")
kernel = synthesis.get_layer("b4_conv1").kernel.numpy()
begin = synthesis.get_layer("b4_start").maps.numpy()  # (4, 4, 64), the same for all pictures
styles = dense(by_hand, "b4_conv1_style")  # (30, 64)
maps = np.stack([modulated(begin, kernel, style) for style in styles])
print("constant", begin.shape, "styles", styles.shape, "-> maps", maps.shape)


# %% [markdown]
# **The same, cheaper.** Thirty kernels for thirty pictures are dear. But to scale a kernel's input channels is to scale what comes in, and its output channels, what
# goes out. So one kernel serves all:


# %%
def modulated_cheaply(x, kernel, styles):
    """All pictures (n, height, width, inputs) with one kernel."""
    length = np.sqrt(styles**2 @ (kernel**2).sum(axis=(0, 1)) + 1e-8)  # (n, outputs)
    out = np.stack([convolve(picture, kernel) for picture in x * styles[:, None, None, :]])
    return out / length[:, None, None, :]


cheap = modulated_cheaply(np.repeat(begin[None], 30, axis=0), kernel, styles)
print(f"largest |difference| of the two ways: {np.abs(cheap - maps).max():.0e}")
assert np.abs(cheap - maps).max() < 1e-4

# %% [markdown]
# **Noise.** Where each thread lies is chance, and should cost the style nothing. So each layer adds a field of normal noise times one learned
# **strength**; then bias, leaky ReLU, and on to the next layer. At each size a 1x1 convolution (*toRGB*; here it gives one grey) makes a small picture, and all
# of them, enlarged, are added up.

# %% [markdown] tags=["proof"]
# ## Proof
#
# Mapping, modulated convolution, noise and activation against the library's.

# %%
print(f"w: largest |difference| {np.abs(by_hand - w).max():.0e}")
noise = synthesis.get_layer("b4_conv1_noise")
ours = leaky(maps + noise.constant.numpy()[..., None] * noise.strength.numpy() + noise.bias.numpy())
theirs = viz.layer_outputs(synthesis, np.repeat(w[:, None], 8, axis=1), ["b4_conv1_noise"])["b4_conv1_noise"]
print(f"first maps: largest |difference| {np.abs(ours - theirs).max():.0e}")
assert np.abs(by_hand - w).max() < 1e-4
assert np.abs(ours - theirs).max() < 1e-3

# %% [markdown]
# The networks for faces at 1,024 px are built by the same code with another configuration. With NVIDIA's own code beside it and the same random weights, pictures, styles,
# mixing and truncation agree to 1e-4; the course's tests repeat that.
#
# **Why the division?** The first StyleGAN divided each map by its own deviation (*AdaIN*, of which we take the division alone). Its pictures had blobs like drops of water, and in the maps behind each blob stood one tall peak. Put such a peak into a map, and see what each way makes of all that is *not* the peak:

# %%
kernel8 = synthesis.get_layer("b8_conv1").kernel.numpy()
quiet = np.random.default_rng(1).normal(size=(8, 8, kernel8.shape[2]))
style = dense(by_hand, "b8_conv1_style")[0]
for peak in (0, 10, 100, 1000):
    x = quiet.copy()
    x[0, 0] += peak
    plain = convolve(x, kernel8 * style[:, None])
    adain = plain / plain.std(axis=(0, 1))
    print(f"peak {peak:4}: the rest has size {adain[3:, 3:].std():.3f} by AdaIN, "
          f"{modulated(x, kernel8, style)[3:, 3:].std():.3f} demodulated")  # fmt: skip

# %% [markdown]
# With AdaIN a generator can paint a peak to make everything else fainter. That is a way round the division, and the authors think that it was taken.
# Demodulation looks at kernel and style, never at the map, so a peak buys nothing.

# %% [markdown] tags=["inside"]
# ## Look inside: which layer decides what?
#
# We give **one size** of layers another style of the same kind, and leave the others. Two things can change: the **cut**, pixels that turn from cloth to
# background or back (as a share of the cloth), and the **cloth**, how bright it is.

# %%
z = np.random.default_rng(8).standard_normal((2, 200, 64), np.float32)
kinds = np.arange(200) % 10
one, other = (np.asarray(stylegan2.styles(network, each, kinds)) for each in z)
before = drawn(one)
for side, first, behind in ((4, 0, 1), (8, 1, 3), (16, 3, 5), (32, 5, 8)):
    layered = np.repeat(one[:, None], 8, axis=1)
    layered[:, first:behind] = other[:, None]
    after = drawn(layered)
    cut = np.mean((after > 0.2) != (before > 0.2)) / np.mean(before > 0.2)
    cloth = np.abs(greys(after) - greys(before)).mean()
    print(f"styles at {side:2} px changed: cut {cut:.3f}, cloth {cloth:.3f}")

# %% [markdown]
# Small maps decide the cut, large ones the cloth, and nobody asked for that: one place of a 4 px map covers 8 x 8 pixels of the picture, while a style at 32 px
# scales what is already in its place. (The four sizes have 1, 2, 2 and 3 layers: the cut moves less though more layers change; a part of the cloth's rise may be their number.)
#
# And the noise? What a network has learned to do with it stands in its strengths:

# %%
strengths = [float(layer.strength) for layer in synthesis.layers if "_noise" in layer.name]
print("strength of the noise, layer by layer:", np.round(strengths, 3))
kept = network.get_weights()
stylegan2.redraw_noise(network, seed=1)
print(f"redrawn, a pixel changes by {np.abs(drawn(one) - before).mean():.4f}; another z changes it by "
      f"{np.abs(drawn(other) - before).mean():.2f}")  # fmt: skip
network.set_weights(kept)

# %% [markdown]
# Ours **never took it up**. Every strength begins at 0, and all have stayed within .01 of it. Perhaps because at 32 px no thread can be seen, so there is
# little for chance to place; in faces at 1,024 px it places single hairs. A strength is learned like any other number, and learning may leave a part alone.

# %% [markdown] tags=["change"]
# ## Change it: is w really straighter than z?
#
# This could have failed: nothing in our training asks for it. (NVIDIA's face networks are asked a little: StyleGAN2 adds to the loss how unevenly small steps in $w$ move the picture, *path length regularisation*.) Two measures, three draws each, recorded by `python -m course_lib.training.generative.entangled`. **Straightness** as above, over 1,000 pictures of each kind, of
# what can be measured in a picture: how bright the cloth is, and how wide it is cut; within one kind, by a plane over $z$ and over $w$. And **path length**: on the way between two random
# points we take a step of 1 % of the way. How far does the picture move, in a classifier's features? (Squared, over .01 squared, as in the paper.) The fewer detours
# a picture makes, the smaller it is.

# %%
measured = json.loads((data_dir() / "experiments" / "entangled.json").read_text())
names = ["brightness", "width"]
for name in names:
    for space in ("z", "w"):
        values = [draw[name] for draw in measured[space]]
        print(
            f"{name:<11} from {space}: R squared {np.mean(values):.2f} ({min(values):.2f} to {max(values):.2f})"
        )
for space in ("z", "w"):
    print(f"path length in {space}: {np.mean([draw['path length'] for draw in measured[space]]):.1f}")

# %%
rows = {(name, space): [max(0, draw[name]) for draw in measured[space]] for name in names for space in "zw"}
viz.bars(
    {f"{name} from {space}": values for (name, space), values in rows.items()},
    "R squared on pictures that were not fitted",
    form="{:.2f}",
)

# %% [markdown]
# It is: both properties lie straighter in $w$, in every draw, and between the same two pictures a walk through $w$ makes fewer detours. Width is the harder one: even over $w$ the plane misses about four tenths of its variance.
#
# ### Turn one property
#
# Where a property lies straight, a direction turns it. Which one? We draw 600 pullovers and measure the **brightness** of each. The plane's **slope**
# was good enough in lesson 28. Or the **mean difference**: how $w$ differs, on average, where pullovers are brighter. Both are scaled so that a step of 1 should make
# the cloth brighter by 1, and tried on pullovers that were not fitted.


# %%
def styles_of(kind, count, seed):
    """Draw styles (count, 64) of one kind."""
    z = np.random.default_rng(seed).standard_normal((count, 64), np.float32)
    return np.asarray(stylegan2.styles(network, z, np.full(count, KINDS.index(kind))))


fitted, new = styles_of("pullover", 600, seed=1), styles_of("pullover", 10, seed=2)
brighter = greys(drawn(fitted))
brighter, centred = brighter - brighter.mean(), fitted - fitted.mean(axis=0)
slope = np.linalg.lstsq(centred, brighter, rcond=None)[0]
ways = {"slope": slope / (slope @ slope), "mean difference": brighter @ centred / (brighter @ brighter)}

# %%
for name, direction in ways.items():
    got = [np.mean(greys(drawn(new + ask * direction)) - greys(drawn(new))) for ask in (-0.2, 0.2)]
    print(f"{name:<15} asked for -0.20 and +0.20, got {got[0]:+.2f} and {got[1]:+.2f}")
    print(f"{'':<15} w varies by {(centred @ direction).std() / np.linalg.norm(direction):.2f} along it")
asked = (-0.2, 0.0, 0.2)
walked = [drawn(new + ask * ways["mean difference"]) for ask in asked]
show(walked, "Ten pullovers, darker above and brighter below.", [f"{ask:+.1f}" for ask in asked])

# %% [markdown]
# **The mistake everyone makes:** the slope *reads* brightness, it does not *write* it. It got a twentieth of what it asked for; the mean difference got most. A plane leans on whatever helps it to predict, and that may be directions in
# which $w$ hardly ever varies. A step along them leads to styles that never occur, and the picture need not answer. In the ball of $z$ all directions vary alike, so
# slope and mean difference point nearly the same way. In $w$ they need not.

# %% [markdown]
# ### Truncation
#
# Styles far from the mean were rare in training, and are drawn badly. **Truncation** moves every $w$ towards the mean: $\bar w + \psi\,(w - \bar w)$. Less variety,
# fewer failures. For a network without classes this is one mean, $\bar w$.

# %%
psis = (1.0, 0.7, 0.4, 0.0)
rows = [drawn(stylegan2.truncated(network, w[:10], psi)) for psi in psis]
alt = "Ten kinds; from row to row nearer to the mean style, the last row ten times the same."
show(rows, alt, [f"psi {psi}" for psi in psis], caption=in_order)

# %% [markdown] tags=["traps"]
# ## Traps and limits
#
# **One mean for all classes.** The last row is nobody's clothing: between sandal and coat lies nothing. Truncate a network with classes as the paper does, and every picture drifts towards that. The cure is a mean for each class. A classifier that never saw a drawn picture says what is left of the classes:

# %%
look = judge()
many = np.random.default_rng(5).standard_normal((500, 64), np.float32)
kinds = np.arange(500) % 10
w_many = np.asarray(stylegan2.styles(network, many, kinds))
centres = np.stack([w_many[kinds == kind].mean(axis=0) for kind in range(10)])


# %%
def recognised(w):
    """Share of pictures that the judge takes for what they should be."""
    _, seen = look((255 * drawn(w))[..., None])
    return np.mean(seen == kinds)


for psi in (1.0, 0.7, 0.4):
    one = np.asarray(stylegan2.truncated(network, w_many, psi))
    own = centres[kinds] + psi * (w_many - centres[kinds])
    print(
        f"psi {psi}: recognised {recognised(one):.2f} with one mean, {recognised(own):.2f} with a mean a class"
    )

# %%
rows = [drawn(centres[:10] + psi * (w[:10] - centres)) for psi in psis]
alt = "The same with a mean for each class: the last row is each kind's mean."
show(rows, alt, [f"psi {psi}" for psi in psis], caption=in_order)

# %% [markdown]
# With one mean, less $\psi$ costs classes; with a mean a class, it wins some. It is not free: the pictures of a kind grow alike, and this judge does not count that.
#
# **Reading the weights as they lie.** Kernels of an equalised layer are not the ones that act: the first of our mapping network is kept 113 times too large, 10 times for the slow pace and $\sqrt{128}$ times for its 128 inputs. Compare:

# %%
kernel, bias = network.get_layer("mapping").get_layer("mapping_dense1").get_weights()
scale = SLOW / np.sqrt(len(kernel))
print(f"kept: deviation {kernel.std():.0f}; used: {(kernel * scale).std():.3f}")

# %% [markdown]
# **A low $\psi$ for the figure, $\psi = 1$ for the score.** Pictures in articles are often drawn with $\psi$ around .5 to .7, while the Frechet distance beside them was
# measured with 1. Ours was measured with .85, towards the mean of the class; the figures for 1 are kept beside it. Say which.
#
# **Limits.** Ours draws small grey clothes. NVIDIA's networks draw faces that are hard to tell from photographs, of people who don't exist; their licence allows research, not
# commerce, so `course fetch stylegan2_ffhq` shows it and asks first. Their files are pickles that carry source code, which is not run here. They learned from the photographs of one website, Flickr, so its mix of ages and skins is theirs. And whoever shows a drawn face to others should say that it is one.

# %% [markdown] tags=["exercises"]
# ## Exercises
#
# **1. Modulate and demodulate.**


# %%
def modulated_kernel(kernel, style):
    """Scale a kernel (3, 3, inputs, outputs) by a style (inputs,), then each output channel to length 1."""
    return ...


exercise("29.1").check(modulated_kernel)

# %%
# exercise("29.1").hint()  # take away the first #; then .solution()

# %% [markdown]
# **2. Mix two styles.** What made the grid at the beginning.


# %%
def mix(coarse, fine, start, layers):
    """Return (layers, n): the style `coarse` (n,) for the layers before `start`, `fine` (n,) for the others."""
    return ...


exercise("29.2").check(mix)

# %%
# exercise("29.2").hint()  # take away the first #; then .solution()

# %% [markdown]
# **3. Truncate within a class.** The cure of the first trap.


# %%
def truncate(w, labels, centres, psi):
    """Move styles w (n, k) towards the mean style of their own class; centres (classes, k), labels (n,)."""
    return ...


exercise("29.3").check(truncate)

# %%
# exercise("29.3").hint()  # take away the first #; then .solution()

# %% [markdown] tags=["quiz"]
# ## Quiz

# %%
quiz("29")

# %% [markdown] tags=["recap"]
# ## Recap
#
# - The game is that of every GAN; what changed is the entrance: a mapping network, then a style at every layer.
# - $w$ may lie as the pictures want it, so properties lie straighter in it than in the ball of $z$, and can be turned.
# - A style scales a kernel's inputs; demodulation divides by the kernel's length, not by what the map happens to hold.
# - Coarse layers decide the cut, fine ones the cloth. Noise is for what may be chance; ours never took it up.
# - A plane's slope reads a property; the mean difference writes it.
# - Truncation buys quality for variety; with classes, towards the mean of the class.
#
# | In the papers | here |
# |---|---|
# | Mapping network (1812.04948, figure 1) | `mapping(z, labels, depth)` |
# | Equations 1 and 3, modulation and demodulation (1912.04958) | `modulated(x, kernel, style)` |
# | Style mixing (1812.04948, section 3.1) | `stylegan2.mixed(...)` |
# | Truncation (1812.04948, appendix B) | `stylegan2.truncated(...)` |
# | Path length and separability (1812.04948, section 4) | `entangled.json`, `straightness(space, property_)` |
#
# **Read on:** Karras and others, *Alias-Free GAN* (2021), whose details no longer stick to the pixels.
# **Next:** part 8, how a model gets to the people who use it.
