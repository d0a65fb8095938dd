"""SavedModels as each kind of publisher makes them, for the tests to load: from Keras, from a plain module, from TensorFlow 1."""

import hashlib
import shutil
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from tensorflow.compat import v1


def from_keras(folder: Path, classes: int = 5, size: int = 8) -> keras.Model:
    """Export a Keras model with a convolution and batch norm; return it."""
    image = keras.Input((size, size, 3))
    x = keras.layers.Conv2D(4, 3, name="conv")(image)
    x = keras.layers.BatchNormalization(name="bn")(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    model = keras.Model(image, keras.layers.Dense(classes, name="logits")(x))
    model.export(str(folder), verbose=False)
    return model


class Plain(tf.Module):
    """A module that can be called, and counts how often it was called in training mode."""

    def __init__(self):
        super().__init__()
        start = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)
        self.w = tf.Variable(start, name="scope/w")
        self.seen = tf.Variable(0.0, trainable=False, name="scope/seen")

    @tf.function
    def __call__(self, x, training=False):
        if training:
            self.seen.assign_add(1.0)
        return x @ self.w


class Served(tf.Module):
    """A module that offers a signature with two outputs, and nothing else."""

    def __init__(self):
        super().__init__()
        self.w = tf.Variable(np.eye(4, 3, dtype=np.float32), name="w")

    @tf.function
    def serve(self, x):
        return {"logits": x @ self.w, "total": tf.reduce_sum(x @ self.w, 1)}


def plain(folder: Path) -> Plain:
    """Save a module with `__call__`."""
    module = Plain()
    for training in (True, False):
        module.__call__.get_concrete_function(tf.TensorSpec((None, 4), name="x"), training=training)
    tf.saved_model.save(module, str(folder))
    return module


def served(folder: Path) -> Served:
    """Save a module with a signature alone."""
    module = Served()
    spec = tf.TensorSpec((None, 4), name="x")
    tf.saved_model.save(module, str(folder), {"score": module.serve.get_concrete_function(spec)})
    return module


def from_tf1(folder: Path, use_resource: bool = True) -> None:
    """Write a module as TensorFlow 1's hub.Module did: a graph without tags, and one for training."""
    builder = v1.saved_model.Builder(str(folder))
    for tags in ((), ("train",)):
        with v1.Graph().as_default(), v1.Session() as session:
            images = v1.placeholder(tf.float32, (None, 4))
            with v1.variable_scope("module/Net", use_resource=use_resource):
                weights = v1.get_variable("weights", initializer=np.full((4, 3), 2, np.float32))
                mean = v1.get_variable("moving_mean", initializer=np.ones(3, np.float32), trainable=False)
            scores = (images @ weights - mean) * (10 if tags else 1)
            session.run(v1.global_variables_initializer())
            info = v1.saved_model.build_tensor_info
            signature = v1.saved_model.build_signature_def(
                {"images": info(images)}, {"default": info(scores), "twice": info(2 * scores)}
            )
            signatures = {"default": signature}
            if tags:
                builder.add_meta_graph(list(tags), signature_def_map=signatures)
            else:
                builder.add_meta_graph_and_variables(session, [], signature_def_map=signatures)
    builder.save()
    (folder / "tfhub_module.pb").write_bytes(b"\x08\x03")  # what marks the format


def publish(folder: Path, cache: Path, url: str) -> Path:
    """Lay a SavedModel where tensorflow_hub would have cached it."""
    place = cache / hashlib.sha1(url.encode()).hexdigest()
    shutil.copytree(folder, place)
    return place
