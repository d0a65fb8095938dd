"""Fine-tuning: new labels, a probe first, and batch norm's statistics where they were."""

import keras
import numpy as np
import pytest
from PIL import Image

from course_lib import catalog
from course_lib.errors import BadInput
from course_lib.media import world
from course_lib.tasks.base import Provenance
from course_lib.tasks.classify import ImageClassifier
from course_lib.training.augment import Augmentation
from course_lib.training.data import labelled
from course_lib.training.finetuning import accuracy, finetune, tune
from course_lib.training.plan import Plan
from course_lib.weights.preprocess import Preprocess
from course_lib.zoo import resnet

CLASSES = ("key", "magnet", "ladder")


@pytest.fixture(scope="module")
def model():
    """A network of two blocks with random weights: it is traced in a second."""
    keras.utils.set_random_seed(0)
    config = resnet.ResNetConfig((1, 1), (8, 16), "basic", 32, 20, 8, "small")
    network, preprocess = resnet.build(config), Preprocess(32, "tf", 0)
    where = Provenance("random", "tiny", "the initialisers")
    return ImageClassifier(catalog.card("resnet_nano"), network, where, preprocess)


@pytest.fixture(scope="module")
def data():
    return world.make_images(60, CLASSES, seed=5)


def moving(keras_model):
    return [np.array(v) for v in keras_model.variables if "moving_" in v.path]


def kernels(keras_model):
    return [np.array(v) for v in keras_model.trainable_variables if v.path.endswith("kernel")]


def test_the_backbone_stays_frozen_without_steps(model, data, capsys):
    tuned = finetune(model, data, class_names=CLASSES)
    assert type(tuned) is type(model)
    assert tuned.labels == CLASSES
    assert tuned.model.output_shape == (None, 3)
    for old, new in zip(kernels(model.model)[:-1], kernels(tuned.model)[:-1], strict=True):
        np.testing.assert_array_equal(old, new)
    assert "48 pictures of 3 classes" in (said := capsys.readouterr().out)
    assert "of 12 held-out pictures" in said


def test_all_layers_train_but_batch_norm_keeps_its_statistics(model, data):
    before = kernels(model.model)
    tuned = finetune(model, data, epochs=1, validation_split=0, class_names=CLASSES, verbose=False)
    for old, same, new in zip(moving(model.model), moving(model.model), moving(tuned.model), strict=True):
        np.testing.assert_array_equal(old, new)
        np.testing.assert_array_equal(old, same)
    for old, same, new in zip(before[:-1], kernels(model.model)[:-1], kernels(tuned.model)[:-1], strict=True):
        np.testing.assert_array_equal(old, same)  # the model that was given is left alone
        assert not np.array_equal(old, new)


def test_phase_one_moves_nothing_but_the_head(model, data):
    """The head is fitted on features alone: no statistic of batch norm moves, nor any other weight below it."""
    before = model.model.get_weights()
    tuned = finetune(model, data, class_names=CLASSES, verbose=False)
    below = [v.path for v in tuned.model.variables if not v.path.startswith("head/")]
    assert any("moving_" in path for path in below)
    for path, old, new in zip(below, before, tuned.model.get_weights(), strict=False):
        np.testing.assert_array_equal(old, new, err_msg=path)


def test_the_check_of_batch_norm_would_notice(model, data, monkeypatch):
    """With statistics that move, as in ordinary training, finetune's own assertion speaks."""
    call = keras.Model.__call__
    as_in_training = lambda self, x, training=None, **kw: call(self, x, training=True, **kw)  # noqa: E731
    monkeypatch.setattr(keras.Model, "__call__", as_in_training)
    with pytest.raises(AssertionError, match="batch norm moved"):
        finetune(model, data, epochs=1, class_names=CLASSES, verbose=False)


