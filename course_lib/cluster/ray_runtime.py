"""Ray, started and stopped: as small as it goes on this machine, or joined where it runs."""

import logging
import os
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from course_lib.cluster.address import Cluster, need_ray
from course_lib.errors import CourseError, first_line
from course_lib.quiet import quiet_start

STORE = 100 << 20  # bytes of shared memory for what travels between workers; what does not fit goes to disk
# An address that no other machine reaches. Ray takes 127.0.0.1 for a mistake, and looks for itself on the network instead;
# elsewhere than on Linux, it stays on this machine by itself.
HERE = "127.0.0.2" if sys.platform == "linux" else None
PATIENCE = 10  # seconds for a machine to take a call; a network that is far away takes one
TRIES = 3  # a busy machine may take longer to start Ray's processes than Ray waits


@contextmanager
def connected(cluster: Cluster) -> Iterator:
    """Be part of a cluster inside the block; one that was started here is gone after it.

    Where this process is part of one already, that is used and left alone.

    Args:
        cluster: where to.

    Yields:
        The module `ray`.

    Raises:
        CourseError: Ray is not installed, can't be started, or nothing answers at the address.
    """
    need_ray()
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # nothing is sent to anybody
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    # Ray ends a machine whose helpers take longer than 15 s to start, as they do on a busy one.
    os.environ.setdefault("RAY_agent_register_timeout_ms", "120000")
    with quiet_start():
        import ray

    if ray.is_initialized():
        yield ray
        return
    with _local(cluster.workers) if cluster.is_local else _joined(cluster.address):
        yield ray


@contextmanager
def _joined(address: str) -> Iterator[None]:
    import ray

    # Ray would try for minutes, also where something answers that is no Ray: twenty times, 40 seconds each.
    os.environ.setdefault("RAY_gcs_server_port_wait_time_s", "1")
    try:
        _call(address)
        with quiet_start(replay=False):
            ray.init(address=address, logging_level=logging.ERROR, log_to_driver=False)
    except Exception as error:
        where = "on this machine" if address == "auto" else f"at {address}"
        raise CourseError(
            f"No Ray cluster answers {where}: start one with `ray start --head`, or use --cluster local:2."
        ) from error
    try:
        yield
    finally:
        _leave()


def _call(address: str) -> None:
    """Raise OSError unless somebody takes the call at HOST:PORT or ray://HOST:PORT; "auto" Ray looks for itself."""
    if address == "auto":
        return
    import ray

    host, _, port = address.removeprefix("ray://").rpartition(":")
    host = host.strip("[]")
    # These Ray, too, takes for this machine's address on the network.
    if host in ("localhost", "127.0.0.1", "::1") and not address.startswith("ray:"):
        host = ray.util.get_node_ip_address()
    socket.create_connection((host, int(port)), PATIENCE).close()


@contextmanager
def _local(workers: int) -> Iterator[None]:
    """Start a Ray of this process's own, without monitor and dashboard: a folder of its own, free ports, closed to others."""
    import ray
    from ray.cluster_utils import Cluster as Nodes

    # Sockets lie in this folder, and a socket's path has 107 letters at most.
    with tempfile.TemporaryDirectory(prefix="ray-", dir=_short_place(), ignore_cleanup_errors=True) as folder:
        few = {"num_cpus": workers, "no_monitor": True, "include_log_monitor": False, "include_dashboard": False, "node_ip_address": HERE,
               "object_store_memory": STORE, "temp_dir": folder}  # fmt: skip
        in_front = (
            threading.current_thread() is threading.main_thread()
        )  # only there can signals be listened to
        for attempt in range(TRIES):
            nodes = None
            try:
                with quiet_start(replay=False):
                    nodes = Nodes(initialize_head=True, shutdown_at_exit=in_front, head_node_args=few)
                    ray.init(
                        address=nodes.address,
                        _node_ip_address=HERE,
                        logging_level=logging.ERROR,
                        log_to_driver=False,
                    )
                break
            except Exception as error:
                _leave(nodes)
                _end_leftovers(folder)
                if attempt == TRIES - 1:
                    raise CourseError(f"Ray did not start on this machine: {first_line(error)}") from error
        try:
            yield
        finally:
            _leave(nodes)
            _end_leftovers(folder)


def _end_leftovers(folder: str) -> None:
    """End what belongs to this Ray and still runs: of a start that failed, Ray forgets the processes."""
    import psutil  # comes with Ray

    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if any(folder in word for word in process.cmdline()):
                process.kill()
                process.wait(10)


def _leave(nodes=None) -> None:
    import ray

    with suppress(Exception), quiet_start(replay=False):
        ray.shutdown()
        if nodes is not None:
            nodes.shutdown()


def _short_place() -> str | None:
    """Return a folder for temporary files with a short name, if the usual one's is long."""
    return "/tmp" if len(tempfile.gettempdir()) > 20 and os.access("/tmp", os.W_OK) else None


def size_of(cluster: Cluster) -> tuple[int, int]:
    """Return how many workers a cluster takes, and the graphics cards of each.

    On a Ray cluster that is one for each graphics card, or for each machine where there is none. A machine that offers no
    processor, as a head often does, takes no worker: to ask for one there would be to wait for ever.

    Raises:
        CourseError: no machine of the cluster offers a processor.
    """
    import ray

    if cluster.is_local:
        return cluster.workers, 0
    if cards := int(ray.cluster_resources().get("GPU", 0)):
        return cards, 1
    workers = sum(node["Alive"] and node["Resources"].get("CPU", 0) >= 1 for node in ray.nodes())
    if not workers:
        raise CourseError(
            f"No machine of {cluster} offers a processor: start one with `ray start --address HOST:PORT --num-cpus 1`."
        )
    return workers, 0
