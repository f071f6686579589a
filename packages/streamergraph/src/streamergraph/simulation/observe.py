"""What a collector would have seen of a world: snapshots of live streams and their chatters."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamergraph.simulation.world import World

RAID_SHARE = 0.9
BOT_REACH = 0.95  # share of the live channels that a bot sits in


@dataclass(frozen=True, kw_only=True)
class Stream:
    """One broadcast: streamer, first and last moment (minutes), and when each attendee is there."""

    streamer: int
    begin: int
    end: int
    attendees: NDArray[np.int64]
    join: NDArray[np.int64]
    leave: NDArray[np.int64]
    categories: tuple[str | None, ...]


@dataclass(frozen=True, kw_only=True)
class Raid:
    """One streamer's audience, carried to another at that minute for a short time."""

    minute: int
    origin: int
    target: int
    viewers: NDArray[np.int64]
    until: int


@dataclass(kw_only=True)
class Schedule:
    """All broadcasts and raids of the window, by minute from its start."""

    streams: list[Stream]
    raids: list[Raid] = field(default_factory=list)


def make_schedule(world: World, *, days: int, raids: int, rng: np.random.Generator) -> Schedule:
    """Draw who streams when, who comes and stays how long, and which raids happen."""
    streams = []
    for s in range(len(world.names)):
        for day in range(days):
            if rng.random() > 0.85:
                continue
            begin = int(60 * (24 * day + world.start_hour[s] + rng.normal(0, 0.3)))
            begin = max(0, begin)
            end = min(begin + int(60 * world.duration_hours[s]), 24 * 60 * days)
            if end - begin < 10:
                continue
            follows = world.follows[s]
            attendees = follows[rng.random(len(follows)) < 0.75]
            length = end - begin
            join = begin + (rng.beta(1, 3, len(attendees)) * length).astype(np.int64)
            stay = np.maximum(5, rng.exponential(0.8 * length, len(attendees))).astype(np.int64)
            theme = world.theme(s)
            first, second = rng.integers(len(theme), size=2)
            categories = (theme[first], None if rng.random() < 0.05 else theme[second])
            streams.append(
                Stream(
                    streamer=s,
                    begin=begin,
                    end=end,
                    attendees=attendees,
                    join=join,
                    leave=np.minimum(join + stay, end),
                    categories=categories,
                )
            )
    schedule = Schedule(streams=streams)
    for _ in range(raids):
        _add_raid(schedule, world, rng)
    return schedule


def _add_raid(schedule: Schedule, world: World, rng: np.random.Generator) -> None:
    if not schedule.streams:
        return
    origin = schedule.streams[int(rng.integers(len(schedule.streams)))]
    # Raids that cross communities are the ones that would mislead.
    targets = [
        stream
        for stream in schedule.streams
        if stream.begin < origin.end < stream.end - 15
        and world.community[stream.streamer] != world.community[origin.streamer]
    ]
    if not targets:
        return
    target = targets[int(rng.integers(len(targets)))]
    present = origin.attendees[origin.leave >= origin.end - 1]
    carried = present[rng.random(len(present)) < RAID_SHARE]
    schedule.raids.append(
        Raid(
            minute=origin.end,
            origin=origin.streamer,
            target=target.streamer,
            viewers=carried,
            until=origin.end + 20,
        )
    )


def snapshots(
    world: World,
    schedule: Schedule,
    *,
    start: datetime.datetime,
    minutes: list[int],
    bots: list[str],
    renames: dict[int, tuple[int, str]],
    rng: np.random.Generator,
) -> Iterator[tuple[datetime.datetime, dict[str, dict[str, Any]]]]:
    """One snapshot for each of `minutes`, in the original's form.

    `renames`: streamer -> (minute, new name). Bots sit in nearly all live channels.
    """
    for minute in minutes:
        moment = start + datetime.timedelta(minutes=minute)
        stamp = moment.strftime("%Y-%m-%d_%H-%M")
        content: dict[str, dict[str, Any]] = {}
        for stream in schedule.streams:
            if not stream.begin <= minute < stream.end:
                continue
            s = stream.streamer
            present = stream.attendees[(stream.join <= minute) & (minute < stream.leave)]
            raiders = [
                raid.viewers
                for raid in schedule.raids
                if raid.target == s and raid.minute <= minute < raid.until
            ]
            people = np.unique(np.concatenate([present, *raiders]))
            chatters = [world.logins[v] for v in people]
            chatters += [bot for bot in bots if rng.random() < BOT_REACH]
            half = stream.begin + (stream.end - stream.begin) // 2
            name = world.names[s]
            if s in renames and minute >= renames[s][0]:
                name = renames[s][1]
            content[name] = {
                "spect": chatters,
                "game_name": stream.categories[int(minute >= half)] or "",
                # Some watch without an account or with the chat closed.
                "viewer_count": round(len(people) * rng.uniform(1.1, 1.5)),
                "date_time": stamp,
            }
        yield moment, content
