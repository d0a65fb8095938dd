"""A folder or list of any size over Ray Data: each worker loads the model once, and names or describes its share of the pictures.

What comes back is what one process would have given, in the same order: the pictures go to the workers in the same batches. A
worker that dies is replaced, and its batches are done again. Of the pictures only the paths pass through the process that asks,
and of those only a window at a time.
"""

import logging
import os
import pickle
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import chain, islice
from pathlib import Path

from course_lib.cluster.address import Cluster
from course_lib.cluster.ray_runtime import connected, size_of
from course_lib.errors import CourseError
from course_lib.files import expanded
from course_lib.quiet import import_tensorflow

BATCH = 32  # pictures that go through a network together, as in one process
WINDOW = BATCH << 15  # a million paths, given to Ray at once: so memory does not grow with the list
MOST_BLOCKS = 2048  # pieces of a window; what Ray keeps in mind grows with their number
SPELLING = "utf-8", "surrogatepass"  # paths travel as bytes: names of files need not be text


class Worker:
    """What each worker process keeps: a loaded model."""

    def __init__(self, model: str, weights: str, verb: str, arguments: dict, folder: str, threads: int):
        """Load the model; `verb` is "classify" or "features", and paths are as seen from `folder`."""
        os.chdir(folder)
        os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
        tf = import_tensorflow()
        from course_lib.loading import open_pretrained

        if threads:
            tf.config.threading.set_intra_op_parallelism_threads(threads)
            tf.config.threading.set_inter_op_parallelism_threads(1)
        pretrained = open_pretrained(model, weights)
        self._stream: Callable = lambda paths: getattr(pretrained, f"{verb}_stream")(paths, **arguments)

    def __call__(self, block: dict) -> dict:
        """Answer for a block of paths; an answer travels as bytes, since Arrow knows no predictions."""
        import numpy as np

        paths = [path.decode(*SPELLING) for path in block["path"]]
        answers = [pickle.dumps(answer) for answer in self._stream(paths)]
        who = {"pid": np.full(len(answers), os.getpid()), "at": np.full(len(answers), time.time())}
        return {"answer": np.array([*answers, None], object)[:-1], **who}


def stream(
    cluster: Cluster,
    inputs,
    verb: str,
    model: str,
    weights: str = "auto",
    on_answer: Callable = lambda pid, at: None,
    **arguments,
) -> Iterator:
    """Yield what `pretrained.classify_stream` or `.features_stream` would, from the workers of a cluster.

    Args:
        cluster: where.
        inputs: paths of pictures and folders, taken a window at a time; all workers see them under the same paths.
        verb: "classify" or "features".
        model, weights: as `load` takes them; each worker loads the model for itself.
        on_answer: gets the process id of the worker behind each answer, and the time when it was ready, as `time.time()` counts.
        **arguments: of the verb, such as `top`.

    Yields:
        Answers in the order of the inputs; for a picture that can't be read, the one that says so.

    Raises:
        CourseError: Ray is missing or fails.
    """
    paths = paths_of(inputs)
    if not (first := list(islice(paths, 1))):  # one process answers nothing, too
        return
    import_tensorflow()  # answers are of classes that import it; quietly
    paths = chain(first, paths)
    with ExitStack() as stack:
        ray = stack.enter_context(connected(cluster))
        while window := list(islice(paths, WINDOW)):
            rows = _data_set(ray, cluster, window, (model, weights, verb, arguments))
            try:
                for row in rows.iter_rows():
                    on_answer(int(row["pid"]), float(row["at"]))
                    yield pickle.loads(row["answer"])
            except ray.exceptions.RayError as error:
                raise CourseError(f"The workers could not do it: {_cause(error)}") from error


def _data_set(ray, cluster: Cluster, paths: list[str], job: tuple):
    """Return the rows of all answers, not computed yet."""
    import pandas as pd
    import ray.data

    _quiet(ray)
    workers, cards = size_of(cluster)
    size = block_size(len(paths))
    names = [path.encode(*SPELLING) for path in paths]
    blocks = [names[start : start + size] for start in range(0, len(names), size)]
    listed = ray.data.from_pandas([pd.DataFrame({"path": block}) for block in blocks])
    threads = max(1, (os.cpu_count() or 1) // workers) if cluster.is_local else 0
    # An actor that dies is started anew, and what it had in hand is given out again: Ray Data's own habit.
    return listed.map_batches(
        Worker,
        fn_constructor_args=(*job, os.getcwd(), threads),
        batch_size=None,
        batch_format="numpy",
        compute=ray.data.ActorPoolStrategy(size=min(workers, len(blocks))),
        num_cpus=1,
        num_gpus=cards or None,
    )


def block_size(count: int) -> int:
    """Return how many pictures are given out together: whole batches, so that they meet in the same ones as in one process."""
    return BATCH * max(1, -(-count // (BATCH * MOST_BLOCKS)))


def _quiet(ray) -> None:
    """Leave the progress bar to us, and keep the order of the list."""
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = context.print_on_execution_start = False
    context.execution_options.preserve_order = True
    context.enable_auto_log_stats = False
    for name in ("ray.data", "ray"):
        logging.getLogger(name).setLevel(logging.ERROR)


def paths_of(inputs) -> Iterator[str]:
    """Yield the path of each picture of paths and folders, in the order in which one process would read them."""
    from course_lib.media.images import SUFFIXES, is_single
    from course_lib.media.paths import files_in

    for given in [inputs] if isinstance(inputs, str | Path) else inputs:
        if is_single(given):
            yield str(given)
            continue
        found = map(str, files_in(expanded(given), SUFFIXES))
        # An empty folder is an answer too: the worker says what is wrong with it.
        yield next(found, str(given))
        yield from found


def _cause(error: Exception) -> str:
    """Return the innermost error's line: Ray wraps what a worker raised."""
    cause = getattr(error, "cause", None) or error
    lines = [line for line in str(cause).strip().splitlines() if line.strip()]
    return lines[-1].strip() if lines else type(cause).__name__
