"""T5 gives the same numbers as KerasHub's with the same weights, with a cache or without."""

import dataclasses
import json
from pathlib import Path

import keras
import keras_hub
import numpy as np
import pytest
import weights_by_rule
from keras_hub.src.models.t5.t5_multi_head_attention import T5MultiHeadAttention

from course_lib.weights.convert import load_into
from course_lib.weights.presets import variables
from course_lib.zoo import t5
from course_lib.zoo.cached import Steps

FIXTURES = Path(__file__).parent / "fixtures" / "transformers"
# KerasHub's backbones, parameters as its presets say.
BACKBONES = {
    "t5_small": 60_506_624,
    "t5_base": 222_903_552,
    "t5_large": 737_668_096,
    "flan_t5_small": 76_961_152,
    "flan_t5_base": 247_577_856,
    "flan_t5_large": 783_150_080,
}
SOURCE = np.array([[7, 3, 9, 2, 8, 1], [4, 1, 0, 0, 0, 0]], np.int32)
TOKENS = np.array([[0, 5, 9, 9, 2], [0, 3, 3, 8, 1]], np.int32)
# KerasHub's own.
pytestmark = pytest.mark.filterwarnings("ignore:Layer '.*attention' .* was passed an input with a mask")


def reference(config):
    """Build KerasHub's language model with random weights, and norms that differ from 1."""
    keras.utils.set_random_seed(0)
    backbone = keras_hub.models.T5Backbone(
        config.vocabulary, config.depth, config.heads, config.width, config.mlp, key_value_dim=config.head_width,
        activation="gelu" if config.gated else "relu", use_gated_activation=config.gated,
        layer_norm_epsilon=config.epsilon, tie_embedding_weights=config.tied,
    )  # fmt: skip
    random = np.random.default_rng(0)
    for variable in backbone.weights:
        if variable.path.endswith("/weight"):
            variable.assign(random.uniform(0.8, 1.2, variable.shape))
        elif variable.path.endswith("embeddings"):  # of words and of distances
            variable.assign(random.normal(0, 1, variable.shape))
    return keras_hub.models.T5Seq2SeqLM(backbone)


@pytest.fixture(scope="module", params=["t5_small", "flan_t5_base"])
def pair(request):
    """Their model and ours: full width, fewer blocks, fewer words."""
    config = dataclasses.replace(t5.CONFIGS[request.param], depth=2, vocabulary=200)
    official, ours = reference(config), t5.build(config)
    load_into(ours, variables(official.backbone), "t5", "kerashub", config)
    return official, ours


def test_same_weights_same_numbers(pair):
    official, ours = pair
    inputs = {
        "encoder_token_ids": SOURCE,
        "encoder_padding_mask": (SOURCE != 0).astype(int),
        "decoder_token_ids": TOKENS,
        "decoder_padding_mask": np.ones_like(TOKENS),
    }
    expected = official(inputs, training=False)
    found = ours({"source": SOURCE, "tokens": TOKENS}, training=False)
    assert found.shape == (2, 5, 200)
    assert np.std(expected) > 0.1
    assert np.abs(expected - found).max() <= 1e-4 * max(1, np.abs(expected).max())


def test_decoding_with_a_cache_gives_the_same(pair):
    _, ours = pair
    expected = np.asarray(ours({"source": SOURCE, "tokens": TOKENS}, training=False))
    memory = ours.get_layer("encoder")(SOURCE)
    steps = Steps(ours.get_layer("decoder"), memory, SOURCE)
    logits, cache = steps(TOKENS[:, :2], steps.start(2))
    assert np.abs(logits - expected[:, 1]).max() <= 1e-4 * np.abs(expected).max()
    for place in range(2, TOKENS.shape[1]):
        logits, cache = steps(TOKENS[:, place : place + 1], cache)
        assert np.abs(logits - expected[:, place]).max() <= 1e-4 * np.abs(expected).max()


@pytest.mark.parametrize("model_id", BACKBONES)
def test_parameters_as_published(model_id):
    """Counted without building: all blocks are alike, and the words are counted by themselves."""
    config = t5.CONFIGS[model_id]
    one, two = (
        t5.build(dataclasses.replace(config, depth=depth, vocabulary=1)).count_params() for depth in (1, 2)
    )
    words = (config.vocabulary - 1) * config.width * (1 if config.tied else 2)
    assert one + (config.depth - 1) * (two - one) + words == BACKBONES[model_id]


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize(("buckets", "farthest"), [(32, 128), (16, 64)])
def test_buckets_are_the_published_ones(causal, buckets, farthest):
    distances = np.arange(-300, 301, dtype=np.int32)
    expected = T5MultiHeadAttention._relative_position_bucket(distances, not causal, buckets, farthest)
    assert np.array_equal(t5.bucket(distances, buckets, farthest, causal), expected)


def test_buckets_by_hand():
    """The paper's own: 32 buckets; from 8 on they grow, from 128 on all is one."""
    distances = np.array([0, -1, 1, -7, 7, -8, -11, -12, -127, -128, -5000, 128])
    assert np.array_equal(t5.bucket(distances), [0, 1, 17, 7, 23, 8, 8, 9, 15, 15, 15, 31])


def test_padding_changes_nothing(pair):
    _, ours = pair
    short = ours({"source": SOURCE[1:, :2], "tokens": TOKENS[1:]}, training=False)
    padded = ours({"source": SOURCE[1:], "tokens": TOKENS[1:]}, training=False)
    assert np.abs(short - padded).max() < 1e-4 * np.abs(short).max()


@pytest.mark.parametrize("name", ["t5", "flan_t5"])
def test_same_numbers_as_hugging_face(name):
    """See record_transformers.py."""
    with np.load(FIXTURES / f"{name}.npz") as fixture:
        expected, note = fixture["outputs"], json.loads(str(fixture["note"]))
    arrays = weights_by_rule.tensors(note["shapes"], note["seed"])
    assert weights_by_rule.checksum(arrays) == pytest.approx(note["weights_checksum"], rel=1e-9)
    arrays |= dict.fromkeys(note["again"], arrays["shared.weight"])
    sizes = {"width": 16, "depth": 2, "heads": 3, "mlp": 24, "head_width": 6, "vocabulary": 40, "tanh": True}
    config = dataclasses.replace(t5.CONFIGS[f"{name}_small"], **sizes)
    ours = t5.build(config)
    load_into(ours, arrays, "t5", "torch", config)
    found = ours({"source": SOURCE, "tokens": TOKENS}, training=False)
    assert np.std(expected) > 0.1
    assert np.abs(expected - found).max() <= 1e-4 * max(1, np.abs(expected).max())
