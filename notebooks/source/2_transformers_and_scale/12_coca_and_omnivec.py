# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # CoCa and OmniVec: can one network match pictures with words and write about them? And can one trunk serve sound, too?
#
# Until now somebody had to label pictures. But the web is full of pictures with a sentence below them. What does a network learn from those?
#
# > **You will be able to** compute the contrastive and the captioning loss by hand, rebuild an attention pooler, classify pictures
# > by words alone, avoid two common mistakes with that, and judge by measurement whether pictures, sounds and
# > words should share a network.
# >
# > **Needs** [lesson 10](10_vision_transformer.ipynb). On two cores about a minute, 2 GB of memory, no download.

# %% [markdown] tags=["set-up"]
# ## Set-up

# %%
from course_lib.lessons import exercise, quiz, start

start()

import json

import keras
import numpy as np
from course_lib import load, viz
from course_lib.data_dir import data_dir
from course_lib.media import digits
from course_lib.media import world_captions as world
from course_lib.media.articles import with_articles
from course_lib.media.world_captions import Scene
from course_lib.training.omnivec.data import hide, labelled, splits
from course_lib.training.omnivec.net import Net
from course_lib.zoo import coca, omnivec
from matplotlib import pyplot as plt

# %% [markdown] tags=["see-it-work"]
# ## It writes, and it chooses
#
# Our CoCa has 448,433 parameters and knows 41 words, learned from drawings with captions such as "a big red star on a striped
# background"; nobody told it of classes. Four drawings that it has never seen, and what it writes, with wrong
# words in capitals (of such captions, 36 to 40% are right in every word):

# %%
model = load("coca_nano")
images, scenes = world.make_captioned(500, seed=9100)  # (500, 32, 32, 3), and what each really shows
for scene, text in zip(scenes, model.caption(images[:4]), strict=False):
    told = zip(text.split(), scene.caption().split(), strict=False)
    print(" ".join(word if word == true else word.upper() for word, true in told))
titles = [f"{scene.colour} {scene.kind}" for scene in scenes[:4]]
viz.images(images[:4], titles, columns=4, width=420)

# %% [markdown]
# The same network chooses from any list that you make of its words. That is **zero-shot classification**: no training example
# of the task.

# %%
viz.predictions(images[2], model.classify(images[2], labels=["fish", "moon", "heart", "tree", "star"]))

# %% [markdown] tags=["idea"]
# ## The idea: two lessons from one sentence
#
# A caption can teach a picture network two things.
#
# **Contrast.** Make a vector of the picture and a vector of the text. Over a batch of pairs, each picture should be nearest to *its
# own* text. CLIP (2021) does just this; its networks choose well, but they cannot write.
#
# **Captioning.** Let a second network, a decoder, look at the picture and guess the caption word by word. Such a network writes, but to choose among
# labels it has to try each.
#
# CoCa, *contrastive captioner* (Yu et al. 2022), does both at once, for little more than the price of one: its text decoder, a transformer in which a word sees only those before it, is
# cut in two. The *unimodal* half reads the text alone, and ends in the text's vector. The *multimodal* half also looks at the picture, and
# guesses each next word. The loss is a weighted sum of both; our weights are $\lambda_\text{con}=1$ and $\lambda_\text{cap}=2$:
#
# $$ \text{loss} = \lambda_\text{con}\, L_\text{con} + \lambda_\text{cap}\, L_\text{cap} $$

