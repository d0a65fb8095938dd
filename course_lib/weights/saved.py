"""A model that somebody trained, as one file: safetensors, with the words that go with the numbers in its header."""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

from course_lib.errors import BadInput, CourseError
from course_lib.files import write_atomically
from course_lib.weights.preprocess import CONVENTIONS

if TYPE_CHECKING:
    import numpy as np

TASKS = ("classify", "detect")
FILE, PREVIOUS = "model.safetensors", "previous.safetensors"
HEADER = "course_lib"
MOST_TEXT = 8 << 20  # bytes of the header; 10,000 class names need a tenth of it


@dataclass(frozen=True)
class Description:
    """What a saved file says of itself; nothing of it is believed before `_checked` has seen it.

    Attributes:
        model: the id of the card.
        offer: the file of the card's weights that training began from; empty for random ones.
        classes: the class names, in the order of the logits.
        size, normalise, crop, letterbox: the preprocessing, as `Preprocess` takes it.
        provenance: where the weights come from, as texts by the names of `Provenance`.
        task: what it does, one of TASKS.
    """

    model: str
    offer: str
    classes: tuple[str, ...]
    size: int
    normalise: str
    crop: float
    provenance: Mapping[str, str]
    letterbox: bool = False  # files of before there were detectors say neither of this nor of the task
    task: str = "classify"


def is_saved(folder) -> bool:
    """Say whether a folder holds a saved model."""
    return isinstance(folder, str | Path) and os.path.isfile(os.path.join(os.path.expanduser(folder), FILE))


def save(folder: Path, arrays: "dict[str, np.ndarray]", description: Description) -> Path:
    """Write a model into a folder, whole or not at all; the one that was there is kept as the previous one.

    Args:
        folder: it exists.
        arrays: the weights by our names.
        description: the words.

    Returns:
        The file.

    Raises:
        CourseError: it can't be written; what was there is still there.
    """
    from safetensors.numpy import save as to_bytes

    content = to_bytes(arrays, metadata={HEADER: json.dumps(asdict(description))})
    path, new = folder / FILE, folder / f".{FILE}.new"
    try:
        # The new file is whole before the old one moves: a disk that fills, or a kill, costs neither.
        write_atomically(new, lambda file: file.write(content))
        # A run that was killed after this and goes on saves the same again: the one before it is then already kept.
        if path.is_file() and path.read_bytes() != content:
            _keep(path, folder / PREVIOUS)
        os.replace(new, path)
    except OSError as error:
        raise CourseError(
            f"Can't write {path}: {error.strerror or error}. The old model is as it was."
        ) from error
    finally:
        new.unlink(missing_ok=True)
    return path


def describe(path: Path) -> Description:
    """Read what a saved file says of itself, and hold it against its head; no weights are read.

    Args:
        path: the file.

    Returns:
        Its description, checked, and the number of its classes.

    Raises:
        BadInput: it is no such file, or what it says can't be.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="np") as file:
            text = (file.metadata() or {}).get(HEADER, "")
            outputs = file.get_slice("head/bias").get_shape()[0] if "head/bias" in file.keys() else None  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise BadInput(
            f"{path} can't be read ({error}): is {PREVIOUS} beside it? Then put that in its place."
        ) from error
    try:
        return _checked(text, outputs)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise BadInput(f"{path} is not a model that this course saved: {error}.") from error


def _checked(text: str, outputs: int | None) -> Description:
    """Read the header, trusting nothing; raise ValueError, TypeError or KeyError for what can't be."""
    if not text or len(text) > MOST_TEXT:
        raise ValueError("its header says nothing of it" if not text else "its header is too long")
    content = json.loads(text)
    known = {field.name for field in fields(Description)}
    wanted = {field.name for field in fields(Description) if field.default is MISSING}
    if not isinstance(content, dict) or not wanted <= content.keys() <= known:
        raise ValueError("its header has other fields")
    if not isinstance(content["classes"], list) or not isinstance(content["provenance"], dict):
        raise ValueError("its classes or its provenance are of another kind")
    found = Description(**content | {"classes": tuple(content["classes"])})
    texts = [found.model, found.offer, found.normalise, *found.classes, *found.provenance.values()]
    if not all(isinstance(text, str) for text in texts):
        raise ValueError("a name in its header is no text")
    if not all(text.isprintable() for text in texts):  # a terminal would obey some of the others
        raise ValueError("a name in its header has characters that can't be printed")
    if found.task not in TASKS or (found.task == "classify") != (outputs is not None):
        raise ValueError("it does not say what it can do")
    if outputs is not None and len(found.classes) != outputs:
        raise ValueError(f"it names {len(found.classes)} classes and has numbers for {outputs}")
    sized = isinstance(found.size, int) and found.size > 0 and isinstance(found.letterbox, bool)
    if found.normalise not in CONVENTIONS or not sized or not 0 <= found.crop <= 1:
        raise ValueError("it names a preprocessing that there is not")
    return found


def _keep(path: Path, previous: Path) -> None:
    """Give a file a second name, so that at no moment there is none under the first."""
    spare = previous.with_name(f".{previous.name}.new")
    spare.unlink(missing_ok=True)
    try:
        os.link(path, spare)
    except OSError:  # some file systems have no second names
        shutil.copyfile(path, spare)
    os.replace(spare, previous)
    spare.unlink(missing_ok=True)  # still there if both were names of one file already
