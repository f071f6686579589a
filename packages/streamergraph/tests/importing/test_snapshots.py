from __future__ import annotations

import datetime
import gzip
import json
from zoneinfo import ZoneInfo

import pytest
from importing_tables import FEW_THRESHOLDS, table, write
from streamergraph.importing.snapshots import read_snapshot_file
from streamergraph.importing.times import Clock
from streamergraph.observations.identity import number_of_name
from streamergraph.observations.store import Store
from streamergraph.privacy import Pseudonyms
from streamergraph.processing.process import process_store

KEYED = Pseudonyms(key=bytes(32))
ROME = ZoneInfo("Europe/Rome")


def entry(**changes):
    base = {"spect": ["anna", "bert"], "game_name": "Chess", "viewer_count": 7}
    return {**base, **changes}


@pytest.fixture
def read(tmp_path):
    def make(content, name="2022-05-05_15-09.json"):
        return read_snapshot_file(write(tmp_path, name, content), Clock(ROME), KEYED)

    return make


def test_a_snapshot_without_date_time_has_the_moment_of_its_name(read):
    look = read({"Streamer": entry()})
    assert look.status == "stored"
    assert look.time.isoformat() == "2022-05-05T13:09:00+00:00"
    (stream,) = look.streams
    assert (stream.name, stream.user_id) == ("Streamer", None)
    assert stream.members == tuple(sorted([KEYED.viewer("anna"), KEYED.viewer("bert")]))
    assert (stream.category, stream.viewers) == ("Chess", 7)


HELIX = {"id": "9", "user_id": "44", "user_login": "anna_tv", "user_name": "Anna_TV", "game_id": "743",
         "game_name": "Chess", "viewer_count": 7, "language": "it", "chatters": {"data": []}}  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [{"Anna_TV": HELIX}, [HELIX], {"data": [HELIX], "pagination": {}}, [{"data": [HELIX]}],
     {"date_time": "2022-05-05 15:09:00", "streams": [HELIX]}, {"streams": {"Anna_TV": HELIX}}],
)  # fmt: skip
def test_answers_of_the_interface_are_read_as_they_came(read, content):
    (stream,) = read(content).streams
    assert (stream.user_id, stream.login, stream.name) == (44, "anna_tv", "Anna_TV")
    assert (stream.category_id, stream.category, stream.language) == (743, "Chess", "it")
    assert stream.members == ()


@pytest.mark.parametrize(
    "form", ["2022-05-05_15-09", "2022-05-05 15:09:00", 1651756140, "1651756140000"]
)
def test_every_form_of_date_time_is_read(read, form):
    assert read({"A": entry(date_time=form)}, "any.json").time.hour == 13


@pytest.mark.parametrize(
    "text", ["", "{", '{"A": {"spect": ["anna"', "<html>", "[]", "\x00\x01", '["anna"]', '"anna"',
             '{"error": "Unauthorized", "status": 401}']
)  # fmt: skip
def test_what_is_no_snapshot_is_broken_and_its_problem_does_not_quote_it(read, text):
    look = read(text)
    assert look.status == "broken"
    assert "anna" not in look.problem + "".join(look.losses)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ({"A": entry(date_time="1970-01-01_00-00")}, "2022-05-05_15-09.json"),
        ({"A": entry(date_time="2022-05-05_18-09")}, "2022-05-05_15-09.json"),
        ({"A": entry()}, "2099-01-01_00-00.json"),
        ({"A": entry()}, "no time.json"),
    ],
)
def test_wrong_clocks_are_found(read, content, name):
    assert read(content, name).status == "clock"


def test_missing_chatters_are_not_empty_ones(read):
    content = {"None": entry(spect=None), "Empty": entry(spect=[]), "Absent": {"viewer_count": 3}}
    by_name = {stream.name: stream for stream in read(content).streams}
    assert by_name["Empty"].members == ()
    assert by_name["None"].members is by_name["Absent"].members is None


def test_odd_values_are_read_or_left_open_and_counted(read):
    name = 'Quote", 😀\nline'
    content = {
        name: entry(game_name="", viewer_count="1204", spect=["x", "x", "", None, 5]),
        "B": entry(viewer_count=-3, game_name=None),
        "D": entry(viewer_count=100.0),
        "E": entry(viewer_count=100.5),
        "F": entry(viewer_count="many", user_id="x7"),
        "C": "no stream",
        " ": entry(),
    }
    look = read(content)
    first = look.streams[0]
    assert (first.name, first.category, first.viewers) == (name, None, 1204)
    assert first.members == (KEYED.viewer("x"),)
    assert [stream.viewers for stream in look.streams] == [1204, None, 100, None, None]
    assert look.losses == {
        "chat entries that are no login": 1,
        "chat entries that are no text": 2,
        "viewer counts that are no count": 3,
        "ids of channels that are no number": 1,
        "entries that are no stream": 2,
    }


