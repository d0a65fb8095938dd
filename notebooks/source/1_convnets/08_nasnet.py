# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # NASNet: can a search draw a better network than people, and would dice do as well?
#
# Until 2017 people drew the blocks of a network by hand: Inception's towers, ResNet's shortcut. Then five hundred graphics
# processors searched for four days, and found a network as good as the best of those, for little more than half the work. Was it the clever
# search, or the search *space*, drawn by people again? You will run such searches yourself, and let dice play against them.
#
# > **You will be able to** write a cell as a table and build a network from it, run an architecture search by policy gradient
# > and by evolution, judge it against random search as one should, and tell luck from a find.
# >
# > **Needs** lessons 04 and 06 (shortcuts, separable convolutions). On two cores about a minute, 2 GB of memory, no download.

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
# Ask for NASNet-A mobile. Without a download a small sister stands in, made of the same two cells and trained on this course's
# drawings of 20 kinds of object. After `course fetch nasnet_mobile` the same cell runs the official network, on a photo.

# %%
model = load("nasnet_mobile")
official_here = model.provenance.grade == "official"
picture = sample("cat") if official_here else make_image("heart", seed=9002)
viz.predictions(picture, model.classify(picture))

# %% [markdown]
# The whole network is a stem, then copies of two **cells**: a *normal* one that keeps height and width, a *reduction* one that
# halves them. Here they are, as the search found them:

# %%
cells = {"normal cell": nasnet.NORMAL_A, "reduction cell": nasnet.REDUCTION_A}
viz.cells({title: (cell.blocks, cell.outputs) for title, cell in cells.items()})

# %% [markdown] tags=["idea"]
# ## The idea: search for the cell, not for the network
#
# Read the picture from the left. A cell gets two **states**: `h`, what the cell before it put out, and `p`, what the one before
# that did. Each **block** takes two states, applies an **operation** to each, adds the results, and the sum is a new state.
# What no block has used is concatenated. (`sep5` is a separable convolution of 5x5, twice; `avg3` an average over 3x3.)
#
# So a cell is a *table*: five rows of (state, operation, state, operation). A **controller** proposes a table; a small
# network of such cells is trained on small pictures for a short time; its accuracy on held-out pictures, the **reward**, tells the
# controller what to propose more often. The best cell is then stacked wider and deeper for the large pictures. The paper's menu
# had 13 operations, and a choice between adding and concatenating. How many tables is that?

# %%
tables = 1
for number in range(5):  # the first block may take 2 states, the next 3, ...
    tables *= 2 * ((2 + number) * 13) ** 2
print(f"{tables:.0e} tables, {tables**2:.0e} pairs of a normal and a reduction cell")
print(f"the search: 500 GPUs x 4 days = {500 * 4:,} GPU-days = {500 * 4 * 24:,} GPU-hours")

# %% [markdown]
# (500 and 4: the paper, section 4, which makes "2,000 GPU-hours" of them. They are days.) Your budget today is half a minute
# of one processor.

# %% [markdown] tags=["build"]
# ## Build the normal cell from its table
#
# First the operations. All states have the same width (number of channels), so that they can be added; a 1x1 convolution
# brings `h` and `p` to it. ReLU comes *before* each convolution.

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
# And now the cell: the table, read row by row.

# %% tags=["nbval-check-output"]
h, p = keras.Input((16, 16, 24)), keras.Input((16, 16, 12))
states = {"h": squeeze(h), "p": squeeze(p)}
for number, (left, first, right, second) in enumerate(nasnet.NORMAL_A.blocks, start=1):
    states[f"b{number}"] = layers.Add()([apply(first, states[left]), apply(second, states[right])])
    print(f"b{number} = {first}({left}) + {second}({right})".ljust(28), states[f"b{number}"].shape)
out = layers.Concatenate()([states[name] for name in nasnet.NORMAL_A.outputs])
print("out =", ", ".join(nasnet.NORMAL_A.outputs).ljust(22), out.shape)

# %% [markdown]
# `p` itself is in the output, though blocks have used it: the released network does so. Else only sums that no block takes are put out.

# %% [markdown] tags=["proof"]
# ## Proof
#
# The zoo's `build_cell` reads the same table. Same weights, same inputs:

# %%
config = nasnet.NASNetConfig(cells=1, filters=WIDTH, stem_width=8)
by_hand = keras.Model([h, p], out)
zoo_cell = keras.Model([h, p], nasnet.build_cell(h, p, nasnet.NORMAL_A, WIDTH, config, "cell"))
dice = np.random.default_rng(0)
for weight in zoo_cell.weights:
    weight.assign(dice.uniform(0.5, 1.5, weight.shape))  # batch norm's too, else it does next to nothing
by_hand.set_weights(zoo_cell.get_weights())
inputs = [dice.normal(size=(2, 16, 16, channels)).astype("float32") for channels in (24, 12)]
ours, theirs = by_hand.predict_on_batch(inputs), zoo_cell.predict_on_batch(inputs)
difference = np.abs(ours - theirs).max() / np.abs(theirs).max()
print(f"our cell against the zoo's: largest |difference| {difference:.1e} of the largest output")
assert difference <= 1e-5

# %% [markdown]
# And the whole mobile network against the official one of `keras.applications`, weights carried over by name, at 64 px to keep
# it quick.

# %%
config = replace(nasnet.CONFIGS["nasnet_mobile"], size=64)
mobile = nasnet.build(config)
official = keras.applications.NASNetMobile((64, 64, 3), weights=None, classifier_activation=None)
for weight in [weight for weight in official.weights if not weight.path.endswith("kernel")]:
    weight.assign(dice.uniform(0.8, 1.2, weight.shape))
load_into(mobile, arrays_of(official), "nasnet", "applications", config)

pictures = dice.uniform(-1, 1, (2, 64, 64, 3)).astype("float32")
ours, theirs = (network(pictures, training=False).numpy() for network in (mobile, official))
difference = np.abs(ours - theirs).max()
print(f"answers up to {np.abs(theirs).max():.1f}, largest |difference| {difference:.1e}")
assert difference <= 1e-4 * max(1, np.abs(theirs).max())
assert mobile.count_params() == card("nasnet_mobile").params

# %% [markdown]
# Was the search worth it? The numbers below stand on the **cards**, the course's fact sheets: parameters counted here,
# multiply-adds from the papers, **top-1** (the share of ImageNet's validation photos named rightly at the first guess) from the
# Keras documentation, for the weights that `course fetch` brings.

# %%
print("network             parameters  10^9 multiply-adds  top-1 %  year")
for name in ("mobilenet_v1", "nasnet_mobile", "mobilenet_v2", "mobilenet_v3_large", "nasnet_large"):
    facts = card(name)
    work, top1 = facts.facts[0].value, facts.weights[0].facts[0].value
    print(f"{name:18} {facts.params:11,}  {work:18}  {top1:7}  {facts.year}")

# %% [markdown]
# For the work of MobileNet v1 four points more. The large one, the same cells stacked deeper and wider, equalled the best
# hand-made network of its day, SENet, with 23.8 billion multiply-adds against 42.3 (the paper's table 2: both 82.7 %). Not for
# long: MobileNet v3, searched first and then mended by hand, is better than the mobile one with less than half of its work.
#
# Only cell A was released. Cells B and C stand in the paper's table 3 (72.8 and 72.5 % at mobile size, A 74.0), their weights
# were never published.

# %% [markdown] tags=["inside"]
# ## Look inside: which block does the work?
#
# The normal cell's output is six states side by side, and in `nano` the last cell's six, averaged, go to the head. So one can
# leave out a state: set its rows of the head's weights to zero. Three sets of 400 drawings that the network has never seen:

# %%
nano = load("nasnet_nano")
held_out = [make_images(400, seed=seed) for seed in (9001, 9002, 9003)]
features = [(nano.features(images), labels) for images, labels in held_out]  # (400, 384), (400,)
kernel, bias = nano.model.get_layer("head").get_weights()  # (384, 20), (20,)


def accuracies(kernel):
    """Return the share of drawings named rightly, for each set."""
    return [np.mean((x @ kernel + bias).argmax(axis=1) == labels) for x, labels in features]


