# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # NASNet: can a search design a better network than people, and does it beat random search?
#
# Until 2017 people designed the blocks of a network by hand: Inception's towers, ResNet's shortcut. Then a search ran on 500 GPUs
# for four days, and its network was as accurate as the best hand-made one, for little more than half the work. Was the search so
# clever, or the search *space*, which people had designed? You will run such searches, and compare them with random search.
#
# > **You will be able to** build a cell from its table, run an architecture search by policy gradient and by evolution, compare
# > it fairly with random search, and say how much of a result is luck.
# >
# > **Needs** lessons [04](04_resnet.ipynb) and [06](06_xception.ipynb) (shortcuts, separable convolutions). On two cores about a
# > minute, 2 GB of memory, no download.

# %% [markdown] tags=["set-up"]
# ## Set-up

# %%
from course_lib.lessons import exercise, quiz, start

start()

from dataclasses import replace
from functools import partial
from itertools import product
from math import prod
from random import Random
from time import process_time

import keras
import numpy as np
from course_lib import card, load, viz
from course_lib.lessons.bank.l08_nasnet import as_ported
from course_lib.media.samples import sample
from course_lib.media.world import make_image, make_images
from course_lib.training.cell_search.proxy import train
from course_lib.training.cell_search.space import choices, same, to_blocks, to_cell
from course_lib.training.cell_search.table import table
from course_lib.weights.convert import load_into
from course_lib.weights.sources.applications import arrays_of
from course_lib.zoo import nasnet
from keras import layers
from matplotlib import pyplot as plt
from scipy.stats import spearmanr

# %% [markdown] tags=["see-it-work"]
# ## See it work
#
# Ask for NASNet-A mobile. Without a download `nasnet_nano` stands in: the same two cells, trained on this course's drawings
# of 20 kinds of object. After `course fetch nasnet_mobile` the same cell runs the official network, on a photo.

# %%
model = load("nasnet_mobile")
official_here = model.provenance.grade == "official"
picture = sample("cat") if official_here else make_image("heart", seed=9002)
viz.predictions(picture, model.classify(picture))

# %% [markdown]
# The whole network is a stem, then copies of two **cells**: a *normal* cell, which keeps height and width, and a *reduction* cell,
# which halves them. These are the cells that the search found:

# %%
cells = {"normal cell": nasnet.NORMAL_A, "reduction cell": nasnet.REDUCTION_A}
viz.cells({title: (cell.blocks, cell.outputs) for title, cell in cells.items()})

# %% [markdown] tags=["idea"]
# ## The idea: search for the cell, not for the network
#
# Read the picture from the left. A cell gets two **states**: `h`, the output of the cell before it, and `p`, the output of the
# cell before that. Each **block** takes two states, applies an **operation** to each, and adds the results; the sum is a new
# state. At the end all sums that no block has used are concatenated. (`sep5` is a separable convolution of 5x5, done twice;
# `avg3` and `max3` are the average and the maximum over 3x3.)
#
# So a cell is a *table*: five rows of (state, operation, state, operation). A **controller** proposes a table, and a small network
# of such cells is trained for a short time. Its accuracy on held-out pictures, the **reward**, tells the controller what to
# propose more often. In the end the best cell is stacked wider and deeper, for large pictures.
#
# The paper's search chose among 13 operations, and between adding and concatenating. How many tables is that?

# %%
tables = 1
for number in range(5):  # the first block may take 2 states, the next 3, ...
    tables *= 2 * ((2 + number) * 13) ** 2
print(f"{tables:.0e} tables, {tables**2:.0e} pairs of a normal and a reduction cell")
print(f"the search: 500 GPUs x 4 days = {500 * 4:,} GPU-days = {500 * 4 * 24:,} GPU-hours")

# %% [markdown]
# (500 and 4 are from the paper's section 4, which calls the product "2,000 GPU-hours"; they are GPU-days.) You have less than a
# minute.

