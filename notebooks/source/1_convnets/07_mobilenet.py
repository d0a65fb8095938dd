# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # MobileNet: what can a network do without, to fit into a phone?
#
# ResNet-50 has 100 MB of weights and needs almost 4,000 million multiply-adds for one photo. MobileNet V2, exported in 8 bits, has
# 4 MB and needs 300 million. Four cuts lead there, and each of them looks reckless. Here you make them one by one, and see what
# they save and what they cost.
#
# > **You will be able to** split a convolution in two, build an inverted residual by hand, say why its thin ends have no ReLU,
# > and export a real network in 8 bits without ruining it.
# >
# > **Needs** [lesson 04](04_resnet.ipynb). On two cores about a minute, 2 GB of memory, no download.

# %% [markdown] tags=["set-up"]
# ## Set-up

# %%
from course_lib.lessons import exercise, quiz, start

start()

from dataclasses import replace

import keras
import numpy as np
import tensorflow as tf
from course_lib import card, litert, load, viz
from course_lib.lessons.bank.l07_mobilenet import right_and_wrong
from course_lib.media.images import sample_crops
from course_lib.media.samples import sample
from course_lib.media.world import make_image, make_images
from course_lib.training.fit import Settings, Trainer
from course_lib.weights.convert import load_into
from course_lib.weights.sources.applications import arrays_of
from course_lib.zoo import mobilenet
from keras import layers
from matplotlib import pyplot as plt
from sklearn.datasets import load_digits

# %% [markdown] tags=["see-it-work"]
# ## See it work
#
# MobileNet V2's weights do not come with the course. Until `course fetch mobilenet_v2` has brought them (14 MB), two others
# stand in. For drawings: `mobilenet_nano`, the same network with fewer blocks, trained by this course. For photos:
# EfficientNet-Lite0, which is built from V2's blocks. Once V2's weights are here, the same cells use them.

# %%
model, nano = load("mobilenet_v2"), load("mobilenet_nano")
fetched = model.provenance.grade != "nano"
real = model if fetched else load("efficientnet_lite0")
print("nano says of a drawing:", nano.classify(make_image("heart", seed=9002))[0].label)
viz.predictions(sample("coffee"), real.classify(sample("coffee")))

# %% [markdown] tags=["idea"]
# ## The idea, in four cuts
#
# **Cut 1: split the convolution** ([V1, 2017](https://arxiv.org/abs/1704.04861)). An ordinary convolution does two jobs at once: it
# looks around each pixel, and it mixes the channels. V1 does one after the other: a **depthwise** convolution filters each
# channel with a small kernel of its own, then a **pointwise** one, 1x1, mixes them. At each pixel, from $C$ to $D$ channels
# with a $k \times k$ kernel, the multiply-adds fall
#
# $$ k^2\, C\, D \quad\longrightarrow\quad k^2\, C + C\, D $$

# %% tags=["nbval-check-output"]
print("channels   ordinary    split   times fewer")
for channels in (16, 64, 512):
    ordinary, split = 9 * channels * channels, 9 * channels + channels * channels
    print(f"{channels:8} {ordinary:10,} {split:8,} {ordinary / split:13.1f}")

# %% [markdown]
# Nearly nine times fewer with many channels. ([Lesson 06](06_xception.ipynb) trains such layers, and times them.)
#
# **Cut 2: make all of it thinner.** V1 is thirteen such blocks. One number, the **width multiplier** $\alpha$, scales the number
# of channels everywhere. Let us count what a V1 costs; `BLOCKS` is the paper's table 1:


# %%
def v1_cost(alpha, size=224, classes=1000):
    """Return the multiply-adds and the parameters of a MobileNet V1."""
    side, before = size // 2, int(32 * alpha)
    work, params = side**2 * 27 * before, 27 * before + 4 * before  # batch norm: 4 numbers a channel
    for channels, stride in mobilenet.v1.BLOCKS:
        side, after = side // stride, int(channels * alpha)
        weights = 9 * before + before * after
        work, params = work + side**2 * weights, params + weights + 4 * (before + after)
        before = after
    return work + before * classes, params + before * classes + classes


