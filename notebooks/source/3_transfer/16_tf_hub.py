# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # TF Hub: can a network that comes without its code still learn?
#
# Somebody publishes a trained network: a folder, without a line of Python in it. You can run it. But your task is not
# theirs. Can you *teach* it, when you cannot even see its layers?
#
# > **You will be able to** read what such a folder offers before you run it, build the Keras layer that makes it part of
# > your own network, prove that it answers as the original and that gradients reach every one of its variables, fine-tune
# > it, and say what it could do to your computer.
# >
# > **Needs** [lesson 14](14_feature_extraction.ipynb). On two cores about a minute, 3 GB of memory, no download.

# %% [markdown] tags=["set-up"]
# ## Set-up
#
# TF Hub was Google's site for trained networks. Its library keeps what it downloads in a **cache**, a folder on your disk. Ours
# shall be a temporary one, like everything else in this lesson.

# %%
from course_lib.lessons import exercise, quiz, start

start()

import hashlib
import os
import tempfile
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from course_lib import build, card, list_models, load, viz
from course_lib.errors import CourseError
from course_lib.media.samples import sample
from course_lib.tasks.base import compiled
from course_lib.tasks.classify import best
from course_lib.training.fit import Settings, Trainer
from course_lib.training.probe import linear_probe
from course_lib.weights.hub_layer import HubLayer
from course_lib.weights.saved_model import tensorflow_hub
from PIL import Image
from sklearn.datasets import load_digits
from tensorflow.core.protobuf import saved_model_pb2

hub = tensorflow_hub()  # `import tensorflow_hub as hub`, without its warning about an old package
place = Path(tempfile.mkdtemp())
os.environ["TFHUB_CACHE_DIR"] = str(place / "cache")
tf.get_logger().setLevel("ERROR")  # it would announce every file that it writes

# %% [markdown] tags=["see-it-work"]
# ## Publish a network, and meet it as a stranger
#
# To have a stranger without a download, we play both parts. First the publisher: EfficientNet-Lite0 with its real ImageNet
# weights. TF Hub's convention for pictures is numbers from 0 to 1; Lite0 wants (pixel - 127) / 128, so the scaling is built
# in. `export` writes a **SavedModel**, and we lay it where TF Hub's library would look: a folder named by the *SHA-1*, a
# fingerprint, of the address. (There is no such address. The cache never asks.)

# %%
lite = load("efficientnet_lite0")
images = keras.Input((224, 224, 3), name="images")
scaled = keras.layers.Rescaling(255 / 128, offset=-127 / 128)(images)
HANDLE = "https://tfhub.dev/somebody/efficientnet_lite0/classification/1"
folder = place / "cache" / hashlib.sha1(HANDLE.encode()).hexdigest()
keras.Model(images, lite.model(scaled)).export(folder, verbose=False)
print(folder.name)

# %% [markdown]
# Now forget all that. You have an address, called a **handle**:

# %%
stranger = load("hub:" + HANDLE)
coffee = stranger.preprocess([np.asarray(Image.open(sample("coffee")))])  # (1, 224, 224, 3), 0 to 1
scores = stranger.run("serve", images=coffee)["output_0"][0]  # (1000,)
viz.predictions(sample("coffee"), best(scores, lite.labels, 3))

# %% [markdown]
# It works. How did we know that there is a function `serve`, and that its input is called `images`? The folder says so. Each function
# that it offers is a **signature**: names, shapes and kinds of numbers, in and out. Reading them runs nothing.

# %% tags=["nbval-check-output"]
for signature in stranger.signatures:
    print(signature)

# %% [markdown] tags=["idea"]
# ## The idea: the program and its numbers, without the language
#
# A SavedModel is a function with everything it needs:
#
# $$ y = g(x;\ \theta) $$
#
# $\theta$ are the **variables**, the learned numbers. $g$ is a **graph**: a list of operations, "multiply this by
# that", which TensorFlow runs without Python. This solved a real problem: nobody needed the publisher's code, in the right
# version, with the right libraries. Here is what was sent to us.

