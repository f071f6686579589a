"""A web server on this machine that misbehaves as it is told to."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Faults:
    """What the server serves and how; may be changed between requests.

    `drops_after` bytes it closes the connection (for the first `drops` answers); without `ranges` it
    sends files from their beginning; `extra_length` is what it adds to the length that it promises;
    `statuses` are sent first, one an answer; `wrong_range` answers another part than was asked for.
    """

    files: dict[str, bytes]
    drops_after: int | None = None
    drops: int = 10**9
    ranges: bool = True
    extra_length: int = 0
    no_length: bool = False
    tags: bool = True
    statuses: list[int] = field(default_factory=list)
    wrong_range: bool = False
    asked: list[str | None] = field(default_factory=list)
    sent_bytes: int = 0


@contextmanager
def serving(faults: Faults) -> Iterator[str]:
    """Serve on a free port of 127.0.0.1; yields the address of the server."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            pass

        def do_GET(self) -> None:
            with suppress(ConnectionError):  # a client may hang up
                _answer(self, faults)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _answer(handler: BaseHTTPRequestHandler, faults: Faults) -> None:
    asked = handler.headers.get("Range")
    faults.asked.append(asked)
    handler.close_connection = True
    content = faults.files.get(handler.path.lstrip("/"))
    if faults.statuses or content is None:
        handler.send_response(faults.statuses.pop(0) if faults.statuses else 404)
        handler.send_header("Content-Length", "0")
        handler.end_headers()
        return
    tag = f'"{hashlib.sha256(content).hexdigest()[:12]}"'
    start = 0
    match = re.fullmatch(r"bytes=(\d+)-", asked or "")
    same = handler.headers.get("If-Range") in (None, tag)
    if match and faults.ranges and same:
        start = int(match[1])
        if start >= len(content):
            handler.send_response(416)
            handler.send_header("Content-Range", f"bytes */{len(content)}")
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return
        handler.send_response(206)
        shown = start + 1 if faults.wrong_range else start
        handler.send_header("Content-Range", f"bytes {shown}-{len(content) - 1}/{len(content)}")
    else:
        handler.send_response(200)
    if not faults.no_length:
        handler.send_header("Content-Length", str(len(content) - start + faults.extra_length))
    if faults.tags:
        handler.send_header("ETag", tag)
    handler.end_headers()
    rest = content[start:]
    if faults.drops_after is not None and faults.drops > 0:
        faults.drops -= 1
        rest = rest[: faults.drops_after]
    faults.sent_bytes += len(rest)
    handler.wfile.write(rest)
