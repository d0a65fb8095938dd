"""The reader of PyTorch files: right numbers, and nothing that a file contains is ever run."""

import collections
import os
import zipfile

import numpy as np
import pytest

from course_lib.errors import BadInput
from course_lib.weights import torch_file, torch_modules
from course_lib.weights.torch_file import read_torch
from course_lib.weights.torch_modules import Shell, state_dict
from tests.torch_files import (
    FakeCall,
    FakeObject,
    FakeTensor,
    fake_module,
    pickled,
    stream_file,
    write_torch,
    zip_file,
)

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


@pytest.mark.fault(12)
@pytest.mark.parametrize("write", [zip_file, stream_file])
def test_nothing_is_run(tmp_path, monkeypatch, write):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInput, match="asks to run"):
        read_torch(write(tmp_path / "a.pth", {"w": Hostile()}, {}))
    assert not (tmp_path / "hacked").exists()


@pytest.mark.fault(12)
@pytest.mark.parametrize(
    "tensor",
    [
        FakeTensor("0", 0, (1000,), (1,), 6),  # longer than its storage
        FakeTensor("0", 5, (2,), (1,), 6),  # begins too late
        FakeTensor("0", 0, (10**12,), (0,), 6),  # one number repeated into terabytes
        FakeTensor("0", -1, (2,), (1,), 6),
        FakeTensor("0", 5, (2,), (-1,), 6),
        FakeTensor("0", 0, (10**9, [0]), (1, 1), 6),  # a product of these is a list of a billion numbers
        FakeTensor("0", 0, (1,) * 33, (1,) * 33, 6),
        FakeTensor("0", 0, (2.0,), (1,), 6),
        FakeTensor([["0"]], 0, (6,), (1,), 6),
    ],
)
def test_lies_about_sizes_are_refused(tmp_path, tensor):
    with pytest.raises(BadInput):
        read_torch(zip_file(tmp_path / "a.pth", {"w": tensor}, {"0": NUMBERS.tobytes()}))


def test_numbers_that_many_tensors_share_are_read_a_few_times_only(tmp_path):
    numbers = np.arange(10_000, dtype="<f4")
    whole = FakeTensor("0", 0, (10_000,), (1,), 10_000)
    assert (
        len(read_torch(zip_file(tmp_path / "a.pth", {"a": whole, "b": whole}, {"0": numbers.tobytes()}))) == 2
    )
    many = {str(i): whole for i in range(100)}
    with pytest.raises(BadInput, match="larger than the file"):
        read_torch(zip_file(tmp_path / "a.pth", many, {"0": numbers.tobytes()}))


# Pickles by hand: a place in the memo that no memory holds, bytes that no file has, the same rows over and over.
FILLING = {
    "far memo": b"\x80\x02]r\xff\xff\xff\x7f.",
    "far memo in text": b"]p2000000000\n.",
    "later protocol": b"\x80\x04\x8f.",
    "copies": b"\x80\x02]q\x00(" + b"K\x01K\x01\x86" * 10_000 + b"e"
    + b"ccollections\nOrderedDict\nh\x00\x85R0" * 300 + b".",
}  # fmt: skip


@pytest.mark.parametrize("name", FILLING)
@pytest.mark.parametrize("layout", ["archive", "stream"])
def test_a_few_bytes_cannot_fill_the_memory(tmp_path, monkeypatch, name, layout):
    monkeypatch.setattr(torch_file, "_MOST_STEPS", 100_000)
    path = tmp_path / "a.pth"
    if layout == "stream":
        path.write_bytes(FILLING[name])
    else:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("archive/data.pkl", FILLING[name])
    with pytest.raises(BadInput, match=r"more, or other things|repeats itself"):
        read_torch(path)


@pytest.mark.parametrize(
    "call", ["cos\nsystem\n(S'x'\ntR.", "(S'x'\nios\nsystem\n.", "(cos\nsystem\nS'x'\no."]
)
def test_no_opcode_calls_what_it_names(tmp_path, call):
    path = tmp_path / "a.pth"
    path.write_bytes(call.encode())
    with pytest.raises(BadInput, match=r"asks to run 'os\.system'"):
        read_torch(path)


def test_a_network_that_contains_itself_is_refused(tmp_path):
    whole = network()
    whole.state["_modules"]["itself"] = whole
    with pytest.raises(BadInput, match="without end"):
        read_torch(zip_file(tmp_path / "a.pt", {"model": whole}, STORAGES))


def test_names_that_grow_without_end_are_refused():
    module = Shell()
    module.__setstate__({"_parameters": {"x" * 1001: None}})
    with pytest.raises(ValueError, match="names"):
        state_dict(module)
    module.__setstate__({"_modules": {("a", "b"): module}})
    with pytest.raises(ValueError, match="names"):
        state_dict(module)


