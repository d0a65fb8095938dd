"""The experiment behind lesson 11: its pieces on cases that can be reckoned out, and its table."""

import dataclasses
import json

import numpy as np
import pytest
import tensorflow as tf

from course_lib.data_dir import data_dir
from course_lib.training.semi_supervised import methods
from course_lib.training.semi_supervised.__main__ import CHOICES, SEEDS, TUNING_SEEDS, choose
from course_lib.training.semi_supervised.feedback import gains
from course_lib.training.semi_supervised.learner import Learner, noised, pseudo_labels
from course_lib.training.semi_supervised.methods import CLASSES, PER_CLASS, UPDATES, Lab, Plan, digits, run

TABLE = json.loads((data_dir() / "experiments" / "semi_supervised.json").read_text(encoding="utf-8"))


def test_the_table_is_about_this_experiment():
    assert TABLE["recipe"]["labels"] == PER_CLASS * CLASSES
    assert TABLE["recipe"]["updates"] == UPDATES
    assert set(CHOICES) < set(TABLE["methods"])
    for row in TABLE["methods"].values():
        assert len(row["accuracy"]) == len(SEEDS)
        assert all(abs(599 * score - round(599 * score)) < 0.04 for score in row["accuracy"])
    for method, choices in CHOICES.items():
        assert all(TABLE["methods"][method]["plan"][name] in values for name, values in choices.items())
    assert not set(SEEDS) & set(TUNING_SEEDS)


def test_no_picture_is_in_two_sets_and_the_test_is_always_the_same():
    first, second = digits(0), digits(1)
    sets = [first.images, first.unlabelled, first.validation[0], first.test[0]]
    assert sum(map(len, sets)) == 1797
    pictures = np.concatenate(sets).reshape(1797, -1)
    assert len(np.unique(pictures, axis=0)) > 1790  # digits has hardly any twins
    assert np.bincount(first.labels).tolist() == [PER_CLASS] * CLASSES
    np.testing.assert_array_equal(first.test[0], second.test[0])
    assert not np.array_equal(first.images, second.images)


def test_pseudo_labels_below_the_threshold_do_not_count():
    answers = np.array([[0.9, 0.1, 0], [0.4, 0.35, 0.25]])
    targets, weights = pseudo_labels(answers, 0.7, hard=True)
    assert targets.tolist() == [[1, 0, 0], [1, 0, 0]]
    assert weights.tolist() == [1, 0]
    soft, weights = pseudo_labels(answers, 0.0, hard=False)
    np.testing.assert_allclose(soft, answers, atol=1e-6)
    assert weights.tolist() == [1, 1]


def test_noise_changes_pictures_and_none_does_not():
    images, random = digits(0).images, np.random.default_rng(0)
    assert noised(images, 0.0, random) is images
    assert 0.05 < np.abs(noised(images, 0.1, random) - images).mean() < 0.5


@pytest.fixture(scope="module")
def learner():
    return Learner()


def labelled_loss(model, task):
    with tf.GradientTape() as tape:
        logits = model(task.images, training=False)
        loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(task.labels, logits))
    return float(loss), tape.gradient(loss, model.trainable_variables)


def taught(model, weights, images, targets, rate):
    """Set the weights, and make one plain step on these targets."""
    for variable, value in zip(model.trainable_variables, weights, strict=True):
        variable.assign(value)
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(targets, model(images, training=False)))
    for variable, slope in zip(
        model.trainable_variables, tape.gradient(loss, model.trainable_variables), strict=True
    ):
        variable.assign_sub(rate * slope)


def test_feedback_is_the_derivative_through_the_students_step(learner):
    learner.start(0, 0.05)
    task, model, rate = digits(0), learner.model, 0.05
    images, answers = task.unlabelled[:4], np.full((4, CLASSES), 0.1, np.float32)
    weights = [tf.identity(variable) for variable in model.trainable_variables]
    taught(model, weights, images, answers, rate)
    expected = rate / len(images) * gains(model, weights, labelled_loss(model, task)[1], images).numpy()
    for picture, better, worse in ((0, 3, 5), (2, 7, 1), (3, 0, 9)):
        moved = np.zeros_like(answers)
        moved[picture, better], moved[picture, worse] = 0.1, -0.1  # answers stay probabilities
        losses = []
        for sign in (1, -1):
            taught(model, weights, images, answers + sign * moved, rate)
            losses.append(labelled_loss(model, task)[0])
        slope = (losses[0] - losses[1]) / 0.2
        assert slope == pytest.approx(
            expected[picture, better] - expected[picture, worse], rel=0.05, abs=2e-5
        )


def test_the_truth_about_a_known_picture_helps_and_the_rest_harms(learner):
    """Taught the very picture that it is tested on: its label lowers the loss by the gradient's own square."""
    learner.start(1, 0.05)
    task, model = digits(0), learner.model
    weights = [tf.identity(variable) for variable in model.trainable_variables]
    for place in (0, 17, 29):
        one = dataclasses.replace(task, images=task.images[[place]], labels=task.labels[[place]])
        slope = labelled_loss(model, one)[1]
        change = gains(model, weights, slope, one.images).numpy()[0]
        assert change[one.labels[0]] == pytest.approx(
            -sum(float(tf.reduce_sum(part**2)) for part in slope), rel=1e-4
        )
        assert change.argmin() == one.labels[0]
        answers = learner.probabilities(one.images)[0]
        assert answers @ change == pytest.approx(0, abs=1e-4)  # its own answers teach it nothing new


def test_the_teacher_hears_the_feedback():
    """With a heavy weight the teacher moves its answers towards what helps the student."""
    lab, task = Lab(), digits(0)
    targets = np.eye(CLASSES, dtype=np.float32)[task.labels]
    heard = []
    for weight in (0.0, 50.0):
        lab.taught(task, Plan(), 0)
        lab.student.start(1, 0.05)
        weights = [tf.identity(variable) for variable in lab.student.model.trainable_variables]
        lab.teacher.optimizer.learning_rate = 0.01
        some = task.unlabelled[:64]
        lab.meta_step(some, some, task.images, targets, np.float32(weight))
        change = gains(lab.student.model, weights, labelled_loss(lab.student.model, task)[1], some).numpy()
        heard.append(float((lab.teacher.probabilities(some) * change).sum(axis=1).mean()))
    assert heard[1] < heard[0]


def test_a_run_is_repeatable_and_learns(monkeypatch):
    monkeypatch.setattr(methods, "UPDATES", 60)
    lab = Lab()
    plan = Plan(noise=0.1, feedback=1.0)
    for method in ("noisy student", "meta pseudo labels"):
        first, again = (run(method, plan, 0, lab, Plan()) for _ in range(2))
        assert first == again
        assert min(first) > 0.4


def test_choice_looks_at_validation_alone(monkeypatch):
    from course_lib.training.semi_supervised import __main__ as experiment

    scores = {0.02: (0.9, 0.1), 0.05: (0.8, 0.99), 0.1: (0.7, 0.2)}
    monkeypatch.setattr(experiment, "run", lambda method, plan, *rest: scores[plan.rate])
    assert choose("supervised", None, Plan()).rate == 0.02
