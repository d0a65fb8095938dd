# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Feature extraction: what is pre-training worth when you have five labels of each kind?
#
# You need a network for eight kinds of thing that yours was never trained on, and somebody with little time has labelled
# five pictures of each. Forty labels. Is that enough?
#
# > **You will be able to** cut any Keras network before its last layer, teach it new classes in a second with a *linear
# > probe*, write that probe by hand, draw accuracy against labels per class with honest error bands, and recognise the
# > problems where pre-training buys nothing.
# >
# > **Needs** [lesson 00](../00_start_here.ipynb). On two cores about a minute, 2 GB of memory, no download.

# %% [markdown] tags=["set-up"]
# ## Set-up

# %%
from course_lib.lessons import exercise, quiz, start

start()

from time import perf_counter

import keras
import numpy as np
from course_lib import build, load, viz
from course_lib.media.images import read_image
from course_lib.media.samples import sample, samples
from course_lib.media.world import HELDOUT_CLASSES, make_images
from course_lib.tasks.base import compiled
from course_lib.training.features import cached_features
from course_lib.training.fit import Settings, Trainer
from course_lib.training.probe import linear_probe
from matplotlib import pyplot as plt
from PIL import Image
from skimage import data
from sklearn.datasets import load_digits

# %% [markdown] tags=["see-it-work"]
# ## Forty labels
#
# The pictures come from the *procedural world*, a generator that paints objects in random colours, places, sizes and
# rotations, with clutter and noise. Only the shape says what it is. Our network was trained on 20 kinds; it has never
# seen one of the eight below.

# %%
model = load("resnet_nano")
images, labels = make_images(40, HELDOUT_CLASSES, seed=1)  # (40, 32, 32, 3) and (40,): five of each kind
order = np.argsort(labels, kind="stable").reshape(8, 5).T.ravel()  # a column for each kind
titles = [*HELDOUT_CLASSES] + [""] * 32
alt = f"All the labelled pictures there are: five small noisy ones of each of {', '.join(HELDOUT_CLASSES)}."
viz.images(images[order], titles, width=518, alt=alt)

# %%
test_images, test_labels = make_images(1000, HELDOUT_CLASSES, seed=9100)
features, test_features = model.features(images), model.features(test_images)  # (40, 64), (1000, 64)
probe = linear_probe(features, labels)
score = probe.accuracy(test_features, test_labels)
print(f"{score:.1%} of 1,000 new pictures right; guessing would get {1 / 8:.1%}")
assert score > 0.5

# %% [markdown]
# Three lines: features, probe, score. No epochs, no GPU, about a second. The rest of this lesson asks what happened, and
# whether you should believe it.

# %% [markdown] tags=["idea"]
# ## The idea: keep the eyes, change the mouth
#
# A classifier is two things in a row. The **backbone** turns pixels into a few dozen or a few thousand numbers, the
# **features**. The **head**, one last layer, turns features into class scores. Nearly all parameters sit in the
# backbone, and what they learned (edges, corners, outlines) is useful for other kinds of object too. So: cut the network
# before its head, leave the backbone **frozen**, which means that nothing in it changes any more, and train only a new
# head:
#
# $$ \text{scores} = W\,f(\text{picture}) + b $$
#
# $f$ is frozen; $W$ and $b$ are all that we fit. That is a **linear probe**.

# %%
head = model.model.get_layer("head").count_params()
frozen = model.model.count_params() - head
boxes = [
    (0, 1.5, "picture\n32 x 32 x 3", "#eceae5"),
    (2, 2.7, f"backbone\n{frozen:,} parameters\nfrozen", "#b9cde2"),
    (5.2, 1.4, "64\nfeatures", "#eceae5"),
    (7.4, 2.7, f"old head: {head:,}\n20 kinds", "#eceae5"),
    (7.4, 2.7, f"new head: {64 * 8 + 8}\n8 kinds, trained", "#f4cfae"),
]
with viz.style():
    fig, axes = plt.subplots(figsize=(6.6, 2.1))
    for (x, width, text, colour), y in zip(boxes, [0, 0, 0, 0.75, -0.75], strict=True):
        axes.add_patch(plt.Rectangle((x, y - 0.5), width, 1, color=colour))
        axes.text(x + width / 2, y, text, ha="center", va="center")
    for tail, tip in [((1.5, 0), (2, 0)), ((4.7, 0), (5.2, 0)), ((6.6, -0.1), (7.4, -0.75))]:
        axes.annotate("", tip, tail, arrowprops={"arrowstyle": "->", "color": "#2a2927"})
    axes.plot([7, 7], [0.1, 1.2], color="#d97330", linestyle="--")
    axes.text(6.9, 0.9, "cut", ha="right", color="#a8561f")
    axes.set(xlim=(-0.1, 10.2), ylim=(-1.35, 1.35))
    axes.axis("off")
