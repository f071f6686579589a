"""Listening to chats as nobody in particular: Twitch lets everybody read without an account.

A thread of its own holds the connection: it asks to be told who comes and goes, joins at the rate that
is allowed, answers pings, and connects anew when it is told to or cut off. A source like any other
(see `audience`); the rooms and their policy are in `rooms`.
"""

from __future__ import annotations

import random
import socket
import ssl
import threading
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from streamergraph.collecting.audience import Heard, News
from streamergraph.collecting.clock import Clock
from streamergraph.collecting.irc_lines import Line, parse_line
from streamergraph.collecting.rooms import Rooms
from streamergraph.errors import StreamergraphError
from streamergraph.observations.looks import SeenStream

IRC_URL = "ircs://irc.chat.twitch.tv:6697"
CAPABILITIES = "twitch.tv/membership twitch.tv/tags twitch.tv/commands"
JOINS, JOIN_SECONDS = 18, 10.0  # Twitch allows 20 in 10 s
CONNECT_SECONDS = 15.0
READ_SECONDS = 0.1
QUIET_SECONDS, PONG_SECONDS = 240.0, 30.0  # Twitch pings every five minutes or so
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 60.0
LARGEST_BUFFER = 1 << 20
WELCOME = "001"
NO_SUCH_ROOM = ("403", "437", "471", "473", "474", "475", "477")
CLOSED_ROOM = {"msg_channel_suspended", "msg_banned", "tos_ban"}


class _Over(Exception):  # noqa: N818  (no error: this connection is over)
    """The connection is over; the text says why, as it is counted."""


