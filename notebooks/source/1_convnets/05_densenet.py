# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # DenseNet: what changes if every layer can read all that was found before it?
#
# A ResNet adds what a layer finds to what the layer was given, and a sum cannot be taken apart again. DenseNet lays the two
# side by side, so that nothing is lost. But do later layers really go back to the early ones? We draw who reads whom, and
# then cut the wires to see whether the drawing tells the truth.
#
# > **You will be able to** build a dense block by hand and prove it exact, count any DenseNet's parameters (and correct a
# > number that is often quoted), measure who reads whom, and say what it costs in memory.
# >
# > **Needs** [lesson 04](04_resnet.ipynb). On two cores about 50 s, 2 GB of memory, no download.

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
from course_lib.catalog.ledger import claims
from course_lib.lessons.bank.l05_densenet import with_two_faults
from course_lib.media.samples import sample
from course_lib.media.world import make_image, make_images
from course_lib.training.fit import Settings, Trainer
from course_lib.weights.convert import load_into
from course_lib.weights.sources.applications import arrays_of
from course_lib.zoo import densenet
from keras import layers
from matplotlib import pyplot as plt
from sklearn.datasets import load_digits

# %% [markdown] tags=["see-it-work"]
# ## See it work
#
# Without a download a small sister stands in for DenseNet-121: `densenet_nano`, which this course trained on drawings of 20
# kinds of object. After `course fetch densenet121` the same cell runs the official network, on a photo.

# %%
model = load("densenet121")
official_here = model.provenance.grade == "official"
picture = sample("cat") if official_here else make_image("heart", seed=9002)
viz.predictions(picture, model.classify(picture))

# %% [markdown]
# One picture proves little. Here are three sets of 400 drawings that it has never seen, and the share that it gets right:

# %%
nano = load("densenet_nano")
held_out = [make_images(400, seed=seed) for seed in (9001, 9002, 9003)]


def share_right(network, inputs, labels):
    """Return the share of inputs that a network gets right."""
    return float(np.mean(np.argmax(network(inputs, training=False), axis=1) == labels))


scores = [share_right(nano.model, nano.preprocess(images), labels) for images, labels in held_out]
print("accuracy on each set:", *(f"{score:.3f}" for score in scores), "  chance: 0.050")

# %% [markdown] tags=["idea"]
# ## The idea: do not add, append
#
# In a ResNet each block writes into the same channels: $y = x + F(x)$. What the first block found is still in there, but mixed
# with all that came after, and a later layer cannot tell the parts. [Huang and others (2016)](https://arxiv.org/abs/1608.06993)
# **concatenate**: they lay the new channels beside the old ones. So layer $\ell$ computes
#
# $$ x_\ell = H_\ell([x_0, x_1, \ldots, x_{\ell-1}]) $$
#
# $x_0$ is what enters the block, $x_1$ what layer 1 found, the brackets are the concatenation, and $H_\ell$ is the layer's
# own work. Since a layer need not pass on what the earlier ones found, it can be narrow: it writes only $k$ new channels. This
# $k$ is the **growth rate**.

# %%
colours = np.array(
    [[0.72, 0.7, 0.66], [0, 0.36, 0.69], [0.85, 0.45, 0.19], [0, 0.64, 0.58], [0.44, 0.09, 0.27]]
)
with viz.style():
    fig, panels = plt.subplots(1, 2, figsize=(7.2, 2.6), sharey=True)
    for step in range(5):
        panels[0].bar(step, 6, color=colours[: step + 1].mean(axis=0), width=0.7)
        for piece in range(step + 1):
            height, bottom = (6, 0) if piece == 0 else (2, 4 + 2 * piece)
            panels[1].bar(step, height, bottom=bottom, color=colours[piece], width=0.7, edgecolor="white")
    for axes, title in zip(panels, ("ResNet adds", "DenseNet appends, k = 2"), strict=True):
        axes.set(title=title, xlabel="layers so far", xticks=range(5))
    panels[0].set_ylabel("channels")
viz.show(
    fig,
    alt="Two bar charts of channels against layers. Adding: always six channels, whose colours mix to grey. Appending: "
    "a staircase, where the grey six at the bottom stay and each layer lays two channels of its own colour on top.",
)

# %% [markdown]
# Each colour is what one layer found. On the left they mix; on the right every colour stays pure. Layer 4 reads four things,
# layer 3 three, and so on: a block of $L$ layers has $L(L+1)/2$ connections, where a chain has $L$. Hence *dense*.