viz.show(
    fig,
    alt="Picture, frozen backbone, 64 features; the old head is cut off and a small new one put in its place.",
)

# %% [markdown] tags=["build"]
# ## By hand: the cut, and the head
#
# The cut is one line of Keras: a model is a graph from an input to an output, and any layer's output will do. Our
# networks call the last layer before the head "pool", since it averages ("pools") each channel over all places.

# %%
cut = keras.Model(model.model.input, model.model.get_layer("pool").output)
ready = model.preprocess(images)  # (40, 32, 32, 3) float32: the pixels as this network wants them
by_hand = cut(ready, training=False).numpy()  # (40, 64)
difference = np.abs(by_hand - features).max()
print(f"{cut.count_params():,} parameters, output {by_hand.shape}, largest difference {difference:.0e}")
assert difference < 1e-4

# %% [markdown]
# The new head is a **softmax regression**: a linear map, then softmax for probabilities $p$, and weights that make the right
# classes likely. With forty pictures and 512 weights we must hold the weights back, or they fit the noise; that is the
# term $\lVert W\rVert^2$, and $C$ says how much freedom they get:
#
# $$ \text{loss} = \text{mean}(-\log p_\text{right}) + \frac{1}{2Cn}\lVert W\rVert^2 $$
#
# The gradient for the scores is delightfully short: $p - y$, where the truth $y$ is *one-hot*, 1 at the right kind and 0
# elsewhere. The scores are $xW + b$, so on its way to $W$ it is multiplied by the features: `x.T @ (p - y)`. The second
# term adds its own derivative, $W / (Cn)$.


