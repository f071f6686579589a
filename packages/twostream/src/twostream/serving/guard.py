"""What is looked at before any route is: who asks, from which page, how much comes and how fast.

A page of somebody else's must not use a server that listens on this machine alone: a browser would carry
its requests here (cross-site forms, names that are pointed to 127.0.0.1). So the name that is asked for and
the page that asks must be the server's own.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urlsplit

from twostream.serving.metrics import Metrics
from twostream.serving.options import LimitOptions
from twostream.serving.uploads import UploadError

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

COOKIE = "twostream"
# Who is alive, and the page on which the word is typed.
OPEN = {"/health", "/", "/login", "/style.css", "/page.js"}
LOCAL_NAMES = {"localhost", "127.0.0.1", "[::1]"}
SAFE = {"GET", "HEAD", "OPTIONS"}
# So long is a body read, and forgotten, that nobody wants any more: where a connection ends before all that
# came was read, systems take back what was answered, and its sender never sees the reason.
LINGER_SECONDS = 10.0
# Pages hold their programs and styles, or have them from here; nothing comes from anywhere else.
HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' "
    "'unsafe-inline'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=()",
}


@dataclass(eq=False)
class Guard:
    """An ASGI application before another one: refuses, counts, times, and adds headers."""

    app: App
    limits: LimitOptions
    metrics: Metrics
    token: str | None
    names: frozenset[str]
    """Names by which the server may be asked for; empty: any."""
    uploads: int = field(default=0, init=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.monotonic()
        status = 499  # as nginx has it: the client went before there was an answer
        body = _Body(receive, is_over=scope["method"] in SAFE)

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                there = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(
                        (name.encode(), value.encode())
                        for name, value in HEADERS.items()
                        if name.encode() not in there
                    ),
                ]
            is_last = message["type"] == "http.response.body" and not message.get("more_body")
            # Whoever stalls sends nothing that could be read.
            if is_last and status != 408 and body.is_coming(headers):
                await send({**message, "more_body": True})
                await body.drain()
                message = {"type": "http.response.body"}
            await send(message)

        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        try:
            refused = self._refusal(scope, headers)
            if refused is not None:
                await answer(sending, *refused)
            elif scope["method"] in SAFE:
                await self.app(scope, receive, sending)
            else:
                await self._with_body(scope, body.receive, sending)
        finally:
            route = getattr(scope.get("route"), "path", "other")
            method = (
                scope["method"] if scope["method"] in ("GET", "HEAD", "POST", "DELETE") else "other"
            )
            self.metrics.answered(route, method, status, time.monotonic() - began)

    def _refusal(self, scope: Scope, headers: dict[str, str]) -> tuple[int, str] | None:
        if self.names and _name_in(headers.get("host", "")) not in self.names:
            return 421, "this server is not asked for by that name"
        origin = headers.get("origin")
        theirs = origin is not None and urlsplit(origin).netloc != headers.get("host")
        if theirs and scope["method"] not in SAFE:
            return 403, "a page of another site asks"
        closed = self.token is not None and scope["path"] not in OPEN
        if closed and not knows(self.token or "", headers):
            return 401, "the token is missing or wrong"
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length) > self.limits.upload_bytes:
            return 413, self._too_much
        return None

    @property
    def _too_much(self) -> str:
        return f"expected at most {self.limits.upload_mib:g} MiB, found more; send less, or ask for more"

    async def _with_body(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a body in, so many at a time, within its size and time."""
        if self.uploads >= self.limits.queue:
            await answer(send, 503, "too many uploads at once; try again later")
            return
        left, until = self.limits.upload_bytes, time.monotonic() + self.limits.upload_seconds
        in_body = True

        async def receiving() -> Message:
            nonlocal left, in_body
            if not in_body:
                return await receive()
            try:
                message = await asyncio.wait_for(receive(), max(until - time.monotonic(), 0.001))
            except TimeoutError:
                reason = f"the upload was not complete after {self.limits.upload_seconds:g} s"
                raise UploadError(reason, 408) from None
            size = len(message.get("body", b""))
            self.metrics.uploaded_bytes += size
            left -= size
            if left < 0:
                raise UploadError(self._too_much, 413)
            if not message.get("more_body", False):
                self._leave(in_body)
                in_body = False
            return message

        self.uploads += 1
        try:
            await self.app(scope, receiving, send)
        finally:
            self._leave(in_body)

    def _leave(self, in_body: bool) -> None:
        self.uploads -= in_body


@dataclass(eq=False)
class _Body:
    """What comes of a request, and whether all of it has come."""

    source: Receive
    is_over: bool
    begun: bool = False

    async def receive(self) -> Message:
        """The next of it."""
        self.begun = True
        message = await self.source()
        self.is_over = self.is_over or not message.get("more_body", False)
        return message

    def is_coming(self, headers: dict[str, str]) -> bool:
        """Whether there is more that its sender sends, or has sent, already."""
        waits = not self.begun and headers.get("expect", "").lower() == "100-continue"
        has_any = "transfer-encoding" in headers or headers.get("content-length", "0") != "0"
        return has_any and not self.is_over and not waits

    async def drain(self) -> None:
        """Read what still comes, for a while, and forget it."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGER_SECONDS):
                while not self.is_over:
                    await self.receive()


def knows(token: str, headers: dict[str, str]) -> bool:
    """Whether a request has the token, in a header or as the page's cookie; compared in constant time."""
    scheme, _, given = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and is_token(token, given.strip()):
        return True
    try:
        cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return False
    return cookie is not None and is_token(cookie_of(token), cookie.value)


def cookie_of(token: str) -> str:
    """What a browser keeps that was given the token: it proves that, and does not tell the token."""
    return hashlib.sha256(f"twostream page {token}".encode()).hexdigest()


def is_token(token: str, given: str) -> bool:
    """Whether the given word is the token, in a time that tells nothing of it."""
    return hmac.compare_digest(token.encode(), given.encode("utf-8", "surrogateescape"))


def _name_in(host: str) -> str:
    """The name in a header `Host`, without the port.

    >>> _name_in("localhost:8000"), _name_in("[::1]:8000"), _name_in("a.b")
    ('localhost', '[::1]', 'a.b')
    """
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0].lower()


async def answer(send: Send, status: int, reason: str) -> None:
    """Answer with a reason, as all refusals are answered, and keep nothing of the request."""
    body = json.dumps({"detail": reason}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    if status == 503:
        headers.append((b"retry-after", b"5"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
