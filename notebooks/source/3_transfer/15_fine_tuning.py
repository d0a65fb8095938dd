# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Fine-tuning: how do you thaw a network without breaking it?
#
# Lesson 14 froze the backbone. Where the new pictures are far from the old ones, frozen features are poor, and the
# backbone has to move. You have fifty pictures; it has 3.4 million parameters. What could go wrong?
#
# > **You will be able to** fine-tune a whole network with a learning rate for each layer, write that loop by hand, see
# > overfitting and say which cure helps how much, keep batch norm from ruining it all, and stop and resume a training
# > without a trace.
# >
# > **Needs** [lesson 14](14_feature_extraction.ipynb). On two cores about a minute, 2 GB of memory, no download.

# %% [markdown] tags=["set-up"]
# ## Set-up

# %%
from course_lib.lessons import exercise, quiz, start

start()

import json
from itertools import islice

import keras
import numpy as np
import tensorflow as tf
from course_lib import finetune, viz
from course_lib.data_dir import data_dir
from course_lib.tasks.base import compiled
from course_lib.training.augment import Augmentation, shifted
from course_lib.training.features import cached_features
from course_lib.training.finetuning import accuracy
from course_lib.training.fit import batches
from course_lib.training.layerwise import copied
from course_lib.training.probe import linear_probe
from course_lib.training.thawing.bench import small_lite0
from course_lib.training.thawing.pictures import fifty, handwriting, scraps

# %% [markdown] tags=["see-it-work"]
# ## Fifty digits
#
# EfficientNet-Lite0 knows a thousand kinds of thing from ImageNet's photos; handwriting is not among them. We give it
# scikit-learn's digits, scanned at 8 x 8 pixels and enlarged to 64: five of each kind to learn from. The data lie in
# fourteen series, each by one hand, [as far as one can tell](https://inria.github.io/scikit-learn-mooc/python_scripts/cross_validation_grouping.html).
# We train on the first seven and test on the others. (Thirteen people wrote the fourteen, so that one of them may stand on
# both sides.)

# %%
small = small_lite0(64)  # its convolutions take any size; 64 px instead of 224 is ten times quicker
images, labels = handwriting(64)  # (1797, 64, 64, 3), 0 to 255
few = fifty(labels, draw=0)  # the indices of five of each kind
x, y = images[few], labels[few].astype(np.int32)
test = images[915::3], labels[915::3]  # 294 of the other series
order = few.reshape(10, 5).T.ravel()
alt = "All fifty training pictures: blurred white digits on black, five of each, in several handwritings."
viz.images(images[order], [str(digit) for digit in range(10)] + [""] * 40, columns=10, width=560, alt=alt)

# %%
frozen = linear_probe(cached_features(small, x), y)
test_features = cached_features(small, test[0])
pixels = [part[:, 4::8, 4::8, 0].reshape(-1, 64).astype(float) for part in (x, test[0])]
print(f"frozen features: {frozen.accuracy(test_features, test[1]):.1%}")
print(f"bare pixels:     {linear_probe(pixels[0], y).accuracy(pixels[1], test[1]):.1%}")

# %%
PEAK, DECAY = 5e-4, 1.6
augment = Augmentation(shift=8)  # each picture moves by up to 8 px
plan = {"epochs": 6, "learning_rate": PEAK, "decay": DECAY, "batch_size": 10, "augment": augment}
tuned = finetune(small, (x, y), **plan, copies=0, validation_split=0, verbose=False)
thawed_score = accuracy(tuned, test)
print(f"thawed:          {thawed_score:.1%}")
assert thawed_score > frozen.accuracy(test_features, test[1])

# %% [markdown]
# Frozen, the famous network is worse than the bare pixels; thirty steps of fine-tuning (six **epochs**, looks at all
# fifty) make up most of that. By the end of the lesson we shall know which settings of this kind help, and
# which hold a network back.

# %% [markdown] tags=["idea"]
# ## The idea: a rate for each depth
#
# To **fine-tune** is to go on training a pre-trained network on new pictures. Its first layers know edges and spots, which
# serve for anything; its last ones know dogs and teapots. So let the last ones change most: each third of the backbone,
# from the head down, gets a learning rate `decay` times smaller than what is above it. These are **discriminative learning
# rates**. **Unfreezing** is the same idea with only two rates, one of them 0.
#
# $$ w \leftarrow w - \underbrace{\eta\, d^{-k(w)}}_{\text{rate}} \cdot \text{Adam}(\nabla_w \text{loss}) $$
#
# $\eta$ is the head's rate, $d$ the decay, and $k$ counts the thirds down from the head: 0 for the head, 3 for the lowest third.
# Adam is the usual optimiser; we write it in a minute.

