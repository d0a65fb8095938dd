"""Weights with a restricted use are fetched only for somebody who agrees to their licence."""

import sys

import pytest

from course_lib import catalog, cli, fetching
from course_lib.errors import CourseError
from course_lib.weights.sources import checkpoint

RESTRICTED = "stylegan2_ffhq"


@pytest.fixture
def fetched(monkeypatch, tmp_path):
    """Stand in for the download."""
    asked, path = [], tmp_path / "weights.pkl"

    def fetch(offer):
        asked.append(offer.file)
        path.write_bytes(b"numbers")
        return path

    monkeypatch.setattr(checkpoint, "fetch", fetch)
    monkeypatch.setattr(checkpoint, "find", lambda offer: path if path.exists() else None)
    return asked


def course(capsys, *arguments):
    sys.argv = ["course", *arguments]
    with pytest.raises(SystemExit) as stop:
        cli.main()
    captured = capsys.readouterr()
    return stop.value.code, captured.out, captured.err


def test_nothing_is_fetched_before_the_licence_is_agreed_to(capsys, fetched):
    code, _, err = course(capsys, "fetch", RESTRICTED)
    assert code == 2
    assert fetched == []
    assert "NVIDIA Source Code License" in err
    assert "not for commercial use" in err
    assert "--accept-licence" in err
    with pytest.raises(CourseError, match="accept-licence"):
        fetching.fetch(RESTRICTED)


def test_with_agreement_it_is_fetched_and_the_licence_is_still_shown(capsys, fetched):
    code, out, err = course(capsys, "fetch", RESTRICTED, "--accept-licence")
    assert code == 0
    assert fetched == ["stylegan2-ffhq.pkl"]
    assert "not for commercial use" in err
    assert "official weights at" in out


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 2)])
def test_who_sits_there_is_asked(capsys, fetched, monkeypatch, answer, code):
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("typer.confirm", lambda text, err: answer == "y\n")
    assert course(capsys, "fetch", RESTRICTED)[0] == code
    assert len(fetched) == (code == 0)


def test_what_is_here_was_agreed_to(fetched):
    fetching.fetch(RESTRICTED, agree=lambda offer: True)
    fetching.fetch(RESTRICTED, agree=lambda offer: pytest.fail("asked again"))
    assert len(fetched) == 1


def test_other_weights_need_no_agreement(fetched):
    free = next(c for c in map(catalog.card, catalog.list_models("yolo_v9_t")))
    assert not free.weights[0].restriction
    fetching.fetch(free.id, agree=lambda offer: pytest.fail("asked for nothing"))
    assert len(fetched) == 1


def test_info_says_what_the_licence_allows(capsys):
    assert "not for commercial use" in course(capsys, "info", RESTRICTED)[1]
