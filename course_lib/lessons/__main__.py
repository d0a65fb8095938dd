"""`python -m course_lib.lessons build|check [LESSON...]`, and `site`."""

import argparse
import sys
from pathlib import Path

from course_lib.errors import CourseError
from course_lib.lessons.contents import CHECKOUT


def main(arguments: list[str] | None = None) -> int:
    """Build or check lessons, or build the web site of all.

    Args:
        arguments: the command line; this process's own if None.

    Returns:
        The exit code: 0 if all is well, 1 if the check found something, 2 for an error.
    """
    parser = argparse.ArgumentParser(
        prog="python -m course_lib.lessons", description="Build and check lessons."
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    build = verbs.add_parser(
        "build", help="run the lessons whose script changed, and save them with their outputs"
    )
    build.add_argument("--force", action="store_true", help="build also what did not change")
    check = verbs.add_parser("check", help="does each lesson follow the recipe? nothing is run")
    for verb in (build, check):
        verb.add_argument(
            "lessons", nargs="*", metavar="LESSON", help="a number or a name; all of them if left out"
        )
    site = verbs.add_parser(
        "site", help="the lessons as they are built, the models and the library, as a web site"
    )
    site.add_argument("--out", type=Path, default=CHECKOUT / "site", help="the folder; `site` if left out")
    chosen = parser.parse_args(arguments)
    try:
        return {"build": _build, "check": _check, "site": _site}[chosen.verb](chosen)
    except CourseError as error:
        print(error, file=sys.stderr)
        return 2


def _build(chosen: argparse.Namespace) -> int:
    from course_lib.lessons.build import build

    build(chosen.lessons, chosen.force)
    return 0


def _check(chosen: argparse.Namespace) -> int:
    from course_lib.lessons.check import run_check

    return run_check(chosen.lessons)


def _site(chosen: argparse.Namespace) -> int:
    from course_lib.lessons.site import build_site

    print(f"The site is built: open {build_site(chosen.out)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