# %%
for path in sorted(path for path in folder.rglob("*") if path.is_file()):
    print(f"{path.stat().st_size / 1e6:6.2f} MB  {path.relative_to(folder)}")
graph = saved_model_pb2.SavedModel.FromString((folder / "saved_model.pb").read_bytes()).meta_graphs[0]
functions = [[node.op for node in f.node_def] for f in graph.graph_def.library.function]
network = max(functions, key=lambda ops: ops.count("Conv2D"))
often = sorted(set(network), key=lambda op: (-network.count(op), op))[:9]
counts = {op: network.count(op) for op in often}
viz.bars(counts, f"how often among the {len(network)} operations of the network", form="{:.0f}")

# %% [markdown]
# This is the whole network. It has no layers. Of batch norm only the arithmetic is left: multiplying, adding and a reciprocal
# root (`Rsqrt`). `ReadVariableOp` is where the numbers come in. Remember it: that is our way in.

# %% [markdown] tags=["build"]
# ## Build it: a layer round a stranger
#
# TF Hub's library has a layer for this, and every older tutorial uses it. A stranger small enough to see through:


# %%
class Tiny(tf.Module):
    """Two numbers, and what is done with them."""

    def __init__(self):
        super().__init__()
        self.w = tf.Variable([[2.0], [3.0]], name="w")

    @tf.function(input_signature=[tf.TensorSpec((None, 2), tf.float32)])
    def __call__(self, inputs):
        return inputs @ self.w


tiny = str(place / "tiny")
tf.saved_model.save(Tiny(), tiny)
try:
    keras.Sequential([hub.KerasLayer(tiny, trainable=True)])
except ValueError as error:
    print(str(error).partition(" Received")[0])

# %% [markdown]
# But it *is* a Keras layer! Of which Keras?

# %% tags=["nbval-check-output"]
for kind in hub.KerasLayer.__mro__[:2]:
    print(f"{kind.__module__}.{kind.__name__}")
print("a layer of Keras 3:", issubclass(hub.KerasLayer, keras.Layer))

# %% [markdown]
# `tf_keras` is Keras 2, kept alive under another name. Since TensorFlow 2.16 `keras` is Keras 3: two class trees that know
# nothing of each other. So we build our own. First attempt: load the thing, and call it.


# %%
class Naive(keras.layers.Layer):
    """Calls a SavedModel."""

    def __init__(self, folder):
        super().__init__()
        self.loaded = hub.load(folder)

    def call(self, inputs):
        return self.loaded(inputs)


naive = Naive(tiny)
print(naive(tf.constant([[1.0, 10.0]])).numpy(), "= 1 x 2 + 10 x 3")


# %%
def trained(layer):
    """Train the layer and a small head for one step; return how far the stranger's numbers moved."""
    inputs = keras.Input((2,))
    model = keras.Model(inputs, keras.layers.Dense(1)(layer(inputs)))
    before = layer.loaded.w.numpy()
    model.compile("adam", "mse")
    model.fit(np.ones((8, 2)), np.zeros((8, 1)), verbose=0)
    return np.abs(layer.loaded.w.numpy() - before).max()


moved = trained(naive)
print(f"weights that Keras knows of: {len(naive.weights)}; the stranger's moved by {moved}")
assert moved == 0

# %% [markdown]
# The right answer, a training run without error, and **nothing has moved**. Keras trains the variables that it knows, and it
# knows none: `w` lies inside the loaded object. This is the silent way to fail.
#
# Keras must *adopt* the variable. A copy would not do, since the graph would go on reading the original. But
# `keras.Variable` can wrap a variable that exists:

# %%
adopted = keras.Variable(initializer=naive.loaded.w, name="w")
print("the very same variable:", adopted.value is naive.loaded.w)


