"""A chat server for tests: as Twitch's for who reads only, or as a plain one without its capabilities."""

from __future__ import annotations

import socket
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

NAMES_A_LINE = 40
LARGE_ROOM = 1000
# tmi.js takes itself for connected with the 372.
WELCOME = {
    "001": "Welcome, GLHF!", "002": "Your host is tmi.twitch.tv", "003": "This server is rather new",
    "004": "-", "375": "-", "372": "You are in a maze of twisty passages, all alike.", "376": ">",
}  # fmt: skip


@dataclass
class IrcMock:
    """Rooms with people; what clients did is in `joins` (moments) and `lines`."""

    is_twitch: bool = True
    people: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    closed_rooms: set[str] = field(default_factory=set)
    most_rooms: int = 100
    lines: list[str] = field(default_factory=list)
    port: int = 0
    connections: int = 0
    refuses: bool = False
    _clients: list[_Client] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"irc://127.0.0.1:{self.port}"

    def rooms(self) -> set[str]:
        return {room for client in self._clients for room in client.rooms}

    def say(self, room: str, who: str, text: str = "hello", tags: str = "") -> None:
        self.send(room, f"{tags + ' ' if tags else ''}{_mask(who)} PRIVMSG #{room} :{text}")

    def come(self, room: str, who: str) -> None:
        self.send(room, f"{_mask(who)} JOIN #{room}")

    def go(self, room: str, who: str) -> None:
        self.send(room, f"{_mask(who)} PART #{room}")

    def kick(self, room: str) -> None:
        for client in list(self._clients):
            if room in client.rooms:
                client.rooms.discard(room)
                client.send(f":server KICK #{room} {client.name} :out")

    def send(self, room: str, line: str) -> None:
        for client in list(self._clients):
            if room in client.rooms:
                client.send(line)

    def tell_all(self, line: str) -> None:
        for client in list(self._clients):
            client.send(line)

    def restart(self) -> None:
        """Every connection ends."""
        for client in list(self._clients):
            client.close()


@dataclass(eq=False)
class _Client:
    server: IrcMock
    connection: socket.socket
    name: str = ""
    rooms: set[str] = field(default_factory=set)

    def send(self, line: str) -> None:
        with suppress(OSError):
            self.connection.sendall(line.encode() + b"\r\n")

    def close(self) -> None:
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def live(self) -> None:
        server = self.server
        server._clients.append(self)
        try:
            for line in self.connection.makefile(encoding="utf-8"):
                server.lines.append(line.strip())
                self.take(line.strip())
        except (OSError, ValueError):
            pass
        finally:
            server._clients.remove(self)
            self.connection.close()

    def take(self, line: str) -> None:
        word, _, rest = line.partition(" ")
        server = self.server
        match word:
            case "CAP" if rest.startswith("REQ"):
                verdict = "ACK" if server.is_twitch else "NAK"
                self.send(f":tmi.twitch.tv CAP * {verdict} {rest.partition(' ')[2]}")
            case "NICK":
                self.name = rest
                for number, text in WELCOME.items():
                    self.send(f":tmi.twitch.tv {number} {rest} :{text}")
            case "PING":
                self.send(f":tmi.twitch.tv PONG tmi.twitch.tv {rest}")
            case "PART":
                self.rooms.discard(rest[1:])
                self.send(f"{_mask(self.name)} PART {rest}")
            case "JOIN":
                self.join(rest[1:])

    def join(self, room: str) -> None:
        server = self.server
        if room in server.closed_rooms:
            self.send(f"@msg-id=msg_channel_suspended :tmi.twitch.tv NOTICE #{room} :suspended")
            return
        if len(self.rooms) >= server.most_rooms:
            return  # Twitch says nothing
        self.rooms.add(room)
        self.send(f"{_mask(self.name)} JOIN #{room}")
        people = [self.name, *server.people[room]]
        if server.is_twitch and len(people) > LARGE_ROOM:
            people = [self.name, *server.people[room][:3]]  # moderators
        for at in range(0, len(people), NAMES_A_LINE):
            names = " ".join(people[at : at + NAMES_A_LINE])
            self.send(f":{self.name}.tmi.twitch.tv 353 {self.name} = #{room} :{names}")
        self.send(f":{self.name}.tmi.twitch.tv 366 {self.name} #{room} :End of /NAMES list")
        if server.is_twitch:
            self.send(f"@emote-only=0;room-id=7;slow=0 :tmi.twitch.tv ROOMSTATE #{room}")


def _mask(who: str) -> str:
    return f":{who}!{who}@{who}.tmi.twitch.tv"


@contextmanager
def irc_mock(*, is_twitch: bool = True) -> Iterator[IrcMock]:
    server = IrcMock(is_twitch=is_twitch)
    listening = socket.create_server(("127.0.0.1", 0))
    server.port = listening.getsockname()[1]

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listening.accept()
                server.connections += 1
                if server.refuses:
                    connection.close()
                    continue
                client = _Client(server, connection)
                threading.Thread(target=client.live, daemon=True).start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        server.restart()
        thread.join(timeout=5)
