# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # AlexNet: which of its tricks can we still see working?
#
# In 2012 one team's convolutional networks had the right name among their first five guesses for 84.7 % of ImageNet's test photos; the
# next best team had it for 73.8 %. The winners' paper explains why, trick by trick. We rebuild their network, find out where its
# 61 million parameters sit, and put two of the tricks to the test. One of them will not do what the paper says.
#
# > **You will be able to** compute a convolution by hand, say where a network's parameters and its work sit, put claims
# > about ReLU and dropout to the test, and find a wrong layer in a network that raises no error.
# >
# > **Needs** lesson 00, and one convolutional network that you have trained before. On two cores about 50 s, 2 GB of
# > memory, no download.

# %% [markdown] tags=["set-up"]
# ## Set-up

# %%
from course_lib.lessons import exercise, quiz, start

start()

from dataclasses import replace

import keras
import numpy as np
import tensorflow as tf
from course_lib import load, viz
from course_lib.lessons.bank.l01_alexnet import with_a_fault
from course_lib.media.images import read_image
from course_lib.media.samples import sample
from course_lib.media.world import HELDOUT_CLASSES, make_image, make_images
from course_lib.zoo import alexnet
from course_lib.zoo.cost import layer_costs
from keras import layers
from matplotlib import pyplot as plt
from sklearn.datasets import load_digits

# %% [markdown] tags=["see-it-work"]
# ## See it work
#
# Without a download a small stand-in answers: `alexnet_nano`, which this course trained on drawings of 20 kinds of
# object. Read the line that it prints. After `course fetch alexnet` the same cell runs torchvision's weights, on a photo.

# %%
model = load("alexnet")
official_here = model.provenance.grade == "official"  # provenance: where the weights came from
picture = sample("cat") if official_here else make_image("star", seed=9001)
viz.predictions(picture, model.classify(picture))

# %% [markdown]
# One picture proves little. So here are three sets of 400 drawings that the small network has never seen, and its
# **accuracy**, the share of them that it names correctly. From here on the small network is called `nano`.

# %%
nano = load("alexnet_nano")
held_out = [make_images(400, seed=seed) for seed in (9001, 9002, 9003)]


def accuracy(images, labels):
    """Return the share of pictures that `nano` names correctly."""
    return float(np.mean(np.argmax(nano.model(nano.preprocess(images)), axis=1) == labels))


print("accuracy on each set:", *(f"{accuracy(*pictures):.3f}" for pictures in held_out), "  chance: 0.050")

# %% [markdown] tags=["idea"]
# ## The idea
#
# Convolutional networks had been reading cheques since the 1990s. For photos, though, most teams described each picture by hand-made rules,
# and trained only the last step. [Krizhevsky, Sutskever and Hinton (2012)](https://papers.nips.cc/paper_files/paper/2012/hash/c399862d3b9d6b76c8436e924a68c45b-Abstract.html)
# let a network learn everything from 1.2 million photos, in five to six days on two graphics cards. There was no single invention: a pile
# of tricks made it possible, and these two are still everywhere.
#
# **ReLU**, $\max(0, x)$, after each layer, where tanh was usual. A network learns from slopes: how much does the error
# change if this number changes a little? Far from zero tanh is flat, it **saturates**, and passes almost nothing on:
#
# $$ \tanh'(x) = 1 - \tanh^2(x) \qquad \mathrm{ReLU}'(x) = 1 \ \text{ for } x > 0, \ \text{ else } 0 $$
#
# **Dropout**: at each training step, silence a random half of the units in the dense layers, so that none can rely on the others.
# (A **unit** is one output number of a layer; in a **dense** layer each unit reads all inputs.)

# %%
# This cell only draws: skip its code, look at the picture.
x = np.linspace(-4, 4, 400)
with viz.style():
    fig, panels = plt.subplots(1, 2, figsize=(6.6, 2.3))
drawn = {
    "what comes out": (np.maximum(x, 0), np.tanh(x)),
    "its slope": (np.float64(x > 0), 1 - np.tanh(x) ** 2),
}
for ax, (title, (of_relu, of_tanh)) in zip(panels, drawn.items(), strict=True):
    ax.plot(x, of_relu, color="#005caf", linewidth=2)
    ax.plot(x, of_tanh, color="#d97330", linewidth=2)
    ax.set_title(title)
