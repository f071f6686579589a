"""Listening on ngircd: a plain IRC server, with hundreds in a room, kicks, a flood limit and a restart."""

from __future__ import annotations

import os
import select
import socket
import subprocess
import time
from pathlib import Path

import pytest
from programs import program
from streamergraph.collecting.clock import SystemClock
from streamergraph.collecting.irc import IrcAudience
from streamergraph.collecting.rooms import Rooms
from streamergraph.observations.looks import SeenStream
from streamergraph.privacy import Pseudonyms

pytestmark = pytest.mark.slow

KEYED = Pseudonyms(key=bytes(32))
PEOPLE = 150  # whose names come on several lines; more take the server minutes
SETTINGS = """
[Global]
    Name = irc.example.test
    Info = a plain server
    Listen = 127.0.0.1
    Ports = {port}
[Limits]
    MaxConnections = 3000
    MaxConnectionsIP = 0
    MaxJoins = 100
    MaxNickLength = 30
    MaxPenaltyTime = {penalty}
[Options]
    DNS = no
    Ident = no
    PAM = no
"""


def until(condition, seconds=60.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.02)


class Server:
    def __init__(self, command, folder, *, penalty):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        settings = folder / "ngircd.conf"
        settings.write_text(SETTINGS.format(port=self.port, penalty=penalty))
        settings.chmod(0o644)
        self.command = [command, "-n", "-f", str(settings)]
        fetched = [str(path.parent) for path in Path(command).parents[2].rglob("libident.so.0")]
        paths = [*fetched, os.environ.get("LD_LIBRARY_PATH", "")]
        self.environment = {**os.environ, "LD_LIBRARY_PATH": ":".join(filter(None, paths))}
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            self.command, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until(self.answers)

    def answers(self):
        assert self.process.poll() is None, "ngircd does not start"
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def end(self):
        self.process.kill()
        self.process.wait()

    def people(self, count, room):
        """So many people in a room, the first of whom may kick."""
        found = []
        for k in range(count):
            one = socket.create_connection(("127.0.0.1", self.port))
            one.sendall(f"NICK viewer{k}\r\nUSER v 0 * :v\r\nJOIN #{room}\r\n".encode())
            if not k:
                self.told(one, b" 366 ")
            found.append(one)
        return found

    @staticmethod
    def told(one, text, seconds=60.0):
        said, end = b"", time.monotonic() + seconds
        while text not in said:
            assert time.monotonic() < end, said[-300:]
            if select.select([one], [], [], 0.1)[0]:
                said += one.recv(65_536)
        return said


@pytest.fixture
def serving(tmp_path):
    command = program("ngircd", variable="STREAMERGRAPH_NGIRCD", fetched="ngircd/usr/sbin/ngircd")
    if command is None:
        pytest.skip("ngircd is not here: make ngircd")
    tmp_path.chmod(0o755)
    made = []

    def start(*, penalty=-1):
        made.append(Server(command, tmp_path, penalty=penalty))
        return made[-1]

    yield start
    for server in made:
        server.end()


@pytest.fixture
def listening():
    made = []

    def start(server, *logins, viewers):
        source = IrcAudience(
            Rooms(KEYED),
            SystemClock(),
            url=f"irc://127.0.0.1:{server.port}",
            first_pause_seconds=0.1,
        )
        made.append(source)
        source.begin(
            [
                SeenStream(user_id=k, login=login, viewers=viewers)
                for k, login in enumerate(logins, 1)
            ],
            until=0,
        )
        return source

    yield start
    for source in made:
        source.close()


def heard(source):
    room = source.rooms.rooms["anna"]
    until(lambda: time.monotonic() - room.joined > room.joined - source.rooms.began)
    return {one.kind: set(one.viewers) for one in source.end() if one.channel_id == 1}


def test_people_in_parts_a_message_a_kick_and_a_restart(serving, listening):
    server = serving()
    people = server.people(PEOPLE, "anna")
    try:
        source = listening(server, "anna", viewers=700)
        room = source.rooms.rooms["anna"]
        until(lambda: room.complete and len(room.names) >= PEOPLE)
        everybody = {KEYED.viewer(f"viewer{k}") for k in range(PEOPLE)}
        assert room.names == everybody
        people[3].sendall(b"PRIVMSG #anna :hello\r\n")
        people[0].sendall(b"KICK #anna viewer4 :out\r\n")
        until(lambda: room.authors and KEYED.viewer("viewer4") not in room.names)
        assert heard(source) == {"authors": {KEYED.viewer("viewer3")}, "members": everybody}
        assert source.problems() == {"capabilities that the chat's server has not": 1}
        server.end()
        until(lambda: room.joined is None)
        server.start()
        until(lambda: room.complete)
        assert room.names == set()
    finally:
        for one in people:
            one.close()


def test_whoever_throws_us_out_is_left_until_the_next_window(serving, listening):
    server = serving()
    (operator,) = server.people(1, "anna")
    source = listening(server, "anna", viewers=2)
    room = source.rooms.rooms["anna"]
    until(lambda: room.complete)
    said = server.told(operator, b" JOIN ")
    name = said.decode().rpartition("!")[0].rpartition(":")[2]
    operator.sendall(f"KICK #anna {name} :out\r\n".encode())
    until(lambda: room.joined is None)
    assert source.problems()["rooms that threw us out"] == 1
    source.begin([SeenStream(user_id=1, login="anna", viewers=2)], until=0)
    until(lambda: room.joined is not None)
    operator.close()


def test_a_server_that_slows_down_who_is_fast_gets_all_rooms_joined(serving, listening):
    server = serving(penalty=2)
    source = listening(server, *(f"room{k}" for k in range(12)), viewers=2)
    until(lambda: all(room.joined is not None for room in source.rooms.rooms.values()))
    assert "connections that the chat's server closed" not in source.problems()
