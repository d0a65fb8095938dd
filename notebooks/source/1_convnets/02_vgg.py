# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # VGG: what do you gain if every filter is as small as it can be?
#
# AlexNet, the winner of 2012, began with filters of 11x11 pixels. Two years later Karen Simonyan and Andrew Zisserman used
# nothing but 3x3, in networks of sixteen and nineteen layers, and came second in that year's ImageNet contest. A filter
# of 3x3 can't see a cat's ear. So why does it work, what does it save, and is the saving free?
#
# > **You will be able to** write a whole VGG-16 in NumPy and prove it equal to the official one, measure what a unit deep
# > inside a network really sees, say where its memory, weights and work sit, and find a fault by comparing layers.
# >
# > **Needs** [lesson 00](../00_start_here.ipynb), and one small convolutional network that you have trained before;
# > [lesson 01](01_alexnet.ipynb) helps. On two cores about 50 s, 3.5 GB of memory, no download.

# %% [markdown] tags=["set-up"]
# ## Set-up

# %%
from course_lib.lessons import exercise, quiz, start

start()

from dataclasses import replace

import keras
import numpy as np
import tensorflow as tf
from course_lib import build, card, load, viz
from course_lib.lessons.bank.l02_vgg import with_a_turned_layer
from course_lib.media.samples import sample
from course_lib.media.world import make_image, make_images
from course_lib.tasks.base import compiled
from course_lib.training.fit import Settings, Trainer
from course_lib.training.probe import linear_probe
from course_lib.weights.convert import load_into
from course_lib.weights.sources.applications import arrays_of
from course_lib.zoo import vgg
from course_lib.zoo.cost import layer_costs, multiply_adds
from keras import layers
from matplotlib import pyplot as plt
from sklearn.datasets import load_digits

keras.utils.set_random_seed(0)

# %% [markdown] tags=["see-it-work"]
# ## See it work
#
# VGG-16's official file is 554 MB. Until you fetch it, a small stand-in answers: `vgg_nano`, trained by this course on
# drawings of 20 kinds of object.

# %%
model = load("vgg16")
official_here = model.provenance.grade == "official"  # provenance: where the weights came from
picture = sample("cat") if official_here else make_image("heart", seed=9002)
viz.predictions(picture, model.classify(picture))

# %%
nano = load("vgg_nano")
images, labels = make_images(1000, seed=9001)  # drawings that it was not trained on, 32 x 32
logits = nano.model.predict_on_batch(nano.preprocess(images))
print(f"{np.mean(logits.argmax(axis=1) == labels):.1%} of 1,000 new drawings right; guessing would get 5.0%")

# %% [markdown] tags=["idea"]
# ## The idea: three small steps see as far as one large one
#
# A **unit** is one number in a layer's output. What it can see of the picture is its **receptive field**. After one 3x3
# convolution that is 3 pixels across. In the next layer a unit reads 3 neighbours, which see 3 pixels each, overlapping: 5
# together. A third layer sees 7, as far as one 7x7 filter. Here it is in one dimension, with a line for every weight:

# %%
# This cell only draws: skip its code, look at the picture.
titles = ("three layers, each unit sees 3 below", "one layer, its unit sees 7")
with viz.style():
    fig, panels = plt.subplots(1, 2, figsize=(6.6, 2.2), layout="constrained")
    for axes, rows, title in zip(panels, ([7, 5, 3, 1], [7, 1]), titles, strict=True):
        heights = np.linspace(0, 3, len(rows))
        for row, cells in enumerate(rows):
            places = np.arange(cells) - (cells - 1) / 2
            axes.scatter(places, np.full(cells, heights[row]), s=90, marker="s", color="#005caf", zorder=2)
            for place in places if row else ():
                below = place + np.arange(rows[row - 1] - cells + 1) - (rows[row - 1] - cells) / 2
                axes.plot([below, 0 * below + place], [heights[row - 1], heights[row]], color="#d97330")
        axes.set_title(title)
        axes.axis("off")
viz.show(
    fig,
    alt="Left: one unit above three, above five, above seven pixels, each joined to three below it. Right: one unit joined "
    "to all seven pixels directly. Both see the same seven.",
)

