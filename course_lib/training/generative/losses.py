"""What the two players of a GAN want, from the discriminator's logits."""

import tensorflow as tf

LOSSES = ("hinge", "logistic")


def discriminator_loss(real, fake, kind: str):
    """Say how badly real and made pictures were told apart.

    Args:
        real, fake: (batch,), the discriminator's logits; above 0 means real.
        kind: "hinge", which is content with a margin of 1, or "logistic", the log-likelihood.

    Returns:
        One number.

    Source: arXiv 1802.05957, equation 16 (hinge); arXiv 1406.2661, equation 1 (logistic).
    """
    if kind == "hinge":
        return tf.reduce_mean(tf.nn.relu(1.0 - real)) + tf.reduce_mean(tf.nn.relu(1.0 + fake))
    return tf.reduce_mean(tf.nn.softplus(-real)) + tf.reduce_mean(tf.nn.softplus(fake))


def generator_loss(fake, kind: str):
    """Say how unconvincing made pictures were; "logistic" is the non-saturating form.

    Source: arXiv 1802.05957, equation 17; arXiv 1406.2661, section 3.
    """
    return -tf.reduce_mean(fake) if kind == "hinge" else tf.reduce_mean(tf.nn.softplus(-fake))


def gradient_penalty(gradient):
    """Return R1: the squared length of the logit's gradient at real pictures, the mean over a batch.

    Args:
        gradient: (batch, ...), of each picture's logit.

    Source: arXiv 1801.04406, equation 9, without its weight gamma / 2.
    """
    return tf.reduce_mean(tf.reduce_sum(tf.square(gradient), axis=list(range(1, len(gradient.shape)))))
