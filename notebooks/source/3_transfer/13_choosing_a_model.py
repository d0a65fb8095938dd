# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Choosing a model: which of all these networks should you take?
#
# You know the families now. A library offers dozens of trained networks, each with an accuracy, and the highest number
# looks like the answer. It hardly ever is. This lesson turns "which is best?" into a question that you can answer with a
# plot and a stopwatch.
#
# > **You will be able to** tell the four costs of a network apart, compute a Pareto front, find what is wrong in a table of
# > accuracies, measure latency on your own machine, and say which networks are worth trying first, and why.
# >
# > **Needs** [lesson 00](../00_start_here.ipynb); lessons 01 to 09 tell what is inside the networks. On two cores about a
# > minute, 3 GB of memory, no download.

# %% [markdown] tags=["set-up"]
# ## Set-up

# %%
from course_lib.lessons import exercise, quiz, start

start()

from time import perf_counter

import numpy as np
from course_lib import build, card, load, viz
from course_lib.catalog import ledger
from course_lib.loading import open_pretrained
from course_lib.media.samples import sample
from course_lib.media.world import HELDOUT_CLASSES, make_images
from course_lib.tasks.base import compiled
from course_lib.training.fit import predict
from course_lib.training.probe import linear_probe
from course_lib.zoo.cost import count

# %% [markdown] tags=["see-it-work"]
# ## One model and its numbers
#
# Here is a trained network at work. Three numbers are usually told of a network: how large it is, how long it takes, how often
# it is right.

# %%
lite = load("efficientnet_lite0")
viz.predictions(sample("coffee"), lite.classify(sample("coffee")))

# %%
row = next(row for row in ledger.ledger() if row.model == "efficientnet_lite0")
picture = lite.preprocess([np.zeros((224, 224, 3), np.uint8)])
run = compiled(lite.model)
run(picture)  # the first call is slower: it warms up
started = perf_counter()
for _ in range(10):
    run(picture)
print(
    f"{row.params / 1e6:.1f} million parameters; about {(perf_counter() - started) * 100:.0f} ms a picture here"
)
print(f"right for {row.top1 or '?'} % of ImageNet's validation pictures")

# %% [markdown]
# The question mark is honest: nobody has published an accuracy for this very file, a conversion of Google's, and we can't
# measure it without ImageNet. The first two numbers, are they good? No answer without the other networks, so let us have all of them. The course keeps a
# *ledger*: a row for each full-size classifier, counted by building the network, with the accuracy of the weights that can
# really be had, quoted from whoever published them. On the command line it is `course facts`.

# %%
rows = {row.model: row for row in ledger.ledger()}
known = {name: row for name, row in rows.items() if row.top1}
print(f"{len(rows)} networks, {len(known)} with weights and a quoted accuracy")
for row in sorted(known.values(), key=lambda row: -row.top1)[:5]:
    print(f"{row.model:<22}{row.top1:.1f} %  {row.params / 1e6:5.1f} M parameters  {row.licence}")

# %% [markdown] tags=["idea"]
# ## The idea: nothing is best, but much is beaten
#
# A network has four costs, and they are not the same thing:
#
# - **parameters**: numbers to store and to download;
# - **multiply-adds**: arithmetic for one picture, which grows with the picture's area while the parameters do not;
# - **memory** while it runs, mostly the feature maps;
# - **latency**: the seconds that *your* machine takes.
#
# With an accuracy on one axis and a cost on the other, no point is best. But a point can be **beaten**: another network is
# at least as accurate *and* at most as costly, and better in one of the two. Networks that nothing beats form the **Pareto
# front**, after the economist Vilfredo Pareto. Whatever you choose, choose from the front; where on it is up to your
# budget, not to mathematics.
#
# $$ a \text{ beats } b \iff \text{accuracy}_a \ge \text{accuracy}_b,\quad \text{cost}_a \le \text{cost}_b,\quad
# \text{and one of them strictly} $$

# %% [markdown]
# First, history. Each point is a network at the year of its paper.

