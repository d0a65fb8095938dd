"""course transform: texts made of texts."""

import json
from typing import Annotated

import typer

from course_lib.cli import app, records
from course_lib.cli.models import AsJson
from course_lib.cli.use import Model, WeightsOption, open_for


@app.command()
def transform(
    texts: Annotated[
        list[str], typer.Argument(help="Texts that begin with what shall be done: 'words: 17'.")
    ],
    model: Model = "t5_nano",
    weights: WeightsOption = "auto",
    length: Annotated[int, typer.Option(min=1, help="Tokens of an answer, at most.")] = 64,
    beams: Annotated[int, typer.Option(min=1, help="Answers that are tried at once.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Do what texts ask for, and write the answers."""
    pretrained = open_for(model, weights, "transform")
    answers = pretrained.transform(texts, length, beams)
    if as_json:
        results = [{"text": text, "answer": answer} for text, answer in zip(texts, answers, strict=True)]
        print(json.dumps({**records.head(pretrained), "results": results}))
        return
    for answer in answers:
        print(answer)
