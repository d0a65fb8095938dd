# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Inception: how can one layer look at several sizes at once, and stay cheap?
#
# A dog may fill a photo or sit in a corner of it. So how large should a layer's kernels be? In 2014 Christian Szegedy and
# others at Google answered: several sizes, side by side. Their GoogLeNet won that year's ImageNet contest, and four successors
# came within two years, each with one more idea. Which of these ideas hold when you measure them?
#
# > **You will be able to** build an Inception module by hand and count what its 1x1 convolutions save; test what batch norm and
# > label smoothing really do; replace a large kernel by small ones; and find the first layer in which two networks differ.
# >
# > **Needs** [lesson 00](../00_start_here.ipynb), and one convolutional network that you have trained before. On two cores
# > about a minute, 2 GB of memory, no download.

# %% [markdown] tags=["set-up"]
# ## Set-up

# %%
from course_lib.lessons import exercise, quiz, start

start()

from dataclasses import replace
from itertools import pairwise

import keras
import numpy as np
import tensorflow as tf
from course_lib import card, load, viz
from course_lib.lessons.bank.l03_inception import from_the_paper
from course_lib.media.samples import sample
from course_lib.media.world import make_image, make_images
from course_lib.tasks.base import compiled
from course_lib.weights.convert import load_into
from course_lib.weights.sources.applications import arrays_of
from course_lib.zoo import inception
from keras import layers
from matplotlib import pyplot as plt
from sklearn.datasets import load_digits

# %% [markdown] tags=["see-it-work"]
# ## See it work
#
# Ask for version 1. Until you fetch its official weights a small version of it stands in, `inception_nano`: four modules,
# trained by this course on drawings of 20 kinds of object.

# %%
model = load("inception_v1")
official_here = model.provenance.grade == "official"  # provenance: where the weights came from
picture = sample("cat") if official_here else make_image("flower", seed=9001)
viz.predictions(picture, model.classify(picture))

# %% [markdown]
# One picture proves little. So here are three sets of 400 drawings that the network has never seen, and its **accuracy** on
# each: the share that it names rightly.

# %%
nano = load("inception_nano")
forward = compiled(nano.model)
held_out = [make_images(400, seed=seed) for seed in (9001, 9002, 9003)]


def accuracies(prepare=nano.preprocess, run=forward):
    """Return the share of drawings named rightly, for each of the three sets."""
    return [np.mean(run(prepare(images)).argmax(axis=1) == labels) for images, labels in held_out]


print("accuracy on each set:", *np.round(whole := accuracies(), 3), "  guessing: 0.05")

# %% [markdown] tags=["idea"]
# ## The idea: use all sizes, and make them affordable
#
# An **Inception module** sends its input $x$ through four **branches** and joins all their channels:
#
# $$ y = [\,B_{1\times1}(x),\; B_{3\times3}(x),\; B_{5\times5}(x),\; B_{\text{pool}}(x)\,] $$
#
# The next layer picks what it needs. But large kernels are expensive, and the channels pile up. So each branch gets a **1x1
# convolution** (orange). It looks at a single pixel and mixes its many channels into a few: a matrix, the same for all pixels.

# %%
# This cell only draws: skip its code, look at the picture.
with viz.style():
    fig, ax = plt.subplots(figsize=(6.6, 2.6), layout="constrained")
ax.set(xlim=(0, 1), ylim=(-0.5, 3.5))
ax.axis("off")
cheap = {"boxstyle": "round,pad=0.4", "facecolor": "#f4cfae", "edgecolor": "#d97330"}
plain = {"boxstyle": "round,pad=0.4", "facecolor": "#e3ebf4", "edgecolor": "#005caf"}
top = [(0.48, 3, "1x1", cheap)]
rows = [[(0.32, y, "1x1", cheap), (0.64, y, word, plain)] for y, word in ((2, "3x3"), (1, "5x5"))]
last = [(0.32, 0, "max pool 3x3", plain), (0.64, 0, "1x1", cheap)]
for row in (top, *rows, last):
    path = [(0.04, 1.5, "x", plain), *row, (0.94, 1.5, "join", plain)]
    for (x0, y0, *_), (x1, y1, *_) in pairwise(path):
        ax.plot([x0, x1], [y0, y1], color="#b9b4ab", linewidth=1.5, zorder=0)
    for x, y, word, box in path:
        ax.text(x, y, word, bbox=box, ha="center", va="center")