@pytest.mark.fault(13)
def test_zip_bomb_is_refused(tmp_path):
    path = tmp_path / "a.pth"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", pickled({"w": FakeTensor("0", 0, (9,), (1,), 10**7)}))
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


def network(project="models"):
    """A network of two modules within a third, as the YOLO projects save theirs."""
    norm = fake_module(
        "torch.nn.modules.batchnorm.BatchNorm2d",
        parameters=[("weight", FakeTensor("0", 0, (2,), (1,), 6, "HalfStorage")), ("bias", None)],
        buffers=[("steps", FakeTensor("1", 0, (), (), 1, "LongStorage"))],
    )
    act = FakeCall("torch.nn.modules.activation.SiLU")
    conv = fake_module(f"{project}.common.Conv", modules=[("bn", norm), ("act", act), ("none", None)])
    head = fake_module(
        f"{project}.yolo.Detect",
        buffers=[("kept", FakeTensor("0", 2, (4,), (1,), 6, "HalfStorage")), ("passing", norm)],
        _non_persistent_buffers_set={"passing"},
        stride=FakeTensor("0", 0, (3,), (1,), 6, "HalfStorage"),
    )
    return fake_module(f"{project}.yolo.DetectionModel", modules=[("0", conv), ("22", head)], yaml={"nc": 80})


STORAGES = {"0": NUMBERS.astype("<f2").tobytes(), "1": np.int64(7).tobytes()}


@pytest.mark.parametrize("project", ["models", "ultralytics.nn"])
@pytest.mark.parametrize("key", ["model", "ema", None])
def test_a_network_saved_whole(tmp_path, project, key):
    whole = network(project)
    others = {
        "epoch": -1,
        "date": FakeCall("datetime.datetime", b"123"),
        "device": FakeCall("torch.device", "cpu"),
    }
    saved = whole if key is None else {**others, "ema": None, "model": None, key: whole}
    found = read_torch(zip_file(tmp_path / "a.pt", saved, STORAGES))
    expected = {"0.bn.weight": NUMBERS[:2], "0.bn.steps": np.int64(7), "22.kept": NUMBERS[2:]}
    assert found.keys() == expected.keys()
    for name, array in expected.items():
        np.testing.assert_array_equal(found[name], array)
    assert found["22.kept"].dtype == np.float32


def test_a_network_in_the_older_layout(tmp_path):
    inner = fake_module("models.common.Conv", parameters=[("weight", FakeTensor("0", 0, (2, 3), (3, 1), 6))])
    whole = {"model": fake_module("models.yolo.Model", modules=[("model", inner)])}
    found = read_torch(stream_file(tmp_path / "a.pt", whole, {"0": NUMBERS.tobytes()}))
    np.testing.assert_array_equal(found["model.weight"], NUMBERS.reshape(2, 3))


@pytest.mark.parametrize(
    "path",
    [
        "os.system",
        "posix.system",
        "subprocess.Popen",
        "builtins.eval",
        "builtins.getattr",
        "builtins.__import__",
        "modelsx.common.Conv",
        "torch.hub.load",
        "torch.load",
        "numpy.load",
        "pathlib.os.system",
        "datetime.sys.exit",
    ],
)
def test_other_names_are_refused_within_a_network_too(tmp_path, path):
    module, _, name = path.rpartition(".")
    # A pickle by hand: a network whose state is {"x": what module.name("1") gives}.
    hostile = f"cmodels.yolo\nModel\n)\x81(dS'x'\nc{module}\n{name}\n(S'1'\ntRsb."
    archive = tmp_path / "a.pt"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("archive/data.pkl", hostile.encode("latin1"))
    with pytest.raises(BadInput, match=f"asks to run '{path}'"):
        read_torch(archive)


def test_what_becomes_a_shell_is_never_called(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = tmp_path / "made"
    whole = network()
    # A constructor with arguments, a state, and a call of a function of an allowed package.
    whole.state["path"] = FakeCall("pathlib.PosixPath", str(made))
    whole.state["call"] = FakeCall("torch.nn.utils.system", "touch made")
    whole.state["names"] = FakeObject("ultralytics.utils.IterableSimpleNamespace", system="touch made")
    assert len(read_torch(zip_file(tmp_path / "a.pt", {"model": whole}, STORAGES))) == 3
    assert not made.exists()


def nested(levels, width):
    module = Shell()
    for _ in range(levels):
        outer = Shell()
        outer.__setstate__({"_modules": {str(i): module for i in range(width)}})
        module = outer
    return module


@pytest.mark.parametrize(("levels", "width"), [(10_000, 1), (40, 2)], ids=["deep", "wide"])
def test_endless_nesting_is_refused(monkeypatch, levels, width):
    monkeypatch.setattr(torch_modules, "_MOST", 5_000)
    with pytest.raises(ValueError, match="without end"):
        state_dict(nested(levels, width))
