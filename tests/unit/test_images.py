"""Every kind of picture that people have: the right result, or one clear sentence."""

import io
import os
import re
import subprocess
import sys
import tracemalloc
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from course_lib.errors import BadInput
from course_lib.media.images import (
    MAX_PIXELS,
    _image_or_error,
    count_images,
    find_images,
    is_single,
    open_images,
    read_image,
    sample_crops,
    spread_images,
)
from course_lib.media.samples import samples

RED, GREEN = (200, 30, 40), (10, 180, 60)


def picture(width=12, height=8, colour=RED) -> Image.Image:
    return Image.new("RGB", (width, height), colour)


def refused(source) -> str:
    """The sentence: one line, what, why and what to do; never a long one."""
    with pytest.raises(BadInput) as caught:
        read_image(source)
    said = str(caught.value)
    assert "\n" not in said
    assert said.endswith(".")
    assert 30 < len(said) < 250
    return said


def png_bomb(path, side=20_000):
    """A small PNG of side x side black pixels: 48 kB on disk for 20,000."""

    def chunk(kind, body):
        return len(body).to_bytes(4) + kind + body + zlib.crc32(kind + body).to_bytes(4)

    header = side.to_bytes(4) * 2 + bytes([1, 0, 0, 0, 0])  # one bit a pixel
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(side // 8 + 1)) for _ in range(side)) + packer.flush()
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )
    return path


# Files that work


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "gif", "bmp", "tif", "ppm"])
def test_common_formats(tmp_path, suffix):
    picture().save(tmp_path / f"a.{suffix}")
    image = read_image(tmp_path / f"a.{suffix}")
    assert image.shape == (8, 12, 3)
    assert image.dtype == np.uint8
    assert np.abs(image.astype(int) - RED).max() <= 6  # JPEG and WebP lose a little
    assert image.flags.writeable


def test_one_pixel(tmp_path):
    picture(1, 1).save(tmp_path / "dot.png")
    assert read_image(str(tmp_path / "dot.png")).tolist() == [[list(RED)]]


def test_opacity_is_laid_on_white(tmp_path):
    clear = Image.new("RGBA", (4, 4), (0, 0, 0, 0))
    clear.putpixel((0, 0), (*RED, 255))
    clear.putpixel((1, 0), (0, 0, 0, 51))
    clear.save(tmp_path / "a.png")
    row = read_image(tmp_path / "a.png")[0]
    assert row[:3].tolist() == [list(RED), [204] * 3, [255] * 3]
    assert np.array_equal(read_image(np.asarray(clear))[0], row)


@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "HSV", "I", "I;16", "F"]
)
def test_every_mode_of_pillow(mode):
    white = Image.new("L", (5, 4), 255)
    image = white.convert(mode) if mode not in ("I", "I;16") else Image.new(mode, (5, 4), 65535)
    assert (read_image(image) == 255).all()


def test_palette_with_transparency(tmp_path):
    image = picture().convert("P", palette=Image.Palette.ADAPTIVE)
    image.save(tmp_path / "a.gif", transparency=image.getpixel((0, 0)))
    assert (read_image(tmp_path / "a.gif") == 255).all()


@pytest.mark.parametrize("suffix", ["png", "tif", "pgm"])
def test_16_bit_grey_is_scaled(tmp_path, suffix):
    values = np.array([[0, 257 * 100, 257 * 100 + 120, 65535]], dtype=np.uint16)
    Image.fromarray(values).save(tmp_path / f"deep.{suffix}")
    assert read_image(tmp_path / f"deep.{suffix}")[0, :, 0].tolist() == [0, 100, 100, 255]


@pytest.mark.parametrize("suffix", ["gif", "png", "webp", "tif"])
def test_first_frame_of_an_animation(tmp_path, suffix):
    path = tmp_path / f"film.{suffix}"
    picture().save(path, save_all=True, append_images=[picture(colour=GREEN)] * 3)
    assert np.abs(read_image(path).astype(int) - RED).max() <= 6


def test_cmyk_jpeg(tmp_path):
    picture().convert("CMYK").save(tmp_path / "print.jpg")
    assert np.abs(read_image(tmp_path / "print.jpg").astype(int) - RED).max() <= 10


