"""Every `course` command with inputs that can't be: exit 2 and a line that says why; no traceback, no hang, nothing run."""

import os

import pytest

from course_lib import cli
from tests.faults.bad_inputs import WAYS, BadInputs

FEW, MANY = 20, int(os.environ.get("BAD_INPUTS", "1000"))  # of each command
# Models of the catalogue are opened once for all commands of a process: what is tried are the inputs.
OPEN_ONCE = """
import os
from course_lib import loading
os.chdir({folder!r})
kept, opened = dict(), loading.open_pretrained
def once(model_id, weights="auto"):
    if weights != "auto":
        return opened(model_id, weights)
    if model_id not in kept:
        kept[model_id] = opened(model_id)
    return kept[model_id]
loading.open_pretrained = once
"""


def wrong(ended) -> str:
    """Return what is wrong with how a command ended; nothing for exit 2 with its line."""
    lines = ended.err.strip().splitlines() or [""]
    if ended.status != 2:
        return f"exit {ended.status}"
    if "Traceback" in ended.out + ended.err:
        return "a traceback"
    if not lines[-1].startswith("course: ") or len(lines[-1]) > 8_000:
        return "no line"
    if any(character < " " and character not in "\n\r" for character in ended.err):
        return "a character that a terminal obeys"
    return ""


def tried(course, homes, folder, command, count) -> list:
    """Run so many bad calls of a command; return those that did not end as they should."""
    folder.mkdir()
    inputs = BadInputs(folder / "inputs", seed=sum(map(ord, command)))
    calls = [inputs.drawn(command) for _ in range(count)]
    ended = course.run(*calls, before=OPEN_ONCE.format(folder=str(folder)), **homes)
    assert not (folder / "canary").exists()
    return [(wrong(one), call, one) for call, one in zip(calls, ended, strict=True) if wrong(one)]


def test_every_command_is_tried(monkeypatch):
    monkeypatch.setattr("sys.argv", ["course", "--help"])
    with pytest.raises(SystemExit):  # the commands are there once `main` has imported them
        cli.main()
    names = {command.name or command.callback.__name__ for command in cli.app.registered_commands}
    assert names == WAYS.keys()


@pytest.mark.parametrize("command", WAYS)
def test_a_few_bad_inputs(course, homes, tmp_path, command, record_property):
    record_property("tried", FEW)
    assert tried(course, homes, tmp_path / "few", command, FEW) == []


@pytest.mark.long
@pytest.mark.parametrize("command", WAYS)
def test_many_bad_inputs(course, homes, tmp_path, command, record_property):
    record_property("tried", MANY)
    assert tried(course, homes, tmp_path / "many", command, MANY) == []


def test_what_was_found_stays_mended(course, homes):
    """A folder that is no model was described as if it were one; a name of 5,000 characters was told twice."""
    calls = [["info", "hub:/etc"], ["info", "hub:/etc", "--json"], ["fetch", "b" * 5_000]]
    ended = course.run(*calls, **homes)
    assert [wrong(one) for one in ended] == ["", "", ""]
    assert len(ended[2].err) < 600
