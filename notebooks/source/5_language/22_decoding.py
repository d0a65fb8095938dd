# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Decoding: a model knows how likely each word is. Which one should it say?
#
# A language model gives probabilities. It never says a word: some rule has to pick one of its 1,024 tokens, a hundred times in a row.
# The obvious rule, always the likeliest, makes the same model that imitates Shakespeare stammer. Why, and what do people do instead?
#
# > **You will be able to** write greedy decoding, sampling, temperature, top-k, top-p, the repetition penalty and beam search by
# > hand, prove yours equal to KerasHub's, explain perplexity, measure how much a text repeats itself, and choose a way of
# > decoding for a task.
# >
# > **Needs** [lesson 19](19_gpt.ipynb) for tokens and the cache. On two cores about 20 s, 1 GB of memory, no download.

# %% [markdown] tags=["set-up"]
# ## Set-up

# %%
from course_lib.lessons import exercise, quiz, start

start()

import json

import numpy as np
from course_lib import load, viz
from course_lib.data_dir import data_dir
from course_lib.decoding import filters
from course_lib.decoding.choosing import Greedy
from course_lib.decoding.generating import beam_search, generate
from course_lib.training.language import ways_of_writing
from course_lib.zoo.cached import Steps
from keras_hub import samplers

# %% [markdown] tags=["see-it-work"]
# ## See it work
#
# One model, one prompt, three rules: always the likeliest token; any token, each as often as it is likely; and any token, after
# all probabilities were evened out (temperature 2).

# %%
gpt = load("gpt_nano")
PROMPT = "KING.\nWhat news, my lord?\n\n"
print(gpt.complete(PROMPT, 70), gpt.complete(PROMPT, 70, temperature=1), sep="\n------\n")
print("------", gpt.complete(PROMPT, 40, temperature=2), sep="\n")

# %% [markdown]
# The first goes round in circles. The second has the air of a play. The third is noise. And yet the network was the same, and so were
# its probabilities for the first token. Here are the likeliest twelve of 1,024 (`'KING'`, as the text begins a new speech):

# %%
print(gpt.next_tokens(PROMPT, top=12))

# %% [markdown] tags=["idea"]
# ## The idea: a text has a probability
#
# A model gives the probability of each next token, given all before it. Multiplied, they are the probability of the whole text:
#
# $$ p(x_1 \ldots x_n) = \prod_{i=1}^{n} p(x_i \mid x_1 \ldots x_{i-1}) $$
#
# Such products become too small for a computer, so one adds logarithms. Their mean with its sign turned tells how
# surprised the model is by a token, and the exponential of that is the **perplexity**:
#
# $$ \text{perplexity} = \exp\left(-\frac{1}{n} \sum_{i=1}^{n} \log p(x_i \mid x_1 \ldots x_{i-1})\right) $$
#
# Read it so: *among how many equally likely tokens would the model have been as unsure?* 1 means it foresaw everything; 1,024 that it
# knew nothing. Our network needs a token to begin with, so we count from the second one on. `steps` is lesson 19's reader with a
# cache: tokens in, **logits** out, the scores of the next token before the softmax.

# %%
steps, cut = Steps(gpt.model), gpt.tokenizer


def next_logits(text):
    """Return the logits of the token after a text, (1024,)."""
    return steps(np.array([cut.tokenize(text)]), steps.start())[0][0].astype(float)


def softmax(logits):
    """Return probabilities: exponentials, divided by their sum."""
    powers = np.exp(logits - logits.max())  # the largest becomes 0 first, so that nothing overflows
    return powers / powers.sum()


line, logs = cut.tokenize("My lord, the king"), []
for place in range(1, len(line)):
    p = softmax(next_logits(cut.detokenize(line[:place])))[line[place]]
    logs.append(np.log(p))
    print(f"{cut.detokenize(line[:place])!r:>18} then {cut.detokenize([line[place]])!r:<7} p = {p:.3f}")
print(f"all four: {np.exp(np.sum(logs)):.1e}; perplexity {np.exp(-np.mean(logs)):.1f}")
assert np.isclose(np.exp(-np.mean(logs)), gpt.perplexity("My lord, the king").per_token, rtol=1e-3)

