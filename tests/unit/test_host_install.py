"""The install cell run for real, in a new environment that has Colab's packages and a stand-in for Colab's own."""

import os
import re
import subprocess

import pytest
from test_stamp import EXTRAS, HOSTS, UV, install_cell

from course_lib.lessons.contents import CHECKOUT, find_lesson

USE = """
import tensorflow, numpy
from importlib.metadata import version
from course_lib import load
from course_lib.media.samples import sample
assert load("mobilenet_nano").classify(sample("cat"))[0].score > 0
print(tensorflow.__version__, numpy.__version__, version("protobuf"))
"""


def run(*command, **options) -> subprocess.CompletedProcess:
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=900, **options)


@pytest.mark.long
@pytest.mark.skipif(UV is None, reason="uv is not here: make brings it")
@pytest.mark.parametrize("number", ["04", *EXTRAS])
def test_the_cell_installs_the_course_beside_what_the_host_has(tmp_path, number):
    python, (_, versions) = tmp_path / "host" / "bin" / "python", HOSTS["colab-2026-08-19"]
    assert run(UV, "venv", "-q", "--seed", tmp_path / "host").returncode == 0
    packages = [f"{name}=={version}" for name, version in versions.items()]
    brought = run(
        UV, "pip", "install", "-q", "--python", python, *packages, cwd=tmp_path
    )  # not our constraints
    if brought.returncode:
        pytest.skip(f"the host's packages can't be had: {brought.stderr.strip()[:200]}")
    (tmp_path / "stub" / "google" / "colab").mkdir(parents=True)
    (tmp_path / "stub" / "google" / "colab" / "__init__.py").touch()
    cell = re.sub(r"git\+\S+@\w+", f"git+{CHECKOUT.as_uri()}", install_cell(find_lesson(number)))
    (tmp_path / "lesson.py").write_text(f"import google.colab\n{cell}\n{USE}")
    environment = os.environ | {"PYTHONPATH": str(tmp_path / "stub")}
    done = run(python, tmp_path / "lesson.py", cwd=tmp_path, env=environment)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.split("\n")[-2] == " ".join(
        versions[name] for name in ("tensorflow", "numpy", "protobuf")
    )
