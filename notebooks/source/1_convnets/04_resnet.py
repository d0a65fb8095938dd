# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # ResNet: why do very deep networks train once each block only learns what to add?
#
# In 2015 more layers had stopped helping: past some depth networks got *worse*, even on the photos they were trained on.
# One addition sign mended it. This lesson builds it, proves the copy exact, and takes it away to watch the damage.
#
# > **You will be able to** build a residual block by hand, prove a network equal to the official one, measure gradients
# > through depth, and name the mistakes that quietly ruin a ResNet.
# >
# > **Needs** lesson 00, and one convolutional network that you have trained before. On two cores about 50 s, 1.5 GB of
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
from course_lib import card, load, viz
from course_lib.media.samples import sample
from course_lib.media.world import make_image, make_images
from course_lib.weights.convert import load_into
from course_lib.weights.sources.applications import arrays_of
from course_lib.zoo import resnet
from keras import layers
from matplotlib import pyplot as plt
from sklearn.datasets import load_digits

# %% [markdown] tags=["see-it-work"]
# ## See it work
#
# Ask for ResNet-50. Without a download a small sister stands in, `resnet_nano`, which this course trained on drawings of
# 20 kinds of object: read the line that it prints. After `course fetch resnet50` the same cell runs the official network,
# on a photo.

# %%
model = load("resnet50")
official_here = model.provenance.grade == "official"  # provenance: where the weights came from
picture = sample("cat") if official_here else make_image("heart", seed=9002)
viz.predictions(picture, model.classify(picture))

# %% [markdown]
# An easy picture proves little. Here are three sets of 400 drawings that the small network has never seen, and its
# **accuracy**, the share it names rightly. We keep it by the name `nano` from here on.

# %%
nano = load("resnet_nano")
held_out = [make_images(400, seed=seed) for seed in (9001, 9002, 9003)]


def accuracy(images, labels, prepare=nano.preprocess):
    """Return the share of pictures that `nano` names rightly."""
    return float(np.mean(np.argmax(nano.model.predict_on_batch(prepare(images)), axis=1) == labels))


scores = [accuracy(*pictures) for pictures in held_out]
print("accuracy on each set:", *(f"{score:.3f}" for score in scores), "  chance: 0.050")

# %% [markdown] tags=["idea"]
# ## The idea
#
# [He and others (2015)](https://arxiv.org/abs/1512.03385) trained a 20-layer and a 56-layer network on small photos (their
# figure 1). The deep one was worse *on its training data*. So this is not **overfitting**, good on training data, bad on
# new. The 56 layers could have copied the 20, and let the other 36 do nothing; training did not find that. They called it
# **degradation**.
#
# Doing *nothing*, it seems, is hard to learn: a stack of convolutions would have to give back exactly its input. So make
# that the starting point, and let the layers compute only what to *add*:
#
# $$ y = \mathrm{ReLU}(x + F(x)) $$
#
# $F$ is the **residual branch**, and the bare wire that carries $x$ past it the **shortcut**. To do nothing, $F$ has
# only to become zero.

# %%
# This cell only draws: skip its code, look at the picture.
with viz.style():
    fig, ax = plt.subplots(figsize=(6.6, 2.3))
ax.set(xlim=(0, 1), ylim=(-0.35, 1.75))
ax.axis("off")
box = {"boxstyle": "round,pad=0.45", "facecolor": "white", "edgecolor": "#005caf"}
circle = {"boxstyle": "circle", "facecolor": "#f3c9a6", "edgecolor": "#d97330"}
middle = {"ha": "center", "va": "center"}
for y, name in ((1.3, "plain"), (0, "residual")):
    ax.text(0, y, name, weight="bold", va="center")
    ax.annotate("", (1, y), (0.17, y), arrowprops={"arrowstyle": "->"})
    ax.text(0.15, y, "x", **middle)
    for place, word in ((0.36, "conv, norm, ReLU"), (0.63, "conv, norm"), (0.91, "ReLU")):
        ax.text(place, y, word, bbox=box, **middle)
ax.plot([0.19, 0.19, 0.79, 0.79], [0, 0.62, 0.62, 0.15], color="#d97330", linewidth=2.5)
ax.text(0.79, 0, "+", bbox=circle, **middle)
ax.text(0.49, 0.7, "shortcut: x itself", ha="center", color="#a4501d", weight="bold")
viz.show(
    fig,
    alt="Two rows. Plain: x goes through two convolutions to a ReLU. Residual: the same, but a wire carries x "
    "past the convolutions and adds it to what they give.",
)

