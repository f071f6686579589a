from __future__ import annotations

import datetime

import polars as pl
import pytest
from streamergraph.observations.joining import MOST_PARTS, READ_AS_A_WHOLE
from streamergraph.observations.looks import Look, SeenStream
from streamergraph.observations.store import Store
from streamergraph.privacy import Pseudonyms

NOON = datetime.datetime(2022, 5, 5, 12, 0, tzinfo=datetime.UTC)


@pytest.fixture
def ticking(tmp_path):
    """A store to which a collector adds so many looks, one at a time."""

    def run(ticks, *, every_minutes=5, at_once=False):
        store = Store.create(tmp_path / f"{ticks} {at_once}", Pseudonyms(key=bytes(32)))
        looks = [
            Look(
                source="collector",
                file=f"tick {tick}",
                time=NOON + datetime.timedelta(minutes=every_minutes * tick),
                streams=(SeenStream(name="Anna", category="Chess", members=(tick,)),),
                losses={"odd entries": 1},
            )
            for tick in range(ticks)
        ]
        for look in [looks] if at_once else [[one] for one in looks]:
            store.add(look)
        return store

    return run


def parts(store, table):
    return [sum(part.table == table for part in day.parts()) for day in store.days()]


def test_a_collector_leaves_few_parts_of_what_is_read_as_a_whole(ticking):
    store = ticking(3 * MOST_PARTS)
    assert all(max(parts(store, table)) <= MOST_PARTS for table in READ_AS_A_WHOLE)
    assert parts(store, "members") == [3 * MOST_PARTS]


def test_a_day_that_is_over_has_one_part_of_each(ticking):
    store = ticking(30, every_minutes=120)
    for table in READ_AS_A_WHOLE:
        *over, _ = parts(store, table)
        assert set(over) == {1}


def test_joining_changes_nothing_that_is_read(ticking):
    one_by_one, at_once = ticking(3 * MOST_PARTS), ticking(3 * MOST_PARTS, at_once=True)
    for store in (one_by_one, at_once):
        assert store.runs().height == store.losses()["count"].sum() == 3 * MOST_PARTS
    seen = [
        store.channels()
        .group_by("channel_id")
        .agg(pl.col("valid_from").min(), pl.col("valid_until").max())
        for store in (one_by_one, at_once)
    ]
    assert seen[0].equals(seen[1])
