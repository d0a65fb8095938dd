"""TensorFlow's start-up, without the messages about processors and drivers that no learner needs.

TensorFlow writes them straight to the process's error stream before its own logging is set up, so no setting
stops them; they are held back while it is imported, and shown only if the import fails.
"""

import logging
import os
import sys
import tempfile
import warnings
from contextlib import contextmanager


@contextmanager
def quiet_start(replay: bool = True):
    """Hold back what native libraries write to the error stream inside the block; replay it where the block fails."""
    sys.stderr.flush()
    saved = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        except BaseException:
            held.seek(0)
            os.write(saved, held.read() if replay else b"")
            raise
        finally:
            os.dup2(saved, 2)
            os.close(saved)


def import_tensorflow():
    """Import TensorFlow and Keras quietly.

    Returns:
        The tensorflow module.
    """
    with quiet_start():
        import keras  # noqa: F401
        import tensorflow

    return tensorflow


@contextmanager
def silence():
    """Hold back what converters say inside the block, be it by warning, log or error stream; an error lets it out."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), quiet_start():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
