"""course transcribe, speak: recordings to text, and text to recordings."""

import dataclasses
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from course_lib.cli import app, records
from course_lib.cli.models import AsJson
from course_lib.cli.text import read
from course_lib.cli.use import Model, WeightsOption, open_for, report_failed
from course_lib.errors import BadInput
from course_lib.files import expanded

FAILED = "recordings could not be heard"


@app.command()
def transcribe(
    inputs: Annotated[list[str], typer.Argument(help="Recordings, or folders of recordings: WAV, FLAC, OGG, MP3.")],
    model: Model = "deepspeech_nano",
    weights: WeightsOption = "auto",
    beams: Annotated[int, typer.Option(help="Above 1, look for the likeliest text among so many.")] = 1,
    words: Annotated[bool, typer.Option("--words", help="Say about when each word was said, in seconds.")] = False,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Write down what recordings say.

    deepspeech_nano knows fifty-two words in synthetic voices. For real English speech: `course fetch moonshine`, then
    --model moonshine_tiny.
    """
    from course_lib.tasks.transcripts import Transcript, joined

    _refuse_nothing(inputs)
    ears = open_for(model, weights, "transcribe")
    head = {"model": ears.card.id, "provenance": dataclasses.asdict(ears.provenance)}
    if as_json:
        print(json.dumps(head)[:-1] + ', "results": [')
    count, failed = 0, []
    for name, source in _each(inputs):
        try:
            pieces = list(_with_progress(ears, source, beams))
            found = joined(pieces, name, pieces[-1].warning if pieces else "")
        except BadInput as error:
            found = Transcript("", name=name, error=str(error))
            failed.append(found.error)
        _print(found, words, as_json, first=count == 0)
        count += 1
    if as_json:
        print(f'], "count": {count}, "failed": {len(failed)}}}')
    report_failed(failed, count, FAILED)


@app.command()
def speak(
    text: Annotated[str, typer.Argument(help="What shall be said; - reads it from the standard input.")],
    out: Annotated[Path, typer.Option(help="The sound file to write: .wav, .flac, .ogg or .mp3.")],
    model: Model = "tacotron2_nano",
    weights: WeightsOption = "auto",
    vocoder: Annotated[
        str, typer.Option(help="What makes the sound: waveglow, griffin_lim, or auto, the first if it is here.")
    ] = "auto",
    seed: Annotated[int, typer.Option(help="Of what is left to chance; the same seed says it alike.")] = 0,
) -> None:  # fmt: skip
    """Read a text aloud, and write the sound.

    tacotron2_nano has learned fifty-two words in one synthetic voice: "put the small red cup under the table".
    """
    from course_lib.media.sound.audio import KINDS

    if out.suffix[1:].lower() not in KINDS:
        raise BadInput(f"--out {out}: sounds are written as {', '.join('.' + kind for kind in KINDS)}; give a name that ends so.")  # fmt: skip
    text = read(text)
    voice = open_for(model, weights, "speak")
    with records.warnings_as_lines():
        audio = voice.speak(text, vocoder=vocoder, seed=seed)
    audio.save(out)
    print(f"{out}: {audio.seconds:.2f} s at {audio.rate:,} Hz")


def _refuse_nothing(inputs: list[str]) -> None:
    """Refuse inputs of which not one exists at once, before a model takes its seconds to load."""
    from course_lib.media.sound.inputs import open_sound

    if not any(os.path.exists(expanded(given)) for given in inputs):
        with open_sound(inputs[0]):
            pass


def _each(inputs: list[str]) -> Iterator[tuple[str, str | Path]]:
    """Yield (name, path) for each recording; an empty folder is told as one that can't be heard."""
    from course_lib.media.sound.inputs import each_sound

    for given in inputs:
        try:
            yield from each_sound(given)
        except BadInput:
            yield given, given


def _with_progress(ears, source, beams: int) -> Iterator:
    """Draw a progress bar in seconds of sound on the error stream once the work takes over two seconds."""
    from tqdm import tqdm

    form = "{desc}{percentage:3.0f}% of {total_fmt} s |{bar}| {elapsed}<{remaining}"
    with tqdm(delay=2, file=sys.stderr, leave=False, dynamic_ncols=True, bar_format=form) as bar:

        def watch(position: float, seconds: float) -> None:
            bar.total = round(seconds)
            bar.update(round(position) - bar.n)

        yield from ears.listen(source, beams=beams, watch=watch)


def _print(found, words: bool, as_json: bool, first: bool) -> None:
    if found.warning and not as_json:
        print(f"course: {found.warning}", file=sys.stderr)
    if as_json:
        record = {
            field: getattr(found, field) for field in ("name", "error", "warning", "text", "confidence")
        }
        line = json.dumps(record | {"words": [word._asdict() for word in found.words]})
        print(line if first else "," + line)
    elif not found.error:
        print(f"{found.name}: {found.text or 'nothing heard'}")
        for word in found.words if words else ():
            print(f"  {word.start:8.2f} {word.end:8.2f}  {word.text}")
