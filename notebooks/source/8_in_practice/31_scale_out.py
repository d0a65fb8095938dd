# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
#   course:
#     extras: cluster
# ---

# %% [markdown]
# # Scaling out: twice the workers, the same model, half the time?
#
# One process turns some thirty-five photographs a second into features (EfficientNet-Lite0, two cores). You have a million, or a model whose training takes a week. More
# processes, more machines: what stays exactly the same, what does not, and from when on is it worth it?
#
# > **You will be able to** share feature extraction and training among processes and machines, prove that the result is
# > that of one, survive a worker's death, choose a learning rate for a larger batch, and plan a billion pictures.
# >
# > **Needs** [lesson 15](../3_transfer/15_fine_tuning.ipynb). On two cores about a minute, 3 GB of memory, no download.
# > The extra `cluster` (Ray) must be there; `make lab` brings it, elsewhere type `pip install ".[cluster]"` in a checkout.

# %% [markdown] tags=["set-up"]
# ## Set-up

# %%
from course_lib.lessons import exercise, quiz, start

start()

import json
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import tensorflow as tf
from course_lib import load, viz
from course_lib.cluster.address import parse
from course_lib.cluster.mapping import stream
from course_lib.cluster.planning import Measured, break_even, estimate, workers_for
from course_lib.cluster.training import tune_on
from course_lib.data_dir import data_dir
from course_lib.media.world import HELDOUT_CLASSES, make_images
from course_lib.training.finetuning import tune
from PIL import Image

# %% [markdown] tags=["see-it-work"]
# ## See it work
#
# A folder of 256 painted pictures, and a network that turns each into 128 numbers. Two **workers** shall do it: processes of
# their own, which share nothing with us but the folder. [Ray](https://docs.ray.io) starts them, gives out the paths, and
# collects the answers. In a shell that is one flag more, the last: `course features world --out features.npz --model vgg_nano --cluster local:2`. Starting
# takes a while, so we let that run in the background, and look at what one process says meanwhile.

# %%
pretrained = load("vgg_nano")
folder = Path(tempfile.mkdtemp()) / "world"
folder.mkdir()
images, labels = make_images(256, HELDOUT_CLASSES[:4], seed=31)
for number, image in enumerate(images):
    Image.fromarray(image).save(folder / f"{number:03}.png")

who, background = [], ThreadPoolExecutor(1)
answers = stream(parse("local:2"), folder, "features", "vgg_nano", on_answer=lambda pid, at: who.append(pid))
described = background.submit(lambda: list(answers))

# %%
alone = pretrained.features(folder)
print(f"one process: {alone.shape[0]} pictures, {alone.shape[1]} numbers each")
viz.images(
    list(images[:8]),
    [HELDOUT_CLASSES[k] for k in labels[:8]],
    columns=8,
    width=640,
    alt="Eight painted pictures of 32 px: bottles, hourglasses, keys and umbrellas, two of each, in garish colours.",
)

# %% [markdown] tags=["idea"]
# ## The idea: split the batch, not the model
#
# Features are easy to share, since no picture depends on another. Training is not: each update wants the gradient of the
# whole batch. But a batch's loss is a mean over its pictures, and a gradient of a sum is the sum of gradients. Cut
# the batch $B$ into shares $B_1 \dots B_N$, one for each worker:
#
# $$ \nabla \frac{1}{|B|}\sum_{i \in B} \ell_i \;=\; \sum_{k=1}^{N} \Big( \frac{1}{|B|} \sum_{i \in B_k} \nabla \ell_i \Big) $$
#
# Each worker has a copy of all weights, computes its bracket, all add up their brackets, and all take the same step. So
# the copies stay equal for ever. This is **synchronous data parallelism**. Mind the divisor: the size of the *whole* batch.
# Does it hold for a real network? Sixteen pictures, in shares of ten and six:

# %%
network, batch = pretrained.model, pretrained.preprocess.normalised(images[:16])
kinds = labels[:16]  # of its 20 old classes, the first four: any labels do for a gradient


def gradient(chosen, training=False):
    """Return the gradient of a share's loss, divided by the size of the whole batch, as one vector."""
    with tf.GradientTape() as tape:
        each = tf.nn.sparse_softmax_cross_entropy_with_logits(
            kinds[chosen], network(batch[chosen], training=training)
        )
        loss = tf.reduce_sum(each) / len(batch)
    slopes = tape.gradient(loss, network.trainable_variables)
    return np.concatenate([np.ravel(slope) for slope in slopes])