@dataclass
class IrcAudience:
    """Authors of all rooms that are joined, and members of the small ones."""

    rooms: Rooms
    clock: Clock
    url: str = IRC_URL
    listens: bool = field(default=True, init=False)
    joins: int = JOINS
    join_seconds: float = JOIN_SECONDS
    first_pause_seconds: float = FIRST_PAUSE_SECONDS
    quiet_seconds: float = QUIET_SECONDS
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _stop: threading.Event = field(default_factory=threading.Event, repr=False)
    _thread: threading.Thread | None = field(default=None, repr=False)
    _to_join: deque[str] = field(default_factory=deque, repr=False)
    _to_leave: list[str] = field(default_factory=list, repr=False)
    _joined_at: deque[float] = field(default_factory=deque, repr=False)
    _failure: BaseException | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self._place = irc_place(self.url)

    def begin(self, streams: Sequence[SeenStream], *, until: float) -> None:
        """A window begins; rooms are joined meanwhile, so that it returns at once."""
        del until
        if self._failure is not None:
            raise self._failure
        with self._lock:
            gone, new = self.rooms.choose(streams, self.clock.monotonic())
            self._to_leave += gone
            waiting = [one for one in self._to_join if one in self.rooms.rooms]
            again = [
                login
                for login, room in self.rooms.rooms.items()
                if room.joined is None and login not in waiting and login not in new
            ]
            self._to_join = deque([*waiting, *again, *new])
        if self._thread is None:
            self._thread = threading.Thread(target=self._live, name="irc", daemon=True)
            self._thread.start()

    def news(self) -> list[News]:
        """Who was heard since this was asked last."""
        with self._lock:
            return self.rooms.news(self.clock.monotonic())

    def end(self) -> list[Heard]:
        """The window ends."""
        with self._lock:
            return self.rooms.take(self.clock.monotonic())

    def problems(self) -> dict[str, int]:
        """What went wrong since it was asked last."""
        with self._lock:
            told, self.rooms.problems = dict(self.rooms.problems), Counter()
        return told

    def close(self) -> None:
        """Leave."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=CONNECT_SECONDS)

    def _live(self) -> None:
        try:
            pause = self.first_pause_seconds
            while not self._stop.is_set():
                began = self.clock.monotonic()
                try:
                    with self._connected() as connection:
                        self._listen(connection)
                    return
                except (_Over, OSError) as error:
                    reason = str(error) if isinstance(error, _Over) else "no connection to the chat"
                    if self.clock.monotonic() - began > LONGEST_PAUSE_SECONDS:
                        pause = self.first_pause_seconds
                    with self._lock:
                        self.rooms.problems[reason] += 1
                        self.rooms.left_all(self.clock.monotonic())
                        self._to_join = deque(self.rooms.rooms)
                    if reason != _ASKED_TO:
                        self._stop.wait(random.uniform(pause / 2, pause))
                        pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
        except BaseException as error:  # told where the next window begins: never lost in a thread
            self._failure = error

    def _connected(self) -> socket.socket:
        host, port, is_secret = self._place
        plain = socket.create_connection((host, port), timeout=CONNECT_SECONDS)
        try:
            return (
                ssl.create_default_context().wrap_socket(plain, server_hostname=host)
                if is_secret
                else plain
            )
        except BaseException:
            plain.close()
            raise

    def _listen(self, connection: socket.socket) -> None:
        """Read and answer until `close`; raises _Over where the connection is over."""
        name = f"justinfan{random.randint(10_000, 999_999)}"
        _send(connection, f"CAP REQ :{CAPABILITIES}")
        _send(connection, f"NICK {name}")
        _send(connection, f"USER {name} 0 * :{name}")
        connection.settimeout(READ_SECONDS)
        buffer, welcome = b"", False
        heard = asked = self.clock.monotonic()
        began = heard
        while not self._stop.is_set():
            try:
                piece = connection.recv(65_536)
                if not piece:
                    raise _Over("connections that the chat's server closed")
                heard = asked = self.clock.monotonic()
            except TimeoutError:
                piece = b""
            *lines, buffer = (buffer + piece).split(b"\n")
            if len(buffer) > LARGEST_BUFFER:
                raise _Over("lines of the chat without an end")
            for one in lines:
                line = parse_line(one.rstrip(b"\r").decode("utf-8", "replace"))
                if line is not None:
                    welcome = self._take(line, connection, name) or welcome
            now = self.clock.monotonic()
            if not welcome and now - began > CONNECT_SECONDS:
                raise _Over("a chat server that does not welcome us")
            if now - heard > self.quiet_seconds:
                if now - heard > self.quiet_seconds + PONG_SECONDS:
                    raise _Over("a chat server that fell silent")
                if asked == heard:
                    _send(connection, "PING :still there")
                    asked = now
            if welcome:
                self._move(connection, now)
        _send(connection, "QUIT")

    def _take(self, line: Line, connection: socket.socket, name: str) -> bool:
        """One line; whether it welcomes us."""
        room, rooms, now = line.room, self.rooms, self.clock.monotonic()
        if line.command == "PING":
            _send(connection, f"PONG :{line.parameters[-1] if line.parameters else ''}")
            return False
        if line.command == "RECONNECT":
            raise _Over(_ASKED_TO)
        if line.command == WELCOME:
            return True
        if line.command == "CAP" and {"ACK", "NAK"}.intersection(line.parameters):
            # Plain servers welcome nobody before; to Twitch it says nothing.
            _send(connection, "CAP END")
        with self._lock:
            match line.command:
                case "CAP" if "NAK" in line.parameters:
                    rooms.problems["capabilities that the chat's server has not"] += 1
                case "JOIN" if line.sender == name:
                    rooms.joined(room, now)
                case "JOIN":
                    rooms.there(room, [line.sender])
                case "PART" | "KICK" if name in (line.sender, _kicked(line)):
                    rooms.left(room, now)
                    if line.command == "KICK":
                        rooms.problems["rooms that threw us out"] += 1
                case "PART":
                    rooms.went(room, line.sender)
                case "KICK":
                    rooms.went(room, _kicked(line))
                case "QUIT":
                    for login in rooms.rooms:
                        rooms.went(login, line.sender)
                case "PRIVMSG" | "USERNOTICE":
                    self._note_author(line)
                case "353":
                    people = [one.lstrip("~&@%+").lower() for one in line.parameters[-1].split()]
                    rooms.there(room, (one for one in people if one != name))
                case "366":
                    rooms.all_named(room)
                case "NOTICE" if line.tags.get("msg-id") in CLOSED_ROOM:
                    rooms.problems["rooms that are closed to us"] += 1
                case command if command in NO_SUCH_ROOM:
                    rooms.problems["rooms that are closed to us"] += 1
        return False

    def _note_author(self, line: Line) -> None:
        source = line.tags.get("source-room-id")
        if source and source != line.tags.get("room-id"):
            return  # written in another room of a shared chat
        who = line.sender if line.command == "PRIVMSG" else line.tags.get("login", "")
        if who:
            self.rooms.wrote(line.room, who)

    def _move(self, connection: socket.socket, now: float) -> None:
        """Leave and join rooms, as many as are allowed now."""
        with self._lock:
            leave, self._to_leave = self._to_leave, []
            while self._joined_at and now - self._joined_at[0] >= self.join_seconds:
                self._joined_at.popleft()
            join = []
            while self._to_join and len(self._joined_at) < self.joins:
                join.append(self._to_join.popleft())
                self._joined_at.append(now)
        for login in leave:
            _send(connection, f"PART #{login}")
        for login in join:
            _send(connection, f"JOIN #{login}")


_ASKED_TO = "connections that the chat's server asked us to renew"


def irc_place(url: str) -> tuple[str, int, bool]:
    """Host, port, and whether it is encrypted; raises StreamergraphError for what is no address.

    >>> irc_place("irc://127.0.0.1:6667")
    ('127.0.0.1', 6667, False)
    """
    parts = urlsplit(url)
    try:
        port, is_known = parts.port, parts.scheme in ("irc", "ircs") and bool(parts.hostname)
    except ValueError:  # of the port
        port, is_known = None, False
    if not is_known or parts.hostname is None:
        raise StreamergraphError(
            "--irc-url",
            expected="an address such as ircs://host:6697",
            found=url,
            remedy="check it",
        )
    return (
        parts.hostname,
        port or (6697 if parts.scheme == "ircs" else 6667),
        parts.scheme == "ircs",
    )


def _kicked(line: Line) -> str:
    return line.parameters[1].lower() if len(line.parameters) > 1 else ""


def _send(connection: socket.socket, text: str) -> None:
    connection.sendall(text.encode() + b"\r\n")
