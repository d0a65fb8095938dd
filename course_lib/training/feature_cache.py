"""The feature cache on disk: an SQLite file, since many processes may read and write it, and any may be killed."""

import contextlib
import sqlite3
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from course_lib.weights.cache import cache_dir

LIMIT = 1 << 30  # bytes; beyond that the vectors unused for longest go
TOUCH = 86_400  # seconds; when a vector was used need not be known better
WAIT = 10  # seconds for another process to end its writing
AT_ONCE = 500  # keys in a question
TABLE = """CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, used INTEGER NOT NULL, vector BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS by_use ON vectors (used);"""


class FeatureCache:
    """Feature vectors by key. Whatever is wrong with the file, the features can be computed anew: so it only warns."""

    def __init__(self, path: Path | None = None):
        """Use a file; by default the one in the course's cache folder."""
        self.path = path or cache_dir() / "features.sqlite"

    def get(self, keys: Sequence[bytes]) -> dict[bytes, np.ndarray]:
        """Return the vectors, (features,) float32, of those keys that are kept and sound."""
        found: dict[bytes, np.ndarray] = {}
        if self.path.is_file():
            self._try(lambda file: found.update(_read(file, keys)))
        return {key: vector for key, vector in found.items() if np.isfinite(vector).all()}

    def put(self, vectors: Mapping[bytes, np.ndarray]) -> None:
        """Keep vectors for the next time; all of them or, where that fails, none."""
        sound = {key: np.float32(vector) for key, vector in vectors.items() if np.isfinite(vector).all()}
        self._try(lambda file: _write(file, sound))

    def _try(self, work: Callable[[sqlite3.Connection], None]) -> None:
        """Do something with the file, in one transaction; an error undoes it, is told, and goes no further."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.closing(sqlite3.connect(self.path, timeout=WAIT)) as file:
                file.executescript(TABLE)
                with file:
                    work(file)
        except (sqlite3.Error, OSError) as error:
            self._tell(error)

    def _tell(self, error: Exception) -> None:
        damaged = isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError)
        if damaged or "malformed" in str(error):
            with contextlib.suppress(OSError):  # a new one takes its place at the next use
                self.path.unlink()
            reason = "its file was damaged and is begun anew"
        else:
            reason = getattr(error, "strerror", None) or error
        warnings.warn(
            f"The feature cache is not used this time ({reason}). If that lasts, free some space or set COURSE_CACHE to "
            "a folder that can be written.",
            stacklevel=5,
        )


def _read(file: sqlite3.Connection, keys: Sequence[bytes]) -> Iterator[tuple[bytes, np.ndarray]]:
    """Yield keys with their vectors, and note that they were used."""
    now = int(time.time())
    for start in range(0, len(keys), AT_ONCE):
        some = list(keys[start : start + AT_ONCE])
        marks = ",".join("?" * len(some))
        for key, vector in file.execute(f"SELECT key, vector FROM vectors WHERE key IN ({marks})", some):
            yield key, np.frombuffer(vector, np.float32)
        lately = [now, now - TOUCH, *some]
        file.execute(f"UPDATE vectors SET used = ? WHERE used < ? AND key IN ({marks})", lately)


def _write(file: sqlite3.Connection, vectors: Mapping[bytes, np.ndarray]) -> None:
    now = int(time.time())
    rows = ((key, now, vector.tobytes()) for key, vector in vectors.items())
    file.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)
    _make_room(file)


def _make_room(file: sqlite3.Connection) -> None:
    """Delete the vectors unused for longest until the rest fit into LIMIT; their room is used again."""
    page, pages, free = (
        file.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_size", "page_count", "freelist_count")
    )
    if page * (pages - free) <= LIMIT:
        return
    total = 0
    for used, size in file.execute(
        "SELECT used, SUM(LENGTH(vector)) FROM vectors GROUP BY used ORDER BY used DESC"
    ):
        total += size
        if total > LIMIT * 0.9:
            file.execute("DELETE FROM vectors WHERE used <= ?", [used])
            break
