"""The JupyterLab that `make lab` starts: on this machine's own address alone, and for nobody without its token."""

import contextlib
import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from course_lib.lessons.contents import CHECKOUT, find_lesson
from course_lib.lessons.lab import lab_command, lab_environment

WAIT = 120  # seconds


def test_the_command_says_which_address():
    command = lab_command(find_lesson("00").notebook, CHECKOUT)
    assert "--ServerApp.ip=127.0.0.1" in command
    assert not [
        part for part in command if "token" in part or "password" in part
    ]  # as everybody could see in `ps`


@contextlib.contextmanager
def lab(folder):
    """Start it as the command does, without a browser, for somebody whose own settings open it to everybody."""
    (folder / "config").mkdir()
    settings = {"ServerApp": {"ip": "0.0.0.0", "allow_remote_access": True}}
    (folder / "config" / "jupyter_server_config.json").write_text(json.dumps(settings))
    environment = lab_environment() | {
        "JUPYTER_CONFIG_DIR": str(folder / "config"), "JUPYTER_RUNTIME_DIR": str(folder / "run"), "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"), "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
    }  # fmt: skip
    environment.pop("JUPYTER_TOKEN", None)
    command = lab_command(find_lesson("00").notebook, CHECKOUT, ["--no-browser", "--ServerApp.port=0"])
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield server, folder / "run"
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()


def what_it_says(server, folder) -> dict:
    """Wait for the file in which a server says where it is."""
    end = time.monotonic() + WAIT
    while time.monotonic() < end and server.poll() is None:
        for path in folder.glob("jpserver-*.json"):
            with contextlib.suppress(ValueError):
                return json.loads(path.read_text())
        time.sleep(0.2)
    raise AssertionError("JupyterLab did not start")


def status(url: str, token: str = "") -> int:
    request = urllib.request.Request(url, headers={"Authorization": f"token {token}"} if token else {})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with contextlib.suppress(ConnectionError), contextlib.closing(socket.socket()):
        try:
            return opener.open(request, timeout=30).status
        except urllib.error.HTTPError as error:
            return error.code
    return 0


def other_addresses() -> list[str]:
    """This machine's addresses that others can reach."""
    with contextlib.suppress(OSError):
        found = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
        return sorted(address for address in found if not address.startswith("127."))
    return []


@pytest.mark.long
def test_it_listens_here_alone_and_asks_for_its_token(tmp_path):
    with lab(tmp_path) as (server, folder):
        said = what_it_says(server, folder)
        assert said["url"].startswith("http://127.0.0.1:"), said["url"]
        assert len(said["token"]) >= 32
        assert said["password"] is False
        address = said["url"] + "api/contents"
        assert status(address) == 403
        assert status(address, "wrong") == 403
        assert status(address, said["token"]) == 200
        for other in other_addresses():
            with pytest.raises(OSError):  # noqa: PT011 - refused, or no way there
                socket.create_connection((other, said["port"]), 5).close()
        if os.path.exists("/proc/net/tcp"):
            assert listening(said["port"]) == {"0100007F"}


def listening(port: int) -> set[str]:
    """The addresses on which this machine listens at a port, as the kernel writes them."""
    tables = [Path("/proc/net/tcp"), Path("/proc/net/tcp6")]
    lines = [
        line.split() for table in tables if table.exists() for line in table.read_text().splitlines()[1:]
    ]
    return {
        line[1].split(":")[0] for line in lines if line[3] == "0A" and int(line[1].split(":")[1], 16) == port
    }
