"""`deploy.json`: what an exported folder says of itself. Whoever opens the folder reads this first, and trusts nothing of it."""

import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePosixPath

from course_lib.errors import BadInput
from course_lib.weights import cache
from course_lib.weights.preprocess import Preprocess

FILE = "deploy.json"
VERSION = 1
MOST_TEXT = 8 << 20  # bytes; 10,000 class names need a tenth of it
MOST_SIZE = 4096  # pixels of a side


@dataclass(frozen=True)
class File:
    """One file of an export, by its path inside the folder."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Written:
    """One format of an export.

    Attributes:
        files: what belongs to it.
        difference: the largest difference of a probability from the Keras model's, as a part of the largest probability.
        agreement: part of the held-back examples whose first guess is the Keras model's; None where it was not measured.
        held_back: how many examples that was measured on.
    """

    files: tuple[File, ...]
    difference: float
    agreement: float | None = None
    held_back: int = 0

    @property
    def bytes(self) -> int:
        """Size of all its files."""
        return sum(file.bytes for file in self.files)


@dataclass(frozen=True)
class Manifest:
    """What an export says of itself.

    Attributes:
        model: the id of the card.
        labels: the class names, in the order of the probabilities.
        size, crop, letterbox: how a picture is resized before it goes in, as `Preprocess` takes it; all else is in the files.
        licence, provenance: of the weights.
        formats: what was written, by name.
    """

    model: str
    labels: tuple[str, ...]
    size: int
    crop: float
    letterbox: bool
    licence: str
    provenance: dict[str, str]
    formats: dict[str, Written]

    @property
    def preprocess(self) -> Preprocess:
        """What a client still does: resizing. The scale of the numbers is the graph's business."""
        return Preprocess(self.size, "none", self.crop, self.letterbox)

    def to_json(self) -> str:
        """Return the text of `deploy.json`, which also tells people what goes in and what comes out."""
        told = {
            "course_lib_export": VERSION,
            "input": "float32 (batch, size, size, 3), RGB, 0 to 255; LiteRT takes one picture at a time",
            "output": "float32 (batch, labels), probabilities",
            "resize": _rule(self),
        }
        return json.dumps(told | asdict(self), indent=1)


def _rule(manifest: Manifest) -> str:
    if manifest.letterbox:
        return f"scale the longer side to {manifest.size} px, centre it on grey (114)"
    if manifest.crop:
        scaled = round(manifest.size / manifest.crop)
        return f"scale the shorter side to {scaled} px, cut the middle {manifest.size} x {manifest.size}; bicubic"
    return f"scale to {manifest.size} x {manifest.size} px whatever its proportions; bicubic"


def is_export(folder: Path) -> bool:
    """Say whether a folder is one that `export` wrote."""
    return os.path.isfile(folder / FILE)


def read(folder: Path) -> Manifest:
    """Read what an exported folder says of itself.

    Raises:
        BadInput: it is no such folder, or what it says can't be.
    """
    if not is_export(folder):
        raise BadInput(
            f"{folder} is no exported model, it has no {FILE}: `course export MODEL DIR` writes one."
        )
    try:
        if os.path.getsize(folder / FILE) > MOST_TEXT:
            raise ValueError("it is too long")
        return _checked(json.loads((folder / FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise BadInput(
            f"{folder / FILE} is damaged or not ours ({error}): export the model again."
        ) from error


def _checked(told: dict) -> Manifest:
    """Make sense of what was read; raise ValueError, TypeError, KeyError or AttributeError for what can't be."""
    if told.pop("course_lib_export") != VERSION:
        raise ValueError("it is of another version of the course")
    formats = {str(name): _written(one) for name, one in told["formats"].items()}
    found = Manifest(
        told["model"], tuple(told["labels"]), told["size"], told["crop"], told["letterbox"], told["licence"],
        dict(told["provenance"]), formats,
    )  # fmt: skip
    texts = [found.model, found.licence, *found.labels, *found.provenance.values()]
    if not all(isinstance(text, str) and text.isprintable() for text in texts):
        raise ValueError("a name in it is no printable text")
    if type(found.size) is not int or not 0 < found.size <= MOST_SIZE or not 0 <= found.crop <= 1:
        raise ValueError("it resizes pictures as nobody can")
    if not found.labels or type(found.letterbox) is not bool:
        raise ValueError("it names no classes")
    return found


def _written(told: dict) -> Written:
    files = tuple(File(**file) for file in told["files"])
    for file in files:
        path = PurePosixPath(file.name)
        if (
            path.is_absolute()
            or ".." in path.parts
            or "\\" in file.name
            or ":" in file.name
            or not path.parts
        ):
            raise ValueError("it names a file outside its folder")
    return replace(Written(**told), files=files)


def described(folder: Path, names: list[str]) -> tuple[File, ...]:
    """Return name, size and hash of files in a folder."""
    return tuple(
        File(name, os.path.getsize(folder / name), cache.check(folder / name, "", name)) for name in names
    )


def verify(folder: Path, written: Written) -> None:
    """Hold a format's files to their hashes; raise BadInput for the first that is missing or another."""
    for file in written.files:
        path = folder / file.name
        if not path.is_file():
            raise BadInput(f"{path} is missing: copy the whole folder, or export the model again.")
        if cache.check(path, "", file.name) != file.sha256:
            raise BadInput(
                f"{path} is not the file that was exported (its SHA-256 differs from {FILE}'s): it is damaged or was changed. "
                "Copy it again, or export the model again."
            )
