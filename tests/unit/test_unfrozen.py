"""Training a whole network: rates by layer, early stopping, class weights, half precision, and going on after a kill."""

import json
import warnings
from dataclasses import asdict, replace

import keras
import numpy as np
import pytest

from course_lib.training import unfrozen as module
from course_lib.training.augment import Augmentation
from course_lib.training.checkpoint import Checkpoint
from course_lib.training.data import Labelled, class_weights, labelled
from course_lib.training.layerwise import LayerwiseAdam, copied, is_half, precision, rate_factors
from course_lib.training.plan import Plan
from course_lib.training.unfrozen import Unfrozen

PLAN = Plan(
    epochs=3, batch_size=4, augment=Augmentation(shift=1, mirror=True), patience=9, learning_rate=1e-2
)


def prepare(images):
    return np.float32(images) / 255


@pytest.fixture
def model():
    """Three weighty layers and batch norm, on pictures of 8 px."""
    keras.utils.set_random_seed(0)
    layers = keras.layers
    inputs = keras.Input((8, 8, 3))
    x = layers.Conv2D(4, 3, name="first")(inputs)
    x = layers.BatchNormalization(name="norm")(x)
    x = layers.Conv2D(4, 3, activation="relu", name="second")(x)
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    return keras.Model(inputs, layers.Dense(2, name="head")(x))


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    labels = np.arange(24) % 2
    images = np.uint8(rng.integers(0, 156, (24, 8, 8, 3)) + 100 * labels[:, None, None, None])
    return labelled((images, labels), lambda image: image)


def trained(model, data, plan=PLAN, checkpoint=None):
    training = Unfrozen(model, plan, data.take(range(18)), data.take(range(18, 24)), prepare)
    return training.run(checkpoint), model.get_weights()


def test_each_third_learns_slower_than_what_is_above_it(model):
    factors = rate_factors(model, 1.0, 2.0)
    assert [factors[f"{name}"] for name in ("head/kernel", "second/kernel", "norm/gamma", "first/kernel")] == [
        1.0, 0.5, 0.25, 0.125,
    ]  # fmt: skip


def test_unfreeze_counts_layers_from_the_head(model):
    assert {path.split("/")[0] for path in rate_factors(model, 0.34, 2.6)} == {"head", "second"}
    assert {path.split("/")[0] for path in rate_factors(model, 0, 2.6)} == {"head"}


def test_a_factor_is_of_the_step_not_of_the_gradient():
    """Adam's first step is as long as its rate, whatever the gradient; a factor shortens it."""
    variables = [keras.Variable([1.0]), keras.Variable([1.0])]
    optimizer = LayerwiseAdam(0.1, factors=[1.0, 0.25])
    optimizer.apply([np.float32([3.0]), np.float32([3.0])], variables)
    np.testing.assert_allclose([1 - v.numpy()[0] for v in variables], [0.1, 0.025], rtol=1e-4)


def test_frozen_layers_and_statistics_stay(model, data):
    before = {v.path: np.array(v) for v in model.variables}
    trained(model, data, replace(PLAN, unfreeze=0.34))
    moved = {v.path for v in model.variables if not np.array_equal(before[v.path], v)}
    assert moved == {"second/kernel", "second/bias", "head/kernel", "head/bias"}


def test_it_learns_and_keeps_the_best_epoch(model, data):
    (epochs, _), _ = trained(model, data, replace(PLAN, epochs=8))
    assert epochs[-1].loss < epochs[0].loss
    best = min(epochs, key=lambda epoch: epoch.held_out_loss)
    logits = module.logits_of(lambda x: model(x, training=False).numpy(), data.take(range(18, 24)), prepare)
    labels = data.labels[18:]
    loss = np.mean(keras.losses.sparse_categorical_crossentropy(labels, logits, from_logits=True))
    assert loss == pytest.approx(best.held_out_loss, rel=1e-4)


def test_it_stops_when_nothing_gets_better_and_says_so(model, data):
    before = model.get_weights()
    wrong = Labelled(data.images, np.where(np.arange(24) < 18, data.labels, 1 - data.labels), data.names)
    (epochs, notes), after = trained(model, wrong, replace(PLAN, epochs=20, patience=2, learning_rate=0.1))
    assert len(epochs) < 20
    assert "held-out loss was no longer the lowest" in notes[-1]
    if min(epoch.held_out_loss for epoch in epochs) > 0 and "head alone" in notes[-1]:
        for old, new in zip(before, after, strict=True):
            np.testing.assert_array_equal(old, new)


def test_without_held_out_pictures_all_epochs_are_run(model, data):
    training = Unfrozen(model, replace(PLAN, patience=1), data, data.take([]), prepare)
    epochs, notes = training.run()
    assert len(epochs) == 3
    assert np.isnan(epochs[-1].held_out_loss)
    assert notes == ()


def test_class_weights_make_the_classes_count_the_same():
    names, labels = ("a", "b"), np.int32([0] * 9 + [1] * 3)
    weights = class_weights(Labelled(None, labels, names))
    np.testing.assert_allclose(weights, [12 / 18, 12 / 6])
    assert weights[labels].mean() == pytest.approx(1)


