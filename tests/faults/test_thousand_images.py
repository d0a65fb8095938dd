"""A thousand pictures, some of them cut short: those are left out, counted and named, and all others are done."""

import io
import json

import numpy as np
import pytest
from PIL import Image

from course_lib.errors import BadInput
from course_lib.media import world
from course_lib.media.images import open_images

COUNT, CUT = 1_000, 37
KINDS = {"png": "PNG", "jpg": "JPEG", "webp": "WEBP", "gif": "GIF", "bmp": "BMP", "tif": "TIFF"}


@pytest.fixture(scope="module")
def thousand(tmp_path_factory):
    """The folder, and the names of those that were cut short."""
    folder, dice = tmp_path_factory.mktemp("thousand"), np.random.default_rng(0)
    images, _ = world.make_images(100, ("key", "ladder", "magnet"), seed=1)
    broken = set(dice.choice(COUNT, CUT, replace=False).tolist())
    names = []
    for number in range(COUNT):
        end, kind = list(KINDS.items())[number % len(KINDS)]
        file, path = io.BytesIO(), folder / f"{number % 7}" / f"{number:04}.{end}"
        Image.fromarray(images[number % len(images)]).save(file, kind)
        content = file.getvalue()
        if number in broken:  # of a JPEG's or a GIF's last bytes a decoder does without some
            content = content[: int(dice.uniform(0, 0.8) * len(content))]
            names.append(str(path))
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    return folder, sorted(names)


@pytest.mark.fault(15)
@pytest.mark.long
def test_truncated_pictures_are_named_by_the_command(course, homes, thousand, record_property):
    folder, cut = thousand
    ended = course.run("classify", folder, "--model", "resnet_nano", "--json", **homes)
    assert ended.status == 2, ended.err[-2_000:]
    assert "Traceback" not in ended.err
    answer = json.loads(ended.out)
    assert (answer["count"], answer["failed"]) == (COUNT, CUT)
    assert sorted(result["name"] for result in answer["results"] if result["error"]) == cut
    assert all(result["predictions"] for result in answer["results"] if not result["error"])
    lines = [line for line in ended.err.splitlines() if line.startswith("course: ")]
    assert len(lines) == CUT + 1
    assert f"{CUT} of {COUNT}" in lines[-1]
    for path in cut:
        assert any(path.rpartition("/")[2] in line for line in lines[:-1]), path
    record_property("tried", COUNT)


@pytest.mark.fault(15)
def test_truncated_pictures_are_errors_among_the_others(thousand, record_property):
    folder, cut = thousand
    found = dict(open_images(folder))
    assert len(found) == COUNT
    assert sorted(name for name, picture in found.items() if isinstance(picture, BadInput)) == cut
    record_property("tried", COUNT)


@pytest.mark.fault(15)
def test_training_leaves_truncated_pictures_out_and_says_so(course, homes, pictures, tmp_path):
    """One in each class of eight; the others are learned from."""
    for path in pictures.rglob("*.png"):
        place = tmp_path / "data" / path.parent.name / path.name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(path.read_bytes())
    cut = [sorted(folder.iterdir())[0] for folder in sorted((tmp_path / "data").iterdir())]
    for path in cut:
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    ended = course.run(
        "finetune", tmp_path / "data", "--out", tmp_path / "out", "--model", "resnet_nano", **homes
    )
    assert ended.status == 0, ended
    said = ended.out + ended.err
    assert any(path.name in said for path in cut), said
    assert "3 files were left out" in said