# %% [markdown] tags=["build"]
# ## Build the block by hand
#
# ResNet-50's block is a **bottleneck**: a 1x1 convolution squeezes 256 channels to 64, a 3x3 convolution works there
# cheaply, a second 1x1 stretches back to 256. **Batch norm** follows each: it subtracts the channel's mean, divides by its
# standard deviation, then scales and shifts by two learned numbers. In training, mean and deviation are the batch's; in
# use, stored averages that start at 0 and 1.

# %% tags=["nbval-check-output"]
convs = [layers.Conv2D(64, 1), layers.Conv2D(64, 3, padding="same"), layers.Conv2D(256, 1)]
norms = [layers.BatchNormalization(epsilon=1.001e-5) for _ in range(3)]

x = tf.random.normal((1, 16, 16, 256))
squeezed = tf.nn.relu(norms[0](convs[0](x)))
worked = tf.nn.relu(norms[1](convs[1](squeezed)))
branch = norms[2](convs[2](worked))
print(*(tuple(step.shape) for step in (x, squeezed, worked, branch)), sep="\n")

# %% [markdown]
# The branch ends in the shape that it began with: the two can be added. No ReLU before the sum: a branch that can only
# add positive numbers can never take anything back.


# %% tags=["nbval-check-output"]
def block(x):
    """Return relu(x + F(x)) for x of shape (batch, height, width, 256)."""
    y = tf.nn.relu(norms[0](convs[0](x)))
    y = tf.nn.relu(norms[1](convs[1](y)))
    return tf.nn.relu(x + norms[2](convs[2](y)))


print(tuple(block(x).shape))

# %% [markdown]
# Why squeeze? Count the weights: height x width x channels in x channels out. The **basic** block of the smaller ResNets,
# two 3x3 convolutions, would cost at this width:

# %% tags=["nbval-check-output"]
basic = 2 * (3 * 3 * 256 * 256)
bottleneck = 1 * 1 * 256 * 64 + 3 * 3 * 64 * 64 + 1 * 1 * 64 * 256
print(f"basic {basic:,}   bottleneck {bottleneck:,}   {basic / bottleneck:.0f} times fewer")

# %% [markdown]
# The whole network: a 7x7 convolution, the **stem** (the paper's stage 1), a pooling, then four rows of blocks, stages 2
# to 5. Stage 2 only widens the channels, 64 to 256; each later one also halves the picture's sides. Where $x$ does
# not fit the sum, a 1x1 convolution on the shortcut reshapes it (exercise 1).
# All of it: [zoo/resnet.py](../../course_lib/zoo/resnet.py).

# %% [markdown] tags=["proof"]
# ## Proof: it is the real one
#
# Build the official ResNet-50 of `keras.applications` and ours, and carry the weights over by name. Random ones prove as
# much as trained ones, but a *fresh* batch norm changes next to nothing and could hide a mistake: roll dice for its numbers too.
# Pictures of 64 px keep it quick.

# %%
config = replace(resnet.CONFIGS["resnet50"], size=64)
ours = resnet.build(config)
official = keras.applications.ResNet50(weights=None, input_shape=(64, 64, 3), classifier_activation=None)

dice = np.random.default_rng(0)
for weight in [weight for weight in official.weights if not weight.path.endswith("kernel")]:
    weight.assign(dice.uniform(0.5, 1.5, weight.shape))
load_into(ours, arrays_of(official), "resnet", "applications", config)

# %% [markdown]
# Would a comparison notice a mistake? Batch norm divides by $\sqrt{\text{variance} + \epsilon}$. ResNet-50's
# $\epsilon$ is 1.001e-5, the Keras default 1e-3; forgetting it is a common slip. Make it on purpose first, then put it right:

# %%
pictures = dice.normal(0, 50, (2, 64, 64, 3)).astype("float32")
theirs = official(pictures, training=False).numpy()
print(f"the official answers spread over {theirs.std():.1f}")
for epsilon in (1e-3, 1.001e-5):
    for layer in ours.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.epsilon = epsilon
    difference = np.abs(ours(pictures, training=False).numpy() - theirs).max()
    print(f"our epsilon {epsilon}: largest |difference| {difference:.1e}")
