"""`course detect`: pictures, folders and videos with boxes, one line for what is wrong, and Ctrl-C that loses nothing."""

import json
import os
import signal
import sys

import numpy as np
import pytest
from PIL import Image

from course_lib import cli
from course_lib.boxes import Boxes
from course_lib.catalog.cards import Card
from course_lib.errors import BadInput
from course_lib.media import video
from course_lib.media.images import open_images
from course_lib.media.video import Clip, open_video
from course_lib.media.video_writer import write_video
from course_lib.tasks.base import Provenance
from course_lib.tasks.detect import Detections
from course_lib.viz.paint import colour

pytest.importorskip("av")


class Finder:
    """Finds one thing, the lower right quarter of every picture."""

    card = Card("finder", "finder", "Finder", "detect", 2026, "", "", 0, 8, "", "17")
    provenance = Provenance("nano", "finder", "a test")
    interrupt_at = None

    def __init__(self):
        self.seen = 0

    def detect(self, image, score):
        self.seen += 1
        if self.seen == self.interrupt_at:
            os.kill(os.getpid(), signal.SIGINT)
        height, width = image.shape[:2]
        boxes = Boxes.of([[width / 2, height / 2, width, height]], [1], [0.875])
        return Detections(boxes[boxes.scores >= score], ("cat", "dog"))

    def detect_stream(self, images, score):
        for name, image in open_images(images):
            if isinstance(image, BadInput):
                found = Detections(Boxes.of([], [], []), (), error=str(image))
            else:
                found = self.detect(image, score)
            found.name = name
            yield found


@pytest.fixture
def finder(monkeypatch):
    model = Finder()
    monkeypatch.setattr("course_lib.loading.open_pretrained", lambda *_: model)
    monkeypatch.setattr("course_lib.loading.announcement", lambda _: "finder: a test")
    return model


@pytest.fixture
def photos(tmp_path):
    (tmp_path / "in" / "deep").mkdir(parents=True)
    for name in ("a.png", "b.jpg", "deep/a.png"):
        Image.new("RGB", (80, 60), "grey").save(tmp_path / "in" / name)
    return tmp_path / "in"


@pytest.fixture
def clip(tmp_path):
    frames = ((i / 10, np.full((60, 80, 3), 100, np.uint8)) for i in range(10))
    write_video(tmp_path / "clip.mp4", frames)
    return tmp_path / "clip.mp4"


def course(capsys, *arguments):
    sys.argv = ["course", "detect", *map(str, arguments)]
    with pytest.raises(SystemExit) as stop:
        cli.main()
    captured = capsys.readouterr()
    return stop.value.code, captured.out, captured.err


def one_line(code, out, err):
    lines = [line for line in err.splitlines() if line != "finder: a test"]
    return code == 2 and len(lines) == 1 and lines[0].startswith("course: ")


def boxed(pixels):
    """Say whether the box is there: its left edge in its colour, within what compression changes."""
    wanted = np.array([int(colour(1)[i : i + 2], 16) for i in (1, 3, 5)])
    edge = np.asarray(pixels, int)[40:55, 40:42]
    return np.abs(edge - wanted).mean() < 40


def frames_of(path):
    with open_video(path) as opened:
        return [frame for _, frame in opened.frames]


def test_pictures_in_words_and_as_json(capsys, finder, photos):
    code, out, _ = course(capsys, photos / "a.png")
    assert code == 0
    assert out.strip().endswith("a.png: dog 87.5% (40, 30, 80, 60)")
    assert "nothing found" in course(capsys, photos / "a.png", "--score", 0.9)[1]
    code, out, _ = course(capsys, photos, "--json")
    answer = json.loads(out)
    assert (code, answer["count"], answer["failed"]) == (0, 3, 0)
    assert answer["model"] == "finder"
    assert answer["results"][1]["detections"] == [
        {"label": "dog", "index": 1, "score": 0.875, "box": [40, 30, 80, 60]}
    ]


def test_one_picture_with_boxes(capsys, finder, photos, tmp_path):
    for name in ("boxed.png", "boxed.jpg"):
        code, out, _ = course(capsys, photos / "b.jpg", "--out", tmp_path / name)
        assert code == 0
        assert "1 picture with boxes" in out
        with Image.open(tmp_path / name) as image:
            assert image.size == (80, 60)
            assert boxed(image.convert("RGB"))


def test_a_folder_with_a_bad_file_is_done_and_names_it(capsys, finder, photos, tmp_path):
    (photos / "c.png").write_text("no picture")
    code, out, err = course(capsys, photos, "--out", tmp_path / "new" / "boxed")
    assert code == 2
    assert "c.png" in err
    assert "1 of 4" in err.splitlines()[-1]
    assert "3 pictures with boxes" in out
    names = sorted(path.name for path in (tmp_path / "new" / "boxed").iterdir())
    assert names == ["a-2.png", "a.png", "b.jpg"]