shares = {"nothing left out": accuracies(kernel)}
for number, state in enumerate(nasnet.NORMAL_A.outputs):
    mask = np.arange(384) // 64 != number  # 64 channels a state
    shares[f"without {state}"] = accuracies(kernel * mask[:, None])
viz.bars(shares, "accuracy (chance: 0.05)", form="{:.2f}")

# %% [markdown]
# Two of the six carry the answers, `b1` and `b5`, and `b2` a little. Without `p`, `b3` or `b4` next to nothing is lost: they
# only average and add, and the head averages everything anyhow. (In the official network, cells follow that may use them.) The
# search found a *good* cell. It did not find a *tidy* one.

# %% [markdown] tags=["change"]
# ## Your own search
#
# **The space.** Two blocks instead of five, three operations: `identity`, `conv3` (an ordinary 3x3 convolution) and `max3` (the
# maximum over 3x3). Eight decisions make a cell. Many tables mean the same cell, since a sum has no order.
#
# **The task.** A small network of two cells, 8 and 16 channels wide, learns scikit-learn's handwritten digits, 8x8 pixels, in 60
# steps. Then 500 digits, the **validation** set, say how good the cell is. 497 others, the **test** set, are kept for us: no
# search ever sees them. Try it with a cell in the manner of people, two residual blocks of lesson 04:

# %%
options = choices()  # eight lists: what each decision may be
every_cell = {same(to_blocks(decisions)) for decisions in product(*options)}
print(f"{prod(len(option) for option in options):,} tables, {len(every_cell)} different cells")

human = (("h", "conv3", "h", "identity"), ("b1", "conv3", "b1", "identity"))
scores = train(human, seeds=(0, 1, 2))
print("validation accuracy, three seeds:", *(f"{score.validation / 500:.3f}" for score in scores))

# %% [markdown]
# One cell, three answers: a single training says little. Keep that in mind.
#
# ### Three ways to search
#
# `ask(decisions)` trains a cell and returns its accuracy. **Random search** throws dice. **Evolution** keeps the last
# twenty cells: the best of five drawn from them has a child, in which one decision is drawn anew; the oldest dies
# ([Real and others, 2018](https://arxiv.org/abs/1802.01548)).


# %%
def random_search(ask, dice, budget):
    """Ask for random cells."""
    for _ in range(budget):
        ask([dice.choice(option) for option in options])


def evolution(ask, dice, budget):
    """Ask for children of good cells; the oldest die."""
    alive = []
    for number in range(budget):
        child = [dice.choice(option) for option in options]
        if number >= 20:
            _, parent = max(dice.sample(alive, 5))
            gene = dice.randrange(8)
            child = [*parent[:gene], child[gene], *parent[gene + 1 :]]
        alive = [*alive, (ask(child), child)][-20:]


# %% [markdown]
# The paper's controller is a recurrent network trained by **policy gradient**. Its simplest form: for each decision a row of
# scores $s$, which softmax turns into chances $p$. After each cell, what was chosen is nudged up if the reward $R$ was above the
# usual $b$, and down if below:
#
# $$ s \leftarrow s + \eta\,(R - b)\,(\text{chosen} - p) $$
#
# (*Chosen* is 1 for the chosen option, else 0; the last bracket is the gradient of $\log p(\text{chosen})$.) This is **REINFORCE**.


# %%
def reinforce(ask, dice, budget, rate=5.0):
    """Ask for cells by chances that follow the rewards; return the last chances."""
    scores = [np.zeros(len(option)) for option in options]
    usual = None
    for _ in range(budget):
        chances = [row / row.sum() for row in map(np.exp, scores)]
        picks = [dice.choices(range(len(chance)), chance)[0] for chance in chances]
        reward = ask([option[pick] for option, pick in zip(options, picks, strict=True)])
        usual = reward if usual is None else 0.9 * usual + 0.1 * reward
        for row, chance, pick in zip(scores, chances, picks, strict=True):
            row += rate * (reward - usual) * (np.eye(len(row))[pick] - chance)
    return chances


# %% [markdown]
# Now live: 20 cells are really trained, one after the other.

# %%
dice, trained = Random(0), []