# %% [markdown]
# Now in two dimensions, from $C$ channels to $C$ channels. A filter has height x width x channels weights, and there are
# $C$ of them (paper, section 2.3):
#
# $$ 3 \cdot (3 \cdot 3 \cdot C^2) = 27\,C^2 \qquad\text{against}\qquad 7 \cdot 7 \cdot C^2 = 49\,C^2 $$
#
# So the same view for 45 % fewer weights, and, since each weight is used once at every place, 45 % fewer multiplications.
# And two more ReLUs on the way. It sounds like a free lunch; we shall measure it.

# %% [markdown] tags=["build"]
# ## Build it by hand
#
# A 3x3 convolution adds up nine copies of the picture. Each is shifted by at most one pixel up or down and sideways, and multiplied by
# its own small matrix (channels in x channels out). Zeros around the picture, the padding, keep the map as large as it was.


# %%
def conv3x3(x, kernel, bias):
    """Convolve x (height, width, in) with a kernel (3, 3, in, out); return (height, width, out)."""
    height, width, _ = x.shape
    padded = np.pad(x, ((1, 1), (1, 1), (0, 0)))
    return bias + sum(
        padded[r : r + height, c : c + width] @ kernel[r, c] for r in range(3) for c in range(3)
    )


# %% [markdown]
# A pooling of VGG's keeps one pixel of each four, channel by channel:


