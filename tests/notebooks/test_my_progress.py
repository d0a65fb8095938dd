"""The page of a learner's progress: one notebook beside the lessons, that shows what is done each time it is run."""

import nbformat
from nbclient import NotebookClient

from course_lib.lessons import lab, progress
from course_lib.lessons.contents import CHECKOUT, lessons

PAGE = CHECKOUT / "notebooks" / "my_progress.ipynb"


def test_the_page_shows_what_is_done_and_shows_it_anew(tmp_path):
    progress.record("00.1")
    notebook = nbformat.read(PAGE, as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells), (
        "nobody's progress is kept in the repository"
    )
    note = nbformat.v4.new_code_cell("from course_lib.lessons import progress\nprogress.record('00.2')")
    notebook.cells += [note, nbformat.v4.new_code_cell(notebook.cells[-1].source)]
    NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(tmp_path)}}).execute()
    first, _, second = (cell.outputs for cell in notebook.cells if cell.cell_type == "code")
    assert [outputs[0].data["text/html"].count("✓") for outputs in (first, second)] == [1, 2]
    for lesson in lessons():
        place = lesson.notebook.relative_to(PAGE.parent).as_posix()
        assert f'href="{place}"' in second[0].data["text/html"]


def test_lab_opens_on_it():
    assert lab._notebook("progress", CHECKOUT) == PAGE
    assert lab._notebook("04", CHECKOUT).name == "04_resnet.ipynb"