# %%
network = tuned.model
learning = [layer for layer in reversed(network.layers) if layer.trainable_variables]  # the head comes first
third = {layer.name: 1 + 3 * below // (len(learning) - 1) for below, layer in enumerate(learning[1:])}
third["head"] = 0
params = [sum(layer.count_params() for layer in learning if third[layer.name] == k) for k in range(4)]
shown = {
    f"{name}, {params[k]:,} parameters": PEAK * DECAY**-k
    for k, name in enumerate(["head", "upper third", "middle third", "lower third"])
}
viz.bars(shown, f"learning rate at its peak, with a decay of {DECAY}", form="{:.6f}")

# %% [markdown] tags=["build"]
# ## By hand: the loop
#
# Keras's optimisers have one rate for all weights, so we write Adam ourselves. It keeps two running means for each weight,
# of the gradient and of its square, and divides the one by the root of the other. Times `rate`, that is the step: about one
# `rate`, however large the gradient. (So smaller gradients would not slow a layer down: Adam divides their size out.)
# `training=False` in the middle is the most important word of this lesson; it gets a section of its own.


# %%
def adam(network, memory):
    """Compile one update of a network: Adam, with a rate for each of its trainable variables.

    memory: two lists of variables, the running means of the gradients and of their squares.
    """
    variables = network.trainable_variables
    loss_of = keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    @tf.function(autograph=False)
    def update(pictures, kinds, rates, t):
        with tf.GradientTape() as tape:
            loss = loss_of(kinds, network(pictures, training=False))
        gradients, _ = tf.clip_by_global_norm(tape.gradient(loss, variables), 1.0)  # at most of length 1
        for w, g, mean, square, rate in zip(variables, gradients, *memory, tf.unstack(rates), strict=True):
            mean.assign_add(0.1 * (g - mean))
            square.assign_add(0.001 * (tf.square(g) - square))
            rate *= tf.sqrt(1 - 0.999**t) / (1 - 0.9**t)  # makes up for both means having begun at 0
            w.assign_sub(rate * mean / (tf.sqrt(square) + 1e-7))
        return loss

    return update


# %% [markdown]
# Two more habits. The rate **warms up** over the first tenth of the steps, while Adam's means are young, then falls along a
# cosine, so that the last steps settle. And the head does not begin at random but as lesson 14's probe: a random
# head would send random gradients into the backbone.


# %%
def schedule(t, steps):
    """Return the head's rate at step t of so many."""
    rising = max(1, round(0.1 * steps))
    return PEAK * (t / rising if t < rising else 0.5 * (1 + np.cos(np.pi * (t - rising) / (steps - rising))))


hand = copied(small.model)  # the same architecture and weights, but shared with nobody
hand = keras.Model(hand.input, keras.layers.Dense(10, name="head")(hand.get_layer("pool").output))
variables = hand.trainable_variables
memory = [[tf.Variable(tf.zeros(w.shape)) for w in variables] for _ in range(2)]
update = adam(hand, memory)  # compiled once; every experiment below begins by `begin()`
first_weights = hand.get_weights()


# %%
def begin():
    """Take back what was learned, and put the probe on as head."""
    hand.set_weights(first_weights)
    hand.get_layer("head").set_weights([frozen.kernel, frozen.bias])
    for variable in memory[0] + memory[1]:
        variable.assign(tf.zeros(variable.shape))


def train(first, last, skip=0, steps=30):
    """Do the updates from `first` to before `last` of all steps, ten pictures each; skip so many batches of the order."""
    order = batches(50, 10, np.random.default_rng(0))  # all fifty in random order, then all again, for ever
    for t, chosen in zip(range(first, last), islice(order, skip, None), strict=False):
        batch = shifted(x[chosen], 8, np.random.default_rng([0, t]))  # up to 8 px in each direction
        rates = tf.constant(schedule(t, steps) * factors, tf.float32)
        update(small.preprocess.normalised(batch), y[chosen], rates, tf.constant(t + 1.0))


factors = np.array([DECAY ** -third[w.path.split("/")[0]] for w in variables])

# %% [markdown] tags=["proof"]
# ## Proof: it is what the library does
#
# Same head, same order, same shifts, same rates. A small step to compare: one look at all fifty, five updates.


# %%
def scores(run):
    """Return a compiled network's scores for the test pictures, (294, 10)."""
    return np.concatenate([run(small.preprocess.normalised(part)) for part in np.array_split(test[0], 6)])


five = finetune(small, (x, y), **plan | {"epochs": 1}, copies=0, validation_split=0, verbose=False)
begin()
train(0, 5, steps=5)
forward = compiled(hand)
ours, theirs = scores(forward), scores(compiled(five.model))
largest = np.abs(ours - theirs).max()
print(f"largest |difference| of the scores {largest:.1e}, which span {np.ptp(theirs):.0f}")
assert largest < 1e-3 * np.ptp(theirs)

# %% [markdown]
# The rest is rounding: the two add in another order. And now all thirty, as in the beginning. Each update builds on the last, so
# rounding grows; the two drift apart in some scores and still agree on nearly all digits.

# %%
begin()
train(0, 30)
whole, ours = hand.get_weights(), scores(forward)
same = np.mean(ours.argmax(axis=1) == scores(compiled(tuned.model)).argmax(axis=1))
print(
    f"by hand {np.mean(ours.argmax(axis=1) == test[1]):.1%} right; same answer as the library's: {same:.1%}"
)
assert same > 0.9

# %% [markdown] tags=["inside"]
# ## Look inside: what moved, and what was forgotten?
#
# How far did each stage go, compared with the length of its weights? And does the network still know its photos? We put the
# *old* head, a thousand kinds, back on the thawed backbone, and show it 140 scraps of photos: how many does it name
# as it did before?

# %%
moved = {}
for now, before in zip(hand.weights, first_weights, strict=True):
    if "kernel" in now.path and "head" not in now.path:
        stage = now.path.split("_")[0]
        moved.setdefault(stage, []).append(np.linalg.norm(now.numpy() - before) / np.linalg.norm(before))
moved = {stage: float(np.mean(lengths)) for stage, lengths in moved.items()}
viz.bars(moved, "length of the change, in per cent of the weights' own length", form="{:.2%}")

# %%
photos, _ = scraps(14, 0, 1, draw=2000)
old = small.model.get_layer("head").kernel.numpy()  # the bias is too small to change a name
thawed = compiled(keras.Function(hand.input, hand.get_layer("pool").output))
after = thawed(small.preprocess.normalised(photos)) @ old
before = cached_features(small, photos) @ old
kept = np.mean(after.argmax(axis=1) == before.argmax(axis=1))
print(f"No stage moved by more than {max(moved.values()):.1%}. Scraps that it names as before: {kept:.0%}")

# %% [markdown]
# A nudge of the weights, and about three quarters of the names are gone. This is **catastrophic forgetting**: nothing in
# the loss asked the network to remember. Keep the old file if you still need the old classes.

# %% [markdown] tags=["change"]
# ## Change it: how fast?
#
# From here on, many runs; at ten seconds each, more than a lesson has. So we draw what `python -m course_lib.training.thawing`
# measured beforehand: each setting with three draws of the fifty pictures, "all thawed" (3e-4) and "shifted" with five; from a
# *random* head and with one rate for all layers unless said otherwise; 60 steps, no augmentation. Bands and black lines reach
# from the lowest draw to the highest.

# %%
recorded = json.loads((data_dir() / "experiments" / "thawing.json").read_text())
digits, probes = recorded["digits"], recorded["digits"]["frozen, ImageNet"]


def of(way, what="test"):
    """Return what the runs of one way measured, a number for each draw."""
    return [run[what] for run in digits[way]]


names = ["1e-5", "3e-5", "1e-4", "3e-4", "1e-3", "3e-3"]
lines = {"training digits": "train", "test digits": "test", "photos named as before": "kept"}
rates = [float(name) for name in names]
series = {line: (rates, np.array([of(name, what)[:3] for name in names]).T) for line, what in lines.items()}
viz.curves(series, "learning rate at its peak", "share", logx=True, percent=True, ylim=(0, 1.02))

# %% [markdown]
# Three regimes. Too slow: sixty steps do not even fit the fifty. Too fast: the network breaks; at 3e-3 it no longer names
# its own training pictures. In between is a narrow band, and the higher the rate, the less is left of the
# photos. A broken network is worse than no pre-training, so try three rates, each about three times the last.
#
# The warm-up belongs to this. The same 1e-3 without it:

# %%
for name in ("1e-3", "1e-3, no warm-up"):
    print(f"{name:18} training {np.mean(of(name, 'train')):.0%}, test {np.mean(of(name)):.0%}")

# %% [markdown]
# ## Overfitting, seen
#
# **Bet first:** which single change will help most: slower depths, a thawed top only, a good first head, or shifted pictures?

# %%
losses = {}
for name, words in {"3e-4": "as they are", "shift": "shifted"}.items():
    for part, kind in {"train": "training", "test": "test"}.items():
        seen = [[epoch[part][0] for epoch in run["curve"]] for run in digits[name]]
        losses[f"{kind}, {words}"] = np.array(seen)
title = "The training loss falls to nothing; the test loss stays behind"
viz.curves(losses, "times that all fifty were seen", "loss", title=title)

# %% [markdown]
# With the pictures as they are, the training loss is next to nothing after eight looks. From then on there is little left
# to learn, and the test loss stays where it is; in most draws it ends higher than it once was. That gap is **overfitting**:
# the network knows these fifty, not digits. The cure treats the cause. **Augmentation** changes each picture at random in a
# way that leaves its label true, here a shift by up to one of the scanner's pixels: no look is like the last, there is
# something to learn to the end, and in each of the five draws the test loss ends lower.
#
# And the other precautions, one at a time:

# %%
bars = {
    "bare pixels, probe": [run["pixels"] for run in probes],
    "the same, with shifted copies": [run["pixels, shift"] for run in probes],
    "frozen features, probe": [run["probe"] for run in probes],
    "all thawed": of("3e-4"),
    "... rate decays with depth": of("decay"),
    "... only the upper third thawed": of("upper third"),
    "... head begins as a probe": of("probe"),
    "... pictures mirrored": of("mirror"),
    "... pictures shifted": of("shift"),
    "shifted, probe, decay": of("shift, probe, decay"),
}
viz.bars(bars, "share of 294 test digits named rightly", form="{:.0%}", highlight="... pictures shifted")

# %% [markdown]
# Shifts helped the loss more than the answers: the black lines overlap. Of the famous precautions, slower depths, a thawed
# top only, a probe for a head, *none* clearly helps, and two together cost ten points, even with shifts. They protect what
# the network knows about photos, and here that is what has to change. (We began with both, if gently: they may have held us
# back.) And be humble: bare pixels with shifted copies, a second's work, equal it all. Draw the pixel line first.
#
# **Early stopping** keeps the epoch with the lowest loss on pictures that nobody trained on. Labels are scarce, so suppose that
# we spend ten on it, one of each kind. How many of 147 test digits are then named rightly?

# %%
for name in ("3e-4", "shift"):
    for draw, run in enumerate(digits[name]):
        ten = [epoch["ten"][0] for epoch in run["curve"]]
        right = [epoch["test"][1] for epoch in run["curve"]]
        best = int(np.argmin(ten))
        print(f"{name:6} draw {draw}: stop at {best + 1:2}: {right[best]:.1%}; after all 12: {right[-1]:.1%}")

# %% [markdown]
# Ten pictures are a coarse ruler. Sometimes they choose a better moment than the end, sometimes one far too early, at a
# price of eight or ten points. Since the rate falls to nothing anyway, the last epoch is a fair choice here; early
# stopping matters where the rate stays up. `finetune` holds out a fifth of the pictures and has a `patience`: mind how many that fifth is.
#
# ## Near and far
#
# How much of this is due to the distance between photos and handwriting? The same with a near target: fifty grey
# scraps of ten photos, *which photo is it from?*, trained on their left sides and tested on their right. And with other
# sources: our nano ResNet, which learned drawings, and Lite0 with random weights. (Both with a peak of 1e-3; the latter for
# 150 steps, with batch norm in training, having no statistics to keep.)

# %%
near = recorded["photos"]
sources = {"ImageNet": "3e-4", "drawings": "drawings", "nothing": "nothing"}
rows, table = [], []
for source, way in sources.items():
    for name, what in ((f"frozen, {source}", "probe"), (way, "test")):
        rows.append(f"{source}, {'frozen' if what == 'probe' else 'thawed'}")
        table.append([np.mean([run[what] for run in target[name]]) for target in (near, digits)])
viz.table(table, rows, ["scraps of photos", "digits"], form="{:.0%}")

# %% [markdown]
# This is **adaptability**, measured. On scraps, ImageNet's features are good as they are, and thawing everything at once
# gains nothing. On digits they are worse than *random* ones, and thawing gains over fifteen points: what the network knows
# is of use there, but only once it may move. From random weights, with more than twice the steps, Lite0 comes last of the
# thawed. The toy world, weak on photos, is as good a source for digits as ImageNet, with a twentieth of the parameters:
# perhaps since shapes on a ground are nearer to handwriting than photos are.
#
# Near, the two precautions together are worth a few points; far, they cost many. (In brackets, the lowest and highest draw.)

# %%
for target, runs in (("scraps, near", near), ("digits, far", digits)):
    for name, words in {"3e-4": "all at once", "probe": "probe first", "probe, decay": "and decay"}.items():
        seen = [run["test"] for run in runs[name]]
        print(f"{target:13} {words:11} {np.mean(seen):.1%}  ({min(seen):.1%} to {max(seen):.1%})")

# %% [markdown] tags=["traps"]
# ## Traps
#
# **Batch norm.** Lesson 14 met it in a frozen network. Batch norm can use the mean and deviation of the *batch*, and then also
# moves the **moving statistics** that it remembers, or use those that it remembers. Who decides, in Keras? One batch
# through each of four copies:

# %%
copy = copied(small.model)
were = [w.numpy() for w in copy.weights if "moving" in w.path]
batch = small.preprocess.normalised(x[:10])
for trainable in (True, False):
    for training in (True, False):
        copy.set_weights(small.model.get_weights())
        copy.trainable = trainable
        copy(batch, training=training)
        now = [w.numpy() for w in copy.weights if "moving" in w.path]
        changed = sum(not np.array_equal(*pair) for pair in zip(now, were, strict=True))
        print(f"trainable={trainable!s:5} training={training!s:5}: {changed:2} of {len(now)} moved")

# %% [markdown]
# So `trainable=False` protects them too (in Keras; in PyTorch it does not), but the moment that you thaw, `fit` moves
# them all, ten pictures at a time. They need no gradient, and no learning rate is small enough for them. Watch what
# merely *looking* at the fifty does, without a single update:

# %%
copy.trainable = True
copy.set_weights(small.model.get_weights())
look = tf.function(lambda pictures: copy(pictures, training=True), autograph=False)
eyes = compiled(keras.Function(copy.input, copy.get_layer("pool").output))
order = batches(50, 10, np.random.default_rng(0))
for looks in (0, 10, 50):
    for chosen in islice(order, looks):
        look(small.preprocess.normalised(x[chosen]))
    print(f"{looks:2} more batches seen: the same probe gets {frozen.accuracy(scores(eyes), test[1]):.1%}")

# %%
modes = {
    "training=False, 3e-4": of("3e-4"),
    "training=True, 3e-4": of("training=True"),
    "training=False, 1e-3": of("1e-3"),
    "training=True, 1e-3": of("training=True, 1e-3"),
}
viz.bars(modes, "share of the test digits named rightly, after 60 steps", form="{:.0%}")

# %% [markdown]
# The same steps with one word changed, and at 3e-4 most is lost; such a network does not even name most of its own training
# pictures, at either rate. The
# statistics of ten white-on-black digits are noisy, and ImageNet's ebb away by a hundredth with each batch: in use the
# network gets a half-forgotten mixture that its weights were never trained with. `finetune` runs the backbone with
# `training=False`, and asserts that no statistic moved.
#
# **Killed.** A long training will be interrupted: by a power cut, by whoever needs the machine. What must be on the disk? We stop
# ours at step 18 of 30, and go on in three ways; `whole` is the uninterrupted run that you saw above.

# %%
begin()
train(0, 18)
saved = [w.numpy() for w in hand.weights + memory[0] + memory[1]]  # the power fails


def resume(adam_too, skip):
    """Go on from what was saved, and say how far the end is from that of the whole run."""
    begin()
    kept = len(saved) if adam_too else len(hand.weights)
    for variable, value in zip((hand.weights + memory[0] + memory[1])[:kept], saved, strict=False):
        variable.assign(value)
    train(18, 30, skip)
    apart = max(np.abs(w.numpy() - end).max() for w, end in zip(hand.weights, whole, strict=True))
    answers = scores(forward).argmax(axis=1)
    return f"largest |difference| of a weight {apart:.1e}; other answers: {np.mean(answers != ours.argmax(axis=1)):.1%}"


# %%
print("weights, Adam, order:", resume(adam_too=True, skip=18))
print("Adam forgotten:      ", resume(adam_too=False, skip=18))
print("order begun anew:    ", resume(adam_too=True, skip=0))

# %% [markdown]
# Weights alone are not a training. Adam's means and the place in the order belong to it, and the number of the step, since rate and
# shift depend on it. The library sees to that if you give it a folder for the result:
#
# ```python
# model = finetune(course_lib.load("efficientnet_lite0"), "my_pictures", out="my_model", epochs=5)
# ```
#
# In a terminal that is `course finetune my_pictures --out my_model --epochs 5`. While it trains, it keeps all of this in
# `my_model/checkpoint.npz`, written whole or not at all. **After a kill, run the same line again**: it goes on from there, and
# ends in the same weights. (With other pictures or settings it begins anew, and says so.) A test of the course kills it with
# SIGKILL at a random step, and compares.
#
# **The augmentation that lies.** A mirrored cat is a cat; a mirrored 2 is no digit at all. In the
# bars above, mirrored digits were no better than untouched ones; it was shifts that lowered the loss. An augmentation has to
# leave the label true, for a person's eye, in *your* problem.

# %% [markdown] tags=["exercises"]
# ## Exercises
#
# **1.** Lite0 in thirds is our choice; the paper that brought these rates gives each *layer* its own.


# %%
def layer_rates(peak, decay, layers):
    """Return the rates of so many layers, from the stem to the head: the head's is the peak."""
    return ...


exercise("15.1").check(layer_rates)

# %%
# exercise("15.1").hint()  # take away the first #; then .solution()

# %% [markdown]
# **2.** Early stopping, as `finetune(..., patience=3)` does it.


# %%
def stopped(losses, patience):
    """Return the epoch to keep, and how many are run; both count from 1.

    losses: held-out losses, epoch by epoch. Stop after `patience` epochs in a row without a new lowest loss.
    """
    return ...


exercise("15.2").check(stopped)

# %%
# exercise("15.2").hint()

# %% [markdown]
# **3.** What batch norm remembers, batch after batch.


# %%
def remembered(mean, batch_means, momentum):
    """Return the moving mean after these batches: of the old value, Keras keeps the part `momentum` at each."""
    return ...


exercise("15.3").check(remembered)

# %%
# exercise("15.3").hint()

# %% [markdown] tags=["quiz"]
# ## Quiz

# %%
quiz("15")

# %% [markdown] tags=["recap"]
# ## Recap
#
# - Fine-tuning is training on: gently, or it breaks. Rate first, with a warm-up; then varied pictures.
# - `training=False`, or batch norm forgets without being asked.
# - Fifty pictures are soon known by heart; shifted ones leave something to learn, and end with a lower test loss.
# - Precautions protect what is known. Near the source that helped a little; far from it, it hindered.
# - A training is weights, Adam's means, step and order. Save all four, as `out=` does; then the same line goes on after a kill.
#
# | paper | line of code |
# |---|---|
# | [ULMFiT](https://arxiv.org/abs/1801.06146), section 3.2: discriminative rates, a factor of 2.6 (a layer there, a third here) | `DECAY ** -third[...]` |
# | [Adam](https://arxiv.org/abs/1412.6980), algorithm 1 | `w.assign_sub(rate * mean / (tf.sqrt(square) + 1e-7))` |
# | [Batch normalisation](https://arxiv.org/abs/1502.03167), algorithm 2: in use, the remembered statistics | `network(pictures, training=False)` |
# | [Kumar et al.](https://arxiv.org/abs/2202.10054): probe first, then fine-tune | `hand.get_layer("head").set_weights([frozen.kernel, frozen.bias])` |
#
# **To read:** [Yosinski et al.](https://arxiv.org/abs/1411.1792), who cut networks at every depth to see which layers are general.
#
# **Next:** lesson 16 takes models from TF Hub, and fine-tunes them too.
