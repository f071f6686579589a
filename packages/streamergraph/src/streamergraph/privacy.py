"""Viewers without names: every login becomes a number under a local key before anything is stored."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from streamergraph.atomic import flush_to_disk
from streamergraph.errors import StreamergraphError
from streamergraph.events import note

KEY_BYTES = 32
FINGERPRINT_MESSAGE = b"streamergraph key fingerprint"
REMEMBERED = 300_000  # logins, some 50 MB; most people of a chat are in the next look too


def default_key_path() -> Path:
    """Where the key lies unless said otherwise: the user's configuration, never the store."""
    home = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(home) / "streamergraph" / "key"


@dataclass(frozen=True, kw_only=True)
class Pseudonyms:
    """Keyed pseudonyms of viewers: the first 64 bits of HMAC-SHA256(key, login), read as signed.

    Logins are compared as Twitch does, without regard to case. Two of ten million viewers share a
    number with a probability of about 3 in a million. Without the key a number cannot be tried
    against a list of logins; whoever has the key can, so keep it away from the store.

    >>> pseudonyms = Pseudonyms(key=bytes(32))
    >>> pseudonyms.viewer("Anna") == pseudonyms.viewer(" anna ")
    True
    >>> pseudonyms.viewer("anna") == Pseudonyms(key=bytes(31) + b"x").viewer("anna")
    False
    """

    key: bytes = field(repr=False)
    _known: dict[str, int] = field(default_factory=dict, repr=False, compare=False)

    def viewer(self, login: str) -> int:
        """The pseudonym of one login: a signed 64-bit number, whatever the case of the login."""
        number = self._known.get(login)
        if number is None:
            message = login.strip().lower().encode("utf-8", "surrogatepass")
            digest = hmac.digest(self.key, message, hashlib.sha256)
            number = int.from_bytes(digest[:8], signed=True)
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[login] = number
        return number

    def place_mark(self, place: str) -> str:
        """Tells a place, such as the path of a folder, from others without giving it away."""
        message = f"place {place}".encode("utf-8", "surrogatepass")
        return hmac.digest(self.key, message, hashlib.sha256).hex()[:16]

    def channel_mark(self, told: int | str) -> str:
        """Tells the id or a name of a channel from others without giving it away: 32 hexadecimal digits.

        >>> pseudonyms = Pseudonyms(key=bytes(32))
        >>> pseudonyms.channel_mark("Anna") == pseudonyms.channel_mark("anna ")
        True
        >>> pseudonyms.channel_mark(7) == pseudonyms.channel_mark("7")
        False
        """
        text = (
            f"channel {told}" if isinstance(told, int) else f"channel named {told.strip().lower()}"
        )
        message = text.encode("utf-8", "surrogatepass")
        return hmac.digest(self.key, message, hashlib.sha256).hex()[:32]

    def remembered(self, logins: Iterable[str]) -> Iterator[int | None]:
        """The pseudonym of each login that was asked for lately, as `viewer` gave it; None for others."""
        return map(self._known.get, logins)

    @property
    def fingerprint(self) -> str:
        """Tells keys apart without giving them away: 16 hexadecimal digits."""
        return hmac.digest(self.key, FINGERPRINT_MESSAGE, hashlib.sha256).hex()[:16]


def load_pseudonyms(path: Path | None, *, create: bool) -> Pseudonyms:
    """Read the key at `path` (default: `default_key_path`), or make one if `create`.

    A new key is readable by its owner alone, and it is told how to keep a copy. Raises
    StreamergraphError for a key that is absent (unless `create`) or of the wrong length.
    """
    place = path or default_key_path()
    try:
        text = place.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        if not create:
            raise StreamergraphError(
                place, expected="the key of this store", found="no file", remedy="--key FILE"
            ) from None
        made = Pseudonyms(key=_make_key(place))
        note(
            f"made a key for pseudonyms, {place}; without it the store can take no more data. "
            f"Keep a copy apart from the store: cp {shlex.quote(str(place))} /A/SAFE/PLACE"
        )
        return made
    except (UnicodeDecodeError, IsADirectoryError):
        text = ""
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise StreamergraphError(
            place,
            expected=f"a key of {2 * KEY_BYTES} hexadecimal digits",
            found="something else",
            remedy="name another file with --key; a new key does not fit an old store",
        )
    return Pseudonyms(key=key)


def _make_key(place: Path) -> bytes:
    key = secrets.token_bytes(KEY_BYTES)
    place.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(key.hex() + "\n")
        # Nothing may be stored under a key that a power cut could still take.
        flush_to_disk(place)
        flush_to_disk(place.parent)
    except BaseException:
        place.unlink()  # half a key would be refused for ever
        raise
    return key
