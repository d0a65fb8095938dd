"""Cached features: computed once, and computed anew as soon as anything that they depend on changes."""

import contextlib
import dataclasses
import sqlite3

import keras
import numpy as np
import pytest

from course_lib.errors import BadInput
from course_lib.loading import open_pretrained
from course_lib.media import world
from course_lib.training import feature_cache
from course_lib.training import features as module
from course_lib.training.augment import Augmentation
from course_lib.training.features import cached_features, weights_hash


@pytest.fixture
def model(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    return open_pretrained("resnet_nano", weights=None)


@pytest.fixture
def images():
    return world.make_images(20, seed=1)[0]


@pytest.fixture
def computed(monkeypatch):
    """The numbers of images that were left for the network."""
    counts, function = [], module._computed

    def counted(pretrained, pictures, indices, *others):
        counts.extend([len(indices)] if indices else [])
        return function(pretrained, pictures, indices, *others)

    monkeypatch.setattr(module, "_computed", counted)
    return counts


def cache_file(tmp_path):
    return tmp_path / "features.sqlite"


def test_the_second_call_reads_what_the_first_computed(model, images, computed, tmp_path):
    first = cached_features(model, images)
    second = cached_features(model, images)
    assert computed == [20]
    assert first.shape == (20, 64)
    assert second.dtype == np.float32
    np.testing.assert_array_equal(first, second)
    np.testing.assert_allclose(first, model.features(images), atol=1e-5)
    assert cache_file(tmp_path).is_file()


def test_a_changed_picture_is_computed_alone(model, images, computed):
    cached_features(model, images)
    images[7, 3, 3, 0] ^= 1
    cached_features(model, images)
    assert computed == [20, 1]


def test_the_order_of_images_does_not_matter_to_the_cache(model, images, computed):
    np.testing.assert_array_equal(cached_features(model, images)[::-1], cached_features(model, images[::-1]))
    assert computed == [20]


def test_a_vector_does_not_depend_on_how_many_others_were_left(model, images, computed):
    """To the last bit: else a training that was killed would not end in the same weights."""
    alone = cached_features(model, images[:3])
    rest = cached_features(model, images)
    assert computed == [3, 17]
    np.testing.assert_array_equal(alone, rest[:3])
    module.FeatureCache().path.unlink()
    np.testing.assert_array_equal(cached_features(model, images), rest)


def test_changed_copies_are_kept_apart_from_the_originals(model, images, computed):
    plain = cached_features(model, images)
    change = Augmentation(shift=4, mirror=True)
    first, again, other = (cached_features(model, images, change, seed) for seed in (0, 0, 1))
    assert computed == [20, 20, 20]
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, plain, atol=1e-3)
    assert not np.allclose(first, other, atol=1e-3)
    np.testing.assert_array_equal(cached_features(model, images[5:6], change, 0), first[5:6])
    np.testing.assert_array_equal(cached_features(model, images), plain)


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


def test_a_damaged_file_is_begun_anew(model, images, computed, tmp_path):
    good = cached_features(model, images)
    cache_file(tmp_path).write_bytes(b"no database at all" * 1000)
    with pytest.warns(UserWarning, match="begun anew"):
        np.testing.assert_array_equal(cached_features(model, images), good)
    np.testing.assert_array_equal(cached_features(model, images), good)
    np.testing.assert_array_equal(cached_features(model, images), good)
    assert computed[-1] == 20
    assert len(computed) <= 3


def test_a_vector_that_is_not_finite_is_computed_anew(model, images, computed, tmp_path):
    good = cached_features(model, images)
    with contextlib.closing(sqlite3.connect(cache_file(tmp_path))) as file, file:
        file.execute("UPDATE vectors SET vector = ? WHERE key = (SELECT MIN(key) FROM vectors)",
                     [np.full(64, np.nan, np.float32).tobytes()])  # fmt: skip
    np.testing.assert_array_equal(cached_features(model, images), good)
    assert computed == [20, 1]


def test_a_cache_that_cannot_be_written_costs_a_warning(model, images, tmp_path):
    cache_file(tmp_path).mkdir()
    with pytest.warns(UserWarning, match="COURSE_CACHE"):
        assert cached_features(model, images).shape == (20, 64)


def test_the_oldest_go_when_the_cache_is_full(tmp_path, monkeypatch):
    monkeypatch.setattr(feature_cache, "LIMIT", 1_000_000)
    clock = iter(range(0, 10**6, 1000))
    monkeypatch.setattr(feature_cache.time, "time", lambda: next(clock))
    cache = feature_cache.FeatureCache(tmp_path / "few.sqlite")
    vector = np.ones(1000, np.float32)
    keys = [f"{i:03}".encode() for i in range(400)]
    for start in range(0, 400, 20):
        cache.put(dict.fromkeys(keys[start : start + 20], vector))
    kept = cache.get(keys)
    assert keys[-1] in kept
    assert keys[0] not in kept
    assert 100 < len(kept) < 300
    assert cache.path.stat().st_size < 2_000_000


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


def test_the_weights_hash_is_of_weights_alone():
    """Dropout carries the state of a random generator, another one in each process."""
    hashes = []
    for seed in (1, 2):
        layers = [keras.Input((4,)), keras.layers.Dropout(0.5, seed=seed), keras.layers.Dense(2, name="head")]
        network = keras.Sequential(layers, name="network")
        network.set_weights([np.ones((4, 2)), np.zeros(2)])
        hashes.append(weights_hash(network))
    assert hashes[0] == hashes[1]


def test_the_weights_hash_is_of_what_is_in_memory(model):
    before = weights_hash(model.model)
    assert before == weights_hash(model.model)
    head = model.model.get_layer("head")
    head.bias.assign(head.bias + 1)
    assert weights_hash(model.model) != before
