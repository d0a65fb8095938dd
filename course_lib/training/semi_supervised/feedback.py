"""The feedback of Meta Pseudo Labels: a teacher learns which of its answers help the student (arXiv 2003.10580, section 2)."""

from collections.abc import Callable

import keras
import tensorflow as tf


def gains(student: keras.Model, weights: list[tf.Tensor], gradient: list[tf.Tensor], images) -> tf.Tensor:
    """Say what it does to the student's loss on labelled pictures to have been taught each possible answer.

    To be taught class c of a picture moves the student's weights along the gradient of log p(c). Where that agrees with the
    gradient of the labelled loss, the loss rises: a bad answer. Where they are opposed it falls: a good one.

    Args:
        student: from images to logits.
        weights: its trainable variables before the update, as tensors.
        gradient: of the loss on labelled pictures behind the update, a tensor for each of them.
        images: the unlabelled pictures that it was taught, (n, ...).

    Returns:
        (n, classes): the product of both gradients. Times the student's learning rate it is how the loss changes.

    Source: arXiv 2003.10580, section 2, for soft pseudo-labels: the exact derivative through one update without momentum.
    """
    # All products at once: how the logarithms of the answers change along the labelled gradient.
    with tf.autodiff.ForwardAccumulator(weights, gradient) as along:
        logits, _ = student.stateless_call(weights, student.non_trainable_variables, images, training=False)
        answers = tf.nn.log_softmax(logits)
    return along.jvp(answers)


def meta_step(teacher, student) -> Callable:
    """Compile one update of both.

    Args:
        teacher, student: learners, with `model` and `optimizer`.

    Returns:
        A function of unlabelled images as the teacher sees them (n, ...), as the student sees them, labelled images
        (m, ...), their targets (m, classes), and the weight of the feedback.
    """
    of_student, of_teacher = student.model.trainable_variables, teacher.model.trainable_variables

    @tf.function(reduce_retracing=True, autograph=False)  # plain tensor code, nothing to rewrite
    def step(clean, noisy, known, targets, weight):
        labels = tf.nn.softmax(teacher.model(clean, training=False))
        with tf.GradientTape() as tape:
            loss = _cross_entropy(labels, student.model(noisy, training=False))
        slope = tape.gradient(loss, of_student)
        before = [tf.identity(variable) for variable in of_student]
        student.optimizer.apply(slope, of_student)
        with tf.GradientTape() as tape:
            loss = _cross_entropy(targets, student.model(known, training=False))
        gradient = tape.gradient(loss, of_student)
        change = gains(student.model, before, gradient, noisy)
        with tf.GradientTape() as tape:
            own = _cross_entropy(targets, teacher.model(known, training=True))
            answers = tf.nn.softmax(teacher.model(clean, training=False))
            loss = own + weight * tf.reduce_mean(tf.reduce_sum(answers * change, axis=1))
        teacher.optimizer.apply(tape.gradient(loss, of_teacher), of_teacher)

    return step


def _cross_entropy(targets, logits):
    return tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(targets, logits))
