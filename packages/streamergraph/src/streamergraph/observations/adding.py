"""Looks of one day into its parts: nothing twice, and a look that has changed in place of the old one."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import replace

import polars as pl

from streamergraph.observations.days import Day, Part
from streamergraph.observations.frames import channel_id_of, frames_of, run_frames
from streamergraph.observations.looks import Look, SeenStream
from streamergraph.observations.schema import (
    AUTHORS,
    COVERAGE,
    DUPLICATE,
    KINDS,
    MEMBERS,
    MINUTES,
    MISSING,
    OBSERVATIONS,
    RUNS,
    SCHEMAS,
    STORED,
)

Key = tuple[datetime.datetime, int, str]  # moment, channel, coverage


def add_to_day(day: Day, looks: Sequence[Look]) -> list[Look]:
    """Store the looks of one day; returns them with their status as it is noted."""
    looks = [replace(look, streams=_one_of_each(look.streams)) for look in looks]
    times = {look.time for look in looks if look.status == STORED and look.time is not None}
    overlapping = _overlapping(day, times)
    runs = _known_runs(day, overlapping, times)
    changed = {look.run_id for look in looks} & runs.keys()
    known = known_keys(day, times)
    listed: dict[Key, Collection[int]] = _viewers_of(day, overlapping, known & _keys_of(looks))
    thinned = is_thinned(day)
    superseded: set[Key] = set()
    became, new, more = [], [], []
    for look in looks:
        if look.status != STORED or look.time is None:
            became.append(look)
            continue
        keys = {key for stream in look.streams for key in _keys(look.time, stream)}
        if look.run_id in changed and not thinned:
            # What somebody has written stays written, also where its log is another one by now.
            told_before = keys | _only_told_by(day, overlapping, look, runs)
            replaced = {key for key in told_before & known if key[2] != COVERAGE[AUTHORS]}
            superseded |= replaced
            known -= replaced
            for key in replaced:
                listed.pop(key, None)
        fresh = tuple(
            part for stream in look.streams if (part := _unknown(look.time, stream, known))
        )
        # Of a day that was thinned nobody knows who is in its lists already.
        others = (
            ()
            if thinned
            else tuple(
                part for stream in look.streams if (part := _not_listed(look.time, stream, listed))
            )
        )
        empty_again = not look.streams and any(
            (moment, source) == (look.time, look.source) and other != look.run_id
            for other, (moment, source, status) in runs.items()
            if status == STORED
        )
        if (look.streams and not fresh and not others) or empty_again:
            became.append(replace(look, status=DUPLICATE, problem="it tells nothing new"))
            continue
        known |= keys
        runs[look.run_id] = (look.time, look.source, STORED)
        became.append(look)
        new.append(replace(look, streams=fresh))
        more.append(replace(look, streams=others))
        for stream in look.streams:
            for kind, viewers in _lists(stream):
                key = (look.time, channel_id_of(stream), COVERAGE[kind])
                listed[key] = {*listed[key], *viewers} if key in listed else viewers
    frames = frames_of(new)
    for name, frame in frames_of(more).items():
        if name != OBSERVATIONS:  # the moment is known, and for how long it stands
            frames[name] = pl.concat([frames[name], frame])
    kept = _without(day, overlapping, superseded) if superseded else {}
    gone = [part for part in overlapping if part.table in kept]
    day.commit(
        {
            **{
                table: pl.concat([kept[table], frame]) if table in kept else frame
                for table, frame in frames.items()
            },
            **run_frames(became),
        },
        instead_of=gone,
    )
    return became


def is_thinned(day: Day) -> bool:
    """Whether presences of the day were thinned to minutes."""
    return any(part.table in MINUTES.values() for part in day.parts())


def _only_told_by(
    day: Day,
    parts: Sequence[Part],
    look: Look,
    runs: Mapping[str, tuple[datetime.datetime, str, str]],
) -> set[Key]:
    """What an earlier version of a look told; nothing where others of its series had that moment too."""
    of_moment = [run for run, told in runs.items() if told == (look.time, look.source, STORED)]
    if look.time is None or of_moment != [look.run_id]:
        return set()
    rows = _read(day, parts, OBSERVATIONS, {look.time}).filter(source=look.source)
    if set(rows["channel_id"]).isdisjoint(map(channel_id_of, look.streams)):
        return set()  # of other channels altogether: nothing that was said before is corrected
    return set(rows.select("time", "channel_id", "coverage").iter_rows())


def known_keys(day: Day, times: Set[datetime.datetime]) -> set[Key]:
    """What the day knows of these moments: channels with their coverage."""
    frame = _read(day, _overlapping(day, times), OBSERVATIONS, times)
    return set(frame.select("time", "channel_id", "coverage").iter_rows())


def _lists(stream: SeenStream) -> list[tuple[str, tuple[int, ...]]]:
    lists = {MEMBERS: stream.members, AUTHORS: stream.authors}
    return [(kind, viewers) for kind, viewers in lists.items() if viewers is not None]


def _keys(time: datetime.datetime, stream: SeenStream) -> list[Key]:
    coverages = [COVERAGE[kind] for kind, _ in _lists(stream)]
    channel = channel_id_of(stream)
    return [(time, channel, coverage) for coverage in coverages or [MISSING]]


def _keys_of(looks: Sequence[Look]) -> set[Key]:
    return {
        key
        for look in looks
        if look.status == STORED and look.time is not None
        for stream in look.streams
        for key in _keys(look.time, stream)
    }


def _one_of_each(streams: tuple[SeenStream, ...]) -> tuple[SeenStream, ...]:
    """The streams of a look; those that two of its pages have, as one."""
    by_channel: dict[int, SeenStream] = {}
    for stream in streams:
        channel = channel_id_of(stream)
        before = by_channel.get(channel)
        by_channel[channel] = stream if before is None else _merged(before, stream)
    return tuple(by_channel.values())


def _merged(first: SeenStream, second: SeenStream) -> SeenStream:
    said = {name: value for name, value in vars(first).items() if value is not None}
    both = {
        name: tuple(sorted({*one, *other}))
        for name in KINDS
        if (one := getattr(first, name)) is not None
        and (other := getattr(second, name)) is not None
    }
    return SeenStream(**{**vars(second), **said, **both})


def _not_listed(
    time: datetime.datetime,
    stream: SeenStream,
    listed: Mapping[Key, Collection[int]],
) -> SeenStream | None:
    """Who of a stream is not in the list that is known of it at that moment; None: nobody."""
    new: dict[str, tuple[int, ...]] = {}
    for kind, viewers in _lists(stream):
        before = listed.get((time, channel_id_of(stream), COVERAGE[kind]))
        if before is not None and (others := set(viewers).difference(before)):
            new[kind] = tuple(sorted(others))
    if not new:
        return None
    return replace(stream, members=new.get(MEMBERS), authors=new.get(AUTHORS))


def _unknown(time: datetime.datetime, stream: SeenStream, known: Set[Key]) -> SeenStream | None:
    """What of the stream is not known; None where all of it is."""
    unknown = {
        coverage
        for _, _, coverage in _keys(time, stream)
        if (time, channel_id_of(stream), coverage) not in known
    }
    if not unknown:
        return None
    return replace(
        stream,
        members=stream.members if COVERAGE[MEMBERS] in unknown else None,
        authors=stream.authors if COVERAGE[AUTHORS] in unknown else None,
    )


def _overlapping(day: Day, times: Set[datetime.datetime]) -> list[Part]:
    """The parts whose span of time holds one of `times`: in order of time there is none."""
    if not times:
        return []
    first, last = min(times), max(times)
    return [
        part
        for part in day.parts()
        if part.first is not None
        and part.last is not None
        and datetime.datetime.fromisoformat(part.first) <= last
        and datetime.datetime.fromisoformat(part.last) >= first
    ]


def _known_runs(
    day: Day, parts: Sequence[Part], times: Set[datetime.datetime]
) -> dict[str, tuple[datetime.datetime, str, str]]:
    frame = _read(day, parts, RUNS, times).sort("recorded", maintain_order=True)
    columns = ("run_id", "time", "source", "status")
    return {
        run: (time, source, status)
        for run, time, source, status in frame.select(columns).iter_rows()
    }


def _viewers_of(day: Day, parts: Sequence[Part], keys: Set[Key]) -> dict[Key, Collection[int]]:
    """Who is listed under each of `keys`, which are stored."""
    listed: dict[Key, Collection[int]] = {key: () for key in keys if key[2] != MISSING}
    for kind in KINDS:
        wanted = [key for key in listed if key[2] == COVERAGE[kind]]
        if not wanted:
            continue
        schema = {name: SCHEMAS[kind][name] for name in ("time", "channel_id")}
        pairs = pl.DataFrame([key[:2] for key in wanted], schema=schema, orient="row")
        rows = _read(day, parts, kind, {key[0] for key in wanted}).join(
            pairs, on=["time", "channel_id"], how="semi"
        )
        for (time, channel), group in rows.group_by("time", "channel_id"):
            listed[time, channel, COVERAGE[kind]] = set(group["viewer"])
    return listed


def _read(
    day: Day, parts: Sequence[Part], table: str, times: Set[datetime.datetime]
) -> pl.DataFrame:
    files = [day.folder / part.file for part in parts if part.table == table]
    if not files:
        return pl.DataFrame(schema=SCHEMAS[table])
    moments = pl.Series(sorted(times), dtype=SCHEMAS[table]["time"])
    return pl.concat([pl.read_parquet(path) for path in files]).filter(
        pl.col("time").is_in(moments.implode())
    )


def _without(day: Day, parts: Sequence[Part], keys: Set[Key]) -> dict[str, pl.DataFrame]:
    """The rows of the overlapping parts that are not of `keys`, by table."""
    schema = {name: SCHEMAS[OBSERVATIONS][name] for name in ("time", "channel_id", "coverage")}
    gone = pl.DataFrame(list(keys), schema=schema, orient="row")
    kept = {}
    for table in (OBSERVATIONS, *KINDS):
        files = [day.folder / part.file for part in parts if part.table == table]
        if not files:
            continue
        frame = pl.concat([pl.read_parquet(path) for path in files])
        if table == OBSERVATIONS:
            kept[table] = frame.join(gone, on=["time", "channel_id", "coverage"], how="anti")
        else:
            of_kind = gone.filter(pl.col("coverage") == COVERAGE[table])
            kept[table] = frame.join(of_kind, on=["time", "channel_id"], how="anti")
    return kept