def train_it(decisions):
    """Train a cell with one of three seeds; note and return its validation accuracy."""
    cell, seed = same(to_blocks(decisions)), dice.randrange(3)
    (score,) = train(cell, seeds=(seed,))
    trained.append((score.validation / 500, cell, seed))
    return score.validation / 500


begun = process_time()
chances = reinforce(train_it, dice, budget=20)
print(f"{len(trained)} cells trained in {process_time() - begun:.0f} processor seconds")
found = max(trained)[1]

# %%
with viz.style():
    fig, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3), width_ratios=(3, 2), layout="constrained")
    left.plot(range(1, 21), [reward for reward, _, _ in trained], "o", color="#005caf")
    left.set(xlabel="number of the training", title="validation accuracy of each cell")
    for place, chance in enumerate(chances[1::2]):  # every second decision is an operation
        right.bar(np.arange(3) + 0.2 * place - 0.3, chance, 0.18, color="#701845")
    right.axhline(1 / 3, color="#86817a", linewidth=1, linestyle="--")
    right.set(xticks=range(3), xticklabels=options[1], ylim=(0, 1), title="chances at the four places")
viz.show(
    fig,
    alt="Left: a dot for the validation accuracy of each of 20 cells, in the order of training. Right: the controller's "
    "last chances of identity, conv3 and max3 at the four places of the cell; the dashed line is one third, where all began.",
)

# %%
viz.cells({"found": (found, to_cell(found).outputs), "human": (human, to_cell(human).outputs)})

# %% [markdown]
# Within twenty trainings the controller has come to like convolutions. Is that clever, or would dice have found as good a
# cell? One run proves nothing, and hundreds would take hours. So this course has trained *every* cell of the space once and for
# all, with three seeds ([table.py](../../course_lib/training/cell_search/table.py)), as
# [NAS-Bench-101](https://arxiv.org/abs/1902.09635) did for 423,000 cells of a larger space. A search that asks the table takes
# milliseconds. First: is the table true, and where do our cells stand?

# %%
rows = table()
again = [np.abs(rows[cell].validation[seed] / 500 - reward) for reward, cell, seed in trained]
print(f"your trainings and the table's differ by {np.mean(again):.3f}")

merit = {cell: np.mean(row.test) / 497 for cell, row in rows.items()}  # what a cell is worth
ranked = sorted(merit, key=merit.get, reverse=True)
for name, cell in {"best": ranked[0], "found": found, "human": same(human), "worst": ranked[-1]}.items():
    print(f"{name:6} rank {ranked.index(cell) + 1:3} of {len(ranked)}, test accuracy {merit[cell]:.3f}")
seeds = np.sqrt(np.mean([np.var(row.test, ddof=1) for row in rows.values()])) / 497
print(
    f"standard deviation between a cell's seeds {seeds:.3f}, between cells {np.std(list(merit.values())):.3f}"
)


# %%
def convolutions(cell):
    """Count a cell's 3x3 convolutions."""
    return sum(block.count("conv3") for block in cell)


with viz.style():
    fig, axes = plt.subplots(figsize=(6.6, 3.4))
    places = np.array([convolutions(cell) for cell in ranked]) + np.random.default_rng(0).uniform(
        -0.25, 0.25, 735
    )
    axes.scatter(places, [merit[cell] for cell in ranked], s=6, color="#9fb6cd")
    for cell, name in ((found, "found"), (same(human), "human")):
        axes.scatter(convolutions(cell), merit[cell], s=40, color="#d97330", zorder=3)
        axes.annotate(name, (convolutions(cell), merit[cell]), (8, -3), textcoords="offset points")
    axes.set(xlabel="3x3 convolutions in the cell", xticks=range(5), title="Test accuracy of all 735 cells")
viz.show(
    fig,
    alt="A dot for each cell: test accuracy over the number of its convolutions, 0 to 4. The heaps climb from about 0.5 to "
    "about 0.93, by ever smaller steps, and each is narrower than the one before.",
)

