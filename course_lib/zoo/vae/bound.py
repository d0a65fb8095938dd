"""What a variational autoencoder learns by: a lower bound of how likely its pictures are, the ELBO.

All are natural logarithms, a number for each picture. The likelihood of a picture itself would want all codes that could have
made it; the bound wants one, drawn where the encoder expects it.
"""

import math

from keras import ops

LOG_2PI = math.log(2 * math.pi)


def log_likelihood(images, rebuilt, sigma: float):
    """Tell how likely pictures are, where these are the means that the decoder painted; summed over all pixels.

    Args:
        images: (batch, height, width, channels), 0 to 1.
        rebuilt: like them.
        sigma: of the normal noise on each pixel; 0 takes pixels as chances of being white (Bernoulli).

    Returns:
        (batch,)

    Source: arXiv 1312.6114, appendix C.
    """
    if not sigma:
        rebuilt = ops.clip(rebuilt, 1e-6, 1 - 1e-6)
        each = images * ops.log(rebuilt) + (1 - images) * ops.log(1 - rebuilt)
    else:
        each = -0.5 * (ops.square((images - rebuilt) / sigma) + LOG_2PI) - math.log(sigma)
    return ops.sum(each, axis=(1, 2, 3))


def divergence(mean, log_variance, each: bool = False):
    """Tell how far the encoder's codes are from normal ones: the Kullback-Leibler divergence, in closed form.

    Args:
        mean, log_variance: (batch, latent).
        each: keep the numbers of a code apart.

    Returns:
        (batch,), or (batch, latent); 0 where mean and logarithm are 0.

    Source: arXiv 1312.6114, appendix B.
    """
    apart = 0.5 * (ops.square(mean) + ops.exp(log_variance) - log_variance - 1)
    return apart if each else ops.sum(apart, axis=-1)


def elbo(images, found, sigma: float, beta: float = 1.0):
    """Return the evidence lower bound of each picture, (batch,): likelihood less divergence.

    Args:
        images: as for `log_likelihood`.
        found: what the model answered for them and for normal noise.
        sigma: as for `log_likelihood`.
        beta: weight of the divergence; only with 1 is it a bound (arXiv 1312.6114, equation 10; beta: "beta-VAE", 2017).
    """
    far = divergence(found["mean"], found["log_variance"])
    return log_likelihood(images, found["rebuilt"], sigma) - beta * far


def log_weights(model, images, noise, sigma: float):
    """Return log p(x, z) - log q(z | x) for several codes of each picture: their mean estimates the ELBO, no formula needed.

    Args:
        model: a variational autoencoder.
        images: (batch, height, width, channels).
        noise: (samples, batch, latent), normal.
        sigma: as for `log_likelihood`.

    Returns:
        (samples, batch).
    """
    rows = []
    for drawn in noise:
        found = model([images, drawn])
        prior = -0.5 * ops.sum(ops.square(found["latent"]) + LOG_2PI, axis=-1)
        posterior = -0.5 * ops.sum(ops.square(drawn) + LOG_2PI + found["log_variance"], axis=-1)
        rows.append(log_likelihood(images, found["rebuilt"], sigma) + prior - posterior)
    return ops.stack(rows)


def tightened(weights):
    """Return the importance-weighted bound of each picture, from `log_weights`: at least the ELBO, nearer with each sample.

    Source: arXiv 1509.00519 (Burda et al.), equation 8.
    """
    return ops.logsumexp(weights, axis=0) - math.log(weights.shape[0])
