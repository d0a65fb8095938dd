"""Are the saved outputs fit to be read: no noise, no trace of a machine, every picture with its words?"""

import re
from collections.abc import Iterator

import nbformat

from course_lib.lessons.prose import read_html

DATA_ADDRESS = re.compile(r"data:[\w/+.;=-]*base64,[\w+/=\s]*")
WARNING = re.compile(r"\b\w*Warning\b|\bWARNING\b|\babsl::\w+|^[WE]0000 ", flags=re.MULTILINE)
FOLDERS = "home|root|tmp|var|usr|opt|mnt|srv|work|workspace|Users|private|content|builds"
MACHINE_PATH = re.compile(rf"(?<![\w.:/<])/(?:{FOLDERS})/\S+|\b[A-Z]:\\\w+|\bfile://\S+")
MEMORY_ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]{6,}")
REFUSED = {
    WARNING: "a warning in the output",
    MACHINE_PATH: "a path of the machine that built it in the output",
    MEMORY_ADDRESS: "a memory address in the output, which changes each time",
}
TEXTS = ("text/plain", "text/html", "text/markdown", "text/latex", "application/javascript")


def output_problems(notebook: nbformat.NotebookNode) -> list[str]:
    """Check the saved outputs of a notebook.

    Args:
        notebook: the built notebook.

    Returns:
        The problems, each beginning with " cell N: ".
    """
    problems, count = [], 0
    for number, cell in enumerate(notebook.cells, 1):
        if cell.cell_type != "code":
            continue
        count += 1
        found = [problem for output in cell.outputs for problem in one_output(output)]
        if cell.execution_count != count:
            found.insert(0, "was not run in order from a fresh start.")
        problems += [f" cell {number}: {problem}" for problem in found]
    return problems


def one_output(output: nbformat.NotebookNode) -> Iterator[str]:
    """Yield what is wrong with one output of a cell."""
    if output.output_type == "error":
        yield f"an error in the output: {output.ename}."
        return
    if output.output_type == "stream" and output.name == "stderr":
        yield f"wrote to stderr: {output.text.strip()[:60]!r}."
    for text in texts(output):
        for pattern, complaint in REFUSED.items():
            match = pattern.search(DATA_ADDRESS.sub("", text))
            if match:
                yield f"{complaint}: {match[0][:60]!r}."
    yield from picture_problems(output)


def picture_problems(output: nbformat.NotebookNode) -> Iterator[str]:
    """Yield what is wrong with the pictures of one output."""
    data = output.get("data", {})
    if any(kind.startswith("image/") for kind in data):
        yield "a picture without alt text: show it with `viz.show(figure, alt=...)` or another function of viz."
    if "application/vnd.jupyter.widget-view+json" in data:
        yield "a live widget in the saved output: it does not work on the page."
    links = read_html(data.get("text/html", ""))
    for source in links.silent:
        yield f"a picture without alt text: {source[:30]!r}."
    for source in links.pictures:
        if not source.startswith("data:"):
            yield f"the output loads {source[:60]!r}: it would be missing without a network."


def texts(output: nbformat.NotebookNode) -> list[str]:
    """Return all that an output says in words."""
    if output.output_type == "stream":
        return [output.text]
    return [output.data[kind] for kind in TEXTS if kind in output.get("data", {})]
