"""Files of Inception v1 and v2 load by path, whichever project published them; counts that upstream publishes."""

import dataclasses
import hashlib

import numpy as np
import pytest
import tensorflow as tf
from test_fixtures import FIXTURES_FOLDER, question, read

from course_lib import catalog, zoo
from course_lib.errors import BadInput, CourseError
from course_lib.loading import open_pretrained
from course_lib.media.samples import sample
from course_lib.weights.convert import load_into
from course_lib.weights.sources import tf_hub
from tests.slim_files import write_archive, write_checkpoint
from tests.torch_files import write_torch

INCEPTION = zoo.family("inception")


def built(model_id, **changes):
    return INCEPTION.build(dataclasses.replace(INCEPTION.CONFIGS[model_id], **changes))


def trained(model):
    """Count as PyTorch's packages do: without batch norm's means and variances."""
    return sum(int(np.prod(variable.shape)) for variable in model.trainable_weights)


def test_counts_of_version_1():
    plain, auxiliary = built("inception_v1"), built("inception_v1", auxiliary=True)
    # docs.pytorch.org/vision, GoogLeNet_Weights.IMAGENET1K_V1: num_params; with aux_logits=True, counted there.
    assert (trained(plain), trained(auxiliary)) == (6_624_904, 13_004_888)
    assert [tuple(output.shape) for output in auxiliary.outputs] == [(None, 1000)] * 3
    names = {layer.name for layer in auxiliary.layers} - {layer.name for layer in plain.layers}
    assert all(name.startswith("aux") for name in names)


@pytest.mark.parametrize(
    ("model_id", "changes", "count"),
    # What TensorFlow-slim's own tests, nets/inception_v1_test.py and inception_v2_test.py, say of the part before the head.
    [
        ("inception_v1", {"padding": "same", "bn_scale": False}, 5_607_184),
        ("inception_v2", {}, 10_173_112),
    ],
)
def test_counts_of_tf_slim(model_id, changes, count):
    model = built(model_id, **changes)
    assert model.count_params() - model.get_layer("head").count_params() == count


def test_the_paper_has_5x5_kernels():
    by_three, by_five = built("inception_v1", size=64), built("inception_v1", size=64, wide_kernel=5)
    shapes = [tuple(m.get_layer("module3a_5x5_conv").kernel.shape[:2]) for m in (by_three, by_five)]
    assert shapes == [(3, 3), (5, 5)]


def test_the_file_of_torchvision_loads_by_path(tmp_path):
    expected, note = read(FIXTURES_FOLDER / "inception_v1.npz")
    arrays, images = question(note)
    assert any(name.startswith("aux1") for name in arrays)  # heads that the network leaves out
    loaded = open_pretrained("inception_v1", weights=write_torch(tmp_path / "googlenet-1378be20.pth", arrays))
    assert (loaded.provenance.grade, loaded.provenance.source) == ("official", "torchvision")
    assert np.abs(expected - loaded.model.predict_on_batch(images)).max() <= 1e-4 * np.abs(expected).max()
    assert loaded.classify(sample("cat"))[0].label in loaded.labels
    assert len(loaded.labels) == 1000
    # torchvision's transform_input: from its own normalisation back to -1 ... 1.
    assert loaded.preprocess.normalise == "tf"


@pytest.mark.parametrize("model_id", ["inception_v1", "inception_v2"])
def test_the_file_of_tf_slim_loads_by_path(tmp_path, model_id):
    expected, note = read(FIXTURES_FOLDER / f"{model_id}.slim.npz")
    arrays, images = question(note)
    files = write_checkpoint(tmp_path / f"{model_id}.ckpt", {**arrays, "global_step": np.int64(0)})
    offer = next(offer for offer in catalog.card(model_id).weights if offer.project == "TF-slim")
    for path in (write_archive(tmp_path / offer.file, *files), files[0]):
        loaded = open_pretrained(model_id, weights=path)
        assert loaded.provenance.source == "TF-slim"
        assert np.abs(expected - loaded.model.predict_on_batch(images)).max() <= 1e-4 * np.abs(expected).max()
    assert len(loaded.labels) == 1001
    assert loaded.labels[0] == "background"


def test_the_saved_model_of_tf_hub_is_read_as_the_file_of_tf_slim(tmp_path, monkeypatch):
    """It was exported from that file: the same names and numbers, so the tests of TF-slim's file hold for it."""
    monkeypatch.setenv("TFHUB_CACHE_DIR", str(tmp_path))
    arrays, _ = question(read(FIXTURES_FOLDER / "inception_v1.slim.npz")[1])
    offer = next(offer for offer in catalog.card("inception_v1").weights if offer.source == "tf_hub")
    root = tf.train.Checkpoint()
    root.variables = [tf.Variable(array, name=name) for name, array in arrays.items()]
    tf.saved_model.save(root, str(tmp_path / hashlib.sha1(offer.url.encode()).hexdigest()))
    found = tf_hub.read(tf_hub.find(offer), offer)
    assert found.keys() == arrays.keys()
    assert all(np.array_equal(found[name], array) for name, array in arrays.items())


def test_a_file_of_another_version_is_refused(tmp_path):
    arrays, _ = question(read(FIXTURES_FOLDER / "inception_v2.slim.npz")[1])
    path = tmp_path / "inception_v1_2016_08_28.tar.gz"
    write_archive(path, *write_checkpoint(tmp_path / "inception_v2.ckpt", arrays))
    with pytest.raises(CourseError):
        open_pretrained("inception_v1", weights=path)


def test_an_archive_that_is_none_gives_one_sentence(tmp_path):
    path = tmp_path / "inception_v2.tar.gz"
    path.write_bytes(b"?")
    with pytest.raises(BadInput, match=r"inception_v2\.tar\.gz is not an archive"):
        open_pretrained("inception_v2", weights=path)
    other = tmp_path / "a.zip"
    other.write_bytes(b"?")
    with pytest.raises(BadInput, match=r"as \.pb, \.safetensors, \.tar\.gz, not \.zip"):
        open_pretrained("inception_v2", weights=other)


def test_a_tensor_that_is_missing_is_told():
    arrays, _ = question(read(FIXTURES_FOLDER / "inception_v1.slim.npz")[1])
    offer = next(offer for offer in catalog.card("inception_v1").weights if offer.format == "slim")
    config = dataclasses.replace(INCEPTION.CONFIGS["inception_v1"], size=64, **offer.config)
    del arrays["InceptionV1/Mixed_5b/Branch_2/Conv2d_0a_3x3/BatchNorm/beta"]
    with pytest.raises(CourseError, match="module5a_5x5_bn/beta"):
        load_into(INCEPTION.build(config), arrays, "inception", "slim", config)
