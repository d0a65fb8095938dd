"""The experiment on collapse: what its strong decoder sees, and what is measured of a way."""

import keras
import numpy as np

from course_lib.training.generative import collapse
from course_lib.training.generative.vae import Balance
from course_lib.zoo.vae import VAEConfig

SMALL = VAEConfig(latent=3, widths=(8, 8), dense=True, size=8)


def test_the_strong_decoder_sees_the_rows_above_and_the_code():
    keras.utils.set_random_seed(0)
    model = collapse.strong(SMALL)
    for name in ("mean", "log_variance"):  # a code that no picture changes
        kernel = model.get_layer("encoder").get_layer(name).kernel
        kernel.assign(np.zeros(kernel.shape))
    rng = np.random.default_rng(0)
    images, noise = rng.random((2, 8, 8, 1), np.float32), rng.standard_normal((2, 3), np.float32)
    first = np.asarray(model([images, noise])["rebuilt"])
    changed = images.copy()
    changed[:, 4] = 1 - changed[:, 4]
    second = np.asarray(model([changed, noise])["rebuilt"])
    np.testing.assert_array_equal(first[:, :5], second[:, :5])
    assert np.abs(first[:, 5] - second[:, 5]).min(axis=(1, 2)).max() > 0
    assert np.abs(first - model([images, noise + 1])["rebuilt"]).max() > 0


def test_what_is_measured(monkeypatch):
    images = np.random.default_rng(1).integers(0, 256, (80, 32, 32, 1), np.uint8)
    monkeypatch.setattr(collapse, "fashion", lambda split: (images, None))
    monkeypatch.setattr(collapse, "held_out", lambda: (images[:20], None))
    monkeypatch.setattr(collapse, "distance", lambda model, seed: 12.3456)
    plain = collapse.measured(collapse.Way(Balance(1e6)), 0, steps=12)
    strong = collapse.measured(collapse.Way(Balance(), True), 0, steps=2)
    assert plain.keys() - strong.keys() == {"distance"}
    assert plain["distance"] == 12.346
    assert 0 <= plain["active"] <= collapse.LATENT
    assert plain["divergence"] < 1


def test_every_way_is_named_by_what_it_does():
    for name, way in collapse.WAYS.items():
        assert way.strong == name.startswith("strong")
        assert bool(way.balance.free) == name.endswith("free bits")
        assert way.strong or way.balance.beta == float(name.split()[1].rstrip(","))
