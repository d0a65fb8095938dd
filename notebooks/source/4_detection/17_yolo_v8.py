# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # YOLOv8: how does one look at a picture tell what is in it, and where?
#
# A classifier gives one answer a picture. But a street holds three people, a bus and a dog, each in its own place, and
# nobody says beforehand how many. How can a network, whose output always has the same shape, answer that?
#
# > **You will be able to** read a detector's raw numbers by hand, write IoU, CIoU, non-maximum suppression and average precision
# > and prove them equal to the library's, teach a detector a new kind from thirty pictures, and name the mistakes that cost most.
# >
# > **Needs** [lesson 00](../00_start_here.ipynb), and one small network that you have trained before. On two cores about a minute, 2 GB of memory, no download.

# %% [markdown] tags=["set-up"]
# ## Set-up

# %%
from course_lib.lessons import exercise, quiz, start

start()

import json
from time import perf_counter, process_time

import keras
import numpy as np
import tensorflow as tf
from course_lib import build, card, load, viz
from course_lib.boxes import Boxes, grid
from course_lib.boxes import iou as library
from course_lib.boxes.average_precision import evaluate
from course_lib.boxes.nms import nms as library_nms
from course_lib.data_dir import data_dir
from course_lib.media.letterbox import Letterbox
from course_lib.media.samples import sample
from course_lib.media.scenes import make_scenes
from course_lib.tasks.base import compiled
from course_lib.training.detection.assign import assign
from course_lib.training.detection.finetuning import finetune_detector
from course_lib.training.detection.new_kind import KIND, scenes_with
from course_lib.training.detection.recipe import score as judge
from course_lib.training.fit import predict
from matplotlib import pyplot as plt
from PIL import Image

# %% [markdown] tags=["see-it-work"]
# ## See it work
#
# Our small YOLOv8 learned 20 kinds of drawn object, in cluttered **scenes** of 96 x 96 pixels. It has never seen these.

# %%
model = load("yolo_v8_nano")
scenes, truths = make_scenes(200, seed=9001)  # (200, 96, 96, 3), and the true boxes of each scene
found = model.detect(scenes)  # for each scene, what was found in it
print(found[14], "\n")  # label, score, and the box: left, top, right, bottom
viz.detections(scenes[12:16], found[12:16], truth=truths[12:16], width=560)

# %% [markdown] tags=["idea"]
# ## The idea: every cell speaks for itself
#
# [R-CNN](https://arxiv.org/abs/1311.2524) (2014) proposed some 2,000 regions of a picture, and ran a network on each.
# [YOLO](https://arxiv.org/abs/1506.02640), "you only look once", runs one network once. Lay a grid over the picture. Every
# cell always answers the same two questions: *what kind of object has me inside it, how sure am I?* and *how far is it from my
# centre to that object's left, top, right and bottom edge?* The shape of the answer is fixed; how many cells are sure is not.
#
# YOLOv8 lays three grids at once, with cells of 8, 16 and 32 pixels (their **stride**). Here are the true boxes of the third
# scene above; each orange dot is a cell's centre that lies in one.

# %%
PICK = 14
scene, truth = scenes[PICK], truths[PICK]
with viz.style():
    fig, panels = plt.subplots(1, 3, figsize=(5.4, 2.1), layout="constrained")
    for axes, stride in zip(panels, (8, 16, 32), strict=True):
        axes.vlines(range(0, 97, stride), 0, 96, color="#b9b4ab", linewidth=0.5)
        axes.hlines(range(0, 97, stride), 0, 96, color="#b9b4ab", linewidth=0.5)
        for x0, y0, x1, y1 in truth.corners:
            axes.add_patch(plt.Rectangle((x0, y0), x1 - x0, y1 - y0, fill=False, edgecolor="#005caf"))
        x, y = grid.cells(96, 96, [stride])[0].T[:, :, None]  # the centres, (cells, 1) each
        x0, y0, x1, y1 = truth.corners.T
        inside = ((x > x0) & (x < x1) & (y > y0) & (y < y1)).any(axis=1)
        axes.scatter(x[inside], y[inside], s=1.4 * stride, color="#f0a13a", edgecolor="black", linewidth=0.5)
        axes.set(
            title=f"stride {stride}: {96 // stride} x {96 // stride}",
            xticks=[],
            yticks=[],
            ylim=(96, 0),
            aspect=1,
        )
