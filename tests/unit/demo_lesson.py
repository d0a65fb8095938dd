"""A small lesson that follows the recipe, made in a temporary folder: what the tests of building and checking use."""

from pathlib import Path

from course_lib.lessons.check_recipe import PARTS
from course_lib.lessons.contents import Lesson, find_lesson

HEADER = """# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---
"""
TITLE = """# # Demo
#
# What does a lesson look like?
#
# > You will be able to add. Needs nothing; 5 s; no download.
"""
SET_UP = """from pathlib import Path

from course_lib.lessons import bank_index, exercise, quiz

bank_index.BANK_FOLDER = Path("{bank}")
x, y = 1, 2
"""
PICTURE = """import base64
import io

from IPython.display import HTML
from PIL import Image

file = io.BytesIO()
Image.new("RGB", (64, 64)).save(file, "PNG")
dot = "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
HTML(f'<figure><img alt="a black square" src="{dot}"><figcaption>A square</figcaption></figure>')
"""
EXERCISE = """def add{k}(a, b):
    ...  # your sum


exercise("90.{k}").check(add{k})
"""
RECAP = """# ## Recap
#
# | paper | code |
# |---|---|
# | eq. 1 | `a + b` |
"""
BANK = """
from course_lib.lessons.exercises import Exercise
from course_lib.lessons.expect import expect_close
from course_lib.lessons.quiz import Choice, Question


def adds(answer):
    expect_close(answer(1, 2), 3, "One and two should make three.")


def adding(k):
    head = f"def add{k}(a, b):\\n    "
    return Exercise(
        id=f"90.{k}", title="Add", starter=head + "...  # your sum", mistake=head + "return a - b",
        solution=head + "return a + b", test=adds, hints=["Which sign adds?", "It is `+`."],
    )


EXERCISES = [adding(1), adding(2)]
QUIZ = [Question(f"What is 1 + {k}?", [Choice(str(k), False, "That is `k`."), Choice(str(k + 1), True, "Indeed.")])
        for k in (1, 2, 3)]
"""


def text_cell(part: str, words: int = 110) -> str:
    """One paragraph, with the part's tag on it."""
    prose = " ".join(["word"] * words)
    return f'# %% [markdown] tags=["{part}"]\n# ## {part}\n#\n# {prose}\n\n'


def code_cell(source: str) -> str:
    return f"# %%\n{source}\n\n"


def script(bank: Path) -> str:
    """The whole demo lesson as a percent script, with its exercises in a bank of its own."""
    cells = [f"{HEADER}\n# %% [markdown]\n{TITLE}\n"]
    for part in PARTS[:-1]:
        cells.append(text_cell(part))
        if part == "set-up":
            cells.append(code_cell(SET_UP.format(bank=bank)))
        elif part == "see-it-work":
            cells.append(code_cell(PICTURE))
        elif part == "exercises":
            cells += [code_cell(EXERCISE.format(k=k)) for k in (1, 2)]
            cells.append(code_cell('# exercise("90.2").hint()'))
        elif part == "quiz":
            cells.append(code_cell('quiz("90")'))
        if part not in ("set-up", "idea"):
            cells += [code_cell(f"z = [\n    x,\n    y,\n]\nprint(z, {k})") for k in range(2)]
        cells.append("# %% [markdown]\n# More words for the reader.\n\n")
    return "".join(cells) + f'# %% [markdown] tags=["recap"]\n{RECAP}'


def make_demo(root: Path) -> Lesson:
    """Write the demo lesson and its bank under a made-up checkout, and return the lesson."""
    source = root / "notebooks" / "source" / "9_demo" / "90_demo.py"
    bank = root / "course_lib" / "lessons" / "bank" / "l90_demo.py"
    for path, text in ((source, script(bank.parent)), (bank, BANK)):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return find_lesson("90", root)