# %% [markdown] tags=["build"]
# ## Build it by hand
#
# **Greedy.** Take the likeliest token, put it behind the text, ask again. (The cache of lesson 19 keeps what was read, so that each
# step reads one token.)


# %%
def write(prompt, choose, length):
    """Continue a text: choose(logits, tokens so far) gives the next token."""
    tokens, cache = cut.tokenize(prompt), steps.start()
    unread = tokens
    for _ in range(length):
        logits, cache = steps(np.array([unread]), cache)
        unread = [int(choose(logits[0].astype(float), tokens))]
        tokens = tokens + unread
    return cut.detokenize(tokens[len(cut.tokenize(prompt)) :])


looped = write(PROMPT, lambda logits, _: logits.argmax(), 100)
print(looped)

# %% [markdown]
# **By lot.** Lay the tokens side by side on a line, each as long as it is probable; a random point falls into one of them.


# %%
def draw(p, dice):
    """Return a token by lot, with probabilities p."""
    return np.searchsorted(p.cumsum(), dice.random() * p.sum(), side="right")


for seed in range(2):
    dice = np.random.default_rng(seed)
    print(f"seed {seed}:", repr(write(PROMPT, lambda logits, _, dice=dice: draw(softmax(logits), dice), 40)))

# %% [markdown]
# Better, but now and then a token comes that fits nothing. The network allows many of them:

# %%
first = softmax(next_logits(PROMPT))
rare = first[first < 0.01]
print(f"For the first place, {len(rare)} tokens have less than 1% each, and {rare.sum():.0%} together.")

# %% [markdown]
# Nearly all tokens have a tiny probability each, but there are so many that here one draw in eight takes one of them: the **tail**.
# All that follows deals with that tail.
#
# **Temperature** divides the logits. Below 1 it makes the likely likelier, and towards 0 it is greedy; above 1 it evens all out.
# **Top-k** keeps the k likeliest. **Top-p**, or **nucleus sampling**, keeps the fewest tokens that have the probability p *together*:
# few where the model is sure, many where it is not. What is dropped gets the logit minus infinity.


# %%
def temperature(logits, t):
    """Sharpen (below 1) or flatten (above 1)."""
    return logits / t


def top_k(logits, k):
    """Keep the k likeliest."""
    return np.where(logits >= np.sort(logits)[-k], logits, -np.inf)


def top_p(logits, p):
    """Keep the fewest that have probability p together."""
    order = np.argsort(-logits)
    ordered = softmax(logits[order])
    before = ordered.cumsum() - ordered  # what all likelier tokens have together
    kept = order[before < p]  # also the one that crosses p
    return np.where(np.isin(np.arange(len(logits)), kept), logits, -np.inf)


# %% [markdown]
# Two places in a play: one where the model is sure, one where it is not. Pale is the model's own distribution.

# %%
places = {"sure": "HAMLET.\nNot so, my", "unsure": "HAMLET.\nI"}
ways = {
    "as it is": lambda x: x, "temperature 0.5": lambda x: temperature(x, 0.5),
    "temperature 2": lambda x: temperature(x, 2), "top-k 5": lambda x: top_k(x, 5), "top-p 0.7": lambda x: top_p(x, 0.7),
}  # fmt: skip
rows, names = {}, {}
for name, text in places.items():
    logits = next_logits(text)
    best = np.argsort(-logits)[:14]
    rows[name] = {way: softmax(change(logits))[best] for way, change in ways.items()}
    names[name] = [repr(cut.detokenize([token])) for token in best]
viz.filtered(rows, names)

# %% [markdown]
# Each row has a scale of its own: `' lord'` had 78%, `' am'` 11%. At temperature 2 the bars nearly vanish: what they lose goes to
# a thousand others that are not drawn here. Top-k keeps five tokens in both places: below, it drops good ones. The nucleus **grows and shrinks** with the model's doubt: one token above, many below. That is its
# whole idea (Holtzman et al., 2019).
#
# **The repetition penalty** works against what stands in the text already: positive logits of such tokens are divided by a number
# above 1, negative ones multiplied: both make them smaller. (Keskar et al., 2019, divide all of them, which makes a token with a negative
# logit *likelier*; the library transformers [repaired that](https://github.com/huggingface/transformers/issues/2302).)


