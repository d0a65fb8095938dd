"""TAESD with upstream's numbers: what its author's code answered, and both ways in which its files lie."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from course_lib import catalog, zoo
from course_lib.errors import CourseError
from course_lib.weights.convert import load_into
from course_lib.zoo import taesd
from tests.parity import weights_by_rule

MODELS = ["taesd", "taef2"]


def recorded(model_id):
    with np.load(Path(__file__).parent / "fixtures" / "taesd" / f"{model_id}.npz") as file:
        return dict(file) | {"note": json.loads(str(file["note"]))}


def arrays_of(model_id):
    """Make upstream's numbers by rule; a block's last convolution is smaller, as the note says."""
    note = recorded(model_id)["note"]
    made = weights_by_rule.tensors(note["shapes"], note["seed"])
    small = ("conv.4.weight", "pool.3.weight")
    made = {name: 0.5 * array if name.endswith(small) else array for name, array in made.items()}
    assert weights_by_rule.checksum(made) == pytest.approx(note["checksum"])
    return made


def loaded(model_id, arrays):
    config = taesd.CONFIGS[model_id]
    model = taesd.build(config)
    load_into(model, arrays, "taesd", "torch", config)
    return model


@pytest.mark.parametrize("model_id", MODELS)
def test_codes_and_pictures_are_those_of_its_authors_code(model_id):
    model, answers = loaded(model_id, arrays_of(model_id)), recorded(model_id)
    rng = np.random.default_rng(answers["note"]["seed"])
    images = rng.random((2, 48, 32, 3), np.float32)
    codes = 2 * rng.standard_normal((2, 5, 4, taesd.CONFIGS[model_id].latent), np.float32)
    assert answers["encoded"].std() > 1
    assert answers["decoded"].std() > 1
    np.testing.assert_allclose(model.get_layer("encoder")(images), answers["encoded"], atol=1e-4)
    np.testing.assert_allclose(model.get_layer("decoder")(codes), answers["decoded"], atol=1e-4)
    both = model(images)
    np.testing.assert_allclose(both["latent"], answers["encoded"], atol=1e-4)
    assert both["rebuilt"].shape == images.shape


def test_diffusers_has_both_halves_in_one_file_and_counts_otherwise():
    arrays = arrays_of("taesd")
    theirs = {}
    for name, array in arrays.items():
        half, number, rest = name.split(".", 2)
        theirs[f"{half}.layers.{int(number) - (half == 'decoder')}.{rest}"] = array
    for ours, again in zip(loaded("taesd", arrays).weights, loaded("taesd", theirs).weights, strict=True):
        np.testing.assert_array_equal(ours, again)


def test_another_models_file_is_refused():
    with pytest.raises(CourseError, match=r"place for|do not fit"):
        loaded("taesd", arrays_of("taef2"))
    arrays = arrays_of("taesd")
    with pytest.raises(CourseError, match="do not fit"):
        loaded("taesd", {name: array for name, array in arrays.items() if name.startswith("encoder")})
    with pytest.raises(CourseError, match=r"encoder\.99"):
        loaded("taesd", arrays | {"encoder.99.weight": arrays["encoder.0.weight"]})


def test_the_cards_networks_are_the_published_ones():
    model = taesd.build(taesd.CONFIGS["taesd"])
    halves = [model.get_layer(name).count_params() for name in ("encoder", "decoder")]
    assert halves == [1_222_532, 1_222_531]  # upstream's README
    for model_id, config in taesd.CONFIGS.items():
        assert catalog.card(model_id).params == zoo.family("taesd").build(config).count_params()
    assert dataclasses.replace(taesd.CONFIGS["taesd3"]) == taesd.CONFIGS["taef1"]