# %% [markdown] tags=["build"]
# ## Build it by hand
#
# $H$ is batch norm, ReLU, convolution, in this order. (A trained batch norm subtracts a stored mean, divides by a stored
# deviation, scales by $\gamma$ and shifts by $\beta$, for each channel.) It comes *first*, so that each reader scales what it
# reads by numbers of its own.


# %%
def norm_relu(x, numbers, epsilon):
    """Normalise each channel of x by stored numbers, then cut off what is negative."""
    gamma, beta, mean, variance = numbers
    return tf.nn.relu(gamma * (x - mean) / tf.sqrt(variance + epsilon) + beta)


# %% [markdown]
# In DenseNet-121 each $H$ does all that twice: a 1x1 convolution squeezes whatever it reads to $4k$ channels, and a 3x3
# convolution makes the $k = 32$ new ones:

# %% tags=["nbval-check-output"]
draw = keras.initializers.GlorotUniform(seed=0)  # the random weights that Keras begins with
fresh = [1.0, 0.0, 0.0, 1.0]  # gamma, beta, mean and variance of a new batch norm

x = draw((1, 16, 16, 64))
squeezed = tf.nn.conv2d(norm_relu(x, fresh, 1e-5), draw((1, 1, 64, 128)), 1, "SAME")
new = tf.nn.conv2d(norm_relu(squeezed, fresh, 1e-5), draw((3, 3, 128, 32)), 1, "SAME")
joined = tf.concat([x, new], axis=-1)
print(*(tuple(step.shape) for step in (x, squeezed, new, joined)), sep="\n")

# %% [markdown]
# The block is a loop over a growing list. We try it with six stand-ins for layers, which merely repeat the first 32 channels of
# what they read:


# %% tags=["nbval-check-output"]
def dense_block(x, readers):
    """Run a dense block; each reader is a function of all that was written before it."""
    pieces = [x]
    for reader in readers:
        pieces.append(reader(tf.concat(pieces, axis=-1)))
    return tf.concat(pieces, axis=-1)


print(tuple(dense_block(x, [lambda read: read[..., :32]] * 6).shape), "  64 + 6 x 32 =", 64 + 6 * 32)

# %% [markdown]
# Between blocks stands a **transition**: a 1x1 convolution keeps half of the channels, and an average over 2x2 pixels halves
# the sides. Concatenation needs maps of one size, so nothing is read across a transition.

# %% [markdown] tags=["proof"]
# ## Proof: it is the real one
#
# We build the official DenseNet-121 and ours, give both the same random weights, and compare their answers. Batch norm gets
# random numbers too: a fresh one changes next to nothing, so a mistake there would stay hidden. Pictures of 64 px keep it quick.

# %%
config = replace(densenet.CONFIGS["densenet121"], size=64)
ours = densenet.build(config)
official = keras.applications.DenseNet121(weights=None, input_shape=(64, 64, 3), classifier_activation=None)

dice = np.random.default_rng(0)
for weight in [weight for weight in official.weights if not weight.path.endswith("kernel")]:
    weight.assign(dice.uniform(0.5, 1.5, weight.shape))
load_into(ours, arrays_of(official), "densenet", "applications", config)

pictures = dice.normal(0, 1, (2, 64, 64, 3)).astype("float32")
theirs = official(pictures, training=False).numpy()
difference = np.abs(ours(pictures, training=False) - theirs).max()
print(f"answers spread over {theirs.std():.1f}, largest |difference| {difference:.1e}")
assert difference <= 1e-4 * max(1, np.abs(theirs).max())

# %% [markdown]
# And our hand-made block? We take the numbers of block 1 out of the network and run them through `dense_block`.


# %%
def by_hand(model, config, block):
    """Return the layers of one dense block as plain functions of all that they read."""
    steps = (1, 2) if config.bottleneck else (1,)

    def reader(name):
        norms = [model.get_layer(f"{name}_bn{step}").get_weights() for step in steps]
        kernels = [model.get_layer(f"{name}_conv{step}").get_weights()[0] for step in steps]

        def run(x):
            for norm, kernel in zip(norms, kernels, strict=True):
                x = tf.nn.conv2d(norm_relu(x, norm, config.bn_epsilon), kernel, 1, "SAME")
            return x

        return run

    return [reader(f"block{block}_layer{n}") for n in range(1, config.depths[block - 1] + 1)]


