# ---
# jupyter:
#   course:
#     without:
#       build: this lesson uses a network as it comes; every later one builds its own
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Start here: what does a network know before you teach it anything?
#
# Somebody else has trained a network, and left you a file. This lesson asks what is in that file, what three lines of
# Python can do with it, and where it will let you down without a word.
#
# > **You will be able to** name what is in a photo with a real pre-trained network, say what "pre-trained" means, do every
# > step from pixels to per cent by hand, use what the network knows *before* it names anything, and recognise the
# > mistake that everybody makes.
# >
# > **Needs** Python, school algebra, and one small network that you have trained before. On two cores less than
# > a minute, 1.5 GB of memory, no download.

# %% [markdown] tags=["set-up"]
# ## Set-up
#
# Click into a cell and press Shift+Enter to run it. The first one takes some seconds.

# %%
from course_lib.lessons import exercise, quiz, start

start()

import keras
import numpy as np
from course_lib import card, load, viz
from course_lib.media.images import read_image, resize_squash
from course_lib.media.samples import sample, samples
from PIL import Image
from skimage import data

# %% [markdown] tags=["see-it-work"]
# ## Three lines
#
# You have run the first one, `from course_lib import load`. The second takes a network off the shelf and says where its
# weights come from. The third shows it a photo.

# %%
model = load("efficientnet_lite0")

# %%
guesses = model.classify(sample("cat"))
viz.predictions(sample("cat"), guesses)

# %% [markdown]
# Nobody wrote a rule for whiskers. Nor, as far as anybody knows, was this cat among the training photos: she is Chelsea,
# who sits for scikit-image. The network spreads its bet over three kinds of cat, which is fair: without the rest of the
# animal, could you tell?
#
# Now **your own photo**. Drag it into JupyterLab's file list, next to this notebook, put its name between the quotes, and
# run the cell again. It stays on the machine that runs the notebook.

# %%
photo = "sample:camera"  # for instance "holiday.jpg"
viz.predictions(photo, model.classify(photo))

# %% [markdown] tags=["idea"]
# ## What "pre-trained" means
#
# A network is a function with a great many adjustable numbers, its **parameters** $\theta$, also called weights:
#
# $$ \text{1,000 numbers} = f_\theta(\text{picture}) $$
#
# **Training** sets them: show the network a photo, compare its answer with the label that a person gave, nudge nearly
# every parameter a little towards a better answer. Here that was done with ImageNet, 1.28 million labelled photos, over and
# over. **Pre-trained** means that somebody did it once, *before* you came, and kept the result. So what did you
# get?

# %%
parameters = model.model.count_params()
size = model.card.weights[0].bytes
print(f"{parameters:,} parameters in a file of {size / 1e6:.1f} MB: {size / parameters:.2f} bytes for each")
print("file:   ", model.provenance.file)
print("from:   ", model.provenance.source)
print("SHA-256:", model.provenance.sha256[:16], "...")

# %% [markdown]
# A list of numbers, four bytes each, and their names (the 0.01); nothing else. 1.28 million photos went in, and what is left
# of them is no larger than a handful of photos from a phone. It is a file of PyTorch's, `.pth`, whose numbers `load` carries
# over to Keras. The **SHA-256** is its fingerprint: if one bit were different, `load` would refuse it.
#
# Here is a photo's whole way through the network, each stage a block of numbers, which is called a **tensor**:
#
# photo, 300 x 451 x 3 → input, 224 x 224 x 3 → **features**, 1,280 → scores, 1,000
#
# Let us draw the last two, a square for each number.

# %%
features = model.features(sample("cat"))[0]  # (1280,)
scores = np.zeros(1000)
for guess in model.classify(sample("cat"), top=1000):
    scores[guess.index] = guess.score
stages = [(features / features.max()).reshape(32, 40), (scores / scores.max()).reshape(25, 40)]
viz.images(
    [np.uint8(255 * stage) for stage in stages],
    ["1,280 features", "1,000 scores"],
    width=520,
    alt="Two grids of grey squares. Features: dark, with bright specks all over. Scores: black, but for three bright "
    "squares close to each other.",
    caption="Bright is high. The three bright scores are three cats, neighbours in ImageNet's list of classes.",
)

