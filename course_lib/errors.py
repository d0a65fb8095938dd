"""The course's own exceptions: each carries one sentence that says what, why, and what to do."""


class CourseError(Exception):
    """Something a person can mend; the command prints the sentence and exits with 2."""


class BadInput(CourseError):
    """An input that cannot be used: a broken file, a wrong shape, an unknown name."""


def first_line(error: Exception) -> str:
    """Return what another library's error says, in one line; the name of its kind where it says nothing."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def shortened(name: str, most: int = 200) -> str:
    """Return a name as an error quotes it: whole, or its first characters where it is longer than any name."""
    return name if len(name) <= most else name[:most] + "..."