def test_fine_tuning_learns_what_it_is_shown(model, data):
    """Even from random weights, updates of the whole network lower the loss on the images that they see."""
    probe = finetune(model, data, class_names=CLASSES, validation_split=0, verbose=False)
    settings = {"epochs": 20, "learning_rate": 1e-2, "decay": 1}
    tuned = finetune(model, data, class_names=CLASSES, validation_split=0, verbose=False, **settings)
    assert accuracy(tuned, data) > accuracy(probe, data) + 0.1


def test_the_same_seed_gives_the_same_model(model, data):
    first, second = (finetune(model, data, epochs=1, seed=3, verbose=False) for _ in range(2))
    for a, b in zip(kernels(first.model), kernels(second.model), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)
    assert first.labels == ("class 0", "class 1", "class 2")


def test_provenance_says_what_was_done(model, data):
    tuned = finetune(model, data, verbose=False)
    assert tuned.provenance.grade == "fine-tuned"
    assert "48 images of 3 new classes" in tuned.provenance.trained_on
    assert len(tuned.provenance.sha256) == 64
    assert tuned.provenance.sha256 != finetune(model, data, seed=1, verbose=False).provenance.sha256


def test_the_tuned_model_classifies(model, data):
    best = finetune(model, data, class_names=CLASSES, verbose=False).classify(data[0][0], top=3)
    assert {prediction.label for prediction in best} == set(CLASSES)


def test_a_folder_of_class_folders_will_do(model, tmp_path, data):
    images, labels = data
    for i, (image, label) in enumerate(zip(images, labels, strict=True)):
        folder = tmp_path / "data" / CLASSES[label]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).resize((48, 40)).save(folder / f"{i}.png")
    (tmp_path / "data" / "key" / "broken.jpg").write_text("no picture")
    tuned, outcome = tune(model, tmp_path / "data")
    assert tuned.labels == ("key", "ladder", "magnet")
    assert len(outcome.skipped) == 1
    assert "broken.jpg" in outcome.skipped[0]
    assert outcome.trained.sum() + outcome.held_out.sum() == 60


def test_the_split_holds_out_the_same_part_of_each_class():
    images, labels = world.make_images(30, CLASSES, size=8)
    everything = labelled((images, labels), lambda image: image)
    train, held = everything.split(0.2, seed=0)
    assert np.bincount(labels[train]).tolist() == [8, 8, 8]
    assert np.bincount(labels[held]).tolist() == [2, 2, 2]
    assert not set(train) & set(held)
    assert len(everything.split(0, seed=0)[1]) == 0
    assert set(held) != set(everything.split(0.2, seed=1)[1])
    one_each = labelled((images[:3], labels[:3]), lambda image: image)
    assert len(one_each.split(0.9, seed=0)[0]) == 3  # a class is never held out whole


def test_the_split_goes_by_contents():
    """New pictures leave the old ones on their side, copies stay together, and what lies in two classes is no test."""
    images, labels = world.make_images(60, CLASSES, size=8)
    half = labelled((images[:30], labels[:30]), lambda image: image)
    both = labelled((np.concatenate([images[:30]] * 2), np.tile(labels[:30], 2)), lambda image: image)
    held = set(half.split(0.2, seed=0)[1].tolist())
    assert set(both.split(0.2, seed=0)[1].tolist()) == held | {i + 30 for i in held}
    wrong = labelled((np.concatenate([images[:30]] * 2), np.repeat([0, 1], 30)), lambda image: image)
    assert len(wrong.split(0.2, seed=0)[1]) == 0


def test_a_class_whose_name_cannot_be_printed_is_refused(tmp_path):
    """A saved model with such a name would not be opened again."""
    for name in ("key", "a\x07b"):
        (tmp_path / name).mkdir()
    images, _ = world.make_images(2, CLASSES, size=8)
    for data, names in (
        (tmp_path, None),
        ((images, ["key", "a\x07b"]), None),
        ((images, [0, 1]), ("k", "a\x07")),
    ):
        with pytest.raises(BadInput, match="can't be printed"):
            labelled(data, lambda image: image, names)


