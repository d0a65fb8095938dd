"""`course finetune` killed at any moment: the same command goes on, and ends as if nothing had happened."""

import os
import random
import shutil
import signal

import numpy as np
import pytest
from safetensors.numpy import load_file

PLAN = ("--model", "resnet_nano", "--epochs", "3", "--batch-size", "4", "--shift", "2", "--copies", "1")
STEPS = 3 * 5  # of 18 pictures that are trained on
SEEDS = int(os.environ.get("KILL_SEEDS", "1"))  # of the random steps; more take 10 s each
AFTER_STEP = """
import os
from course_lib.training import unfrozen
step = unfrozen.Unfrozen._step
def kill_after(self, *arguments):
    step(self, *arguments)
    if self.state.step == {step}:
        os.kill(os.getpid(), {signal})
unfrozen.Unfrozen._step = kill_after
"""
SAVE_OFTEN = "from course_lib.training import unfrozen; unfrozen.SAVING = float('inf')\n"
BEFORE_REPLACE = """
import os
replace = os.replace
def kill_before(old, new):
    kill_before.left -= str(new).endswith({name!r})
    if not kill_before.left:
        os.kill(os.getpid(), 9)
    replace(old, new)
kill_before.left = {count}
os.replace = kill_before
"""


def killed_after(step, by=signal.SIGKILL, often=True):
    return SAVE_OFTEN * often + AFTER_STEP.format(step=step, signal=int(by))


def killed_before_replacing(name, count=1):
    return SAVE_OFTEN + BEFORE_REPLACE.format(name=name, count=count)


@pytest.fixture(scope="module")
def run(course, homes, pictures):
    def run(out, before="", *, data=pictures):
        return course.run("finetune", data, "--out", out, *PLAN, before=before, **homes)

    return run


@pytest.fixture(scope="module")
def undisturbed(run, tmp_path_factory):
    """The result of a run that nobody disturbed."""
    out = tmp_path_factory.mktemp("undisturbed") / "out"
    ended = run(out)
    assert ended.status == 0, ended
    return out


def same_weights(one, other):
    one, other = (load_file(folder / "model.safetensors") for folder in (one, other))
    assert one.keys() == other.keys()
    for name in one:
        np.testing.assert_allclose(one[name], other[name], rtol=0, atol=1e-6, err_msg=name)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def damage(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


@pytest.fixture
def others(pictures, tmp_path):
    """The same pictures but one."""
    shutil.copytree(pictures, tmp_path / "others")
    next((tmp_path / "others" / "key").iterdir()).unlink()
    return tmp_path / "others"


@pytest.mark.long  # five trainings; the cut, the foreign and the damaged checkpoint are unit tests of training/unfrozen.py, too
@pytest.mark.fault(10, 11)
def test_killed_in_every_way_it_ends_the_same(run, undisturbed, pictures, others, tmp_path):
    """By the keyboard, by the system, while a checkpoint is written, while the result is saved.

    The first checkpoint belongs to other pictures, and the second is damaged: neither is gone on from.
    """
    out, old = tmp_path / "out", b"the model of another day"
    out.mkdir()
    (out / "model.safetensors").write_bytes(old)
    for before, status, said in (
        (killed_after(2, signal.SIGINT), 130, ""),
        (killed_after(6, signal.SIGTERM), -signal.SIGTERM, "belongs to other pictures"),
        (killed_before_replacing("checkpoint.npz", count=3), -signal.SIGKILL, "is damaged"),
        (killed_before_replacing("report.html"), -signal.SIGKILL, ""),
    ):
        assert (out / "model.safetensors").read_bytes() == old
        ended = run(out, before, data=others if status == 130 else pictures)
        assert ended.status == status, ended
        assert "Traceback" not in ended.err
        assert said in ended.err
        assert said or "begins anew" not in ended.err
        assert "checkpoint.npz" in names(out)
        if status == -signal.SIGTERM:
            damage(out / "checkpoint.npz")
    ended = run(out)
    assert ended.status == 0, ended
    same_weights(out, undisturbed)
    assert names(out) == ["model.safetensors", "previous.safetensors", "report.html"]
    assert (out / "previous.safetensors").read_bytes() == old


@pytest.mark.fault(11)
@pytest.mark.parametrize("seed", range(SEEDS))
def test_killed_at_a_random_step_it_ends_the_same(run, undisturbed, tmp_path, seed):
    chance = random.Random(seed)
    out, step = tmp_path / "out", chance.randrange(1, STEPS + 1)
    ended = run(out, killed_after(step, often=chance.random() < 0.5))
    assert ended.status == -signal.SIGKILL, ended
    ended = run(out)
    assert ended.status == 0, ended
    same_weights(out, undisturbed)
    assert names(out) == ["model.safetensors", "report.html"]


SAVE = """
import numpy as np
from pathlib import Path
from course_lib.weights.saved import Description, save
texts = dict(grade="fine-tuned", model="resnet_nano", source="a test")
said = Description("resnet_nano", "", ("a", "b"), 32, "tf", 0.0, texts)
save(Path({folder!r}), {{"head/bias": np.full(2, {value}, np.float32)}}, said)
"""
MOMENTS = [("/.model.safetensors.new", 0), ("/previous.safetensors", 0), ("/model.safetensors", 0)]


@pytest.mark.fault(10)
@pytest.mark.parametrize(("moment", "value"), [*MOMENTS, ("never", 1)])
def test_a_kill_while_saving_costs_no_model(course, tmp_path, moment, value):
    folder = str(tmp_path)
    ended = course.run("--help", before=SAVE.format(folder=folder, value=0))
    assert ended.status == 0, ended
    before = killed_before_replacing(moment) + SAVE.format(folder=folder, value=1)
    assert course.run("--help", before=before).status == (0 if moment == "never" else -signal.SIGKILL)
    assert load_file(tmp_path / "model.safetensors")["head/bias"].tolist() == [value, value]
    ended = course.run("--help", before=SAVE.format(folder=folder, value=2))
    assert ended.status == 0
    assert load_file(tmp_path / "model.safetensors")["head/bias"].tolist() == [2, 2]
    assert load_file(tmp_path / "previous.safetensors")["head/bias"].tolist() == [value, value]
    assert names(tmp_path)[-2:] == ["model.safetensors", "previous.safetensors"]
    assert not (tmp_path / ".previous.safetensors.new").exists()
