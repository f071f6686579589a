"""The verb `query`: ask a graph database."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from streamergraph.paths import path_or_none
from streamergraph.verbs.paths import InputOrAddress, OutputPath, checks_paths


@checks_paths
def query(
    graph: InputOrAddress,
    name: str | None = None,
    *,
    cypher: str | None = None,
    streamer: str = "",
    percent: float = 50.0,
    tag: str = "Open World",
    other_tag: str = "Strategy",
    category: str = "Just Chatting",
    since: str = "2022-05-05",
    limit: int = 20,
    out: OutputPath | None = None,
    timeout_seconds: float = 30.0,
) -> tuple[list[str], list[Any]]:
    """Answer a question with a name (without NAME: list them), or run a Cypher text.

    Parameters
    ----------
    graph
        A Ladybug database made by `model`, or the address of a Bolt server.
    name
        paths, overlap, minutes-of-tag, minutes-of-category, categories, compare-tags, new-releases,
        streamer or count.
    cypher
        A query of your own, in place of NAME.
    streamer
        Name or id of a streamer; ids may be negative.
    percent
        For `overlap`: the share of an audience, in per cent, above which a streamer is named.
    tag
        For questions about a tag of games, and the first one of `compare-tags`.
    other_tag
        The second tag of `compare-tags`.
    category
        For `minutes-of-category`: its name.
    since
        For `new-releases`: the first day (YYYY-MM-DD) on which a game came out.
    limit
        How many rows at most.
    out
        Also write the answer as CSV.
    timeout_seconds
        How long to wait for a server.
    """
    from streamergraph.atomic import write_csv
    from streamergraph.errors import StreamergraphError
    from streamergraph.graphs.bolt import is_bolt, query_bolt
    from streamergraph.graphs.ladybug import query_ladybug
    from streamergraph.graphs.queries import QUERIES, streamer_id
    from streamergraph.verbs.printing import say_table

    graph, out = os.fspath(graph), path_or_none(out)
    if name is None and cypher is None:
        rows: list[Any] = [[key, one.says] for key, one in QUERIES.items()]
        say_table("questions", ["name", "answers"], rows)
        return ["name", "answers"], rows
    parameters: dict[str, Any] = {}
    if cypher is None:
        if name not in QUERIES:
            raise StreamergraphError(
                "NAME", expected=" or ".join(QUERIES), found=str(name), remedy="choose one of them"
            )
        if "id" in QUERIES[name].parameters and not streamer:
            raise StreamergraphError(
                "--streamer", expected="a name or an id", found="none", remedy="name one"
            )
        values = {
            "id": streamer_id(streamer),
            "name": streamer,
            "percent": percent,
            "tag": tag,
            "other": other_tag,
            "category": category,
            "since": since,
            "limit": limit,
        }
        cypher = QUERIES[name].cypher
        parameters = {key: values[key] for key in QUERIES[name].parameters}
    elif name is not None:
        raise StreamergraphError(
            "--cypher", expected="either NAME or --cypher", found="both", remedy="leave one out"
        )
    if is_bolt(graph):
        columns, answer = query_bolt(graph, cypher, parameters, timeout_seconds=timeout_seconds)
    else:
        columns, answer = query_ladybug(Path(graph), cypher, parameters)
    say_table(name or "answer", columns, [[_shown(value) for value in row] for row in answer])
    if out is not None:
        write_csv(out, columns, answer)
    return columns, answer


def _shown(value: Any) -> Any:
    """Six digits of a fraction: `--out` has them all."""
    return f"{value:.6g}" if isinstance(value, float) and abs(value) < 1e6 else value