# %%
inside = viz.layer_outputs(ours, pictures, ["stem_pool", "block1_layer6_out"])
found = dense_block(inside["stem_pool"], by_hand(ours, config, 1))
difference = np.abs(found - inside["block1_layer6_out"]).max()
print(f"our block against the zoo's, {found.shape[-1]} channels: largest |difference| {difference:.1e}")
assert difference <= 1e-4 * np.abs(found).max()

# %% [markdown]
# ### A number that is often quoted
#
# The four DenseNets differ only in their numbers of layers, so we can count their parameters without building them. Batch norm
# has four numbers a channel, two learned and two stored averages. Keras counts all four, many others only the learned ones.


# %% tags=["nbval-check-output"]
def count(depths, per_norm=4, k=32, width=64):
    """Add up the parameters of a DenseNet with 1,000 classes; `per_norm` numbers for each channel of a batch norm."""
    total = 7 * 7 * 3 * width + per_norm * width  # the stem
    for block, depth in enumerate(depths):
        if block > 0:
            total += per_norm * width + width * (width // 2)  # the transition
            width //= 2
        for _ in range(depth):
            total += per_norm * (width + 4 * k) + width * 4 * k + 3 * 3 * 4 * k * k
            width += k
    return total + per_norm * width + width * 1000 + 1000


# %% tags=["nbval-check-output"]
told = {claim.model: claim.params for claim in claims()}
print("network      layers in blocks   told  parameters     learned  top-1 % in the paper")
for name, network in list(densenet.CONFIGS.items())[:4]:
    kept, learned, top1 = count(network.depths), count(network.depths, per_norm=2), card(name).facts[0].value
    print(f"{name}  {network.depths!s:17}  {told.get(name, ''):>4}  {kept:10,}  {learned:10,}  {top1:.2f}")
    assert kept == card(name).params
assert count(config.depths) == ours.count_params() == official.count_params()

# %% [markdown]
# (*Told* is what a table in circulation says. *Top-1* is the share of ImageNet's validation photos whose first guess is right;
# quoted from the paper's table 3, one crop a photo.)
#
# DenseNet-121 is as told. DenseNet-264 is not: it is told to have 22 million, and its own architecture gives half as many again.
# A rough thought would have been enough: it is DenseNet-201, which has 20 million, with 32 more of the widest layers. Where the
# 22 comes from we do not know. The paper's error for this network is 22.15 %, so perhaps someone read the wrong column.

# %% [markdown] tags=["inside"]
# ## Look inside: who reads whom?
#
# Do late layers use what early ones found? The paper answers with its figure 5: for each reader, the mean size of its weights on
# the channels of each source. We draw it for the last two blocks of `nano`. Each has six layers with $k = 16$ and the plain $H$
# of the paper's first networks: one 3x3 convolution, no squeeze. Reader 7 is the *exit*, whatever comes behind the block: a
# transition behind block 2, the classifier behind block 3. Each row is divided by its mean, so 1.0 is a fair share.


# %%
def reading(model, block):
    """Return (7 readers, 7 sources): a reader's mean weight on a source, the row's mean being 1; NaN where it reads nothing."""
    grid, exits = np.full((7, 7), np.nan), {2: "transition2_conv", 3: "head"}
    for row, name in enumerate([*(f"block{block}_layer{n}_conv1" for n in range(1, 7)), exits[block]]):
        kernel = np.abs(model.get_layer(name).kernel)
        sizes = kernel.reshape(-1, *kernel.shape[-2:]).mean(axis=(0, 2))  # one number for each channel read
        begins = len(sizes) - 16 * np.arange(row, 0, -1)  # of layer 1's channels, layer 2's, ...
        grid[row, : row + 1] = [part.mean() for part in np.split(sizes, begins)]
    return grid / np.nanmean(grid, axis=1, keepdims=True)


# %% [markdown]
# Random weights show nothing, as they should:

# %%
keras.utils.set_random_seed(0)
maps = {block: reading(nano.model, block) for block in (2, 3)}
random = reading(load("densenet_nano", weights=None).model, 3)
print(f"random weights: all between {np.nanmin(random):.2f} and {np.nanmax(random):.2f}")

# %%
ROWS = [f"layer {n} reads" for n in range(1, 7)] + ["exit reads"]
COLUMNS = ["input", *"123456", "", "input", *"123456"]


def side_by_side(grids):
    """Put the grids of blocks 2 and 3 side by side."""
    return np.hstack([grids[2], np.full((7, 1), np.nan), grids[3]])


caption = "Mean weight on each source. Left: block 2, right: block 3."
viz.table(side_by_side(maps), ROWS, COLUMNS, form="{:.1f}", width=7.6, caption=caption)

# %% [markdown]
# Trained layers prefer what was found lately, yet none lets go of the early channels: no number is near zero. From such a map
# the paper concludes that features *are* reused, directly.
#
# ## But is that so? Cut the wires
#
# A large weight does not prove that something is used. So we test it: cut one wire at a time, and measure what that costs on
# held-out drawings. *Cut* means that this one reader gets the source's average instead of the source; all others read on as
# before.


# %%
def cut_block(x, readers, cut=()):
    """Run a dense block; return what its exit reads. `cut` holds (reader, source) pairs, the exit being reader 7."""
    pieces = [x]
    for number in range(1, len(readers) + 2):
        heard = [average(piece) if (number, source) in cut else piece for source, piece in enumerate(pieces)]
        read = tf.concat(heard, axis=-1)
        if number <= len(readers):
            pieces.append(readers[number - 1](read))
    return read


def average(piece):
    """Return each channel's mean over all pictures and places, in every place."""
    return tf.zeros_like(piece) + tf.reduce_mean(piece, axis=(0, 1, 2))


# %%
drawings = np.concatenate([nano.preprocess(images) for images, _ in held_out])  # (1200, 32, 32, 3)
truth = np.concatenate([labels for _, labels in held_out])


def lab(block):
    """Return a function: from a set of cuts in a block to which of the drawings are still right, (1200,) of True and False."""
    entry, out = (
        nano.model.get_layer(name) for name in (f"transition{block - 1}_pool", f"block{block}_layer6_out")
    )
    x = keras.Model(nano.model.input, entry.output)(drawings, training=False)
    rest = keras.Model(out.output, nano.model.output)
    readers = by_hand(nano.model, densenet.CONFIGS["densenet_nano"], block)
    return lambda cut: np.argmax(rest(cut_block(x, readers, cut), training=False), axis=1) == truth


labs = {block: lab(block) for block in (2, 3)}
whole = {block: run(set()).mean() for block, run in labs.items()}
print(f"nothing cut: {whole[2]:.4f} {whole[3]:.4f}   the network itself: {np.mean(scores):.4f}")
assert np.allclose(list(whole.values()), np.mean(scores), atol=0.002)


# %%
costs = {block: np.full((7, 7), np.nan) for block in labs}  # in points of accuracy
read = np.tril_indices(7)  # a reader reads the input, and the layers before it
for block, run in labs.items():
    cuts = [{(reader + 1, source)} for reader, source in zip(*read, strict=True)]
    costs[block][read] = lost = [100 * (whole[block] - run(cut).mean()) for cut in cuts]
    likeness = np.corrcoef(maps[block][read], lost)[0, 1]
    print(f"block {block}: half of the cuts cost less than {np.median(lost):.1f} points;", end=" ")
    print(f"correlation of cost and weight {likeness:+.2f}")

caption = "Points of accuracy lost by one cut. Left: block 2, right: block 3."
viz.table(side_by_side(costs).round(1) + 0.0, ROWS, COLUMNS, form="{:.1f}", width=7.6, caption=caption)

# %% [markdown]
# (*Correlation*: +1 if two lists rise and fall together, 0 if they have nothing to do with each other.) So the famous map shows
# where the weights lie, and little of what the answers hang on: in block 3 the two are unrelated. One reason: it averages over
# channels, and a source with many channels can matter much although each is weighed lightly. (Block 3's input has 60 channels,
# each layer 16.) To know what a network uses, cut.
#
# In block 3 most single wires can be cut with hardly any harm. Are they useless, then? Cut several at once:

# %%
bundles = {
    "nothing cut": set(),
    "layer 1: read by layer 2 alone": {(reader, 1) for reader in range(3, 8)},
    "layer 1: read by nobody": {(reader, 1) for reader in range(2, 8)},
    "each reads only the layer before": {
        (reader, source) for reader in range(1, 7) for source in range(reader - 1)
    },
}
found = {}
for block, run in labs.items():
    for name, cut in bundles.items():
        found[f"block {block}, {name}"] = run(cut).reshape(3, 400).mean(axis=1)  # each held-out set
assert all(found[f"block {block}, layer 1: read by nobody"].max() < whole[block] - 0.05 for block in labs)
caption = "Bars: mean of the three held-out sets. Thin lines: from the lowest to the highest of them."
viz.bars(found, "accuracy (chance: 0.05)", form="{:.2f}", caption=caption)

# %% [markdown]
# Silence one layer for all its readers, and more than a quarter of the answers are lost. Let only the next layer read it, and it
# is still missed further up. As a mere chain, each layer reading only the one before it (the exit still reads all), the network
# hardly does better than chance. So reuse is real, but spread out: most single wires matter little, together they matter much. (A
# network *trained* as a chain would have learned otherwise: cuts tell what this network relies on, not what a network needs.)

# %% [markdown] tags=["change"]
# ## Change it: add instead of append
#
# Two networks for scikit-learn's 8x8 digits, six layers each, alike but for one line. If they append, layers read 16 to 56
# channels and write 8; if they add, they read and write 17. That makes about as many parameters, so about as much arithmetic.


# %%
def ready_to_read(x):
    """Batch norm and ReLU, as layers that can be trained."""
    return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))