assert difference <= 1e-4

# %% [markdown]
# The slip shows; put right, both take the same steps. Now the hand-made block: give it the weights of `stage2_block2`, and
# feed it what that block gets.

# %%
for number, (conv, norm) in enumerate(zip(convs, norms, strict=True), 1):
    conv.set_weights(ours.get_layer(f"stage2_block2_conv{number}").get_weights())
    norm.set_weights(ours.get_layer(f"stage2_block2_bn{number}").get_weights())
inside = viz.layer_outputs(ours, pictures, ["stage2_block1_out", "stage2_block2_out"])
difference = np.abs(block(inside["stage2_block1_out"]) - inside["stage2_block2_out"]).max()
print(f"our block against the zoo's: largest |difference| {difference:.1e}")
assert difference <= 1e-4

# %% [markdown]
# ResNet-101 and -152 are the same code with more blocks. Counting by hand must give the published parameters. We quote
# multiply-adds and **top-1**, the share of ImageNet's validation photos named rightly at the first guess, from the **card**, the
# course's fact sheet of a model.


# %% tags=["nbval-check-output"]
def count(config):
    """Add up the parameters of a bottleneck ResNet."""

    def conv(kernel, before, after):  # weights, bias, and batch norm's four numbers for each channel
        return kernel**2 * before * after + after + 4 * after

    total, channels = conv(7, 3, 64), 64
    for depth, width in zip(config.depths, config.widths, strict=True):
        total += conv(1, channels, 4 * width)  # the shortcut of the stage's first block
        for _ in range(depth):
            total += conv(1, channels, width) + conv(3, width, width) + conv(1, width, 4 * width)
            channels = 4 * width
    return total + channels * 1000 + 1000


print("network     blocks        layers  parameters  10^9 multiply-adds  top-1 %")
for name in ("resnet50", "resnet101", "resnet152"):
    config, facts = resnet.CONFIGS[name], card(name)
    depth, params = 3 * sum(config.depths) + 2, count(config)
    work, top1 = facts.facts[0].value, facts.weights[0].facts[0].value
    print(f"{name:10}  {config.depths!s:14}  {depth:4}  {params:,}  {work:18}  {top1:7}")
    assert params == facts.params
assert count(resnet.CONFIGS["resnet50"]) == ours.count_params()

# %% [markdown]
# Multiply-adds: the paper's table 1. Top-1: the Keras documentation, for the weights that `course fetch` brings; the paper's
# own are higher (it averages several crops). Trebling the depth buys 1.7 points.

# %% [markdown] tags=["inside"]
# ## Look inside: what reaches the first layer?
#
# A network learns from its **gradient**: how much would the loss change if this weight changed a little? It is computed from
# the last layer back to the first, each layer multiplying it by its own slope. Fifty slopes of a half make
# $10^{-15}$: it **vanishes**. With a shortcut, the block's slope, how far $y$ moves when $x$ moves a little, is
#
# $$ \frac{\partial y}{\partial x} = 1 + F'(x) $$
#
# (before the ReLU): the branch's slope $F'$, and always that 1. So goes the usual story. Let us measure it, in small networks
# of 6, 12 and 24 blocks (50 layers), with the shortcut and without, on real handwriting: scikit-learn's 1,797 digits of 8x8
# pixels. We measure at each block's output: what does not arrive there cannot reach the weights before it.

# %%
digits = load_digits()
x_all = np.repeat(digits.images[..., None] / 8 - 1, 3, axis=-1).astype("float32")  # (1797, 8, 8, 3), -1 to 1
order = np.random.default_rng(0).permutation(len(x_all))
(x_train, x_test), (y_train, y_test) = (np.split(a[order], [1297]) for a in (x_all, digits.target))


# %%


def net(blocks, residual, size=8):
    """Build a small ResNet of so many basic blocks, or its plain twin."""
    shape = {"size": size, "classes": 10, "depths": (blocks,), "widths": (16,)}
    return resnet.build(replace(resnet.CONFIGS["resnet_nano"], residual=residual, **shape))


nets = {(blocks, residual): net(blocks, residual) for blocks in (2, 6, 12, 24) for residual in (False, True)}


