# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
#   course:
#     extras: engines,serving
# ---

# %% [markdown]
# # Deployment: how does a model leave the notebook, and still give the same answers?
#
# Your model works here, with Keras, TensorFlow and this course around it. The phone, the web page and the server where it is wanted have none of them. So it has to
# become a **file** that other programs run. Doing that takes a minute. Doing it so that the answers stay the same is the art: what breaks on the way
# out breaks silently, and mostly outside the network.
#
# > **You will be able to** say what is in a model file and run one with nothing but NumPy; export one model to five formats and hold each against it; serve it over HTTP and
# > say where the time goes; and show by number what a client's small slip costs.
# >
# > **Needs** [lesson 15](../3_transfer/15_fine_tuning.ipynb) for fine-tuning; [lesson 07](../1_convnets/07_mobilenet.ipynb) has the 8 bits. On two cores about 45 s, 2 GB
# > of memory, no download. The extras `engines` and `serving` must be there; `make lab` brings them, elsewhere type `pip install ".[engines,serving]"` in a checkout.

# %% [markdown] tags=["set-up"]
# ## Set-up

# %%
from course_lib.lessons import exercise, quiz, start

start()

import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnx
import requests
from course_lib import finetune, load, viz
from course_lib.deploy import export, open_export
from course_lib.deploy.client import Server
from course_lib.lessons.bank.l30_deploy import png, scraps, slips, strange_client
from course_lib.media.samples import samples
from course_lib.tasks.base import compiled
from course_lib.tasks.predictions import softmax

# %% [markdown] tags=["see-it-work"]
# ## See it work
#
# A model with a job of its own: a museum has seven postcards, and its guide is to say which of them a visitor's phone sees. The phone sees a **scrap** of one, between 40
# and 60 % of its height, cut anywhere. We give the nano MobileNet a new head and 40 scraps of each card. (The test scraps come from the same seven cards, cut at other
# places. For a guide that is the job; it says nothing about postcards that it has never seen.)

# %%
cards = list(samples())
pictures, kinds = scraps(40, seed=0)
tests = [scraps(40, seed=seed) for seed in (1, 2, 3)]  # three test sets, of 280 scraps each
nano = load("mobilenet_nano")
resize = nano.preprocess.resized  # any picture -> (32, 32, 3) uint8
train = np.stack([resize(picture) for picture in pictures])
guide = finetune(nano, (train, kinds), class_names=cards, copies=0, validation_split=0, verbose=False)
viz.images([p for picks in (tests[0][0][i::40] for i in (0, 7)) for p in picks], columns=7, width=560, alt="Two scraps of each of the seven photographs.", caption=", ".join(cards))  # fmt: skip

# %%
folder = Path(tempfile.mkdtemp()) / "guide"
formats = ["savedmodel", "litert", "litert-int8", "onnx", "openvino"]
told = export(guide, folder, formats, examples=pictures)
small = open_export(folder, "onnx")  # needs no Keras: ONNX Runtime runs it
scrap = tests[0][0][0]
print("Keras:", guide.classify(scrap, top=2), "ONNX Runtime:", small.classify(scrap, top=2), sep="\n")

# %% [markdown]
# The same guesses, digit by digit, from a file of half a megabyte. **ONNX** is an open format that many engines run, such as ONNX Runtime; OpenVINO's is for Intel's processors, LiteRT's for phones; SavedModel is TensorFlow's own. (`course export` does this from the shell.) A server takes some seconds to start, so we start two now, each in a process of its own, and come
# back to them:

# %%
alone = Server(folder, "--format", "onnx", "--batch", "1")  # one picture in each call
together = Server(folder, "--format", "onnx", "--batch", "16")  # up to 16 that come within 5 ms

