"""Requests to servers that may be slow, break off, or answer something else.

httpx was preferred to twitchAPI (4.5.0): that takes a refusal after a 429, and a 502 with a body of JSON,
for the last page of a list, so that its caller cannot tell a whole list from the beginning of one.
"""

from __future__ import annotations

import functools
import json
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from streamergraph.collecting.clock import Clock
from streamergraph.errors import StreamergraphError
from streamergraph.extras import how_to_install

if TYPE_CHECKING:
    import httpx

CONNECT_SECONDS = 10.0
READ_SECONDS = 20.0  # between two pieces of an answer
ANSWER_SECONDS = 60.0  # for all of them: a server that sends a byte at a time must not hold a tick
LARGEST_BYTES = 16 << 20
Parameters = Sequence[tuple[str, str]]


class NoAnswerError(Exception):
    """No whole answer came; the text says why, and holds nothing secret."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A whole answer: `content` is its JSON (None: it is none); `headers` by their names in lower case."""

    status: int
    headers: Mapping[str, str]
    content: Any


@dataclass
class Web:
    """Connections, kept open between requests; close them by `close`."""

    clock: Clock
    _client: httpx.Client = field(init=False, repr=False)

    def __post_init__(self) -> None:
        try:
            import httpx
        except ImportError:
            raise StreamergraphError(
                "collect",
                expected="the package httpx",
                found="it is not installed",
                remedy=how_to_install("collect"),
            ) from None
        timeout = httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
        self._client = httpx.Client(timeout=timeout, follow_redirects=False, verify=_trusted())

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def ask(
        self,
        method: str,
        url: str,
        *,
        parameters: Parameters = (),
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request; raises NoAnswerError where no whole answer comes in time."""
        import httpx

        began = self.clock.monotonic()
        try:
            with self._client.stream(
                method, url, params=list(parameters), data=form, headers=headers
            ) as response:
                body = bytearray()
                for piece in response.iter_bytes():
                    body += piece
                    if self.clock.monotonic() - began > ANSWER_SECONDS:
                        raise NoAnswerError(f"an answer that takes more than {ANSWER_SECONDS:g} s")
                    if len(body) > LARGEST_BYTES:
                        raise NoAnswerError("an answer without end")
                status = response.status_code
                named = {name.lower(): value for name, value in response.headers.items()}
        except httpx.TimeoutException:
            raise NoAnswerError("no answer in time") from None
        except httpx.ConnectError:
            raise NoAnswerError("no connection") from None
        except httpx.TransportError:
            raise NoAnswerError("a connection that broke off") from None
        except httpx.HTTPError as error:
            raise NoAnswerError(f"an answer that is not HTTP ({type(error).__name__})") from None
        try:
            content = json.loads(body)
        except (ValueError, RecursionError):
            content = None
        return Answer(status=status, headers=named, content=content)


@functools.cache
def _trusted() -> ssl.SSLContext:
    """Whom to trust, read once: that takes longer than many a request."""
    import httpx

    context: ssl.SSLContext = httpx.create_ssl_context()
    return context