panels[0].text(1.6, 3, "ReLU", color="#005caf", ha="right", weight="bold")
panels[0].text(1.7, 0.45, "tanh", color="#a4501d", weight="bold")
viz.show(
    fig,
    alt="Two charts from -4 to 4. Left: ReLU is 0, then rises for ever; tanh bends to -1 and 1. Right: ReLU's slope jumps "
    "from 0 to 1 and stays; tanh's is a hump of height 1 that is nearly 0 beyond -3 and 3.",
)

# %% [markdown] tags=["build"]
# ## Build it by hand
#
# We take the full network with random weights, and prepare a photo for it. **Padding** puts 2 pixels of zeros round the photo. The first
# layer, `conv1`, has 64 **filters** of 11x11x3 numbers; each is laid on the photo at steps of 4 pixels, the **stride**. What
# comes out at one place is one sum of products, plus one number for each filter, its **bias**:

# %% tags=["nbval-check-output"]
big = load("alexnet", weights=None)
dice = np.random.default_rng(0)
for weight in big.model.weights:  # new biases are all 0, and forgetting a 0 would go unseen: draw others
    if weight.path.endswith("bias"):
        weight.assign(dice.normal(0, 0.1, weight.shape))
photo = big.preprocess([read_image(sample("cat"))])  # (1, 224, 224, 3)

filters, bias = big.model.get_layer("conv1").get_weights()  # (11, 11, 3, 64) and (64,)
padded = np.pad(photo[0], ((2, 2), (2, 2), (0, 0)))
patch = padded[40:51, 80:91]  # (11, 11, 3): what the place in row 10, column 20 sees
by_sum = np.sum(patch[..., None] * filters, axis=(0, 1, 2)) + bias
by_layer = viz.layer_outputs(big.model, photo, "conv1")["conv1"]
print(by_layer.shape, f"difference {np.abs(by_sum - by_layer[0, 10, 20]).max():.5f}")

# %% [markdown]
# In a row of $n$ pixels, a filter $k$ wide with stride $s$ and padding $p$ has $\lfloor (n + 2p - k) / s \rfloor + 1$ places: here
# $\lfloor 217 / 4 \rfloor + 1 = 55$. (The paper says 224 pixels and mentions no padding. That would make 54.25 places, so something there is a slip.)
#
# Now for all places at once. After some convolutions comes **max pooling**: keep the largest number of each 3x3 window. The windows step
# by 2, so they overlap.

# %%
windows = np.lib.stride_tricks.sliding_window_view


def convolve(x, filters, bias, stride=1, padding=1):
    """(height, width, channels) -> (new height, new width, filters)."""
    x = np.pad(x, ((padding, padding), (padding, padding), (0, 0)))
    patches = windows(x, filters.shape[:2], axis=(0, 1))[::stride, ::stride]  # (h, w, channels, k, k)
    return np.tensordot(patches, filters, axes=((3, 4, 2), (0, 1, 2))) + bias


def pool(x):
    """Keep the largest of each 3x3 window, at steps of 2."""
    return windows(x, (3, 3), axis=(0, 1))[::2, ::2].max(axis=(3, 4))


# %% [markdown]
# With these and a matrix product, here is all of AlexNet:


# %%
def by_hand(x, weights):
    """Return the 1,000 scores of one prepared picture, (224, 224, 3)."""
    how = [(4, 2), (1, 2), (1, 1), (1, 1), (1, 1)]  # stride and padding of each convolution
    for number, (stride, padding) in enumerate(how, 1):
        x = np.maximum(convolve(x, *weights[f"conv{number}"], stride, padding), 0)
        if number in (1, 2, 5):
            x = pool(x)
    x = x.reshape(-1)  # (6, 6, 256) -> (9216,)
    for name in ("dense6", "dense7"):
        kernel, bias = weights[name]
        x = np.maximum(x @ kernel + bias, 0)  # in use, dropout does nothing
    kernel, bias = weights["head"]
    return x @ kernel + bias


# %% [markdown] tags=["proof"]
# ## Proof
#
# Is it the network of [zoo/alexnet.py](../../course_lib/zoo/alexnet.py)?

# %%
scores = big.model(photo)[0].numpy()
weights = {layer.name: layer.get_weights() for layer in big.model.layers if layer.weights}
difference = np.abs(by_hand(photo[0], weights) - scores).max()
print(f"scores spread over {scores.std():.2f}; largest |difference| {difference:.1e}")
assert difference <= 1e-4 * max(1, np.abs(scores).max())

# %% [markdown]
# And the zoo's network is torchvision's: the course's tests compare it with answers recorded from torchvision's own code, and load a file
# written like the official one, `alexnet-owt-7be5be79.pth`.
#
# ### Where do 61 million parameters sit?
#
# A **multiply-add** is one product added to a sum: the unit in which papers count a network's work.