# %%
def restart(model, seed, gain=1.0):
    """Give a network new weights as Keras does, its random ones (Glorot's, the default) times `gain`."""
    draw = keras.initializers.GlorotUniform(keras.random.SeedGenerator(seed))
    for weight in model.weights:
        name = weight.path.split("/")[-1]
        if name == "kernel":
            weight.assign(gain * draw(weight.shape))
        elif name in ("gamma", "moving_variance"):  # batch norm's scale, and its stored variance
            weight.assign(tf.ones(weight.shape))
        else:  # its shift and stored mean, and all biases
            weight.assign(tf.zeros(weight.shape))


cross_entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)  # logits: scores before softmax


def gradients(model, seed, batch_norm, gain, pictures=x_train[:16]):
    """Return the size of the loss's gradient at each block's output, first block first."""
    restart(model, seed, gain)
    blocks = [layer.output for layer in model.layers if layer.name.endswith("_out")]
    probe = keras.Model(model.input, [*blocks, model.output])
    with tf.GradientTape() as tape:
        *outputs, logits = probe(pictures, training=batch_norm)
        loss = cross_entropy(y_train[:16], logits)
    return [float(tf.norm(gradient)) for gradient in tape.gradient(loss, outputs)]


# %% [markdown]
# Five set-ups, three seeds each. Two cures were known before: batch norm, and **He initialisation**,
# random weights larger by $\sqrt 2$ to make up for the half that ReLU cuts off. A trick saves us networks without
# batch norm: with `training=False` a fresh one takes its stored 0 and 1, and is as good as absent.

# %%
setups = {  # residual, batch norm, gain of the weights
    "plain": (False, False, 1),
    "plain, He": (False, False, 2**0.5),
    "plain, batch norm": (False, True, 1),
    "residual": (True, False, 1),
    "residual, batch norm": (True, True, 1),
}
sizes, seeds = {}, (0, 1, 2)
print("gradient at the first block / at the last, for 6, 12, 24 blocks")
for kind, (residual, batch_norm, gain) in setups.items():
    growth = []
    for blocks in (6, 12, 24):
        size = np.array([gradients(nets[blocks, residual], seed, batch_norm, gain) for seed in seeds])
        growth.append(np.median(size[:, 0] / size[:, -1]))
    sizes[kind] = size  # (3 seeds, 24 blocks)
    print(f"{kind:22}", *(f"{ratio:9.1e}" for ratio in growth))

larger = tf.image.resize(x_train[:16], (32, 32), method="nearest")
wide = net(24, residual=False, size=32)
runs = [gradients(wide, seed, False, 2**0.5, larger) for seed in seeds]
print(f"plain, He, 24 blocks, digits enlarged to 32 px: {np.median([run[0] / run[-1] for run in runs]):.2f}")

# %%
viz.curves(
    {kind: (np.arange(24), size[:, ::-1]) for kind, size in sizes.items()},  # last block first
    "blocks that the gradient has come back through",
    "gradient norm",
    title="Before the first step of training, 24 blocks",
    logy=True,
    alt="Line chart, logarithmic. From one common value at the last block, plain falls in a straight line by more than a hundred "
    "million on its way back, plain with batch norm climbs by about a thousand; residual networks grow tenfold at most, and He "
    "initialisation loses a factor of a thousand.",
)

# %% [markdown]
# The gradient starts at the network's end, on the left.
#
# - **Plain**: the usual story. Almost nothing reaches the first block.
# - **Plain, He**: larger weights alone mend most of it. The rest goes mainly to the zeros padded round our tiny 4x4 maps:
#   on larger pictures (last line printed) little is lost.
# - **Plain, batch norm**: the opposite. The gradient **explodes**: batch norm levels what goes forward, not what comes back.
# - **Residual**: it grows too, but within a factor of ten over 50 layers, even with batch norm.
#
# So the usual story is half true: vanishing had its cures. The authors say so (section 4.1): their plain networks had
# batch norm and gradients that they found healthy. What shortcuts allow is batch norm *without*
# the explosion. Whether that is the whole reason is still argued over.
#
# ### What a trained one has learned
#
# Back to `nano`, and our heart: the four liveliest maps after the stem, stage 2 and stage 4, the last. The stem keeps the
# heart's shape, stage 2 mostly edges of one slant. In stage 4's 16 squares we can only say *where* something is.

