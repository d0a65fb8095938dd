"""COCO's and Pascal VOC's layouts as people have them: what is read, what is left out, and what is said about it."""

import json

import numpy as np
import pytest
from PIL import Image

from course_lib.errors import BadInput
from course_lib.media.detection_folders import coco, read_coco, read_voc, voc


def save_picture(path, width=40, height=30, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (width, height), (200, 30, 30)).save(path, **options)
    return path


def sideways():
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


def coco_content(boxes, names=("a.jpg",), categories=((1, "cat"), (7, "dog"))) -> dict:
    """Return the JSON of pictures 0, 1 ... and of boxes (picture, category, bbox)."""
    images = [{"id": i, "file_name": name, "width": 40, "height": 30} for i, name in enumerate(names)]
    annotations = [
        {"id": i, "image_id": image, "category_id": category, "bbox": bbox, "iscrowd": 0}
        for i, (image, category, bbox) in enumerate(boxes)
    ]
    rows = [{"id": number, "name": name} for number, name in categories]
    return {"images": images, "annotations": annotations, "categories": rows}


def save_coco(path, *given, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(coco_content(*given, **options)))
    return path


def save_voc(path, *objects, filename="", size=(40, 30)):
    """Write an XML file of objects (name, xmin, ymin, xmax, ymax)."""
    rows = [f"<filename>{filename}</filename><size><width>{size[0]}</width><height>{size[1]}</height></size>"]
    for name, *box in objects:
        edges = zip(("xmin", "ymin", "xmax", "ymax"), box, strict=True)
        rows.append(
            f"<object><name>{name}</name><bndbox>{''.join(f'<{k}>{v}</{k}>' for k, v in edges)}</bndbox></object>"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"<annotation>{''.join(rows)}</annotation>")
    return path


def test_coco_as_it_comes(tmp_path):
    names = ["one.jpg", "two.jpg"]
    for name in names:
        save_picture(tmp_path / "val2017" / name)
    file = tmp_path / "annotations" / "instances_val2017.json"
    data = read_coco(save_coco(file, [(0, 7, [2, 3, 10, 20]), (0, 1, [0, 0, 40, 30])], names))
    assert (len(data), data.class_names, data.skipped) == (2, ("cat", "dog"), ())
    picture, boxes = data[0]
    assert picture.shape == (30, 40, 3)
    assert boxes.corners.tolist() == [[2, 3, 12, 23], [0, 0, 40, 30]]
    assert (boxes.corners.dtype, boxes.labels.dtype, boxes.scores) == (np.float32, np.int32, None)
    assert boxes.labels.tolist() == [1, 0]
    assert len(data.boxes[1]) == 0  # an empty scene is kept
    assert data.counts.tolist() == [1, 1]
    assert [picture.shape for picture, _ in data] == [(30, 40, 3)] * 2


@pytest.mark.parametrize("place", ["", "images", "train", "images/train", "train/images"])
@pytest.mark.parametrize("above", [True, False])
def test_coco_pictures_are_found(tmp_path, place, above):
    file = save_coco(tmp_path / "labels" / "instances_train.json", [(0, 1, [1, 1, 5, 5])], ["sub\\a.jpg"])
    save_picture((tmp_path if above else tmp_path / "labels") / place / "sub" / "a.jpg")
    assert len(read_coco(file)) == 1


@pytest.mark.parametrize("name", ["/home/someone/data/a.jpg", "C:\\data\\a.jpg", "../../elsewhere/a.jpg"])
def test_a_name_does_not_lead_out_of_the_folder(tmp_path, name):
    save_picture(tmp_path / "elsewhere" / "a.jpg")
    inside = save_picture(tmp_path / "set" / "pictures" / "a.jpg")
    data = read_coco(save_coco(tmp_path / "set" / "labels.json", [], [name]), tmp_path / "set" / "pictures")
    assert data.paths == (inside,)