assert v1_cost(1) == (card("mobilenet_v1").multiply_adds, card("mobilenet_v1").params)

# %%
alphas, top1 = (0.25, 0.5, 0.75, 1.0), (50.6, 63.7, 68.4, 70.6)  # top-1: the paper's table 6
work = [round(v1_cost(alpha)[0] / 1e6) for alpha in alphas]
viz.curves(
    {"MobileNet V1": (work, top1)}, "10^6 multiply-adds, at alpha 0.25, 0.5, 0.75, 1", "top-1 on ImageNet, % (quoted)",
    title="The first cuts are cheap, the last ones are not", logx=True, size=(6.6, 2.8),
    alt="Line chart: from 50.6 % at 41 million multiply-adds over 63.7 at 149 and 68.4 at 325 to 70.6 % at 569 million.",
)  # fmt: skip

# %% [markdown]
# The counts are the paper's, to the million; its accuracies we can only quote. Half the width is about a quarter of the work: a
# pointwise convolution then has half the inputs *and* half the outputs.
#
# **Cut 3: turn the block inside out** ([V2, 2018](https://arxiv.org/abs/1801.04381)). ResNet's bottleneck is wide, thin, wide.
# V2's **inverted residual** is thin, wide, thin. Depthwise filtering is so cheap that it can be done on many channels, while
# what is passed from block to block, and kept in memory, is thin.

# %%
# This cell only draws: skip its code, look at the picture.
with viz.style():
    fig, axes = plt.subplots(1, 2, figsize=(6.6, 2.2))
blocks = {"ResNet's bottleneck": (256, 64, 64, 256), "V2's inverted residual": (24, 144, 144, 24)}
for ax, (name, widths) in zip(axes, blocks.items(), strict=True):
    ax.bar(range(4), widths, bottom=-np.array(widths) / 2, width=0.28, color="#005caf")
    top = max(widths) / 2
    ax.plot([0, 0, 3, 3], [widths[0] / 2, 1.45 * top, 1.45 * top, widths[0] / 2], color="#d97330")
    for place, width in enumerate(widths):
        ax.text(place + 0.2, 0, width, va="center")
    ax.set(title=name, ylim=(-1.1 * top, 1.6 * top))
    ax.axis("off")
viz.show(
    fig,
    alt="Two blocks drawn as four bars, as high as there are channels. ResNet's: 256, 64, 64, 256, the shortcut joins the wide "
    "ends. V2's: 24, 144, 144, 24, the shortcut joins the thin ends.",
    caption="Height of a bar: number of channels. Orange: the shortcut.",
)

# %% [markdown]
# **Cut 4: whole numbers of 8 bits** instead of floats of 32. This is done to the finished network, at the end of this lesson.

# %% [markdown] tags=["build"]
# ## Build the inverted residual by hand
#
# Three convolutions, each followed by batch norm; the first two by **ReLU6**, a ReLU that stops at 6.

# %% tags=["nbval-check-output"]
widen, narrow = (layers.Conv2D(channels, 1, use_bias=False) for channels in (144, 24))
look = layers.DepthwiseConv2D(3, padding="same", use_bias=False)
norms = [layers.BatchNormalization(epsilon=1e-3) for _ in range(3)]

x = tf.random.normal((1, 16, 16, 24))
wide = tf.nn.relu6(norms[0](widen(x)))
looked = tf.nn.relu6(norms[1](look(wide)))
thin = norms[2](narrow(looked))  # and no ReLU
print(*(tuple(step.shape) for step in (x, wide, looked, thin)), sep="\n")
for layer in (widen, look, narrow):
    print(f"{layer.count_params():6,} weights, {type(layer).__name__}")

