# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # EfficientNet: with twice the computing power, how should a network grow?
#
# You may add layers (ResNet-152), widen them, or feed larger pictures. Before 2019 most families grew by one of these at a time.
# Then Mingxing Tan and Quoc Le asked which mixture is best, and answered with one equation and eight networks, B0 to B7. B0
# came from a search as in [lesson 08](08_nasnet.ipynb); this lesson is about the seven others.
#
# > **You will be able to** solve the compound-scaling equation, count the parameters and multiply-adds of B0 to B7 with
# > school arithmetic, build their block with its *squeeze-and-excitation* gate, check the published networks against
# > their own formula, and say how far an experiment with three seeds supports it.
# >
# > **Needs** [lesson 04](04_resnet.ipynb) for residual blocks; [lesson 07](07_mobilenet.ipynb) explains inverted
# > residuals, repeated here in short. On two cores about 40 s, 2 GB of memory, no download.

# %% [markdown] tags=["set-up"]
# ## Set-up

# %%
from course_lib.lessons import exercise, quiz, start

start()

import itertools
import json
from dataclasses import replace

import keras
import numpy as np
import tensorflow as tf
from course_lib import build, card, load, viz
from course_lib.catalog import ledger
from course_lib.data_dir import data_dir
from course_lib.media.images import read_image
from course_lib.media.samples import sample, samples
from course_lib.media.world import PRETRAIN_CLASSES, make_images
from course_lib.weights.convert import load_into
from course_lib.weights.sources.applications import arrays_of
from course_lib.zoo import efficientnet
from matplotlib import pyplot as plt

# %% [markdown] tags=["see-it-work"]
# ## See it work: a real one
#
# EfficientNet-Lite0 is a version of B0 for phones, with 4.7 million parameters. Its weights, trained on ImageNet, come with the
# course.

# %%
lite = load("efficientnet_lite0")
viz.predictions(sample("camera"), lite.classify(sample("camera")))

# %%
for name, (best, *_) in zip(samples(), lite.classify(list(map(sample, samples())), top=1), strict=True):
    print(f"{name:<10} {best.label:<22} {best.score:.0%}")

# %% [markdown]
# ImageNet's thousand kinds include no astronaut: where the right name is missing, you get another one, here with little
# confidence.
#
# How do EfficientNets compare with other families, by the cost of one picture? Accuracies are quoted for the published weights,
# multiply-adds are counted; weights that were trained on more than ImageNet's 1,000 kinds stay out, as they would compare data.

# %%
names = [f"efficientnet_b{i}" for i in range(8)]
short = dict(zip(names, (f"B{i}" for i in range(8)), strict=True))
crowd = ("resnet50v2", "resnet101v2", "resnet152v2")  # left out: their names would cover others
rows = [row for row in ledger.ledger() if row.top1 and row.model not in crowd]
rows = [row for row in rows if card(row.model).weights[0].trained_on == "ImageNet-1k, 1,000 classes"]
known = {short.get(row.model, row.model): (row.multiply_adds / 1e9, row.top1) for row in rows}
groups = {name: "EfficientNet" if name in short.values() else "others" for name in known}
viz.scatter(
    known, "multiply-adds for one picture, billions", "top-1 accuracy on ImageNet, %",
    groups=groups, line=list(short.values()), logx=True, size=(6.6, 4.8),
)  # fmt: skip

# %% [markdown]
# The line from B0 to B7 runs along the upper edge: from B0's cost upwards, no other network here is more accurate at the same
# cost. (Not all of that is architecture: later families were also trained with better recipes.)

# %% [markdown] tags=["idea"]
# ## The idea: three dials, one budget
#
# What does a convolution cost? Each of its $k^2 \cdot C_\text{in} \cdot C_\text{out}$ weights is used once at every place of the
# picture. So:
#
# - twice the **depth** (layers): twice the cost;
# - twice the **width** (channels): $C_\text{in}$ and $C_\text{out}$ both double, four times the cost;
# - twice the **resolution** (side of the picture): four times the places, four times the cost.
#
# Multiply depth by $d$, width by $w$, resolution by $r$, and the cost grows by $d \cdot w^2 \cdot r^2$. **Compound scaling**
# turns all three at once with a single exponent $\varphi$ (phi):
#
# $$ d = \alpha^\varphi, \quad w = \beta^\varphi, \quad r = \gamma^\varphi \qquad \text{with} \qquad
# \alpha \cdot \beta^2 \cdot \gamma^2 \approx 2 $$
#
# Each step of $\varphi$ then doubles the cost. Why all three? A larger picture has finer detail, which wants more channels to
# describe, and its objects span more pixels, which wants more layers to see them whole. That is an argument, not a proof; we
# shall measure it.

