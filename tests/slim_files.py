"""Writes checkpoints and archives as TensorFlow-slim did, to test what reads them."""

import io
import tarfile
from pathlib import Path

import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf.saver_pb2 import SaverDef

V1, V2 = SaverDef.V1, SaverDef.V2


def write_checkpoint(path: Path, arrays: dict[str, np.ndarray], version=V1) -> list[Path]:
    """Save tensors by TensorFlow's own saver.

    Args:
        path: a name that ends in .ckpt.
        arrays: tensors by variable name.
        version: V1, one file, as in 2016; V2, an index and a file of numbers.

    Returns:
        The files that were written.
    """
    level = tf.get_logger().level
    tf.get_logger().setLevel("ERROR")  # the saver says how old version 1 is
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        variables = [tf.compat.v1.Variable(array, name=name) for name, array in arrays.items()]
        session.run([variable.initializer for variable in variables])
        tf.compat.v1.train.Saver(variables, write_version=version).save(
            session, str(path), write_meta_graph=False, write_state=False
        )
    tf.get_logger().setLevel(level)
    return [path] if version == V1 else sorted(path.parent.glob(f"{path.name}.*"))


def write_archive(path: Path, *members) -> Path:
    """Pack members, each a file (under its own name), or (name, bytes), or a `TarInfo` without content."""
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        for member in members:
            if isinstance(member, Path):
                archive.add(member, arcname=member.name)
            elif isinstance(member, tarfile.TarInfo):
                archive.addfile(member)
            else:
                name, content = member
                info = tarfile.TarInfo(name)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
    return path