whole = gradient(np.arange(16))
shares = gradient(np.arange(10)) + gradient(np.arange(10, 16))
difference = np.linalg.norm(whole - shares) / np.linalg.norm(whole)
print(f"{len(whole):,} slopes; the sum of the shares differs by {difference:.0e} of their length")
assert difference < 1e-5

# %% [markdown] tags=["build"]
# ## By hand: adding up in a ring
#
# How do $N$ workers add up their vectors? If all send to one and it sends back the sum, that one moves $2(N-1)$ vectors through a single
# cable. The **ring all-reduce** has no such bottleneck. Cut each vector into $N$ pieces. In each round, everybody sends *one
# piece* to the neighbour on the right and adds what comes from the left. After $N-1$ rounds each worker holds one finished piece;
# in $N-1$ more, the finished pieces go round.


# %%
def ring_all_reduce(vectors):
    """Let workers in a ring add up their vectors; return what each then holds, and how many numbers each has sent."""
    n = len(vectors)
    pieces = [np.array_split(vector.copy(), n) for vector in vectors]
    sent = np.zeros(n, int)
    for turn in range(2 * (n - 1)):
        adding = turn < n - 1
        # Worker k sends piece k - turn; in the second half, which begins at turn n - 1, the finished piece k + n - turn.
        going = [(k, (k - turn if adding else k + n - turn) % n) for k in range(n)]
        letters = [(k, piece, pieces[k][piece].copy()) for k, piece in going]
        for k, piece, letter in letters:
            right = pieces[(k + 1) % n]
            right[piece] = right[piece] + letter if adding else letter
            sent[k] += len(letter)
    return [np.concatenate(worker) for worker in pieces], sent


# %%
vectors = [gradient(np.arange(4 * k, 4 * k + 4)) for k in range(4)]
held, sent = ring_all_reduce(vectors)
for vector in held:
    assert np.array_equal(vector, held[0])  # all hold the very same numbers
assert np.linalg.norm(held[0] - whole) < 1e-5 * np.linalg.norm(whole)
print(f"4 workers; each sent {sent.mean() / len(whole):.3f} times the gradient; 2 (N - 1) / N = {2 * 3 / 4}")

# %% [markdown]
# However many workers there are, each sends less than two gradients, and receives as many. The one in the middle of a star would
# move ever more. With two workers, both do the same:

# %%
n = np.arange(2, 33)
lines = {"ring, each worker": (n, 4 * (n - 1) / n), "star, the one in the middle": (n, 2.0 * (n - 1))}
viz.curves(lines, "workers", "gradients sent and received in an update", logy=True, size=(6.6, 2.8))

# %% [markdown] tags=["proof"]
# ## Proof: two processes, the losses of one
#
# By now the workers should be done with the folder.

# %%
names, rows = zip(*described.result(), strict=True)
print(
    f"{len(rows)} answers of {len(set(who))} processes, in the folder's order: {list(names) == sorted(names)}"
)
difference = np.abs(np.stack(rows) - alone).max()
print(f"largest |difference| from one process: {difference:.0e}, of numbers up to {alone.max():.1f}")
assert difference < 1e-4

# %% [markdown]
# Now training. Two processes fine-tune the whole network with TensorFlow's `MultiWorkerMirroredStrategy`, which is our ring, over the
# network card or, here, the machine's own loopback: three epochs, each batch of 18 shared nine and nine. In a shell it is
# `course finetune FOLDER --out OUT --epochs 3 --cluster local:2`. While they work, one process does the same alone.

# %%
few, plan = (images[:96], labels[:96]), {"epochs": 3, "batch_size": 18, "patience": 9}
waiting = background.submit(lambda: tune_on(parse("local:2"), pretrained, few, **plan)[1])
single = tune(pretrained, few, **plan)[1]
shared = waiting.result()

# %%
for one, other in zip(single.epochs, shared.epochs, strict=True):
    print(f"epoch {one.number}: one process {one.loss:.7f}, two workers {other.loss:.7f}")
apart = max(abs(b.loss / a.loss - 1) for a, b in zip(single.epochs, shared.epochs, strict=True))
print(f"relative difference at most {apart:.0e}")
assert apart < 1e-6