def test_phone_photograph_is_turned_upright(tmp_path):
    lying = picture()
    lying.paste(GREEN, (0, 0, 6, 8))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter clockwise
    lying.save(tmp_path / "phone.jpg", exif=exif, quality=95, subsampling=0)
    upright = read_image(tmp_path / "phone.jpg").astype(int)
    assert upright.shape == (12, 8, 3)
    assert np.abs(upright[0, 0] - GREEN).max() <= 6
    assert np.abs(upright[-1, -1] - RED).max() <= 6


def test_broken_metadata_does_not_spoil_the_picture(tmp_path):
    picture().save(tmp_path / "a.jpg", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + bytes(range(64)))
    assert read_image(tmp_path / "a.jpg").shape == (8, 12, 3)


# Files that do not


def test_missing_file(tmp_path):
    assert "no file" in refused(tmp_path / "nothing.jpg")
    for odd in ("~/surely/not/here.jpg", "~nobody-of-that-name/a.jpg", "null\0byte.jpg"):
        assert "no file" in refused(odd)
    with pytest.raises(BadInput, match="no file"):
        read_image("a name too long for any file system, " * 20)


@pytest.mark.parametrize("empty", ["", "  "])
def test_an_empty_path_is_not_the_folder_one_is_in(empty):
    assert "path of the picture is empty" in refused(empty)
    assert is_single(empty)
    assert count_images(empty) == 1
    [(name, error)] = open_images(empty)
    assert name == empty
    assert "is empty" in str(error)
    with pytest.raises(BadInput, match="path of the folder is empty"):
        find_images(empty)


def test_things_that_are_not_files(tmp_path):
    assert "is a folder" in refused(tmp_path)
    assert "an address" in refused("https://example.org/cat.jpg")
    os.mkfifo(tmp_path / "pipe.jpg")
    assert "not an ordinary file" in refused(tmp_path / "pipe.jpg")
    assert "from NoneType" in refused(None)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        ("This is a note, \u00e9crit vite.\n".encode(), "is text"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "web page"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF\0\1", "cut short"),
        (bytes(range(256)) * 4, "not a picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "text"),
    ],
)
def test_other_things_named_jpg(tmp_path, content, says):
    (tmp_path / "a.jpg").write_bytes(content)
    assert says in refused(tmp_path / "a.jpg")


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "gif", "bmp", "tif"])
def test_cut_short(tmp_path, suffix):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    whole = io.BytesIO()
    Image.fromarray(noise).save(whole, {"jpg": "JPEG", "tif": "TIFF"}.get(suffix, suffix.upper()))
    (tmp_path / f"a.{suffix}").write_bytes(whole.getvalue()[: whole.tell() // 2])
    said = refused(tmp_path / f"a.{suffix}")
    assert "damaged or cut short" in said
    assert "again" in said


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_hostile_bytes_give_a_picture_or_a_sentence(tmp_path_factory, data):
    suffix = data.draw(st.sampled_from(["JPEG", "PNG", "GIF", "TIFF", "WEBP", "BMP"]))
    whole = io.BytesIO()
    picture().save(whole, suffix)
    content = bytearray(whole.getvalue())
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("hostile") / "a.bin"
    path.write_bytes(content[: data.draw(st.integers(1, len(content)))])
    [(_, result)] = open_images(path)
    assert isinstance(result, BadInput) or (result.dtype == np.uint8 and result.shape[-1] == 3)


@pytest.mark.fault(16)
def test_huge_picture_is_refused_from_its_header(tmp_path):
    path = png_bomb(tmp_path / "huge.png")
    assert path.stat().st_size < 60_000
    script = (
        "import resource, sys\n"
        "from course_lib.media.images import open_images, read_image\n"
        "read_image('sample:cat')\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "[(_, error)] = open_images(sys.argv[1])\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, error)\n"
    )
    run = subprocess.run([sys.executable, "-c", script, path], capture_output=True, text=True, check=True)
    grown, said = run.stdout.split(" ", 1)
    assert int(grown) < 2_000  # kB: nothing was decoded, where the pixels would take 1.2 GB
    assert "400,000,000 pixels" in said
    assert "shrink" in said
    assert run.stderr == ""


def test_a_little_too_large(tmp_path, recwarn):
    side = int(MAX_PIXELS**0.5) + 9
    said = refused(png_bomb(tmp_path / "large.png", side))
    assert f"{side:,} x {side:,} pixels" in said
    refused(png_bomb(tmp_path / "larger.png", 10_000))  # here Pillow itself would warn
    assert not recwarn


def test_threads_that_read_leave_all_other_warnings_on(tmp_path):
    picture().save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes((tmp_path / "a.png").read_bytes()[:60])
    before = list(warnings.filters)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: _image_or_error(tmp_path / ("a.png", "b.png")[i % 2]), range(2000)))
    new = [given for given in warnings.filters if given not in before]
    assert [given[3].pattern for given in new] == [r"PIL\."] * len(new)