# %%
boxes = [
    (0, 3.6, 2.1, "text", "#eceae5"), (2.6, 3.6, 2.2, "text decoder,\nunimodal half", "#f4cfae"),
    (8, 3.6, 2.1, "vector\nof the text", "#eceae5"), (5.1, 1.8, 2.5, "multimodal half:\nnext word", "#f4cfae"),
    (0, 0, 2.1, "picture", "#eceae5"), (2.6, 0, 2.2, "image encoder", "#b9cde2"),
    (5.3, 0, 2.1, "attention\npooler", "#b9cde2"), (8, 0, 2.1, "vector of\nthe picture", "#eceae5"),
]  # fmt: skip
arrows = [
    ((2.1, 4.1), (2.6, 4.1)), ((4.8, 4.1), (8, 4.1)), ((4.2, 3.6), (5.6, 2.8)), ((2.1, 0.5), (2.6, 0.5)),
    ((4.8, 0.5), (5.3, 0.5)), ((7.4, 0.5), (8, 0.5)), ((6.35, 1), (6.35, 1.8)),
]  # fmt: skip
with viz.style():
    fig, axes = plt.subplots(figsize=(6.8, 3))
    for x, y, width, text, colour in boxes:
        axes.add_patch(plt.Rectangle((x, y), width, 1, color=colour))
        axes.text(x + width / 2, y + 0.5, text, ha="center", va="center", fontsize=8.5)
    for tail, tip in arrows:
        axes.annotate("", tip, tail, arrowprops={"arrowstyle": "->", "color": "#2a2927"})
    axes.annotate("", (9.05, 1), (9.05, 3.6), arrowprops={"arrowstyle": "<->", "color": "#a8561f"})
    axes.text(9.2, 2.2, "contrastive loss", color="#a8561f", fontsize=8.5)
    axes.text(4.95, 2.2, "captioning loss", color="#a8561f", fontsize=8.5, ha="right")
    axes.set(xlim=(-0.1, 11.3), ylim=(-0.2, 4.8))
    axes.axis("off")
alt = "Picture and text become vectors, which the contrastive loss compares; the multimodal half sees both and writes."
viz.show(fig, alt=alt)

# %% [markdown] tags=["build"]
# ## Contrast by hand
#
# Four pictures, four captions. Both vectors have length 1, so their product is the cosine of the angle between them: 1 for the
# same direction, 0 for a right angle.

# %%
few = [3, 8, 11, 20]
pictures = model.embed_images(images[few])  # (4, 64)
texts = model.embed_texts([scenes[i].caption() for i in few])  # (4, 64)
cosines = pictures @ texts.T
names = [f"{scenes[i].colour} {scenes[i].kind}" for i in few]
note = "Cosines: a row for each picture, a column for each caption (in short)."
viz.table(cosines, [f"picture of {name}" for name in names], names, form="{:.2f}", caption=note)

# %% [markdown]
# Read a row as a quiz: *which caption is this picture's?* Softmax turns the row into probabilities, and the loss is
# $-\log p$ of the right one, as in any classifier; the "classes" are the other captions of the batch. Columns ask the
# reverse: which picture is this caption's? But cosines lie between -1 and 1, and softmax of those is nearly flat. So they
# are multiplied by a learned scale first, the inverse of a **temperature**.