# %%
heart = make_image("heart", seed=9002)
places = {"stem_relu": "stem", "stage2_block2_out": "stage 2", "stage4_block2_out": "stage 4"}
tiles, titles = [], []
for place, maps in viz.layer_outputs(nano.model, nano.preprocess([heart]), list(places)).items():
    liveliest = np.argsort(-maps[0].std(axis=(0, 1)))[:4]
    tiles += [heart] + [np.uint8(255 * maps[0, ..., k] / maps[0, ..., k].max()) for k in liveliest]
    titles += ["the picture"] + [f"{places[place]}, {maps.shape[1]}x{maps.shape[2]}"] * 4
viz.images(
    tiles,
    titles,
    columns=5,
    alt="Three rows, each the heart and four feature maps: filled or empty hearts at 16 by 16 after the stem, slanted "
    "edges at 16 by 16 after stage 2, blurs of a few bright squares at 4 by 4 after stage 4.",
)

# %% [markdown]
# **Grad-CAM** asks which places speak for an answer: it weighs each map of a layer by the gradient of the class's score,
# and adds them up. Here the warmth lies on the heart's lower half. A hint, no proof: for `make_image("gear", seed=9001)` at
# stage 3 the warmest place lies outside it.

# %%
heat = viz.grad_cam(nano.model, nano.preprocess([heart]), "stage4_block2_out", nano.labels.index("heart"))
viz.heat(heart, heat, label="heart")

# %% [markdown] tags=["change"]
# ## Change it: take the addition away
#
# Two blocks and twelve, with the shortcut and without, three seeds each: 48 steps of plain gradient descent, no clever optimiser.


# %%
def digit_accuracy(model):
    """Return the share of held-out digits that a network names rightly."""
    return float(np.mean(np.argmax(model(x_test, training=False), axis=1) == y_test))


def train(model, step, seed, steps=48):
    """Train from fresh weights; return the loss at each step and the accuracy on held-out digits."""
    restart(model, seed)
    dice = np.random.default_rng(seed)
    batches = [dice.choice(len(x_train), 32, replace=False) for _ in range(steps)]
    losses = [float(step(tf.constant(x_train[b]), tf.constant(y_train[b]))) for b in batches]
    return losses, digit_accuracy(model)


def make_step(model, rate=0.1):
    """Compile one step of gradient descent: weight -= rate * gradient."""

    weights = model.trainable_weights

    @tf.function(autograph=False)
    def step(images, labels):
        with tf.GradientTape() as tape:
            loss = cross_entropy(labels, model(images, training=True))
        for weight, gradient in zip(weights, tape.gradient(loss, weights), strict=True):
            weight.assign_sub(rate * gradient)
        return loss

    return step


# %%
losses, found = {}, {}
for blocks in (2, 12):
    for residual in (False, True):
        kind = ("residual" if residual else "plain") + f", {blocks} blocks"
        model = nets[blocks, residual]
        step = make_step(model)
        runs = [train(model, step, seed) for seed in seeds]
        losses[kind], found[kind] = [run[0] for run in runs], [run[1] for run in runs]
        mean, low, high = np.mean(found[kind]), min(found[kind]), max(found[kind])
        print(f"{kind:20} held-out accuracy {mean:.2f} ({low:.2f} to {high:.2f})")
assert np.mean(found["residual, 12 blocks"]) > np.mean(found["plain, 12 blocks"]) + 0.2

# %%
viz.curves(
    {kind: (np.arange(8, 49, 8), np.reshape(loss, (3, 6, 8)).mean(axis=2)) for kind, loss in losses.items()},
    "step",
    "training loss (mean of 8 steps)",
    title="Deeper is worse without the shortcut, better with it",
    alt="Line chart of training loss over 48 steps. Plain with 12 blocks hardly falls; plain with 2 blocks falls well; residual with 12 blocks ends lowest "
    "of all.",
)

# %% [markdown]
# Degradation, at the size of a laptop: without shortcuts twelve blocks learn *less* than two, on the training data itself.
# Merely slower? Bet, then set `steps=480` above and run it again: it takes some minutes. With shortcuts
# twelve have the lowest loss of all. On held-out digits the bands overlap: depth that trains is not yet depth that you need.
#
# ### What does one block matter?
#
# Set a trained branch's last scale and shift to zero, and $F(x) = 0$: the block is gone, its shortcut stays. We leave
# out each in turn, without retraining, first in `nano`.