# Arrays


@settings(max_examples=60, deadline=None)
@given(
    hnp.arrays(
        st.sampled_from([np.uint8, np.int32, np.int64, np.float32, np.float64]),
        st.tuples(st.integers(1, 6), st.integers(1, 6), st.sampled_from([1, 3])),
        elements={"min_value": 0, "max_value": 255},
    )
)
def test_arrays_of_0_to_255(array):
    if np.issubdtype(array.dtype, np.floating) and 0 < array.max() <= 1:
        assert "multiply by 255" in refused(array)
        return
    image = read_image(array)
    assert image.shape == (*array.shape[:2], 3)
    assert image.dtype == np.uint8
    assert np.array_equal(image[..., :1], np.rint(array[..., :1]).astype(np.uint8))


@settings(max_examples=80, deadline=None)
@given(hnp.arrays(np.uint8, hnp.array_shapes(min_dims=1, max_dims=5, min_side=0, max_side=5)))
def test_any_shape_gives_a_picture_or_a_sentence(array):
    good = array.size and (array.ndim == 2 or (array.ndim == 3 and array.shape[-1] in (1, 3, 4)))
    if good:
        assert read_image(array).shape == (*array.shape[:2], 3)
    else:
        assert re.search(r"shape \(.*\)", refused(array))


@pytest.mark.parametrize(
    ("array", "says"),
    [
        (np.full((4, 4, 3), 0.5), "expected 0 to 255: multiply by 255"),
        (np.full((4, 4, 3), np.nan), "NaN"),
        (np.array([[1.0, np.inf]]), "infinity"),
        (np.linspace(-1, 1, 48).reshape(4, 4, 3), "preprocessed"),
        (np.full((4, 4), 4095, dtype=np.uint16), "divide by 257"),
        (np.zeros((3, 8, 9)), r"np.transpose"),
        (np.zeros((2, 8, 8, 3)), r"array[0]"),
        (np.zeros((10, 28, 28)), r"array[..., None]"),
        (np.zeros((0, 8, 3)), "empty"),
        (np.zeros(12), "expected (height, width)"),
        (np.ones((4, 4), dtype=bool), "True and False"),
        (np.full((4, 4), "a"), "convert it"),
        (np.zeros((4, 4), dtype=complex), "convert it"),
    ],
)
def test_arrays_that_are_no_pictures(array, says):
    assert says in refused(array)


# Many at once


def test_single_or_many(tmp_path):
    image = np.zeros((4, 4, 3), np.uint8)
    for one in (image, image[..., 0], picture(), "sample:cat", "missing.jpg", tmp_path / "missing.jpg"):
        assert is_single(one)
    for many in (tmp_path, str(tmp_path), [image], (image,), image[None], iter([image])):
        assert not is_single(many)


