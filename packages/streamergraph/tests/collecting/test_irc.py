"""Listening to chats: who wrote, who was there, and what becomes of it when the server fails."""

from __future__ import annotations

import time

import pytest
from irc_mock import irc_mock
from streamergraph.collecting.clock import SystemClock
from streamergraph.collecting.irc import IrcAudience, irc_place
from streamergraph.collecting.rooms import Rooms
from streamergraph.errors import StreamergraphError
from streamergraph.observations.looks import SeenStream
from streamergraph.privacy import Pseudonyms

KEYED = Pseudonyms(key=bytes(32))


def live(login, number, viewers=20):
    return SeenStream(user_id=number, login=login, viewers=viewers)


def ids(*logins):
    return tuple(sorted(KEYED.viewer(one) for one in logins))


def heard(source):
    # Rooms that were joined count once they were heard for more than half of the window.
    rooms = source.rooms
    until(
        lambda: all(
            room.joined is None or time.monotonic() - room.joined > room.joined - rooms.began
            for room in rooms.rooms.values()
        )
    )
    return {(one.channel_id, one.kind): one.viewers for one in source.end()}


def until(condition, seconds=20.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.01)


class TestRooms:
    """The policy, on a clock of its own."""

    @pytest.fixture
    def rooms(self):
        return Rooms(KEYED, most=2)

    def test_the_largest_get_a_place(self, rooms):
        streams = [live("a", 1, 5), live("b", 2, 50), live("c", 3, 9)]
        assert rooms.choose(streams, 0.0) == ([], ["b", "c"])

    def test_who_has_a_place_keeps_it_for_a_while(self, rooms):
        rooms.choose([live("a", 1, 5), live("b", 2, 50)], 0.0)
        streams = [live("a", 1, 5), live("b", 2, 50), live("c", 3, 9)]
        assert rooms.choose(streams, 900.0) == ([], [])
        more = [*streams, live("d", 4, 8)]
        assert rooms.choose(more, 1800.0) == (["a"], ["c"])
        assert rooms.choose(more[2:], 2700.0) == (["b"], ["d"])

    def test_a_room_heard_for_less_than_half_of_the_window_is_missing(self, rooms):
        rooms.choose([live("a", 1), live("b", 2)], 0.0)
        rooms.joined("a", 10.0)
        rooms.joined("b", 10.0)
        rooms.wrote("a", "anna")
        rooms.left("b", 400.0)
        assert [(one.channel_id, one.viewers) for one in rooms.take(900.0)] == [(1, ids("anna"))]
        assert rooms.problems == {"rooms heard for less than half of the time": 1}

    def test_nobody_wrote_is_an_empty_list(self, rooms):
        rooms.choose([live("a", 1)], 0.0)
        rooms.joined("a", 1.0)
        assert [(one.kind, one.viewers) for one in rooms.take(900.0)] == [("authors", ())]

    def test_a_window_has_the_authors_of_its_own(self, rooms):
        streams = [live("a", 1)]
        rooms.choose(streams, 0.0)
        rooms.joined("a", 1.0)
        rooms.wrote("a", "anna")
        rooms.take(900.0)
        rooms.choose(streams, 900.0)
        rooms.wrote("a", "Bert")
        assert rooms.take(1800.0)[0].viewers == ids("bert")

    @pytest.mark.parametrize(
        ("viewers", "named", "told"),
        [(20, 15, True), (0, 0, True), (2000, 900, False), (700, 3, False), (700, 1200, False)],
    )
    def test_members_are_told_where_the_list_can_be_whole(self, rooms, viewers, named, told):
        rooms.choose([live("a", 1, viewers)], 0.0)
        rooms.joined("a", 1.0)
        rooms.there("a", (f"viewer{k}" for k in range(named)))
        rooms.all_named("a")
        kinds = {one.kind: one.viewers for one in rooms.take(900.0)}
        assert ("members" in kinds) is told
        assert len(kinds.get("members", ())) == (named if told else 0)

    def test_members_are_those_of_the_window_s_beginning(self, rooms):
        streams = [live("a", 1)]
        rooms.choose(streams, 0.0)
        rooms.joined("a", 1.0)
        rooms.there("a", ["anna", "bert"])
        rooms.all_named("a")
        rooms.went("a", "bert")
        rooms.there("a", ["carl"])
        assert rooms.take(900.0)[1].viewers == ids("anna", "bert")
        rooms.choose(streams, 900.0)
        assert rooms.take(1800.0)[1].viewers == ids("anna", "carl")

    def test_a_list_that_did_not_end_is_none(self, rooms):
        rooms.choose([live("a", 1)], 0.0)
        rooms.joined("a", 1.0)
        rooms.there("a", ["anna"])
        assert [one.kind for one in rooms.take(900.0)] == ["authors"]

    def test_no_login_is_kept(self, rooms):
        rooms.choose([live("a", 1)], 0.0)
        rooms.joined("a", 1.0)
        rooms.there("a", ["anna_from_home"])
        rooms.wrote("a", "anna_from_home")
        assert "anna_from_home" not in repr(rooms.rooms)


@pytest.fixture
def chat():
    with irc_mock() as server:
        yield server


@pytest.fixture
def source(chat):
    made = IrcAudience(Rooms(KEYED), SystemClock(), url=chat.url, first_pause_seconds=0.02)
    yield made
    made.close()


