"""Experiments whose results are recorded: every way, in several draws, one after the other and never twice."""

import itertools
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tqdm import tqdm

from course_lib.data_dir import data_dir
from course_lib.files import write_text


def record(
    name: str, ways: Mapping[str, Any], draws: Iterable[int], measured: Callable[[Any, int], dict]
) -> None:
    """Measure what is not yet in an experiment's file, and write it down after each run.

    Args:
        name: of the file in data/experiments, without its end.
        ways: name -> what is tried.
        draws: 0, 1, ... of whatever chance decides.
        measured: from a way and a draw to what came out.
    """
    path = data_dir() / "experiments" / f"{name}.json"
    known = json.loads(path.read_text()) if path.is_file() else {}
    table = {way: known.get(way, []) for way in ways}
    for draw, way in tqdm([*itertools.product(draws, ways)], "runs", file=sys.stderr):
        if len(table[way]) == draw:
            table[way].append(measured(ways[way], draw))
            write_text(path, json.dumps(table) + "\n")
            print(draw, way, table[way][-1], flush=True)