def test_coco_boxes_that_do_not_fit(tmp_path):
    save_picture(tmp_path / "a.jpg")
    boxes = [
        [-5, -5, 10, 10],
        [30, 20, 99, 99],
        [5, 5, 0, 9],
        [5, 5, -3, 9],
        [50, 5, 9, 9],
        [1, 1, float("nan"), 5],
    ]
    odd = ["1234", [1, 2, 3], None, [1, 2, "3", 4], [10**400, 1, 1, 1], [1e300, 1, 1, 1], [1, 1, 1e-9, 4]]
    data = read_coco(save_coco(tmp_path / "labels.json", [(0, 1, bbox) for bbox in [*boxes, *odd]]))
    assert data.boxes[0].corners.tolist() == [[0, 0, 5, 5], [30, 20, 40, 30]]
    told = sorted(sentence.split(" (")[0] for sentence in data.skipped)
    assert told == [
        "Boxes that are not four finite numbers, left out: 7",
        "Boxes that reached beyond their picture and were cut at its edges: 2",
        "Boxes wholly outside of their picture, left out: 1",
        "Boxes without area or inside out, left out: 3",
    ]
    assert all("the first: 'a.jpg'" in sentence for sentence in data.skipped)


def test_coco_pictures_crowds_and_strays_are_counted(tmp_path):
    names = ["a.jpg", "gone.jpg", "broken.jpg", "\x1b[2J" + "x" * 300, "small.jpg"]
    save_picture(tmp_path / "a.jpg")
    save_picture(tmp_path / "small.jpg", 20, 15)
    (tmp_path / "broken.jpg").write_text("no picture")
    content = coco_content([(0, 1, [1, 1, 5, 5]), (0, 1, [2, 2, 5, 5]), (99, 1, [1, 1, 5, 5])], names)
    content["annotations"][1]["iscrowd"] = 1
    (tmp_path / "labels.json").write_text(json.dumps(content))
    data = read_coco(tmp_path / "labels.json")
    assert [path.name for path in data.paths] == ["a.jpg", "small.jpg"]
    assert len(data.boxes[0]) == 1
    text = "\n".join(data.skipped)
    assert "Crowds, which have one box for many objects, left out: 1 (the first: id 1)" in text
    assert "Boxes of pictures that the file does not list, left out: 1" in text
    assert "Pictures that are missing: 2 (the first: 'gone.jpg')" in text
    assert "Pictures that cannot be read, left out: 1 (the first: The file 'broken.jpg'" in text
    assert (
        "another size than their label file says; their boxes may lie elsewhere: 1 (the first: 'small.jpg')"
        in text
    )
    assert "\x1b" not in text


def test_a_picture_that_lies_on_its_side_counts_as_it_is_read(tmp_path):
    save_picture(tmp_path / "a.jpg", 30, 40, exif=sideways())
    data = read_coco(save_coco(tmp_path / "labels.json", [(0, 1, [35, 0, 5, 30])]))
    assert data.skipped == ()
    assert data[0][0].shape == (30, 40, 3)
    assert data[0][1].corners.tolist() == [[35, 0, 40, 30]]


def test_coco_with_given_class_names(tmp_path):
    save_picture(tmp_path / "a.jpg")
    file = save_coco(tmp_path / "labels.json", [(0, 1, [1, 1, 5, 5])])
    assert read_coco(file, class_names=["horse", "cat"]).boxes[0].labels.tolist() == [1]
    with pytest.raises(
        BadInput, match=r"'labels\.json' has an object of the class 'cat'.* nearest is 'cats'"
    ):
        read_coco(file, class_names=["horse", "cats"])
    with pytest.raises(BadInput, match="a list of names"):
        read_coco(file, class_names="cat")
    with pytest.raises(BadInput, match="a name twice"):
        read_coco(file, class_names=["cat", "cat"])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda content: [content], "no list 'images'"),
        (lambda content: content | {"images": {"1": "a"}}, "no list 'images'"),
        (
            lambda content: content | {"images": [{"id": 1, "file_name": 5}]},
            r"images\[0\] has no proper 'file_name'",
        ),
        (lambda content: content | {"images": ["a.jpg"]}, r"images\[0\] has no proper 'id'"),
        (lambda content: content | {"images": []}, "no picture with labels"),
        (
            lambda content: content | {"annotations": [{"image_id": [1]}]},
            r"annotations\[0\] has no proper 'image_id'",
        ),
        (
            lambda content: content | {"annotations": [{"image_id": 0, "caption": "a cat"}]},
            "annotations but no boxes",
        ),
        (lambda content: content | {"categories": [{"id": 1}]}, r"categories\[0\] has no proper 'name'"),
        (
            lambda content: content | {"categories": []},
            "category 1, which is not among its categories: their ids are none",
        ),
        (lambda content: content | {"categories": [{"id": 1, "name": "\x1b[31m"}]}, "can't be printed"),
    ],
)
def test_json_of_another_kind(tmp_path, change, said):
    save_picture(tmp_path / "a.jpg")
    (tmp_path / "labels.json").write_text(json.dumps(change(coco_content([(0, 1, [1, 1, 5, 5])]))))
    with pytest.raises(BadInput, match=said):
        read_coco(tmp_path / "labels.json")


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff\xfe\x00", b"[" * 200_000, b'{"images": ' + b"9" * 5000 + b"}"]
)
def test_what_is_not_json(tmp_path, content):
    (tmp_path / "labels.json").write_bytes(content)
    with pytest.raises(BadInput, match="is not JSON"):
        read_coco(tmp_path / "labels.json")


