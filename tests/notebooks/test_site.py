"""The web site, built and opened in a real browser from its files: a person searches, turns the light off, sorts, answers."""

import importlib.util
import time
from urllib.parse import unquote, urlsplit

import pytest
from real_browser import NEEDED

from course_lib import card, list_models
from course_lib.lessons import stamp
from course_lib.lessons.contents import find_lesson
from course_lib.lessons.site import ALWAYS, build_site

LESSON = find_lesson("04")
PAGE = stamp.path_of(LESSON).replace(".ipynb", ".html")
LIMIT = 120  # seconds that a build may take; it takes about 22

pytestmark = [
    *NEEDED,
    pytest.mark.skipif(
        importlib.util.find_spec("sphinx") is None, reason="Sphinx is not installed: make setup brings it"
    ),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder, began, worked = tmp_path_factory.mktemp("site"), time.perf_counter(), time.process_time()
    build_site(folder)
    # On a machine that is busy with something else, the time at work says more than the clock.
    took = min(time.perf_counter() - began, time.process_time() - worked)
    assert took < LIMIT, f"{took:.0f} s; a site is built in less than two minutes, so that it is built often"
    return folder


@pytest.fixture
def visit(site, browser):
    """Opens a page of the site; whatever it does, it may ask nothing of the network."""
    asked, pages = [], []

    def visit(name, width=1280, height=900):
        page = browser.new_page(viewport={"width": width, "height": height})
        page.set_default_timeout(90_000)  # on a busy machine
        page.on("request", lambda request: asked.append(request.url))
        pages.append(page)
        page.goto((site / name).as_uri())
        return page

    yield visit
    for page in pages:
        page.close()
    assert {urlsplit(url).scheme for url in asked} <= {"file", "data", "blob"}


def test_a_site_is_known_by_what_is_always_there(site):
    assert [name for name in ALWAYS if not (site / name).is_file()] == []


def test_a_word_is_searched_and_leads_to_its_lesson(visit):
    page = visit("index.html")
    page.keyboard.press("Control+k")
    box = page.locator("input[type=search]:visible").first
    box.fill("degradation shortcut")
    box.press("Enter")
    found = page.locator("ul.search a", has_text="ResNet").first
    found.wait_for(timeout=20_000)
    found.click()
    assert urlsplit(page.url).path.endswith(PAGE)
    assert page.locator("article h1").first.inner_text().startswith("ResNet")


def brightness(page) -> int:
    return page.evaluate("Number(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0])")


def test_the_light_can_be_turned_off(visit):
    page = visit(PAGE)
    seen = {}
    for mode in ("Light", "Dark"):
        page.locator(".theme-switch-button:visible").first.click()
        page.get_by_role("button", name=mode).locator("visible=true").first.click()
        page.wait_for_function("mode => document.documentElement.dataset.theme === mode", arg=mode.lower())
        page.wait_for_timeout(500)  # the colours fade
        seen[mode] = brightness(page)
    assert seen["Dark"] < 60 < 200 < seen["Light"]


def test_on_a_phone_the_page_fits_and_the_menu_opens(visit):
    page = visit(PAGE, width=390, height=844)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    menu = page.get_by_role("link", name="07 MobileNet")
    assert not menu.first.is_visible()
    page.locator(".primary-toggle:visible").first.click()
    menu.first.wait_for(state="visible")
    menu.first.click()
    page.wait_for_url("**/07_mobilenet.html")


def column(page, number: int) -> list[str]:
    cells = page.locator(f"table.ledger tbody td:nth-child({number})")
    return cells.evaluate_all("cells => cells.map(cell => cell.dataset.sort ?? cell.textContent.trim())")


def test_the_models_are_sorted_by_a_press(visit):
    page = visit("models.html")
    names = [button.inner_text() for button in page.locator("table.ledger th button").all()]
    parameters = names.index("Parameters") + 1
    button = page.get_by_role("button", name="Parameters")
    button.click()
    up = [int(text) for text in column(page, parameters) if text]
    assert up == sorted(card(name).params for name in list_models() if card(name).params)
    assert button.locator("xpath=..").get_attribute("aria-sort") == "ascending"
    button.press("Enter")
    assert [int(text) for text in column(page, parameters) if text] == up[::-1]
    page.get_by_role("button", name="Model").click()
    titles = column(page, 1)
    assert titles[0].startswith("A")
    assert titles[-1].startswith("Y")


def test_a_lesson_opens_on_colab_and_can_be_taken_home(visit, site):
    page = visit(PAGE)
    colab = page.locator(".dropdown-launch-buttons a", has_text="Colab")
    assert colab.get_attribute("href") == stamp.colab(LESSON)
    download = page.locator(".dropdown-download-buttons a", has_text=".ipynb").get_attribute("href")
    taken = (site / PAGE).parent / unquote(download)
    assert taken.read_bytes()[:1] == b"{"
    assert taken.name == LESSON.notebook.name
    assert stamp.kaggle(LESSON) in page.locator("article a").evaluate_all(
        "links => links.map(link => link.href)"
    )


def test_pictures_and_quizzes_are_there_as_they_were_built(visit):
    page = visit(PAGE)
    picture = page.locator("figure img").first
    picture.scroll_into_view_if_needed()
    assert picture.get_attribute("alt").startswith("Photo with bars: heart")
    assert picture.evaluate("picture => picture.complete && picture.naturalWidth > 50")
    assert page.locator("math").count() > 3, "formulas are drawn"
    question = page.locator("form.course-quiz fieldset").first
    question.get_by_role("radio").first.click()
    assert question.get_by_role("status").inner_text().startswith(("Right.", "Not quite."))


def test_the_library_is_described_from_its_docstrings(visit):
    page = visit("library.html")
    for name in ("course_lib.load", "course_lib.tasks.classify.ImageClassifier.classify"):
        entry = page.locator(f'dt[id="{name}"]')
        assert entry.count() == 1, name
    said = page.locator('dt[id="course_lib.load"] + dd').inner_text()
    assert all(word in said for word in ("Parameters", "model_id", "Returns", "Raises"))