# %%
def lesions(model, score):
    """Return block -> score without that block."""
    found = {}
    for name in [layer.name.removesuffix("_add") for layer in model.layers if layer.name.endswith("_add")]:
        norm = model.get_layer(f"{name}_bn2")
        kept = norm.get_weights()  # gamma, beta, moving mean, moving variance
        norm.set_weights([0 * kept[0], 0 * kept[1], *kept[2:]])
        found[name] = score(model)
        norm.set_weights(kept)
    return found


without = lesions(nano.model, lambda _: [accuracy(*pictures) for pictures in held_out])
assert np.mean(scores) > 0.85 > max(np.mean(score) for score in without.values())
viz.bars({"nothing left out": scores} | without, "accuracy (chance: 0.05)", form="{:.2f}")

# %% [markdown]
# Six blocks, and each counts, most of all the first of a stage. And in deeper networks? Compare two and twelve blocks, trained
# on digits (the last seed), and how large each branch is beside its shortcut:


# %%
def ratios(model, pictures):
    """Return the size of each block's branch, divided by that of its shortcut."""
    sums = [layer.input for layer in model.layers if layer.name.endswith("_add")]  # shortcut, branch
    parts = keras.Model(model.input, sums)(pictures, training=False)
    return [np.linalg.norm(branch) / np.linalg.norm(shortcut) for shortcut, branch in parts]


for blocks in (2, 12):
    model = nets[blocks, True]
    without = lesions(model, digit_accuracy)
    print(f"{blocks} blocks on digits, none left out: {found[f'residual, {blocks} blocks'][-1]:.2f}")
    print("  without each in turn:", *(f"{score:.2f}" for score in without.values()))
    print("  branch / shortcut:   ", *(f"{ratio:.2f}" for ratio in ratios(model, x_test)))
of_nano = ratios(nano.model, nano.preprocess(held_out[0][0]))
print("nano, branch / shortcut:", *(f"{ratio:.2f}" for ratio in of_nano))

# %% [markdown]
# Of two blocks neither can be spared. Of twelve, the first two cannot, and the others are hardly missed: their branches are
# small corrections. `nano`'s are as large as its shortcuts. Veit and others (2016) saw it in 54 blocks: a residual network,
# they say, is less a chain than a bundle of paths, and leaving out a block cuts some of them.
#
# ### Version 2: clear the wire
#
# In version 1 a ReLU sits *on* the wire, after the sum. Three months later the same authors moved batch norm and ReLU to the
# front of the branch: **pre-activation**. Does it matter? Feed both numbers that have just left a ReLU, as in a network.
# If the branch adds nothing, both pass $x$ through. If it subtracts 1, version 1 cuts off what falls below zero; on
# version 2's bare wire it travels on:

# %% tags=["nbval-check-output"]
norm1, norm2 = layers.BatchNormalization(), layers.BatchNormalization()
conv1 = layers.Conv2D(16, 3, padding="same")
conv2 = layers.Conv2D(16, 3, padding="same", kernel_initializer="zeros")  # so F(x) is its bias, at first 0


def version1(x):
    """conv, norm, ReLU, conv, norm; add; ReLU."""
    return tf.nn.relu(x + norm2(conv2(tf.nn.relu(norm1(conv1(x))))))


def version2(x):
    """norm, ReLU, conv, norm, ReLU, conv; add."""
    return x + conv2(tf.nn.relu(norm2(conv1(tf.nn.relu(norm1(x))))))


x = tf.nn.relu(tf.random.stateless_normal((1, 8, 8, 16), seed=(0, 1)))
print("F = 0: unchanged?", *(bool(tf.reduce_all(version(x) == x)) for version in (version1, version2)))
conv2.bias.assign(-tf.ones(16))
print("F = -1: lowest   ", *(f"{tf.reduce_min(version(x)):.1f}" for version in (version1, version2)))

# %% [markdown] tags=["traps"]
# ## Traps and limits
#
# **Preprocessing belongs to the weights.** The official ResNet-50 was trained in Caffe: channels in the order blue, green,
# red, pixels of 0 to 255 minus each channel's mean. `nano` wants -1 to 1. Wrong numbers raise no error:

# %%
images, labels = held_out[0]
feeds = {
    "-1 to 1, as trained": lambda x: x / 127.5 - 1,
    "0 to 1": lambda x: x / 255,
    "0 to 255": lambda x: x * 1.0,
    "blue and red swapped": lambda x: x[..., ::-1] / 127.5 - 1,
}
for name, prepare in feeds.items():
    print(f"{name:22} accuracy {accuracy(images, labels, prepare):.3f}")

