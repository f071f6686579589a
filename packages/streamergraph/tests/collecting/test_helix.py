"""What a client of Helix does when the server is slow, busy, in trouble, or moves while it is read."""

from __future__ import annotations

import json

import pytest
from helix_mock import Fault, stream
from streamergraph.collecting.helix import ATTEMPTS, RefusedError
from streamergraph.collecting.streams import live_streams
from streamergraph.collecting.web import NoAnswerError

STREAMS = "/mock/streams"


def test_a_list_of_many_pages_is_whole(mock, helix):
    mock.streams = [stream(k) for k in range(250)]
    live = live_streams(helix, "it")
    assert live.whole
    assert sorted(live.streams) == list(range(250))
    assert mock.count(STREAMS) == 3
    assert not live.losses


def test_nobody_live_is_a_whole_list(mock, helix):
    live = live_streams(helix, "it")
    assert live.whole
    assert live.pages == 1
    assert not live.streams


def test_too_many_requests_are_asked_again_when_the_server_says(mock, helix, clock):
    mock.streams = [stream(k) for k in range(150)]
    mock.faults[STREAMS].append(Fault(status=429, headers={"Retry-After": "17"}))
    began = clock.monotonic()
    live = live_streams(helix, "it")
    assert live.whole
    assert len(live.streams) == 150
    assert 17 <= clock.monotonic() - began < 20
    assert live.losses == {"collecting: asked again: too many requests (429)": 1}


def test_without_points_it_waits_until_there_are_some(mock, helix, clock):
    mock.streams = [stream(k) for k in range(150)]
    reset = "1900000030"
    mock.headers = {"Ratelimit-Remaining": "0", "Ratelimit-Reset": reset}
    began = clock.monotonic()
    assert live_streams(helix, "it").whole
    # What the server says of its reset is far from its own date: nobody waits longer than a minute.
    assert 30 < clock.monotonic() - began <= 60.0
    assert helix.asked_again["no points were left of the rate limit"] == 1


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=500),
        Fault(status=502, body=b'{"error":"Bad Gateway","status":502}'),
        Fault(status=200, body=b'{"data": [{"user_id'),
        Fault(status=200, body=b"<html>maintenance</html>"),
        Fault(status=200, body=b'{"data": [{"user_id', cut_off=True),
        Fault(status=200, body=b'{"message": "ok"}'),
    ],
)
def test_a_page_that_fails_in_the_middle_is_asked_again(mock, helix, fault):
    mock.streams = [stream(k) for k in range(250)]
    mock.before_page = lambda at: mock.faults[STREAMS].append(fault) if at == 0 else None
    live = live_streams(helix, "it")
    assert live.whole
    assert len(live.streams) == 250
    assert sum(live.losses.values()) == 1


def test_a_list_that_never_ends_well_is_partial_and_keeps_what_it_told(mock, helix):
    mock.streams = [stream(k) for k in range(250)]

    def break_after(at):
        if at == 100:
            mock.faults[STREAMS].extend([Fault(status=503)] * ATTEMPTS)

    mock.before_page = break_after
    live = live_streams(helix, "it")
    assert not live.whole
    assert len(live.streams) == 200
    assert "503" in live.problem
    assert live.losses["collecting: asked again: a list that broke off"] == 1


def test_a_refusal_after_too_many_requests_is_no_end_of_a_list(mock, helix):
    """A client that takes it for the last page would tell 100 of 250 streams."""
    mock.streams = [stream(k) for k in range(250)]

    def refuse(at):
        if at == 0:
            mock.faults[STREAMS].extend([Fault(status=429), Fault(status=400), Fault(status=400)])

    mock.before_page = refuse
    live = live_streams(helix, "it")
    assert not live.whole
    assert len(live.streams) == 100


def test_a_cursor_that_leads_back_ends_the_list(mock, helix):
    mock.streams = [stream(k) for k in range(50)]
    body = b'{"data": [{"user_id": "1"}], "pagination": {"cursor": "5"}}'
    mock.faults[STREAMS].extend([Fault(body=body)] * 10)
    live = live_streams(helix, "it")
    assert not live.whole
    assert live.problem == "a cursor that leads back"


def test_a_channel_on_two_pages_is_one_and_one_that_slipped_through_is_asked_for(mock, helix):
    mock.streams = [stream(k, viewers=1000 - k) for k in range(250)]
    slipped = stream(777, viewers=1)

    def move(at):
        if at == 100:  # 777 rises to the first page, which was read; 99 sinks to the second
            mock.streams.insert(0, slipped)

    mock.before_page = move
    live = live_streams(helix, "it", before={777, 5})
    assert live.whole
    assert sorted(live.streams) == [*range(250), 777]


