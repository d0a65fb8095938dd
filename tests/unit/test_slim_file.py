"""The reader of TensorFlow's checkpoints: right numbers, and an archive can neither place nor fill anything."""

import gzip
import io
import tarfile
import tempfile

import numpy as np
import pytest
import tensorflow as tf

from course_lib.errors import BadInput
from course_lib.weights import file_kinds
from course_lib.weights.slim_file import read_slim
from tests.slim_files import V1, V2, write_archive, write_checkpoint

ARRAYS = {
    "Net/Conv2d_1a_7x7/weights": np.arange(24, dtype=np.float32).reshape(2, 2, 2, 3),
    "Net/Conv2d_1a_7x7/BatchNorm/moving_mean": np.float32([1.5, -2.0, 3.0]),
    "global_step": np.int64(7),
}
MB = 10**6


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory):
    """A checkpoint's files in both formats."""
    folder = tmp_path_factory.mktemp("slim")
    return {version: write_checkpoint(folder / f"net{version}.ckpt", ARRAYS, version) for version in (V1, V2)}


def same(found):
    assert found.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(found[name], array)


@pytest.mark.parametrize("version", [V1, V2])
def test_numbers_of_an_archive(tmp_path, checkpoints, version):
    files = checkpoints[version]
    same(read_slim(write_archive(tmp_path / "a.tar.gz", ("README", b"hello"), *files), MB))


def test_numbers_of_a_bare_file(checkpoints):
    same(read_slim(checkpoints[V1][0], MB))


def test_a_checkpoint_may_have_any_name(tmp_path, checkpoints):
    files = [
        (f"speech/best_dev-7{path.name.partition('.ckpt')[2]}", path.read_bytes()) for path in checkpoints[V2]
    ]
    same(read_slim(write_archive(tmp_path / "a.tar.gz", ("speech/best_dev_checkpoint", b"?"), *files), MB))


def test_nothing_is_left_behind_and_no_path_of_the_archive_is_used(tmp_path, checkpoints, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    content = checkpoints[V1][0].read_bytes()
    same(read_slim(write_archive(tmp_path / "a.tgz", ("deep/folder/net.ckpt", content)), MB))
    for number, name in enumerate(("../escaped.ckpt", "/tmp/escaped.ckpt", "a/../../escaped.ckpt")):
        archive = write_archive(tmp_path / f"{number}.tar.gz", (name, content))
        with pytest.raises(BadInput, match="does not hold one checkpoint"):
            read_slim(archive, MB)
    assert not list((tmp_path / "temporary").iterdir())
    assert not list(tmp_path.rglob("*escaped*"))


def link(name, target, kind):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE])
def test_only_a_regular_file_is_a_checkpoint(tmp_path, kind):
    path = write_archive(tmp_path / "a.tar.gz", link("net.ckpt", "/etc/passwd", kind))
    with pytest.raises(BadInput, match="does not hold one checkpoint"):
        read_slim(path, MB)


@pytest.mark.fault(14)
def test_a_link_of_the_same_name_before_the_file_leads_nowhere(tmp_path, checkpoints):
    victim = tmp_path / "victim"
    path = write_archive(
        tmp_path / "a.tar.gz",
        link("net.ckpt", str(victim), tarfile.SYMTYPE),
        ("net.ckpt", checkpoints[V1][0].read_bytes()),
    )
    same(read_slim(path, MB))
    assert not victim.exists()


def test_two_checkpoints_are_one_too_many(tmp_path, checkpoints):
    content = checkpoints[V1][0].read_bytes()
    path = write_archive(tmp_path / "a.tar.gz", ("a.ckpt", content), ("b.ckpt", content))
    with pytest.raises(BadInput, match="more than one"):
        read_slim(path, MB)


def test_half_a_checkpoint_is_refused(tmp_path, checkpoints):
    path = write_archive(tmp_path / "a.tar.gz", checkpoints[V2][0])
    with pytest.raises(BadInput, match="does not hold one checkpoint"):
        read_slim(path, MB)


@pytest.mark.fault(13)
@pytest.mark.parametrize("name", ["net.ckpt", "filler.txt"])
def test_a_bomb_is_refused(tmp_path, name):
    path = write_archive(tmp_path / "a.tar.gz", (name, bytes(20 * MB)))
    assert path.stat().st_size < MB
    with pytest.raises(BadInput, match="unpacks to far more"):
        read_slim(path, MB)


@pytest.mark.fault(13)
def test_a_bomb_in_a_header_is_refused(tmp_path):
    path = tmp_path / "a.tar.gz"
    with tarfile.open(path, "w:gz", format=tarfile.PAX_FORMAT) as archive:
        info = tarfile.TarInfo("net.ckpt")
        info.pax_headers = {"comment": "a" * (20 * MB)}
        archive.addfile(info, io.BytesIO())
    with pytest.raises(BadInput, match="unpacks to far more"):
        read_slim(path, MB)


@pytest.mark.parametrize(
    "content",
    [b"", b"not gzip", gzip.compress(b"no tar", mtime=0), gzip.compress(bytes(10**4), mtime=0)[:-9]],
)
def test_what_is_no_archive_gives_one_sentence(tmp_path, content):
    path = tmp_path / "a.tar.gz"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=r"^a\.tar\.gz.*[^\n]$"):
        read_slim(path, MB)


@pytest.mark.parametrize("content", [b"", b"?", bytes(1000)])
def test_what_is_no_checkpoint_gives_one_sentence(tmp_path, content):
    bare = tmp_path / "a.ckpt"
    bare.write_bytes(content)
    for path in (bare, write_archive(tmp_path / "a.tar.gz", ("a.ckpt", content))):
        with pytest.raises(BadInput, match=r"^a\..* is not a TensorFlow checkpoint[^\n]*$") as error:
            read_slim(path, MB)
        assert "/" not in str(error.value)


@pytest.mark.parametrize("version", [V1, V2])
def test_a_damaged_or_cut_checkpoint_is_refused(tmp_path, checkpoints, version):
    for number, damage in enumerate((lambda b: b[:-20], lambda b: b[:5] + bytes([b[5] ^ 255]) + b[6:])):
        members = [(file.name, damage(file.read_bytes())) for file in checkpoints[version]]
        with pytest.raises(BadInput, match="not a TensorFlow checkpoint"):
            read_slim(write_archive(tmp_path / f"{number}.tar.gz", *members), MB)


def test_kinds_of_files():
    assert file_kinds.kind("inception_v1_2016_08_28.tar.gz") == file_kinds.kind("a.CKPT") == ".ckpt"
    assert file_kinds.kind("a.pt") == file_kinds.kind("a.v2.pth") == ".pth"
    assert file_kinds.kind("a.gz") == file_kinds.kind("ckpt") == ""
    assert file_kinds.end("a.tar.gz") == ".tar.gz"
    assert file_kinds.end("a.bin") == ".bin"


def test_a_claim_of_terabytes_is_refused_before_room_is_made(tmp_path, monkeypatch):
    class Liar:
        def get_variable_to_shape_map(self):
            return {"weights": [10**6, 10**6]}

        def get_variable_to_dtype_map(self):
            return {"weights": tf.float32}

        def get_tensor(self, name):
            raise AssertionError("nothing may be read")

    monkeypatch.setattr(tf.train, "load_checkpoint", lambda path: Liar())
    path = tmp_path / "a.ckpt"
    path.write_bytes(bytes(100))
    with pytest.raises(BadInput, match="claims to hold more"):
        read_slim(path, MB)
