"""YOLO's layout as people have it: what is read, what is left out, and what is said about it."""

import pytest

from course_lib.errors import BadInput
from course_lib.media.detection_folders import read_yolo, yolo
from tests.unit.test_detection_folders import save_picture


def save(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    "names", ["names: [cat, dog]", "path: ..\nnames:\n  0: cat\n  1: dog\n", "nc: 2\nnames:\n- cat\n- 'dog'"]
)
@pytest.mark.parametrize(
    ("picture", "label"),
    [
        ("images/train/a.jpg", "labels/train/a.txt"),
        ("train/images/a.jpg", "train/labels/a.txt"),
        ("train/a.png", "train/a.txt"),
    ],
)
def test_as_it_comes(tmp_path, names, picture, label):
    save_picture(tmp_path / picture)
    save_picture(tmp_path / "valid" / "images" / "b.jpg")
    save(tmp_path / "data.yaml", names)
    save(tmp_path / label, "1 0.5 0.5 1 1\n0 0.25 0.5 0.3333333 0.2\n\n1 0.1 0.2 0.3 0.2 0.3 0.8\n")
    data = read_yolo(tmp_path, split="train")
    assert data.paths == (tmp_path / picture,)
    assert (data.class_names, data.skipped) == (("cat", "dog"), ())
    assert data.boxes[0].labels.tolist() == [1, 0, 1]
    corners = [[0, 0, 40, 30], [10 - 20 / 3, 12, 10 + 20 / 3, 18], [4, 6, 12, 24]]
    assert data.boxes[0].corners.tolist() == [pytest.approx(each, abs=1e-4) for each in corners]
    everything = read_yolo(tmp_path)
    assert [len(boxes) for boxes in everything.boxes] == [3, 0]
    assert everything.skipped == (f"{yolo.BARE}: 1 (the first: 'b.jpg')",)


def test_given_names(tmp_path):
    save_picture(tmp_path / "a.jpg")
    save(tmp_path / "a.txt", "2 0.5 0.5 0.5 0.5")
    with pytest.raises(BadInput, match="give class_names"):
        read_yolo(tmp_path)
    with pytest.raises(
        BadInput, match=r"'a\.txt' has an object of the class 2, but the last of the 2 classes is 1, 'dog'"
    ):
        read_yolo(tmp_path, class_names=["cat", "dog"])
    assert read_yolo(tmp_path, class_names=["cat", "dog", "cow"]).boxes[0].labels.tolist() == [2]
    save(tmp_path / "classes.txt", "cat\ndog\ncow\n")
    assert read_yolo(tmp_path, class_names=["cow"]).boxes[0].labels.tolist() == [0]
    with pytest.raises(BadInput, match=r"'a\.txt' has an object of the class 'cow'.* nearest is 'crow'"):
        read_yolo(tmp_path, class_names=["crow", "dog"])


def test_boxes_that_do_not_fit(tmp_path):
    save_picture(tmp_path / "a.jpg")
    save(tmp_path / "classes.txt", "cat")
    save(
        tmp_path / "a.txt", "0 0 0.5 0.5 0.5\n0 0.5 0.5 0 0.5\n0 0.5 nan 0.5 0.5\n0 7 7 1 1\n0 0.5 0.5 -1 0.5"
    )
    data = read_yolo(tmp_path)
    assert data.boxes[0].corners.tolist() == [[0, 7.5, 10, 22.5]]
    assert sorted(sentence.split(" (")[0].split(": ")[1] for sentence in data.skipped) == ["1", "1", "1", "2"]


@pytest.mark.parametrize(
    "text",
    [
        "cat 0.5 0.5 1 1",
        "0 0.5 0.5 1",
        "0.5 0.5 0.5 1 1",
        "-1 0.5 0.5 1 1",
        "inf 1 1 1 1",
        "nan 1 1 1 1",
        "\x00",
    ],
)
def test_label_files_that_cannot_be_used(tmp_path, text):
    for name in ("a", "b"):
        save_picture(tmp_path / f"{name}.jpg")
        save(tmp_path / f"{name}.txt", text if name == "a" else "")
    data = read_yolo(tmp_path, class_names=["cat"])
    assert [path.name for path in data.paths] == ["b.jpg"]
    assert "left out with their pictures: 1 (the first: 'a.txt' has a line that is not" in data.skipped[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("names: [cat", "not proper YAML"),
        ("[" * 20_000, "nested too deep"),
        ("a: &a [x]\nnames: [*a, *a]", "not proper YAML .it has an alias"),
        ("names: !!python/object/apply:os.getcwd []", "not proper YAML"),
        ("nc: 3", "no list 'names'"),
        ("names: {1: cat, 2: dog}", "no list 'names'"),
        ("names: [[cat]]", "no list 'names'"),
        ('names: ["\\e[2J"]', "can't be printed"),
        ("cat", "no list 'names'"),
        ("x" * 300_000, "over 200,000 bytes"),
    ],
)
def test_yaml_of_another_kind(tmp_path, text, said):
    save_picture(tmp_path / "a.jpg")
    save(tmp_path / "a.txt", "")
    save(tmp_path / "data.yaml", text)
    with pytest.raises(BadInput, match=said):
        read_yolo(tmp_path)


def test_folders_without_labels(tmp_path):
    save_picture(tmp_path / "images" / "a.jpg")
    save(tmp_path / "classes.txt", "cat")
    with pytest.raises(BadInput, match="has a label file"):
        read_yolo(tmp_path)
    save(tmp_path / "labels" / "a.txt", "")
    with pytest.raises(BadInput, match="in folders called 'train' has a label file"):
        read_yolo(tmp_path, split="train")
    with pytest.raises(BadInput, match="no folder"):
        read_yolo(tmp_path / "nowhere")
