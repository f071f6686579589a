"""What a database behind Bolt holds, and loads into it that are interrupted."""

from __future__ import annotations

import json
import os
import random
import socket
from dataclasses import replace

import polars as pl
import pytest
from streamergraph.audience_graph.graph import graph_of
from streamergraph.graphs import bolt
from streamergraph.graphs.records import known_properties, property_graph


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def low_free_port():
    # This server opens no Bolt port above 32767, and ephemeral ports lie there.
    for port in random.Random(os.getpid()).sample(range(10_000, 32_000), 50):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    pytest.skip("no free port for the test server")
    return 0


BATCH = 25


class Interrupted:
    """A context in which a load is interrupted after so many batches."""

    def __init__(self, count):
        self.count = count

    def __enter__(self):
        self.patch, calls, real = pytest.MonkeyPatch(), [], bolt._run

        def counted(*arguments):
            calls.append(1)
            if len(calls) > self.count:
                raise KeyboardInterrupt
            real(*arguments)

        self.patch.setattr(bolt, "_run", counted)

    def __exit__(self, kind, *_):
        self.patch.undo()
        return kind is KeyboardInterrupt


def contents(session):
    """All that a database holds, as sorted texts: nodes, and relationships between them."""
    node = "labels({0}), properties({0})"
    nodes = session.run(f"MATCH (n) RETURN {node.format('n')}")
    relations = session.run(
        f"MATCH (a)-[r]->(b) RETURN {node.format('a')}, type(r), properties(r), {node.format('b')}"
    )
    return [_sorted_texts(record.values() for record in result) for result in (nodes, relations)]


def contents_of(graph):
    """What a database holds that holds `graph` alone."""
    nodes = {
        (table.label, row[table.key]): [[table.label], known_properties(row)]
        for table in graph.nodes
        for row in table.rows.iter_rows(named=True)
    }
    relations = [
        [
            *nodes[table.start_label, start],
            table.kind,
            dict(zip(table.properties, values, strict=True)),
            *nodes[table.end_label, end],
        ]
        for table in graph.relations
        for start, end, *values in table.rows.iter_rows()
    ]
    return [_sorted_texts(nodes.values()), _sorted_texts(relations)]


def _sorted_texts(rows):
    return sorted(json.dumps(as_served(list(row)), sort_keys=True) for row in rows)


def as_served(value):
    """Fractions with six decimals: this server gives no more through Bolt."""
    return json.loads(
        json.dumps(value, default=float), parse_float=lambda text: round(float(text), 6)
    )


def enriched(tables):
    """The tables with all that is optional: communities, kinds of categories, links."""
    labels = tables.streamers.select("streamer_id", community=pl.lit(3, pl.Int64))
    kinds = {
        "kind": pl.lit("game"),
        "match_method": pl.lit("equal"),
        "match_score": pl.lit(100, pl.Int64),
    }
    links = tables.streamers.with_columns(social_links=pl.lit("somewhere"))
    categories = tables.categories.with_columns(**kinds)
    graph = graph_of(replace(tables, streamers=links, categories=categories))
    return property_graph(graph, labels)
