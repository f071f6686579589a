"""Label files as tools write them, made small, and what was read of them, in short."""

from __future__ import annotations


def boris(events, *, files=("kitchen.mp4",), lengths=None, version="7.0", **observation):
    return {
        "project_format_version": version,
        "behaviors_conf": {
            "0": {"code": "wave", "type": "State event"},
            "1": {"code": "clap", "type": "Point event"},
        },
        "observations": {
            "one": {
                "type": "MEDIA",
                "file": {"1": list(files), "2": []},
                "time offset": 0,
                "events": events,
                "media_info": {"length": lengths or {}},
                **observation,
            }
        },
    }


def eaf(tiers, *, slots, media='<MEDIA_DESCRIPTOR MEDIA_URL="file:///x/kitchen.mp4"/>', head=""):
    order = "".join(
        f'<TIME_SLOT TIME_SLOT_ID="{name}"' + ("" if ms is None else f' TIME_VALUE="{ms}"') + "/>"
        for name, ms in slots.items()
    )
    return (
        f'<?xml version="1.0"?><ANNOTATION_DOCUMENT FORMAT="3.0" VERSION="3.0"{head}>'
        f'<HEADER TIME_UNITS="milliseconds">{media}</HEADER><TIME_ORDER>{order}</TIME_ORDER>'
        f"{tiers}</ANNOTATION_DOCUMENT>"
    )


def tier(name, *annotations, participant=""):
    who = f' PARTICIPANT="{participant}"' if participant else ""
    inside = "".join(
        f'<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="{n}" TIME_SLOT_REF1="{a}" '
        f'TIME_SLOT_REF2="{b}"><ANNOTATION_VALUE>{value}</ANNOTATION_VALUE>'
        "</ALIGNABLE_ANNOTATION></ANNOTATION>"
        for n, a, b, value in annotations
    )
    return f'<TIER TIER_ID="{name}"{who}>{inside}</TIER>'


def referring(name, *annotations):
    inside = "".join(
        f'<ANNOTATION><REF_ANNOTATION ANNOTATION_ID="{n}" ANNOTATION_REF="{ref}"'
        + (f' PREVIOUS_ANNOTATION="{before}"' if before else "")
        + f"><ANNOTATION_VALUE>{value}</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>"
        for n, ref, before, value in annotations
    )
    return f'<TIER TIER_ID="{name}">{inside}</TIER>'


def cvat(tracks, *, start=0, stop=499, step=1, size=None, images=""):
    rule = f"step={step}" if step > 1 else ""
    size = "" if size is None else f"<size>{size}</size>"
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n  <version>1.1</version><meta><task>'
        f"<id>1</id>{size}<mode>interpolation</mode><start_frame>{start}</start_frame>"
        f"<stop_frame>{stop}</stop_frame><frame_filter>{rule}</frame_filter>"
        f"<source>kitchen.mp4</source></task></meta>{tracks}{images}</annotations>"
    )


def track(label, *shapes, name="box", inside=""):
    body = "".join(
        f'<{name} frame="{frame}" outside="{outside}" keyframe="1">{inside}</{name}>'
        for frame, outside in shapes
    )
    return f'<track id="0" label="{label}">{body}</track>'


def task(*ranges, label="wave", video="/data/upload/7/0a1b2c3d-kitchen.mp4", **data):
    value = {"ranges": [{"start": a, "end": b} for a, b in ranges], "timelinelabels": [label]}
    return {
        "id": 1,
        "data": {"video": video, **data},
        "annotations": [{"id": 1, "result": [{"type": "timelinelabels", "value": value}]}],
    }


def segments(labels):
    return [(s.video, s.label, s.start_s, s.end_s, s.subject) for s in labels.segments]


def reasons(labels):
    return [one.reason for one in labels.told]
