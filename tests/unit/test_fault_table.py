"""The table of faults that `make faults` prints."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TESTS = """
import pytest

@pytest.mark.fault(1)
@pytest.mark.parametrize("way", [1, 2])
def test_cut_short(way):
    pass

@pytest.mark.fault(2, 3)
def test_many_things(record_property):
    record_property("tried", 1_500)

@pytest.mark.fault(3)
def test_the_wrong_one():
    assert not "survived"

@pytest.mark.fault(4)
def test_nothing_to_try_it_with():
    pytest.skip("no kill here")

@pytest.fixture
def broken():
    raise OSError

@pytest.mark.fault(5)
def test_without_a_beginning(broken):
    pass
"""


def run(folder, tests, *options):
    (folder / "conftest.py").write_text("from tests.faults.table import *\n")
    (folder / "pytest.ini").write_text("[pytest]\nmarkers =\n  fault(n): a fault\n")
    (folder / "test_some.py").write_text(tests)
    command = [sys.executable, "-m", "pytest", "-q", f"--rootdir={folder}", *options, "."]
    environment = {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # a quicker start
    ended = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    table = ended.stdout.partition(" faults ===")[2].splitlines()[1:19]
    return ended.returncode, {int(line[:2]): line for line in table}


@pytest.mark.parametrize("options", [[], ["-p", "xdist", "-n", "2"]], ids=["one process", "two workers"])
def test_a_line_for_each_fault(tmp_path, options):
    _, lines = run(tmp_path, TESTS, *options)
    assert sorted(lines) == list(range(1, 19))
    assert lines[1].endswith("survived  2 tried: cut short 2")
    assert lines[2].endswith("survived  1,500 tried: many things 1500")
    assert lines[3].endswith("NOT SURVIVED  test_some.py::test_the_wrong_one")
    assert lines[4].endswith("not tried")
    assert "NOT SURVIVED" in lines[5]
    assert lines[18].endswith("not tried")


def test_a_fault_that_was_not_tried_fails_the_run_of_all(tmp_path):
    one = "import pytest\n@pytest.mark.fault(1)\ndef test_one():\n    pass\n"
    assert run(tmp_path, one)[0] == 0
    assert run(tmp_path, one, "--all-faults")[0] == 1
    assert run(tmp_path, one.replace("(1)", "(*range(1, 19))"), "--all-faults")[0] == 0


def test_there_is_no_nineteenth(tmp_path):
    assert run(tmp_path, "import pytest\n@pytest.mark.fault(19)\ndef test_one():\n    pass\n")[0] == 4