alt = (
    "An Inception module: x forks into four branches that join at the end. One is a 1x1 convolution; two have a 1x1 before a "
    "3x3 and a 5x5; in the last a 1x1 follows a max pooling."
)
viz.show(fig, alt=alt)

# %% [markdown]
# How much does that save? A convolution costs height x width x kernel² x channels in x channels out **multiply-adds**.
# GoogLeNet's first module, 3a, gets 28x28 pixels with 192 channels. Branch by branch, without and with the orange 1x1s:

# %% tags=["nbval-check-output"]
positions, before = 28 * 28, 192
one, three_reduce, three, five_reduce, five, pooled = 64, 96, 128, 16, 32, 32  # table 1 of the paper
naive = {"1x1": before * one, "3x3": before * 9 * three, "5x5": before * 25 * five, "pool": 0}
thrifty = {
    "1x1": before * one,
    "3x3": before * three_reduce + three_reduce * 9 * three,
    "5x5": before * five_reduce + five_reduce * 25 * five,
    "pool": before * pooled,
}
for branch in naive:
    print(
        f"{branch:5} {positions * naive[branch] / 1e6:6.1f} -> {positions * thrifty[branch] / 1e6:5.1f} million"
    )
for name, costs in (("without", naive), ("with 1x1 first", thrifty)):
    print(f"all four, {name}: {positions * sum(costs.values()) / 1e6:.0f} million")
print(f"channels that leave the module: {one + three + five + before} -> {one + three + five + pooled}")

# %% [markdown]
# The 5x5 branch becomes almost ten times cheaper, the whole module more than twice. And without the 1x1 behind the pooling, a
# module could only grow: pooling passes on all 192 channels, every time.

# %% [markdown] tags=["build"]
# ## Build the module by hand
#
# This is `module4a` of our small network. Each convolution is followed by **batch norm**, which a later part explains, and by
# ReLU. (Its "5x5" kernel is really 3x3, as in both sets of weights that were published for version 1; the paper has 5x5.)

# %% tags=["nbval-check-output"]
parts = {"1x1": (32, 1), "3x3_reduce": (32, 1), "3x3": (48, 3), "5x5_reduce": (8, 1), "5x5": (16, 3)}
parts["pool_proj"] = (16, 1)  # channels out, side of the kernel
convs, norms = {}, {}
for part, (filters, kernel) in parts.items():
    convs[part] = layers.Conv2D(filters, kernel, padding="same", use_bias=False)
    norms[part] = layers.BatchNormalization(epsilon=1e-3)


def step(part, x):
    """Convolve, normalise, set what is negative to zero."""
    return tf.nn.relu(norms[part](convs[part](x)))


def module(x):
    """An Inception module: (batch, height, width, 32) to (batch, height, width, 32 + 48 + 16 + 16)."""
    branch1 = step("1x1", x)
    branch2 = step("3x3", step("3x3_reduce", x))
    branch3 = step("5x5", step("5x5_reduce", x))
    branch4 = step("pool_proj", tf.nn.max_pool2d(x, 3, 1, "SAME"))
    return tf.concat([branch1, branch2, branch3, branch4], axis=-1)


print(module(np.ones((1, 8, 8, 32), "float32")).shape)

# %% [markdown] tags=["proof"]
# ## Proof
#
# Give our module the trained weights, feed it what `module4a` gets, and compare with what `module4a` gives.

# %%
for part in parts:
    convs[part].set_weights(nano.model.get_layer(f"module4a_{part}_conv").get_weights())
    norms[part].set_weights(nano.model.get_layer(f"module4a_{part}_bn").get_weights())

