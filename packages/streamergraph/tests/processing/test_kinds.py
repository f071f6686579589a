from __future__ import annotations

import datetime

import pytest
from streamergraph.errors import StreamergraphError
from streamergraph.observations.looks import Look, SeenStream
from streamergraph.observations.store import Store
from streamergraph.privacy import Pseudonyms
from streamergraph.processing.process import process_store
from streamergraph.processing.settings import ProcessSettings
from streamergraph.processing.slices import Slice

KEYED = Pseudonyms(key=bytes(32))
NOON = datetime.datetime(2022, 5, 5, 12, 0, tzinfo=datetime.UTC)
LOW = ProcessSettings(
    min_mean_viewers=0, min_mean_chatters=0, min_live_minutes=0, min_watch_minutes=0,
    least_common_viewers=1, bot_channels=None,
)  # fmt: skip


@pytest.fixture
def processed(tmp_path):
    """Process looks given as {minute: {name: (members or None, authors or None)}}."""

    def run(moments, **slice_):
        store = Store.create(tmp_path / "store", KEYED)
        store.add(
            [
                Look(
                    source="files",
                    file=str(minute),
                    time=NOON + datetime.timedelta(minutes=minute),
                    streams=tuple(
                        SeenStream(name=name, viewers=9, members=ids(members), authors=ids(authors),
                                   language="it" if name < "C" else None)
                        for name, (members, authors) in streams.items()
                    ),
                )
                for minute, streams in moments.items()
            ]
        )  # fmt: skip
        return process_store(store, LOW, Slice(**slice_))

    def ids(people):
        return None if people is None else tuple(KEYED.viewer(one) for one in people)

    return run


def chatters(result):
    return dict(result.tables.streamers.select("name", "distinct_chatters").iter_rows())


def test_members_where_every_channel_has_them_and_authors_are_kept_beside_them(processed):
    moments = {m: {"A": ("abcd", "a"), "B": ("cdef", "cf")} for m in range(0, 60, 5)}
    result = processed(moments)
    assert (result.choice.kind, chatters(result)) == ("members", {"A": 4, "B": 4})
    assert result.tables.facts.audience == "members"
    authors = processed(moments, audience="authors")
    assert (authors.tables.facts.audience, chatters(authors)) == ("authors", {"A": 1, "B": 2})
    assert result.tables.streamers["minutes_live"].to_list() == [60, 60]


def test_authors_where_only_these_are_had_by_all(processed):
    moments = {m: {"A": ("abcd", "a"), "B": (None, "cf")} for m in range(0, 60, 5)}
    result = processed(moments)
    assert (result.choice.kind, chatters(result)) == ("authors", {"A": 1, "B": 2})


def test_else_the_kind_that_more_channels_have_and_the_others_are_named(processed):
    moments = {
        m: {"A": ("abcd", None), "B": ("ab", None), "C": (None, "cf")} for m in range(0, 60, 5)
    }
    result = processed(moments)
    assert (result.choice.kind, chatters(result)) == ("members", {"A": 4, "B": 2})
    assert result.choice.left_out == result.tables.facts.left_out == ("C",)
    assert result.summary["channels"] == {
        "with_members": 2, "with_authors": 1, "left_out": 1, "in_part": 0, "names_of_several_ids": 0,
    }  # fmt: skip


def test_a_channel_that_has_a_kind_for_a_part_of_the_time_is_told(processed):
    moments = {
        m: {"A": ("ab", None), "B": ("ab", None) if m < 120 else (None, "c")}
        for m in range(0, 300, 5)
    }
    result = processed(moments)
    assert result.choice.kind == "members"
    assert result.choice.in_part == ("B",)
    assert chatters(result) == {"A": 2, "B": 2}


