"""Which kind of audience a graph is of. The kinds are never mixed: authors are few of the members."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from streamergraph.errors import StreamergraphError
from streamergraph.observations.schema import AUTHORS, COVERAGE, KINDS, MEMBERS

SLACK = "INTERVAL 1 HOUR"  # how much later than another kind one may begin, or earlier end


@dataclass(frozen=True, kw_only=True)
class AudienceChoice:
    """The kind of audience, and the channels that it leaves out or covers in part (by name)."""

    kind: str
    left_out: tuple[str, ...] = ()
    in_part: tuple[str, ...] = ()
    channels: dict[str, int]  # with each kind, at any time

    @property
    def coverage(self) -> str:
        """The coverage of observations that have this kind."""
        return COVERAGE[self.kind]


def choose_audience(connection: duckdb.DuckDBPyConnection, wanted: str | None) -> AudienceChoice:
    """The kind that was `wanted`; else members, if all channels have them over the whole time.

    Else authors, if these are had by all; else the kind that more channels have. Raises
    StreamergraphError for a kind that no channel has.
    """
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE kinds_of_channels AS
        SELECT channel_id,
               count(*) FILTER (coverage = 'full') > 0 AS has_members,
               count(*) FILTER (coverage = 'authors') > 0 AS has_authors,
               min(time) FILTER (coverage = 'full') AS first_members,
               max(time) FILTER (coverage = 'full') AS last_members,
               min(time) FILTER (coverage = 'authors') AS first_authors,
               max(time) FILTER (coverage = 'authors') AS last_authors,
               min(time) AS first, max(time) AS last
        FROM observed WHERE coverage != 'missing' GROUP BY channel_id
        """
    )
    with_kind: dict[str, int] = {}
    whole: dict[str, bool] = {}
    for kind in KINDS:
        row = connection.execute(
            f"SELECT count(*) FILTER (has_{kind}), bool_and({_whole(kind)}) FROM kinds_of_channels"
        ).fetchone()
        with_kind[kind], whole[kind] = (int(row[0]), bool(row[1])) if row else (0, False)
    more = AUTHORS if with_kind[AUTHORS] > with_kind[MEMBERS] else MEMBERS
    kind = wanted or next((one for one in KINDS if whole[one]), more)
    if not with_kind[kind] and (wanted is not None or any(with_kind.values())):
        had = " or ".join(one for one in KINDS if with_kind[one])
        raise StreamergraphError(
            "--audience",
            expected=f"a kind of audience that the store has ({had or 'it has none'})",
            found=kind,
            remedy="leave it out, or choose the other kind",
        )
    return AudienceChoice(
        kind=kind,
        left_out=_listed(connection, f"NOT has_{kind}"),
        in_part=_listed(connection, f"has_{kind} AND NOT {_whole(kind)}"),
        channels=with_kind,
    )


def _whole(kind: str) -> str:
    return f"coalesce(first_{kind} <= first + {SLACK} AND last_{kind} >= last - {SLACK}, false)"


def _listed(connection: duckdb.DuckDBPyConnection, rule: str) -> tuple[str, ...]:
    rows = connection.execute(
        "SELECT coalesce(name, channel_id::VARCHAR) AS said FROM kinds_of_channels "
        f"LEFT JOIN names ON id = channel_id WHERE {rule} ORDER BY said"
    ).fetchall()
    return tuple(said for (said,) in rows)