# %% [markdown]
# Only a sixth of the weights look around; the others mix channels. Where input and output have the same shape, the input is added:


# %%
def inverted_residual(x):
    """Return x + F(x) for x of shape (batch, height, width, 24)."""
    y = tf.nn.relu6(norms[0](widen(x)))
    y = tf.nn.relu6(norms[1](look(y)))
    return x + norms[2](narrow(y))


# %% [markdown] tags=["proof"]
# ## Proof: it is the real one
#
# Compare the MobileNet V2 of `keras.applications` with [ours](../../course_lib/zoo/mobilenet/v2.py): random weights, carried over by
# name, and batch norm's numbers random too. First with a deliberate slip: the $\epsilon$ that batch norm adds to the variance is
# 1e-3 here, and 1e-5 in PyTorch. (Weights from PyTorch need the 1e-5. Each model's **card**, its fact sheet, says which it is.)

# %%
config = replace(mobilenet.CONFIGS["mobilenet_v2"], size=64)
official = keras.applications.MobileNetV2(weights=None, input_shape=(64, 64, 3), classifier_activation=None)
dice = np.random.default_rng(0)
for weight in [weight for weight in official.weights if not weight.path.endswith("kernel")]:
    weight.assign(dice.uniform(0.5, 1.5, weight.shape))
pictures = dice.uniform(-1, 1, (2, 64, 64, 3)).astype("float32")
theirs = official(pictures, training=False).numpy()
for epsilon in (1e-5, 1e-3):
    ours = mobilenet.build(replace(config, bn_epsilon=epsilon))
    load_into(ours, arrays_of(official), "mobilenet", "applications", config)
    difference = np.abs(ours(pictures, training=False) - theirs).max()
    print(f"epsilon {epsilon}: largest |difference| {difference:.1e} of {np.abs(theirs).max():.1f}")
assert difference <= 1e-4

# %% [markdown]
# The slip raises no error, and the answers are a little off. Now the block that we built, with the weights of one of V2's:

# %%
for conv, norm, part in zip((widen, look, narrow), norms, ("expand", "dw", "project"), strict=True):
    conv.set_weights(ours.get_layer(f"stage2_block2_{part}_conv").get_weights())
    norm.set_weights(ours.get_layer(f"stage2_block2_{part}_bn").get_weights())
inside = viz.layer_outputs(ours, pictures, ["stage2_block1_project_bn", "stage2_block2_out"])
difference = np.abs(inverted_residual(inside["stage2_block1_project_bn"]) - inside["stage2_block2_out"]).max()
print(f"our block against the zoo's: largest |difference| {difference:.1e}")
assert difference <= 1e-4

# %% [markdown]
# And the family; top-1, the accuracy on ImageNet, is quoted from the documentation of Keras:

# %% tags=["nbval-check-output"]
print("network              10^6 parameters   10^6 multiply-adds   top-1 %")
for name in ("resnet50", "mobilenet_v1", "mobilenet_v2", "mobilenet_v3_large", "mobilenet_v3_small"):
    facts = card(name)
    params, work, score = facts.params / 1e6, facts.multiply_adds / 1e6, facts.weights[0].facts[0].value
    print(f"{name:20} {params:15.1f} {work:20.0f} {score:9}")

# %% [markdown] tags=["inside"]
# ## Look inside: why no ReLU at the thin end?
#
# The paper's figure 1: take a spiral, points of two numbers. Spread them over $n$ channels by a random matrix, apply ReLU, and go
# back to two numbers by the best linear map there is. What comes back?

# %%
turn = np.linspace(0.5, 6 * np.pi, 600)
spiral = np.stack([turn * np.cos(turn), turn * np.sin(turn)], axis=1) / turn.max()


