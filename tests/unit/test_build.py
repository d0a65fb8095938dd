"""Building a notebook from its script: the same bytes each time, only when needed, and never half."""

import json
import os
import subprocess
import sys
import time

import pytest
from demo_lesson import make_demo

from course_lib.errors import BadInput, CourseError
from course_lib.lessons.__main__ import main
from course_lib.lessons.build import build, is_in_step, read_source, write_notebook
from course_lib.lessons.contents import find_lesson, lessons
from course_lib.lessons.offline import offline_environment
from course_lib.lessons.run import run_lesson

SMALL = """# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Small

# %% tags=["nbval-check-output"]
print("one")
print("two")

# %%
{last}
"""


def make_small(root, last="3"):
    source = root / "notebooks" / "source" / "91_small.py"
    source.parent.mkdir(parents=True, exist_ok=True)
    source.write_text(SMALL.format(last=last))
    return find_lesson("91", root)


def quietly(*_):
    pass


def test_a_rebuild_gives_the_same_bytes_and_an_unchanged_lesson_is_left_alone(tmp_path):
    lesson = make_demo(tmp_path)
    assert build(root=tmp_path, say=quietly) == [lesson]
    first, written = lesson.notebook.read_bytes(), lesson.notebook.stat().st_mtime_ns
    assert build(root=tmp_path, say=quietly) == []
    assert lesson.notebook.stat().st_mtime_ns == written
    build(root=tmp_path, say=quietly, force=True)
    assert lesson.notebook.read_bytes() == first
    run = run_lesson("90", offline=True, root=tmp_path, say=quietly)
    assert run.seconds > 0
    assert lesson.notebook.read_bytes() == first, "a run leaves the notebook as it was"


def test_new_words_alone_keep_the_outputs_and_new_code_does_not(tmp_path):
    lesson = make_small(tmp_path, last="import time; time.time_ns()")
    build(root=tmp_path, say=quietly)
    first = json.loads(lesson.notebook.read_text())["cells"]
    lesson.source.write_text(
        lesson.source.read_text().replace("# # Small", "# # Smaller\n#\n# In other words.")
    )
    said = []
    build(root=tmp_path, say=said.append)
    assert said == ["notebooks/91_small.ipynb: new words or address, the same code, outputs kept"]
    second = json.loads(lesson.notebook.read_text())["cells"]
    assert second[1:] == first[1:]
    assert second[0]["id"] != first[0]["id"]
    assert is_in_step(lesson)
    lesson.source.write_text(lesson.source.read_text().replace('print("two")', 'print("three")'))
    build(root=tmp_path, say=quietly)
    third = json.loads(lesson.notebook.read_text())["cells"]
    assert third[1]["outputs"][0]["text"] == ["one\n", "three\n"]
    assert third[2]["outputs"] != first[2]["outputs"]


def test_a_built_notebook_says_nothing_of_this_machine(tmp_path):
    lesson = make_small(tmp_path)
    build(root=tmp_path, say=quietly)
    notebook = json.loads(lesson.notebook.read_text())
    assert notebook["metadata"]["language_info"] == {
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
    }
    assert [cell.get("execution_count") for cell in notebook["cells"]] == [None, 1, 2]
    assert notebook["cells"][1]["outputs"][0]["text"] == ["one\n", "two\n"], "prints are one output"
    assert all(set(cell["metadata"]) <= {"tags"} for cell in notebook["cells"])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("print('two')", "print('three')"),
        ('print("two")', 'print("three")'),
        ("# # Small", "# # Smaller"),
        ("nbval-check-output", "other"),
        ("# %%\n3", "# %%\n3\n\n# %%\n4"),
        ("# %%\n3", "# %% [markdown]\n# 3"),
    ],
)
def test_any_change_of_text_type_or_tag_is_seen(tmp_path, old, new):
    lesson = make_small(tmp_path)
    write_notebook(read_source(lesson.source), lesson.notebook)
    assert is_in_step(lesson)
    text = lesson.source.read_text()
    lesson.source.write_text(text.replace(old, new))
    assert is_in_step(lesson) == (old not in text)


def test_cells_keep_their_ids_when_another_is_put_between(tmp_path):
    lesson = make_small(tmp_path)
    before = [cell.id for cell in read_source(lesson.source).cells]
    lesson.source.write_text(lesson.source.read_text().replace("# %%\n3", "# %%\n2\n\n# %%\n3\n\n# %%\n3"))
    after = [cell.id for cell in read_source(lesson.source).cells]
    assert after[:2] + after[3:4] == before
    assert len(set(after)) == 5, "the same text twice has two ids"


