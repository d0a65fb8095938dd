"""Downloads that are cut, stall, are put off, or bring another file: whole and checked at the end, or one clear line."""

import hashlib

import pytest

from course_lib.weights import cache
from tests.faults.fetches import DATA, HASTY, MD5, SHA256, arrived, fetch, left_over, offer, refused
from tests.faults.server import PAGE, serving

CUTS = ["cut", "cut at once", "cut without length", "cut chunked"]


@pytest.mark.fault(1)
@pytest.mark.parametrize(
    "behaviour", [[cut, "ok"] for cut in CUTS] + [[*CUTS[:2], "ok"], ["chunked"]], ids=str
)
def test_cut_and_tried_again(behaviour):
    with serving(DATA, behaviour) as (url, seen):
        arrived(fetch(offer(url)))
    assert seen == behaviour
    assert cache.place_of("weights.bin").read_bytes() == DATA


@pytest.mark.fault(1)
@pytest.mark.parametrize("cut", ["cut", "cut at once", "cut chunked"])
def test_cut_and_tried_again_without_a_published_hash(cut):
    with serving(DATA, [cut, "ok"]) as (url, seen):
        arrived(fetch(offer(url, published="")))
    assert seen == [cut, "ok"]
    assert (cache.place_of("weights.bin.sha256")).read_text().strip() == SHA256


@pytest.mark.fault(1)
@pytest.mark.parametrize("published", [MD5, ""], ids=["hash", "no hash"])
@pytest.mark.parametrize("cut", CUTS)
def test_cut_for_ever(cut, published):
    """Where neither a hash nor a length says what is whole, nobody could tell: that is refused at once."""
    with serving(DATA, [cut]) as (url, seen):
        blind = cut == "cut without length" and not published
        refused(fetch(offer(url, published)), url, "nobody could tell" if blind else "3 times")
    assert len(seen) == (1 if blind else 3)
    assert left_over() == []


@pytest.mark.fault(2)
@pytest.mark.parametrize(
    "trouble", ["stall half", "stall silent", "drip", "status 503", "status 429", "status 500"]
)
def test_stalled_or_busy_once(trouble):
    with serving(DATA, [trouble, "ok"]) as (url, seen):
        ended = fetch(offer(url), before=HASTY)
    arrived(ended)
    assert seen == [trouble, "ok"]
    assert "127.0.0.1: " in ended.err
    assert "trying again in" in ended.err


@pytest.mark.fault(2)
@pytest.mark.parametrize("trouble", ["stall half", "stall silent", "drip", "status 503", "status 429"])
def test_stalled_or_busy_for_ever(trouble):
    with serving(DATA, [trouble]) as (url, seen):
        refused(fetch(offer(url), before=HASTY), url, "3 times")
    assert len(seen) == 3
    assert left_over() == []


@pytest.mark.fault(2)
@pytest.mark.parametrize("wait", ["2", "date 3"], ids=["seconds", "date"])
@pytest.mark.parametrize("status", ["429", "503"])
def test_it_waits_as_long_as_the_server_asks(status, wait):
    with serving(DATA, [f"status {status} {wait}", "ok"]) as (url, seen):
        arrived(fetch(offer(url)))
    assert 1.9 < seen.times[1] - seen.times[0] < 30


@pytest.mark.fault(2)
@pytest.mark.parametrize("wait", ["soon", "-5", "1e9", "date -100", "Thu, 99 Nov 2026"])
def test_a_wait_that_makes_no_sense_is_not_waited_for(wait):
    with serving(DATA, [f"status 429 {wait}", "ok"]) as (url, seen):
        arrived(fetch(offer(url)))
    assert len(seen) == 2


@pytest.mark.fault(2)
@pytest.mark.parametrize("wait", ["3600", "date 3600"], ids=["seconds", "date"])
def test_nobody_waits_for_an_hour(wait):
    with serving(DATA, [f"status 503 {wait}", "ok"]) as (url, seen):
        refused(fetch(offer(url)), url, "60 minutes")
    assert len(seen) == 1


@pytest.mark.fault(3)
@pytest.mark.parametrize("behaviour", ["login", "login without length", "wrong"])
def test_another_file_is_named_with_both_hashes(behaviour):
    found = hashlib.md5(PAGE if "login" in behaviour else DATA[:-1] + bytes([DATA[-1] ^ 1])).hexdigest()
    with serving(DATA, [behaviour]) as (url, seen):
        ended = fetch(offer(url))
    refused(
        ended,
        url,
        MD5.replace(":", " "),
        f"md5 {found}",
        "log-in" if "login" in behaviour else "another file",
    )
    assert len(seen) == 1  # another try would bring the same
    assert left_over() == []


@pytest.mark.fault(3)
@pytest.mark.parametrize("behaviour", ["login", "login without length"])
def test_a_login_page_is_no_file_even_where_no_hash_is_published(behaviour):
    with serving(DATA, [behaviour]) as (url, _):
        refused(fetch(offer(url, published="")), url)
    with serving(DATA, [behaviour]) as (url, _):
        refused(fetch(offer(url, published="", bytes=0)), url)
    assert left_over() == []


@pytest.mark.fault(3)
@pytest.mark.parametrize(
    "behaviour", ["login", "wrong", "status 404", "status 403", "cut", "status 503 3600"]
)
def test_the_next_mirror_is_tried(behaviour):
    with serving(DATA, [behaviour]) as (bad, seen), serving(DATA, ["ok"]) as (good, used):
        arrived(fetch(offer(bad, mirrors=(good,))))
    assert len(seen) == (3 if behaviour == "cut" else 1)
    assert used == ["ok"]


@pytest.mark.fault(3)
def test_all_mirrors_are_named_where_none_has_it():
    with serving(DATA, ["login"]) as (one, _), serving(DATA, ["wrong"]) as (two, _):
        refused(
            fetch(offer("http://127.0.0.1:9/gone", mirrors=(one, two))),
            "127.0.0.1 can't be reached",
            one,
            two,
        )
    assert left_over() == []


@pytest.mark.fault(3)
def test_a_mirror_of_a_machine_that_is_off():
    with serving(DATA, ["ok"]) as (url, _):
        arrived(fetch(offer("http://127.0.0.1:9/gone", mirrors=(url,))))


@pytest.mark.fault(12)
def test_a_server_that_never_ends_is_stopped():
    with serving(DATA, ["endless"]) as (url, _):
        refused(fetch(offer(url)), "twice")
    assert left_over() == []


@pytest.mark.fault(8)
def test_without_a_network_it_says_so_at_once():
    ended = fetch(offer("http://127.0.0.1:9/weights.bin"), before="")  # nobody listens on the discard port
    refused(ended, "can't be reached")
    assert left_over() == []
