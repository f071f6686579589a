"""Communities followed over several dates: which is which, and who moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from streamergraph.audience_graph.same_streamers import same_by
from streamergraph.communities.comparison import match_communities
from streamergraph.communities.result import Communities


@dataclass(frozen=True, kw_only=True)
class Line:
    """One community through time: its number, and by date the community's number there and its size.

    `name` is that of its last date.
    """

    line: int
    name: str
    communities: dict[str, int]
    sizes: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class Followed:
    """Dates in order, their lines, and what streamers did from each date to the next.

    `members`: date, streamer_id, name, line (-1: in no numbered community). `flows`: date, next, from,
    to, streamers (how many went; -1 stands for none). `moves`: date, next, streamer_id, name, from,
    to, for those in both dates whose line is another one.
    """

    dates: tuple[str, ...]
    lines: list[Line]
    members: pl.DataFrame
    flows: pl.DataFrame
    moves: pl.DataFrame


def follow(found: Sequence[tuple[str, Communities]]) -> Followed:
    """Give communities of consecutive dates the same line where they are the same.

    They are matched one to one from date to date by the streamers in both (`match_communities`); what
    has no forerunner begins a line. Lines are numbered by the date of their beginning, then by size.
    """
    lines: list[Line] = []
    members: list[pl.DataFrame] = []
    flows: list[pl.DataFrame] = []
    moves: list[pl.DataFrame] = []
    before: tuple[str, pl.DataFrame] | None = None
    for date, communities in found:
        now = communities.labels.with_columns(shown="name", name=pl.col("name").str.to_lowercase())
        known = {} if before is None else _continued(before[1], now)
        for one in sorted(communities.described, key=lambda c: c.community):
            if one.community < 0:
                continue
            line = known.get(one.community)
            if line is None:
                line = len(lines)
                known[one.community] = line
                lines.append(Line(line=line, name=one.name, communities={}, sizes={}))
            old = lines[line]
            lines[line] = Line(
                line=line,
                name=one.name,
                communities={**old.communities, date: one.community},
                sizes={**old.sizes, date: one.size},
            )
        now = now.with_columns(
            line=pl.col("community").replace_strict(known, default=-1, return_dtype=pl.Int64)
        ).select("streamer_id", "name", "shown", "line")
        rows = now.select(pl.lit(date).alias("date"), "streamer_id", pl.col("shown"), "line")
        members.append(rows.rename({"shown": "name"}))
        if before is not None:
            both = _both(before[1], now)
            dates = {"date": pl.lit(before[0]), "next": pl.lit(date)}
            flows.append(
                both.group_by("from", "to")
                .agg(pl.len().cast(pl.Int64).alias("streamers"))
                .sort("from", "to")
                .select(**dates, **{name: pl.col(name) for name in ("from", "to", "streamers")})
            )
            moves.append(
                both.filter(pl.col("from") != pl.col("to"))
                .sort("streamer_id")
                .select(
                    **dates,
                    streamer_id=pl.col("streamer_id"),
                    name=pl.col("shown"),
                    **{name: pl.col(name) for name in ("from", "to")},
                )
            )
        before = date, now
    return Followed(
        dates=tuple(date for date, _ in found),
        lines=lines,
        members=pl.concat(members),
        flows=pl.concat(flows) if flows else pl.DataFrame(),
        moves=pl.concat(moves) if moves else pl.DataFrame(),
    )


def _both(before: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """Streamers of both dates with their lines `from` and `to`, named as they are now."""
    key = same_by(before, now)
    left = before.unique(key, keep="none").select(key, pl.col("line").alias("from"))
    return now.unique(key, keep="none").join(left, on=key).rename({"line": "to"})


def _continued(before: pl.DataFrame, now: pl.DataFrame) -> dict[int, int]:
    """The lines that communities of now continue, by their numbers."""
    both = _both(before, now.select("streamer_id", "name", pl.col("community").alias("line")))
    numbered = both.filter((pl.col("from") >= 0) & (pl.col("to") >= 0))
    if not numbered.height:
        return {}
    matches = match_communities(numbered["from"].to_numpy(), numbered["to"].to_numpy())
    return {
        match.after: match.before
        for match in matches
        if match.after is not None and match.before is not None
    }