def there_and_back(channels, seed):
    """Spread the spiral over so many channels, cut at zero, and bring it back to two numbers."""
    cut = np.maximum(spiral @ np.random.default_rng(seed).normal(size=(2, channels)), 0)
    cut = np.column_stack([cut, np.ones(len(cut))])
    return cut @ np.linalg.lstsq(cut, spiral, rcond=None)[0]


def lost(channels, seed):
    """Return the error of what came back, as a share of the spiral's size."""
    return np.linalg.norm(there_and_back(channels, seed) - spiral) / np.linalg.norm(spiral)


# %%
with viz.style():
    fig, axes = plt.subplots(1, 6, figsize=(6.8, 1.7))
for ax, channels in zip(axes, (None, 2, 3, 5, 15, 30), strict=True):
    points = spiral if channels is None else there_and_back(channels, seed=0)
    ax.scatter(*points.T, c=turn, cmap="viridis", s=1.5)
    error = channels and np.mean([lost(channels, seed) for seed in range(30)])
    ax.set_title("the spiral" if channels is None else f"n = {channels}\n{error:.1%} lost", fontsize=8.5)
    ax.set_aspect("equal")
    ax.axis("off")
viz.show(
    fig,
    alt="A spiral, and what came back of it: folded into a fan of arcs with 2 channels and into rays with 3, ragged with 5, whole with 15 and 30.",
    caption="Drawn: one random matrix. Lost: mean of 30, as a share of the spiral's size.",
)

# %% [markdown]
# With few channels a ReLU destroys much of what passes through. With many it does hardly any harm, for what one channel cuts off,
# others still carry. So: ReLU where the block is wide, none where it is thin.
#
# But these are random matrices. A network might learn to avoid the harm; we shall test that.
#
# ### V3's activation
#
# [V3 (2019)](https://arxiv.org/abs/1905.02244) keeps V2's block. A search chose its sizes, and it has a new activation. **Swish**,
# $x\,\sigma(x)$ with the sigmoid $\sigma$, often gives better accuracy than ReLU, but an exponential is expensive on a phone. V3
# replaces the sigmoid by three straight lines, and calls the result **hard-swish**: $x \cdot \mathrm{ReLU6}(x + 3) / 6$.

# %%
x = np.linspace(-6, 6, 601, dtype="float32")
swish, hard_swish = x / (1 + np.exp(-x)), x * np.clip(x + 3, 0, 6) / 6
assert np.allclose(hard_swish, keras.activations.hard_swish(x), atol=1e-6)
viz.curves(
    {"swish": (x, swish), "hard-swish": (x, hard_swish), "their difference": (x, np.abs(hard_swish - swish))},
    "x", "value", size=(6.6, 2.8), alt="Two curves that nearly coincide: zero far left, a dip to about -0.3, then "
    "rising like x. Their difference stays below 0.15, and is largest at -3 and 3.",
)  # fmt: skip

# %% [markdown] tags=["change"]
# ## Change it: put the ReLU back
#
# The spiral predicts: a ReLU at the thin ends hurts where they are very thin, and much less where they are not. Train two inverted
# residuals on scikit-learn's digits, with 4 and with 12 channels at the thin ends, three seeds each. `PReLU` multiplies negative
# numbers by a slope: with slope 1 it changes nothing, with slope 0 it is ReLU. So both are the same network from the same start.


# %%
def conv_norm(layer, x):
    """Convolve without bias, then normalise."""
    return layers.BatchNormalization(momentum=0.9)(layer(x))


def thin_net(channels):
    """Build a small V2 whose thin ends have a PReLU that does not learn."""
    bend = {"shared_axes": [1, 2], "trainable": False}
    inputs = keras.Input((8, 8, 1))
    x = conv_norm(layers.Conv2D(channels, 3, padding="same", use_bias=False), inputs)
    for _ in range(2):
        y = layers.ReLU(6)(conv_norm(layers.Conv2D(4 * channels, 1, use_bias=False), x))
        y = layers.ReLU(6)(conv_norm(layers.DepthwiseConv2D(3, padding="same", use_bias=False), y))
        y = layers.PReLU(**bend)(conv_norm(layers.Conv2D(channels, 1, use_bias=False), y))
        x = layers.Add()([x, y])
    return keras.Model(inputs, layers.Dense(10)(layers.GlobalAveragePooling2D()(x)))