# %%
families = {
    "efficientnet": "EfficientNet", "resnet": "ResNet", "inception": "Inception", "vgg": "AlexNet and VGG", "alexnet": "AlexNet and VGG",
    "mobilenet": "MobileNet",
}  # fmt: skip
groups = {name: families.get(card(name).family, "others") for name in known}
rng = np.random.default_rng(0)
years = {name: (row.year + rng.uniform(-0.3, 0.3), row.top1) for name, row in known.items()}
viz.scatter(
    years, "year of the paper (spread a little, to keep names apart)", "top-1 accuracy of the weights, %",
    groups=groups, title="Seven years", size=(6.6, 4.8),
)  # fmt: skip

# %% [markdown]
# Early on, years bought accuracy. Later they bought something else: look at how far apart the networks of one year lie. The
# next figure says what was bought.

# %% [markdown] tags=["build"]
# ## By hand: the front
#
# Sort by cost, cheapest first, and walk: a network is on the front if it is more accurate than everything cheaper. (Two
# with the same cost: the more accurate first.)


# %%
def pareto_front(points):
    """Return the names on the front, cheapest first; points: name -> (cost, accuracy)."""
    front, best = [], -np.inf
    for name, (_, accuracy) in sorted(points.items(), key=lambda item: (item[1][0], -item[1][1])):
        if accuracy > best:
            front.append(name)
            best = accuracy
    return front


work = {name: (row.multiply_adds / 1e9, row.top1) for name, row in known.items()}
front = pareto_front(work)
print(" -> ".join(front))

# %%
viz.scatter(
    work, "multiply-adds for one picture, billions", "top-1 accuracy of the weights, %",
    groups=groups, line=front, logx=True, title="The front by arithmetic", size=(6.6, 4.8),
)  # fmt: skip

# %% [markdown]
# The grey line is the front: below and to the right of it, every network is beaten by one on it. Each gridline to the
# right costs ten times as much. Notice what a famous name is worth: some of the best-known networks lie far from the line.
# They are still worth knowing, and some still worth using (see below), but not for this bargain.

# %% [markdown] tags=["proof"]
# ## Proof: is the walk right, and are the counts?
#
# The walk is short enough to be wrong in silence. The definition, applied to every pair, must give the same names.


# %%
def beats(a, b):
    """Whether the point a = (cost, accuracy) beats b."""
    return a[0] <= b[0] and a[1] >= b[1] and a != b


by_definition = {n for n, p in work.items() if not any(beats(other, p) for other in work.values())}
assert by_definition == set(front)
print(f"{len(front)} of {len(work)} networks are unbeaten, by both roads")

# %% [markdown]
# And the counts? Every number in the ledger was counted by building the network. `course facts --check` builds all of them
# again; here are three, the last of which most tables get wrong.

# %%
for name in ("mobilenet_v2", "resnet50", "densenet264"):
    params, multiply_adds = count(card(name))
    assert (params, multiply_adds) == (rows[name].params, rows[name].multiply_adds)
    print(f"{name:<14}{params:>12,} parameters {multiply_adds:>15,} multiply-adds")

# %% [markdown]
# DenseNet-264 goes around with 22 million parameters. It is not alone: here is a table as one finds it in articles and
# slides, each row held against the sources.

# %%
for claim in ledger.claims():
    print(f"{claim.title}: {claim.params}, {claim.accuracy} %\n    {claim.truth}")

# %% [markdown]
# Three kinds of mistake. *Wrong counts*. *Accuracies of another protocol*: an ensemble, ten crops, several sizes. And the
# one that hurts most in practice: a number for weights that **nobody can download**.

# %% [markdown] tags=["inside"]
# ## Look inside: your machine has its own opinion
#
# Multiply-adds are arithmetic on paper. A processor also moves numbers between memory and its cores, and some layers
# (depthwise convolutions above all) do little arithmetic for each number moved. So measure. Weights don't matter here:
# random ones take exactly as long.


# %%
def milliseconds(model, repeats=7):
    """Median time of one picture through a compiled model, in milliseconds."""
    run, picture = compiled(model), np.zeros((1, *model.input.shape[1:]), np.float32)
    run(picture), run(picture)
    times = []
    for _ in range(repeats):
        started = perf_counter()
        run(picture)
        times.append(perf_counter() - started)
    return 1000 * float(np.median(times))