# %%
def repetition_penalty(logits, seen, penalty):
    """Make tokens less likely that were seen."""
    changed, seen = logits.copy(), np.unique(seen)
    changed[seen] = np.where(logits[seen] > 0, logits[seen] / penalty, logits[seen] * penalty)
    return changed


print(write(PROMPT, lambda logits, seen: repetition_penalty(logits, seen, 1.2).argmax(), 70))

# %% [markdown]
# **Beam search.** Greedy takes the best token *now*, and may miss a text that begins worse and gets better. Beam search keeps the best few
# texts, the **beams**: behind each it tries every token, adds up the logarithms, and keeps the best few of all of these.


# %%
def search(prompt, beams, length):
    """Return the most probable continuations found, their log-probabilities, and what was kept at each step."""
    logits, cache = steps(np.array([cut.tokenize(prompt)]), steps.start())
    totals, texts, levels = np.zeros(1), [()], []
    for _ in range(length):
        sums = totals[:, None] + np.log([softmax(row.astype(float)) for row in logits])  # (texts, 1024)
        rows, tokens = np.divmod(np.argsort(-sums, axis=None)[:beams], sums.shape[1])
        totals = sums[rows, tokens]
        texts = [(*texts[row], int(token)) for row, token in zip(rows, tokens, strict=True)]
        words = [repr(cut.detokenize([token])) for token in tokens]
        levels.append(list(zip(rows.tolist(), words, totals.tolist(), strict=True)))
        logits, cache = steps(tokens[:, None], steps.reorder(cache, rows))
    return texts, totals, levels


texts, totals, levels = search("ROMEO.\nI", 4, 5)
greedy = search("ROMEO.\nI", 1, 5)
for name, found, total in (("greedy", greedy[0][0], greedy[1][0]), ("beam", texts[0], totals[0])):
    print(f"{name:<6} {cut.detokenize(found)!r:<30} p = {np.exp(total):.5f}")
viz.beam_tree(levels)

# %% [markdown]
# Each column is a step and holds the four best texts so far, the best on top; below a token stands the probability of its whole text.
# Greedy sets out from `' am'`, which is on top after one step and out after three. The winner, blue, began as the last of four.

# %% [markdown] tags=["proof"]
# ## Proof
#
# Our functions against the library's, and both against KerasHub's samplers, which are asked to continue with the same network.

# %%
logits, seen = next_logits(PROMPT), cut.tokenize(PROMPT)
pairs = {
    "temperature": (temperature(logits, 0.7), filters.temperature(logits, 0.7)),
    "top-k": (top_k(logits, 40), filters.top_k(logits, 40)),
    "top-p": (top_p(logits, 0.9), filters.top_p(logits, 0.9)),
    "penalty": (repetition_penalty(logits, seen, 1.2), filters.repetition_penalty(logits, seen, 1.2)),
}
for name, (ours, theirs) in pairs.items():
    difference = np.abs(softmax(ours) - filters.softmax(theirs)).max()
    print(f"{name:<12} largest |difference| of a probability {difference:.0e}")
    assert difference < 1e-12


# %%
def ask(prompt, cache, index):
    """Give a sampler of KerasHub the logits of the token at a place."""
    return gpt.model(prompt)[:, index - 1], None, cache


LENGTH = 16
padded = np.array([[*seen, *[0] * LENGTH]], np.int32)
by_keras = {
    "greedy": samplers.GreedySampler()(ask, padded, index=len(seen)),
    "3 beams": samplers.BeamSampler(3)(ask, padded, index=len(seen)),
}
by_library = {
    "greedy": list(generate(steps, seen, Greedy(), LENGTH)),
    "3 beams": list(beam_search(steps, seen, 3, LENGTH)[0].tokens),
}
by_hand = {name: list(search(PROMPT, beams, LENGTH)[0][0]) for name, beams in (("greedy", 1), ("3 beams", 3))}
for name, text in by_hand.items():
    assert text == by_library[name] == np.array(by_keras[name])[0, len(seen) :].tolist()
    print(f"{name}: the same {LENGTH} tokens three times, {cut.detokenize(text)!r}")

