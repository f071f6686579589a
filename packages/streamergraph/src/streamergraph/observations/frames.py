"""Looks as the rows of a store's tables."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

import numpy as np
import polars as pl

from streamergraph.observations.identity import folded, number_of_name
from streamergraph.observations.looks import Look, SeenStream
from streamergraph.observations.schema import (
    AUTHORS,
    CATEGORIES,
    CHANNELS,
    COVERAGE,
    KINDS,
    LOSSES,
    MEMBERS,
    MISSING,
    OBSERVATIONS,
    RUNS,
    SCHEMAS,
    STORED,
)

Frames = dict[str, pl.DataFrame]


def frames_of(looks: Sequence[Look]) -> Frames:
    """All tables of `looks`; streams only of those that are stored."""
    stored = [
        (look, stream, channel_id_of(stream))
        for look in looks
        if look.status == STORED and look.time is not None
        for stream in look.streams
    ]
    observations = [row for item in stored for row in _observations(*item)]
    channels = [
        (channel, folded(stream.login) if stream.login else None, stream.name, look.time)
        for look, stream, channel in stored
    ]
    categories = [
        (category_id_of(stream), stream.category, stream.igdb_id, look.time)
        for look, stream, _ in stored
        if stream.category
    ]
    return {
        OBSERVATIONS: pl.DataFrame(observations, schema=SCHEMAS[OBSERVATIONS], orient="row"),
        **{kind: _presences(kind, stored) for kind in KINDS},
        CHANNELS: _names(CHANNELS, channels),
        CATEGORIES: _names(CATEGORIES, categories),
    }


def run_frames(looks: Iterable[Look]) -> Frames:
    """What became of each look, and what was not understood in it."""
    listed = list(looks)
    now = datetime.datetime.now(datetime.UTC)
    return {
        RUNS: pl.DataFrame(
            [
                (
                    look.run_id, look.source, look.file, look.language, look.time, look.planned,
                    look.started, look.ended, look.status, len(look.streams), look.presences,
                    look.problem, look.digest, look.size_bytes, look.modified_ns, now,
                )
                for look in listed
            ],
            schema=SCHEMAS[RUNS],
            orient="row",
        ),
        LOSSES: pl.DataFrame(
            [
                (look.run_id, look.file, reason, count, now)
                for look in listed
                for reason, count in sorted(look.losses.items())
            ],
            schema=SCHEMAS[LOSSES],
            orient="row",
        ),
    }  # fmt: skip


def channel_id_of(stream: SeenStream) -> int:
    """The platform's id of a channel, else the number of its login or name."""
    if stream.user_id is not None:
        return stream.user_id
    return number_of_name(stream.login or stream.name or "")


def category_id_of(stream: SeenStream) -> int | None:
    """The platform's id of a category, else the number of its name; None where there is none."""
    if stream.category_id is not None or not stream.category:
        return stream.category_id
    return number_of_name(stream.category)


def _observations(look: Look, stream: SeenStream, channel: int) -> list[tuple[Any, ...]]:
    lists = {MEMBERS: stream.members, AUTHORS: stream.authors}
    coverages = [COVERAGE[kind] for kind, viewers in lists.items() if viewers is not None]
    return [
        (
            look.time, channel, stream.viewers, category_id_of(stream),
            stream.language or look.language, look.source, coverage, stream.width_minutes,
        )
        for coverage in coverages or [MISSING]
    ]  # fmt: skip


def _presences(kind: str, stored: Sequence[tuple[Look, SeenStream, int]]) -> pl.DataFrame:
    listed = [
        (channel, look.time, viewers)
        for look, stream, channel in stored
        if (viewers := stream.members if kind == MEMBERS else stream.authors)
    ]
    listed.sort(key=lambda row: row[:2])
    count = np.fromiter((len(viewers) for *_, viewers in listed), np.int64, len(listed))
    chained = chain.from_iterable(viewers for *_, viewers in listed)
    viewer = np.fromiter(chained, np.int64, int(count.sum()))
    schema = {name: SCHEMAS[kind][name] for name in ("channel_id", "time")}
    places = pl.DataFrame([row[:2] for row in listed], schema=schema, orient="row")
    within = np.repeat(np.arange(len(listed)), count)
    frame = places[within].with_columns(viewer=viewer).select(list(SCHEMAS[kind]))
    in_order = (np.diff(viewer) > 0) | (np.diff(within) > 0)
    return frame if in_order.all() else frame.unique().sort("channel_id", "time", "viewer")


def _names(table: str, rows: list[tuple[Any, ...]]) -> pl.DataFrame:
    names = [name for name in SCHEMAS[table] if name not in ("valid_from", "valid_until")]
    schema = {**{name: SCHEMAS[table][name] for name in names}, "time": pl.Datetime("us", "UTC")}
    return (
        pl.DataFrame(rows, schema=schema, orient="row")
        .group_by(names)
        .agg(pl.col("time").min().alias("valid_from"), pl.col("time").max().alias("valid_until"))
        .sort(names)
    )