# %% [markdown]
# On 0 to 255 it is nearly lost, on 0 to 1 by a tenth, which is harder to notice. Swapped colours cost next to nothing: this
# world's are random, those of photos are not. `model.preprocess` knows what its weights want.
#
# **Batch norm has two modes.** With `training=True` it uses the mean of the batch at hand, and *moves its stored
# averages* towards it. Forget that when you classify, or train a finished network further, and two things go wrong:

# %%
saved = nano.model.get_weights()
singles = nano.preprocess(images[:40])
answers = [int(np.argmax(nano.model(picture[None], training=True))) for picture in singles]
print(f"one picture at a time, training=True: {np.sum(answers == labels[:40])} of 40 right")
print(f"afterwards, used properly: {400 * accuracy(images, labels):.0f} of 400")
nano.model.set_weights(saved)
print(f"saved weights put back:    {400 * accuracy(images, labels):.0f} of 400")

# %% [markdown]
# Normalised by itself, a picture loses what tells it from others: 2 of 40 is chance. And the network itself has got worse, by 8
# in 400, without one step of training.
#
# **Licence and limits.** The official weights are under the MIT licence; ImageNet's photos have terms of their own, and show
# the world as the web of 2010 did. `nano` knows drawings, nothing of photos.

# %% [markdown] tags=["exercises"]
# ## Exercises
#
# **1.** This branch halves the picture and widens it. Complete the block, with one 1x1 convolution on the shortcut.


# %%
def shrinking_block(x, filters):
    """Return relu(shortcut + branch), of half the height and width, with `filters` channels."""
    branch = layers.Conv2D(filters, 3, strides=2, padding="same", activation="relu")(x)
    branch = layers.Conv2D(filters, 3, padding="same")(branch)
    shortcut = ...
    return layers.ReLU()(layers.Add()([shortcut, branch]))


exercise("04.1").check(shrinking_block)

# %%
# exercise("04.1").hint()  # take away the first #; then .solution()

# %% [markdown]
# **2.** The story in one line: a tower of blocks, each of whose branches has a slope. By which number is the gradient
# multiplied on its way from the end to the start?


# %%
def gradient_gain(slopes, residual):
    """Return the factor by which the gradient grows on its way back through all blocks, ReLUs left aside.

    slopes: (blocks,) the slope F'(x) of each block's branch; residual: whether blocks have shortcuts.
    """
    return ...


exercise("04.2").check(gradient_gain)

# %%
# exercise("04.2").hint()

# %% [markdown] tags=["quiz"]
# ## Quiz

# %%
quiz("04")

# %% [markdown] tags=["recap"]
# ## Recap
#
# - Degradation: plain networks get worse with depth, on their own training data.
# - A residual block learns what to add; doing nothing is its easiest task.
# - Plain gradients vanish, or with batch norm explode; shortcuts tame them. Vanishing alone was not the cause.
# - Most blocks of a deep residual network can be spared, one at a time, but not the first; of a shallow one, none.
# - Preprocessing, batch norm's mode and its epsilon fail without a word. Measure.
#
# | paper | here |
# |---|---|
# | equation 1, $y = F(x) + x$ | `tf.nn.relu(x + norms[2](convs[2](y)))` |
# | equation 2, $W_s x$ where shapes change | exercise 1; `_shortcut` in `zoo/resnet.py` |
# | figure 5, basic and bottleneck | `basic`, `bottleneck`: the two counts |
# | table 1, ResNet-50/101/152 | `count(resnet.CONFIGS[name])` |
# | section 4.1, plain against residual | `net(blocks, residual)`, `train` |
# | version 2, figure 1b | `version2` |
#
# **To read:** [Deep residual learning](https://arxiv.org/abs/1512.03385), sections 1, 3 and 4.1;
# [Identity mappings](https://arxiv.org/abs/1603.05027), version 2;
# [Residual networks behave like ensembles](https://arxiv.org/abs/1605.06431): leaving out blocks;
# [A mean field theory of batch normalization](https://arxiv.org/abs/1902.08129), why plain gradients explode.
#
# **Next:** [lesson 05](05_densenet.ipynb) appends where a ResNet adds; [lesson 14](../3_transfer/14_feature_extraction.ipynb) teaches a frozen ResNet new classes, with five labels each.