# %% [markdown]
# The features say what is to be seen in a language of the network's own. Only the last layer turns them into names, one
# for each of ImageNet's 1,000 classes. Keep the left panel in mind: it is worth more than the names.

# %% [markdown] tags=["proof"]
# ## By hand, once
#
# `classify` is no magic. First the **preprocessing**: scale the shorter side to 256, cut 224 x 224 out of the middle,
# and turn pixels of 0 to 255 into numbers near -1 to 1, as it was done when *these* weights were trained.

# %%
image = Image.open(sample("cat"))  # 451 x 300
image = image.resize((int(451 * 256 / 300), 256), Image.Resampling.BICUBIC)  # 384 x 256
image = image.crop((80, 16, 80 + 224, 16 + 224))  # the middle
x = (np.asarray(image, np.float32) - 127) / 128
batch = x[None]  # (1, 224, 224, 3): networks take many pictures at once, so one is a batch of one
print(batch.shape, f"from {batch.min():.2f} to {batch.max():.2f}")
difference = np.abs(batch - model.preprocess([read_image(sample("cat"))])).max()
assert difference < 1.01 / 128  # at most one step of the 255, from rounding

# %% [markdown]
# Then the network itself. `model.model` is a plain Keras model.

# %%
logits = model.model(batch).numpy()[0]  # (1000,)
print("highest:", logits.max().round(2), " lowest:", logits.min().round(2), " sum:", logits.sum().round(1))

# %% [markdown]
# These raw outputs are called **logits**, $z$: any number, higher means likelier, and they add up to nothing in particular.
# **Softmax** makes scores of them, all positive, with sum 1:
#
# $$ \text{score}_i = \frac{e^{z_i}}{e^{z_1} + e^{z_2} + \dots + e^{z_{1000}}} $$
#
# (The code first takes the highest logit from all of them. That divides the top and the bottom by the same number, so it changes
# nothing, and keeps $e^z$ from overflowing.)