viz.show(
    fig,
    alt="The true boxes of a scene under grids of 144, 36 and 9 cells; dots mark the cells whose centre lies in a box.",
)

# %% [markdown] tags=["build"]
# ## By hand: how well do two boxes agree?
#
# A box is four numbers: its corners $x_0, y_0, x_1, y_1$, in pixels from the upper left. How far two boxes agree, their
# **intersection over union** (IoU) says: the area that both cover, over the area that either covers. It is 1 if they are the
# same, 0 if they do not overlap.


# %%
def iou(a, b):
    """Return the IoU of boxes a (..., 4) with boxes b (..., 4)."""
    sides = np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2])
    both = np.prod(np.maximum(sides, 0), axis=-1)
    areas = [np.prod(box[..., 2:] - box[..., :2], axis=-1) for box in (a, b)]
    return both / (areas[0] + areas[1] - both)


dice = np.random.default_rng(0)
a, b = np.sort(dice.uniform(0, 96, (2, 1000, 2, 2)), axis=2).reshape(2, 1000, 4)  # a thousand pairs
print(f"largest |difference| from the library's: {np.abs(iou(a, b) - library.iou(a, b)).max():.0e}")

# %% [markdown]
# IoU is blind in one way. Boxes that do not touch have IoU 0, whether they miss by a pixel or by a street. It is flat there, so
# its slope tells a network nothing. **Complete IoU** repairs that: it takes away a part for centres that lie apart (by $d$,
# measured against the diagonal $c$ of the smallest box around both), and a part for another shape ($v$, from the angles whose
# tangents are width over height):
#
# $$ \text{CIoU} = \text{IoU} - \frac{d^2}{c^2} - \frac{v^2}{1 - \text{IoU} + v}, \qquad
#    v = \frac{4}{\pi^2}\left(\arctan\frac{w_a}{h_a} - \arctan\frac{w_b}{h_b}\right)^2 $$
#
# The figure lets a box of 36 x 24 pixels slide past one of 40 x 40.


# %%
def angle(box):
    """Return the angle whose tangent is width over height."""
    return np.arctan2(box[..., 2] - box[..., 0], box[..., 3] - box[..., 1])


def ciou(a, b):
    """Return the complete IoU of boxes a (..., 4) with boxes b (..., 4)."""
    apart = ((a[..., :2] + a[..., 2:] - b[..., :2] - b[..., 2:]) / 2) ** 2
    around = np.maximum(a[..., 2:], b[..., 2:]) - np.minimum(a[..., :2], b[..., :2])
    v = 4 / np.pi**2 * (angle(a) - angle(b)) ** 2
    return iou(a, b) - apart.sum(-1) / (around**2).sum(-1) - v**2 / (1 - iou(a, b) + v)


assert np.allclose(ciou(a, b), library.ciou(a, b))
shift = np.linspace(-100, 100, 201)
fixed, moving = np.array([-20, -20, 20, 20.0]), np.array([-18, -12, 18, 12.0]) + shift[:, None] * [1, 0, 1, 0]
series = {"IoU": (shift, iou(fixed, moving)), "CIoU": (shift, ciou(fixed, moving))}
viz.curves(series, "pixels between the two centres", "agreement", size=(5.6, 2.6))

# %% [markdown]
# Is that slope enough to learn by? Let gradient descent move a box towards another, 60, 30, 84, 60, that it does not touch:

