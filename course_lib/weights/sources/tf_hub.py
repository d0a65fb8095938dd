"""TF Hub: SavedModel folders in the cache of tensorflow_hub, in kagglehub's, or wherever a person put one.

tensorflow_hub keeps a model in $TFHUB_CACHE_DIR/<sha1 of its address>/, by default in the system's temporary folder. It
publishes no hashes. A SavedModel is a program: what lies there is opened only when a person names it.
"""

import hashlib
import os
import socket
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from course_lib.catalog import Weights
from course_lib.catalog.handles import PREFIX, Handle, handle
from course_lib.errors import BadInput, CourseError, first_line
from course_lib.files import expanded
from course_lib.weights import presets
from course_lib.weights.saved_model import GRAPH, open_folder, tensorflow_hub, variables

if TYPE_CHECKING:
    import numpy as np

_VARIABLES = ("variables/variables.index", "variables/variables.data-00000-of-00001")
TIMEOUT = 30  # seconds without a byte; tensorflow_hub itself would wait for ever


def files(offer: Weights) -> tuple[str, ...]:
    """Return the names of the files that make a SavedModel with weights whole."""
    return (offer.file, *_VARIABLES)


def find(offer: Weights) -> Path | None:
    """Return the graph file of an offer's SavedModel where it is cached, or None."""
    folder = find_folder(handle(PREFIX + offer.url))
    return folder / offer.file if folder else None


def fetch(offer: Weights) -> Path:
    """Let tensorflow_hub bring an offer's SavedModel into its cache; errors as for `fetch_folder`."""
    return fetch_folder(handle(PREFIX + offer.url)) / offer.file


def read(path: Path, offer: Weights) -> "dict[str, np.ndarray]":
    """Read the variables of a SavedModel by name, without the scope in which a TF1 module keeps them.

    Raises:
        BadInput: the folder is no SavedModel, or not a whole one.
    """
    if path.parent == place_of(handle(PREFIX + offer.url)):
        refuse_a_stranger(path.parent)
    found = variables(open_folder(path.parent))
    return {variable.name.partition(":")[0].removeprefix("module/"): variable.numpy() for variable in found}


def place_of(wanted: Handle) -> Path:
    """Return where tensorflow_hub keeps a model, whether it is there or not; a folder is its own place."""
    if not wanted.url:
        return expanded(wanted.text)
    return cache_dir() / hashlib.sha1(wanted.url.encode(), usedforsecurity=False).hexdigest()


def cache_dir() -> Path:
    """Return tensorflow_hub's cache: $TFHUB_CACHE_DIR, else a folder of the system's temporary one."""
    return Path(os.environ.get("TFHUB_CACHE_DIR") or Path(tempfile.gettempdir()) / "tfhub_modules")


def find_folder(wanted: Handle) -> Path | None:
    """Return the folder of a model that is here, or None; never asks the network."""
    place = place_of(wanted)
    if (place / GRAPH).is_file():
        return place
    if wanted.kaggle:
        kept = presets.place_of(wanted.kaggle)
        done = kept.parent / ".complete" / kept.name / "bundle.complete"
        if done.is_file() and (kept / GRAPH).is_file():
            return kept
    return None


def fetch_folder(wanted: Handle) -> Path:
    """Bring a model here: by kagglehub where its handle is Kaggle's, else by tensorflow_hub.

    Raises:
        BadInput: a folder of this machine, which nobody can fetch.
        CourseError: it can't be had: no network, no such model, an account is asked for.
    """
    if not wanted.url:
        raise BadInput(f"{wanted.text} is a folder: it can't be fetched, only copied there.")
    if folder := find_folder(wanted):
        return folder
    try:
        if wanted.kaggle:
            import kagglehub

            return Path(kagglehub.model_download(wanted.kaggle))
        with _patience():
            return Path(tensorflow_hub().resolve(wanted.url))
    except Exception as error:  # whatever the two libraries meet: the network, an account, a full disk
        name = "kagglehub" if wanted.kaggle else "tensorflow_hub"
        reason = first_line(error).rstrip(".")
        raise CourseError(f"{name} can't download {wanted.kaggle or wanted.url}: {reason}. Check the network. "
                          f"{by_hand(wanted)}") from error  # fmt: skip


def not_here(wanted: Handle) -> str:
    """Say in one line what is missing, why, and what to do."""
    if not wanted.url:
        return (f"{wanted.text} is no SavedModel folder: there should be a {GRAPH} in it. Check the path; "
                "`course list 'hub:*'` shows the models of TF Hub that the course knows.")  # fmt: skip
    return (f"{wanted.id} is not on this machine, and load never downloads. `course fetch {wanted.id}` brings it. "
            f"{by_hand(wanted)}")  # fmt: skip


def by_hand(wanted: Handle) -> str:
    """Say where to put a model by hand, and what works without it."""
    return (f"Or unpack its .tar.gz into {place_of(wanted)}, or anywhere, and load('hub:' + that folder). "
            "Without it, load('efficientnet_lite0') works now.")  # fmt: skip


def refuse_a_stranger(place: Path) -> None:
    """Look whose a cached model is, since everybody can write where the default cache lies.

    Raises:
        CourseError: it belongs to another user, who could have put any program there.
    """
    if hasattr(os, "getuid") and _owner(place) not in (os.getuid(), 0):
        raise CourseError(f"{place} belongs to another user of this machine, and a SavedModel is a program: it is not "
                          "loaded. Set TFHUB_CACHE_DIR to a folder of your own, and fetch it again.")  # fmt: skip


def _owner(place: Path) -> int:
    return place.stat().st_uid


@contextmanager
def _patience():
    """Let sockets inside the block give up after a while."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(TIMEOUT)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
