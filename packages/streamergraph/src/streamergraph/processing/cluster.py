"""Where who watched whom is counted, as the user says it."""

from __future__ import annotations

import re

from streamergraph.errors import StreamergraphError

CLUSTER_HELP = (
    "Count on Spark: `spark://HOST:7077`, Spark Connect as `sc://HOST:15002`, or `local[N]` for a trial "
    "with N cores of this machine (the extra `spark`). The tables are the same. Default: DuckDB, here."
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
