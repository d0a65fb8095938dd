"""course export, serve: a model that leaves the course."""

import dataclasses
import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from course_lib.cli import app
from course_lib.cli.models import AsJson
from course_lib.cli.use import WeightsOption, open_for
from course_lib.errors import BadInput
from course_lib.files import resolved

Formats = Annotated[
    list[str],
    typer.Option(
        "--format", help="openvino, onnx, litert, savedmodel, litert-int8 or page; may be repeated."
    ),
]


@app.command()
def export(
    model: Annotated[
        str, typer.Argument(help="A model id of `course list`; or a folder that `course finetune` wrote.")
    ],
    folder: Annotated[Path, typer.Argument(help="Where the files go: a new folder.")],
    formats: Formats = ["onnx"],  # noqa: B006  as Typer wants it
    examples: Annotated[
        Path | None, typer.Option(help="A folder of typical pictures, for litert-int8.")
    ] = None,
    weights: WeightsOption = "auto",
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier export.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write a classifier as files that other programs run, preprocessing included."""
    from tqdm import tqdm

    from course_lib.deploy.exporting import check_place
    from course_lib.deploy.formats import check

    for name in formats:
        check(name)
    check_place(resolved(folder), force)
    if "litert-int8" in formats and examples is None:
        raise BadInput(
            "--format litert-int8 needs --examples: a folder of pictures such as the model will see."
        )
    pretrained = open_for(model, weights, "model")
    from course_lib.deploy import export as write

    def watch(names):
        return tqdm(list(names), unit="format", delay=2, file=sys.stderr, dynamic_ncols=True)

    told = write(pretrained, folder, formats, examples, force=force, watch=watch)
    if as_json:
        print(json.dumps(dataclasses.asdict(told)))
        return
    print(f"{'format':<13}{'megabytes':>10}  largest difference from the Keras model")
    for name, written in told.formats.items():
        print(f"{name:<13}{written.bytes / 1e6:>10.2f}  {_exactness(written)}")
    print(
        f"{folder}: {told.model}, {len(told.labels):,} classes, {told.size} px; deploy.json says how to use it."
    )


def _exactness(written) -> str:
    line = f"{written.difference:.1g} of the largest probability"
    if written.agreement is None:
        return line
    return f"{line}; same first guess for {written.agreement:.1%} of {written.held_back} examples"


@app.command()
def serve(
    folder: Annotated[Path, typer.Argument(help="A folder that `course export` wrote.")],
    port: Annotated[int, typer.Option(help="Where to listen.")] = 8000,
    format_: Annotated[
        str | None, typer.Option("--format", help="Which of the folder's formats runs.")
    ] = None,
    public: Annotated[
        bool,
        typer.Option(
            "--public", help="Listen to every machine that can reach this one, not to this one alone."
        ),
    ] = False,
    batch: Annotated[int, typer.Option(min=1, max=256, help="Pictures in one call at most.")] = 16,
) -> None:
    """Answer over HTTP: POST a picture to /predict; GET /health says whether it is ready. Ctrl-C ends it."""
    from course_lib.deploy import serving

    serving.check_extra()
    host = "0.0.0.0" if public else "127.0.0.1"
    serving.check_port(host, port)
    manifest, name = serving.chosen(folder, format_)
    print(
        f"{manifest.model} as {name} at http://{host}:{port}/predict, in some seconds; Ctrl-C ends it. For instance:",
        flush=True,
    )
    print(f"  curl -F picture=@photo.jpg http://127.0.0.1:{port}/predict", flush=True)
    serving.serve(folder, name, host, port, batch)