# %%
class Adopted(keras.layers.Layer):
    """A SavedModel whose variables Keras knows."""

    def __init__(self, folder, run=lambda loaded, x: loaded(x), **kwargs):
        super().__init__(**kwargs)
        self.loaded, self.run = hub.load(folder), run  # kept: the variables live as long as the object does
        for variable in getattr(self.loaded, "variables", None) or [self.loaded.w]:
            name = variable.name.partition(":")[0].replace("/", "_")  # Keras allows no slash
            trains = variable.trainable
            self._track_variable(keras.Variable(initializer=variable, trainable=trains, name=name))

    def call(self, inputs):
        return self.run(self.loaded, inputs)


moved = trained(Adopted(tiny))
print(f"the stranger's numbers moved by {moved:.4f}")
assert moved > 0

# %% [markdown]
# One line did it: `_track_variable`. (The underscore says that Keras may change it; the course's tests would notice.) The
# library's `HubLayer` is this class with the cases that real folders bring: named signatures, several outputs, modules that know
# a training mode, files of TensorFlow 1, and saving.

# %% [markdown] tags=["proof"]
# ## Proof: the same answers, and gradients everywhere

# %%
ours = Adopted(str(folder), run=lambda loaded, x: loaded.serve(x))  # Keras's export gives this name
photos = stranger.preprocess([np.asarray(Image.open(sample(name))) for name in ("cat", "coffee")])
original = lite.model(photos * np.float32(255 / 128) - np.float32(127 / 128), training=False)
with tf.GradientTape() as tape:
    answers = ours(photos)  # (2, 1000)
    total = tf.reduce_sum(answers[:, 967])  # 967 is espresso
gradients = tape.gradient(total, [variable.value for variable in ours.trainable_variables])
print(f"largest difference from the network that was exported: {np.abs(answers - original).max():.1e}")
library = stranger.model(photos, training=False)
print(f"from the library's layer: {np.abs(answers - library).max():.1e}")
reached = sum(g is not None and np.abs(g).max() > 0 for g in gradients)
print(f"{reached} of {len(gradients)} trainable variables have a gradient")
assert np.abs(answers - original).max() < 1e-3
assert np.abs(answers - library).max() < 1e-3
assert reached == len(gradients)

# %% [markdown] tags=["inside"]
# ## Look inside: asking a box without windows what it saw
#
# No layers, so no feature maps and no Grad-CAM. But whoever has gradients can go all the way back to the *pixels*: which of them
# would change the score for espresso most? One gradient is speckled, so we average the gradient's size over eight slightly
# noisy copies of the photo, after [SmoothGrad](https://arxiv.org/abs/1706.03825), and then over squares of 8 x 8 pixels.

# %%
rng = np.random.default_rng(0)
noisy = tf.constant(coffee + rng.normal(0, 0.1, (8, 224, 224, 3)).astype(np.float32))
with tf.GradientTape() as tape:
    tape.watch(noisy)
    espresso = tf.reduce_sum(ours(noisy)[:, 967])
slope = np.abs(tape.gradient(espresso, noisy)).mean(axis=0).max(axis=-1)  # (224, 224)
heat = slope.reshape(28, 8, 28, 8).mean(axis=(1, 3))
heat = (heat - heat.min()) / (heat.max() - heat.min())
alt = "A cup of coffee, and the same photo with heat on the coffee itself, on the cup's handle and on the spoon."
viz.heat(np.uint8(coffee[0] * 255), heat, alt=alt)

# %% [markdown]
# At the coffee, at the cup's handle, at the spoon; hardly at the table or at the rest of the cup. A program without layers
# told us so, because each of its operations has a derivative. That is also why it can learn.

# %% [markdown] tags=["change"]
# ## The experiment: frozen, fine-tuned, or your own from scratch
#
# Lite0 would need minutes to train on two cores, so the second stranger is small: the course's nano ResNet without its head,
# 32 x 32 pixels in, 64 features out. It has only ever seen painted objects. The task: scikit-learn's handwritten digits, **ten
# labels of each**. In lesson 14 this very pair was a defeat: the plain pixels beat the features.