def test_files_and_folders_that_are_not_there_or_too_large(tmp_path, monkeypatch):
    with pytest.raises(BadInput, match="no file"):
        read_coco(tmp_path / "labels.json")
    file = save_coco(tmp_path / "labels.json", [])
    with pytest.raises(BadInput, match=r"such as 'a\.jpg', are not beside it"):
        read_coco(file)
    with pytest.raises(BadInput, match="check images_folder"):
        read_coco(file, tmp_path / "images")
    monkeypatch.setattr(coco, "MOST_BYTES", 20)
    with pytest.raises(BadInput, match="over 20 bytes"):
        read_coco(file)
    with pytest.raises(BadInput, match="no folder"):
        read_voc(tmp_path / "nowhere")
    with pytest.raises(BadInput, match="holds no XML files"):
        read_voc(tmp_path)


def development_kit(folder):
    """Pascal VOC's own layout: two pictures, the second with a mask of the same name."""
    for name in ("000005", "000007"):
        save_picture(folder / "JPEGImages" / f"{name}.jpg")
        save_picture(folder / "SegmentationClass" / f"{name}.png")
    save_voc(folder / "Annotations" / "000005.xml", ("dog", 1, 1, 40, 30), ("cat", 3, 4, 10, 12))
    save_voc(folder / "Annotations" / "000007.xml")
    lists = folder / "ImageSets" / "Main"
    lists.mkdir(parents=True)
    (lists / "train.txt").write_text("000007\n")
    (lists / "dog_trainval.txt").write_text("000007 -1\n000005  1\n000009  1\n")
    return folder


def test_voc_as_it_comes(tmp_path):
    development_kit(tmp_path / "VOCdevkit" / "VOC2007")
    data = read_voc(tmp_path)
    assert [path.name for path in data.paths] == ["000005.jpg", "000007.jpg"]
    assert (data.class_names, data.skipped) == (("cat", "dog"), ())
    assert data.boxes[0].corners.tolist() == [[0, 0, 40, 30], [2, 3, 10, 12]]
    assert data.boxes[0].labels.tolist() == [1, 0]
    assert len(data.boxes[1]) == 0


def test_voc_splits(tmp_path):
    folder = development_kit(tmp_path / "VOC2007")
    assert [path.name for path in read_voc(folder, split="train", class_names=["dog"]).paths] == [
        "000007.jpg"
    ]
    data = read_voc(folder, split="dog_trainval")
    assert [path.name for path in data.paths] == ["000007.jpg", "000005.jpg"]
    assert (
        "Label files that cannot be used, left out with their pictures: 1 (the first: There is no file"
        in data.skipped[0]
    )
    with pytest.raises(BadInput, match=r"no list 'test' in .*there are dog_trainval, train"):
        read_voc(folder, split="test")
    development_kit(tmp_path / "VOC2012")
    with pytest.raises(BadInput, match="several data sets: give one of 'VOC2007', 'VOC2012'"):
        read_voc(tmp_path)


@pytest.mark.parametrize(
    ("picture", "label"),
    [
        ("a.jpg", "a.xml"),
        ("images/a.png", "annotations/a.xml"),
        ("train/a.jpg", "Annotations/train/a.xml"),
        ("named so.jpg", "a.xml"),
        ("a.jpg", "a.jpg.xml"),
    ],
)
def test_xml_files_of_labelling_tools(tmp_path, picture, label):
    save_picture(tmp_path / picture)
    save_voc(tmp_path / label, ("cat", 0, 0, 10, 10), filename="C:\\pictures\\named so.jpg")
    data = read_voc(tmp_path, first_pixel=0)
    assert data.paths == (tmp_path / picture,)
    assert data.boxes[0].corners.tolist() == [[0, 0, 10, 10]]
    assert data.skipped == ()