def test_folder_is_read_in_order_and_a_bad_file_does_not_stop_it(tmp_path):
    for name in ("b/2.png", "b-c/1.PNG", "a.jpg", "z.webp", ".hidden.png", ".cache/3.png", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        picture().save(tmp_path / name, "PNG")
    (tmp_path / "m.jpg").write_text("no picture")
    (tmp_path / "loop").symlink_to(tmp_path)
    found = find_images(tmp_path)
    assert [str(path.relative_to(tmp_path)) for path in found] == [
        "a.jpg",
        "b/2.png",
        "b-c/1.PNG",
        "m.jpg",
        "z.webp",
    ]
    assert found == sorted(found)
    results = dict(open_images(str(tmp_path)))
    assert list(results) == [str(path) for path in found]
    bad = [name for name, result in results.items() if isinstance(result, BadInput)]
    assert bad == [str(tmp_path / "m.jpg")]


def test_folder_without_pictures(tmp_path):
    [(name, error)] = open_images(tmp_path)
    assert name == str(tmp_path)
    assert "holds no pictures" in str(error)
    with pytest.raises(BadInput, match="no folder"):
        find_images(tmp_path / "nowhere")


def test_mixed_list_keeps_its_order(tmp_path):
    picture().save(tmp_path / "a.png")
    image = np.zeros((2, 2, 3), np.uint8)
    results = list(open_images(["sample:cat", tmp_path, image, image[None], picture(), "none.png", 5]))
    names = [name for name, _ in results]
    assert names[:3] == ["sample:cat", str(tmp_path / "a.png"), "image[2]"]
    assert names[3:] == ["image[3][0]", "image[4]", "none.png", "image[6]"]
    assert [isinstance(result, BadInput) for _, result in results] == [False] * 5 + [True] * 2


def test_opening_is_lazy(tmp_path):
    asked = []

    def paths():
        for name in ("sample:cat", "sample:coffee"):
            asked.append(name)
            yield name

    stream = open_images(paths())
    assert asked == []
    next(stream)
    assert asked == ["sample:cat"]


def test_memory_is_flat_over_a_folder(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (400, 400, 3), dtype=np.uint8)  # 480 kB decoded
    for index in range(40):
        Image.fromarray(noise).save(tmp_path / f"{index:02}.jpg")
    peaks = []
    tracemalloc.start()
    for count, _ in enumerate(open_images(tmp_path), 1):
        if count in (10, 40):
            peaks.append(tracemalloc.get_traced_memory()[1])
    tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.1


def test_crops_are_squares_of_the_photographs_and_the_same_for_a_seed():
    crops = sample_crops(2, seed=0, names=["cat", "rocket"])
    assert len(crops) == 4
    for crop, name in zip(crops, ["cat", "cat", "rocket", "rocket"], strict=True):
        photo = read_image(f"sample:{name}")
        side, shorter = len(crop), min(photo.shape[:2])
        assert crop.shape == (side, side, 3)
        assert 0.6 * shorter - 1 <= side <= shorter
        corners = np.argwhere(
            (photo[: len(photo) - side + 1, : photo.shape[1] - side + 1] == crop[0, 0]).all(2)
        )
        assert any(np.array_equal(photo[y : y + side, x : x + side], crop) for y, x in corners)
    assert all(
        np.array_equal(*pair) for pair in zip(crops, sample_crops(2, 0, ["cat", "rocket"]), strict=True)
    )
    assert not np.array_equal(crops[0], sample_crops(2, 1, ["cat"])[0])
    assert len(sample_crops(1, seed=0)) == len(samples())


def test_some_of_many_are_evenly_spaced_and_of_few_all(tmp_path):
    for index in range(10):
        picture().save(tmp_path / f"{index}.png")
    names = [path.name for path in spread_images(tmp_path, 4)]
    assert names == ["0.png", "2.png", "5.png", "7.png"]
    assert spread_images(tmp_path, 10) == spread_images(str(tmp_path), 99) == find_images(tmp_path)
    (tmp_path / "none").mkdir()
    assert spread_images(tmp_path / "none", 4) == []
    both = spread_images([tmp_path, picture(), np.zeros((3, 4, 4, 3), np.uint8)], 99)
    assert len(both) == count_images([tmp_path, picture(), np.zeros((3, 4, 4, 3), np.uint8)]) == 14
    assert spread_images(5, 4) == [5]  # and reading it says what is wrong
    assert len(list(open_images(both))) == 14
