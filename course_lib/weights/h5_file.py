"""Looking through an HDF5 file before Keras reads it: a few kilobytes can claim gigabytes, or lead to other files.

Nothing of a data set is read here. What a file may hold is numbers of its own that are about as large as the file.
"""

from pathlib import Path

from course_lib.errors import BadInput, first_line

OFTEN = 4  # weights hardly shrink when they are packed; together they have at most this many times the file's size
_NUMBERS = "fiubcSV"  # the kinds of data; V is what bfloat16 is kept as


def check_h5(path: Path) -> None:
    """Refuse an HDF5 file that is a bomb or reaches beyond itself.

    Args:
        path: the file.

    Raises:
        BadInput: it is no HDF5 file, claims to hold far more than its size, links to other files, or holds anything
            but numbers.
    """
    import h5py

    try:
        with h5py.File(path, "r") as file:
            _check_links(file, path.name)
            _check_sizes(file, path)
    except BadInput:
        raise
    except Exception as error:  # whatever the library of HDF5 meets in a broken file
        raise BadInput(f"{path.name} is not an HDF5 file that can be read ({first_line(error)[:200]}): fetch the file "
                       "again.") from error  # fmt: skip


def _check_links(file, name: str) -> None:
    import h5py

    def look(_, link):
        return None if isinstance(link, h5py.HardLink) else link

    if file.visititems_links(look) is not None:
        raise BadInput(
            f"{name} links to other places or files, which no weights file needs: it was not read."
        )


def _check_sizes(file, path: Path) -> None:
    import h5py

    sizes = []

    def look(_, found):
        if not isinstance(found, h5py.Dataset):
            return None
        if found.external or found.is_virtual:
            return "takes its numbers out of other files"
        if found.dtype.kind not in _NUMBERS:
            return "holds something else than numbers"
        sizes.append(found.nbytes)
        return None

    if wrong := file.visititems(look):
        raise BadInput(f"{path.name} {wrong}: it was not read.")
    if sum(sizes) > OFTEN * path.stat().st_size:
        raise BadInput(f"{path.name} unpacks to {sum(sizes) / 1e6:,.0f} MB, and has "
                       f"{path.stat().st_size / 1e6:,.3f}: it was not read.")  # fmt: skip
