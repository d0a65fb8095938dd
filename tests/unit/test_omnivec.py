"""OmniVec: tokenizers, masks and shapes; splits that share nothing; and a table about these very nets."""

import json
from dataclasses import replace

import keras
import numpy as np
import pytest

from course_lib import cli, load
from course_lib.data_dir import data_dir
from course_lib.errors import BadInput
from course_lib.media import digits
from course_lib.tasks.digits import prepare
from course_lib.training.omnivec import data, recipe, table
from course_lib.training.omnivec.net import Net, _guessing_loss
from course_lib.zoo import omnivec
from course_lib.zoo.omnivec import MODALITIES

CONFIG = omnivec.CONFIGS["omnivec_nano"]


@pytest.fixture(scope="module")
def net():
    keras.utils.set_random_seed(0)
    return Net(*MODALITIES)


@pytest.fixture(scope="module")
def batch():
    return {name: data.splits(name)["train"].inputs[:4] for name in MODALITIES}


def test_a_picture_is_cut_into_patches_row_by_row():
    picture = np.arange(64, dtype=np.float32).reshape(1, 8, 8)
    patches = np.asarray(omnivec.cut(picture, MODALITIES["image"]))
    assert patches.shape == (1, 16, 4)
    assert patches[0, 0].tolist() == [0, 1, 8, 9]
    assert patches[0, 5].tolist() == [18, 19, 26, 27]


def test_frames_and_letters_are_tokens_as_they_are(batch):
    for name in ("audio", "text"):
        assert omnivec.cut(batch[name], MODALITIES[name]) is batch[name]
    assert MODALITIES["text"].values == len(digits.LETTERS) + 1
    assert MODALITIES["audio"].shape == digits.log_spectrogram(digits.tones(1)[0]).shape[1:]
    assert MODALITIES["text"].shape == (digits.LONGEST,)


def test_logits_and_guesses_have_their_shapes(net, batch):
    logits = net.model(batch)
    assert {name: tuple(row.shape) for name, row in logits.items()} == dict.fromkeys(MODALITIES, (4, 10))
    hidden = {f"{name}_hidden": np.zeros((4, MODALITIES[name].tokens)) for name in batch}
    for name, guess in net.masked(batch | hidden).items():
        assert tuple(guess.shape) == (4, MODALITIES[name].tokens, MODALITIES[name].values)


def test_all_modalities_go_through_the_same_trunk(net):
    alone = {name: omnivec.build(replace(CONFIG, modalities=(name,))) for name in MODALITIES}
    trunk = net.model.get_layer("trunk").count_params()
    assert {model.get_layer("trunk").count_params() for model in alone.values()} == {trunk}
    rest = sum(model.count_params() - trunk for model in alone.values())
    assert net.model.count_params() == trunk + rest


def test_what_is_hidden_cannot_be_seen(net, batch):
    """Tokens under the mask may change as they like: the guesses stay the same."""
    hidden = {f"{name}_hidden": np.ones((4, MODALITIES[name].tokens)) for name in batch}
    other = {name: np.roll(rows, 1, axis=0) for name, rows in batch.items()}
    first, second = net.masked(batch | hidden), net.masked(other | hidden)
    for name in MODALITIES:
        np.testing.assert_allclose(first[name], second[name], atol=1e-5)
    open_ = {name: np.zeros_like(mask) for name, mask in hidden.items()}
    assert not np.allclose(net.masked(batch | open_)["image"], net.masked(other | open_)["image"])


def test_the_loss_counts_hidden_tokens_alone(batch):
    truth = np.asarray(omnivec.cut(batch["image"], MODALITIES["image"]))
    guess, hidden = truth.copy(), np.zeros((4, 16), np.float32)
    hidden[:, 3] = 1
    guess[:, 7] += 100
    inputs = {"image": batch["image"], "image_hidden": hidden}
    assert float(_guessing_loss({"image": guess}, inputs, {})) == 0
    guess[:, 3] += 2
    assert float(_guessing_loss({"image": guess}, inputs, {})) == pytest.approx(4)


def test_only_letters_are_hidden_in_words_and_about_the_promised_share_everywhere():
    for name in MODALITIES:
        rows = data.splits(name)["train"].inputs
        hidden = data.hide(name, rows, np.random.default_rng(0))
        seen = rows > 0 if name == "text" else np.ones_like(hidden, bool)
        assert not hidden[~seen].any()
        assert hidden[seen].mean() == pytest.approx(data.HIDDEN[name], abs=0.03)


