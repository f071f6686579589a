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
from twostream.downloads.addresses import FRAMES, OfficialFile, Role
from twostream.downloads.arranging import arrange, count_files, replace_folder
from twostream.downloads.fetch import TRIES, AddressError, fetch, part_bytes, sha256_of
from twostream.downloads.unpack import require_archive, unpack
from twostream.errors import TwostreamError
from twostream.events import say
from twostream.progress import step

RECORD_NAME = "download.json"
ARCHIVES = "archives"
# Of an address that answers nothing, where there is another.
FEW_TRIES = 2


@dataclass(frozen=True)
class Obtained:
    """What lies in the folder `path` now: `files` files, and whether they were there already."""

    role: Role
    path: Path
    files: int
    reused: bool
    checksum: str


def folder_of(role: Role, to: Path) -> Path:
    """Where the files of a role lie."""
    return to / "frames" / role if role in FRAMES else to / role


def obtain(official: OfficialFile, to: Path, *, source: str | None) -> Obtained:
    """Make the folder of a role, such as ``TO/videos/<class>/``, of the archive, resuming an earlier call.

    `source` is another address or a file on the disk. Without it the file's addresses are tried in their
    order, those first of which something is here. The archive's SHA-256 is compared with the
    stated one where there is one (and no other source was given), else with the one recorded in
    ``TO/download.json`` when it was first fetched from there. Raises TwostreamError where the archive
    cannot be had, is not what it should be, or holds nothing of the kind.
    """
    copies = official.copies if source is None else ()
    places = [copy.url for copy in copies] if source is None else [source]
    record = _read_record(to)
    folder = folder_of(official.role, to)
    done = record.get(official.role, {})
    files = count_files(folder)
    if files and done.get("source") in places and done.get("files") == files:
        return Obtained(official.role, folder, files, True, str(done.get("checksum", "")))
    if source is None:
        copy, archives = _first_to_be_had(copies, to)
        place, stated = copy.url, copy.sha256
    else:
        place, stated, archives = source, None, _given(official.role, source, to)
    with step(f"checking {archives[0].name}"):
        sha256 = sha256_of(*archives)
    checksum = _check(archives[0], sha256, stated=stated, place=place, record=record)
    record.setdefault("archives", {})[place] = {
        "sha256": sha256,
        "bytes": sum(path.stat().st_size for path in archives),
    }
    write_json(to / RECORD_NAME, record)
    with step(f"opening {archives[0].name}"), _temporary_folder(to) as temporary:
        unpack(archives, temporary / "0")
        arrange(official.role, archives[0], temporary / "0", temporary / "arranged")
        replace_folder(folder, temporary / "arranged", archive=archives[0])
    files = count_files(folder)
    record[official.role] = {"source": place, "files": files, "checksum": checksum}
    write_json(to / RECORD_NAME, record)
    return Obtained(official.role, folder, files, False, checksum)


def _first_to_be_had(
    copies: tuple[OfficialFile, ...], to: Path
) -> tuple[OfficialFile, tuple[Path, ...]]:
    """The first copy whose address gives an archive, and its parts."""
    targets = {copy.url: _targets(copy, to, number) for number, copy in enumerate(copies)}
    ordered = sorted(copies, key=lambda copy: -sum(map(part_bytes, targets[copy.url])))
    failed: list[str] = []
    for number, copy in enumerate(ordered, start=1):
        more = number < len(ordered)
        try:
            for url, target in zip(copy.urls, targets[copy.url], strict=True):
                if not target.is_file():
                    fetch(
                        url,
                        target,
                        size_bytes=copy.size_bytes,
                        tries=FEW_TRIES if more else TRIES,
                    )
            _require_archive(targets[copy.url][0], copy.url)
        except AddressError as error:
            if len(ordered) == 1:
                raise
            failed.append(f"{error.subject}: {error.found}")
            if more:
                say(f"{failed[-1]}; {ordered[number].url} is tried")
            continue
        return copy, targets[copy.url]
    raise AddressError(
        copies[0].url,
        expected=f"the file at one of {len(copies)} addresses",
        found="; ".join(failed),
        remedy="call the same command again to go on, or fetch it by hand and give it as --source",
    )


def _targets(copy: OfficialFile, to: Path, number: int) -> tuple[Path, ...]:
    """Where the parts of the copy with that number are kept; the first under their own names."""
    folder = to / ARCHIVES if number == 0 else to / ARCHIVES / f"copy_{number}"
    return tuple(folder / _safe_name(url, copy.role) for url in copy.urls)


def _safe_name(url: str, role: Role) -> str:
    name = unquote(urlparse(url).path).rpartition("/")[2]
    # The name is the server's: it must not lead anywhere else.
    return name.replace("\\", "_").lstrip(".") or f"{role}.archive"


def _require_archive(path: Path, url: str) -> None:
    """Raise AddressError where what a server gave is no archive, and remove it: many answer with a page."""
    try:
        require_archive(path)
    except TwostreamError as error:
        path.unlink()
        raise AddressError(
            url,
            expected="a RAR or ZIP archive",
            found=error.found,
            remedy="fetch it by hand from elsewhere and give it as --source",
        ) from error


def _given(role: Role, source: str, to: Path) -> tuple[Path, ...]:
    """The archive that the user names: a file, or an address."""
    if "://" not in source:
        path = Path(source)
        if not path.is_file():
            raise TwostreamError(
                path, expected="an archive or an address", found="no such file", remedy="check it"
            )
        return (path,)
    target = to / ARCHIVES / _safe_name(source, role)
    if not target.is_file():
        fetch(source, target)
    return (target,)


def _check(
    archive: Path, sha256: str, *, stated: str | None, place: str, record: dict[str, Any]
) -> str:
    """What the checksum was compared with, in words; raises TwostreamError where it differs."""
    earlier = record.get("archives", {}).get(place, {}).get("sha256")
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


@contextmanager
def _temporary_folder(to: Path) -> Iterator[Path]:
    for old in to.glob(f"{TEMPORARY_PREFIX}*"):
        shutil.rmtree(old, ignore_errors=True)
    with temporary_folder(to) as folder:
        yield folder


def _read_record(to: Path) -> dict[str, Any]:
    try:
        record = json.loads((to / RECORD_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}
