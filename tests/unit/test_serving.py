"""`course serve`: a real server in a process of its own, and what honest and other clients send to it."""

import base64
import io
import shutil
import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import requests
from PIL import Image

from course_lib import cli
from course_lib.deploy import export, manifest, open_export, serving
from course_lib.deploy.client import Server, running_server
from course_lib.errors import BadInput, CourseError
from course_lib.loading import open_pretrained
from course_lib.media.images import sample

PATIENCE = 60  # seconds, on a busy machine


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("served") / "mobilenet"
    export(open_pretrained("mobilenet_nano"), place, ["onnx"])
    return place


@pytest.fixture(scope="module")
def address(folder):
    with running_server(folder) as server:
        yield server.address


@pytest.fixture
def post(address):
    return lambda **request: requests.post(f"{address}/predict", timeout=PATIENCE, **request)


def form(name="cat", **fields):
    return {"files": {"picture": sample(name).read_bytes()}, "data": fields}


def test_the_answer_is_the_models_own(post, folder):
    answer = post(**form(top=3))
    assert answer.status_code == 200
    expected = open_export(folder).classify(sample("cat"), top=3)
    found = answer.json()["predictions"]
    assert [guess["label"] for guess in found] == [guess.label for guess in expected]
    assert found[0]["score"] == pytest.approx(expected[0].score, abs=1e-5)
    assert "Apache-2.0" in answer.json()["licence"]
    as_json = post(json={"picture": base64.b64encode(sample("cat").read_bytes()).decode(), "top": 3}).json()
    assert [guess["label"] for guess in as_json["predictions"]] == [guess.label for guess in expected]


def test_many_at_once_each_get_their_own_answer_and_a_bad_one_spoils_none(post, folder):
    names = ["cat", "coffee", "astronaut", "rocket"] * 6
    opened = open_export(folder)
    expected = {name: opened.classify(sample(name), top=1)[0].label for name in set(names)}

    def ask(index):
        if index % 5 == 4:
            return post(files={"picture": b"no picture"}).status_code
        return post(**form(names[index], top=1)).json()["predictions"][0]["label"]

    with ThreadPoolExecutor(12) as pool:
        found = list(pool.map(ask, range(len(names))))
    assert found == [422 if i % 5 == 4 else expected[name] for i, name in enumerate(names)]


def bomb() -> bytes:
    held = io.BytesIO()
    Image.new("L", (20_000, 20_000)).save(held, "PNG")
    return held.getvalue()


def raw(body: bytes, kind="multipart/form-data; boundary=XyZ"):
    return {"data": body, "headers": {"Content-Type": kind}}


def part(disposition: bytes, content: bytes) -> bytes:
    head = b"--XyZ\r\nContent-Disposition: form-data" + disposition
    return head + b"\r\n\r\n" + content + b"\r\n--XyZ--\r\n"