# %%
nano = load("resnet_nano")
small = keras.Input((32, 32, 3), name="images")
eyes = keras.Model(nano.model.input, nano.model.get_layer("pool").output)
keras.Model(small, eyes(keras.layers.Rescaling(2.0, offset=-1.0)(small))).export(
    place / "nano", verbose=False
)
data, kinds = load_digits(return_X_y=True)  # (1797, 64) of 0 to 16, (1797,)
large = [
    Image.fromarray(np.uint8(d.reshape(8, 8) * 15.9)).resize((32, 32), Image.Resampling.BICUBIC) for d in data
]
digits = np.stack([np.stack([digit] * 3, axis=-1) for digit in large])  # (1797, 32, 32, 3)
viz.images(digits[:16], width=560, alt="Sixteen blurred handwritten digits, white on black.")


# %%
def unit(pixels):
    """Scale 0 to 255 to 0 to 1."""
    return np.float32(pixels) / 255


backbone = HubLayer(place / "nano", name="backbone")
inputs = keras.Input((32, 32, 3))
head = keras.layers.Dense(10, name="head")
features = keras.Model(inputs, backbone(inputs))
tuned = keras.Model(inputs, head(features.output))
as_published = [variable.numpy() for variable in backbone.weights]  # to begin anew with each seed
settings = Settings(steps=80, batch_size=16, learning_rate=0.002, frozen_statistics=True)
trainer = Trainer(tuned, settings, unit)

# %%
body = build("resnet_nano")
own = keras.Model(body.input, keras.layers.Dense(10)(body.get_layer("pool").output))
own_trainer = Trainer(own, Settings(steps=80, batch_size=16, learning_rate=0.006), unit)
run_features, run_tuned, run_own = (compiled(model) for model in (features, tuned, own))

# %% [markdown]
# **Bet first:** which of the four wins, and does fine-tuning beat the pixels? Fine-tuning begins with the frozen features' probe
# as its head, and keeps batch norm's statistics as they are.
#
# Where do those learning rates come from? We tried 0.0007, 0.002 and 0.006 on the first 900 digits, and each network got the
# one that suited it best. The experiment takes place on the other 897: three seeds, each with 100 labelled digits and the
# rest to test on. (80 updates are what a minute allows. The batch size is older: it was fixed with all digits in view.)


# %%
def draw(seed):
    """Which of the last 897 digits are labelled, ten of each, and the 797 others to test on."""
    order = np.random.default_rng(seed).permutation(np.arange(900, len(kinds)))
    few = np.concatenate([order[kinds[order] == digit][:10] for digit in range(10)])
    return few, np.setdiff1d(order, few, assume_unique=True)


def right(run, rows):
    """Share of these digits that a network names rightly."""
    return np.mean(run(unit(digits[rows])).argmax(axis=1) == kinds[rows])


# %%
results = {
    "the 64 pixels": [],
    "stranger, frozen": [],
    "stranger, fine-tuned": [],
    "own network, from scratch": [],
}
for seed in (1, 2, 3):
    few, test = draw(seed)
    pixels = linear_probe(data[few], kinds[few]).accuracy(data[test], kinds[test])
    for variable, value in zip(backbone.weights, as_published, strict=True):
        variable.assign(value)
    probe = linear_probe(run_features(unit(digits[few])), kinds[few])
    head.set_weights([probe.kernel, probe.bias])
    frozen = right(run_tuned, test)
    trainer.fit(digits[few], kinds[few], seed=seed)
    keras.utils.set_random_seed(seed)
    own.set_weights(keras.models.clone_model(own).get_weights())  # a clone begins at random
    own_trainer.fit(digits[few], kinds[few], seed=seed)
    measured = pixels, frozen, right(run_tuned, test), right(run_own, test)
    for name, score in zip(results, measured, strict=True):
        results[name].append(score)

