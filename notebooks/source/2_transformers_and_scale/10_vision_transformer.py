# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Vision Transformer: can a network see if nobody tells it what a picture is?
#
# A convolution is built for pictures: it looks at neighbouring pixels, and does the same everywhere. In 2020 Alexey Dosovitskiy
# and his colleagues left that out. They cut pictures into patches and gave them, like the words of a sentence, to the network
# that was made for language. With enough pictures it beat the convolutions. How many are enough?
#
# > **You will be able to** cut a picture into patches, write attention and a whole transformer block by hand, prove yours equal
# > to the library's, count the parameters of ViT-B/16, draw where its answer comes from, carry it over to a larger picture, and
# > say what it costs not to know what a picture is.
# >
# > **Needs** [lesson 04](../1_convnets/04_resnet.ipynb) for shortcuts. On two cores about 40 s, 2 GB of memory, no download.

# %% [markdown] tags=["set-up"]
# ## Set-up

# %%
from course_lib.lessons import exercise, quiz, start

start()

import json
from dataclasses import replace

import keras_hub
import numpy as np
import tensorflow as tf
from course_lib import card, load, viz
from course_lib.data_dir import data_dir
from course_lib.media.images import read_image, resize_crop
from course_lib.media.samples import sample
from course_lib.media.world import PRETRAIN_CLASSES, make_images, make_masked_images
from course_lib.training.data_scaling import run, silhouettes, trainer
from course_lib.weights.convert import load_into
from course_lib.zoo import vit
from keras import Model, layers

# %% [markdown] tags=["see-it-work"]
# ## See it work
#
# Ask for ViT-B/16. Without a download a small sister stands in, trained by this course on drawings of 20 kinds of object. (After
# `course fetch vit_b16` the same cell runs the official network on a photo.)

# %%
model = load("vit_b16")
official_here = model.provenance.grade == "official"  # provenance: where the weights came from
images, labels = make_images(400, seed=9100)  # drawings that no training has seen
picture = sample("cat") if official_here else images[np.flatnonzero(labels == 8)[0]]
viz.predictions(picture, model.classify(picture))

# %%
nano = load("vit_nano")


def accuracy(model, pictures, truth):
    """Return the share of pictures, prepared for the model, whose kind it names."""
    return float(np.mean(np.argmax(model(pictures, training=False), axis=-1) == truth))


ready = nano.preprocess(images)  # (400, 32, 32, 3), numbers of -1 to 1
intact = accuracy(nano.model, ready, labels)
print(f"{intact:.3f} of 400 drawings named rightly; chance: 0.050")
assert intact > 0.7

# %% [markdown] tags=["idea"]
# ## The idea: a picture is a row of words
#
# A transformer reads **tokens**: rows of numbers, one for each word. For pictures, a token is a **patch**: a square of pixels,
# its numbers written one after the other. A photo of 224 x 224 pixels gives 14 x 14 patches of 16 x 16 pixels:

# %%
photo = resize_crop(read_image(sample("cat")), 224, 1)  # (224, 224, 3)
patches = photo.reshape(14, 16, 14, 16, 3).transpose(0, 2, 1, 3, 4)  # (14, 14, 16, 16, 3)
viz.images(
    patches.reshape(196, 16, 16, 3), columns=14, width=330,
    alt="A photo of a cat, cut into 14 rows of 14 square patches with gaps between them.",
)  # fmt: skip

# %% [markdown]
# Then every token looks at every other. Three small layers make of each token a **query** (what am I looking for?), a **key**
# (what do I have?) and a **value** (what do I pass on?). Multiply one token's query with another's key, number by number, and add
# up: the better they match, the larger this product, and the more of the other's value is taken. For all tokens at once, with
# queries, keys and values as the rows of $Q$, $K$ and $V$:
#
# $$ \text{attention}(Q, K, V) = \text{softmax}\!\left(\frac{Q K^\top}{\sqrt{d}}\right) V $$
#
# **Softmax** turns each row of products into shares that sum to 1; $d$ is the length of a query: how many numbers it has. Long
# queries have large products, and the root keeps them from making one share 1 and all others 0. Nothing in this formula knows
# which patch lies next to which.

