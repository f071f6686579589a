from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamergraph.importing.chat_lists import read_chat_list
from streamergraph.privacy import Pseudonyms

KEYED = Pseudonyms(key=bytes(32))
ANNA, BERT = KEYED.viewer("anna"), KEYED.viewer("bert")
BOTH = tuple(sorted((ANNA, BERT)))
OBJECTS = [
    {"user_id": "1", "user_login": "anna", "user_name": "Anna"},
    {"user_id": "2", "user_login": "bert", "user_name": "バート"},
]


@pytest.mark.parametrize(
    "value",
    [
        ["anna", "bert"],
        ["Anna", " BERT ", "anna"],
        OBJECTS,
        ["anna", OBJECTS[1]],
        [{"login": "anna"}, {"name": "Bert"}],
        {"data": OBJECTS, "pagination": {}, "total": 2},
        [{"data": OBJECTS[:1], "total": 2, "pagination": {"cursor": "x"}}, {"data": OBJECTS[1:]}],
        {"chatter_count": 2, "chatters": {"vips": ["anna"], "moderators": [], "viewers": ["bert"]}},
        {"broadcaster": [], "vips": ["anna"], "viewers": ["bert"], "staff": None},
        {"pseudonyms": [ANNA, BERT % 2**64], "key_fingerprint": KEYED.fingerprint},
        [{"userId": "1", "userName": "Anna"}, {"Chatter_Login": "bert"}],
        ["@anna", "バート (bert)"],
        '["anna", "bert"]',
        "['anna', 'bert']",
        {"edges": [{"node": {"login": "anna"}}, {"node": {"login": "bert"}}]},
    ],
)
def test_every_form_gives_the_same_people(value):
    found = read_chat_list(value, KEYED)
    assert found.viewers == BOTH
    assert not found.losses


@pytest.mark.parametrize(
    "value", [[], {"data": []}, {"chatters": {"viewers": []}, "chatter_count": 0}, {"viewers": []}]
)
def test_an_empty_list_says_that_nobody_is_there(value):
    found = read_chat_list(value, KEYED)
    assert (found.viewers, found.losses) == ((), {})


def test_no_list_is_missing_and_no_loss():
    assert read_chat_list(None, KEYED).viewers is None
    assert not read_chat_list(None, KEYED).losses


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ([1, 2], "no text"),
        (["two words", ""], "no login"),
        (["a" * 64], "no login"),  # somebody else's digest
        ([{"id": 4}], "without a login"),
        ("anna,bert", "neither a list nor an object"),
        ({"people": ["anna"]}, "unknown form"),
        ({"error": "Unauthorized", "status": 401, "message": "…"}, "an error"),
        ({"pseudonyms": [1], "key_fingerprint": "another"}, "another key"),
        ({"pseudonyms": ["x", 2**64], "key_fingerprint": KEYED.fingerprint}, "whole number"),
    ],
)
def test_a_list_of_which_nothing_is_understood_is_missing_and_counted(value, reason):
    found = read_chat_list(value, KEYED)
    assert found.viewers is None
    assert any(reason in said for said in found.losses)


def test_what_is_understood_of_a_list_counts_and_the_rest_is_counted():
    found = read_chat_list(["anna", None, 7, {"user_login": "bert"}, {}], KEYED)
    assert found.viewers == BOTH
    assert found.losses == {
        "chat entries that are no text": 2,
        "chat entries that are objects without a login": 1,
    }


def test_a_page_of_a_longer_list_is_told():
    page = {"data": OBJECTS, "total": 900, "pagination": {"cursor": "abc"}}
    found = read_chat_list(page, KEYED)
    assert found.viewers == BOTH
    assert found.losses == {"further pages of chat lists that are not there": 1}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["data", "chatters", "viewers", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(JSON)
def test_whatever_stands_in_its_place_is_read_or_counted(value):
    found = read_chat_list(value, KEYED)
    if value is not None and found.viewers is None:
        assert found.losses
