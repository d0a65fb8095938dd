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
# You know the families now. A library offers dozens of trained networks, each with an accuracy, and it is tempting to take the
# highest. That is hardly ever the right choice. This lesson turns "which is best?" into a question that you can answer with
# a plot and a measurement.
#
# > **You will be able to** tell the four costs of a network apart, compute a Pareto front, see what is wrong in a table of
# > accuracies, measure processor time on your own machine, and say which networks are worth trying first, and why.
# >
# > **Needs** [lesson 00](../00_start_here.ipynb); lessons 01 to 09 tell what is inside the networks. On two cores about a
# > minute, 3 GB of memory, no download.

# %% [markdown] tags=["set-up"]
# ## Set-up

# %%
from course_lib.lessons import exercise, quiz, start

start()

from time import process_time

import numpy as np
from course_lib import build, card, load, viz
from course_lib.catalog import ledger
from course_lib.loading import open_pretrained
from course_lib.media.samples import sample
from course_lib.media.world import HELDOUT_CLASSES, make_images
from course_lib.tasks.base import compiled
from course_lib.training.fit import predict
from course_lib.training.probe import linear_probe
from course_lib.zoo.cost import multiply_adds

# %% [markdown] tags=["see-it-work"]
# ## One model and its numbers
#
# Here is a trained network at work. Three numbers are usually given for a network: how large it is, how long it takes, and how
# often it is right.

# %%
lite = load("efficientnet_lite0")
viz.predictions(sample("coffee"), lite.classify(sample("coffee")))


# %%
def milliseconds(model):
    """Processor time of one picture through a compiled model, all cores together: the shortest of ten runs."""
    run, picture, times = compiled(model), np.zeros((1, *model.input.shape[1:]), np.float32), []
    for _ in range(11):
        started = process_time()
        run(picture)
        times.append(process_time() - started)
    return 1000 * min(times[1:])  # the first run warms up


rows = {row.model: row for row in ledger.ledger()}
row = rows["efficientnet_lite0"]
print(f"{row.params / 1e6:.1f} million parameters")
print(f"{milliseconds(lite.model):.0f} ms of processor time a picture, on the machine that ran this")
print(f"right for {row.top1 or '?'} % of ImageNet's validation pictures")

# %% [markdown]
# The question mark is honest: nobody has published an accuracy for this very file, a conversion of Google's, and we cannot
# measure it without ImageNet. Are the first two numbers good? We can only tell by comparison. The course keeps a *ledger* of all
# full-size classifiers, with parameters and multiply-adds counted by building each network, and the accuracy of the
# downloadable weights, quoted from whoever published them. (On the command line: `course facts`.)

# %%
known = {name: row for name, row in rows.items() if row.top1}
print(f"{len(rows)} networks, {len(known)} with weights and a quoted accuracy")
for row in sorted(known.values(), key=lambda row: -row.top1)[:5]:
    print(f"{row.model:<22}{row.top1:.1f} %  {row.params / 1e6:5.1f} M parameters  {row.licence}")

# %% [markdown] tags=["idea"]
# ## The idea: no network is best, but most are beaten
#
# A network has four costs, and they are not the same thing:
#
# - **parameters**: the numbers to store and to download;
# - **multiply-adds**: the arithmetic for one picture, which grows with the picture's area while a convolution's parameters do not;
# - **memory** while it runs, mostly for the feature maps (the one that we do not measure here);
# - **latency**: how long *you* wait for an answer on *your* machine. We measure its cousin, the processor's time with all cores
#   added up, which other programs disturb less; on several cores the answer comes sooner than that.
#
# Draw accuracy against one of the costs, and no point is best at both. But a point can be **beaten**: another network is
# at least as accurate *and* costs at most as much, and is strictly better in one of the two. The networks that nothing beats
# form the **Pareto front**, named after the economist Vilfredo Pareto. Whatever you choose, choose from the front; where on it
# is for your budget to say, not for mathematics.
#
# $$ a \text{ beats } b \iff \text{accuracy}_a \ge \text{accuracy}_b,\quad \text{cost}_a \le \text{cost}_b,\quad
# \text{and one of them strictly} $$

