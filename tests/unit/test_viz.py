"""The figures: words for everyone, few bytes, nothing of the learner's touched, and Grad-CAM right by hand."""

import importlib
import io
import re
import subprocess
import sys
from collections import namedtuple

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image
from skimage.color import deltaE_ciede2000, rgb2lab

from course_lib import viz
from course_lib.errors import BadInput
from course_lib.viz.style import PALETTE, PAPER

Guess = namedtuple("Guess", "label index score")
GUESSES = [Guess("Egyptian cat", 285, 0.661), Guess("tabby", 281, 0.21), Guess("lynx", 287, 0.004)]
LABELS = {
    "features": ([5, 10, 20, 50], np.linspace(0.6, 0.9, 12).reshape(3, 4)),
    "scratch": ([5, 50], [0.1, 0.3]),
}


def pixels(picture):
    return np.asarray(Image.open(io.BytesIO(picture.data)).convert("RGB"))


def every_figure():
    noise = np.random.default_rng(0).integers(90, 150, (16, 32, 32, 3), dtype=np.uint8)
    history = {
        "loss": [2, 1, 0.5],
        "accuracy": [0.1, 0.5, 0.8],
        "val_loss": [2, 1, 1],
        "val_accuracy": [0.1, 0.4, 0.5],
    }
    return {
        "images": viz.images(noise, range(16)),
        "predictions": viz.predictions("sample:cat", GUESSES),
        "feature_maps": viz.feature_maps(noise.reshape(32, 32, 48), 32),
        "heat": viz.heat("sample:coffee", np.eye(7), "espresso"),
        "curves": viz.curves(LABELS, "labels", "accuracy", logx=True, percent=True, title="More is better"),
        "training": viz.training(history),
        "gradient_norms": viz.gradient_norms({"plain": 10.0 ** -np.arange(50), "residual": np.ones((3, 50))}),
        "bars": viz.bars({"right": 0.66, "wrong": [0.01, 0.02]}, "share", form="{:.0%}", highlight="right"),
        "table": viz.table([[0.9, 0.5], [0.1, np.nan]], ["right", "wrong"], ["cat", "dog"], form="{:.0%}"),
    }


@pytest.fixture(scope="module")
def figures():
    return every_figure()


# Words


def test_show_insists_on_words():
    for missing in ("", "  ", None):
        with pytest.raises(BadInput, match="alternative text"):
            viz.show(Figure(), missing)
    with pytest.raises(TypeError):
        viz.show(Figure())


def test_html_keeps_the_words_and_escapes_them():
    picture = viz.show(Figure(), 'A "<b>" & more', caption="<script>alert(1)</script>")
    page = picture._repr_html_()
    assert 'alt="A &quot;&lt;b&gt;&quot; &amp; more"' in page
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert re.match(r'<figure [^>]*><img [^>]*src="data:image/png;base64,[\w+/=]+"><figcaption', page)
    assert repr(picture) == 'Picture: A "<b>" & more'


def test_figures_say_what_they_show(figures):
    assert figures["predictions"].alt == "Photo with bars: Egyptian cat 66%, tabby 21%, lynx < 1%."
    assert figures["images"].alt.startswith("Grid of 16 pictures: 0, 1, 2")
    assert "32 of 48 feature maps, each 32 by 32" in figures["feature_maps"].alt
    assert "heat map for espresso: strongest at the top left" in figures["heat"].alt
    assert "accuracy against labels: features from 70.9% at 5" in figures["curves"].alt
    assert figures["curves"].caption == "Lines: mean of 3 seeds. Bands: the lowest and the highest of them."
    assert "loss against epoch" in figures["training"].alt
    assert "held out from 10.0% at 1 to 50.0% at 3" in figures["training"].alt
    assert "plain from 1 at 1 to 1e-49 at 50" in figures["gradient_norms"].alt
    assert figures["bars"].alt == "Bar chart of share: right 66%; wrong 2%."
    assert figures["table"].alt == "Table of cat, dog. right: 90%, 50%; wrong: 10%, none."


