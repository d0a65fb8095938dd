"""The reader of PyTorch files: right numbers, and nothing that a file contains is ever run."""

import collections
import os
import zipfile

import numpy as np
import pytest

from course_lib.errors import BadInput
from course_lib.weights.torch_file import read_torch
from tests.torch_files import FakeTensor, pickled, stream_file, write_torch, zip_file

NUMBERS = np.arange(6, dtype="<f4")


@pytest.mark.parametrize("write", [zip_file, stream_file])
def test_numbers_offsets_and_strides(tmp_path, write):
    tensors = collections.OrderedDict(
        whole=FakeTensor("0", 0, (2, 3), (3, 1), 6),
        turned=FakeTensor("0", 0, (3, 2), (1, 3), 6),
        tail=FakeTensor("0", 4, (2,), (1,), 6),
    )
    found = read_torch(write(tmp_path / "a.pth", tensors, {"0": NUMBERS.tobytes()}))
    np.testing.assert_array_equal(found["whole"], NUMBERS.reshape(2, 3))
    np.testing.assert_array_equal(found["turned"], NUMBERS.reshape(2, 3).T)
    np.testing.assert_array_equal(found["tail"], NUMBERS[4:])


def test_whole_state_dict(tmp_path):
    arrays = {"w": NUMBERS.reshape(3, 2), "steps": np.array(7)}
    found = read_torch(write_torch(tmp_path / "a.pth", arrays))
    assert found.keys() == arrays.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array, strict=True)


def test_state_dict_inside_a_checkpoint_and_bfloat16(tmp_path):
    half = (np.float32([1.5, -2.0]).view(np.uint32) >> 16).astype("<u2")
    tensors = {"epoch": 3, "state_dict": {"w": FakeTensor("0", 0, (2,), (1,), 2, "BFloat16Storage")}}
    found = read_torch(zip_file(tmp_path / "a.pth", tensors, {"0": half.tobytes()}))
    np.testing.assert_array_equal(found["w"], np.float32([1.5, -2.0]))


class Hostile:
    def __reduce__(self):
        return os.system, ("touch hacked",)


@pytest.mark.parametrize("write", [zip_file, stream_file])
def test_nothing_is_run(tmp_path, monkeypatch, write):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInput, match="asks to run"):
        read_torch(write(tmp_path / "a.pth", {"w": Hostile()}, {}))
    assert not (tmp_path / "hacked").exists()


@pytest.mark.parametrize(
    "tensor",
    [
        FakeTensor("0", 0, (1000,), (1,), 6),  # longer than its storage
        FakeTensor("0", 5, (2,), (1,), 6),  # begins too late
        FakeTensor("0", 0, (10**12,), (0,), 6),  # one number repeated into terabytes
        FakeTensor("0", -1, (2,), (1,), 6),
        FakeTensor("0", 5, (2,), (-1,), 6),
    ],
)
def test_lies_about_sizes_are_refused(tmp_path, tensor):
    with pytest.raises(BadInput):
        read_torch(zip_file(tmp_path / "a.pth", {"w": tensor}, {"0": NUMBERS.tobytes()}))


def test_zip_bomb_is_refused(tmp_path):
    path = tmp_path / "a.pth"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", pickled({"w": FakeTensor("0", 0, (10**7,), (1,), 10**7)}))
        archive.writestr("archive/data/0", bytes(4 * 10**7))
    with pytest.raises(BadInput, match="unpacks"):
        read_torch(path)


@pytest.mark.parametrize(
    "content", [b"", b"not a pickle at all", b"\x80\x02K\x01.", b"PK\x03\x04 half a zip"]
)
def test_what_is_no_checkpoint_gives_one_sentence(tmp_path, content):
    path = tmp_path / "a.pth"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=r"a\.pth"):
        read_torch(path)


def test_cut_file_is_refused(tmp_path):
    path = stream_file(tmp_path / "a.pth", {"w": FakeTensor("0", 0, (6,), (1,), 6)}, {"0": NUMBERS.tobytes()})
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(BadInput, match="cut short"):
        read_torch(path)