# %% [markdown] tags=["idea"]
# ## The idea: the model is more than the network
#
# A model file holds two things: a **graph**, the list of operations, and **numbers**, the weights. What people forget is the third: what is done to a picture *before* the network and to its logits *after* it.
# With pixels $x$ of 0 to 255 and the network $f$, the model is
#
# $$ p = \mathrm{softmax}\left( f\left( \frac{x - \mu}{\sigma} \right) \right) $$
#
# $\mu$ and $\sigma$ belong to the weights: this network wants 127.5 and 127.5, another one ImageNet's mean and deviation. If only $f$ is exported, each client writes the rest anew, in another language, from memory. So export **all
# of the equation**. Then only decoding and resizing stay outside, since pictures come in any file and size.

# %%
# This cell only draws: skip its code, look at the picture.
from matplotlib import pyplot as plt

with viz.style():
    fig, axes = plt.subplots(2, 1, figsize=(6.6, 2.6), layout="constrained")
steps = ["decode", "resize", r"$(x - \mu)/\sigma$", "network", "softmax"]
for ax, title, inside in zip(axes, ("network alone", "whole model"), ((3, 4), (2, 5)), strict=True):
    ax.axvspan(inside[0] - 0.46, inside[1] - 0.54, color="#9fb6cd", alpha=0.6, lw=0)
    for place, step in enumerate(steps):
        ax.text(place, 0, step, ha="center", va="center", fontsize=9)
    ax.set(xlim=(-0.6, 4.6), ylim=(-1, 1))
    ax.axis("off")
    ax.set_title(f"exported: the {title}", loc="left", fontsize=9)
alt = "Five steps in a row, twice. Above, only the network is in the file; below also the normalising and the softmax."
viz.show(fig, alt, caption="Blue: in the file, done once and for all. White: written anew by every client.")

# %% [markdown] tags=["build"]
# ## Build it: run the file by hand
#
# Is an ONNX file a program? Hardly: it is a list. Let us look.

# %%
graph = onnx.load(folder / "model.onnx").graph
numbers = {x.name: onnx.numpy_helper.to_array(x) for x in graph.initializer}
for node in list(graph.node)[:5]:
    shapes = [numbers[name].shape for name in node.input if name in numbers]
    print(f"{node.op_type:10} with numbers of the shapes {shapes}")
print("...", len(graph.node), "nodes; kinds:", *sorted({node.op_type for node in graph.node}))

# %% [markdown]
# Ten kinds of operation. `Sub` and `Mul` at the top are our $\mu$ and $1/\sigma$. (Where it could, the converter multiplied batch norm into the convolution before it, as in lesson 07; the `Mul` and `Add` nodes further down are what is left of it, and the shortcuts.) Nine of the ten are one line of NumPy:

# %%
OPS = {
    "Sub": np.subtract,
    "Mul": np.multiply,
    "Add": np.add,
    "MatMul": np.matmul,
    "Clip": np.clip,  # ReLU6: between 0 and 6
    "Transpose": lambda x, perm: x.transpose(perm),
    "Squeeze": lambda x, axes: x.squeeze(tuple(axes)),
    "GlobalAveragePool": lambda x: x.mean(axis=(2, 3), keepdims=True),
    "Softmax": lambda x, axis=-1: softmax(x),
}

# %% [markdown]
# The convolution takes a few more. ONNX puts channels first; in `group` groups, each group of outputs sees only its own inputs, so a depthwise convolution has as many groups as channels.