def test_words_can_be_given():
    assert viz.predictions("sample:cat", GUESSES, alt="My cat").alt == "My cat"
    assert (
        viz.images([np.zeros((4, 4, 3), np.uint8)], alt="A black square", caption="Black").caption == "Black"
    )


# Bytes


def test_figures_are_small(figures):
    for name, picture in figures.items():
        assert len(picture.data) < 60_000, name
        assert 200 < picture.size[0] <= 800, name
        assert pixels(picture).shape[1::-1] == picture.size
    for name in ("curves", "training", "gradient_norms", "bars", "table"):
        assert figures[name].kind == "png"
        assert len(figures[name].data) < 20_000, name
    assert figures["predictions"].kind == "jpeg"


def test_a_plain_plot_of_6_by_4_inches_is_below_40_kB():
    with viz.style():
        fig = Figure(figsize=(6, 4))
        axes = fig.subplots()
        for shift in range(6):
            axes.plot(np.sin(np.arange(200) / 20 + shift), label=f"shift {shift}")
        axes.legend()
    assert len(viz.show(fig, "Six sine waves").data) < 40_000


def test_drawing_twice_gives_the_same_bytes(figures):
    for name, again in every_figure().items():
        assert again.data == figures[name].data, name


def test_small_pictures_keep_their_pixels_sharp():
    board = np.indices((8, 8)).sum(axis=0) % 2 * np.uint8(255)
    drawn = pixels(viz.images([board], columns=1))[10:-10, 10:-10]
    factor = len(drawn) // 8
    assert np.array_equal(drawn[..., 0], board.repeat(factor, 0).repeat(factor, 1))


def test_grid_of_odd_shapes():
    odd = [np.zeros(shape, np.uint8) for shape in ((1, 1, 3), (300, 2, 3), (2, 300, 3), (400, 400))]
    assert viz.images(odd, columns=2).size[0] <= 800


def test_save(tmp_path, figures):
    assert figures["curves"].save(tmp_path / "a.jpg") == tmp_path / "a.png"
    assert Image.open(figures["predictions"].save(tmp_path / "b")).format == "JPEG"


def test_a_table_is_the_bluer_the_higher_its_numbers():
    low, high = pixels(viz.table([[0, 10]], ["a"], ["b", "c"]))[50, [200, 550]].astype(int)
    assert low.min() > 225
    assert high[2] - high[0] > 80


# Colours


def test_palette_stays_apart_for_colour_blind_eyes():
    # Machado et al. 2009, full severity, on linear RGB
    eyes = {
        "all cones": np.eye(3),
        "no red": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
        "no green": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
        "no blue": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
    }  # fmt: skip
    colours = np.array([matplotlib.colors.to_rgb(colour) for colour in PALETTE[:5]])
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    for name, matrix in eyes.items():
        seen = np.clip(linear @ np.transpose(matrix), 0, 1)
        seen = np.where(seen <= 0.0031308, seen * 12.92, 1.055 * seen ** (1 / 2.4) - 0.055)
        lab = rgb2lab(seen[None])[0]
        apart = deltaE_ciede2000(lab[:, None], lab[None])
        assert apart[np.triu_indices(5, 1)].min() >= 20, name


def test_palette_is_readable_on_paper():
    def light(colour):
        rgb = np.array(matplotlib.colors.to_rgb(colour))
        return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4) @ [
            0.2126,
            0.7152,
            0.0722,
        ]

    for colour in PALETTE:
        assert (light(PAPER) + 0.05) / (light(colour) + 0.05) >= 3, colour


# Nothing of the learner's is touched


def test_settings_and_open_figures_are_left_alone():
    import matplotlib.pyplot as plt

    with matplotlib.rc_context({"lines.linewidth": 17.0, "axes.facecolor": "red"}):
        before = dict(matplotlib.rcParams)
        mine = plt.figure()
        picture = viz.curves(LABELS, "labels", "accuracy")
        assert dict(matplotlib.rcParams) == before
        assert not (pixels(picture) == [255, 0, 0]).all(axis=-1).any()
        assert plt.get_fignums() == [mine.number]
        viz.show(mine, "An empty figure")
        assert plt.get_fignums() == []


