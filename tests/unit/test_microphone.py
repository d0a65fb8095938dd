"""The microphone without a browser: what is asked of the page, what its answers become, and what is said elsewhere."""

import base64
import io
import json
import re
import sys
import threading
import time
import types

import numpy as np
import pytest
import soundfile

from course_lib.errors import BadInput, CourseError
from course_lib.media.sound import microphone
from course_lib.media.sound.microphone import record


def wav() -> bytes:
    with io.BytesIO() as file:
        soundfile.write(file, 0.3 * np.sin(np.arange(24_000) / 9), 48_000, format="WAV")
        return file.getvalue()


@pytest.fixture
def page(monkeypatch, tmp_path):
    """A page that answers `page.answer` a moment after its script came, into the last of the places that it is told."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(microphone, "_where", lambda: "jupyter")
    monkeypatch.setattr(microphone, "PATIENCE", 1.0)
    page = types.SimpleNamespace(answer=wav(), shown=[])

    def save(script):
        places = json.loads(re.search(r"savedInJupyter\((\[.*\])\)", script)[1])
        page.places = places
        time.sleep(0.3)
        if page.answer:
            (tmp_path / places[0]).write_bytes(page.answer)

    class Handle:
        def update(self, content):
            page.shown.append(content.data)

    def display(content, display_id):
        assert display_id
        if "savedInJupyter(" in content.data:
            threading.Thread(target=save, args=[content.data]).start()
        return Handle()

    monkeypatch.setattr("IPython.display.display", display)
    return page


def test_a_page_saves_what_it_recorded_and_the_file_goes(page, tmp_path):
    found = record(0.5)
    assert (found.rate, len(found.samples)) == (48_000, 24_000)
    assert list(tmp_path.iterdir()) == []
    assert page.shown == ["", ""]
    whole = str(tmp_path.resolve())
    assert [place.count("/") for place in page.places] == list(range(len(page.places)))
    assert f"/{page.places[-1]}".startswith(whole)


def test_a_page_that_may_not_listen_says_why(page, tmp_path):
    page.answer = b"no sound: Permission denied"
    with pytest.raises(CourseError, match=r"\(Permission denied\): record a file"):
        record(0.5)
    assert list(tmp_path.iterdir()) == []


def test_a_page_that_never_answers(page, tmp_path):
    page.answer = b""
    with pytest.raises(CourseError, match="No recording came"):
        record(0.5)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("answer", [base64.b64encode(wav()).decode(), "no sound: NotFoundError"])
def test_colab(monkeypatch, tmp_path, answer):
    monkeypatch.chdir(tmp_path)
    asked = []
    output = types.SimpleNamespace(
        eval_js=lambda script, timeout_sec: asked.append((script, timeout_sec)) or answer
    )
    colab = types.ModuleType("google.colab")
    colab.output = output
    monkeypatch.setitem(sys.modules, "google.colab", colab)
    if answer.startswith("no"):
        with pytest.raises(CourseError, match="NotFoundError"):
            record(2)
    else:
        assert record(2).seconds == 0.5
    ((script, patience),) = asked
    assert "const seconds = 2.0;" in script
    assert patience == 62


def test_outside_of_a_notebook_a_sentence():
    with pytest.raises(CourseError, match=r"notebook in a browser.*give its path"):
        record(2)


@pytest.mark.parametrize("seconds", [0, -1, 121, float("nan"), True, "5", None])
def test_what_is_no_length(seconds):
    with pytest.raises(BadInput, match="up to 120"):
        record(seconds)
