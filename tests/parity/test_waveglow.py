"""WaveGlow with upstream's numbers: what NVIDIA's own code answered, there and back, and all ways in which its files lie."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from course_lib import catalog, zoo
from course_lib.errors import BadInput
from course_lib.media.sound.spectra import Mel
from course_lib.training.speech.flow_losses import negative_log_likelihood
from course_lib.weights.convert import load_into
from course_lib.weights.torch_file import read_torch
from course_lib.zoo import waveglow
from tests.parity import weights_by_rule
from tests.torch_files import FakeTensor, fake_module, stream_file, zip_file

SMALL = dataclasses.replace(
    waveglow.CONFIGS["waveglow"],
    channels=8, flows=5, depth=3, early_every=2, spread=6, sound=Mel(22_050, 1024, 256, 6, 0, 8000),
)  # fmt: skip


@pytest.fixture(scope="module")
def recorded():
    with np.load(Path(__file__).parent / "fixtures" / "waveglow" / "small.npz") as file:
        return dict(file) | {"note": json.loads(str(file["note"]))}


@pytest.fixture(scope="module")
def arrays(recorded):
    note = recorded["note"]
    made = weights_by_rule.tensors(note["shapes"], note["seed"])
    made = {name: _settled(name, array) for name, array in made.items()}
    assert weights_by_rule.checksum(made) == pytest.approx(note["checksum"])
    return made


@pytest.fixture(scope="module")
def model(arrays):
    model = waveglow.build(SMALL)
    load_into(model, arrays, "waveglow", "torch", SMALL)
    return model


def _settled(name, array):
    """Keep a flow of many steps from growing without end, and its determinants above 0, as the note says."""
    if "convinv" in name:
        return np.eye(len(array), dtype=np.float32)[..., None] + 0.2 * array
    if name == "upsample.weight":
        return 16 * array
    return 0.1 * array if ".end." in name else abs(array) if name.endswith("weight_g") else array


def test_noise_and_determinants_are_those_of_nvidias_code(model, recorded):
    noise, log_determinant = model([recorded["samples"], recorded["mel"]])
    assert np.std(recorded["z"]) > 0.5
    np.testing.assert_allclose(noise, recorded["z"], atol=1e-5)
    np.testing.assert_allclose(log_determinant, recorded["log_det"], rtol=1e-5)
    constant = np.log(0.7 * np.sqrt(2 * np.pi))  # which upstream leaves away
    loss = float(negative_log_likelihood(noise, log_determinant, sigma=0.7)) - constant
    assert loss == pytest.approx(float(recorded["loss"]), abs=1e-5)


def test_the_way_back_is_that_of_nvidias_code(model, recorded):
    found = waveglow.invert(model, recorded["mel"][:1], 0.6 * recorded["noise"])
    np.testing.assert_allclose(found, recorded["said"], atol=1e-5)


def test_older_files_keep_apart_what_newer_ones_join(model, recorded, arrays):
    older, half = {}, SMALL.channels
    for name, array in arrays.items():
        place, _, rest = name.partition(".cond_layer.")
        if rest:
            parts = np.split(array, SMALL.depth)
            older |= {f"module.{place}.cond_layers.{i}.{rest}": part for i, part in enumerate(parts)}
        elif "res_skip_layers" in name:
            parts = (array[:-half], array[-half:])
            names = (name.replace("res_skip", kind) for kind in ("res", "skip"))
            older |= {f"module.{name}": part for name, part in zip(names, parts, strict=True) if len(part)}
        else:
            older[f"module.{name}"] = array
    again = waveglow.build(SMALL)
    load_into(again, older, "waveglow", "torch", SMALL)
    for ours, theirs in zip(again.weights, model.weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("write", [zip_file, stream_file], ids=["archive", "stream, with sources"])
def test_a_network_that_was_pickled_whole_is_read_without_its_classes(tmp_path, write):
    """As NVIDIA published them: {"model": an object of glow.WaveGlow, ...}, with folded weights beside the parameters."""
    numbers = np.arange(6, dtype=np.float32)
    start = fake_module(
        "torch.nn.modules.conv.Conv1d",
        parameters=[("weight_g", FakeTensor("0", 0, (2, 1, 1), (1, 1, 1), 6)), ("weight_v", FakeTensor("0", 0, (2, 3, 1), (3, 1, 1), 6))],
        weight=FakeTensor("0", 0, (2, 3, 1), (3, 1, 1), 6),
    )  # fmt: skip
    flow = fake_module("glow.WN", modules=[("start", start)])
    flows = fake_module("torch.nn.modules.container.ModuleList", modules=[("0", flow)])
    whole = fake_module("glow.WaveGlow", modules=[("WN", flows)], n_flows=12)
    saved = {"model": whole, "iteration": 580_000, "learning_rate": 1e-4}
    found = read_torch(write(tmp_path / "whole.pt", saved, {"0": numbers.tobytes()}))
    assert found.keys() == {"WN.0.start.weight_g", "WN.0.start.weight_v"}
    np.testing.assert_array_equal(found["WN.0.start.weight_v"].ravel(), numbers)
    strange = {"model": fake_module("glowing.WaveGlow", modules=[("WN", flows)])}
    with pytest.raises(BadInput, match=r"glowing\.WaveGlow"):
        read_torch(write(tmp_path / "strange.pt", strange, {"0": numbers.tobytes()}))


def test_the_cards_network_is_the_published_one():
    card = catalog.card("waveglow")
    config = zoo.family("waveglow").CONFIGS[card.id]
    assert config.widths == (8,) * 4 + (6,) * 4 + (4,) * 4
    assert card.params == 87_879_272 - 12 * (
        2 * 256 * 8 + 256 + 15 * 256 + 8 * 512
    )  # less the lengths of kernels