@pytest.mark.parametrize(
    ("said", "count"),
    [("1,204", 1204), ("1 204", 1204), ("1'204'000", 1204000), ("1.2K", 1200), ("1,5 m", 1500000),
     ({"$numberLong": "1204"}, 1204), ("1.000", None), ("12,04", None), ("12 viewers", None)],
)  # fmt: skip
def test_counts_as_people_write_them(read, said, count):
    look = read({"A": entry(viewer_count=said)})
    assert look.streams[0].viewers == count
    assert look.losses.total() == (count is None)


@pytest.mark.parametrize("form", ["gzip", "utf-16", "windows"])
def test_files_that_are_written_otherwise_than_their_name_says_are_read(tmp_path, form):
    text = json.dumps({"A": entry(game_name="Pokémon")}, ensure_ascii=False)
    content = {
        "gzip": gzip.compress(text.encode()),
        "utf-16": text.encode("utf-16"),
        "windows": text.encode("cp1252"),
    }[form]
    path = tmp_path / "2022-05-05_15-09.json"
    path.write_bytes(content)
    assert read_snapshot_file(path, Clock(ROME), KEYED).streams[0].category == "Pokémon"


def test_a_collector_may_take_its_time_from_channel_to_channel(read):
    streams = {str(k): entry(date_time=f"2022-05-05_15-{9 + k:02}") for k in range(0, 28, 4)}
    look = read(streams)
    assert (look.status, look.time.minute, len(look.streams)) == ("stored", 9, 7)


def test_a_message_is_no_snapshot_keyed_by_names(read):
    look = read({"author": {"name": "anna", "id": "1"}, "message": "hi", "timestamp": 1651756140})
    assert (look.status, look.losses) == ("broken", {"chat messages in the place of streams": 1})


def test_a_name_and_an_id_that_stand_together_belong_together(tmp_path, imported):
    for minute, content in (
        (10, {"Anna": entry()}),
        (15, {"Anna": entry(user_id=11), "Bert": entry(user_id="12")}),
        (20, {"Bert": entry(spect=[])}),
    ):
        write(tmp_path / "source", f"2022-05-05_15-{minute}.json", content)
    _, store = imported(tmp_path / "source")
    assert table(store, "observations")["channel_id"].to_list() == [number_of_name("anna"), 11, 12,
                                                                   number_of_name("bert")]  # fmt: skip


def test_a_file_is_a_duplicate_only_if_it_tells_nothing_new(tmp_path, imported):
    source = tmp_path / "source"
    one = json.dumps({"A": entry(date_time="2022-05-05_15-09")})
    write(source, "2022-05-05_15-09.json", one)
    write(source, "2022-05-05_15-09 (copy).json", one)
    write(source, "en/2022-05-05_15-09.json", {"B": entry()})  # the same moment, another language
    write(source, "2022-05-05_15-14.json", "{}")
    write(source, "2022-05-05_15-19.json", "{}")  # nobody was live twice
    write(source, "2022-05-05_15-24.json", "{")
    counts, store = imported(source)
    assert counts == {"stored": 4, "duplicate": 1, "broken": 1}
    assert table(store, "observations").height == 2


@pytest.mark.parametrize("counted", ["{:04d}_{}", "{}_{}", "it-{:03d} {}"])
@pytest.mark.parametrize("said", [True, False])
def test_numbered_files_of_the_night_when_clocks_go_back(tmp_path, imported, counted, said):
    """Seven hours by quarters, of which local clocks of Rome show one twice."""
    begin = datetime.datetime(2022, 10, 29, 22, tzinfo=datetime.UTC)
    moments = [begin + k * datetime.timedelta(minutes=15) for k in range(28)]
    for k, moment in enumerate(moments):
        local = f"{moment.astimezone(ROME):%Y-%m-%d_%H-%M}"
        number = k + 100 if counted == "{}_{}" else k  # read in the order of names
        content = {"A": entry(**({"date_time": local} if said else {}))}
        write(tmp_path / "source", counted.format(number, local) + ".json", content)
    counts, store = imported(tmp_path / "source", timezone="Europe/Rome")
    assert counts == {"stored": 28}
    assert table(store, "observations")["time"].to_list() == moments
    assert (
        table(store, "runs")["source"].n_unique() == 1
    )  # what follows one another stands until it
    made = process_store(store, FEW_THRESHOLDS).tables
    assert made.streamers["minutes_live"].to_list() == [7 * 60]


