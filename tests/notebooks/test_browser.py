"""Lesson 00 in a real browser: JupyterLab opens on it, it runs to its end, and its quiz answers a click."""

import re
import time
from urllib.parse import urlsplit

import nbformat
import pytest
from lab_server import TOKEN, Lab, running_lab
from real_browser import NEEDED

from course_lib.lessons.contents import lessons
from course_lib.lessons.quiz import Choice, Question, Quiz

FIRST = next((lesson for lesson in lessons() if lesson.number == "00" and lesson.notebook.exists()), None)
SECONDS = 300  # for a whole lesson on a busy machine

pytestmark = NEEDED


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    if FIRST is None:
        pytest.skip("lesson 00 has not been built yet")
    with running_lab(FIRST, tmp_path_factory.mktemp("lab")) as running:
        yield running


@pytest.fixture(scope="module")
def page(lab, browser):
    """The start page after all cells have run, with what the browser asked for in `page.hosts`."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.hosts = set()
    page.on("request", lambda request: page.hosts.add(urlsplit(request.url).hostname))
    page.goto(f"{lab.address}/?token={TOKEN}")
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
    wait_for_kernel(lab, page)
    page.dialogs = page.locator(".jp-Dialog").all_inner_texts()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.ran = wait_for_the_end(lab, page)
    return page


def wait_for_kernel(lab: Lab, page) -> None:
    """Ready is when the server says so: JupyterLab's own dot turns idle before a kernel takes all cells."""
    end = time.monotonic() + 90
    while time.monotonic() < end:
        kernels = [session["kernel"] for session in lab.api("sessions")]
        if [(k["execution_state"], k["connections"] > 0) for k in kernels] == [("idle", True)]:
            return
        page.wait_for_timeout(250)
    raise AssertionError(f"No kernel within 90 s: {lab.api('sessions')}")


def wait_for_the_end(lab: Lab, page) -> nbformat.NotebookNode:
    """Save until each code cell has its number, and return the notebook as JupyterLab wrote it."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        page.wait_for_timeout(2000)
        page.keyboard.press("Control+s")
        page.wait_for_timeout(500)
        notebook = nbformat.read(lab.notebook, as_version=4)
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        failed = [o for cell in code for o in cell.outputs if o.output_type == "error"]
        if failed or all(cell.execution_count for cell in code):
            return notebook
    raise AssertionError(f"Lesson 00 did not reach its end within {SECONDS} s")


def outputs(notebook: nbformat.NotebookNode) -> str:
    """All words that the cells gave back."""
    given = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    return "\n".join(o.get("text", "") + "".join(map(str, o.get("data", {}).values())) for o in given)


def test_the_start_page_is_lesson_00_and_nothing_stands_in_front_of_it(page):
    assert FIRST.notebook.name in page.url
    assert page.dialogs == []
    assert page.locator(".Toastify__toast, .jp-toast").count() == 0, "no news, no question"


def test_every_cell_ran_without_an_error(page):
    errors = [o.evalue for c in page.ran.cells for o in c.get("outputs", []) if o.output_type == "error"]
    assert errors == []


def test_the_photo_was_recognised(page):
    assert re.search(r"tabby|tiger cat|Egyptian cat", outputs(page.ran))


def test_a_figure_is_drawn_and_has_its_words(page):
    figures = page.locator(".jp-OutputArea-output figure img[alt]")
    assert figures.count() >= 1
    for k in range(figures.count()):
        figure = figures.nth(k)
        figure.scroll_into_view_if_needed()
        assert figure.evaluate("picture => picture.complete && picture.naturalWidth > 50")
        assert len(figure.get_attribute("alt")) > 10


def test_the_quiz_answers_a_click(page):
    quiz = page.locator("form.course-quiz").first
    question = quiz.locator("fieldset").first
    status = question.get_by_role("status")
    assert status.text_content() == "Choose an answer."
    said = []
    for choice in question.get_by_role("radio").all():
        choice.click()
        said.append(status.text_content())
    assert sum(text.startswith("Right.") for text in said) == 1
    assert sum(text.startswith("Not quite.") for text in said) == len(said) - 1
    assert len(set(said)) == len(said), "each choice explains itself"
    assert status.is_visible()


def test_the_arrow_keys_choose_and_do_not_leave_the_quiz(page):
    question = page.locator("form.course-quiz fieldset").last
    radios = question.get_by_role("radio")
    radios.first.check()
    page.keyboard.press("ArrowDown")
    assert radios.nth(1).is_checked()
    cells = page.locator(".jp-Notebook .jp-Cell").count()
    for key in ("x", "d", "d", "a"):  # in JupyterLab: cut, delete, insert
        page.keyboard.press(key)
    assert page.locator(".jp-Notebook .jp-Cell").count() == cells


def test_an_untouched_exercise_says_so(page):
    assert "Not attempted yet" in outputs(page.ran)


def test_the_browser_asked_nothing_of_the_network(page):
    assert page.hosts - {"127.0.0.1", None} == set()


def test_a_quiz_works_on_a_plain_page_and_twice_on_the_same_one(browser, tmp_path):
    questions = [Question("Which?", [Choice("a", True, "Yes, naïve `a`."), Choice("b", False, "No.")])] * 2
    html = Quiz("99", questions)._repr_html_()
    (tmp_path / "page.html").write_text(
        f"<!doctype html><meta charset=utf-8>{html}<hr>{html}", encoding="utf-8"
    )
    page = browser.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    statuses = page.get_by_role("status")
    assert statuses.all_inner_texts() == ["Choose an answer."] * 4
    page.get_by_role("radio").nth(4).click()
    page.get_by_role("radio").nth(3).click()
    said = ["Choose an answer.", "Not quite. No.", "Right. Yes, naïve a.", "Choose an answer."]
    assert statuses.all_inner_texts() == said
    page.close()
