"""Networks too large to run in a test: every tensor that timm has goes into one variable of ours, of its shape."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from course_lib import catalog, zoo
from course_lib.errors import CourseError
from course_lib.weights.convert import matched

FIXTURES = sorted((Path(__file__).parent / "fixtures").glob("*.shapes.json.gz"))


def read(path):
    """Return the card, the note, and a tensor of each shape that takes no memory."""
    note = json.loads(gzip.decompress(path.read_bytes()))
    arrays = {name: np.broadcast_to(np.float32(0), shape) for name, shape in note["shapes"].items()}
    return catalog.card(path.name.partition(".")[0]), note, arrays


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.name.partition(".")[0])
def test_names_and_shapes_one_to_one(path):
    card, note, arrays = read(path)
    architecture = zoo.family(card.family)
    config = architecture.CONFIGS[card.id]
    with tf.Graph().as_default():  # its variables have no numbers
        model = architecture.build(config)
        found = matched(model, arrays, card.family, "torch", config)
        assert found.keys() == {variable.path for variable in model.weights}
        assert sum(array.size for array in found.values()) == card.params
        statistics = sum(variable.shape.num_elements() for variable in model.non_trainable_weights)
        assert card.params - statistics == note["parameters"]
        lost = arrays.copy()
        lost.pop(next(name for name in arrays if name.endswith("weight")))
        with pytest.raises(CourseError, match="1 variables are not in the file"):
            matched(model, lost, card.family, "torch", config)
