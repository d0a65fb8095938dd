"""DeepSpeech with upstream's numbers: what Mozilla's own graph answered, and its checkpoint from archive to network."""

import dataclasses
import json
from pathlib import Path
from zlib import crc32

import keras
import numpy as np
import pytest
import tensorflow as tf

from course_lib import catalog
from course_lib.errors import CourseError
from course_lib.weights.convert import load_into
from course_lib.weights.slim_file import read_slim
from course_lib.zoo import cost, deepspeech
from tests.parity import weights_by_rule
from tests.slim_files import V2, write_archive, write_checkpoint

SMALL = dataclasses.replace(deepspeech.CONFIGS["deepspeech"], width=12, cell=12)
LSTM = "cudnn_lstm/rnn/multi_rnn_cell/cell_0/cudnn_compatible_lstm_cell"
TRAINING = {"global_step": np.int64(7), "learning_rate": np.float32(1e-4), "beta1_power": np.float32(0.5)}


@pytest.fixture(scope="module")
def recorded():
    with np.load(Path(__file__).parent / "fixtures" / "deepspeech" / "network.npz") as file:
        return dict(file) | {"note": json.loads(str(file["note"]))}


@pytest.fixture(scope="module")
def arrays(recorded):
    made = weights_by_rule.tensors(recorded["note"]["shapes"], recorded["note"]["seed"], "slim")
    assert weights_by_rule.checksum(made) == pytest.approx(recorded["note"]["weights_checksum"])
    return made


@pytest.fixture(scope="module")
def features(recorded):
    made = 30 * np.random.default_rng([0, crc32(b"features")]).standard_normal((2, 20, 26), np.float32)
    assert weights_by_rule.checksum({"": made}) == pytest.approx(recorded["note"]["features_checksum"])
    return made


def test_logits_are_those_of_mozillas_graph(recorded, arrays, features):
    model = deepspeech.build(SMALL)
    load_into(model, arrays, "deepspeech", "slim", SMALL)
    found = model.predict(features, verbose=0)
    assert np.abs(model.get_layer("dense1_clipped").output.shape[-1]) == 12
    np.testing.assert_allclose(found, recorded["outputs"], atol=1e-5)
    reached = keras.Model(model.input, model.get_layer("dense1_clipped").output).predict(features, verbose=0)
    assert reached.max() == 20  # else the clip would not have been tried


def test_the_gates_have_the_order_of_tensorflows_fused_cell(arrays):
    """The cell of upstream's training graph for processors, called by itself."""
    rng = np.random.default_rng(1)
    x, c, h = rng.normal(size=(7, 1, 12)), rng.normal(size=(1, 12)), rng.normal(size=(1, 12))
    x, c, h = (np.float32(a) for a in (x, c, h))
    none = np.zeros(12, np.float32)
    expected = tf.raw_ops.BlockLSTM(
        seq_len_max=np.int64(7), x=x, cs_prev=c, h_prev=h, w=arrays[f"{LSTM}/kernel"], wci=none, wcf=none, wco=none,
        b=arrays[f"{LSTM}/bias"], forget_bias=0.0, cell_clip=-1.0, use_peephole=False,
    )  # fmt: skip
    model = deepspeech.build(SMALL)
    load_into(model, arrays, "deepspeech", "slim", SMALL)
    found = model.get_layer("lstm")(x.transpose(1, 0, 2), initial_state=[h, c])
    np.testing.assert_allclose(np.swapaxes(found, 0, 1), expected.h, atol=1e-6)


def test_a_released_archive_becomes_the_network(tmp_path, recorded, arrays, features):
    saved = (
        arrays
        | TRAINING
        | {"layer_1/weights/Adam": arrays["layer_1/weights"], f"{LSTM}/bias/Adam_1": arrays[f"{LSTM}/bias"]}
    )
    files = write_checkpoint(tmp_path / "best_dev-1466475.ckpt", saved, V2)
    renamed = [
        (f"deepspeech-0.9.3-checkpoint/{path.name.replace('.ckpt', '')}", path.read_bytes()) for path in files
    ]
    archive = write_archive(
        tmp_path / "a.tar.gz", ("deepspeech-0.9.3-checkpoint/best_dev_checkpoint", b""), *renamed
    )
    model = deepspeech.build(SMALL)
    load_into(model, read_slim(archive, 10**7), "deepspeech", "slim", SMALL)
    np.testing.assert_allclose(model.predict(features, verbose=0), recorded["outputs"], atol=1e-5)


@pytest.mark.parametrize("change", [
    lambda a: a.pop(f"{LSTM}/kernel"), lambda a: a.pop("layer_6/bias"), lambda a: a.update(other=np.zeros(3, np.float32)),
    lambda a: a.update({f"{LSTM}/kernel": np.zeros((3, 48), np.float32)}),
])  # fmt: skip
def test_another_file_is_refused(arrays, change):
    changed = dict(arrays)
    change(changed)
    with pytest.raises(CourseError):
        load_into(deepspeech.build(SMALL), changed, "deepspeech", "slim", SMALL)


def test_padding_behind_the_end_changes_nothing_before_it(arrays, features):
    model = deepspeech.build(SMALL)
    longer = np.concatenate([features, np.zeros((2, 30, 26), np.float32)], axis=1)
    np.testing.assert_allclose(
        model.predict(longer, verbose=0)[:, :20], model.predict(features, verbose=0), atol=1e-5
    )


@pytest.mark.parametrize("model_id", deepspeech.CONFIGS)
def test_parameters_are_those_of_the_card(model_id):
    card = catalog.card(model_id)
    assert cost.count(card) == (card.params, card.multiply_adds)
