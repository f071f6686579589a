"""One file over HTTP: resumed where it broke off, never taken for whole before it is."""

from __future__ import annotations

import hashlib
import http.client
import json
import re
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from twostream.atomic import replace_durably, write_json
from twostream.errors import TwostreamError
from twostream.locks import STORE_IS_UNUSABLE
from twostream.progress import Progress

CHUNK_BYTES = 1 << 20
TRIES = 6
# What a slow or overloaded server may answer; everything else will not get better.
PASSING_STATUS = {408, 425, 429, 500, 502, 503, 504}
_CONTENT_RANGE = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)")


class AddressError(TwostreamError):
    """What an address gives is not the file; another address may give it."""


@dataclass
class _Known:
    """What is known of a file while parts of it are there; kept beside them."""

    url: str
    total_bytes: int | None = None
    validator: str = ""


def fetch(
    url: str,
    target: Path,
    *,
    size_bytes: int | None = None,
    tries: int = TRIES,
    pause_seconds: float = 2.0,
    timeout_seconds: float = 60.0,
) -> None:
    """Fetch `url` into `target`, going on with ``<target>.part`` where an earlier call stopped.

    A lost connection is taken up again, up to `tries` times in a row without a byte gained. Servers
    that cannot resume send the file from its beginning; a file that has changed meanwhile is begun
    anew. Raises TwostreamError where the server refuses, its sizes contradict each other or
    `size_bytes`, or there is no room.
    """
    part = target.with_name(f"{target.name}.part")
    notes = target.with_name(f"{target.name}.part.json")
    target.parent.mkdir(parents=True, exist_ok=True)
    failures = 0
    reason = "nothing"
    with Progress(target.name, total=0, unit="megabyte") as progress:
        while failures < tries:
            known = _read_notes(notes, url)
            before = _size(part) if known.validator or known.total_bytes else 0
            try:
                _fetch_once(
                    known,
                    part,
                    notes,
                    size_bytes=size_bytes,
                    timeout=timeout_seconds,
                    progress=progress,
                )
            except (OSError, http.client.HTTPException) as error:
                if getattr(error, "errno", None) in STORE_IS_UNUSABLE:
                    raise
                reason = str(getattr(error, "reason", "") or error) or type(error).__name__
            else:
                have = _size(part)
                if known.total_bytes is None or have == known.total_bytes:
                    break
                reason = f"{have} of the {known.total_bytes} bytes that it promises"
            failures = 0 if _size(part) > before else failures + 1
            if failures:
                time.sleep(pause_seconds * min(failures, 5))
        else:
            raise AddressError(
                url,
                expected="the whole file",
                found=reason,
                remedy="call the same command again to go on, or give another --source",
            )
    if size_bytes is not None and _size(part) != size_bytes:
        found = _size(part)
        part.unlink()
        notes.unlink(missing_ok=True)
        raise _wrong_size(url, size_bytes, found)
    replace_durably(part, target)
    notes.unlink(missing_ok=True)


def sha256_of(*parts: Path) -> str:
    """SHA-256 of a file, or of one in several parts, hexadecimal."""
    digest = hashlib.sha256()
    for path in parts:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                digest.update(chunk)
    return digest.hexdigest()


def part_bytes(target: Path) -> int:
    """How much of `target` is here, whole or not."""
    return _size(target) or _size(target.with_name(f"{target.name}.part"))


def _fetch_once(
    known: _Known,
    part: Path,
    notes: Path,
    *,
    size_bytes: int | None,
    timeout: float,
    progress: Progress,
) -> None:
    """Ask once for what is missing and append what comes."""
    have = _size(part)
    if known.total_bytes is not None and have == known.total_bytes:
        return
    if not known.validator and known.total_bytes is None:
        have = 0
    try:
        with urllib.request.urlopen(_request(known, have), timeout=timeout) as answer:
            start, total = _place(answer.status, answer.headers, have)
            validator = _validator(answer.headers)
            if start and (total, validator) != (known.total_bytes, known.validator):
                # Another file than that of which a part is here.
                part.unlink()
                notes.unlink(missing_ok=True)
                known.total_bytes, known.validator = total, ""
                raise ConnectionError("the file on the server has changed")
            known.total_bytes, known.validator = total, validator
            if size_bytes is not None and total is not None and total != size_bytes:
                raise _wrong_size(known.url, size_bytes, total)
            _check_room(part, total, start)
            write_json(notes, asdict(known))
            _append(answer, part, start=start, total=total, progress=progress, url=known.url)
    except urllib.error.HTTPError as error:
        _refused(error, known, part, notes)


