# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # YOLOv9: what does a deep network forget on its way to the loss, and how does one get it back?
#
# Each layer sees the picture only through the layers before it. What one of them drops, no later one can find. YOLOv9's
# authors say: then the loss judges a blurred memory, and teaches accordingly. They change the blocks, so that less is lost, and add a
# second teacher that leaves after training. Does either help? We measure both.
#
# > **You will be able to** tell YOLO's nine versions apart, build GELAN's block by hand and prove it exact, measure how much of a
# > picture a network still holds, fold a trained network into a smaller one, and read tables of detectors without falling in.
# >
# > **Needs** [lesson 17](17_yolo_v8.ipynb): boxes, the grid, IoU, mAP. On two cores about a minute, 2 GB of memory, no download.

# %% [markdown] tags=["set-up"]
# ## Set-up

# %%
from course_lib.lessons import exercise, quiz, start

start()

import json
from dataclasses import replace
from time import perf_counter

import keras
import numpy as np
import tensorflow as tf
from course_lib import card, load, viz
from course_lib.boxes import grid
from course_lib.data_dir import data_dir
from course_lib.media.scenes import make_scenes
from course_lib.tasks.base import compiled
from course_lib.training.detection.fit import AUXILIARY, padded
from course_lib.training.detection.loss import detection_loss
from course_lib.training.detection.recipe import score
from course_lib.zoo import yolo_v9
from matplotlib import pyplot as plt

# %% [markdown] tags=["see-it-work"]
# ## See it work
#
# Our small YOLOv9 learned the same 20 kinds of drawn object as lesson 17's detector, and has never seen these scenes.

# %%
model = load("yolo_v9_nano")
net = model.model
scenes, truths = make_scenes(160, seed=9001)  # (160, 96, 96, 3), and the true boxes of each
viz.detections(scenes[:4], model.detect(scenes[:4]), truth=truths[:4])

# %%
held_out = [(scenes, truths), make_scenes(160, seed=9002)]
before = [score(net, *pictures, 20).map50 for pictures in held_out]
print("mAP50 on two sets of 160 scenes:", *(f"{value:.3f}" for value in before))
assert min(before) > 0.7

# %% [markdown] tags=["idea"]
# ## The idea: nothing comes back by itself
#
# Call the picture $X$, what the first layers make of it $f(X)$, what the next make of that $g(f(X))$, and let $I$ be how much of the
# picture can still be told from it (their **mutual information**). Then, whatever $f$ and $g$ are,
#
# $$ I(X, X) \;\ge\; I(X, f(X)) \;\ge\; I(X, g(f(X))) $$
#
# Information may fall, and never rises: [Wang, Yeh and Liao (2024)](https://arxiv.org/abs/2402.13616) call it the **information bottleneck**. Falling is not
# bad in itself; a detector *should* forget the wallpaper. But at the start a network has random weights and forgets at random. So
# they propose two things:
#
# - **GELAN**, blocks that keep what they were given beside what they made of it;
# - **programmable gradient information** (PGI): while the network learns, an **auxiliary branch** with a head and a loss of its own also
#   tells the backbone what to find. Then it is cut off, and costs nothing in use.
#
# ## The line from v1 to v9
#
# | version | by | what it changed |
# |---|---|---|
# | [v1](https://arxiv.org/abs/1506.02640), 2015 | Redmon and others | one pass: 7 x 7 cells, each with two boxes and *one* kind |
# | [v2](https://arxiv.org/abs/1612.08242), 2016 | Redmon, Farhadi | **anchors**: five usual box shapes, which a cell only corrects |
# | [v3](https://arxiv.org/abs/1804.02767), 2018 | Redmon, Farhadi | three grids, coarse to fine; residual blocks |
# | [v4](https://arxiv.org/abs/2004.10934), 2020 | Bochkovskiy, Wang, Liao | CSP blocks (we build one below), CIoU, many training tricks |
# | v5, 2020 | Ultralytics | v4's ideas in PyTorch, easy to use; no paper |
# | [v6](https://arxiv.org/abs/2209.02976), 2022 | Meituan | no anchors; branches that fold into one convolution (below) |
# | [v7](https://arxiv.org/abs/2207.02696), 2022 | Wang, Bochkovskiy, Liao | E-ELAN blocks, GELAN's forerunners; folding; an auxiliary head |
# | v8, 2023 | Ultralytics | v5 without anchors; boxes and kinds in separate branches; no paper |
# | [v9](https://arxiv.org/abs/2402.13616), 2024 | Wang, Yeh, Liao | GELAN and PGI; v8's head |
#
# Different people use the name, so a higher number is no promise. One thing that changed is how many boxes a picture gets. v1 had few, and
# lost one of two objects whose centres fell into the same large cell:


