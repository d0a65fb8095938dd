"""The table of faults at the end of a run: for each of the eighteen whether it is survived, and what was tried how often.

A test says which faults it tries, `@pytest.mark.fault(3)`; one that tries several things itself says how many,
`record_property("tried", 20)`. `--all-faults` fails the run where a fault was not tried at all.
"""

from collections import Counter, defaultdict
from pathlib import Path

import pytest

FAULTS = {
    1: "download cut, with and without Content-Length",
    2: "stall, 503, 429",
    3: "a login page with status 200, a wrong hash",
    4: "kill -9 in mid-download",
    5: "8 processes fetch the same file, with and without locks",
    6: "disk full during a download, a save, a feature cache",
    7: "unwritable or missing cache folder",
    8: "no network",
    9: "one byte flipped in a cached weights file",
    10: "kill -9 during a save over an existing model",
    11: "kill -9 at random steps of training",
    12: "files made to run code or to lie about sizes",
    13: "decompression bombs and shape bombs",
    14: "archives that reach outside their target",
    15: "truncated files among 1,000 images",
    16: "image, audio and GIF bombs",
    17: "input in the wrong range, channel order, sample rate",
    18: "NaN or infinite weights",
}
HERE = Path(__file__).parent
WIDTH = max(map(len, FAULTS.values()))
TABLE = pytest.StashKey()


class Table:
    """What became of the cases of each fault."""

    def __init__(self):
        self.tried = defaultdict(Counter)  # fault -> name of the test -> how often
        self.failed = defaultdict(set)  # fault -> nodeids

    def add(self, report: pytest.TestReport) -> None:
        """Count a test's report, of its set-up, its call or its end."""
        said = [value for name, value in report.user_properties if name == "tried"]
        for fault in [value for name, value in report.user_properties if name == "fault"]:
            if report.failed:
                self.failed[fault].add(report.nodeid)
            elif report.when == "call" and report.passed:
                self.tried[fault][in_words(report.nodeid)] += sum(said) or 1

    def untried(self) -> list[int]:
        """Return the faults of which no case has passed or failed."""
        return [fault for fault in FAULTS if not self.tried[fault] and not self.failed[fault]]

    def lines(self) -> list[str]:
        """Return a line for each fault."""
        return [self._line(fault) for fault in FAULTS]

    def _line(self, fault: int) -> str:
        begin = f"{fault:2} {FAULTS[fault]:{WIDTH}}"
        if self.failed[fault]:
            return f"{begin}  NOT SURVIVED  {', '.join(sorted(self.failed[fault]))}"
        if not self.tried[fault]:
            return f"{begin}  not tried"
        what = ", ".join(f"{name} {count}" for name, count in sorted(self.tried[fault].items()))
        return f"{begin}  survived  {self.tried[fault].total():,} tried: {what}"


def in_words(nodeid: str) -> str:
    """Return a test's name in words, without its parameters."""
    return nodeid.split("[")[0].rpartition("::")[2].removeprefix("test_").replace("_", " ")


def pytest_addoption(parser):
    parser.addoption("--all-faults", action="store_true", help="fail where a fault was not tried")


def pytest_configure(config):
    config.stash[TABLE] = Table()
    config.pluginmanager.register(_Counting(config.stash[TABLE]))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Let each report carry its test's faults; so they come through from the workers of `-n` as well."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.fault)  # so that `-m fault` takes what lies beside the table as well
        for mark in item.iter_markers("fault"):
            if unknown := set(mark.args) - set(FAULTS):
                raise pytest.UsageError(f"{item.nodeid}: there is no fault {unknown.pop()}")
            item.user_properties += [("fault", number) for number in mark.args]


class _Counting:
    """Hears of every report, also of tests in other folders."""

    def __init__(self, table: Table):
        self.table = table

    def pytest_runtest_logreport(self, report):
        self.table.add(report)


def pytest_sessionfinish(session):
    untried = session.config.stash[TABLE].untried()
    if session.config.getoption("all_faults") and untried and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter, config):
    terminalreporter.section("faults")
    for line in config.stash[TABLE].lines():
        terminalreporter.write_line(line)
