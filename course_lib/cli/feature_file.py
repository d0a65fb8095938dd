"""The file of `course features`: rows go to disk as they come, so that of a folder of any size only the names stay in memory."""

import shutil
import tempfile
import zipfile
from pathlib import Path

import numpy as np

from course_lib.errors import CourseError
from course_lib.files import write_atomically


class FeatureFile:
    """Features on their way into an .npz file with the arrays `features`, (pictures, numbers) float32, and `names`."""

    def __init__(self, out: Path):
        """Get ready.

        Args:
            out: the .npz file to be; until `save`, rows lie beside it in a file without a name.

        Raises:
            CourseError: the folder is missing or can't be written.
        """
        self.out, self.names, self.width = out, [], 0
        try:
            self._rows = tempfile.TemporaryFile(dir=out.parent)  # noqa: SIM115  gone with this object
        except OSError as error:
            raise self._unwritable(error) from error

    def add(self, name: str, row: np.ndarray) -> None:
        """Take the features of one picture, (numbers,)."""
        try:
            self._rows.write(np.ascontiguousarray(row, "<f4"))
        except OSError as error:
            raise self._unwritable(error) from error
        self.names.append(name)
        self.width = row.size

    def save(self) -> None:
        """Write the file, whole or not at all."""
        write_atomically(self.out, self._write)

    def _write(self, file) -> None:
        shape = {"descr": "<f4", "fortran_order": False, "shape": (len(self.names), self.width)}
        with zipfile.ZipFile(file, "w") as archive:  # what np.load reads, made without the whole array
            with archive.open("features.npy", "w", force_zip64=True) as entry:
                np.lib.format.write_array_header_1_0(entry, shape)
                self._rows.seek(0)
                shutil.copyfileobj(self._rows, entry)
            with archive.open("names.npy", "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, np.array(self.names), allow_pickle=False)

    def _unwritable(self, error: OSError) -> CourseError:
        return CourseError(
            f"Can't write {self.out}: {error.strerror or error}. Choose another place, or free some space."
        )
