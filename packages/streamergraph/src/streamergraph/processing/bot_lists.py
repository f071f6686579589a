"""A list of bots of our own making: pseudonyms, by which rule, and what they did; no login is in it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from streamergraph.atomic import atomic_path
from streamergraph.errors import StreamergraphError
from streamergraph.observations.reading import readable
from streamergraph.observations.store import Store
from streamergraph.processing.bots import CHANNELS, find_bots, most_at_once
from streamergraph.processing.database import database
from streamergraph.processing.kinds import choose_audience
from streamergraph.processing.observed import observe
from streamergraph.processing.places import place_of
from streamergraph.processing.slices import Slice
from streamergraph.processing.watching import watch

if TYPE_CHECKING:
    from streamergraph.processing.spark_session import Cluster

KEY, BOTS, ALLOWED = "key_fingerprint", "bots", "allowed"
PSEUDONYM = "pseudonym"
COLUMNS = {"viewer": pl.Int64(), "rule": pl.String(), "chats": pl.Int64(), "minutes": pl.Int64()}


@dataclass(frozen=True, kw_only=True)
class FoundBots:
    """`rows`: viewer, rule, chats (all that they were in), minutes. `removed`: as `find_bots` tells.

    `most_at_once` is in how many chats at one moment anybody was, where the rule for that found nobody.
    """

    rows: pl.DataFrame
    removed: dict[str, dict[str, int]]
    kind: str
    most_at_once: int | None = None


def bots_of_store(
    store: Store,
    slice_: Slice,
    *,
    listed: frozenset[int],
    allowed: frozenset[int],
    channels: int | None,
    memory_gib: float,
    spill: Path | None = None,
    cluster: Cluster | None = None,
) -> FoundBots:
    """Who of those that were seen in a slice of `store` is a bot, by list and by rule (see `find_bots`).

    With a `cluster` presences are counted there; who is found is the same.
    """
    with (
        readable(store, spill=spill) as current,
        database(memory_gib=memory_gib, spill=spill) as connection,
        place_of(connection, current, cluster, memory_gib) as place,
    ):
        observe(connection, current, slice_, renames={}, as_published=False)
        choice = choose_audience(connection, slice_.audience)
        watch(place, slice_, choice, every_look=True)
        removed = find_bots(
            place, slice_, choice, listed=listed, allowed=allowed, channels=channels
        )
        most = None
        if channels is not None and not removed[CHANNELS]["accounts"]:
            most = most_at_once(place, slice_, choice)
        rows = place.rows(
            "SELECT viewer, rule, count(DISTINCT channel_id) AS chats, "
            "CAST(round(sum(minutes)) AS BIGINT) AS minutes "
            "FROM watched JOIN bots USING (viewer) "
            "GROUP BY viewer, rule ORDER BY rule, chats DESC, viewer"
        )
    frame = pl.DataFrame(rows, schema=COLUMNS, orient="row")
    return FoundBots(rows=frame, removed=removed, kind=choice.kind, most_at_once=most)


def write_bots(
    path: Path,
    found: FoundBots,
    *,
    listed: frozenset[int],
    allowed: frozenset[int],
    fingerprint: str,
) -> None:
    """Write who was found, and those of the lists who were not seen yet: for later stores under the key."""
    seen = set(found.rows["viewer"].to_list())
    value = {
        KEY: fingerprint,
        BOTS: [
            {PSEUDONYM: str(viewer), "rule": rule, "chats": chats, "minutes": minutes}
            for viewer, rule, chats, minutes in found.rows.iter_rows()
        ]
        + [
            {PSEUDONYM: str(viewer), "rule": "list", "chats": 0, "minutes": 0}
            for viewer in sorted(listed - allowed - seen)
        ],
    }
    with atomic_path(path, private=True) as temporary:
        temporary.write_text(json.dumps(value, indent=0) + "\n", encoding="utf-8")


def is_ours(value: Any) -> bool:
    """Whether a JSON value is a list that `write_bots` has made."""
    return isinstance(value, dict) and KEY in value and isinstance(value.get(BOTS), list)


def pseudonyms_of(path: Path, value: dict[str, Any], fingerprint: str) -> frozenset[int]:
    """The bots of such a list; raises StreamergraphError for another key, or what is no pseudonym."""
    if value[KEY] != fingerprint:
        raise StreamergraphError(
            path,
            expected=f"bots under the key of the store ({fingerprint})",
            found=f"another key ({value[KEY]})",
            remedy="make the list again with `streamergraph bots` and this key",
        )
    try:
        return frozenset(int(one[PSEUDONYM]) for one in value[BOTS])
    except (KeyError, TypeError, ValueError):
        raise StreamergraphError(
            path, expected="pseudonyms as `streamergraph bots` writes them", found="something else",
            remedy="make the list again",
        ) from None  # fmt: skip
