"""course tour: seven things that pre-trained models do, in two minutes, on one page."""

import time
from pathlib import Path
from typing import Annotated

import typer

from course_lib.cli import app
from course_lib.errors import BadInput, CourseError

PAGE = "tour.html"
ENDINGS = (".html", ".htm")
MOST = 1_000_000  # bytes that a page may have


@app.command()
def tour(
    out: Annotated[
        Path, typer.Option(help="The page to write: an .html file, or a folder, which gets tour.html.")
    ] = Path(PAGE),
) -> None:
    """See in two minutes what pre-trained models do, without a network; it leaves a page with pictures and sound.

    A network names a photo, finds objects, continues a text, transforms a text, writes down speech, speaks and paints. Each
    takes the best weights that are on this machine; the page says where they come from. What can't be shown is said, and
    ends the tour with exit 1.
    """
    path = page_path(out)  # first, so that a place that can't be written costs no two minutes
    from course_lib.files import write_text
    from course_lib.quiet import import_tensorflow

    began = time.perf_counter()
    import_tensorflow()
    from course_lib.tour import TOUR, page, walk

    seen = walk(TOUR, lambda text: print(text, end="", flush=True))
    write_text(path, page(seen))
    missing = [one.does for one in seen if one.shown is None]
    shown = f"{len(seen) - len(missing)} of {len(seen)} stops"
    print(f"{path}: {shown}, {time.perf_counter() - began:.0f} s. Open it: {path.resolve().as_uri()}")
    if missing:
        raise typer.Exit(1)


def page_path(out: Path) -> Path:
    """Return where the page goes; make its folder, and try to write there.

    Raises:
        BadInput: a file of another kind, or a folder that is called like a page.
        CourseError: the folder can't be made or written to.
    """
    from course_lib.files import check_writable, expanded

    path = expanded(out)
    if path.suffix.lower() not in ENDINGS:
        if path.is_file():
            raise BadInput(f"--out {out} is a file: give a name that ends in .html, or a folder.")
        path = path / PAGE
    if path.is_dir():
        raise BadInput(
            f"--out {out}: {path} is a folder, so no page can be written there; give another name."
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CourseError(f"Can't make the folder {path.parent}: {error.strerror or error}. Give another.") from error  # fmt: skip
    check_writable(path, MOST)
    return path
