"""The lesson check: a lesson that follows the recipe passes, and each rule, broken once, is found."""

import re

import nbformat
import pytest
from demo_lesson import BANK, make_demo

from course_lib.lessons.build import read_lesson_cells, write_notebook
from course_lib.lessons.check import check, run_check
from course_lib.lessons.contents import find_lesson


def stand_in(lesson):
    """A notebook as the build would make it, without running anything."""
    notebook = read_lesson_cells(lesson)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for count, cell in enumerate(code, 1):
        cell.execution_count = count
    return notebook


@pytest.fixture
def lesson(tmp_path):
    made = make_demo(tmp_path)
    write_notebook(stand_in(made), made.notebook)
    return made


def problems(root) -> str:
    return "\n".join(check(root=root)[0])


def test_a_lesson_that_follows_the_recipe_passes(lesson, tmp_path, capsys):
    assert problems(tmp_path) == ""
    assert run_check(root=tmp_path) == 0
    assert re.search(r"90 demo: \d+ cells, \d+ code cells, [\d,]+ words", capsys.readouterr().out)


SCRIPT_RULES = [
    ("# # Demo", "# Demo\n#\n# # Demo", "cell 1: should be markdown and begin with"),
    ("You will be able to add", "You may add", "the box under the title is missing"),
    ('tags=["proof"]', "", "no cell has the tag `proof`"),
    ('tags=["traps"]', "", "no cell has the tag `traps`"),
    ('tags=["idea"]', 'tags=["build"]', "the parts stand in the order|no cell has the tag `idea`"),
    (
        "# jupyter:",
        "# jupyter:\n#   course:\n#     without:\n#       traps: too long",
        "`traps` cannot be left out",
    ),
    (
        "# jupyter:",
        "# jupyter:\n#   course:\n#     without:\n#       proof:",
        "should say why the part `proof`",
    ),
    ("x, y = 1, 2\n", "x, y = 1, 2\n" + "\n# %%\ny\n" * 3, "seen at work by the third code cell"),
    ("# |---|---|\n", "", "the recap needs its table"),
    ("x, y = 1, 2\n", "x, y = 1, 2\n\n# %% [markdown]\n# text\n" * 30, r"\d+ cells; the measure is 36 to 66"),
    ("x, y = 1, 2\n", "x, y = 1, 2\n" + "\n# %%\nx\n" * 12, r"\d+ code cells; the measure is 18 to 31"),
    ("# More words for the reader.", "# " + "more " * 100, "words; the measure is"),
    ("y,\n]", "y," * 9 + "\n" + "x,\n" * 5 + "]", "median lines; the measure is 3 to 7"),
    ("x, y = 1, 2\n", "x, y = 1, 2\n" * 30, r"cell 3: \d+ lines of code; at most 25"),
    ("x, y = 1, 2", "from math import *\nx, y = 1, 2", "cell 3: `import \\*`"),
    ("x, y = 1, 2", "x, y = 1, = 2", "cell 3: is not plain Python"),
    ("# More words", "# ![](https://a.org/b.png) More words", "has no alt text"),
    ("# More words", "# <img src='https://a.org/b.png'> More words", "has no alt text"),
    ("# More words", "# [next](91_none.ipynb) More words", "'91_none.ipynb' leads to no file"),
    ("# More words", "# [up](../../../other) More words", "leads out of the repository"),
    ("# More words", "# [me](/home/me/x.png) More words", "should be relative"),
    ("# More words", "# [here](#nowhere) More words", "names no heading"),
    ("...  # your sum", "return 0", "differs from the starter of exercise 90.1"),
    (".check(add2)", ".check(add1)", "checks `add1`, but the starter's answer is `add2`"),
    ('exercise("90.2")', 'exercise("90.1")', "exercise 90.2 should be checked in one cell"),
    ('exercise("90.2")', 'exercise("90.3")', "has no exercise 90.3"),
    ('quiz("90")', 'quiz("00")', r'should end in `quiz\("90"\)`; found: 00'),
    ('quiz("90")', "1", "found: none"),
]


@pytest.mark.parametrize(("old", "new", "said"), SCRIPT_RULES, ids=[said[:40] for _, _, said in SCRIPT_RULES])
def test_each_rule_of_the_script(lesson, tmp_path, old, new, said):
    text = lesson.source.read_text()
    assert old in text
    lesson.source.write_text(text.replace(old, new))
    write_notebook(stand_in(lesson), lesson.notebook)
    found = problems(tmp_path)
    assert re.search(said, found), found
    assert all(line.startswith("notebooks/source/9_demo/90_demo.py") for line in found.splitlines())


def test_a_part_may_be_left_out_for_a_reason(lesson, tmp_path):
    reason = "# jupyter:\n#   course:\n#     without:\n#       proof: nothing is built"
    text = lesson.source.read_text().replace("# jupyter:", reason).replace('tags=["proof"]', "")
    lesson.source.write_text(text)
    write_notebook(stand_in(lesson), lesson.notebook)
    assert problems(tmp_path) == ""


def test_links_that_lead_somewhere_pass(lesson, tmp_path):
    (tmp_path / "notebooks" / "a file.png").write_bytes(b"")
    links = "[a](../a%20file.png) [b](https://example.org) [c](#idea) ![a dot](../a%20file.png) `[d](none)` [e](..)"
    lesson.source.write_text(lesson.source.read_text().replace("# More words", f"# {links} More words"))
    write_notebook(stand_in(lesson), lesson.notebook)
    assert problems(tmp_path) == ""


def stream(text, name="stdout"):
    return nbformat.v4.new_output("stream", name=name, text=text)


