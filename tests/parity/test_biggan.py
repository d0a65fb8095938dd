"""BigGAN-deep with upstream's numbers: what the PyTorch port of the published modules answered, and how its files lie."""

import json
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest

from course_lib.errors import CourseError
from course_lib.weights.convert import load_into
from course_lib.zoo import biggan
from tests.parity import weights_by_rule

SMALL = biggan.BigGANConfig(
    16, ((False, 16, 16), (True, 16, 8), (False, 8, 4), (True, 4, 2), (False, 2, 1)),
    attention=2, width=4, classes=5, latent=6, embedding=6,
)  # fmt: skip


@pytest.fixture(scope="module")
def recorded():
    with np.load(Path(__file__).parent / "fixtures" / "biggan" / "small.npz") as file:
        return dict(file) | {"note": json.loads(str(file["note"]))}


@pytest.fixture(scope="module")
def arrays(recorded):
    note = recorded["note"]
    made = {name: _by_rule(name, tuple(shape), note["seed"]) for name, shape in note["shapes"].items()}
    for name in [name for name in made if name.endswith("weight_u")]:
        _turn(made, name.removesuffix(".weight_u"))
    assert weights_by_rule.checksum(made) == pytest.approx(note["checksum"])
    return made


@pytest.fixture(scope="module")
def model(arrays):
    model = biggan.build(SMALL)
    load_into(model, arrays, "biggan", "torch", SMALL)
    return model


def _by_rule(name, shape, seed):
    """Sets of statistics are drawn in a row; the vectors of a norm are the rule's, before they are turned."""
    if name.endswith(("running_means", "running_vars")):
        return weights_by_rule.tensor(name[:-1], (shape[0] * shape[1],), seed).reshape(shape)
    if name.endswith(("weight_u", "weight_v")):
        return np.random.default_rng([seed, crc32(name.encode())]).standard_normal(shape, np.float32)
    return weights_by_rule.tensor(name, shape, seed)


def _turn(arrays, module):
    """Three steps of the power iteration, as the port's converter takes one."""
    matrix = arrays[f"{module}.weight_orig"].reshape(len(arrays[f"{module}.weight_u"]), -1).astype(np.float64)
    left = arrays[f"{module}.weight_u"].astype(np.float64)
    for _ in range(3):
        right = matrix.T @ left
        right /= np.linalg.norm(right)
        left = matrix @ right
        left /= np.linalg.norm(left)
    arrays |= {f"{module}.weight_u": left.astype(np.float32), f"{module}.weight_v": right.astype(np.float32)}


@pytest.mark.parametrize("percent", [2, 50, 100])
def test_pictures_are_those_of_the_port(model, recorded, percent):
    paint = biggan.painter(model, SMALL)
    found = paint(recorded["latent"], recorded["label"], percent / 100)
    wanted = recorded[f"pictures_{percent}"]
    assert np.std(wanted) > 0.05
    np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_between_two_truncations_the_statistics_are_mixed(model):
    """The nearer set counts more. (The port has the two shares the other way around; at its 51 steps both agree.)"""
    norm = model.get_layer("last_norm")
    x = np.ones((1, 1, 1, SMALL.width), np.float32)

    def mean_at(truncation):
        scale = np.sqrt(_mixed(norm.variances, truncation) + SMALL.epsilon) / norm.gamma
        return 1 - (norm(x, np.array([truncation], np.float32)) - norm.beta).numpy().ravel() * scale

    np.testing.assert_allclose(mean_at(0.305), _mixed(norm.means, 0.305), atol=1e-5)
    np.testing.assert_allclose(mean_at(0.3), np.asarray(norm.means)[15], atol=1e-5)


def _mixed(sets, truncation):
    sets, place = np.asarray(sets), 50 * truncation
    below = int(place + 1e-6)
    share = place - below
    return (1 - share) * sets[below] + share * sets[below + 1]


def test_older_files_also_keep_the_divided_kernels(model, arrays):
    older = arrays | {
        name.replace("weight_orig", "weight"): 0 * array
        for name, array in arrays.items()
        if "weight_orig" in name
    }
    again = biggan.build(SMALL)
    load_into(again, older, "biggan", "torch", SMALL)
    for ours, theirs in zip(again.weights, model.weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_a_kernel_without_its_vectors_is_refused(arrays):
    short = {name: array for name, array in arrays.items() if name != "generator.gen_z.weight_v"}
    with pytest.raises(CourseError, match=r"gen_z\.weight_v"):
        load_into(biggan.build(SMALL), short, "biggan", "torch", SMALL)


def test_no_divided_kernel_stretches_anything(model):
    for layer in model.layers:
        if hasattr(layer, "kernel") and layer.name != "picture":  # which has lost all but three rows
            kernel = np.asarray(layer.kernel).reshape(-1, layer.kernel.shape[-1])
            assert 0.9 < np.linalg.norm(kernel, 2) < 1.3