# %%
for name, agreement in {"IoU": library.iou, "CIoU": library.ciou}.items():
    box, optimizer = tf.Variable([10.0, 50, 30, 70]), keras.optimizers.Adam(1.0)
    for _ in range(100):
        with tf.GradientTape() as tape:
            loss = 1 - agreement(box, [60, 30, 84, 60])
        optimizer.apply([tape.gradient(loss, box)], [box])
    print(f"100 steps by {name:4}: box {np.round(box.numpy()).astype(int)}, {name} {1 - loss:.2f}")

# %% [markdown]
# By IoU the box has not moved. YOLOv8's loss takes $1 - \text{CIoU}$.
#
# ## By hand: what one cell says
#
# One pass through the network gives a row of numbers for each cell: 12 x 12 + 6 x 6 + 3 x 3 = 189 rows. The last 20 of a row are
# class scores, before the **sigmoid** $1 / (1 + e^{-x})$, which turns each by itself into a number from 0 to 1.

# %%
net, classes, bins = model.model, len(model.labels), 8
raw = compiled(net)(model.preprocess(scene[None]))[0]
centres, strides = grid.cells(96, 96)
scores = 1 / (1 + np.exp(-raw[:, -classes:]))
surest = int(scores.max(axis=1).argmax())
kind = model.labels[scores[surest].argmax()]
print(f"raw {raw.shape}; cell {surest}, centre {centres[surest]}: {kind}, {scores.max():.0%}")

# %% [markdown]
# And the other 32? Not four distances, but four **distributions**: for each edge, how likely is it 0, 1, 2 ... 7 strides away?
# **Softmax** turns an edge's eight numbers into shares that add up to 1, and the distance is the mean of 0 to 7, weighted by
# them. So a cell can say "2.6 strides", and also *how sure it is* of an edge.

# %%
shares = np.exp(raw[:, :-classes]).reshape(189, 4, bins)
shares /= shares.sum(axis=2, keepdims=True)  # softmax: (cells, edges, bins)
distances = shares @ np.arange(bins) * strides  # left, top, right, bottom; pixels
corners = np.concatenate([centres - distances[:, :2], centres + distances[:, 2:]], axis=1)
difference = np.abs(corners - grid.decode(raw[:, :-classes], centres, strides)).max()
print(
    f"box of the surest cell: {corners[surest].round(1)}; largest |difference| from the library's: {difference:.0e}"
)
assert difference < 1e-3

# %%
with viz.style():
    fig = plt.figure(figsize=(5.0, 2.2), layout="constrained")
    spots = fig.subplot_mosaic(
        [["picture", "left", "top"], ["picture", "right", "bottom"]], width_ratios=[1.3, 1, 1]
    )
    axes, (x, y), side = spots.pop("picture"), centres[surest], strides[surest, 0]
    axes.vlines(range(0, 97, 8), 0, 96, color="#e6e2da", linewidth=0.5)
    axes.hlines(range(0, 97, 8), 0, 96, color="#e6e2da", linewidth=0.5)
    square = {"fill": False, "linewidth": 2}
    axes.add_patch(plt.Rectangle((x - side / 2, y - side / 2), side, side, edgecolor="#005caf", **square))
    x0, y0, x1, y1 = corners[surest]
    axes.add_patch(plt.Rectangle((x0, y0), x1 - x0, y1 - y0, edgecolor="#d97330", **square))
    for tip in ((x0, y), (x, y0), (x1, y), (x, y1)):
        axes.annotate("", tip, (x, y), arrowprops={"arrowstyle": "->", "color": "#d97330"})
    axes.set(xticks=[], yticks=[], ylim=(96, 0), aspect=1, title="the cell, and its box")
    for edge, (name, axes) in enumerate(spots.items()):
        axes.bar(range(bins), shares[surest, edge], color="#005caf")
        axes.axvline(distances[surest, edge] / side, color="#d97330")
        axes.set(title=f"{name}: {distances[surest, edge]:.1f} px", xticks=range(bins), ylim=(0, 1))
