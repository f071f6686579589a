"""HMDB-51 and UCF-101 as folders: archives fetched, checked, opened, and put in order."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from twostream.atomic import TEMPORARY_PREFIX, temporary_folder, write_json
from twostream.datasets.hmdb51 import holds_hmdb51
from twostream.datasets.names import is_video
from twostream.datasets.ucf101 import holds_ucf101
from twostream.downloads.addresses import OfficialFile, Role
from twostream.downloads.fetch import fetch, sha256_of
from twostream.downloads.unpack import unpack
from twostream.errors import TwostreamError
from twostream.progress import step

RECORD_NAME = "download.json"
ARCHIVES = "archives"


@dataclass(frozen=True)
class Obtained:
    """What lies in the folder `path` now: `files` files, and whether they were there already."""

    role: Role
    path: Path
    files: int
    reused: bool
    checksum: str


def obtain(official: OfficialFile, to: Path, *, source: str | None) -> Obtained:
    """Make ``TO/videos/<class>/`` or ``TO/annotations/`` from the archive, resuming an earlier call.

    `source` is another address or a file on the disk. The archive's SHA-256 is compared with the
    stated one where there is one (and no other source was given), else with the one recorded in
    ``TO/download.json`` when it was first fetched from there. Raises TwostreamError where the archive
    cannot be had, is not what it should be, or holds nothing of the kind.
    """
    place = source or official.url
    record = _read_record(to)
    folder = to / official.role
    done = record.get(official.role, {})
    files = _count_files(folder)
    if files and done.get("source") == place and done.get("files") == files:
        return Obtained(official.role, folder, files, True, str(done.get("checksum", "")))
    archive = _archive(official, to, source=source)
    with step(f"checking {archive.name}"):
        sha256 = sha256_of(archive)
    checksum = _check(official, archive, sha256, place=place, record=record, own=source is None)
    record.setdefault("archives", {})[place] = {
        "sha256": sha256,
        "bytes": archive.stat().st_size,
    }
    write_json(to / RECORD_NAME, record)
    with step(f"opening {archive.name}"), _temporary_folder(to) as temporary:
        unpack(archive, temporary / "0")
        if official.role == "videos":
            _open_nested(temporary / "0")
            _arrange_videos(archive, temporary / "0", temporary / "arranged")
        else:
            _arrange_annotations(archive, temporary / "0", temporary / "arranged")
        if folder.exists():
            _require_only(folder, temporary / "arranged", archive=archive)
            shutil.rmtree(folder)
        (temporary / "arranged").replace(folder)
    files = _count_files(folder)
    record[official.role] = {"source": place, "files": files, "checksum": checksum}
    write_json(to / RECORD_NAME, record)
    return Obtained(official.role, folder, files, False, checksum)


def _archive(official: OfficialFile, to: Path, *, source: str | None) -> Path:
    if source is not None and "://" not in source:
        path = Path(source)
        if not path.is_file():
            raise TwostreamError(
                path, expected="an archive or an address", found="no such file", remedy="check it"
            )
        return path
    url = source or official.url
    name = unquote(urlparse(url).path).rpartition("/")[2]
    # The name is the server's: it must not lead anywhere else.
    safe = name.replace("\\", "_").lstrip(".") or f"{official.role}.archive"
    target = to / ARCHIVES / safe
    if not target.is_file():
        fetch(url, target, size_bytes=official.size_bytes if source is None else None)
    return target


def _check(
    official: OfficialFile,
    archive: Path,
    sha256: str,
    *,
    place: str,
    record: dict[str, Any],
    own: bool,
) -> str:
    """What the checksum was compared with, in words; raises TwostreamError where it differs."""
    earlier = record.get("archives", {}).get(place, {}).get("sha256")
    stated = official.sha256 if own else None
    for expected, whose in ((stated, "stated"), (earlier, "recorded")):
        if expected is not None and sha256 != expected:
            raise TwostreamError(
                archive,
                expected=f"the {whose} SHA-256 {expected}",
                found=sha256,
                remedy="delete it and call the same command again",
            )
    if stated is not None:
        return "as stated"
    return "as recorded" if earlier is not None else "recorded, for nobody states one"


def _open_nested(folder: Path) -> None:
    """Open the archives inside, each into a folder of its name beside it, and delete them."""
    nested = sorted(path for path in folder.rglob("*") if path.suffix.lower() in {".rar", ".zip"})
    for path in nested:
        if path.is_file():
            unpack(path, path.with_name(f"{path.name}.opened"))
            path.unlink()


def _arrange_videos(archive: Path, opened: Path, into: Path) -> None:
    """Move every video to ``<class>/``: the class is its folder, or the archive that held it."""
    count = 0
    for path in sorted(opened.rglob("*")):
        if not path.is_file() or not is_video(path.name):
            continue
        above = path.parent.name
        class_name = above.removesuffix(".opened")
        if class_name != above:
            class_name = Path(class_name).stem
        target = into / class_name / path.name
        if path.parent == opened or target.exists():
            raise TwostreamError(
                archive,
                expected="every video once, in a folder of its class",
                found=path.relative_to(opened).as_posix(),
                remedy="give another --source",
            )
        target.parent.mkdir(parents=True, exist_ok=True)
        path.replace(target)
        count += 1
    if not count:
        raise _without(archive, "videos")


def _arrange_annotations(archive: Path, opened: Path, into: Path) -> None:
    """Take the folder that holds lists of splits."""
    for folder in (opened, *sorted(path for path in opened.rglob("*") if path.is_dir())):
        if holds_hmdb51(folder) or holds_ucf101(folder):
            into.mkdir()
            for path in sorted(folder.iterdir()):
                if path.is_file():
                    path.replace(into / path.name)
            return
    raise _without(archive, "lists of splits")


def _without(archive: Path, what: str) -> TwostreamError:
    return TwostreamError(
        archive, expected=f"an archive of {what}", found="none in it", remedy="check --source"
    )


def _require_only(folder: Path, arranged: Path, *, archive: Path) -> None:
    """Raise TwostreamError where `folder`, which is to be replaced, holds files of other origin."""
    others = _files(folder) - _files(arranged)
    if others:
        raise TwostreamError(
            folder,
            expected=f"nothing but what {archive.name} holds, which takes its place",
            found=f"other files too, such as {min(others)}",
            remedy="move them away or choose another --to",
        )


@contextmanager
def _temporary_folder(to: Path) -> Iterator[Path]:
    for old in to.glob(f"{TEMPORARY_PREFIX}*"):
        shutil.rmtree(old, ignore_errors=True)
    with temporary_folder(to) as folder:
        yield folder


def _files(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


def _count_files(folder: Path) -> int:
    return len(_files(folder))


def _read_record(to: Path) -> dict[str, Any]:
    try:
        record = json.loads((to / RECORD_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}