# %%
tried = ["alexnet", "mobilenet_v2", "efficientnet_lite0", "efficientnet_b0", "resnet50", "densenet121"]
latency = {name: milliseconds(build(name)) for name in tried}
rate = {name: rows[name].multiply_adds / 1e6 / latency[name] for name in tried}  # millions in a millisecond
for name in tried:
    print(f"{name:<20}{latency[name]:6.1f} ms  {rate[name]:7.0f} million multiply-adds a millisecond")

# %%
viz.bars(
    {name: rate[name] for name in sorted(tried, key=rate.get)},
    "millions of multiply-adds in one millisecond, on the machine that ran this",
    title="The same arithmetic is not the same time",
)

# %% [markdown]
# If arithmetic were time, all bars would have one length. They differ several times over: plain, fat convolutions run near the
# processor's speed, depthwise ones wait for memory; so does AlexNet, whose dense layers fetch 58 million numbers and use each
# of them once. **A front by multiply-adds is not a front by milliseconds.**
# The order of your bars may differ from ours; that is the point.

# %%
timed = {name: (latency[name], rows[name].top1) for name in tried if rows[name].top1}
viz.scatter(
    timed, "milliseconds a picture, here", "top-1 accuracy of the weights, %", line=pareto_front(timed), logx=True,
    title="The front by stopwatch", size=(6.6, 3.4),
)  # fmt: skip

# %% [markdown] tags=["change"]
# ## Does a better score mean better features?
#
# Most people don't need ImageNet's thousand kinds. They cut off the head and teach the network their own (lesson
# [14](14_feature_extraction.ipynb) does it slowly). Then the question is another one: does the network that scores highest
# on *its* task give the best features for *mine*? Kornblith and colleagues (2019) found that it nearly does, over sixteen
# networks and twelve data sets. It could be false for ours, so we try: all nano networks of this course, one recipe, trained
# on 20 kinds; a linear probe with ten labels for each of 8 kinds that none of them has seen; three draws of the labels.

# %%
nano = {row.model: row for row in ledger.nano_ledger()}
test_images, test_labels = make_images(500, HELDOUT_CLASSES, seed=9100)
draws = [make_images(80, HELDOUT_CLASSES, seed=seed) for seed in (1, 2, 3)]
transfer = {}
for name in nano:
    model = open_pretrained(name)  # as load does, without a word
    test_features = model.features(test_images)
    probes = [linear_probe(model.features(x), y, strengths=[0.1]) for x, y in draws]
    transfer[name] = [100 * probe.accuracy(test_features, test_labels) for probe in probes]

# %%
pairs = {name: (nano[name].score, np.mean(transfer[name])) for name in nano}
scores, probed = np.array(list(pairs.values())).T
ranks = [np.argsort(np.argsort(values)) for values in (scores, probed)]
spread = np.mean([np.ptp(values) / 2 for values in transfer.values()])
print(f"rank correlation {np.corrcoef(*ranks)[0, 1]:+.2f} over {len(pairs)} networks")
assert np.corrcoef(*ranks)[0, 1] > 0.3
print(f"the draw of the labels alone moves a score by about {spread:.1f} points")
viz.scatter(
    pairs, "accuracy on the 20 kinds it was trained on, %", "linear probe on 8 new kinds, 10 labels each, %",
    title="Own task against yours", size=(6.6, 3.8),
)  # fmt: skip

# %% [markdown]
# Read it with the spread in mind: two networks whose heights differ by less than that are equal, whatever the ranking says.
# A rank correlation of +1 would mean the same order on both axes, 0 no relation. With so few networks only a strong
# relation means anything, and this one is strong: it could have failed and did not. It is not perfect either, so the
# practical rule is: **shortlist by the published score, decide on your own data**. A probe takes seconds.

# %% [markdown] tags=["traps"]
# ## Traps: a number without its protocol
#
# How can the same network have two accuracies? Easily: show it each picture twice, once mirrored, and average the answers.
# Papers used to show ten crops. Nothing about the network changes.

# %%
resnet = load("resnet_nano")
held_out, truth = make_images(2000, seed=9200)
plain = predict(resnet.model, held_out, resnet.preprocess)
mirrored = predict(resnet.model, held_out[:, :, ::-1], resnet.preprocess)
one = 100 * np.mean(plain.argmax(axis=1) == truth)
two = 100 * np.mean((plain + mirrored).argmax(axis=1) == truth)
print(f"one look {one:.1f} %, two looks {two:.1f} %: {two - one:+.1f} points, at twice the cost")

