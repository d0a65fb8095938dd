"""The report of a fine-tuning: right numbers, honest words, harmless whatever names it is given, and small."""

import dataclasses
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from course_lib.errors import BadInput, CourseError
from course_lib.tasks.base import Provenance
from course_lib.training.report import Answers, Epoch, Outcome, as_json, summary, write_report
from course_lib.training.report.measures import Measures, best_epoch, wilson
from course_lib.training.report.mistakes import thumbnail
from course_lib.training.report.words import percent, seconds, shown

WEIGHTS = Provenance(
    "package", "efficientnet_lite0", "a package", "b0.bin", "ab" * 32, "ImageNet-1k", "Apache-2.0"
)
EPOCHS = tuple(Epoch(i + 1, 1 / (i + 1), (0.9, 0.5, 0.6)[i], 0.6 + 0.1 * i, 2.0) for i in range(3))
HOSTILE = (
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)> onload='x",
    "\u202egnp.exe\x1b[31m\x00",
    "$\\frac{1}{$",
    "caf\udce9",  # a file name that is no UTF-8
    "猫 شخص " + "x" * 100_000,
)
NOISE = np.random.default_rng(0).integers(0, 256, (12, 300, 500, 3), np.uint8)


def outcome(names=("cat", "dog"), labels=(0, 0, 0, 1, 1), logits=None, **others):
    """Make an outcome; without logits every answer is right."""
    count, labels = len(names), np.asarray(labels)
    held = np.bincount(labels, minlength=count)
    if logits is None:
        logits = np.zeros((len(labels), count), np.float32)
        logits[np.arange(len(labels)), labels] = 5
    logits = np.asarray(logits, np.float32)
    files = tuple(f"/home/me/{names[label]}/{index}.jpg" for index, label in enumerate(labels))
    answers = Answers(files, labels, logits) if len(labels) else None
    accuracy = float((logits.argmax(1) == labels).mean()) if len(labels) else np.nan
    facts = {
        "classes": tuple(names), "trained": held * 4 + 1, "held_out": held, "skipped": (), "notes": (), "epochs": EPOCHS,
        "probe_accuracy": 0.5, "accuracy": accuracy, "answers": answers, "settings": {"epochs": 3}, "provenance": WEIGHTS,
        "seconds": 200.0,
    }  # fmt: skip
    return Outcome(**facts | others)


def nothing_held_out(**others):
    return outcome(labels=np.zeros(0, int), probe_accuracy=np.nan, **others)


