"""The mistakes that the model was surest of, with their pictures."""

import base64
import io
from collections.abc import Callable
from pathlib import PureWindowsPath

import numpy as np
from PIL import Image

from course_lib.errors import CourseError
from course_lib.training.report.measures import Measures, Mistake
from course_lib.training.report.outcome import Outcome
from course_lib.training.report.parts import label, section, text
from course_lib.training.report.words import percent, shown

SHOWN = 12
SIDE = 176  # pixels
SMALL = 64  # pixels: below that every one of them is kept
MOST_BYTES = 12_000  # of a thumbnail
SURE = 0.9


def mistakes(outcome: Outcome, measures: Measures, picture: Callable[[int], np.ndarray] | None) -> str:
    """Return the part of the page with the worst mistakes.

    Args:
        outcome: what a fine-tuning came to.
        measures: of its answers.
        picture: gives the i-th held-out picture, (height, width, 3) uint8; or None, then there are only words.

    Returns:
        HTML.
    """
    worst = measures.mistakes(SHOWN)
    if not worst:
        return section("Worst mistakes", "<p>There is none among the held-out pictures.</p>")
    wrong = int((~measures.right).sum())
    words = f"The {len(worst)} of {wrong:,} that the model was surest of. " if wrong > len(worst) else ""
    words += "Look at the pictures: where a model is sure and yet wrong, it is sometimes the label that is mistaken."
    cards = "".join(f"<li>{_card(outcome, mistake, picture)}</li>" for mistake in worst)
    return section("Worst mistakes", f"<p>{words}</p>{_confidence(measures)}<ul class=cards>{cards}</ul>")


def _confidence(measures: Measures) -> str:
    sure, right = float(np.nanmean(measures.sure)), float(measures.right.mean())
    count = len(measures.labels)
    far = abs(sure - right) > 2 * np.sqrt(0.25 / count)  # more than chance alone would do
    how = "its percentages are too high" if sure > right else "its percentages are too low"
    verdict = f": {how}" if far else ", which is near enough"
    said = f"On average it was {percent(sure, count)} sure, and right in {percent(right, count)} of cases{verdict}."
    return f"<p>{said}</p>"


def _card(outcome: Outcome, mistake: Mistake, picture) -> str:
    was, said = (outcome.classes[index] for index in (mistake.was, mistake.said))
    # A report is passed on: the last folder says enough, the whole path of a machine too much
    name = "/".join(PureWindowsPath(shown(outcome.answers.names[mistake.index], 2000)).parts[-2:])
    check = "<p class=check>Is the label right?</p>" if mistake.probability >= SURE else ""
    image = _image(mistake, picture, f"Held-out picture {name}, which is {was}, taken for {said}")
    return (
        f"<figure>{image}<figcaption><p class=said>said {label(said)} <b>{percent(mistake.probability, 200)}</b></p>"
        f"<p>was {label(was)} <b>{percent(mistake.of_truth, 200)}</b></p>"
        f"<p class=file>{label(name, 80)}</p>{check}</figcaption></figure>"
    )


def _image(mistake: Mistake, picture, alt: str) -> str:
    if picture is None:
        return ""
    try:
        pixels = picture(mistake.index)
    except (CourseError, OSError) as error:  # moved away since: the rest of the report stands
        return f"<p class=gone>{text(error, 200)}</p>"
    data, kind, sharp = thumbnail(np.asarray(pixels))
    source = f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
    return f'<img{" class=sharp" if sharp else ""} alt="{text(alt, 200)}" src="{source}">'


def thumbnail(pixels: np.ndarray) -> tuple[bytes, str, bool]:
    """Make a picture small.

    Args:
        pixels: (height, width, 3) uint8.

    Returns:
        The bytes of a file; "png" or "jpeg"; whether its pixels are to be shown as squares.
    """
    image, file = Image.fromarray(np.ascontiguousarray(pixels[..., :3], np.uint8)), io.BytesIO()
    if max(image.size) <= SMALL:
        image.save(file, "PNG", optimize=True)
        return file.getvalue(), "png", True
    image.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS, reducing_gap=2)
    for quality in (80, 65, 45, 25):
        file = io.BytesIO()
        image.save(file, "JPEG", quality=quality, optimize=True)
        if len(file.getvalue()) <= MOST_BYTES:
            break
    return file.getvalue(), "jpeg", False
