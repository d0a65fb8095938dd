"""Ways to use pictures without labels, or to do without them; all with the same number of updates of a student."""

from dataclasses import dataclass

import numpy as np

from course_lib.training.semi_supervised.feedback import meta_step
from course_lib.training.semi_supervised.learner import CLASSES, Learner, noised, pseudo_labels

PER_CLASS = 3  # labelled pictures
UPDATES, BATCH = 900, 64  # of a student; unlabelled pictures in each


@dataclass(frozen=True)
class Task:
    """One draw of the labels.

    Attributes:
        images, labels: the few with labels, (30, 8, 8, 1) and (30,); pixels 0 to 1.
        unlabelled: the many without, (n, 8, 8, 1).
        validation, test: pairs of images and labels; the same in every draw.
    """

    images: np.ndarray
    labels: np.ndarray
    unlabelled: np.ndarray
    validation: tuple[np.ndarray, np.ndarray]
    test: tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Plan:
    """What a method leaves open.

    Attributes:
        rate: learning rate.
        noise: deviation of the noise on each pixel; with it come shifts by up to a pixel, and dropout. 0 for none.
        threshold: pseudo-labels of a lower probability are not used.
        rounds: generations of students; together they have UPDATES updates.
        feedback: weight of what the teacher hears of the student's progress.
    """

    rate: float = 0.05
    noise: float = 0.0
    threshold: float = 0.0
    rounds: int = 1
    feedback: float = 0.0


def digits(seed: int) -> Task:
    """Draw the labelled digits; a third of all is for the test, 200 for validation, in every draw the same."""
    from sklearn.datasets import load_digits

    data = load_digits()
    images, labels = data.images[..., None].astype(np.float32) / 16, data.target
    order = np.random.default_rng(2024).permutation(len(images))
    test, validation, pool = np.split(order, [len(images) // 3, len(images) // 3 + 200])
    pool = np.random.default_rng(seed).permutation(pool)
    chosen = np.concatenate([pool[labels[pool] == label][:PER_CLASS] for label in range(CLASSES)])
    rest = np.setdiff1d(pool, chosen)
    sets = ((images[part], labels[part]) for part in (validation, test))
    return Task(images[chosen], labels[chosen], images[rest], *sets)


class Lab:
    """A teacher and a student to experiment with: compiled once, and a first teacher is trained once for each draw."""

    def __init__(self):
        self.teacher, self.student = Learner(), Learner()
        self.meta_step = meta_step(self.teacher, self.student)
        self._taught: dict[tuple[Plan, int], list[np.ndarray]] = {}

    def taught(self, task: Task, plan: Plan, seed: int) -> Learner:
        """Return the teacher, trained on the labelled pictures of `digits(seed)` alone; its optimiser begins anew."""
        if (plan, seed) not in self._taught:
            self._taught[plan, seed] = supervised(self.teacher, task, plan, seed).model.get_weights()
        self.teacher.start(seed, plan.rate)
        self.teacher.model.set_weights(self._taught[plan, seed])
        return self.teacher


def supervised(learner: Learner, task: Task, plan: Plan, seed: int) -> Learner:
    """Train on the labelled pictures alone."""
    random = np.random.default_rng(seed)
    learner.start(seed, plan.rate)
    targets, weights = np.eye(CLASSES)[task.labels], np.ones(len(task.labels))
    for _ in range(UPDATES):
        learner.learn(task.images, targets, weights, plan.noise, random)
    return learner


def self_training(teacher: Learner, student: Learner, task: Task, plan: Plan, seed: int) -> Learner:
    """Train students on the teacher's answers, each student the teacher of the next.

    With hard answers and no noise it is pseudo-labels (Lee 2013), with soft answers and noise Noisy Student (Xie et al.
    2019, arXiv 1911.04252, algorithm 1). The teacher answers without noise.
    """
    random = np.random.default_rng(seed)
    known = np.eye(CLASSES)[task.labels]
    for generation in range(plan.rounds):
        answers, sure = pseudo_labels(
            teacher.probabilities(task.unlabelled), plan.threshold, hard=not plan.noise
        )
        student.start(seed + 1000 * (generation + 1), plan.rate)
        for _ in range(UPDATES // plan.rounds):
            some = random.integers(0, len(task.unlabelled), BATCH)
            images = np.concatenate([task.images, task.unlabelled[some]])
            weights = np.concatenate([np.ones(len(known)), sure[some]])
            student.learn(images, np.concatenate([known, answers[some]]), weights, plan.noise, random)
        teacher, student = student, teacher
    return teacher


def meta_pseudo_labels(lab: Lab, task: Task, plan: Plan, seed: int) -> Learner:
    """Train the lab's student on the answers of its teacher, who learns from the student's progress.

    The last tenth of the student's updates are on the labelled pictures: the paper, too, fine-tunes it at the end.

    Source: Pham et al. 2020, arXiv 2003.10580, section 2.
    """
    random = np.random.default_rng(seed)
    lab.student.start(seed + 1000, plan.rate)
    targets = np.eye(CLASSES, dtype=np.float32)[task.labels]
    for _ in range(UPDATES * 9 // 10):
        some = task.unlabelled[random.integers(0, len(task.unlabelled), BATCH)]
        known = noised(task.images, plan.noise, random)
        lab.meta_step(some, noised(some, plan.noise, random), known, targets, np.float32(plan.feedback))
    for _ in range(UPDATES // 10):
        lab.student.learn(task.images, targets, np.ones(len(targets)), plan.noise, random)
    return lab.student


def run(method: str, plan: Plan, seed: int, lab: Lab, teacher_plan: Plan) -> tuple[float, float]:
    """Train by one method.

    Args:
        method: a key of CHOICES, or "meta pseudo labels, no feedback".
        plan: what the method leaves open.
        seed: of the draw of the labels, the weights and the noise.
        lab: to train in, whatever was trained there before.
        teacher_plan: how the first teacher was trained, on the labelled pictures alone.

    Returns:
        The accuracy on the validation and on the test pictures, 0 to 1.
    """
    task = digits(seed)
    best = lab.taught(task, plan if method.startswith("supervised") else teacher_plan, seed)
    if method in ("pseudo-labels", "noisy student"):
        best = self_training(best, lab.student, task, plan, seed)
    elif method.startswith("meta"):
        best = meta_pseudo_labels(lab, task, plan, seed)
    return best.accuracy(*task.validation), best.accuracy(*task.test)