# %% [markdown]
# What is drawn by lot can't be equal token by token. But each token must come as often as our filters say, and a forbidden one never:

# %%
often = np.repeat(softmax(logits)[None].astype(np.float32), 4000, axis=0)  # the same distribution 4,000 times
for name, sampler, ours in (
    ("random", samplers.RandomSampler(seed=1), logits),
    ("top-k 5", samplers.TopKSampler(5, seed=1), top_k(logits, 5)),
    ("top-p 0.7", samplers.TopPSampler(0.7, seed=1), top_p(logits, 0.7)),
):
    counts = np.bincount(np.array(sampler.get_next_token(often)), minlength=len(logits))
    difference = np.abs(counts / 4000 - softmax(ours)).max()
    forbidden = counts[softmax(ours) == 0].sum()
    print(f"{name:<10} share of 4,000 lots: within {difference:.3f}; forbidden: {forbidden}")
    assert difference < 0.035
    assert not forbidden

# %% [markdown]
# (The course's tests compare the very probabilities that KerasHub draws with, and beam search with trying every text.)

# %% [markdown] tags=["inside"]
# ## Look inside: do people say what is likely?
#
# Beam search finds texts that the model holds very probable. If probable meant good, they would be the best. Here are lines of
# *Macbeth*, a play that this model was never trained on. Their first 28 tokens are the prompt; beam search writes 60 more, and
# we draw how probable each of these was, and each of Shakespeare's:

# %%
MACBETH = """She should have died hereafter;
There would have been a time for such a word.--
To-morrow, and to-morrow, and to-morrow,
Creeps in this petty pace from day to day,
To the last syllable of recorded time;
And all our yesterdays have lighted fools
The way to dusty death. Out, out, brief candle!
Life's but a walking shadow; a poor player,
That struts and frets his hour upon the stage,
And then is heard no more: it is a tale
Told by an idiot, full of sound and fury,
Signifying nothing."""
person = cut.tokenize(MACBETH)
found = beam_search(steps, person[:28], 5, 60)[0].tokens
print(cut.detokenize(person[:28]), cut.detokenize(found), sep="[...]")

# %%
chances = {
    name: (np.arange(1, 61), np.exp(gpt.log_probabilities([*person[:28], *text])[27:]))
    for name, text in (("Shakespeare", person[28:88]), ("beam search", found))
}
for name, (_, p) in chances.items():
    print(f"{name:<12} {(p < 0.05).sum():2} of 60 tokens had less than 5%, {(p > 0.5).sum():2} more than 50%")
viz.curves(chances, "token", "probability that the model gave it", percent=True, ylim=(0, 1))

# %% [markdown]
# That is the answer to the question at the top. People's words are now likely, now quite unlikely: who only says what
# is likely says nothing new. Beam search hardly ever surprises. And it goes round in circles, for *what stands in the text already makes itself
# likelier*. The same speech, four times in a row, behind the token that stands between two plays (`cut.end`):

# %%
speech = cut.tokenize("KING.\nI am not so, my lord.\n\n")
chances_again = np.exp(gpt.log_probabilities([cut.end, *speech * 4])).reshape(4, len(speech))
for time, p in enumerate(chances_again, start=1):
    print(f"time {time}: a token of it has the probability {p.mean():.2f} on average")
assert (np.diff(chances_again.mean(axis=1)) > 0).all()

# %% [markdown]
# Each time the model is surer that it comes once more. So greedy hardly finds out of a loop. Four texts by their perplexity, and in
# lesson 19's **bits a byte**, what they would take if they were compressed with this model:

# %%
words = MACBETH.split()
shuffled = " ".join(np.random.default_rng(0).permutation(words))
for name, text in (
    ("beam search", cut.detokenize(found)),
    ("greedy", looped),
    ("Shakespeare", MACBETH),
    ("the same words, shuffled", shuffled),
):
    print(f"{name:<25} {gpt.perplexity(text)}")

