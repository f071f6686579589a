"""The verb `explore`: what is in a prepared data set."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from twostream.paths import InputPath
from twostream.verbs.paths import checks_paths
from twostream.verbs.written import ExplorationPage

if TYPE_CHECKING:
    from twostream.exploration.page import Exploration


@checks_paths
def explore(data: InputPath, *, workers: int | None = None) -> ExplorationPage:
    """Write DATA/exploration.html: classes, lengths, motion, splits, sources, duplicates, leakage.

    Its tables as CSV and its pictures as SVG go into DATA/exploration. Its result says
    where the test part of a split holds what was trained on.

    Parameters
    ----------
    data
        Folder written by `twostream prepare`.
    workers
        Processes at work. Default: one a core.
    """
    from twostream.datasets.manifest import manifest_in_use
    from twostream.events import made
    from twostream.exploration.leakage import find_duplicates, shared_sources
    from twostream.exploration.looks import look_at
    from twostream.exploration.page import Exploration, write_exploration
    from twostream.locks import EXPLORATION_LOCK, sole_user
    from twostream.preparation.options import at_least
    from twostream.preparation.record import read_preparation_record

    data = Path(data)
    if workers is not None:
        at_least("--workers", workers, 1)
    with manifest_in_use(data) as manifest, sole_user(data, lock_name=EXPLORATION_LOCK):
        looks, damaged = look_at(data, manifest.rows, workers=workers)
        found = Exploration(
            name=str(read_preparation_record(data).get("dataset") or data.resolve().name),
            manifest=manifest,
            looks=looks,
            damaged=damaged,
            duplicates=find_duplicates(manifest.rows, looks),
            shared=shared_sources(manifest.rows),
        )
        page = write_exploration(data, found)
    return made(ExplorationPage(page, (*_leakage(found), *_damage(len(damaged)))))


def _leakage(found: Exploration) -> list[str]:
    copies = [
        f"leakage: {item.first.clip_id} looks like {item.second.clip_id}, "
        f"on the other side of split {', '.join(map(str, item.leaks))}"
        for item in found.leaks[:5]
    ]
    return copies + [
        f"leakage: {source.group} has clips on both sides of split {source.split}"
        for source in found.shared[:5]
    ]


def _damage(count: int) -> list[str]:
    from twostream.datasets.names import counted

    return [f"{counted(count, 'clip')} could not be read: run `twostream check`"] if count else []
