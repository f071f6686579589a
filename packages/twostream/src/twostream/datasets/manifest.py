"""The manifest: one row a prepared clip, from which all later work starts.

A class that stands for 'none of the others', made by ``prepare --background`` of what is
unlabelled, is marked: its rows have `background` true (a column that is written only where some row
has it, and is False where a manifest lacks it), and `Manifest.background` is its name. No name means
anything by itself: a folder of clips that is called ``background`` is a class like any other.

Where several labels may hold at once, every row has `labels` (a column that is written only then, as JSON):
all that hold in the clip, none in a clip of background. `class_name` is then the set in words and `label`
the number of the set, while the classes of the manifest are the single labels.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from twostream.datasets.clips import Dataset, SourceClip
from twostream.datasets.listing import TEST, TRAIN, UNUSED, VAL
from twostream.errors import TwostreamError
from twostream.locks import reading, sole_user
from twostream.staging import settle_before_reading

PARQUET = "manifest.parquet"
CSV = "manifest.csv"
# The number that stands for no split: every clip that any split uses trains.
ALL_CLIPS = 0


@dataclass(frozen=True)
class ManifestRow:
    """One prepared clip; the columns are described in docs/formats.md.

    `splits` holds the sides in splits 1, 2, …: 'train', 'val', 'test', 'unused', or None where there is no
    such split. The five tags are None where the names are not HMDB-51's. `background` is true in the
    class that stands for 'none of the others'. `labels` are all labels of a clip where several may hold at
    once, sorted; None where clips are of one class.
    """

    clip_id: str
    class_name: str
    label: int
    path: str
    source: str
    frames: int
    fps: float
    width: int
    height: int
    duration_seconds: float
    group: str
    splits: tuple[str | None, ...] = ()
    body_parts: str | None = None
    camera_motion: str | None = None
    people: int | None = None
    viewpoint: str | None = None
    quality: str | None = None
    background: bool = False
    labels: tuple[str, ...] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """What it counts as: its class, or each of its labels; the background where it has none."""
        return self.labels or (self.class_name,)


@dataclass(frozen=True)
class Manifest:
    """The prepared clips of `folder`; `classes` are in the order of a network's outputs.

    Where several labels may hold at once (`multi_label`) they are the labels, by name, else the classes in
    the order of their numbers.
    """

    folder: Path
    classes: tuple[str, ...]
    rows: tuple[ManifestRow, ...]

    @property
    def multi_label(self) -> bool:
        """Whether clips may have several labels at once, or none."""
        return any(row.labels is not None for row in self.rows)

    @property
    def counted(self) -> tuple[str, ...]:
        """What clips are counted by: the classes; of several labels also the background, which is none."""
        names = {name for row in self.rows for name in row.names}
        return (*self.classes, *sorted(names - set(self.classes)))

    @property
    def background(self) -> str | None:
        """The class that stands for 'none of the others'; None where there is none."""
        return next((row.class_name for row in self.rows if row.background), None)

    @property
    def split_numbers(self) -> tuple[int, ...]:
        """The numbers of the splits that exist, in order."""
        longest = max((len(row.splits) for row in self.rows), default=0)
        return tuple(
            number
            for number in range(1, longest + 1)
            if any(row.splits[number - 1] is not None for row in self.rows)
        )

    def part(self, split: int, side: Literal["train", "val", "test"]) -> tuple[ManifestRow, ...]:
        """The rows on one side of one split, in the order of the manifest.

        Of `ALL_CLIPS` in the place of a split, all that any split uses are on the side 'train'.
        Raises TwostreamError for a split that does not exist, ValueError for any other side.
        """
        if side not in (TRAIN, VAL, TEST):
            raise ValueError(f"side is 'train', 'val' or 'test', not {side!r}")
        if split == ALL_CLIPS:
            used = [row for row in self.rows if set(row.splits) - {UNUSED, None}]
            return tuple(used) if side == TRAIN else ()
        if split not in self.split_numbers:
            there = ", ".join(map(str, self.split_numbers)) or "no split at all"
            raise TwostreamError(
                f"split {split} of {self.folder}",
                expected=f"one of the splits of the manifest: {there}",
                found=f"split {split}",
                remedy="choose a split that exists, or prepare again with other annotations",
            )
        return tuple(row for row in self.rows if row.splits[split - 1] == side)


def manifest_row(
    dataset: Dataset,
    clip: SourceClip,
    *,
    path: str,
    frames: int,
    fps: float,
    width: int,
    height: int,
    duration_seconds: float,
) -> ManifestRow:
    """The row of a clip of `dataset` that was stored at `path` (relative to the data folder)."""
    tags = clip.tags
    return ManifestRow(
        clip_id=clip.clip_id,
        class_name=clip.class_name,
        label=dataset.label(clip.class_name),
        path=path,
        source=clip.source,
        frames=frames,
        fps=fps,
        width=width,
        height=height,
        duration_seconds=duration_seconds,
        group=clip.group,
        splits=dataset.sides(clip.clip_id),
        body_parts=tags.body_parts if tags else None,
        camera_motion=tags.camera_motion if tags else None,
        people=tags.people if tags else None,
        viewpoint=tags.viewpoint if tags else None,
        quality=tags.quality if tags else None,
        background=clip.background,
        labels=clip.labels,
    )


def write_manifest(folder: Path, rows: Sequence[ManifestRow], n_splits: int) -> None:
    """Write ``manifest.parquet`` and ``manifest.csv`` with the columns split_1 … split_<n_splits>.

    Labels are renumbered from 0 without gaps, in their order: a class none of whose clips could be
    prepared does not exist. Raises ValueError where rows contradict each other (a `clip_id` twice,
    two classes with one label, more sides than `n_splits`).

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> row = ManifestRow(clip_id="golf/a", class_name="golf", label=0, path="clips/golf/a.zip",
    ...                   source="golf/a.avi", frames=50, fps=25.0, width=320, height=240,
    ...                   duration_seconds=2.0, group="golf/a", splits=("train",))
    >>> write_manifest(folder, [row], 1)
    >>> read_manifest(folder).part(1, "train") == (row,)
    True
    """
    from twostream.datasets import table

    classes = _classes(rows)
    dense = {label: position for position, label in enumerate(classes)}
    problem = _contradiction(rows)
    if problem is None and any(len(row.splits) > n_splits for row in rows):
        problem = f"a row has more than {n_splits} splits"
    if problem is not None:
        raise ValueError(problem)
    table.write(
        [replace(row, label=dense[row.label]) for row in rows],
        n_splits,
        parquet=folder / PARQUET,
        csv=folder / CSV,
    )


def read_manifest(folder: Path) -> Manifest:
    """Read ``manifest.parquet`` of a prepared folder.

    Raises TwostreamError for a folder without a manifest and for a manifest that is damaged, lacks
    columns, or holds values of a wrong type or that contradict each other.
    """
    from twostream.datasets import table

    path = folder / PARQUET
    if not path.is_file():
        raise TwostreamError(
            folder,
            expected=f"a folder with {PARQUET}",
            found="no such file" if folder.is_dir() else "no such folder",
            remedy="run `twostream prepare` first, and give the folder that it wrote",
        )
    rows = table.read(path)
    numbered = _classes(rows)
    problem = _contradiction(rows)
    if problem is None and list(numbered) != list(range(len(numbered))):
        problem = f"labels that are not 0 to {len(numbered) - 1}"
    if problem is not None:
        raise TwostreamError(
            path,
            expected="a manifest as `twostream prepare` writes it",
            found=problem,
            remedy="run `twostream prepare` again",
        )
    classes: Iterable[str] = numbered.values()
    if any(row.labels is not None for row in rows):
        classes = sorted({name for row in rows for name in row.labels or ()})
    return Manifest(folder, tuple(classes), rows)


@contextmanager
def manifest_in_use(folder: Path) -> Iterator[Manifest]:
    """The manifest of `folder`, whose clips no other process may change while the body reads them.

    Raises TwostreamError as `read_manifest` does, and while another process writes the folder.
    """
    settle_before_reading(folder, sole_user)
    read_manifest(folder)  # what is no data set stays as it is, without a lock in it
    with reading(folder):
        yield read_manifest(folder)


def _classes(rows: Sequence[ManifestRow]) -> dict[int, str]:
    """Label -> class name, by label."""
    return dict(sorted({row.label: row.class_name for row in rows}.items()))


def _contradiction(rows: Sequence[ManifestRow]) -> str | None:
    pairs = {(row.label, row.class_name) for row in rows}
    for position in (0, 1):
        values = [pair[position] for pair in pairs]
        if len(set(values)) < len(values):
            return "a label with two class names, or a class name with two labels"
    if len({row.class_name for row in rows if row.background}) > 1:
        return "two classes of background"
    if len({row.labels is None for row in rows}) > 1:
        return "clips of one class beside clips of several labels"
    if any(row.background and row.labels for row in rows):
        return "a clip of background with labels"
    seen: set[str] = set()
    for row in rows:
        if row.clip_id in seen:
            return f"the clip {row.clip_id} twice"
        seen.add(row.clip_id)
        for side in row.splits:
            if side not in (TRAIN, VAL, TEST, UNUSED, None):
                return f"the side {side!r} for the clip {row.clip_id}"
    return None