@pytest.mark.parametrize(
    ("last", "said"),
    [
        ("1 / 0", "91_small.py: cell 3 failed with ZeroDivisionError"),
        (
            "import os, time; os.system('echo noise >&2'); time.sleep(1)",
            "91_small.py: cell 3 wrote to stderr: 'noise'",
        ),
        ("import os; os._exit(1)", "91_small.py: the kernel died in cell 3"),
    ],
)
def test_a_lesson_that_fails_leaves_the_old_notebook(tmp_path, monkeypatch, last, said):
    monkeypatch.delenv("PYTEST_CURRENT_TEST")  # with it a kernel does not watch what C code prints
    lesson = make_small(tmp_path)
    write_notebook(read_source(lesson.source), lesson.notebook)
    before = lesson.notebook.read_bytes()
    make_small(tmp_path, last)
    with pytest.raises(CourseError, match=said) as caught:
        build(root=tmp_path, say=quietly)
    assert "\n" not in str(caught.value)
    assert lesson.notebook.read_bytes() == before


def python(code: str, tmp_path) -> str:
    environment = offline_environment(tmp_path)
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60).stdout.strip()


@pytest.mark.parametrize(
    "attempt",
    [
        "socket.create_connection(('192.0.2.1', 80))",
        "socket.socket().connect(('93.184.215.14', 443))",
        "socket.socket().connect_ex(('93.184.215.14', 443))",
        "socket.socket(socket.AF_INET6).connect(('2001:db8::1', 80))",
        "socket.getaddrinfo('example.com', 80)",
        "__import__('urllib.request').request.urlopen('https://example.com')",
        "__import__('requests').get('https://example.com')",
    ],
)
def test_nothing_leaves_the_machine_and_the_refusal_comes_at_once(attempt, tmp_path, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:8888")
    code = f"import socket\ntry:\n    {attempt}\nexcept OSError as error:\n    print(error)"
    begun = time.perf_counter()
    assert "network is switched off here" in python(code, tmp_path)
    assert time.perf_counter() - begun < 10


def test_the_machine_itself_can_be_reached(tmp_path):
    code = (
        "import socket\ns = socket.create_server(('127.0.0.1', 0))\n"
        "socket.create_connection(('localhost', s.getsockname()[1]))\nprint('reached')"
    )
    assert python(code, tmp_path) == "reached"


def test_a_build_is_kept_apart_from_the_users_own_folders(tmp_path):
    names = ("COURSE_HOME", "COURSE_CACHE", "KERAS_HOME", "IPYTHONDIR")
    environment = offline_environment(tmp_path)
    assert all(environment[name].startswith(str(tmp_path)) for name in names)
    assert environment["PATH"] == os.environ["PATH"]


def test_lessons_are_found_in_order_by_number_and_by_name(tmp_path):
    make_demo(tmp_path)
    make_small(tmp_path)
    assert [(lesson.number, lesson.part) for lesson in lessons(tmp_path)] == [("90", "9_demo"), ("91", "")]
    for wanted in ("90", "demo", "90_demo", 90):
        assert find_lesson(wanted, tmp_path).title == "Demo"
    with pytest.raises(BadInput, match="did you mean 90_demo"):
        find_lesson("dem", tmp_path)


def test_lessons_that_cannot_be_found_are_said(tmp_path):
    with pytest.raises(CourseError, match="only the library is installed"):
        lessons(tmp_path)
    lesson = make_small(tmp_path)
    lesson.source.with_name("91_other.py").write_text("# %% [markdown]\n# # Other\n")
    with pytest.raises(CourseError, match="both lesson 91"):
        lessons(tmp_path)
    lesson.source.with_name("91_other.py").write_text("# %%\n1")
    with pytest.raises(CourseError, match="has no title"):
        lessons(tmp_path)
    lesson.source.with_name("91_other.py").rename(lesson.source.with_name("other.py"))
    with pytest.raises(CourseError, match="should be named"):
        lessons(tmp_path)


def test_a_lesson_that_was_not_built_does_not_run(tmp_path):
    make_small(tmp_path)
    with pytest.raises(CourseError, match="has not been built"):
        run_lesson("91", root=tmp_path)


def test_the_command_tells_an_error_in_one_line(capsys):
    assert main(["check", "no-such-lesson"]) == 2
    assert capsys.readouterr().err.startswith("There is no lesson 'no-such-lesson'")
