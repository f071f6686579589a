"""Options that several verbs have: what their help says and where Twitch is, each written once."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

HELIX_URL = "https://api.twitch.tv/helix"
AUTH_URL = "https://id.twitch.tv/oauth2"

Help = Mapping[str, str]  # by the name of a parameter
TWITCH: Help = {
    "credentials": "File with the client's id and secret. Default: the environment "
    "(STREAMERGRAPH_TWITCH_ID, STREAMERGRAPH_TWITCH_SECRET), else ``~/.config/streamergraph/twitch``.",
    "tokens": "Folder where tokens are kept. Default: ``~/.config/streamergraph/tokens``.",
    "helix_url": "Server that is asked, in place of Twitch's own: a mock, a proxy.",
    "auth_url": "Server that gives tokens, in place of Twitch's own.",
}
STORE_KEY: Help = {"key": "The key of the store. Default: ``~/.config/streamergraph/key``."}
NEW_KEY: Help = {
    "key": "File of the key that turns logins into pseudonyms; made if absent. Default: "
    "``~/.config/streamergraph/key``."
}
WINDOW: Help = {
    "from_": "First day (2022-05-05) or moment (2022-05-05T15:00) that counts, in UTC.",
    "until": "Last day that counts, or the moment at which counting ends, in UTC.",
}
WORK: Help = {
    "memory_gib": "What the whole process may hold, about; beyond it, the database works on disk.",
    "spill": "Existing folder for what the database puts on disk. Default: the system's temporary "
    "folder.",
}
SERVER: Help = {
    "database": "One of the server's databases. Default: the server's own default.",
    "timeout_seconds": "How long to wait for a server.",
}
GRAPH: Help = {
    "tables": "Folder of tables, ours or the published ones, or of a graph made by `graph`; or the two "
    "short tables for Gephi alone (streamers, relations).",
    "weight": "Column of the overlaps that weighs a relation, such as jaccard or common_viewers. "
    "Default: that of the graph, or the measure that `process` was asked for.",
    "top": "Keep only so many streamers, those with the most viewers on average.",
}
SECTION = "Parameters\n----------\n"

V = TypeVar("V", bound=Callable[..., Any])


def helped_by(*groups: Help) -> Callable[[V], V]:
    """Add to a verb's help what `groups` say of those of its options that it does not describe itself.

    >>> @helped_by(STORE_KEY)
    ... def verb(*, key: str) -> None:
    ...     "Do it."
    >>> verb.__doc__.splitlines()[2:5]
    ['Parameters', '----------', 'key']
    """

    def helped(verb: V) -> V:
        if verb.__doc__ is None:  # python -OO
            return verb
        doc = inspect.cleandoc(verb.__doc__)
        said = doc if SECTION in doc else f"{doc}\n\n{SECTION.rstrip()}"
        described = set(said.partition(SECTION)[2].splitlines())
        texts = {name: text for group in groups for name, text in group.items()}
        for name in inspect.signature(verb).parameters:
            if name in texts and name not in described:
                said += f"\n{name}\n" + textwrap.indent(textwrap.fill(texts[name], 96), "    ")
        verb.__doc__ = said
        return verb

    return helped