def test_what_was_given_is_never_overwritten(capsys, finder, photos, clip, monkeypatch):
    before = {path: path.read_bytes() for path in [*photos.rglob("*.*"), clip]}
    for arguments in (
        (photos, "--out", photos),
        (photos, "--out", photos / "boxed"),
        (photos / "a.png", "--out", photos / "a.png"),
        (photos / "a.png", "--out", photos),
        (photos, "--out", photos.parent / "boxed.png"),
        (clip, "--out", clip),
    ):
        assert one_line(*course(capsys, *arguments)), arguments
    assert before == {path: path.read_bytes() for path in [*photos.rglob("*.*"), clip]}


def test_a_video_with_boxes(capsys, finder, clip, tmp_path):
    code, out, _ = course(capsys, clip, "--out", tmp_path / "boxed.mp4")
    assert code == 0
    assert "boxed.mp4: 10 frames, 0.9 s of video, " in out
    assert "frames a second" in out
    frames = frames_of(tmp_path / "boxed.mp4")
    assert len(frames) == 10
    assert all(map(boxed, frames))
    code, out, _ = course(capsys, clip)
    assert code == 0
    assert len([line for line in out.splitlines() if "dog 87.5%" in line]) == 10
    answer = json.loads(course(capsys, clip, "--json")[1])
    assert (answer["count"], answer["failed"], answer["seconds"]) == (10, 0, 0.9)
    assert answer["results"][3]["seconds"] == 0.3
    assert answer["frames_per_second"] > 0


def test_ctrl_c_keeps_what_is_written(capsys, finder, clip, tmp_path):
    finder.interrupt_at = 4
    before = signal.getsignal(signal.SIGINT)
    code, out, _ = course(capsys, clip, "--out", tmp_path / "boxed.mp4")
    assert code == 130
    assert "4 frames" in out
    assert len(frames_of(tmp_path / "boxed.mp4")) == 4
    assert signal.getsignal(signal.SIGINT) is before


def test_a_webcam_runs_until_ctrl_c(capsys, finder, monkeypatch, tmp_path):
    from contextlib import contextmanager

    @contextmanager
    def camera(given):
        frame = np.full((60, 80, 3), 90, np.uint8)
        yield Clip(given, 0, ((i / 30, frame) for i in range(1000)))

    monkeypatch.setattr(video, "open_video", camera)
    finder.interrupt_at = 6
    code, out, _ = course(capsys, "webcam:0", "--out", tmp_path / "seen.mkv")
    assert code == 0
    assert "6 frames" in out
    assert len(frames_of(tmp_path / "seen.mkv")) == 6


def test_damaged_frames_are_counted_and_the_rest_is_done(capsys, finder, monkeypatch, tmp_path):
    from contextlib import contextmanager

    @contextmanager
    def damaged(given):
        frame = np.full((60, 80, 3), 90, np.uint8)
        yield Clip(given, 20, ((i, BadInput(f"frame {i}") if i % 4 == 1 else frame) for i in range(20)))

    monkeypatch.setattr(video, "open_video", damaged)
    code, out, err = course(capsys, "clip.mp4", "--out", tmp_path / "boxed.mp4")
    assert code == 2
    assert "20 frames" in out
    assert len(frames_of(tmp_path / "boxed.mp4")) == 15
    assert [line for line in err.splitlines() if line.startswith("course: frame")] == [
        "course: frame 1",
        "course: frame 5",
        "course: frame 9",
    ]
    assert "5 of 20 frames" in err.splitlines()[-1]


def test_videos_in_which_nothing_can_be_read(capsys, finder, monkeypatch, tmp_path):
    from contextlib import contextmanager

    for frames, says in (([], "holds no frame"), ([(0, BadInput("damaged"))], "damaged")):

        @contextmanager
        def empty(given, frames=frames):
            yield Clip(given, 0, iter(frames))

        monkeypatch.setattr(video, "open_video", empty)
        code, _, err = course(capsys, "clip.mp4", "--out", tmp_path / "boxed.mp4")
        assert code == 2
        assert says in err
        assert not list(tmp_path.iterdir())
        code, out, _ = course(capsys, "clip.mp4", "--json")
        assert code == 2
        assert json.loads(out)["count"] == len(json.loads(out)["results"]) == len(frames)


def test_bad_input_is_one_line_before_any_model_is_loaded(capsys, monkeypatch, clip, tmp_path):
    monkeypatch.setattr("course_lib.loading.open_pretrained", lambda *_: pytest.fail("loaded"))
    (tmp_path / "text.mp4").write_text("a text")
    for arguments in (
        ("missing.jpg",),
        ("missing.mp4",),
        (tmp_path / "text.mp4",),
        ("webcam:93",),
        (clip, clip),
        (clip, "sample:cat"),
        (clip, "--out", tmp_path / "boxed.gif"),
        ("sample:cat", "sample:coffee", "--out", tmp_path / "boxed.png"),
        ("sample:cat", "--out", tmp_path / "boxed.gif"),
        ("sample:cat", "--out", tmp_path / "boxed.mp4"),
        ("sample:cat", "--engine", "tensorrt"),
    ):
        assert one_line(*course(capsys, *arguments)), arguments
    assert {path.name for path in tmp_path.iterdir()} == {"clip.mp4", "text.mp4"}


def test_a_classifier_cannot_detect(capsys):
    assert course(capsys, "sample:cat", "--model", "resnet_nano")[2].strip().endswith("its task is classify.")