# %%
def max_pool(x):
    """Keep the largest of each 2 x 2 pixels: (height, width, channels) to half the height and width."""
    height, width, channels = x.shape
    return x.reshape(height // 2, 2, width // 2, 2, channels).max(axis=(1, 3))


# %% [markdown]
# VGG needs little else. It has five **stages** of two to four convolutions, each with a ReLU, and a pooling at the end of each stage:
# the maps halve five times, the channels double from 64 up to 512. Then the maps are laid out in one long row (*flatten*), and
# three **dense** layers decide: every unit reads every number. So this loop runs all of VGG:


# %%
def run_by_hand(model, picture):
    """Run a VGG on one picture (height, width, 3) with NumPy alone; return its logits, the scores before softmax."""
    x = picture
    for layer in model.layers[1:]:
        kind = type(layer).__name__
        if kind == "Conv2D":
            x = conv3x3(x, *layer.get_weights())
        elif kind == "MaxPooling2D":
            x = max_pool(x)
        elif kind == "ReLU":
            x = np.maximum(x, 0)
        else:
            x = x.ravel() if kind == "Flatten" else x @ layer.kernel.numpy() + layer.bias.numpy()
    return x


# %% [markdown] tags=["proof"]
# ## Proof: it is the real one
#
# We hold the official VGG-16 of `keras.applications` against [our zoo's](../../course_lib/zoo/vgg.py) and against the loop, all with the
# same random weights, which prove as much as trained ones. To save memory the picture is 64 px: every convolution has its
# full width, but the first dense layer has 8 million weights in place of 103. (The course's tests do it at 224 px.)

# %%
dice = np.random.default_rng(0)
config = replace(vgg.CONFIGS["vgg16"], size=64)
ours = vgg.build(config)
official = keras.applications.VGG16(weights=None, input_shape=(64, 64, 3), classifier_activation=None)
for weight in official.weights:
    if weight.path.endswith("bias"):  # zero in a new network: a forgotten one would go unseen
        weight.assign(dice.normal(0, 0.1, weight.shape))
load_into(ours, arrays_of(official), "vgg", "applications", config)

picture = dice.normal(0, 50, (64, 64, 3)).astype("float32")
theirs = official(picture[None], training=False).numpy()[0]
answers = {"our zoo": ours(picture[None], training=False).numpy()[0], "our loop": run_by_hand(ours, picture)}
for name, logits in answers.items():
    difference = np.abs(logits - theirs).max() / np.abs(theirs).max()
    print(f"{name}: largest |difference| {difference:.1e} of the largest logit")
    assert difference <= 1e-4

# %% [markdown]
# ## Where the memory, the weights and the work are
#
# For one photo of 224 px: what VGG-16 keeps in memory, what it stores in its file, and how much it computes, counted in
# *multiply-adds* (a multiplication and its addition):

# %%
costs = layer_costs(build("vgg16"))
assert sum(cost.params for cost in costs) == card("vgg16").params  # the published number
shown = [cost for cost in costs if cost.kind in ("Conv2D", "Dense")]
names = [cost.name.replace("stage", "").replace("_conv", ".") for cost in shown]
amounts = {
    "outputs, MB": [4e-6 * np.prod(cost.output) for cost in shown],  # 4 bytes a number
    "weights, million": [cost.params / 1e6 for cost in shown],
    "work, billion": [cost.multiply_adds / 1e9 for cost in shown],
}
with viz.style():
    fig, panels = plt.subplots(1, 3, figsize=(7.6, 3.4), sharey=True, layout="constrained")
    for axes, (label, values) in zip(panels, amounts.items(), strict=True):
        largest = int(np.argmax(values))
        axes.barh(names, values, color=["#005caf"] * 13 + ["#d97330"] * 3)
        axes.text(values[largest], largest, f" {values[largest]:.1f}", va="center", weight="bold")
        axes.set(title=f"{label}: {sum(values):.1f}", xlim=(0, 1.25 * max(values)), xticks=[])
        axes.grid(False)
    panels[0].invert_yaxis()
viz.show(
    fig,
    alt="Three bar charts over VGG-16's sixteen layers. Outputs: largest in the first two convolutions, soon small. Weights: "
    "three quarters in the first dense layer. Work: spread over the convolutions, almost none in the dense layers.",
    caption="In the titles the sums. Blue: convolutions, 2.1 is the first of stage 2. Orange: dense layers.",
)

# %% [markdown]
# Three costs, three places. **Memory** for outputs is needed at the front, where maps are large; training keeps them all for
# the backward pass, for each picture of the batch. **Weights**: three quarters sit in one dense layer, 7 x 7 places x 512
# channels x 4,096 units, while all thirteen convolutions have a tenth. **Work** is what the convolutions do. Many later networks
# average the 7 x 7 places (*global average pooling*) and end in a single, smaller dense layer.
#
# VGG-19 is the same code with one convolution more in each of the last three stages. **Top-1** is the share of ImageNet's
# validation photos named correctly at the first guess; we quote it from the *card*, the course's fact sheet of a model.

# %% tags=["nbval-check-output"]
print("network  convolutions  parameters   10^9 multiply-adds  top-1 %")
for name in ("vgg16", "vgg19"):
    facts, depth = card(name), sum(depth for depth, _ in vgg.CONFIGS[name].stages)
    top1 = facts.weights[0].facts[0].value
    print(f"{name}    {depth:12}  {facts.params:,}  {facts.multiply_adds / 1e9:19.1f}  {top1:7}")

# %% [markdown]
# Three more layers, a quarter more work, and no gain in top-1: depth alone had stopped paying. [Lesson 04](04_resnet.ipynb) takes that
# up. (The paper's table 3 has 74.4 and 74.5 %, for whole pictures enlarged to 384 px; ours are of the official files, at 224 px.)

# %% [markdown] tags=["inside"]
# ## Look inside: what does a unit really see?
#
# A receptive field can be measured. Take one place of a layer's maps, add up its channels, and compute the gradient of that sum with
# respect to every pixel: how much would it change if this pixel changed a little? Where the gradient is zero, the unit is blind.
#
# The *number* of channels doesn't change the field, so a VGG-16 of an eighth of the width will do, with random weights,
# on eight pictures of noise. `sides` measures the field, and the smaller square at its middle that holds 90 % of the gradient.


# %%
def seen_by(model, name, pictures):
    """Return how much each pixel moves the middle of a layer's maps, (size, size); the sum is 1."""
    probe = keras.Model(model.input, model.get_layer(name).output)
    pictures = tf.constant(pictures, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(pictures)
        maps = probe(pictures, training=False)
        middle = tf.reduce_sum(maps[:, maps.shape[1] // 2, maps.shape[2] // 2])
    weight = np.abs(tape.gradient(middle, pictures)).sum(axis=(0, 3))
    return weight / weight.sum()


def sides(weight):
    """Return the field's middle and side, and the side of the square round it that holds 90 % of the weight."""
    rows = np.flatnonzero(weight.sum(axis=1))
    middle, side = (rows[0] + rows[-1]) / 2, rows[-1] - rows[0] + 1
    away = np.abs(np.arange(len(weight)) - middle)
    inner = next(s for s in range(1, 500) if weight[np.ix_(away < s / 2, away < s / 2)].sum() >= 0.9)
    return middle, int(side), inner


# %%
keras.utils.set_random_seed(0)
thin = build("vgg16", stages=[(depth, width // 8) for depth, width in config.stages], dense=())
noise = np.random.default_rng(1).normal(size=(8, 224, 224, 3))
ends = ["stage1_relu1", "stage1_relu2", "stage2_relu2", "stage3_relu3", "stage4_relu3", "stage5_relu3"]
seen = {name: seen_by(thin, name, noise) for name in ends}
for name, weight in seen.items():
    print("{} sees {:3} px, nine tenths of it within {:3}".format(name, *sides(weight)[1:]))

# %%
with viz.style():
    fig, panels = plt.subplots(1, 3, figsize=(7.6, 2.9), layout="constrained")
    for axes, name in zip(panels, ends[3:], strict=True):
        middle, side, inner = sides(seen[name])
        axes.imshow(np.sqrt(seen[name]), cmap="magma")  # the root, so that faint places show
        for length, style in ((side, "-"), (inner, "--")):
            frame = {"fill": False, "color": "white", "linestyle": style}
            axes.add_patch(plt.Rectangle((middle - length / 2, middle - length / 2), length, length, **frame))
        axes.set_title(f"end of stage {name[5]}")
        axes.axis("off")
viz.show(
    fig,
    alt="Three dark squares with a bright spot in the middle that grows from stage 3 to stage 5. It fades long before it "
    "reaches the solid frame; a dashed frame holds most of it.",
    caption="Solid: all that the unit sees. Dashed: nine tenths of it. Brightness: root of the gradient.",
)

# %% [markdown]
# At the end of stage 5 a unit sees 196 of 224 pixels, but nine tenths of what moves it lie within two thirds of that side, less than half
# the area. This inner part is the **effective receptive field** (Luo and others, 2016), and the deeper the layer, the smaller its
# share. Why? In the first figure, how many paths lead from each pixel to the top?

# %% tags=["nbval-check-output"]
paths = np.convolve(np.convolve([1, 1, 1], [1, 1, 1]), [1, 1, 1])
print("three 3-filters:", paths, " one 7-filter:", np.ones(7, int))
print(f"in two dimensions: corner {paths[0] ** 2} path, middle {paths[3] ** 2}, of {paths.sum() ** 2}")

# %% [markdown]
# One path from the rim, seven from the middle: the same hump as for the sum of several dice. So three 3x3 are *not* a 7x7. They see
# as far, but prefer the centre.
#
# ### Feature maps by depth
#
# One heart, and at the end of each stage of `nano`, before its pooling, the four maps that vary most over the picture:

# %%
heart = make_image("heart", seed=9002)
ends = ["stage1_relu1", "stage2_relu2", "stage3_relu2", "stage4_relu2"]
tiles, titles = [], []
for name, maps in viz.layer_outputs(nano.model, nano.preprocess([heart]), ends).items():
    most = np.argsort(-maps[0].std(axis=(0, 1)))[:4]
    drawn = [np.uint8(255 * maps[0, ..., k] / maps[0, ..., k].max()) for k in most]
    tiles += [heart] + [np.kron(tile, np.ones((32 // len(tile),) * 2, np.uint8)) for tile in drawn]
    titles += ["the picture"] + [f"stage {name[5]}, {maps.shape[1]}x{maps.shape[2]}"] * 4
viz.images(
    tiles,
    titles,
    columns=5,
    width=560,
    alt="Four rows, each the heart and four feature maps: hearts light or dark in stage 1, slanted edges in stage 2, broken pieces of "
    "outline in stage 3, a few bright squares of sixteen in stage 4.",
)

# %% [markdown]
# Whole hearts at first, then slanted edges, then pieces of outline; the last maps tell our eyes little. So let us ask for a number. We
# average each map over its places and fit a **linear probe**: one linear layer that must name the kind from these averages. It learns from
# 700 drawings and is tested on 700 others. A second probe is asked something that no label ever asked for: is the drawing brighter
# than most? And both again in a network that was never trained.

# %%
keras.utils.set_random_seed(0)
networks = {"trained": nano.model, "random weights": build("vgg_nano")}
pictures, kinds = make_images(1400, seed=9002)
brightness = pictures.mean(axis=(1, 2, 3))
questions = {"kind": kinds, "bright or dark": (brightness > np.median(brightness)).astype(int)}
curves = {}
for name, network in networks.items():
    outputs = viz.layer_outputs(network, nano.preprocess(pictures), ends)
    features = [maps.mean(axis=(1, 2)) for maps in outputs.values()]
    for asked, true in questions.items():
        probes = [linear_probe(x[:700], true[:700], strengths=(0.1,)) for x in features]
        scores = [probe.accuracy(x[700:], true[700:]) for probe, x in zip(probes, features, strict=True)]
        curves[f"{asked}, {name}"] = ([1, 2, 3, 4], scores)
title, guesses = (
    "Training brings one answer, and gives up another",
    "Guessing: 5 % for the kind, 50 % for the other.",
)
options = {"title": title, "percent": True, "ylim": (0, 1), "caption": guesses}
viz.curves(curves, "stage", "accuracy of a linear probe", **options)

# %% [markdown]
# With random weights little changes from stage to stage: the brightness can be read at every depth, the kind at none. Training turns this round.
# Stage by stage the kind appears, and the brightness is *given up*, almost down to guessing. (Our drawings take their colours at random, so
# brightness says nothing about the kind.) If you want to know what the labels never asked for, ask an early stage.

# %% [markdown] tags=["change"]
# ## Change it: is the saving free?
#
# Scikit-learn's 1,797 handwritten digits, 8x8 px, with noise, since without it they are too easy: 300 to learn from, 1,497 to be
# tested on. Small networks: a first 3x3, then *either* one 7x7 *or* three 3x3, a pooling, a dense layer. We compare them
# at the same width, 16 channels, and at nearly the same cost, for which the three 3x3 get 22. A fourth network leaves out the
# ReLUs between the three: are those what a stack is good for? Five seeds, each with new first weights and another 300 digits.
# **Bet first**: who wins at the same width?

# %%
digits = load_digits()
smudges = np.random.default_rng(0).normal(0, 0.25, (1797, 8, 8))
x_all, y_all = np.float32(digits.images / 16 + smudges)[..., None], digits.target


def net(kind, width):
    """Build a network for digits whose middle is `kind`, with `width` channels everywhere."""
    inputs = layers.Input((8, 8, 1))
    x = layers.Conv2D(width, 3, padding="same", activation="relu")(inputs)
    if kind == "one 7x7":
        x = layers.Conv2D(width, 7, padding="same", activation="relu")(x)
    else:
        for number in (1, 2, 3):
            relu = "relu" if kind == "three 3x3" or number == 3 else None
            x = layers.Conv2D(width, 3, padding="same", activation=relu)(x)
    x = layers.Flatten()(layers.MaxPooling2D(2)(x))
    return keras.Model(inputs, layers.Dense(10)(x))


# %%
def trial(kind, width):
    """Train with five seeds; return million multiply-adds and the accuracies on held-out digits."""
    model = net(kind, width)
    trainer = Trainer(model, Settings(steps=120, batch_size=32, learning_rate=3e-3, warmup=20))
    forward, scores = compiled(model), []
    for seed in range(5):
        keras.utils.set_random_seed(seed)
        model.set_weights(keras.models.clone_model(model).get_weights())  # a clone begins at random
        train, test = np.split(np.random.default_rng(seed).permutation(1797), [300])
        trainer.fit(x_all[train], y_all[train], seed=seed)
        scores.append(np.mean(forward(x_all[test]).argmax(axis=1) == y_all[test]))
    return multiply_adds(model) / 1e6, scores


contest = [("one 7x7", 16), ("three 3x3", 16), ("three 3x3", 22), ("three 3x3, no ReLU between", 16)]
results = {}
for kind, width in contest:
    work, scores = trial(kind, width)
    print(f"{kind:27} width {width}  {work:.2f} million multiply-adds  mean {np.mean(scores):.3f}")
    results[f"{kind}, width {width}\n{work:.2f} million multiply-adds"] = scores

# %%
with viz.style():
    fig, axes = plt.subplots(figsize=(6.6, 2.7), layout="constrained")
    for row, scores in enumerate(results.values()):
        axes.scatter(scores, [row] * len(scores), s=40, alpha=0.5, color="#005caf")
        axes.scatter(np.mean(scores), row, s=400, marker="|", color="#d97330")
    axes.set(yticks=range(len(results)), yticklabels=results, ylim=(len(results) - 0.5, -0.5))
    axes.set(
        xlabel="accuracy on 1,497 held-out digits",
        title="Too close to call: each dot a seed, each line a mean",
    )
viz.show(
    fig,
    alt="Four rows of five dots, accuracy on held-out digits. One 7x7 of width 16 has the highest mean; the dots of all four networks overlap.",
)

# %% [markdown]
# At the same *width* the 7x7 is a little ahead on average; it has nearly twice the weights. At the same *cost* the dots overlap: what three 3x3
# save, they have now spent on width, and neither clearly wins. And the ReLUs between hardly matter here.
#
# The paper saw something else (section 4.1): a net of ten convolutions lost 7 points on ImageNet with one 5x5 in place of each
# pair of 3x3. A million photos may give depth something to do that three hundred digits don't. The arithmetic
# holds everywhere; whether depth helps must be measured, on your own task.

# %% [markdown] tags=["traps"]
# ## Traps and limits
#
# **The first weights.** With badly chosen first weights, deep networks can stall. So the authors (section 3.1) first trained one of 11 layers,
# and began the deeper ones with its weights; later they found that Glorot's rule would have done. Let us see why. We send one picture
# through VGG-16's 13 convolutions, full width, with four kinds of random weights, and watch how large the numbers stay.

# %%
seed = keras.random.SeedGenerator(0)
rules = {
    "variance 0.01, the paper's": keras.initializers.RandomNormal(stddev=0.1, seed=seed),
    "deviation 0.01, AlexNet's": keras.initializers.RandomNormal(stddev=0.01, seed=seed),
    "Glorot, Keras's": keras.initializers.GlorotUniform(seed),
    "He": keras.initializers.HeNormal(seed),
}
convs = [layer for layer in ours.layers if "_conv" in layer.name]
probe = keras.Model(ours.input, [conv.output for conv in convs])
spreads = {}
for name, draw in rules.items():
    for conv in convs:
        conv.set_weights([draw(conv.kernel.shape), np.zeros(conv.bias.shape)])
    spreads[name] = [float(np.std(maps)) for maps in probe(picture[None], training=False)]
viz.curves(
    spreads,
    "convolution",
    "standard deviation of its output",
    logy=True,
    title="Before the first step of training",
    alt="Line chart over 13 convolutions, logarithmic. The paper's variance climbs to a hundred million, AlexNet's deviation falls to a hundred "
    "thousandth, Glorot's rule falls gently below one, He's stays level.",
)

# %% [markdown]
# With one size of weights for all layers the numbers explode or die away: an output adds up $9\,C$ products, and $C$ grows from 3 to
# 512. Glorot's and He's rules make weights smaller where there are more inputs. (Batch norm, some months later, made this worry small; `nano` has it.)
#
# **Preprocessing belongs to the weights.** VGG wants blue, green, red, 0 to 255, less the mean of each channel.
# `model.preprocess` does that; [lesson 04](04_resnet.ipynb) shows what mistakes cost.
#
# **A dense layer fixes the picture's size.** Exercise 3 sets it free.
#
# **Licence and limits.** The weights are under CC BY 4.0; ImageNet's photos have terms of their own. EfficientNet-B0 does a
# fortieth of the work and scores higher, as both cards say.

# %% [markdown] tags=["exercises"]
# ## Exercises
#
# **1.** You have measured receptive fields: 3, 5, 14, 40, 92, 196. Now compute them. A pooling counts as a layer too,
# with kernel 2 and step 2, and it moves all later neighbours apart.


# %%
def receptive_field(layers):
    """Return how many pixels across one unit sees; layers: [(kernel, step), ...] from the picture on."""
    return ...


exercise("02.1").check(receptive_field)

# %%
# exercise("02.1").hint()  # take away the first #; then .solution()

# %% [markdown]
# **2.** VGG-16's official file is called `..._tf_kernels.h5`. The name recalls an old trap. Theano, the first library that
# Keras ran on, [turned filters](https://github.com/keras-team/keras/issues/3015) before it multiplied; TensorFlow does not. The
# wrong file raised no error, for the shapes fit. Here is a copy of `nano` with such a mistake in *one* layer:

# %%
suspect = with_a_turned_layer(nano.model)
heart_ready = nano.preprocess([heart])
values = viz.layer_differences(suspect, nano.model, heart_ready)
wrong = suspect.predict_on_batch(nano.preprocess(images)).argmax(axis=1)
print(f"accuracy {np.mean(wrong == labels):.3f}, and no error")
viz.differences(values)

# %% [markdown]
# Find the layer, see in its kernel what has happened, and undo it. The check uses a network with other weights, so a kernel copied
# from `nano` won't do.


# %%
def mend(model):
    """Put the one wrong layer of a VGG right, in place."""
    return ...


exercise("02.2").check(mend)

# %%
# exercise("02.2").hint()

# %% [markdown]
# **3.** For testing, the authors turned their dense layers into convolutions (section 3.2): the first becomes a kernel as large as the map, 7x7.
# On a larger picture that kernel slides, and gives scores for every place. The numbers stay the same; only their shape changes. Give
# the dense weights the shape of a kernel.


# %%
def as_convolution(dense, side):
    """Return a dense layer's weights (side * side * channels, units) as a kernel (side, side, channels, units)."""
    return ...


exercise("02.3").check(as_convolution)

# %%
# exercise("02.3").hint()

# %% [markdown] tags=["quiz"]
# ## Quiz

# %%
quiz("02")

# %% [markdown] tags=["recap"]
# ## Recap
#
# - Three 3x3 see as far as one 7x7, for 45 % fewer weights and multiplications, if as many channels go in as come out.
# - As far, but not as well: few paths lead from the rim to the unit. The effective field is smaller, the more so with depth.
# - Memory sits in the first maps, weights in the first dense layer, work in the convolutions.
# - On small digits the stack was no better at equal cost; on ImageNet, says the paper, a lot. Measure on your own task.
# - Stage by stage, a trained network gave up what was not asked for.
# - When two networks should be equal and are not, look for the *first* layer that differs.
#
# | paper | here |
# |---|---|
# | table 1, columns D and E | `vgg.CONFIGS`, `layer_costs(build("vgg16"))` |
# | section 2.1, 3x3, padding, pooling | `conv3x3`, `max_pool`, `run_by_hand` |
# | section 2.3, 27 C^2 against 49 C^2 | `net(kind, width)`, `trial` |
# | section 3.1, the first weights | `rules` |
# | section 3.2, dense layers that slide | exercise 3 |
#
# **To read:** [Very deep convolutional networks](https://arxiv.org/abs/1409.1556), the paper;
# [Understanding the effective receptive field](https://arxiv.org/abs/1701.04128);
# [Delving deep into rectifiers](https://arxiv.org/abs/1502.01852), He's rule.
#
# **Next:** [lesson 03](03_inception.ipynb) puts filters of several sizes side by side; [lesson 04](04_resnet.ipynb) goes from 19 layers to 152.