def shown(**data):
    kinds = {"html": "text/html", "plain": "text/plain", "png": "image/png"}
    return nbformat.v4.new_output("display_data", {kinds.get(key, key): value for key, value in data.items()})


OUTPUT_RULES = [
    (stream("boo", "stderr"), "wrote to stderr: 'boo'"),
    (
        nbformat.v4.new_output("error", ename="ValueError", evalue="no", traceback=[]),
        "an error in the output",
    ),
    (stream("x.py:3: UserWarning: old"), "a warning in the output"),
    (stream("WARNING:tensorflow: slow"), "a warning in the output"),
    (stream("read /home/someone/cat.png"), "a path of the machine"),
    (shown(html="<p>'/tmp/x'</p>"), "a path of the machine"),
    (shown(plain="C:\\Users"), "a path of the machine"),
    (shown(plain="<f at 0x7f00dead>"), "a memory address"),
    (shown(png="aGk=", plain="<Figure>"), "a picture without alt text"),
    (shown(html='<img src="data:image/png;base64,aGk=">'), "a picture without alt text"),
    (shown(html='<img alt=" " src="data:image/png;base64,aGk=">'), "a picture without alt text"),
    (shown(html="<svg><circle r='1'/></svg>"), "a picture without alt text"),
    (shown(html='<script src="https://cdn.example.org/x.js"></script>'), "missing without a network"),
    (shown(html='<img alt="a" src="https://example.org/x.png">'), "missing without a network"),
    (shown(**{"application/vnd.jupyter.widget-view+json": {}}), "a live widget"),
]


@pytest.mark.parametrize(("output", "said"), OUTPUT_RULES, ids=range(len(OUTPUT_RULES)))
def test_each_rule_of_the_outputs(lesson, tmp_path, output, said):
    notebook = stand_in(lesson)
    notebook.cells[2].outputs = [output]
    write_notebook(notebook, lesson.notebook)
    found = problems(tmp_path)
    assert found.startswith("notebooks/9_demo/90_demo.ipynb cell 3: ")
    assert said in found


@pytest.mark.parametrize(
    "output",
    [
        stream("a warning is what a learner reads about; accuracy 3/4, a/b, and/or, https://a.org/home/x"),
        shown(html='<figure><img alt="a dot" src="data:image/png;base64,iVB/tmp/OR/home/w0="></figure>'),
        shown(html='<svg role="img" aria-label="a dot"><circle r="1"/></svg>'),
        shown(html="<svg><title>a dot</title></svg>", plain="~/.cache"),
    ],
    ids=range(4),
)
def test_outputs_that_pass(lesson, tmp_path, output):
    notebook = stand_in(lesson)
    notebook.cells[2].outputs = [output]
    write_notebook(notebook, lesson.notebook)
    assert problems(tmp_path) == ""


def test_a_notebook_out_of_step_is_found_at_its_cell(lesson, tmp_path):
    text = lesson.source.read_text()
    lesson.source.write_text(text.replace("x, y = 1, 2", "x, y = 1, 3"))
    assert (
        "90_demo.ipynb cell 4: differs from its script: type `python -m course_lib.lessons build 90`"
        in problems(tmp_path)
    )


def test_a_notebook_that_is_missing_unrun_or_heavy_is_found(lesson, tmp_path):
    notebook = stand_in(lesson)
    notebook.cells[2].execution_count = None
    notebook.cells[2].outputs = [stream("x" * 260_000)]
    write_notebook(notebook, lesson.notebook)
    assert "cell 3: was not run in order" in problems(tmp_path)
    assert "kB, more than 250" in problems(tmp_path)
    lesson.notebook.unlink()
    assert "has not been built" in problems(tmp_path)


def test_a_notebook_without_a_script_is_found(lesson, tmp_path):
    (tmp_path / "notebooks" / "lost.ipynb").write_bytes(lesson.notebook.read_bytes())
    assert "notebooks/lost.ipynb: no script" in problems(tmp_path)
    assert "lost" not in "\n".join(check(["90"], tmp_path)[0]), "one lesson was asked for"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "for k in (1, 2, 3)]",
            "for k in (1, 2)]",
            "2 questions in the quiz in l90_demo.py; the measure is 3 to 5",
        ),
        ("[adding(1), adding(2)]", "[adding(1)]", "1 exercises in l90_demo.py; the measure is 2 to 4"),
        ("[adding(1), adding(2)]", "[adding(2), adding(1)]", "ids should be 90.1, 90.2"),
        ('["Which sign adds?", "It is `+`."]', "[]", "exercise 90.1 in l90_demo.py has no hint"),
    ],
)
def test_each_rule_of_the_bank(tmp_path, old, new, said):
    lesson = make_demo(tmp_path / said[:3])
    bank = tmp_path / said[:3] / "course_lib" / "lessons" / "bank" / "l90_demo.py"
    assert old in BANK
    bank.write_text(BANK.replace(old, new))
    assert said in problems(tmp_path / said[:3])
    bank.unlink()
    assert "has no l90_<name>.py" in problems(tmp_path / said[:3])
    assert find_lesson("90", tmp_path / said[:3]) == lesson


def test_links_in_the_repositorys_own_pages(lesson, tmp_path):
    (tmp_path / "README.md").write_text(
        "# A\n[a](none.md) [b](notebooks/9_demo/90_demo.ipynb) [c](#a)\n```\n[d](no)\n```\n"
    )
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "page.md").write_text("![](../README.md)")
    assert problems(tmp_path).splitlines() == [
        "README.md: the link 'none.md' leads to no file.",
        "docs/page.md: the picture '../README.md' has no alt text.",
    ]
