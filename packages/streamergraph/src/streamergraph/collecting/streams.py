"""Who is live, by Get Streams: every channel once, and whether these are all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from streamergraph.collecting.helix import PAGE, Helix, Pages
from streamergraph.importing.fields import NO_COUNT, count_in, is_said
from streamergraph.observations.looks import SeenStream
from streamergraph.observations.schema import MET

PATH = "/streams"
NO_STREAMS = "entries that are no stream"
OTHER_LANGUAGE = "streams in another language than was asked for"


@dataclass
class Live:
    """Streams by the id of their channel; `whole` says whether the list was read to its end."""

    streams: dict[int, SeenStream] = field(default_factory=dict)
    whole: bool = False
    pages: int = 0
    problem: str = ""
    losses: Counter[str] = field(default_factory=Counter)


def live_streams(
    helix: Helix,
    language: str | None,
    *,
    before: Collection[int] = (),
    until: float | None = None,
) -> Live:
    """Everybody who is live in `language` (None: in any).

    The list is ordered by viewers, which change while it is read: a channel may stand on two pages, and
    is taken once, or slip from one not yet read to one that was. Those who were live `before`
    (ids of channels) and are not in the list are asked for by their ids, so that a channel is taken
    as gone only if it is. A list that breaks off is begun once more from its start, if anything of it came.
    """
    live = Live()
    again = Counter(helix.asked_again)
    asked = [("language", language)] if language else []
    ended = _read(helix, asked, live, language, until)
    if not ended.whole and live.pages:
        helix.asked_again["a list that broke off"] += 1
        ended = _read(helix, asked, live, language, until)
    live.whole, live.problem = ended.whole, ended.problem
    missed = sorted(set(before) - live.streams.keys())
    if live.pages:
        for at in range(0, len(missed), PAGE):
            # Whose language is another one by now is gone from this list, and no loss.
            wanted = [("user_id", str(channel)) for channel in missed[at : at + PAGE]]
            rest = _read(helix, wanted, live, language, until)
            if not rest.whole and live.whole:
                live.whole, live.problem = False, rest.problem
    live.losses = +live.losses
    for reason, count in (helix.asked_again - again).items():
        live.losses[f"{MET}asked again: {reason}"] += count
    return live


def _read(
    helix: Helix,
    parameters: list[tuple[str, str]],
    live: Live,
    language: str | None,
    until: float | None,
) -> Pages:
    ended = Pages()
    for entries, ended in helix.pages(PATH, parameters, until=until):
        live.pages += bool(entries) or ended.whole
        for entry in entries:
            stream = seen_stream(entry)
            if stream is None or stream.user_id is None:
                live.losses[NO_STREAMS] += 1
            elif language and stream.language and stream.language != language:
                live.losses[OTHER_LANGUAGE] += parameters == [("language", language)]
            else:
                live.streams.setdefault(stream.user_id, stream)
                no_count = stream.viewers is None and is_said(entry.get("viewer_count"))
                live.losses[NO_COUNT] += no_count
    live.losses[NO_STREAMS] += ended.no_entries
    return ended


def seen_stream(entry: Mapping[str, Any]) -> SeenStream | None:
    """One entry of Get Streams; None for one that does not say whose stream it is.

    >>> seen_stream({"user_id": "7", "user_login": "anna", "user_name": "Anna", "game_id": "",
    ...              "game_name": "", "viewer_count": 3, "language": "it"}).category is None
    True
    """
    channel = whole_number(entry.get("user_id"))
    if channel is None:
        return None
    return SeenStream(
        user_id=channel,
        login=_text(entry.get("user_login")),
        name=_text(entry.get("user_name")),
        viewers=count_in(entry.get("viewer_count")),
        category_id=whole_number(entry.get("game_id")),
        category=_text(entry.get("game_name")),
        language=_text(entry.get("language")),
    )


def whole_number(value: Any) -> int | None:
    """A number that Helix writes as a text; None for what is none.

    >>> whole_number("509658"), whole_number(""), whole_number(None)
    (509658, None, None)
    """
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def ids_of(streams: Iterable[SeenStream]) -> set[int]:
    """The ids of the channels of these streams."""
    return {stream.user_id for stream in streams if stream.user_id is not None}


def _text(value: Any) -> str | None:
    return value.strip() or None if isinstance(value, str) else None
