"""`course transcribe` and `course speak`: lines, words with times, JSON, files, and one line for what is wrong."""

import io
import json
import sys
import warnings

import numpy as np
import pytest
import soundfile

from course_lib import cli
from course_lib.catalog.cards import Card
from course_lib.errors import BadInput
from course_lib.media.sound.audio import Audio
from course_lib.tasks.base import Provenance
from tests.unit.toy_listener import say, toy


class Voice:
    """Says each letter as a sample; what it was asked is kept."""

    card = Card("voice", "voice", "Voice", "speak", 2026, "", "", 0, 0, "", "25")
    provenance = Provenance("nano", "voice", "a test")

    def speak(self, text, vocoder, seed):
        if not text:
            raise BadInput("The text is empty: give at least one character.")
        if "qu" in text:
            warnings.warn("It does not know a word.", stacklevel=2)
        self.asked = text, vocoder, seed
        return Audio(np.full(8_000, 0.1, np.float32), 8_000)


@pytest.fixture(scope="module")
def ears():
    return toy()


@pytest.fixture
def course(capsys, monkeypatch, ears):
    models = {"deepspeech_nano": ears, "tacotron2_nano": Voice()}
    monkeypatch.setattr("course_lib.loading.open_pretrained", lambda name, _: models[name])
    monkeypatch.setattr("course_lib.loading.announcement", lambda model: f"{model.card.id}: a test")

    def call(*arguments, given=b""):
        monkeypatch.setattr(sys, "argv", ["course", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given)))
        with pytest.raises(SystemExit) as stop:
            cli.main()
        captured = capsys.readouterr()
        return (
            stop.value.code,
            captured.out,
            [x for x in captured.err.splitlines() if not x.endswith(": a test")],
        )

    call.voice = models["tacotron2_nano"]
    return call


@pytest.fixture
def cat(tmp_path):
    return say("the cat", noise=0).save(tmp_path / "cat.wav")


def test_a_line_for_each_recording(course, cat, tmp_path):
    (tmp_path / "more").mkdir()
    bird = say("a bird").save(tmp_path / "more" / "bird.flac")
    assert course("transcribe", cat, tmp_path / "more") == (0, f"{cat}: the cat\n{bird}: a bird\n", [])


def test_words_with_times(course, cat):
    _, out, _ = course("transcribe", cat, "--words")
    assert out.splitlines()[1:] == ["      0.00     0.10  the", "      0.16     0.26  cat"]


def test_as_json(course, cat, tmp_path):
    (tmp_path / "bad.wav").write_bytes(b"text")
    code, out, err = course("transcribe", cat, tmp_path / "bad.wav", "--json", "--beams", 3)
    answer = json.loads(out)
    assert (code, answer["count"], answer["failed"]) == (2, 2, 1)
    first, second = answer["results"]
    assert (first["text"], first["words"][1]["text"], second["text"]) == ("the cat", "cat", "")
    assert "text under a recording's name" in second["error"]
    assert err[-1] == "course: 1 of 2 recordings could not be heard, see above; the others are done."


def test_silence_is_said_and_no_error(course, tmp_path):
    soundfile.write(tmp_path / "quiet.wav", np.zeros(8_000), 8_000)
    code, out, err = course("transcribe", tmp_path / "quiet.wav")
    assert (code, out) == (0, f"{tmp_path / 'quiet.wav'}: nothing heard\n")
    assert len(err) == 1
    assert "is silent" in err[0]


def test_speaking_writes_a_file(course, tmp_path):
    out = tmp_path / "x.flac"
    answer = course("speak", "put the cup", "--out", out, "--seed", 3, "--vocoder", "griffin_lim")
    assert answer == (0, f"{out}: 1.00 s at 8,000 Hz\n", [])
    assert course.voice.asked == ("put the cup", "griffin_lim", 3)
    assert soundfile.info(out).frames == 8_000
    assert course("speak", "-", "--out", out, given=b"a quick cat\n")[2] == [
        "course: It does not know a word."
    ]
    assert course.voice.asked == ("a quick cat", "auto", 0)
    assert [path.name for path in tmp_path.iterdir()] == ["x.flac"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["transcribe", "missing.wav"],
        ["transcribe", ""],
        ["transcribe", "{folder}"],
        ["transcribe", "{cat}", "--beams", "0"],
        ["transcribe", "{cat}", "--model", "tacotron2_nano"],
        ["speak", "", "--out", "x.wav"],
        ["speak", "hello", "--out", "x.doc"],
        ["speak", "hello", "--out", "{folder}/nowhere/x.wav"],
        ["speak", "hello", "--out", "{folder}/x.wav", "--model", "deepspeech_nano"],
    ],
    ids=" ".join,
)
def test_bad_input_is_one_line_and_exit_2(course, arguments, tmp_path):
    (tmp_path / "empty").mkdir()
    cat = say("the cat").save(tmp_path / "cat.wav")
    code, out, err = course(*(text.format(folder=tmp_path / "empty", cat=cat) for text in arguments))
    assert (code, out, len(err)) == (2, "", 1)
    assert err[0].startswith("course: ")
