"""course classify, caption, features, pretrain: models at work."""

import dataclasses
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from course_lib.cli import app, records
from course_lib.cli.inputs import Inputs, ListOption, gathered, refuse_nothing
from course_lib.cli.models import AsJson
from course_lib.errors import BadInput

Model = Annotated[
    str, typer.Option(help="A model id of `course list`; or a folder that `course finetune` wrote.")
]
WeightsOption = Annotated[
    str, typer.Option("--weights", help="auto, official, package, nano, or a weights file or folder.")
]

Engine = Annotated[
    str, typer.Option(help="What runs the network: tf, openvino, onnx or litert; the answers are the same.")
]

ClusterOption = Annotated[
    str,
    typer.Option(
        "--cluster", help="Share the work: local:N for N processes here, or a Ray cluster, auto or HOST:PORT."
    ),
]


@app.command()
def classify(
    inputs: Inputs = None,
    listed: ListOption = "",
    model: Model = "efficientnet_lite0",
    weights: WeightsOption = "auto",
    top: Annotated[int, typer.Option(min=1, help="Guesses for each picture.")] = 5,
    engine: Engine = "tf",
    cluster: ClusterOption = "",
    as_json: AsJson = False,
) -> None:
    """Name what pictures show."""
    place = place_of(cluster, engine)
    inputs = gathered(inputs, listed)
    pretrained = open_for(model, weights, "classify", engine)
    if as_json:
        print(json.dumps(records.head(pretrained))[:-1] + ', "results": [')
    count, failed = 0, []
    for result in with_progress(
        answers(place, pretrained, "classify", inputs, model, weights, top=top), inputs
    ):
        _print_result(result, as_json, first=count == 0)
        count += 1
        if result.error:
            failed.append(result.error)
    if as_json:
        print(f'], "count": {count}, "failed": {len(failed)}}}')
    report_failed(failed, count)


def _print_result(result, as_json: bool, first: bool) -> None:
    if as_json:
        guesses = [dataclasses.asdict(guess) for guess in result]
        line = json.dumps({"name": result.name, "error": result.error, "predictions": guesses})
        print(line if first else "," + line)
    elif not result.error:
        print(f"{result.name}: " + ", ".join(f"{guess.label} {guess.score:.1%}" for guess in result))


@app.command()
def caption(inputs: Inputs, model: Model = "coca_nano", weights: WeightsOption = "auto") -> None:
    """Write what pictures show."""
    refuse_nothing(inputs)
    pretrained = open_for(model, weights, "caption")
    count, failed = 0, []
    for name, text in with_progress(pretrained.caption_stream(inputs), inputs):
        count += 1
        if isinstance(text, BadInput):
            failed.append(str(text))
        else:
            print(f"{name}: {text}")
    report_failed(failed, count)


@app.command()
def features(
    out: Annotated[Path, typer.Option(help="The .npz file to write: arrays `features` and `names`.")],
    inputs: Inputs = None,
    listed: ListOption = "",
    model: Model = "efficientnet_lite0",
    weights: WeightsOption = "auto",
    engine: Engine = "tf",
    cluster: ClusterOption = "",
) -> None:
    """Compute the feature vectors of pictures, for a search or a classifier of your own."""
    from course_lib.cli.feature_file import FeatureFile

    if out.suffix != ".npz":
        raise BadInput(f"--out {out}: the features are written as .npz, so give a name that ends in .npz.")
    place = place_of(cluster, engine)
    inputs = gathered(inputs, listed)
    pretrained = open_for(model, weights, "features", engine)
    file, failed = FeatureFile(out), []
    for name, row in with_progress(answers(place, pretrained, "features", inputs, model, weights), inputs):
        if isinstance(row, BadInput):
            failed.append(str(row))
        else:
            file.add(name, row)
    if file.names:
        file.save()
        print(f"{out}: {len(file.names)} x {file.width} features")
    report_failed(failed, len(file.names) + len(failed))


@app.command()
def pretrain(
    model: Annotated[str, typer.Argument(help="A nano model, such as resnet_nano.")],
    out: Annotated[
        Path | None, typer.Option(help="The weights file to write; by default MODEL.safetensors here.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the weights, the pictures and their order.")] = 0,
    images_seen: Annotated[
        int | None, typer.Option(min=1, help="Train on fewer pictures than the recipe, for a quick try.")
    ] = None,
    repeat: Annotated[
        bool,
        typer.Option("--repeat", help="Keep the shipped weights; add this seed's score to their report."),
    ] = False,
) -> None:
    """Train a nano model by its recipe, and measure it on held-out data."""
    from course_lib.quiet import import_tensorflow

    import_tensorflow()
    from course_lib.training import recipes

    if repeat:
        if out or images_seen:
            raise BadInput(
                "--repeat trains the shipped model's whole recipe: leave --out and --images-seen away."
            )
        print(recipes.repeat(model, seed))
        return
    settings = {} if images_seen is None else {"images_seen": images_seen}
    print(recipes.run(model, out=out or Path(f"{model}.safetensors"), seed=seed, **settings))


def open_for(model: str, weights: str, verb: str, engine: str = "tf"):
    """Load a model; its one line goes to the error stream, where it is in no program's way."""
    from course_lib.engine_names import check
    from course_lib.loading import announcement, open_pretrained

    check(engine)
    pretrained = open_pretrained(model, weights)
    print(announcement(pretrained), file=sys.stderr)
    if not hasattr(pretrained, verb):
        raise BadInput(f"{model} can't {verb}: its task is {pretrained.card.task}.")
    return pretrained if engine == "tf" else pretrained.compile(engine=engine)


def place_of(cluster: str, engine: str = "tf"):
    """Return where `--cluster` sends the work, None for this process; refuse what can't be before a model is loaded."""
    if not cluster:
        return None
    from course_lib.cluster.address import need_ray, parse

    place = parse(cluster)
    if engine != "tf":
        raise BadInput(
            f"--cluster and --engine {engine}: the workers run TensorFlow, so leave one of the two away."
        )
    need_ray()
    return place


def answers(place, pretrained, verb: str, inputs, model: str, weights: str, **arguments) -> Iterator:
    """Yield a verb's answers, computed here or, with a place, by the workers there; first of all, say where."""
    if place is None:
        return getattr(pretrained, f"{verb}_stream")(inputs, **arguments)
    from course_lib.cluster.mapping import stream

    print(f"The work goes to {place}.", file=sys.stderr)
    return stream(place, inputs, verb, model, weights, **arguments)


def with_progress(stream: Iterator, inputs) -> Iterator:
    """Draw a progress bar on the error stream once the work takes over two seconds; how long a list is, its end will tell."""
    from tqdm import tqdm

    from course_lib.media.images import count_images

    total = count_images(inputs) if isinstance(inputs, list) else None
    return tqdm(stream, total=total, unit="picture", delay=2, file=sys.stderr, dynamic_ncols=True)


def report_failed(failed: list[str], count: int, what: str = "pictures could not be read") -> None:
    """Raise BadInput if something failed, and name each of several on the error stream."""
    if not failed:
        return
    if count == 1:
        raise BadInput(failed[0])
    for error in failed:
        print(f"course: {error}", file=sys.stderr)
    raise BadInput(f"{len(failed)} of {count} {what}, see above; the others are done.")
