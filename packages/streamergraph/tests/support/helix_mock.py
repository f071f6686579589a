"""A server of Helix and of tokens for tests, that goes wrong in the ways in which Twitch does.

Paths are those of Twitch's own mock: /mock/streams, /auth/token, /auth/validate. What another one is
missing - rate limits, expired tokens, servers in trouble, bodies that break off, lists that move while
they are read - comes from `faults`: answers in the place of the next ones to a path.
"""

from __future__ import annotations

import json
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

CLIENT_ID, CLIENT_SECRET = "the-client", "a-secret-that-nobody-may-see"


@dataclass
class Fault:
    """An answer in the place of the right one; `then` is called before it."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    cut_off: bool = False  # promises more than it sends
    drip_seconds: float = 0.0  # between two bytes
    then: Callable[[], None] | None = None


@dataclass
class HelixMock:
    """What the server knows, and what it was asked."""

    port: int = 0
    streams: list[dict[str, Any]] = field(default_factory=list)
    users: list[dict[str, Any]] = field(default_factory=list)
    games: list[dict[str, Any]] = field(default_factory=list)
    chatters: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    faults: dict[str, deque[Fault]] = field(default_factory=lambda: defaultdict(deque))
    asked: list[tuple[str, dict[str, list[str]]]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    headers: dict[str, str] = field(default_factory=dict)
    before_page: Callable[[int], None] | None = None  # called with the offset of each page
    device_approved_after: int = 1
    device_seconds: float = 1
    expires_in: int = 5_000_000

    @property
    def helix_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/mock"

    @property
    def auth_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/auth"

    def count(self, path: str) -> int:
        return sum(asked == path for asked, _ in self.asked)

    def new_token(self) -> str:
        token = f"token{len(self.asked)}-{len(self.tokens)}"
        self.tokens.add(token)
        return token


def stream(number: int, *, language: str = "it", viewers: int = 10, **more: Any) -> dict[str, Any]:
    return {
        "id": str(9_000_000 + number),
        "user_id": str(number),
        "user_login": f"channel_{number}",
        "user_name": f"Channel_{number}",
        "game_id": "509658",
        "game_name": "Just Chatting",
        "type": "live",
        "viewer_count": viewers,
        "language": language,
        "title": "a title",
        "started_at": "2026-03-28T10:00:00Z",
        "thumbnail_url": "https://example.invalid/{width}x{height}.jpg",
        "tag_ids": [],
        "tags": [],
        "is_mature": False,
        **more,
    }


@contextmanager
def helix_mock(**state: Any) -> Iterator[HelixMock]:
    mock = HelixMock(**state)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # an answer in one piece: two pieces wait for each other 40 ms

        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            self._do({})

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            self._do(dict(parse_qsl(self.rfile.read(length).decode())))

        def _do(self, form: dict[str, str]) -> None:
            parts = urlsplit(self.path)
            query: dict[str, list[str]] = defaultdict(list)
            for name, value in [*parse_qsl(parts.query), *form.items()]:
                query[name].append(value)
            mock.asked.append((parts.path, dict(query)))
            if mock.faults[parts.path]:
                fault = mock.faults[parts.path].popleft()
                if fault.then is not None:
                    fault.then()
                if fault.status or fault.body:
                    self._send_fault(fault)
                    return
            status, content = self._answer(parts.path, query)
            self._send(status, json.dumps(content).encode(), mock.headers)

        def _answer(self, path: str, query: dict[str, list[str]]) -> tuple[int, Any]:
            authorization = self.headers.get("Authorization", "")
            if path == "/auth/token":
                return self._token(query)
            if path == "/auth/device":
                return 200, {
                    "device_code": "device", "user_code": "ABCD", "expires_in": 10,
                    "interval": mock.device_seconds,
                    "verification_uri": "https://example.invalid/activate",
                }  # fmt: skip
            if path == "/auth/validate":
                if authorization.removeprefix("OAuth ") not in mock.tokens:
                    return 401, {"status": 401, "message": "invalid access token"}
                return 200, {
                    "client_id": CLIENT_ID, "scopes": ["moderator:read:chatters"], "user_id": "1",
                    "login": "channel_1", "expires_in": mock.expires_in,
                }  # fmt: skip
            if authorization.removeprefix("Bearer ") not in mock.tokens:
                return 401, {"status": 401, "message": "Invalid OAuth token"}
            if path == "/mock/streams":
                return 200, self._page(query, _wanted_streams(mock, query), filtered=True)
            if path == "/mock/users":
                return 200, {"data": _with(mock.users, query, ("id", "login"))}
            if path == "/mock/games":
                return 200, {"data": _with(mock.games, query, ("id", "igdb_id", "name"))}
            if path == "/mock/moderation/channels":
                rooms = [{"broadcaster_id": room} for room in mock.chatters if room != "1"]
                return 200, self._page(query, rooms)
            if path == "/mock/chat/chatters":
                room = query["broadcaster_id"][0]
                if room not in mock.chatters:
                    return 403, {"status": 403, "message": "not a moderator"}
                return 200, self._page(query, mock.chatters[room], most=1000)
            return 404, {"status": 404, "message": "not found"}

        def _token(self, query: dict[str, list[str]]) -> tuple[int, Any]:
            if query["client_id"] != [CLIENT_ID]:
                return 403, {"status": 403, "message": "invalid client"}
            grant = query["grant_type"][0]
            if grant.endswith("device_code"):
                mock.device_approved_after -= 1
                if mock.device_approved_after >= 0:
                    return 400, {"status": 400, "message": "authorization_pending"}
            elif query["client_secret"] != [CLIENT_SECRET]:
                return 403, {"status": 403, "message": "invalid client secret"}
            answer = {"access_token": mock.new_token(), "expires_in": mock.expires_in}
            if grant != "client_credentials":
                answer["refresh_token"] = "refresh"
            return 200, answer

        def _page(
            self, query: dict[str, list[str]], entries: list[Any], *, most: int = 100,
            filtered: bool = False,
        ) -> dict[str, Any]:  # fmt: skip
            at = int(query["after"][0]) if query.get("after") else 0
            if filtered and mock.before_page is not None and not query.get("user_id"):
                mock.before_page(at)
                entries = _wanted_streams(mock, query)
            size = min(int(query["first"][0]) if query.get("first") else 20, most)
            end = at + size
            pagination = {"cursor": str(end)} if end < len(entries) else {}
            return {"data": entries[at:end], "pagination": pagination}

        def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _send_fault(self, fault: Fault) -> None:
            if fault.drip_seconds:
                self.send_response(fault.status)
                self.send_header("Content-Length", "1000000")
                self.end_headers()
                try:
                    while not stopped.is_set():
                        self.wfile.write(b" ")
                        self.wfile.flush()
                        time.sleep(fault.drip_seconds)
                except OSError:
                    pass
                return
            if fault.cut_off:
                self.send_response(fault.status)
                self.send_header("Content-Length", str(len(fault.body) + 100))
                self.end_headers()
                self.wfile.write(fault.body)
                self.close_connection = True
                return
            self._send(fault.status, fault.body, fault.headers)

    stopped = threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    mock.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield mock
    finally:
        stopped.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _wanted_streams(mock: HelixMock, query: dict[str, list[str]]) -> list[dict[str, Any]]:
    return [
        one
        for one in mock.streams
        if (not query.get("language") or one["language"] in query["language"])
        and (not query.get("user_id") or one["user_id"] in query["user_id"])
    ]


def _with(
    entries: list[dict[str, Any]], query: dict[str, list[str]], names: tuple[str, ...]
) -> Any:
    return [
        one for one in entries if any(str(one.get(name)) in query.get(name, ()) for name in names)
    ]