viz.show(
    fig,
    alt="A cell of the grid, arrows to the four edges of its box; for each edge bars over 0 to 7 strides, and their mean.",
)

# %% [markdown]
# The orange line is the mean. Here each edge has two neighbouring bars, which share a distance that lies between them: the cell
# is sure of it. A wide hill would be doubt.
#
# ## By hand: many cells, one object
#
# A fair-sized object has the centres of a dozen cells inside it, and several will find it. **Non-maximum suppression** (NMS)
# keeps the surest box, drops all that overlap it too much (here by an IoU above 0.7), and goes on with what is left; each
# kind by itself, since a cat may sit in front of a bus.


# %%
def nms(corners, scores, threshold=0.7):
    """Return the indices of the boxes to keep, the surest first."""
    left, kept = np.argsort(-scores), []
    while len(left):
        surest, left = left[0], left[1:]
        kept.append(surest)
        left = left[iou(corners[surest], corners[left]) <= threshold]
    return kept


sure = scores.max(axis=1) >= 0.25
before = Boxes.of(corners[sure], scores[sure].argmax(axis=1), scores[sure].max(axis=1))
after = [before[before.labels == kind] for kind in np.unique(before.labels)]
after = [boxes[nms(boxes.corners, boxes.scores)] for boxes in after]
print(
    f"{sum(sure)} sure cells, {sum(map(len, after))} objects; the library's NMS: {len(library_nms(before))}"
)

# %%
parts = ("corners", "labels", "scores")
after = Boxes(*(np.concatenate([getattr(boxes, part) for boxes in after]) for part in parts))
titles = ["every sure cell", "after NMS"]
viz.detections([scene] * 2, [before, after], model.labels, titles=titles, columns=2, width=400)

# %% [markdown] tags=["proof"]
# ## Proof
#
# From raw numbers to boxes, all by hand: is it what `.detect()` gave at the top?

# %%
order = np.argsort(-after.scores)
theirs = found[PICK].boxes
difference = np.abs(np.clip(after.corners[order], 0, 96) - theirs.corners).max()
print(f"{len(after)} boxes; largest |difference| of a corner {difference:.0e} px")
assert difference < 1e-2
assert np.array_equal(after.labels[order], theirs.labels)

# %% [markdown]
# And the network? Its building block (its makers, Ultralytics, call it "C2f"; the idea is that of *cross-stage partial* networks)
# splits the channels, sends one half through small convolutions, keeps both halves and *every* result on the way, and mixes them
# at the end. By hand, with the trained weights, for the block of stride 8 (batch norm is [lesson
# 03](../1_convnets/03_inception.ipynb)'s):


# %%
def unit(x, name):
    """Convolution, batch norm, and SiLU, x times its own sigmoid."""
    y = net.get_layer(f"{name}_bn")(net.get_layer(f"{name}_conv")(x), training=False)
    return y * tf.sigmoid(y)


def csp_block(x):
    """(batch, 12, 12, 32) in and out, by the weights of block p3."""
    kept = tf.split(unit(x, "p3_split"), 2, axis=-1)  # two halves of 16 channels
    kept.append(kept[-1] + unit(unit(kept[-1], "p3_block1_1"), "p3_block1_2"))
    return unit(tf.concat(kept, axis=-1), "p3_out")


maps = viz.layer_outputs(net, model.preprocess(scenes[:4]), ["p3_down", "p3_out"])
difference = np.abs(csp_block(maps["p3_down"]) - maps["p3_out"]).max()
print(f"our block against the zoo's: largest |difference| {difference:.0e}")
assert difference < 1e-4

