"""ELAN's annotation files (``.eaf``), XML of the schema EAFv3.0.xsd and the earlier ones.

Times are whole milliseconds; the time in a medium is that plus the medium's TIME_ORIGIN. Slots without
a time lie evenly between the neighbours with which annotations connect them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from xml.etree.ElementTree import Element

from twostream.errors import TwostreamError
from twostream.labelling.collected import Collected
from twostream.labelling.marks import MAKER, UNCHANGED, digest_of
from twostream.labelling.opened import LabelFile
from twostream.labelling.segments import VideoFacts
from twostream.labelling.values import number

NEWEST_FORMAT = 3
UNIT_MS = {"milliseconds": 1.0, "pal-frames": 40.0, "ntsc-frames": 1001 / 30}
REFERRING = (
    "a tier that refers to annotations and has no times of its own; --tier names it to read it"
)
OTHER_TIER = "a tier that --tier does not name"
TWICE = "two tiers of one name; both were read"

Span = tuple[float, float]  # milliseconds


def recognises(file: LabelFile) -> bool:
    """Whether it is an .eaf."""
    return "<ANNOTATION_DOCUMENT" in file.head


def read(file: LabelFile, into: Collected) -> None:
    """Add the annotations of every tier that has times, the tier's participant being the subject."""
    root = file.root
    assert root is not None
    version = root.get("FORMAT") or root.get("VERSION") or ""
    major = number(version.partition(".")[0])
    if major is not None and major > NEWEST_FORMAT:
        raise TwostreamError(
            file.path,
            expected=f"an ELAN file of format {NEWEST_FORMAT} or earlier",
            found=f"format {version}",
            remedy="export it from ELAN as tab-delimited text",
        )
    header = root.find("HEADER")
    video, origin_ms = _medium(header, into)
    into.saw(video)
    units = "milliseconds" if header is None else header.get("TIME_UNITS", "milliseconds")
    unit = UNIT_MS.get(units.casefold())
    if unit is None:
        raise TwostreamError(
            file.path,
            expected="times in milliseconds",
            found=units,
            remedy="save it in a later ELAN",
        )
    spans = _spans(root, unit)
    tiers = root.findall("TIER")
    _check_tiers(file, tiers, into)
    order = root.find("TIME_ORDER")
    marks = {} if header is None else marks_of(header)
    for tier in tiers:
        name = tier.get("TIER_ID", "")
        if name in marks and order is not None and is_unchanged(tier, marks[name], order):
            into.tell(UNCHANGED, f"tier {name!r}", lost=False)
        annotations = _annotations(tier)
        if into.options.tiers is not None:
            if name not in into.options.tiers:
                if annotations:
                    into.tell(OTHER_TIER, f"tier {name!r}, {len(annotations)}", lost=False)
                continue
        elif annotations and all(one.tag == "REF_ANNOTATION" for one in annotations):
            into.tell(REFERRING, f"tier {name!r}, {len(annotations)}", lost=False)
            continue
        for one in annotations:
            span = spans.get(one.get("ANNOTATION_ID", ""))
            start, end = (None, None) if span is None else (_seconds(t + origin_ms) for t in span)
            label = one.findtext("ANNOTATION_VALUE") or ""
            subject = tier.get("PARTICIPANT", "") or into.tier_as_subject(name)
            annotator = tier.get("ANNOTATOR", "")
            into.segment(video, label, start, end, subject=subject, annotator=annotator)


def marks_of(header: Element) -> dict[str, Element]:
    """Tier -> the property that we wrote with it."""
    return {
        name.removeprefix(f"{MAKER}:"): one
        for one in header.findall("PROPERTY")
        if (name := one.get("NAME", "")).startswith(f"{MAKER}:")
    }


def is_unchanged(tier: Element, mark: Element, order: Element) -> bool:
    """Whether a tier that we wrote is as we wrote it."""
    slots = {
        one.get("TIME_SLOT_ID", ""): number(one.get("TIME_VALUE"))
        for one in order.iter("TIME_SLOT")
    }
    rows = []
    for one in tier.iter("ALIGNABLE_ANNOTATION"):
        times = [slots.get(one.get(f"TIME_SLOT_REF{end}", "")) for end in (1, 2)]
        label = one.findtext("ANNOTATION_VALUE") or ""
        rows.append((*(-1 if t is None else int(t) for t in times), label))
    return digest_of(rows) == (mark.text or "").strip()


def _seconds(milliseconds: float) -> float:
    return round(milliseconds / 1000, 6)


def _check_tiers(file: LabelFile, tiers: Sequence[Element], into: Collected) -> None:
    names = Counter(tier.get("TIER_ID", "") for tier in tiers)
    for name, count in names.items():
        if count > 1:
            into.tell(TWICE, f"tier {name!r}", lost=False)
    for wanted in into.options.tiers or ():
        if wanted not in names:
            raise TwostreamError(
                file.path,
                expected=f"a tier {wanted!r}",
                found=f"the tiers {', '.join(map(repr, names)) or 'none'}",
                remedy="name one of them",
            )


