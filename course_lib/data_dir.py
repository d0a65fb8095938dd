"""Where the course's data lie: in the repository, or inside the installed wheel."""

from pathlib import Path


def data_dir() -> Path:
    """Return the folder with nano weights and sample cards.

    Returns:
        `course_lib/data` where the wheel carries it, else `data` at the top of the checkout.
    """
    package = Path(__file__).resolve().parent
    inside = package / "data"
    return inside if inside.is_dir() else package.parent / "data"
