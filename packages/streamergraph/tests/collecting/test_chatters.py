"""Get Chatters, under a user's token that the device code flow gives."""

from __future__ import annotations

import pytest
from helix_mock import Fault
from streamergraph.collecting.chatters import SCOPES, HelixChatters
from streamergraph.collecting.device import login
from streamergraph.collecting.helix import ATTEMPTS
from streamergraph.errors import StreamergraphError
from streamergraph.observations.looks import SeenStream
from streamergraph.privacy import Pseudonyms

KEYED = Pseudonyms(key=bytes(32))
CHATTERS = "/mock/chat/chatters"
LIVE = [SeenStream(user_id=number, login=f"c{number}", viewers=10 * number) for number in (1, 2, 3)]


def people(count):
    return [
        {"user_id": str(k), "user_login": f"viewer{k}", "user_name": f"V{k}"} for k in range(count)
    ]


@pytest.fixture
def source(mock, helix):
    helix.tokens.kind = "user"
    mock.chatters = {"1": people(3), "2": people(2500)}
    login(helix.tokens, SCOPES, lambda page, code: None)
    return HelixChatters(helix, KEYED)


def heard(source):
    source.begin(LIVE, until=1e9)
    return {one.channel_id: one.viewers for one in source.end()}


def test_lists_of_the_rooms_that_the_user_moderates_are_whole(source, mock):
    found = heard(source)
    assert {channel: len(viewers) for channel, viewers in found.items()} == {1: 3, 2: 2500}
    assert found[1] == tuple(sorted(KEYED.viewer(f"viewer{k}") for k in range(3)))
    assert mock.count(CHATTERS) == 4  # three pages and one
    assert not source.problems()


def test_a_list_that_breaks_off_is_missing_and_not_shorter(source, mock):
    page = b'{"data": [{"user_login": "viewer1"}], "pagination": {"cursor": "1000"}}'
    mock.faults[CHATTERS].extend([Fault(body=page), *[Fault(status=500)] * ATTEMPTS])
    assert list(heard(source)) == [1]
    assert source.problems()["chat lists that broke off"] == 1


def test_without_the_list_of_rooms_the_user_s_own_room_is_left(source, mock):
    mock.faults["/mock/moderation/channels"].append(Fault(status=401))
    mock.faults["/mock/moderation/channels"].append(Fault(status=401))
    assert list(heard(source)) == [1]
    assert source.problems()["no whole list of the rooms that the user moderates"] == 1


def test_a_token_that_is_gone_makes_everything_missing(source, mock, helix):
    helix.tokens.forget()
    assert heard(source) == {}
    assert source.problems() == {"no list of the rooms that the user moderates": 1}


def test_a_token_that_is_taken_back_between_two_rooms_makes_the_rest_missing(source, mock, clock):
    def taken_back():
        mock.tokens.clear()
        mock.faults["/auth/token"].extend([Fault(status=400)] * 9)

    whole = b'{"data": [{"user_login": "viewer1"}], "pagination": {}}'
    mock.faults[CHATTERS].append(Fault(body=whole, then=taken_back))
    assert list(heard(source)) == [2]
    assert source.problems()["chat lists that broke off"] == 1


def test_a_user_s_token_is_renewed_by_its_refresh_token(source, mock, helix):
    before = helix.tokens.current()
    mock.tokens.clear()
    assert len(heard(source)) == 2
    after = helix.tokens.current()
    assert before.access != after.access
    assert (before.user_id, before.login) == (after.user_id, after.login) == ("1", "channel_1")


def test_the_code_is_shown_and_the_token_kept_for_its_owner(mock, helix):
    helix.tokens.kind = "user"
    mock.device_approved_after = 3
    shown = []
    token = login(helix.tokens, SCOPES, lambda *told: shown.append(told))
    assert shown == [("https://example.invalid/activate", "ABCD")]
    assert (token.user_id, token.scopes) == ("1", ("moderator:read:chatters",))
    assert helix.tokens.path.name.startswith("user-")
    assert helix.tokens.kept() == token


def test_nobody_types_the_code(mock, helix):
    mock.device_approved_after = 10_000
    with pytest.raises(StreamergraphError, match="in time"):
        login(helix.tokens, SCOPES, lambda page, code: None)


def test_the_user_says_no(mock, helix):
    mock.faults["/auth/token"].append(Fault(status=400, body=b'{"message": "access_denied"}'))
    with pytest.raises(StreamergraphError, match="access_denied"):
        login(helix.tokens, SCOPES, lambda page, code: None)


def test_without_any_token_it_is_told_what_to_do(helix):
    helix.tokens.kind = "user"
    with pytest.raises(StreamergraphError, match="auth login"):
        helix.tokens.current()