# %% [markdown] tags=["change"]
# ## Change it: which rule writes like people?
#
# Measured by three numbers, none of which asks whether a text is *good*: perplexity, for the model itself; **distinct-2**, the share of
# pairs of tokens that are different; and the share of tokens that **repeat** one of the 16 before them. First by ourselves: twelve
# pieces of *Macbeth*'s lines are continued, with three seeds.

# %%
prompts = np.array([person[place : place + 28] for place in range(0, 144, 12)], np.int32)
live = {}
for name in ("greedy", "temperature 0.7", "temperature 1.0", "top-p 0.9", "temperature 1.5"):
    way, runs = ways_of_writing.WAYS[name], []
    for seed in range(3):
        texts = ways_of_writing.written(steps, prompts, way, seed, length=60)
        runs.append(ways_of_writing.measured(gpt.model, prompts, texts))
    live[name] = {key: [run[key] for run in runs] for key in runs[0]}
    print(f"{name:<16}", *(f"{key} {min(v):6.2f} to {max(v):6.2f}  " for key, v in live[name].items()))
assert max(live["greedy"]["distinct"]) < min(live["temperature 1.0"]["distinct"])

# %% [markdown]
# Now with what people wrote to compare. The course ran it once (`python -m course_lib.training.language.ways_of_writing`): 64 pieces of
# three whole plays that no training saw, each continued by 100 tokens in twenty-one ways, three draws of pieces and seeds. (The beam search,
# which is slower, got sixteen of the pieces.)

# %%
record = json.loads((data_dir() / "experiments" / "ways_of_writing.json").read_text())["ways"]
mean = {name: {key: np.mean([run[key] for run in runs]) for key in runs[0]} for name, runs in record.items()}
groups = {name: name.split()[0].split(",")[0] for name in mean}
groups |= {name: "the likeliest" for name in mean if name.startswith(("greedy", "beam"))}
points = {name: (row["perplexity"], row["repeated"]) for name, row in mean.items()}
viz.scatter(points, "perplexity a token", "share of repeated tokens", groups=groups, logx=True)

# %%
degrees = [0.3, 0.5, 0.7, 0.8, 0.9, 1.0, 1.2, 1.5]
lines = {
    "by temperature": (
        degrees,
        [[record[f"temperature {t}"][d]["distinct"] for t in degrees] for d in range(3)],
    ),
    "people": (degrees, [[record["people"][d]["distinct"]] * len(degrees) for d in range(3)]),
}
viz.curves(lines, "temperature", "distinct-2", percent=True)

# %% [markdown]
# What to see in these two:
#
# - **All that draw by lot lie on one road**, from dull to wild (perplexity on a scale of powers of ten). Temperature .9, top-p .9 and top-k 40 come to nearly the same place.
# - **People stand beside it.** They repeat themselves about as much as top-p .95 does, but their words surprise the model twice as much.
#   Their surprises mean something that this model does not know; a rule can only throw dice. Temperature 1.2 surprises even
#   more, by babbling. (GPT-2 Large, eight hundred times our model's size, foresees people better: in table 1 of Holtzman et al. their
#   texts have perplexity 12.4, and those of top-p .95 13.1.)
# - **The likeliest text is the farthest from people's**, whoever looks for it: greedy stammers, and beams find even likelier stammering.
# - **One measure is easily fooled.** By distinct-2, people write between temperatures .8 and .9; by repeated tokens, between .9 and 1; by perplexity,
#   between 1 and 1.2. Greedy with a penalty has people's distinct-2, too (.91 against .92, not drawn), at a perplexity of 4.6.

# %% [markdown] tags=["traps"]
# ## Traps and limits
#
# **Probability favours short texts.** Each further token makes a text less probable. Where a search may end, here at the first full stop,
# many beams find short answers. A **length penalty** of 1 compares the mean logarithm instead:

# %%
stop, lengths = cut.tokenize(".")[0], {}
for penalty in (0, 1):
    for beams in (1, 4, 16):
        best = beam_search(steps, cut.tokenize("ROMEO.\n"), beams, 40, end=stop, length_penalty=penalty)[0]
        lengths[penalty, beams] = len(best.tokens)
        told = f"penalty {penalty}, {beams:2} beams: log p {best.log_probability:5.1f}, {len(best.tokens):2} tokens"
        print(f"{told}: {cut.detokenize(best.tokens)!r}")
assert lengths[0, 16] < min(lengths[0, 1], lengths[1, 16])

# %% [markdown]
# **The order of filters.** This course takes the nucleus *behind* the temperature, as transformers does; llama.cpp usually takes it
# before. The same two numbers are then another rule:

# %%
logits = next_logits(places["unsure"])
for t in (0.5, 1.0, 2.0):
    first, last = top_p(temperature(logits, t), 0.9), temperature(top_p(logits, 0.9), t)
    behind, before = np.isfinite(first).sum(), np.isfinite(last).sum()
    print(f"temperature {t}: the nucleus has {behind:3} tokens; taken before it, {before}")

# %% [markdown]
# **Limits.** A rule can't say what the model doesn't know. Ours has 128 tokens of memory and less than a million parameters: it knows
# the sound of a play, not its sense, however it is decoded. Perplexities of two models compare only where both cut text into the same
# tokens; bits a byte always do. And five beams are five texts to compute, with no word to show before the end.
#
# **Which rule when?** Where one answer is right (translation, transcripts), the most probable one: greedy or a few beams, with a length
# penalty. Where many are (stories, talk): by lot, top-p .9 to .95 or a temperature a little below 1, and a look at the measures above.

# %% [markdown] tags=["exercises"]
# ## Exercises


# %%
def nucleus(p, share):
    """Return the indices of the fewest likely tokens that have the probability share together, the likeliest first."""
    return ...


exercise("22.1").check(nucleus)

# %%
# exercise("22.1").hint()  # take away the first #; then .solution()


# %%
def perplexity(p):
    """Return the perplexity of a text whose tokens had the probabilities p when they came."""
    return ...


exercise("22.2").check(perplexity)

# %%
# exercise("22.2").hint()


# %%
def beam_step(totals, logs, beams):
    """Return (rows, tokens): the texts to go on with, and their next tokens; the best first.

    totals (texts,) are the texts' log-probabilities, logs (texts, vocabulary) those of the next token behind each.
    """
    return ...


exercise("22.3").check(beam_step)

# %%
# exercise("22.3").hint()

# %% [markdown] tags=["quiz"]
# ## Quiz

# %%
quiz("22")

# %% [markdown] tags=["recap"]
# ## Recap
#
# - A model gives probabilities; a decoding rule makes a text of them. The rule decides as much as the model.
# - The most probable text is no good story: it says what goes without saying, and repeats itself.
# - Temperature, top-k and top-p deal with the tail of unlikely tokens; only the nucleus grows with the model's doubt.
# - Beam search finds more probable texts than greedy; it favours short ones, and it is for tasks with one right answer.
# - Perplexity: among how many equally likely tokens the model would have been as unsure.
#
# | paper | line of code |
# |---|---|
# | Holtzman et al. 2019, section 3.1: the nucleus | `kept = order[before < p]` |
# | Fan et al. 2018: top-k | `np.where(logits >= np.sort(logits)[-k], logits, -np.inf)` |
# | Keskar et al. 2019, section 4.1: penalised sampling (without the second half) | `np.where(logits[seen] > 0, logits[seen] / penalty, logits[seen] * penalty)` |
# | Wu et al. 2016, section 7: beam search, length normalisation | `scores = total / lengths**length_penalty`, in the library |
#
# **Read on**: [Holtzman et al.](https://arxiv.org/abs/1904.09751), where you find our picture of Shakespeare against beam search, for GPT-2;
# [course_lib/decoding](../../course_lib/decoding/filters.py), all of it in four short files; `course complete "ROMEO." --temperature .8` in a shell.
#
# **Next**: lesson 23, speech.