# %%
pixels, frozen, tuned_score, scratch = (np.mean(scores) for scores in results.values())
assert frozen < pixels < tuned_score - 0.01
assert abs(scratch - tuned_score) < 0.03
title = "accuracy on 797 unseen digits, ten labels of each"
viz.bars(results, title, form="{:.1%}", highlight="stranger, fine-tuned")

# %% [markdown]
# Frozen, the stranger loses to the bare pixels. Fine-tuned, the same stranger beats them with every seed: it *can* learn, and one
# that could not would have been useless here. But a network from scratch does as well. Differences smaller than the thin lines
# prove nothing, so all that can be said is this: for handwriting, we see no gain from the painted objects.
#
# How easily we could have told you another story! With 0.002 for both, the rate that suits the stranger, it got 92% on the
# first 900 digits, and the network from scratch 88%. A rival deserves a learning rate of its own, chosen on digits that do not
# count afterwards.
#
# What helps both is more data, even made-up data. Put `shift=2` into both `Settings`, which moves each picture by up to two
# pixels at random: we measured 97% for the stranger, 96% from scratch.
#
# Does the learned survive? A `.keras` file holds the layer's weights and the handle, not the graph:

# %%
tuned.save(place / "digits.keras")
try:
    keras.saving.load_model(place / "digits.keras")
except ValueError as error:
    print(str(error).splitlines()[0])
again = keras.saving.load_model(place / "digits.keras", safe_mode=False)
print("largest difference after saving:", np.abs(again(unit(digits[:64])) - tuned(unit(digits[:64]))).max())

# %% [markdown] tags=["traps"]
# ## Traps, and what a stranger can do to you
#
# **The layer that only infers.** Keras has a `TFSMLayer` for SavedModels. It adopts variables too, but leaves the `:0` in their
# names. Adam keeps a momentum for each variable, wants to name it after the variable, and may not:

# %%
infer = keras.layers.TFSMLayer(place / "nano", call_endpoint="serve")
broken = keras.Model(inputs, keras.layers.Dense(10)(infer(inputs)))
broken.compile("adam", "sparse_categorical_crossentropy")
try:
    broken.fit(unit(digits[:8]), kinds[:8], verbose=0)
except ValueError as error:
    print(str(error).partition(". ")[0])

# %% [markdown]
# **The object that nobody keeps.** Loaded and called in one breath, it may be gone before it answers:

# %%
try:
    hub.load(str(place / "nano")).serve(unit(digits[:1]))
except AssertionError as error:
    print(str(error).partition(".")[0])

# %% [markdown]
# **A SavedModel is a program.** TensorFlow's own [SECURITY.md](https://github.com/tensorflow/tensorflow/blob/master/SECURITY.md):
# "using untrusted models or graphs is equivalent to running untrusted code". Here is a "network" that answers correctly, and reads
# a file meanwhile:

# %%
(place / "diary.txt").write_text("Dear diary")


class Spy(tf.Module):
    """Doubles a number."""

    @tf.function(input_signature=[tf.TensorSpec((None,), tf.float32)])
    def __call__(self, x):
        return 2 * x, tf.io.read_file(str(place / "diary.txt"))


tf.saved_model.save(Spy(), str(place / "spy"))
print(hub.load(str(place / "spy"))(tf.constant([21.0])))
try:
    load(f"hub:{place / 'spy'}")
except CourseError as error:
    print(str(error).replace(str(place), "FOLDER"))

# %% [markdown]
# The course reads the list of operations before it opens a folder. That is a courtesy, no sandbox: restoring variables reads files too, and
# every SavedModel may do that. Load what you would install.
#
# **The address that moved.** "Starting November 15th 2023, links to tfhub.dev redirect to their counterparts on Kaggle Models", and "as
# of March 18, 2024, unmigrated model assets [...] were deleted and retrieval is no longer possible" ([README of
# tensorflow/hub](https://github.com/tensorflow/hub)). What is not in your cache may not be there tomorrow. `load` never downloads;
# on a miss it says what to do:

# %%
try:
    load("hub:google/imagenet/mobilenet_v2_100_224/feature_vector/5")
