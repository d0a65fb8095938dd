"""The exported page in a real browser, opened from its file: a person chooses a photo, drops one, and reads Python's answer."""

import re
from urllib.parse import urlsplit

import pytest
from real_browser import NEEDED

from course_lib.deploy import browser as browser_build
from course_lib.deploy import export, open_export
from course_lib.errors import CourseError
from course_lib.loading import open_pretrained
from course_lib.media.images import sample

PHOTOS = ("cat", "coffee", "astronaut")
PATIENCE = 90_000  # ms, on a busy machine

pytestmark = NEEDED


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """An export of a nano model as a page, with the browser build that npm brought."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_CACHE", str(tmp_path_factory.mktemp("cache")))
        try:
            browser_build.fetch()
        except CourseError as error:
            pytest.skip(str(error))
        place = tmp_path_factory.mktemp("page") / "export"
        export(open_pretrained("mobilenet_nano"), place, ["page", "onnx"])
        return place


@pytest.fixture
def page(browser, folder):
    """The page, opened from its file; whatever it does, it may ask nothing of any network."""
    asked, wrong = [], []
    page = browser.new_page(viewport={"width": 390, "height": 844}, color_scheme="dark")
    page.set_default_timeout(PATIENCE)
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto((folder / "page.html").as_uri())
    page.get_by_text("Ready.").wait_for()
    yield page
    page.close()
    assert wrong == []
    assert {urlsplit(url).scheme for url in asked} <= {"file", "data", "blob"}


def guesses(page) -> list[tuple[str, float]]:
    page.get_by_text(re.compile("Done in .* on your own machine")).wait_for()
    rows = page.locator("#guesses li").evaluate_all(
        "rows => rows.map(row => [...row.querySelectorAll('span')].map(span => span.textContent))"
    )
    return [(label, float(score.rstrip("%")) / 100) for label, score in rows]


@pytest.mark.parametrize("name", PHOTOS)
def test_a_chosen_photo_gets_the_answer_that_python_gives(page, folder, name):
    page.locator("#file").set_input_files(sample(name))
    found, expected = guesses(page), open_export(folder, "onnx").classify(sample(name), top=5)
    assert found[0][0] == expected[0].label
    assert len(found) == 5
    assert abs(found[0][1] - expected[0].score) <= 0.01  # two decoders, two resizers
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert max(map(int, re.findall(r"\d+", background)[:3])) < 60  # dark, as the person likes it


def test_a_photo_can_be_dropped(page, folder):
    content = list(sample("coffee").read_bytes())
    page.evaluate(
        """bytes => {
            const data = new DataTransfer();
            data.items.add(new File([new Uint8Array(bytes)], "a.png", { type: "image/png" }));
            document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
        }""",
        content,
    )
    assert guesses(page)[0][0] == open_export(folder, "onnx").classify(sample("coffee"), top=1)[0].label


def test_a_text_is_no_photo_and_the_page_says_so(page, tmp_path):
    (tmp_path / "letter.png").write_text("Dear page, I am no picture.")
    page.locator("#file").set_input_files(tmp_path / "letter.png")
    page.get_by_text("is it a picture?").wait_for()
    assert page.locator("#guesses li").count() == 0


def test_it_says_the_licence_and_where_the_weights_come_from(page):
    text = page.locator("body").inner_text()
    assert "licence of the weights: Apache-2.0" in text
    assert "mobilenet_nano" in text
