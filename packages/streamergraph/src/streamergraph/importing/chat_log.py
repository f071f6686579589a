"""Chat logs: who wrote when in which channel."""

from __future__ import annotations

import datetime
from collections import Counter
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from streamergraph.errors import StreamergraphError
from streamergraph.importing.folder import add_snapshots
from streamergraph.importing.snapshots import Snapshot
from streamergraph.importing.times import is_plausible, parse_time
from streamergraph.observations.schema import AUTHORS, STORED
from streamergraph.observations.store import Store
from streamergraph.privacy import Pseudonyms
from streamergraph.progress import step

REQUIRED = ("time", "channel", "user")


def import_chat_log(
    path: Path,
    store: Store,
    *,
    zone: ZoneInfo,
    pseudonyms: Pseudonyms,
    window_minutes: int = 5,
) -> Counter[str]:
    """Import a CSV of messages (columns time, channel, user; optional category, viewers).

    The authors of each window of `window_minutes` are the chatters of one observation, whose
    coverage says that people who only read are not in it. Returns counts by status; messages with
    a time that cannot be are left out and counted as `unusable messages`. Raises
    StreamergraphError for a file that is no such table.
    """
    frame = _read(path)
    optional = [name for name in ("category", "viewers") if name in frame.columns]
    windows: dict[datetime.datetime, dict[str, dict[str, object]]] = {}
    authors: dict[tuple[datetime.datetime, str], set[int]] = {}
    unusable = 0
    with step("chat log"):
        moments = {
            text: _window(text, zone, window_minutes) for text in frame["time"].unique().to_list()
        }
        for row in frame.select(*REQUIRED, *optional).iter_rows(named=True):
            moment, channel, user = (
                moments[row["time"]],
                row["channel"].strip(),
                row["user"].strip(),
            )
            if moment is None or not channel or not user:
                unusable += 1
                continue
            key = channel.lower()
            authors.setdefault((moment, key), set()).add(pseudonyms.viewer(user))
            viewers = row.get("viewers", "").strip()
            windows.setdefault(moment, {})[key] = {
                "time": moment,
                "streamer_key": key,
                "name": channel,
                "category": row.get("category", "").strip() or None,
                "viewers": int(viewers) if viewers.isascii() and viewers.isdigit() else None,
                "coverage": AUTHORS,
            }
    add_snapshots(
        store,
        [
            Snapshot(
                source=f"{path.name}#{moment.isoformat()}",
                status=STORED,
                time=moment,
                observations=tuple(
                    {**row, "chatters": sorted(authors[moment, key])} for key, row in rows.items()
                ),
            )
            for moment, rows in sorted(windows.items())
        ],
    )
    counts = Counter({STORED: len(windows)})
    if unusable:
        counts["unusable messages"] = unusable
    return counts


def _window(text: str, zone: ZoneInfo, minutes: int) -> datetime.datetime | None:
    moment = parse_time(text.strip(), zone)
    if moment is None or not is_plausible(moment):
        return None
    seconds = 60 * minutes
    return datetime.datetime.fromtimestamp(moment.timestamp() // seconds * seconds, datetime.UTC)


def _read(path: Path) -> pl.DataFrame:
    try:
        frame = pl.read_csv(path, infer_schema=False).fill_null("")
    except (pl.exceptions.PolarsError, UnicodeDecodeError):
        raise StreamergraphError(
            path, expected="CSV with a header", found="something else", remedy="mend the file"
        ) from None
    missing = [name for name in REQUIRED if name not in frame.columns]
    if missing:
        raise StreamergraphError(
            path,
            expected="columns time, channel, user",
            found=", ".join(frame.columns) or "none",
            remedy="rename them",
        )
    return frame
