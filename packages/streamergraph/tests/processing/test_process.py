from __future__ import annotations

import datetime
import json
import shutil

import polars as pl
import pytest
from streamergraph.errors import StreamergraphError
from streamergraph.observations.identity import number_of_name
from streamergraph.observations.looks import Look, SeenStream
from streamergraph.observations.opt_out import OptOut, of_people
from streamergraph.observations.schema import SCHEMAS
from streamergraph.observations.store import Store
from streamergraph.privacy import Pseudonyms, load_pseudonyms
from streamergraph.processing.process import process_store
from streamergraph.processing.settings import ProcessSettings
from streamergraph.processing.slices import Slice
from streamergraph.tables.reading import read_tables
from streamergraph.verbs.import_observations import import_observations
from streamergraph.verbs.process import process as process_verb
from streamergraph.verbs.simulate import simulate

KEYED = Pseudonyms(key=bytes(32))
NOON = datetime.datetime(2022, 5, 5, 12, 0, tzinfo=datetime.UTC)
LEAST = {"min_mean_viewers": 0, "min_mean_chatters": 0, "min_live_minutes": 0}
ALL = {"min_mean_viewers": 0, "min_mean_chatters": 0, "min_live_minutes": 0, "min_watch_minutes": 0,
       "least_common_viewers": 1}  # fmt: skip


@pytest.fixture
def process(tmp_path):
    """Process streams given as {minute after noon: {name: (chatters or None, viewers, category)}}."""

    def run(moments, *, bots=(), allowed=(), renames=None, slice_=None, **settings):
        store = Store.create(tmp_path / "store", KEYED)
        store.add(
            [
                Look(
                    source="files",
                    file=f"{minute}",
                    time=NOON + datetime.timedelta(minutes=minute),
                    streams=tuple(
                        SeenStream(
                            name=name,
                            viewers=viewers,
                            category=category,
                            members=None
                            if chatters is None
                            else tuple({KEYED.viewer(c) for c in chatters}),
                        )
                        for name, (chatters, viewers, category) in streams.items()
                    ),
                )
                for minute, streams in moments.items()
            ]
        )
        return process_store(
            store,
            ProcessSettings(**{**ALL, **settings}),
            slice_ or Slice(),
            listed_bots=[KEYED.viewer(bot) for bot in bots],
            allowed=[KEYED.viewer(one) for one in allowed],
            renames=renames,
        )

    return run


def related(result):
    """The pairs of related streamers by name."""
    names = dict(result.tables.streamers.select("streamer_id", "name").iter_rows())
    pairs = result.tables.overlaps.select("streamer_id_a", "streamer_id_b").iter_rows()
    return ["".join(sorted((names[a], names[b]))) for a, b in pairs]


def streamer(result, name):
    return result.tables.streamers.filter(pl.col("name") == name).row(0, named=True)


@pytest.mark.parametrize("minutes", [5, 15, 20, 30, 60])
@pytest.mark.parametrize("late_seconds", [0, 40])
def test_time_is_the_same_whatever_the_interval(process, minutes, late_seconds):
    moments = {
        m + (-1) ** k * late_seconds / 60: {"A": ("ab", 10, "Chess"), "B": ("ab", 20, "Chess")}
        for k, m in enumerate(range(0, 240, minutes))
    }
    result = process(moments, min_watch_minutes=240)
    assert streamer(result, "A")["minutes_live"] == 240
    assert set(result.tables.played["minutes"]) == {240}
    assert result.tables.overlaps["common_viewers"].to_list() == [2]


def test_an_interval_that_changes_and_holes_count_for_what_they_are(process):
    # An hour by five minutes, two hours by half an hour, an hour without a collector, an hour by a quarter.
    begun = [*range(0, 60, 5), *range(60, 180, 30), *range(240, 300, 15)]
    result = process({m: {"A": ("ab", m, "Chess")} for m in begun})
    row = streamer(result, "A")
    assert row["minutes_live"] == 60 + 120 + 60
    weighted = sum(5 * m for m in begun[:12]) + sum(30 * m for m in begun[12:16])
    assert row["mean_viewers"] == (weighted + sum(15 * m for m in begun[16:])) // 240


