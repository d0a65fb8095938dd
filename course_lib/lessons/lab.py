"""Opening JupyterLab on a lesson, with the course's own start page and this very Python as its kernel."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

from course_lib.errors import CourseError
from course_lib.lessons.contents import CHECKOUT, PROGRESS, find_lesson

CONFIG = Path(__file__).parent / "lab_config"


def open_lab(lesson: str = "00", options: list[str] | None = None, root: Path = CHECKOUT) -> int:
    """Open JupyterLab in the browser on a lesson, and wait until it is shut down.

    Args:
        lesson: the lesson's number or name; "progress" for the page of what is done.
        options: more options for `jupyter lab`, such as ["--no-browser"].
        root: the top of the checkout.

    Returns:
        JupyterLab's exit code.

    Raises:
        BadInput: if there is no such lesson.
        CourseError: if JupyterLab or the notebooks are not here.
    """
    if importlib.util.find_spec("jupyterlab") is None:
        raise CourseError("JupyterLab is not installed here: type `make lab`, or `pip install jupyterlab`.")
    command = lab_command(_notebook(lesson, root), root, options)
    try:
        return subprocess.run(command, env=lab_environment(), check=False).returncode
    except KeyboardInterrupt:  # Ctrl-C is how one leaves JupyterLab
        return 0


def _notebook(lesson: str, root: Path) -> Path:
    if lesson in ("progress", PROGRESS):
        return root / "notebooks" / f"{PROGRESS}.ipynb"
    return find_lesson(lesson, root).notebook


def lab_command(notebook: Path, root: Path, options: list[str] | None = None) -> list[str]:
    """Return the command that starts JupyterLab on a notebook.

    Args:
        notebook: the notebook to open.
        root: the folder that the file browser shows.
        options: more options for `jupyter lab`.

    Returns:
        The command and its arguments.
    """
    address = f"/lab/tree/{notebook.relative_to(root).as_posix()}"
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        "--ServerApp.ip=127.0.0.1",  # whatever this user's own settings say: cells run with the user's rights
        f"--ServerApp.root_dir={root}",
        f"--LabApp.default_url={address}",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # as in a container: JupyterLab refuses root unless told
        command.append("--allow-root")
    return command + (options or [])


def lab_environment() -> dict[str, str]:
    """Return the environment variables for JupyterLab: our settings first, this environment's kernel first.

    Returns:
        A copy of this process's variables, changed.
    """
    environment = dict(os.environ)
    paths = [str(CONFIG), environment.get("JUPYTER_CONFIG_PATH", "")]
    environment["JUPYTER_CONFIG_PATH"] = os.pathsep.join(path for path in paths if path)
    # A kernel named python3 in the user's home may belong to another Python, without the course in it.
    environment["JUPYTER_PREFER_ENV_PATH"] = "1"
    return environment
