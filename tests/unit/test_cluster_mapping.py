"""Pictures over Ray Data: the answers of one process, in its order, also where a picture is bad and a worker is killed."""

import json
import os
import shutil
import signal
import sys

import numpy as np
import pytest
from PIL import Image

from course_lib import cli
from course_lib.cluster import mapping
from course_lib.cluster.address import Cluster
from course_lib.cluster.mapping import paths_of, stream
from course_lib.cluster.ray_runtime import connected
from course_lib.errors import BadInput, CourseError
from course_lib.loading import open_pretrained
from course_lib.media.images import open_images

pytest.importorskip("ray")
pytestmark = pytest.mark.xdist_group("cluster")  # one after the other: each takes several processes
COUNT, BAD = 330, 100
TWO = Cluster(workers=2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    rng = np.random.default_rng(0)
    for i in range(COUNT):
        Image.fromarray(rng.integers(0, 256, (40, 36, 3)).astype(np.uint8)).save(folder / f"{i:03}.png")
    (folder / f"{BAD}.png").write_bytes(b"not a picture")
    return folder


@pytest.fixture(scope="module")
def ray():
    """One Ray for all tests here; it is gone after them."""
    with connected(TWO) as ray:
        yield ray
    assert not ray.is_initialized()


def test_classify_over_two_workers_says_what_one_process_says(ray, folder, capsys):
    with_two, alone = (_classified(capsys, folder, *more) for more in (["--cluster", "local:2"], []))
    assert [one["name"] for one in with_two["results"]] == [one["name"] for one in alone["results"]]
    assert [one["error"] for one in with_two["results"]] == [one["error"] for one in alone["results"]]
    assert (with_two["count"], with_two["failed"]) == (alone["count"], alone["failed"]) == (COUNT, 1)
    for ours, theirs in zip(with_two["results"], alone["results"], strict=True):
        scores, others = ([guess["score"] for guess in one["predictions"]] for one in (ours, theirs))
        np.testing.assert_allclose(scores, others, rtol=1e-5)


def _classified(capsys, folder, *more):
    sys.argv = ["course", "classify", str(folder), "--model", "vgg_nano", "--json", "--top", "2", *more]
    with pytest.raises(SystemExit) as stop:
        cli.main()
    captured = capsys.readouterr()
    assert stop.value.code == 2  # for the one bad picture
    assert "1 of 330" in captured.err or f"{BAD}.png" in captured.err
    assert ("The work goes to 2 worker processes of this machine." in captured.err) == bool(more)
    return json.loads(captured.out)


def test_a_worker_that_is_killed_leaves_no_gap(ray, folder):
    killed = []

    def kill_first(pid, at):
        if not killed:
            killed.append(pid)
            os.kill(pid, signal.SIGKILL)

    answers = list(stream(TWO, [str(folder)], "features", "vgg_nano", on_answer=kill_first))
    alone = list(open_pretrained("vgg_nano").features_stream([str(folder)]))
    assert len(killed) == 1
    assert [name for name, _ in answers] == [name for name, _ in alone]
    assert [i for i, (_, row) in enumerate(answers) if isinstance(row, BadInput)] == [BAD]
    for (_, row), (_, expected) in zip(answers, alone, strict=True):
        if not isinstance(row, BadInput):
            np.testing.assert_allclose(row, expected, atol=1e-5)


def test_a_list_is_taken_window_by_window_whatever_letters_its_names_have(ray, folder, tmp_path, monkeypatch):
    odd = os.path.join(tmp_path, os.fsdecode(b"\xff.png") if sys.platform == "linux" else "odd.png")
    shutil.copy(folder / "000.png", odd)
    paths = [odd, *(str(folder / f"{i:03}.png") for i in range(mapping.BATCH))]
    taken = []
    monkeypatch.setattr(mapping, "WINDOW", mapping.BATCH)
    answers = stream(TWO, (taken.append(path) or path for path in paths), "features", "vgg_nano")
    first = next(answers)
    assert len(taken) == mapping.BATCH
    together, alone = [first, *answers], list(open_pretrained("vgg_nano").features_stream(paths))
    assert [name for name, _ in together] == [name for name, _ in alone] == paths
    np.testing.assert_allclose([row for _, row in together], [row for _, row in alone], atol=1e-5)


def test_what_a_worker_says_is_told_without_its_traceback():
    class Wrapped(Exception):
        cause = CourseError("There is no model 'x'.")

    assert mapping._cause(Wrapped("Traceback ...")) == "There is no model 'x'."
    assert mapping._cause(ValueError("line\n  last: it failed\n")) == "last: it failed"


def test_paths_come_as_one_process_reads_them(folder, tmp_path):
    (tmp_path / "empty").mkdir()
    inputs = [
        str(folder / "002.png"),
        str(folder),
        "sample:cat",
        str(tmp_path / "empty"),
        str(tmp_path / "missing.png"),
    ]
    assert list(paths_of(inputs)) == [name for name, _ in open_images(inputs)]


def test_a_long_list_is_cut_into_a_bounded_number_of_whole_batches():
    for count in (1, 32, 33, 10**5, 10**7):
        size = mapping.block_size(count)
        assert size % mapping.BATCH == 0
        assert -(-count // size) <= mapping.MOST_BLOCKS