# %% tags=["nbval-check-output"]
costs = [cost for cost in layer_costs(big.model) if cost.params]
params, work = (np.array([getattr(c, of) for c in costs]) for of in ("params", "multiply_adds"))
for cost in costs:
    print(
        f"{cost.name:7} {cost.output!s:14} {cost.params:>11,} parameters {cost.multiply_adds:>12,} multiply-adds"
    )
print(f"all     {params.sum():>26,} {work.sum():>23,}")
print(
    f"dense layers: {params[5:].sum() / params.sum():.0%} of the parameters, {work[5:].sum() / work.sum():.0%} of the work"
)
assert params.sum() == 61_100_840 == big.card.params

# %%
# This cell only draws.
with viz.style():
    fig, ax = plt.subplots(figsize=(6.6, 2.7))
rows, names = np.arange(8), [cost.name for cost in costs]
ax.barh(rows, -params / params.sum(), color="#d97330")
ax.barh(rows, work / work.sum(), color="#005caf")
ax.set(yticks=rows, yticklabels=names, ylim=(7.6, -0.6), xlim=(-0.75, 0.75), xticks=[])
ax.text(-0.35, -0.75, "share of the parameters", ha="center", color="#a4501d", weight="bold")
ax.text(0.35, -0.75, "share of the multiply-adds", ha="center", color="#005caf", weight="bold")
for row in rows:
    ax.text(
        -params[row] / params.sum() - 0.01, row, f"{params[row] / params.sum():.0%}", ha="right", va="center"
    )
    ax.text(work[row] / work.sum() + 0.01, row, f"{work[row] / work.sum():.0%}", va="center")
viz.show(
    fig,
    alt="Bars to both sides, a row for each of the eight layers. To the left, parameters: next to nothing for the five "
    "convolutions, 62 % in dense6, 27 % in dense7. To the right, multiply-adds: the convolutions have nearly all.",
)

# %% [markdown]
# Two networks in one. The convolutions do the work with few parameters, since each is used at hundreds or thousands of places; the dense
# layers hold the parameters, and use each once. To save memory, shrink `dense6`; to save work, begin with `conv2`. Later networks average
# each map to one number before the dense part, and so need far fewer weights there.
#
# The paper's "60 million" belongs to a slightly different network. One card of 3 GB was too small for it, so its layers are split into two
# **towers**, one on each card, and `conv2`, `conv4` and `conv5` see only their own card's maps. That saves parameters (exercise 1). The
# single tower here comes from the first author's later [*one weird trick*](https://arxiv.org/abs/1404.5997). The paper also divided
# each number by a term made from neighbouring channels, *local response normalisation*; that went out of use.

# %% [markdown] tags=["inside"]
# ## Look inside: the filters
#
# `conv1` reads pixels, so its filters can be drawn as small pictures; grey is zero. Here are the twelve filters with the largest weights from
# three networks: `nano`, the same network before training, and EfficientNet-Lite0, which others trained on ImageNet's photos.

