"""Lists that say of some of their accounts that they are no bots, or that entries are switched off."""

from __future__ import annotations

import json

import pytest
from streamergraph.errors import StreamergraphError
from streamergraph.privacy import Pseudonyms
from streamergraph.processing.login_denials import BOTS, NO_BOTS, SWITCHED_OFF
from streamergraph.processing.logins import read_logins

KEYED = Pseudonyms(key=bytes(32))
# anna and cleo are bots, bert is none.
SAID = {
    "a.csv": "login,is_bot\nanna,true\nbert,false\ncleo,true\n",
    "b.csv": "isBot;username\n1;anna\n0;bert\n1;cleo\n",
    "c.csv": "name,banned\nanna,yes\nbert,no\ncleo,yes\n",
    "d.json": json.dumps({"anna": True, "bert": False, "cleo": True}),
    "e.json": json.dumps([{"login": x, "is_bot": x != "bert"} for x in ("anna", "bert", "cleo")]),
    "f.json": json.dumps({x: {"is_bot": x != "bert", "n": 1} for x in ("anna", "bert", "cleo")}),
    "g.yaml": "anna: true\nbert: false\ncleo: true\n",
    "h.txt": "/ban anna\n/unban bert\n/ban cleo\n",
}


@pytest.fixture
def read(tmp_path):
    """The logins of a list, as far as they are among those of the tests, and what was not taken."""
    known = {KEYED.viewer(login): login for login in ("anna", "bert", "cleo", "1", "2")}

    def read(name, text, **how):
        path = tmp_path / name
        path.write_text(text)
        found = read_logins(path, KEYED, **how)
        return {known[viewer] for viewer in found.viewers}, found.not_understood

    return read


@pytest.mark.parametrize("name", SAID)
def test_who_is_said_to_be_no_bot_is_none(read, name):
    assert read(name, SAID[name]) == ({"anna", "cleo"}, {NO_BOTS: 1})


@pytest.mark.parametrize("name", SAID)
def test_of_those_who_are_allowed_they_are_the_ones(read, name):
    assert read(name, SAID[name], of_bots=False) == ({"bert"}, {BOTS: 2})


def test_entries_that_are_switched_off(read):
    text = "- name: anna\n  enabled: true\n- name: bert\n  enabled: false\n"
    for of_bots in (True, False):
        assert read("a.yaml", text, of_bots=of_bots) == ({"anna"}, {SWITCHED_OFF: 1})


def test_what_is_true_of_all_is_said_of_none(read):
    assert read("a.csv", "login,is_bot\nanna,true\nbert,true\n", of_bots=False)[0] == {
        "anna",
        "bert",
    }


def test_an_array_that_became_an_object(read):
    assert read("a.json", '{"1": "anna", "2": "bert"}') == ({"anna", "bert"}, {})


def test_a_pattern_is_no_login(read):
    assert read("a.txt", "anna\nbert*\n") == ({"anna"}, {"characters that no login has": 1})
    with pytest.raises(StreamergraphError, match="1 characters that no login has"):
        read("a.txt", "ann*\n")


def test_what_is_told_of_them(tmp_path):
    path = tmp_path / "bots.csv"
    path.write_text("login,is_bot\nanna,true\nbert,false\nno login,true\n")
    assert read_logins(path, KEYED).told(seen=1) == (
        "bots.csv: 1 logins read, 1 of them seen in the store; 1 entries not understood "
        f"(1 characters that no login has); 1 left out (1 {NO_BOTS})"
    )