# %%
batch = nano.preprocess(held_out[0][0][:8])
inside = viz.layer_outputs(nano.model, batch, ["pool3", "module4a_out"])
difference = np.abs(module(inside["pool3"]) - inside["module4a_out"]).max()
assert difference <= 1e-4, difference
print(f"our module against the zoo's: largest |difference| {difference:.1e}")

# %% [markdown]
# And a whole network? `keras.applications` has version 3, so compare ours with it, on random weights. Batch norm's numbers are
# made random too: fresh ones are all 0 or 1, and would hide a mix-up.

# %%
config = replace(inception.CONFIGS["inception_v3"], size=96)
ours = inception.build(config)
official = keras.applications.InceptionV3(weights=None, input_shape=(96, 96, 3), classifier_activation=None)
dice = np.random.default_rng(0)
for weight in [weight for weight in official.weights if not weight.path.endswith("kernel")]:
    weight.assign(dice.uniform(0.5, 1.5, weight.shape))
load_into(ours, arrays_of(official), "inception", "applications", config)

pixels = dice.normal(size=(2, 96, 96, 3)).astype("float32")
theirs = official(pixels, training=False).numpy()
difference = np.abs(ours(pixels, training=False).numpy() - theirs).max()
print(f"answers spread over {theirs.std():.2f}; largest |difference| {difference:.1e}")
assert difference <= 1e-4 * max(1, np.abs(theirs).max())

# %% [markdown] tags=["inside"]
# ## Look inside: which size does the work?
#
# Silence one branch at a time in the trained network: with its last batch norm's scale and shift at zero, it says 0
# everywhere. Nothing is retrained. How much accuracy is left, on the first 400 drawings?

# %%
names = ["1x1", "3x3", "5x5", "pool_proj"]
modules = inception.CONFIGS["inception_nano"].modules()
images, truth = held_out[0]
without = np.empty((len(modules), len(names)))
for row, column in np.ndindex(without.shape):
    norm = nano.model.get_layer(f"{modules[row]}_{names[column]}_bn")
    kept = norm.get_weights()  # scale, shift, stored mean, stored variance
    norm.set_weights([0 * kept[0], 0 * kept[1], *kept[2:]])
    without[row, column] = np.mean(forward(nano.preprocess(images)).argmax(axis=1) == truth)
    norm.set_weights(kept)
assert (without[:3].argmin(axis=1) == 1).all()
assert without[3].min() > 0.7
caption = f"Accuracy without one branch; with all of them {whole[0]:.2f}."
viz.table(without, modules, [*names[:3], "pool"], form="{:.2f}", caption=caption)

# %% [markdown]
# In the first three modules the 3x3 branch matters most by far; in the last, no branch matters that much. Careful with the
# conclusion "3x3 is the right size": these branches also have the most channels, and the network was trained to rely on them.

# %% [markdown] tags=["change"]
# ## Change it: from auxiliary heads to batch norm
#
# GoogLeNet's authors worried that the gradient might not reach the first of its 22 layers. So they attached two **auxiliary
# heads** half-way: small classifiers whose losses count 0.3 times, in training only. Version 3's authors put that to the test:
# such heads did *not* speed up the beginning of training, and raised the accuracy a little at its end. ([Lesson
# 04](04_resnet.ipynb) measures how far gradients reach.) When training is over the heads are thrown away. And yet many tables
# count them in: the "27 million parameters" of Inception v3 are 23.9 million, and 3.3 million in its auxiliary head.
#
# Version 2 (2015) brought **batch normalisation**. For each channel, subtract the mean $\mu$ of the batch, divide by its standard
# deviation $\sigma$, then scale and shift by two learned numbers, $\gamma$ and $\beta$; a small $\epsilon$ prevents division by 0:
#
# $$ \hat z = \gamma\,\frac{z - \mu}{\sqrt{\sigma^2 + \epsilon}} + \beta $$
#
# After training, stored averages take the place of the batch's. What is it good for? Train a network of two small modules on
# scikit-learn's digits, with and without batch norm, at three learning rates, from three random starts (**He's
# initialisation**, made for ReLUs without batch norm).

