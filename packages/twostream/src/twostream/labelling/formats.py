"""Which format a file of labels is in, told from what is in it and not from how it is called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from twostream.labelling import (
    activitynet,
    audacity,
    boris_exports,
    boris_project,
    breakfast,
    charades,
    cvat,
    elan,
    elan_tab,
    epic,
    frame_by_frame,
    kinetics,
    label_studio,
    something,
    thumos,
    timeline_table,
    via,
    x_anylabeling,
)
from twostream.labelling.collected import Collected
from twostream.labelling.opened import LabelFile


@dataclass(frozen=True)
class Format:
    """A format of labels: its name for people, how a file of it is told, and how it is read.

    `in_parts` is whether somebody's labels of one video are spread over files.
    """

    name: str
    recognises: Callable[[LabelFile], bool]
    read: Callable[[LabelFile, Collected], None]
    in_parts: bool = False


# The more telling ones first: a line of numbers and a word may be of several.
FORMATS = (
    Format("BORIS project", boris_project.recognises, boris_project.read),
    Format("BORIS events", boris_exports.recognises, boris_exports.read),
    Format("ELAN", elan.recognises, elan.read),
    Format("CVAT", cvat.recognises, cvat.read),
    Format("VIA 3", via.recognises, via.read),
    Format("X-AnyLabeling", x_anylabeling.recognises, x_anylabeling.read),
    Format("Label Studio", label_studio.recognises, label_studio.read),
    Format("ActivityNet", activitynet.recognises, activitynet.read),
    Format("Kinetics", kinetics.recognises, kinetics.read),
    Format("Something-Something", something.recognises, something.read),
    Format("EPIC-KITCHENS", epic.recognises, epic.read),
    Format("Charades", charades.recognises, charades.read),
    Format("table of intervals", timeline_table.recognises, timeline_table.read),
    Format("THUMOS14", thumos.recognises, thumos.read, in_parts=True),
    Format("Breakfast", breakfast.recognises, breakfast.read),
    Format("Audacity", audacity.recognises, audacity.read),
    Format("ELAN text", elan_tab.recognises, elan_tab.read),
    Format("frame by frame", frame_by_frame.recognises, frame_by_frame.read),
)


def format_of(file: LabelFile) -> Format | None:
    """The format of `file`; None where it is none that is known."""
    if not file.data or (not file.is_text and file.encoding.startswith("utf-8")):
        return None
    return next((one for one in FORMATS if one.recognises(file)), None)