def test_import_loads_neither_tensorflow_nor_pyplot():
    script = "import sys, course_lib.viz; print([m for m in ('tensorflow', 'keras', 'matplotlib.pyplot') if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


# Bad input


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: viz.images([]), "no pictures"),
        (lambda: viz.images([np.zeros((2, 2, 3))], ["a", "b"]), "1 pictures and 2 titles"),
        (lambda: viz.images(["nowhere.png"]), "no file"),
        (lambda: viz.predictions("sample:cat", []), "no predictions"),
        (lambda: viz.feature_maps(np.zeros((2, 4, 4, 3))), "shape"),
        (lambda: viz.heat("sample:cat", np.zeros((1, 7, 7))), "shape"),
        (lambda: viz.curves({}, "x", "y"), "nothing to draw"),
        (lambda: viz.curves({"a": ([1, 2], [1, 2, 3])}, "x", "y"), "In 'a' x has the shape"),
        (lambda: viz.training({}), "empty"),
        (lambda: viz.training({"loss": []}), "empty"),
        (lambda: viz.bars({}, "x"), "nothing to draw"),
        (lambda: viz.bars({"a": -1}, "x"), "0 or more"),
        (lambda: viz.table([[1, 2]], ["a"], ["b"]), "one name for each row"),
        (lambda: viz.table([], [], []), "one name for each row"),
    ],
)
def test_bad_input_gives_a_sentence(call, says):
    with pytest.raises(BadInput, match=says):
        call()


def test_flat_data_is_drawn():
    viz.feature_maps(np.zeros((5, 5, 2)))
    viz.heat("sample:cat", np.zeros((7, 7)))
    viz.curves({"a": [1.0], "b": [1.0], "c": [np.nan]}, "x", "y")
    viz.bars({"nothing": 0}, "x")
    viz.table([[0, np.nan]], ["nothing"], ["a", "b"])


def test_scatter_names_its_points_and_joins_a_front():
    points = {"a": (1, 60), "b": (10, 70), "c": (100, 75)}
    picture = viz.scatter(points, "cost", "accuracy", line=["a", "b"], logx=True, groups={"a": "small"})
    assert all(name in picture.alt for name in points)
    assert picture.data != viz.scatter(points, "cost", "accuracy", logx=True, groups={"a": "small"}).data


@pytest.mark.parametrize(
    ("points", "line", "words"),
    [({}, [], "at least one"), ({"a": (1, np.nan)}, [], "finite"), ({"a": (1, 2)}, ["b"], "'b'")],
)
def test_scatter_refuses_what_it_cannot_draw(points, line, words):
    with pytest.raises(BadInput, match=words):
        viz.scatter(points, "x", "y", line=line)


def test_names_in_a_scatter_do_not_cover_each_other():
    module = importlib.import_module("course_lib.viz.scatter")  # the package has the function of that name

    box, other = np.array([0, 0, 10, 10.0]), np.array([5, 5, 15, 15.0])
    assert module._overlap(box, [other]) == 25
    assert module._overlap(box, [other + 20]) == 0
    assert module._outside(box, np.array([0, 0, 8, 20.0])) == 100


def test_curves_name_places_as_they_were_written():
    module, axes = importlib.import_module("course_lib.viz.curves"), Figure().add_subplot()
    places = np.float32([0.001, 0.01, 0.1])  # 0.001 in single precision is 0.0010000000475 in double
    module._scales(axes, {"a": (places, places)}, logx=True, logy=False, percent=False)
    formatter = axes.xaxis.get_major_formatter()
    assert [formatter(place) for place in axes.xaxis.get_major_locator()()] == ["0.001", "0.01", "0.1"]


def test_a_series_of_one_point_is_seen_on_a_long_line():
    line = (range(100), np.zeros(100))
    marked = pixels(viz.curves({"loss": line, "best": ([50], [0.0])}, "epoch", "loss"))
    orange = (np.abs(marked.astype(int) - [0xD9, 0x73, 0x30]).max(axis=2) < 8)[:, :500]  # left of its name
    assert orange.sum() > 40
