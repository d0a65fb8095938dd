# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Xception: must a convolution look around and mix channels in one go?
#
# An ordinary 3x3 convolution sees everything at once: nine places, times all channels. Xception does the two one after the
# other, with about a ninth of the multiplications. What does that lose, and is it nine times as fast?
#
# > **You will be able to** build a depthwise separable convolution by hand, say how it comes from the ordinary one, predict
# > its cost and measure how much of the saving reaches the clock, and find a planted fault by comparing layers.
# >
# > **Needs** [lesson 04](04_resnet.ipynb). On two cores about a minute, 2 GB of memory, no download.

# %% [markdown] tags=["set-up"]
# ## Set-up

# %%
from course_lib.lessons import exercise, quiz, start

start()

from dataclasses import replace
from itertools import pairwise
from time import process_time

import keras
import numpy as np
import tensorflow as tf
from course_lib import card, load, viz
from course_lib.lessons.bank.l06_xception import with_a_fault
from course_lib.media.samples import sample
from course_lib.media.world import make_image, make_images
from course_lib.training.fit import Settings, Trainer
from course_lib.weights.convert import load_into
from course_lib.weights.sources.applications import arrays_of
from course_lib.zoo import xception
from matplotlib import pyplot as plt
from sklearn.datasets import load_digits

dice = np.random.default_rng(0)

# %% [markdown] tags=["see-it-work"]
# ## See it work
#
# Without a download a small sister stands in for Xception: `xception_nano`, which this course trained on drawings of 20 kinds of
# object. After `course fetch xception` the same cell runs the official network, on a photo.

# %%
model = load("xception")
official_here = model.provenance.grade == "official"
picture = sample("cat") if official_here else make_image("heart", seed=9002)
viz.predictions(picture, model.classify(picture))

# %% [markdown]
# One picture proves little. Here are three sets of 400 drawings that it has never seen, and its **accuracy**, the share that it
# gets right:

# %%
nano = load("xception_nano")
held_out = [make_images(400, seed=seed) for seed in (9001, 9002, 9003)]


def accuracy(prepare):
    """Return the share of pictures that `nano` gets right, for each held-out set."""
    return [np.mean(nano.model.predict_on_batch(prepare(x)).argmax(axis=1) == y) for x, y in held_out]


print("accuracy on each set:", *(f"{score:.3f}" for score in accuracy(nano.preprocess)), "  chance: 0.050")

# %% [markdown] tags=["idea"]
# ## The idea: one job at a time
#
# A 3x3 convolution has one number for each place (nine), each input channel and each output channel. So it learns two things
# together: what lies *around* a pixel, and which *channels* belong together. Inception (lesson 03) began to separate them: 1x1
# convolutions mix channels, then several 3x3 convolutions look around, each in its own *part* of the channels.
# [François Chollet (2016)](https://arxiv.org/abs/1610.02357) asked: why a few parts? Make as many as there are channels.
#
# - A **depthwise** convolution has one 3x3 kernel for each channel. It looks around, and mixes nothing.
# - A **pointwise** convolution, 1x1, mixes the channels of each pixel, and looks nowhere else.
# - One after the other they make a **depthwise separable** convolution, Xception's only tool after its first two layers:
#
# $$ y_o(p) = \sum_c P_{c,o} \sum_{d\,\in\,3\times 3} D_{d,c}\; x_c(p + d) $$
#
# ($x_c(p)$: channel $c$ at pixel $p$; $d$: the nine steps from a pixel to itself and its neighbours; $D$ and $P$: the weights of
# the two.) How does one come from the ordinary convolution to this? By **groups**: split the channels into groups, and convolve
# each group by itself. Each square below is one 3x3 kernel, from one of eight input channels (column) to one of eight output
# channels (row):

