"""The browser's microphone, for notebooks: in JupyterLab and on Colab."""

import base64
import json
import sys
import time
import uuid
from importlib.resources import files
from numbers import Real
from pathlib import Path

from course_lib.errors import BadInput, CourseError
from course_lib.media.sound.audio import Audio
from course_lib.media.sound.inputs import read_audio

MOST_SECONDS = 120
PATIENCE = 60.0  # seconds to allow the microphone
LARGEST = 100_000_000  # bytes of a recording
INSTEAD = "record a file with any program, put it beside the notebook, and give its path instead"
FAILED = b"no sound: "  # how a page begins what it says where it could not record


def record(seconds: float = 5.0) -> Audio:
    """Record from the microphone of the browser that shows this notebook; it asks for leave first.

    Args:
        seconds: how long, up to 120.

    Returns:
        The sound, at the microphone's own rate.

    Raises:
        BadInput: no such length.
        CourseError: this is no notebook in a browser, or its microphone can't be used.
    """
    if isinstance(seconds, bool) or not isinstance(seconds, Real) or not 0 < seconds <= MOST_SECONDS:
        raise BadInput(f"A recording has a length in seconds, up to {MOST_SECONDS}, not {seconds!r}.")
    where = _where()
    if not where:
        raise CourseError(f"Only a notebook in a browser can use the microphone: {INSTEAD}.")
    folder = Path.cwd()
    path = folder / f"recording-{uuid.uuid4().hex[:12]}.wav"
    try:
        path.write_bytes(_from_colab(seconds) if where == "colab" else b"")
        if where == "jupyter":
            _from_jupyter(path, seconds)
        return read_audio(path)
    except OSError as error:
        raise CourseError(
            f"Can't write into {folder} ({error.strerror}), where recordings come: {INSTEAD}."
        ) from error
    finally:
        path.unlink(missing_ok=True)


def _where() -> str:
    """Return "colab", "jupyter", or nothing where Python runs outside of notebooks."""
    if "google.colab" in sys.modules:
        return "colab"
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return "jupyter" if shell is not None and hasattr(shell, "kernel") else ""


def _script(seconds: float, last: str) -> str:
    code = files("course_lib.media.sound").joinpath("microphone.js").read_text(encoding="utf-8")
    return f"(async () => {{ const seconds = {float(seconds)};\n{code}\n{last} }})()"


def _from_colab(seconds: float) -> bytes:
    from google.colab import output

    last = (
        "try { return await recorded(); } catch (error) { return 'no sound: ' + (error.message || error); }"
    )
    answer = output.eval_js(_script(seconds, last), timeout_sec=seconds + PATIENCE)
    _check_answer(str(answer)[:200].encode())
    return base64.b64decode(answer)


def _from_jupyter(path: Path, seconds: float) -> None:
    """Let the page record, and wait until it has saved the sound in place of the empty file."""
    from IPython.display import HTML, Javascript, display

    # The server may have been started in any folder above this one.
    parts = path.resolve().parts[1:]
    places = ["/".join(parts[start:]) for start in range(len(parts) - 1, -1, -1)]
    shown = display(HTML(f"Recording {seconds:g} s: speak now."), display_id=True)
    script = display(Javascript(_script(seconds, f"await savedInJupyter({json.dumps(places)});")), display_id=True)  # fmt: skip
    try:
        _wait(path, seconds + PATIENCE)
    finally:  # the notebook keeps no script
        script.update(HTML(""))
        shown.update(HTML(""))
    with path.open("rb") as file:
        _check_answer(file.read(200))
    if path.stat().st_size > LARGEST:
        raise CourseError(f"What the browser recorded is too large: {INSTEAD}.")


def _wait(path: Path, patience: float) -> None:
    end, size = time.monotonic() + patience, 0
    while time.monotonic() < end:
        time.sleep(0.2)
        before, size = size, path.stat().st_size
        if size and size == before:  # it is whole
            return
    raise CourseError(f"No recording came from the browser within {patience:.0f} s: {INSTEAD}.")


def _check_answer(start: bytes) -> None:
    if start.startswith(FAILED):
        reason = start.removeprefix(FAILED).decode(errors="replace").splitlines()[0].rstrip(".")
        raise CourseError(f"The browser's microphone can't be used ({reason}): {INSTEAD}.")