def test_labels_may_be_names():
    images, _ = world.make_images(4, CLASSES, size=8)
    found = labelled((images, ["b", "a", "b", "a"]), lambda image: image)
    assert found.names == ("a", "b")
    assert found.labels.tolist() == [1, 0, 1, 0]
    objects = labelled((images, np.array(["b", "a", "b", "a"], object)), lambda image: image)
    assert objects.labels.tolist() == [1, 0, 1, 0]


def test_class_names_become_text_and_truth_values_numbers():
    images, _ = world.make_images(4, CLASSES, size=8)
    found = labelled((images, [True, False, True, False]), lambda image: image, range(5, 7))
    assert found.names == ("5", "6")
    assert found.labels.tolist() == [1, 0, 1, 0]


def test_pictures_that_cannot_be_read_are_told_with_the_reason(model, data):
    with pytest.raises(BadInput, match=r"60 can't; the first: image\[0\]: .*0 to 255"):
        finetune(model, (data[0] / 255, data[1]))


@pytest.mark.parametrize(
    ("labels", "names", "says"),
    [
        ([0, 1, 0], None, "4 images and 3 labels"),
        ([0, 1, 0, 5], CLASSES, "A label is 5, but there are 3"),
        ([0, 1, 0, 1], CLASSES, "'ladder' has none"),
        ([0, 1, 0, 10**12], None, "without gaps"),
        ([0, 0, 0, 0], None, "two classes or more"),
        ([0.5, 1, 0, 1], None, "whole numbers"),
        ([[0], [1], [0], [1]], None, "one label for each image"),
        (["key", "cat", "key", "cat"], CLASSES, "'cat' is not among"),
        ([], None, "whole numbers"),
    ],
)
def test_data_that_do_not_fit_get_one_sentence(labels, names, says):
    images, _ = world.make_images(4, CLASSES, size=8)
    with pytest.raises(BadInput, match=says):
        labelled((images, labels), lambda image: image, names)


@pytest.mark.parametrize("data", [3, None, "no/such/folder", ([1], [2], [3])])
def test_data_of_an_unknown_kind_get_one_sentence(data):
    with pytest.raises(BadInput):
        labelled(data, lambda image: image)


@pytest.mark.parametrize(
    "arguments",
    [
        {"epochs": -1},
        {"epochs": 1.5},
        {"epochs": "3"},
        {"augment": True},
        {"balance": "no"},
        {"validation_split": 1.0},
        {"learning_rate": 0},
        {"unfreeze": 2},
        {"steps": 3},
        {"seed": 2**31},
    ],
)
def test_arguments_out_of_range_get_one_sentence(model, data, arguments):
    with pytest.raises(BadInput, match=next(iter(arguments))):
        finetune(model, data, **arguments)


def test_numbers_of_numpy_are_settings_too():
    plan = Plan(epochs=np.int64(3), learning_rate=np.float32(0.5), decay=3, balance=np.bool_(False))
    assert [type(value) for value in (plan.epochs, plan.learning_rate, plan.decay, plan.balance)] == [
        int, float, float, bool,
    ]  # fmt: skip


def test_what_is_no_loaded_model_gets_one_sentence(model, data):
    for other in ("resnet_nano", model.model):
        with pytest.raises(BadInput, match="loaded model"):
            finetune(other, data)


@pytest.mark.parametrize("change", [{"shift": -1}, {"zoom": 1.0}, {"zoom": -0.1}, {"zoom": float("nan")}])
def test_changes_that_cannot_be_made_get_one_sentence(change):
    with pytest.raises(BadInput, match=next(iter(change))):
        Augmentation(**change)


def test_the_public_face_leads_here():
    import course_lib
    from course_lib import training

    assert course_lib.finetune is training.finetune is finetune
