"""The linear probe: the head that is taken over into Keras decides as scikit-learn does."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from course_lib.errors import BadInput
from course_lib.training.probe import STRENGTHS, linear_probe


def clouds(classes, each=30, size=12, noise=1.5, seed=0):
    """Clouds of points round one centre for each class, on very different scales, and far from zero."""
    rng = np.random.default_rng(seed)
    labels = np.arange(classes * each) % classes
    centres = np.random.default_rng(99).normal(size=(classes, size))
    rows = centres[labels] + noise * rng.normal(size=(len(labels), size))
    scales = np.logspace(-2, 2, size)
    return (rows * scales + 5 * scales).astype(np.float32), labels


def reference(features, labels, strength):
    model = make_pipeline(StandardScaler(), LogisticRegression(C=strength, max_iter=1000))
    return model.fit(features, labels)


@pytest.mark.parametrize(("classes", "each", "size"), [(2, 30, 12), (3, 30, 12), (8, 30, 12), (3, 10, 200)])
def test_the_folded_head_equals_scikit_learns(classes, each, size):
    """Also where there are more features than rows, which are fitted in fewer directions."""
    features, labels = clouds(classes, each, size)
    unseen, _ = clouds(classes, each, size, seed=1)
    probe = linear_probe(features, labels)
    sklearns = reference(features, labels, probe.strength)
    np.testing.assert_array_equal(probe.predict(unseen), sklearns.predict(unseen))
    logits = np.asarray(probe.dense()(unseen))
    softmax = np.exp(logits - logits.max(1, keepdims=True))
    softmax /= softmax.sum(1, keepdims=True)
    np.testing.assert_allclose(
        softmax, sklearns.predict_proba(unseen), atol=2e-4 if size == 12 else 5e-3
    )  # the solver stops early


def test_the_strength_follows_from_the_data():
    """Pure noise wants weights held back; clear classes do not."""
    features, labels = clouds(3, each=60, noise=0.1)
    noise = np.random.default_rng(0).normal(size=features.shape)
    assert linear_probe(noise, labels).strength == min(STRENGTHS)
    assert linear_probe(features, labels).strength > 0.1


def test_one_image_a_class_is_enough():
    features, labels = clouds(4, each=1, noise=0)
    assert linear_probe(features, labels).accuracy(features, labels) == 1


def test_a_constant_feature_does_no_harm():
    features, labels = clouds(3)
    features[:, 0] = 7
    probe = linear_probe(features, labels)
    assert np.isfinite(probe.kernel).all()
    assert probe.accuracy(features, labels) > 0.6


def test_the_dense_layer_has_the_probes_weights_and_name():
    probe = linear_probe(*clouds(3))
    layer = probe.dense("head")
    assert layer.name == "head"
    np.testing.assert_array_equal(layer.get_weights()[0], probe.kernel)
    assert probe.kernel.dtype == np.float32


@pytest.mark.parametrize(
    ("labels", "says"),
    [
        ([0, 0, 2, 2], "Class 1 has no image"),
        ([0, 0, 0, 0], "Class 1 has no image"),
        ([0, 1, 0], "shapes"),
        ([0.0, 1.0, 0.0, 1.0], "whole numbers"),
        ([-1, 0, 1, 0], "whole numbers"),
    ],
)
def test_labels_that_do_not_fit_get_one_sentence(labels, says):
    with pytest.raises(BadInput, match=says):
        linear_probe(np.zeros((4, 3)), np.array(labels))


def test_a_dead_feature_gets_no_weight():
    rng = np.random.default_rng(0)
    features, labels = rng.normal(size=(60, 5)).astype(np.float32), np.arange(60) % 2
    features[:, 0] += 2 * labels
    features[:, 3] = 1e-33 * (1 + rng.normal(size=60))
    probe = linear_probe(features, labels)
    assert np.abs(probe.kernel).max() < 100
    assert not probe.kernel[3].any()
    assert probe.accuracy(features, labels) > 0.8
