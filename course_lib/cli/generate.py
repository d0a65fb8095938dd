"""course generate: pictures that nobody took."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from course_lib.cli import app, records
from course_lib.cli.models import AsJson
from course_lib.cli.use import Model, WeightsOption, open_for
from course_lib.errors import BadInput, CourseError

MOST_IN_GRID = 4_000_000  # pixels


@app.command()
def generate(
    model: Model = "biggan_nano",
    out: Annotated[
        Path | None, typer.Option(help="A .png with all pictures in a grid; or a folder for one file each.")
    ] = None,
    weights: WeightsOption = "auto",
    n: Annotated[int, typer.Option("--n", "-n", help="How many pictures.")] = 50,
    seed: Annotated[int, typer.Option(help="Of the random numbers; the same seed makes the same pictures.")] = 0,
    truncation: Annotated[
        float, typer.Option(help="Up to 1: less makes better pictures that are more alike.")
    ] = 1.0,
    kinds: Annotated[
        list[str] | None,
        typer.Option("--class", help="What they shall show, a name or a number; may be repeated. All by turns if left away."),
    ] = None,
    columns: Annotated[int, typer.Option(min=1, help="Pictures in a row of the grid.")] = 10,
    walk: Annotated[
        Path | None, typer.Option(help="A .gif to write, that walks from picture to picture and back.")
    ] = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Make pictures out of random numbers."""
    _check(out, walk, n)
    maker = open_for(model, weights, "generate")
    classes = [_kind(kind) for kind in kinds] if kinds else None
    settings = {"seed": seed, "classes": classes, "truncation": truncation}
    record = {**records.head(maker), **settings}
    if out:
        batches = maker.stream(n, **settings)
        one_each = out.suffix.lower() != ".png"
        (_write_each if one_each else _write_grid)(out, batches, n, columns)
        record |= {"out": str(out), "n": n}
        _say(f"{out}: {n:,} pictures" + (f", {columns} in a row" if not one_each else ""), as_json)
    if walk:
        from course_lib.media.animation import write_gif

        frames = maker.walk(**settings)
        write_gif(walk, frames)
        record |= {"walk": str(walk), "frames": len(frames)}
        _say(f"{walk}: {len(frames)} frames", as_json)
    if as_json:
        print(json.dumps(record))


def _check(out: Path | None, walk: Path | None, n: int) -> None:
    """Refuse what can be refused before a model takes its seconds to load."""
    if out is None and walk is None:
        raise BadInput("Say where the pictures shall go: --out grid.png, --out FOLDER, or --walk walk.gif.")
    if out and out.suffix.lower() not in (".png", "") and not out.is_dir():
        raise BadInput(f"--out {out}: a grid is written as .png; a name without an ending is a folder.")
    if walk:
        from course_lib.media.animation import check_name

        check_name(walk)
    if n < 1:
        raise BadInput(f"--n {n}: ask for one picture at least.")


def _kind(text: str) -> str | int:
    return int(text) if text.isdecimal() and len(text) < 10 else text


def _write_grid(out: Path, batches: Iterator, n: int, columns: int) -> None:
    """Write all pictures as one; refuse a sheet that no viewer would open."""
    import numpy as np
    from PIL import Image

    from course_lib.files import write_atomically
    from course_lib.media.sheet import sheet

    first = next(batches)
    size = first.shape[1]
    if n * size * size > MOST_IN_GRID:
        raise BadInput(
            f"{n:,} pictures of {size} x {size} pixels are too many for one grid: ask for {MOST_IN_GRID // size**2:,} at most, "
            f"or give --out a folder: it gets them one by one."
        )
    rest = _with_progress(batches, n, len(first))
    page = sheet(np.concatenate([first, *rest]), columns)
    write_atomically(out, lambda file: Image.fromarray(page).save(file, "PNG", optimize=True))


def _write_each(out: Path, batches: Iterator, n: int, columns: int) -> None:
    """Write a file for each picture, batch by batch, so that a million needs no more memory than a few."""
    from PIL import Image

    try:
        out.mkdir(parents=True, exist_ok=True)
        digits, index = len(str(n - 1)), 0
        for batch in _with_progress(batches, n, 0):
            for picture in batch:
                Image.fromarray(picture).save(out / f"{index:0{digits}}.png")
                index += 1
    except OSError as error:
        raise CourseError(
            f"Can't write into {out}: {error.strerror or error}. Choose another place, or free some space."
        ) from error


def _with_progress(batches: Iterator, n: int, done: int) -> Iterator:
    """Draw a progress bar in pictures on the error stream once the work takes over two seconds."""
    from tqdm import tqdm

    with tqdm(total=n, initial=done, unit="picture", delay=2, file=sys.stderr, dynamic_ncols=True) as bar:
        for batch in batches:
            yield batch
            bar.update(len(batch))


def _say(line: str, as_json: bool) -> None:
    if not as_json:
        print(line)