@pytest.mark.parametrize("after", [1, 5, 9])  # of 5 updates an epoch: in the first, at its end, in the second
def test_a_training_that_was_cut_ends_in_the_same_weights(model, data, tmp_path, monkeypatch, after):
    start = model.get_weights()
    (whole, _), expected = trained(model, data)
    model.set_weights(start)
    checkpoint, step = Checkpoint(tmp_path / "checkpoint.npz", "this run"), Unfrozen._step
    monkeypatch.setattr(module, "SAVING", 1e9)  # after every update

    def cut(self, *args):
        if self.state.step == after:
            raise KeyboardInterrupt
        step(self, *args)

    monkeypatch.setattr(Unfrozen, "_step", cut)
    with pytest.raises(KeyboardInterrupt):
        trained(model, data, checkpoint=checkpoint)
    monkeypatch.setattr(Unfrozen, "_step", step)
    model.set_weights(start)
    again = Unfrozen(model, PLAN, data.take(range(18)), data.take(range(18, 24)), prepare)
    (epochs, notes), weights = again.run(checkpoint), model.get_weights()
    assert 0 < again.earlier < again.state.seconds
    assert f"from update {after} " in notes[0]
    for old, new in zip(expected, weights, strict=True):
        np.testing.assert_allclose(old, new, atol=1e-6)
    assert [epoch.loss for epoch in epochs] == pytest.approx([epoch.loss for epoch in whole], abs=1e-6)


def test_a_checkpoint_of_another_run_is_not_used(tmp_path):
    path = tmp_path / "checkpoint.npz"
    Checkpoint(path, "one").save({"model": [np.ones(3)]}, {"step": 4})
    lists, state = Checkpoint(path, "one").load()
    assert (lists["model"][0].tolist(), state) == ([1, 1, 1], {"step": 4})
    with pytest.warns(UserWarning, match="other pictures, settings or weights"):
        assert Checkpoint(path, "two").load() is None


@pytest.mark.parametrize(
    "damage", [lambda b: b[:200], lambda b: b"no archive", lambda b: b.replace(b"header", b"hedaer")]
)
def test_a_damaged_checkpoint_is_not_used(tmp_path, damage):
    path = tmp_path / "checkpoint.npz"
    Checkpoint(path, "one").save({"model": [np.ones(300)]}, {"step": 4})
    path.write_bytes(damage(path.read_bytes()))
    with pytest.warns(UserWarning, match="is damaged"):
        assert Checkpoint(path, "one").load() is None


def test_wherever_a_checkpoint_is_damaged_it_is_not_believed(tmp_path):
    """A byte changed anywhere: either it is noticed, or nothing that counts has changed."""
    path, array = tmp_path / "checkpoint.npz", np.arange(6.0)
    Checkpoint(path, "one").save({"model": [array]}, {"step": 4})
    content, chance = path.read_bytes(), np.random.default_rng(0)
    noticed = 0
    for place in range(len(content)):
        damaged = bytearray(content)
        damaged[place] ^= 1 << chance.integers(8)
        path.write_bytes(damaged)
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            found = Checkpoint(path, "one").load()
        noticed += found is None
        assert bool(said) == (found is None)
        if found is not None:
            assert found[0]["model"][0].tolist() == array.tolist()
            assert found[1] == {"step": 4}
    assert noticed > len(content) / 4


@pytest.mark.parametrize("change", ["an array less", "another shape", "another state"])
def test_a_checkpoint_of_another_version_is_not_gone_on_from(model, data, tmp_path, change):
    checkpoint = Checkpoint(tmp_path / "checkpoint.npz", "one")
    training = Unfrozen(model, PLAN, data.take(range(18)), data.take(range(18, 24)), prepare)
    lists, state = training._lists(), asdict(training.state)
    if change == "an array less":
        lists["optimizer"].pop()
    elif change == "another shape":
        lists["best"] = [array[..., :1] for array in lists["best"]]
    else:
        state.pop("start_loss")
    checkpoint.save(lists, state)
    before = training.model.get_weights()
    with pytest.warns(UserWarning, match="does not fit"):
        assert not training._restored(checkpoint)
    assert all(map(np.array_equal, before, training.model.get_weights()))


@pytest.mark.fault(12)
def test_an_array_that_would_run_code_is_refused(tmp_path):
    path = tmp_path / "checkpoint.npz"
    header = json.dumps({"fingerprint": "one", "lengths": {"model": 1}, "state": {}})
    np.savez(path, header=np.array(header), **{"model/0": np.array([object()], dtype=object)})
    with pytest.warns(UserWarning, match="is damaged"):
        assert Checkpoint(path, "one").load() is None


def test_half_precision_trains_and_comes_back_in_full(model, data):
    """What a GPU would do, on a processor: the loss is scaled, the weights stay float32."""
    half = copied(model, "mixed_float16")
    assert is_half(half)
    assert not is_half(model)
    assert half.get_layer("head").compute_dtype == "float32"
    before = half.get_weights()
    (epochs, _), after = trained(half, data, replace(PLAN, epochs=2))
    assert np.isfinite([epoch.loss for epoch in epochs]).all()
    assert after[0].dtype == np.float32
    assert not np.array_equal(before[0], after[0])


def test_half_precision_is_for_a_gpu_alone(monkeypatch):
    from course_lib.training import layerwise

    assert precision() == "float32"
    monkeypatch.setattr(layerwise.tf.config, "list_physical_devices", lambda kind: ["one"])
    assert precision() == "mixed_float16"