# %%
digits = load_digits()
x_all = (digits.images[..., None] / 8 - 1).repeat(3, axis=3).astype("float32")  # (1797, 8, 8, 3), -1 to 1
order = np.random.default_rng(0).permutation(len(x_all))
(x_train, x_test), (y_train, y_test) = (np.split(a[order], [1297]) for a in (x_all, digits.target))
two_modules = (((16, 16, 24, 8, 12, 12),), ((32, 32, 48, 16, 24, 24),))
shape = {"size": 8, "classes": 10, "stem_widths": (16, 32), "stages": two_modules}
small = inception.build(replace(inception.CONFIGS["inception_nano"], **shape))
weights, look = small.trainable_weights, compiled(small)
fresh = []  # three sets of random weights
for seed in (0, 1, 2):
    draw = keras.initializers.HeUniform(keras.random.SeedGenerator(seed))
    fresh.append([draw(w.shape) if w.path.endswith("kernel") else w.numpy() for w in small.weights])


# %% [markdown]
# To train *without* batch norm, run it as after training: its stored averages are still 0 and 1, so they change nothing.


# %%
def make_step(batch_norm):
    """Compile one step of gradient descent: weight -= rate * gradient."""

    @tf.function(autograph=False)
    def step(images, labels, rate):
        with tf.GradientTape() as tape:
            scores = small(images, training=batch_norm)
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, scores))
        for weight, gradient in zip(weights, tape.gradient(loss, weights), strict=True):
            weight.assign_sub(rate * gradient)

    return step


def train(step, rate, seed, steps=48):
    """Train from a random start; return the accuracy on 500 new digits."""
    small.set_weights(fresh[seed])
    dice = np.random.default_rng(seed)
    for _ in range(steps):
        chosen = dice.choice(len(x_train), 32, replace=False)
        step(tf.constant(x_train[chosen]), tf.constant(y_train[chosen]), tf.constant(rate))
    return np.mean(look(x_test).argmax(axis=1) == y_test)


# %%
rates = (0.1, 0.3, 1.0)
ways = {"with batch norm": make_step(True), "without": make_step(False)}
scores = {}
for way, go in ways.items():  # each gives (3 seeds, 3 rates)
    scores[way] = np.array([[train(go, rate, seed) for rate in rates] for seed in (0, 1, 2)])
longer = [train(ways["without"], 0.1, seed, steps=144) for seed in (0, 1, 2)]
print("without, rate 0.1, 144 steps in place of 48:", *longer)

# %%
assert (scores["with batch norm"].mean(axis=0) > scores["without"].mean(axis=0)).all()
viz.curves(
    {way: (rates, found) for way, found in scores.items()}, "learning rate",
    "accuracy on 500 new digits after 48 steps", title="Batch norm forgives the learning rate",
    logx=True, percent=True, ylim=(0, 1),
)  # fmt: skip

# %% [markdown]
# With batch norm, each of the three rates will do. Without, only the smallest gets far, and at rate 1 nothing is learned. Can it not
# learn more, or is it only slow? See the printed line: at rate 0.1, three times the steps bring it as far. So without batch norm the
# rate must be small and the training long. The paper reports the same: equal accuracy in 14 times fewer steps. Its *reason*, a
# "reduced internal covariate shift", has been doubted since: [Santurkar and others](https://arxiv.org/abs/1805.11604) find that
# batch norm makes the loss smoother.
#
# ## Version 3: small kernels for large ones
#
# Two 3x3 convolutions, one after the other, see as far as one 5x5. Version 3 goes further and replaces a 7x7 by a 1x7 and a 7x1.
# On which input pixels does the middle output pixel depend? Set all weights to 1, and take its gradient with respect to the input:


