"""course finetune: new classes for a pre-trained model, from a folder of pictures."""

import json
import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from course_lib.cli import app
from course_lib.cli.models import AsJson
from course_lib.cli.use import ClusterOption, Model, WeightsOption, open_for


@app.command()
def finetune(
    folder: Annotated[Path, typer.Argument(help="A folder that holds a folder of pictures for each class.")],
    out: Annotated[Path, typer.Option(help="Where the model and its report go; a killed run goes on there.")],
    model: Model = "efficientnet_lite0",
    weights: WeightsOption = "auto",
    epochs: Annotated[
        int, typer.Option(help="Train the whole network up to so often; 0: only a new head.")
    ] = 0,
    learning_rate: Annotated[float, typer.Option(help="The head's, at its peak.")] = 3e-4,
    decay: Annotated[
        float, typer.Option(help="Each third further from the head learns so much slower.")
    ] = 2.6,
    unfreeze: Annotated[float, typer.Option(help="Part of the layers that train, from the head.")] = 1.0,
    batch_size: Annotated[int, typer.Option(help="Pictures in an update.")] = 32,
    shift: Annotated[int, typer.Option(help="Move each picture at random by up to so many pixels.")] = 0,
    mirror: Annotated[bool, typer.Option("--mirror", help="Mirror half of the pictures, at random.")] = False,
    zoom: Annotated[float, typer.Option(help="Cut up to this part of a side off, at random.")] = 0.0,
    copies: Annotated[int, typer.Option(help="So many changed copies of each picture for the head.")] = 4,
    balance: Annotated[bool, typer.Option(help="Let each class weigh the same.")] = True,
    patience: Annotated[int, typer.Option(help="Stop after so many epochs without progress.")] = 3,
    validation_split: Annotated[
        float, typer.Option(help="Part of each class that is only measured on.")
    ] = 0.2,
    seed: Annotated[int, typer.Option(help="Of all that is random.")] = 0,
    cluster: ClusterOption = "",
    as_json: AsJson = False,
) -> None:
    """Teach a model new classes; `course classify --model OUT` then uses it."""
    from course_lib.training.augment import Augmentation
    from course_lib.training.data import labelled
    from course_lib.training.plan import Plan

    plan = Plan(
        epochs=epochs, learning_rate=learning_rate, decay=decay, unfreeze=unfreeze, batch_size=batch_size,
        augment=Augmentation(shift=shift, mirror=mirror, zoom=zoom), copies=copies, balance=balance, patience=patience,
        validation_split=validation_split, seed=seed,
    )  # fmt: skip
    place = _place(cluster, plan)
    # A folder that won't do is refused before a model takes its seconds to load.
    labelled(folder, resize=None)
    pretrained = open_for(model, weights, "features")
    from course_lib.training.finetuning import CHECKPOINT, REPORT
    from course_lib.training.report import as_json as outcome_json
    from course_lib.training.report import summary

    try:
        _, outcome = _tuned(place, pretrained, folder, out, plan)
    except KeyboardInterrupt:
        if (out / CHECKPOINT).is_file():
            print("course: stopped. The same command goes on where it stood.", file=sys.stderr)
        raise
    if as_json:
        print(json.dumps(outcome_json(outcome), indent=1))
        return
    print(summary(outcome))
    print(f"The report: {out / REPORT}")
    print(f"To use it: course classify PICTURES --model {shlex.quote(str(out))}")


def _place(cluster: str, plan):
    """Return where `--cluster` sends the training; refuse what can't be before a model is loaded."""
    if not cluster:
        return None
    from course_lib.cluster.address import need_ray, parse
    from course_lib.errors import BadInput

    place = parse(cluster)
    if not plan.epochs:
        raise BadInput("--cluster shares the training of the whole network, and --epochs is 0: give it some, such as --epochs 5.")  # fmt: skip
    if plan.batch_size < place.workers:
        raise BadInput(f"A batch of {plan.batch_size} can't be shared among {place.workers} workers: give a larger --batch-size.")  # fmt: skip
    if not place.is_local:
        need_ray()
    return place


def _tuned(place, pretrained, folder: Path, out: Path, plan):
    """Fine-tune here or, with a place, on the workers there; first of all, say where."""
    if place is None:
        from course_lib.training.finetuning import tune

        return tune(pretrained, folder, out=out, **vars(plan))
    from course_lib.cluster.training import tune_on

    print(f"The whole network is trained by {place}.", file=sys.stderr)
    return tune_on(place, pretrained, folder, out=out, **vars(plan))
