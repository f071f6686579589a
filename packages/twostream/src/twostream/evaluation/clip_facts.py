"""What is known of a test clip beside its pixels: its source video and its meta tags."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from twostream.datasets.groups import group_and_tags
from twostream.datasets.hmdb51_actions import kind_of_action
from twostream.datasets.manifest import ManifestRow, read_manifest
from twostream.errors import TwostreamError

# Columns of the manifest, and how tables call them.
TAGS = {
    "body_parts": "body parts",
    "camera_motion": "camera motion",
    "people": "people",
    "viewpoint": "viewpoint",
    "quality": "quality",
}
# The kind of a clip's action, a tag like the others: its makers group the classes so.
ACTIONS = "actions"
MANY_PEOPLE = 3


@dataclass(frozen=True)
class ClipFacts:
    """`group` is the source video; `tags` maps a tag's name to its value, for HMDB-51's clips only."""

    group: str
    tags: Mapping[str, str] = field(default_factory=dict)


def facts_of_rows(rows: Iterable[ManifestRow]) -> dict[str, ClipFacts]:
    """The facts of manifest rows, by clip id."""
    return {row.clip_id: ClipFacts(row.group, _tags(row, row.class_name)) for row in rows}


def facts_of_name(clip_id: str) -> ClipFacts:
    """The facts that a clip's id tells by itself.

    >>> facts_of_name("golf/v_golf_g03_c01").group
    'golf/g03'
    """
    class_name, _, stem = clip_id.partition("/")
    group, tags = group_and_tags(clip_id, class_name=class_name, stem=stem)
    return ClipFacts(group, _tags(tags, class_name) if tags else {})


def facts_of_run(run: Path, results: Mapping[str, Any]) -> dict[str, ClipFacts]:
    """The facts of an evaluated run's clips from its manifest; empty where the data are gone."""
    for folder in (Path(str(results.get("data") or run / "data")), run / "data"):
        try:
            return facts_of_rows(read_manifest(folder).rows)
        except (TwostreamError, OSError):
            continue
    return {}


def facts_of_ids(ids: Iterable[str], known: Mapping[str, ClipFacts]) -> list[ClipFacts]:
    """The facts of every clip in order: those `known`, else what its id tells."""
    return [known.get(clip_id) or facts_of_name(clip_id) for clip_id in ids]


def _tags(tagged: Any, class_name: str) -> dict[str, str]:
    values = {name: getattr(tagged, column) for column, name in TAGS.items()}
    if values["people"] is not None and values["people"] >= MANY_PEOPLE:
        values["people"] = f"{MANY_PEOPLE} or more"
    told = {name: str(value) for name, value in values.items() if value is not None}
    # Classes of other data sets have these names too; HMDB-51's clips are known by their tags.
    kind = kind_of_action(class_name) if told else None
    return {**({ACTIONS: kind} if kind else {}), **told}
