"""The few pieces of HTML that exercises and quizzes share: every text is escaped, nothing is loaded from outside."""

import re
from html import escape

# Each colour keeps 3:1 contrast or more on white and on JupyterLab's dark background; the words carry the meaning.
COLOURS = {"neutral": "#767676", "bad": "#c4601d", "good": "#2e8540"}


def inline(text: str) -> str:
    """Turn a plain text into HTML: escaped, `code` between backticks, blank lines between paragraphs.

    Args:
        text: the text as a lesson writer typed it.

    Returns:
        HTML without any block element.
    """
    safe = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text.strip(), quote=False))
    return re.sub(r"\n\s*\n", "<br><br>", safe)


def panel(heading: str, body: str, tone: str = "neutral") -> str:
    """Return a box that a screen reader announces.

    Args:
        heading: a few plain words.
        body: HTML, made by `inline` or `code_block`.
        tone: a key of COLOURS.

    Returns:
        One HTML element with role="status".
    """
    style = f"border-left:4px solid {COLOURS[tone]};padding:.4em .8em;margin:.4em 0"
    return f'<div role="status" style="{style}"><strong>{escape(heading)}.</strong> {body}</div>'


def code_block(code: str) -> str:
    """Return code as a scrolling HTML block.

    Args:
        code: Python source.

    Returns:
        One HTML element.
    """
    return f'<pre style="overflow-x:auto"><code>{escape(code.strip())}</code></pre>'
