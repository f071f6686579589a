"""Tables against a few lines of Python that know when each look was planned."""

from __future__ import annotations

import datetime
import random
from collections import defaultdict
from itertools import combinations

import polars as pl
import pytest
from streamergraph.observations.looks import Look, SeenStream
from streamergraph.observations.store import Store
from streamergraph.privacy import Pseudonyms
from streamergraph.processing.process import process_store
from streamergraph.processing.settings import ProcessSettings

KEYED = Pseudonyms(key=bytes(32))
BEGIN = datetime.datetime(2024, 5, 1, tzinfo=datetime.UTC)
CHANNELS, VIEWERS = 12, 120
PLANS = {
    "5": [(5, 100)],
    "15": [(15, 40)],
    "20": [(20, 30)],
    "30": [(30, 20)],
    "60": [(60, 12)],
    "mixed": [(5, 40), (30, 8), (15, 12), (60, 6), (20, 9)],
}


def planned(plan, rng):
    """(minute, width, seconds late) of every look; some are missing, and a few hours altogether."""
    now, looks = 0, []
    for width, count in plan:
        for k in range(count):
            # Holes lie apart from where the interval changes: else nobody could tell what they are.
            if not (2 <= k <= count - 3 and rng.random() < 0.08) or count < 10:
                looks.append((now, width))
            now += width
    return looks


def world(plan, rng, late_seconds):
    """What every look saw: {channel: (viewers, category, people)}, by planned time."""
    follows = {c: rng.sample(range(VIEWERS), rng.randint(8, 50)) for c in range(CHANNELS)}
    seen = []
    for minute, width in planned(plan, rng):
        streams = {
            c: (
                rng.randint(0, 300),
                rng.choice(["Chess", "Go", None]),
                frozenset(v for v in follows[c] if rng.random() < 0.5),
            )
            for c in range(CHANNELS)
            if rng.random() < 0.85
        }
        seen.append((minute + rng.uniform(-late_seconds, late_seconds) / 60, width, streams))
    return seen


def by_hand(seen, settings):
    """Streamers, minutes played and overlaps of what was seen."""
    live, viewers, listed, played, watched = (defaultdict(float) for _ in range(5))
    for _, width, streams in seen:
        for channel, (count, category, people) in streams.items():
            live[channel] += width
            viewers[channel] += width * count
            if category is not None:
                played[channel, category] += width
            for person in people:
                watched[channel, person] += width
                listed[channel] += width
    kept = [
        c
        for c in live
        if live[c] >= settings.min_live_minutes
        and viewers[c] / live[c] >= settings.min_mean_viewers
        and listed[c] / live[c] >= settings.min_mean_chatters
    ]
    audience = {
        c: {v for (d, v), m in watched.items() if d == c and m >= settings.min_watch_minutes}
        for c in kept
    }
    overlaps = {}
    for a, b in combinations(sorted(kept), 2):
        common = len(audience[a] & audience[b])
        least = min(len(audience[a]), len(audience[b]))
        if common >= settings.least_common_viewers and 100 * common / least >= settings.threshold:
            overlaps[a, b] = (common, pytest.approx(100 * common / least))
    return (
        {c: (live[c], int(viewers[c] / live[c]), len(audience[c])) for c in kept},
        {k: m for k, m in played.items() if k[0] in kept and m >= settings.min_game_minutes},
        overlaps,
    )


@pytest.mark.parametrize("late_seconds", [0, 25])
@pytest.mark.parametrize("name", PLANS)
def test_tables_are_what_a_few_lines_of_python_make_of_the_same(tmp_path, name, late_seconds):
    rng = random.Random(f"{name} {late_seconds}")
    seen = world(PLANS[name], rng, late_seconds)
    settings = ProcessSettings(
        min_live_minutes=120, min_watch_minutes=90, min_mean_viewers=140, min_mean_chatters=8,
        min_game_minutes=100, threshold=30, bot_channels=None,
    )  # fmt: skip
    store = Store.create(tmp_path / "store", KEYED)
    store.add(
        [
            Look(
                source="files",
                file=str(minute),
                time=BEGIN + datetime.timedelta(minutes=minute),
                streams=tuple(
                    SeenStream(
                        user_id=channel, name=f"c{channel}", viewers=count, category=category,
                        members=tuple(KEYED.viewer(str(person)) for person in people),
                    )
                    for channel, (count, category, people) in streams.items()
                ),
            )
            for minute, _, streams in seen
        ]
    )  # fmt: skip
    made = process_store(store, settings).tables
    streamers, played, overlaps = by_hand(seen, settings)
    rows = made.streamers.select("streamer_id", "minutes_live", "mean_viewers", "audience").rows()
    assert {row[0]: row[1:] for row in rows} == streamers
    names = dict(made.categories.select("category_id", "name").iter_rows())
    assert {(c, names[g]): m for c, g, m in made.played.rows()} == played
    columns = ("streamer_id_a", "streamer_id_b", "common_viewers", "overlap_percent")
    assert {row[:2]: row[2:] for row in made.overlaps.select(columns).iter_rows()} == overlaps
    assert streamers
    assert overlaps
    assert isinstance(made.streamers, pl.DataFrame)
