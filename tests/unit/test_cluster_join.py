"""A Ray cluster that somebody else has started: a process of its own joins it by its address, and answers as one process does."""

import json
import socket
import subprocess
import sys
import tempfile

import numpy as np
import pytest
from PIL import Image

from course_lib import cli
from course_lib.cluster.ray_runtime import HERE, STORE, _end_leftovers, _short_place
from course_lib.loading import open_pretrained
from course_lib.training.finetuning import tune

ray = pytest.importorskip("ray")
pytestmark = pytest.mark.xdist_group("cluster")  # one after the other: each takes several processes
PATIENT = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_agent_register_timeout_ms": "120000",
    "RAY_worker_niceness": "0",
}
COURSE = [sys.executable, "-c", "from course_lib.cli import main; main()"]


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(0)
    for k, name in enumerate("ab"):
        (tmp_path / "pictures" / name).mkdir(parents=True)
        for i in range(6):
            pixels = rng.integers(0, 120, (32, 32, 3))
            pixels[..., k] += 60
            Image.fromarray(np.uint8(pixels)).save(tmp_path / "pictures" / name / f"{i}.png")
    return tmp_path / "pictures"


@pytest.fixture(scope="module")
def started():
    """Start machines of a cluster, each with so many processors, and return its address; all are gone after the tests."""
    from ray.cluster_utils import Cluster as Nodes

    with (
        pytest.MonkeyPatch.context() as patch,
        tempfile.TemporaryDirectory(prefix="ray-", dir=_short_place(), ignore_cleanup_errors=True) as place,
    ):
        for name, value in PATIENT.items():
            patch.setenv(name, value)
        few = {"include_log_monitor": False, "include_dashboard": False, "no_monitor": True, "node_ip_address": HERE,
               "object_store_memory": STORE, "temp_dir": place}  # fmt: skip
        nodes = Nodes(shutdown_at_exit=False)

        def start(*processors):
            for count in processors[len(nodes.list_all_nodes()) :]:
                nodes.add_node(num_cpus=count, **few)
            return nodes.address

        try:
            yield start
        finally:
            nodes.shutdown()
            _end_leftovers(place)


def _course(*arguments):
    done = subprocess.run([*COURSE, *map(str, arguments)], capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_classify_joins_a_cluster_by_its_address(started, folder):
    address = started(0, 1)  # the head offers no processor, as is usual
    shared = _course("classify", folder, "--model", "vgg_nano", "--json", "--cluster", address)["results"]
    alone = list(open_pretrained("vgg_nano").classify_stream([str(folder)]))
    assert [one["name"] for one in shared] == [one.name for one in alone]
    scores = [[guess["score"] for guess in one["predictions"]] for one in shared]
    np.testing.assert_allclose(scores, [[guess.score for guess in one] for one in alone], rtol=1e-5)


@pytest.mark.long
def test_finetune_joins_a_cluster_of_two_workers(started, folder, tmp_path):
    address, plan = started(0, 1, 1), ["--epochs", "1", "--batch-size", "4", "--copies", "1"]
    place = ["--out", tmp_path / "out", "--json", "--cluster", address]
    shared = _course("finetune", folder, "--model", "vgg_nano", *plan, *place)
    _, alone = tune(open_pretrained("vgg_nano"), folder, epochs=1, batch_size=4, copies=1)
    losses = [[epoch["loss"], epoch["held_out_loss"]] for epoch in shared["epochs"]]
    np.testing.assert_allclose(losses, [[e.loss, e.held_out_loss] for e in alone.epochs], rtol=1e-5)


def test_where_nobody_answers_one_sentence_says_so(capsys, monkeypatch, folder):
    monkeypatch.setattr(ray, "init", lambda **_: pytest.fail("Ray itself tries for minutes"))
    with socket.socket() as closed:  # taken, and nobody listens
        closed.bind((HERE or "127.0.0.1", 0))
        address = "{}:{}".format(*closed.getsockname())
        sys.argv = ["course", "classify", str(folder), "--model", "vgg_nano", "--cluster", address]
        with pytest.raises(SystemExit) as stop:
            cli.main()
    assert stop.value.code == 2
    assert f"course: No Ray cluster answers at {address}: start one" in capsys.readouterr().err
