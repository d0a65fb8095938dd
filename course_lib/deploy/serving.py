"""An exported classifier over HTTP, by LitServe: POST a picture to /predict, read the guesses as JSON.

Pictures of strangers come in here: a cap on every upload, the same careful reader as for files, and a sentence with a status
for whatever can't be used. One bad picture never spoils the batch that it came into.
"""

import importlib.util
import signal
import socket
import sys
from pathlib import Path

from course_lib.deploy.guard import Guard
from course_lib.deploy.opening import chosen
from course_lib.errors import BadInput, CourseError

MOST_UPLOAD = 20 << 20  # bytes of a request; a telephone's photo has a fourth of it
MOST_AT_ONCE = 128  # requests; the next one is told to come back
BATCH = 16  # pictures in one call at most


def check_extra() -> None:
    """Raise CourseError where LitServe, or what reads its forms, is not here."""
    if not all(importlib.util.find_spec(name) for name in ("litserve", "python_multipart")):
        raise CourseError(
            f'`course serve` needs litserve and python-multipart: type `{sys.executable} -m pip install "course-lib[serving]"`.'
        )


def check_port(host: str, port: int) -> None:
    """Raise BadInput for a port that can't be had."""
    if not 1024 <= port <= 65535:
        raise BadInput(f"--port {port}: a port is a number from 1024 to 65535.")
    try:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        raise BadInput(
            f"Port {port} of {host} can't be had ({error.strerror or error}): another program listens there? Take --port "
            f"{port + 1 if port < 65535 else 8000}."
        ) from error


def serve(
    folder: str | Path,
    format: str | None = None,
    host: str = "127.0.0.1",
    port: int = 8000,
    batch: int = BATCH,
) -> None:
    """Answer HTTP requests until Ctrl-C, or a signal to end.

    Args:
        folder: what `export` wrote.
        format: see `open_export`.
        host: 127.0.0.1 for this machine alone, 0.0.0.0 for everybody who can reach it.
        port: where to listen.
        batch: how many pictures at most are run in one call.

    Raises:
        BadInput: no such export, a changed file, a port that is taken.
        CourseError: LitServe is not here, or no engine can run the file.
    """
    check_extra()
    check_port(host, port)
    _, name = chosen(folder, format)
    import litserve

    from course_lib.deploy.litserve_api import PictureAPI

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # else it would leave its workers behind
    api = PictureAPI(str(folder), name, batch)
    server = litserve.LitServer(
        api, accelerator="cpu", timeout=60, disable_openapi_url=True, middlewares=[(Guard, {"most": MOST_UPLOAD})],
    )  # fmt: skip
    try:
        server.run(
            host=host, port=port, num_api_servers=1, log_level="warning", generate_client_file=False, access_log=False,
            limit_concurrency=MOST_AT_ONCE, server_header=False,
        )  # fmt: skip
    except RuntimeError as error:  # its worker could not open the file, and has said why
        raise CourseError(
            f"The server can't run {folder} as {name}, see above: export the model again."
        ) from error
