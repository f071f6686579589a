"""A user's token by the device code flow: the user types a code on Twitch's own page."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from streamergraph.collecting.tokens import Token, Tokens
from streamergraph.collecting.web import NoAnswerError
from streamergraph.errors import StreamergraphError

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
LONGEST_SECONDS = 1800.0
SHORTEST_PAUSE_SECONDS = 1.0


def login(tokens: Tokens, scopes: Sequence[str], show: Callable[[str, str], None]) -> Token:
    """Ask for a token with `scopes`; `show` is told the page and the code. Keeps and returns the token.

    Raises StreamergraphError where it is refused, or nobody typed the code in time.
    """
    client = {"client_id": tokens.credentials.client_id, "scopes": " ".join(scopes)}
    asked = tokens.web.ask("POST", f"{tokens.auth_url}/device", form=client)
    said = asked.content
    if asked.status != 200 or not isinstance(said, Mapping) or "device_code" not in said:
        raise StreamergraphError(
            f"{tokens.auth_url}/device",
            expected="a code for the user",
            found=f"status {asked.status}",
            remedy="check the client's id, and that its type in the developers' console suits",
        )
    show(str(said.get("verification_uri", "")), str(said.get("user_code", "")))
    form = {**client, "device_code": str(said["device_code"]), "grant_type": GRANT}
    pause = max(_seconds(said.get("interval"), 5.0), SHORTEST_PAUSE_SECONDS)
    end = tokens.clock.monotonic() + min(_seconds(said.get("expires_in"), 600), LONGEST_SECONDS)
    while tokens.clock.monotonic() < end:
        tokens.clock.sleep(pause)
        try:
            answer = tokens.web.ask("POST", f"{tokens.auth_url}/token", form=form)
        except NoAnswerError:
            continue
        if answer.status == 200 and isinstance(answer.content, Mapping):
            return tokens.keep(_token(tokens, answer.content))
        if answer.status >= 500 or answer.status == 429:
            continue
        words = str(answer.content.get("message")) if isinstance(answer.content, Mapping) else ""
        if "pending" not in words:
            raise StreamergraphError(
                "auth login",
                expected="the user's consent",
                found=words[:120] or f"status {answer.status}",
                remedy="call it again",
            )
    raise StreamergraphError(
        "auth login", expected="the code to be typed in time", found="that it was not",
        remedy="call it again",
    )  # fmt: skip


def _token(tokens: Tokens, said: Mapping[str, Any]) -> Token:
    return tokens.validated(
        Token(
            access=str(said.get("access_token") or ""),
            refresh=str(said.get("refresh_token") or ""),
            expires=tokens.clock.now()
            + datetime.timedelta(seconds=_seconds(said.get("expires_in"), 3600.0)),
            scopes=tuple(said.get("scope") or ()),
        )
    )


def _seconds(value: Any, otherwise: float) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and 0 < value < 10**9 else otherwise
