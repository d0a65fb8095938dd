"""The check of the built pages finds what a reader would stumble over."""

import pytest

from course_lib.lessons.check_site import site_problems

GOOD = """<!doctype html><title>a</title><link rel="stylesheet" href="a.css"><h1 id="top">A</h1>
<a href="b.html#here">b</a> <a href="#top">up</a> <a href="https://example.org/x">out</a> <a href="#">menu</a>
<img src="data:image/png;base64,AAAA" alt="a dot">"""


@pytest.fixture
def site(tmp_path):
    (tmp_path / "a.html").write_text(GOOD)
    (tmp_path / "b.html").write_text('<p id="here">b</p>')
    (tmp_path / "a.css").write_text("")
    return tmp_path


def test_a_sound_site_has_no_problems(site):
    assert site_problems(site) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("b.html#here", "c.html", "a.html: 'c.html' leads nowhere"),
        ("b.html#here", "b.html#there", "a.html: 'b.html#there' leads nowhere"),
        ("#top", "#bottom", "a.html: '#bottom' leads nowhere"),
        ('href="a.css"', 'href="c.css"', "a.html: 'c.css' leads nowhere"),
        ('alt="a dot"', 'alt=" "', "a.html: a picture without alt text"),
        ("data:image/png;base64,AAAA", "https://example.org/a.png", "from elsewhere"),
        ("<h1", '<script src="https://example.org/a.js"></script><h1', "from elsewhere"),
    ],
)
def test_each_fault_is_found(site, old, new, said):
    text = GOOD.replace(old, new)
    assert text != GOOD
    (site / "a.html").write_text(text)
    problems = site_problems(site)
    assert len(problems) == 1
    assert said in problems[0]
