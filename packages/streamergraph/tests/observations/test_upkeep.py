from __future__ import annotations

import datetime
import json
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from importing_tables import table
from streamergraph.errors import StreamergraphError
from streamergraph.observations import upkeep
from streamergraph.observations.looks import Look, SeenStream
from streamergraph.observations.opt_out import OptOut
from streamergraph.observations.reading import readable
from streamergraph.observations.schema import MINUTES
from streamergraph.observations.store import Store
from streamergraph.privacy import Pseudonyms
from streamergraph.processing.process import process_store
from streamergraph.processing.settings import ProcessSettings
from streamergraph.processing.slices import Slice
from streamergraph.processing.thinning import thin

KEYED = Pseudonyms(key=bytes(32))
MONDAY = datetime.datetime(2024, 5, 6, tzinfo=datetime.UTC)
OLD_STORE = Path(__file__).parents[1] / "fixtures" / "store-format-1"
LOW = ProcessSettings(
    min_mean_viewers=0, min_mean_chatters=0, min_live_minutes=0, min_watch_minutes=15,
    threshold=1, least_common_viewers=1, bot_channels=3,
)  # fmt: skip


def people(text):
    return tuple(KEYED.viewer(one) for one in text)


def looks(days=3, names="ABCD"):
    """Two hours a day, by five minutes; Z is in all chats, once a day."""
    for day in range(days):
        for k in range(24):
            moment = MONDAY + datetime.timedelta(days=day, hours=23, minutes=5 * k)
            yield Look(
                source="files",
                file=moment.isoformat(),
                time=moment,
                streams=tuple(
                    SeenStream(
                        name=name,
                        viewers=10 * n + k,
                        category="Chess" if k < 12 else "Go",
                        members=people(
                            ["abcdefg"[(n + k) % 7], "x", f"{name}{k % 3}"] + ["z"] * (k == 7)
                        ),
                    )
                    for n, name in enumerate(names)
                ),
            )


def filled(folder, portion=10, **options):
    store = Store.create(folder, KEYED)
    every = list(looks(**options))
    for first in range(0, len(every), portion):
        store.add(every[first : first + portion])
    return store


def tables(store, slice_=None, settings=LOW):
    made = process_store(store, settings, slice_ or Slice()).tables
    return [made.streamers, made.categories, made.played, made.overlaps]


def equal(ones, others):
    return all(one.equals(other) for one, other in zip(ones, others, strict=True))