# %%
def seen(*kernels):
    """Return how much each input pixel counts for the middle output pixel: (11, 11)."""
    ones = {"padding": "same", "use_bias": False, "kernel_initializer": "ones"}
    stack = keras.Sequential([layers.Conv2D(1, kernel, **ones) for kernel in kernels])
    x = tf.Variable(tf.zeros((1, 11, 11, 1)))
    with tf.GradientTape() as tape:
        middle = stack(x)[0, 5, 5, 0]
    return tape.gradient(middle, x)[0, ..., 0].numpy()


pairs = {"5x5: 25 weights": [5], "3x3, 3x3: 18": [3, 3], "7x7: 49": [7], "1x7, 7x1: 14": [(1, 7), (7, 1)]}
fields = {name: seen(*kernels) for name, kernels in pairs.items()}
for large, factors in (("5x5: 25 weights", "3x3, 3x3: 18"), ("7x7: 49", "1x7, 7x1: 14")):
    assert np.array_equal(fields[large] > 0, fields[factors] > 0)
grey = [np.uint8(255 * field / field.max()) for field in fields.values()]
alt = "Four squares of pixels: the two 3x3 see the same square as the 5x5, its middle more; 1x7 and 7x1 see just what 7x7 sees."
viz.images(grey, list(fields), columns=4, width=520, alt=alt)

# %% [markdown]
# The **receptive field**, the square that is seen, stays the same, for 14 weights instead of 49. The catch: in a kernel made by one
# such pair, every row is a multiple of the same row, so it cannot be a diagonal line. But there are as many pairs as channels in
# between, 128 to 192 in version 3, and their sum can do more.
#
# ## Label smoothing: how sure should an answer be?
#
# With one-hot labels, 1 for the right class and 0 for the others, the loss only reaches zero when the right score is infinitely
# far above the others. Version 3 asks for less: the right class gets $1-\epsilon$, and $\epsilon$ is shared by all $K$ classes.
# Then the loss is lowest at a finite **gap** between the right score and the others:
#
# $$ \log\frac{1-\epsilon+\epsilon/K}{\epsilon/K} $$
#
# So smoothing makes a network less sure. Is that good? Say its **confidence** is the probability that it gives its answer. In a
# **calibrated** network, 80 % of the answers given with 80 % confidence are right; so, on average, confidence equals accuracy.
#
# We train only a new last layer, on the features of our trained network, from 200 drawings: for seven values of $\epsilon$ and
# three sets of drawings. All 21 heads are trained at once, as one array.

# %%
pool = compiled(keras.Model(nano.model.input, nano.model.get_layer("pool").output))
drawn = [make_images(200, seed=seed) for seed in (101, 102, 103)]
x = np.stack([pool(nano.preprocess(images)) for images, _ in drawn])[
    :, None
]  # (3 sets, 1, 200, 320 features)
one_hot = np.eye(20, dtype="float32")[np.stack([labels for _, labels in drawn])][:, None]  # (3, 1, 200, 20)
epsilons = np.array([0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3])
wanted = one_hot + epsilons[:, None, None] * (1 / 20 - one_hot)  # (3, 7 epsilons, 200, 20)

# %%
x, wanted = tf.constant(x), tf.constant(wanted, tf.float32)


@tf.function(autograph=False)
def descend(heads, velocity):
    """Take one step of gradient descent with momentum; heads: (3, 7, 320, 20)."""
    error = tf.nn.softmax(x @ heads) - wanted  # the gradient of the loss on the scores
    velocity = 0.9 * velocity - 0.3 * tf.matmul(x, error, transpose_a=True) / 200
    return heads + velocity, velocity


heads = velocity = tf.zeros((3, 7, 320, 20))
for _ in range(300):
    heads, velocity = descend(heads, velocity)
