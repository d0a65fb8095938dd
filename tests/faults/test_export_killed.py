"""`course export` killed while it writes: the old export stays whole, nothing half is left, and the next run clears up."""

import pytest

from course_lib.deploy import manifest

KILL = """
import os
from course_lib.deploy import formats
import dataclasses
def die(network, folder):
    (folder / "model.onnx").write_bytes(b"half")
    os.kill(os.getpid(), 9)
formats.FORMATS["onnx"] = dataclasses.replace(formats.FORMATS["onnx"], write=die)
"""
BETWEEN = """
import os
replace = os.replace
def kill_after(old, new):
    replace(old, new)
    if str(new).endswith(".previous"):
        os.kill(os.getpid(), 9)
os.replace = kill_after
"""


@pytest.mark.long
@pytest.mark.fault(10)
def test_a_killed_export_costs_nothing(course, homes, tmp_path):
    place = tmp_path / "x"
    first = course.run("export", "mobilenet_nano", place, "--format", "litert", **homes)
    assert first.status == 0, first.err
    for before in (KILL, BETWEEN):
        ended = course.run("export", "mobilenet_nano", place, "--force", before=before, **homes)
        assert ended.status == -9
        last = course.run(
            "export", "mobilenet_nano", place, "--format", "litert", **homes
        )  # sweeps, or puts it back
        assert last.status == 2, last.err
        assert "say --force" in last.err
        assert list(manifest.read(place).formats) == ["litert"]
        manifest.verify(place, manifest.read(place).formats["litert"])
    done = course.run("export", "mobilenet_nano", place, "--format", "litert", "--force", **homes)
    assert done.status == 0, done.err
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