# %% [markdown] tags=["build"]
# ## Build the normal cell from its table
#
# First the operations. States must have the same width (number of channels) to be added; a 1x1 convolution brings `h` and `p`
# to it. ReLU comes *before* each convolution.

# %%
WIDTH = 8


def conv_norm(layer, x):
    """ReLU, a convolution, batch norm."""
    return layers.BatchNormalization(epsilon=1e-3)(layer(layers.ReLU()(x)))


def squeeze(x):
    """Bring a state to the cell's width."""
    return conv_norm(layers.Conv2D(WIDTH, 1, use_bias=False), x)


def apply(operation, x):
    """Apply an operation of the table, such as "sep5"."""
    if operation == "identity":
        return x
    if operation == "avg3":
        return layers.AveragePooling2D(3, strides=1, padding="same")(x)
    for _ in range(2):  # a separable convolution comes twice
        x = conv_norm(layers.SeparableConv2D(WIDTH, int(operation[3]), padding="same", use_bias=False), x)
    return x


# %% [markdown]
# Now the cell: read the table row by row.

# %% tags=["nbval-check-output"]
h, p = keras.Input((16, 16, 24)), keras.Input((16, 16, 12))
states = {"h": squeeze(h), "p": squeeze(p)}
for number, (left, first, right, second) in enumerate(nasnet.NORMAL_A.blocks, start=1):
    states[f"b{number}"] = layers.Add()([apply(first, states[left]), apply(second, states[right])])
    print(f"b{number} = {first}({left}) + {second}({right})".ljust(28), states[f"b{number}"].shape)
out = layers.Concatenate()([states[name] for name in nasnet.NORMAL_A.outputs])
print("out =", ", ".join(nasnet.NORMAL_A.outputs).ljust(22), out.shape)

# %% [markdown]
# `p` is put out although blocks have used it: an exception in the released network.

# %% [markdown] tags=["proof"]
# ## Proof
#
# The zoo's `build_cell` reads the same table. Same weights, same inputs:

# %%
config = nasnet.NASNetConfig(cells=1, filters=WIDTH, stem_width=8)
by_hand = keras.Model([h, p], out)
zoo_cell = keras.Model([h, p], nasnet.build_cell(h, p, nasnet.NORMAL_A, WIDTH, config, "cell"))
rng = np.random.default_rng(0)
for weight in zoo_cell.weights:
    weight.assign(rng.uniform(0.5, 1.5, weight.shape))  # batch norm's too, else it does next to nothing
by_hand.set_weights(zoo_cell.get_weights())
inputs = [rng.normal(size=(2, 16, 16, channels)).astype("float32") for channels in (24, 12)]
ours, theirs = by_hand.predict_on_batch(inputs), zoo_cell.predict_on_batch(inputs)
difference = np.abs(ours - theirs).max() / np.abs(theirs).max()
print(f"our cell against the zoo's: largest |difference| {difference:.1e} of the largest output")
assert difference <= 1e-5

# %% [markdown]
# The whole mobile network against the one in `keras.applications`, with random weights carried over by name, at 64 px:

# %%
config = replace(nasnet.CONFIGS["nasnet_mobile"], size=64)
mobile = nasnet.build(config)
official = keras.applications.NASNetMobile((64, 64, 3), weights=None, classifier_activation=None)
for weight in [weight for weight in official.weights if not weight.path.endswith("kernel")]:
    weight.assign(rng.uniform(0.8, 1.2, weight.shape))
load_into(mobile, arrays_of(official), "nasnet", "applications", config)

pictures = rng.uniform(-1, 1, (2, 64, 64, 3)).astype("float32")
ours, theirs = (network(pictures, training=False).numpy() for network in (mobile, official))
difference = np.abs(ours - theirs).max()
print(f"logits up to {np.abs(theirs).max():.1f}, largest |difference| {difference:.1e}")
assert difference <= 1e-4 * max(1, np.abs(theirs).max())
assert mobile.count_params() == card("nasnet_mobile").params