# %%
def softmax(logits):
    """Turn logits (..., classes) into scores."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


by_hand = softmax(logits)
difference = np.abs(by_hand - scores).max()
print(
    f"{model.labels[by_hand.argmax()]} {by_hand.max():.3f}; largest difference from classify: {difference:.0e}"
)
assert difference < 1e-4

# %% [markdown]
# Same numbers. But note: the scores must add up to 1, *whatever* the picture. Nothing is left for "I don't know".

# %% [markdown] tags=["inside"]
# ## What training put there
#
# The first layer has 32 **filters**, little patterns of 3 x 3 pixels, and looks for each of them at every place. We draw
# the eight whose numbers are largest; grey is zero. Above from the file, below from a twin: the same **architecture** (the
# layers and their sizes, which are code), but random numbers.

# %%
keras.utils.set_random_seed(0)  # the same twin for everybody
twin = load("efficientnet_lite0", weights=None)


def strongest(net):
    """Return the eight filters of the first layer with the largest numbers, as pictures (8, 3, 3, 3)."""
    filters = net.model.get_layer("stem_conv").kernel.numpy()  # (3, 3, 3, 32): height, width, colour, filter
    sizes = np.abs(filters).sum(axis=(0, 1, 2))
    filters = filters[..., np.argsort(sizes)[::-1][:8]]
    filters = filters / np.abs(filters).max(axis=(0, 1, 2))  # -1 to 1
    return np.uint8(127.5 + 127.5 * np.moveaxis(filters, -1, 0))


viz.images(
    [*strongest(model), *strongest(twin)],
    width=560,
    alt="Two rows of eight filters of 3 x 3 squares. Trained: mostly a dark and a light side, in several directions; "
    "the fifth is purple all over. Random: confetti.",
    caption="Above: trained. Below: the random twin.",
)

# %% [markdown]
# The first of the upper row looks for green above purple, that is, for a level edge: it answers most strongly where the photo has
# these colours in these places. Most of its neighbours look for other edges. The fifth has hardly a pattern: it looks for a colour. Nobody drew them. Training did.
#
# ## What it knows before it names
#
# If features really say what is to be seen, then two views of one thing should have *similar* features. We can measure
# that. From each of the seven sample photos we cut six random views: squares with 35 to 60 % of the shorter side, mirrored
# or not, red and blue exchanged or not, darker or brighter.

# %%
photos = {name: read_image(sample(name)) for name in samples()}


def view(photo, rng):
    """Cut a random square out of a photo, (224, 224, 3)."""
    side = int(min(photo.shape[:2]) * rng.uniform(0.35, 0.6))
    top, left = rng.integers(0, np.subtract(photo.shape[:2], side))
    square = photo[top : top + side, left : left + side]
    square = square[:, :: rng.choice([-1, 1]), :: rng.choice([-1, 1])]  # columns, then colours
    square = np.uint8(np.clip(square * rng.uniform(0.6, 1.4), 0, 255))
    return np.asarray(Image.fromarray(square).resize((224, 224)))


draws = []  # three times six views of each photo, (42, 224, 224, 3)
for seed in range(3):
    rng = np.random.default_rng(seed)
    draws.append(np.stack([view(photo, rng) for photo in photos.values() for _ in range(6)]))
source = np.repeat(list(photos), 6)  # (42,) the photo that each view comes from

# %% [markdown]
# For each view, find the *nearest* of the other 41. Near means a small angle: divide each row of numbers by its length,
# and the product of two rows is the cosine of the angle between them, 1 where they point the same way. A hit is a
# neighbour from the same photo; blind choice would score 5 in 41, or 12 %.


# %%
def nearest(rows):
    """For each row, the index of the row most like it, itself left out."""
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    cosines = rows @ rows.T  # (42, 42)
    np.fill_diagonal(cosines, -1)
    return cosines.argmax(axis=1)


def greyed(views):
    """Take the colour out of each view."""
    return [Image.fromarray(view).convert("L") for view in views]


ways = {
    "mean colour, 3 numbers": lambda views: views.mean(axis=(1, 2)),
    "raw pixels": lambda views: views.reshape(42, -1).astype(np.float32),
    "random twin's features": twin.features,
    "random twin, in grey": lambda views: twin.features(greyed(views)),
    "trained features": model.features,
    "trained, in grey": lambda views: model.features(greyed(views)),
}
found = {name: [nearest(rows_of(views)) for views in draws] for name, rows_of in ways.items()}
for name, neighbours in found.items():
    hits = np.mean(source[neighbours] == source, axis=1)  # (3,)
    print(f"{name:<24}{hits.mean():6.1%}   (three draws: {hits.min():.0%} to {hits.max():.0%})")
assert hits.min() > 0.9

# %% [markdown]
# It is not a hard exam: most views of one photo overlap, and they share its colours, unless red and blue are exchanged. So three
# numbers already do well. The twin beats blind choice, and hardly less in grey: it is not colour that its random filters pass on,
# perhaps where it is light and where dark. But only the *trained* features hardly ever fail.
# Same architecture, same pictures: what you downloaded is not the architecture. It is the numbers.
#
# Where raw pixels fail, what do they take for nearest? Five such views, with both choices below:

# %%
pixels, features = found["raw pixels"][0], found["trained features"][0]
wrong = source[pixels] != source
rows = [np.flatnonzero(wrong & (source == name))[0] for name in list(photos)[:5]]
credit = f"Pavilion: {samples()['china'].credit}, CC BY 2.0, cropped."
viz.images(
    draws[0][[*rows, *pixels[rows], *features[rows]]],
    [*source[rows], *["pixels"] * 5, *["features"] * 5],
    columns=5,
    width=375,
    alt=f"Five views: {', '.join(source[rows])}. Below, their nearest by pixels: {', '.join(source[pixels[rows]])}. "
    f"Below, their nearest by features: {', '.join(source[features[rows]])}.",
    caption=f"In some, red and blue are exchanged. {credit}",
)

# %% [markdown] tags=["change"]
# ## An experiment: turn the photo
#
# You know a tripod on its side. Does the network? We turn five photos, cut from the inside so that no empty corner gives
# the angle away, each in five slightly different crops, and add up the scores of every label that comes near enough.
# "China" is a pavilion in Beijing.
#
# **Bet first:** which of the five will hold out longest? The cup, which is round from above?

# %%
RIGHT = {
    "cat": {"tabby", "tiger cat", "Egyptian cat"},
    "coffee": {"espresso", "cup", "coffee mug"},
    "camera": {"tripod", "reflex camera"},
    "rocket": {"missile", "projectile", "space shuttle"},
    "china": {"palace"},
}


def turned(name, angle, rng):
    """Turn a photo round a point near its middle, and cut a square that lies inside at every angle."""
    image = Image.fromarray(photos[name])
    short = min(image.size)
    x, y = np.array(image.size) / 2 + rng.uniform(-0.03, 0.03, 2) * short
    half = 0.33 * short * rng.uniform(0.85, 1)
    image = image.rotate(angle, Image.Resampling.BICUBIC, center=(x, y))
    return np.asarray(image.resize((224, 224), box=(x - half, y - half, x + half, y + half)))


upright = [turned(name, 0, np.random.default_rng(0)) for name in RIGHT]
viz.images(upright, list(RIGHT), columns=5, width=410, caption=credit)

# %%
angles = np.arange(0, 181, 30)
curves = {}
for name, labels in RIGHT.items():
    pictures = [turned(name, angle, np.random.default_rng(seed)) for seed in range(5) for angle in angles]
    answers = model.classify(pictures, top=1000)
    right = [sum(guess.score for guess in answer if guess.label in labels) for answer in answers]
    curves[name] = angles, np.reshape(right, (5, len(angles)))
means = {name: y.mean(axis=0) for name, (_, y) in curves.items()}
assert means["cat"].min() > 0.6
assert means["camera"][2] < 0.3
said = [f"{name} {', '.join(f'{mean:.0%}' for mean in line)}" for name, line in means.items()]
viz.curves(
    curves,
    "degrees turned",
    "score of the right labels",
    percent=True,
    ylim=(0, 1),
    size=(5.4, 2.7),
    alt=f"Score of the right labels at 0, 30 ... 180 degrees: {'; '.join(said)}.",
)

# %% [markdown]
# The rocket is lost at 30 degrees, the tripod at 60. The cup fades. The cat dips to 75 % and recovers. And the pavilion
# does *better* at 150 degrees than upright. What did the network take the tripod for?

# %%
steps = angles[::3]
pictures = [turned("camera", angle, np.random.default_rng(0)) for angle in steps]
firsts = [f"{answer[0].label} {answer[0].score:.0%}" for answer in model.classify(pictures)]
alt = f"A photographer at his tripod, turned by {', '.join(map(str, steps))} degrees: {', '.join(firsts)}."
viz.images(pictures, firsts, width=300, alt=alt)

# %% [markdown]
# So the cat wins the bet. One reading, which five photos can suggest but not prove: fur is fur from every side, while tripods and rockets stand *up
# and down* (upside down, some of the tripod returns), and ImageNet's photos are almost all upright. Networks like this
# one lean on texture more than people do ([Geirhos et al.](https://arxiv.org/abs/1811.12231)). The pavilion fits it
# only in part: it is lost from 60 to 120 degrees, but why it comes back better than upright, this reading can't say.

# %% [markdown] tags=["traps"]
# ## The mistake that everybody makes
#
# Each set of weights expects its pixels in its own way. Give them in another, and *nothing breaks*: no error, no warning,
# just worse answers. Here are the usual ways to get it wrong, on four crops of each photo.


# %%
def crops(photo, rng):
    """Yield four crops that keep most of a photo."""
    for _ in range(4):
        height, width = np.int32(np.multiply(photo.shape[:2], rng.uniform(0.85, 1)))
        top, left = rng.integers(0, np.subtract(photo.shape[:2], (height, width)) + 1)
        yield photo[top : top + height, left : left + width]


def lite(pixels):
    """Scale pixels as these weights expect."""
    return (pixels - 127) / 128


def fit(crop):
    """Cut a crop to the network's square, still 0 to 255."""
    return model.preprocess.resized(crop).astype(np.float32)


