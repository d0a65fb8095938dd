"""Pascal VOC's layout: an XML file for each picture, as many labelling tools write them too."""

import os
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree
from xml.parsers import expat

from course_lib.errors import BadInput
from course_lib.files import expanded
from course_lib.media.detection_folders.gathering import (
    MISSING,
    UNUSABLE,
    DetectionFolder,
    Gathering,
    bar,
    read_bytes,
    relative_parts,
)
from course_lib.media.images import find_images

MOST_BYTES = 5_000_000  # ten thousand objects
MOST_DEEP = 20  # elements within elements; VOC's own files have 5
UNLABELLED = "Pictures without a label file, left out"
DIFFICULT = "Objects marked as difficult, left out"


def read_voc(
    folder,
    split: str | None = None,
    class_names: Sequence[str] | None = None,
    first_pixel: int = 1,
    difficult: bool = False,
) -> DetectionFolder:
    """Read a data set in Pascal VOC's layout.

    Args:
        folder: one with Annotations, JPEGImages and perhaps ImageSets/Main, or one where the XML files lie beside the
            pictures.
        split: the name of a list in ImageSets/Main, such as "train"; None takes all label files.
        class_names: the names of labels 0, 1, ...; None takes those that occur, sorted.
        first_pixel: what the files call a picture's first pixel: 1 as in VOC, 0 for some labelling tools.
        difficult: take the objects that are marked as difficult too; VOC's own scoring leaves them out.

    Returns:
        The labelled pictures, in the order of their names or of the split, also those without an object.

    Raises:
        BadInput: there are no such files, or one has a class that is not among the given names.

    Source:
        Everingham et al. 2010, The PASCAL Visual Object Classes (VOC) Challenge; its development kit.
    """
    root = _root(expanded(folder))
    labels, pictures, gathering = _label_files(root, split), _Pictures(root), Gathering(class_names)
    for path in bar(labels):
        try:
            content = parse(read_bytes(path, MOST_BYTES), path.name)
            objects, marked = _objects(content, path.name, difficult)
        except BadInput as error:
            gathering.note(UNUSABLE, str(error))
            pictures.find(path)
            continue
        gathering.note(DIFFICULT, repr(path.name), marked)
        for name, _ in objects:
            gathering.check_class(name, path)
        picture = pictures.find(path, content.findtext("filename") or "")
        if picture is None:
            gathering.note(MISSING, f"that of {path.name!r}")
            continue
        corners = [_corners(box, first_pixel) for _, box in objects]
        gathering.add(picture, corners, [name for name, _ in objects], _said_size(content))
    if split is None:
        for left in pictures.left():
            gathering.note(UNLABELLED, repr(left.name))
    return gathering.finish(root)


def parse(content: bytes, name: str) -> ElementTree.Element:
    """Parse an XML file that nobody vouches for.

    Args:
        content: of the file.
        name: of the file, for the error.

    Returns:
        Its root element.

    Raises:
        BadInput: it is malformed, nested too deep, or declares a document type: entities in one could fill the memory.
    """
    builder, parser, open_elements = ElementTree.TreeBuilder(), expat.ParserCreate(), []

    def start(tag, attributes):
        open_elements.append(tag)
        if len(open_elements) > MOST_DEEP:
            raise BadInput(f"{name!r} nests more than {MOST_DEEP} elements, which no label file does.")
        builder.start(tag, attributes)

    def end(tag):
        open_elements.pop()
        builder.end(tag)

    def refuse(*_):
        raise BadInput(
            f"{name!r} has a DOCTYPE, which a label file needs not and which can do harm: take it out."
        )

    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = builder.data, refuse
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, LookupError, ValueError) as error:  # the latter two of an odd encoding
        raise BadInput(f"{name!r} is not proper XML ({error}): export it again.") from None
    return builder.close()