# %% [markdown]
# What is left is the order of a sum. And now somebody stumbles over a cable. **Bet first:** one of two workers is
# killed in mid-training. What are the losses? `python -m course_lib.cluster.killed` did it three times, as soon as
# there was a checkpoint:

# %%
killed = json.loads((data_dir() / "experiments" / "killed.json").read_text())
for draw, runs in enumerate(zip(*killed.values(), strict=True)):
    for way, run in zip(killed, runs, strict=True):
        losses = " ".join(f"{loss:.6f}" for loss in run["losses"])
        print(f"draw {draw}, {way:23}: {losses}; started {run['started']} times, {run['seconds']:.0f} s")
    assert runs[1]["losses"] == runs[2]["losses"]  # to the last bit

# %% [markdown]
# Killed or not, two workers end with the same losses to the last bit; only later. (One process differs in the eighth decimal.)
# And mind the seconds: for so small a training, two workers took about three times as long as one process. Here they prove that
# the result is equal, not that it comes sooner. When one worker dies, the other waits for its share in vain. So both are
# ended, and both begin again from the last **checkpoint**: weights, optimiser, the place in the order of the pictures. In
# the *folder* job nobody waits for anybody: there the dead worker is replaced, and only its batch is done again.
#
# On one machine with several graphics cards, one process and `MirroredStrategy` do the same; on many machines, Ray Train
# starts the processes (`--cluster auto`, or the cluster's `HOST:PORT`).

# %% [markdown] tags=["inside"]
# ## Look inside: where equality breaks
#
# All that rests on one silent condition: a picture's loss must not depend on which other pictures are in its share. **Batch norm** in
# training breaks it: it uses the mean and deviation of what *this* worker sees. (Our small VGG has seven such layers; that of the paper
# had none.) Our 16 pictures in ever more shares:

# %%
before, off = network.get_weights(), {}
in_training = gradient(np.arange(16), training=True)
for count in (2, 4, 8, 16):
    moving = sum(gradient(part, training=True) for part in np.array_split(np.arange(16), count))
    off[f"{count} shares"] = np.linalg.norm(moving - in_training) / np.linalg.norm(in_training)
network.set_weights(before)  # the moving statistics had moved
title = "Batch norm by share: the gradient is another one"
viz.bars(off, "difference from the whole batch's gradient, in lengths of it", form="{:.0%}", title=title)

# %% [markdown]
# With frozen statistics (`training=False`, as `finetune` does) the difference was rounding. With batch statistics, the sum of two
# halves is already far from the gradient of the whole: it is another training. The ways out: freeze them, as here; **synchronise** them, so that all workers
# share one mean (`BatchNormalization(synchronized=True)`, at the price of more messages); or use a norm that looks at one picture
# only, as GroupNorm does in [lesson 11](../2_transformers_and_scale/11_scale_and_noise.ipynb). The authors whom we follow below took a
# fourth: each worker keeps its own statistics, of 32 pictures, however many workers there are. That is not the training of one
# process, but the same one for any number of workers. Shares as small as ours, eight pictures to one, are the hard case.

# %% [markdown] tags=["change"]
# ## Change it: a larger batch
#
# Ten workers with nine pictures each make a batch of ninety. For the same number of looks at the data, there are ten times fewer
# updates. The **linear scaling rule** says: make the learning rate as many times larger as the batch. The reason: $k$ small
# steps in nearly the same place add up to one large step. At the start the place changes fast. So **warm up**: over the first
# quarter of the updates, let the rate rise step by step to its full size.
#
# **Bet first:** up to which batch will it hold? A small network learns handwriting by plain gradient descent with momentum; 915 digits, each seen
# twenty times; tested on other hands. Five draws each, recorded by `python -m course_lib.training.batch_scaling`.

# %%
recorded = json.loads((data_dir() / "experiments" / "batch_scaling.json").read_text())
sizes = [16, 64, 256, 915]
words = {"kept": "rate kept", "scaled": "rate times batch", "warmed": "the same, warmed up"}
series = {
    word: (sizes, np.array([[run["right"] for run in recorded[f"{size}, {way}"]] for size in sizes]).T)
    for way, word in words.items()
}
viz.curves(series, "pictures in a batch", "test digits named rightly", logx=True, percent=True)