def _request(known: _Known, have: int) -> urllib.request.Request:
    request = urllib.request.Request(known.url, headers={"Accept-Encoding": "identity"})
    if not known.url.lower().startswith(("http://", "https://")):
        raise TwostreamError(
            known.url,
            expected="an address that begins with http:// or https://, or a file",
            found="neither",
            remedy="check --source",
        )
    if have:
        request.add_header("Range", f"bytes={have}-")
        if known.validator:
            request.add_header("If-Range", known.validator)
    return request


def _place(status: int, headers: http.client.HTTPMessage, have: int) -> tuple[int, int | None]:
    """Where the answer's bytes belong, and how many there are in all."""
    if status == http.HTTPStatus.PARTIAL_CONTENT:
        match = _CONTENT_RANGE.fullmatch(headers.get("Content-Range", ""))
        if match is None or match[1] is None or int(match[1]) != have:
            # Not what was asked for: what comes cannot be appended.
            raise _OtherPartError
        return have, None if match[3] == "*" else int(match[3])
    length = headers.get("Content-Length", "")
    return 0, int(length) if length.isdigit() else None


class _OtherPartError(OSError):
    """The server sent another part than was asked for."""

    def __str__(self) -> str:
        return "another part of the file than was asked for"


def _append(
    answer: http.client.HTTPResponse,
    part: Path,
    *,
    start: int,
    total: int | None,
    progress: Progress,
    url: str,
) -> None:
    progress.total = (total or 0) >> 20
    progress.already_done = start >> 20
    with part.open("ab" if start else "wb") as file:
        have = start
        while chunk := answer.read1(CHUNK_BYTES):  # what is there, lest a break lose it
            have += len(chunk)
            if total is not None and have > total:
                file.truncate(0)
                raise AddressError(
                    url,
                    expected=f"{total} bytes, as the server promises",
                    found="more",
                    remedy="give another --source",
                )
            file.write(chunk)
            progress.done = have >> 20
            progress.tell()


def _refused(error: urllib.error.HTTPError, known: _Known, part: Path, notes: Path) -> None:
    with suppress(OSError):
        error.close()
    if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
        match = _CONTENT_RANGE.fullmatch(error.headers.get("Content-Range", ""))
        if match and match[3] == str(_size(part)):
            known.total_bytes = _size(part)  # it was whole already
            return
        part.unlink(missing_ok=True)
        notes.unlink(missing_ok=True)
        raise ConnectionError("the server does not go on from there")
    if error.code in PASSING_STATUS:
        raise ConnectionError(f"status {error.code} ({error.reason})")
    raise AddressError(
        known.url,
        expected="the file",
        found=f"status {error.code} ({error.reason})",
        remedy="fetch it by hand from elsewhere and give it as --source",
    )


def _validator(headers: Mapping[str, str]) -> str:
    """What tells one version of the file from another: a strong tag, else its date."""
    tag = headers.get("ETag", "")
    return tag if tag and not tag.startswith("W/") else headers.get("Last-Modified", "")


def _check_room(part: Path, total: int | None, start: int) -> None:
    if total is None:
        return
    free = shutil.disk_usage(part.parent).free + (_size(part) if not start else 0)
    if total - start > free:
        raise TwostreamError(
            part.parent,
            expected=f"room for {total - start} bytes",
            found=f"{free}",
            remedy="make room or choose another folder",
        )


def _read_notes(notes: Path, url: str) -> _Known:
    try:
        known = _Known(**json.loads(notes.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return _Known(url)
    return known if known.url == url else _Known(url)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _wrong_size(url: str, expected: int, found: int) -> AddressError:
    return AddressError(
        url,
        expected=f"a file of {expected} bytes",
        found=f"{found}: another file",
        remedy="give another --source",
    )
