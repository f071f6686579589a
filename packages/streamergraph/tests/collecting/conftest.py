"""A server of Helix, and a client of it whose waiting takes no time."""

from __future__ import annotations

import datetime
import random

import pytest
from helix_mock import CLIENT_ID, CLIENT_SECRET, helix_mock
from mongo_server import mongo_server
from streamergraph.collecting.clock import SimulatedClock
from streamergraph.collecting.credentials import Credentials
from streamergraph.collecting.helix import Helix
from streamergraph.collecting.sinks import open_sink
from streamergraph.collecting.tokens import Tokens
from streamergraph.collecting.web import Web

NOON = datetime.datetime(2026, 3, 28, 12, 0, tzinfo=datetime.UTC)


@pytest.fixture
def mock():
    with helix_mock() as server:
        yield server


@pytest.fixture
def clock():
    return SimulatedClock(NOON)


@pytest.fixture
def helix(mock, clock, tmp_path):
    pytest.importorskip("httpx", reason="httpx is not installed: pip install 'httpx>=0.27,<0.29'")
    web = Web(clock)
    tokens = Tokens(
        web=web,
        clock=clock,
        credentials=Credentials(client_id=CLIENT_ID, client_secret=CLIENT_SECRET),
        folder=tmp_path / "tokens",
        auth_url=mock.auth_url,
    )
    yield Helix(web=web, clock=clock, tokens=tokens, url=mock.helix_url, random=random.Random(1))
    web.close()


@pytest.fixture(scope="session")
def mongo(tmp_path_factory):
    with mongo_server(tmp_path_factory.mktemp("mongo")) as address:
        yield address


@pytest.fixture(params=["parquet", "json", "mongodb"])
def address(request, tmp_path):
    """Where to store."""
    if request.param == "mongodb":
        return f"{request.getfixturevalue('mongo')}/twitch.{tmp_path.name}"
    return f"{'json:' if request.param == 'json' else ''}{tmp_path / 'store'}"


@pytest.fixture
def opened(address, tmp_path):
    def make(key="key"):
        return open_sink(address, key=tmp_path / key, clock=SimulatedClock(NOON))

    return make
