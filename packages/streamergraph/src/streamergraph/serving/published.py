"""Which files of a folder of results may be seen: reports, pictures, tables; nothing of a store."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from streamergraph.observations.store import DESCRIPTION_NAME

# What is published, by suffix, with its type. Whatever else lies there does not exist for a reader:
# stores (Parquet), keys, tokens, logs, databases.
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".csv": "text/csv; charset=utf-8",
    ".gexf": "application/xml",
    ".graphml": "application/xml",
}
# JSON and CSV also hold lists of logins, reviews and settings: only these names are results.
NAMES = {
    "communities.csv", "communities.json", "communities.view.csv", "communities.view.json",
    "comparison.csv", "explore.json", "graph.json", "layout.csv", "layout.json", "layout.view.csv",
    "layout.view.json", "measures.csv", "measures.json", "quality.json", "tables.json",
    "lines.csv", "moves.csv", "weeks.csv",
    "Games_dataset.csv", "Games_dataset_name.csv", "Streamer-Games_dataset.csv",
    "Streamer-Streamer_dataset.csv", "Streamer-Streamer_dataset_short.csv", "Streamer_dataset.csv",
    "Streamer_dataset_short.csv",
}  # fmt: skip
BY_NAME = {".csv", ".json"}
DEEPEST = 4


@dataclass(frozen=True, kw_only=True)
class Published:
    """A file that may be seen: its path below the folder, with slashes, and its type."""

    place: Path
    name: str
    kind: str


def published_files(folder: Path) -> dict[str, Published]:
    """All that may be seen in `folder`, by name; links that lead out of it and hidden files are not."""
    root = folder.resolve()
    found = {}
    for place in sorted(_walk(root, root, 0)):
        kind = TYPES.get(place.suffix, "application/json")
        name = place.relative_to(root).as_posix()
        found[name] = Published(place=place, name=name, kind=kind)
    return found


def is_published(place: Path) -> bool:
    """Whether a file is a result, by its name.

    >>> is_published(Path("view/graph.html")), is_published(Path("key")), is_published(Path("bots.csv"))
    (True, False, False)
    """
    if place.name.startswith("."):
        return False
    if place.suffix in BY_NAME:
        return place.name in NAMES
    return place.suffix in TYPES


def is_store(folder: Path) -> bool:
    """Whether a folder is a store of observations, of which nothing is published."""
    return folder.name == "store" or (folder / DESCRIPTION_NAME).is_file()


def _walk(root: Path, folder: Path, depth: int) -> list[Path]:
    found: list[Path] = []
    if is_store(folder) or depth > DEEPEST:
        return found
    for entry in folder.iterdir():
        if entry.name.startswith(".") or not entry.resolve().is_relative_to(root):
            continue
        if entry.is_dir() and not entry.is_symlink():
            found += _walk(root, entry, depth + 1)
        elif entry.is_file() and is_published(entry):
            found.append(entry)
    return found
