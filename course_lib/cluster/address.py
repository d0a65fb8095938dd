"""What `--cluster` says: processes of this machine, or a Ray cluster and where it is."""

import importlib.util
import re
from dataclasses import dataclass

from course_lib.errors import BadInput, CourseError

MOST = 64  # worker processes on one machine: each is a TensorFlow of its own, half a gigabyte
FORMS = "auto, HOST:PORT, ray://HOST:PORT or local:N"
HOST = r"(\[[0-9a-fA-F:]+\]|[\w.-]+)"


@dataclass(frozen=True)
class Cluster:
    """Where the work goes.

    Attributes:
        workers: processes of this machine; 0 on a Ray cluster, which knows its own size.
        address: of the Ray cluster, "auto" for the one that this machine belongs to; empty for this machine alone.
    """

    workers: int = 0
    address: str = ""

    @property
    def is_local(self) -> bool:
        """Say whether all workers are processes of this machine, started for this one command."""
        return not self.address

    def __str__(self) -> str:
        if self.is_local:
            return f"{self.workers} worker process{'es' * (self.workers > 1)} of this machine"
        return (
            "the Ray cluster of this machine" if self.address == "auto" else f"the Ray cluster {self.address}"
        )


def parse(text: str) -> Cluster:
    """Read the value of `--cluster`.

    Args:
        text: "local:2" for so many processes here, "auto" for the Ray cluster that this machine belongs to, or the address of
            one, "host:6379" or "ray://host:10001".

    Returns:
        The cluster; nothing is started or looked for yet.

    Raises:
        BadInput: it is none of these.
    """
    text = text.strip()
    if text == "auto":
        return Cluster(address=text)
    if re.match("local(?!host)", text):
        return Cluster(workers=_workers(text))
    match = re.fullmatch(rf"(ray://)?{HOST}:(\d{{1,5}})", text, re.ASCII)
    if not match or not 0 < int(match[3]) < 65_536:
        raise BadInput(f"--cluster {text!r} is no cluster: give {FORMS}, for instance local:2.")
    return Cluster(address=text)


def _workers(text: str) -> int:
    number = text.removeprefix("local:")
    if not re.fullmatch("[0-9]{1,9}", number) or not 1 <= int(number) <= MOST:
        raise BadInput(
            f"--cluster {text!r}: local:N takes a number of worker processes from 1 to {MOST}, for instance local:2."
        )
    return int(number)


def need_ray(module: str = "ray") -> None:
    """Raise CourseError, with what to type, where Ray is not installed."""
    if importlib.util.find_spec(module) is None:
        raise CourseError('More than one machine needs Ray: pip install "course-lib[cluster]".')