class Page(HTMLParser):
    """What a browser would see: the tags with their attributes, and the text."""

    def __init__(self, content):
        super().__init__()
        self.tags, self.text, self.open = [], "", []
        self.feed(content)
        self.text = re.sub(r"\s+", " ", self.text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in ("meta", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.text += data + " "

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture
def write(tmp_path):
    def write(*arguments):
        path = tmp_path / "report.html"
        write_report(path, *arguments)
        assert path.stat().st_size < 500_000
        page = Page(path.read_text(encoding="utf-8"))
        assert page.open == []
        return page

    return write


# Numbers


def test_wilson_as_in_tables():
    assert wilson(17, 20) == pytest.approx((0.6396, 0.9476), abs=1e-4)
    assert wilson(0, 10) == pytest.approx((0, 0.2775), abs=1e-4)
    assert wilson(10, 10) == pytest.approx((0.7225, 1), abs=1e-4)
    assert wilson(1, 1)[0] < 0.25


def test_measures_by_hand():
    logits = [[3, 0, 0], [0, 3, 0], [0, 3, 0], [0, 5, 0], [0, 3, 0], [np.nan, 0, 0]]
    found = Measures(Answers(("",) * 6, np.array([0, 0, 0, 1, 2, 2]), np.array(logits, np.float32)), 3)
    assert found.said.tolist() == [0, 1, 1, 1, 1, -1]
    np.testing.assert_allclose(found.recall, [1 / 3, 1, 0])
    np.testing.assert_allclose(found.precision, [1, 1 / 4, np.nan])
    assert found.matrix().tolist() == [[1, 2, 0], [0, 1, 0], [0, 1, 0]]
    assert found.confused(9) == [(0, 1, 2), (2, 1, 1)]
    assert found.sure[3] == pytest.approx(np.exp(5) / (np.exp(5) + 2))
    worst = found.mistakes(2)
    assert [mistake.index for mistake in worst] == [1, 2]
    assert worst[0].of_truth == pytest.approx(1 / (np.exp(3) + 2))


def test_logits_of_any_size_give_probabilities():
    found = Measures(Answers(("",), np.array([0]), np.array([[-3e38, 3e38]], np.float32)), 2)
    assert (found.sure[0], found.of_truth[0]) == (1, 0)


def test_the_best_epoch_has_the_lowest_held_out_loss():
    assert best_epoch(EPOCHS).number == 2
    assert best_epoch((Epoch(1, 1, np.nan, np.nan, 1),)) is None
    assert best_epoch(()) is None


@pytest.mark.parametrize(
    ("share", "count", "said"),
    [
        (0.846, 50, "85%"),
        (0.846, 500, "84.6%"),
        (0.9996, 5000, "> 99.9%"),
        (0.001, 50, "< 1%"),
        (1, 3, "100%"),
    ],
)
def test_shares_are_no_finer_than_they_are_known(share, count, said):
    assert percent(share, count) == said


def test_settings_are_words(write):
    page = write(
        outcome(settings={"augment": {"shift": 2, "mirror": True, "zoom": 0.0}, "balance": False, "x": {}})
    )
    assert "augment shift 2, mirror yes balance no x none" in page.text


def test_durations():
    assert [seconds(s) for s in (3.21, 59, 200, 7500)] == ["3.2 s", "59 s", "3 min 20 s", "2 h 5 min"]


# Words


def test_it_says_how_good_and_how_sure(write):
    page = write(outcome())
    assert "It names 5 of 5 held-out pictures rightly: 100%" in page.text
    assert "between 57% and 100% (95% confidence)" in page.text
    assert (
        "not clearly better than no training at all: always saying 'cat' would be right in 60%" in page.text
    )
    assert "chose the epoch that was kept" in page.text
    assert "chose the epoch" not in write(outcome(epochs=())).text


def test_a_good_model_is_not_talked_down(write):
    page = write(outcome(labels=[0, 1] * 50))
    assert "not clearly better" not in page.text
    assert "always saying cat 50%" in page.text


def test_nothing_held_out_is_said_plainly(write):
    page = write(nothing_held_out())
    assert "no picture was held out" in page.text
    assert "nothing is measured" in page.text
    assert not re.search(r"nan|Worst mistakes|recall", page.text)
    assert "no picture was held out" in summary(nothing_held_out())


def test_a_class_without_a_held_out_picture_is_named(write):
    alone = outcome(labels=[0, 0, 0])
    for said in (write(alone).text, summary(alone)):
        assert "How well it finds 'dog', nobody knows" in said
    assert "nobody knows" not in write(outcome()).text + summary(outcome())


def test_the_starting_weights_and_their_licence(write):
    page = write(outcome())
    for fact in ("Apache-2.0", "ImageNet-1k", "ab" * 32, "efficientnet_lite0", "package"):
        assert fact in page.text
    unknown = dataclasses.replace(WEIGHTS, licence="")
    assert "licence not stated: ask" in write(outcome(provenance=unknown)).text


def test_worst_mistakes_show_the_pictures_asked_for_and_no_others(write):
    logits = np.zeros((40, 2), np.float32)
    logits[:, 1] = np.arange(40) / 4 - 2  # the later, the surer of what is wrong
    asked = []

    def picture(index):
        asked.append(index)
        return NOISE[index % 12]

    page = write(outcome(labels=[0] * 39 + [1], logits=logits), picture)
    assert asked == list(range(38, 26, -1))
    shown_images = [image["alt"] for image in page.all("img") if "jpeg" in image["src"][:20]]
    assert shown_images[0] == "Held-out picture cat/38.jpg, which is cat, taken for dog"
    assert len(shown_images) == 12
    assert "/home/me" not in page.text
    assert "Is the label right?" in page.text


def test_a_picture_that_went_away_leaves_the_report(write):
    def gone(index):
        raise BadInput("There is no file '1.jpg': check the path.")

    page = write(outcome(labels=[0, 1], logits=[[0, 1], [1, 0]]), gone)
    assert page.text.count("There is no file '1.jpg'") == 2


def test_summary_is_a_few_lines():
    said = summary(outcome(labels=[0] * 9 + [1], logits=[[0, 1]] * 10, skipped=("a/b.jpg: broken",) * 3))
    assert "Trained 3 epochs of the whole network on 42 pictures of 2 classes in 3 min 20 s." in said
    assert "Most confused: 9 of 9 pictures of 'cat' taken for 'dog'." in said
    assert "The head alone: 50%." in said
    assert "3 files were left out; the first: a/b.jpg: broken" in said
    assert len(summary(outcome()).splitlines()) < 8
    assert summary(outcome(epochs=())).startswith("Trained a new head on")


def test_epochs_without_a_finite_number_are_drawn_as_far_as_they_can_be(write):
    lost = tuple(Epoch(i, (1.0, np.inf, np.nan)[i], np.nan, np.nan, 1.0) for i in range(3))
    page = write(outcome(epochs=lost))
    assert sum("Line chart" in image["alt"] for image in page.all("img")) == 2
    assert len(write(nothing_held_out(epochs=lost)).all("img")) == 1
    assert not write(nothing_held_out(epochs=lost[1:])).all("img")


# Whatever the data


def hostile():
    labels = np.arange(len(HOSTILE)).repeat(2)
    logits = np.random.default_rng(1).normal(size=(len(labels), len(HOSTILE)))
    words = {"skipped": HOSTILE * 50, "notes": HOSTILE * 50, "settings": {name: name for name in HOSTILE}}
    weights = Provenance("package", *HOSTILE)
    return outcome(HOSTILE, labels, logits, provenance=weights, **words)


def test_hostile_names_do_nothing(write):
    page = write(hostile(), lambda index: NOISE[index])
    assert not {tag for tag, _ in page.tags} & {"script", "object", "iframe", "a", "form", "svg"}
    assert all(not name.startswith("on") for _, attributes in page.tags for name in attributes)
    assert all(image["src"].startswith("data:image/") and image["alt"] for image in page.all("img"))
    assert "<script>alert(1)</script>" in page.text  # as a name, to be read
    assert not set("\u202e\x1b\x00") & set(page.text)


def test_hostile_names_do_nothing_to_a_terminal():
    said = summary(hostile())
    assert not set("\u202e\x1b\x00") & set(said)
    assert max(map(len, said.splitlines())) < 400
    said.encode()
    json.dumps(as_json(hostile()))


def test_only_data_is_shown_and_no_script_may_run(tmp_path):
    write_report(tmp_path / "r.html", outcome())
    content = (tmp_path / "r.html").read_text()
    assert "default-src 'none'; img-src data:" in content
    assert not re.search(r"https?:|<script|<link|url\(|@import", content)


def test_ten_thousand_classes_stay_small(write):
    labels = np.arange(1500) % 500
    logits = np.random.default_rng(0).normal(size=(1500, 10_000)).astype(np.float32)
    logits[np.arange(0, 1500, 3), labels[::3]] += 9
    many = outcome([f"class {i}" for i in range(10_000)], labels, logits)
    page = write(many, lambda index: NOISE[index % 12])
    assert "There are 10,000 classes; these are the weakest 40." in page.text
    assert len(page.all("tr")) < 80
    assert len(as_json(many)["confused"]) == 100


@pytest.mark.parametrize("count", [2, 12, 30, 60])
def test_any_number_of_classes_stays_small(write, count):
    names = [f"'\"&<>{i}" * 40 for i in range(count)]
    labels = np.arange(count).repeat(60)
    logits = np.random.default_rng(0).normal(size=(len(labels), count)) * 9
    long = tuple(Epoch(i, *logits[i % 50, :2], np.nan, 1.0) for i in range(1, 400))
    page = write(
        outcome(names, labels, logits, epochs=long, skipped=names * 9), lambda index: NOISE[index % 12]
    )
    assert len(page.all("img")) == 14
    assert ("Each row is a class" in page.text) == (count <= 30)


def test_one_picture(write):
    page = write(outcome(labels=[1], logits=[[9, 0]], epochs=EPOCHS[:1]), lambda index: NOISE[0][:1, :1])
    assert "0 of 1 held-out picture rightly: 0%" in page.text
    assert "none" in page.text


@pytest.mark.parametrize("size", [(1, 1), (32, 32), (1, 9000), (2000, 3), (400, 300)])
def test_thumbnails_of_any_shape(size):
    data, kind, sharp = thumbnail(np.zeros((*size, 3), np.uint8))
    assert len(data) < 5_000
    assert sharp == (kind == "png") == (max(size) <= 64)


def test_json_holds_what_was_measured():
    facts = json.loads(json.dumps(as_json(outcome(labels=[0, 0, 1], logits=[[1, 0], [0, 1], [0, 1]]))))
    assert facts["accuracy"] == pytest.approx(2 / 3)
    assert facts["confused"] == [{"was": "cat", "said": "dog", "times": 1}]
    assert facts["classes"][1] == {
        "name": "dog",
        "trained": 5,
        "held_out": 1,
        "recall": 1.0,
        "precision": 0.5,
    }
    assert facts["best_epoch"] == 2
    assert facts["starting_weights"]["licence"] == "Apache-2.0"
    empty = as_json(nothing_held_out(settings={"rate": np.float32(0.5), "out": object}))
    assert (empty["accuracy"], empty["interval"], empty["settings"]["rate"]) == (None, None, 0.5)


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path):
    with pytest.raises(CourseError, match="Can't write"):
        write_report(tmp_path / "missing" / "report.html", outcome())
    assert not list(tmp_path.iterdir())


def test_shown_keeps_what_people_read():
    assert shown("naïve 猫 🐈\u200d⬛\u00a0") == "naïve 猫 🐈\u200d⬛\u00a0"
    assert shown("a\nb\tc") == "a\ufffdb\ufffdc"
    assert shown("x" * 99, 9) == "xxxx…xxxx"