# %%
grid = [1 + step / 20 for step in range(8)]  # 1.00, 1.05, ..., 1.35
solutions = [s for s in itertools.product(grid, repeat=3) if abs(s[0] * s[1] ** 2 * s[2] ** 2 - 2) <= 0.1]
print(f"{len(solutions)} of {len(grid) ** 3} grid points double the cost, within 5 %; among them:")
for alpha, beta, gamma in solutions[:: len(solutions) // 6]:
    print(f"  depth {alpha:.2f}  width {beta:.2f}  resolution {gamma:.2f}")
assert (1.2, 1.1, 1.15) in [tuple(round(x, 2) for x in s) for s in solutions]

# %% [markdown]
# The equation alone does not choose: it has many solutions, from "all depth" to "all resolution". The authors tried
# points of such a grid on B0 and kept the best, $\alpha = 1.2$, $\beta = 1.1$, $\gamma = 1.15$ (section 4). After that only
# $\varphi$ grows. One search on a small network, instead of one on each large network: that made it affordable.

# %% [markdown] tags=["build"]
# ## Build the block by hand
#
# All EfficientNets repeat one block, **MBConv**: the inverted residual of MobileNet V2. A 1x1 convolution widens, a
# *depthwise* convolution (one kernel for each channel) filters, a 1x1 narrows again. Two things are new: the activation is
# **swish**, $x \cdot \text{sigmoid}(x)$, a ReLU with a soft corner, and a **squeeze-and-excitation** gate sits in the
# middle. It squeezes each channel to its average, lets two small layers look at all averages together, and multiplies each
# channel by the number of 0 to 1 that comes out: *given the whole picture, how much does this channel matter?*

# %%
trained = load("efficientnet_nano")
part = {
    name: trained.model.get_layer(f"stage2_block2_{name}")
    for name in ("expand_conv", "expand_bn", "dw_conv", "dw_bn", "se_reduce", "se_expand", "project_conv", "project_bn")
}  # fmt: skip


def gate(x):
    """Return how much each channel matters, (batch, 1, 1, channels), numbers of 0 to 1."""
    averages = tf.reduce_mean(x, axis=(1, 2), keepdims=True)  # squeeze
    few = tf.nn.silu(averages @ part["se_reduce"].kernel[0, 0] + part["se_reduce"].bias)  # silu: swish
    return tf.sigmoid(few @ part["se_expand"].kernel[0, 0] + part["se_expand"].bias)  # excite


def mbconv(x):
    """Return x plus what widening, filtering, gating and narrowing make of it."""
    y = tf.nn.silu(part["expand_bn"](part["expand_conv"](x)))
    y = tf.nn.silu(part["dw_bn"](part["dw_conv"](y)))
    y = y * gate(y)
    return x + part["project_bn"](part["project_conv"](y))


# %%
images, labels = make_images(400, seed=9100)  # (400, 32, 32, 3), 20 kinds of the procedural world
ready = trained.preprocess(images)
inner = ["stage2_block1_project_bn", "stage2_block2_se_expand", "stage2_block2_dw_act", "stage2_block2_out"]
inside = viz.layer_outputs(trained.model, ready, inner)
x = inside["stage2_block1_project_bn"]
print("into the block", x.shape, " gate", gate(inside["stage2_block2_dw_act"]).shape, " out", mbconv(x).shape)

# %% [markdown] tags=["proof"]
# ## Proof: block, network, and every count
#
# First the block, with trained weights:

# %%
difference = np.abs(mbconv(x) - inside["stage2_block2_out"]).max()
print(f"our block against the zoo's: largest |difference| {difference:.1e}")
assert difference < 1e-4

# %% [markdown]
# Then the whole B0 against the one in `keras.applications`, with the same random weights. That one divides pixels by 255
# itself; ours gets them divided.

# %%
config = replace(efficientnet.CONFIGS["efficientnet_b0"], size=64)
official = keras.applications.EfficientNetB0(
    weights=None, input_shape=(64, 64, 3), classifier_activation=None
)
dice = np.random.default_rng(0)
for weight in [weight for weight in official.weights if weight.path.endswith(("gamma", "variance", "beta"))]:
    weight.assign(dice.uniform(0.5, 1.5, weight.shape))  # a fresh batch norm could hide a mistake
ours = efficientnet.build(config)
load_into(ours, arrays_of(official), "efficientnet", "applications", config)
pixels = dice.uniform(0, 255, (2, 64, 64, 3)).astype("float32")
theirs = official(pixels, training=False).numpy()
difference = np.abs(ours(pixels / 255, training=False) - theirs).max()
print(
    f"{ours.count_params():,} parameters; logits up to {np.abs(theirs).max():.1f}; largest |difference| {difference:.1e}"
)
assert difference < 1e-4 * np.abs(theirs).max()

# %% [markdown]
# Now the arithmetic, without building a network. A convolution has no bias here, and its batch norm four numbers a channel:


# %%
def conv(kernel, before, after, side):
    """Count a convolution and its batch norm: parameters, and multiply-adds at side x side places."""
    weights = kernel**2 * before * after
    return np.array([weights + 4 * after, weights * side**2])


def block(kernel, before, after, expansion, side, stride):
    """Count one MBConv block: (parameters, multiply-adds)."""
    wide, out, few = before * expansion, -(-side // stride), max(1, before // 4)  # -(-a // b) rounds up
    widen = conv(1, before, wide, side) if expansion != 1 else np.zeros(2, int)
    depthwise = conv(kernel, 1, wide, out)  # one kernel for each channel
    gate = np.array([2 * wide * few + few + wide, 2 * wide * few])  # its two small layers have biases
    return widen + depthwise + gate + conv(1, wide, after, out)


# %%
def count_by_hand(c):
    """Count a whole EfficientNet from its config: (parameters, multiply-adds)."""
    side, before = -(-c.size // 2), c.channels(32)
    total = conv(3, 3, before, side)
    for (kernel, _, channels, expansion, stride), blocks in zip(c.stages, c.repeats(), strict=True):
        for index in range(blocks):
            step, after = stride if index == 0 else 1, c.channels(channels)
            total = total + block(kernel, before, after, expansion, side, step)
            side, before = -(-side // step), after
    top = c.channels(1280)
    head = np.array([(top + 1) * c.classes, top * c.classes])
    return total + conv(1, before, top, side) + head


# %% tags=["nbval-check-output"]
print("     depth  width  size   parameters     multiply-adds  times B0")
first = count_by_hand(efficientnet.CONFIGS["efficientnet_b0"])[1]
for name in names:
    c = efficientnet.CONFIGS[name]
    params, work = count_by_hand(c)
    assert (params, work) == (card(name).params, card(name).multiply_adds)
    print(
        f"{short[name]}   {c.depth:5}  {c.width:5}  {c.size:4}  {params:11,}  {work:16,}  {work / first:8.1f}"
    )

# %% [markdown]
# Every count agrees to the last digit with the course's cards, which were counted on the networks themselves.
#
# ## Does B7 follow its own formula?
#
# Take the published depth, width and resolution, and solve each for $\varphi$. If the family followed the equation, the three
# would agree in every row.

# %%
base, steps = {"depth": 1.2, "width": 1.1, "size": 1.15}, {}
for name in names[1:]:
    c = efficientnet.CONFIGS[name]
    factors = {"depth": c.depth, "width": c.width, "size": c.size / 224}
    steps[short[name]] = [np.log(factors[dial]) / np.log(base[dial]) for dial in base]
viz.table(
    list(steps.values()), list(steps), ["phi from depth", "from width", "from resolution"], form="{:.2f}",
    caption="The exponent that each published dial stands for. In one row they should be equal.",
)  # fmt: skip

# %% [markdown]
# Only B2 comes close. B1 is not wider at all, and B7's width and resolution ask for a larger $\varphi$ than its depth. The
# published networks follow their equation roughly, no more. Check before you quote a formula.

# %% [markdown] tags=["inside"]
# ## Look inside: what opens the gates?
#
# Each gate sees the whole picture. Does a channel's gate open differently for different *kinds* of picture? Average
# the gates of one block over twenty pictures of each kind, and subtract the average over all kinds:

# %%
gates = viz.layer_outputs(trained.model, ready, "stage4_block1_se_expand")["stage4_block1_se_expand"]
gates = gates[:, 0, 0]  # (400, channels), numbers of 0 to 1
by_kind = np.stack([gates[labels == kind].mean(axis=0) for kind in range(20)])
variable = np.argsort(-by_kind.std(axis=0))[:48]
with viz.style():
    fig, axes = plt.subplots(figsize=(6.6, 3.4))
    shown = by_kind[:, variable] - by_kind[:, variable].mean(axis=0)
    axes.imshow(shown, cmap="RdBu_r", vmin=-0.3, vmax=0.3, aspect="auto")
    axes.set_yticks(range(20), PRETRAIN_CLASSES, fontsize=7)
    axes.set_xlabel("channel, the most variable first; red: wider open than on average, blue: less")
    axes.grid(False)
viz.show(fig, alt="Grid of 20 kinds by 48 channels, each row with its own pattern of wide and narrow gates.")

# %%
within = np.mean([gates[labels == kind].std(axis=0).mean() for kind in range(20)])
between = by_kind.std(axis=0).mean()
print(f"deviation of a gate: {within:.3f} within one kind, {between:.3f} between kinds")

# %% [markdown]
# Each kind has its own pattern, and a gate varies more between kinds than within one. Nobody designed these patterns; training
# found them useful.

# %% [markdown] tags=["change"]
# ## What pays most at twice the cost?
#
# Now the claim itself. A small EfficientNet is trained on this course's drawings, and so are four others that cost about twice
# as much: wider, deeper, at a higher resolution, and a little of each. Each has three seeds, sees 120,000 pictures, and is scored on
# 2,000 held-out ones. That takes over half an hour, so the course did it once; `python -m course_lib.training.scaling`
# does it again.

# %%
measured = json.loads((data_dir() / "experiments" / "scaling.json").read_text())
dials = measured["dials"]
for name, result in dials.items():
    times = result["multiply_adds"] / dials["base"]["multiply_adds"]
    print(f"{name:<20}{times:4.2f} times the cost {result['params']:>9,} parameters  {result['accuracy']}")
viz.bars(
    {name: [100 * a for a in result["accuracy"]] for name, result in dials.items()},
    "accuracy on held-out pictures, %", title="Twice the cost, spent in four ways", highlight="a little of each",
)  # fmt: skip

# %% [markdown]
# All four are far better than the base. But which is best? *Deeper* and *a little of each* lead on average and cannot be told
# apart: the mixture's own seeds lie six points from each other, and *deeper* cost a little more. The mixture's average is also
# above *wider* and *higher resolution*, but its weakest seed is below both averages. (Resolution comes last, perhaps because
# a drawing, unlike a photo, shows little more detail when it is painted larger.) So three seeds neither prove the claim nor refute
# it. On ImageNet, from B0 upwards, the authors found the mixture better than any single dial, by up to 2.5 points (section 6).

# %% [markdown] tags=["traps"]
# ## Traps: who scales the pixels, and at what size?
#
# The EfficientNets of `keras.applications` scale pixels inside the network and want 0 to 255. Lite wants about -1 to 1, done
# outside. Give it pictures of 0 to 1, as many networks want them, and nothing complains:

# %%
photos = [read_image(sample(name)) for name in samples()]
right = lite.preprocess(photos)
pixels = right * 128 + 127  # undo it: back to 0-255
tries = {"as it should be": right, "pixels of 0 to 1": pixels / 255, "pixels of 0 to 255": pixels}
answers = {
    name: keras.ops.softmax(lite.model.predict_on_batch(batch)).numpy() for name, batch in tries.items()
}
truth = answers["as it should be"].argmax(axis=1)
for name, rows in answers.items():
    same = (rows.argmax(axis=1) == truth).sum()
    print(
        f"{name:<20} {same} of {len(photos)} answers as before, mean confidence {rows.max(axis=1).mean():.0%}"
    )

# %% [markdown]
# The size, too, belongs to the weights. The same weights, other sizes of the same photos:

# %%
for size in (96, 224, 352):
    other = build("efficientnet_lite0", size=size)
    other.set_weights(lite.model.get_weights())
    batch = lite.preprocess.normalised(tf.image.resize(pixels, (size, size), antialias=True).numpy())
    rows = keras.ops.softmax(other.predict_on_batch(batch)).numpy()
    same = (rows.argmax(axis=1) == truth).sum()
    print(f"{size} px: {same} of {len(photos)} as at 224, mean confidence {rows.max(axis=1).mean():.0%}")

# %% [markdown]
# At 96 px most answers change, and the network is surer than before: confidence gives no warning.
#
# More limits. Multiply-adds are not milliseconds: depthwise convolutions do little arithmetic for each number that they read and
# write ([lesson 13](../3_transfer/13_choosing_a_model.ipynb) measures time). B7's accuracy needs pictures of 600 px, and the memory for
# them. The weights are under Apache 2.0; ImageNet's photos have terms of their own.

# %% [markdown] tags=["exercises"]
# ## Exercises
#
# **1.** Channels are multiplied by the width, then rounded to a multiple of 8, which suits the hardware. But rounding should never
# take more than a tenth of them away; else go one step up.


# %%
def scaled_channels(channels, width):
    """Return channels * width as the nearest multiple of 8, at least 8, one step up if it lost over 10 %."""
    return ...


exercise("09.1").check(scaled_channels)

# %%
# exercise("09.1").hint()  # take away the first #; then .solution()

# %% [markdown]
# **2.** Somebody wants a network that costs `budget` times as much as B0. Solve for $\varphi$, and return the three factors.


# %%
def compound_scale(budget, alpha=1.2, beta=1.1, gamma=1.15):
    """Return (depth factor, width factor, resolution factor) whose cost is `budget` times the base's."""
    return ...


exercise("09.2").check(compound_scale)

# %%
# exercise("09.2").hint()  # take away the first #; then .solution()

# %% [markdown]
# **3.** The squeeze-and-excitation gate in NumPy, for one picture.


# %%
def excite(x, reduce, expand):
    """Return x (h, w, c) with each channel gated; reduce (c, few) and expand (few, c) are the two layers, no biases."""
    return ...


exercise("09.3").check(excite)

# %%
# exercise("09.3").hint()  # take away the first #; then .solution()

# %% [markdown] tags=["quiz"]
# ## Quiz

# %%
quiz("09")

# %% [markdown] tags=["recap"]
# ## Recap
#
# - Cost grows with depth, with the square of width, and with the square of resolution.
# - One equation ties the three to a budget; it has many solutions, and a search on a small network picks one.
# - B0 to B7 can be counted to the last parameter with school arithmetic; they follow their formula only roughly.
# - Squeeze-and-excitation lets the whole picture decide how much each channel counts.
# - The scale of the pixels and the size of the picture belong to the weights.
#
# | [Tan and Le 2019](https://arxiv.org/abs/1905.11946) | the line of code |
# |---|---|
# | equation 3, the constraint | `abs(s[0] * s[1] ** 2 * s[2] ** 2 - 2) <= 0.1` |
# | table 1, B0's stages | `efficientnet.BASELINE` |
# | section 4, squeeze-and-excitation in MBConv ([Hu et al. 2018](https://arxiv.org/abs/1709.01507), equations 2 to 4) | `y = y * gate(y)` |
#
# **Read on**: [EfficientNetV2](https://arxiv.org/abs/2104.00298), which drops some depthwise convolutions because they are slow;
# [Bello et al. 2021](https://arxiv.org/abs/2103.07579), who scale plain ResNets instead.
#
# **Next:** [lesson 10](../2_transformers_and_scale/10_vision_transformer.ipynb) drops the convolution;
# [lesson 13](../3_transfer/13_choosing_a_model.ipynb) sets all these families side by side, on your machine.