# %% [markdown]
# There is the controller's secret: *take convolutions*. Within a heap the wires decide, by less and less. (The human cell's
# shortcuts were made for depth; here they win nothing.)
#
# ### Who wins?
#
# Each search gets 150 trainings. Its *find* is the cell with the highest validation accuracy so far; we draw what the find is
# *worth*, its test accuracy, mean of three seeds. Two hundred runs of each, and two players more: REINFORCE at another rate
# $\eta$, and dice in a *narrower space*: somebody has decided that all operations are convolutions, only the wires are free.


# %%
def convolutions_only(ask, dice, budget):
    """Ask for random wires; all operations are convolutions."""
    for _ in range(budget):
        ask([dice.choice(option) if "h" in option else "conv3" for option in options])


def run(search, seed, budget=150):
    """Search the table; return (budget, 2): the find's validation accuracy, and what it is worth."""
    dice, find, path = Random(seed), (0, 0), []

    def ask(decisions):
        nonlocal find
        cell = same(to_blocks(decisions))
        reward = dice.choice(rows[cell].validation) / 500
        find = max(find, (reward, merit[cell]))
        path.append(find)
        return reward

    search(ask, dice, budget)
    return np.array(path)


# %%
searches = {"dice": random_search, "evolution": evolution, "REINFORCE": reinforce}
searches |= {"REINFORCE, rate 20": partial(reinforce, rate=20), "dice, convolutions only": convolutions_only}
paths = {name: np.array([run(search, seed) for seed in range(200)]) for name, search in searches.items()}
print(f"{'worth after':24}    10 trainings        30               150   (and how often better than dice)")
for name, path in paths.items():
    worth = path[:, [9, 29, 149], 1]
    better = np.mean(worth > paths["dice"][:, [9, 29, 149], 1], axis=0)
    print(f"{name:24}", *(f"  {w:.3f}  ({b:4.0%})" for w, b in zip(worth.mean(axis=0), better, strict=True)))

# %%
with viz.style():
    fig, panels = plt.subplots(1, 2, figsize=(7.4, 3.4), sharex=True, sharey=True, layout="constrained")
    jitter = np.random.default_rng(0).uniform(-0.3, 0.3, 200)
    for axes, budget in zip(panels, (30, 150), strict=True):
        for row, path in enumerate(paths.values()):
            worth = path[:, budget - 1, 1]
            axes.scatter(worth, row + jitter, s=5, color="#9fb6cd")
            axes.plot([worth.mean()] * 2, [row - 0.35, row + 0.35], color="#d97330")
        axes.set(title=f"after {budget} trainings", xlabel="test accuracy of the find", xlim=(0.8, 0.96))
    axes.set(yticks=range(5), yticklabels=paths, xticks=(0.8, 0.85, 0.9, 0.95))
    axes.invert_yaxis()
viz.show(
    fig,
    alt="Two charts, after 30 and after 150 trainings. Each search has a row of 200 dots, the test accuracies of its finds, and "
    "a line at their mean. The rows of evolution and REINFORCE overlap with that of the dice, their means lie to the right of "
    "its mean; at rate 20 REINFORCE spreads further than the dice. The mean of the dice with convolutions only lies furthest "
    "to the right, and its dots are close together.",
    caption="Each dot: the find of one run. Line: mean of 200 runs. At rate 20 a few lie left of the picture.",
)

# %% [markdown]
# - **For the same number of trainings both searches beat the dice**, in the end by about a point on average: REINFORCE soon,
#   evolution later (its first twenty cells *are* dice). The paper's controller, too, ended ahead, by over one point (section 4.4).
# - **But look at the dots.** Some dice beat many controllers. Who compares one run with one run can prove anything.
# - **The searcher is tuned as well.** At rate 20 the lead is gone: some controllers settle on a poor cell early, and never
#   leave it. We took 5 because this very table liked it; a real search has no such table.
# - **The space decides.** The last player only throws dice, and after ten trainings it is ahead of where the others are after
#   150. Somebody had put into its space what the controllers had to find out.
#
# The authors knew: in a well-made space random search is "a difficult baseline to beat" (section 3). Two years later
# [Li and Talwalkar](https://arxiv.org/abs/1902.07638) found random search, with bad candidates stopped early, at least as good
# as ENAS, a leading method. And mind what was asked for. The reward knew accuracy only, so the best cells are among the largest.

