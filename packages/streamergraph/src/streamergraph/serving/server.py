"""A small server of published files for this machine, whose pages load anew when their files change."""

from __future__ import annotations

import hmac
import html
import http.server
import json
import secrets
import sys
from http import HTTPStatus
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

from streamergraph.errors import StreamergraphError
from streamergraph.serving.published import Published, published_files

HOST = "127.0.0.1"
COOKIE = "streamergraph"
STATE = "_state"
# Pages hold their programs and styles; nothing is fetched from anywhere else.
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
POLL_MILLISECONDS = 3000
RELOADING = """<script>
(() => {
  const address = "/STATE?of=" + encodeURIComponent(decodeURIComponent(location.pathname.slice(1)));
  let before = null;
  setInterval(async () => {
    try {
      const answer = await fetch(address, { cache: "no-store" });
      if (!answer.ok) return;
      const { state } = await answer.json();
      if (before !== null && before !== state) location.reload();
      before = state;
    } catch { /* the server rests; the page stays */ }
  }, MILLISECONDS);
})();
</script>""".replace("STATE", STATE).replace("MILLISECONDS", str(POLL_MILLISECONDS))
INDEX = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<style>body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 44em; margin: 2em auto; padding: 0 1em; }}
li {{ margin: .2em 0; }} h2 {{ font-size: 1.1em; margin: 1.4em 0 .2em; }}</style>
<h1>{title}</h1>{body}</html>"""


class Server(http.server.ThreadingHTTPServer):
    """Serves what is published in a folder, to this machine only; with a token only to who has it."""

    daemon_threads = True

    def __init__(self, folder: Path, *, port: int, token: str | None) -> None:
        self.folder, self.token = folder, token
        super().__init__((HOST, port), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a browser that went away before its answer was there."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    @property
    def address(self) -> str:
        """Where a browser finds it, with the token."""
        token = f"?token={self.token}" if self.token else ""
        return f"http://{HOST}:{self.server_port}/{token}"


def make_server(folder: Path, *, port: int, with_token: bool) -> Server:
    """A server that is bound and does not answer yet; port 0 takes any that is free.

    Raises StreamergraphError for a folder with nothing to be seen, and for a port that is taken.
    """
    if not published_files(folder):
        raise StreamergraphError(
            folder,
            expected="reports or pictures",
            found="none",
            remedy="make some with `run`, `view` or `explore`",
        )
    token = secrets.token_urlsafe(18) if with_token else None
    try:
        return Server(folder, port=port, token=token)
    except (OSError, OverflowError) as error:
        raise StreamergraphError(
            "--port",
            expected="a port that is free",
            found=f"{port}: {getattr(error, 'strerror', None) or error}",
            remedy="choose another, or 0 for any",
        ) from error


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Server
    server_version, sys_version = "streamergraph", ""
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer with a published file, the index, or the state that pages ask for."""
        parts = urlsplit(self.path)
        query = parse_qs(parts.query)
        if not self._is_local():
            self._send(HTTPStatus.FORBIDDEN, b"this server answers its own machine only\n")
        elif not self._may_see(query):
            self._send(HTTPStatus.FORBIDDEN, b"the address with its token is needed\n")
        else:
            self._answer(unquote(parts.path).lstrip("/"), query)

    def do_HEAD(self) -> None:
        """The same without a body."""
        self.do_GET()

    def _answer(self, name: str, query: dict[str, list[str]]) -> None:
        files = published_files(self.server.folder)
        if name == "":
            self._send_html(index_page(self.server.folder.resolve().name, files))
        elif name == STATE:
            wanted = query.get("of", [""])[0]
            watched = [files[wanted]] if wanted in files else list(files.values())
            self._send(
                HTTPStatus.OK, json.dumps({"state": _state(watched)}).encode(), "application/json"
            )
        elif name in files:
            self._send_file(files[name])
        else:
            self._send(HTTPStatus.NOT_FOUND, b"nothing of this name is published\n")

    def _send_file(self, file: Published) -> None:
        try:
            content = file.place.read_bytes()
        except OSError:  # it was replaced or removed meanwhile
            self._send(HTTPStatus.NOT_FOUND, b"nothing of this name is published\n")
            return
        if file.kind.startswith("text/html"):
            self._send_html(content.decode("utf-8", "replace"))
        else:
            self._send(HTTPStatus.OK, content, file.kind)

    def _send_html(self, text: str) -> None:
        before, mark, after = text.rpartition("</body>")
        text = before + RELOADING + mark + after if mark else text + RELOADING
        self._send(HTTPStatus.OK, text.encode(), "text/html; charset=utf-8")

    def _send(self, status: HTTPStatus, content: bytes, kind: str = "text/plain") -> None:
        self.send_response(status)
        headers = {
            "Content-Type": kind,
            "Content-Length": str(len(content)),
            "Cache-Control": "no-store",
            "Content-Security-Policy": POLICY,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
        }
        for name, value in headers.items():
            self.send_header(name, value)
        if self.server.token and status is HTTPStatus.OK:
            cookie = f"{COOKIE}={self.server.token}; HttpOnly; SameSite=Strict; Path=/"
            self.send_header("Set-Cookie", cookie)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _is_local(self) -> bool:
        """Whether the browser asked for this machine by name: others' pages may point names here."""
        host = (self.headers.get("Host") or "").rpartition(":")[0] or self.headers.get("Host")
        return host in (HOST, "localhost")

    def _may_see(self, query: dict[str, list[str]]) -> bool:
        if self.server.token is None:
            return True
        cookie = SimpleCookie(self.headers.get("Cookie", "")).get(COOKIE)
        given = [*query.get("token", []), cookie.value if cookie else ""]
        return any(hmac.compare_digest(one.encode(), self.server.token.encode()) for one in given)

    def log_message(self, format: str, *values: object) -> None:  # noqa: A002
        """Say nothing: who looks at what is nobody's business."""


def index_page(title: str, files: dict[str, Published]) -> str:
    """A page with a link to everything that is published, pages first."""
    by_folder: dict[str, list[str]] = {}
    for name in files:
        by_folder.setdefault(name.rpartition("/")[0], []).append(name)
    body = []
    for folder, names in sorted(by_folder.items()):
        if folder:
            body.append(f"<h2>{html.escape(folder)}</h2>")
        names.sort(key=lambda name: (not name.endswith(".html"), name))
        links = "".join(
            f'<li><a href="/{quote(name)}">{html.escape(name.rpartition("/")[2])}</a></li>'
            for name in names
        )
        body.append(f"<ul>{links}</ul>")
    return INDEX.format(title=html.escape(title), body="".join(body))


def _state(files: list[Published]) -> str:
    """What changes when one of the files is written anew."""
    seen = []
    for file in files:
        try:
            about = file.place.stat()
        except OSError:
            continue
        seen.append((file.name, about.st_mtime_ns, about.st_size))
    return f"{hash(tuple(seen)):x}"
