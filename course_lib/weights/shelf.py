"""A shelf: a folder with weights from which a classroom's machines take them, each file under its SHA-256.

One machine with a network fills it (`course fetch --all --for classroom DIR`); the others take from it, as a folder that they
can read or over HTTP, and need no other network (`course fetch --all --from DIR`). Where a file belongs is never read from the
shelf: its list only tells which bytes belong to which name, and the cards' own hashes are held to besides.
"""

import json
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from course_lib.catalog import Weights
from course_lib.catalog.handles import PREFIX, handle
from course_lib.errors import BadInput, CourseError, first_line, shortened
from course_lib.files import expanded, partial_of, write_text
from course_lib.weights import cache, presets
from course_lib.weights.sources import source, tf_hub
from course_lib.weights.sources.package import PackagedFile

LIST = "classroom.json"
FILES = "files"
CACHED, KAGGLE = "weights", "kagglehub/"  # how names on a shelf begin
MOST_BYTES = 10_000_000  # of the list
SECONDS = 30  # without a byte of it

Part = Weights | PackagedFile


class Shelf:
    """A shelf to take from.

    Args:
        place: its folder, or an address such as "http://192.168.0.10:8000" where somebody serves that folder.

    Raises:
        BadInput: there is no shelf.
    """

    def __init__(self, place: str):
        self.place = place.rstrip("/") if _is_address(place) else str(expanded(place))
        self._listed = _read_address(self.place) if _is_address(place) else _read(expanded(place))

    @property
    def models(self) -> list[str]:
        """What was put on it: model ids and names of texts."""
        return list(self._listed["models"])

    def bring(self, part: Part) -> Path:
        """Copy one file of weights, or a whole folder of them, to where this machine looks for it.

        Args:
            part: as a card offers it.

        Returns:
            The path of its first file.

        Raises:
            CourseError: it is not on the shelf, or damaged there; nothing is left behind.
        """
        root, folder, names = _belongs(part)
        if missing := [name for name in names if f"{root}/{name}" not in self._listed["files"]]:
            raise CourseError(f"{self.place} has no {missing[0]} of {root}: fetch it there first, with `--for classroom`.")  # fmt: skip
        entries = [self._listed["files"][f"{root}/{name}"] for name in names]
        if root == CACHED:
            return cache.put(names[0], part.hash, lambda partial: self._copy(entries[0], partial))
        for name, entry in zip(names, entries, strict=True):
            self._put(entry, folder / name)
            if root.startswith(KAGGLE):
                mark = presets.mark_of(folder, name)
                mark.parent.mkdir(parents=True, exist_ok=True)
                mark.touch()
        return folder / part.file

    def _put(self, entry: Mapping, path: Path) -> None:
        """Put a file of a folder into its place, whole or not at all."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            partial = partial_of(path)
            try:
                self._copy(entry, partial)
                os.replace(partial, path)
            finally:
                partial.unlink(missing_ok=True)
        except OSError as error:
            raise CourseError(f"Can't write {path}: {error.strerror or error}. Free some space, or choose another cache.") from error  # fmt: skip

    def _copy(self, entry: Mapping, path: Path) -> None:
        digest = entry["sha256"]
        if _is_address(self.place):
            from course_lib.weights.download import download

            download([f"{self.place}/{FILES}/{digest}"], path, entry["bytes"], f"sha256:{digest}")
            return
        there = Path(self.place, FILES, digest)
        try:
            shutil.copyfile(there, path)
        except FileNotFoundError as error:
            raise CourseError(f"{there} is listed there and missing: the folder was not copied whole.") from error  # fmt: skip
        cache.check(path, f"sha256:{digest}", str(there))


def find_sound(part: Part) -> Path | None:
    """Return the file if it is on this machine and whole."""
    path = _source(part).find(part)
    try:
        if path:
            cache.verify(path, part.hash)
        return path
    except CourseError:
        return None


def bring(part: Part, shelf: Shelf | None = None) -> Path:
    """Return where a file is on this machine; one that is missing or damaged comes from the shelf, else from its source.

    Raises:
        CourseError: it can't be had; nothing is left behind.
    """
    return find_sound(part) or (shelf.bring(part) if shelf else _source(part).fetch(part))


def put(folder: Path, model: str, parts: Sequence[Part]) -> int:
    """Put what this machine has of a model onto a shelf; what is there and sound stays.

    Args:
        folder: of the shelf; it is made.
        model: its id, for the list.
        parts: the files that belong to it.

    Returns:
        How many bytes they have.

    Raises:
        CourseError: a file is not here or damaged, or the folder can't be written.
    """
    entries = {}
    for part in parts:
        for name, path in _origins(part).items():
            entries[name] = {"sha256": _shelved(folder, path, part), "bytes": path.stat().st_size}
    listed = _read(folder) if (folder / LIST).exists() else {"models": {}, "files": {}}
    listed["models"][model] = sorted(entries)
    listed["files"] |= entries
    write_text(folder / LIST, json.dumps(listed, indent=1) + "\n")
    return sum(entry["bytes"] for entry in entries.values())


def _belongs(part: Part) -> tuple[str, Path, tuple[str, ...]]:
    """Return what the files of an offer are called on a shelf, in which folder of this machine they belong, and their names."""
    if isinstance(part, Weights) and part.source == "tf_hub":
        folder = tf_hub.place_of(handle(PREFIX + part.url))
        return f"tf_hub/{folder.name}", folder, tf_hub.files(part)
    if isinstance(part, Weights) and part.url.startswith(presets.PREFIX):
        root = KAGGLE + part.url.removeprefix(presets.PREFIX)
        return root, presets.place_of(part.url), source(part.source).files(part)
    place = cache.place_of(part.file)
    return CACHED, place.parent, (place.name,)


def _origins(part: Part) -> dict[str, Path]:
    """Return where the files of an offer are on this machine, by what they are called on a shelf."""
    found = _source(part).find(part)
    if found is None:
        raise CourseError(f"{part.file} is not on this machine: fetch it first.")
    root, _, names = _belongs(part)
    if root == CACHED:  # or inside an installed package
        return {f"{root}/{names[0]}": found}
    folder = Path(str(found).removesuffix(part.file))
    return {f"{root}/{name}": folder / name for name in names}


def _source(part: Part):
    return source(getattr(part, "source", "package"))  # a file beside weights is always a package's


def _shelved(folder: Path, path: Path, part: Part) -> str:
    """Copy a file under its SHA-256, and return that; a damaged one is refused."""
    digest = cache.check(path, part.hash if path.name == Path(part.file).name else "", path.name)
    there = folder / FILES / digest
    try:
        there.parent.mkdir(parents=True, exist_ok=True)
        if there.is_file() and _is_sound(there, digest):
            return digest
        partial = partial_of(there)
        try:
            shutil.copyfile(path, partial)
            cache.check(partial, f"sha256:{digest}", str(there))
            os.replace(partial, there)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise CourseError(f"Can't write {there}: {error.strerror or error}. Free some space, or choose another folder.") from error  # fmt: skip
    return digest


def _is_sound(path: Path, digest: str) -> bool:
    try:
        return bool(cache.check(path, f"sha256:{digest}", path.name))
    except CourseError:
        return False


def _is_address(place: str) -> bool:
    return place.startswith(("http://", "https://"))


def _read(folder: Path) -> dict:
    path, named = folder / LIST, shortened(str(folder))
    try:
        if path.stat().st_size > MOST_BYTES:
            raise BadInput(f"{named}/{LIST} is far too long for a list of weights.")
        return _parsed(path.read_bytes(), str(folder))
    except OSError as error:
        raise BadInput(f"{named} is no folder of a classroom ({LIST}: {error.strerror}): `course fetch --all --for classroom DIR` makes one.") from error  # fmt: skip


def _read_address(place: str) -> dict:
    import requests
    from urllib3.exceptions import (
        HTTPError,
    )  # of what is read raw: a cut connection, a compression that is none

    try:
        with requests.get(f"{place}/{LIST}", stream=True, timeout=SECONDS) as response:
            response.raise_for_status()
            text = response.raw.read(MOST_BYTES, decode_content=True)
    except (requests.RequestException, HTTPError, OSError, ValueError) as error:
        raise BadInput(f"There is no classroom's list at {shortened(place)}/{LIST} ({first_line(error)}): check the address.") from error  # fmt: skip
    return _parsed(text, place)


def _parsed(text: bytes, place: str) -> dict:
    """Read a list, and refuse what is none, before a path is made of anything in it."""
    try:
        listed = json.loads(text)
        models, files = listed["models"], listed["files"]
        if not isinstance(models, dict) or not isinstance(files, dict):
            raise TypeError("no names")
        for entry in files.values():
            if not re.fullmatch("[0-9a-f]{64}", entry["sha256"]) or not isinstance(entry["bytes"], int):
                raise ValueError(entry)
    except (KeyError, TypeError, ValueError, RecursionError):  # the last of brackets deeper than Python reads
        raise BadInput(f"The list {LIST} of {shortened(place)} is damaged: make the folder again, or copy it again.") from None  # fmt: skip
    return {"models": models, "files": files}