# %% [markdown] tags=["traps"]
# ## Traps and limits
#
# **The winner's curse.** The find's validation accuracy is the highest of many, and high numbers are high by merit *and* by luck.
# On new digits the luck is gone. Here are the dice again; after one training nothing has been chosen yet:

# %%
validation, worth = paths["dice"].mean(axis=0).T
numbers = np.arange(1, 151)
viz.curves(
    {"validation, which chose it": (numbers, validation), "test": (numbers, worth)},
    "cells trained", "accuracy of the find", title="The more one chooses from, the more one is flattered", logx=True,
)  # fmt: skip

# %% [markdown]
# **The proxy.** What is best after 60 steps need not be best in earnest. For every twentieth cell, by rank, the table knows the
# test accuracy of a network twice as wide, trained five times as long:

# %%
known = [row for row in rows.values() if row.longer]
short = np.array([np.mean(row.validation) / 500 for row in known])
longer = np.array([np.mean(row.longer) / 497 for row in known])
top = short > np.median(short)
for name, chosen in {"all": short > 0, "the better half": top}.items():
    print(f"rank correlation, {name}: {spearmanr(short[chosen], longer[chosen]).statistic:.2f}")
print(
    f"the first after the short training: {longer[short.argmax()]:.3f} in the long one; the best there: {longer.max():.3f}"
)
with viz.style():
    fig, axes = plt.subplots(figsize=(5.4, 3.2))
    axes.scatter(short, longer, s=18, color="#005caf")
    axes.set(xlabel="validation accuracy, short training", title="Test accuracy, long training")
viz.show(
    fig,
    alt="A dot for each of 37 cells. Short training: accuracies from 0.37 to 0.95. Long: from 0.91 to 0.99. The dots rise, "
    "steeply at first; from 0.8 on they form a cloud without much order.",
)

# %% [markdown]
# (A rank correlation of 1: the same order; 0: none in common.) The proxy sorts out what is bad. Among the good cells its order is
# unsure: given time they nearly all arrive, even with a single convolution. The points we fought for above mostly melt.
#
# **Pixels from -1 to 1.** Nothing complains if they are not:

# %%
images, labels = held_out[0]
for name, (minus, divisor) in {"-1 to 1": (127.5, 127.5), "0 to 1": (0, 255), "0 to 255": (0, 1)}.items():
    answers = nano.model.predict_on_batch((images - np.float32(minus)) / divisor).argmax(axis=1)
    print(f"{name:8} accuracy {np.mean(answers == labels):.3f}")

# %% [markdown]
# **Fine-tuning.** The official batch norms have a momentum of 0.9997: their averages follow new pictures very slowly (how
# slowly, the quiz asks).
#
# **Licence.** The official weights come with keras.applications, Apache 2.0; ImageNet's photos have terms of their own.

# %% [markdown] tags=["exercises"]
# ## Exercises
#
# **1.** In the paper's space the search does not choose what a cell puts out: it is every sum that no block takes.


# %%
def outputs(blocks):
    """Return the names of the sums ("b1" is the first block's) that no block takes, in order."""
    return ...


exercise("08.1").check(outputs)

# %%
# exercise("08.1").hint()  # take away the first #; then .solution()

# %% [markdown]
# **2.** How long must one throw dice to have, with a chance of 95 %, a cell of the best 5 % among those drawn? It does not
# depend on how many cells there are.


# %%
def draws_needed(share, chance):
    """Return how many random cells to draw until one of the best `share` is among them with this `chance`."""
    return ...


exercise("08.2").check(draws_needed)

# %%
# exercise("08.2").hint()

# %% [markdown]
# **3.** Someone ported `nano` to another library. All weights are equal, the answers are not. Which is the first layer whose
# output differs? (A real one: Keras and TF-slim, which trained the official weights, disagree there.)

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
# - At the same number of trainings clever searches beat dice, on average and by little; a space that people narrowed beat both.
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
# **To read:** [NASNet](https://arxiv.org/abs/1707.07012), section 3;
# [Li and Talwalkar](https://arxiv.org/abs/1902.07638): random search as a baseline that many forgot.
#
# **Next:** lesson 09, EfficientNet: a searched network, and a rule to make it larger.