# %%
roads = [(groups, np.kron(np.eye(groups), np.ones((8 // groups, 8 // groups)))) for groups in (1, 2, 4, 8)]
with viz.style():
    fig, axes = plt.subplots(1, 5, figsize=(7.4, 1.9), layout="constrained")
    for ax, (groups, kernels) in zip(axes, roads, strict=False):
        ax.pcolormesh(kernels, cmap="Blues", vmin=0, vmax=1.4, edgecolors="#fbfaf7")
        ax.set_title(f"{groups} group{'s' * (groups > 1)}\n{9 * kernels.sum():.0f} weights")
    axes[4].pcolormesh(np.ones((8, 8)), cmap="Oranges", vmin=0, vmax=2, edgecolors="#fbfaf7")
    axes[4].set_title("then 1x1:\n+ 64 weights")
    for ax in axes:
        ax.set(xticks=[], yticks=[], aspect=1)
        ax.invert_yaxis()
viz.show(
    fig,
    alt="Five grids of 8 by 8. One group: all squares filled, 576 weights. Two, four, eight groups: blocks on the diagonal, "
    "288, 144, 72 weights. Then a full grid in another colour: the 1x1 convolution, 64 weights.",
)

# %% [markdown]
# From left to right kernels vanish, and with them the mixing. The orange 1x1 brings mixing back, for 64 single numbers.
# The hypothesis: nothing important is lost on the way.

# %% [markdown] tags=["build"]
# ## Build it: from one group to many
#
# A grouped convolution is a split, a few ordinary convolutions, and a join. Is it also what the picture says, an ordinary
# convolution with zeros off the diagonal? We build both.


# %%
def grouped(x, kernel, groups):
    """Convolve each group of channels by itself; kernel (3, 3, C_in / groups, C_out)."""
    parts = zip(tf.split(x, groups, axis=-1), tf.split(kernel, groups, axis=-1), strict=True)
    return tf.concat([tf.nn.conv2d(part, own, 1, "SAME") for part, own in parts], axis=-1)


def with_zeros(kernel, groups):
    """Return the ordinary kernel (3, 3, C, C) that does the same: all blocks filled, then all off the diagonal set to 0."""
    return np.tile(kernel, (1, 1, groups, 1)) * np.kron(np.eye(groups), np.ones(2 * kernel.shape[2:3]))


# %% tags=["nbval-check-output"]
x = dice.standard_normal((1, 12, 12, 8), "float32")
for groups in (1, 2, 4, 8):
    kernel = dice.standard_normal((3, 3, 8 // groups, 8), "float32")
    ordinary = tf.nn.conv2d(x, with_zeros(kernel, groups).astype("float32"), 1, "SAME")
    assert np.abs(grouped(x, kernel, groups) - ordinary).max() < 1e-5
    print(f"{groups} group(s): kernel {kernel.shape}, {kernel.size} weights, equal")

# %% [markdown]
# One group is the ordinary convolution itself. As many groups as channels is the depthwise one. We write that without any
# library: nine shifted copies of the picture, each times one number a channel.


# %%
def depthwise(x, kernel):
    """Sum nine shifted copies; x (n, h, w, C), kernel (3, 3, C)."""
    height, width = x.shape[1:3]
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    return sum(padded[:, i : i + height, j : j + width] * kernel[i, j] for i in range(3) for j in range(3))


difference = np.abs(grouped(x, kernel, 8) - depthwise(x, kernel[:, :, 0])).max()
print(f"8 groups against depthwise: largest |difference| {difference:.0e}")
assert difference < 1e-5

# %% [markdown]
# Inception lies in between. Its *towers*, each with a 1x1 convolution of its own and a 3x3 behind it, are together one 1x1
# convolution and then a grouped one, with as many groups as towers. Two small differences stay: Inception mixes first and looks
# around afterwards, and it has a ReLU in between. We come back to that ReLU.
#
# Now put pointwise behind depthwise (it is a matrix product at each pixel), and compare with the layer that Keras has for the two:

# %%
library = keras.layers.SeparableConv2D(16, 3, padding="same", use_bias=False)
theirs = library(x)
D, P = (weight.numpy() for weight in library.weights)  # (3, 3, 8, 1) and (1, 1, 8, 16)
difference = np.abs(depthwise(x, D[..., 0]) @ P[0, 0] - theirs).max()
print(f"{theirs.shape}: largest |difference| {difference:.0e}")
assert difference < 1e-5

# %% [markdown]
# ### The cost
#
# At each pixel an ordinary $k \times k$ convolution does $k^2 C_{in} C_{out}$ **multiply-adds** (a multiplication and its
# addition). Done apart, looking around takes $k^2 C_{in}$ and mixing takes $C_{in} C_{out}$. So the saving is
#
# $$ \frac{k^2\, C_{in} C_{out}}{k^2\, C_{in} + C_{in} C_{out}} = \frac{k^2\, C_{out}}{k^2 + C_{out}} \;\to\; k^2 $$


# %% tags=["nbval-check-output"]
def saving(channels):
    """Return how many times fewer multiply-adds a separable 3x3 convolution needs."""
    return 9 * channels / (9 + channels)


for channels in (16, 64, 256, 728):
    share = 9 / (9 + channels)
    print(f"{channels:4} channels: {saving(channels):.1f} times fewer; {share:.0%} of it looks around")

# %% [markdown]
# With many channels it is nearly nine times, and nearly all the work that is left is mixing. Soon we time it.

# %% [markdown] tags=["proof"]
# ## Proof: it is the real one
#
# Xception has 34 such layers. **Entry flow**: two ordinary convolutions, then three blocks that halve the picture. **Middle
# flow**: eight equal blocks of three separable convolutions with 728 channels. **Exit flow**: a halving block, and two wide
# convolutions. Each block has a shortcut (lesson 04), and its ReLUs stand *before* the separable convolutions. All of it:
# [zoo/xception.py](../../course_lib/zoo/xception.py).
#
# We build it and the official one, give both the same random weights (batch norm's stored statistics too, so that no mistake
# hides there), and compare their answers:

# %%
config = replace(xception.CONFIGS["xception"], size=71)  # the smallest picture that the official one takes
ours = xception.build(config)
official = keras.applications.Xception(weights=None, input_shape=(71, 71, 3), classifier_activation=None)
for weight in [weight for weight in official.weights if not weight.path.endswith("kernel")]:
    weight.assign(dice.uniform(0.5, 1.5, weight.shape))
load_into(ours, arrays_of(official), "xception", "applications", config)

pictures = dice.uniform(-1, 1, (2, 71, 71, 3)).astype("float32")
expected = official(pictures, training=False).numpy()
difference = np.abs(ours(pictures, training=False).numpy() - expected).max()
print(f"the official answers spread over {expected.std():.2f}; largest |difference| {difference:.1e}")
assert difference <= 1e-4 * max(1, np.abs(expected).max())

# %% [markdown]
# And the number of parameters, by our formula, along the channels of the 34 separable convolutions:

# %% tags=["nbval-check-output"]
path = [64, 128, 128, 256, 256, 728, 728, *[728] * 24, 728, 1024, 1536, 2048]
shortcuts = [64, 128, 256, 728, 1024]  # four 1x1 convolutions lead from one to the next
kernels = 9 * 3 * 32 + 9 * 32 * 64 + sum(a * b for a, b in pairwise(shortcuts))
separable = sum(9 * a + a * b for a, b in pairwise(path))
norms = 32 + 64 + sum(path[1:]) + sum(shortcuts[1:])  # channels behind a batch norm
trained = kernels + separable + 2 * norms + 2048 * 1000 + 1000
stored = trained + 2 * norms
print(f"trained {trained:,}, stored {stored:,}; separable convolutions {separable:,}")
print(f"if these were ordinary ones: {sum(9 * a * b for a, b in pairwise(path)):,}")
assert (trained, stored) == (22_855_952, ours.count_params())  # the first as in the paper's table 3

for name in ("xception", "inception_v3"):
    print(f"{name:12} {card(name).multiply_adds / 1e9:.1f} billion multiply-adds, {card(name).size} px")

# %% [markdown]
# The paper counts what is trained; Keras also counts batch norm's stored means and variances. Inception v3 has 23.6 million
# trained parameters (same table). So Xception is hardly smaller, and it does more arithmetic: what the separation saves, it spends
# on *width*, 728 channels and more. That buys 79.0 % top-1 on ImageNet, against Inception v3's 78.2 % (table 1).

# %% [markdown] tags=["inside"]
# ## Look inside: is it nine times faster?
#
# **Make a guess first.** We take six widths, and for each a picture so large that the ordinary convolution always has the same
# work, about 1.5 billion multiply-adds. We count *processor* time in nine rounds, and take the shortest of every three, since
# other programs can only make a run longer.


# %%
def timed(works, repeats=9):
    """Return name -> processor seconds, the shortest of each three repeats; the works take turns."""
    compiled = {name: tf.function(work, autograph=False) for name, work in works.items()}
    seconds = {name: [] for name in works}
    for repeat in range(repeats + 1):  # the first one compiles, and does not count
        for name, run in compiled.items():
            begun = process_time()
            run()
            if repeat:
                seconds[name].append(process_time() - begun)
    return {name: np.reshape(values, (-1, 3)).min(axis=1) for name, values in seconds.items()}


def works(side, width):
    """Return the ordinary convolution, the separable one and its parts, and a mere doubling of all numbers."""
    x = tf.random.normal((1, side, side, width))
    kernel, D = tf.random.normal((3, 3, width, width)), tf.random.normal((3, 3, width, 1))
    P = kernel[:1, :1]
    return {
        "ordinary": lambda: tf.nn.conv2d(x, kernel, 1, "SAME"),
        "separable": lambda: tf.nn.separable_conv2d(x, D, P, [1, 1, 1, 1], "SAME"),
        "pointwise": lambda: tf.nn.conv2d(x, P, 1, "SAME"),
        "depthwise": lambda: tf.nn.depthwise_conv2d(x, D, [1, 1, 1, 1], "SAME"),
        "doubling": lambda: x * 2,
    }


# %%
widths = np.array([16, 32, 64, 128, 256, 512])
sides = np.round((1.5e9 / 9) ** 0.5 / widths).astype(int)
seconds = [timed(works(int(side), int(width))) for side, width in zip(sides, widths, strict=True)]
measured = np.stack([s["ordinary"] / s["separable"] for s in seconds], axis=1)  # (3, 6 widths)
viz.curves(
    {"predicted: multiply-adds": (widths, saving(widths)), "measured: time": (widths, measured)},
    "channels", "times cheaper than the ordinary one", title="The saving on paper, and on this machine",
    logx=True, ylim=(0, 9.5), caption="Band: from the lowest to the highest of three measurements.",
)  # fmt: skip

# %% [markdown]
# On the machine that built this page less time is saved than the formula promises, and least where channels are few. What takes
# the time? Look closer, at 64 channels. The last row computes next to nothing: it doubles each number, so its time is about
# that of fetching the numbers and putting them back.

# %%
uses = {
    "ordinary": 9 * 64,
    "pointwise": 64,
    "depthwise": 9,
    "doubling": 1,
}  # multiply-adds for each number of x
took = {name: seconds[2][name].min() for name in uses}
print("              ms   share of time   share of work   uses of each number")
for name, use in uses.items():
    shares = f"{took[name] / took['ordinary']:13.1%}   {use / uses['ordinary']:13.1%}"
    print(f"{name:10} {1000 * took[name]:5.1f}   {shares}   {use:19}")

# %% [markdown]
# A depthwise convolution does not spend its time multiplying. The ordinary one uses each number that it has fetched 576 times.
# Depthwise uses it nine times, so that merely carrying the numbers there and back takes a good part of its time. Such work is
# called **memory-bound**: a faster multiplier would not help. At 512 channels the picture is smaller for the same work, there
# is less to carry, and more of the saving is left. Never choose a network by its multiply-adds alone: lesson
# [13](../3_transfer/13_choosing_a_model.ipynb) measures whole networks.
#
# ### Has an ordinary network been separable all along?
#
# Depthwise, then pointwise, is *one* ordinary kernel whose numbers are products: $K_{d,c,o} = D_{d,c} P_{c,o}$. For each
# input channel that is a table of nine rows and $C_{out}$ columns, of **rank 1**: every row is a multiple of one row. The
# **singular value decomposition** (SVD) writes any such table as a sum of nine tables of rank 1, the strongest first. If
# ordinary training found kernels of nearly rank 1, we could make a trained ResNet separable for nothing. So we keep only the
# strongest $r$ in the 3x3 kernels of `resnet_nano`. How much of the kernel's size (the sum of its squares) is left?


# %%
def strongest(kernel, rank):
    """Return the nearest kernel (3, 3, C, O) whose table for each input channel has this rank."""
    tables = kernel.reshape(9, *kernel.shape[2:]).transpose(1, 0, 2)  # (C, 9, O)
    u, s, v = np.linalg.svd(tables, full_matrices=False)
    return ((u[..., :rank] * s[:, None, :rank]) @ v[:, :rank]).transpose(1, 0, 2).reshape(kernel.shape)


resnet = load("resnet_nano")
convs = [layer for layer in resnet.model.layers if getattr(layer, "kernel_size", 0) == (3, 3)]
# The stem's kernel is left out: its input channels are colours.
kernels = {conv.name: conv.get_weights()[0] for conv in convs[1:]}
trained = kernels["stage3_block2_conv2"]
for name, kernel in {"trained": trained, "random": dice.normal(size=trained.shape)}.items():
    kept = [(strongest(kernel, rank) ** 2).sum() / (kernel**2).sum() for rank in (1, 2, 4, 9)]
    print(f"{name} kernel {kernel.shape}: rank 1, 2, 4, 9 hold", *(f"{share:.0%}" for share in kept))

# %% [markdown]
# More than in random numbers, but rank 1 is far from all. And the answers? Batch norm might mislead us: its stored means and
# variances belong to the old kernels. So we measure accuracy twice, the second time with the statistics of each batch.


# %%
drawings = resnet.preprocess(np.concatenate([pictures[:200] for pictures, _ in held_out]))
truth = np.concatenate([labels[:200] for _, labels in held_out])


def score(training):
    """Return the accuracy on 200 of each held-out set; `training` lets batch norm use the batch's own statistics."""
    answers = np.argmax(resnet.model(drawings, training=training), axis=1)
    return (answers == truth).reshape(3, 200).mean(axis=1)


ranks, saved = [1, 2, 3, 4, 6, 9], resnet.model.get_weights()
scores = {"batch norm as stored": [], "batch norm of the batch": []}
for rank in ranks:
    resnet.model.set_weights(saved)  # training=True has moved batch norm's averages
    for name, kernel in kernels.items():
        resnet.model.get_layer(name).set_weights([strongest(kernel, rank)])
    for values, training in zip(scores.values(), (False, True), strict=True):
        values.append(score(training))
resnet.model.set_weights(saved)
assert np.mean(scores["batch norm of the batch"], axis=1)[0] < 0.3

# %%
viz.curves(
    {name: (ranks, np.transpose(values)) for name, values in scores.items()}, "rank of every 3x3 kernel", "accuracy",
    title="A trained ResNet, made separable after the fact", percent=True, ylim=(0, 1),
    caption="Band: from the lowest to the highest of three held-out sets. Chance: 5 %.",
)  # fmt: skip

# %% [markdown]
# At rank 1, fully separable, little more than chance is left either way. So the hypothesis is *not* that trained kernels are
# separable. It is that a network *trained* with separable ones finds other answers, nearly as good, as `nano` did. And see the
# upper curve: much of the damage in between came from batch norm's stored numbers, not from the kernels.

# %% [markdown] tags=["change"]
# ## Change it: a ReLU in the middle, and no shortcuts
#
# Two questions of the paper. Inception has a ReLU between its two steps, Xception has none: is that better (figure 10)? And
# does it need its shortcuts (figure 9)? We train a small Xception of nine separable convolutions on scikit-learn's digits,
# enlarged to 16x16. What stands between is $\max(ax, x)$: nothing at $a=1$, a ReLU at $a=0$. So one network serves for both.

# %%
digits = load_digits()
images = np.repeat(digits.images[..., None] / 8 - 1, 3, axis=-1).astype("float32")  # (1797, 8, 8, 3), -1 to 1
images = images.repeat(2, axis=1).repeat(2, axis=2)
order = np.random.default_rng(0).permutation(len(images))
(x_train, x_test), (y_train, y_test) = (np.split(part[order], [1297]) for part in (images, digits.target))
a = tf.Variable(1.0)
changes = {"shortcuts": {"between": lambda x: tf.maximum(a * x, x)}, "none": {"residual": False}}


def small(kind):
    """Build a small Xception for digits, with or without shortcuts."""
    shape = {"size": 16, "classes": 10, "entry": (32,), "middle": 1, "exit": (48, 48, 64)}
    return xception.build(replace(xception.CONFIGS["xception_nano"], **shape, **changes[kind]))


# %%
trainers = {kind: Trainer(small(kind), Settings(60, batch_size=32, learning_rate=3e-3)) for kind in changes}


def run(kind, seed):
    """Train from fresh weights; return the loss of each step and the accuracy on held-out digits."""
    keras.utils.set_random_seed(seed)
    model = trainers[kind].model
    model.set_weights(small(kind).get_weights())
    losses = trainers[kind].fit(x_train, y_train, seed=seed).loss
    return losses, np.mean(np.argmax(model(x_test, training=False), axis=1) == y_test)


losses = {}
setups = {"nothing between": ("shortcuts", 1), "ReLU between": ("shortcuts", 0), "no shortcuts": ("none", 1)}
for name, (kind, slope) in setups.items():
    a.assign(slope)
    losses[name], scores = zip(*(run(kind, seed) for seed in (0, 1, 2)), strict=True)
    print(f"{name:16} held-out accuracy", *(f"{score:.3f}" for score in scores))

# %%
viz.curves(
    {name: (np.arange(5, 61, 5), np.reshape(loss, (3, 12, 5)).mean(axis=2)) for name, loss in losses.items()},
    "step", "training loss (mean of 5 steps)", title="Nothing between depthwise and pointwise learns fastest",
    caption="Band: from the lowest to the highest of three seeds.",
)  # fmt: skip

# %% [markdown]
# It could have gone otherwise, but here the paper is right on both. The author's guess why: Inception's ReLU comes where
# many channels have been mixed, and what one loses another keeps. A depthwise kernel reads a single channel: what is cut off
# there is gone. About the shortcuts he warns that both networks were trained with settings chosen for the one that has them.
# So were ours.

# %% [markdown] tags=["traps"]
# ## Traps and limits
#
# **Pixels from -1 to 1**, not 0 to 1, nor ResNet-50's way (lesson 04). And pictures of **299 pixels**: the weights fit
# any size, so nothing complains. Measured on `nano`, whose size is 32:

# %%
# What is subtracted, and what the rest is divided by.
ways = {"-1 to 1, right": (127.5, 127.5), "0 to 1": (0, 255), "0 to 255": (0, 1), "minus the mean": (114, 1)}
for name, (minus, divisor) in ways.items():
    found = accuracy(lambda x, minus=minus, divisor=divisor: (x - np.float32(minus)) / divisor)
    print(f"{name:15} {np.mean(found):.3f}")
pictures, labels = held_out[0]
for size in (24, 48):
    other = xception.build(replace(xception.CONFIGS["xception_nano"], size=size))
    other.set_weights(nano.model.get_weights())
    scaled = tf.image.resize(nano.preprocess(pictures), (size, size), antialias=True)
    print(f"{size} px: {np.mean(np.argmax(other(scaled, training=False), axis=1) == labels):.3f}", end="   ")

# %% [markdown]
# **Names.** KerasHub's `xception_41` is this very network with these very weights, as our parity tests show. timm's `xception41`
# is another: the *aligned* Xception of DeepLab, with 27 million parameters ([model
# card](https://huggingface.co/timm/xception41.tf_in1k)).
#
# **Licence and limits.** The official weights are under the MIT licence; ImageNet's photos have terms of their own. `nano`
# knows drawings, nothing of photos.

# %% [markdown] tags=["exercises"]
# ## Exercises
#
# **1.** Since nothing stands between them, depthwise and pointwise together are *one* ordinary convolution. Return its kernel.


# %%
def fuse(depthwise, pointwise):
    """Return the one ordinary kernel (3, 3, C, O); depthwise (3, 3, C, 1), pointwise (1, 1, C, O)."""
    return ...


exercise("06.1").check(fuse)

# %%
# exercise("06.1").hint()  # take away the first #; then .solution()

# %% [markdown]
# **2.** Someone ported `nano` to another library. All weights are equal, but the answers are not. Which is the first layer whose
# output differs? (`values` holds the difference of each layer, in the order in which they run.)

# %%
copy = with_a_fault(nano.model)
ready = nano.preprocess([make_image("heart", seed=9002)])
values = viz.layer_differences(copy, nano.model, ready)  # viz.differences(values) draws them

where = ...  # the name of the layer

exercise("06.2").check(where)

# %%
# exercise("06.2").hint()

# %% [markdown]
# **3.** The layer that you found adds a branch and a shortcut. The branch is right, so the shortcut is not. What does it bring? Look
# at the numbers: `viz.layer_outputs(copy, ready, [...])` gives you any layers' outputs by name. (The bug is a real one.)


# %%
def arrives(x):
    """Return what the copy's shortcut brings to the sum, x being what enters the block."""
    return ...


exercise("06.3").check(arrives)

# %%
# exercise("06.3").hint()

# %% [markdown] tags=["quiz"]
# ## Quiz

# %%
quiz("06")

# %% [markdown] tags=["recap"]
# ## Recap
#
# - A convolution looks around and mixes channels. Groups separate the two step by step, depthwise + pointwise wholly.
# - Up to nine times fewer multiply-adds, but less time saved, above all where channels are few: depthwise is memory-bound.
# - Trained ordinary kernels are *not* separable; networks trained with separable ones do nearly as well.
# - No activation between the two, and shortcuts: both measured, both better.
# - When two networks differ, the first layer that does says where to look.
#
# | paper | here |
# |---|---|
# | figures 1 to 4, from towers to the extreme | `grouped`, `depthwise` |
# | section 1.2 and figure 10, what stands between | `lambda x: tf.maximum(a * x, x)` |
# | figure 5, the three flows | [zoo/xception.py](../../course_lib/zoo/xception.py) |
# | table 3, parameters | `trained` |
# | figure 9, no shortcuts | `changes["none"]` |
#
# **To read:** [Xception](https://arxiv.org/abs/1610.02357), eight clear pages;
# [Roofline](https://doi.org/10.1145/1498765.1498785): when memory, not arithmetic, sets the speed.
#
# **Next:** [lesson 07](07_mobilenet.ipynb), MobileNet: the same layer, on a phone.
