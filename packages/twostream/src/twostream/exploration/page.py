"""DATA/exploration.html: one self-contained page, with its tables and pictures in DATA/exploration/."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from twostream.atomic import write_text
from twostream.datasets.hmdb51_actions import LEAST_CLIPS_A_CLASS
from twostream.datasets.manifest import Manifest
from twostream.exploration import balance, counts, pictures, tables
from twostream.exploration.leakage import Duplicate, SharedSource
from twostream.exploration.looks import Look
from twostream.reporting.rendering import environment, style
from twostream.reporting.svg import Picture
from twostream.reporting.thumbnails import STILLS, ClipShelf, Filmstrip

PAGE_NAME = "exploration.html"
FOLDER_NAME = "exploration"
ROWS_SHOWN = 40
SOURCES_SHOWN = 25
SPLITS_SIDE_BY_SIDE = 3
SPLITS_DRAWN = 10


@dataclass(frozen=True, kw_only=True)
class Exploration:
    """Everything that was found in a prepared data set."""

    name: str
    manifest: Manifest
    looks: Mapping[str, Look]
    damaged: Mapping[str, str]
    duplicates: Sequence[Duplicate]
    shared: Sequence[SharedSource]

    @property
    def leaks(self) -> list[Duplicate]:
        """Duplicates with one clip in a training part and the other in its test part."""
        return [item for item in self.duplicates if item.leaks]

    def motions(self) -> dict[str, list[float]]:
        """Mean motion of every clip, in pixels a step, by class."""
        found: dict[str, list[float]] = {name: [] for name in self.manifest.counted}
        for row in self.manifest.rows:
            if row.clip_id in self.looks:
                for name in row.names:
                    found[name].append(self.looks[row.clip_id].motion_px)
        return found


def write_exploration(data: Path, found: Exploration) -> Path:
    """Write ``exploration.html`` and the folder ``exploration`` into `data`; returns the page's path."""
    folder = data / FOLDER_NAME
    drawn = draw(found)
    tables.write_all(folder, found.manifest, found.looks, found.duplicates, found.shared)
    for old in folder.glob("*.svg"):
        old.unlink()  # of splits that there are no more
    for picture in drawn.values():
        write_text(folder / f"{picture.name}.svg", picture.standalone(), durable=False)
    page = data / PAGE_NAME
    write_text(
        page, _templates().get_template("exploration.html").render(_content(found, drawn, data))
    )
    return page


def draw(found: Exploration) -> dict[str, Picture]:
    """Every picture, by name."""
    rows = found.manifest.rows
    drawn = [
        pictures.clips_picture(counts.class_counts(found.manifest)),
        pictures.histogram_picture(
            "frames", "Frames", counts.histogram([row.frames for row in rows]), unit=""
        ),
        pictures.histogram_picture(
            "duration",
            "Duration",
            counts.histogram([row.duration_seconds for row in rows]),
            unit="s",
        ),
        pictures.motion_picture(found.manifest.counted, found.motions()),
    ]
    by_split: dict[int, list[counts.SplitCount]] = {}
    for item in counts.split_counts(found.manifest):
        by_split.setdefault(item.split, []).append(item)
    drawn += [
        pictures.split_picture(by_split[number]) for number in sorted(by_split)[:SPLITS_DRAWN]
    ]
    return {picture.name: picture for picture in drawn}


def _content(found: Exploration, drawn: dict[str, Picture], data: Path) -> dict[str, Any]:
    rows = found.manifest.rows
    sources = counts.source_counts(found.manifest)
    return {
        "css": Markup(style()),
        "found": found,
        "pictures": drawn,
        "split_pictures": [drawn[name] for name in drawn if name.startswith("split_")][
            :SPLITS_DRAWN
        ],
        "n_splits": len(found.manifest.split_numbers),
        "classes": counts.class_counts(found.manifest),
        "n_clips": len(rows),
        "n_frames": sum(row.frames for row in rows),
        "n_groups": len({row.group for row in rows}),
        "seconds": sum(row.duration_seconds for row in rows),
        "sizes": counts.common(f"{row.width} × {row.height}" for row in rows),
        "rates": counts.common(f"{row.fps:.4g}" for row in rows),
        "tags": _tags(found.manifest),
        **_balance(found.manifest),
        "sources": sorted(sources, key=lambda item: -item.clips)[:SOURCES_SHOWN],
        "n_sources": len(sources),
        "duplicates": found.duplicates[:ROWS_SHOWN],
        "rows_shown": ROWS_SHOWN,
        "sheet": _contact_sheet(found, data),
    }


def _balance(manifest: Manifest) -> dict[str, Any]:
    """How alike the parts of the splits are in their tags, and what is known of HMDB-51's classes."""
    balances = balance.tag_balances(manifest)
    by_value: dict[tuple[str, str], dict[int, balance.TagBalance]] = {}
    for one in balances:
        by_value.setdefault((one.tag, one.value), {})[one.split] = one
    by_tag: dict[str, dict[int, balance.TagImbalance]] = {}
    for imbalance in balance.tag_imbalances(balances):
        by_tag.setdefault(imbalance.tag, {})[imbalance.split] = imbalance
    numbers = manifest.split_numbers
    return {
        "imbalances": by_tag,
        "balanced_splits": numbers,
        "balances": by_value if len(numbers) <= SPLITS_SIDE_BY_SIDE else {},
        "kinds": balance.kind_counts(manifest),
        "smaller": balance.smaller_classes(manifest),
        "least_clips": LEAST_CLIPS_A_CLASS,
    }


def _tags(manifest: Manifest) -> list[dict[str, Any]]:
    """For each tag its values, their clips over all, and by class."""
    items = counts.tag_counts(manifest)
    told = []
    for tag, heading in counts.TAGS.items():
        mine = [item for item in items if item.tag == tag]
        overall = {item.value: item.clips for item in mine if not item.name}
        if overall:
            by_class: dict[str, dict[str, int]] = {}
            for item in mine:
                if item.name:
                    by_class.setdefault(item.name, {})[item.value] = item.clips
            told.append({"heading": heading, "overall": overall, "by_class": by_class})
    return told


def _contact_sheet(found: Exploration, data: Path) -> list[tuple[str, str, Filmstrip | None]]:
    """(class, clip, pictures): of each class the clip whose motion is in the middle."""
    shelf = ClipShelf(data)
    sheet = []
    for name in found.manifest.counted:
        seen = sorted(
            (found.looks[row.clip_id].motion_px, row.clip_id)
            for row in found.manifest.rows
            if name in row.names and row.clip_id in found.looks
        )
        if seen:
            clip_id = seen[len(seen) // 2][1]
            sheet.append((name, clip_id, shelf.filmstrip(clip_id, steps=STILLS)))
    return sheet


def _templates() -> jinja2.Environment:
    """The report's templates, and those of this package first."""
    base = environment()
    own = jinja2.PackageLoader("twostream.exploration", "templates")
    assert base.loader is not None
    return base.overlay(loader=jinja2.ChoiceLoader([own, base.loader]))
