"""The course's own exceptions: each carries one sentence that says what, why, and what to do."""


class CourseError(Exception):
    """Something a person can mend; the command prints the sentence and exits with 2."""


class BadInput(CourseError):
    """An input that cannot be used: a broken file, a wrong shape, an unknown name."""