except CourseError as error:
    print(str(error).replace(str(place), "FOLDER"))
names = list_models("hub:*")
old = [name for name in names if card(name).hub.format == "TF1 hub module"]
print(f"{len(names)} models of TF Hub have a card, of which {len(old)} are TF1 modules:", *old)

# %% [markdown]
# **TF1 hub modules**, BigGAN among them, are older: a folder with several graphs, told apart by *tags* (none for using it, `train` for
# training), no `__call__`, one signature "default". `load` runs them by signature. Their variables can be adopted where they are
# *resource variables*; the oldest show none, and only infer.
#
# **Limits.** One layer is one block: you cannot unfreeze a part of it, or cut it in the middle. What the publisher did not export
# (dropout, batch norm in training mode) is not there. And TF Hub publishes no hashes: you cannot prove that your copy is the
# right one.

# %% [markdown] tags=["exercises"]
# ## Exercises
#
# **1.** The classroom has no network. Where must the folder lie?


# %%
def cached_at(cache, handle):
    """Return the path, a text, at which TF Hub's library looks for a handle in a cache folder."""
    return ...


exercise("16.1").check(cached_at)

# %%
# exercise("16.1").hint()  # take away the first #; then .solution()

# %% [markdown]
# **2.** Adopt by hand. `loaded` can be called, and has `.variables`; each has a `.name` and a `.trainable`.


# %%
class Wrapped(keras.layers.Layer):
    """A Keras layer round a loaded object: calls it, and trains what of it is trainable."""

    def __init__(self, loaded):
        super().__init__()
        ...

    def call(self, inputs):
        return ...


exercise("16.2").check(Wrapped)

# %%
# exercise("16.2").hint()

# %% [markdown]
# **3.** You unpack a `model.tar.gz` by hand. The names in an archive are the sender's: `../../.bashrc` would leave the folder. Find
# such names.


# %%
def escaping(names):
    """Return those of an archive's names, in order, that would be written outside the folder it is unpacked into."""
    return ...


exercise("16.3").check(escaping)

# %%
# exercise("16.3").hint()

# %% [markdown] tags=["quiz"]
# ## Quiz

# %%
quiz("16")

# %% [markdown] tags=["recap"]
# ## Recap
#
# - A SavedModel is a graph and its variables: no code needed to run it, and every operation has a derivative.
# - Keras trains what it knows. A layer that calls without adopting trains nothing, silently.
# - Adopt the very variables, keep the loaded object, compare the answers, count the gradients.
# - Frozen, the stranger lost to plain pixels; fine-tuned, it beat them, and drew level with a network from scratch.
# - It is a program: load what you would install. It is cached by the SHA-1 of its handle; what is not cached may vanish.
#
# | source | line of code |
# |---|---|
# | [TensorFlow's guide to SavedModels](https://www.tensorflow.org/guide/saved_model): signatures | `stranger.run("serve", images=coffee)` |
# | [Reusable SavedModels](https://www.tensorflow.org/hub/reusable_saved_models): `__call__`, `variables` | `self.loaded(inputs)`; `self._track_variable(...)` |
# | TF Hub's [common image APIs](https://www.tensorflow.org/hub/common_saved_model_apis/images): pixels from 0 to 1 | `Rescaling(255 / 128, offset=-127 / 128)` |
# | [TF Hub's caching](https://www.tensorflow.org/hub/caching) | `hashlib.sha1(HANDLE.encode()).hexdigest()` |
# | [SmoothGrad](https://arxiv.org/abs/1706.03825), section 2 | `np.abs(tape.gradient(espresso, noisy)).mean(axis=0)` |
#
# **To read:** the `SECURITY.md` of TensorFlow, two pages.
#
# **Next:** the part on detection. Where a network's layers *are* known, [lesson 14](14_feature_extraction.ipynb)'s cut is simpler,
# and the unfreezing of [lesson 15](15_fine_tuning.ipynb) finer.