# %%
digits, order = load_digits(), np.random.default_rng(0).permutation(1797)
x_all = (digits.images[..., None] / 8 - 1).astype("float32")  # (1797, 8, 8, 1), -1 to 1
(x_train, x_test), (y_train, y_test) = (np.split(a[order], [1297]) for a in (x_all, digits.target))
names = {"linear": 1.0, "ReLU": 0.0}  # and its slope
found = {f"{channels} channels, {name}": [] for channels in (4, 12) for name in names}
for channels in (4, 12):
    net = thin_net(channels)
    bends = [layer for layer in net.layers if isinstance(layer, layers.PReLU)]
    trainer = Trainer(net, Settings(steps=60, batch_size=32, learning_rate=2e-2))
    for seed in (0, 1, 2):
        keras.utils.set_random_seed(seed)
        fresh = thin_net(channels).get_weights()
        for name, slope in names.items():
            net.set_weights(fresh)
            for bend in bends:
                bend.set_weights([np.full(weight.shape, slope) for weight in bend.get_weights()])
            trainer.fit(x_train, y_train, seed=seed)
            scores = net(x_test, training=False).numpy()
            found[f"{channels} channels, {name}"].append(np.mean(scores.argmax(axis=1) == y_test))

# %%
at = {name: np.mean(scores) for name, scores in found.items()}
assert at["4 channels, linear"] - at["4 channels, ReLU"] > at["12 channels, linear"] - at["12 channels, ReLU"]
viz.bars(found, "accuracy on 500 held-out digits (chance: 0.10)", form="{:.2f}")

# %% [markdown]
# At 4 channels the ReLU costs far more than seeds differ, at 12 much less: as predicted. These networks, small and briefly trained,
# do not learn to avoid the harm.
#
# ## Change it: export to 8 bits
#
# **LiteRT** (once TensorFlow Lite) is a file format for networks on phones. In 8 bits each number becomes one of 256 steps:
#
# $$ \text{number} = \text{scale} \times (\text{step} - \text{zero}) $$
#
# Here "zero" is the step that stands for 0. The weights are known, so their scale and zero are too. But the range of each layer's
# *output* depends on the picture. So the converter wants **examples**: it runs them through and notes the ranges. Ours are
# squares cut at random out of the seven sample photos. These have no labels, so we cannot measure accuracy; we count how often the 8-bit file gives the same
# answer as the float file, on *other* crops.

# %%
examples = real.preprocess(sample_crops(4, seed=0))  # 28: four of each photo
others = real.preprocess(sample_crops(8, seed=1))  # 56, to test with
files = {"float": litert.convert(real.model), "8 bits": litert.convert(real.model, examples)}

# %%
in_float = litert.Runner(files["float"])(others)
assert np.abs(in_float[:4] - real.model(others[:4], training=False)).max() <= 1e-3
for kind, content in files.items():
    runner = litert.Runner(content)
    same = np.mean(runner(others).argmax(axis=1) == in_float.argmax(axis=1))
    took = 1000 * runner.seconds(others[0])
    print(f"{kind:7} {len(content) / 1e6:5.1f} MB  {took:5.1f} ms  same answer {same:.0%}")