@pytest.mark.parametrize("name", MODALITIES)
def test_the_splits_share_no_example(name):
    parts = data.splits(name)
    assert {part: len(rows.labels) for part, rows in parts.items()} == data.COUNTS
    rows = np.concatenate([part.inputs.reshape(len(part.labels), -1) for part in parts.values()])
    assert len(np.unique(rows, axis=0)) == len(rows)


@pytest.mark.parametrize("name", MODALITIES)
def test_labels_are_few_balanced_and_of_the_training_part(name):
    few, train = data.labelled(name, 1), data.splits(name)["train"]
    assert np.bincount(few.labels).tolist() == [5] * 10
    known = {row.tobytes() for row in train.inputs}
    assert all(row.tobytes() in known for row in few.inputs)
    assert not np.array_equal(few.inputs, data.labelled(name, 2).inputs)


def test_new_words_of_the_recipe_were_never_trained_on():
    known = {row.tobytes() for row in data.splits("text")["train"].inputs}
    held = recipe.held_out(9001, 0, 3)
    assert len(held["text"].labels) > 200
    assert not any(row.tobytes() in known for row in held["text"].inputs)


def test_both_updates_learn_and_begin_starts_again():
    net = Net("text")  # one modality compiles in a third of the time
    net.begin(1)
    start = [weights.copy() for weights in net.model.get_weights()]
    guessing = net.pretrain(60, 3e-3, 1)
    assert guessing[-10:].mean() < 0.9 * guessing[:10].mean()
    naming = net.train({"text": data.labelled("text", 1)}, 40, 3e-3, 1)
    assert naming[-5:].mean() < 0.7 * naming[:5].mean()
    net.begin(1)
    assert all(np.array_equal(a, b) for a, b in zip(start, net.model.get_weights(), strict=True))


def test_a_net_of_one_modality_takes_over_the_shared_trunk(net, batch):
    alone = Net("audio")
    alone.take(net)
    pools = [
        keras.Model(n.model.input["audio"], n.model.get_layer("audio_pool").output) for n in (net, alone)
    ]
    np.testing.assert_allclose(*(pool(batch["audio"]) for pool in pools), atol=1e-5)


def test_the_table_is_whole_and_of_this_recipe():
    saved = json.loads((data_dir() / "experiments" / "omnivec.json").read_text(encoding="utf-8"))
    assert saved["recipe"] == json.loads(json.dumps(table._recipe()))
    assert set(saved["ways"]) == {*table.WAYS, "linear, bare inputs"}
    for way in saved["ways"].values():
        assert set(way) == set(MODALITIES)
        for row in way.values():
            assert len(row["accuracy"]) == len(table.SEEDS) >= 3
            assert all(0.1 < score < 1 for score in row["accuracy"])


def test_the_linear_row_can_be_measured_again():
    saved = json.loads((data_dir() / "experiments" / "omnivec.json").read_text(encoding="utf-8"))
    row = saved["ways"]["linear, bare inputs"]["image"]["accuracy"]
    assert table.linear("image")["accuracy"] == pytest.approx(row, abs=0.01)


def test_the_shipped_model_names_digits_in_three_ways(capsys):
    model = load("omnivec_nano")
    assert "nano weights" in capsys.readouterr().out
    for name, raw in (
        ("image", digits.pictures()),
        ("audio", digits.tones(200, 5)),
        ("text", digits.words(200, 5)),
    ):
        inputs, labels = raw[0][:200], raw[1][:200]
        chances = model.read(name, inputs)
        assert chances.shape == (200, 10)
        assert np.allclose(chances.sum(axis=1), 1, atol=1e-4)
        assert np.mean(chances.argmax(axis=1) == labels) > 0.4
        assert model.features(name, inputs).shape == (200, CONFIG.width)


@pytest.mark.parametrize(
    ("modality", "inputs", "says"),
    [("smell", [], "no modality"), ("text", "sept", "list"), ("image", np.zeros((2, 28, 28)), "8, 8")],
)
def test_unfitting_inputs_get_one_sentence(modality, inputs, says):
    model = load("omnivec_nano", weights=None)
    with pytest.raises(BadInput, match=says):
        model.read(modality, inputs)


def test_photographs_are_refused_in_one_sentence(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(
        "sys.argv",
        ["course", "features", "sample:cat", "--model", "omnivec_nano", "--out", str(tmp_path / "x.npz")],
    )
    with pytest.raises(SystemExit) as stop:
        cli.main()
    assert stop.value.code == 2
    assert "takes no photographs" in capsys.readouterr().err


def test_preparing_equals_what_was_trained_on():
    typed, _ = digits.words(1797)
    parts = data.splits("text")
    assert np.array_equal(prepare("text", typed)[:1000], parts["train"].inputs)
