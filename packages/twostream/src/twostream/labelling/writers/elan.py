"""Tiers for ELAN: one a subject, another where two intervals of it run at once.

Tiers of people stay as they are. Ours of an earlier time are replaced only while nobody changed them, which
a property in the file's header tells; else new ones are written beside them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from twostream.datasets.names import counted
from twostream.errors import TwostreamError
from twostream.labelling.elan import is_unchanged, marks_of, recognises
from twostream.labelling.marks import MAKER, digest_of
from twostream.labelling.opened import LabelFile
from twostream.labelling.values import number
from twostream.labelling.videos import spellings
from twostream.labelling.writers.written import (
    Text,
    WrittenSegment,
    WrittenVideo,
    in_order,
    milliseconds,
)

XSI = "http://www.w3.org/2001/XMLSchema-instance"
SCHEMA = "http://www.mpi.nl/tools/elan/EAFv3.0.xsd"
TYPE = "predicted"
PREFIX = "predicted"

Row = tuple[int, int, str]  # start and end in milliseconds, label


def elan(
    segments: Sequence[WrittenSegment], video: WrittenVideo, existing: LabelFile | None
) -> Text:
    """The document of `existing` with ours added."""
    ElementTree.register_namespace("xsi", XSI)
    root = _new(video) if existing is None else existing.root
    if root is None or (existing is not None and not recognises(existing)):
        raise TwostreamError(
            "ELAN", expected="an .eaf file", found="another one", remedy="choose another file"
        )
    header, order = root.find("HEADER"), root.find("TIME_ORDER")
    if header is None or order is None:
        raise TwostreamError(
            "ELAN",
            expected="a HEADER and a TIME_ORDER",
            found="none",
            remedy="save it in ELAN again",
        )
    origin = _origin(header, video)
    notes = ["written in whole milliseconds"]
    kept = _remove_ours(root, header, order)
    if people := len(root.findall("TIER")):
        notes.append(f"{counted(people, 'tier')} kept")
    if kept:
        notes.append(f"changed since they were written, so kept: {', '.join(kept)}")
    names = {one.get("TIER_ID", "") for one in root.findall("TIER")}
    times = _Slots(order)
    following = _next_number(root, "ANNOTATION_ID", "a")
    place = [*root].index(order) + 1 + len(root.findall("TIER"))
    there = [one for one in segments if milliseconds(one.end_s) > origin]
    cut = sum(milliseconds(one.start_s) < origin for one in there)
    if before := len(segments) - len(there):
        notes.append(f"{counted(before, 'segment')} before the beginning of the file left out")
    if cut:
        notes.append(f"{counted(cut, 'segment')} cut at the beginning of the file")
    for subject, rows in _tiers(there, origin):
        name = _free_name(subject, names)
        names.add(name)
        tier = Element("TIER", LINGUISTIC_TYPE_REF=TYPE, TIER_ID=name)
        if subject:
            tier.set("PARTICIPANT", subject)
        for start, end, label in rows:
            one = SubElement(SubElement(tier, "ANNOTATION"), "ALIGNABLE_ANNOTATION")
            one.set("ANNOTATION_ID", f"a{following}")
            one.set("TIME_SLOT_REF1", times.add(start))
            one.set("TIME_SLOT_REF2", times.add(end))
            SubElement(one, "ANNOTATION_VALUE").text = label
            following += 1
        root.insert(place, tier)
        place += 1
        SubElement(header, "PROPERTY", NAME=f"{MAKER}:{name}").text = digest_of(rows)
    times.write()
    types = [one.get("LINGUISTIC_TYPE_ID") for one in root.findall("LINGUISTIC_TYPE")]
    if TYPE not in types:
        last = Element("LINGUISTIC_TYPE", GRAPHIC_REFERENCES="false", LINGUISTIC_TYPE_ID=TYPE)
        last.set("TIME_ALIGNABLE", "true")
        root.insert(place, last)
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    return Text(f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n', tuple(notes))


def _new(video: WrittenVideo) -> Element:
    root = Element("ANNOTATION_DOCUMENT", AUTHOR="", DATE="1970-01-01T00:00:00+00:00")
    root.set("FORMAT", "3.0")
    root.set("VERSION", "3.0")
    root.set(f"{{{XSI}}}noNamespaceSchemaLocation", SCHEMA)
    header = SubElement(root, "HEADER", MEDIA_FILE="", TIME_UNITS="milliseconds")
    kind = {"mp4": "video/mp4", "mpg": "video/mpeg", "mov": "video/quicktime"}
    ending = video.name.rpartition(".")[2].casefold()
    SubElement(
        header,
        "MEDIA_DESCRIPTOR",
        MEDIA_URL=f"./{video.name}",
        MIME_TYPE=kind.get(ending, "video/*"),
        RELATIVE_MEDIA_URL=f"./{video.name}",
    )
    SubElement(root, "TIME_ORDER")
    return root


def _origin(header: Element, video: WrittenVideo) -> int:
    """What is added to times to be those of the video, in milliseconds."""
    media = header.findall("MEDIA_DESCRIPTOR")
    for one in media:
        url = one.get("RELATIVE_MEDIA_URL") or one.get("MEDIA_URL") or ""
        names = [name.rpartition("/")[2].casefold() for name in spellings(url)]
        if unicodedata.normalize("NFC", video.name).casefold() in names:
            return int(number(one.get("TIME_ORIGIN")) or 0)
    if media:
        raise TwostreamError(
            "ELAN",
            expected=f"a file about {video.name}",
            found=media[0].get("RELATIVE_MEDIA_URL") or media[0].get("MEDIA_URL") or "no video",
            remedy="choose another file",
        )
    return 0


def _tiers(segments: Sequence[WrittenSegment], origin: int) -> list[tuple[str, list[Row]]]:
    """(subject, rows) of every tier; the rows of one do not overlap.

    No time is before the file's own zero, which may be later than that of its video: ELAN has none there.
    """
    tiers: list[tuple[str, list[Row]]] = []
    for one in in_order(segments):
        start = max(milliseconds(one.start_s) - origin, 0)
        row = (start, max(milliseconds(one.end_s) - origin, start + 1), one.label)
        for subject, rows in tiers:
            if subject == one.subject and rows[-1][1] <= row[0]:
                rows.append(row)
                break
        else:
            tiers.append((one.subject, [row]))
    return sorted(tiers, key=lambda item: item[0])


def _free_name(subject: str, taken: set[str]) -> str:
    base = name = f"{PREFIX} {subject or 'all'}"
    number_ = 1
    while name in taken:
        number_ += 1
        name = f"{base} {number_}"
    return name


def _remove_ours(root: Element, header: Element, order: Element) -> list[str]:
    """Take out the tiers that we wrote and nobody changed; the names of those that somebody did."""
    marks = marks_of(header)
    changed = []
    for tier in root.findall("TIER"):
        name = tier.get("TIER_ID", "")
        mark = marks.get(name)
        if mark is None:
            continue
        header.remove(mark)
        if is_unchanged(tier, mark, order) and not _is_referred_to(root, tier):
            root.remove(tier)
        else:
            changed.append(name)
    used = {
        one.get(f"TIME_SLOT_REF{end}")
        for one in root.iter("ALIGNABLE_ANNOTATION")
        for end in (1, 2)
    }
    for slot in [*order]:
        if slot.get("TIME_SLOT_ID") not in used:
            order.remove(slot)
    return changed


def _is_referred_to(root: Element, tier: Element) -> bool:
    """Whether somebody wrote tiers that depend on one, which would hang in the air without it."""
    name = tier.get("TIER_ID", "")
    own = {one.get("ANNOTATION_ID") for one in tier.iter("ALIGNABLE_ANNOTATION")}
    return any(one.get("PARENT_REF") == name for one in root.findall("TIER")) or any(
        one.get("ANNOTATION_REF") in own for one in root.iter("REF_ANNOTATION")
    )


class _Slots:
    """The slots of a document, to which some are added in the order of time."""

    def __init__(self, order: Element) -> None:
        self.order = order
        numbers = [one.get("TIME_SLOT_ID", "") for one in order]
        self.following = _next_of(numbers, "ts")
        self.new: list[tuple[int, str]] = []

    def add(self, time_ms: int) -> str:
        """A slot of its own at that time."""
        name = f"ts{self.following}"
        self.following += 1
        self.new.append((time_ms, name))
        return name

    def write(self) -> None:
        """Put the new ones between those that are there, whose order stays."""
        place = 0
        for time_ms, name in sorted(self.new, key=lambda item: item[0]):
            slots = [*self.order]
            while place < len(slots):
                value = number(slots[place].get("TIME_VALUE"))
                if value is not None and value > time_ms:
                    break
                place += 1
            slot = Element("TIME_SLOT", TIME_SLOT_ID=name, TIME_VALUE=str(time_ms))
            self.order.insert(place, slot)
            place += 1


def _next_number(root: Element, attribute: str, prefix: str) -> int:
    return _next_of([one.get(attribute, "") for one in root.iter()], prefix)


def _next_of(names: Sequence[str], prefix: str) -> int:
    numbers = [name.removeprefix(prefix) for name in names if name.startswith(prefix)]
    return max((int(one) for one in numbers if one.isdecimal()), default=0) + 1