# %% [markdown] tags=["build"]
# ## Build it by hand
#
# **Step 1, patches to tokens.** Each patch of 16 x 16 x 3 = 768 numbers passes one dense layer. Libraries write that as
# a convolution whose stride is its size; it is the same:

# %%
rows = tf.constant(patches.reshape(1, 196, 768) / 127.5 - 1, tf.float32)
cut = layers.Conv2D(768, 16, strides=16)
by_convolution = cut(photo[None] / 127.5 - 1)  # (1, 14, 14, 768)
by_hand = rows @ tf.reshape(cut.kernel, (768, 768)) + cut.bias  # (1, 196, 768)
difference = np.abs(tf.reshape(by_convolution, (1, 196, 768)) - by_hand).max()
print(f"tokens {tuple(by_hand.shape)}, largest |difference| {difference:.1e}")
assert difference < 1e-4

# %% [markdown]
# **Step 2, one token more, and places.** In front goes a learned **class token**: it is no patch, and may gather from all
# what the answer needs. And to each token a **position embedding** is added, a learned row of numbers for its place: else the
# network could not know where a patch was (equation 1 of the paper).

# %%
class_token, positions = tf.zeros((1, 1, 768)), tf.random.normal((197, 768), stddev=0.02)
tokens = tf.concat([class_token, by_hand], axis=1) + positions
print(tuple(tokens.shape))

# %% [markdown]
# **Step 3, attention.** Our trained network is smaller: 8 x 8 patches of 4 x 4 pixels, tokens of 64 numbers. (Before it cuts, two
# small convolutions look at the pixels; such a stem learns faster. The paper's plain ViTs have none.) Attention runs in four
# **heads** side by side, each with queries, keys and values of its own, of 16 numbers, so that each can look for something else.
# One of them:

# %%
inside = viz.layer_outputs(nano.model, ready[:8], ["positions", "block1_norm1", "block1_out"])
part = {
    name: nano.model.get_layer(f"block1_{name}") for name in ("norm1", "attention", "norm2", "mlp1", "mlp2")
}


def head(x, number):
    """Let the tokens x (batch, tokens, 64) look at each other with one head; return its shares and what it gathers."""
    attention = part["attention"]
    q, k, v = (
        x @ dense.kernel[:, number] + dense.bias[number]  # (batch, tokens, 16)
        for dense in (attention.query_dense, attention.key_dense, attention.value_dense)
    )
    shares = tf.nn.softmax(q @ tf.transpose(k, (0, 2, 1)) / np.sqrt(16))  # (batch, tokens, tokens)
    return shares, shares @ v


shares, gathered = head(inside["block1_norm1"], 0)
print("shares", tuple(shares.shape), " gathered", tuple(gathered.shape))
print(f"each row of shares sums to {np.sum(shares[0, 5]):.4f}")

# %% [markdown]
# **Step 4, the block.** What the four heads gather is laid side by side and mixed by one more dense layer. Then each token, by
# itself, passes a small network of two layers. Both parts *add* to what is there: the shortcuts of ResNet. Before each, **layer
# normalisation** brings every token to mean 0 and deviation 1, then to a learned scale and shift (equations 2 and 3).


# %%
def attend(x):
    """Multi-head attention: (batch, tokens, 64) to the same shape."""
    together = tf.concat([head(x, number)[1] for number in range(4)], axis=-1)
    mix = part["attention"].output_dense
    return together @ tf.reshape(mix.kernel, (64, 64)) + mix.bias


def block(x):
    """One transformer block: look at each other, then think each for itself."""
    x = x + attend(part["norm1"](x))
    hidden = part["mlp1"](part["norm2"](x))  # its activation is inside, GELU: a soft ReLU
    return x + part["mlp2"](hidden)


print(tuple(block(inside["positions"]).shape))

# %% [markdown] tags=["proof"]
# ## Proof: head, block, network, count
#
# The shares of our head against Keras's layer (and, to see that a mistake would show, against those of another head); then our
# block against the zoo's:

