"""What is stamped on every lesson: one address, the right links, and a cell that installs only where it should."""

import shutil
import subprocess
import sys
import tomllib
import types
from importlib import metadata, util
from pathlib import Path

import nbformat
import pytest
from demo_lesson import make_demo

from course_lib.lessons import stamp
from course_lib.lessons.build import is_in_step, keep_outputs, read_lesson_cells, write_notebook
from course_lib.lessons.contents import CHECKOUT, find_lesson, lessons

UV = CHECKOUT / ".uv" / "bin" / "uv"
UV = str(UV) if UV.exists() else shutil.which("uv")
REAL_FIND = util.find_spec
EXTRAS = {"30": ["engines", "serving"], "31": ["cluster"]}  # of the lessons that need more
SHARED = {
    "tensorflow": "2.20.0", "tensorflow-text": "2.20.1", "tensorflow-hub": "0.16.1", "protobuf": "5.29.6",
    "h5py": "3.16.0", "ipython": "7.34.0", "pillow": "11.3.0", "matplotlib": "3.10.0", "scikit-image": "0.25.2",
    "scikit-learn": "1.6.1", "scipy": "1.16.3", "setuptools": "75.2.0", "requests": "2.32.4", "urllib3": "2.5.0",
    "tokenizers": "0.22.2", "typer": "0.27.1", "googleapis-common-protos": "1.75.0",
}  # fmt: skip
# From googlecolab/backend-info, pip-freeze.txt: its commits a724079 and 1764c36. Kaggle builds on the older image.
# Keras and KerasHub are not among these: the course needs newer ones, for the safety of loading.
HOSTS = {
    "colab-2026-08-19": ("3.13", SHARED | {"numpy": "2.1.3", "tf-keras": "2.20.1"}),
    "colab-2026-08-14": ("3.12", SHARED | {"numpy": "2.0.2", "tf-keras": "2.20.0"}),
}


def install_cell(lesson) -> str:
    return next(cell.source for cell in read_lesson_cells(lesson).cells if cell.cell_type == "code")


class Pip:
    """Stands in for `subprocess`, and keeps what pip was asked for."""

    def __init__(self, code=0):
        self.asked, self.code = [], code

    def run(self, command):
        assert command[1:5] == ["-m", "pip", "install", "-q"]
        assert command[0] == sys.executable
        self.asked += command[5:]
        return types.SimpleNamespace(returncode=self.code)


def run_cell(monkeypatch, pip: Pip, course_is_here: bool) -> None:
    monkeypatch.setattr(
        util, "find_spec", lambda name: REAL_FIND(name) if name != "course_lib" or course_is_here else None
    )
    monkeypatch.setattr(subprocess, "run", pip.run)
    exec(install_cell(find_lesson("00")), {})


def wanted() -> list[str]:
    keep = [f"{name}=={metadata.version(name)}" for name in ("tensorflow", "numpy", "protobuf")]
    return [*keep, f"course-lib @ git+{stamp.repository()}@main"]


@pytest.fixture
def nowhere(monkeypatch):
    monkeypatch.delitem(sys.modules, "google.colab", raising=False)
    monkeypatch.delenv("KAGGLE_KERNEL_RUN_TYPE", raising=False)


@pytest.mark.parametrize("host", ["colab", "kaggle"])
def test_on_a_host_pip_is_asked_for_the_course_beside_what_is_there(monkeypatch, nowhere, host):
    if host == "colab":
        monkeypatch.setitem(sys.modules, "google.colab", types.ModuleType("google.colab"))
    else:
        monkeypatch.setenv("KAGGLE_KERNEL_RUN_TYPE", "Interactive")
    pip = Pip()
    run_cell(monkeypatch, pip, course_is_here=False)
    assert pip.asked == wanted()
    again = Pip()
    run_cell(monkeypatch, again, course_is_here=True)
    assert again.asked == [], "the second time there is nothing to do"


def test_anywhere_else_the_cell_does_nothing(monkeypatch, nowhere):
    pip = Pip()
    run_cell(monkeypatch, pip, course_is_here=False)
    assert pip.asked == []


