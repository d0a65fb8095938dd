"""Tokens for hubs and indexes that stand in the environment: never printed, never in a file that a command writes."""

import json
import os
import socket

import pytest

from tests.faults.test_bad_inputs import wrong

SECRET = "canary0123456789abcdef"
NAMES = (
    "HF_TOKEN",
    "HUGGING_FACE_HUB_TOKEN",
    "KAGGLE_KEY",
    "KAGGLE_API_TOKEN",
    "KAGGLE_TOKEN",
    "GITHUB_TOKEN",
    "WANDB_API_KEY",
)


@pytest.fixture
def secrets(tmp_path, homes):
    """An environment with a secret wherever a library looks for one, and addresses at which nobody answers."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        closed = f"127.0.0.1:{taken.getsockname()[1]}"
    home = tmp_path / "home"
    (home / ".kaggle").mkdir(parents=True)
    (home / ".kaggle" / "kaggle.json").write_text(json.dumps({"username": "me", "key": SECRET}))
    values = dict.fromkeys(NAMES, SECRET) | {"KAGGLE_USERNAME": "me", "HOME": str(home)}
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        values[name] = values[name.lower()] = f"http://me:{SECRET}@{closed}"
    values |= {
        "PIP_INDEX_URL": f"http://me:{SECRET}@{closed}/simple",
        "PIP_RETRIES": "0",
        "NO_PROXY": "",
        "no_proxy": "",
    }
    return homes | values | {"COURSE_CACHE": str(tmp_path / "cache"), "TFHUB_CACHE_DIR": str(tmp_path / "tfhub"),
                             "KAGGLEHUB_CACHE": str(tmp_path / "kagglehub")}  # fmt: skip


def told(folder) -> list[str]:
    """Return the files below a folder that hold the secret, but for the one it was read from."""
    found = [os.path.join(place, name) for place, _, names in os.walk(folder) for name in names]
    return [
        path
        for path in found
        if SECRET.encode() in open(path, "rb").read() and not path.endswith("kaggle.json")
    ]


@pytest.mark.long
def test_secrets_stay_where_they_are(course, pictures, secrets, tmp_path, record_property):
    calls = [
        ["doctor"], ["list"], ["info", "resnet50"], ["info", "vit_b16", "--json"], ["classify", "sample:cat", "--json"],
        ["classify", "sample:cat", "--model", "resnet50", "--weights", "official"], ["progress"],
        ["features", str(pictures / "key"), "--model", "resnet_nano", "--out", str(tmp_path / "features.npz")],
        ["finetune", str(pictures), "--model", "resnet_nano", "--out", str(tmp_path / "out")],
    ]  # fmt: skip
    ended = course.run(*calls, **secrets)
    assert [one.status for one in ended] == [0, 0, 0, 0, 0, 2, 0, 0, 0], ended
    assert not [call for call, one in zip(calls, ended, strict=True) if SECRET in one.out + one.err]
    assert told(tmp_path) == []
    record_property("tried", len(calls))


@pytest.mark.long
def test_a_fetch_that_fails_tells_no_secret(course, secrets, tmp_path, record_property):
    """From keras.applications' address, Kaggle, TF Hub, a package index, PyTorch's: each library words its own errors."""
    models = ("resnet50", "vit_b16", "hub:google/imagenet/mobilenet_v2_100_224/feature_vector/5", "mobilenet_v2", "alexnet",
              "smollm2", "moonshine_tiny", "shakespeare")  # fmt: skip
    for model in models:
        ended = course.run("fetch", model, **secrets)
        assert wrong(ended) == "", ended
        assert SECRET not in ended.out + ended.err, ended
    assert told(tmp_path) == []
    record_property("tried", len(models))