# %%
def contrastive(cosines, scale):
    """Return the mean of -log p(right one) over rows and columns."""
    losses = []
    for logits in (scale * cosines, scale * cosines.T):
        p = np.exp(logits - logits.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        losses.append(-np.log(np.diag(p)).mean())
    return np.mean(losses)


ours, theirs = contrastive(cosines, model.scale), float(coca.contrastive_loss(model.scale * cosines))
print(f"learned scale {model.scale:.1f}; by hand {ours:.6f}, the library's {theirs:.6f}")
assert abs(ours - theirs) < 1e-5

# %%
hundred = [scene.caption() for scene in scenes[:100]]
cosines = model.embed_images(images[:100]) @ model.embed_texts(hundred).T  # (100, 100)
scales = 2.0 ** np.arange(9)
losses = {"loss": (scales, [contrastive(cosines, scale) for scale in scales])}
title = "Too soft on the left, too sure on the right"
alt = "The loss of 100 pairs falls from 3.9 at scale 1 to its lowest near 32, and rises to 3.4 at 256."
viz.curves(losses, xlabel="scale", ylabel="contrastive loss of 100 pairs", logx=True, title=title, alt=alt)

# %% [markdown]
# At scale 1 even perfect vectors would hardly be rewarded. At a large one every near miss is punished as if the network had been certain.
# The learned one lies near the bottom of the valley.
#
# ## Captions by hand
#
# The multimodal half gives, at each place, one logit for each word: its guess of the word that comes *next*. The loss is again
# $-\log p$ of the right one, averaged over the words that are there.

# %%
text = model.tokenizer.encode([scenes[few[0]].caption()], 14)  # (1, 14): start, the words, end, then 0
image_side = coca.image_encoder(model.model)
_, memory = image_side(model.preprocess(images[few[:1]]))  # what the decoder looks at: (1, 8, 64)
logits = np.asarray(coca.captioner(model.model)([memory, keras.ops.convert_to_tensor(text)]))[0]
print("logits", logits.shape, " 41 words and three signs: start, end, nothing")
p = np.exp(logits - logits.max(axis=1, keepdims=True))
p /= p.sum(axis=1, keepdims=True)
following = text[0, 1:]  # the guess at place t is about the word at t + 1
right = p[np.arange(13), following][following > 0]
ours, theirs = -np.log(right).mean(), float(coca.captioning_loss(logits[None], text))
print(f"captioning loss by hand {ours:.6f}, the library's {theirs:.6f}")
assert abs(ours - theirs) < 1e-4

# %%
words = [*scenes[few[0]].caption().split(), "(end)"]
shares = {f"{i}. {word}": share for i, (word, share) in enumerate(zip(words, right, strict=True), 1)}
viz.bars(shares, "probability of the right next word", form="{:.0%}")

# %% [markdown]
# "a", "on" and "background" cost nothing: every caption of this form has them. Size, colour, kind and pattern must be *seen*. They
# teach the image encoder. "small" is a case of its own: the training has five forms
# of captions ("a purple arrow" is another), only 40% begin with the size, and no picture shows which is meant.
#
# ## The attention pooler by hand
#
# The image encoder gives 17 tokens of the picture: 16 places and a class token. How do they become one vector? By a **query** that was
# learned and is the same for every picture: it is compared with each token, and gathers their average, weighted by how well they fit. Nine queries, nine
# averages: the first becomes the vector for contrast, the other eight are what the decoder looks at (as in OpenCLIP; the paper has a pooler for each loss). There
# the words ask the queries: *cross-attention*.

# %%
parts = ["pooler_norm_queries", "pooler_norm_tokens", "pooler_attention", "image_norm", "image_projection"]
inside = viz.layer_outputs(image_side, model.preprocess(images[:4]), [*parts, "image_embedding"])
attention, norm, projection = (image_side.get_layer(name) for name in parts[2:])
weights = [np.asarray(w) for w in attention.get_weights()]  # kernels and biases of query, key, value, output
queries, tokens = inside["pooler_norm_queries"], inside["pooler_norm_tokens"]
print("queries", queries.shape, " tokens", tokens.shape, " kernel", weights[0].shape)


# %%
def pool(queries, tokens):
    """Return what each query gathers from the tokens, (batch, queries, 64), and where it looked."""
    (wq, bq), (wk, bk), (wv, bv), (wo, bo) = zip(weights[::2], weights[1::2], strict=True)
    q = np.einsum("btd,dhe->bhte", queries, wq) + bq[:, None]  # a head has 16 numbers of its own
    k = np.einsum("btd,dhe->bhte", tokens, wk) + bk[:, None]
    v = np.einsum("btd,dhe->bhte", tokens, wv) + bv[:, None]
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1])  # (batch, heads, 9, 17)
    looked = np.exp(scores - scores.max(axis=-1, keepdims=True))
    looked /= looked.sum(axis=-1, keepdims=True)
    return np.einsum("bhqe,hed->bqd", looked @ v, wo) + bo, looked


# %% [markdown] tags=["proof"]
# ## Proof
#
# The pooler first; then on to the picture's vector: normalise, take the first token, project, bring to length 1.