# %% [markdown]
# Little more than a quarter of the size; and compare the times. Now the *real* MobileNet V2, from [our
# benchmark](../../benchmarks/litert.py): 140 crops, and several sets of 42 examples. The table gives the mean, and in brackets the
# worst and the best set. The last column counts only crops of which the float network is sure.
#
# | MobileNet V2 | MB | same answer, % | where Keras gives more than 50 % |
# |---|---|---|---|
# | float | 14.0 | 100 | 100 |
# | 8 bits, examples of all seven photos | 4.0 | 78 (77-80) | 91 (91-92) |
# | the same, one scale for a whole kernel (see below) | 3.6 | 72 (69-75) | 84 (82-86) |
# | 8 bits, examples of a single photo | 4.0 | 66 (19-94) | 69 (6-100) |
# | 8 bits, examples of noise | 4.0 | 4 (3-6) | 0 |
#
# V2 suffers more than Lite0, which was designed for 8 bits. And see how much depends on the examples! A range too narrow cuts off
# what lies beyond it; one too wide has coarse steps. One single photo does better than all seven, and another ruins the file. The
# [documentation](https://tensorflow.org/lite/performance/post_training_quantization) asks for 100 to 500 examples from the
# training or validation data.
#
# (A changed answer need not be a wrong one. In 8 bits, Google's own Lite0 went from 75.1 to 74.4 % top-1, says
# [its page](https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite).)
#
# ### The steps by hand
#
# How does a weight become a step? The converter first folds batch norm into the convolution before it: both only multiply and
# add. Then each channel's largest weight becomes step 127. For a depthwise layer of `nano`, compare our steps with the file's:

# %%
world = nano.preprocess(make_images(100, seed=1)[0])
files = {"float": litert.convert(nano.model), "8 bits": litert.convert(nano.model, world)}
files["8 bits, one scale a kernel"] = litert.convert(nano.model, world, per_channel=False)
files["8 bits, examples of noise"] = litert.convert(nano.model, dice.uniform(-1, 1, world.shape))
runners = {kind: litert.Runner(content) for kind, content in files.items()}

# %%
name = "stage2_block1_dw"
conv, norm = (nano.model.get_layer(f"{name}_{part}") for part in ("conv", "bn"))
gamma, beta, mean, variance = norm.get_weights()
folded = conv.get_weights()[0][..., 0] * gamma / np.sqrt(variance + norm.epsilon)  # (3, 3, 64)
scales = np.abs(folded).max(axis=(0, 1)) / 127  # one for each channel
steps = np.rint(folded / scales)

inside = runners["8 bits"].interpreter
kernels = [tensor for tensor in inside.get_tensor_details() if f"{name}_conv" in tensor["name"]]
kernel = next(tensor for tensor in kernels if tuple(tensor["shape"]) == (1, 3, 3, 64))
apart = np.abs(inside.get_tensor(kernel["index"])[0] - steps)
print(f"steps that differ: {np.sum(apart > 0)} of {steps.size}, by {apart.max():.0f} at most")
print(f"largest channel's scale / smallest's: {scales.max() / scales.min():.0f}")
assert np.allclose(kernel["quantization_parameters"]["scales"], scales, rtol=1e-4)

# %% [markdown]
# Equal, but for a few on the edge between two steps. The second line says what one scale for the whole kernel would mean: the
# smallest channel would use only a twelfth of the steps. Does it matter? The drawings of `nano` have labels, so here we can measure
# accuracy, on three sets of 400 that it has never seen.

# %%
held_out = [make_images(400, seed=seed) for seed in (9001, 9002, 9003)]


def accuracy(run):
    """Return the share of drawings named rightly, for each set."""
    return [np.mean(run(nano.preprocess(images)).argmax(axis=1) == labels) for images, labels in held_out]


scores = {f"{kind}, {len(files[kind]) / 1e3:.0f} kB": accuracy(run) for kind, run in runners.items()}
label, caption = "accuracy on held-out drawings (chance: 0.05)", "Bars: mean of the three sets."
viz.bars(scores, label, form="{:.3f}", caption=caption)

# %% [markdown]
# Here 8 bits are free, and so is one scale for a whole kernel, which cost the real V2 some points. Even noise, which ruined V2, does
# less harm. A small network on clean drawings forgives much. So measure your own network.

