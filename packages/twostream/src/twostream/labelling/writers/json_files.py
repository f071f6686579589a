"""JSON of VIA 3, X-AnyLabeling's video classifier, and ActivityNet's results.

In VIA and X-AnyLabeling an interval that we wrote is known by its name while nobody changed it, and is
replaced; all others are kept. ActivityNet's results of a video are replaced as a whole while they are as
we wrote them, which `external_data` tells.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from twostream.datasets.names import counted
from twostream.errors import TwostreamError
from twostream.labelling.marks import MAKER, digest_of, mark_of
from twostream.labelling.opened import LabelFile
from twostream.labelling.values import mapping, number, sequence, text
from twostream.labelling.via import IN_TIME, WITH_OPTIONS
from twostream.labelling.writers.written import (
    Text,
    WrittenSegment,
    WrittenVideo,
    in_order,
    labels_of,
    milliseconds,
    note_of,
)
from twostream.labelling.x_anylabeling import KIND, VERSION, segment_mark

SELECT = 4


def _document(existing: LabelFile | None, tool: str, key: str) -> dict[str, object] | None:
    if existing is None:
        return None
    document = dict(mapping(existing.document))
    if key not in document:
        raise TwostreamError(
            existing.path,
            expected=f"a file of {tool}",
            found="another one",
            remedy="choose another file",
        )
    return document


def _digest(results: object) -> str:
    """A short name for the results of a video: the same as long as nobody changed them."""
    return digest_of([json.dumps(results, sort_keys=True)])


def _text(document: object, notes: Sequence[str]) -> Text:
    return Text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", tuple(notes))


def via(
    segments: Sequence[WrittenSegment], video: WrittenVideo, existing: LabelFile | None
) -> Text:
    """A VIA 3 project; its markers stay as VIA's page wants them, labels are options."""
    project = _document(existing, "VIA 3", "metadata") or _new_via()
    attributes = {k: dict(mapping(v)) for k, v in mapping(project["attribute"]).items()}
    key = next((k for k, one in attributes.items() if _is_label(one)), None)
    if key is None:
        key = _free(attributes)
        attributes[key] = _attribute()
    options = {k: text(v) for k, v in mapping(attributes[key].get("options")).items()}
    for name in labels_of(segments, video):
        if name not in options.values():
            options[_free(options)] = name
    attributes[key]["options"] = options
    ids = {name: one for one, name in options.items()}
    files = dict(mapping(project.get("file")))
    views = dict(mapping(project.get("view")))
    vid = _view(project, files, views, video)
    metadata = dict(mapping(project["metadata"]))
    for name in [
        name for name, one in metadata.items() if _is_ours(name, mapping(one), options, key)
    ]:
        if text(mapping(metadata[name]).get("vid")) == vid:
            del metadata[name]
    kept = len(metadata)
    for one in in_order(segments):
        times = [round(one.start_s, 3), round(one.end_s, 3)]
        mark = f"{vid}_{mark_of(one.label, times[0], times[1])}"
        metadata[mark] = {"vid": vid, "flg": 0, "z": times, "xy": [], "av": {key: ids[one.label]}}
    notes = ["milliseconds"]
    if kept:
        notes.append(f"{counted(kept, 'label')} kept")
    if any(one.subject for one in segments):
        notes.append("subjects have no place here")
    project |= {"attribute": attributes, "file": files, "view": views, "metadata": metadata}
    return _text(project, notes)


def _is_label(attribute: dict[str, object]) -> bool:
    in_time = text(attribute.get("anchor_id")) == IN_TIME
    return in_time and int(number(attribute.get("type")) or 0) in WITH_OPTIONS


def _is_ours(name: str, one: object, options: dict[str, str], key: str) -> bool:
    """Whether it is what we wrote under that name."""
    if MAKER not in name:
        return False
    value = mapping(one)
    times = [number(t) for t in sequence(value.get("z"))]
    values = mapping(value.get("av"))
    if values.keys() != {key} or sequence(value.get("xy")):
        return False  # somebody said more of it
    label = options.get(text(values.get(key)), "")
    if len(times) != 2 or times[0] is None or times[1] is None:
        return False
    return name.endswith(mark_of(label, times[0], times[1]))


def _view(
    project: dict[str, object],
    files: dict[str, object],
    views: dict[str, object],
    video: WrittenVideo,
) -> str:
    """The view of the video, made where there is none."""
    for view, one in views.items():
        first = next(iter(sequence(mapping(one).get("fid_list"))), None)
        named = mapping(files.get(text(first)))
        if text(named.get("fname")).casefold() == video.name.casefold():
            return view
    fid, vid = _free(files), _free(views)
    files[fid] = {"fid": fid, "fname": video.name, "type": 4, "loc": 1, "src": ""}
    views[vid] = {"fid_list": [fid]}
    about = dict(mapping(project.get("project")))
    about["vid_list"] = [*sequence(about.get("vid_list")), vid]
    project["project"] = about
    return vid