def test_every_look_counts(process):
    # Ann is there in the last five minutes of each quarter of an hour only.
    moments = {m: {"A": (["bob"] + ["ann"] * (m % 15 == 10), 9, "X")} for m in range(0, 60, 5)}
    assert streamer(process(moments), "A")["distinct_chatters"] == 2
    assert process(moments, min_watch_minutes=25).tables.streamers["audience"].to_list() == [1]


def test_as_published_takes_every_third_file(process):
    moments = {m: {"A": ("abcdefghijk", m, "Chess")} for m in range(0, 60, 5) if m not in (5, 10)}
    row = streamer(process(moments, as_published=True), "A")
    assert row["mean_viewers"] == (0 + 25 + 40 + 55) // 4
    assert row["minutes_live"] == 4 * 15


def test_live_time_is_compared_in_minutes(process):
    moments = {
        m: {"Long": ("ab", 50, "X"), **({"Short": ("ab", 50, "X")} if m < 45 else {})}
        for m in range(0, 60, 15)
    }
    kept = process(moments, min_live_minutes=60).tables.streamers["name"].to_list()
    assert kept == ["Long"]


def test_as_published_lets_short_streams_pass_and_takes_distinct_for_mean_chatters(process):
    moments = {m: {"Short": ("abcde" if m < 15 else "fghij", 50, "X")} for m in range(0, 20, 5)}
    published = process(moments, min_live_minutes=60, min_mean_chatters=10, as_published=True)
    assert published.tables.streamers["name"].to_list() == ["Short"]
    with pytest.raises(StreamergraphError, match="pass the thresholds"):
        process(moments, min_live_minutes=0, min_mean_chatters=10)


def test_least_watch_time_decides_who_is_audience(process):
    # x is in both chats once, y twice.
    both = {"A": ("xy", 9, "X"), "B": ("xy", 9, "X")}
    later = {"A": ("y", 9, "X"), "B": ("y", 9, "X")}
    moments = {0: both, 15: later}
    assert process(moments).tables.overlaps["common_viewers"].to_list() == [2]
    strict = process(moments, min_watch_minutes=30).tables.overlaps
    assert strict["common_viewers"].to_list() == [1]
    ignored = process(moments, min_watch_minutes=30, as_published=True, min_mean_viewers=0).tables
    assert ignored.overlaps["common_viewers"].to_list() == [2]


def test_missing_chatters_do_not_lower_the_mean_and_empty_ones_do(process):
    moments = {
        0: {"M": ("abcd", 9, "X"), "E": ("abcd", 9, "X")},
        15: {"M": (None, 9, "X"), "E": ((), 9, "X")},
    }
    result = process(moments)
    assert streamer(result, "M")["mean_chatters"] == 4
    assert streamer(result, "E")["mean_chatters"] == 2
    assert streamer(result, "M")["minutes_live"] == 30
    assert result.summary["sampled"]["missing_chatters"] == 1


def test_bots_go_by_list_and_by_rule_but_not_who_is_allowed(process):
    names = "ABCDE"
    moments = {0: {n: (["listed", "everywhere", "friend", f"fan{n}"], 9, "X") for n in names}}
    result = process(moments, bots=["listed", "never seen"], allowed=["friend"], bot_channels=4)
    assert result.summary["bots_removed"] == {
        "list": {"accounts": 1, "presences": 5, "minutes": 25},
        "channels": {"accounts": 1, "presences": 5, "minutes": 25},
    }
    assert streamer(result, "A")["distinct_chatters"] == 2  # friend and fanA
    at_limit = process(moments, bot_channels=5)
    assert at_limit.summary["bots_removed"]["channels"]["accounts"] == 0


def test_people_whom_a_raid_brought_do_not_count_for_a_while(process):
    crowd = [f"fan{k}" for k in range(10)]
    moments = {
        0: {"Raider": (crowd, 20, "X"), "Target": (["own"], 20, "Y")},
        5: {"Target": (["own", *crowd], 20, "Y")},
        15: {"Target": (["own", *crowd], 20, "Y")},
        30: {"Target": (["own", "fan0"], 20, "Y")},
    }
    counted = process(moments)
    assert streamer(counted, "Target")["distinct_chatters"] == 11
    excluded = process(moments, raid_minutes=15)
    assert excluded.summary["raids_removed"] == {"raids": 1, "presences": 20}  # in two looks
    assert streamer(excluded, "Target")["distinct_chatters"] == 2  # who stayed counts


