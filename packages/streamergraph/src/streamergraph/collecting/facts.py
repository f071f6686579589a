"""What Twitch says of categories and channels: ids of IGDB, and descriptions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from streamergraph.collecting.helix import PAGE, Helix
from streamergraph.collecting.streams import whole_number
from streamergraph.observations.identity import folded

GAMES, USERS = "/games", "/users"


def igdb_ids(helix: Helix, names: Iterable[str]) -> dict[str, int]:
    """The ids of IGDB of these categories, by folded name; raises NoAnswerError.

    Twitch compares whole names; a category that it does not know, or that is no game, has none.
    """
    found = {}
    for entry in _answers(helix, GAMES, [("name", name) for name in dict.fromkeys(names)]):
        name, number = entry.get("name"), whole_number(entry.get("igdb_id"))
        if isinstance(name, str) and number is not None:
            found[folded(name)] = number
    return found


def descriptions(helix: Helix, logins: Iterable[str]) -> dict[str, str]:
    """What channels say of themselves, by folded login; raises NoAnswerError.

    A channel that is not named in the answer is banned, or has another name now.
    """
    found = {}
    for entry in _answers(helix, USERS, [("login", login) for login in dict.fromkeys(logins)]):
        login, text = entry.get("login"), entry.get("description")
        if isinstance(login, str):
            found[folded(login)] = text if isinstance(text, str) else ""
    return found


def _answers(
    helix: Helix, path: str, asked: Sequence[tuple[str, str]]
) -> Iterator[Mapping[str, Any]]:
    for at in range(0, len(asked), PAGE):
        data = helix.get(path, asked[at : at + PAGE])["data"]
        yield from (entry for entry in data if isinstance(entry, Mapping))