# %% [markdown]
# First, some history. Each point is the most accurate network of its family and year; the year is that of the paper.

# %%
families = {
    "efficientnet": "EfficientNet", "resnet": "ResNet", "inception": "Inception", "vgg": "AlexNet and VGG", "alexnet": "AlexNet and VGG",
    "mobilenet": "MobileNet",
}  # fmt: skip
groups = {name: families.get(card(name).family, "others") for name in known}
best = {}
for name in sorted(known, key=lambda name: known[name].top1):
    best[card(name).family, known[name].year] = name  # a more accurate one takes the place of the last
years = {name: (known[name].year, known[name].top1) for name in known if name in best.values()}
viz.scatter(
    years, "year of the paper", "top-1 accuracy of the weights, %", groups=groups, title="Nine years", size=(7.2, 4.4),
    alt="Accuracy by year: " + "; ".join(f"{year} {name} {top1:.1f}" for name, (year, top1) in sorted(years.items(), key=lambda item: item[1])),
)  # fmt: skip

# %% [markdown]
# In the first years accuracy climbed and climbed. Later, families of the same year may lie some ten points apart. What did the
# lower ones gain instead? The next figure shows it. (BiT, ViT and EfficientNet-L2 were trained on many more pictures than
# ImageNet's: part of their height is data, not architecture. Lesson [11](../2_transformers_and_scale/11_scale_and_noise.ipynb)
# takes the two apart.)

# %% [markdown] tags=["build"]
# ## By hand: the front
#
# Sort the networks by cost, cheapest first, and walk along: a network is on the front if it is more accurate than everything
# cheaper. (Of two with the same cost, the more accurate comes first.)


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
    groups=groups, line=front, logx=True, title="The front by arithmetic", size=(7.4, 5.6),
)  # fmt: skip

# %% [markdown]
# The grey line is the front: below and to the right of it, every network is beaten by one on it. (Each labelled gridline costs
# ten times as much as the one before; $10^0$ is one billion.) Some of the best-known networks lie far from the line. They are
# still worth knowing, and may still be worth using, but not if arithmetic is what you pay for.

# %% [markdown] tags=["proof"]
# ## Proof: does the walk find the right ones?
#
# The walk is short, but a mistake in it would go unnoticed. So we apply the definition to every pair of networks. It must give
# the same names.


# %%
def beats(a, b):
    """Whether the point a = (cost, accuracy) beats b."""
    return a[0] <= b[0] and a[1] >= b[1] and a != b


by_definition = {n for n, p in work.items() if not any(beats(other, p) for other in work.values())}
assert by_definition == set(front)
print(f"{len(front)} of {len(work)} networks are unbeaten, by both methods")

# %% [markdown]
# That settles the front of *these* numbers. But are the numbers right? Here is a table as one finds it in articles and slides,
# each row held against its sources.

# %%
for claim in ledger.claims():
    print(f"{claim.title}, {claim.year}: {claim.params}, {claim.accuracy} %\n    {claim.truth}")

# %% [markdown]
# There are several kinds of mistake: *wrong counts* (lesson [05](../1_convnets/05_densenet.ipynb) counts DenseNet-264 by
# hand); *wrong years*; numbers of *another network* than the one that is meant; *accuracies of another protocol*, that is of another way to measure: an ensemble, ten crops, several sizes. And the one
# that hurts most in practice: numbers of weights that **nobody can download**.

# %% [markdown] tags=["inside"]
# ## Look inside: your machine has its own opinion
#
# Multiply-adds are arithmetic on paper. A processor also moves numbers between memory and its cores, and some layers, above all
# depthwise convolutions, do little arithmetic for each number moved. So measure. Random weights will do: they take exactly as
# long. `milliseconds` from above counts the processor's time, and takes the shortest of ten runs, since other programs can only
# make a run longer. We build four networks, and count their multiply-adds again on the way, to check the ledger.

