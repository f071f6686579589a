"""Steam's and SteamSpy's interfaces for tests, as far as `games` asks them."""

from __future__ import annotations

import json
import threading
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

LIST, DETAILS, TAGS = "/IStoreService/GetAppList/v1/", "/api/appdetails", "/api.php"


@dataclass
class SteamMock:
    """Games by number; `faults` are answers (status, body) in the place of the next ones to a path."""

    port: int = 0
    games: dict[int, dict[str, Any]] = field(default_factory=dict)
    tags: dict[int, dict[str, int]] = field(default_factory=dict)
    page: int = 2
    key: str = "steam-key"
    faults: dict[str, deque[tuple[int, str]]] = field(default_factory=lambda: defaultdict(deque))
    asked: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answer(self, path: str, query: dict[str, str]) -> tuple[int, Any]:
        if path == LIST:
            if query.get("key") != self.key:
                return 403, {}
            rest = [n for n in sorted(self.games) if n > int(query["last_appid"])]
            here = rest[: self.page]
            said = {"apps": [{"appid": n, "name": self.games[n]["name"]} for n in here]}
            more = {"have_more_results": True, "last_appid": here[-1]} if rest[self.page :] else {}
            return 200, {"response": {**said, **more}}
        if path == DETAILS:
            number = int(query["appids"])
            game = self.games.get(number, {"gone": True})
            said = {"success": False} if "gone" in game else {"success": True, "data": game}
            return 200, {str(number): said}
        number = int(query["appid"])
        return 200, {"appid": number, "tags": self.tags.get(number, [])}


def game(name: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "game",
        "name": name,
        "developers": ["Valve", "Other"],
        "publishers": ["Valve"],
        "release_date": {"coming_soon": False, "date": "Apr 18, 2011"},
        "genres": [{"id": "1", "description": "Action"}],
        **more,
    }


@contextmanager
def steam_mock(**state: Any) -> Iterator[SteamMock]:
    mock = SteamMock(**state)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            mock.asked.append(parts.path)
            if mock.faults[parts.path]:
                status, body = mock.faults[parts.path].popleft()
            else:
                status, content = mock.answer(parts.path, query)
                body = json.dumps(content)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    mock.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield mock
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
