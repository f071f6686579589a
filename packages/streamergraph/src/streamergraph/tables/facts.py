"""How tables were made: what every later verb has to know, kept beside them as tables.json."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from streamergraph.atomic import write_json
from streamergraph.errors import StreamergraphError
from streamergraph.tables.weights import MEASURE_COLUMNS, WEIGHTS

FACTS_FILE = "tables.json"
PROCESS_FILE = "process.json"
FORMAT = 1
AUDIENCES = {"members": "members of chats", "authors": "authors of chat messages"}


@dataclass(frozen=True, kw_only=True)
class TableFacts:
    """What tables were made from and by which rules. None: it is not known.

    The defaults are those of the published tables. `measure`, `threshold` (per cent, or persons
    for `count`) and `significance` are those of `process`. `audience` is "members" or "authors".
    `least_common_viewers` is the floor under every relation (0: none was asked for; None: the
    tables carry no counts) and `hidden_relations` how many it hid. `first` and `last` are ISO
    times (UTC), `left_out` the channels without this kind of audience.
    """

    measure: str = "overlap"
    threshold: float = 10.0
    significance: float | None = None
    audience: str | None = None
    least_common_viewers: int | None = None
    hidden_relations: int = 0
    min_live_minutes: float | None = None
    min_mean_viewers: float | None = None
    min_mean_chatters: float | None = None
    min_game_minutes: float | None = None
    min_watch_minutes: float | None = None
    first: str | None = None
    last: str | None = None
    language: str | None = None
    left_out: tuple[str, ...] = ()

    @property
    def weight(self) -> str:
        """The column of the overlaps that holds the measure.

        >>> TableFacts(measure="count").weight
        'common_viewers'
        """
        return MEASURE_COLUMNS[self.measure]


def how_made(facts: TableFacts) -> str:
    """The one line that every output carries: measure, kind of audience, least common viewers.

    >>> how_made(TableFacts(measure="jaccard", threshold=5, audience="authors",
    ...                     least_common_viewers=5, hidden_relations=12))
    'Relations: Jaccard index of at least 5 %. Audiences: authors of chat messages. \
Relations with fewer than 5 common viewers are not published: 12 were hidden.'
    """
    return " ".join((measure_sentence(facts), audience_sentence(facts), floor_sentence(facts)))


def measure_sentence(facts: TableFacts) -> str:
    """Which measure chose the relations, from which value on, and whether chance was excluded.

    >>> measure_sentence(TableFacts(measure="count", threshold=3, significance=0.05))
    'Relations: at least 3 common viewers, at a false discovery rate of 0.05.'
    """
    weight = WEIGHTS[facts.weight]
    least = f"{facts.threshold:g}"
    said = (
        f"at least {least} {weight.said}"
        if weight.is_count
        else f"{weight.said} of at least {least} %"
    )
    if facts.significance is not None:
        said += f", at a false discovery rate of {facts.significance:g}"
    return f"Relations: {said}."


def audience_sentence(facts: TableFacts) -> str:
    """Who counts as audience, and how many channels have no such audience.

    >>> audience_sentence(TableFacts(audience="members", left_out=("ann", "bob")))
    'Audiences: members of chats; 2 channels without them are left out.'
    """
    said = AUDIENCES.get(facts.audience or "", facts.audience or "of a kind that is not known")
    if facts.left_out:
        channels = "channel" if len(facts.left_out) == 1 else "channels"
        verb = "is" if len(facts.left_out) == 1 else "are"
        said += f"; {len(facts.left_out)} {channels} without them {verb} left out"
    return f"Audiences: {said}."


def floor_sentence(facts: TableFacts) -> str:
    """The least number of common viewers behind a relation, and how many relations it hid."""
    least = facts.least_common_viewers
    if least is None:
        return "These tables carry no counts of common viewers, so the floor cannot be applied."
    if least <= 1:
        return "No floor of common viewers was applied."
    hidden = f"{facts.hidden_relations:,} were" if facts.hidden_relations > 1 else "1 was"
    if not facts.hidden_relations:
        hidden = "none was"
    return f"Relations with fewer than {least} common viewers are not published: {hidden} hidden."


def write_facts(folder: Path, facts: TableFacts) -> None:
    """Write tables.json."""
    write_json(folder / FACTS_FILE, {"format": FORMAT, **asdict(facts)})


def read_facts(folder: Path, *, counted: bool) -> TableFacts:
    """The facts of the tables in `folder`.

    Keys that tables.json has and we do not know are left; for those that it has not, the default
    holds. Where only an older process.json is there, its settings are taken. `counted`: whether
    the overlaps have a column of common viewers; without tables.json those were not floored.
    Raises StreamergraphError for a file that is none of ours.
    """
    path = folder / FACTS_FILE
    if path.is_file():
        return _facts(path, _read_object(path))
    found: dict[str, Any] = {"least_common_viewers": 0 if counted else None}
    path = folder / PROCESS_FILE
    if path.is_file():
        summary = _read_object(path)
        found |= summary.get("settings", {}) | summary.get("window", {})
    return _facts(path, found)


def _read_object(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise _damaged(path, str(error)) from None
    if not isinstance(value, dict):
        raise _damaged(path, type(value).__name__)
    return value


def _facts(path: Path, found: dict[str, Any]) -> TableFacts:
    if found.get("format", FORMAT) != FORMAT:
        raise StreamergraphError(
            path,
            expected=f"format {FORMAT}",
            found=f"format {found['format']}",
            remedy="use the version of streamergraph that wrote these tables",
        )
    values = {field.name: found[field.name] for field in fields(TableFacts) if field.name in found}
    for name, value in values.items():
        if not _fits(name, value):
            raise _damaged(path, f"{name} = {value!r}")
    if "left_out" in values:
        values["left_out"] = tuple(values["left_out"])
    return TableFacts(**values)


def _fits(name: str, value: Any) -> bool:
    if name == "measure":
        return value in MEASURE_COLUMNS
    if name == "left_out":
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    if value is None:
        return name not in ("threshold", "hidden_relations")
    if name in ("audience", "first", "last", "language"):
        return isinstance(value, str)
    whole = name in ("least_common_viewers", "hidden_relations")
    return type(value) is int or (not whole and type(value) is float)


def _damaged(path: Path, found: str) -> StreamergraphError:
    return StreamergraphError(
        path,
        expected="what `process` wrote about its tables",
        found=found,
        remedy="make the tables anew with `process`, or remove that file",
    )