CAT = part(b'; name="picture"; filename="cat"', sample("cat").read_bytes())
NESTED = "[" * 900 + "]" * 900  # few enough for the reader of JSON
JSON = {"Content-Type": "application/json"}
REFUSED = {
    "text": ({"files": {"picture": b"hello, I am text"}}, 422, "is text under a picture's name"),
    "empty": ({"files": {"picture": b""}}, 422, "empty"),
    "cut": ({"files": {"picture": sample("cat").read_bytes()[:3000]}}, 422, "damaged or cut short"),
    "bomb": ({"files": {"picture": bomb()}}, 422, "too many to decode"),
    "no picture": ({"files": {"a": (None, "b")}}, 422, "no picture in this request"),
    "top": (form(top="-1"), 422, "whole number from 1"),
    "list": ({"json": [1]}, 422, "no picture in this request"),
    "base64": ({"json": {"picture": "?!"}}, 422, "no base64"),
    "number": ({"json": {"picture": 5}}, 422, "no base64"),
    "broken json": ({"data": "{", "headers": JSON}, 400, "no JSON"),
    "deep json": ({"data": "[" * 100_000, "headers": JSON}, 400, "no JSON"),
    "nested picture": ({"data": f'{{"picture": {NESTED}}}', "headers": JSON}, 422, "lists or objects"),
    "nested top": ({"data": f'{{"picture": "", "top": {NESTED}}}', "headers": JSON}, 422, "lists or objects"),
    "nested list": ({"data": NESTED, "headers": JSON}, 422, "lists or objects"),
    "garbage": (raw(b"\x00garbage" * 50), 400, "form can't be read"),
    "empty boundary": (raw(CAT, "multipart/form-data; boundary="), 400, "form can't be read"),
    "other boundary": (raw(CAT, "multipart/form-data; boundary=xyz"), 400, "form can't be read"),
    "odd letters": (
        raw(part(b'; name="a"', b"\xff"), "multipart/form-data; boundary=XyZ; charset=undefined"),
        400,
        "can't be read",
    ),
    "part without a name": (raw(part(b"", b"x")), 400, '"name" must be provided'),
    "1500 fields": (form(**{f"f{i}": 1 for i in range(1500)}), 400, "Too many fields"),
    "1500 files": ({"files": {f"f{i}": b"x" for i in range(1500)}}, 400, "Too many files"),
    "long text": ({"files": {"picture": (None, "a" * (2 << 20))}}, 400, "maximum size of 1024KB"),
    "no type": ({"data": b"abc"}, 415, "nobody knows what"),
    "no boundary": ({"data": b"abc", "headers": {"Content-Type": "multipart/form-data"}}, 400, "boundary"),
    "50 MB form": ({"files": {"picture": bytes(50 << 20)}}, 413, "larger than 20 MB"),
    "50 MB json": ({"data": bytes(50 << 20), "headers": JSON}, 413, "larger than 20 MB"),
}


@pytest.mark.fault(13, 16)
@pytest.mark.parametrize("case", REFUSED)
def test_what_can_not_be_used_gets_a_status_and_a_sentence(post, case):
    request, status, says = REFUSED[case]
    answer = post(**request)
    assert (answer.status_code, says in answer.json()["error"]) == (status, True), answer.text
    assert "Traceback" not in answer.text
    assert post(**form()).status_code == 200  # and the server goes on


def test_the_letters_of_a_type_may_be_large(post):
    assert post(**raw(CAT, "Multipart/Form-Data; Boundary=XyZ")).status_code == 200


def test_it_is_healthy_and_offers_nothing_else(address):
    assert requests.get(f"{address}/health", timeout=PATIENCE).text == "ok"
    for path in ("/docs", "/openapi.json", "/deploy.json", "/../deploy.json"):
        assert requests.get(address + path, timeout=PATIENCE).status_code == 404


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere this machine has no second address of its own")
def test_it_listens_to_this_machine_alone(address):
    port = int(address.rpartition(":")[2])
    with socket.socket() as probe:  # the same port of another address of this machine is free
        probe.bind(("127.0.0.2", port))


def test_a_server_that_can_not_start_says_why(folder, tmp_path):
    with pytest.raises(CourseError, match="no exported model"):
        Server(tmp_path).wait()


def test_a_file_that_no_engine_can_run_ends_the_server_with_a_sentence(folder, tmp_path):
    place = shutil.copytree(folder, tmp_path / "odd")
    (place / "model.onnx").write_bytes(b"no network")
    told = manifest.read(place)
    written = replace(told.formats["onnx"], files=manifest.described(place, ["model.onnx"]))
    (place / "deploy.json").write_text(replace(told, formats={"onnx": written}).to_json())
    with pytest.raises(CourseError, match="The server ended: course: The server can't run"):
        Server(place).wait()


def test_a_taken_port_is_named_and_another_proposed():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(BadInput, match=f"Port {port} of 127.0.0.1 can't be had.*--port"):
            serving.check_port("127.0.0.1", port)


@pytest.mark.parametrize("port", [0, 80, 70_000])
def test_no_port_is_refused(port):
    with pytest.raises(BadInput, match="from 1024 to 65535"):
        serving.check_port("127.0.0.1", port)


def test_without_the_extra_it_says_what_to_install(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr(sys, "argv", ["course", "serve", str(tmp_path)])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    assert stop.value.code == 2
    assert "course-lib[serving]" in capsys.readouterr().err
