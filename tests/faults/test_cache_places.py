"""Cache folders that are full, can't be written, can't be read or can't be made."""

import hashlib
import os
from pathlib import Path

import numpy as np
import pytest

from course_lib.training.feature_cache import FeatureCache
from course_lib.weights import cache
from tests.faults.fetches import DATA, MD5, QUICK, SHA256, arrived, fetch, left_over, offer, refused
from tests.faults.places import AS_NOBODY, FULL, mounted, open_to_all, unwritable
from tests.faults.server import serving

OLD = b"the file of another release"


@pytest.fixture
def somebodys():
    """A cache folder that another user may look into."""
    with open_to_all() as place:
        folder = place / "cache"
        (folder / "weights").mkdir(parents=True)
        yield folder
        folder.chmod(0o755)
        (folder / "weights").chmod(0o755)


@pytest.mark.fault(6)
@pytest.mark.parametrize("published", [MD5, ""], ids=["hash", "no hash"])
@pytest.mark.parametrize("room", [0, 1, 100_000, len(DATA) - 1])
def test_a_download_without_room(room, published):
    place = cache.place_of("weights.bin")
    place.parent.mkdir(parents=True)
    if published:
        place.write_bytes(OLD)
    with serving(DATA, ["ok"]) as (url, _):
        refused(
            fetch(offer(url, published), before=FULL.format(bytes=room)), "File too large", "COURSE_CACHE"
        )
        if published:
            assert place.read_bytes() == OLD
        assert left_over() == ["weights.bin"] * bool(published)
        arrived(fetch(offer(url, published)))


@pytest.mark.fault(6)
@pytest.mark.parametrize("options", ["size=64k", "size=4k", "nr_inodes=2", "nr_inodes=3"])
def test_a_download_onto_a_full_disk(options, tmp_path):
    with mounted(tmp_path / "disk", options) as disk, serving(DATA, ["ok"]) as (url, _):
        refused(fetch(offer(url), COURSE_CACHE=str(disk)), "No space left", "COURSE_CACHE")
        assert left_over(disk / "weights") == []


