"""A thousand pictures, some of them cut short: those are named, and all others are read."""

import io

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
def test_truncated_pictures_are_errors_among_the_others(thousand, record_property):
    folder, cut = thousand
    found = dict(open_images(folder))
    assert len(found) == COUNT
    assert sorted(name for name, picture in found.items() if isinstance(picture, BadInput)) == cut
    record_property("tried", COUNT)