def test_a_second_import_reads_nothing_again(tmp_path, imported):
    source = tmp_path / "source"
    for minute in (10, 15, 20):
        write(source, f"2022-05-05_15-{minute}.json", {"A": entry()})
    write(source, "2022-05-05_15-25.json", "{")
    _, store = imported(source)
    before = {path: path.read_bytes() for path in store.folder.rglob("*.*")}
    assert imported(source)[0] == {"unchanged": 4}
    assert {path: path.read_bytes() for path in store.folder.rglob("*.*")} == before


def test_a_file_that_has_changed_takes_the_place_of_what_it_said(tmp_path, imported, viewer):
    source = tmp_path / "source"
    write(source, "2022-05-05_15-10.json", {"A": entry(spect=["anna"]), "B": entry()})
    write(source, "2022-05-05_15-15.json", "{")
    imported(source)
    write(source, "2022-05-05_15-10.json", {"A": entry(spect=["carl"], viewer_count=9)})
    write(source, "2022-05-05_15-15.json", {"A": entry()})
    counts, store = imported(source)
    assert counts == {"stored": 2}
    at_ten = table(store, "observations").filter(channel_id=number_of_name("a"))["viewers"]
    assert at_ten.to_list() == [9, 7]
    people = table(store, "members").filter(channel_id=number_of_name("a"))["viewer"].to_list()
    assert sorted(people) == sorted(viewer(login) for login in ("carl", "anna", "bert"))
    assert store.runs()["status"].to_list() == ["stored", "stored"]


def test_a_file_that_breaks_later_takes_nothing_away(tmp_path, imported, call):
    source = tmp_path / "source"
    for minute in (10, 15, 20):
        write(source, f"2022-05-05_15-{minute}.json", {"A": entry()})
    _, store = imported(source)
    before = table(store, "observations")
    write(source, "2022-05-05_15-15.json", "")
    counts, store = imported(source)
    assert counts == {"broken": 1, "unchanged": 2}
    assert table(store, "observations").equals(before)
    assert store.runs()["status"].to_list() == ["stored"] * 3


def test_a_file_that_is_written_over_at_every_tick_tells_a_look_each(tmp_path, imported):
    for k, minute in enumerate((10, 25, 40)):
        write(tmp_path / "source", "latest.json",
              {"A": entry(date_time=f"2022-05-05 15:{minute}:00", viewer_count=k)})  # fmt: skip
        assert imported(tmp_path / "source")[0] == {"stored": 1}
    _, store = imported(tmp_path / "source")
    assert store.runs()["status"].to_list() == ["stored"] * 3
    assert table(store, "observations")["viewers"].to_list() == [0, 1, 2]


def test_a_channel_that_a_changed_file_no_longer_has_is_gone(tmp_path, imported):
    source = tmp_path / "source"
    write(source, "2022-05-05_15-10.json", {"A": entry(), "B": entry()})
    imported(source)
    write(source, "2022-05-05_15-10.json", {"A": entry(), "Cleo": entry()})
    _, store = imported(source)
    ids = set(table(store, "observations")["channel_id"])
    assert ids == {number_of_name("a"), number_of_name("cleo")}
    assert set(table(store, "members")["channel_id"]) == ids


def test_what_a_user_says_of_files_may_be_said_later(tmp_path, imported):
    source = tmp_path / "source"
    write(source, "2022-05-05_15-10.json", {"A": entry()})
    imported(source)
    assert imported(source, language="it")[0] == {"stored": 1}
    counts, store = imported(source)
    assert counts == {"unchanged": 1}
    assert table(store, "observations")["language"].to_list() == ["it"]


def test_a_lost_key_is_not_made_anew_for_a_store_that_is_there(tmp_path, imported, refusal):
    source = write(tmp_path / "source", "2022-05-05_15-10.json", {"A": entry()}).parent
    _, store = imported(source)
    (tmp_path / "key").rename(tmp_path / "kept")
    assert "no file" in refusal("import", source, "--out", store.folder, "--key", tmp_path / "key")
    assert not (tmp_path / "key").exists()


def test_an_import_of_which_nothing_is_left_is_refused_and_leaves_no_store(tmp_path, refusal):
    write(tmp_path / "broken", "2022-05-05_15-10.json", "{")
    write(tmp_path / "ids", "2022-05-05_15-10.json", {"A": entry(spect=[4, 5])})
    for name, reason in (("broken", "1 left out"), ("ids", "2 chat entries that are no text")):
        options = ["--out", tmp_path / "store", "--key", tmp_path / "key"]
        assert reason in refusal("import", tmp_path / name, *options)
        assert not (tmp_path / "store").exists()


