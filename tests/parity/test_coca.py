"""CoCa gives the same numbers as OpenCLIP's with the same weights; see record_open_clip.py."""

import json
from pathlib import Path

import numpy as np
import pytest
import weights_by_rule

from course_lib.text.clip import ClipTokenizer
from course_lib.weights.convert import load_into
from course_lib.weights.sources import package
from course_lib.zoo import coca

PIECES = package.find(ClipTokenizer.file)  # before the tests' own empty cache takes the place of the user's


@pytest.fixture(scope="module")
def recorded():
    """Return what OpenCLIP answered, and the note of how it was asked."""
    with np.load(Path(__file__).parent / "fixtures" / "open_clip" / "coca_vit_b32.npz") as file:
        return dict(file), json.loads(str(file["note"]))


def test_same_weights_same_numbers(recorded):
    expected, note = recorded
    config = coca.CONFIGS["coca_vit_b32"]
    arrays = weights_by_rule.tensors(note["shapes"], note["seed"])
    assert weights_by_rule.checksum(arrays) == pytest.approx(note["weights_checksum"], rel=1e-9)
    model = coca.build(config)
    load_into(model, arrays, "coca", "torch", config)
    assert model.count_params() == note["parameters"]
    images = weights_by_rule.pictures(2, config.size, note["seed"])
    found = model({"image": images, "text": expected["tokens"].astype(np.int32)}, training=False)
    # Upstream leaves out the logits behind the last token, which nothing could follow.
    found = {name: np.asarray(array) for name, array in found.items()}
    found["caption"] = found["caption"][:, :-1, :: note["every"]]
    for name in ("image_embedding", "text_embedding", "caption"):
        assert np.std(expected[name]) > 0.04  # the embeddings have length 1
        assert np.abs(expected[name] - found[name]).max() <= 1e-4 * np.abs(expected[name]).max(), name
    cosines = expected["image_embedding"] @ expected["text_embedding"].T
    assert np.abs(found["similarity"] - expected["logit_scale"] * cosines).max() <= 1e-4


def test_the_mask_lies_where_the_published_weights_know_it():
    """The class token, last, sees the start and one padding more than the text has words, but not itself."""
    text = np.array([[5, 6, 0, 0]])
    late, right = (np.asarray(coca.TextMask(late)(text))[0, -1] for late in (True, False))
    assert late.tolist() == [True, True, True, False, False]
    assert right.tolist() == [True, True, False, False, True]


@pytest.mark.skipif(PIECES is None, reason="CLIP's list of word pieces is not on this machine")
def test_the_tokenizer_cuts_as_upstream(recorded, monkeypatch):
    monkeypatch.setattr(package, "find", lambda file: PIECES)
    expected, note = recorded
    found = ClipTokenizer().encode(note["texts"], expected["cut"].shape[1])
    np.testing.assert_array_equal(found, expected["cut"])
    assert ClipTokenizer().decode(found)[0] == note["texts"][0]
