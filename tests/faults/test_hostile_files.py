"""Weights from strangers, through the command: nothing of them is run, none fills the memory, each gets one line."""

import json

import pytest

from tests.faults import hostile_files as made
from tests.faults.test_bad_inputs import wrong

# What the process has, and half a gigabyte: less than any of these files claims, more than the networks need.
LITTLE_MEMORY = """
import os, resource
os.chdir({folder!r})
size = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize() + 768 * 2**20
resource.setrlimit(resource.RLIMIT_AS, (size, size))
"""
PICTURE = "sample:cat"
# end of the file's name -> (how a model that takes such files is asked to use it, the files)
KINDS = {
    ".pkl": (("generate", "--out", "a.png", "--model", "stylegan2_ffhq"), made.pickles),
    ".pth": (("classify", PICTURE, "--model", "alexnet"), made.torch_archives),
    ".pt": (("detect", PICTURE, "--model", "yolo_v8_n"), made.pickles),
    ".keras": (("classify", PICTURE, "--model", "mobilenet_v2"), made.keras_files),
    ".gguf": (("complete", "Hello", "--model", "smollm2"), made.gguf_files),
    ".safetensors": (("classify", PICTURE, "--model", "resnet_nano"), made.safetensors_files),
    ".tar.gz": (("classify", PICTURE, "--model", "inception_v1"), made.slim_archives),
}


def refused(course, homes, folder, ask, files: dict[str, bytes], end: str) -> int:
    """Ask a command to use each of these files as weights; return how many there were."""
    calls = []
    for number, content in enumerate(files.values()):
        path = folder / f"{number}{end}"
        path.write_bytes(content)
        calls.append([*ask, "--weights", str(path)])
    before = LITTLE_MEMORY.format(folder=str(folder))
    ended = (
        course.run(*calls, before=before, **homes)
        if len(calls) > 1
        else [course.run(*calls[0], before=before, **homes)]
    )
    failed = {name: (wrong(one), one) for name, one in zip(files, ended, strict=True) if wrong(one)}
    assert failed == {}
    assert not list(folder.rglob("canary*"))
    assert not (folder.parent / "canary").exists()
    return len(files)


@pytest.mark.fault(12, 13)
@pytest.mark.parametrize("end", KINDS)
def test_nothing_is_run_and_no_memory_filled(course, homes, tmp_path, end, record_property):
    ask, files = KINDS[end]
    record_property("tried", refused(course, homes, tmp_path, ask, files(), end))


@pytest.mark.fault(12, 13)
def test_h5_files_claim_and_reach_for_nothing(course, homes, tmp_path, record_property):
    ask = ("classify", PICTURE, "--model", "mobilenet_v2")
    record_property("tried", refused(course, homes, tmp_path, ask, made.h5_files(tmp_path), ".h5"))


@pytest.mark.fault(12)
def test_a_model_is_no_keras_file_either(course, homes, tmp_path, record_property):
    """`--model FILE` takes what `finetune` saved, and nothing that Keras would open."""
    files = made.keras_files()
    for number, content in enumerate(files.values()):
        (tmp_path / f"{number}.keras").write_bytes(content)
    calls = [
        ["classify", PICTURE, "--model", str(tmp_path / f"{number}.keras")] for number in range(len(files))
    ]
    assert [wrong(one) for one in course.run(*calls, **homes)] == [""] * len(calls)
    assert not list(tmp_path.rglob("canary"))
    record_property("tried", len(calls))


@pytest.mark.fault(12, 13)
@pytest.mark.long
@pytest.mark.parametrize("fault", ["code", "lambda", "shape bomb", "link outside"])
def test_presets_run_nothing(course, homes, tmp_path, fault):
    """A preset's config names a class by its module: it must be KerasHub's own."""
    configs = {"code": made.SYSTEM, "lambda": made.LAMBDA}
    weights = made.h5_files(tmp_path).get(fault, b"\x89HDF\r\n\x1a\n")
    folder = tmp_path / "preset"
    (folder / "assets" / "tokenizer").mkdir(parents=True)
    contents = {"config.json": json.dumps(configs.get(fault, {})).encode(), "metadata.json": b'{"keras_version": "3.15.1"}',
                "task.json": json.dumps(configs.get(fault, {})).encode(), "model.weights.h5": weights, "task.weights.h5": weights}  # fmt: skip
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    ended = course.run(
        "classify",
        PICTURE,
        "--model",
        "vit_b16",
        "--weights",
        folder,
        before=LITTLE_MEMORY.format(folder=str(tmp_path)),
        **homes,
    )
    assert wrong(ended) == "", ended
    assert not list(tmp_path.rglob("canary"))


@pytest.mark.fault(13)
@pytest.mark.parametrize("packed", [True, False], ids=["packed", "lying"])
def test_a_checkpoint_that_is_a_bomb_is_not_gone_on_from(course, tmp_path, packed):
    """By the process of a command: as much memory as it has, and no more than 768 MB besides."""
    lines = [
        "import io, warnings, zipfile, numpy as np",
        "from pathlib import Path",
        "from course_lib.training.checkpoint import Checkpoint",
        "head = io.BytesIO()",
        "np.lib.format.write_array_header_1_0(head, dict(descr='<f4', fortran_order=False, shape=(2**40,)))",
        "with zipfile.ZipFile('a.npz', 'w', zipfile.ZIP_DEFLATED) as archive:",
        f"    archive.writestr('header.npy', head.getvalue() + bytes({int(packed)} << 28))",
        "with warnings.catch_warnings(record=True) as told:",
        "    warnings.simplefilter('always')",
        "    assert Checkpoint(Path('a.npz'), 'me').load() is None",
        "assert 'is damaged' in str(told[0].message), told",
    ]
    ended = course.run("--help", before=LITTLE_MEMORY.format(folder=str(tmp_path)) + "\n".join(lines))
    assert ended.status == 0, ended
