"""List files for other tools, made from a manifest."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from twostream.atomic import write_text
from twostream.datasets.listing import TEST, TRAIN, UNUSED, VAL
from twostream.datasets.manifest import Manifest, ManifestRow
from twostream.datasets.ucf101 import CLASS_INDEX

# The digits of HMDB-51's own files; they have none for a validation part.
DIGITS = {UNUSED: 0, TRAIN: 1, TEST: 2, VAL: 3}
MMACTION2 = "mmaction2"


def list_files(
    manifest: Manifest, *, name: str, frames_prefix: str = "", videos_prefix: str = ""
) -> dict[str, str]:
    """Path -> content of every list; forward slashes, LF, clips in the order of the manifest.

    ``classInd.txt`` and ``<part>list0k.txt`` as UCF-101 has them (labels from 1);
    ``<name>_<part>_split_<k>_{rawframes,videos}.txt`` with path, number of frames and label from 0;
    ``split<k>.csv`` with action, title and 1 for train, 2 for test, 3 for val, 0 for unused; and
    below ``mmaction2/`` its annotation files. Paths of frames are clip ids, those of videos what the
    manifest calls their source; the prefixes are put in front. As everywhere in the field, ``val`` is
    the test part, unless the split has a val part of its own: then there is ``test`` beside it.
    """
    word = re.sub(r"[^\w.-]+", "_", name) or "clips"
    titles = _titles(manifest.rows)
    classes = [f"{label} {text}" for label, text in enumerate(manifest.classes, start=1)]
    files = {
        CLASS_INDEX: _text(classes),
        f"{MMACTION2}/label_map.txt": _text(manifest.classes),
    }

    def frames_path(row: ManifestRow) -> str:
        return _joined(frames_prefix, row.clip_id)

    def videos_path(row: ManifestRow) -> str:
        return _joined(videos_prefix, row.source)

    lines: dict[str, Callable[[ManifestRow], str]] = {
        "{}_{}_split_{}_rawframes": lambda row: f"{frames_path(row)} {row.frames} {row.label}",
        "{}_{}_split_{}_videos": lambda row: f"{videos_path(row)} {row.frames} {row.label}",
        MMACTION2 + "/{}_{}_split_{}_rawframes": lambda row: (
            f"{frames_path(row)} {row.frames} {row.label}"
        ),
        MMACTION2 + "/{}_{}_split_{}_flow_rawframes": lambda row: (
            f"{frames_path(row)} {row.frames - 1} {row.label}"
        ),
        MMACTION2 + "/{}_{}_split_{}_videos": lambda row: f"{videos_path(row)} {row.label}",
    }
    for number in manifest.split_numbers:
        parts = {
            TRAIN: manifest.part(number, "train"),
            VAL: manifest.part(number, "val"),
            TEST: manifest.part(number, "test"),
        }
        for side, rows in parts.items():
            if rows or side != VAL:
                files[f"{side}list{number:02d}.txt"] = _text(
                    _ucf101_line(row, titles[row.clip_id], side=side) for row in rows
                )
        named = parts if parts[VAL] else {TRAIN: parts[TRAIN], VAL: parts[TEST]}
        for part, rows in named.items():
            for pattern, line in lines.items():
                files[f"{pattern.format(word, part, number)}.txt"] = _text(map(line, rows))
        files[f"split{number}.csv"] = _split_table(manifest.rows, number, titles)
    return files


def write_list_files(folder: Path, files: Mapping[str, str]) -> None:
    """Write `files` (path -> content) below `folder`, each whole or not at all."""
    for path, content in files.items():
        write_text(folder / path, content)


def misread_by_blanks(manifest: Manifest) -> int:
    """The number of clips whose paths hold blanks, at which many tools split a line."""
    return sum(" " in row.source or " " in row.clip_id for row in manifest.rows)


def _titles(rows: Iterable[ManifestRow]) -> dict[str, str]:
    """Clip -> the name of its video, or its own where several clips of a class have that one."""
    rows = list(rows)
    names = {row.clip_id: _video_name(row) for row in rows}
    counts = Counter((row.class_name, names[row.clip_id].casefold()) for row in rows)
    return {
        row.clip_id: names[row.clip_id]
        if counts[row.class_name, names[row.clip_id].casefold()] == 1
        else row.clip_id.rpartition("/")[2]
        for row in rows
    }


def _video_name(row: ManifestRow) -> str:
    # An archive of ready frames is no video.
    return row.source.rpartition("/")[2].removesuffix(".zip")


def _ucf101_line(row: ManifestRow, title: str, *, side: str) -> str:
    # The official test lists have no labels; where a name ends like one, it is needed to tell.
    labelled = side == TRAIN or re.search(r"\s[0-9]+$", title)
    return f"{row.class_name}/{title}" + (f" {row.label + 1}" if labelled else "")


def _split_table(rows: Iterable[ManifestRow], number: int, titles: Mapping[str, str]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["action", "title", "train/test"])
    for row in rows:
        side = row.splits[number - 1]
        if side is not None:
            writer.writerow([row.class_name, titles[row.clip_id], DIGITS[side]])
    return text.getvalue()


def _joined(prefix: str, path: str) -> str:
    stripped = prefix.replace("\\", "/").rstrip("/")
    return f"{stripped}/{path}" if stripped else path


def _text(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