# %%
for size in sizes:
    mean = {way: np.mean([run["right"] for run in recorded[f"{size}, {way}"]]) for way in words}
    steps = recorded[f"{size}, kept"][0]["updates"]
    print(
        f"batch {size:3}: {steps:4} updates; " + ", ".join(f"{words[way]} {mean[way]:.1%}" for way in words)
    )
    if size == 256:
        assert mean["scaled"] > mean["kept"]

# %% [markdown]
# Counted in digits named rightly, the rule holds up to 256: 71 updates do what 1,143 did, *if* the rate goes along; with the old
# rate, two points are lost. The loss on the test digits, recorded too, is less kind: 0.24 at 16, at 256 0.35 with the larger rate
# and 0.26 with the old one. Which measure you look at decides what "holds" means. At
# 915, the whole set at once, it breaks, and warming up mends a part of that. Every problem has such a **critical batch size**;
# more workers than it can feed are wasted. And the rule is for gradient descent; for Adam, which divides the gradient's size out,
# one often scales by the square root.
#
# ## And the time?
#
# Half? Recorded by `python -m course_lib.cluster.throughput`: EfficientNet-Lite0 on 384 pieces of one photograph, JPEG
# files of 256 px, three runs of each.

# %%
runs = json.loads((data_dir() / "experiments" / "throughput.json").read_text())


def of(way, what):
    """Return what the three runs of one way measured."""
    return np.array([run[what] for run in runs[way]])


viz.bars({way: of(way, "rate") for way in runs}, "pictures a second, once it runs", form="{:.1f}")

# %%
alone_, shared_ = (
    Measured(rate=of("one process", "rate").mean(), start=of("one process", "start").mean()),
    Measured(rate=of("2 workers", "rate").mean() / 2, start=of("2 workers", "start").mean()),
)
print(f"seconds to the first answer: {alone_.start:.0f} alone, {shared_.start:.0f} with two workers")
print(f"two workers end first from about {round(break_even(alone_, shared_, 2), -3):,.0f} pictures on")

# %% [markdown]
# Not half: 1.2 times as many pictures a second (1.0 to 1.4, from run to run), so a sixth of the time is saved. For no processor
# was added: one process may use both by itself, two workers have one each. And the break-even is no more than an order of
# magnitude: the three runs by themselves give 2,200, 6,500 and 20,000.
# Machines of their own would not be in each other's way; there, cable and storage decide. And for a folder of 256, two
# workers are a loss: one process is done before they have started. That is overhead: work that
# exists only because we share. And even without it there is a bound, **Amdahl's law**: the part of the work that can't be shared
# takes as long as before. If that is a tenth, no number of workers is more than ten times faster.

# %% [markdown]
# ## A million, a billion
#
# A plan is arithmetic on such measurements. Put in your own: `rate` from a hundred pictures on *your* machine, the price that
# *you* pay. (0.50 an hour below is an example, nobody's offer.)

# %%
worker = Measured(
    rate=of("1 worker", "rate").mean(),
    efficiency=0.9,  # an assumption: machines of their own, storage that keeps up
    start=of("1 worker", "start").mean(),
    memory=of("1 worker", "memory").mean(),
    picture=of("1 worker", "picture").mean(),
    row=4 * of("1 worker", "row").mean(),
)
for images_ in (10**6, 10**9):
    for count in (1, 100, 1000):
        e = estimate(images_, count, worker, price=0.50)
        print(f"{images_:>13,} pictures, {count:5,} workers: {e.seconds / 60:9,.0f} min, {e.money:5,.0f} money; "
              f"memory {e.memory / 1e9:5,.0f} GB, read {e.read / 1e9:6,.0f} GB, keep {e.kept / 1e9:5,.0f} GB")  # fmt: skip
week = 7 * 86_400
here = replace(worker, efficiency=of("2 workers", "rate").mean() / 2 / worker.rate)  # two on one core
print(f"workers for a billion within a week: {workers_for(10**9, week, worker):,}; "
      f"with the efficiency measured here, {here.efficiency:.2f}: {workers_for(10**9, week, here):,}")  # fmt: skip

# %% [markdown]
# For the billion, a hundred workers and a thousand cost the same, and a tenth more than one: that tenth is the efficiency that we
# assumed. So take as many as the storage can feed. For the million, a thousand cost twice as much: half of what you pay is their start. And the features of a billion pictures are terabytes: they
# don't fit into one `.npz`. The paths go out a million at a time, so the list may be as long as you like; cut it nonetheless, and
# write a file for each part.

