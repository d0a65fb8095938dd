"""`--cluster` on the command line: what is refused before anything is loaded, and where the work goes."""

import sys

import numpy as np
import pytest
from PIL import Image

from course_lib import cli
from course_lib.cluster import address, mapping, training
from course_lib.cluster.address import Cluster
from course_lib.errors import BadInput, CourseError


def course(capsys, *arguments):
    sys.argv = ["course", *map(str, arguments)]
    with pytest.raises(SystemExit) as stop:
        cli.main()
    return stop.value.code, capsys.readouterr().err


@pytest.fixture
def folder(tmp_path):
    for k, name in enumerate(("a", "b")):
        (tmp_path / "pictures" / name).mkdir(parents=True)
        for i in range(3):
            Image.fromarray(np.full((32, 32, 3), 90 * k + i, np.uint8)).save(
                tmp_path / "pictures" / name / f"{i}.png"
            )
    return tmp_path / "pictures"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["classify", "sample:cat", "--cluster", "two"], "local:2"),
        (["features", "sample:cat", "--out", "a.npz", "--cluster", "local:0"], "from 1 to"),
        (["classify", "sample:cat", "--cluster", "local:2", "--engine", "onnx"], "leave one of the two away"),
        (["finetune", "nowhere", "--out", "out", "--cluster", "local:2"], "--epochs 5"),
        (["finetune", "nowhere", "--out", "out", "--cluster", "local:9", "--epochs", "1", "--batch-size", "8"], "9 workers"),
    ],
)  # fmt: skip
def test_what_can_not_be_is_refused_before_a_model_is_loaded(capsys, monkeypatch, arguments, says):
    monkeypatch.setattr("course_lib.loading.open_pretrained", lambda *_: pytest.fail("loaded"))
    code, err = course(capsys, *arguments)
    assert code == 2
    assert says in err
    assert err.startswith("course: ")


def test_without_ray_classify_says_so_and_local_training_needs_none(capsys, monkeypatch, folder, tmp_path):
    def none():
        raise CourseError("no ray")

    monkeypatch.setattr(address, "need_ray", none)
    assert course(capsys, "classify", "sample:cat", "--cluster", "local:2") == (2, "course: no ray\n")
    monkeypatch.setattr(training, "tune_on", _refuse)
    arguments = ["--out", tmp_path / "out", "--model", "mobilenet_nano", "--epochs", "1"]
    _, err = course(capsys, "finetune", folder, *arguments, "--cluster", "local:2")
    assert "trained by 2 worker processes of this machine" in err
    assert f"asked for {Cluster(workers=2)!r}" in err
    assert "no ray" in course(capsys, "finetune", folder, *arguments, "--cluster", "auto")[1]


def _refuse(cluster, *_, **__):
    raise BadInput(f"asked for {cluster!r}")


def test_features_of_the_workers_are_written_as_ever(capsys, monkeypatch, tmp_path):
    rows = [
        ("x.png", np.ones(3, np.float32)),
        ("bad.png", BadInput("bad.png is bad.")),
        ("y.png", np.zeros(3, np.float32)),
    ]
    monkeypatch.setattr(mapping, "stream", lambda *_, **__: iter(rows))
    out = tmp_path / "a.npz"
    code, err = course(
        capsys, "features", "sample:cat", "sample:coffee", "sample:camera",
        "--out", out, "--model", "mobilenet_nano", "--cluster", "local:2",
    )  # fmt: skip
    assert code == 2
    assert "1 of 3 pictures" in err
    with np.load(out) as file:
        assert file["names"].tolist() == ["x.png", "y.png"]
        assert file["features"].shape == (2, 3)
