"""The same moments from several files: nothing twice, and nobody lost."""

from __future__ import annotations

import pytest
from importing_tables import table, write

HEADER = "time,channel,user\n"
ENTRY = {"game_name": "Chess", "viewer_count": 7}


def people(store, kind, viewer, *logins):
    """Whether exactly these people are stored, once each."""
    return table(store, kind)["viewer"].to_list() == sorted(viewer(login) for login in logins)


@pytest.mark.parametrize("order", [("first", "second"), ("second", "first")])
def test_logs_that_overlap_complete_each_other(tmp_path, imported, viewer, order):
    """The window at which one log ends and the other begins has the messages of both."""
    messages = [("13:00", "anna"), ("13:01", "bert"), ("13:02", "carl"), ("13:03", "dora")]
    lines = [f"2022-05-05T{time}:00Z,Chan,{user}\n" for time, user in messages]
    write(tmp_path, "first/log.csv", HEADER + "".join(lines[:3]))
    write(tmp_path, "second/log.csv", HEADER + "".join(lines[2:]))
    for name in order:
        counts, store = imported(tmp_path / name / "log.csv")
        assert counts == {"stored": 1}
    assert people(store, "authors", viewer, "anna", "bert", "carl", "dora")
    assert table(store, "observations").height == 1
    counts, store = imported(tmp_path / order[0] / "log.csv")
    assert "stored" not in counts


def test_pages_of_one_list_in_files_of_their_own_are_one_list(tmp_path, imported, viewer):
    for page, logins in enumerate((["anna", "bert"], ["bert", "carl"], ["carl"])):
        write(
            tmp_path / "source",
            f"2022-05-05_15-09 page {page}.json",
            {"A": {**ENTRY, "spect": logins}},
        )
    counts, store = imported(tmp_path / "source")
    assert counts == {"stored": 2, "duplicate": 1}
    assert people(store, "members", viewer, "anna", "bert", "carl")
    assert table(store, "observations").height == 1


def test_a_second_collector_adds_whom_the_first_has_not_seen(tmp_path, imported, viewer):
    for name, logins in (("here", ["anna"]), ("there", ["anna", "bert"])):
        write(tmp_path / name, "2022-05-05_15-09.json", {"A": {**ENTRY, "spect": logins}})
        counts, store = imported(tmp_path / name)
        assert counts == {"stored": 1}
    assert people(store, "members", viewer, "anna", "bert")
    assert imported(tmp_path / "here", store="store")[0] == {"unchanged": 1}