def net(append, width, new, depth=6):
    """Build a small network whose layers append their channels to what they read, or add them to it."""
    inputs = keras.Input((8, 8, 1))
    x = layers.Conv2D(width, 3, padding="same", use_bias=False)(inputs)
    for _ in range(depth):
        found = layers.Conv2D(new, 3, padding="same", use_bias=False)(ready_to_read(x))
        x = layers.Concatenate()([x, found]) if append else layers.Add()([x, found])
    return keras.Model(inputs, layers.Dense(10)(layers.GlobalAveragePooling2D()(ready_to_read(x))))


nets = {"append": net(True, 16, 8), "add": net(False, 17, 17)}
print({name: f"{network.count_params():,} parameters" for name, network in nets.items()})

# %%
digits = load_digits()
order = np.random.default_rng(0).permutation(len(digits.target))
x_all, y_all = (digits.images[order, ..., None] / 8 - 1).astype("float32"), digits.target[order]

losses, reached = {}, {}
for name, network in nets.items():
    trainer = Trainer(network, Settings(steps=96, batch_size=32, learning_rate=3e-3))
    losses[name], reached[name] = [], []
    for seed in (0, 1, 2):
        keras.utils.set_random_seed(seed)
        network.set_weights(keras.models.clone_model(network).get_weights())  # a clone begins at random
        losses[name].append(trainer.fit(x_all[:797], y_all[:797], seed=seed).loss)
        reached[name].append(share_right(network, x_all[797:], y_all[797:]))
    print(f"{name:7} held-out accuracy", *(f"{score:.3f}" for score in reached[name]))

