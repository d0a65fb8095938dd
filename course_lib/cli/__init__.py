"""The `course` command: the library's verbs, for the shell."""

import sys

import typer

from course_lib.errors import CourseError

app = typer.Typer(
    help="Pre-trained models: what exists, what is on this machine, and what they see.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help needs no further import
)


def main() -> None:
    """Run the command; what a person can mend is one line on the error stream and exit 2, never a traceback."""
    # Each module adds its verbs to the app. Imported here, so that they can import the app from this package.
    from course_lib.cli import (  # noqa: F401
        detect,
        doctor,
        facts,
        finetune,
        generate,
        lessons,
        models,
        sound,
        text,
        transform,
        use,
    )

    try:
        app()
    except CourseError as error:
        print(f"course: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()  # the reader, `head` for instance, has seen enough
        sys.exit(0)
