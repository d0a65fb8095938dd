"""The microphone in a real browser: JupyterLab shows a notebook, Chromium's made-up microphone beeps, Python hears it."""

import time
from types import SimpleNamespace

import nbformat
import pytest
from lab_server import TOKEN, running_lab
from real_browser import NEEDED, chromium

CELL = """
from course_lib.media.sound.microphone import record
sound = record(2)
print("heard", sound.rate, round(sound.seconds), round(float(abs(sound.samples).max()), 2))
"""
MICROPHONE = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
SECONDS = 240  # on a busy machine

pytestmark = NEEDED


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """The notebook as JupyterLab saved it after its cell has run."""
    scratch = tmp_path_factory.mktemp("lab")
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)])
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(book, scratch / "microphone.ipynb")
    lesson = SimpleNamespace(notebook=scratch / "microphone.ipynb")
    with running_lab(lesson, scratch) as lab, chromium(*MICROPHONE) as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"{lab.address}/?token={TOKEN}")
        page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=1000 * SECONDS)
        end = time.monotonic() + SECONDS
        while [s["kernel"]["execution_state"] for s in lab.api("sessions")] != [
            "idle"
        ] and time.monotonic() < end:
            page.wait_for_timeout(250)
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        while time.monotonic() < end:
            page.wait_for_timeout(500)
            page.keyboard.press("Control+s")
            saved = nbformat.read(lab.notebook, as_version=4)
            texts = [out.get("text", "") + out.get("evalue", "") for out in saved.cells[0].outputs]
            if any(texts):
                break
        browser.close()
        yield saved, lab.notebook.parent


def test_python_hears_what_the_browser_recorded(ran):
    saved, folder = ran
    outputs = saved.cells[0].outputs
    said = "".join(out.get("text", "") for out in outputs)
    assert said.startswith("heard "), outputs
    rate, seconds, loudest = said.split()[1:]
    assert int(rate) >= 8_000
    assert int(seconds) == 2
    assert float(loudest) > 0.1  # the made-up microphone beeps
    assert [path.name for path in folder.iterdir() if not path.name.startswith(".")] == ["microphone.ipynb"]
    assert "mediaDevices" not in nbformat.writes(saved)  # no script is left in it