# %%
pooled, looked = pool(queries, tokens)
first = np.asarray(norm(pooled))[:, 0] @ np.asarray(projection.kernel)
vector = first / np.linalg.norm(first, axis=1, keepdims=True)
for found, name in ((pooled, "pooler_attention"), (vector, "image_embedding")):
    difference = np.abs(found - inside[name]).max()
    print(f"{name}: largest |difference| {difference:.1e}")
    assert difference < 1e-4

# %% [markdown]
# In the course's test suite the full-size `coca_vit_b32` is held to OpenCLIP's, the open reproduction of CoCa: with the same weights both give
# the same numbers. The authors' own network, 2.1 billion parameters and 91.0% on ImageNet after fine-tuning
# ([Yu et al. 2022](https://arxiv.org/abs/2205.01917)), was never released.

# %% [markdown] tags=["inside"]
# ## Look inside: pictures against sentences
#
# Six pictures, six sentences, and nothing but cosines:

# %%
sentences = ["a red star", "a green star", "a red house", "a green house", "a yellow fish", "a blue moon"]
gallery = []
for seed, sentence in zip((0, 1, 2, 3, 5, 6), sentences, strict=True):  # seeds whose backgrounds stand out
    _, colour, kind = sentence.split()
    gallery.append(world.paint_scene(Scene(kind, colour, "big", "plain"), np.random.default_rng(seed)))
