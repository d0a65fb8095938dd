"""What a flow is trained by: how unlikely speech is to it, and how far the spectra of what it says lie from speech."""

import numpy as np
import tensorflow as tf
from keras import ops

WINDOWS = (256, 512, 1024)  # samples, of the spectra that are compared
QUIETEST = 0.02  # of a magnitude in a window of 512 samples


def negative_log_likelihood(noise, log_determinant, sigma: float = 1.0):
    """Say how unlikely sounds are, in nats a sample: how unlikely their noise is, less what the flow stretched.

    Args:
        noise: (batch, groups, group), what the flow made of them.
        log_determinant: (batch,), of the flow.
        sigma: of normal noise.

    Returns:
        One number, the mean over all samples.

    Source: arXiv 1811.00002, equation 9, with the constant that it leaves away.
    """
    count = ops.cast(ops.size(noise), "float32")
    squares = ops.sum(ops.square(noise)) / (2 * sigma**2)
    return (squares - ops.sum(log_determinant)) / count + float(np.log(sigma * np.sqrt(2 * np.pi)))


def spectral_difference(spoken, samples):
    """Compare the spectra of two sounds, with long windows and with short ones: each difference of loudness counts.

    Args:
        spoken, samples: (batch, n), n at least the longest of WINDOWS.

    Returns:
        One number: mean difference of the logarithms, and the loud ones' difference as a share of the loud ones.

    Source: arXiv 1910.11480 (Parallel WaveGAN), equations 4 to 6.
    """
    total = 0.0
    for window in WINDOWS:
        theirs, ours = _magnitudes(samples, window), _magnitudes(spoken, window)
        least = QUIETEST * (window / 512) ** 0.5  # about the dither: nobody hears what is below
        total += tf.reduce_mean(tf.abs(tf.math.log(ours + least) - tf.math.log(theirs + least)))
        total += tf.norm(ours - theirs) / tf.norm(theirs)
    return total / len(WINDOWS)


def _magnitudes(samples, window: int):
    pieces = tf.signal.frame(samples, window, window // 4) * tf.signal.hann_window(window)
    return tf.sqrt(tf.maximum(tf.square(tf.abs(tf.signal.rfft(pieces))), 1e-8))  # a root has no slope at 0
