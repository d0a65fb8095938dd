"""wav2vec 2.0 gives the same numbers as Hugging Face's with the same weights: with a head of letters, and in its pre-training."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
import weights_by_rule
from keras import ops

from course_lib.errors import CourseError
from course_lib.weights.convert import load_into, matched
from course_lib.zoo import wav2vec2
from course_lib.zoo.wav2vec2 import pretraining

FIXTURES = Path(__file__).parent / "fixtures" / "transformers"
SMALL = {
    "width": 24, "depth": 2, "heads": 3, "mlp": 40, "channels": (8, 8, 16), "kernels": (10, 3, 2), "strides": (5, 2, 2),
    "position_kernel": 8, "position_groups": 4, "codes": 6, "code_width": 12, "target_width": 10,
}  # fmt: skip
VARIANTS = {
    "wav2vec2_group": {},
    "wav2vec2_layer": {"conv_norm": "layer", "conv_bias": True, "norm_first": True},
}
PUBLISHED = [path.name.partition(".")[0] for path in FIXTURES.glob("wav2vec2*.shapes.json.gz")]


@pytest.fixture(scope="module", params=VARIANTS)
def recorded(request):
    """What upstream answered, its note, the samples, and our variant's settings."""
    answers = dict(np.load(FIXTURES / f"{request.param}.npz"))
    note = json.loads(str(answers.pop("note")))
    samples = weights_by_rule.pictures(1, 40, note["seed"]).reshape(2, 2400)
    assert np.abs(samples).sum(dtype=np.float64) == pytest.approx(note["samples_checksum"])
    return answers, note, samples, SMALL | VARIANTS[request.param]


def ours(note, settings, kind: str, symbols: int, older: bool = False):
    """Build our network and give it upstream's numbers, by the newer names of the weight norm or by the older ones."""
    arrays = weights_by_rule.tensors(note[f"{kind}shapes"], note["seed"])
    checksum = note["pretraining_checksum" if kind else "weights_checksum"]
    assert weights_by_rule.checksum(arrays) == pytest.approx(checksum)
    if older:
        names = {
            "parametrizations.weight.original0": "weight_g",
            "parametrizations.weight.original1": "weight_v",
        }
        for new, old in names.items():
            arrays = {name.replace(new, old): array for name, array in arrays.items()}
    config = wav2vec2.Wav2Vec2Config(**settings, symbols=symbols)
    model = wav2vec2.build(config)
    load_into(model, arrays, "wav2vec2", "torch", config)
    return model


@pytest.mark.parametrize("older", [False, True])
def test_letters(recorded, older):
    answers, note, samples, settings = recorded
    found = ours(note, settings, "", 12, older)(samples)
    assert found.shape == answers["logits"].shape
    assert np.abs(found - answers["logits"]).max() <= 1e-4


def test_pretraining(recorded):
    answers, note, samples, settings = recorded
    mask = answers["mask"]
    found = ours(note, settings, "pretraining_", 0)({"samples": samples, "mask": mask})
    for name in ("guesses", "targets"):
        assert np.abs(found[name] - answers[name]).max() <= 1e-4, name
    chosen = ops.argmax(found["codes"], axis=-1)
    logits = pretraining.contrastive_logits(found["guesses"], found["targets"], chosen, answers["others"])
    loss, _ = pretraining.contrastive_loss(logits, mask)
    assert float(loss) * mask.sum() == pytest.approx(note["contrastive_loss"], rel=1e-5)
    shares = ops.one_hot(chosen, 6)
    assert float(pretraining.perplexity(shares, mask)) == pytest.approx(note["perplexity"], rel=1e-5)
    lost = float(pretraining.diversity_loss(shares, mask)) * mask.sum()
    assert lost == pytest.approx(note["diversity_loss"], rel=1e-5)


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_networks(name):
    """Every tensor has its place, and the counts differ by what we fold or leave out alone."""
    note = json.loads(gzip.decompress((FIXTURES / f"{name}.shapes.json.gz").read_bytes()))
    arrays = {tensor: np.broadcast_to(np.float32(0), shape) for tensor, shape in note["shapes"].items()}
    config = wav2vec2.CONFIGS[name]
    with tf.Graph().as_default():  # its variables have no numbers
        model = wav2vec2.build(config)
        found = matched(model, arrays, "wav2vec2", "torch", config)
        assert found.keys() == {variable.path for variable in model.weights}
        lengths, mask = 128, config.width if config.symbols else 0
        assert model.count_params() == note["parameters"] - lengths - mask
        arrays.pop(next(tensor for tensor in arrays if tensor.endswith("q_proj.weight")))
        with pytest.raises(CourseError, match="1 variables are not in the file"):
            matched(model, arrays, "wav2vec2", "torch", config)
