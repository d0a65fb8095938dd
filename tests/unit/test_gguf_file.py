"""The reader of GGUF files: right numbers, and no claim of a file is believed."""

import struct
import tracemalloc

import gguf
import numpy as np
import pytest

from course_lib.errors import BadInput
from course_lib.weights.gguf_file import read_gguf, read_settings
from tests.gguf_files import header, tensor, text, tokenizer_settings, write_gguf

HUGE = 1 << 63
ARRAY, STRING, UINT32 = 9, 8, 4


@pytest.fixture(scope="module")
def arrays():
    random = np.random.default_rng(0)
    return {name: random.normal(0, 1, shape).astype(np.float32) for name, shape in
            {"a.weight": (4, 256), "b.weight": (3, 2, 256), "norm.weight": (7,)}.items()}  # fmt: skip


@pytest.mark.parametrize("kind", ["F32", "F16", "BF16", "Q8_0", "Q4_1"])
def test_numbers_as_the_package_reads_them(tmp_path, arrays, kind):
    path = write_gguf(tmp_path / "a.gguf", arrays, kind)
    found = read_gguf(path)
    for each in gguf.GGUFReader(path).tensors:
        expected = gguf.dequantize(each.data, each.tensor_type).reshape(arrays[each.name].shape)
        np.testing.assert_array_equal(found[each.name], expected)
        assert found[each.name].dtype == np.float32
    assert found.keys() == arrays.keys()
    near = 0 if kind == "F32" else 0.3 if kind == "Q4_1" else 0.03
    assert all(np.abs(found[name] - arrays[name]).max() <= near for name in arrays)


def test_settings(tmp_path):
    path = write_gguf(
        tmp_path / "a.gguf", {}, llama__block_count=3, general__alignment=64, **tokenizer_settings()
    )
    found = read_settings(path)
    assert found["llama.block_count"] == 3
    assert found["tokenizer.ggml.pre"] == "smollm"
    assert found["tokenizer.ggml.tokens"][1] == "<|im_start|>"
    assert found["tokenizer.ggml.token_type"][:4].tolist() == [3, 3, 3, 1]


def test_every_place_where_a_file_can_be_cut_is_noticed(tmp_path, arrays):
    whole = write_gguf(tmp_path / "a.gguf", arrays, "Q8_0", **tokenizer_settings()).read_bytes()
    cut = tmp_path / "cut.gguf"
    for length in [0, 3, 4, *range(5, len(whole) - 32, 97)]:  # the end is padding
        cut.write_bytes(whole[:length])
        with pytest.raises(BadInput, match=r"cut\.gguf"):
            read_gguf(cut)


@pytest.mark.fault(12)
@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"PK\x03\x04" + bytes(100), "version"),
        (header(version=1), "version"),
        (header(tensors=HUGE), "claims to hold"),
        (header(settings=HUGE), "claims to hold"),
        (header(settings=1) + text("", HUGE), "name"),
        (header(settings=1) + text("a", 900), "cut short"),
        (header(settings=1) + text(b"\xff") + struct.pack("<II", UINT32, 1), "can be read"),
        (header(settings=1) + text("a") + struct.pack("<I", 99), "kind"),
        (header(settings=1) + text("a") + struct.pack("<IQ", STRING, HUGE), "cut short"),
        (header(settings=1) + text("a") + struct.pack("<IIQ", ARRAY, UINT32, HUGE), "cut short"),
        (header(settings=1) + text("a") + struct.pack("<IIQ", ARRAY, STRING, HUGE), "longer than the file"),
        (header(settings=1) + text("a") + struct.pack("<IIQ", ARRAY, ARRAY, 1) + bytes(64), "one of lists"),
        (header(settings=2) + (text("a") + struct.pack("<II", UINT32, 1)) * 2, "one name"),
        (header(settings=1) + text("general.alignment") + struct.pack("<II", UINT32, 0) + bytes(64), "alignment"),
        (header(tensors=1) + tensor() + bytes(64), "larger than the file"),
        (header(tensors=1) + tensor(shape=(HUGE, HUGE)) + bytes(400), "larger than the file"),
        (header(tensors=1) + tensor(offset=HUGE) + bytes(400), "cut short"),
        (header(tensors=1) + tensor(offset=400) + bytes(400), "cut short"),
        (header(tensors=1) + tensor(shape=(0,)) + bytes(400), "without numbers"),
        (header(tensors=1) + tensor(shape=()) + bytes(400), "axes"),
        (header(tensors=1) + tensor(shape=(1,) * 5) + bytes(400), "axes"),
        (header(tensors=1) + tensor(kind=77) + bytes(400), "not known"),
        (header(tensors=1) + tensor(shape=(33,), kind=8) + bytes(400), "blocks"),
        (header(tensors=2) + tensor() * 2 + bytes(400), "one name"),
        (header(tensors=2) + tensor("a") + tensor("b") + bytes(128 + 63), "larger than the file"),  # shared bytes
    ],
)  # fmt: skip
def test_a_file_that_lies_is_refused_in_one_sentence_and_little_memory(tmp_path, content, says):
    path = tmp_path / "a.gguf"
    path.write_bytes(content)
    tracemalloc.start()
    with pytest.raises(BadInput, match=says) as error:
        read_gguf(path)
    assert tracemalloc.get_traced_memory()[1] < 20e6
    tracemalloc.stop()
    assert "\n" not in str(error.value)
