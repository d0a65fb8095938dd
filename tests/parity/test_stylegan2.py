"""StyleGAN2 with upstream's numbers: what NVIDIA's own code answered, with classes and without, small and at full width."""

import json
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from course_lib import catalog, zoo
from course_lib.weights.convert import load_into
from course_lib.zoo import stylegan2
from tests.parity import weights_by_rule

FIXTURES = Path(__file__).parent / "fixtures" / "stylegan2"


def recorded(name):
    with np.load(FIXTURES / f"{name}.npz") as file:
        return dict(file) | {"note": json.loads(str(file["note"]))}


def arrays_of(shapes, seed):
    """Make upstream's weights: of deviation 1, and 100 in the mapping network, as equalised learning rates want them."""
    return {name: _settled(name, tuple(shape), seed) for name, shape in shapes.items()}


def _settled(name, shape, seed):
    made = weights_by_rule.tensor("mapping.w_avg.bias" if name.endswith("w_avg") else name, shape, seed)
    if name.endswith("affine.bias"):
        return made + 1
    if name.endswith("noise_strength"):
        return made * np.float32(0.3)
    if name.endswith("const") or made.ndim < 2:
        return made * np.float32(30) if "mapping.fc" in name else made
    made = made * np.float32(np.sqrt(np.prod(shape[1:]) / 2))
    return made * np.float32(100) if "mapping.fc" in name else made


def generator(known):
    note = known["note"]
    arrays = arrays_of(note["shapes"], note["seed"])
    assert weights_by_rule.checksum(arrays) == pytest.approx(note["checksum"])
    config = stylegan2.StyleGan2Config(**note["config"])
    model = stylegan2.build(config)
    load_into(model, arrays, "stylegan2", "torch", config)
    return model, config


@pytest.fixture(scope="module")
def small():
    known = recorded("small")
    return *generator(known), known


def test_styles_and_pictures_are_those_of_nvidias_code(small):
    model, config, known = small
    latents, labels = known["latents"], known["labels"]
    w = stylegan2.styles(model, latents, labels)
    np.testing.assert_allclose(w, known["w"], atol=1e-5)
    paint = stylegan2.painter(model, config)
    np.testing.assert_allclose(paint(latents, labels, 1.0), known["plain"], atol=1e-4)
    np.testing.assert_allclose(paint(latents, labels, 0.7), known["truncated"], atol=1e-4)
    assert abs(known["plain"] - known["truncated"]).max() > 0.1


def test_a_style_for_each_layer_is_that_of_nvidias_code(small):
    model, config, known = small
    mixed = stylegan2.mixed(known["w"], known["w"][::-1], 3, config.styles)
    np.testing.assert_allclose(stylegan2.draw(model, mixed), known["mixed"], atol=1e-4)


def test_without_noise_the_pictures_are_those_of_nvidias_code(small):
    model, _, known = small
    layers = [layer for layer in model.get_layer("synthesis").layers if layer.name.endswith("_noise")]
    kept = [float(layer.strength) for layer in layers]
    for layer in layers:
        layer.strength.assign(0.0)
    found = stylegan2.draw(model, known["w"])
    for layer, strength in zip(layers, kept, strict=True):
        layer.strength.assign(strength)
    np.testing.assert_allclose(found, known["silent"], atol=1e-4)


def test_the_discriminators_scores_are_those_of_nvidias_code():
    known = recorded("small")
    note = known["note"]
    config = stylegan2.StyleGan2Config(**note["config"])
    model = stylegan2.discriminator(config)
    arrays = arrays_of(note["discriminator_shapes"], note["seed"])
    assert weights_by_rule.checksum(arrays) == pytest.approx(note["discriminator_checksum"])
    named = {name.replace("mapping.", "d_mapping."): array for name, array in arrays.items()}
    load_into(model, named, "stylegan2", "torch", config)
    scores = model({"image": known["images"].astype(np.float32), "label": known["labels"]})
    np.testing.assert_allclose(scores, known["scores"], atol=1e-4)
    assert np.std(known["scores"]) > 0.05


@pytest.mark.parametrize("name", ["clamped", "cifar10"])
def test_other_networks_of_nvidias_code(name):
    """One without classes whose maps are cut off at 1, and one at the width of the published network."""
    known = recorded(name)
    model, config = generator(known)
    labels = known["labels"] if config.classes else None
    found = stylegan2.painter(model, config)(known["latents"], labels, 1.0)
    np.testing.assert_allclose(found, known["plain"], atol=1e-4)


def older(arrays):
    """Name and turn the arrays as the files of TensorFlow's time have them."""
    named = {"lod": np.float32(0), "dlatent_avg": arrays["mapping.w_avg"]}
    for name, array in arrays.items():
        part, *place, variable = name.split(".")
        if part == "mapping" and place:
            layer = "LabelEmbed" if place == ["embed"] else f"Dense{place[0][2:]}"
            named[f"mapping/{layer}/{variable}"] = array.T
        elif variable == "const":
            named["synthesis/4x4/Const/const"] = array[None]
        elif variable == "noise_const":
            level, second = int(np.log2(len(array))), place[1] == "conv1"
            named[f"synthesis/noise{2 * level - 5 + second}"] = array[None, None]
        elif part == "synthesis":
            side, kind = int(place[0][1:]), place[1]
            layer = {"torgb": "ToRGB", "conv0": "Conv0_up", "conv1": "Conv" if side == 4 else "Conv1"}[kind]
            if place[2:] == ["affine"]:
                array, variable = (array.T if array.ndim == 2 else array - 1), f"mod_{variable}"
            elif array.ndim == 4:
                array = array.transpose(2, 3, 1, 0)
                array = array[::-1, ::-1] if kind == "conv0" else array
            named[f"synthesis/{side}x{side}/{layer}/{variable}"] = array
    return named


def test_files_of_tensorflows_time_hold_the_same_network(small):
    model, config, known = small
    arrays = arrays_of(known["note"]["shapes"], known["note"]["seed"])
    again = stylegan2.build(config)
    load_into(again, older(arrays), "stylegan2", "dnnlib", config)
    for ours, theirs in zip(again.weights, model.weights, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6, err_msg=ours.path)


def test_a_published_network_is_the_cards():
    note = recorded("cifar10")["note"]
    config = zoo.family("stylegan2").CONFIGS["stylegan2_cifar10"]
    assert stylegan2.StyleGan2Config(**note["config"] | {"group": config.group}) == config
    numbers = sum(int(np.prod(shape)) for shape in note["shapes"].values())
    assert catalog.card("stylegan2_cifar10").params == numbers


def test_of_the_faces_network_so_many_numbers_are_trained():
    card = catalog.card("stylegan2_ffhq")
    with tf.Graph().as_default():  # its variables have no numbers
        model = stylegan2.build(stylegan2.CONFIGS[card.id])
        trained = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    fact = next(fact for fact in card.facts if "trained" in fact.name)
    assert fact.value == trained == 30_370_060
    assert card.params == model.count_params()
