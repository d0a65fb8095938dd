"""How the two terms of the bound pull against each other: beta swept, the codes collapsed, and brought back.

`python -m course_lib.training.generative.collapse` writes data/experiments/collapse.json: ways to weigh the terms, three seeds each.
"""

from dataclasses import dataclass

import keras
import numpy as np
from keras import layers, ops

from course_lib.media.fashion import fashion, held_out
from course_lib.training.experiment import record
from course_lib.training.fit import Settings
from course_lib.training.generative.figures import frechet_distance, gaussian_of
from course_lib.training.generative.judge import judge
from course_lib.training.generative.measuring import real
from course_lib.training.generative.vae import ACTIVE, Balance, bits_a_pixel, given, kept, learn
from course_lib.zoo import vae

LATENT, SIGMA, SEEDS = 16, 0.1, 3
STEPS, BATCH, MADE = 800, 64, 1000
WIDTH = 64  # channels of the strong decoder
ROWS = 3  # rows above that each layer of the strong decoder sees, its own among them


@dataclass(frozen=True)
class Way:
    """One way to train: how the terms are weighed, with which decoder."""

    balance: Balance
    strong: bool = False
    sigma: float = SIGMA


GROWING = STEPS // 2  # updates over which the weight of the divergence grows
WAYS = {f"beta {beta:g}": Way(Balance(beta)) for beta in (1.0, 4.0, 16.0, 64.0, 256.0, 1024.0)} | {
    "beta 1024, free bits": Way(Balance(1024.0, free=0.5)),
    "strong decoder": Way(Balance(), True, 0.8),
    "strong decoder, beta grows": Way(Balance(anneal=GROWING), True, 0.8),
    "strong decoder, free bits": Way(Balance(free=0.5), True, 0.8),
}


def strong(config: vae.VAEConfig) -> keras.Model:
    """Build a variational autoencoder whose decoder needs its code but little: it also sees the rows above each row.

    Args:
        config: of dense layers; its decoder is not used.

    Returns:
        A model as `vae.build` gives it, but for the halves.

    Source: arXiv 1611.02731 (Chen et al.): why such decoders leave their codes alone, section 2.2.
    """
    image = layers.Input((config.size, config.size, config.channels), name="image")
    noise = layers.Input((config.latent,), name="noise")
    mean, log_variance = vae.build(config).get_layer("encoder")(image)
    code = vae.Sampling(name="latent")(mean, log_variance, noise)
    rows = layers.Reshape((config.size, config.size * config.channels), name="rows")(image)
    x = layers.ZeroPadding1D((1, 0), name="one_down")(rows)[:, :-1]
    x = layers.Concatenate(name="told")([x, layers.RepeatVector(config.size, name="code_for_all")(code)])
    for number in (1, 2):
        kind = {"padding": "causal", "activation": "silu", "name": f"look_up{number}"}
        x = layers.Conv1D(WIDTH, ROWS, **kind)(x)
    x = layers.Dense(config.size * config.channels, activation="sigmoid", name="row")(x)
    rebuilt = ops.reshape(x, (-1, config.size, config.size, config.channels))
    found = {"mean": mean, "log_variance": log_variance, "latent": code, "rebuilt": rebuilt}
    return keras.Model([image, noise], found, name="strong_vae")


def measured(way: Way, seed: int, steps: int = STEPS) -> dict[str, float]:
    """Train in one way, and measure on the held-out pictures.

    Returns:
        "bits" a pixel at most; "rebuilt", the share of the pixels' variance that comes back; "divergence" in nats; "active",
        numbers of the code that tell something; and, but of a strong decoder, whose rows would have to be drawn one by one,
        "distance": the Frechet distance of 1,000 made pictures from the real ones, in the judge's features.
    """
    model = trained(way, seed, steps)
    images = held_out()[0]
    found = model(given(model, images))
    row = {
        "bits": round(bits_a_pixel(model, images, way.sigma, seed), 4),
        "rebuilt": round(kept(model, images), 4),
        "divergence": round(float(np.mean(vae.divergence(found["mean"], found["log_variance"]))), 2),
        "active": int(np.sum(np.var(found["mean"], axis=0) > ACTIVE)),
    }
    return row if way.strong else row | {"distance": round(distance(model, seed), 3)}


def distance(model: keras.Model, seed: int) -> float:
    """Return the Frechet distance of made pictures from Fashion-MNIST's test pictures, in the judge's features."""
    codes = np.random.default_rng([seed, MADE]).standard_normal((MADE, model.inputs[1].shape[-1]), np.float32)
    made = np.uint8(np.rint(255 * np.asarray(model.get_layer("decoder")(codes))))
    return frechet_distance(gaussian_of(judge()(made)[0]), real().features)


def trained(way: Way, seed: int, steps: int = STEPS) -> keras.Model:
    """Return a network of dense layers that was trained in one way."""
    keras.utils.set_random_seed(seed)
    config = vae.VAEConfig(latent=LATENT, widths=(256, 128), dense=True, sigma=way.sigma)
    model = strong(config) if way.strong else vae.build(config)
    settings = Settings(steps, BATCH, 2e-3, warmup=100, weight_decay=0.0, clip_norm=None, seed=seed)
    learn(model, fashion("train")[0], settings, way.sigma, way.balance)
    return model


if __name__ == "__main__":
    record("collapse", WAYS, range(SEEDS), measured)
