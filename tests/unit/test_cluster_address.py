"""What `--cluster` takes, and what it says of the rest."""

import importlib.util

import pytest

from course_lib.cluster.address import MOST, Cluster, need_ray, parse
from course_lib.errors import BadInput, CourseError


@pytest.mark.parametrize(
    ("text", "cluster"),
    [
        ("local:1", Cluster(workers=1)),
        ("local:2", Cluster(workers=2)),
        (f"local:{MOST}", Cluster(workers=MOST)),
        ("localhost:6379", Cluster(address="localhost:6379")),
        ("auto", Cluster(address="auto")),
        (" auto ", Cluster(address="auto")),
        ("10.0.0.7:6379", Cluster(address="10.0.0.7:6379")),
        ("head-node.example:6379", Cluster(address="head-node.example:6379")),
        ("ray://head:10001", Cluster(address="ray://head:10001")),
        ("[::1]:6379", Cluster(address="[::1]:6379")),
    ],
)
def test_an_address_is_read(text, cluster):
    assert parse(text) == cluster
    assert cluster.is_local == text.startswith("local:")


@pytest.mark.parametrize(
    "text",
    ["", " ", "local", "local:", "local:0", "local:-1", "local:2.5", f"local:{MOST + 1}", "local:" + "9" * 5000, "locals:2",
     "head", "head:", "head:0", "head:65536", "http://head:6379", "ray://", "head:1:2", "a b:1", "head:6379\n--x", "\u0661:1"],
)  # fmt: skip
def test_what_is_no_cluster_is_refused_in_one_sentence(text):
    with pytest.raises(BadInput, match="local:") as refused:
        parse(text)
    assert "\n" not in str(refused.value)


def test_it_says_what_runs_where():
    assert str(parse("local:1")) == "1 worker process of this machine"
    assert str(parse("local:2")) == "2 worker processes of this machine"
    assert str(parse("auto")) == "the Ray cluster of this machine"
    assert str(parse("head:6379")) == "the Ray cluster head:6379"


def test_without_ray_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(CourseError, match=r"course-lib\[cluster\]"):
        need_ray()
