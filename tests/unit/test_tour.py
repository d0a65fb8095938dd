"""The tour: seven stops, one page that holds everything, and a stop that fails stops nobody."""

import base64
import io
import re
import sys
from html.parser import HTMLParser

import numpy as np
import pytest
import soundfile

from course_lib import CourseError, card, load
from course_lib.cli import main
from course_lib.cli.tour import page_path
from course_lib.decoding.errors import word_errors
from course_lib.errors import BadInput
from course_lib.media.sound.audio import Audio
from course_lib.tour import TOUR, page, walk
from course_lib.tour.stops import SPOKEN, Shown, Stop, Way
from course_lib.viz.picture import encode

HEARD = "the yellow bird follows the box"
pytestmark = pytest.mark.xdist_group("tour")  # in one process, or else the tour is walked in each


class Page(HTMLParser):
    """What a page holds: its tags with their attributes, its sections, its cells."""

    def __init__(self, text: str):
        super().__init__()
        self.tags, self.headings, self.inside = [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.inside = tag

    def handle_data(self, data):
        if self.inside == "h2":
            self.headings.append(data)
            self.inside = ""

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def tour(tmp_path_factory):
    """Walk the whole tour by its command, without a network: what it printed, and its page."""
    out, said = tmp_path_factory.mktemp("tour") / "mine.html", io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_CACHE", str(out.parent / "cache"))
        patch.setattr("socket.socket.connect", _no_network)
        patch.setattr(sys, "argv", ["course", "tour", "--out", str(out)])
        patch.setattr(sys, "stdout", said)
        with pytest.raises(SystemExit) as ended:
            main()
    assert ended.value.code == 0, said.getvalue()
    return said.getvalue(), out.read_text(encoding="utf-8")


def _no_network(*_):
    raise OSError("no network here")


def test_a_line_for_each_stop_and_where_the_page_is(tour):
    lines = tour[0].splitlines()
    for number, (stop, line) in enumerate(zip(TOUR, lines, strict=False), 1):
        assert re.match(rf"{number}/7 {stop.does} \.\.\. .+ \(\w+, (nano|package).*; \d+\.\d s\)$", line), (
            line
        )
    assert len(lines) == 8
    assert "cat" in lines[0]
    assert "four hundred and seventy-two" in lines[3]
    assert "7 of 7 stops" in lines[7]


def test_the_page_has_all_seven_with_pictures_in_words(tour):
    found = Page(tour[1])
    assert [heading.split(". A network ")[-1] for heading in found.headings[:7]] == [
        stop.does for stop in TOUR
    ]
    alts = [image["alt"] for image in found.all("img")]
    assert len(alts) == 5
    assert all(len(alt) > 30 for alt in alts)
    assert any("cat" in alt for alt in alts)
    assert any("sneaker" in alt for alt in alts)


def test_the_page_asks_nothing_of_the_network_and_runs_nothing(tour):
    found = Page(tour[1])
    for tag, attributes in found.tags:
        assert tag not in ("script", "link", "iframe", "object")
        for name in ("src", "href", "srcset", "poster"):
            assert attributes.get(name, "data:").startswith("data:"), (tag, attributes)
    assert not re.search(r"url\(|@import", tour[1])
    assert "default-src 'none'" in found.all("meta")[1]["content"]


def test_what_was_said_can_be_heard_and_written_down_again(tour):
    kinds = [sound["src"].partition(",") for sound in Page(tour[1]).all("audio")]
    assert [kind for kind, _, _ in kinds] == ["data:audio/wav;base64"] * 2
    ears = load("deepspeech_nano")
    for (_, _, data), said in zip(kinds, (HEARD, SPOKEN), strict=True):
        samples, rate = soundfile.read(io.BytesIO(base64.b64decode(data)), dtype="float32")
        assert len(samples) / rate > 0.5
        assert np.sqrt(np.mean(samples**2)) > 0.01, "it is silent"
        assert word_errors([said], [ears.transcribe((samples, rate)).text]).changes <= 1


def test_the_recogniser_wrote_what_was_said(tour):
    line = tour[0].splitlines()[4]
    written = line.partition("... ")[2].partition(" (")[0]
    assert word_errors([HEARD], [written]).changes <= 1


def test_every_weight_is_named_with_its_source(tour):
    rows = re.findall(r"<tr>(<td>.*?)</tr>", tour[1])
    models = ["efficientnet_lite0", "yolo_v8_nano", "gpt_nano", "t5_nano", "deepspeech_nano", "tacotron2_nano",
              "waveglow_nano", "biggan_nano"]  # fmt: skip
    assert len(rows) == len(models)
    for row, model in zip(rows, models, strict=True):
        offer = next(offer for offer in card(model).weights if offer.model == model)
        for fact in (model, offer.grade, offer.trained_on, offer.licence):
            assert fact.replace("'", "&#x27;") in row, (fact, row)
        assert offer.hash.removeprefix("sha256:") in row


def test_a_stop_that_fails_is_said_and_the_next_are_shown():
    def fails(model):
        raise CourseError("It needs the package <b>, which is not installed.")

    def breaks(model):
        raise ValueError("odd\nmore")

    def works(model):
        picture = encode(np.zeros((4, 4, 3), np.uint8), "black")
        return Shown("<i>", "a & b", (picture, Audio(np.ones(80, np.float32), 80)))

    said = []
    stops = [Stop("fails", (Way("vae_nano", "nano", fails),)),
             Stop("works", (Way("vae_nano", "official", fails), Way("vae_nano", "nano", breaks), Way("vae_nano", "nano", works)))]  # fmt: skip
    seen = walk(stops, said.append)
    assert [one.shown is None for one in seen] == [True, False]
    assert seen[1].troubles == ("vae_nano: ValueError: odd",), (
        "official weights are not here, so they are not tried"
    )
    assert "could not be shown: [vae_nano: It needs the package" in "".join(said)
    text = page(seen)
    assert "It needs the package &lt;b&gt;" in text
    assert "<pre>a &amp; b</pre>" in text
    assert "&lt;i&gt;" in text


def test_a_tour_with_a_gap_ends_with_one(monkeypatch, tmp_path, capsys):
    def fails(model):
        raise CourseError("Nothing works.")

    monkeypatch.setattr("course_lib.tour.TOUR", (Stop("fails", (Way("vae_nano", "nano", fails),)),))
    monkeypatch.setattr(sys, "argv", ["course", "tour", "--out", str(tmp_path / "new")])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    assert "0 of 1 stops" in capsys.readouterr().out
    assert "Nothing works." in (tmp_path / "new" / "tour.html").read_text()


def test_a_place_that_cannot_be_written_costs_no_walk(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr("course_lib.tour.walk", lambda *_: pytest.fail("it walks"))
    monkeypatch.setattr("course_lib.files.os.fsync", _full)
    (tmp_path / "mine.html").write_text("the page of yesterday")
    for out in (tmp_path / "mine.html", tmp_path / ("x" * 250 + ".html")):
        monkeypatch.setattr(sys, "argv", ["course", "tour", "--out", str(out)])
        with pytest.raises(SystemExit) as ended:
            main()
        err = capsys.readouterr().err
        assert (ended.value.code, err.count("\n")) == (2, 1)
        assert "Can't write" in err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.html"]
    assert (tmp_path / "mine.html").read_text() == "the page of yesterday"


def _full(_):
    raise OSError(28, "No space left on device")


def test_where_the_page_goes(tmp_path):
    assert page_path(tmp_path / "a" / "b") == tmp_path / "a" / "b" / "tour.html"
    assert page_path(tmp_path / "c" / "my.HTML") == tmp_path / "c" / "my.HTML"
    assert list((tmp_path / "a" / "b").iterdir()) == []
    (tmp_path / "text.txt").touch()
    with pytest.raises(BadInput, match="is a file"):
        page_path(tmp_path / "text.txt")
    (tmp_path / "d.html").mkdir()
    with pytest.raises(BadInput, match="is a folder"):
        page_path(tmp_path / "d.html")
    with pytest.raises(CourseError, match="Can't make"):
        page_path(tmp_path / "text.txt" / "more")