# %%
theirs = viz.attention_maps(nano.model, ready[:8])["block1_attention"]  # (8, 4 heads, 65, 65)
differences = {
    "our head 1, Keras's head 2": np.abs(shares - theirs[:, 1]).max(),
    "our head 1, Keras's head 1": np.abs(shares - theirs[:, 0]).max(),
    "our block, the zoo's block": np.abs(block(inside["positions"]) - inside["block1_out"]).max(),
}
print(*(f"{name}: largest |difference| {value:.1e}" for name, value in differences.items()), sep="\n")
wrong, *right = differences.values()
assert max(right) < 1e-4 < wrong

# %% [markdown]
# Now the whole network, against another library. KerasHub's ViT and ours get the same random weights: ViT-B/16 in full width, but
# to save time with two of its twelve blocks and pictures of 48 pixels.

# %%
small = replace(vit.CONFIGS["vit_b16"], size=48, depth=2)
backbone = keras_hub.models.ViTBackbone(
    (48, 48, 3), patch_size=16, num_layers=2, num_heads=12, hidden_dim=768, mlp_dim=3072
)
official, ours = keras_hub.models.ViTImageClassifier(backbone, 1000), vit.build(small)
dice = np.random.default_rng(0)
for weight in official.weights:
    if not weight.path.endswith("kernel"):  # fresh, most of these are 0 or 1, and could hide a mistake
        weight.assign(weight + dice.normal(0, 0.1, weight.shape))
load_into(ours, {w.path: w.numpy() for w in official.weights}, "vit", "kerashub", small)
pixels = dice.normal(0, 1, (2, 48, 48, 3)).astype("float32")
expected = official(pixels, training=False).numpy()
difference = np.abs(ours(pixels, training=False) - expected).max()
print(f"logits spread over {expected.std():.2f}; largest |difference| {difference:.1e}")
assert difference < 1e-4

# %% [markdown]
# A ViT is easy to count, for all its blocks are alike. By hand, from the sizes in the paper's table 1:


# %% tags=["nbval-check-output"]
def count(c):
    """Count a ViT's parameters from its config."""
    embedding = c.patch**2 * 3 * c.width + c.width
    tokens = c.width + c.tokens * c.width  # the class token, and the positions
    attention = 4 * (c.width**2 + c.width)  # queries, keys, values, and the mixing of the heads
    mlp = c.width * c.mlp + c.mlp + c.mlp * c.width + c.width
    norms = 2 * 2 * c.width
    return embedding + tokens + c.depth * (attention + mlp + norms) + 2 * c.width + (c.width + 1) * c.classes


print("          tokens  width  blocks  heads   parameters    multiply-adds")
for name in ("vit_b32", "vit_b16", "vit_l32", "vit_l16", "vit_h14"):
    c, facts = vit.CONFIGS[name], card(name)
    print(
        f"{name}  {c.tokens:7}  {c.width:5}  {c.depth:6}  {c.heads:5}  {count(c):11,}  {facts.multiply_adds:15,}"
    )
    assert count(c) == facts.params

# %% [markdown]
# The library's cards say the same, to the last digit. A name gives the size (base, large or huge) and the patch's side: B/16 and
# B/32 have nearly the same parameters, but four times the patches cost four times the work.

# %% [markdown] tags=["inside"]
# ## Look inside: where does the answer come from?
#
# The class token of the last block has gathered from tokens that had gathered from tokens. **Attention rollout** (Abnar
# and Zuidema, 2020) follows that back: in each block, half of a token is itself (the shortcut) and half what it looked at (the
# mean of the heads); multiply these mixtures through all blocks. Row 0 then says how much of each patch is in the class token:
# the brighter, the more.

# %%
chosen = [int(np.flatnonzero(labels == kind)[0]) for kind in (10, 4, 13, 16, 7, 18)]
viz.attention(nano, list(images[chosen]), [PRETRAIN_CLASSES[labels[i]] for i in chosen])

# %% [markdown]
# Is that the object? The painter of these drawings knows where it is:

# %%
# The same drawings, and how much of each patch the object covers.
known, _, covered = make_masked_images(400, seed=9100, grid=8)
rolled = viz.rollout(viz.attention_maps(nano.model, nano.preprocess(known)))[:, 0, 1:]  # (400, 64)
on, off = covered.reshape(400, 64) > 0.5, covered.reshape(400, 64) == 0
ratio = rolled[on].mean() / rolled[off].mean()
print(f"a patch of the object gives {ratio:.1f} times what a patch of background gives")

# %% [markdown]
# It mostly looks at the object. Do not admire it too much: this network was *told* where the objects are, as we shall see. (Rollout is
# also a rough tool: it knows what was looked at, not what was made of it.) And over photos, of which it has never seen one?

# %%
photos = ["coffee", "camera", "rocket", "china"]
guesses = [f"{name}: {nano.classify(sample(name))[0].label}?" for name in photos]
viz.attention(nano, [sample(name) for name in photos], guesses)

# %% [markdown]
# The names are nonsense, and yet it looks at the rocket, at the photographer's head: at what stands out. A fine heat map does
# not make an answer right.
#
# **Positions.** Nobody told the network that patch 9 lies below patch 1. Compare the position embeddings of all patches:
# each little map shows how similar one patch's embedding is to those of all others.

# %%
learned = nano.model.get_layer("positions").embeddings.numpy()  # (65, 64)
viz.positions(viz.position_similarity(learned))

# %% [markdown]
# In the paper's figure 7, learned from millions of photos, rows and columns appear. Ours learned something simpler: *how far from
# the edge?* Objects seldom reach there. A patch at one edge is more like those at the other edges than like the middle. (Half of
# its drawings were mirrored, so that left and right had nothing to tell.)
#
# What would it see without them? Shuffle the tokens of each picture, the same way for all, with and without the embeddings:

# %%
cutter = Model(nano.model.input, nano.model.get_layer("patches").output)
rest = Model(nano.model.get_layer("patches").output, nano.model.output)
places = nano.model.get_layer("positions").embeddings
row, mixed = cutter(ready), np.random.default_rng(0).permutation(64)
changes = {}
for name, embeddings in (("with positions", learned), ("without", np.zeros_like(learned))):
    places.assign(embeddings)
    ordered, shuffled = rest(row), rest(tf.gather(row, mixed, axis=1))
    changes[name] = np.abs(ordered - shuffled).max()
    right = [np.mean(np.argmax(answers, axis=-1) == labels) for answers in (ordered, shuffled)]
    print(f"{name:<14}  in order {right[0]:.3f}   shuffled {right[1]:.3f}   change {changes[name]:.1e}")
places.assign(learned)
assert changes["without"] < 1e-3 < changes["with positions"]

# %% [markdown]
# Without positions the two answers are the same but for rounding: to attention, a picture is a *bag* of patches. Only those 65
# rows tell the blocks where a patch lies. And yet the bag is enough for most drawings: which corners and curves there are, and
# how many, must say a lot.

# %% [markdown] tags=["change"]
# ## Change it: what does it cost not to know what a picture is?
#
# An easy task: the same 20 kinds, as silhouettes. (Not quite easy: nobody can tell this ball from this face.)

# %%
few, kinds = silhouettes(1000, seed=3)  # (1000, 16, 16, 3), numbers of -1 to 1
viz.images(np.uint8(127.5 * (few[:20] + 1)), [PRETRAIN_CLASSES[kind] for kind in kinds[:20]], columns=10)

# %% [markdown]
# A ResNet and a ViT of about as many parameters learn from 1,000, 4,000 or 16,000 of them, with equally many updates, three seeds
# each. Each one's learning rate was chosen on pictures kept apart; scores are of 2,000 further ones. The course ran it once (`python
# -m course_lib.training.data_scaling`):

# %%
measured = json.loads((data_dir() / "experiments" / "data_scaling.json").read_text())["networks"]
lines = {}
for name, result in measured.items():
    amounts = [int(n) for n in result["scores"]]
    test, train = (
        np.array([scores[part] for scores in result["scores"].values()]) for part in ("test", "train")
    )
    lines[name] = (amounts, test.T)  # (3 seeds, 3 amounts)
    print(f"{name}, {result['params']:,} parameters")
    for n, new, seen in zip(amounts, test.mean(axis=1), train.mean(axis=1), strict=True):
        print(f"  {n:6,} pictures: {new:.3f} right of new ones, {seen:.3f} of those it learned from")