# %% [markdown]
# Was the search worth it? The numbers below come from the **cards**, the course's fact sheets: parameters counted here,
# multiply-adds from the papers, **top-1** (the share of ImageNet's validation photos for which the first guess is right) from the
# Keras documentation, for the weights that `course fetch` brings.

# %%
print("network             parameters  10^9 multiply-adds  top-1 %  year")
for name in ("mobilenet_v1", "nasnet_mobile", "mobilenet_v2", "mobilenet_v3_large", "nasnet_large"):
    facts = card(name)
    work, top1 = facts.facts[0].value, facts.weights[0].facts[0].value
    print(f"{name:18} {facts.params:11,}  {work:18}  {top1:7}  {facts.year}")

# %% [markdown]
# With the work of MobileNet v1, NASNet mobile is four points better. The large one, the same cells stacked deeper and wider,
# equalled SENet, the best hand-made network of its day (82.7 % each in the paper's table 2, 23.8 billion multiply-adds against
# 42.3). It did not last: MobileNet v3, found by a search and improved by hand, beats NASNet mobile with less than half of its work.
#
# Only cell A was released; the weights of B and C (72.8 and 72.5 % at mobile size, A 74.0: table 3) never were.

# %% [markdown] tags=["inside"]
# ## Look inside: which block does the work?
#
# The normal cell's output is six states side by side. In `nasnet_nano` the last cell's six states, averaged over the picture, go
# straight to the head. So we can leave out a state by setting its rows of the head's weights to zero. Three sets of 400 new
# drawings:

# %%
nano = load("nasnet_nano")
held_out = [make_images(400, seed=seed) for seed in (9001, 9002, 9003)]
features = [(nano.features(images), labels) for images, labels in held_out]  # (400, 384), (400,)
kernel, bias = nano.model.get_layer("head").get_weights()  # (384, 20), (20,)


def accuracies(kernel):
    """Return the accuracy on each set."""
    return [np.mean((x @ kernel + bias).argmax(axis=1) == labels) for x, labels in features]


shares = {"nothing left out": accuracies(kernel)}
for number, state in enumerate(nasnet.NORMAL_A.outputs):
    mask = np.arange(384) // 64 != number  # 64 channels a state
    shares[f"without {state}"] = accuracies(kernel * mask[:, None])
viz.bars(shares, "accuracy (chance: 0.05)", form="{:.2f}")

# %% [markdown]
# This head relies on two of the six states, `b1` and `b5`, and a little on `b2`. Without `p`, `b3` or `b4` next to nothing is
# lost: these three contain no convolution. (In the official network more cells follow, which may use them.)

# %% [markdown] tags=["change"]
# ## Your own search
#
# **The space.** Two blocks instead of five, three operations: `identity`, `conv3` (an ordinary 3x3 convolution) and `max3`. Eight
# decisions make a cell. Many tables mean the same cell, since a sum has no order.
#
# **The task.** A small network of two cells, 8 and 16 channels wide, learns scikit-learn's handwritten digits, 8x8 pixels, in 60
# steps. It is a **proxy**, a quick stand-in for the long training that one cares about. The reward is the accuracy on 500 other
# digits, the **validation** set. The last 497, the **test** set, no search ever sees. Try it with a cell that people designed, two
# residual blocks of lesson 04:

# %%
options = choices()  # eight lists: what each decision may be
every_cell = {same(to_blocks(decisions)) for decisions in product(*options)}
print(f"{prod(len(option) for option in options):,} tables, {len(every_cell)} different cells")

human = (("h", "conv3", "h", "identity"), ("b1", "conv3", "b1", "identity"))
scores = train(human, seeds=(0, 1, 2))
print("validation accuracy, three seeds:", *(f"{score.validation / 500:.3f}" for score in scores))

