"""Ids that several channels of one moment share, as 0 or 999 in the place of ids that are not known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from streamergraph.observations.identity import folded
from streamergraph.observations.looks import SeenStream

OF_CHANNELS = "ids that several channels of a moment share, which are no ids"
OF_CATEGORIES = "ids that several categories of a moment share, which are no ids"


def without_shared_ids(streams: Sequence[SeenStream]) -> tuple[list[SeenStream], dict[str, int]]:
    """The streams of a look, without ids that tell nobody apart, and how many had one, by reason.

    A name tells who is meant then. An id beside names of one channel, in whatever case, is its own.

    >>> streams = [SeenStream(user_id=999, login=name, category="Chess") for name in ("anna", "bert")]
    >>> found, lost = without_shared_ids(streams)
    >>> [stream.user_id for stream in found], list(lost.values())
    ([None, None], [2])
    """
    channels = _shared((one.user_id, one.login, one.name) for one in streams)
    categories = _shared((one.category_id, one.category, None) for one in streams)
    if not channels and not categories:
        return list(streams), {}
    found: list[SeenStream] = []
    lost: dict[str, int] = defaultdict(int)
    for one in streams:
        if one.user_id in channels:
            lost[OF_CHANNELS] += 1
            one = replace(one, user_id=None)
        if one.category_id in categories:
            lost[OF_CATEGORIES] += 1
            one = replace(one, category_id=None)
        found.append(one)
    return found, dict(lost)


def _shared(named: Iterable[tuple[int | None, str | None, str | None]]) -> set[int]:
    """The ids that two logins have, or two names without any login."""
    logins: dict[int, set[str]] = defaultdict(set)
    names: dict[int, set[str]] = defaultdict(set)
    for number, login, name in named:
        if number is not None and login:
            logins[number].add(folded(login))
        elif number is not None and name:
            names[number].add(folded(name))
    several = {number for number, found in logins.items() if len(found) > 1}
    return several | {number for number, found in names.items() if len(found) > 1}