def test_of_pictures_of_one_name_the_nearest_is_meant(tmp_path):
    for split in ("train", "valid"):
        save_picture(tmp_path / split / "images" / "a.jpg")
        save_voc(tmp_path / split / "labels" / "a.xml")
    assert [path.parts[-3] for path in read_voc(tmp_path).paths] == ["train", "valid"]
    save_voc(tmp_path / "more" / "a.xml")
    assert "missing: 1 (the first: that of 'a.xml')" in read_voc(tmp_path).skipped[0]


def test_voc_boxes_that_do_not_fit(tmp_path):
    save_picture(tmp_path / "a.jpg")
    boxes = [
        (-9, 1, 10, 10),
        (5, 5, 4, 9),
        (9, 9, 5, 12),
        ("nan", 1, 5, 5),
        ("", 1, 5, 5),
        (90, 1, 99, 9),
        (1, 1, 41, 9),
    ]
    save_voc(tmp_path / "a.xml", *(("cat", *box) for box in boxes))
    data = read_voc(tmp_path)
    assert data.boxes[0].corners.tolist() == [[0, 0, 10, 10], [0, 0, 40, 9]]
    assert sorted(sentence.split(" (")[0].split(": ")[1] for sentence in data.skipped) == ["1", "2", "2", "2"]


def test_voc_with_given_class_names_and_difficult_objects(tmp_path):
    save_picture(tmp_path / "a.jpg")
    file = save_voc(tmp_path / "a.xml", ("cat", 1, 1, 9, 9), ("dgo", 1, 1, 9, 9))
    with pytest.raises(BadInput, match=r"'a\.xml' has an object of the class 'dgo'.* nearest is 'dog'"):
        read_voc(tmp_path, class_names=["cat", "dog"])
    file.write_text(file.read_text().replace("<name>dgo</name>", "<name>dgo</name><difficult>1</difficult>"))
    data = read_voc(tmp_path, class_names=["dog", "cat"])
    assert data.boxes[0].labels.tolist() == [1]
    assert data.skipped == ("Objects marked as difficult, left out: 1 (the first: 'a.xml')",)
    assert len(read_voc(tmp_path, difficult=True).boxes[0]) == 2


BOMB = '<!DOCTYPE a [<!ENTITY b "{}"><!ENTITY c "&b;&b;&b;">]><annotation>&c;</annotation>'.format("x" * 1000)
LEAK = '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><annotation>&b;</annotation>'


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not proper XML"),
        (b"<annotation>", "not proper XML"),
        (b"<annotation>&b;</annotation>", "not proper XML"),
        (b"<?xml version='1.0' encoding='klingon'?><annotation/>", "not proper XML"),
        (b"<html/>", "root is 'html'"),
        (b"<annotation><object><bndbox/></object></annotation>", "an object without a name"),
        (BOMB.encode(), "has a DOCTYPE"),
        (LEAK.encode(), "has a DOCTYPE"),
        (LEAK.encode("utf-16"), "has a DOCTYPE"),
        (b"<a>" * 100_000, "nests more than 20"),
    ],
)
def test_xml_that_cannot_be_used(tmp_path, content, said):
    for name in ("a", "b"):
        save_picture(tmp_path / f"{name}.jpg")
    (tmp_path / "a.xml").write_bytes(content)
    with pytest.raises(BadInput, match=said):  # nothing else is there
        read_voc(tmp_path)
    save_voc(tmp_path / "b.xml", ("cat", 1, 1, 9, 9))
    data = read_voc(tmp_path)
    assert [path.name for path in data.paths] == ["b.jpg"]
    assert len(data.skipped) == 1
    assert said in data.skipped[0]


def test_xml_that_is_too_large_and_pictures_without_xml(tmp_path, monkeypatch):
    save_picture(tmp_path / "a.jpg")
    save_picture(tmp_path / "b.jpg")
    save_voc(tmp_path / "a.xml", ("cat", 1, 1, 9, 9))
    assert read_voc(tmp_path).skipped == ("Pictures without a label file, left out: 1 (the first: 'b.jpg')",)
    monkeypatch.setattr(voc, "MOST_BYTES", 20)
    with pytest.raises(BadInput, match="over 20 bytes"):
        read_voc(tmp_path)