# %% [markdown]
# One cell, three results, four points apart: a single training says little.
#
# ### Three ways to search
#
# `ask(decisions)` trains a cell and returns its validation accuracy. **Random search** draws every decision at random.
# **Evolution** keeps the last twenty cells. It draws five of them and copies the best one, with one decision drawn anew; the new
# cell joins, the oldest leaves ([Real and others, 2018](https://arxiv.org/abs/1802.01548)).


# %%
def random_search(ask, rng, budget):
    """Ask for random cells."""
    for _ in range(budget):
        ask([rng.choice(option) for option in options])


def evolution(ask, rng, budget):
    """Ask for changed copies of good cells; the oldest leave."""
    alive = []
    for number in range(budget):
        child = [rng.choice(option) for option in options]
        if number >= 20:
            _, parent = max(rng.sample(alive, 5))
            place = rng.randrange(8)
            child = [*parent[:place], child[place], *parent[place + 1 :]]
        alive = [*alive, (ask(child), child)][-20:]


# %% [markdown]
# The paper's controller is a recurrent network (one that decides step by step), trained by **policy gradient**. In its simplest
# form, each decision has a row of scores $s$, which softmax turns into probabilities $p$. After each training, the chosen options
# become likelier if the reward $R$ was above the **baseline** $b$, a running average of the rewards, else less likely:
#
# $$ s \leftarrow s + \eta\,(R - b)\,(\text{chosen} - p) $$
#
# *Chosen* is 1 for the chosen option, else 0; $\eta$ is the learning rate. This is **REINFORCE**: the last bracket is the gradient
# of $\log p(\text{chosen})$.


# %%
def reinforce(ask, rng, budget, rate=5.0):
    """Ask for cells by probabilities that follow the rewards; return the last probabilities."""
    scores = [np.zeros(len(option)) for option in options]
    baseline = None
    for _ in range(budget):
        probabilities = [row / row.sum() for row in map(np.exp, scores)]
        picks = [rng.choices(range(len(p)), p)[0] for p in probabilities]
        reward = ask([option[pick] for option, pick in zip(options, picks, strict=True)])
        baseline = reward if baseline is None else 0.9 * baseline + 0.1 * reward
        for row, p, pick in zip(scores, probabilities, picks, strict=True):
            row += rate * (reward - baseline) * (np.eye(len(p))[pick] - p)
    return probabilities


# %% [markdown]
# Now run it: 12 cells are trained, one after the other.

# %%
rng, trained = Random(0), []


def train_it(decisions):
    """Train a cell with one of three seeds; note and return its validation accuracy."""
    cell, seed = same(to_blocks(decisions)), rng.randrange(3)
    (score,) = train(cell, seeds=(seed,))
    trained.append((score.validation / 500, cell, seed))
    return score.validation / 500


begun = process_time()
probabilities = reinforce(train_it, rng, budget=12)
print(f"{len(trained)} cells trained in {process_time() - begun:.0f} processor seconds")
found = max(trained)[1]

# %%
print("operation", *(f"{name:>9}" for name in options[1]))
for place, p in enumerate(probabilities[1::2], start=1):  # every second decision is an operation
    print(f"number {place} ", *(f"{x:9.2f}" for x in p))
viz.curves(
    {"reward": (np.arange(1, 13), [reward for reward, _, _ in trained])},
    "cell, in the order of training", "validation accuracy", size=(6.6, 2.8),
)  # fmt: skip

# %% [markdown]
# The rewards climb, and the controller now prefers convolutions: all four probabilities of `conv3` began at a third. Would random
# search have found as good a cell? One run proves nothing, and hundreds would take hours. So this course has trained *every* cell
# of the space in advance, three seeds each ([table.py](../../course_lib/training/cell_search/table.py)), as
# [NAS-Bench-101](https://arxiv.org/abs/1902.09635) did for 423,000 cells. A search that asks the table takes milliseconds. First:
# does the table agree with your trainings, and where does our cell stand?

