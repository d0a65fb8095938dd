"""The page that is left of a tour: one file that holds all of it, and asks nothing of the network."""

import base64
import platform
import time
from collections.abc import Sequence
from html import escape
from importlib.metadata import version

from course_lib.media.sound.audio import Audio
from course_lib.tour.walk import Seen, Used

STYLE = """
:root { color-scheme: light dark; --faint: #6b6b6b; --rule: #8884; --box: #8881 }
@media (prefers-color-scheme: dark) { :root { --faint: #a5a5a5 } }
body { font: 1.05rem/1.55 system-ui, sans-serif; max-width: 48rem; margin: 0 auto; padding: 1rem }
section { border-top: 1px solid var(--rule); padding: .4rem 0 1rem }
pre { font: inherit; white-space: pre-wrap; background: var(--box); padding: .6rem .9rem; border-radius: 6px; margin: .6rem 0 }
audio { display: block; width: 100%; margin: .8rem 0 }
img { background: white }
.faint, footer { color: var(--faint); font-size: .92rem }
.trouble { border-left: 4px solid #c4601d; padding-left: .8rem }
.wide { overflow-x: auto }
table { border-collapse: collapse; font-size: .88rem }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid var(--rule) }
.hash { font-family: ui-monospace, monospace; font-size: .8rem; word-break: break-all; max-width: 17rem }
"""
# Nothing but what stands in the file itself may be shown, and nothing runs.
POLICY = "default-src 'none'; img-src data:; media-src data:; style-src 'unsafe-inline'"
COLUMNS = ("does", "model, file, SHA-256", "weights from", "trained on", "licence")


def page(seen: Sequence[Seen]) -> str:
    """Write the page of a tour.

    Args:
        seen: what `walk` returned.

    Returns:
        An HTML file.
    """
    body = "".join(_section(number, one) for number, one in enumerate(seen, 1))
    seconds = sum(one.seconds for one in seen)
    made = f"Made by <code>course tour</code> on {time.strftime('%Y-%m-%d')} in {seconds:.0f} seconds, on this machine alone: " \
           f"course {version('course-lib')}, TensorFlow {version('tensorflow')}, Python {platform.python_version()}."  # fmt: skip
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>A tour of pre-trained models</title><style>{STYLE}</style></head><body><main>"
        "<h1>A tour of pre-trained models</h1>"
        "<p>Each of these networks was trained once, by somebody, at some expense. "
        "Loading one takes a line of Python, and what it learned is yours.</p>"
        f"{body}{_ledger(seen)}</main><footer><p>{made}</p></footer></body></html>\n"
    )


def _section(number: int, seen: Seen) -> str:
    heading = f"<h2>{number}. A network {escape(seen.does)}</h2>"
    troubles = "".join(f'<p class="trouble">{escape(trouble)}</p>' for trouble in seen.troubles)
    if seen.shown is None:
        return f"<section>{heading}<p>This could not be shown here.</p>{troubles}</section>"
    media = "".join(_medium(one, seen) for one in seen.shown.media)
    weights = "".join(f'<p class="faint">{escape(one.sentence)}</p>' for one in seen.used)
    lesson = seen.used[0].card.lesson
    return (
        f"<section>{heading}<p>It was given {escape(seen.shown.given)}. It answered:</p>"
        f"<pre>{escape(seen.shown.answer)}</pre>{media}{weights}{troubles}"
        f'<p class="faint">{seen.seconds:.1f} seconds. Lesson {escape(lesson)} shows how it works: <code>course lab {escape(lesson)}</code>.'
        "</p></section>"
    )


def _medium(one, seen: Seen) -> str:
    if not isinstance(one, Audio):
        return one._repr_html_()
    sound = base64.b64encode(one.encoded("wav")).decode()
    label = escape(f"{one.seconds:.1f} seconds of sound: {seen.does}, {seen.shown.given}")
    return f'<audio controls aria-label="{label}" src="data:audio/wav;base64,{sound}"></audio>'


def _ledger(seen: Sequence[Seen]) -> str:
    rows = "".join(_row(one.does, used) for one in seen for used in one.used)
    head = "".join(f'<th scope="col">{name}</th>' for name in COLUMNS)
    return (
        '<section><h2>Where every weight comes from</h2><div class="wide" tabindex="0" role="region" '
        f'aria-label="Table of the weights"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div></section>'
    )


def _row(does: str, used: Used) -> str:
    found = used.provenance
    file = f'{escape(found.file)}<div class="hash">{escape(found.sha256)}</div>'
    named = f"{escape(used.card.title)} (<code>{escape(found.model)}</code>)<br>{file}"
    plain = map(escape, (f"{found.source}, {found.grade}", found.trained_on, found.licence))
    cells = (escape(does), named, *plain)
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
