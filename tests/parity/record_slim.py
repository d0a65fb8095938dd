"""Records what TensorFlow-slim's own networks answer, for test_fixtures.py; run once, by hand.

It needs an environment of its own, since TF-slim uses layers that TensorFlow dropped later:

    pip install "tensorflow-cpu==2.12.*" tf-slim==1.1.0
    python tests/parity/record_slim.py

A fixture, fixtures/<model id>.slim.npz, is as record_torchvision.py describes it.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import tensorflow.compat.v1 as tf
import tf_slim
import weights_by_rule
from tf_slim.nets import inception_v1, inception_v2

FIXTURES = Path(__file__).parent / "fixtures"
SEED, PICTURES, SIZE, CLASSES = 0, 2, 224, 1001
# Model id -> TF-slim's network and its settings.
NETWORKS = {
    "inception_v1": (inception_v1.inception_v1, inception_v1.inception_v1_arg_scope),
    "inception_v2": (inception_v2.inception_v2, inception_v2.inception_v2_arg_scope),
}


def answers(network, scope, images) -> tuple[np.ndarray, dict[str, tuple[int, ...]]]:
    """Run a network with the weights of the rule; return its logits, and its variables' names and shapes."""
    with tf.Graph().as_default(), tf.Session() as session:
        with tf_slim.arg_scope(scope()):
            logits, _ = network(tf.constant(images), num_classes=CLASSES, is_training=False)
        variables = {variable.op.name: variable for variable in tf_slim.get_model_variables()}
        shapes = {name: tuple(variable.shape.as_list()) for name, variable in variables.items()}
        for name, array in weights_by_rule.tensors(shapes, SEED, "slim").items():
            variables[name].load(array, session)
        return session.run(logits), shapes


def record(model_id: str) -> None:
    """Write the fixture of one network."""
    images = weights_by_rule.pictures(PICTURES, SIZE, SEED)
    outputs, shapes = answers(*NETWORKS[model_id], images)
    made = weights_by_rule.tensors(shapes, SEED, "slim")
    note = {
        "upstream": f"tf-slim {version('tf-slim')} with TensorFlow {tf.__version__}, CPU, is_training=False",
        "layout": "slim",
        "seed": SEED,
        "size": SIZE,
        "shapes": shapes,
        "weights_checksum": weights_by_rule.checksum(made),
        "pictures_checksum": weights_by_rule.checksum({"pictures": images}),
    }
    path = FIXTURES / f"{model_id}.slim.npz"
    np.savez_compressed(path, outputs=outputs, note=np.array(json.dumps(note)))
    spread = f"outputs {outputs.shape} of {outputs.min():.2f} to {outputs.max():.2f}"
    print(f"{path.name}: {spread}, {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    tf.disable_v2_behavior()
    for model_id in sys.argv[1:] or NETWORKS:
        record(model_id)