def test_a_stream_that_ends_between_pages_pulls_another_one_over_their_edge(mock, helix):
    mock.streams = [stream(k) for k in range(250)]
    mock.before_page = lambda at: mock.streams.pop(0) if at == 100 else None
    live = live_streams(helix, "it", before=range(250))
    assert live.whole
    # 0 was live when the first page was read; 100 slipped onto it after that, and is found by its id.
    assert sorted(live.streams) == list(range(250))


def test_a_stream_that_ended_is_gone(mock, helix):
    mock.streams = [stream(k) for k in range(10)]
    live = live_streams(helix, "it", before={3, 500})
    assert 500 not in live.streams
    assert live.whole


def test_who_changed_the_language_is_gone_from_this_one_without_a_loss(mock, helix):
    mock.streams = [stream(1), stream(2, language="en")]
    live = live_streams(helix, "it", before={1, 2})
    assert list(live.streams) == [1]
    assert not live.losses


def test_entries_that_say_nothing_are_counted(mock, helix):
    mock.streams = [stream(1), {**stream(2), "user_id": ""}, stream(3, game_id="", game_name="")]
    live = live_streams(helix, "it")
    assert live.losses == {"entries that are no stream": 1}
    assert (live.streams[3].category_id, live.streams[3].category) == (None, None)


def test_what_is_no_entry_and_no_count_is_counted(mock, helix):
    told = [3, -1, 1e30, "12", "many", None]
    entries = [stream(k, viewer_count=viewers) for k, viewers in enumerate(told)]
    body = json.dumps({"data": ["text", None, *entries], "pagination": None}).encode()
    mock.faults[STREAMS].append(Fault(body=body))
    live = live_streams(helix, "it")
    assert live.whole
    assert [live.streams[k].viewers for k in range(6)] == [3, None, None, 12, None, None]
    assert live.losses == {"entries that are no stream": 2, "viewer counts that are no count": 3}


@pytest.mark.parametrize("pagination", [{"cursor": 7}, ["more"], 7])
def test_a_cursor_that_is_not_understood_is_no_end_of_a_list(mock, helix, pagination):
    body = json.dumps({"data": [stream(1)], "pagination": pagination}).encode()
    mock.faults[STREAMS].extend([Fault(body=body)] * 2)
    live = live_streams(helix, "it")
    assert list(live.streams) == [1]
    assert not live.whole


def test_an_expired_token_is_renewed_in_the_middle_of_a_list(mock, helix):
    mock.streams = [stream(k) for k in range(250)]
    mock.before_page = lambda at: mock.tokens.clear() if at == 100 else None
    live = live_streams(helix, "it")
    assert live.whole
    assert len(live.streams) == 250
    assert live.losses == {"collecting: asked again: a token that was refused (401)": 1}


def test_it_stops_when_the_time_of_the_tick_is_over(mock, helix, clock):
    mock.faults[STREAMS].extend([Fault(status=500)] * 100)
    with pytest.raises(NoAnswerError, match="no time is left"):
        helix.get("/streams", until=clock.monotonic() + 2)


def test_a_server_that_sends_a_byte_at_a_time_is_left(mock, helix, monkeypatch):
    monkeypatch.setattr("streamergraph.collecting.web.ANSWER_SECONDS", -1.0)
    mock.faults[STREAMS].append(Fault(drip_seconds=0.01))
    monkeypatch.setattr("streamergraph.collecting.helix.ATTEMPTS", 1)
    helix.tokens.keep(_token(helix))
    with pytest.raises(NoAnswerError, match="an answer that takes more than"):
        helix.get("/streams")


def test_what_is_refused_is_not_asked_again(mock, helix):
    mock.faults[STREAMS].append(Fault(status=400, body=b'{"message": "no such language"}'))
    with pytest.raises(RefusedError, match="no such language"):
        helix.get("/streams")
    assert mock.count(STREAMS) == 1


def test_nobody_there(helix):
    helix.url = "http://127.0.0.1:1"
    with pytest.raises(NoAnswerError, match="no connection"):
        helix.get("/streams")


def _token(helix):
    import datetime

    from streamergraph.collecting.tokens import Token

    return Token(access="x", expires=helix.clock.now() + datetime.timedelta(days=9))