viz.curves(lines, "pictures to learn from", "accuracy on new pictures", logx=True, percent=True)

# %% [markdown]
# The CNN wins everywhere. After 1,000 pictures both know them by heart, but the ViT has learned the pictures and not the kinds. With
# more pictures the gap narrows, and yet the ViT's 16,000 are worth less than the CNN's first 1,000. (More updates would probably
# help it too: of its 16,000 it has not even learned all that it was shown.) It never overtakes here. Does it ever? In the paper's
# section 4.3, ViTs are behind ResNets with 1.3 million photos and ahead with 303 million. What a convolution is born with, its
# **inductive bias**, is that neighbours belong together and that a wheel is a wheel wherever it stands. It can be learned, at that
# price.
#
# A small part of it live, with fewer updates:

# %%
held_out, live = silhouettes(500, seed=9001), {}
for name in ("CNN", "ViT"):
    score = live[name] = run(trainer(name, 2e-3, updates=250), name, (few, kinds), held_out, seed=0)
    print(f"{name}: {score['test']:.3f} right of new pictures, {score['train']:.3f} of those it learned from")
assert live["CNN"]["test"] > live["ViT"]["test"]

# %% [markdown]
# The same order, in a few seconds. And again the ViT is far better on the pictures that it trained on than on new ones.
#
# **What our own network was told.** Lesson 04's ResNet learned from the names of the objects alone. Told no more, a ViT of this
# size begins very slowly. So it was also asked, for each of its 64 patches, how much of it the object covers (the *mask*), and
# corrected; the layer that answered was thrown away afterwards. What a tenth of its training gives, and what all of it, a number
# for each seed (`python -m course_lib.training.supervision`):

# %%
taught = json.loads((data_dir() / "experiments" / "supervision.json").read_text())
for name, runs in taught.items():
    for seen, scores in runs.items():
        print(f"{name:<16} {int(seen):8,} drawings:", *(f"{100 * score:.1f}" for score in scores.values()))
whole = card("vit_nano").weights[0].facts[0]  # what its recipe measured
print(f"names and masks   400,000 drawings: {whole.value}; {whole.note}")

# %% [markdown]
# Early on it is twice as good with masks: one word a picture says little of where to look. Had we stopped there, we would have said that
# a small ViT can't learn from names, and have been wrong: in the end the masks are worth three to six points. (These scores, in %, are of
# 6,000 drawings; the 400 at the top happen to be easy ones.) The official ViTs learned from labels alone, millions of them.

# %% [markdown] tags=["traps"]
# ## Traps and limits
#
# **A larger picture.** All weights fit any number of patches, but for one: there is no position embedding for patch 65. So
# the embeddings are *interpolated*: laid out as the square that they stand for, and enlarged like a picture. The classic mistake is
# to stretch them as one long list. On the same drawings, painted at 40 pixels, 10 x 10 patches:


# %%
def enlarged(side):
    """Return the learned embeddings for side x side patches; the class token's row stays as it is."""
    square = tf.image.resize(learned[1:].reshape(1, 8, 8, 64), (side, side))
    return tf.concat([learned[:1], tf.reshape(square, (side * side, 64))], axis=0)


stretched = tf.image.resize(learned[1:][None, :, None], (100, 1))[0, :, 0]  # a list of 64 made a list of 100
larger = vit.build(replace(vit.CONFIGS["vit_nano"], size=40))
trained = {weight.path: weight for weight in nano.model.weights}
for weight in larger.weights:
    if weight.path != "positions/embeddings":
        weight.assign(trained[weight.path])

# %%
painted, truth = make_images(400, size=40, seed=9100)
sharp = nano.preprocess.normalised(painted)
ways = {
    "the square enlarged": enlarged(10),
    "the list stretched": tf.concat([learned[:1], stretched], axis=0),
    "none": tf.zeros((101, 64)),
}
scores = {
    "32 pixels, as trained": intact,
    "40 pixels, shrunk to 32": accuracy(nano.model, nano.preprocess(painted), truth),
}
for name, embeddings in ways.items():
    larger.get_layer("positions").embeddings.assign(embeddings)
    scores[f"40 pixels, {name}"] = accuracy(larger, sharp, truth)