scores = (x @ heads).numpy()
gaps = (scores * (20 * one_hot - 1)).sum(axis=-1) / 19  # the right score less the mean of the others
print(f"gap at epsilon 0.1: {gaps[:, 5].mean():.2f}; the formula says {np.log(0.905 / 0.005):.2f}")

# %%
test_x = np.concatenate([pool(nano.preprocess(images)) for images, _ in held_out])
test_y = np.concatenate([labels for _, labels in held_out])
answers = tf.nn.softmax(test_x @ heads).numpy()  # (3, 7, 1200, 20)
right, sure = (answers.argmax(axis=-1) == test_y).mean(axis=-1), answers.max(axis=-1).mean(axis=-1)
off = np.abs(sure - right).mean(axis=0)
for epsilon, share in zip(epsilons, off, strict=True):
    print(f"epsilon {epsilon:5g}: confidence and accuracy are {share:4.0%} apart")
assert off[1:5].min() < off[0] < off[5]

# %%
viz.curves(
    {"accuracy": (epsilons[1:], right[:, 1:]), "mean confidence": (epsilons[1:], sure[:, 1:])}, "epsilon",
    "mean over 1,200 new drawings", logx=True, percent=True, ylim=(0, 1),
    caption=f"One-hot, epsilon 0: {right[:, 0].mean():.0%} right, {sure[:, 0].mean():.0%} sure. Bands: the three sets.",
)  # fmt: skip

# %% [markdown]
# Look where the lines cross. With one-hot labels this head is too sure, and a *little* smoothing mends that. The paper's 0.1 makes
# calibration **worse than none**: now it is far too modest. Accuracy falls a little, too. That goes against the story, so mind the
# setting: one layer, 20 classes, 200 drawings. Version 3's authors gained 0.2 points with 0.1 on ImageNet's 1,000 classes, and
# [Müller and others](https://arxiv.org/abs/1906.02629) found large networks better calibrated.
#
# ## Version 4, Inception-ResNet, and all five compared
#
# Version 4 (2016) has more modules, and more regular ones. Inception-ResNet v2 puts ResNet's shortcuts ([lesson
# 04](04_resnet.ipynb)) round them: each module learns what to *add* to its input. That is multiplied by 0.1 to 0.3, since otherwise
# the widest networks "died" in training. It trained faster than version 4. The figures are from the course's cards; top-1 is the
# accuracy of the weights that you can fetch:

# %%
points, line = {}, []
print("version              year  parameters  10^9 multiply-adds  top-1 %")
for name in ("inception_v1", "inception_v2", "inception_v3", "inception_v4", "inception_resnet_v2"):
    facts = card(name)
    top1 = facts.weights[0].facts[0].value
    points[facts.title] = facts.multiply_adds / 1e9, top1
    line.append(facts.title)
    print(f"{name:20} {facts.year}  {facts.params:10,}  {facts.multiply_adds / 1e9:18.1f}  {top1:7.1f}")
for name in ("resnet50", "resnet152"):
    points[card(name).title] = card(name).multiply_adds / 1e9, card(name).weights[0].facts[0].value
viz.scatter(points, "billion multiply-adds for one picture", "top-1 accuracy on ImageNet, %", line=line)

# %% [markdown]
# From version 1 to 2 much is gained for little; from 3 to 4 twice the work buys about two points.

# %% [markdown] tags=["traps"]
# ## Traps and limits
#
# **The wrong scale.** Inception wants pixels from -1 to 1. Give it others, and no error is raised:

# %%
feeds = {"-1 to 1": lambda x: x / 127.5 - 1, "0 to 1": lambda x: x / 255, "0 to 255": lambda x: x * 1.0}
for name, prepare in feeds.items():
    print(f"{name:8} accuracy {np.mean(accuracies(prepare)):.3f}")

# %% [markdown]
# With 0 to 255 nearly all is lost, so you notice. 0 to 1 is the worse trap: it just looks like a weaker network.
#
# **The wrong padding.** At stride 2, PyTorch's padding begins one pixel earlier than TensorFlow's. Weights carried from one to the
# other fit all the same:

