"""Training by several replicas: the losses of one process, whoever takes part, and whoever is killed."""

import os
import signal
import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from course_lib.cluster import training
from course_lib.cluster.address import Cluster
from course_lib.cluster.training import tune_on
from course_lib.errors import BadInput, CourseError
from course_lib.loading import open_pretrained
from course_lib.ports import free_ports
from course_lib.training import unfrozen
from course_lib.training.augment import Augmentation
from course_lib.training.finetuning import CHECKPOINT, tune
from course_lib.training.unfrozen import Unfrozen

pytestmark = pytest.mark.xdist_group("cluster")  # one after the other: each takes several processes
# 4 updates an epoch, of 13 pictures: shares of 7 and 6
PLAN = {"epochs": 3, "batch_size": 13, "patience": 9, "copies": 0, "learning_rate": 3e-4,
        "augment": Augmentation(shift=2, mirror=True, zoom=0.2)}  # fmt: skip
TWO = Cluster(workers=2)


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    labels = np.arange(60) % 3
    images = rng.integers(0, 120, (60, 32, 32, 3))
    images[np.arange(60), ..., labels] += 60
    return np.uint8(images), labels


@pytest.fixture(scope="module")
def pretrained():
    return open_pretrained("vgg_nano")


@pytest.fixture(scope="module")
def alone(pretrained, data):
    return tune(pretrained, data, **PLAN)


def losses(result):
    return np.array([(epoch.loss, epoch.held_out_loss) for epoch in result[1].epochs])


def test_two_processes_have_the_losses_of_one_though_a_worker_is_killed(alone, pretrained, data, tmp_path):
    started = []

    def kill_later(pids):
        started.append(pids)
        if len(started) == 1:
            checkpoint = tmp_path / "out" / CHECKPOINT
            threading.Thread(target=_kill_at_checkpoint, args=(checkpoint, pids[1]), daemon=True).start()

    result = tune_on(TWO, pretrained, data, out=tmp_path / "out", on_start=kill_later, **PLAN)
    assert len(started) == 2  # all began again, once
    assert any("A worker was lost" in note for note in result[1].notes)
    assert not any(_lives(pid) for pids in started for pid in pids)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["model.safetensors", "report.html"]
    assert losses(alone).shape == (3, 2)
    assert np.ptp(losses(alone), axis=0).min() > 5e-3  # something was learned
    np.testing.assert_allclose(losses(result), losses(alone), rtol=1e-6)
    pairs = zip(result[0].model.get_weights(), alone[0].model.get_weights(), strict=True)
    assert max(np.abs(ours - theirs).max() for ours, theirs in pairs) < 1e-4


def test_one_process_with_two_devices_has_the_same_losses(alone, pretrained, data, monkeypatch):
    # MirroredStrategy, as over graphics cards
    monkeypatch.setattr(training, "_shape", lambda cluster: (0, 2))
    np.testing.assert_allclose(losses(tune_on(TWO, pretrained, data, **PLAN)), losses(alone), rtol=1e-6)


def test_what_one_process_began_two_go_on_with(alone, pretrained, data, tmp_path, monkeypatch):
    whole = Unfrozen._step

    def cut(self, *args):
        if self.state.step == 5:
            raise KeyboardInterrupt
        whole(self, *args)

    monkeypatch.setattr(unfrozen, "SAVING", 1e9)  # a checkpoint after every update
    monkeypatch.setattr(Unfrozen, "_step", cut)
    with pytest.raises(KeyboardInterrupt):
        tune(pretrained, data, out=tmp_path / "out", **PLAN)
    result = tune_on(TWO, pretrained, data, out=tmp_path / "out", **PLAN)
    assert "It went on from update 5 of a run that was cut short." in result[1].notes
    np.testing.assert_allclose(losses(result), losses(alone), rtol=1e-6)


def test_what_two_processes_began_one_goes_on_with(alone, pretrained, data, tmp_path, monkeypatch):
    checkpoint = tmp_path / "out" / CHECKPOINT

    def kill_later(pids):
        threading.Thread(target=_kill_at_checkpoint, args=(checkpoint, pids[1]), daemon=True).start()

    monkeypatch.setattr(training, "MOST_FAILURES", 0)
    with pytest.raises(CourseError):
        tune_on(TWO, pretrained, data, out=tmp_path / "out", on_start=kill_later, **PLAN)
    result = tune(pretrained, data, out=tmp_path / "out", **PLAN)
    assert any(note.startswith("It went on from update ") for note in result[1].notes)
    np.testing.assert_allclose(losses(result), losses(alone), rtol=1e-6)


def _kill_at_checkpoint(path, pid):
    while not path.is_file():
        time.sleep(0.002)
    os.kill(pid, signal.SIGKILL)


def _lives(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_workers_that_die_at_once_are_given_up(pretrained, data, monkeypatch):
    monkeypatch.setattr(training, "_started", _stillborn(training._started))
    with pytest.raises(CourseError, match="4 times"):
        tune_on(TWO, pretrained, data, **PLAN)


def _stillborn(start):
    def started(folder, rank, addresses):
        (folder / "job.pickle").write_bytes(b"no job")
        return start(folder, rank, addresses[:1])

    return started


def test_a_batch_smaller_than_the_workers_is_refused_before_any_starts(pretrained, data):
    small = replace(TWO, workers=14)
    with pytest.raises(BadInput, match="14 workers"):
        tune_on(small, pretrained, data, on_start=lambda pids: pytest.fail("started"), **PLAN)


def test_ports_are_free_and_distinct():
    assert len(set(free_ports(8))) == 8
