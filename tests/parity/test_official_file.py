"""The official .h5 of keras.applications loads by path and from the cache, and gives Keras's own answers."""

import dataclasses
import hashlib

import h5py
import keras
import numpy as np
import pytest
from keras.src.legacy.saving import legacy_h5_format

from course_lib import catalog
from course_lib.catalog import reader
from course_lib.errors import BadInput, CourseError
from course_lib.loading import open_pretrained
from course_lib.media.samples import sample
from course_lib.weights import cache


@pytest.fixture(scope="module")
def official(tmp_path_factory):
    """A file in the layout of the published one, with random numbers, and the model that wrote it."""
    keras.utils.set_random_seed(0)
    model = keras.applications.ResNet50(weights=None, classifier_activation=None)
    path = tmp_path_factory.mktemp("official") / "resnet50.h5"
    with h5py.File(path, "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, model)
    return path, model


def test_load_by_path(official):
    path, model = official
    loaded = open_pretrained("resnet50", weights=path)
    assert loaded.provenance.grade == "official"
    assert loaded.provenance.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    pixels = loaded.preprocess([np.random.default_rng(0).integers(0, 256, (224, 224, 3), np.uint8)])
    expected = model.predict_on_batch(pixels)
    found = loaded.model.predict_on_batch(pixels)
    assert np.abs(expected - found).max() <= 1e-4 * max(1, np.abs(expected).max())
    assert loaded.classify(sample("cat"))[0].label in loaded.labels
    assert len(loaded.labels) == 1000


def test_load_from_the_cache_once_the_file_lies_there(official, monkeypatch):
    path, _ = official
    card = catalog.card("resnet50")
    data = path.read_bytes()
    offer = dataclasses.replace(card.weights[0], hash="md5:" + hashlib.md5(data).hexdigest())
    cards = {**reader._cards(), "resnet50": dataclasses.replace(card, weights=(offer, *card.weights[1:]))}
    monkeypatch.setattr(reader, "_cards", lambda: cards)
    place = cache.place_of(offer.file)
    place.parent.mkdir(parents=True)
    place.write_bytes(data)
    assert open_pretrained("resnet50").provenance.grade == "official"
    assert open_pretrained("resnet50", weights="official").provenance.model == "resnet50"
    place.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(CourseError, match="damaged"):
        open_pretrained("resnet50", weights="official")


def test_the_file_of_another_model_is_refused(official):
    path, _ = official
    with pytest.raises(BadInput, match="ResNet101"):
        open_pretrained("resnet101", weights=path)


def test_a_broken_file_is_refused(tmp_path):
    path = tmp_path / "broken.h5"
    path.write_bytes(b"not HDF5")
    with pytest.raises(BadInput, match=r"broken\.h5"):
        open_pretrained("mobilenet_v2", weights=path)
