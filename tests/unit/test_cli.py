"""The command: the library's verbs, JSON for programs, one line and exit 2 for bad input."""

import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from course_lib import cli


def course(capsys, *arguments):
    """Run the command in this process; return (exit code, output, errors)."""
    sys.argv = ["course", *map(str, arguments)]
    with pytest.raises(SystemExit) as stop:
        cli.main()
    captured = capsys.readouterr()
    return stop.value.code, captured.out, captured.err


def one_line(code, out, err):
    return code == 2 and err.strip().splitlines()[-1].startswith("course: ") and "Traceback" not in err


def test_importing_loads_no_tensorflow():
    code = "import sys, course_lib, course_lib.cli, course_lib.viz; print('tensorflow' in sys.modules, 'keras' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.split() == ["False", "False"]


def test_finetune_is_imported_without_a_word():
    run = subprocess.run(
        [sys.executable, "-c", "from course_lib import finetune"], capture_output=True, text=True, check=True
    )
    assert (run.stdout, run.stderr) == ("", "")


def test_list_and_info(capsys):
    code, out, _ = course(capsys, "list", "resnet*", "--json")
    assert code == 0
    found = {row["id"] for row in json.loads(out)}
    assert {"resnet50", "resnet152v2", "resnet_nano"} <= found
    assert all(name.startswith("resnet") for name in found)
    code, out, _ = course(capsys, "info", "resnet50")
    assert code == 0
    assert "25,636,712" in out
    assert "quoted" in out
    assert "arXiv" not in course(capsys, "info", "yolo_v8_n")[1]  # it has no paper
    assert json.loads(course(capsys, "info", "mobilenet_v2", "--json")[1])["params"] == 3_538_984


def test_classify_as_json(capsys):
    code, out, _ = course(
        capsys, "classify", "sample:cat", "sample:coffee", "sample:camera", "--json", "--top", "2"
    )
    answer = json.loads(out)
    assert code == 0
    assert answer["provenance"]["grade"] == "package"
    assert len(answer["provenance"]["sha256"]) == 64
    assert [len(result["predictions"]) for result in answer["results"]] == [2, 2, 2]
    assert answer["results"][1]["predictions"][0]["label"] == "espresso"


def test_classify_folder_goes_on_after_a_bad_file(capsys, tmp_path):
    for name in ("a", "c"):
        Image.new("RGB", (64, 64), "blue").save(tmp_path / f"{name}.png")
    (tmp_path / "b.jpg").write_text("no picture")
    code, out, err = course(capsys, "classify", tmp_path)
    assert code == 2
    assert len(out.strip().splitlines()) == 2
    assert "b.jpg" in err
    assert "1 of 3" in err.strip().splitlines()[-1]


@pytest.mark.parametrize(
    "arguments",
    [
        ["info", "resnt50"],
        ["classify", "no/such/file.jpg"],
        ["classify", "sample:dog"],
        ["classify", "sample:cat", "--model", "nothing"],
        ["classify", "sample:cat", "--weights", "missing.h5"],
        ["features", "sample:cat", "--out", "features.txt"],
        ["fetch"],
        ["list", "zzz*"],
        ["run", "99"],
        ["pretrain", "resnet50"],
    ],
    ids=" ".join,
)
def test_bad_input_is_one_line_and_exit_2(capsys, arguments):
    assert one_line(*course(capsys, *arguments))


def test_features_are_written_whole(capsys, tmp_path):
    out = tmp_path / "features.npz"
    assert course(capsys, "features", "sample:cat", "sample:coffee", "--out", out)[0] == 0
    with np.load(out) as arrays:
        assert arrays["features"].shape == (2, 1280)
        assert list(arrays["names"]) == ["sample:cat", "sample:coffee"]
    missing = tmp_path / "no" / "folder.npz"
    assert one_line(*course(capsys, "features", "sample:cat", "--out", missing))


def test_doctor_is_content_here(capsys):
    code, out, _ = course(capsys, "doctor")
    assert code == 0, out
    assert "efficientnet_lite0" in out
    assert "Engines: tf, openvino (openvino " in out
    assert "Videos: av " in out


def test_an_engine_that_is_not_there_is_told_before_anything_is_loaded(capsys):
    code, _, err = course(capsys, "classify", "sample:cat", "--engine", "tensorrt")
    assert code == 2
    assert "no engine 'tensorrt'; there are: tf, openvino, onnx, litert" in err


@pytest.mark.fault(9)
def test_doctor_finds_a_damaged_file(capsys):
    from course_lib.weights import cache

    path = cache.place_of("resnet50_weights_tf_dim_ordering_tf_kernels.h5")
    path.parent.mkdir(parents=True)
    path.write_bytes(b"damaged")
    code, out, _ = course(capsys, "doctor")
    assert code == 1
    assert "course fetch resnet50" in out


@pytest.mark.fault(8)
def test_fetch_offline_is_one_line_for_each(capsys, monkeypatch):
    monkeypatch.setattr("course_lib.weights.download.reachable", lambda url: False)
    code, _, err = course(capsys, "fetch", "resnet50", "resnet101")
    assert code == 2
    lines = err.strip().splitlines()
    assert [line.split(":")[1].strip() for line in lines] == ["resnet50", "resnet101"]
    for part in ("resnet50_weights", "103 MB", "https://", "yourself", "weights='nano'"):
        assert part in lines[0]


def test_progress_begins_at_nothing(capsys):
    code, out, _ = course(capsys, "progress", "--json")
    assert code == 0
    assert all(row["done"] == [] for row in json.loads(out))


def test_pretrain_writes_weights_that_load(capsys, tmp_path):
    from course_lib.loading import open_pretrained

    path = tmp_path / "mine.safetensors"
    code, out, _ = course(capsys, "pretrain", "resnet_nano", "--images-seen", "640", "--out", path)
    assert code == 0
    assert "held-out" in out
    mine = open_pretrained("resnet_nano", weights=path)
    assert len(mine.classify(np.zeros((32, 32, 3), np.uint8), top=20)) == 20


def test_finetune_teaches_what_classify_then_uses(capsys, tmp_path, monkeypatch):
    from course_lib.media import world

    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))
    names = ("key", "magnet", "ladder")
    for i, (image, label) in enumerate(zip(*world.make_images(24, names, seed=5), strict=True)):
        (tmp_path / "data" / names[label]).mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(tmp_path / "data" / names[label] / f"{i}.png")
    arguments = ("finetune", tmp_path / "data", "--model", "resnet_nano", "--out", tmp_path / "out")
    code, out, _ = course(capsys, *arguments)
    assert code == 0
    assert "held-out pictures rightly" in out
    code, out, _ = course(
        capsys, "classify", tmp_path / "data" / "key", "--model", tmp_path / "out", "--json"
    )
    content = json.loads(out)
    assert (code, content["count"]) == (0, 8)
    assert {guess["label"] for guess in content["results"][0]["predictions"]} == set(names)
    assert content["provenance"]["grade"] == "fine-tuned"
    code, out, _ = course(capsys, *arguments, "--json")
    assert [row["name"] for row in json.loads(out)["classes"]] == sorted(names)
    assert one_line(*course(capsys, *arguments[:-1], tmp_path / "data" / "out"))
    assert one_line(*course(capsys, "finetune", tmp_path / "nowhere", *arguments[2:]))