# %%
shifted = inception.build(replace(inception.CONFIGS["inception_nano"], padding="symmetric"))
shifted.set_weights(nano.model.get_weights())
run = compiled(shifted)
print(f"accuracy {np.mean(accuracies(run=run)):.3f}, as trained {np.mean(whole):.3f}")
print(f"the scores differ by up to {np.abs(run(batch) - forward(batch)).max():.1f}")

# %% [markdown]
# The accuracy hardly shows it; a comparison of the scores does. `model.preprocess` and `load` know what their weights want.
#
# **1,001 classes.** TensorFlow-slim's networks count a class 0, "background", that no photo has. With the usual list of 1,000
# names everything still works, one place beside the truth.
#
# **Licence.** Keras's and TensorFlow-slim's weights are under Apache 2.0, torchvision's under BSD; ImageNet's photos have terms of
# their own.

# %% [markdown] tags=["exercises"]
# ## Exercises
#
# **1.** After training, batch norm's numbers are fixed. Merge them into the convolution before it: then batch norm costs nothing.


# %%
def fold(kernel, gamma, beta, mean, variance, epsilon):
    """Return one kernel and one bias that do what the convolution and batch norm do together after training.

    kernel: (height, width, channels in, channels out); epsilon: a number; all others: (channels out,).
    The old convolution has no bias.
    """
    return ...


exercise("03.1").check(fold)

# %%
# exercise("03.1").hint()  # take away the first #; then .solution()

# %% [markdown]
# **2.** Somebody has rebuilt the small network from the paper's table, and carried all weights over. They fit. Is it the same
# network?

# %%
copy = from_the_paper(nano.model)
print(f"accuracy {np.mean(accuracies(run=compiled(copy))):.3f}, of the original {np.mean(whole):.3f}")
differences = viz.layer_differences(copy, nano.model, batch)
viz.differences(differences)

# %% [markdown]
# Which layer is the **first** that differs? And which one of these settings was changed: `bn_epsilon`, `padding`, `pools` or
# `wide_kernel`?

# %%
answer = {"layer": ..., "setting": ...}


exercise("03.2").check(answer)

# %%
# exercise("03.2").hint()

# %% [markdown] tags=["quiz"]
# ## Quiz

# %%
quiz("03")

# %% [markdown] tags=["recap"]
# ## Recap
#
# - An Inception module runs several kernel sizes side by side and joins their channels; 1x1 convolutions make that affordable.
# - Auxiliary heads belong to training; they do not count as parameters of the finished network.
# - With batch norm the same network learns at any of our learning rates; without, only at a small one, and slowly.
# - 1x7 and 7x1 see what 7x7 sees, for 14 weights instead of 49, if enough channels stand between.
# - Label smoothing lowers confidence, whether that was too high or not. Measure calibration before you use it.
#
# | paper | here |
# |---|---|
# | [version 1](https://arxiv.org/abs/1409.4842), figure 2b | `module(x)` |
# | version 1, table 1, row 3a | `thrifty` |
# | [version 2](https://arxiv.org/abs/1502.03167), algorithm 1 | `norms[part]` in `step`; `fold` |
# | version 2, section 4.2: larger learning rates | `train(step, rate, seed)` |
# | [version 3](https://arxiv.org/abs/1512.00567), sections 3.1 and 3.2 | `seen(3, 3)`, `seen((1, 7), (7, 1))` |
# | version 3, section 7 | `wanted` in `descend` |
# | [version 4](https://arxiv.org/abs/1602.07261) | [zoo/inception/v4.py](../../course_lib/zoo/inception/v4.py), [resnet_v2.py](../../course_lib/zoo/inception/resnet_v2.py) |
#
# **To read:** version 3's section 2, four rules for designing networks; [When does label smoothing
# help?](https://arxiv.org/abs/1906.02629) by Müller and others.
#
# **Next:** [lesson 04](04_resnet.ipynb): why very deep networks would not train, and the addition that mended it.
