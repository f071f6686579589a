"""Where tasks run, as the user says it."""

from __future__ import annotations

import re

from twostream.errors import TwostreamError
from twostream.execution.executor import Executor
from twostream.execution.processes import LocalProcesses

CLUSTER_HELP = (
    "Work on a Dask cluster: the address of its scheduler, such as `tcp://host:8786`, or `local:N` for a "
    "trial with N processes here (the extra `dask`)."
)
ADDRESS = re.compile(r"(?:tcp|tls|ws|wss|ucx)://\S+:\d+(?:/\S*)?|local:[1-9]\d*")


def check_cluster(cluster: str | None) -> None:
    """Raise TwostreamError for what is no address of a cluster.

    >>> check_cluster("local:2")
    >>> check_cluster("local:0")
    Traceback (most recent call last):
    twostream.errors.TwostreamError: --cluster: ... found local:0; say how many processes, from local:1 on
    >>> check_cluster("host:8786")
    Traceback (most recent call last):
    twostream.errors.TwostreamError: --cluster: expected tcp://HOST:PORT, or local:N, found host:8786; ...
    >>> check_cluster("localhost:8786")
    Traceback (most recent call last):
    twostream.errors.TwostreamError: --cluster: ... give the address that `dask scheduler` prints
    """
    if cluster is not None and not ADDRESS.fullmatch(cluster):
        local = re.fullmatch(r"local(\W.*)?", cluster)
        raise TwostreamError(
            "--cluster",
            expected="tcp://HOST:PORT, or local:N",
            found=cluster,
            remedy="say how many processes, from local:1 on"
            if local
            else "give the address that `dask scheduler` prints",
        )


def reach_cluster(cluster: str | None) -> None:
    """Raise TwostreamError where a cluster is named that does not answer: before anything is written."""
    if cluster is not None:
        from twostream.execution.dask_connection import reach

        reach(cluster)


def executor_for(
    cluster: str | None, *, workers: int, timeout_seconds: float = float("inf")
) -> Executor:
    """Processes of this machine, or a cluster where one is named.

    >>> executor_for(None, workers=2)
    LocalProcesses(workers=2, timeout_seconds=inf)
    """
    if cluster is None:
        return LocalProcesses(workers, timeout_seconds=timeout_seconds)
    from twostream.execution.dask_cluster import DaskCluster

    return DaskCluster(cluster, timeout_seconds=timeout_seconds)