def test_people_who_turn_up_after_a_hole_came_with_no_raid(process):
    crowd = [f"fan{k}" for k in range(10)]
    moments = {m: {"Raider": (crowd, 20, "X"), "Target": (["own"], 20, "Y")} for m in (0, 5, 10)}
    later = {m: {"Target": (["own", *crowd], 20, "Y")} for m in (300, 305, 310)}
    result = process({**moments, **later}, raid_minutes=15)
    assert result.summary["raids_removed"] == {"raids": 0, "presences": 0}


def test_as_published_knows_bots_by_lists_only_and_joins_no_names(
    simulated, tmp_path, call, refusal
):
    options = [simulated.store, "--out", tmp_path / "t", "--as-published"]
    status, out, _ = call("process", *options, "--least-common-viewers", 1)
    assert status == 0
    assert "0 bots (0 presences) by channels" in out
    renames = simulated.simulation / "truth" / "renames.csv"
    assert "--renames" in refusal("process", *options, "--renames", renames)


def test_renames_join_what_display_names_split(process):
    moments = {0: {"Old": ("ab", 9, "X")}, 15: {"New": ("bc", 9, "X")}}
    assert process(moments).tables.streamers.height == 2
    joined = process(moments, renames={"old": "new"})
    row = streamer(joined, "New")
    assert (row["minutes_live"], row["distinct_chatters"]) == (30, 3)


def test_categories_need_their_time_and_no_category_is_none(process):
    moments = {
        0: {"A": ("a", 9, "Chess")},
        15: {"A": ("a", 9, None)},
        30: {"A": ("a", 9, "Go")},
        45: {"A": ("a", 9, "Go")},
    }
    tables = process(moments, min_game_minutes=30).tables
    assert sorted(tables.categories["name"]) == ["Chess", "Go"]
    assert tables.played.rows() == [(number_of_name("a"), number_of_name("go"), 30)]


@pytest.mark.parametrize(
    ("measure", "threshold", "kept"),
    [("overlap", 60, 1), ("overlap", 70, 0), ("jaccard", 40, 1), ("jaccard", 41, 0), ("count", 2, 1),
     ("count", 3, 0), ("directed", 66, 1), ("directed", 67, 0), ("time-weighted", 60, 1)],
)  # fmt: skip
def test_every_measure_has_its_threshold(process, measure, threshold, kept):
    moments = {0: {"A": ("abcd", 9, "X"), "B": ("cde", 9, "X")}}
    overlaps = process(moments, measure=measure, threshold=threshold).tables.overlaps
    assert overlaps.height == kept


def test_relations_by_few_persons_are_hidden_and_counted(process):
    moments = {0: {"A": ("abcd", 9, "X"), "B": ("cde", 9, "X"), "C": ("abcdefg", 9, "X")}}
    for least, pairs in ((2, ["AB", "AC", "BC"]), (4, ["AC"]), (5, [])):
        found = process(moments, threshold=0, measure="count", least_common_viewers=least)
        assert sorted(related(found)) == pairs
        assert found.summary["pairs"]["hidden_by_least_common_viewers"] == 3 - len(pairs)


def test_the_verb_says_how_many_relations_it_hides(simulated, tmp_path, call):
    options = ["--out", tmp_path, "--measure", "count", "--threshold", 1]
    status, out, _ = call("process", simulated.store, *options, "--least-common-viewers", 60)
    summary = json.loads((tmp_path / "process.json").read_text())
    hidden = summary["pairs"]["hidden_by_least_common_viewers"]
    assert status == 0
    assert hidden > 0
    assert f"fewer than 60 common viewers are not published: {hidden:,} were hidden" in out
    assert "--threshold 1 does not lower the floor of 60 common viewers" in out


def test_significance_drops_what_popularity_explains(process):
    every = [f"v{k}" for k in range(40)]
    moments = {0: {"A": (every[:20], 9, "X"), "B": (every[:20], 9, "X"), "C": (every[10:30], 9, "X"),
                   "D": (every[30:], 9, "X")}}  # fmt: skip
    found = process(moments, significance=0.01)
    assert related(found) == ["AB"]
    assert found.tables.overlaps["p_value"][0] < 1e-6