def test_authors_and_members(chat, source):
    chat.people["anna"] = [f"viewer{k}" for k in range(100)]
    source.begin([live("anna", 1, 90)], until=0)
    until(lambda: source.rooms.rooms["anna"].complete)
    chat.say("anna", "bert")
    chat.say("anna", "Carl", tags="@id=1;room-id=1;source-room-id=1")
    chat.say("anna", "elsewhere", tags="@id=2;room-id=1;source-room-id=99")
    chat.send("anna", "@login=dora;msg-id=sub :tmi.twitch.tv USERNOTICE #anna")
    until(lambda: len(source.rooms.rooms["anna"].authors) == 3)
    assert heard(source) == {
        (1, "authors"): ids("bert", "carl", "dora"),
        (1, "members"): ids(*(f"viewer{k}" for k in range(100))),
    }
    assert not source.problems()


def test_of_a_large_room_only_authors_are_known(chat, source):
    chat.people["anna"] = [f"viewer{k}" for k in range(1500)]
    source.begin([live("anna", 1, 1500)], until=0)
    until(lambda: source.rooms.rooms["anna"].complete)
    chat.say("anna", "bert")
    until(lambda: source.rooms.rooms["anna"].authors)
    assert heard(source) == {(1, "authors"): ids("bert")}


def test_a_plain_server_knows_no_capabilities_and_names_all():
    with irc_mock(is_twitch=False) as plain:
        plain.people["anna"] = [f"viewer{k}" for k in range(900)]
        other = IrcAudience(Rooms(KEYED), SystemClock(), url=plain.url)
        other.begin([live("anna", 1, 500)], until=0)
        until(lambda: other.rooms.rooms["anna"].complete)
        assert len(heard(other)[1, "members"]) == 900
        assert other.problems() == {"capabilities that the chat's server has not": 1}
        other.close()


def test_pings_are_answered(chat, source):
    source.begin([live("anna", 1)], until=0)
    until(lambda: chat.rooms())
    chat.tell_all("PING :tmi.twitch.tv")
    until(lambda: "PONG :tmi.twitch.tv" in chat.lines)


@pytest.mark.parametrize("how", ["reconnect", "restart"])
def test_a_connection_that_ends_is_renewed_and_its_rooms_joined_again(chat, source, how):
    source.begin([live("anna", 1), live("bert", 2)], until=0)
    until(lambda: len(chat.rooms()) == 2)
    chat.say("anna", "carl")
    until(lambda: source.rooms.rooms["anna"].authors)
    if how == "reconnect":
        chat.tell_all(":tmi.twitch.tv RECONNECT")
    else:
        chat.restart()
    until(lambda: chat.connections == 2 and len(chat.rooms()) == 2)
    until(lambda: all(room.joined for room in source.rooms.rooms.values()))
    chat.say("anna", "dora")
    until(lambda: len(source.rooms.rooms["anna"].authors) == 2)
    assert sum(source.problems().values()) == 1


def test_who_is_thrown_out_comes_again_with_the_next_window(chat, source):
    source.begin([live("anna", 1)], until=0)
    until(lambda: source.rooms.rooms["anna"].joined is not None)
    chat.kick("anna")
    until(lambda: source.rooms.rooms["anna"].joined is None)
    assert source.problems() == {"rooms that threw us out": 1}
    source.begin([live("anna", 1)], until=0)
    until(lambda: chat.rooms())


def test_closed_rooms_are_missing_and_counted(chat, source):
    chat.closed_rooms.add("anna")
    source.begin([live("anna", 1), live("bert", 2)], until=0)
    until(lambda: chat.rooms() and source.rooms.problems)
    assert {channel for channel, _ in heard(source)} <= {2}
    assert "rooms that are closed to us" in source.problems()


def test_joins_are_no_faster_than_allowed(chat):
    source = IrcAudience(Rooms(KEYED), SystemClock(), url=chat.url, joins=5, join_seconds=0.3)
    began = time.monotonic()
    source.begin([live(f"room{k}", k) for k in range(12)], until=0)
    until(lambda: len(chat.rooms()) == 12)
    assert time.monotonic() - began >= 0.6
    source.close()


def test_rooms_that_end_are_left(chat, source):
    source.begin([live("anna", 1), live("bert", 2)], until=0)
    until(lambda: len(chat.rooms()) == 2)
    source.begin([live("bert", 2), live("carl", 3)], until=0)
    until(lambda: chat.rooms() == {"bert", "carl"})


def test_a_server_that_is_not_there_is_counted_and_everything_missing(chat, source):
    chat.refuses = True
    source.begin([live("anna", 1)], until=0)
    until(lambda: chat.connections > 2)
    assert heard(source) == {}
    assert sum(source.problems().values()) >= 2
    chat.refuses = False
    until(lambda: chat.rooms())


def test_a_silent_server_is_left(chat):
    source = IrcAudience(
        Rooms(KEYED), SystemClock(), url=chat.url, first_pause_seconds=0.02, quiet_seconds=0.05
    )
    source.begin([live("anna", 1)], until=0)
    until(lambda: "PING :still there" in chat.lines)
    source.close()


def test_lines_that_are_none_of_irc_do_no_harm(chat, source):
    source.begin([live("anna", 1)], until=0)
    until(lambda: chat.rooms())
    for line in (
        "",
        ":",
        "@",
        "@a=b",
        ": :",
        "PRIVMSG",
        ":x PRIVMSG #anna",
        ":x 353 #anna",
        "\x00\xff",
    ):
        chat.tell_all(line)
    chat.say("anna", "bert")
    until(lambda: source.rooms.rooms["anna"].authors)
    source.begin([live("anna", 1)], until=0)


@pytest.mark.parametrize("url", ["http://a", "irc.twitch.tv", "irc://a:port", "ircs://"])
def test_what_is_no_address(url):
    with pytest.raises(StreamergraphError):
        irc_place(url)