MEAN_BGR = np.float32([103.939, 116.779, 123.68])  # ImageNet's mean blue, green and red
mistakes = {
    "as it should be": lambda crop: lite(fit(crop)),
    "0 to 255, as they come": lambda crop: fit(crop),
    "0 to 1": lambda crop: fit(crop) / 255,
    "scaled twice": lambda crop: lite(lite(fit(crop))),
    "blue first (BGR)": lambda crop: lite(fit(crop))[..., ::-1],
    "ResNet-50's way": lambda crop: fit(crop)[..., ::-1] - MEAN_BGR,
    "squashed to a square": lambda crop: lite(resize_squash(crop, 224).astype(np.float32)),
}

# %%
rng = np.random.default_rng(0)
cuts = {name: list(crops(photos[name], rng)) for name in RIGHT}  # four of each photo
is_right = {name: np.isin(model.labels, list(labels)) for name, labels in RIGHT.items()}  # (1000,) yes or no


def mean_score(way, name):
    """Prepare a photo's four crops in one way; return the mean score of its right labels."""
    batch = np.stack([way(cut) for cut in cuts[name]])  # (4, 224, 224, 3)
    scores = softmax(model.model.predict(batch, verbose=0))  # (4, 1000)
    return scores[:, is_right[name]].sum(axis=1).mean()