# %%
latency, rate = {}, {}
for name in ("alexnet", "mobilenet_v2", "efficientnet_b0", "resnet50"):
    model, work_here = build(name), rows[name].multiply_adds
    assert multiply_adds(model) == work_here
    latency[name] = milliseconds(model)
    rate[name] = work_here / 1e6 / latency[name]  # millions in a millisecond
    print(f"{name:16}{work_here / 1e6:6.0f} million multiply-adds in {latency[name]:5.1f} ms")

# %%
viz.bars(
    {name: rate[name] for name in sorted(rate, key=rate.get)}, "millions of multiply-adds in one millisecond, on the machine that ran this",
    title="The same arithmetic is not the same time", form="{:.0f}",
)  # fmt: skip

# %% [markdown]
# If arithmetic were time, all bars would have one length. They are far from it: wide ordinary convolutions run near the processor's
# speed, while depthwise ones wait for memory. So, in part, does AlexNet: its dense layers fetch 59 million numbers and use each of
# them once. **Arithmetic is not milliseconds**: ResNet-50 does ten times the arithmetic of EfficientNet-B0 in two to three times the
# time. The order of your bars may differ from ours. And the front? Among these four the same two stay on it; among forty they need not:

# %%
timed = {name: (latency[name], rows[name].top1) for name in latency}
viz.scatter(
    timed, "milliseconds of processor time a picture, here", "top-1 accuracy of the weights, %", line=pareto_front(timed),
    title="The front by measured time", size=(6.6, 3.4),
)  # fmt: skip

# %% [markdown] tags=["change"]
# ## Does a better score mean better features?
#
# Most people do not need ImageNet's thousand kinds. They cut off the head and teach the network their own (lesson
# [14](14_feature_extraction.ipynb) does so step by step). Then the question is another one: does the network that scores highest
# on *its* task give the best features for *mine*? [Kornblith and colleagues (2019)](https://arxiv.org/abs/1805.08974)
# compared sixteen networks on twelve data sets. For networks trained alike the two went together very closely. But some common
# tricks of training that raise the score on ImageNet a little made the features much worse.
#
# We try it with the nano networks of this course. They were trained nearly alike, on the same drawings of 20 kinds (MobileNet
# with twice the learning rate; ViT was also told where the objects are). On their features we fit a **linear probe**, one linear layer, with ten
# labels for each of 8 kinds that none of them has seen; and that three times, each with other pictures.

# %%
nano = {row.model: row for row in ledger.nano_ledger()}
test_images, test_labels = make_images(500, HELDOUT_CLASSES, seed=9100)
draws = [make_images(80, HELDOUT_CLASSES, seed=seed) for seed in (1, 2, 3)]
transfer = {}
for name in nano:
    model = open_pretrained(name)  # `load` without its line of print
    test_features = model.features(test_images)
    probes = [linear_probe(model.features(x), y, strengths=[0.1]) for x, y in draws]
    transfer[name] = [100 * probe.accuracy(test_features, test_labels) for probe in probes]

# %%
pairs = {name: (nano[name].score, np.mean(transfer[name])) for name in nano}
scores, probed = np.array(list(pairs.values())).T
# Ranks: 0 for the lowest, 1 for the next, and so on.
ranks = [np.argsort(np.argsort(values)) for values in (scores, probed)]
spread = np.mean([np.ptp(values) / 2 for values in transfer.values()])
print(f"rank correlation {np.corrcoef(*ranks)[0, 1]:+.2f} over {len(pairs)} networks")
assert np.corrcoef(*ranks)[0, 1] > 0.3
print(f"which pictures are labelled moves a probe's score by about {spread:.1f} points up or down")
viz.scatter(
    pairs, "accuracy on the 20 kinds it was trained on, %", "linear probe on 8 new kinds, 10 labels each, %",
    title="Own task against yours", size=(6.6, 3.8),
)  # fmt: skip