# %% tags=["nbval-check-output"]
def cells_of(size, strides, boxes=1):
    """Return how many boxes a picture of that side gets."""
    return boxes * sum((size // stride) ** 2 for stride in strides)


print(f"v1, 448 px: {7 * 7 * 2:6,}     v2, 416 px: {cells_of(416, [32], 5):6,}")
print(f"v3, 416 px: {cells_of(416, [8, 16, 32], 3):6,}     v8, v9, 640 px: {cells_of(640, [8, 16, 32]):6,}")

# %%
points, groups = {"v7": [card("yolo_v7").facts[k].value for k in (0, 2)]}, {"v7": "YOLOv7"}
for family, sizes in (("v8", "nsmlx"), ("v9", "tsmce")):
    for size in sizes:
        facts, name = card(f"yolo_{family}_{size}"), f"{family}-{size}"
        points[name] = (facts.params / 1e6, facts.weights[0].facts[0].value)
        groups[name] = f"YOLO{family}"
viz.scatter(points, "parameters, millions", "average precision on COCO, %", groups=groups)

# %% [markdown]
# (Average precision over IoU 0.50 to 0.95 on COCO's validation photos: quoted by our cards, which name the source. Parameters: v7's quoted,
# the others counted.)
# Each v9 scores one to three points more than the v8 with the next larger number of parameters. Its authors credit GELAN and PGI. Let us look at each.

# %% [markdown] tags=["build"]
# ## Build GELAN's block by hand
#
# The name says *generalised efficient layer aggregation network*: split, work, keep everything, mix. Its **unit** is a convolution,
# batch norm, and SiLU, $x$ times its own sigmoid. We write the convolution with its norm as an argument, because below we want the
# same block with other weights.


# %%
def trained(x, name):
    """Convolve and normalise with the weights of our nano network."""
    return net.get_layer(f"{name}_bn")(net.get_layer(f"{name}_conv")(x), training=False)


def csp(x, name, conv_bn):
    """Half the channels pass a bottleneck, the other half passes by."""
    main = tf.nn.silu(conv_bn(x, f"{name}_main"))
    sides = [conv_bn(main, f"{name}_block1_rep_{kernel}") for kernel in ("3x3", "1x1")]
    main += tf.nn.silu(conv_bn(tf.nn.silu(sides[0] + sides[1]), f"{name}_block1_last"))
    aside = tf.nn.silu(conv_bn(x, f"{name}_aside"))
    return tf.nn.silu(conv_bn(tf.concat([main, aside], axis=-1), name))


def gelan(x, name, conv_bn):
    """Split the channels, work twice on one half, keep all four parts, mix them."""
    parts = tf.split(tf.nn.silu(conv_bn(x, f"{name}_split")), 2, axis=-1)
    for number in (1, 2):
        worked = csp(parts[-1], f"{name}_csp{number}", conv_bn)
        parts.append(tf.nn.silu(conv_bn(worked, f"{name}_mix{number}")))
    return tf.nn.silu(conv_bn(tf.concat(parts, axis=-1), f"{name}_out")), parts


# %% [markdown]
# v8's block (lesson 17) does this too, with plain bottlenecks. GELAN's point is *generalised*: in the place of `csp` any block may
# stand. What does the depth cost? Count weights, with four numbers a channel for batch norm; a block is as **deep** as its longest
# chain of convolutions.


# %% tags=["nbval-check-output"]
def conv(kernel, before, after):
    """Return the parameters of a convolution and its batch norm."""
    return kernel**2 * before * after + 4 * after


def gelan_size(c):
    h, q = c // 2, c // 4
    one_csp = 2 * conv(1, h, q) + conv(3, q, q) + conv(1, q, q) + conv(3, q, q) + conv(1, h, h)
    return conv(1, c, c) + 2 * (one_csp + conv(3, h, h)) + conv(1, 4 * h, c)


def v8_size(c, bottlenecks):
    h = c // 2
    return conv(1, c, c) + bottlenecks * 2 * conv(3, h, h) + conv(1, (2 + bottlenecks) * h, c)


print("channels   plain, 12 deep   v8's, 12 deep   GELAN's, 12 deep   v8's, 4 deep")
for c in (32, 256):
    print(f"{c:8}{12 * conv(3, c, c):17,}{v8_size(c, 5):16,}{gelan_size(c):19,}{v8_size(c, 1):15,}")
inside_block = [layer for layer in net.layers if layer.name.startswith("p3_") and "down" not in layer.name]
assert gelan_size(32) == sum(layer.count_params() for layer in inside_block)

# %% [markdown] tags=["proof"]
# ## Proof: it is the zoo's
#
# As deep as a plain chain, with a tenth of its weights. (v8's own block is shallower, and lighter still.) But is it the real one? The nano's block `p3` stands behind its third halving: 12 x 12 cells, 32 channels.

# %%
pixels = model.preprocess(scenes[:4])
maps = viz.layer_outputs(net, pixels, ["p3_down", "p3_out"])
ours, parts = gelan(maps["p3_down"], "p3", trained)
difference = np.abs(ours - maps["p3_out"]).max()
print(f"our block against the zoo's: largest |difference| {difference:.0e}")
assert difference < 1e-4

# %% [markdown]
# The whole network is held to its authors' program by the course's tests, with the same weights in both
# ([test_fixtures.py](../../tests/parity/test_fixtures.py)), auxiliary branch included. Code: [zoo/yolo_v9](../../course_lib/zoo/yolo_v9/__init__.py).
#
# ### Fold it: two convolutions are one
#
# Why did `csp` run a 3x3 and a 1x1 convolution side by side, only to add them? Training likes it, and in use it is free. Batch norm with its
# stored mean $\mu$ and variance $\sigma^2$ only scales and shifts each channel; so it can be moved into the convolution before it:
#
# $$ \gamma\,\frac{w * x - \mu}{\sqrt{\sigma^2 + \epsilon}} + \beta \;=\;
#    \underbrace{\tfrac{\gamma}{\sqrt{\sigma^2 + \epsilon}}\,w}_{\text{kernel}} * x \;+\;
#    \underbrace{\beta - \tfrac{\gamma\,\mu}{\sqrt{\sigma^2 + \epsilon}}}_{\text{bias}} $$
#
# And a 1x1 kernel is a 3x3 kernel with eight zeros. Convolutions of the same input add up, weight by weight.


# %%
def folded(name):
    """Return kernel and bias of a convolution that has swallowed its batch norm."""
    (kernel,) = net.get_layer(f"{name}_conv").get_weights()
    gamma, beta, mean, variance = net.get_layer(f"{name}_bn").get_weights()
    scale = gamma / np.sqrt(variance + net.get_layer(f"{name}_bn").epsilon)
    return kernel * scale, beta - mean * scale


# %%
rep = "p3_csp1_block1_rep"
(large, bias), (small, more) = folded(f"{rep}_3x3"), folded(f"{rep}_1x1")
kernel = large + np.pad(small, ((1, 1), (1, 1), (0, 0), (0, 0)))
seen = viz.layer_outputs(net, pixels, ["p3_csp1_main", f"{rep}_sum"])
once = tf.nn.conv2d(seen["p3_csp1_main"], kernel, 1, "SAME") + bias + more
print(f"one convolution for two: largest |difference| {np.abs(once - seen[f'{rep}_sum']).max():.0e}")
assert np.allclose(once, seen[f"{rep}_sum"], atol=1e-4)

# %% [markdown]
# (This is **re-parameterisation**, from [RepVGG](https://arxiv.org/abs/2101.03697). It works because all of this is linear:
# with a SiLU on each branch, which bends, it would be over.) `fuse` does it everywhere: a third of the layers goes,
# hardly any parameters, since the 3x3 kernels stay.

# %%
config = yolo_v9.CONFIGS["yolo_v9_nano"]
fused = yolo_v9.fuse(net, config)
batch = model.preprocess(scenes[:32])
answers = {}
for name, network in {"as trained": net, "fused": fused}.items():
    run = compiled(network)
    answers[name] = run(batch)  # the first call compiles
    begun = perf_counter()
    for _ in range(5):
        run(batch)
    seconds = (perf_counter() - begun) / 5
    print(
        f"{name:10} {len(network.layers)} layers, {network.count_params():,} parameters, {1000 * seconds:.0f} ms for 32 scenes"
    )
difference = np.abs(answers["fused"] - answers["as trained"]).max()
print(
    f"largest |difference| of an answer {difference:.0e}; the answers spread over {answers['fused'].std():.0f}"
)
assert difference < 1e-2

# %% [markdown] tags=["inside"]
# ## Look inside: what does the block keep?
#
# The four parts that GELAN's block lays side by side, and what it mixes out of them; of each, the channel that varies most.

# %%
PICK = 1
with viz.style():
    fig, panels = plt.subplots(1, 6, figsize=(7.0, 1.65), layout="constrained")
    panels[0].imshow(scenes[PICK])
    for axes, part in zip(panels[1:], [*parts, ours], strict=True):
        one = part[PICK].numpy()
        axes.imshow(one[..., one.std(axis=(0, 1)).argmax()], cmap="inferno")
    names = ["scene", "passed by", "split off", "worked once", "worked twice", "mixed"]
    for axes, name in zip(panels, names, strict=True):
        axes.set(xticks=[], yticks=[])
        axes.set_title(name, fontsize=9)
viz.show(
    fig,
    alt="A scene with a face, and five maps of 12 by 12 cells, each bright at other places, most of them at the face.",
)

# %% [markdown]
# The part worked twice and the mix are brightest at the face, the half that passed by at the stick, too; the others are busy all over.
#
# ### How much of the picture is left?
#
# The paper's figure 6 shows maps of untrained networks, deeper and deeper. A chain of plain layers turns to mush first, a residual network
# by layer 100; GELAN's maps still show the objects at layer 200. Maps can deceive, so we ask for a number. Try to **read the picture back**:
# predict each pixel's colour by a linear function of the 3 x 3 cells around it in the map, fitted on some pictures, tested on others. The score is $R^2$: 1 is the exact picture, 0
# no better than one mean colour for all, below 0 worse than that.


# %%
def read_back(maps, wanted, around=1, ridge=1e-2):
    """Fit on three quarters of the pictures; return R^2 on the others, and the guesses for those.

    maps: (n, height, width, channels); wanted: (n, height, width, numbers); around: cells a side that may be read.
    """
    window = (1, around, around, 1)
    x = tf.image.extract_patches(maps, window, (1, 1, 1, 1), (1, 1, 1, 1), "SAME").numpy()
    x = (x - x.mean(axis=(0, 1, 2))) / (x.std(axis=(0, 1, 2)) + 1e-6)
    x = np.concatenate([x, np.ones_like(x[..., :1])], axis=-1)
    cut = len(x) * 3 // 4
    known, goal = x[:cut].reshape(-1, x.shape[-1]), wanted[:cut].reshape(-1, wanted.shape[-1])
    squares = known.T @ known + ridge * len(known) * np.eye(known.shape[1])
    guess = x[cut:] @ np.linalg.solve(squares, known.T @ goal)
    return 1 - np.mean((guess - wanted[cut:]) ** 2) / np.mean((goal.mean(axis=0) - wanted[cut:]) ** 2), guess


# %% [markdown]
# Three chains of random weights, 32 channels wide. Each step goes twelve convolutions deeper: twelve plain units; six pairs of
# units, each with a shortcut (lesson 04); or one block of GELAN, whose longest path has twelve. **Bet first:** who remembers longest?


# %%
def fresh(seed):
    """Return a convolution with random weights, its output normalised over the batch."""
    dice = np.random.default_rng(seed)

    def conv_bn(x, name=None, shape=(3, 3, 32, 32)):
        shape = net.get_layer(f"{name}_conv").kernel.shape if name else shape
        kernel = dice.normal(0, np.prod(shape[:3]) ** -0.5, shape).astype(np.float32)
        y = tf.nn.conv2d(x, kernel, 1, "SAME")
        mean, variance = tf.nn.moments(y, (0, 1, 2))
        return (y - mean) / tf.sqrt(variance + 1e-3)

    return conv_bn


def plain(x, conv_bn):
    for _ in range(12):
        x = tf.nn.silu(conv_bn(x))
    return x


def residual(x, conv_bn):
    for _ in range(6):
        x = x + tf.nn.silu(conv_bn(tf.nn.silu(conv_bn(x))))
    return x


chains = {"plain": plain, "residual": residual, "GELAN": lambda x, conv_bn: gelan(x, "p3", conv_bn)[0]}

# %%
small = np.float32(make_scenes(24, size=32, seed=9003)[0]) / 255
left, memories = {name: [] for name in chains}, {}
for name, step in chains.items():
    for seed in (0, 1, 2):
        conv_bn = fresh(seed)
        x = tf.nn.silu(conv_bn(small, shape=(3, 3, 3, 32)))
        memory = [read_back(x, small, around=3)]
        for _ in range(5):
            x = step(x, conv_bn)
            memory.append(read_back(x, small, around=3))
        left[name].append([amount for amount, _ in memory])
    memories[name] = [guess[0] for _, guess in memory]
depths = 1 + 12 * np.arange(6)
viz.curves(
    {name: (depths, np.array(runs)) for name, runs in left.items()},
    "convolutions on the longest path", "R² of the picture read back", title="What random networks still know",
)  # fmt: skip

# %%
after = {name: np.array(runs)[:, 2].mean() for name, runs in left.items()}
print("R² after 25 convolutions:", ", ".join(f"{name} {amount:.2f}" for name, amount in after.items()))
assert after["plain"] + 0.2 < after["GELAN"] < after["residual"]
rows = [np.clip(255 * one, 0, 255).astype(np.uint8) for name in chains for one in memories[name]]
titles = [name if depth == 1 else str(depth) for name in chains for depth in depths]
viz.images(
    rows,
    titles,
    columns=6,
    width=500,
    alt="One scene read back from three networks, deeper and deeper: the plain one's is grey from 25 layers on, GELAN's fades from 37 "
    "on, the residual one's stays to the end.",
)

# %% [markdown]
# Half of the story holds: 25 convolutions deep, GELAN still knows the scene and the plain chain nothing; 61 deep, GELAN has lost it, too.
# The other half does not hold, at least here: **the residual chain remembers longer**. A likely reason can be drawn with a pencil. Inside a block GELAN keeps
# everything, and its shortest path has two convolutions, not twelve. But those two mix, at every block. A shortcut has none. (The paper looked at
# maps, in networks of other sizes. Exercise 2 counts the paths.)
#
# ### Trained, forgetting is the job
#
# Now the trained network, and a fresh one like it. From the maps of 8, 16 and 32-pixel cells we read back two things, each as 12 x 12
# squares: the colours of the scene, and the share of each square that lies in a true box.

# %%
keras.utils.set_random_seed(0)
guided = yolo_v9.build(replace(config, auxiliary=True))  # with the branch: we need it below
colours = scenes.reshape(160, 12, 8, 12, 8, 3).mean(axis=(2, 4), dtype=np.float32) / 255
covered = np.zeros((160, 96, 96, 1), np.float32)
for mask, one in zip(covered, truths, strict=True):
    for x0, y0, x1, y1 in one.corners.round().astype(int):
        mask[y0:y1, x0:x1] = 1
covered = covered.reshape(160, 12, 8, 12, 8, 1).mean(axis=(2, 4))


# %%
def by_cell(squares, cells):
    """Put the squares that lie in one cell into the channels of that cell."""
    return tf.nn.space_to_depth(squares, 12 // cells).numpy() if cells < 12 else squares


levels, known = {"8 px": "p3_out", "16 px": "p4_out", "32 px": "p5_out"}, {}
for name, network in {"random": guided, "trained": net}.items():
    probe = keras.Model(network.input, [network.get_layer(layer).output for layer in levels.values()])
    found = probe(model.preprocess(scenes), training=name == "random")  # fresh averages: use the batch's
    for what, wanted in {"colours": colours, "objects": covered}.items():
        known[f"{what}, {name}"] = [read_back(x, by_cell(wanted, x.shape[1]))[0] for x in found]
rows = sorted(known)
assert known["objects, trained"][0] > 0.3 > 0.2 > known["colours, trained"][0]
viz.table([known[row] for row in rows], rows, list(levels), form="{:.2f}")

# %% [markdown]
# The fresh network still tells some colours, and next to nothing of the objects. The trained one is the reverse: we find no colours any more, and
# it knows roughly where the objects are. It has learned *what to forget*; in this world, colour tells nothing about the kind. (We read linearly;
# a cleverer reader might find more.) So the bottleneck is no leak to be stopped at any price. The question is who decides what goes: chance, or
# the loss.

# %% [markdown] tags=["change"]
# ## Change it: does the second teacher teach?
#
# The auxiliary branch takes the backbone's maps on a way of its own to a head of its own; its loss counts a quarter. (In v9-C it even
# starts from the *picture* again and adds the backbone's maps, so that less is lost before its loss: the paper's
# "reversible" branch. The nano has the lighter form that its authors' program uses for t and s.) What reaches the backbone from each loss, in a fresh network?


# %%
def pulls(network, images, truths):
    """Return the gradients of both losses at the backbone's maps, from the finest to the coarsest."""
    places = [network.get_layer(name).output for name in ("p1", "p2_out", "p3_out", "p4_out", "p5_out")]
    probe = keras.Model(network.input, [places, network.output])
    with tf.GradientTape(persistent=True) as tape:
        maps, heads = probe(model.preprocess(images), training=True)
        truth = (*grid.cells(96, 96), *padded(truths))
        losses = {name: detection_loss(head, 20, *truth) for name, head in heads.items()}
        losses["auxiliary"] *= AUXILIARY
    return [tape.gradient(losses[name], maps) for name in ("head", "auxiliary")]


# %%
norms, cosines = {"head": [], "auxiliary": []}, []
for first in (0, 16, 32):
    both = pulls(guided, scenes[first : first + 16], truths[first : first + 16])
    sizes = [[float(tf.norm(one)) for one in gradients] for gradients in both]
    for name, size in zip(norms, sizes, strict=True):
        norms[name].append(size)
    dots = [float(tf.reduce_sum(a * b)) for a, b in zip(*both, strict=True)]
    cosines.append(np.array(dots) / np.prod(sizes, axis=0))
print("cosine of the two, p1 to p5:", *(f"{value:.2f}" for value in np.mean(cosines, axis=0)))
viz.gradient_norms(
    {name: np.array(rows) for name, rows in norms.items()}, title="Gradients at p1 to p5, three batches"
)

# %% [markdown]
# Nothing vanishes: both gradients grow towards the picture (and so do the maps). So it is not the *size* that a second teacher mends. Its pull is a
# sixth to an eighth of the head's, and the cosine (1: the same direction, 0: nothing in common) says that it points elsewhere; between two fresh heads,
# chance would say so too. A second opinion, then. A better one?
#
# The test that counts: train with the branch and without it, from the same random weights, with as many updates; compare the networks *as used*,
# without it. **Bet first.** We measured beforehand (`python -m course_lib.training.guidance`): scenes of 64 px, three kinds, 500 updates, two runs each way.

# %%
recorded = json.loads((data_dir() / "experiments" / "guidance.json").read_text())
runs = {way: [one["map50"] for one in seeds.values()] for way, seeds in recorded.items()}
viz.bars(runs, "mAP50 on 300 held-out scenes, a run each", form="{:.2f}")

# %% [markdown]
# (The thin lines span the two runs.) No gain that these runs could show. One pair is nearly even, in the other the network alone did better; its two runs
# differ by 0.07, the ways' means by 0.03. The paper promises no wonders either: its table 5 credits PGI with 0.1 points of average precision for v9-S, 0.3 for M, 0.5 for C,
# 0.6 for E: more, the larger the network. To see a tenth of a point one needs COCO and patience. "Several points from one new branch" would
# have been a reason to look for a mistake.

# %% [markdown] tags=["traps"]
# ## Traps and limits
#
# **Two tables, two numbers, one network.** v9's own README once gave v9-C 25.5 million parameters and 102.8 "GFLOPs"; it now says 25.3 and
# 102.1. Which is right?

# %% tags=["nbval-check-output"]
print("           parameters   2 x multiply-adds, 10^9   published, millions")
for size in "tsmce":
    facts = card(f"yolo_v9_{size}")
    twice = 2 * facts.multiply_adds / 1e9
    print(f"yolo_v9_{size}  {facts.params:10,}   {twice:23.1f}   {facts.facts[0].value:19}")

# %% [markdown]
# Both: the first is the network as trained (25.5 leaves out batch norm's stored averages, as PyTorch counts), the second fused. And those FLOPs count a multiplication and its addition as two, where many papers on
# classifiers count them as one: a factor of two between tables. The network *in training* is larger still:

# %%
for name, network in {"in training": guided, "in use": net, "in use, fused": fused}.items():
    print(f"nano {name:14} {network.count_params():,} parameters")
assert guided.count_params() > 1.3 * net.count_params() > 1.3 * fused.count_params()

# %% [markdown]
# A file with the auxiliary branch in it is not the model that a table describes. The same care with accuracy: v7's
# 51.4 is measured on COCO's *test* photos, its 51.2 on the validation photos, where the others in our figure were.
#
# **Fuse last.** A fused network has no batch norm left: it answers the same, but trains no more as it did.
#
# **Licence.** Code and weights of YOLOv9 are under the GPL-3.0: a program that you pass on with them must be open too.
# Our nano is the course's own, and knows drawings alone.

# %% [markdown] tags=["exercises"]
# ## Exercises
#
# **1.** RepVGG has a third branch that folds: the bare wire, $y = x$. Write it as a 3x3 kernel, so that it can be added to the others.


# %%
def wire_kernel(channels):
    """Return a kernel (3, 3, channels, channels) whose convolution gives back its input."""
    return ...


exercise("18.1").check(wire_kernel)

# %%
# exercise("18.1").hint()  # take away the first #; then .solution()

# %% [markdown]
# **2.** How many convolutions lie on the shortest and on the longest path through a tower of GELAN's blocks? In `csp` there may be several
# bottlenecks, one behind the other; a 3x3 and a 1x1 side by side count as one.


# %%
def paths(blocks, bottlenecks):
    """Return (shortest, longest) number of convolutions through `blocks` blocks."""
    return ...


exercise("18.2").check(paths)

# %%
# exercise("18.2").hint()

# %% [markdown] tags=["quiz"]
# ## Quiz

# %%
quiz("18")

# %% [markdown] tags=["recap"]
# ## Recap
#
# - What a layer drops, no later layer can know. Random networks drop the picture; trained ones drop what the task does not need.
# - GELAN splits, works, keeps, mixes: far more memory than a plain chain, less than a shortcut's, in our test.
# - PGI is a second head that pulls on the backbone and is cut off afterwards; in the paper its gain is small, and grows with size; we saw none.
# - Norms and side branches fold into one convolution: same answers, fewer numbers.
# - Before you compare two tables, ask: fused? with auxiliary branch? which FLOPs? which photos?
#
# | paper | here |
# |---|---|
# | equation 1, the bottleneck | `read_back` at each depth |
# | figure 6, maps of random networks | `plain`, `residual`, `gelan` with `fresh(seed)` |
# | figure 3d, the auxiliary branch | `pulls`, `guidance.json` |
# | figure 4c, GELAN | `gelan`, `csp` |
# | [RepVGG](https://arxiv.org/abs/2101.03697), section 3.3 | `folded`, `kernel = large + np.pad(...)` |
#
# **To read:** [YOLOv9](https://arxiv.org/abs/2402.13616), sections 1, 3 and 4; [YOLOv7](https://arxiv.org/abs/2207.02696), section 4;
# [a review of the line](https://arxiv.org/abs/2304.00501), v1 to v8.
#
# **Next:** [lesson 19](../5_language/19_gpt.ipynb) leaves pictures for language; [the start page](../00_start_here.ipynb) has the map of the course.
