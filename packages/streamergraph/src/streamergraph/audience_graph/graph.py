"""One graph of streamers: who is in it, what weighs a relation, and a hash of all that."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from functools import cached_property

import numpy as np
import polars as pl

from streamergraph.audience_graph.weighted import WeightedGraph
from streamergraph.tables.facts import how_made
from streamergraph.tables.schema import CATEGORIES, OVERLAPS, PLAYED, SCHEMAS, STREAMERS
from streamergraph.tables.tables import Tables, top_streamers
from streamergraph.tables.weights import MEASURE_COLUMNS, Weight

HASH_DIGITS = 16


@dataclass(frozen=True, kw_only=True)
class AudienceGraph:
    """Streamers (nodes), their relations (edges) and what weighs these.

    `tables` hold what is known of both in canonical order, other measures too; `weight` is the one
    that was chosen. `hash` tells the graph apart from every other: it is over the streamers and
    their numbers, what they played, the relations with the chosen weight, and how the tables were
    made. Facts that are added later (Steam, links) and other measures do not change it.
    """

    tables: Tables
    weight: Weight
    hash: str

    @property
    def measure(self) -> str:
        """The chosen measure by its name in ``process --measure``, else the column's name."""
        facts = self.tables.facts
        if facts.weight == self.weight.column:
            return facts.measure
        names = {column: name for name, column in reversed(MEASURE_COLUMNS.items())}
        return names.get(self.weight.column, self.weight.column)

    @property
    def made(self) -> str:
        """The sentences that every output carries: weight, how the tables were made, the hash."""
        return f"{self.weight.sentence} {how_made(self.tables.facts)} {self.named}"

    @property
    def named(self) -> str:
        """The hash as a sentence."""
        return f"Graph {self.hash}."

    @cached_property
    def weighted(self) -> WeightedGraph:
        """Nodes by id and edges with the chosen weight, as arrays."""
        overlaps = self.tables.overlaps
        node_ids = self.tables.streamers["streamer_id"].to_numpy()
        return WeightedGraph(
            node_ids=node_ids,
            a=np.searchsorted(node_ids, overlaps["streamer_id_a"].to_numpy()),
            b=np.searchsorted(node_ids, overlaps["streamer_id_b"].to_numpy()),
            weight=overlaps[self.weight.column].cast(pl.Float64).to_numpy(),
        )


def graph_of(tables: Tables, *, top: int | None = None, weight: str | None = None) -> AudienceGraph:
    """The graph of `tables`: all streamers, or the `top` with the most viewers on average.

    `weight` is a column of the overlaps, by default the measure that `process` was asked for. The
    order of rows in the tables makes no difference. Raises StreamergraphError for a column that
    cannot weigh (see `choose_weight`) and for a `top` below 1.
    """
    if top is not None:
        tables = top_streamers(tables, top)
    tables = replace(
        tables,
        **{schema.name: getattr(tables, schema.name).sort(schema.unique) for schema in SCHEMAS},
    )
    chosen = tables.weight(weight)
    return AudienceGraph(tables=tables, weight=chosen, hash=_hash(tables, chosen))


def _hash(tables: Tables, weight: Weight) -> str:
    digest = hashlib.blake2b(digest_size=HASH_DIGITS // 2)
    facts = {"weight": weight.column, **asdict(tables.facts)}
    digest.update(json.dumps(facts, sort_keys=True).encode())
    numbers = [c.name for c in STREAMERS.columns if c.required]
    for frame, names in (
        (tables.streamers, numbers),
        (tables.categories, [CATEGORIES.unique[0], "name"]),
        (tables.played, [column.name for column in PLAYED.columns]),
        (tables.overlaps, [*OVERLAPS.unique, weight.column]),
    ):
        digest.update(f"{frame.height};".encode())
        for name in names:
            _add(digest, frame[name])
    return digest.hexdigest()


def _add(digest: hashlib.blake2b, values: pl.Series) -> None:
    if values.has_nulls():
        digest.update(values.is_null().to_numpy().tobytes())
    if values.dtype == pl.String:
        texts = values.fill_null("")
        digest.update(texts.str.len_bytes().to_numpy().astype("<i8").tobytes())
        digest.update("".join(texts.to_list()).encode("utf-8", "surrogatepass"))
    else:
        kind = "<f8" if values.dtype.is_float() else "<i8"
        digest.update(values.fill_null(0).to_numpy().astype(kind).tobytes())
