"""Training that Ray Train starts: two workers on a Ray of this machine, one of them killed; the losses of one process."""

import os
import signal
import threading
import time

import numpy as np
import pytest

from course_lib.cluster import ray_training
from course_lib.cluster.address import Cluster
from course_lib.cluster.ray_runtime import connected
from course_lib.cluster.training import tune_on
from course_lib.loading import open_pretrained
from course_lib.training.finetuning import CHECKPOINT, tune

pytest.importorskip("ray")
pytestmark = pytest.mark.xdist_group("cluster")  # one after the other: each takes several processes
PLAN = {"epochs": 4, "batch_size": 12, "patience": 9}


@pytest.mark.long
@pytest.mark.fault(11)
def test_ray_train_replaces_a_worker_that_is_killed(tmp_path, monkeypatch):
    rng, labels = np.random.default_rng(0), np.arange(60) % 3
    images = rng.integers(0, 120, (60, 32, 32, 3))
    images[np.arange(60), ..., labels] += 60
    data, pretrained = (np.uint8(images), labels), open_pretrained("vgg_nano")
    monkeypatch.setattr(ray_training, "size_of", lambda cluster: (2, 0))
    threading.Thread(target=_kill_first_worker, args=(tmp_path / "out",), daemon=True).start()
    with connected(Cluster(workers=2)):
        _, shared = tune_on(Cluster(address="auto"), pretrained, data, out=tmp_path / "out", **PLAN)
    _, alone = tune(pretrained, data, **PLAN)
    losses, expected = ([(e.loss, e.held_out_loss) for e in outcome.epochs] for outcome in (shared, alone))
    np.testing.assert_allclose(losses, expected, rtol=1e-6)
    assert any("A worker was lost; once" in note for note in shared.notes)


def _kill_first_worker(out):
    while not (out / CHECKPOINT).is_file():
        time.sleep(0.005)
    started = next(out.glob(".cluster-*/start-*"))
    os.kill(int(started.name.removeprefix("start-")), signal.SIGKILL)