rows = [[mean_score(way, name) for name in RIGHT] for way in mistakes.values()]
measured = np.array(rows)  # (7 ways, 5 photos)
assert measured[1].max() < 0.3 < measured[0].mean()
assert measured[5, 0] > measured[0, 0]  # the cat: better by mistake
caption = "Score of the right labels, mean of four crops."
viz.table(measured, mistakes, RIGHT, form="{:.0%}", width=5.6, caption=caption)

# %% [markdown]
# Raw pixels and scaling twice wreck everything, so you would notice. The others are treacherous. 0 to 1 costs the cat 4
# points, and the rocket 14. Exchanged colours leave the photographer alone, who is grey, and even help the pavilion. And
# ResNet-50's way, *right* for ResNet-50, beats the right one on two photos, and ruins the other three. Squashing, which is what a
# bare `resize` does, takes 20 points from the pavilion, 13 from the rocket, and gives the cat 3. One good photo
# proves nothing: look at several. In this course `model.preprocess` comes with the weights, so that you can't mix them up.
#
# ## It always names something
#
# Softmax leaves nothing for "I don't know". So let us ask about things that have no class of their own, or hardly look
# like it: the back of an eye, a clock that moved, handwriting, a drawn horse, an astronaut, noise.

# %%
strangers = {
    "retina": data.microaneurysms(),
    "clock": data.clock(),
    "writing": data.text(),
    "horse": np.uint8(255 * data.horse()),
    "astronaut": read_image(sample("astronaut")),
    "noise": np.random.default_rng(0).integers(0, 256, (224, 224, 3), dtype=np.uint8),
}
firsts = [answer[0] for answer in model.classify(list(strangers.values()))]
said = [f"{name}: {first.label}, {first.score:.0%}" for name, first in zip(strangers, firsts, strict=True)]
print("\n".join(said), "\n")
for name in ("cat", "rocket"):
    best = model.classify(f"sample:{name}")[0]
    print(f"for comparison, the {name}: {best.label}, {best.score:.0%}")
viz.images(
    [model.preprocess.resized(read_image(picture)) for picture in strangers.values()],
    list(strangers),
    width=420,
    alt=f"Six pictures that have no class or hardly look like it. First guesses: {'; '.join(said)}.",
    caption="Retina: Andreas Maier, CC0. Clock: Stéfan van der Walt, and writing, both public domain. "
    "Horse: Andreas Preuss, CC0. Eileen Collins: NASA.",
)

# %%
for word in ("astronaut", "person", "face", "horse", "sorrel"):
    print(f"{word:<10}", "a class" if word in model.labels else "no class of that name")
print("breeds of dog:", len(model.labels[151:269]), "from", model.labels[151], "to", model.labels[268])
print("weights' licence:", model.provenance.licence)