# %% [markdown] tags=["traps"]
# ## Traps
#
# **The wrong divisor.** It is easy to write `reduce_mean` over the share, and to add up. Then each bracket is divided by its share's
# size, and with equal shares the sum is $N$ times too large (averaging the brackets, as some libraries do, would mend it):

# %%
for count in (2, 8):
    parts = np.array_split(np.arange(16), count)
    wrong = sum(gradient(part) * 16 / len(part) for part in parts)
    print(f"{count} workers: a gradient {np.linalg.norm(wrong) / np.linalg.norm(whole):.2f} times as long")

# %% [markdown]
# With gradient descent that is a learning rate eight times too high. With Adam nothing seems wrong, until you clip
# the gradient.
#
# **Everyone shuffles alone.** Eight workers, each with a seed of its own, each drawing an eighth of *all* pictures for an epoch.
# How many pictures does nobody see?

# %%
seen = np.concatenate([np.random.default_rng(seed).permutation(8000)[:1000] for seed in range(8)])
missed = 1 - len(np.unique(seen)) / 8000
twice = np.mean(np.bincount(seen, minlength=8000) > 1)
print(f"seen by nobody: {missed:.0%}; by the formula (1 - 1/8)^8, {(7 / 8) ** 8:.0%}")
print(f"seen twice or more: {twice:.0%}")

# %% [markdown]
# One order for all, from one seed, and worker $k$ takes every $N$-th picture of each batch: so does the library, and it draws the
# *augmentation* for the whole batch too, so that a picture is changed in the same way whoever has it.
#
# **And the rest.** All machines must see the same files under the same paths. Ray trusts whoever reaches its ports:
# keep a cluster in a closed network. And before you scale out: one graphics card may replace many processor workers. Measure that first.

# %% [markdown] tags=["exercises"]
# ## Exercises
#
# **1. Your share.** Which places of a batch are this worker's?


# %%
def share(batch_size, rank, workers):
    """Return the places in a batch, 0 to batch_size - 1, of worker `rank`: every workers-th, beginning with its own rank."""
    return ...


exercise("31.1").check(share)

# %%
# exercise("31.1").hint()  # take away the first #; then .solution()

# %% [markdown]
# **2. Seconds for a ring.** Time for one all-reduce, if the cable is all that counts.


# %%
def ring_seconds(parameters, workers, gigabits):
    """Return the seconds in which each worker sends its part of a ring all-reduce; 4 bytes a parameter, gigabits a second."""
    return ...


exercise("31.2").check(ring_seconds)

# %%
# exercise("31.2").hint()  # take away the first #; then .solution()

# %% [markdown]
# **3. Amdahl.** How many times faster, when only a part of the work can be shared?


# %%
def speedup(shared, workers):
    """Return how many times faster `workers` are, when the part `shared` (0 to 1) of the work is shared among them."""
    return ...


exercise("31.3").check(speedup)

# %%
# exercise("31.3").hint()  # take away the first #; then .solution()

# %% [markdown] tags=["quiz"]
# ## Quiz

# %%
quiz("31")

# %% [markdown] tags=["recap"]
# ## Recap
#
# - The gradient of a batch is the sum of its shares', each divided by the size of the whole: N workers can train as one.
# - A ring all-reduce adds them up; each worker sends less than two gradients, however many there are.
# - It is exact while no picture depends on its neighbours. Batch norm in training breaks that; freeze or synchronise it.
# - A larger batch wants a larger rate, up to a point. Beyond it, workers are wasted.
# - Half the time? Not where one process uses every core already, nor for a small folder or training: starting costs. Measure, then multiply.
# - A death costs a batch, or the time since the last checkpoint; never the result.
#
# | In the paper (arXiv 1706.02677) | here |
# |---|---|
# | Section 2.1, the linear scaling rule | `rate times batch` |
# | Section 2.2, gradual warm-up | `the same, warmed up` |
# | Section 3, normalise by the whole minibatch | `tf.reduce_sum(each) / len(batch)` |
# | Section 2.3, batch norm over a share | `gradient(part, training)` |
# | Section 4.1, aggregation by all-reduce | `ring_all_reduce(vectors)` |
#
# **Read on:** Goyal and others, *Accurate, Large Minibatch SGD* (2017); McCandlish and others, *An Empirical Model of
# Large-Batch Training* (2018), on the critical batch size.
# **Next:** a folder of your own, and `--cluster local:2`.
