"""Listening on an IRC server that somebody else wrote (the package `irc`) and not for Twitch."""

from __future__ import annotations

import socket
import subprocess
import sys
import time

import pytest
from streamergraph.collecting.clock import SystemClock
from streamergraph.collecting.irc import IrcAudience
from streamergraph.collecting.rooms import Rooms
from streamergraph.observations.looks import SeenStream
from streamergraph.privacy import Pseudonyms

KEYED = Pseudonyms(key=bytes(32))
PEOPLE = 60


def until(condition, seconds=30.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.02)


class Server:
    def __init__(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.start()

    def start(self):
        command = [sys.executable, "-m", "irc.server", "-a", "127.0.0.1", "-p", str(self.port)]
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        until(self.answers)

    def answers(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def end(self):
        self.process.kill()
        self.process.wait()

    def person(self, name, room):
        one = socket.create_connection(("127.0.0.1", self.port))
        one.settimeout(20)
        one.sendall(f"NICK {name}\r\nUSER {name} 0 * :{name}\r\nJOIN #{room}\r\n".encode())
        told = b""
        while b" 366 " not in told:
            told += one.recv(4096)
        return one


@pytest.fixture
def server():
    pytest.importorskip("irc.server", reason="the package irc, a plain server, is not installed")
    made = Server()
    yield made
    made.end()


@pytest.mark.slow
def test_members_authors_and_a_restart_while_connected(server):
    people = [server.person(f"viewer{k}", "anna") for k in range(PEOPLE)]
    source = IrcAudience(
        Rooms(KEYED),
        SystemClock(),
        url=f"irc://127.0.0.1:{server.port}",
        first_pause_seconds=0.1,
    )
    try:
        source.begin([SeenStream(user_id=1, login="anna", viewers=80)], until=0)
        room = source.rooms.rooms["anna"]
        until(lambda: room.complete)
        people[3].sendall(b"PRIVMSG #anna :hello\r\n")
        until(lambda: room.authors)
        # Long enough for more than half of the window.
        until(lambda: time.monotonic() - room.joined > room.joined - source.rooms.began)
        heard = {one.kind: set(one.viewers) for one in source.end()}
        assert heard["members"] == {KEYED.viewer(f"viewer{k}") for k in range(PEOPLE)}
        assert heard["authors"] == {KEYED.viewer("viewer3")}
        people[4].sendall(b"PART #anna\r\n")
        until(lambda: KEYED.viewer("viewer4") not in room.names)
        server.end()
        until(lambda: room.joined is None)
        server.start()
        until(lambda: room.complete)
        assert room.names == set()
        assert sum(source.problems().values()) >= 1
    finally:
        source.close()
        for one in people:
            one.close()