# %% [markdown]
# The low scores of the last three are a warning. But no threshold will save you: one that lets the rocket pass lets the handwriting, the
# clock and the eye pass too, whose blood vessels are a *nematode*, a worm, with 72 %. **Confidence is
# not knowledge**: a score only says which of *these* 1,000 labels fits best. And ImageNet's makers chose them: 118 breeds
# of dog, of all horses only the sorrel, and no word for the woman in the picture. What is missing or one-sided in the
# training photos is so in every model built on them. Look at the licence, too: some weights must not be used commercially.
#
# ## More models, with and without internet
#
# Every model has a card. `load` takes the best weights *this* machine has, in one of three grades: **official**, from
# those who trained it; **package**, real weights inside a Python package; **nano**, a small version of the same
# architecture that this course trained. Where a model has none of its own here, a relative stands in for it. `load` never
# downloads.

# %%
for offer in card("resnet50").weights:
    print(f"{offer.grade:<9} {offer.model:<12} trained on {offer.trained_on}")
print()
stand_in = load("resnet50")
print(f"{len(stand_in.labels)} labels:", ", ".join(stand_in.labels[:20]))

# %% [markdown]
# One line says it all: what you got, what it learned from, and what to type in a terminal for better ones. The **procedural
# world** is pictures that a program of this course paints, 28 kinds of object; the nano ResNet knows 20. After
# `course fetch resnet50` the same cell runs on the official weights.
#
# ## The map of the course
#
# | part | lessons | its question |
# |---|---|---|
# | 1 convnets | 01-09, AlexNet to EfficientNet | what made networks deep, then small? |
# | 2 transformers and scale | 10-12, ViT, BiT, CoCa | what if there is far more data? |
# | 3 transfer | 13-16, features, fine-tuning, TF Hub | how do I make one mine, with few labels? |
# | 4 detection | 17-18, YOLO | not only what, but where? |
# | 5 language | 19-22, GPT, T5, LoRA, decoding | the same trick with words? |
# | 6 speech | 23-26, DeepSpeech to WaveGlow | from sound to text and back? |
# | 7 generative | 27-29, VAE, GAN, StyleGAN | can it make pictures? |
# | 8 in practice | 30-31, deploy, scale out | how does it get to users? |

# %% [markdown] tags=["exercises"]
# ## Exercises
#
# Put your answer in place of the dots and run the cell. It says at once how you did.
#
# **1.** MobileNet V2's weights want every pixel as a float32 number from -1 to 1. Write its scaling.


# %%
def to_unit(pixels):
    """Scale pixels of 0 to 255, uint8 of any shape, to float32 from -1 to 1."""
    return ...


exercise("00.1").check(to_unit)

# %%
# exercise("00.1").hint()  # take away the first #; then .solution()

# %% [markdown]
# **2.** A search engine for pictures in two lines: which row of features points most nearly the same way as the query?


# %%
def most_like(query, rows):
    """Return the index of the row (n, d) with the largest cosine to the query (d,)."""
    return ...


exercise("00.2").check(most_like)

# %%
# exercise("00.2").hint()

# %% [markdown]
# **3.** ImageNet results often quote "top-5 accuracy": how often is the right label among the five best?


# %%
def top5_accuracy(logits, right):
    """Return the share of pictures, 0 to 1, whose right class is among the five highest logits.

    logits: (pictures, classes); right: (pictures,) the index of each picture's right class.
    """
    return ...


exercise("00.3").check(top5_accuracy)

# %%
# exercise("00.3").hint()

# %% [markdown] tags=["quiz"]
# ## Quiz

# %%
quiz("00")

# %% [markdown] tags=["recap"]
# ## Recap
#
# - A pre-trained model is an architecture and a file of numbers that somebody else's training left. The numbers are what
#   you want: the random twin was no better than raw pixels.
# - From photo to scores: preprocessing, features, logits, softmax. There is no more to `classify` than that.
# - The features recognise a photo from a scrap of it, before any name is given.
# - Wrong preprocessing makes no error, only worse answers. Test on several pictures.
# - It knows what its training photos showed, names something whatever you show it, and is sometimes sure and wrong.
#
# **To read:** [ImageNet](https://arxiv.org/abs/1409.0575), what was collected and how;
# [EfficientNet](https://arxiv.org/abs/1905.11946), the family of today's network.
#
# **Next:** two lessons that need only this one. [Lesson 04](1_convnets/04_resnet.ipynb) builds a network and finds out
# why depth is hard; [lesson 14](3_transfer/14_feature_extraction.ipynb) takes the features, and teaches them new things
# with five labels a class.