# %%
def softmax_regression(x, y, strength, steps=3000, rate=0.3):
    """Fit W (features, classes) and b (classes,) by gradient descent; x (n, features), y one-hot (n, classes)."""
    W, b = np.zeros((x.shape[1], y.shape[1])), np.zeros(y.shape[1])
    for _ in range(steps):
        logits = x @ W + b
        p = np.exp(logits - logits.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        W -= rate * (x.T @ (p - y) / len(x) + W / (strength * len(x)))
        b -= rate * (p - y).mean(axis=0)
    return W, b


# %% [markdown] tags=["proof"]
# Is this the same probe as the library's, which leaves the fitting to scikit-learn? We give ours the same $C$, chosen by
# cross-validation (fit on some of the *training* pictures, compare on the others), and standardise the features as it
# does: subtract each one's mean over the training pictures, divide by its deviation. A number added to all eight logits
# of a picture changes no probability, so we compare them *centred*, less their mean.

# %%
mean, deviation = features.mean(axis=0), features.std(axis=0)
W, b = softmax_regression((features - mean) / deviation, np.eye(8)[labels], probe.strength)

# %%
ours = (test_features - mean) / deviation @ W + b  # (1000, 8)
theirs = test_features @ probe.kernel + probe.bias
centred = [logits - logits.mean(axis=1, keepdims=True) for logits in (ours, theirs)]
same = np.mean(ours.argmax(axis=1) == theirs.argmax(axis=1))
off, span = np.abs(centred[0] - centred[1]).max(), np.ptp(centred[1])
print(f"C = {probe.strength}; same answer on {same:.1%}; largest logit gap {off:.3f} in a span of {span:.0f}")
assert same > 0.99

# %% [markdown]
# ## Why one keeps the features
#
# Our descent looked at the forty pictures 3,000 times. With the backbone in the loop, each step would have run it again,
# for the same answers. We ran it once. `cached_features` goes
# further and keeps them on disk, for your next run. (Run the cell again, and both of its lines are fast: that is the cache.)

# %%
works = {
    "the hand-made descent, 3,000 steps": lambda: softmax_regression(features, np.eye(8)[labels], 1.0),
    "the backbone, 40 pictures, once": lambda: model.features(images),
    "features of 1,000 pictures": lambda: cached_features(model, test_images),
    "the same, second time": lambda: cached_features(model, test_images),
}
seconds = {}
for name, work in works.items():
    begun = perf_counter()
    work()
    seconds[name] = perf_counter() - begun
    print(f"{seconds[name]:8.3f} s  {name}")
reckoned = 3000 * seconds["the backbone, 40 pictures, once"]
print(f"{reckoned:8.3f} s  3,000 steps with the backbone in the loop (by reckoning)")

# %% [markdown]
# What if you change the preprocessing, or train the network on, and the old features are still on the disk? Here the file's name is a hash (a fingerprint) of the weights, the preprocessing and every pixel: change one, and the
# features are computed anew.

# %% [markdown] tags=["inside"]
# ## Look inside: eight kinds it has never seen
#
# Sixty-four numbers a picture cannot be drawn. **Principal component analysis** (PCA) finds the two directions along
# which the points differ most, and drops the rest; it sees no labels. We look at the 1,000 test pictures three
# times: as pixels, through a network with *random* weights, and through ours. The number above each panel needs no drawing: for how many pictures is
# the *nearest* other picture of the same kind?

# %%
keras.utils.set_random_seed(0)
untrained = load("resnet_nano", weights=None)


def small(pictures):
    """Average each 4 x 4 block of pixels: (n, 32, 32, 3) to (n, 192)."""
    return pictures.reshape(-1, 8, 4, 8, 4, 3).mean(axis=(2, 4)).reshape(len(pictures), -1)


ways = {
    "pixels": small,
    "random network": lambda pictures: cached_features(untrained, pictures),
    "pre-trained network": lambda pictures: cached_features(model, pictures),
}
tests = {name: way(test_images) for name, way in ways.items()}


# %%
def same_kind(rows):
    """Share of rows whose nearest other row has the same label."""
    squares = (rows**2).sum(axis=1)
    distances = squares + squares[:, None] - 2 * rows @ rows.T
    np.fill_diagonal(distances, np.inf)
    return np.mean(test_labels[distances.argmin(axis=1)] == test_labels)


# %%
COLOURS = np.array(["#005caf", "#d97330", "#00a193", "#701845", "#86817a", "#e3b505", "#6fb7e8", "#c9302c"])
shares = {}
with viz.style():
    fig, panels = plt.subplots(1, 3, figsize=(7.6, 2.9), layout="constrained")
    for axes, (name, rows) in zip(panels, tests.items(), strict=True):
        rows = (rows - rows.mean(axis=0)) / rows.std(axis=0)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)  # length 1: only the direction counts
        shares[name] = same_kind(rows)
        *_, directions = np.linalg.svd(rows - rows.mean(axis=0), full_matrices=False)  # rows of V
        x, y = directions[:2] @ rows.T
        axes.scatter(x[:500], y[:500], s=4, c=COLOURS[test_labels[:500]], linewidths=0)
        axes.set(title=f"{name}: {shares[name]:.0%}", xticks=[], yticks=[])
    for kind, word in enumerate(HELDOUT_CLASSES):  # in the last panel
        place = [1.3 * np.median(axis[test_labels == kind]) for axis in (x, y)]
        place[1] += 0.1 * (kind // 4)  # so that no two words meet
        white = {"facecolor": "#fbfaf7", "alpha": 0.8, "pad": 0.5, "linewidth": 0}
        axes.text(*place, word, ha="center", va="center", weight="bold", color=COLOURS[kind], bbox=white)
assert shares["pre-trained network"] > 2 * shares["random network"]
said = ", ".join(f"{name} {share:.0%}" for name, share in shares.items())
alt = "Three clouds of points in eight colours. Pixels, random network: mixed. Pre-trained: some kinds apart, others overlap."
viz.show(fig, alt=f"{alt} Nearest neighbour of the same kind: {said}.")

# %% [markdown]
# Left and middle: one cloud (round, since every row has length 1). Right: two directions already part umbrella and
# butterfly from the others, which lie on top of each other in pairs. The 84 % is the evidence, measured in all 64
# dimensions: *kinds that nobody ever named to this network* lie apart there. This is why forty labels can be enough: the
# probe need not learn to see, only where to draw the lines.

# %% [markdown] tags=["change"]
# ## The experiment: accuracy against labels
#
# **Bet first:** how many labels of each kind does a network *from scratch*, the same architecture beginning with random
# weights, need to equal the probe with five?
#
# One run proves little: which five pictures one gets is luck. So we do everything with three *seeds* (starts of the random numbers), each with its
# own training pictures, and draw the spread.

# %%
LABELS = [2, 5, 20, 50]
draws = [make_images(400, HELDOUT_CLASSES, seed=seed) for seed in (1, 2, 3)]  # 50 of each kind, three times
curves = {}
for name, way in ways.items():
    rows = [way(pictures) for pictures, _ in draws]
    scores = [  # the kinds come in turn, so the first 8 k pictures are k of each
        [linear_probe(x[: 8 * k], y[: 8 * k]).accuracy(tests[name], test_labels) for k in LABELS]
        for x, (_, y) in zip(rows, draws, strict=True)
    ]
    curves[f"probe: {name}"] = LABELS, np.array(scores)  # (3 seeds, 4)

# %% [markdown]
# Now from scratch, with five and with all fifty. `Trainer` compiles one update and repeats it, each run with a fresh optimiser and from
# fresh weights: 48 batches of 32, so each of the four hundred is seen four times, and each of the forty oftener.

# %%
body = build("resnet_nano")
scratch = keras.Model(body.input, keras.layers.Dense(8)(body.get_layer("pool").output))
trainer = Trainer(scratch, Settings(steps=48, batch_size=32), model.preprocess)
fresh = []  # three sets of random weights
for seed in range(3):
    keras.utils.set_random_seed(seed)
    fresh.append(keras.models.clone_model(scratch).get_weights())  # a clone begins at random


# %%
forward = compiled(scratch)  # as fast as `predict`, and compiled once for all runs


def from_scratch(pictures, kinds, test, test_kinds, seed):
    """Train anew; return the accuracy on the training and on the test pictures, and the seconds of training."""
    scratch.set_weights(fresh[seed])
    history = trainer.fit(pictures, kinds, seed=seed)
    answers = forward(model.preprocess(np.concatenate([pictures, test]))).argmax(axis=1)
    right = answers == np.concatenate([kinds, test_kinds])
    return right[: len(kinds)].mean(), right[len(kinds) :].mean(), history.seconds


counts = [5, 50]
runs = [
    [from_scratch(x[: 8 * k], y[: 8 * k], test_images, test_labels, seed) for k in counts]
    for seed, (x, y) in enumerate(draws)
]
known, new, seconds_each = np.moveaxis(runs, -1, 0)  # each (3 seeds, 2 counts)
print(
    f"with 50: training pictures {known[:, -1].mean():.1%}, new ones {new[:, -1].min():.1%} to {new[:, -1].max():.1%}"
)
curves["from scratch"] = counts, new

# %% [markdown]
# It got most training pictures right, and new ones hardly better than by guessing: it is learning *pictures*, not
# *kinds*. More updates help, and cost: set `steps=400` above, wait some minutes, and see whether it reaches the probe with two labels.

# %%
means = {name: scores.mean(axis=0) for name, (_, scores) in curves.items()}
assert means["probe: pre-trained network"][1] > means["from scratch"][-1] + 0.2
title = "Five labels and pre-training beat fifty without"
axes = {"xlabel": "labels of each kind", "ylabel": "accuracy on 1,000 new pictures"}
alt = (
    "The pre-trained probe climbs from about 70% to 85%; all else, at any number of labels, stays below 20%."
)
caption = "Mean of three seeds; bands from the lowest to the highest. Guessing gets 12.5 %."
look = {"logx": True, "percent": True, "ylim": (0, 1), "size": (7.6, 3.6)}
viz.curves(curves, **axes, title=title, caption=caption, alt=alt, **look)

# %% [markdown]
# So nobody has won the bet: fifty labels are far from enough. The random network matters too: same architecture, same
# probe, and no better than the pixels. What counts is what the weights have *seen*. And the price?

# %%
pictures, kinds = draws[0]
begun = perf_counter()
linear_probe(model.features(pictures), kinds)  # computed anew, not read from the disk
taken = {"probe, features included": perf_counter() - begun, "from scratch": seconds_each[0, -1]}
viz.bars(taken, "seconds to learn from 400 pictures, one run each, without testing", form="{:.2f} s")

# %% [markdown]
# (Somebody paid for the pre-training, once: minutes here, far more for ImageNet.)
#
# ## Real weights, real photos, and a domain too far
#
# Is it a trick of our toy world? Take seven of our sample photos and one of old coins, in grey so that colour gives nothing
# away. The question: *from which photo is this scrap?* Training scraps come from the left 55 % of each photo, test scraps
# from the right, so that none overlap. Everybody gets the same 32 x 32 pixels. (Some of them nobody
# could place.) A rival joins: EfficientNet-Lite0, a small network for phones, trained on ImageNet's photos.

# %%
photos = {name: read_image(sample(name)) for name in samples()} | {"coins": read_image(data.coins())}


def scraps(count, start, end, seed):
    """Cut grey squares between two shares of each photo's width: (8 count, 32, 32, 3), and which photo (8 count,)."""
    rng, squares = np.random.default_rng(seed), []
    for photo in photos.values():
        grey = Image.fromarray(photo).convert("L")
        side = int(min(grey.size) * 3 / 8)
        for _ in range(count):
            x = rng.integers(int(start * grey.width), int(end * grey.width) - side + 1)
            y = rng.integers(0, grey.height - side + 1)
            square = grey.crop((x, y, x + side, y + side)).resize((32, 32), Image.Resampling.BOX)
            squares.append(np.stack([square] * 3, axis=-1))
    return np.stack(squares), np.repeat(np.arange(8), count)


parts = [scraps(10, 0, 0.55, seed) for seed in (1, 2, 3)]
unseen, unseen_from = scraps(15, 0.55, 1, seed=4)
credit = f"Pavilion: {samples()['china'].credit}, CC BY 2.0, cropped and in grey. Coins: Brooklyn Museum."
alt = f"Two rows of small grey scraps, hard to recognise: from the left and the right side of {', '.join(photos)}."
caption = f"Above: to train on. Below: to be tested on. {credit}"
viz.images([*parts[0][0][::10], *unseen[::15]], [*photos] + [""] * 8, width=560, alt=alt, caption=caption)

# %%
lite = load("efficientnet_lite0")
ways["ImageNet features"] = lambda pictures: cached_features(lite, pictures)
photo_scores = {}
probes = {}
for name in ("pixels", "pre-trained network", "ImageNet features"):
    target = ways[name](unseen)
    probes[name] = [linear_probe(ways[name](pictures), which) for pictures, which in parts]
    photo_scores[name] = [probe.accuracy(target, unseen_from) for probe in probes[name]]
scrap_runs = [from_scratch(*part, unseen, unseen_from, seed) for seed, part in enumerate(parts)]
photo_scores["from scratch"] = [on_new for _, on_new, _ in scrap_runs]
assert np.mean(photo_scores["ImageNet features"]) > np.mean(photo_scores["from scratch"])
shown = {"pixels": "pixels", "from scratch": "nano ResNet from scratch",
         "pre-trained network": "nano ResNet, toy world", "ImageNet features": "EfficientNet-Lite0, ImageNet"}  # fmt: skip
scored = {words: photo_scores[name] for name, words in shown.items()}
viz.bars(scored, "scraps of the unseen side put to the right photo, 10 labels each", form="{:.0%}")

# %% [markdown]
# ImageNet wins, although its network was made for pictures of 224 pixels and gets scraps of 32, blown up. But look at the bar above it: what our network learned from the toy world is worth no more here than starting
# from scratch. Pre-training helps where the new pictures resemble the old ones. In the first half of this lesson they
# did, very much: same generator, other shapes.
#
# And now a problem that needs no pre-training at all: scikit-learn's handwritten digits, 8 x 8 pixels, ten labels of each.

# %%
digits = load_digits()
grey, digit_kinds = (
    (digits.images[:1000] * 15.9).astype(np.uint8),
    digits.target[:1000],
)  # (1000, 8, 8), 0 to 254


def enlarged(how):
    """Return the digits as (1000, 32, 32, 3)."""
    big = np.stack([Image.fromarray(digit).resize((32, 32), how) for digit in grey])
    return np.stack([big] * 3, axis=-1)


smooth, blocks = enlarged(Image.Resampling.BICUBIC), enlarged(Image.Resampling.NEAREST)
rows = {"the 64 pixels": grey.reshape(1000, 64)}
for name in ("pre-trained network", "random network"):
    rows[name] = ways[name](smooth)
    rows[f"{name}, hard blocks"] = ways[name](blocks)

# %%
digit_scores = {name: [] for name in rows}
for seed in range(3):
    shuffled = np.random.default_rng(seed).permutation(1000)
    few = np.concatenate([shuffled[digit_kinds[shuffled] == digit][:10] for digit in range(10)])
    rest = np.setdiff1d(shuffled, few)
    for name, x in rows.items():
        digit_probe = linear_probe(x[few], digit_kinds[few])
        digit_scores[name].append(digit_probe.accuracy(x[rest], digit_kinds[rest]))
for name, three in digit_scores.items():
    print(f"{name:<32} {np.mean(three):.1%}  (three seeds: {min(three):.1%} to {max(three):.1%})")
assert np.mean(digit_scores["the 64 pixels"]) > np.mean(digit_scores["pre-trained network"])

# %% [markdown]
# Plain pixels win, by seven points or more, and the trained network is only some six points better than a *random* one.
# All digits are in the same place, of the same size, white on black: each pixel means the same in every picture. And
# mind how you enlarge: in hard blocks (each pixel a square of 4 x 4) the trained network falls behind the random one. So
# draw the pixel line *first*. It costs a second, and tells you whether you need a network at all.

# %% [markdown] tags=["traps"]
# ## Traps
#
# **One word too many.** Batch normalisation subtracts a mean from each channel and divides by a deviation. It has two
# lives: in training it takes those of the *batch*, afterwards those that it remembered. A frozen network must be run with `training=False`. With `True`, what it says of a
# picture depends on the other pictures of its batch, and it changes while you look.


# %%
def in_batches(network, pictures, training):
    """Features of 1,000 pictures, sorted by kind, 125 at a time: as if read folder by folder."""
    batches = np.split(pictures[np.argsort(test_labels, kind="stable")], 8)
    return np.concatenate([network(batch, training=training).numpy() for batch in batches])


copy = keras.models.clone_model(cut)
copy.set_weights(cut.get_weights())
prepared = model.preprocess(test_images)
kinds = np.sort(test_labels)
trap = {
    "as it should be": in_batches(copy, prepared, training=False),
    "pixels not prepared, 0 to 255": in_batches(copy, test_images.astype(np.float32), training=False),
    "training=True": in_batches(copy, prepared, training=True),
    "afterwards, training=False again": in_batches(copy, prepared, training=False),
}
for name, rows in trap.items():
    print(f"{probe.accuracy(rows, kinds):6.1%}  {name}")
pairs = zip(copy.get_weights(), cut.get_weights(), strict=True)
print(
    "arrays of weights that are no longer what they were:", sum(not np.array_equal(*pair) for pair in pairs)
)
assert probe.accuracy(trap["training=True"], kinds) < 0.5 < probe.accuracy(trap["as it should be"], kinds)

# %% [markdown]
# A batch of nothing but keys has its keyness averaged away, and the probe is lost; no error, no warning. Worse, looking
# has *changed the frozen network*: what it remembers of means and deviations has moved. Here that cost the score little.
#  Forgotten preprocessing, in the second line, is as quiet as in lesson 00.
#
# **The test that is no test.** Suppose that we had split the scraps at random instead of left from right. Test scraps would
# then overlap training scraps. Here is the same probe on *other scraps of the left side*.

# %%
leaked = probes["ImageNet features"][0].accuracy(ways["ImageNet features"](parts[1][0]), parts[1][1])
honest = photo_scores["ImageNet features"][0]
print(f"tested on overlapping scraps: {leaked:.0%}; on the unseen side: {honest:.0%}")
assert leaked > honest

# %% [markdown]
# A beautiful score, for a network that recognises the very same pixels. It happens wherever several pictures come from
# one source: frames of a film, slices of a patient, photos of one afternoon. Split by source, never by picture.
#
# **The tuned test.** $C$, epochs, layer, backbone: choose them on training pictures (cross-validation), and look at the test
# once. Whoever tries twenty settings on the test set and reports the best reports luck. (This lesson used its 1,000
# again and again, but chose nothing by them.)

# %% [markdown] tags=["exercises"]
# ## Exercises
#
# **1.** The probe standardises features before it fits. Write that step, so that a test set of a *single* picture works too.
# (A feature that never varies would be divided by 0. scikit-learn divides it by 1; you need not care.)


# %%
def standardise(train, test):
    """Return both, (n, d) and (m, d), scaled so that each feature of the training rows has mean 0 and deviation 1."""
    return ...


exercise("14.1").check(standardise)

# %%
# exercise("14.1").hint()  # take away the first #; then .solution()

# %% [markdown]
# **2.** An even simpler head, with nothing to train: average the features of each kind, and give a new picture the kind
# whose average is *nearest*. (With one label a kind: which example is it most like?)


# %%
def nearest_mean(features, labels, queries):
    """Return the kind of each query, (m,) integers, from features (n, d) with labels (n,) and queries (m, d)."""
    return ...


exercise("14.2").check(nearest_mean)

# %%
# exercise("14.2").hint()

# %% [markdown]
# **3.** The honest split: whole sources go to the test side.


# %%
def split_by_source(source, share, rng):
    """Return a mask (n,), True for test rows.

    source: (n,) which photo each row comes from. A share (0 to 1) of the *photos*, rounded, chosen with
    rng (a NumPy generator), goes to the test, with all its rows.
    """
    return ...


exercise("14.3").check(split_by_source)

# %%
# exercise("14.3").hint()

# %% [markdown] tags=["quiz"]
# ## Quiz

# %%
quiz("14")

# %% [markdown] tags=["recap"]
# ## Recap
#
# - A backbone turns pixels into features, a head turns features into answers. Freeze the one, fit the other: a linear probe.
# - Frozen features never change: compute them once.
# - With five labels of each kind, pre-trained features beat the same network from scratch with fifty.
# - It is what the weights have *seen* that counts: random features were no better than pixels; in a distant domain the
#   toy world's were no better than scratch (scraps of photos), or worse than pixels (digits).
# - `training=False`; the preprocessing of the weights; split by source; tune on training pictures.
#
# | paper | line of code |
# |---|---|
# | [DeCAF](https://arxiv.org/abs/1310.1531), section 3: activations of a frozen network as features | `cut = keras.Model(model.model.input, model.model.get_layer("pool").output)` |
# | DeCAF, section 3: features drawn in two dimensions (with t-SNE; here PCA) | `x, y = directions[:2] @ rows.T` |
# | DeCAF, section 4: accuracy against labels of each kind | `linear_probe(x[: 8 * k], y[: 8 * k])` |
# | [Razavian et al.](https://arxiv.org/abs/1403.6382): one linear classifier on such features for many tasks (a support vector machine; here softmax) | `W -= rate * (x.T @ (p - y) / len(x) + W / (strength * len(x)))` |
# | [Kornblith et al.](https://arxiv.org/abs/1805.08974): fixed features against training from random weights | `from_scratch(...)` beside `linear_probe(...)` |
#
# **To read:** Kornblith et al., who ask whether better ImageNet
# models have better features (mostly, r = 0.99 for fixed features over 16 networks, and they show when not).
#
# **Next:** lesson 15 thaws the backbone: fine-tuning, when there are labels enough to dare it. The network itself is
# [lesson 04](../1_convnets/04_resnet.ipynb)'s.
