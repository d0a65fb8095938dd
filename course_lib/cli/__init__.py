"""The `course` command: the library's verbs, for the shell."""

import sys

import typer

from course_lib.errors import CourseError, shortened

MORE = "\ncourse: "  # stands between the sentences of several errors

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
        deploy,
        detect,
        doctor,
        facts,
        fetch,
        finetune,
        generate,
        lessons,
        models,
        sound,
        text,
        tour,
        transform,
        use,
    )

    if hasattr(sys.stdout, "reconfigure"):  # a name of a file may have letters that the terminal has not
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        sys.exit(app(standalone_mode=False) or 0)
    except CourseError as error:
        print(_lines(error), file=sys.stderr)
        sys.exit(2)
    except typer.Abort:  # a question was left without an answer
        print("course: stopped.", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()  # the reader, `head` for instance, has seen enough
        sys.exit(0)
    # A name that is too long, a folder that may not be looked into, a device that fails.
    except OSError as error:
        named = f": {shortened(str(error.filename))!r}" if error.filename else ""
        print(_lines(f"The system says {error.strerror or error}{named}. Check the path."), file=sys.stderr)
        sys.exit(2)
    except Exception as error:
        # Typer's own errors of usage have it; their class has no public name.
        if not hasattr(error, "format_message"):
            raise
        print(_usage(error), file=sys.stderr)
        sys.exit(2)


def _lines(error: CourseError | str) -> str:
    """Return an error's sentence; where a command failed for several inputs it has one line for each.

    What it quotes may come from a stranger's file: neither its line ends nor what a terminal would obey is printed.
    """
    lines = f"course: {error}".split(MORE)
    return MORE.join("".join(map(_visible, line)) for line in lines)


def _visible(character: str) -> str:
    return (
        character if character.isprintable() else character.encode("unicode_escape", "surrogatepass").decode()
    )


def _usage(error) -> str:
    """Say in one line what is wrong with the arguments; where there are none at all, what there is to say."""
    text, context = error.format_message(), getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        return text
    help_at = f"; `{context.command_path} --help` shows what goes" if context else ""
    return _lines(f"{' '.join(text.split()).rstrip('.')}{help_at}.")
