"""How many workers a Ray cluster takes: as many as can start, whatever its machines offer; tried without Ray."""

import sys
from types import SimpleNamespace

import pytest

from course_lib.cluster import mapping
from course_lib.cluster.address import Cluster
from course_lib.cluster.ray_runtime import size_of
from course_lib.errors import CourseError


def node(alive=True, **resources):
    return {"Alive": alive, "Resources": resources if alive else {}}


def cluster_of(monkeypatch, *nodes, cards=0):
    ray = SimpleNamespace(
        nodes=lambda: list(nodes), cluster_resources=lambda: {"GPU": cards} if cards else {}
    )
    monkeypatch.setitem(sys.modules, "ray", ray)
    return Cluster(address="head:6379")


def test_a_machine_without_a_processor_takes_no_worker(monkeypatch):
    head, small, dead = node(memory=1e9), node(CPU=0.5), node(alive=False)
    cluster = cluster_of(monkeypatch, head, node(CPU=8.0), small, dead, node(CPU=1.0))
    assert size_of(cluster) == (2, 0)
    assert size_of(cluster_of(monkeypatch, head, cards=3)) == (3, 1)


def test_a_cluster_that_offers_none_is_refused_in_one_sentence(monkeypatch):
    with pytest.raises(CourseError, match="the Ray cluster head:6379 offers a processor: start one"):
        size_of(cluster_of(monkeypatch, node(memory=1e9)))


def test_nothing_to_do_starts_nothing(monkeypatch):
    monkeypatch.setattr(mapping, "connected", lambda _: pytest.fail("started"))
    assert list(mapping.stream(Cluster(workers=2), [], "features", "vgg_nano")) == []