def test_a_second_run_writes_the_same_tables(simulated, tmp_path, call):
    truth = simulated.simulation / "truth"
    options = [
        "--bots",
        truth / "bots.csv",
        "--renames",
        truth / "renames.csv",
        "--key",
        simulated.key,
    ]
    options += ["--bot-channels", 15, "--raid-minutes", 30]
    status, _, _ = call("process", simulated.store, "--out", tmp_path, *options)
    assert status == 0
    for path in sorted(simulated.tables.glob("*.csv")):
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()


def test_bots_of_the_simulation_are_gone_and_mishaps_told(simulated):
    summary = json.loads((simulated.tables / "process.json").read_text())
    removed = summary["bots_removed"]
    assert (removed["list"]["accounts"], removed["channels"]["accounts"]) == (6, 6)
    assert summary["raids_removed"]["raids"] >= 1
    statuses = Store.open(simulated.store).runs()["status"].value_counts()
    assert dict(statuses.iter_rows()).keys() == {"stored", "broken", "duplicate", "clock"}


def test_renamed_streamers_of_a_simulation_stand_once_under_the_new_name(tmp_path):
    world = tmp_path / "world"
    simulate(out=world, streamers=20, viewers=400, interval_minutes=60, renames=20, seed=3)
    import_observations(world / "snapshots", out=tmp_path / "store", key=tmp_path / "key")
    file = world / "truth" / "renames.csv"
    minutes = []
    for name, renames in (("apart", None), ("joined", file)):
        process_verb(tmp_path / "store", out=tmp_path / name, renames=renames, **LEAST)
        frame = read_tables(tmp_path / name).streamers
        minutes.append(dict(frame.select("name", "minutes_live").iter_rows()))
    apart, joined = minutes
    renames = pl.read_csv(file).rows()
    assert sum(old in apart and new in apart for old, new in renames) >= 10
    for old, new in renames:
        assert old not in joined
        assert joined[new] == apart.get(old, 0) + apart.get(new, 0)


@pytest.mark.parametrize(
    ("flag", "value"),
    [("--measure", "magic"), ("--audience", "everybody"), ("--significance", "2"), ("--threshold", "-1"),
     ("--from", "yesterday"), ("--least-common-viewers", "0"), ("--min-live-minutes", "-5")],
)  # fmt: skip
def test_settings_that_mean_nothing_are_refused(simulated, tmp_path, refusal, flag, value):
    assert flag in refusal("process", simulated.store, "--out", tmp_path, flag, value)


def test_stores_that_are_none_are_refused(tmp_path, refusal):
    (tmp_path / "store").mkdir()
    assert "import" in refusal("process", tmp_path / "store", "--out", tmp_path / "t")


def test_who_is_on_the_opt_out_list_is_in_no_table_though_the_store_has_them(
    simulated, tmp_path, call
):
    """The list of another store, say, was put beside it."""
    shutil.copytree(simulated.store, tmp_path / "store")
    store = Store.open(tmp_path / "store")
    pseudonyms = load_pseudonyms(simulated.key, create=False)
    tables = read_tables(simulated.tables)
    gone, stays = tables.streamers.sort("audience")["name"][-2:]
    members = store.days()[1].read("members", SCHEMAS["members"])
    people = OptOut(viewers=frozenset(members["viewer"].unique().to_list()[:1500]))
    store.use_opt_out(people | of_people([gone], pseudonyms, channels=True))
    options = ("--out", tmp_path / "tables", "--key", simulated.key, "--bot-channels", 15)
    assert call("process", store.folder, *options)[0] == 0
    found = read_tables(tmp_path / "tables").streamers
    assert gone not in found["name"].to_list()
    (tmp_path / "other").write_text("ab" * 32)  # the default key of somebody with several stores
    options = ("--out", tmp_path / "again", "--key", tmp_path / "other", "--bot-channels", 15)
    assert call("process", store.folder, *options)[0] == 0
    before, after = (
        one.filter(name=stays)["distinct_chatters"].item() for one in (tables.streamers, found)
    )
    assert after < 0.9 * before