# %%
keras.utils.set_random_seed(0)
firsts = {
    "nano": nano.model.get_layer("conv1").kernel.numpy(),  # (5, 5, 3, 24)
    "random": load("alexnet_nano", weights=None).model.get_layer("conv1").kernel.numpy(),
    "Lite0": load("efficientnet_lite0").model.get_layer("stem_conv").kernel.numpy(),  # (3, 3, 3, 32)
}
tiles = []
for kernel in firsts.values():
    for k in np.argsort(-np.square(kernel).sum(axis=(0, 1, 2)))[:12]:
        tile = np.uint8(127.5 + 127 * kernel[..., k] / np.abs(kernel[..., k]).max())
        tiles.append(tile.repeat(15 // len(tile), axis=0).repeat(15 // len(tile), axis=1))  # all of one size
viz.images(
    tiles,
    [word for name in firsts for word in [name] + [""] * 11],
    columns=12,
    alt="Three rows of twelve filters. Above, nano's: slanted stripes of two opposite colours. In the middle, random ones: "
    "speckles. Below, Lite0's of only 3x3 numbers: a light side and a dark one, corners, patches of one colour.",
)

# %%
for name, kernel in firsts.items():
    right = np.corrcoef(kernel[:, :-1].ravel(), kernel[:, 1:].ravel())[0, 1]
    lower = np.corrcoef(kernel[:-1].ravel(), kernel[1:].ravel())[0, 1]
    print(
        f"{name:7} correlation of a weight with its right neighbour {right:5.2f}, with its lower one {lower:5.2f}"
    )

# %% [markdown]
# Random filters are speckles: a weight says nothing about its neighbour. Training made stripes, that is **edges**: one colour on this
# side, its opposite on that. Nobody asked for edges. Lite0, trained by other people on photos, has them too, as far as 3x3 weights can
# show them: sideways neighbours agree, so on the whole its edges lie flat. And so have the 96 filters in the paper's figure 3.

# %% [markdown] tags=["change"]
# ## Change it: ReLU against tanh
#
# In the paper's figure 1 a network of four layers with ReLU gets down to 25 % errors on its training photos (CIFAR-10) **six times faster**
# than the same network with tanh, each with the learning rate that suits it best. We run this race on scikit-learn's handwritten digits, 8x8
# pixels: four layers, the best of three learning rates, three seeds. The optimiser is **Adam**, which adapts each weight's step to its
# gradients so far.
#
# One thing more. Where tanh saturates depends on how large its inputs are, and so on how large the random weights are at the *start*. Keras
# takes **Glorot's** size, chosen so that numbers neither grow nor shrink much from layer to layer. We also start from weights 4 and 16
# times as large.
#
# The next two cells are machinery: one training step, a fresh start, and a count of steps.

# %%
digits = load_digits()
x_train = np.repeat(digits.images[:1297, ..., None] / 8 - 1, 3, axis=-1).astype("float32")  # -1 to 1
y_train = digits.target[:1297]
four = replace(
    alexnet.CONFIGS["alexnet_nano"], widths=(8, 16), kernels=(3, 3), pads=(1, 1), stride=1, pooled=(2,),
    dense_widths=(32,), batch_norm=False, size=8, classes=10,
)  # fmt: skip
cross_entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def make_step(model):
    """Compile one update by Adam, which returns the share of errors in its batch."""
    optimizer = keras.optimizers.Adam()
    optimizer.build(model.trainable_variables)

    @tf.function(autograph=False)
    def step(images, labels):
        with tf.GradientTape() as tape:
            logits = model(images, training=True)
            loss = cross_entropy(labels, logits)
        optimizer.apply(tape.gradient(loss, model.trainable_variables))
        return tf.reduce_mean(tf.cast(tf.argmax(logits, axis=1) != labels, tf.float32))

    return step, optimizer


# %%
def restart(model, optimizer, seed, rate=1e-3, times=1.0):
    """Give a network Glorot's random weights, `times` as large, and let the optimiser forget."""
    draw = keras.initializers.GlorotUniform(keras.random.SeedGenerator(seed))
    for weight in model.trainable_weights:
        weight.assign(
            times * draw(weight.shape) if weight.path.endswith("kernel") else tf.zeros(weight.shape)
        )
    for memory in optimizer.variables:
        memory.assign(tf.zeros(memory.shape, memory.dtype))
    optimizer.learning_rate = rate


def steps_needed(model, step, optimizer, seed, rate, times, most=150):
    """Return after how many steps ten batches together have at most 25 % errors; `most` if never."""
    restart(model, optimizer, seed, rate, times)
    dice, errors = np.random.default_rng(seed), []
    for number in range(1, most + 1):
        batch = dice.choice(len(x_train), 32, replace=False)
        errors.append(step(x_train[batch], y_train[batch]).numpy())
        if number >= 10 and np.mean(errors[-10:]) <= 0.25:
            break
    return number


# %%
sizes, rates = (1, 4, 16), (0.01, 0.03, 0.1)
race = {}
for kind in ("relu", "tanh"):
    net = alexnet.build(replace(four, activation=kind))
    racer = (net, *make_step(net))
    for times in sizes:
        runs = {rate: [steps_needed(*racer, seed, rate, times) for seed in range(3)] for rate in rates}
        best = min(runs, key=lambda rate: np.mean(runs[rate]))
        race[kind, times] = runs[best]
        print(f"{kind}, weights x {times:<2}  steps of three seeds: {runs[best]}, with rate {best}")

lines = {kind: (sizes, np.transpose([race[kind, times] for times in sizes])) for kind in ("relu", "tanh")}
x, y = "size of the first random weights (1: Glorot's)", "steps to 25 % training errors (150: never reached)"
alt = "Line chart. At Glorot's size both need some twenty steps; at sixteen times that ReLU stays below a hundred on average, tanh lies at 150."
viz.curves(lines, x, y, logx=True, title="Equal, until the first weights are too large", alt=alt)

# %% [markdown]
# With Glorot's weights neither wins, let alone by a factor of six. Larger ones slow both down, and at 16 times as large tanh does not get
# there in 150 steps, with any of the three learning rates. Why? Look at the last hidden layer before the first step:

# %%
for times in sizes:
    net = alexnet.build(replace(four, activation="tanh"))
    restart(net, keras.optimizers.Adam(), 0, times=times)
    last = viz.layer_outputs(net, x_train[:200], "dense3_tanh")["dense3_tanh"]
    print(f"weights x {times:<2}  tanh outputs with a slope below 0.1: {np.mean(1 - last**2 < 0.1):.0%}")

# %% [markdown]
# At 16 nearly all outputs sit on the flat ends, where little comes through. ReLU's slope stays 1, however far above zero its input is.
#
# Does that refute the paper? No: it raced on other pictures, and does not say how large that network's first weights were. But the factor
# of six is no law. What ReLU surely gives is one thing less to get right.
#
# ### Dropout, with few labels
#
# "Without dropout, our network exhibits substantial overfitting", says the paper: **overfitting** is being good on the training data and bad
# on new data. AlexNet's parameters sit in its dense layers, so we train just such layers: `nano`'s convolutions stay as they are, *frozen*, and two
# new layers of 128 units learn eight kinds of object that `nano` has never seen. No dropout against a half, with 5 and with 50 labelled
# drawings of each kind, five seeds; the score is the accuracy on 1,000 new drawings.

# %%
frozen = keras.Model(nano.model.input, nano.model.get_layer("flatten").output)


def features(count, seed):
    """Draw the new kinds, and return what `nano`'s convolutions make of them, (count, 432), and the labels."""
    images, labels = make_images(count, HELDOUT_CLASSES, seed=seed)
    return frozen(nano.preprocess(images)).numpy(), labels.astype("int64")


new, new_labels = features(1000, seed=9001)
draws = [features(400, seed) for seed in range(5)]  # 400: the first 8 k drawings hold k of each kind
stops = (25, 50, 100, 200, 300)  # steps after which we measure


def learn(head, step, optimizer, seed, count):
    """Train on the first `count` drawings; return the accuracy on new ones at each of `stops`."""
    restart(head, optimizer, seed)
    dice, scores = np.random.default_rng(seed), []
    x, y = draws[seed]
    for number in range(1, stops[-1] + 1):
        batch = dice.choice(count, 32, replace=False)
        step(x[batch], y[batch])
        if number in stops:
            scores.append(np.mean(np.argmax(head(new), axis=1) == new_labels))
    return scores


# %%
learned, learners = {}, {}
for rate in (0.0, 0.5):
    hidden = [layer for _ in range(2) for layer in (layers.Dense(128, "relu"), layers.Dropout(rate, seed=0))]
    head = keras.Sequential([layers.Input((432,)), *hidden, layers.Dense(8)])
    learners[rate] = (head, *make_step(head))
    for labels in (5, 50):
        name = f"{labels} labels, " + ("dropout" if rate else "no dropout")
        learned[name] = np.array([learn(*learners[rate], seed, 8 * labels) for seed in range(5)])
for labels in (5, 50):
    gain = 100 * (learned[f"{labels} labels, dropout"] - learned[f"{labels} labels, no dropout"])[:, -1]
    print(
        f"{labels:2} labels: dropout brings", *(f"{g:+.1f}" for g in gain), f"points; mean {gain.mean():+.1f}"
    )

# %%
lines = {name: (stops, scores) for name, scores in learned.items()}
title = "Dropout is slow at first; ten times the labels help far more"
alt = "Line chart. Lines with dropout begin far lower. With five labels dropout ends a little above none, with fifty a little below."
look = {"percent": True, "logx": True, "title": title, "alt": alt}
viz.curves(lines, "step", "accuracy on 1,000 new drawings", **look)

# %% [markdown]
# Dropout learns slowly: the paper says that it took about twice as many steps. With five labels it ends a little ahead on average, though
# not for every seed. With fifty it is still behind after 300 steps, and still climbing. (Let `stops` go on to 1,000: does it catch up?)
# Ten times as many labels help far more than dropout does.
#
# So judge such a trick where you want to use it: against a run without it, and with several seeds.

# %% [markdown] tags=["traps"]
# ## Traps and limits
#
# **The order of flattening.** Between the last pooling and the first dense layer, the maps become one long row of numbers. Keras goes
# through them place by place, PyTorch channel by channel. If weights are copied across without reordering, all shapes fit and nothing complains:

# %%
layer = nano.model.get_layer("dense6")
kernel, bias = layer.get_weights()  # (432, 384): 3 x 3 places of 48 channels
torch_order = kernel.reshape(3, 3, 48, 384).transpose(2, 0, 1, 3).reshape(432, 384)
layer.set_weights([torch_order, bias])
print(f"in PyTorch's order: accuracy {accuracy(*held_out[0]):.3f}")
layer.set_weights([kernel, bias])

# %% [markdown]
# The course's converter reorders them for you; now you know where to look when it is not there.
#
# **Dropout left on.** It belongs to training. Call a network with `training=True` in use, and its answers are partly chance. The last
# network of our experiment, twice each way:

# %%
for training in (False, False, True, True):
    answers = np.argmax(head(new, training=training), axis=1)
    print(f"training={training!s:5}  accuracy {np.mean(answers == new_labels):.3f}")

# %% [markdown]
# **Numbers that do not compare.** The 84.7 % of the beginning came from seven networks together, two of them first trained on many more photos.
# One network by itself had 59.3 % **top-1**, right at the first guess, averaging over ten crops of each photo. torchvision's file has
# 56.5 %, with one crop. That file is under the BSD-3 licence; ImageNet's photos have terms of their own.

# %% [markdown] tags=["exercises"]
# ## Exercises
#
# **1.** In two towers, the inputs and the filters of a convolution are split into `groups`: each filter sees only the channels of its own
# group. Count the parameters, biases included. The check adds up the paper's own network with your function: does it come to 60 million?


# %%
def conv_params(kernel, before, after, groups=1):
    """Return the parameters of a convolution from `before` to `after` channels, kernel x kernel pixels."""
    return ...


exercise("01.1").check(conv_params)

# %%
# exercise("01.1").hint()  # take away the first #; then .solution()

# %% [markdown]
# **2.** Dropout by hand. The paper silences units in training, and halves all outputs in use. Today it is done the other way round: in
# training, the units that stay are made *larger*, so that sums keep their size on average, and in use nothing need be done.


# %%
def dropout(x, rate, dice):
    """Return x with a random share `rate` of its numbers silenced, as in training; dice: a NumPy generator."""
    return ...


exercise("01.2").check(dropout)

# %%
# exercise("01.2").hint()

# %% [markdown]
# **3.** `suspect` is a copy of `nano` in which the axes of one layer's kernel were put in a wrong order. All shapes fit, and no error is
# raised. Which layer is it, and which order of axes puts it right? `viz.differences(values)` draws where the two networks begin to differ.

# %%
heart_ready = nano.preprocess([make_image("heart", seed=9002)])
suspect = with_a_fault(nano.model)
values = viz.layer_differences(suspect, nano.model, heart_ready)

verdict = [..., ...]  # the layer's name, such as "conv1"; the order for np.transpose, such as (3, 2, 1, 0)

exercise("01.3").check(verdict)

# %%
# exercise("01.3").hint()

# %% [markdown] tags=["quiz"]
# ## Quiz

# %%
quiz("01")

# %% [markdown] tags=["recap"]
# ## Recap
#
# - A convolution is one sum, repeated at every place; AlexNet is five of them and three matrix products.
# - Convolutions do nearly all the work, dense layers hold nearly all the parameters.
# - Training turns random speckles into edges, on photos and on drawings alike.
# - ReLU does not go flat for large inputs, so it forgives first weights that are too large. With Glorot's, tanh kept up on our digits.
# - Dropout slowed learning down. With few labels it ended a little ahead; more labels helped far more.
#
# | paper | line of code |
# |---|---|
# | section 3.1, ReLU | `np.maximum(convolve(...), 0)` |
# | section 3.4, overlapping pooling | `windows(x, (3, 3), axis=(0, 1))[::2, ::2].max(axis=(3, 4))` |
# | section 3.5, figure 2: the eight layers | `by_hand(x, weights)` |
# | figure 1: steps to 25 % training errors | `np.mean(errors[-10:]) <= 0.25` |
# | section 4.2, dropout | `layers.Dropout(0.5)` |
#
# **To read:** the paper is short. Its section 6.1 looks at filters and at mistakes; section 7 says that taking away any one of the middle
# layers costs about 2 points of top-1.
#
# **Next:** [lesson 02](02_vgg.ipynb) asks what VGG gained by making every filter 3x3.