def test_what_was_not_understood_is_printed_by_reason_and_kept(tmp_path, call):
    write(tmp_path / "source", "2022-05-05_15-10.json", {"A": entry(spect=["anna", 4, 5])})
    options = ["--out", tmp_path / "store", "--key", tmp_path / "key"]
    status, out, err = call("import", tmp_path / "source", *options)
    assert (status, out.strip().rpartition(": ")[2]) == (0, "1 stored")
    assert "2 chat entries that are no text, in 2022-05-05_15-10.json" in err
    losses = Store(tmp_path / "store").losses().select("file", "reason", "count").rows()
    assert losses == [("2022-05-05_15-10.json", "chat entries that are no text", 2)]


def test_the_zone_of_local_times_is_said_and_another_refused(tmp_path, call, refusal):
    write(tmp_path / "source", "2022-05-05_15-10.json", {"A": entry()})
    options = ["--key", tmp_path / "key", "--out"]
    assert "were taken as UTC" in call("import", tmp_path / "source", *options, tmp_path / "a")[2]
    write(
        tmp_path / "zoned", "2022-05-05_15-10.json", {"A": entry(date_time="2022-05-05T15:10:00Z")}
    )
    assert "UTC" not in call("import", tmp_path / "zoned", *options, tmp_path / "z")[2]
    rome = [tmp_path / "source", *options, tmp_path / "b", "--timezone", "Europe/Rome"]
    assert "UTC" not in call("import", *rome)[2]
    assert call("import", *rome[:-2])[0] == 0  # the store knows its zone
    assert "--timezone: expected Europe/Rome" in refusal("import", *rome[:-1], "UTC")


def test_sources_that_are_none_are_refused(tmp_path, refusal):
    (tmp_path / "empty").mkdir()
    options = ["--out", tmp_path / "store", "--key", tmp_path / "key"]
    assert "snapshot files" in refusal("import", tmp_path / "empty", *options)
    assert "no such file or folder" in refusal("import", tmp_path / "absent", *options)
    log = tmp_path / "chat.csv"
    log.write_text("a,b\n1,2\n")
    assert "columns time, channel, user" in refusal(
        "import", log, "--out", tmp_path / "s2", *options[2:]
    )
    assert "--timezone" in refusal("import", log, *options, "--timezone", "Mars/Base")


def test_a_refused_import_leaves_nothing_and_takes_nothing_away(tmp_path, refusal, call):
    def everything():
        return {
            path: path.read_bytes() if path.is_file() else b""
            for path in tmp_path.rglob("*")
            if path.name != ".lock"
        }

    (tmp_path / "wrong.csv").write_text("a,b\n1,2\n")
    (tmp_path / "good.csv").write_text("time,channel,user\n2022-05-05T13:01:00Z,Chan,anna\n")
    for name in ("none", "empty"):
        (tmp_path / name).mkdir()
    options = ["--key", tmp_path / "key", "--out"]
    assert call("import", tmp_path / "good.csv", *options, tmp_path / "store")[0] == 0
    before = everything()
    for source in ("wrong.csv", "none"):
        for out in ("new", "deep/er/new", "empty", "store"):
            refusal("import", tmp_path / source, *options, tmp_path / out)
            assert everything() == before, (source, out)
    # A store that was empty before is not this import's to remove.
    (tmp_path / "empty" / "store.json").write_bytes((tmp_path / "store/store.json").read_bytes())
    before = everything()
    refusal("import", tmp_path / "wrong.csv", *options, tmp_path / "empty")
    assert everything() == before


def test_an_interrupted_import_goes_on_and_doubles_nothing(tmp_path, monkeypatch, imported):
    from streamergraph.importing import folder, importing

    source = tmp_path / "source"
    for day in (5, 6, 7):
        for minute in (10, 15, 20):
            content = {"A": entry(spect=["anna", f"b{day}{minute}"])}
            write(source, f"2022-05-0{day}_15-{minute}.json", content)
    real, calls = folder.read_snapshot_file, []

    def interrupted(*arguments):
        calls.append(1)
        if len(calls) == 5:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(importing, "LOOKS_OF_A_PORTION", 2)
    with monkeypatch.context() as patch:
        patch.setattr(folder, "read_snapshot_file", interrupted)
        with pytest.raises(KeyboardInterrupt):
            imported(source)
    counts, store = imported(source)
    assert counts == {"unchanged": 4, "stored": 5}
    _, other = imported(source, store="other")
    for name in ("observations", "members"):
        assert table(store, name).equals(table(other, name))
