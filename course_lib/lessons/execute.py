"""Running a notebook's cells in a fresh kernel of this very Python."""

from collections.abc import Callable, Mapping
from pathlib import Path

import nbclient
import nbformat
from jupyter_client.kernelspec import NoSuchKernel
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from traitlets.config import Config

from course_lib.errors import CourseError

CELL_TIMEOUT = 600
# Without keys for its sockets each kernel prints a warning; managers that know no such setting pass over it.
QUIET = Config({"KernelManager": {"transport_encryption": "auto"}})


def execute(
    notebook: nbformat.NotebookNode,
    folder: Path,
    environment: Mapping[str, str] | None = None,
    on_cell: Callable[[], None] = lambda: None,
) -> None:
    """Run all cells in place, with the outputs put into the notebook.

    Args:
        notebook: the notebook; its outputs are replaced.
        folder: the kernel's working folder.
        environment: the kernel's environment variables; this process's own if None.
        on_cell: called after each code cell.

    Raises:
        CourseError: if a cell fails, in one line with the cell's number and the error.
    """
    running = [0]

    def started(cell_index: int, **_) -> None:
        running[0] = cell_index

    client = nbclient.NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT,
        kernel_name="python3",
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(folder)}},
        on_cell_execute=started,
        on_cell_executed=lambda **_: on_cell(),
        config=QUIET,
    )
    try:
        client.execute(**({"env": dict(environment)} if environment is not None else {}))
    except CellExecutionError as error:
        raise CourseError(f"cell {running[0] + 1} failed with {error.ename}: {error.evalue}") from error
    except CellTimeoutError as error:
        raise CourseError(f"cell {running[0] + 1} ran for more than {CELL_TIMEOUT} s") from error
    except NoSuchKernel as error:
        raise CourseError(
            "there is no Jupyter kernel in this environment: `pip install ipykernel`"
        ) from error
    except DeadKernelError as error:
        raise CourseError(f"the kernel died in cell {running[0] + 1}; was there enough memory?") from error