# %% [markdown]
# Such blocks make a **backbone**, which halves the picture's sides five times, and a **neck**, in which coarse cells tell fine
# ones what they saw, and the other way round. On it stands, for each grid, a **head** of two branches, one for boxes, one for
# classes. All of it: [zoo/yolo_v8.py](../../course_lib/zoo/yolo_v8.py). The course's tests hold the whole network equal to
# KerasCV's `YOLOV8Detector` and to Ultralytics' own, IoU and NMS to KerasCV's functions, CIoU to torchvision's (KerasCV's departs
# from the paper), and mAP, which comes below, to pycocotools, the program of COCO, the photos on which detectors are compared.

# %% [markdown] tags=["inside"]
# ## Look inside: which cells speak, and who told them to?
#
# The upper row will show what each cell says, its highest class score; the lower one, what training would have told it. Nobody
# writes down which cell should find which object. **Task-aligned assignment** goes by what the network can do *already*: of the
# cells with their centre in an object, the ten whose score$^{0.5}$ x CIoU$^6$ is highest shall find it, and the better a cell's
# box, the surer it shall be. (The loss has three parts: how far the scores are from what they are told, $1 - \text{CIoU}$, and
# the one of exercise 1.)

# %%
told = assign(
    *(tf.constant(x[None]) for x in (scores, corners)), centres, truth.corners[None], truth.labels[None]
)
with viz.style():
    fig, panels = plt.subplots(2, 3, figsize=(4.8, 3.3), layout="constrained")
    for row, (word, values) in enumerate({"says": scores, "told": told.scores.numpy()[0]}.items()):
        levels = np.split(values.max(axis=1), [144, 180])
        for axes, level, stride in zip(panels[row], levels, (8, 16, 32), strict=True):
            image = axes.imshow(
                level.reshape(96 // stride, -1), extent=(0, 96, 96, 0), cmap="inferno", vmin=0, vmax=1
            )
            for x0, y0, x1, y1 in truth.corners:
                axes.add_patch(
                    plt.Rectangle((x0, y0), x1 - x0, y1 - y0, fill=False, edgecolor="white", linestyle=":")
                )
            axes.set(xticks=[], yticks=[], title=f"{word}, {stride} px")
    fig.colorbar(image, ax=panels, shrink=0.6)
viz.show(
    fig,
    alt="Six heat maps: the score of each cell on three grids, and the score that training would ask for, nearly the same.",
)

# %% [markdown]
# The cells say nearly what they are told, and the coarsest grid is silent. Do large objects go to coarse grids? Nobody said so;
# it would have to come from training. In all 200 scenes, which cell drew each box that was
# found? (A box's side is here the square root of its area.)

# %%
outputs = predict(net, scenes, model.preprocess)  # (200, 189, 52)
drawn = np.clip(grid.decode(outputs[..., :-classes], centres, strides).numpy(), 0, 96)
pairs = [(cells, box) for cells, one in zip(drawn, found, strict=True) for box in one.boxes.corners]
finder = np.array([strides[np.abs(cells - box).sum(axis=1).argmin(), 0] for cells, box in pairs])
side = np.array([np.sqrt(library.area(box)) for _, box in pairs])
for low, high in ((0, 18), (18, 26), (26, 34), (34, 96)):
    group = finder[(low <= side) & (side < high)]
    said = ", ".join(f"stride {stride} {np.mean(group == stride):.0%}" for stride in (8, 16, 32))
    print(f"{len(group)} objects with sides of {low} to {high} px: {said}")

# %% [markdown]
# Not here. Nearly all are found by the finest grid, the large ones most of all. Two reasons. A cell of stride 8 can reach
# 7 x 8 = 56 pixels each way, further than any of our objects is large. And each object is promised ten cells: a large one has
# them all on the fine grid, a small one has not so many centres inside it (see the tree), and coarser cells fill up. On
# photos of 640 pixels, with 16 bins, stride 8 reaches 15 x 8 = 120; a bus that fills the picture *needs* the coarse grid.
#
# ## How good is it?
#
# Accuracy won't do: a detector may find more than there is, or less. Take one kind, and go down all its found boxes from the
# surest. A box is right if it has IoU of at least 0.5 with a true box that no surer one has taken. **Precision**: the share of
# the boxes so far that were right. **Recall**: the share of the true ones found so far. At each of 101 recalls from 0 to 1, take
# the best precision at this recall or a higher one: the mean of these is the **average precision** (AP).


# %%
def average_precision(truths, guesses, kind, enough=0.5):
    """Return recall and precision after each found box of a kind, the surest first; and their average precision."""
    sure, right, total = [], [], 0
    for truth, guess in zip(truths, guesses, strict=True):
        free = truth.corners[truth.labels == kind]
        total += len(free)
        for index in np.flatnonzero(guess.labels == kind):  # the surest first
            overlaps = iou(guess.corners[index], free)
            sure.append(guess.scores[index])
            right.append(overlaps.max(initial=0) >= enough)
            if right[-1]:
                free = np.delete(free, overlaps.argmax(), axis=0)
    right = np.cumsum(np.array(right)[np.argsort(-np.array(sure), kind="stable")])
    recall, precision = right / total, right / np.arange(1, len(right) + 1)
    best = np.append(np.maximum.accumulate(precision[::-1])[::-1], 0)
    return recall, precision, best[np.searchsorted(recall, np.linspace(0, 1, 101))].mean()


# %%
guesses = [one.boxes for one in model.detect(scenes, score=0.001)]  # all that it thinks at all possible
judged = evaluate(truths, guesses, classes)
curves = [average_precision(truths, guesses, kind) for kind in range(classes)]
ours, theirs = np.array([curve[2] for curve in curves]), judged.precisions[0].mean(axis=1)
print(f"AP of 20 kinds: largest |difference| from the library's {np.abs(ours - theirs).max():.0e}")
assert np.allclose(ours, theirs)
shown = np.argsort(ours)[[0, classes // 2, -1]]
series = {f"{model.labels[kind]}, AP {ours[kind]:.2f}": curves[kind][:2] for kind in shown}
viz.curves(
    series, "recall", "precision", ylim=(0, 1.03), title="The hardest kind, a middling one, the easiest"
)

# %% [markdown]
# The mean over the kinds is **mAP50**; averaged also over ten demands from IoU 0.50 to 0.95 it is **mAP** as COCO reports it, which asks
# for exact edges too. Three sets that no training has seen, beside what the card says:

# %%
held_out = [judged, *(judge(net, *make_scenes(200, seed=seed), classes) for seed in (9002, 9003))]
print("mAP50:", *(f"{s.map50:.3f}" for s in held_out), "  mAP:", *(f"{s.map:.3f}" for s in held_out))
for fact in card("yolo_v8_nano").weights[0].facts:
    print(f"card: {fact.name}: {fact.value} ({fact.how})")
assert min(s.map50 for s in held_out) > 0.75

# %% [markdown] tags=["change"]
# ## Change it: a kind that it has never seen
#
# Thirty scenes with rockets. All the other kinds fly about in them too, but only rockets have boxes. Colour says nothing about a
# rocket, so training shuffles it (`recolour`).

# %%
pictures, boxes = scenes_with(KIND, 30, seed=100)
print(f"{sum(map(len, boxes))} rockets in {len(pictures)} scenes")

# %%
test_pictures, test_boxes = scenes_with(KIND, 100, seed=9101)
begun = process_time()
rockets = finetune_detector(model, (pictures, boxes), class_names=[KIND], steps=100, recolour=True)
seconds = process_time() - begun
tuned = judge(rockets.model, test_pictures, test_boxes, 1).map50
print(f"{seconds:.0f} s of processor time; mAP50 on 100 new scenes {tuned:.2f}")
assert tuned > 0.6

# %%
viz.detections(
    test_pictures[:3], rockets.detect(test_pictures[:3]), truth=test_boxes[:3], columns=3, width=360
)

# %% [markdown]
# Where it errs, it is often a bolt: long, with a point. Thirty scenes show few of each other kind.
#
# **Bet first:** how far does the same network come from random weights, in a hundred steps, in four hundred, and with ten times
# as many scenes? That is more than a lesson has time for, so `python -m course_lib.training.detection.new_kind` measured it
# beforehand, three times, each with other scenes to learn from. A bar is the mean; its black line goes from the worst run to the
# best.

# %%
recorded = json.loads((data_dir() / "experiments" / "new_kind.json").read_text())
bars = {way: [run["map50"] for run in runs] for way, runs in recorded.items()}
viz.bars(bars, "mAP50 on 200 other scenes", form="{:.2f}", highlight="fine-tuned, 100 steps")

# %% [markdown]
# Twenty-five steps of a network that knows twenty *other* kinds beat all that we tried from scratch. Four hundred steps on thirty
# scenes teach a blank network next to nothing: it has to learn from them even what a line or a corner is. There, ten times the
# scenes help far more than four times the steps. For the fine-tuned one, more steps than fifty gain little.
#
# ## How fast?

# %%
big = compiled(build("yolo_v8_n"))  # random weights: as slow as trained ones
works = {
    "nano, scene by scene": lambda: [model.detect(one) for one in scenes[:64]],
    "nano, 32 at once": lambda: model.detect(scenes[:64]),
    "YOLOv8n, 640 px, one by one": lambda: [big(np.zeros((1, 640, 640, 3), np.float32)) for _ in range(4)],
}
for name, work in works.items():
    work()  # once for warming up
    begun = perf_counter()
    count = len(work())
    print(f"{name:28} {count / (perf_counter() - begun):6.1f} pictures a second")
ratio = card("yolo_v8_n").multiply_adds / card("yolo_v8_nano").multiply_adds
print(f"By their cards, YOLOv8n has {ratio:.0f} times the multiply-adds of the nano.")

# %% [markdown]
# Of that, a factor of 44 is pixels: $(640 / 96)^2$. (YOLOv8n's line counts the network alone, the nano's the reading of boxes
# too.) In a terminal, `course detect clip.mp4` goes through a video, `course detect webcam:0` through what your webcam sees, and
# both show their frames a second.

# %% [markdown] tags=["traps"]
# ## Traps
#
# Real photos are not square. **Letterboxing** scales a photo until it fits, and fills up with grey; boxes then come out in the
# *square's* pixels, and must go back. Here are wide pictures, 160 x 107. What does each usual mistake cost?


# %%
def wide(seed):
    """Return sixty larger scenes without their lower third, and the boxes that are mostly left."""
    pictures, boxes = make_scenes(60, size=160, seed=seed)
    cut = [Boxes(np.minimum(b.corners, [160, 107, 160, 107]), b.labels) for b in boxes]
    kept = [library.area(c.corners) > 0.5 * library.area(b.corners) for c, b in zip(cut, boxes, strict=True)]
    return pictures[:, :107], [c[keep] for c, keep in zip(cut, kept, strict=True)]


def found_in(pictures, change=np.array, **settings):
    """Return what the detector finds, its corners changed."""
    boxes = [one.boxes for one in model.detect(pictures, score=0.001, **settings)]
    return [Boxes(change(b.corners), b.labels, b.scores) for b in boxes]


# %%
runs = []
for seed in (9001, 9002, 9003):
    pictures, boxes = wide(seed)
    right, squares = found_in(pictures), [Image.fromarray(one).resize((96, 96)) for one in pictures]
    ways = {
        "as it should be": right,
        "squashed into the square": found_in(squares, lambda c: c * np.float32([160, 107, 160, 107]) / 96),
        "boxes in the square's pixels": found_in(pictures, Letterbox(107, 160, 96).to_square),
        "boxes below 0.5 thrown away": [b[b.scores >= 0.5] for b in right],
        "no suppression": found_in(pictures, overlap=1),
    }
    runs.append({way: evaluate(boxes, each, classes).map50 for way, each in ways.items()})
viz.bars({way: [run[way] for run in runs] for way in runs[0]}, "mAP50 on 60 wide pictures", form="{:.2f}")

# %% [markdown]
# Boxes left in the square's pixels are all wrong, and nothing looks broken: there are names, scores, boxes. Without NMS, each
# copy counts as a mistake. To throw away what is below 0.5, as one does for *showing*, cuts recall short: measure with all boxes.
# And squashing? Hardly a loss at 3 to 2, to a network whose training objects came tilted and stretched: the black lines overlap.
# `.detect()` letterboxes even so, since YOLO's official weights were trained with it.
#
# **What it knows.** This nano knows twenty kinds of drawing. On a photo it is lost, and does not know it: a score says which of
# *its* kinds is likeliest, and a cup's rim makes a fine ring. The next cell takes the best weights that are here and says which:
# after `course fetch yolo_v8_n` they are Ultralytics', trained on COCO's photos, whose 80 kinds have people, buses, cups and
# cats.

# %%
photo_model = load("yolo_v8_n")
photo_model.detect(sample("coffee"))  # a cup on a saucer, with a spoon

# %% [markdown]
# **Licence.** Ultralytics' weights are under the AGPL-3.0: who offers a service with them must offer its source too, or buy another
# licence. KerasCV's YOLOv8 for Pascal VOC (`yolo_v8_m`) is under Apache-2.0.

# %% [markdown] tags=["exercises"]
# ## Exercises
#
# **1.** The way back of the decoding: what should a cell say, if an edge is 2.75 strides away? A quarter in bin 2 and three
# quarters in bin 3. That is what the loss asks for (**distribution focal loss**).


# %%
def shares_of(distance, bins):
    """Return the (bins,) shares whose mean is the distance, all in the two bins on both sides of it."""
    return ...


exercise("17.1").check(shares_of)

# %%
# exercise("17.1").hint()  # take away the first #; then .solution()

# %% [markdown]
# **2.** Undo a letterbox. The photo was scaled so that its longer side became `size`, and centred in the square.


# %%
def to_photo(box, height, width, size):
    """Carry a box x0, y0, x1, y1 from the square's pixels to those of a photo of that height and width."""
    return ...


exercise("17.2").check(to_photo)

# %%
# exercise("17.2").hint()

# %% [markdown] tags=["quiz"]
# ## Quiz

# %%
quiz("17")

# %% [markdown] tags=["recap"]
# ## Recap
#
# - One pass; each of 189 cells says what it sees and where that ends. The answer's shape is fixed, the number of objects is not.
# - Each edge is a distribution over distances; its mean is where the box ends.
# - IoU measures, CIoU teaches: it has a slope where boxes do not touch.
# - NMS keeps the surest of many; mAP judges the whole list, down to the least sure.
# - What a detector learned of twenty kinds makes a new one a matter of thirty scenes and seconds.
# - Boxes must go back through the letterbox. What comes out otherwise looks fine, and is all wrong.
#
# | source | line of code |
# |---|---|
# | [Distance-IoU](https://arxiv.org/abs/1911.08287), equations 7 to 11: CIoU | `iou(a, b) - apart... - v**2 / (1 - iou(a, b) + v)` |
# | [Generalized focal loss](https://arxiv.org/abs/2006.04388), section 3: distributions | `shares @ np.arange(bins) * strides` |
# | [TOOD](https://arxiv.org/abs/2108.07755), section 3.2: task-aligned assignment | `assign(...)` |
# | [CSPNet](https://arxiv.org/abs/1911.11929), section 3.1 | `csp_block` |
# | [COCO](https://arxiv.org/abs/1405.0312) and its evaluation | `average_precision` |
#
# **To read:** [You only look once](https://arxiv.org/abs/1506.02640), the grid's first form; [a review of the YOLO
# line](https://arxiv.org/abs/2304.00501).
#
# **Next:** [lesson 18](18_yolo_v9.ipynb) follows that line to YOLOv9.
