"""Cached features: computed once, and computed anew as soon as anything that they depend on changes."""

import dataclasses
import warnings

import numpy as np
import pytest

from course_lib.errors import BadInput
from course_lib.loading import open_pretrained
from course_lib.media import world
from course_lib.training import features as module
from course_lib.training.features import cached_features, weights_hash


@pytest.fixture
def model(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    return open_pretrained("resnet_nano", weights=None)


@pytest.fixture
def images():
    return world.make_images(20, seed=1)[0]


@pytest.fixture
def computed(model, monkeypatch):
    """The number of images that really went through the network."""
    counts, features = [], model.features
    monkeypatch.setattr(model, "features", lambda x: counts.append(len(x)) or features(x))
    return counts


def files(tmp_path):
    return sorted((tmp_path / "features").iterdir())


def test_the_second_call_reads_what_the_first_computed(model, images, computed, tmp_path):
    first = cached_features(model, images)
    second = cached_features(model, images)
    assert computed == [20]
    assert first.shape == (20, 64)
    assert second.dtype == np.float32
    np.testing.assert_array_equal(first, second)
    np.testing.assert_allclose(first, model.features(images), atol=1e-5)
    assert [path.suffix for path in files(tmp_path)] == [".npy"]


def test_one_changed_pixel_changes_the_key(model, images, computed, tmp_path):
    cached_features(model, images)
    images[7, 3, 3, 0] ^= 1
    cached_features(model, images)
    assert computed == [20, 20]
    assert len(files(tmp_path)) == 2


def test_the_order_of_images_matters(model, images):
    np.testing.assert_allclose(
        cached_features(model, images[::-1]), cached_features(model, images)[::-1], atol=1e-5
    )


def test_changed_weights_change_the_key_but_the_head_does_not(model, images, computed):
    cached_features(model, images)
    head, first = model.model.get_layer("head"), model.model.layers[2]
    head.kernel.assign(head.kernel + 1)
    cached_features(model, images)
    assert computed == [20]
    first.kernel.assign(first.kernel + 0.01)
    cached_features(model, images)
    assert computed == [20, 20]


def test_other_preprocessing_changes_the_key(model, images, computed):
    cached_features(model, images)
    model.preprocess = dataclasses.replace(model.preprocess, normalise="caffe")
    cached_features(model, images)
    assert computed == [20, 20]


def test_a_damaged_file_is_computed_anew(model, images, computed, tmp_path):
    good = cached_features(model, images)
    (path,) = files(tmp_path)
    path.write_bytes(path.read_bytes()[:100])
    np.testing.assert_array_equal(cached_features(model, images), good)
    path.write_bytes(b"no array at all")
    np.testing.assert_array_equal(cached_features(model, images), good)
    assert computed == [20, 20, 20]


def test_a_cache_that_cannot_be_written_costs_a_warning(model, images, tmp_path):
    (tmp_path / "features").write_text("a file where the folder should be")
    with pytest.warns(UserWarning, match="COURSE_CACHE"):
        assert cached_features(model, images).shape == (20, 64)


def test_a_write_that_is_cut_leaves_nothing(model, images, tmp_path, monkeypatch):
    def cut(file, *args, **kwargs):
        file.write(b"half")
        raise OSError("disk full")

    with monkeypatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        patch.setattr(module.np, "save", cut)
        cached_features(model, images)
    assert files(tmp_path) == []


def test_the_oldest_go_when_the_cache_is_full(model, images, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "LIMIT", 12_000)  # one file holds 20 * 64 * 4 bytes and a header
    for first in (0, 1, 2):
        cached_features(model, np.roll(images, first, axis=0))
    assert len(files(tmp_path)) == 2


def test_a_folder_and_a_list_of_paths_work_as_well(model, images, tmp_path):
    from PIL import Image

    folder = tmp_path / "pictures"
    folder.mkdir()
    for i, image in enumerate(images[:3]):
        Image.fromarray(image).save(folder / f"{i}.png")
    expected = cached_features(model, images[:3])
    np.testing.assert_allclose(cached_features(model, folder), expected, atol=1e-5)
    np.testing.assert_allclose(cached_features(model, sorted(folder.iterdir())), expected, atol=1e-5)
    (folder / "1.png").write_text("no picture")
    with pytest.raises(BadInput, match=r"1\.png"):
        cached_features(model, folder)


def test_the_weights_hash_is_of_what_is_in_memory(model):
    before = weights_hash(model.model)
    assert before == weights_hash(model.model)
    head = model.model.get_layer("head")
    head.bias.assign(head.bias + 1)
    assert weights_hash(model.model) != before