class _Pictures:
    """The pictures of a folder, to be found by the label files that they belong to."""

    def __init__(self, root: Path):
        folder = root / "JPEGImages"
        self.by_name, self.used = defaultdict(list), set()
        self.paths = find_images(folder if folder.is_dir() else root)
        for path in self.paths:
            self.by_name[path.stem].append(path)
            self.by_name[path.name].append(path)

    def find(self, label_file: Path, said_name: str = "") -> Path | None:
        """Return the picture that is called as the label file is, else as it says; of several the nearest, if one is."""
        said = (relative_parts(said_name) or [""])[-1]
        found = self.by_name.get(label_file.stem) or self.by_name.get(said) or []
        near = [_nearness(label_file, path) for path in found]
        if not found or near.count(max(near)) > 1:
            return None
        picture = found[near.index(max(near))]
        self.used.add(picture)
        return picture

    def left(self) -> list[Path]:
        return [path for path in self.paths if path not in self.used]


def _nearness(label_file: Path, picture: Path) -> tuple[int, bool]:
    """Say how many folders two files share, and whether their own are called the same."""
    shared = sum(a == b for a, b in zip(label_file.parents[::-1], picture.parents[::-1], strict=False))
    return shared, label_file.parent.name == picture.parent.name


def _root(folder: Path) -> Path:
    """Return the folder itself, or the only one of a development kit."""
    if not folder.is_dir():
        raise BadInput(f"There is no folder {str(folder)!r}: check the path.")
    if (folder / "Annotations").is_dir():
        return folder
    patterns = ("*/Annotations", "*/*/Annotations")
    kits = [path.parent for pattern in patterns for path in sorted(folder.glob(pattern))]
    if len(kits) > 1:
        raise BadInput(
            f"{str(folder)!r} holds several data sets: give one of {', '.join(repr(kit.name) for kit in kits[:5])}."
        )
    return kits[0] if kits else folder


def _label_files(root: Path, split: str | None) -> list[Path]:
    """List the XML files in the order of their paths, or those of a split in its order."""
    folder = root / "Annotations" if (root / "Annotations").is_dir() else root
    if split is not None:
        return [folder / f"{name}.xml" for name in _split_names(root / "ImageSets" / "Main", split)]
    files = []
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        files += [Path(place, name) for name in names if name.lower().endswith(".xml") and name[0] != "."]
    if not files:
        raise BadInput(f"{str(folder)!r} holds no XML files: give a folder in Pascal VOC's layout.")
    return sorted(files)


def _split_names(folder: Path, split: str) -> list[str]:
    there = sorted(path.stem for path in folder.glob("*.txt"))
    if split not in there:
        raise BadInput(
            f"There is no list {split!r} in {str(folder)!r}: there are {', '.join(there[:9]) or 'none'}."
        )
    lines = read_bytes(folder / f"{split}.txt", MOST_BYTES).decode("utf-8-sig", "replace").splitlines()
    names = [relative_parts(line.split()[0]) for line in lines if line.strip()]  # 1, 0 or -1 may follow
    return ["/".join(parts) for parts in names if parts]


def _objects(content: ElementTree.Element, file: str, difficult: bool) -> tuple[list, int]:
    """Return (class name, box element) of each object, and how many were left out as difficult."""
    if content.tag != "annotation":
        raise BadInput(f"{file!r} is XML of another kind: its root is {content.tag!r}, not 'annotation'.")
    objects = content.findall("object")
    taken = [each for each in objects if difficult or (each.findtext("difficult") or "0").strip() != "1"]
    named = [((each.findtext("name") or "").strip(), each.find("bndbox")) for each in taken]
    if not all(name for name, _ in named):
        raise BadInput(f"{file!r} has an object without a name.")
    return named, len(objects) - len(taken)


def _corners(box: ElementTree.Element | None, first_pixel: int) -> list[float] | None:
    """Return the box's corners; None where they are not numbers. The last pixel is within the box, so its end is the corner."""
    try:
        x0, y0, x1, y1 = (float(box.findtext(tag)) for tag in ("xmin", "ymin", "xmax", "ymax"))
    except (AttributeError, TypeError, ValueError):
        return None
    return [x0 - first_pixel, y0 - first_pixel, x1, y1]


def _said_size(content: ElementTree.Element) -> tuple[int, int] | None:
    try:
        return int(content.findtext("size/height")), int(content.findtext("size/width"))
    except (TypeError, ValueError):
        return None