heat = model.embed_texts(sentences) @ model.embed_images(gallery).T  # (6 sentences, 6 pictures)
assert heat[0, 0] > heat[0, 2] > heat[0, 4]  # the red star's row: star, red house, yellow fish
with viz.style():
    fig, axes = plt.subplots(figsize=(4.6, 4.1))
    axes.imshow(heat, cmap="Blues", vmin=-0.3)
    for (row, column), cosine in np.ndenumerate(heat):
        ink = "white" if cosine > 0.5 * heat.max() else "#2a2927"
        axes.text(column, row, f"{cosine:.2f}", ha="center", va="center", color=ink, fontsize=8)
    for column, image in enumerate(gallery):
        place = (column - 0.44, column + 0.44, -0.6, -1.48)
        axes.imshow(image // 64 * 85, extent=place, interpolation="nearest")  # few colours, a small file
    axes.set(xlim=(-0.5, 5.5), ylim=(5.5, -1.5), xticks=[])
    axes.set_yticks(range(6), sentences)
    axes.grid(False)
alt = "Heat map, six sentences against six pictures: darkest where both words fit, paler where one does."
viz.show(fig, alt=alt)

# %% [markdown]
# The diagonal is dark. But look beside it: a red star is nearer to a red house than to a yellow fish. Nobody
# defined such distances; what shares pictures or words came to lie together.
#
# ## Pairs that it never met
#
# Two colours of each kind were kept out of all training pictures: 40 of the 160 pairs. A classifier with a class for each seen pair could not even say them. Can words?

# %%
new_images, new_scenes = world.make_captioned(500, seed=9100, new_pairs=True)
pairs = [f"{colour} {kind}" for kind in world.KINDS for colour in world.COLOURS]
prompts = [with_articles(f"a picture of a {pair}") for pair in pairs]  # "an orange ..."
vectors = model.embed_texts(prompts)  # (160, 64)
by_kind = model.embed_texts([with_articles(f"a picture of a {kind}") for kind in world.KINDS])  # (20, 64)
fields = ["kind", "colour", "size", "background"]
captions, shares = {}, {}
for name, some, truth in (("seen", images, scenes), ("never seen", new_images, new_scenes)):
    answers = [f"{scene.colour} {scene.kind}" for scene in truth]
    guesses = [pairs[i] for i in (model.embed_images(some) @ vectors.T).argmax(axis=1)]
    texts = captions[name] = model.caption(some)
    chosen = np.mean([guess == answer for guess, answer in zip(guesses, answers, strict=True)])
    said = np.mean([answer in text for answer, text in zip(answers, texts, strict=True)])
    each = [[vars(s)[field] in t.split() for s, t in zip(truth, texts, strict=True)] for field in fields]
    kinds = (model.embed_images(some) @ by_kind.T).argmax(axis=1)
    alone = np.mean([world.KINDS[i] == scene.kind for i, scene in zip(kinds, truth, strict=True)])
    shares[f"pairs {name}"] = [chosen, alone, said, *np.mean(each, axis=1)]
note = "Two columns: the nearest sentence. Others: words of the caption. 500 pictures each; guessing: 0.6% and 5%."
columns = ["of 160 pairs", "of 20 kinds", "written: pair", *fields]
viz.table([*shares.values()], [*shares], columns, form="{:.0%}", caption=note)

# %% [markdown]
# Take the second row. Choosing among 160 sentences, the network finds a pair that it never met in about a third of all cases. Asked for the kind alone, "a picture of a tree", it does far worse than on pairs that it knows. And its *writing* half says hardly any new pair, and has even the kind wrong nearly always. What
# does it write instead?

# %%
vocabulary = {*world.COLOURS, *world.KINDS}
told = [[word for word in text.split() if word in vocabulary] for text in captions["never seen"]]
known = np.mean([len(pair) == 2 and not world.is_new_pair(pair[1], pair[0]) for pair in told])
print(f"{known:.0%} of the captions for new pairs name a pair that was in training")
titles = [" ".join(pair) + "?" for pair in told[:4]]
true = ", ".join(f"{scene.colour} {scene.kind}" for scene in new_scenes[:4])
viz.images(new_images[:4], titles, columns=4, width=420, caption=f"What they are: {true}.")

# %% [markdown]
# It has learned which pairs exist. In training no tree was green, so whoever sees green need not ask whether it
# is a tree: a rule that never failed in 60,000 pictures. Nobody told the network that colours and kinds are independent. Comparing whole
# sentences that name both suffers least from the rule; a kind alone, or writing word by word, suffers much. The first row hides it.

# %% [markdown] tags=["change"]
# ## A third sense: OmniVec
#
# CoCa has one network for pictures and one for texts. **OmniVec** (Srivastava and Sharma 2023) goes on: an *encoder* for each
# **modality** (kind of input; ours only cuts and projects) turns pictures, sounds or words into rows of tokens of one width, and from there on **one trunk** reads them
# all. It is pre-trained by hiding tokens and guessing them, which needs no labels; then it is trained on one task after the other, each with its head. The authors report 92.4% on ImageNet, and that modalities help each other
# ([arXiv 2311.05709](https://arxiv.org/abs/2311.05709)); neither weights nor a count of parameters were published, so that cannot be checked with their network. The idea we can try small, on a
# task that can be seen, heard and read: the ten digits.

# %%
omni = load("omnivec_nano")
test = {name: splits(name)["test"] for name in omnivec.MODALITIES}
handwriting, written_digits = digits.pictures()
clips, heard = digits.tones(300, seed=31)
typed, read = digits.words(300, seed=31)
with viz.style():
    fig, axes = plt.subplots(1, 3, figsize=(6.6, 2.2), width_ratios=[1, 2, 1.4], layout="constrained")
    axes[0].imshow(1 - handwriting[7], cmap="gray")
    spectrogram = {"origin": "lower", "aspect": "auto", "cmap": "magma", "extent": (0, 208, 500, 1719)}
    axes[1].imshow(digits.log_spectrogram(clips[:1])[0].T, **spectrogram)
    axes[1].set(xlabel="ms", ylabel="Hz")
    lines = [f"{word}: {digit}" for word, digit in zip(typed[:5], read, strict=False)]
    axes[2].text(0.5, 0.5, "\n".join(lines), ha="center", va="center", fontsize=12)
    for panel, title in zip(axes, ["a 7, seen", f"a {heard[0]}, heard", "five words, read"], strict=True):
        panel.set_title(title)
        panel.grid(False)
    for panel in (axes[0], axes[2]):
        panel.axis("off")
alt = "A handwritten seven of 8 by 8 pixels; a noisy spectrogram of a telephone key; five misspelt number words."
viz.show(fig, alt=alt)

# %% [markdown]
# The pictures are real handwriting. The sounds are telephone keys, two frequencies each (two bright lines: time runs to the right, pitch upwards; a column, a *frame*, is a token), in noise and under a humming voice. The words are
# *zero* to *nine* in six languages, with typing errors. All come as tokens:

# %%
for name, modality in omnivec.MODALITIES.items():
    tokens = omnivec.cut(test[name].inputs[:1], modality)
    own = sum(
        omni.model.get_layer(f"{name}_{part}").count_params() for part in ("embed", "positions", "head")
    )
    print(
        f"{name:<6} {modality.tokens} tokens, cut to {np.shape(tokens)[1:]!s:<9} {own:>6,} parameters of its own"
    )
print(f"trunk, shared by all: {omni.model.get_layer('trunk').count_params():>20,} parameters")

# %% [markdown]
# Does it help? Five ways to spend the same updates, on the same 50 labels of each modality (five for each digit) and 1,000 examples
# without labels: a net for each modality or one shared trunk of the same size; all updates on the labels, or five sixths on guessing
# what is hidden first; last, pre-training one trunk and giving each task a copy. The first row is a linear classifier of the bare inputs. Three
# seeds, ± half their range; learning rates were chosen on validation examples, scores are on 500 others. (`python -m course_lib.training.omnivec` measures it again.)

# %%
measured = json.loads((data_dir() / "experiments" / "omnivec.json").read_text())
rows = {}  # way -> (3 modalities, 3 seeds), per cent
for way, row in measured["ways"].items():
    rows[way] = 100 * np.array([row[name]["accuracy"] for name in omnivec.MODALITIES])
print(f"{'':<32}{'image':>12}{'audio':>12}{'text':>12}{'mean':>12}")
for way, row in rows.items():
    cells = [f"{r.mean():.1f} ± {np.ptp(r) / 2:.1f}" for r in (*row, row.mean(axis=0))]
    print(f"{way:<32}" + "".join(f"{cell:>12}" for cell in cells))
viz.bars(
    {way: row.mean(axis=0) for way, row in rows.items()}, "accuracy, mean of the three modalities, %",
)  # fmt: skip

# %% [markdown]
# *Guessing first* lifts pictures and tones: in nets of their own by more than the seeds differ, in the shared one by six or seven points,
# which is within their range. Misspelt words gain nothing that stands out from their wide spread. *Sharing* changes little: a bit more from scratch, a bit less after pre-training,
# both within the spread. One trunk in place of three neither wins nor loses: not what the authors found, but this is tiny, with 50 labels. A likely reason: a patch, a frame and a
# letter have little in common, and nothing here pairs them. And see the first row: on pictures, and by a hair in the mean, a *linear* classifier beats all these
# transformers. Fifty labels are too few for them where bare pixels are good features; on tones, which begin when they like, the pre-trained
# ones win.
#
# ## Once more, here
#
# The part for pictures alone, with fewer updates and one seed:

# %%
net = Net("image")
fifty, live = {"image": labelled("image", 0)}, {}
for way in ("800 updates on labels", "700 on guessing, 100 on labels"):
    net.begin(seed=0)
    if "guessing" in way:
        net.pretrain(700, 3e-3, seed=0)
        guesser = net.masked.get_weights()
    net.train(fifty, 100 if "guessing" in way else 800, 1e-3, seed=0)
    live[way] = 100 * net.score("test")["image"]
viz.bars(live, "accuracy on 500 held-out pictures, %", form="{:.1f}")

# %% [markdown]
# Less guessing than in the table, and less gained. What does the network know before it sees a label? Hide half of new pictures:

# %%
net.masked.set_weights(guesser)  # as it was before it saw a label
inputs = test["image"].inputs[:8]
hidden = hide("image", inputs, np.random.default_rng(0))
guess = np.asarray(net.masked({"image": inputs, "image_hidden": hidden})["image"])  # (8, 16, 4)
patches = np.asarray(omnivec.cut(inputs, omnivec.MODALITIES["image"]))
seen = np.where(hidden[..., None] > 0, 0.6, patches)
both = np.where(hidden[..., None] > 0, guess, patches)
paper = [1 - np.clip(row * digits.INK[1] + digits.INK[0], 0, 1) for row in (patches, seen, both)]
drawn = [row.reshape(8, 4, 4, 2, 2).swapaxes(2, 3).reshape(8, 8, 8) for row in paper]  # whole pictures again
shades = np.uint8(255 * np.concatenate(drawn))[..., None].repeat(3, axis=-1)
alt = "Eight handwritten digits; the same with half their patches grey; and the guesses, which continue strokes."
viz.images(shades, columns=8, width=560, alt=alt)

# %% [markdown]
# Top: the picture. Middle: what it saw. Bottom: its guess. (Of the second, a 7, it makes a 9.)
#
# ## Does a shared trunk bring a seen 7 near a heard 7?
#
# The mean of the trunk's tokens is a vector for any input. For each input of one modality, take the nearest of another (by cosine,
# each modality about its own mean): do both show the same digit?

# %%
raw = {"image": handwriting[:300], "audio": clips, "text": typed}
truth = {"image": written_digits[:300], "audio": heard, "text": read}
vectors = {name: omni.features(name, rows) for name, rows in raw.items()}  # each (300, 48)
vectors["pixels"], truth["pixels"] = handwriting[:300].reshape(300, -1), truth["image"]  # without the trunk
centred = {name: rows - rows.mean(axis=0) for name, rows in vectors.items()}
within, across = ["pixels pixels", "image image"], ["image audio", "image text", "audio text"]
for one, other in map(str.split, within + across):
    cosines = centred[one] @ (centred[other] / np.linalg.norm(centred[other], axis=1, keepdims=True)).T
    if one == other:
        np.fill_diagonal(cosines, -np.inf)  # not itself
    same = np.mean(truth[one] == truth[other][cosines.argmax(axis=1)])
    print(f"{one} to {other}: the same digit in {same:.0%} (guessing: about 10%)")

# %% [markdown]
# Within pictures (half of these were in its training) the trunk groups digits, if less well than the bare pixels do. Across modalities it does hardly better than guessing: *shared* does not mean *aligned*.
# Nothing asks that a heard 7 and a seen 7 agree. What aligns is contrast on pairs, the first half of this lesson.

# %% [markdown] tags=["traps"]
# ## Trap 1: the wording
#
# Zero-shot classification needs a sentence for each class, and the words round the label matter. The same 500 pictures, the same 20 kinds:

# %%
truths = np.array([world.KINDS.index(scene.kind) for scene in scenes])
pictures = model.embed_images(images)


def zero_shot(prompts):
    """Return the accuracy when each kind's vector is the mean over some prompts."""
    texts = [[with_articles(prompt.replace("{}", kind)) for kind in world.KINDS] for prompt in prompts]
    each = [model.embed_texts(row) for row in texts]
    means = np.mean(each, axis=0)
    means /= np.linalg.norm(means, axis=1, keepdims=True)  # shorter than 1 where the prompts disagree
    return np.mean((pictures @ means.T).argmax(axis=1) == truths)


prompts = ["a picture of a {}", "{}", "a {}", "a white {}", "a small {} on a plain background", "{} {} {}"]
found = {f'"{prompt}"': 100 * zero_shot([prompt]) for prompt in prompts}
found["mean of the eight colours"] = 100 * zero_shot([f"a {colour} {{}}" for colour in world.COLOURS])
viz.bars(found, "zero-shot accuracy on 500 pictures, %")

# %% [markdown]
# All these prompts name the same kinds, and the worst loses nearly a quarter of the best one's right answers. "a picture of a ..." was among the captions of the
# training. *small ... on a plain background*, wrong for most pictures, costs most; differences of two points are chance. The average over prompts (exercise 2)
# is safer than one taken blindly, and no better than the best: try several, on examples that you do not test on.
#
# ## Trap 2: it always chooses
#
# Softmax over your list sums to 1, even if no word of the list fits. Offer the first ten kinds only:

# %%
ten = [with_articles(f"a picture of a {kind}") for kind in world.KINDS[:10]]
logits = model.scale * pictures @ model.embed_texts(ten).T
surest = keras.ops.convert_to_numpy(keras.ops.softmax(logits)).max(axis=1)
for name, chosen in (("in the list", truths < 10), ("not in the list", truths >= 10)):
    over = np.mean(surest[chosen] > 0.5)
    print(f"kind {name:<16} surest answer {surest[chosen].mean():.0%} on average, over 50% in {over:.0%}")

# %% [markdown]
# "None of these" has to be asked for: with more words in the list, or a threshold on the cosine.
#
# Networks trained on captions of the web learn the web's prejudices with them, and their zero-shot answers about
# people show it. These weights are under Apache 2.0; look at the licence of OpenCLIP's before you use those.

# %% [markdown] tags=["exercises"]
# ## Exercises
#
# **1.** The contrastive loss from vectors of any length.


# %%
def contrastive_loss(images, texts, scale):
    """Return the contrastive loss of n pairs: images (n, d) and texts (n, d), of any length; row i belongs to row i."""
    return ...


exercise("12.1").check(contrastive_loss)

# %%
# exercise("12.1").hint()  # take away the first #; then .solution()

# %% [markdown]
# **2.** Several prompts for each kind, averaged to one vector.


# %%
def kind_vectors(texts):
    """Return one vector of length 1 for each kind; texts (kinds, prompts, d) are the prompts' vectors, each of length 1."""
    return ...


exercise("12.2").check(kind_vectors)

# %%
# exercise("12.2").hint()  # take away the first #; then .solution()

# %% [markdown]
# **3.** The masked loss of our OmniVec (as in BERT, on hidden tokens alone) for pictures or sounds.


# %%
def masked_loss(guess, truth, hidden):
    """Return the mean squared error of hidden tokens; guess, truth (n, tokens, values), hidden (n, tokens) is 1 or 0."""
    return ...


exercise("12.3").check(masked_loss)

# %%
# exercise("12.3").hint()  # take away the first #; then .solution()

# %% [markdown] tags=["quiz"]
# ## Quiz

# %%
quiz("12")

# %% [markdown] tags=["recap"]
# ## Recap
#
# - The contrastive loss is a quiz over the batch: which text is this picture's, which picture is this text's?
# - The captioning loss is a classifier's, for each next word; CoCa's cut decoder gets both losses from one pass.
# - A prompt turns any list of words that it knows into a classifier; its wording is part of the model.
# - Made of words, it can find pairs that it never saw; but it also learns which pairs there are, and its captions stick to those.
# - Here one trunk read pictures, sounds and words as well as three; what helped, on pictures and tones, was guessing what is hidden, not sharing.
#
# | paper | the line of code |
# |---|---|
# | [CoCa](https://arxiv.org/abs/2205.01917), equation 2, contrast (halved, as OpenCLIP does) | `for logits in (scale * cosines, scale * cosines.T)` |
# | CoCa, equation 3, captioning (a mean for their sum) | `right = p[np.arange(13), following][following > 0]` |
# | CoCa, section 3.2, attention pooling | `looked @ v` |
# | [OmniVec](https://arxiv.org/abs/2311.05709), a common trunk | `omni.model.get_layer("trunk")` |
# | OmniVec, masked pre-training | `net.pretrain(700, 3e-3, seed)` |
#
# **Read on**: [CLIP](https://arxiv.org/abs/2103.00020), whose authors measured prompts;
# [ImageBind](https://arxiv.org/abs/2305.05665), which brings six modalities together by contrast with pictures.
#
# **Next:** [lesson 13](../3_transfer/13_choosing_a_model.ipynb) sets all models side by side.
