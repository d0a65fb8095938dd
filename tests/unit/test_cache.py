"""The weights cache: whole and checked, or not there at all."""

import hashlib
import os

import pytest

from course_lib.errors import CourseError
from course_lib.files import partial_of, remove_abandoned
from course_lib.weights import cache

DATA = b"numbers" * 1000
MD5 = "md5:" + hashlib.md5(DATA).hexdigest()
SHA256 = hashlib.sha256(DATA).hexdigest()


def names():
    return sorted(path.name for path in cache.place_of("any").parent.iterdir())


@pytest.mark.parametrize("published", [MD5, f"sha256:{SHA256}"])
def test_put_and_find(published):
    assert cache.find("a.h5") is None
    path = cache.put("a.h5", published, lambda partial: partial.write_bytes(DATA))
    assert cache.find("a.h5") == path
    assert path.read_bytes() == DATA
    assert cache.verify(path, published) == SHA256


@pytest.mark.fault(3)
def test_a_wrong_hash_leaves_nothing_and_names_both():
    with pytest.raises(CourseError, match=SHA256):
        cache.put("a.h5", "sha256:" + "0" * 64, lambda partial: partial.write_bytes(DATA))
    assert cache.find("a.h5") is None
    assert [name for name in names() if not name.endswith(".lock")] == []


@pytest.mark.fault(6)
def test_a_failing_write_leaves_the_old_file():
    path = cache.put("a.h5", MD5, lambda partial: partial.write_bytes(DATA))

    def fails(partial):
        partial.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    with pytest.raises(CourseError, match="No space left"):
        cache.put("a.h5", "md5:" + "0" * 32, fails)  # another file is published now
    assert path.read_bytes() == DATA
    assert not [name for name in names() if name.endswith(".part")]


@pytest.mark.fault(9)
def test_without_a_published_hash_the_first_one_is_recorded_and_held_to():
    path = cache.put("a.h5", "", lambda partial: partial.write_bytes(DATA))
    assert (path.parent / "a.h5.sha256").read_text().strip() == SHA256
    path.write_bytes(DATA[:-1] + b"!")
    with pytest.raises(CourseError, match="damaged"):
        cache.verify(path, "")


def test_a_file_put_there_by_hand_is_recorded_at_its_first_use():
    path = cache.place_of("a.h5")
    path.parent.mkdir(parents=True)
    path.write_bytes(DATA)
    assert cache.verify(path, "") == SHA256
    path.write_bytes(b"another file")
    with pytest.raises(CourseError):
        cache.verify(path, "")


@pytest.mark.fault(9)
def test_one_flipped_bit_is_found():
    path = cache.put("a.h5", MD5, lambda partial: partial.write_bytes(DATA))
    damaged = bytearray(DATA)
    damaged[3] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(CourseError, match="expected"):
        cache.verify(path, MD5)


@pytest.mark.fault(4)
def test_litter_of_a_killed_process_is_swept():
    folder = cache.place_of("a.h5").parent
    folder.mkdir(parents=True)
    (folder / "a.h5.0123.part").write_bytes(b"half")
    cache.put("a.h5", MD5, lambda partial: partial.write_bytes(DATA))
    assert not [name for name in names() if name.endswith(".part")]


@pytest.mark.fault(7)
def test_a_folder_in_the_way_gives_one_sentence(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "file"))
    with pytest.raises(CourseError, match="COURSE_CACHE"):
        cache.put("a.h5", MD5, lambda partial: partial.write_bytes(DATA))


def test_names_cannot_leave_the_cache():
    assert cache.place_of("../../etc/passwd").parent == cache.place_of("a").parent
    assert os.sep not in cache.place_of("package/inside/file.pth").name


@pytest.mark.fault(5)
def test_a_sound_file_is_not_brought_again():
    cache.put("a.h5", MD5, lambda partial: partial.write_bytes(DATA))
    assert cache.put("a.h5", MD5, lambda _: pytest.fail("it was brought again")).read_bytes() == DATA


@pytest.mark.fault(4)
def test_only_litter_is_swept():
    """A partial file belongs to a process that lives, to one that is gone, or to one of another machine."""
    path = cache.place_of("a.h5")
    path.parent.mkdir(parents=True)
    mine, gone = (
        partial_of(path),
        path.with_name(partial_of(path).name.replace(f"-{os.getpid()}-", "-999999999-")),
    )
    elsewhere = path.with_name("a.h5.another_machine-1-0123.part")
    old = path.with_name("a.h5.another_machine-2-0123.part")
    for each in (mine, gone, elsewhere, old):
        each.write_bytes(b"half")
    os.utime(old, (0, 0))
    remove_abandoned(path)
    assert {each.name for each in path.parent.iterdir()} == {mine.name, elsewhere.name}
