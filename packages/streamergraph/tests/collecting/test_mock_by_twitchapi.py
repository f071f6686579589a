"""The mock of Helix as a client sees it that somebody else wrote: it speaks as Twitch does."""

from __future__ import annotations

import asyncio

import pytest
from helix_mock import CLIENT_ID, CLIENT_SECRET, stream


def test_twitchapi_reads_streams_games_users_and_chatters(mock):
    twitch_api = pytest.importorskip("twitchAPI.twitch", reason="twitchAPI is not installed")
    from twitchAPI.type import AuthScope

    mock.streams = [stream(k) for k in range(250)]
    mock.games = [{"id": "7", "name": "Chess", "igdb_id": "70", "box_art_url": ""}]
    mock.chatters = {
        "1": [{"user_id": str(k), "user_login": f"v{k}", "user_name": f"V{k}"} for k in range(1200)]
    }

    async def read():
        twitch = await twitch_api.Twitch(
            CLIENT_ID,
            CLIENT_SECRET,
            base_url=f"{mock.helix_url}/",
            auth_base_url=f"{mock.auth_url}/",
        )
        streams = [one async for one in twitch.get_streams(first=100, language=["it"])]
        games = [one async for one in twitch.get_games(names=["Chess"])]
        await twitch.set_user_authentication(
            mock.new_token(), [AuthScope.MODERATOR_READ_CHATTERS], "refresh"
        )
        chatters = await twitch.get_chatters("1", "1", first=1000)
        people = [one async for one in chatters]
        await twitch.close()
        return streams, games, people

    streams, games, people = asyncio.run(read())
    assert [one.user_id for one in streams] == [str(k) for k in range(250)]
    assert (streams[0].game_name, streams[0].viewer_count) == ("Just Chatting", 10)
    assert games[0].igdb_id == "70"
    assert [one.user_login for one in people] == [f"v{k}" for k in range(1200)]