# %%
viz.curves(
    {name: (np.arange(8, 97, 8), np.reshape(loss, (3, 12, 8)).mean(axis=2)) for name, loss in losses.items()},
    "step", "training loss (mean of 8 steps)", title="Appending against adding, three seeds each",
)  # fmt: skip

# %% [markdown]
# Appending learns a little faster, and ends a little higher on average. Six layers, three seeds and 96 steps make that a hint, no
# more. The paper's own comparison is on ImageNet: there DenseNet-201, with 20 million parameters, errs about as often as
# ResNet-101 with more than 40 million (section 4.4).

# %% [markdown] tags=["traps"]
# ## Traps and limits
#
# **Mistakes that raise no error.** The official DenseNets want their pictures prepared as PyTorch does it, although they run in
# Keras: minus ImageNet's mean, divided by its deviation. `nano` wants pixels from -1 to 1. Let us give it the wrong numbers;
# and then forget the batch norm behind the last block, which the paper's table 1 does not list:

# %%
images, labels = held_out[0]
mean, deviation = np.array([123.675, 116.28, 103.53]), np.array([58.395, 57.12, 57.375])
feeds = {
    "-1 to 1, as trained": images / 127.5 - 1,
    "ImageNet's mean and deviation": (images - mean) / deviation,
    "0 to 255": images * 1.0,
}
for name, inputs in feeds.items():
    print(f"{name:30} accuracy {share_right(nano.model, inputs.astype('float32'), labels):.3f}")

