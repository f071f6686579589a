"""From what a user says to a client of Helix."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from streamergraph.collecting.clock import Clock
from streamergraph.collecting.credentials import read_credentials
from streamergraph.collecting.helix import Helix
from streamergraph.collecting.tokens import Tokens, default_tokens_folder
from streamergraph.collecting.web import NoAnswerError, Web
from streamergraph.errors import StreamergraphError


@contextmanager
def connected(
    clock: Clock,
    *,
    credentials: Path | None,
    tokens: Path | None,
    helix_url: str,
    auth_url: str,
    kind: str = "app",
) -> Iterator[Helix]:
    """A client of Helix for the body, with tokens of `kind`; `StreamergraphError` for what is no address.

    Where no token can be had for want of an answer, it raises StreamergraphError too.
    """
    for flag, url in (("--helix-url", helix_url), ("--auth-url", auth_url)):
        if not url.startswith(("http://", "https://")):
            raise StreamergraphError(
                flag, expected="an address that begins with https://", found=url, remedy="check it"
            )
    web = Web(clock)
    try:
        yield Helix(
            web=web,
            clock=clock,
            tokens=Tokens(
                web=web,
                clock=clock,
                credentials=read_credentials(credentials),
                folder=tokens or default_tokens_folder(),
                auth_url=auth_url.rstrip("/"),
                kind=kind,
            ),
            url=helix_url.rstrip("/"),
        )
    except NoAnswerError as error:
        raise StreamergraphError(
            f"{helix_url}, {auth_url}",
            expected="an answer",
            found=str(error),
            remedy="try again later",
        ) from None
    finally:
        web.close()
