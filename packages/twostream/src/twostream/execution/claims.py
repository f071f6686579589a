"""Who makes a file now, among workers of several machines that share its folder.

Files appear whole (`atomic`), so that two who make the same one do no harm but work twice; folders of
frames are replaced in two steps, where they could. A claim lies beside the file. Its owner renews it; one
that nobody renewed for `STALE_SECONDS` of the file system's own clock, or whose owner died on this very
machine, is void. Locks of the system were considered: what they mean between machines depends on the file
system and on how it was mounted, while a file that only one of several can create means the same
everywhere.
"""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from twostream.atomic import TEMPORARY_PREFIX

RENEWED_EVERY_SECONDS = 5.0
STALE_SECONDS = 60.0
LOOKED_EVERY_SECONDS = 0.2


@contextmanager
def claimed(target: Path, *, stale_seconds: float = STALE_SECONDS) -> Iterator[None]:
    """Hold the claim of `target` while the body makes it; waits for whoever has it. Raises OSError.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with claimed(folder / "clip.zip"):
    ...     len(list(folder.iterdir()))
    1
    >>> list(folder.iterdir())
    []
    """
    claim = target.with_name(f"{TEMPORARY_PREFIX}claim-{target.name}"[:255])
    claim.parent.mkdir(parents=True, exist_ok=True)
    me = f"{os.getpid()}-{threading.get_ident()}-{os.urandom(4).hex()}"
    while not _take(claim, me):
        _remove_if_void(claim, stale_seconds)
        time.sleep(LOOKED_EVERY_SECONDS)
    done = threading.Event()
    renewing = threading.Thread(target=_renew, args=(claim, done), daemon=True)
    renewing.start()
    try:
        yield
    finally:
        done.set()
        if _owner(claim).get("claim") == me:
            claim.unlink(missing_ok=True)


def _take(claim: Path, me: str) -> bool:
    try:
        handle = os.open(claim, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    except FileExistsError:
        return False
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump({"claim": me, "machine": _machine(), "pid": os.getpid()}, file)
    return True


def _renew(claim: Path, done: threading.Event) -> None:
    while not done.wait(RENEWED_EVERY_SECONDS):
        with suppress(OSError):  # it was void for others, or is being removed
            os.utime(claim)


def _owner(claim: Path) -> dict[str, object]:
    try:
        found = json.loads(claim.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _remove_if_void(claim: Path, stale_seconds: float) -> None:
    gone = claim.with_name(f"{TEMPORARY_PREFIX}{os.urandom(8).hex()}")
    try:
        last = claim.stat().st_mtime
        owner = _owner(claim)
        if not _has_died(owner) and _now(claim.parent) - last < stale_seconds:
            return
        claim.rename(gone)  # so that one of several who find it void removes it
        if _owner(gone) != owner:
            with suppress(FileExistsError):  # the claim that came after it: put back
                os.link(gone, claim)
        gone.unlink()
    except FileNotFoundError:
        return  # someone else removed it


def _has_died(owner: dict[str, object]) -> bool:
    pid = owner.get("pid")
    if owner.get("machine") != _machine() or not isinstance(pid, int) or os.name == "nt":
        return False  # nobody can be asked there, or only by ending it
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    with suppress(OSError, IndexError):  # dead, though its parent has not been told yet
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        return state in "ZX"
    return False


def _machine() -> str:
    """A start of a machine, and the container whose numbers of processes are meant."""
    found = [socket.gethostname()]
    with suppress(OSError):
        found.append(Path("/proc/sys/kernel/random/boot_id").read_text().strip())
        found.append(str(Path("/proc/self/ns/pid").stat().st_ino))
    return " ".join(found)


def _now(folder: Path) -> float:
    """The time by the clock that stamps files there."""
    probe = folder / f"{TEMPORARY_PREFIX}{os.urandom(8).hex()}"
    probe.touch()
    try:
        return probe.stat().st_mtime
    finally:
        probe.unlink(missing_ok=True)
