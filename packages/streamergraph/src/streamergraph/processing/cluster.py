"""Where who watched whom is counted, as the user says it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from streamergraph.errors import StreamergraphError

if TYPE_CHECKING:
    from streamergraph.processing.spark_session import Cluster

CLUSTER_HELP = (
    "Count on Spark: `spark://HOST:7077`, Spark Connect as `sc://HOST:15002`, or `local[N]` for a trial "
    "with N cores of this machine (the extra `spark`). What is found is the same. Default: DuckDB, here."
)
ADDRESS = re.compile(r"local\[(?:[1-9]\d*|\*)\]|spark://[^\s/]+|sc://\S+")


def check_cluster(cluster: str | None) -> None:
    """Raise StreamergraphError for what is no address of a cluster.

    >>> check_cluster("local[2]")
    >>> check_cluster("local[0]")
    Traceback (most recent call last):
    streamergraph.errors.StreamergraphError: --cluster: ... found local[0]; say how many cores, ...
    >>> check_cluster("host:7077")
    Traceback (most recent call last):
    streamergraph.errors.StreamergraphError: --cluster: expected spark://HOST:PORT, ... found host:7077; ...
    """
    if cluster is not None and not ADDRESS.fullmatch(cluster):
        raise StreamergraphError(
            "--cluster",
            expected="spark://HOST:PORT, sc://HOST:PORT or local[N]",
            found=cluster,
            remedy="say how many cores, from local[1] on"
            if cluster.startswith("local")
            else "give the address of Spark's master, or of its Connect server",
        )


@contextmanager
def engine_at(
    address: str | None, *, memory_gib: float, spill: Path | None
) -> Iterator[Cluster | None]:
    """One session for all slices; none without an address (see `connected`)."""
    if address is None:
        yield None
        return
    from streamergraph.processing.spark_session import connected
    from streamergraph.progress import step

    with ExitStack() as held:
        with step("start Spark"):
            engine = held.enter_context(connected(address, memory_gib=memory_gib, spill=spill))
        yield engine