# %%
rows = table()
again = [abs(rows[cell].validation[seed] / 500 - reward) for reward, cell, seed in trained]
print(f"your trainings and the table's differ by {np.mean(again):.3f} on average")

test_accuracy = {cell: np.mean(row.test) / 497 for cell, row in rows.items()}  # mean of three seeds
ranked = sorted(test_accuracy, key=test_accuracy.get, reverse=True)
ours = {"best of all": ranked[0], "found": found, "human": same(human)}
for name, cell in ours.items():
    print(
        f"{name:11} rank {ranked.index(cell) + 1:3} of {len(ranked)}, test accuracy {test_accuracy[cell]:.3f}"
    )
viz.cells({name: (ours[name], to_cell(ours[name]).outputs) for name in ("best of all", "found")})


# %%
def convolutions(cell):
    """Count a cell's 3x3 convolutions."""
    return sum(block.count("conv3") for block in cell)


with viz.style():
    fig, axes = plt.subplots(figsize=(6.6, 3.4))
    jitter = np.random.default_rng(0).uniform(-0.25, 0.25, len(ranked))  # spreads the dots sideways
    places = jitter + [convolutions(cell) for cell in ranked]
    axes.scatter(places, [test_accuracy[cell] for cell in ranked], s=6, color="#9fb6cd")
    for name in ("found", "human"):
        place = (convolutions(ours[name]), test_accuracy[ours[name]])
        axes.scatter(*place, s=40, color="#d97330", zorder=3)
        axes.annotate(name, place, (24, -3), textcoords="offset points")
    axes.set(xlabel="3x3 convolutions in the cell", xticks=range(5), title="Test accuracy of all 735 cells")
viz.show(
    fig,
    alt="A dot for each cell: test accuracy over the number of its convolutions, 0 to 4. The groups climb from about 0.5 to "
    "about 0.93, by ever smaller steps, and each is narrower than the one before. The human cell is low in the group of two.",
)

# %% [markdown]
# So the controller learned to *take convolutions*. Within a group the connections decide, and they matter less and less. (The human cell's shortcuts were made for deep networks; this one has two cells.) The reward knew accuracy only, so it favours the cells that cost most.
#
# ### Which search wins?
#
# Each run may train 150 cells. Its **best cell** is the one with the highest validation accuracy so far; we judge it by its *test*
# accuracy. Two more join: REINFORCE with a larger $\eta$, and random search in a *smaller space*, in which somebody
# has decided that all operations are convolutions. Two hundred runs of each:


# %%
def convolutions_only(ask, rng, budget):
    """Ask for random connections; all operations are convolutions."""
    for _ in range(budget):
        ask([rng.choice(option) if "h" in option else "conv3" for option in options])


def run(search, seed, budget=150):
    """Search the table; return, after each training, the best cell's validation and test accuracy: (budget, 2)."""
    rng, best, path = Random(seed), (0, 0), []

    def ask(decisions):
        nonlocal best
        cell = same(to_blocks(decisions))
        reward = rng.choice(rows[cell].validation) / 500  # one of the three seeds
        if reward > best[0]:
            best = (reward, test_accuracy[cell])
        path.append(best)
        return reward

    search(ask, rng, budget)
    return np.array(path)


# %%
searches = {"random": random_search, "evolution": evolution, "REINFORCE": reinforce}
searches |= {"REINFORCE, rate 20": partial(reinforce, rate=20), "random, conv3 only": convolutions_only}
paths = {name: np.array([run(search, seed) for seed in range(200)]) for name, search in searches.items()}
budgets = (10, 30, 150)
print("mean test accuracy after", *(f"{budget:4} trainings" for budget in budgets))
for name, path in paths.items():
    print(f"{name:24}", *(f"{path[:, budget - 1, 1].mean():14.3f}" for budget in budgets))
print("better than a random run, after 150 (ties count half):")
for name, path in paths.items():
    signs = np.sign(path[:, -1, 1][:, None] - paths["random"][:, -1, 1])  # every run against every random run
    print(f"{name:24} {(1 + signs.mean()) / 2:14.0%}")