viz.bars(scores, "accuracy", form="{:.3f}", title="Position embeddings for a larger picture")

# %% [markdown]
# Of the three, the square loses least and no positions lose most. But even the square is far below 32 pixels: a patch now shows a
# smaller part of its object than in training. So the paper enlarges the positions and then *fine-tunes* (its section 3.2). Where
# you cannot, shrink the picture: that costs nothing here.
#
# **Preprocessing.** ViT's weights, ours and the official ones, want pixels of -1 to 1. Much code only divides by 255:

# %%
for name, pixels in (
    ("-1 to 1", ready),
    ("0 to 1", images / np.float32(255)),
    ("0 to 255", images.astype("float32")),
):
    print(f"pixels of {name:<9} {accuracy(nano.model, pixels, labels):.3f}")

# %% [markdown]
# **Cost.** Every token looks at every other: a picture of twice the side has four times the tokens, and sixteen times the looks.
#
# **Licence.** The official weights are Apache-2.0; ImageNet-21k, from which they learned, is a collection of web photos with
# terms of their own. The weights of the paper's best networks, trained on Google's own JFT-300M, were never released.

# %% [markdown] tags=["exercises"]
# ## Exercises
#
# **1.** Cut a picture into patches.


# %%
def to_patches(picture, side):
    """Return the patches of picture (h, w, c), row by row, each as one row of side * side * c numbers."""
    return ...


exercise("10.1").check(to_patches)

# %%
# exercise("10.1").hint()  # take away the first #; then .solution()

# %% [markdown]
# **2.** The formula of this lesson, in NumPy. Large products must not break it.


# %%
def attention(q, k, v):
    """Return what each of the n queries q (n, d) gathers from keys k (m, d) and values v (m, e): (n, e)."""
    return ...


exercise("10.2").check(attention)

# %%
# exercise("10.2").hint()

# %% [markdown]
# **3.** Rollout for one picture.


# %%
def rollout(maps):
    """Return (tokens, tokens): the mixtures of all blocks multiplied; maps (blocks, heads, tokens, tokens)."""
    return ...


exercise("10.3").check(rollout)

# %%
# exercise("10.3").hint()

# %% [markdown] tags=["quiz"]
# ## Quiz

# %%
quiz("10")

# %% [markdown] tags=["recap"]
# ## Recap
#
# - A ViT cuts a picture into patches; from there on it is a transformer, and knows nothing of the plane.
# - Attention: queries meet keys, softmax makes shares, values are gathered. Blocks add to what is there.
# - Where a patch lies, only the position embeddings say. They are learned, and must be enlarged as a square.
# - With few pictures a convolution is far ahead: what it is born with, a ViT has to learn.
# - Rollout draws where the class token gathered; it does not explain the answer.
#
# | paper | here |
# |---|---|
# | figure 1, patches | `photo.reshape(14, 16, 14, 16, 3)` |
# | equation 1, embedding, class token, positions | `tf.concat([class_token, by_hand], axis=1) + positions` |
# | equation 2, attention and shortcut | `x + attend(part["norm1"](x))` |
# | equation 3, MLP and shortcut | `x + part["mlp2"](hidden)` |
# | equation 4, the class token's output | `Cropping1D` and `norm` in `zoo/vit.py` |
# | table 1, the sizes | `count(vit.CONFIGS[name])` |
# | section 3.2, higher resolution | `enlarged(side)` |
# | section 4.3, how much data | `data_scaling` |
#
# **To read:** [An image is worth 16x16 words](https://arxiv.org/abs/2010.11929), sections 3 and 4.3;
# [Attention is all you need](https://arxiv.org/abs/1706.03762), the block's origin;
# [Quantifying attention flow](https://arxiv.org/abs/2005.00928), rollout.
#
# **Next:** [lesson 11](11_scale_and_noise.ipynb) asks what scale and noisy labels buy.
