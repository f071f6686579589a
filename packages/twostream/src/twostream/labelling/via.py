"""VIA 3 (VGG Image Annotator): its projects (JSON) and the tables exported from them.

Times are seconds. A project names the file of a label by metadata, ``vid``, view, ``fid_list``, file; the
values of attributes with options are IDs of those.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from twostream.errors import TwostreamError
from twostream.labelling.collected import Collected
from twostream.labelling.label_studio import file_of
from twostream.labelling.marks import MAKER, UNCHANGED, mark_of
from twostream.labelling.opened import LabelFile
from twostream.labelling.options import check_named
from twostream.labelling.values import mapping, number, sequence, text

CHECKBOX = 2
WITH_OPTIONS = (2, 3, 4)
IN_TIME = "FILE1_Z2_XY0"
REGION = "a region of a picture, no segment"
NO_OPTION = "has a value that is none of its attribute's options; the value itself is the label"
WHOLE_FILE = "is said of a whole file"
NO_FILE = "belongs to a file that the project lacks"
SEVERAL_SHOWN = "views that show several files: their labels are of the first"
NO_VALUE = "has no value of the attribute that is the label"
IDS = (
    "names of options are not in a table exported from VIA: labels are their numbers; "
    "--label-config PROJECT names them"
)


@dataclass(frozen=True)
class _Attribute:
    name: str
    type: int
    anchor: str
    options: Mapping[str, str]

    def labels(self, value: str) -> list[str]:
        """The labels that a value means: one, or several where boxes are ticked."""
        parts = value.split(",") if self.type == CHECKBOX else [value]
        return [self.options.get(part.strip(), part.strip()) for part in parts if part.strip()]

    def unknown(self, value: str) -> list[str]:
        """The labels of it that are no option, where the attribute has options."""
        if self.type not in WITH_OPTIONS or not self.options:
            return []
        return [label for label in self.labels(value) if label not in self.options.values()]


def recognises(file: LabelFile) -> bool:
    """Whether it is a VIA 3 project or a table exported from one; also VIA 2, which is refused."""
    document = mapping(file.document)
    if {"metadata", "attribute", "view", "file"} <= document.keys():
        return True
    return _is_via_2(document) or _header(file) is not None


def _is_via_2(document: Mapping[str, object]) -> bool:
    return "_via_img_metadata" in document or "_via_settings" in document


def _header(file: LabelFile) -> list[str] | None:
    match = re.search(r"^#\s*CSV_HEADER\s*=\s*(.+)$", file.head, re.MULTILINE)
    return [name.strip() for name in match[1].split(",")] if match else None


def read(file: LabelFile, into: Collected) -> None:
    """Add every label of a part of a video."""
    document = mapping(file.document)
    header = _header(file)
    if _is_via_2(document):
        raise TwostreamError(
            file.path,
            expected="a project of VIA 3",
            found="one of VIA 2, which labels pictures",
            remedy="label the videos in VIA 3",
        )
    if header is not None:
        _read_table(file, header, into)
        return
    version = text(mapping(document.get("project")).get("data_format_version"))
    if version and not version.startswith("3."):
        raise TwostreamError(
            file.path,
            expected="a project of VIA 3",
            found=f"data format {version}",
            remedy="export it from VIA 3",
        )
    _read_project(document, into)


def _attributes(project: Mapping[str, object]) -> dict[str, _Attribute]:
    return {
        key: _Attribute(
            text(mapping(one).get("aname")),
            int(number(mapping(one).get("type")) or 0),
            text(mapping(one).get("anchor_id")),
            {k: text(v) for k, v in mapping(mapping(one).get("options")).items()},
        )
        for key, one in mapping(project.get("attribute")).items()
    }


def _label_attribute(attributes: Mapping[str, _Attribute], into: Collected) -> str | None:
    """The attribute that is the label: the one asked for, else the first of segments with options."""
    asked = into.options.attribute
    if attributes:
        names = [one.name for one in attributes.values()]
        check_named("--subject-from", into.options.subject_from, names)
        if asked not in attributes:
            check_named("--attribute", asked, names)
    if asked is not None:
        return next((key for key, one in attributes.items() if asked in (one.name, key)), None)
    others = [into.options.subject_from]
    in_time = [
        key
        for key, one in attributes.items()
        if one.anchor in (IN_TIME, "") and one.name not in others
    ]
    ranked = sorted(in_time, key=lambda key: attributes[key].type not in WITH_OPTIONS)
    if len(ranked) > 1:
        rest = ", ".join(repr(attributes[key].name) for key in ranked[1:])
        into.note(
            f"the label is the attribute {attributes[ranked[0]].name!r}; there is also {rest}, "
            "which --attribute takes instead and --subject-from as the subject"
        )
    return ranked[0] if ranked else None


def _read_project(project: Mapping[str, object], into: Collected) -> None:
    attributes = _attributes(project)
    key = _label_attribute(attributes, into)
    files = _files(project, into)
    for video in dict.fromkeys(files.values()):
        into.saw(video)
    unchanged = 0
    for name, value in mapping(project.get("metadata")).items():
        one = mapping(value)
        shown = files.get(text(one.get("vid")))
        values = {k: text(v) for k, v in mapping(one.get("av")).items()}
        if shown is None:
            into.tell(NO_FILE, f"metadata {name!r}")
            continue
        subject = next(
            (
                ", ".join(attributes[k].labels(v))
                for k, v in values.items()
                if k in attributes and attributes[k].name == into.options.subject_from
            ),
            "",
        )
        label = None if key is None else values.get(key)
        unchanged += MAKER in name and name.endswith(_mark(one, attributes.get(key or ""), label))
        labels = attributes[key].labels(label) if key is not None and label else []
        for unknown in attributes[key].unknown(label) if key is not None and label else ():
            into.tell(NO_OPTION, video=shown, label=unknown, lost=False)
        _add(one.get("z"), one.get("xy"), labels, shown, subject, into)
    if unchanged:
        into.tell(UNCHANGED, f"{unchanged}", lost=False)


def _mark(one: Mapping[str, object], attribute: _Attribute | None, value: str | None) -> str:
    """The end of the name under which we would have written it."""
    times = [number(time) for time in sequence(one.get("z"))]
    if attribute is None or len(times) != 2 or times[0] is None or times[1] is None:
        return MAKER
    return mark_of(attribute.options.get(value or "", ""), times[0], times[1])


def _files(project: Mapping[str, object], into: Collected) -> dict[str, str]:
    """View -> its first file, as it is called."""
    names: dict[str, str] = {}
    for key, value in mapping(project.get("file")).items():
        one = mapping(value)
        names[text(one.get("fid")) or key] = text(one.get("fname")) or file_of(text(one.get("src")))
    found = {}
    for view, value in mapping(project.get("view")).items():
        shown = [text(one) for one in sequence(mapping(value).get("fid_list"))]
        if shown and shown[0] in names:
            found[view] = names[shown[0]]
            if len(shown) > 1:
                into.note(SEVERAL_SHOWN)
    return found


def _add(
    z: object, xy: object, labels: list[str], video: str, subject: str, into: Collected
) -> None:
    times = [number(one) for one in sequence(z)]
    start = times[0] if times else None
    named = ", ".join(labels)
    if sequence(xy) or len(times) == 1:
        into.tell(REGION, video=video, label=named, start_s=start)
    elif not times:
        if labels:
            into.tell(WHOLE_FILE, video=video, label=named)
    elif not labels:
        into.tell(NO_VALUE, video=video, start_s=start, end_s=times[1])
    else:
        for label in labels:
            into.segment(video, label, start, times[1], subject=subject)


def _read_table(file: LabelFile, header: list[str], into: Collected) -> None:
    attributes: dict[str, _Attribute] = {}
    if into.options.label_config is not None:
        project = mapping(LabelFile(into.options.label_config).document)
        attributes = {one.name: one for one in _attributes(project).values()}
    else:
        into.note(IDS)
    text_ = "\n".join(line for line in file.text.split("\n") if not line.startswith("#"))
    for cells in _rows(text_):
        row = dict(zip(header, cells, strict=False))
        files = sequence(_json(row.get("file_list", "")))
        values = {k: text(v) for k, v in mapping(_json(row.get("metadata", ""))).items()}
        video = file_of(text(files[0])) if files else ""
        if not video:
            into.tell(NO_FILE, f"metadata {row.get('metadata_id', '?')!r}")
            continue
        key = into.options.attribute
        if key is None:
            known = _label_attribute(attributes, into)
            others = [name for name in values if name != into.options.subject_from]
            key = known if known is not None else (others[0] if others else None)
        attribute = attributes.get(key or "", _Attribute(key or "", 0, "", {}))
        labels = attribute.labels(values.get(key or "", ""))
        for unknown in attribute.unknown(values.get(key or "", "")):
            into.tell(NO_OPTION, video=video, label=unknown, lost=False)
        subject = values.get(into.options.subject_from or "", "")
        z: object = _json(row.get("temporal_coordinates", "")) or [
            row.get("temporal_segment_start", ""),
            row.get("temporal_segment_end", ""),
        ]
        _add(z, _json(row.get("spatial_coordinates", "")), labels, video, subject, into)


def _rows(text_: str) -> list[list[str]]:
    import csv
    import io

    reader = csv.reader(io.StringIO(text_, newline=""), skipinitialspace=True)
    return [row for row in reader if any(cell.strip() for cell in row)]


def _json(cell: str) -> object:
    try:
        found: object = json.loads(cell)
    except ValueError:
        return None
    return found