# %%
with viz.style():
    fig, panels = plt.subplots(1, 2, figsize=(7.4, 3.4), sharex=True, sharey=True, layout="constrained")
    jitter = np.random.default_rng(0).uniform(-0.3, 0.3, 200)
    for axes, budget in zip(panels, (30, 150), strict=True):
        for row, path in enumerate(paths.values()):
            accuracy = path[:, budget - 1, 1]
            axes.scatter(accuracy, row + jitter, s=5, color="#9fb6cd")
            axes.plot([accuracy.mean()] * 2, [row - 0.35, row + 0.35], color="#d97330")
        axes.set(title=f"After {budget} trainings", xlabel="test accuracy of the best cell", xlim=(0.8, 0.96))
    axes.set(yticks=range(5), yticklabels=paths, xticks=(0.8, 0.85, 0.9, 0.95))
    axes.invert_yaxis()
viz.show(
    fig,
    alt="Two charts, after 30 and after 150 trainings. Each search has a row of 200 dots, the test accuracies of its best cells, "
    "and a line at their mean. The rows of evolution and REINFORCE overlap with that of random search, their means lie to the right "
    "of its mean; at rate 20 REINFORCE spreads further than random search. Random search with conv3 only has its mean "
    "furthest to the right, and its dots close together.",
    caption="Each dot: the best cell of one run. Line: mean of 200 runs. At rate 20 a few dots lie left of the picture.",
)

# %% [markdown]
# - **With the same number of trainings both searches beat random search**, in the end by about a point on average. REINFORCE leads
#   early; evolution later, since its first twenty cells *are* random. The paper's controller, too, won by over one point
#   (section 4.4).
# - **But look at the dots.** Many random runs beat many clever ones. One run against one run can prove anything.
# - **The searcher is tuned as well.** At rate 20 the lead is gone: the dots far to the left are controllers that settled early on
#   a poor cell. We took 5 because it did well on this table; a real search has none.
# - **The space decides.** In the smaller space, ten random cells are as good as 150 trainings of the others. Somebody had put into
#   it what the controllers had to find out.
#
# The authors knew: random search is "a difficult baseline to beat" (section 3). Two years later
# [Li and Talwalkar](https://arxiv.org/abs/1902.07638) found it, with bad candidates stopped early, at least as good as ENAS, a
# leading method.

# %% [markdown] tags=["traps"]
# ## Traps and limits
#
# **The winner's curse.** The best cell's validation accuracy is the highest of many, and a high number is high by merit *and* by
# luck. How large is luck?

# %%
good = np.array([row.test for row in rows.values() if np.mean(row.test) > 0.9 * 497]) / 497
print(f"{len(good)} cells above 0.9, standard deviation:")
print(
    f"between seeds of a cell {good.std(axis=1, ddof=1).mean():.3f}, between cells {good.mean(axis=1).std():.3f}"
)

# %% [markdown]
# Among good cells the seed changes more than the cell does, so the exact ranks above mean little, and a search collects lucky
# seeds. On other digits the luck is gone. Random search again; after one training nothing has been chosen yet:

# %%
validation, test = paths["random"].mean(axis=0).T
numbers = np.array([1, 2, 5, 10, 20, 50, 100, 150])
viz.curves(
    {"validation, used to choose": (numbers, validation[numbers - 1]), "test": (numbers, test[numbers - 1])},
    "cells trained", "accuracy of the best cell", title="The more cells to choose from, the larger the gap", logx=True,
)  # fmt: skip

# %% [markdown]
# **The proxy.** What is best after 60 steps need not be best in the end. For every twentieth cell, by rank, the table has the test
# accuracy of a network twice as wide, trained five times as long. (A *rank correlation* of 1: the same order; 0: no common order.)

