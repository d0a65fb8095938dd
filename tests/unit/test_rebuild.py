"""Pictures to codes and back: any size, or the network's own; and what can't be encoded is one sentence."""

import dataclasses

import keras
import numpy as np
import pytest
from PIL import Image

from course_lib import catalog, zoo
from course_lib.errors import BadInput, CourseError
from course_lib.loading import open_pretrained
from course_lib.media.samples import sample
from course_lib.tasks import rebuild
from course_lib.tasks.base import Provenance
from course_lib.weights.preprocess import Preprocess
from course_lib.zoo import taesd, vae
from tests.torch_files import FakeTensor, zip_file


def task(model_id, module, config):
    keras.utils.set_random_seed(2)
    model = module.build(config)
    preprocess = Preprocess(model.inputs[0].shape[1], "unit", 0)
    card = dataclasses.replace(catalog.card("taesd"), id=model_id)
    return rebuild.Task(card, model, Provenance("random", model_id, "the initialisers"), preprocess)


@pytest.fixture(scope="module")
def tiny():
    return task("taesd", taesd, taesd.TAESDConfig(width=4))


@pytest.fixture(scope="module")
def small():
    return task("small", vae, vae.VAEConfig(latent=5, widths=(4, 4)))


def test_a_photograph_keeps_its_size_but_for_the_last_pixels(tiny):
    photo = np.random.default_rng(0).integers(0, 256, (45, 33, 3), np.uint8)
    codes = tiny.encode(photo)
    assert codes.shape == (1, 5, 4, 4)
    assert tiny.rebuild(photo).shape == (1, 40, 32, 3)
    np.testing.assert_array_equal(tiny.decode(codes), tiny.rebuild(photo[:40, :32]))
    by_hand = tiny.model(photo[None, :40, :32] / np.float32(255))
    np.testing.assert_allclose(codes, by_hand["latent"], atol=1e-5)
    wanted = np.rint(255 * np.clip(by_hand["rebuilt"], 0, 1))
    assert np.abs(tiny.decode(codes) - wanted).max() <= 1
    assert tiny.features(photo).shape == (1, 80)


def test_squares_and_many_at_once(tiny, monkeypatch):
    photos = [sample("cat"), np.zeros((40, 60, 3), np.uint8), Image.new("L", (17, 30))]
    together = tiny.encode(photos, size=16)
    assert together.shape == (3, 2, 2, 4)
    monkeypatch.setattr(rebuild, "AT_ONCE", 300)  # one at a time
    np.testing.assert_allclose(tiny.encode(photos, size=16), together, atol=1e-5)
    with pytest.raises(BadInput, match="another size"):
        tiny.encode(photos[1:])
    monkeypatch.setattr(rebuild, "MOST", 800)
    height, width = tiny.rebuild(photos[1])[0].shape[:2]
    assert (height, width) == (16, 32)  # 800 pixels of the same shape are 23 x 34


def test_grey_pictures_of_one_size(small):
    photos = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 1), np.uint8)
    codes = small.encode(photos)
    assert codes.shape == (3, 5)
    by_hand = small.model([photos / np.float32(255), np.zeros((3, 5), np.float32)])
    np.testing.assert_allclose(codes, by_hand["mean"], atol=1e-5)
    rebuilt = small.rebuild(photos)
    assert rebuilt.shape == (3, 32, 32, 3)
    assert np.ptp(rebuilt, axis=-1).max() == 0
    assert small.encode(sample("cat"), size=32).shape == (1, 5)
    rows = dict(small.features_stream(photos))
    np.testing.assert_allclose(rows["image[1]"], codes[1], atol=1e-5)


@pytest.mark.parametrize(
    ("images", "size", "why"),
    [
        ([], None, "no picture"),
        ("nowhere.png", None, "nowhere.png"),
        (np.zeros((7, 90, 3), np.uint8), None, "90 x 7 pixels"),
        (np.zeros((16, 16, 3), np.uint8), 12, "multiple of 8"),
        (np.zeros((16, 16, 3), np.uint8), "large", "multiple of 8"),
        (np.zeros((16, 16, 3), np.uint8), 10**6, "multiple of 8"),
    ],
    ids=["none", "no file", "narrow", "not a multiple", "no number", "too large"],
)  # fmt: skip
def test_what_cannot_be_encoded(tiny, images, size, why):
    with pytest.raises(BadInput, match=why):
        tiny.encode(images, size)


def test_a_network_of_one_size_takes_no_other(small):
    with pytest.raises(BadInput, match="pictures of 32 pixels"):
        small.encode(np.zeros((64, 64, 3), np.uint8), size=64)


@pytest.mark.parametrize(
    "codes",
    [np.zeros((1, 4)), np.zeros(5), np.zeros((0, 5)), np.full((1, 5), np.nan), np.array([["a"] * 5]), None],
    ids=["narrow", "a row", "none", "not finite", "text", "nothing"],
)
def test_what_cannot_be_decoded(small, codes):
    with pytest.raises(BadInput, match="codes"):
        small.decode(codes)


def test_an_offer_of_two_files_with_the_same_names_in_them(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))
    config = dataclasses.replace(taesd.CONFIGS["taesd"], width=2)
    monkeypatch.setitem(zoo.family("taesd").CONFIGS, "taesd", config)
    with pytest.raises(CourseError, match="course fetch taesd"):
        open_pretrained("taesd")
    for half in ("encoder", "decoder"):
        _upstream_file(tmp_path / f"taesd_{half}.pth", taesd.build(config).get_layer(half))
    loaded = open_pretrained("taesd", tmp_path)
    kernel = np.asarray(loaded.model.get_layer("decoder").get_layer("decoder_stem").kernel)
    np.testing.assert_array_equal(kernel, _numbers((2, 4, 3, 3)).transpose(2, 3, 1, 0))
    assert loaded.rebuild(sample("cat"), size=16).shape == (1, 16, 16, 3)
    (tmp_path / "taesd_decoder.pth").unlink()
    with pytest.raises(BadInput, match=r"taesd_decoder\.pth is missing"):
        open_pretrained("taesd", tmp_path)


def _numbers(shape):
    return np.linspace(-1, 1, int(np.prod(shape)), dtype=np.float32).reshape(shape)


def _upstream_file(path, half):
    """Write one half as its author saves it: numbered modules, kernels with their output channels first."""
    from course_lib.weights.convert.taesd import _INNER, _NAMES

    inner = {ours: theirs.replace("\\", "") for theirs, ours in _INNER}
    saved, files = {}, {}
    for variable in half.weights:
        layer, kind = variable.path.split("/")
        place, suffix = next((p, layer[len(ours):]) for p, ours in _NAMES.items() if layer in {ours, *(f"{ours}_{i}" for i in inner)})  # fmt: skip
        name = ".".join(
            filter(
                None, [place.split(".")[1], inner.get(suffix[1:]), {"kernel": "weight", "bias": "bias"}[kind]]
            )
        )
        shape = tuple(variable.shape)
        shape = (shape[3], shape[2], *shape[:2]) if len(shape) == 4 else shape
        strides = tuple(int(np.prod(shape[axis + 1 :])) for axis in range(len(shape)))
        key, count = str(len(files)), int(np.prod(shape))
        saved[name], files[key] = FakeTensor(key, 0, shape, strides, count), _numbers(shape).tobytes()
    zip_file(path, saved, files)


def test_the_nano_also_makes_pictures():
    made = open_pretrained("vae_nano", "nano").generate(3, seed=4)
    assert made.shape == (3, 32, 32, 3)
    assert made.dtype == np.uint8
    assert made.std(axis=0).max() > 0  # not three times the same
