"""`course complete`: text as it comes, the standard input, JSON, one line for what is wrong."""

import io
import json
import sys

import pytest

from course_lib import cli
from course_lib.catalog.cards import Card
from course_lib.errors import BadInput
from course_lib.tasks.base import Provenance


class Writer:
    """Writes the prompt in capitals, letter by letter; what it was asked is kept."""

    card = Card("writer", "writer", "Writer", "complete", 2026, "", "", 0, 8, "", "22")
    provenance = Provenance("nano", "writer", "a test")

    def complete_stream(self, prompt, length, **settings):
        self.asked = {"length": length, **settings}
        if not prompt:
            raise BadInput("The text is empty: give at least one character.")
        return iter(prompt.upper()[:length])

    def complete(self, prompt, beams, **settings):
        return f"{beams} beams: " + "".join(self.complete_stream(prompt, **settings))

    def answer_stream(self, question, length, **settings):
        return iter([f"You said: {question}"])


@pytest.fixture
def writer(monkeypatch):
    model = Writer()
    monkeypatch.setattr("course_lib.loading.open_pretrained", lambda *_: model)
    monkeypatch.setattr("course_lib.loading.announcement", lambda _: "writer: a test")
    return model


@pytest.fixture
def course(capsys, monkeypatch, writer):
    def call(*arguments, given=b""):
        monkeypatch.setattr(sys, "argv", ["course", "complete", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given)))
        with pytest.raises(SystemExit) as stop:
            cli.main()
        captured = capsys.readouterr()
        return stop.value.code, captured.out, captured.err

    return call


def one_line(code, out, err):
    lines = [line for line in err.splitlines() if line != "writer: a test"]
    return code == 2 and not out and len(lines) == 1 and lines[0].startswith("course: ")


def test_the_continuation_is_printed_and_the_settings_arrive(course, writer):
    arguments = [
        "--length",
        "6",
        "--temperature",
        ".8",
        "--top-k",
        "40",
        "--top-p",
        ".9",
        "--repetition-penalty",
        "1.2",
        "--seed",
        "3",
        "--stop",
        "!",
        "--stop",
        "?",
    ]
    assert course("Once upon", *arguments) == (0, "ONCE U\n", "writer: a test\n")
    assert writer.asked == {
        "length": 6, "temperature": 0.8, "top_k": 40, "top_p": 0.9, "repetition_penalty": 1.2, "seed": 3, "stop": ("!", "?"),
    }  # fmt: skip


def test_it_is_shown_while_it_is_written(monkeypatch, course, writer):
    shown = []

    def slowly(prompt, **_):
        for letter in prompt:
            shown.append(sys.stdout.getvalue())
            yield letter

    monkeypatch.setattr(writer, "complete_stream", slowly)
    assert course("abc")[1] == "abc\n"
    assert [text[-2:] for text in shown] == ["", "a", "ab"]


def test_as_json(course):
    code, out, _ = course("né", "--json", "--seed", 7)
    answer = json.loads(out)
    assert code == 0
    assert (answer["model"], answer["prompt"], answer["text"]) == ("writer", "né", "NÉ")
    assert answer["settings"]["seed"] == 7
    assert answer["provenance"]["grade"] == "nano"


def test_the_standard_input_is_the_prompt(course):
    assert course("-", given="two\nlinés\n".encode())[:2] == (0, "TWO\nLINÉS\n")


def test_beams_and_chat(course):
    assert course("ab", "--beams", 4)[1] == "4 beams: AB\n"
    assert course("Who are you?", "--chat")[1] == "You said: Who are you?\n"


@pytest.mark.parametrize(
    ("arguments", "given"),
    [(["-"], b""), (["-"], b"caf\xe9"), ([""], b""), (["a", "--chat", "--beams", "2"], b""), (["-"], b"x" * 10_000_001)],
    ids=["nothing", "no UTF-8", "empty", "chat with beams", "too long"],
)  # fmt: skip
def test_bad_input_is_one_line_and_exit_2(course, arguments, given):
    assert one_line(*course(*arguments, given=given))