# %%
known = [row for row in rows.values() if row.longer]
short = np.array([np.mean(row.validation) / 500 for row in known])
longer = np.array([np.mean(row.longer) / 497 for row in known])
for name, chosen in {"all": short > 0, "the better half": short > np.median(short)}.items():
    x, y = short[chosen], longer[chosen]
    print(f"{name:15} short {x.min():.3f} to {x.max():.3f}, long {y.min():.3f} to {y.max():.3f}, "
          f"rank correlation {spearmanr(x, y).statistic:.2f}")  # fmt: skip

with viz.style():
    fig, axes = plt.subplots(figsize=(5.4, 3.2))
    axes.scatter(short, longer, s=18, color="#005caf")
    axes.set(xlabel="validation accuracy, short training", title="Test accuracy, long training")
viz.show(
    fig,
    alt="A dot for each of 37 cells. Short training: accuracies from 0.37 to 0.95. Long: from 0.91 to 0.99. The dots rise, "
    "steeply at first; from 0.8 on they form a flat cloud.",
)

# %% [markdown]
# The proxy sorts out the bad cells. In the better half its order is less sure, and matters less: eleven points after the short
# training shrink to three after the long one.
#
# **Fine-tuning.** The official batch norms have a momentum of 0.9997: their averages follow new pictures very slowly.
#
# **Licence.** The official weights come with keras.applications, Apache 2.0; ImageNet's photos have terms of their own.

# %% [markdown] tags=["exercises"]
# ## Exercises
#
# **1.** The search does not choose what a cell puts out: all sums that no block takes are concatenated. Which are they? `blocks` is
# a table as in `human` above.


# %%
def outputs(blocks):
    """Return the names of the sums ("b1" is the first block's) that no block takes, in order."""
    return ...


exercise("08.1").check(outputs)

# %%
# exercise("08.1").hint()  # take away the first #; then .solution()

# %% [markdown]
# **2.** How many random cells must one draw for a chance of 95 % that at least one of them is among the best 5 % of the space?
# Write it for any share and any chance; the space is so large that every draw has the same chance.


# %%
def draws_needed(share, chance):
    """Return how many random cells to draw until one of the best `share` is among them with this `chance`."""
    return ...


exercise("08.2").check(draws_needed)

# %%
# exercise("08.2").hint()

# %% [markdown]
# **3.** Someone ported `nano` to another library. All weights are equal, yet the outputs differ. Which is the first layer whose
# output differs? (A real case: Keras and TF-slim, which trained the official weights, disagree there.)

# %%
ready = nano.preprocess([make_image("heart", seed=9002)])
values = viz.layer_differences(as_ported(nano.model), nano.model, ready)  # viz.differences(values) draws them

where = ...  # the name of the layer

exercise("08.3").check(where)

# %%
# exercise("08.3").hint()

# %% [markdown] tags=["quiz"]
# ## Quiz

# %%
quiz("08")

# %% [markdown] tags=["recap"]
# ## Recap
#
# - A cell is a table; a search proposes tables, trains small networks, and learns from their accuracy.
# - With the same number of trainings, clever searches beat random search by little; a space narrowed by people beat both.
# - The best of many looks better than it is: choose on one set, judge on another.
# - A proxy sorts out the bad cells; among the good ones its order is unsure.
#
# | paper | here |
# |---|---|
# | figure 4, the cells | [zoo/nasnet.py](../../course_lib/zoo/nasnet.py), `NORMAL_A` and `REDUCTION_A` |
# | section 3, the five steps of a block | `tables *= 2 * ((2 + number) * 13) ** 2` |
# | section 3, unused states are concatenated | `outputs` |
# | section 3, the controller | `reinforce` |
# | section 4.4, against random search | `paths` |
#
# **To read:** [NASNet](https://arxiv.org/abs/1707.07012), section 3; [Li and Talwalkar](https://arxiv.org/abs/1902.07638).
#
# **Next:** [lesson 09](09_efficientnet.ipynb), EfficientNet: a searched network, and a rule to make it larger.
