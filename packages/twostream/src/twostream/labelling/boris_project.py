"""BORIS projects (``.boris``): JSON with observations, whose events are rows without START or STOP.

Described from projects and from the program's user guide, https://www.boris.unito.it/.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from twostream.datasets.names import counted
from twostream.errors import TwostreamError
from twostream.labelling.boris_media import (
    NEVER_STOPS,
    Key,
    Media,
    add_point,
    add_segment,
    media_lengths,
    modifiers_of,
    subject_of,
)
from twostream.labelling.collected import Collected
from twostream.labelling.marks import MAKER, UNCHANGED, digest_of
from twostream.labelling.opened import LabelFile
from twostream.labelling.values import mapping, number, sequence, text

NEWEST_FORMAT = 7
NO_VIDEO = "an observation without a video"
NO_TYPE = "an event whose behaviour is not in the project's ethogram"
NO_CREATION_TIME = "an observation timed by its media's date, which the project lacks"


def recognises(file: LabelFile) -> bool:
    """Whether it is a BORIS project."""
    document = mapping(file.document)
    return "observations" in document and (
        "behaviors_conf" in document or "project_format_version" in document
    )


def read(file: LabelFile, into: Collected) -> None:
    """Add every pair of events of one subject, behaviour and modifiers, in order of time."""
    project = mapping(file.document)
    version = text(project.get("project_format_version"))
    major = number(version.partition(".")[0]) if version else None
    if major is not None and major > NEWEST_FORMAT:
        raise TwostreamError(
            file.path,
            expected=f"a BORIS project of format {NEWEST_FORMAT} or earlier",
            found=f"format {version}",
            remedy="export its events as a table (TSV) and give that",
        )
    kinds = {
        text(mapping(one).get("code")): text(mapping(one).get("type")).casefold()
        for one in mapping(project.get("behaviors_conf")).values()
    }
    for name, value in mapping(project.get("observations")).items():
        observation = mapping(value)
        media = _media(name, observation, into)
        events = sequence(observation.get("events"))
        if text(observation.get("description")) == description_of(events):
            into.tell(
                UNCHANGED, f"observation {name!r}, {counted(len(events), 'event')}", lost=False
            )
        if media is not None:
            _read_events(observation, media, kinds, into)


def _media(name: str, observation: Mapping[str, object], into: Collected) -> Media | None:
    players = mapping(observation.get("file"))
    lists = (sequence(players[key]) for key in sorted(players, key=_player))
    files = next((found for item in lists if (found := [text(f) for f in item if text(f)])), [])
    kind = text(observation.get("type")).upper() or "MEDIA"
    if kind != "MEDIA" or not files:
        events = len(sequence(observation.get("events")))
        into.tell(NO_VIDEO, f"observation {name!r} ({kind.lower()}, {counted(events, 'event')})")
        return None
    info = mapping(observation.get("media_info"))
    lengths = mapping(info.get("length"))
    offset = number(observation.get("time offset")) or 0.0
    if observation.get("media_creation_date_as_offset") is True:
        created = number(mapping(info.get("media_creation_time")).get(files[0]))
        if created is None:
            into.tell(NO_CREATION_TIME, f"observation {name!r}")
            return None
        offset += created
    others = [text(f) for key in players for f in sequence(players[key]) if text(f) not in files]
    if others:
        into.note(
            f"observation {name!r}: its events are those of its first player; "
            f"{', '.join(others)} shows the same and is not used"
        )
    told = [number(lengths.get(file)) for file in files]
    return Media(name, tuple(files), media_lengths(files, told, into), offset)


def description_of(events: Sequence[object]) -> str:
    """What the description of an observation that we wrote says, while its events are those."""
    plain = [list(sequence(event))[:5] for event in events]
    return f"predicted by {MAKER}; {digest_of(plain)}"


def _player(key: str) -> tuple[int, str]:
    return (int(key) if key.isdecimal() else 99, key)


def _read_events(
    observation: Mapping[str, object], media: Media, kinds: Mapping[str, str], into: Collected
) -> None:
    for file in media.files:
        into.saw(file)
    open_since: dict[Key, float] = {}
    rows = [sequence(row) for row in sequence(observation.get("events"))]
    timed = [(number(row[0]) if row else None, row) for row in rows]
    for _, row in (item for item in timed if item[0] is None):
        behaviour = text(row[2]) if len(row) > 2 else ""
        into.tell("has no time that can be read", media.observation, label=behaviour)
    for time, row in sorted(
        ((time, row) for time, row in timed if time is not None), key=lambda item: item[0]
    ):
        subject, behaviour, modifiers = (text(c) for c in (*row[1:4], "", "", "")[:3])
        key = (subject_of(subject), behaviour, modifiers_of(modifiers))
        kind = kinds.get(behaviour)
        if kind is None:
            into.tell(
                NO_TYPE,
                media.observation,
                video=media.files[0],
                label=behaviour,
                start_s=time - media.offset_s,
            )
        elif "state" not in kind:
            add_point(into, media, key, time)
        elif key in open_since:
            add_segment(into, media, key, open_since.pop(key), time)
        else:
            open_since[key] = time
    tell_open(into, media, open_since)


def tell_open(into: Collected, media: Media, open_since: Mapping[Key, float]) -> None:
    """Tell of states that were started and never stopped."""
    for (subject, behaviour, _), time in open_since.items():
        try:
            file, start = media.moment(time)
        except ValueError:
            file, start = media.files[0], time - media.offset_s
        into.tell(NEVER_STOPS, subject, video=file, label=behaviour, start_s=start)