# %% [markdown]
# Is a difference of that size more than luck? Each picture is right or wrong, like a coin that falls right with probability
# $p$, so the share of $n$ pictures has a standard error of $\sqrt{p(1-p)/n}$. (Two networks on the *same* pictures can be
# told apart a little better, by counting the pictures on which they disagree.)

# %%
for n in (2000, 50_000):
    error = 100 * np.sqrt(0.76 * 0.24 / n)
    print(f"{n:>6} pictures, 76 % right: standard error {error:.2f} points")

# %% [markdown]
# So on ImageNet's 50,000 validation pictures, half a point is real; on your own test set of 2,000 it is noise. More traps,
# quickly:
#
# - **Size of the input** belongs to the number. EfficientNet-B7 earns its accuracy at 600 pixels, ResNet-50 at 224.
# - **Top-5** flatters everyone.
# - **Licences** belong to weights, not only to code; the ledger has a column for them. And what the pictures of the
#   training set allow is a question of its own.
# - **ImageNet's mistakes**: its validation labels are wrong or ambiguous often enough that the last few points measure
#   agreement with the labellers (Beyer and colleagues 2020, "Are we done with ImageNet?").
#
# What, then, to take? First what runs in your budget of milliseconds and megabytes; of these, what is on the front; of these,
# two or three whose licence allows your use; of these, whichever wins a linear probe on *your* pictures.

# %% [markdown] tags=["exercises"]
# ## Exercises
#
# **13.1** A phone has room for so many parameters and time for so many multiply-adds. Which network is the most accurate
# that fits both?


# %%
def choose(rows, most_params, most_multiply_adds):
    """Return the name of the most accurate fitting network, or None; rows have model, params, multiply_adds, top1."""
    return ...


exercise("13.1").check(choose)

# %%
# exercise("13.1").hint()  # take away the first #; then .solution()

# %% [markdown]
# **13.2** Three axes: a network that is beaten on cost alone may be unbeaten once the download counts as well. Write the
# test for any number of costs.


# %%
def unbeaten(points):
    """Return the set of unbeaten names; points: name -> (accuracy, cost, cost, ...), any number of costs."""
    return ...


exercise("13.2").check(unbeaten)

# %%
# exercise("13.2").hint()  # take away the first #; then .solution()

# %% [markdown]
# **13.3** Network A is right for a share `p` of `n` pictures, B for a share `q` of `n` others. How many standard errors lie
# between them? (The squares of two independent errors add.)


# %%
def standard_errors_apart(p, q, n):
    """Return |p - q| in units of the difference's standard error; p and q are shares of 0 to 1."""
    return ...


exercise("13.3").check(standard_errors_apart)

# %%
# exercise("13.3").hint()  # take away the first #; then .solution()

# %% [markdown] tags=["quiz"]
# ## Quiz

# %%
quiz("13")

# %% [markdown] tags=["recap"]
# ## Recap
#
# - No network is best; most are beaten. Choose from the Pareto front, by your own budget.
# - Parameters, multiply-adds, memory and milliseconds are four different costs. Only a stopwatch knows the last.
# - An accuracy without its protocol, its weights and its standard error is a rumour.
# - Some famous numbers belong to weights that nobody can have.
# - Shortlist by published scores; decide by a probe on your own data.
#
# | where | the line of code |
# |---|---|
# | Pareto front | `if accuracy > best: front.append(name)` |
# | [Kornblith et al. 2019](https://arxiv.org/abs/1805.08974), section 4: transfer against ImageNet accuracy | `np.corrcoef(*ranks)[0, 1]` |
# | [Krizhevsky et al. 2012](https://papers.nips.cc/paper/4824-imagenet-classification-with-deep-convolutional-neural-networks), section 4.1: averaging mirrored pictures | `(plain + mirrored).argmax(axis=1)` |
#
# **Read on**: [Beyer et al. 2020](https://arxiv.org/abs/2006.07159) on ImageNet's labels;
# [Dehghani et al. 2021](https://arxiv.org/abs/2110.12894), "The Efficiency Misnomer", on costs that disagree. Next: [lesson
# 14](14_feature_extraction.ipynb), what five labels a kind can buy.