@pytest.mark.fault(6)
def test_the_hash_of_a_file_has_no_room(tmp_path):
    """Its place is full when the file itself has just come."""
    size = -(-len(DATA) // 4096) * 4096
    with mounted(tmp_path / "disk", f"size={size}") as disk, serving(DATA, ["ok"]) as (url, _):
        refused(fetch(offer(url, published=""), COURSE_CACHE=str(disk)), "No space left")
        assert left_over(disk / "weights") == []


@pytest.mark.fault(6)
def test_a_feature_cache_without_room_keeps_what_it_has(tmp_path):
    old, new = (
        {bytes([key]) * 32: np.full(2_000, key, np.float32) for key in keys}
        for keys in ((1, 2), range(9, 99))
    )
    with mounted(tmp_path / "disk", "size=128k") as disk:
        features = FeatureCache(disk / "features.sqlite")
        features.put(old)
        with pytest.warns(UserWarning, match="feature cache is not used this time"):
            features.put(new)
        assert {path.name for path in disk.iterdir()} == {"features.sqlite"}
        found = features.get(list(old | new))
    assert found.keys() == old.keys()
    for key, vector in old.items():
        np.testing.assert_array_equal(found[key], vector)


def nothing_asked(ended, seen, *words):
    refused(ended, "COURSE_CACHE", *words)
    assert seen == []  # what can't be kept is not fetched


@pytest.mark.fault(7)
@pytest.mark.parametrize("kind", ["a file", "below a file", "a loop", "nowhere", "a device"])
def test_a_cache_that_cannot_be_made(kind, tmp_path):
    (tmp_path / "file").write_text("no folder")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    places = {"a file": tmp_path / "file", "below a file": tmp_path / "file" / "cache"}
    places |= {"a loop": tmp_path / "loop", "nowhere": "/proc/nowhere", "a device": "/dev/null"}
    with serving(DATA, ["ok"]) as (url, seen):
        nothing_asked(fetch(offer(url), COURSE_CACHE=str(places[kind])), seen, str(places[kind]))


@pytest.mark.fault(7)
@pytest.mark.parametrize(
    "modes", [(0o555, 0o555), (0o755, 0o555), (0o000, 0o755)], ids=["all of it", "the weights", "closed"]
)
def test_a_cache_of_somebody_else(modes, somebodys):
    (somebodys / "weights").chmod(modes[1])
    somebodys.chmod(modes[0])
    with serving(DATA, ["ok"]) as (url, seen):
        ended = fetch(offer(url), before=AS_NOBODY + QUICK, COURSE_CACHE=str(somebodys))
    nothing_asked(ended, seen, "Permission denied")


@pytest.mark.fault(7)
def test_a_cache_that_is_read_only(tmp_path):
    with unwritable(tmp_path / "fixed") as fixed, serving(DATA, ["ok"]) as (url, seen):
        nothing_asked(fetch(offer(url), COURSE_CACHE=str(fixed)), seen, str(fixed))


@pytest.mark.fault(7)
def test_a_user_without_a_home():
    """Nobody knows the user of this number, and no variable says where its home is."""
    stranger = (
        AS_NOBODY.replace("65534", "54321")
        + "os.environ.pop('HOME', 0); os.environ.pop('XDG_CACHE_HOME', 0)\n"
    )
    if os.geteuid():
        pytest.skip("only the superuser can become another user")
    with serving(DATA, ["ok"]) as (url, seen):
        nothing_asked(fetch(offer(url), before=stranger + QUICK, COURSE_CACHE=""), seen)


@pytest.mark.fault(7)
def test_a_cache_that_cannot_be_read_is_told_of(somebodys):
    """So the weights that came with the course still work, and it is said why nothing better is used."""
    (somebodys / "weights" / "weights.bin").write_bytes(DATA)
    somebodys.chmod(0o000)
    look = "from course_lib.weights import cache; print('found', cache.find('weights.bin'))\n"
    ended = fetch(offer("http://127.0.0.1:9/"), before=AS_NOBODY + look, COURSE_CACHE=str(somebodys))
    assert "found None" in ended.out
    assert "is not used (Permission denied)" in ended.err


@pytest.mark.fault(7)
def test_a_file_without_a_published_hash_in_a_cache_of_somebody_else(somebodys):
    """It is used; that no later use can be held to its hash is said."""
    (somebodys / "weights" / "weights.bin").write_bytes(DATA)
    (somebodys / "weights").chmod(0o555)
    look = "from course_lib.weights import cache; print(cache.verify(cache.find('weights.bin'), ''))\n"
    ended = fetch(offer("http://127.0.0.1:9/"), before=AS_NOBODY + look, COURSE_CACHE=str(somebodys))
    assert ended.out.splitlines()[0] == SHA256
    assert "its hash is not recorded" in ended.err


@pytest.mark.fault(7)
def test_a_missing_cache_is_made(tmp_path):
    place = tmp_path / "not" / "yet" / "there"
    with serving(DATA, ["ok"]) as (url, _):
        arrived(fetch(offer(url), COURSE_CACHE=str(place)))
    assert hashlib.sha256((place / "weights" / "weights.bin").read_bytes()).hexdigest() == SHA256


@pytest.mark.fault(7)
@pytest.mark.parametrize("kind", ["a file", "nowhere"])
def test_features_are_computed_anew_where_they_cannot_be_kept(kind, tmp_path):
    (tmp_path / "file").write_text("no folder")
    folder = {"a file": tmp_path / "file", "nowhere": "/proc/nowhere"}[kind]
    with pytest.warns(UserWarning, match="set COURSE_CACHE"):
        FeatureCache(Path(folder) / "features.sqlite").put({b"key": np.ones(3, np.float32)})