def _free(table: dict[str, object] | dict[str, str] | dict[str, dict[str, object]]) -> str:
    return str(max((int(key) for key in table if key.isdecimal()), default=0) + 1)


def _attribute() -> dict[str, object]:
    return {
        "aname": "action",
        "anchor_id": IN_TIME,
        "type": SELECT,
        "desc": "",
        "options": {},
        "default_option_id": "",
    }


def _new_via() -> dict[str, object]:
    return {
        "project": {
            "pid": "__VIA_PROJECT_ID__",
            "rev": "__VIA_PROJECT_REV_ID__",
            "rev_timestamp": "__VIA_PROJECT_REV_TIMESTAMP__",
            "pname": "predicted",
            "creator": MAKER,
            "created": 0,
            "vid_list": [],
            "data_format_version": "3.1.1",
        },
        "config": {
            "file": {"loc_prefix": {"1": "", "2": "", "3": "", "4": ""}},
            "ui": {
                "file_content_align": "center",
                "file_metadata_editor_visible": True,
                "spatial_metadata_editor_visible": False,
                "temporal_segment_metadata_editor_visible": True,
                "spatial_region_label_attribute_id": "",
                "gtimeline_visible_row_count": "4",
            },
        },
        "attribute": {},
        "file": {},
        "view": {},
        "metadata": {},
    }


def x_anylabeling(
    segments: Sequence[WrittenSegment], video: WrittenVideo, existing: LabelFile | None
) -> Text:
    """The file that must lie beside the video, called as it is with ``.json``."""
    document = _document(existing, "X-AnyLabeling's video classifier", "segments") or {
        "version": VERSION,
        "type": KIND,
        "video": video.name,
        "fps": video.fps,
        "duration_ms": milliseconds(video.length_s or 0.0),
        "width": video.width,
        "height": video.height,
        "labels": [],
        "label_colors": {},
    }
    named = text(document.get("video")).replace("\\", "/").rpartition("/")[2]
    if existing is not None and named and named.casefold() != video.name.casefold():
        raise TwostreamError(
            existing.path,
            expected=f"a file about {video.name}",
            found=f"one about {named}",
            remedy="choose another file",
        )
    there = [mapping(one) for one in sequence(document.get("segments"))]
    kept = [dict(one) for one in there if not _is_our_segment(one)]
    ours = []
    for one in in_order(segments):
        start = milliseconds(one.start_s)
        end = max(milliseconds(one.end_s), start + 1)
        ours.append(
            {
                "id": mark_of(one.label, start, end, note_of(one)),
                "label": one.label,
                "start_ms": start,
                "end_ms": end,
                "start_frame": round(start * video.fps / 1000),
                "end_frame": round(end * video.fps / 1000),
                "description": note_of(one),
            }
        )
    labels = [text(one) for one in sequence(document.get("labels"))]
    new = [name for name in labels_of(segments, video) if name not in labels]
    document["labels"] = [*labels, *new]
    document["segments"] = [*kept, *ours]
    notes = ["milliseconds", f"it must lie beside the video as {video.stem}.json"]
    if kept:
        notes.append(f"{counted(len(kept), 'segment')} kept")
    return _text(document, notes)


def _is_our_segment(one: object) -> bool:
    value = mapping(one)
    start, end = number(value.get("start_ms")), number(value.get("end_ms"))
    if start is None or end is None:
        return False
    return text(value.get("id")) == segment_mark(value, start, end)


def activitynet(
    segments: Sequence[WrittenSegment], video: WrittenVideo, existing: LabelFile | None
) -> Text:
    """Results of detection, best first, as ActivityNet's evaluation reads them; names without ``v_``."""
    document = _document(existing, "ActivityNet's results", "results") or {
        "version": "VERSION 1.3",
        "results": {},
        "external_data": {},
    }
    results = dict(mapping(document["results"]))
    name = video.stem.removeprefix("v_")
    external = dict(mapping(document.get("external_data")))
    marks = dict(mapping(external.get(MAKER)))
    if name in results and marks.get(name) != _digest(results[name]) and existing is not None:
        raise TwostreamError(
            existing.path,
            expected=f"no results of {name}, or those that we wrote",
            found="others, or corrected ones",
            remedy="choose another file, or take them out of it",
        )
    ranked = sorted(in_order(segments), key=lambda one: -(one.score or 0.0))
    results[name] = [
        {
            "label": one.label,
            "score": round(1.0 if one.score is None else one.score, 6),
            "segment": [round(one.start_s, 6), round(one.end_s, 6)],
        }
        for one in ranked
    ]
    marks[name] = _digest(results[name])
    document |= {"results": results, "external_data": {**external, MAKER: marks}}
    notes = ["microseconds"]
    if len(results) > 1:
        notes.append(f"results of {counted(len(results) - 1, 'other video')} kept")
    if any(one.subject for one in segments):
        notes.append("subjects have no place here")
    return _text(document, notes)
