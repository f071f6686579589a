"""What tables of the other kind of audience would say, for streamers that have both kinds."""

from __future__ import annotations

import datetime
import json

import numpy as np
import pytest
from streamergraph.observations.looks import Look, SeenStream
from streamergraph.observations.store import Store
from streamergraph.privacy import Pseudonyms
from streamergraph.processing.process import process_store
from streamergraph.processing.settings import ProcessSettings
from streamergraph.processing.slices import Slice
from streamergraph.reporting.kinds import kinds_section
from streamergraph.reporting.other_kind import compare_kinds, settings_of
from streamergraph.tables.keeping import write_keeping

NOON = datetime.datetime(2022, 5, 5, 12, 0, tzinfo=datetime.UTC)
SETTINGS = ProcessSettings(
    min_live_minutes=0, min_watch_minutes=0, min_mean_viewers=0, min_mean_chatters=0,
    least_common_viewers=2, threshold=20,
)  # fmt: skip
MINUTES = range(0, 60, 5)


@pytest.fixture
def filled(tmp_path):
    """A store of channels given as {id: (members or None, authors or None)}, the same at every look."""

    def fill(channels, *, members_until=60):
        store = Store.create(tmp_path / "store", Pseudonyms(key=bytes(32)))
        looks = [
            Look(
                source="it/*",
                file=f"{minute}",
                time=NOON + datetime.timedelta(minutes=minute),
                streams=tuple(
                    SeenStream(
                        user_id=number,
                        name=f"s{number}",
                        viewers=20,
                        members=tuple(members) if members and minute < members_until else None,
                        authors=tuple(authors) if authors else None,
                    )
                    for number, (members, authors) in channels.items()
                ),
            )
            for minute in MINUTES
        ]
        store.add(looks)
        return store

    return fill


def test_people_shares_and_relations_by_each_kind(filled):
    store = filled(
        {
            1: (range(10), range(4)),
            2: (range(5, 15), range(13, 15)),  # shares five members with 1, and no author
            3: (range(10), range(2, 5)),  # shares ten members and two authors with 1
            4: (range(30), None),
        }
    )
    tables = process_store(store, SETTINGS, Slice(audience="members")).tables
    found = compare_kinds(store, tables, SETTINGS)
    assert (found.with_kind, found.channels) == ({"members": 4, "authors": 3}, 3)
    assert found.people == {"members": 15, "authors": 7}
    assert found.share_who_wrote == pytest.approx((40 + 20 + 30) / 3)
    assert (found.relations, found.in_both) == ({"members": 3, "authors": 1}, 1)
    assert found.rank_correlation is None
    assert "too few relations" in kinds_section(found, tables.facts).sentences[2]


def test_the_order_of_relations_is_compared(filled):
    # Everybody writes: the order is the same.
    rng = np.random.default_rng(5)
    people = {n: sorted(rng.choice(60, 30, replace=False).tolist()) for n in range(1, 7)}
    store = filled({n: (members, members) for n, members in people.items()})
    tables = process_store(store, SETTINGS).tables
    found = compare_kinds(store, tables, SETTINGS)
    assert found.relations["members"] == found.relations["authors"] == found.in_both > 3
    assert found.relations["members"] == tables.overlaps.height
    assert found.rank_correlation == pytest.approx(1)
    assert found.share_who_wrote == 100


def test_the_time_that_only_one_kind_covers_does_not_count(filled):
    store = filled({n: (range(8), range(8)) for n in (1, 2)}, members_until=30)
    store.add(
        [
            Look(
                source="chat.csv",
                file="late",
                time=NOON + datetime.timedelta(minutes=55, seconds=1),
                streams=(SeenStream(user_id=1, authors=tuple(range(100, 120))),),
            )
        ]
    )
    tables = process_store(store, SETTINGS, Slice(audience="authors")).tables
    assert compare_kinds(store, tables, SETTINGS).people == {"members": 8, "authors": 8}


def test_where_no_channel_has_both_one_sentence_says_so(filled):
    store = filled({1: (range(9), None), 2: (None, range(9)), 3: (range(9), None)})
    tables = process_store(store, SETTINGS, Slice(audience="members")).tables
    found = compare_kinds(store, tables, SETTINGS)
    section = kinds_section(found, tables.facts)
    assert section.table is None
    assert section.sentences == [
        "No streamer of the tables has members and authors at the same time (2 members of chats only), "
        "so that nothing can be compared."
    ]


def test_bots_by_rule_are_no_people(filled):
    store = filled({n: ([*range(10 * n, 10 * n + 9), 7], [10 * n, 7]) for n in range(1, 6)})
    settings = ProcessSettings(**{**vars(SETTINGS), "bot_channels": 3})
    tables = process_store(store, settings, Slice(audience="members")).tables
    assert compare_kinds(store, tables, settings).people == {"members": 45, "authors": 5}


def test_quality_tells_it_with_the_settings_of_the_tables(filled, tmp_path, call):
    store = filled({n: (range(10), range(n, 8)) for n in (1, 2, 3)})
    done = process_store(store, SETTINGS, Slice(audience="members"))
    write_keeping(tmp_path / "tables", done.tables)
    (tmp_path / "tables" / "process.json").write_text(json.dumps({"settings": {"raid_minutes": 9}}))
    assert settings_of(done.tables, {"settings": {"raid_minutes": 9}}) == ProcessSettings(
        **{**vars(SETTINGS), "raid_minutes": 9}
    )
    report = tmp_path / "quality.html"
    words = ["quality", tmp_path / "tables", "--out", report, "--store", store.folder]
    status, _, err = call(*words)
    assert status == 0, err
    assert "<h2>The other kind of audience" in report.read_text(encoding="utf-8")
    facts = json.loads((tmp_path / "quality.json").read_text())["other_kind"]
    assert (facts["channels"], facts["relations"]) == (3, {"members": 3, "authors": 3})
