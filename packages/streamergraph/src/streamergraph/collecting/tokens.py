"""Tokens of Twitch: fetched once, kept in a file for their owner only, validated, and renewed.

No text of anything here shows a token.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from streamergraph.atomic import atomic_path
from streamergraph.collecting.clock import Clock
from streamergraph.collecting.credentials import Credentials
from streamergraph.collecting.web import Answer, NoAnswerError, Web
from streamergraph.errors import StreamergraphError

AUTH_URL = "https://id.twitch.tv/oauth2"
VALIDATE_EVERY_SECONDS = 3600.0  # as Twitch asks of whoever holds a token
EARLY = datetime.timedelta(minutes=5)  # a token is renewed that long before its end


@dataclass(frozen=True, kw_only=True)
class Token:
    """One token, of the application itself or of a user (`user_id`, `scopes`)."""

    access: str = field(repr=False)
    refresh: str = field(default="", repr=False)
    expires: datetime.datetime
    scopes: tuple[str, ...] = ()
    user_id: str = ""
    login: str = ""


def default_tokens_folder() -> Path:
    """Where tokens are kept: the user's configuration."""
    home = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(home) / "streamergraph" / "tokens"


@dataclass(kw_only=True)
class Tokens:
    """The token with which a client asks, kept in `folder` between runs.

    `kind` is "app", of the application itself, or "user", of whoever gave it by `auth login`.
    """

    web: Web
    clock: Clock
    credentials: Credentials
    folder: Path
    auth_url: str = AUTH_URL
    kind: str = "app"
    _token: Token | None = None
    _validated: float | None = None

    def current(self) -> Token:
        """A token that is valid as far as is known; raises StreamergraphError or NoAnswerError.

        Validated at the first call and every hour, and renewed before it ends.
        """
        if self._token is None:
            self._token = self.kept()
        token = self._token
        if token is None or token.expires - EARLY <= self.clock.now():
            return self.renew()
        now = self.clock.monotonic()
        if self._validated is None or now - self._validated >= VALIDATE_EVERY_SECONDS:
            try:
                valid = self._valid(token)
            except NoAnswerError:
                return token  # the next request tells
            if valid is None:
                return self.renew()
            self._token, self._validated = valid, now
            return valid
        return token

    def renew(self) -> Token:
        """A new token in place of the one there is; raises StreamergraphError where it is refused."""
        old = self._token or self.kept()
        if self.kind == "app":
            answer = self._ask({"grant_type": "client_credentials"})
        elif old is not None and old.refresh:
            answer = self._ask({"grant_type": "refresh_token", "refresh_token": old.refresh})
        else:
            raise self.no_user()
        if answer.status != 200 or not isinstance(answer.content, Mapping):
            raise self._refusal(answer)
        self._token = self.keep(self._read(answer.content, before=old))
        self._validated = self.clock.monotonic()
        return self._token

    def validated(self, token: Token) -> Token:
        """A token as its server knows it, with its user; raises StreamergraphError where it is none."""
        valid = self._valid(token)
        if valid is None:
            raise self.no_user()
        return valid

    def keep(self, token: Token) -> Token:
        """Write the token to its file; one that cannot be written is used all the same."""
        said = {**vars(token), "expires": token.expires.isoformat()}
        try:
            if not self.folder.exists():
                self.folder.mkdir(mode=0o700, parents=True)
            with atomic_path(self.path, private=True) as temporary:
                temporary.write_text(json.dumps(said) + "\n", encoding="utf-8")
        except OSError:
            pass  # a full disk must not stop what needs none; the next run asks for another token
        self._token = token
        return token

    def kept(self) -> Token | None:
        """The token of an earlier run; None where there is none that can be read."""
        try:
            said = json.loads(self.path.read_bytes())
            expires = datetime.datetime.fromisoformat(said.pop("expires"))
            return Token(expires=expires, **{**said, "scopes": tuple(said.get("scopes", ()))})
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None

    def forget(self) -> bool:
        """Delete the file; whether there was one."""
        there = self.path.exists()
        self.path.unlink(missing_ok=True)
        self._token = None
        return there

    @property
    def path(self) -> Path:
        """The file of this client's token of this kind, from this server."""
        told = f"{self.auth_url}\n{self.credentials.client_id}\n{self.kind}"
        name = hashlib.blake2b(told.encode(), digest_size=8).hexdigest()
        return self.folder / f"{self.kind}-{name}.json"

    def _valid(self, token: Token) -> Token | None:
        """The token as its server knows it; None where it is valid no more."""
        answer = self.web.ask(
            "GET", f"{self.auth_url}/validate", headers={"Authorization": f"OAuth {token.access}"}
        )
        if answer.status == 401:
            return None
        if answer.status != 200 or not isinstance(answer.content, Mapping):
            raise NoAnswerError(f"status {answer.status} of /validate")
        said = answer.content
        return Token(
            access=token.access,
            refresh=token.refresh,
            expires=self._expiry(said, otherwise=token.expires),
            scopes=tuple(said.get("scopes") or ()),
            user_id=str(said.get("user_id") or ""),
            login=str(said.get("login") or ""),
        )

    def _ask(self, form: Mapping[str, str]) -> Answer:
        client = {
            "client_id": self.credentials.client_id,
            "client_secret": self.credentials.client_secret,
        }
        # In the body, not in the address: that is what servers and proxies write into their logs.
        return self.web.ask("POST", f"{self.auth_url}/token", form={**client, **form})

    def _read(self, said: Mapping[str, Any], *, before: Token | None) -> Token:
        access = said.get("access_token")
        if not isinstance(access, str) or not access:
            raise NoAnswerError("an answer without a token")
        now = self.clock.now()
        return Token(
            access=access,
            refresh=str(said.get("refresh_token") or (before.refresh if before else "")),
            expires=self._expiry(said, otherwise=now + datetime.timedelta(hours=1)),
            scopes=tuple(said.get("scope") or ()),
            user_id=before.user_id if before else "",
            login=before.login if before else "",
        )

    def _expiry(
        self, said: Mapping[str, Any], *, otherwise: datetime.datetime
    ) -> datetime.datetime:
        seconds = said.get("expires_in")
        if not isinstance(seconds, int | float) or isinstance(seconds, bool):
            return otherwise
        return self.clock.now() + datetime.timedelta(seconds=min(max(seconds, 0), 10**8))

    def _refusal(self, answer: Answer) -> Exception:
        if answer.status >= 500 or answer.status == 429 or answer.status == 200:
            return NoAnswerError(f"status {answer.status} of /token")
        if self.kind == "user":
            return self.no_user()
        if answer.status in (404, 405) or 300 <= answer.status < 400:
            return StreamergraphError(
                f"{self.auth_url}/token", expected="a server that gives tokens",
                found=f"status {answer.status}: it has nothing there", remedy="check --auth-url",
            )  # fmt: skip
        return StreamergraphError(
            f"{self.auth_url}/token",
            expected="a token for this client's id and secret",
            found=f"they were refused (status {answer.status})",
            remedy="check both in the developers' console; a new secret replaces the old one",
        )

    def no_user(self) -> StreamergraphError:
        """What is said where a user's token is needed and there is none that can be renewed."""
        return StreamergraphError(
            "the user's token",
            expected="one that is valid or can be renewed",
            found="none",
            remedy="streamergraph auth login",
        )
