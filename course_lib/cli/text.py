"""course complete: models of language at work."""

import json
import sys
from typing import Annotated

import typer

from course_lib.cli import app, records
from course_lib.cli.models import AsJson
from course_lib.cli.use import Model, WeightsOption, open_for
from course_lib.errors import BadInput

LONGEST = 10_000_000  # bytes of the standard input that are read


@app.command()
def complete(
    prompt: Annotated[str, typer.Argument(help="How the text begins; - reads it from the standard input.")],
    model: Model = "gpt_nano",
    weights: WeightsOption = "auto",
    length: Annotated[int, typer.Option(help="Of the continuation, in tokens, at most.")] = 60,
    temperature: Annotated[
        float, typer.Option(help="0 takes the likeliest token; above 0 it is drawn, the higher the more evenly.")
    ] = 0.0,
    top_k: Annotated[int, typer.Option(help="Draw among so many of the likeliest tokens; 0 for all.")] = 0,
    top_p: Annotated[
        float, typer.Option(help="Draw among the likeliest tokens with this probability together; 1 for all.")
    ] = 1.0,
    repetition_penalty: Annotated[
        float, typer.Option(help="Above 1, what stands in the text already becomes less likely.")
    ] = 1.0,
    beams: Annotated[int, typer.Option(help="Above 1, look for the most probable text.")] = 1,
    seed: Annotated[int, typer.Option(help="Of the lots; the same seed draws the same text.")] = 0,
    stop: Annotated[list[str] | None, typer.Option(help="End where this text would come; may be repeated.")] = None,
    chat: Annotated[bool, typer.Option("--chat", help="Answer the prompt, with a model that was taught to.")] = False,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Continue a text, and show it while it is written."""
    settings = {"length": length, "temperature": temperature, "top_k": top_k, "top_p": top_p,
                "repetition_penalty": repetition_penalty, "seed": seed, "stop": tuple(stop or ())}  # fmt: skip
    if chat and beams != 1:
        raise BadInput("--chat shows an answer while it is written, and a beam search knows no word before its end: leave one "
                       "of them away.")  # fmt: skip
    prompt = read(prompt)
    writer = open_for(model, weights, "complete")
    if chat:
        pieces = writer.answer_stream(prompt, **settings)
    elif beams != 1:
        pieces = iter([writer.complete(prompt, beams=beams, **settings)])
    else:
        pieces = writer.complete_stream(prompt, **settings)
    if as_json:
        record = records.head(writer)
        settings |= {"beams": beams, "chat": chat}
        record |= {"prompt": prompt, "text": "".join(pieces), "settings": settings}
        print(json.dumps(record))
    else:
        show(pieces)


def show(pieces) -> None:
    """Print pieces of text as they come; signs that the terminal has none for become question marks."""
    sys.stdout.reconfigure(errors="replace")
    for piece in pieces:
        print(piece, end="", flush=True)
    print()


def read(text: str) -> str:
    """Return a text, or for "-" what the standard input holds, without its last line end."""
    if text != "-":
        return text
    given = sys.stdin.buffer.read(LONGEST + 1)
    if len(given) > LONGEST:
        raise BadInput(f"The standard input holds more than {LONGEST:,} bytes: that is no prompt.")
    try:
        return given.decode().removesuffix("\n")
    except UnicodeDecodeError as error:
        raise BadInput(
            f"The standard input is no text in UTF-8: byte {error.start} makes no character."
        ) from error
