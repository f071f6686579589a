"""A stand-in for the Hugging Face Hub on this machine: repositories in memory, and what was asked of it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Hub:
    """`files` by repository and name; `drops` answers are cut after `drops_after` bytes.

    Nobody without the `token` may write.
    """

    token: str = "hf_of_the_test"
    files: dict[str, dict[str, bytes]] = field(default_factory=dict)
    stored: dict[str, bytes] = field(default_factory=dict)
    private: dict[str, bool] = field(default_factory=dict)
    drops: int = 0
    drops_after: int = 1000
    asked: list[str] = field(default_factory=list)
    ranges: list[str] = field(default_factory=list)
    address: str = ""


@contextmanager
def standing_in(hub: Hub) -> Iterator[Hub]:
    """Serve `hub` on a free port of 127.0.0.1, which becomes its address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            pass

        def do_HEAD(self) -> None:
            _file(self, hub, with_content=False)

        def do_GET(self) -> None:
            with suppress(ConnectionError):
                _file(self, hub, with_content=True)

        def do_POST(self) -> None:
            _write(self, hub)

        def do_PUT(self) -> None:
            hub.stored[self.path.rpartition("/")[2]] = _body(self)
            _answer(self, 200, {})

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _file(handler: BaseHTTPRequestHandler, hub: Hub, *, with_content: bool) -> None:
    hub.asked.append(f"{handler.command} {handler.path}")
    match = re.fullmatch(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", unquote(handler.path))
    repository, revision, name = match.groups() if match else ("", "", "")
    if repository not in hub.files:
        return _answer(handler, 404, {}, {"X-Error-Code": "RepoNotFound"})
    if revision not in ("main", COMMIT):
        return _answer(handler, 404, {}, {"X-Error-Code": "RevisionNotFound"})
    if name not in hub.files[repository]:
        return _answer(handler, 404, {}, {"X-Error-Code": "EntryNotFound"})
    content = hub.files[repository][name]
    start = 0
    if asked := re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range") or ""):
        start = int(asked[1])
        hub.ranges.append(f"{name} from {start}")
    handler.send_response(206 if start else 200)
    handler.send_header("X-Repo-Commit", COMMIT)
    handler.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
    handler.send_header("Content-Length", str(len(content) - start))
    if start:
        handler.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
    handler.end_headers()
    if not with_content:
        return None
    rest = content[start:]
    if hub.drops and len(rest) > hub.drops_after:
        hub.drops -= 1
        handler.close_connection = True
        rest = rest[: hub.drops_after]
    handler.wfile.write(rest)
    return None


def _write(handler: BaseHTTPRequestHandler, hub: Hub) -> None:
    body, path = _body(handler), urlsplit(handler.path).path
    hub.asked.append(f"POST {path}")
    if path == "/api/validate-yaml":
        return _answer(handler, 200, {"errors": [], "warnings": []})
    if handler.headers.get("Authorization") != f"Bearer {hub.token}":
        return _answer(handler, 401, {"error": "Invalid credentials"})
    if path == "/api/repos/create":
        told = json.loads(body)
        repository = f"{told['organization']}/{told['name']}"
        hub.files.setdefault(repository, {})
        hub.private[repository] = told.get("visibility") == "private" or bool(told.get("private"))
        return _answer(handler, 200, {"url": f"{hub.address}/{repository}"})
    if match := re.fullmatch(r"/api/models/([^/]+/[^/]+)/preupload/[^/]+", path):
        modes = [
            {
                "path": one["path"],
                "uploadMode": "lfs" if one["path"].endswith(".keras") else "regular",
                "shouldIgnore": False,
                "oid": None,
            }
            for one in json.loads(body)["files"]
        ]
        return _answer(handler, 200, {"files": modes})
    if path.endswith(".git/info/lfs/objects/batch"):
        objects = [
            {
                **one,
                "actions": {"upload": {"href": f"{hub.address}/lfs/{one['oid']}", "header": {}}},
            }
            for one in json.loads(body)["objects"]
        ]
        return _answer(handler, 200, {"transfer": "basic", "objects": objects})
    if match := re.fullmatch(r"/api/models/([^/]+/[^/]+)/commit/[^/]+", path):
        for line in map(json.loads, body.splitlines()):
            value = line["value"]
            if line["key"] == "file":
                hub.files[match[1]][value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "lfsFile":
                hub.files[match[1]][value["path"]] = hub.stored[value["oid"]]
        url = f"{hub.address}/{match[1]}/commit/{COMMIT}"
        return _answer(handler, 200, {"commitUrl": url, "commitOid": COMMIT})
    return _answer(handler, 404, {"error": f"no {path}"})


def _body(handler: BaseHTTPRequestHandler) -> bytes:
    if handler.headers.get("Transfer-Encoding") == "chunked":
        parts = []
        while size := int(handler.rfile.readline(), 16):
            parts.append(handler.rfile.read(size))
            handler.rfile.readline()
        handler.rfile.readline()
        return b"".join(parts)
    return handler.rfile.read(int(handler.headers.get("Content-Length") or 0))


def _answer(
    handler: BaseHTTPRequestHandler, status: int, told: Any, headers: dict[str, str] | None = None
) -> None:
    content = json.dumps(told).encode()
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(content)))
    for name, value in (headers or {}).items():
        handler.send_header(name, value)
    handler.end_headers()
    if handler.command != "HEAD":
        handler.wfile.write(content)