def test_a_log_beside_snapshots_takes_neither_viewers_nor_categories_from_them(tmp_path):
    store = Store.create(tmp_path / "store", KEYED)
    two = tuple(KEYED.viewer(one) for one in "ab")
    for m in range(0, 240, 15):
        seen = SeenStream(name="A", viewers=100, category="Chess", members=two)
        store.add([Look(source="files", file=str(m), time=NOON + datetime.timedelta(minutes=m),
                        streams=(seen,))])  # fmt: skip
    for m in range(0, 300, 5):
        wrote = SeenStream(login="a", viewers=200, authors=two[:1], width_minutes=5)
        store.add([Look(source="log", file=f"log {m}", streams=(wrote,),
                        time=NOON + datetime.timedelta(minutes=m))])  # fmt: skip
    for kind in ("members", "authors"):
        made = process_store(store, LOW, Slice(audience=kind)).tables
        assert made.streamers["minutes_live"].to_list() == [300]
        assert made.played["minutes"].to_list() == [240]
        assert made.streamers["mean_viewers"].to_list() == [(240 * 100 + 60 * 200) // 300]


def test_what_nobody_passes_is_told_by_threshold(tmp_path, refusal):
    store = Store.create(tmp_path / "store", KEYED)
    for m in range(0, 60, 5):
        wrote = SeenStream(login="a", authors=tuple(range(20)), width_minutes=5)
        store.add([Look(source="log", file=f"{m}", streams=(wrote,),
                        time=NOON + datetime.timedelta(minutes=m))])  # fmt: skip
    line = refusal("process", tmp_path / "store", "--out", tmp_path / "t")
    assert "none of 1 (1 are below --min-mean-viewers; of 1 no viewers are known)" in line
    assert line.endswith("lower --min-mean-viewers")


def test_where_no_viewers_are_known_0_stands_for_them_which_is_told(tmp_path, call):
    store = Store.create(tmp_path / "store", KEYED)
    for m in range(0, 60, 5):
        wrote = [SeenStream(login="a", authors=tuple(range(20)), width_minutes=5),
                 SeenStream(login="b", viewers=5, authors=tuple(range(20)), width_minutes=5)]  # fmt: skip
        store.add([Look(source="log", file=f"{m}", streams=tuple(wrote),
                        time=NOON + datetime.timedelta(minutes=m))])  # fmt: skip
    status, out, err = call(
        "process", tmp_path / "store", "--out", tmp_path / "t", "--min-mean-viewers", "0"
    )
    assert status == 0, err
    assert "of 1 streamers no viewers are known: 0 stands for their means and peaks" in out


def test_where_no_chat_list_is_known_that_is_told_beside_the_threshold(tmp_path, refusal):
    store = Store.create(tmp_path / "store", KEYED)
    for m in range(0, 60, 5):
        seen = SeenStream(login="a", viewers=100, width_minutes=5)
        store.add([Look(source="files", file=f"{m}", streams=(seen,),
                        time=NOON + datetime.timedelta(minutes=m))])  # fmt: skip
    line = refusal("process", tmp_path / "store", "--out", tmp_path / "t")
    assert "(1 are below --min-mean-chatters; of 1 no chat list is known)" in line


def test_windows_of_two_lengths_count_no_minute_twice(tmp_path):
    store = Store.create(tmp_path / "store", KEYED)
    for width in (7, 5):
        for m in range(0, 175, width):
            wrote = SeenStream(login="a", viewers=9, authors=(1,), width_minutes=width)
            store.add([Look(source="log", file=f"{width} {m}", streams=(wrote,),
                            time=NOON + datetime.timedelta(minutes=m))])  # fmt: skip
    assert process_store(store, LOW).tables.streamers["minutes_live"].to_list() == [175]


def test_single_lists_that_are_missing_change_nothing(processed):
    moments = {m: {"A": (None if m == 30 else "abc", None)} for m in range(0, 60, 5)}
    assert processed(moments).choice.kind == "members"


def test_a_kind_that_nobody_has_is_refused(processed):
    with pytest.raises(StreamergraphError, match="--audience"):
        processed({0: {"A": ("ab", None)}, 5: {"A": ("ab", None)}}, audience="authors")


def test_slices_by_time_and_language(processed):
    moments = {m: {"A": ("ab", None), "C": ("abc", None)} for m in range(0, 120, 5)}
    half = processed(moments, first=NOON + datetime.timedelta(hours=1))
    assert half.tables.streamers["minutes_live"].to_list() == [60, 60]
    assert half.tables.facts.first == "2022-05-05T13:00:00+00:00"
    italian = processed(moments, language="IT")
    assert chatters(italian) == {"A": 2}
    assert italian.summary["sampled"]["channels_without_language"] == 1
    with pytest.raises(StreamergraphError, match="--from, --until and --language"):
        processed(moments, language="fi")


def test_weeks_and_spans_by_the_command_line(tmp_path, call, refusal):
    store = Store.create(tmp_path / "store", KEYED)
    people = tuple(KEYED.viewer(str(k)) for k in range(20))
    for day in (2, 3, 9):
        store.add(
            [
                Look(source="f", file=f"{day} {m}",
                     time=datetime.datetime(2022, 5, day, 12, m, tzinfo=datetime.UTC),
                     streams=tuple(SeenStream(name=n, viewers=50, members=people) for n in "AB"))
                for m in range(0, 60, 5)
            ]
        )  # fmt: skip
    options = [tmp_path / "store", "--out", tmp_path / "weeks", "--every", "week"]
    status, out, _ = call("process", *options)
    assert status == 0, out
    assert sorted(path.name for path in (tmp_path / "weeks").iterdir()) == ["2022-W18", "2022-W19"]
    few = ["--from", "2022-05-03", "--until", "2022-05-03", "--min-live-minutes", 0]
    assert call("process", tmp_path / "store", "--out", tmp_path / "day", *few)[0] == 0
    assert "2022-05-03T12:00:00" in (tmp_path / "day" / "tables.json").read_text()
    assert "--until" in refusal(
        "process", *options, "--from", "2022-05-04", "--until", "2022-05-02"
    )
    assert "--every" in refusal("process", *options[:-1], "month")