head, last = nano.model.get_layer("head"), nano.model.get_layer("block3_layer6_out")
bare = keras.Model(nano.model.input, last.output)(drawings[:400], training=False)
slip = head(tf.reduce_mean(tf.nn.relu(bare), axis=(1, 2)))
print(f"{'without the last batch norm':30} accuracy {np.mean(np.argmax(slip, axis=1) == labels):.3f}")

# %% [markdown]
# Two of the three cost so little that nobody would notice. Comparing outputs with the original, as in our proof, finds them all.
#
# **Few parameters, much memory.** Each concatenation copies: the last layer of a block reads a copy of all that was written
# before it, so did the layer before, and training keeps every copy to compute gradients. With $L$ layers that grows as $L^2$.
# For one picture of 224 px, in float32:


# %% tags=["nbval-check-output"]
def megabytes(depths, k=32, width=64, side=56):
    """Return the MB of all channels of all blocks, once, and of all that the concatenations write."""
    once = copies = 0
    for depth in depths:
        once += side**2 * (width + k * depth)
        copies += side**2 * sum(width + k * n for n in range(1, depth + 1))
        width, side = (width + k * depth) // 2, side // 2
    return 4 * once / 1e6, 4 * copies / 1e6


for name, network in list(densenet.CONFIGS.items())[:4]:
    once, copies = megabytes(network.depths)
    print(f"{name}: channels {once:.1f} MB, copies {copies:3.0f} MB, {copies / once:.0f} times as much")
written_here = sum(
    np.prod(layer.output.shape[1:]) for layer in ours.layers if isinstance(layer, layers.Concatenate)
)
assert np.isclose(megabytes(config.depths, side=16)[1], 4 * written_here / 1e6)

# %% [markdown]
# Batch norm and ReLU may store as much again, each. A remedy (Pleiss and others, 2017): throw the copies away, and make them
# again when the gradients need them. That saves memory and costs time.
#
# **Licence and limits.** The official weights are under the BSD licence; DenseNet-264's were never published. `nano` knows
# drawings, nothing of photos.

# %% [markdown] tags=["exercises"]
# ## Exercises
#
# **1.** How many channels leave the last block, and become the features? Each layer adds `growth` channels; between two blocks a
# transition keeps half, rounded down.


# %%
def channels(blocks, growth, stem):
    """Return how many channels leave the last block; blocks: (layers in block 1, in block 2, ...)."""
    return ...


exercise("05.1").check(channels)

# %%
# exercise("05.1").hint()  # take away the first #; then .solution()

# %% [markdown]
# **2. Find two faults.** `suspect` has the weights of `nano`, but two of its layers work differently, and no error is raised. The
# figure compares the outputs layer by layer; `viz.first_difference(values)` names the first layer above the dashed line. That is
# the first fault, and it hides the second: repair it in `suspect`, compare again, and give the names of both layers, in order.

# %%
suspect = with_two_faults(nano.model)
ready = nano.preprocess([make_image("heart", seed=9002)])
values = viz.layer_differences(suspect, nano.model, ready)
viz.differences(values)

# %%
faults = [..., ...]

exercise("05.2").check(faults)

# %%
# exercise("05.2").hint()

# %% [markdown] tags=["quiz"]
# ## Quiz

# %%
quiz("05")

# %% [markdown] tags=["recap"]
# ## Recap
#
# - A dense layer appends a few channels to all that came before it; nothing is overwritten.
# - Later layers do go back to early channels. Most single wires matter little; together they matter much.
# - A map of weights is not a map of use: cut, and measure.
# - DenseNet-264 has 33.7 million parameters, not 22. Count before you quote.
# - Few parameters do not mean little memory: copies grow with the square of a block's depth.
#
# | paper | here |
# |---|---|
# | equation 2, $x_\ell = H_\ell([x_0, \ldots, x_{\ell-1}])$ | `pieces.append(reader(tf.concat(pieces, axis=-1)))` |
# | section 3, composite function and bottleneck | `norm_relu`; `squeezed`, `new` |
# | section 3, growth rate and compression | `k` and `width // 2` in `count` |
# | table 1, DenseNet-121 to -264 | `count(network.depths)` |
# | figure 5, feature reuse | `reading(nano.model, block)` |
#
# **To read:** [Densely connected convolutional networks](https://arxiv.org/abs/1608.06993), sections 3 and 5;
# [Memory-efficient implementation of DenseNets](https://arxiv.org/abs/1707.06990).
#
# **Next:** [lesson 06](06_xception.ipynb) takes the convolution itself apart.