# %%
def convolve(x, kernel, bias=None, group=1, strides=(1, 1), pads=(0, 0, 0, 0), **_):
    """Convolve x (n, inputs, height, width) with a kernel (outputs, inputs / group, k, k)."""
    x = np.pad(x, ((0, 0), (0, 0), (pads[0], pads[2]), (pads[1], pads[3])))
    seen = np.lib.stride_tricks.sliding_window_view(x, kernel.shape[2:], axis=(2, 3))
    seen = seen[:, :, :: strides[0], :: strides[1]]  # (n, inputs, height, width, k, k)
    n, inputs, height, width, *k = seen.shape
    seen = seen.reshape(n, group, inputs // group, height, width, *k)
    kernel = kernel.reshape(group, -1, *kernel.shape[1:])
    out = np.einsum("ngchwij,gocij->ngohw", seen, kernel, optimize=True).reshape(n, -1, height, width)
    return out if bias is None else out + bias[:, None, None]


OPS["Conv"] = convolve

# %% [markdown]
# And the interpreter itself: go through the list, look up the inputs by name, keep the output under its name.


# %%
def run(graph, pictures):
    """Run an ONNX graph with NumPy: from pictures (n, 32, 32, 3) of 0 to 255 to probabilities (n, 7)."""
    values = {graph.input[0].name: pictures, **numbers}
    for node in graph.node:
        settings = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        inputs = [values[name] for name in node.input]
        values[node.output[0]] = OPS[node.op_type](*inputs, **settings)
    return values[graph.output[0].name]


# %% [markdown] tags=["proof"]
# ## Proof: five files against one model
#
# Our interpreter against ONNX Runtime, and against Keras with the course's own preprocessing:

# %%
some = np.float32([resize(picture) for picture in tests[0][0][::10]])  # (28, 32, 32, 3), 0 to 255
by_hand, by_engine = run(graph, some), small.probabilities(some)
network = compiled(guide.model)  # the bare network: preprocessed pictures -> logits
by_keras = softmax(network(guide.preprocess.normalised(some)))
print(f"by hand against ONNX Runtime: {np.abs(by_hand - by_engine).max():.0e}")
print(f"by hand against Keras:        {np.abs(by_hand - by_keras).max():.0e}")
assert np.abs(by_hand - by_engine).max() <= 1e-5
assert np.abs(by_hand - by_keras).max() <= 1e-5

# %% [markdown]
# At heart an inference engine is this loop, with fast operations. The other formats hold much the same list in other dialects. `export` opened each file again and
# held it against the Keras model before it counted; now we do it ourselves, with all 840 test scraps, and take size and time along.


# %%
def sized(pictures):
    """What a client does: bring pictures to the network's size; RGB, 0 to 255."""
    return np.float32([resize(picture) for picture in pictures])


def accuracy(probabilities):
    """The share of right guesses on each of the three test sets."""
    return [np.mean(probabilities(x).argmax(axis=1) == y) for x, y in ready]


ready = [(sized(pictures), kinds) for pictures, kinds in tests]
keras_says = [softmax(network(guide.preprocess.normalised(x))) for x, _ in ready]
right = [np.mean(p.argmax(axis=1) == y) for p, (_, y) in zip(keras_says, ready, strict=True)]
print("Keras:", *(f"{score:.3f}" for score in right))


# %%
def milliseconds(call, repeats=40):
    """Time a call: the median of many, and where the slowest tenth begins."""
    taken = []
    for _ in range(repeats + 1):
        begun = time.perf_counter()
        call()
        taken.append(1e3 * (time.perf_counter() - begun))
    return np.percentile(taken[1:], [50, 90])  # the first call warms up


alone.wait(), together.wait()  # else their start would slow down what is timed here
one = some[:1]
files = {name: open_export(folder, name, threads=1) for name in formats}
times = {name: milliseconds(lambda run=file.probabilities: run(one)) for name, file in files.items()}
times["Keras predict"] = milliseconds(lambda: guide.model.predict(one, verbose=0), repeats=5)

# %%
print("format            kB   ms, median   slowest tenth from   accuracy          off from Keras")
for name, file in files.items():
    scores, (median, slow) = accuracy(file.probabilities), times[name]
    off = max(np.abs(file.probabilities(x) - p).max() for (x, _), p in zip(ready, keras_says, strict=True))
    exact = ", ".join(f"{score:.3f}" for score in scores)
    print(
        f"{name:12} {told.formats[name].bytes / 1e3:7.0f} {median:12.2f} {slow:20.2f}   {exact} {off:12.0e}"
    )
    assert off <= 1e-4 or name == "litert-int8"
    assert np.mean(scores) > np.mean(right) - 0.1
print(f"{'Keras predict':20} {times['Keras predict'][0]:12.2f}")

# %% [markdown]
# The four float files are the model, to the fifth digit. The one in 8 bits is not: it has other probabilities, its accuracy has to be **measured**, and on this processor it is no quicker either. And `model.predict`, which most people put behind a server,
# takes a multiple of the time of any file for a single picture: it is made for many. (One run on this machine; one thread, except SavedModel and Keras: only large ratios mean something.)

# %% [markdown] tags=["inside"]
# ## Look inside: what is in the folder
#
# One format is larger than the others, though it holds the same weights. Where are the bytes?

# %%
weights = sum(array.nbytes for array in numbers.values())
parts = {
    "the numbers in model.onnx": weights / 1e3,
    "the rest of model.onnx": told.formats["onnx"].bytes / 1e3 - weights / 1e3,
}
for name in ("litert-int8", "savedmodel"):
    parts |= {
        f"{name}: {Path(file.name).name}": file.bytes / 1e3
        for file in told.formats[name].files
        if file.bytes > 20_000
    }
viz.bars(parts, "kB", form="{:,.0f}", caption="Files below 20 kB are left out.")

# %% [markdown]
# An ONNX file is nearly all weights, and 8 bits make the weights a quarter as large; scales, biases and graph, heavy in so small a file, are the rest. A SavedModel has a few more numbers, since batch norm's are not yet multiplied in, and a graph that tells each node's full name, types and
# shapes. The graph does not grow with the weights: at 100 MB nobody would notice it.
#
# Beside the files lies `deploy.json`. It says what the graph does not: the labels, how to resize, where the weights come from, their licence, and the SHA-256 (a fingerprint) of every file.

# %% tags=["nbval-check-output"]
import json

said = json.loads((folder / "deploy.json").read_text())
for key in ("input", "output", "resize", "labels", "licence"):
    print(f"{key:8} {said[key]}")

# %% [markdown] tags=["change"]
# ## Change it: put it behind HTTP
#
# A **server** is a process that waits for pictures and answers. `course serve FOLDER` is one, made with [LitServe](https://lightning.ai/docs/litserve). It speaks HTTP, as web pages do, so any language can talk to it. In Python:

# %%
answer = requests.post(f"{together.address}/predict", files={"picture": png(scrap)}, data={"top": 2})
print(answer.status_code, answer.json()["predictions"])
refused = requests.post(f"{together.address}/predict", files={"picture": b"Dear guide, which card is this?"})
print(refused.status_code, refused.json()["error"])
assert answer.json()["predictions"][0]["label"] == small.classify(scrap)[0].label

# %% [markdown]
# The second answer matters as much as the first: a stranger's upload may be anything. The server reads at most 20 MB, only as a picture, and says what was wrong, with a **status** (200 is fine, 4xx is the client's fault).
#
# Where does the time go?


# %%
def ask(server, session, content):
    """Send one picture, return the best label."""
    answer = session.post(f"{server.address}/predict", files={"picture": content}, data={"top": 1})
    return answer.json()["predictions"][0]["label"]


session, content = requests.Session(), png(scrap)
spent = {
    "the network alone": milliseconds(lambda: files["onnx"].probabilities(one))[0],
    "and resizing": milliseconds(lambda: files["onnx"].classify(scrap))[0],
    "all of it, over HTTP": milliseconds(lambda: ask(alone, session, content))[0],
}
viz.bars(spent, "milliseconds for one picture, median", form="{:.2f}", highlight="all of it, over HTTP")

# %% [markdown]
# The network is the smallest part. Sending, receiving, decoding and passing on to the process that runs the network cost many times as much. For a network a hundred times larger it would be the other way round.
#
# ### Does batching pay?
#
# Servers love **batches**: wait a few milliseconds for others, then run all of them in one call. On a GPU that is a great gain, for 16 pictures take hardly longer than one. On a processor with a small network? It could go either way, so we measure: 1, 4 and 16 clients at once, 40 pictures in all, three times.


# %%
def throughput(server, clients, pictures=40):
    """Pictures a second with so many clients at once; each answer is checked."""
    lines = [requests.Session() for _ in range(clients)]
    expected = small.classify(scrap, top=1)[0].label
    begun = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        work = [pool.submit(ask, server, lines[k % clients], content) for k in range(pictures)]
        assert all(job.result() == expected for job in work)
    return pictures / (time.perf_counter() - begun)


CLIENTS = (1, 4, 16)
servers = {"one at a time": alone, "up to 16 together": together}
for server in servers.values():
    throughput(server, 4, 8)  # warm up
found = {name: np.zeros((3, 3)) for name in servers}
for repeat in range(3):
    for column, clients in enumerate(CLIENTS):
        for name, server in servers.items():
            found[name][repeat, column] = throughput(server, clients)

# %%
alone.stop(), together.stop()
lines = {name: (CLIENTS, rates) for name, rates in found.items()}
viz.curves(lines, "clients at once", "pictures a second", logx=True, size=(6.6, 2.9), caption="Lines: mean of three repeats. Bands: the lowest and the highest.")  # fmt: skip

# %%
for column, clients in enumerate(CLIENTS):
    ratio = found["up to 16 together"][:, column] / found["one at a time"][:, column]
    print(
        f"{clients:2} clients: together / one at a time = {ratio.mean():.2f} ({ratio.min():.2f} to {ratio.max():.2f})"
    )

# %% [markdown]
# With more clients the rate rises at first, for while one request is being sent, another can be worked on. A ratio below 1 means that batching lost. A lone client does lose: it waits up to 5 ms for company that never comes.
# With 16, batching won in one build of this page (1.17) and lost in two (0.94 and 0.86, on a busy machine); see what the line above says of this one. The network is the smallest bar, so batching it can save little. **Three repeats within a minute do not tell what another
# hour will.** Measure a server on the machine, and under the load, that it will have.

# %% [markdown] tags=["traps"]
# ## Traps and limits
#
# **The mistake everybody makes: the client prepares pictures otherwise than training did.** It is called **skew**. No error is raised, since the shapes fit. Here are the usual slips, in a client of a file that holds the network alone:

# %%
scores = {}
for name, prepared in slips(guide).items():
    scores[name] = [np.mean(network(prepared(x)).argmax(axis=1) == y) for x, y in tests]
label = f"accuracy on the three test sets (chance: {1 / 7:.2f})"
viz.bars(
    scores,
    label,
    form="{:.2f}",
    highlight="as in training",
    caption="Bars: mean of three test sets; lines: lowest to highest.",
)

# %% [markdown]
# The first two cost a few points: too little to be noticed. **Red and blue swapped cost nothing**: this network learned from drawings whose colours mean nothing, so it hardly heeds them. One that does would suffer, and you would not be warned. Then
# it gets worse, down to little more than guessing, and still no error.
#
# With the whole model in the file nobody needs to know a mean or a deviation; with a server that takes the picture's own *file*, none of these slips is left. Whoever runs the model's file can still send 0 to 1 where it expects 0 to 255:

# %%
print("0 to 1 instead of 0 to 255:", *(f"{s:.3f}" for s in accuracy(lambda x: small.probabilities(x / 255))))

# %% [markdown]
# That is chance: to the network every picture is black. Keep one picture and its answer beside each model, and let every client try it first.
#
# **8 bits need the right examples.** Ranges measured on black pictures, where nothing happens:

# %%
export(guide, folder.with_name("dark"), ["litert-int8"], examples=np.zeros((8, 32, 32, 3), np.uint8))
dark = open_export(folder.with_name("dark"), "litert-int8")
print("8 bits, examples all black:", *(f"{score:.3f}" for score in accuracy(dark.probabilities)))

# %% [markdown]
# **A changed file.** One bit turned over is another model. `open_export` compares the SHA-256 first:

# %%
from course_lib import BadInput

file = folder / "model.tflite"
content = bytearray(file.read_bytes())
content[len(content) // 2] ^= 1
file.write_bytes(content)
try:
    open_export(folder, "litert")
except BadInput as error:
    print(str(error).partition("guide/")[2])

# %% [markdown]
# (A hash sees damage, not malice: whoever changes the file can change `deploy.json` too. **Never open a stranger's pickle**, `.pkl` or `.pt`: it is a program. So is a SavedModel, which can read and write files.)
#
# **The batch.** Our LiteRT files take one picture at a time, all others any number. **Versions**: an engine reads older files, and may refuse newer ones. **Licence**: it travels with the weights; `deploy.json` and each of the server's answers carry it.
#
# **In the browser.** `course fetch onnxruntime-web` once, then `course export mobilenet_nano out --format page`: one HTML file of 5 MB that names photos inside the browser, from a double click, without a server or a network. Photos that never leave the phone are the best protection of data there is.

# %% [markdown] tags=["exercises"]
# ## Exercises
#
# **1.** An engine need not even compute $(x - \mu)/\sigma$: it can be folded into the first convolution (here without padding). Return the kernel and the bias that give the same answers for bare pixels.


# %%
def folded(kernel, bias, mean, std):
    """kernel (k, k, 3, outputs), bias (outputs,), mean and std (3,): return the new kernel and the new bias."""
    return ...


exercise("30.1").check(folded)

# %%
# exercise("30.1").hint()  # take away the first #; then .solution()

# %% [markdown]
# **2.** A client that trusts every answer fails at night. Write one: `post(content)` returns a status and a dictionary, as the server's answers above. Return the best label; where the status is not 200, raise a `ValueError` with the server's own sentence.


# %%
def best_label(post, content):
    """Send a picture's bytes, return the label of the first guess."""
    return ...


exercise("30.2").check(best_label)

# %%
# exercise("30.2").hint()

# %% [markdown]
# **3.** A customer complains: since their update the guide is wrong far more often. You get their code only as a function. Compare `theirs(pictures)` with `guide.preprocess(pictures)`: which slip is it? Answer with a key of `slips(guide)`.

# %%
theirs = strange_client(guide)  # pictures of any size -> what the network is fed

slip = ...

exercise("30.3").check(slip)

# %%
# exercise("30.3").hint()

# %% [markdown] tags=["quiz"]
# ## Quiz

# %%
quiz("30")

# %% [markdown] tags=["recap"]
# ## Recap
#
# - A model file is a graph and numbers; an engine is a loop over its nodes.
# - Export the whole model, preprocessing and softmax included; say beside it how to resize.
# - Open every file again and hold it against the model. Float files agree to five digits; of 8 bits you measure the accuracy.
# - Behind HTTP a small network is the smallest part of the time. Measure before you tune.
# - Skew raises no error: it is found by number only.
#
# | source | here |
# |---|---|
# | [ONNX IR specification](https://onnx.ai/onnx/repo-docs/IR.html), graphs and nodes | `run(graph, pictures)` |
# | [ONNX operators](https://onnx.ai/onnx/operators/), Conv with groups | `convolve` |
# | [Jacob et al. 2018](https://arxiv.org/abs/1712.05877), section 3.1, ranges that are observed | `export(..., ["litert-int8"], examples=...)` |
# | [Crankshaw et al. 2017, Clipper](https://arxiv.org/abs/1612.03079), delayed batching | `Server(folder, "--batch", "16")` |
# | [Sculley et al. 2015](https://papers.nips.cc/paper/5656-hidden-technical-debt-in-machine-learning-systems), the code around a model | `slips` |
#
# **To read:** Clipper, on batching; [rules of machine learning](https://developers.google.com/machine-learning/guides/rules-of-ml), rules 29 to 37, on training-serving skew.
#
# **Next:** [lesson 31](31_scale_out.ipynb), from one machine to many.