def test_files_and_folders_are_for_their_owner_only(tmp_path):
    store = filled(tmp_path / "store")
    for path in (store.folder, *store.folder.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_compacting_changes_no_row_and_leaves_readers_their_files(tmp_path):
    store = filled(tmp_path / "store")
    names = ("observations", "members", "runs")
    before = [table(store, name) for name in names]
    made = tables(store)
    assert upkeep.compact(store) > 10
    assert [table(store, name).equals(rows) for name, rows in zip(names, before, strict=True)] == [
        True
    ] * 3
    assert equal(tables(store), made)
    day = store.days()[0]
    assert len(list(day.folder.glob("members-*"))) > len(day.files("members")) == 1
    day.sweep(older_than_hours=0)
    assert len(list(day.folder.glob("members-*"))) == 1
    assert upkeep.compact(store) == 0


def test_nobody_live_in_two_series_is_no_duplicate_and_an_empty_name_is_none(tmp_path):
    store = Store.create(tmp_path / "store", KEYED)
    it, en = (Look(source=name, file="1", time=MONDAY) for name in ("it", "en"))
    assert [look.status for look in store.add([it, en])] == ["stored", "stored"]
    again = Look(source="it", file="2", time=MONDAY)
    assert store.add([again])[0].status == "duplicate"
    named = SeenStream(name="A", category="", viewers=9, members=people("ab"))
    for k in range(2):
        store.add([Look(source="it", file=f"a{k}", streams=(named,),
                        time=MONDAY + datetime.timedelta(minutes=5 * k + 5))])  # fmt: skip
    assert (
        tables(store, settings=ProcessSettings(**{**vars(LOW), "min_watch_minutes": 0}))[1].height
        == 0
    )


def test_two_stores_merge_into_what_one_import_would_have_made(tmp_path):
    whole = filled(tmp_path / "whole")
    one = Store.create(tmp_path / "one", KEYED)
    two = Store.create(tmp_path / "two", KEYED)
    every = list(looks())
    one.add(every[:50])
    two.add(every[30:])
    added = upkeep.merge(one, two)
    assert added["observations"] == 22 * 4
    assert equal(tables(one), tables(whole))
    assert upkeep.merge(one, two).get("observations", 0) == 0
    # Two collectors of one channel at one moment, who each saw a part of the chat.
    for store, people_there in ((one, "ab"), (two, "bc")):
        seen = SeenStream(name="E", members=people(people_there))
        store.add([Look(source="f", file="late", time=MONDAY, streams=(seen,))])
    upkeep.merge(one, two)
    there = table(one, "members").filter(pl.col("time") == MONDAY)["viewer"].to_list()
    assert sorted(there) == sorted(people("abc"))


def test_stores_under_two_keys_do_not_merge(tmp_path):
    one = filled(tmp_path / "one", days=1)
    other = Store.create(tmp_path / "other", Pseudonyms(key=b"1" * 32))
    with pytest.raises(StreamergraphError, match="another key"):
        upkeep.merge(one, other)


def test_a_viewer_is_forgotten_everywhere_and_does_not_come_back(tmp_path, call):
    store = filled(tmp_path / "store")
    thin(store, before=MONDAY.date() + datetime.timedelta(days=1))
    x = KEYED.viewer("x")
    # Minutes of four channels and one reach on the day that is thinned, then 60 looks at four channels.
    counts = upkeep.forget(store, OptOut(viewers=frozenset({x})))
    assert counts == {"presences": 4 + 1 + 60 * 4, "rows of channels": 0}
    for path in store.folder.rglob("*.parquet"):
        frame = pl.read_parquet(path)
        if "viewer" in frame.columns:
            assert x not in frame["viewer"].to_list(), path
    late = Look(source="files", file="late", time=MONDAY,
                streams=(SeenStream(name="A", members=people("xy")),))  # fmt: skip
    store.add([late])
    assert x not in table(store, "members")["viewer"].to_list()


def test_weeks_of_thinned_days_are_weeks_of_presences_row_for_row(tmp_path):
    store = filled(tmp_path / "store", days=5)
    every = [Slice(), Slice(first=MONDAY, last=MONDAY + datetime.timedelta(days=4))]
    before = [tables(store, slice_) for slice_ in every]
    size = sum(path.stat().st_size for path in store.folder.rglob("members-*"))
    counts = thin(store, before=MONDAY.date() + datetime.timedelta(days=3))
    assert counts["days"] == 3
    assert counts["presences"] > 0
    assert table(store, MINUTES["members"]).height > 0
    assert all(equal(tables(store, s), was) for s, was in zip(every, before, strict=True))
    assert sum(path.stat().st_size for path in store.folder.rglob("members-[0-9a-f]*")) < size
    # Bots can still be known by another number of channels, and what is gone is refused by name.
    none = ProcessSettings(**{**vars(LOW), "bot_channels": 4})
    assert (
        tables(store, settings=none)[0]["distinct_chatters"][0]
        > before[0][0]["distinct_chatters"][0]
    )
    for asked in ({"raid_minutes": 15}, {"as_published": True}):
        with pytest.raises(StreamergraphError, match="thinned"):
            tables(store, settings=ProcessSettings(**{**vars(LOW), **asked}))
    noon = Slice(first=MONDAY + datetime.timedelta(hours=12))
    with pytest.raises(StreamergraphError, match="whole days"):
        tables(store, noon)


def test_what_comes_again_after_a_day_was_thinned_counts_once(tmp_path):
    store = filled(tmp_path / "store", days=2)
    before = tables(store)
    thin(store, before=MONDAY.date() + datetime.timedelta(days=5))
    copies = [Look(**{**vars(look), "file": f"copy {look.file}"}) for look in looks(days=2)]
    assert {look.status for look in store.add(copies)} == {"duplicate"}
    assert equal(tables(store), before)
    # A look that is new joins the day, also when it is thinned again.
    late = MONDAY + datetime.timedelta(hours=12)
    seen = SeenStream(name="A", viewers=9, members=people("pq"), width_minutes=20)
    store.add([Look(source="files", file="late", time=late, streams=(seen,))])
    made = tables(store)
    assert made[0]["minutes_live"].sum() == before[0]["minutes_live"].sum() + 20
    assert thin(store, before=MONDAY.date() + datetime.timedelta(days=5))["presences"] == 2
    assert equal(tables(store), made)
    assert table(store, "members").height == 0


def test_whom_the_other_store_forgot_is_forgotten_in_both(tmp_path):
    one, two = filled(tmp_path / "one", days=1), filled(tmp_path / "two", days=1)
    upkeep.forget(two, OptOut(viewers=frozenset({KEYED.viewer("x")})))
    upkeep.merge(one, two)
    assert KEYED.viewer("x") not in table(one, "members")["viewer"].to_list()


def test_a_list_of_parts_that_was_lost_is_missed(tmp_path, refusal):
    store = filled(tmp_path / "store", days=1)
    (store.days()[0].folder / "parts.json").unlink()
    assert "parts.json" in refusal("process", store.folder, "--out", tmp_path / "t")


def test_a_part_that_is_damaged_is_named(tmp_path, refusal):
    store = filled(tmp_path / "store", days=1)
    part = store.days()[0].files("members")[0]
    part.write_bytes(part.read_bytes()[:50])
    options = ["--out", tmp_path / "t", "--min-live-minutes", 0]
    assert part.name in refusal("process", store.folder, *options)


def test_a_store_of_format_1_is_read_and_converted_without_loss(tmp_path, call):
    old = tmp_path / "old"
    shutil.copytree(OLD_STORE, old)
    low = ProcessSettings(**{**vars(LOW), "min_watch_minutes": 0, "bot_channels": 5})
    with readable(Store.open(old)) as store:
        read = tables(store, settings=low)
        rows = {name: table(store, name) for name in ("observations", "members", "authors")}
        runs = store.runs()
    assert call("store", "convert", old)[:2] == (0, f"{old}: format 2\n")
    converted = Store.open(old)
    assert {path.name for path in old.iterdir()} == {"store.json", "days", ".lock"}
    assert equal(tables(converted, settings=low), read)
    assert all(table(converted, name).equals(frame) for name, frame in rows.items())
    # What the old store has, in its own words.
    stored = pl.concat(
        [pl.read_parquet(path) for path in OLD_STORE.rglob("observations/*/part.parquet")]
    )
    assert rows["observations"].height == stored.height
    for kind, coverage in (("members", "full"), ("authors", "authors")):
        lists = stored.filter(coverage=coverage)["chatters"]
        numbers = lists.explode().drop_nulls().reinterpret(signed=True)
        assert rows[kind]["viewer"].sort().equals(numbers.sort(), check_names=False)
    snapshots = pl.read_parquet(OLD_STORE / "snapshots.parquet")
    assert runs["status"].sort().equals(snapshots["status"].sort())
    # One streamer each, with the id from where there is one, and all of the time.
    names = dict(read[0].select("name", "streamer_id").iter_rows())
    assert (names["Anna"], names["Bert"]) == (11, 12)
    assert names["Cleo"] < 0
    assert dict(read[0].select("name", "minutes_live").iter_rows())["Anna"] == 115


def test_a_conversion_that_is_interrupted_leaves_the_old_store(tmp_path, monkeypatch):
    from streamergraph.observations import format1

    old = tmp_path / "old"
    shutil.copytree(OLD_STORE, old)
    before = {path: path.read_bytes() for path in old.rglob("*.*")}

    def interrupted(*arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Store, "describe", interrupted)
        with pytest.raises(KeyboardInterrupt):
            format1.convert(Store(old))
    assert {path: path.read_bytes() for path in before} == before
    format1.convert(Store(old))
    assert Store(old).description().format == 2


def test_a_later_format_and_damaged_lists_are_named(tmp_path, refusal):
    store = filled(tmp_path / "store", days=1)
    said = json.loads((store.folder / "store.json").read_text())
    listed = store.days()[0].folder / "parts.json"
    text = listed.read_text()
    listed.write_text(text[:40])
    assert "parts.json" in refusal("process", store.folder, "--out", tmp_path / "t")
    listed.write_text(text)
    (store.folder / "store.json").write_text(json.dumps({**said, "format": 3}))
    assert "later version" in refusal("process", store.folder, "--out", tmp_path / "t")


def test_one_command_writes_at_a_time(tmp_path, refusal):
    store = filled(tmp_path / "store", days=1)
    program = (
        "import sys; from pathlib import Path; from streamergraph.locks import sole_writer\n"
        "with sole_writer(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    )
    words = [sys.executable, "-c", program, str(store.folder)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "held\n"
        assert "nobody else writes" in refusal("store", "compact", store.folder)
        other.stdin.close()
    assert other.returncode == 0


def test_the_verbs_of_a_store(tmp_path, call, refusal):
    key = tmp_path / "key"
    key.write_text("00" * 32)
    store = filled(tmp_path / "store", days=2).folder
    other = filled(tmp_path / "other", days=3).folder
    assert "files fewer" in call("store", "compact", store)[1]
    assert "96 observations" in call("store", "merge", store, other)[1]
    assert "288 presences" in call("store", "forget", store, "@x", "--key", key)[1]
    out = call("store", "forget", store, "nobody", "--key", key)[1]
    assert "ever seen" in out
    assert "1 login will not" in out
    assert "LOGIN" in refusal("store", "forget", store, "no login!", "--key", key)
    status, out, _ = call("store", "retain", store, "--before", "2024-05-07")
    assert status == 0
    assert "thinned" in out
    assert "no --raid-minutes" in out
    assert "found neither; try --days 90" in refusal("store", "retain", store)
    assert "found STORE itself" in refusal("store", "merge", store, store)
    assert "--before" in refusal("store", "retain", store, "--before", "yesterday")
