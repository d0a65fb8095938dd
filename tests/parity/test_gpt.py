"""GPT-2 gives the same numbers as KerasHub's with the same weights, whole and token by token; and is counted exactly."""

import dataclasses

import keras_hub
import numpy as np
import pytest
import tensorflow as tf

from course_lib import catalog
from course_lib.catalog import reader
from course_lib.errors import BadInput, CourseError
from course_lib.loading import build, load, open_pretrained
from course_lib.weights.convert import load_into
from course_lib.weights.sources.keras_hub import files
from course_lib.zoo import gpt
from course_lib.zoo.cached import Steps

# Parameters as KerasHub's presets say.
BACKBONES = {
    "gpt2_small": 124_439_808,
    "gpt2_medium": 354_823_168,
    "gpt2_large": 774_030_080,
    "gpt2_xl": 1_557_611_200,
}
# Parameters in millions as table D.1 of GPT-3's paper says.
GPT3 = {"gpt3_xl": 1_320, "gpt3_13b": 12_850, "gpt3_175b": 174_600}
TINY = {"width": 8, "depth": 2, "heads": 2, "mlp": 16, "vocabulary": 260, "context": 16}


def reference(config):
    """Build KerasHub's backbone with random weights, biases and norms that differ from 0 and 1."""
    model = keras_hub.models.GPT2Backbone(
        config.vocabulary, config.depth, config.heads, config.width, config.mlp, max_sequence_length=config.context
    )  # fmt: skip
    random = np.random.default_rng(0)
    for variable in model.weights:
        if variable.path.endswith("gamma"):
            variable.assign(random.uniform(0.8, 1.2, variable.shape))
        elif not variable.path.endswith("kernel"):
            variable.assign(0.1 * random.standard_normal(variable.shape, np.float32))
    return model


def logits(official, tokens):
    hidden = official({"token_ids": tokens, "padding_mask": np.ones_like(tokens)}, training=False)
    return np.asarray(official.token_embedding(hidden, reverse=True))


def pair(config):
    official, ours = reference(config), gpt.build(config)
    load_into(ours, {v.path: np.asarray(v) for v in official.weights}, "gpt", "kerashub", config)
    return official, ours


def close(found, expected):
    assert np.std(expected) > 0.1
    return np.abs(np.asarray(found) - expected).max() <= 1e-4 * max(1, np.abs(expected).max())


def tokens_for(config, length=9):
    return np.random.default_rng(1).integers(0, config.vocabulary, (2, length), dtype=np.int32)


@pytest.mark.parametrize("model_id", BACKBONES)
def test_same_weights_same_numbers(model_id):
    # Full width, fewer blocks of the same kind, and fewer of the tokens, which are all treated alike.
    config = dataclasses.replace(gpt.CONFIGS[model_id], depth=2, vocabulary=500, context=12)
    official, ours = pair(config)
    tokens = tokens_for(config, 12)
    assert close(ours(tokens), logits(official, tokens))


def test_the_whole_small_one():
    config = gpt.CONFIGS["gpt2_small"]
    official, ours = pair(config)
    assert ours.count_params() == official.count_params() == BACKBONES["gpt2_small"]
    tokens = tokens_for(config)
    assert close(ours(tokens), logits(official, tokens))


@pytest.mark.parametrize("model_id", BACKBONES | GPT3)
def test_parameters_as_published(model_id):
    """All blocks are alike: one and two of them tell what all have."""
    config = gpt.CONFIGS[model_id]
    with tf.Graph().as_default():  # its variables have no numbers
        one, two = (gpt.build(dataclasses.replace(config, depth=depth)).count_params() for depth in (1, 2))
    whole = one + (config.depth - 1) * (two - one)
    assert whole == catalog.card(model_id).params
    if model_id in BACKBONES:
        assert whole == BACKBONES[model_id]
    else:
        assert whole / 1e6 == pytest.approx(GPT3[model_id], abs=5)


def test_token_by_token_as_all_at_once():
    config = dataclasses.replace(gpt.CONFIGS["gpt2_small"], **TINY)
    official, ours = pair(config)
    tokens = tokens_for(config)
    expected = logits(official, tokens)
    steps = Steps(ours)
    cache = steps.start(2)
    for start, stop in ((0, 4), (4, 5), (5, 6), (6, 9)):  # a prompt, single tokens, and several at once
        found, cache = steps(tokens[:, start:stop], cache)
        assert close(found, expected[:, stop - 1])


@pytest.fixture(scope="module")
def preset(tmp_path_factory):
    """Let KerasHub write a preset: a tokenizer of all bytes and three merges, and a tiny network with made-up numbers."""
    folder = tmp_path_factory.mktemp("preset")
    letters = [
        *range(ord("!"), ord("~") + 1),
        *range(ord("¡"), ord("¬") + 1),
        *range(ord("®"), ord("ÿ") + 1),
    ]
    words = [*map(chr, letters), *(chr(256 + number) for number in range(256 - len(letters)))]
    words += ["th", "the", "Ġthe", "<|endoftext|>"]
    tokenizer = keras_hub.models.GPT2Tokenizer(
        {word: number for number, word in enumerate(words)}, ["t h", "th e", "Ġ the"]
    )
    config = dataclasses.replace(gpt.CONFIGS["gpt2_small"], **TINY)
    model = reference(config)
    model.save_to_preset(str(folder))
    tokenizer.save_to_preset(str(folder))
    return folder, model, tokenizer


@pytest.fixture
def tiny_card(monkeypatch):
    """Let GPT-2's card offer a preset as small as ours."""
    cards = dict(reader._cards())
    card = cards["gpt2_small"]
    offer = dataclasses.replace(card.weights[0], config=TINY)
    cards["gpt2_small"] = dataclasses.replace(card, weights=(offer, *card.weights[1:]))
    monkeypatch.setattr(reader, "_cards", lambda: cards)


@pytest.mark.usefixtures("no_network", "tiny_card")
def test_a_preset_of_kerashub_loads_and_reads(preset, capsys):
    folder, model, tokenizer = preset
    loaded = load("gpt2_small", weights=folder)
    assert "official weights from KerasHub" in capsys.readouterr().out
    text = "the other, the héros 🎭"
    numbers = loaded.tokenizer.tokenize(text)
    assert numbers == np.asarray(tokenizer(text)).tolist()
    assert loaded.tokenizer.detokenize(numbers) == text
    tokens = np.asarray([numbers[:12]], np.int32)
    assert close(loaded.model(tokens), logits(model, tokens))


@pytest.mark.usefixtures("no_network", "tiny_card")
@pytest.mark.parametrize("name", ["tokenizer.json", "assets/tokenizer/merges.txt"])
def test_a_preset_without_its_tokenizer_is_not_whole(preset, tmp_path, name):
    for part in set(files(catalog.card("gpt2_small").weights[0])) - {name}:
        (tmp_path / part).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / part).write_bytes((preset[0] / part).read_bytes())
    with pytest.raises(BadInput, match=name):
        open_pretrained("gpt2_small", tmp_path)


def test_what_is_too_large_for_this_machine_is_not_built():
    with pytest.raises(CourseError, match=r"gpt3_175b.*698 GB"):
        build("gpt3_175b")
    assert build("gpt3_175b", depth=1, width=8, heads=2, mlp=8, vocabulary=9).count_params() < 1e6