# %% [markdown]
# (*Rank correlation*: +1 if both axes give the same order, 0 if the orders have nothing to do with each other.) Read the figure
# with the spread in mind: two networks whose heights differ by less than that cannot be told apart here, whatever the ranking says. With
# eleven networks, chance alone gives a correlation beyond 0.62 up or down once in twenty times, so this one is only just worth
# believing. And look at ViT: it is the weakest on its own task, and its features beat those of NASNet, AlexNet and Xception, which
# are far stronger there.
#
# But downloadable weights were *not* trained alike. So the practical rule is: **make a shortlist by the published scores, and
# decide on your own data**. A probe takes seconds.

# %% [markdown] tags=["traps"]
# ## Traps: a number without its protocol
#
# How can one network have two accuracies? Easily: show it each picture twice, once mirrored, and add up the answers. Papers
# used to show ten crops of each photo. Nothing about the network changes.

# %%
resnet = load("resnet_nano")
held_out, truth = make_images(2000, seed=9200)
plain = predict(resnet.model, held_out, resnet.preprocess)
mirrored = predict(resnet.model, held_out[:, :, ::-1], resnet.preprocess)
one = 100 * np.mean(plain.argmax(axis=1) == truth)
two = 100 * np.mean((plain + mirrored).argmax(axis=1) == truth)
print(f"one look {one:.1f} %, two looks {two:.1f} %: {two - one:+.1f} points, at twice the cost")

# %% [markdown]
# Is that gain more than luck? Each picture is right or wrong, like a coin that falls right with probability $p$. So the share of
# right ones among $n$ pictures has a **standard error** of $\sqrt{p(1-p)/n}$: that far from the truth it usually lies.

# %%
for n, share in ((2000, one), (50_000, 76)):
    error = np.sqrt(share * (100 - share) / n)
    print(f"{n:>6} pictures, {share:.0f} % right: standard error {error:.2f} points")

# %% [markdown]
# On 2,000 pictures, half a point may well be luck; on ImageNet's 50,000, a whole point is not. (Two answers to the *same*
# pictures can be told apart a little better, by counting the pictures on which they disagree.) More traps, quickly:
#
# - **The size of the input** belongs to the number. EfficientNet-B7 earns its accuracy at 600 pixels, ResNet-50 at 224.
# - **Top-5** is never lower than top-1. Compare like with like.
# - **Licences** belong to weights, not only to code; the ledger has a column for them. What the training pictures allow is a
#   question of its own.
# - **ImageNet has mistakes**: so many of its validation labels are wrong or ambiguous that the last few points partly measure
#   agreement with the labellers (Beyer and colleagues 2020, "Are we done with ImageNet?").
#
# So what should you take? First, what runs within your budget of milliseconds and megabytes; of these, what lies on the front; of
# these, two or three whose licence allows your use; of these, whichever wins a linear probe on *your* pictures.

# %% [markdown] tags=["exercises"]
# ## Exercises
#
# **1.** A phone has room for so many parameters and time for so many multiply-adds. Which network is the most accurate that fits
# both limits? (A network whose `top1` is `None` cannot be compared: leave it out.)


# %%
def choose(rows, most_params, most_multiply_adds):
    """Return the name of the most accurate fitting network, or None; rows have model, params, multiply_adds, top1."""
    return ...


exercise("13.1").check(choose)

# %%
# exercise("13.1").hint()  # take away the first #; then .solution()

# %% [markdown]
# **2.** Why only one cost? A network that is beaten as long as only arithmetic counts may be unbeaten once the size of the download
# counts as well. Write the test for any number of costs.


# %%
def unbeaten(points):
    """Return the set of unbeaten names; points: name -> (accuracy, cost, cost, ...), any number of costs."""
    return ...


exercise("13.2").check(unbeaten)

# %%
# exercise("13.2").hint()  # take away the first #; then .solution()

# %% [markdown]
# **3.** Network A is right for a share `p` of `n` pictures, network B for a share `q` of `n` others. How many standard errors of
# their difference lie between them? (The squares of two independent errors add.)


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
# - Parameters, multiply-adds, memory and milliseconds are four different costs. The last must be measured.
# - An accuracy without its protocol, its weights and its standard error says little.
# - Some famous numbers belong to weights that nobody can download.
# - Make a shortlist by published scores; decide by a probe on your own data.
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