# %% [markdown] tags=["traps"]
# ## Traps and limits
#
# **The wrong examples**: noise, a single photo, pictures that were not preprocessed. The export succeeds, and the answers
# may be bad. Always compare with the float file.
#
# **The wrong activation.** With swish, EfficientNet-Lite0 fell from 75 to 46 % top-1 in 8 bits, since its outputs ranged too far. With
# ReLU6, which ends at 6, it lost little ([TensorFlow's
# blog](https://blog.tensorflow.org/2020/03/higher-accuracy-on-vision-models-with-efficientnet-lite.html)).
#
# **Numbers where the file wants steps.** `Runner` rounds the pictures to the input's steps. If you cast them to 8-bit integers instead,
# numbers from -1 to 1 become the steps -1, 0 and 1:

# %%
runner = runners["8 bits"]
into = runner.interpreter.get_input_details()[0]
print(f"input: scale {into['quantization'][0]:.4f}, zero {into['quantization'][1]}")
cast = accuracy(lambda batch: runner(litert.dequantise(batch.astype(np.int8), into)))
print("accuracy, cast instead of rounded to steps:", *(f"{score:.2f}" for score in cast))

# %% [markdown]
# That is guessing. **And latency**: here it is the processor time of one picture on one core, which says nothing of a phone's chip.
# Measure there.
#
# **Licence.** The official weights are under Apache 2.0, those from PyTorch under BSD-3; ImageNet's photos have terms of their own.

# %% [markdown] tags=["exercises"]
# ## Exercises
#
# **1.** Write the way back: from numbers to steps.


# %%
def to_steps(numbers, scale, zero):
    """Return the whole numbers of 8 bits, -128 to 127, that stand for `numbers`."""
    return ...


exercise("07.1").check(to_steps)

# %%
# exercise("07.1").hint()  # take away the first #; then .solution()

# %% [markdown]
# **2.** `suspect` is a MobileNet V3 small with the right weights and one wrong activation. No error is raised, but the outputs are a
# little off. Compare it with ours layer by layer: which layer is it, and what does it compute?

# %%
v3, suspect = right_and_wrong()
values = viz.layer_differences(suspect, v3, pictures)  # viz.differences(values) draws them

fault = (..., ...)  # the name of the layer, and the activation that it has in `suspect`


exercise("07.2").check(fault)

# %%
# exercise("07.2").hint()

# %% [markdown] tags=["quiz"]
# ## Quiz

# %%
quiz("07")

# %% [markdown] tags=["recap"]
# ## Recap
#
# - Depthwise plus pointwise does a convolution's two jobs for little more than a ninth of the price.
# - The width multiplier cuts the work by about its square; the first cuts are cheap.
# - Inverted residuals are thin where they carry, wide where they look, and have no ReLU where they are thin.
# - Hard-swish is swish with straight lines in place of the sigmoid.
# - 8 bits: about a quarter of the size. The examples decide what that costs.
#
# | paper | here |
# |---|---|
# | V1, section 3.1, depthwise separable convolution | `ordinary`, `split` |
# | V1, section 3.3 and table 6, width multiplier | `v1_cost(alpha)` |
# | V2, figure 1, ReLU in few channels | `there_and_back`, `thin_net` |
# | V2, figure 4d, inverted residual | `inverted_residual` |
# | V3, equation 1, hard-swish | `x * np.clip(x + 3, 0, 6) / 6` |
# | [8-bit arithmetic](https://arxiv.org/abs/1712.05877), equation 1 | `steps`, exercise 1 |
#
# **To read:** [V1](https://arxiv.org/abs/1704.04861), sections 3.1 to 3.3; [V2](https://arxiv.org/abs/1801.04381), section 3;
# [V3](https://arxiv.org/abs/1905.02244), section 5; [quantisation](https://arxiv.org/abs/1712.05877), section 2.
#
# **Next:** [lesson 08](08_nasnet.ipynb), NASNet: a network that another network designed.