def _medium(header: Element | None, into: Collected) -> tuple[str, float]:
    """The video, and what is added to times to be its own, in milliseconds."""
    found = [] if header is None else header.findall("MEDIA_DESCRIPTOR")
    media: list[tuple[str, float, bool]] = []
    for one in found:
        name = one.get("RELATIVE_MEDIA_URL") or one.get("MEDIA_URL") or ""
        is_video = one.get("MIME_TYPE", "video/").startswith("video/")
        if name:
            media.append((name, number(one.get("TIME_ORIGIN")) or 0.0, is_video))
    media.sort(key=lambda item: not item[2])  # stable: the first video is the master
    if not media:
        media_file = "" if header is None else header.get("MEDIA_FILE", "")
        return media_file or into.default_video, 0.0
    there = [one for one in media if _is_there(into.facts_of(one[0]))]
    chosen = (there or media)[0]
    others = [name for name, _, is_video in media if is_video and name != chosen[0]]
    if others:
        into.note(f"labels are those of {chosen[0]}; it was played beside {', '.join(others)}")
    return chosen[0], chosen[1]


def _is_there(facts: VideoFacts | None) -> bool:
    return facts is not None


def _annotations(tier: Element) -> list[Element]:
    return [
        one
        for annotation in tier.findall("ANNOTATION")
        for one in annotation
        if one.tag in ("ALIGNABLE_ANNOTATION", "REF_ANNOTATION")
    ]


def _spans(root: Element, unit_ms: float) -> dict[str, Span]:
    """The times of every annotation, in milliseconds, by its ID."""
    slots: dict[str, float | None] = {}
    for slot in root.iter("TIME_SLOT"):
        value = number(slot.get("TIME_VALUE"))
        slots[slot.get("TIME_SLOT_ID", "")] = None if value is None else value * unit_ms
    alignable = list(root.iter("ALIGNABLE_ANNOTATION"))
    times = _with_open_ones(slots, alignable)
    spans: dict[str, Span] = {}
    for one in alignable:
        start = times.get(one.get("TIME_SLOT_REF1", ""))
        end = times.get(one.get("TIME_SLOT_REF2", ""))
        if start is not None and end is not None:
            spans[one.get("ANNOTATION_ID", "")] = (start, end)
    _add_referring(root, spans)
    return spans


def _with_open_ones(
    slots: Mapping[str, float | None], annotations: Sequence[Element]
) -> dict[str, float]:
    """The times of all slots; open ones lie evenly in the chain of annotations that they are in."""
    times = {name: time for name, time in slots.items() if time is not None}
    follows: dict[str, str] = {}
    precedes: dict[str, str] = {}
    for one in annotations:
        first, last = one.get("TIME_SLOT_REF1", ""), one.get("TIME_SLOT_REF2", "")
        # Of a parent and its parts, the parts lead from one slot to the next.
        if slots.get(last, 0.0) is None or first not in follows:
            follows[first] = last
        if slots.get(first, 0.0) is None or last not in precedes:
            precedes[last] = first
    order = list(slots)
    for name, time in slots.items():
        if time is not None or name in times:
            continue
        chain = [name]
        while (before := precedes.get(chain[0])) is not None and before not in chain:
            chain.insert(0, before)
            if slots.get(before) is not None:
                break
        while (after := follows.get(chain[-1])) is not None and after not in chain:
            chain.append(after)
            if slots.get(after) is not None:
                break
        if slots.get(chain[0]) is None or slots.get(chain[-1]) is None:
            chain = _in_order(order, slots, name)
        start, end = slots.get(chain[0]), slots.get(chain[-1])
        if start is not None and end is not None:
            for place, open_one in enumerate(chain[1:-1], start=1):
                times.setdefault(open_one, start + (end - start) * place / (len(chain) - 1))
    return times


def _in_order(order: Sequence[str], slots: Mapping[str, float | None], name: str) -> list[str]:
    """The open slot with its neighbours as the file lists them, up to those with times."""
    first = last = order.index(name)
    while first > 0 and slots[order[first]] is None:
        first -= 1
    while last < len(order) - 1 and slots[order[last]] is None:
        last += 1
    return list(order[first : last + 1])


def _add_referring(root: Element, spans: dict[str, Span]) -> None:
    """The times of annotations that refer to others: theirs, or even parts of them."""
    referring = {one.get("ANNOTATION_ID", ""): one for one in root.iter("REF_ANNOTATION")}
    parts: dict[tuple[int, str], list[str]] = {}
    for number_, tier in enumerate(root.findall("TIER")):
        for one in tier.iter("REF_ANNOTATION"):
            key = (number_, one.get("ANNOTATION_REF", ""))
            parts.setdefault(key, []).append(one.get("ANNOTATION_ID", ""))
    waiting = dict(parts)
    while waiting:
        ready = {key: ids for key, ids in waiting.items() if key[1] in spans}
        if not ready:
            return
        for key, ids in ready.items():
            start, end = spans[key[1]]
            ordered = _by_previous(ids, referring)
            step = (end - start) / len(ordered)
            for place, name in enumerate(ordered):
                spans[name] = (start + place * step, start + (place + 1) * step)
            del waiting[key]


def _by_previous(ids: Sequence[str], annotations: Mapping[str, Element]) -> list[str]:
    """The parts of one annotation in their order, which they tell by naming the one before."""
    after = {annotations[one].get("PREVIOUS_ANNOTATION", ""): one for one in ids}
    ordered: list[str] = []
    name = after.get("")
    while name is not None and name not in ordered:
        ordered.append(name)
        name = after.get(name)
    return ordered if len(ordered) == len(ids) else list(ids)
