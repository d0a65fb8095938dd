"""course detect: what is where in pictures, in a video, or before a webcam."""

import dataclasses
import json
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from course_lib.cli import app, records
from course_lib.cli.boxed_files import BoxedFiles
from course_lib.cli.inputs import refuse_nothing
from course_lib.cli.models import AsJson
from course_lib.cli.use import (
    Engine,
    Model,
    WeightsOption,
    open_for,
    report_failed,
    with_progress,
)
from course_lib.errors import BadInput
from course_lib.files import expanded, resolved

NAMED = 3  # damaged frames that are named one by one

Given = Annotated[
    list[str], typer.Argument(help="Pictures, folders of pictures, one video, or webcam:0; sample:cat is a sample photo.")
]  # fmt: skip
Out = Annotated[
    Path | None,
    typer.Option(
        help="Where to draw the boxes: a picture, a folder for several, a video (.mp4, .mov, .mkv)."
    ),
]
Score = Annotated[float, typer.Option(min=0, max=1, help="How sure the network has to be.")]


@app.command()
def detect(
    inputs: Given,
    out: Out = None,
    model: Model = "yolo_v8_nano",
    weights: WeightsOption = "auto",
    score: Score = 0.25,
    engine: Engine = "tf",
    as_json: AsJson = False,
) -> None:
    """Find objects and their places in pictures, a video, or before a webcam.

    yolo_v8_nano knows the 20 kinds of the course's drawn world. The official COCO weights know 80 kinds of thing in
    photographs, people and buses among them: `course fetch yolo_v8_n`, then --model yolo_v8_n.
    """
    from course_lib.media.video import is_video

    def load():
        return open_for(model, weights, "detect", engine)

    if not any(map(is_video, inputs)):
        _pictures(inputs, out, load, score, as_json)
    elif len(inputs) > 1:
        raise BadInput("One video or webcam at a time: give it alone.")
    else:
        _video(inputs[0], out, load, score, as_json)


def _pictures(inputs: list[str], out: Path | None, load: Callable, score: float, as_json: bool) -> None:
    refuse_nothing(inputs)
    files = out and BoxedFiles(out, inputs)
    detector = load()
    with _Listing(detector, as_json) as listing:
        for found in with_progress(detector.detect_stream(inputs, score), inputs):
            listing.add(found)
            if files and not found.error:
                files.write(found)
    if files and not as_json:
        print(files)
    report_failed(listing.failed, listing.count)


def _video(given: str, out: Path | None, load: Callable, score: float, as_json: bool) -> None:
    from course_lib.media.video import WEBCAM, open_video
    from course_lib.media.video_writer import check_written, write_video

    if out:
        out = expanded(out)
        check_written(out)
        if resolved(out) == resolved(given):
            raise BadInput(f"--out {out} is the video itself: give another name.")
    with open_video(given) as clip:
        detector = load()
        with (
            _Listing(detector, as_json, quiet=out is not None) as listing,
            _until_interrupted() as interrupted,
        ):
            frames = _boxed(clip, detector, score, listing, interrupted, bool(out))
            if out:
                write_video(out, frames)
            else:
                for _ in frames:
                    pass
    if not as_json:
        print(f"{out or given}: {listing.count} frames, {listing.seconds:.1f} s of video, "
              f"{listing.rate:.1f} frames a second")  # fmt: skip
    _report_frames(listing)
    if interrupted() and not given.startswith(WEBCAM):  # a webcam is ended in no other way
        raise typer.Exit(130)


def _boxed(clip, detector, score: float, listing, interrupted: Callable, draws: bool) -> Iterator:
    """Yield (seconds, frame with its boxes) of a clip, and list what was found."""
    from tqdm import tqdm

    from course_lib.boxes import Boxes
    from course_lib.tasks.detect import Detections
    from course_lib.viz.boxes import draw

    bar = tqdm(total=clip.count or None, unit="frame", delay=2, file=sys.stderr, dynamic_ncols=True)
    with bar:
        for seconds, frame in clip.frames:
            if isinstance(frame, BadInput):
                found = Detections(Boxes.of([], [], []), (), error=str(frame))
            else:
                found = detector.detect(frame, score)
            found.name = f"{clip.name} at {seconds:.2f} s"
            listing.add(found, seconds)
            bar.update()
            if not found.error:
                yield seconds, draw(frame, found) if draws else frame
            if interrupted():
                break
    if listing.count == len(listing.failed):
        raise BadInput(f"{clip.name}: " + (listing.failed[0] if listing.failed else "it holds no frame."))


class _Listing:
    """Prints what is found, as lines or as JSON, one picture or frame at a time; the JSON is whole even after an error.

    Attributes:
        count: pictures or frames.
        failed: the errors of those that could not be read.
        seconds: of the video, up to its last frame; None for pictures.
        rate: frames or pictures a second, of those that could be read.
    """

    def __init__(self, detector, as_json: bool, quiet: bool = False):
        self.count, self.failed, self.seconds = 0, [], None
        self._as_json, self._quiet, self._began = as_json, quiet, time.perf_counter()
        if as_json:
            print(json.dumps(records.head(detector))[:-1] + ', "results": [')

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.rate = (self.count - len(self.failed)) / (time.perf_counter() - self._began)
        if self._as_json:
            tail = {"count": self.count, "failed": len(self.failed)}
            if self.seconds is not None:
                tail |= {"seconds": self.seconds, "frames_per_second": round(self.rate, 2)}
            print("], " + json.dumps(tail)[1:])

    def add(self, found, seconds: float | None = None) -> None:
        """Print one picture's objects."""
        if self._as_json:
            when = {} if seconds is None else {"seconds": round(seconds, 3)}
            objects = [dataclasses.asdict(one) for one in found]
            line = json.dumps({"name": found.name, **when, "error": found.error, "detections": objects})
            print("," + line if self.count else line)
        elif not found.error and not self._quiet:
            print(f"{found.name}: " + (", ".join(map(_in_words, found)) or "nothing found"))
        self.count += 1
        self.seconds = seconds if seconds is None else round(seconds, 3)
        if found.error:
            self.failed.append(found.error)


def _in_words(one) -> str:
    corners = ", ".join(f"{x:.0f}" for x in one.box)
    return f"{one.label} {one.score:.1%} ({corners})"


def _report_frames(listing: _Listing) -> None:
    failed = listing.failed
    for error in failed[:NAMED]:
        print(f"course: {error}", file=sys.stderr)
    if failed:
        more = ", the first of them above" if len(failed) > NAMED else ", see above"
        raise BadInput(f"{len(failed)} of {listing.count} frames could not be read{more}; the others are done.")  # fmt: skip


@contextmanager
def _until_interrupted() -> Iterator[Callable[[], bool]]:
    """Let the first Ctrl-C inside the block only be told, so that the file in work can be closed; the second one kills.

    Yields:
        A function that says whether Ctrl-C was pressed.
    """
    pressed = threading.Event()
    if threading.current_thread() is not threading.main_thread():  # only the main one is told of signals
        yield pressed.is_set
        return

    def note(*_):
        pressed.set()
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield pressed.is_set
    finally:
        signal.signal(signal.SIGINT, before)