def test_where_the_course_does_not_fit_one_sentence_says_what_to_do(monkeypatch, nowhere):
    monkeypatch.setenv("KAGGLE_KERNEL_RUN_TYPE", "Interactive")
    with pytest.raises(
        SystemExit, match=r"installed beside tensorflow==.* and numpy==.*newest runtime.*Internet"
    ):
        run_cell(monkeypatch, Pip(code=1), course_is_here=False)


@pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.number)
def test_every_lesson_has_its_links_and_begins_with_the_cell(lesson):
    cells = nbformat.read(lesson.notebook, as_version=4).cells
    path = lesson.notebook.relative_to(CHECKOUT).as_posix()
    owner = stamp.repository().removeprefix("https://github.com/")
    assert f"](https://colab.research.google.com/github/{owner}/blob/main/{path})" in cells[0].source
    assert (
        f"(https://kaggle.com/kernels/welcome?src={stamp.repository()}/blob/main/{path})" in cells[0].source
    )
    assert next(cell for cell in cells if cell.cell_type == "code").source == install_cell(lesson)
    assert [cell.id for cell in cells].count("install") == 1


def test_the_address_stands_in_one_place():
    names = subprocess.run(
        ["git", "ls-files"], cwd=CHECKOUT, capture_output=True, text=True, check=True
    ).stdout
    texts = [
        CHECKOUT / name
        for name in names.split()
        if Path(name).suffix in (".py", ".md", ".toml", ".yml", ".js")
    ]
    owner = stamp.repository().removeprefix("https://github.com/")
    assert [path.name for path in texts if path.exists() and owner in path.read_text()] == ["pyproject.toml"]


def test_another_address_is_stamped_without_running_anything(tmp_path, monkeypatch):
    lesson = make_demo(tmp_path)
    notebook = read_lesson_cells(lesson)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text="kept\n")]
    write_notebook(notebook, lesson.notebook)
    monkeypatch.setattr(stamp, "repository", lambda: "https://github.com/somebody/course")
    assert not is_in_step(lesson)
    assert keep_outputs(lesson)
    assert is_in_step(lesson)
    new = nbformat.read(lesson.notebook, as_version=4)
    assert "github/somebody/course/blob/main/notebooks/9_demo/90_demo.ipynb" in new.cells[0].source
    code = [cell for cell in new.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert [len(cell.outputs) for cell in code] == [0] + [1] * (len(code) - 1)


def resolve(tmp_path, python: str, host: dict[str, str]) -> subprocess.CompletedProcess:
    """Ask uv for a set of packages that serves the course with its lessons' extras, and leaves a host's as they are."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    extras = [project["optional-dependencies"][name] for names in EXTRAS.values() for name in names]
    (tmp_path / "course.in").write_text("\n".join(sum(extras, project["dependencies"])))
    (tmp_path / "host.txt").write_text("\n".join(f"{name}=={version}" for name, version in host.items()))
    command = [UV, "pip", "compile", "-q", "--python-version", python, "--python-platform", "linux"]
    result = subprocess.run(
        [*command, "-c", "host.txt", "course.in"], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    if result.returncode and "No solution found" not in result.stderr:
        pytest.skip(f"the package index can't be reached: {result.stderr.strip()[:200]}")
    return result


@pytest.mark.skipif(UV is None, reason="uv is not here: make brings it")
@pytest.mark.parametrize("host", HOSTS)
def test_the_ranges_fit_what_the_hosts_have(tmp_path, host):
    python, versions = HOSTS[host]
    result = resolve(tmp_path, python, versions)
    assert result.returncode == 0, result.stderr[-1500:]
    for name in ("tensorflow", "numpy", "protobuf"):
        assert f"\n{name}=={versions[name]}\n" in result.stdout


@pytest.mark.skipif(UV is None, reason="uv is not here: make brings it")
def test_an_older_tensorflow_is_refused_not_moved(tmp_path):
    result = resolve(tmp_path, "3.12", HOSTS["colab-2026-08-14"][1] | {"tensorflow": "2.19.0"})
    assert "No solution found" in result.stderr


def test_a_lesson_that_needs_more_installs_it():
    for lesson in lessons():
        names = EXTRAS.get(lesson.number, [])
        extras = f"[{','.join(names)}]" if names else ""
        assert f'"course-lib{extras} @ git+' in install_cell(lesson)
