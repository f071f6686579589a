"""Who we are to Twitch: the id and the secret of a registered application."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from streamergraph.errors import StreamergraphError

ID_VARIABLE, SECRET_VARIABLE = "STREAMERGRAPH_TWITCH_ID", "STREAMERGRAPH_TWITCH_SECRET"
REMEDY = (
    f"register an application at dev.twitch.tv and set {ID_VARIABLE} and {SECRET_VARIABLE}, or name a "
    "file of your own with --credentials"
)


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """The client's id, and its secret, which no text of this object shows."""

    client_id: str
    client_secret: str = field(repr=False)


def default_credentials_path() -> Path:
    """Where they lie unless said otherwise: the user's configuration."""
    home = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(home) / "streamergraph" / "twitch"


def read_credentials(
    file: Path | None = None, *, environment: Mapping[str, str] = os.environ
) -> Credentials:
    """From `file`; else from the environment; else from `default_credentials_path`.

    A file has the id and the secret in a line each, or, as the original's, a line of words before
    each of the two. Raises StreamergraphError where there is nothing, for half of it, and for a file
    that others may read.
    """
    found = [environment.get(name, "").strip() for name in (ID_VARIABLE, SECRET_VARIABLE)]
    if file is None and any(found):
        if not all(found):
            raise StreamergraphError(
                ID_VARIABLE if found[1] else SECRET_VARIABLE,
                expected="both the client's id and its secret in the environment",
                found="one of them",
                remedy="set the other one too",
            )
        return Credentials(client_id=found[0], client_secret=found[1])
    place = file or default_credentials_path()
    try:
        lines = [line.strip() for line in place.read_text(encoding="utf-8-sig").splitlines()]
    except FileNotFoundError:
        raise StreamergraphError(
            place, expected="the client's id and secret", found="no file", remedy=REMEDY
        ) from None
    except (UnicodeDecodeError, IsADirectoryError):
        lines = []
    require_owner_only(place)
    lines = [line for line in lines if line]
    if len(lines) == 4:
        lines = lines[1::2]
    if len(lines) != 2 or any(" " in line for line in lines):
        raise StreamergraphError(
            place,
            expected="the client's id and its secret, a line each (or with a line of words before each)",
            found=f"{len(lines)} lines" if len(lines) != 2 else "lines with blanks",
            remedy="write it so",
        )
    return Credentials(client_id=lines[0], client_secret=lines[1])


def require_owner_only(place: Path) -> None:
    """Raise StreamergraphError for a secret that others on this machine may read."""
    if os.name == "posix" and stat.S_IMODE(place.stat().st_mode) & 0o077:
        raise StreamergraphError(
            place,
            expected="a file that its owner alone may read, for it holds a secret",
            found="one that others may read or write",
            remedy=f"chmod 600 {place}",
        )
