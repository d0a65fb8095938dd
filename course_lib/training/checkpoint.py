"""A checkpoint that survives a kill: one file, written whole, and only ever used for the run that it belongs to."""

import json
import warnings
import zipfile
from pathlib import Path

import numpy as np

from course_lib.files import write_atomically


class Checkpoint:
    """Lists of arrays, and a state that JSON can carry, under one file name."""

    def __init__(self, path: Path, fingerprint: str):
        """Get ready to save or to go on.

        Args:
            path: the file, in a folder that exists.
            fingerprint: stands for all that the run depends on: model, pictures, settings.
        """
        self.path, self.fingerprint = path, fingerprint

    def save(self, lists: dict[str, list[np.ndarray]], state: dict) -> None:
        """Write everything, in place of what was there; raise CourseError, and keep the old file, if that fails."""
        arrays = {f"{name}/{i}": array for name, arrays in lists.items() for i, array in enumerate(arrays)}
        header = json.dumps({"fingerprint": self.fingerprint, "lengths": _lengths(lists), "state": state})
        write_atomically(self.path, lambda file: np.savez(file, header=np.array(header), **arrays))

    def load(self) -> tuple[dict[str, list[np.ndarray]], dict] | None:
        """Return what was saved for this very run; None, and a word why, where there is nothing to go on from."""
        if not self.path.is_file():
            return None
        try:
            _refuse_bomb(self.path)
            with np.load(self.path, allow_pickle=False) as file:
                header = json.loads(str(file["header"]))
                if header["fingerprint"] != self.fingerprint:
                    return self.refuse("belongs to other pictures, settings or weights")
                lists = {
                    name: [file[f"{name}/{i}"] for i in range(count)]
                    for name, count in header["lengths"].items()
                }
                return lists, header["state"]
        except Exception:  # a reader meets damaged bytes: whatever it raises, the file is what is wrong
            return self.refuse("is damaged")

    def refuse(self, why: str) -> None:
        """Say why there is nothing to go on from."""
        warnings.warn(f"The checkpoint {self.path} {why}: training begins anew.", stacklevel=4)


def _lengths(lists: dict[str, list[np.ndarray]]) -> dict[str, int]:
    return {name: len(arrays) for name, arrays in lists.items()}


def _refuse_bomb(path: Path) -> None:
    """Raise ValueError for a file that unpacks to more than it is: `save` packs nothing."""
    with zipfile.ZipFile(path) as archive:
        if sum(member.file_size for member in archive.infolist()) > path.stat().st_size:
            raise ValueError("it claims to hold more than its own size")
