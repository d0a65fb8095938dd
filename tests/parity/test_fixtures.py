"""Networks that keras.applications does not have answer as upstream's own code did; see record_torchvision.py."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import weights_by_rule

from course_lib import catalog, zoo
from course_lib.loading import open_pretrained
from course_lib.media.samples import sample
from course_lib.weights.convert import load_into
from tests.torch_files import write_torch

FIXTURES_FOLDER = Path(__file__).parent / "fixtures"
FIXTURES = sorted(FIXTURES_FOLDER.glob("*.npz"))


def read(path):
    """Return what upstream answered, and the note of how it was asked."""
    with np.load(path) as fixture:
        return fixture["outputs"], json.loads(str(fixture["note"]))


def question(note):
    """Make the weights and pictures that upstream was given, and check that they are the same."""
    arrays = weights_by_rule.tensors(note["shapes"], note["seed"], note["layout"])
    images = weights_by_rule.pictures(2, note["size"], note["seed"])
    for made, name in ((arrays, "weights"), ({"pictures": images}, "pictures")):
        same = pytest.approx(note[f"{name}_checksum"], rel=1e-9)
        assert weights_by_rule.checksum(made) == same, (
            f"this NumPy makes other {name}: record the fixture again"
        )
    return arrays, images


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_same_weights_same_numbers(path):
    card = catalog.card(path.stem.partition(".")[0])
    expected, note = read(path)
    arrays, images = question(note)
    offer = next(o for o in card.weights if o.model == card.id and o.format == note["layout"])
    family = zoo.family(card.family)
    changes = {"size": note["size"], **offer.config, **note.get("config", {})}
    config = dataclasses.replace(family.CONFIGS[card.id], **changes)
    model = family.build(config)
    load_into(model, arrays, card.family, note["layout"], config)
    found = model(images, training=False)  # once: to compile a large network would take longer
    found = list(found.values()) if isinstance(found, dict) else found
    found = np.hstack(found) if isinstance(found, list) else np.asarray(found)  # one array for each head
    assert np.std(expected) > 0.1  # answers that are all alike would prove nothing
    assert np.abs(expected - found).max() <= 1e-4 * max(1, np.abs(expected).max())


def test_the_official_file_of_alexnet_loads_by_path(tmp_path):
    expected, note = read(FIXTURES_FOLDER / "alexnet.npz")
    arrays, images = question(note)
    path = write_torch(tmp_path / "alexnet-owt-7be5be79.pth", arrays)
    loaded = open_pretrained("alexnet", weights=path)
    assert (loaded.provenance.grade, loaded.provenance.source) == ("official", "torchvision")
    assert np.abs(expected - loaded.model.predict_on_batch(images)).max() <= 1e-4 * np.abs(expected).max()
    assert loaded.classify(sample("cat"))[0].label in loaded.labels
    assert len(loaded.labels) == 1000
