"""Writing one clip: members into one ZIP or one folder, which appears whole or not at all."""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from twostream.atomic import atomic_path, temporary_folder
from twostream.choices import Layout as Layout
from twostream.store.members import CHECKSUMS_MEMBER

Put = Callable[[str, bytes], None]

# A fixed time keeps an archive of the same content the same bytes.
MEMBER_TIME = (1980, 1, 1, 0, 0, 0)
UNIX = 3  # on every system, for the same reason


def clip_target(clips: Path, clip_id: str, *, layout: Layout) -> Path:
    """Where the clip `clip_id` (``class/stem``) is stored below the folder `clips`."""
    return clips / (f"{clip_id}.zip" if layout == "archive" else clip_id)


@contextmanager
def clip_sink(target: Path, *, layout: Layout) -> Iterator[Put]:
    """Yield ``put(member, content)``; `target` appears when the body ends without an error."""
    if layout == "archive":
        with atomic_path(target) as temporary, zipfile.ZipFile(temporary, "w") as archive:

            def put_member(member: str, content: bytes) -> None:
                info = zipfile.ZipInfo(member, MEMBER_TIME)
                info.create_system = UNIX
                info.external_attr = 0o100644 << 16  # unzip gives ordinary files
                archive.writestr(info, content)

            yield put_member
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        with temporary_folder(target.parent) as folder:
            checksums: list[str] = []

            def put_file(member: str, content: bytes) -> None:
                (folder / member).write_bytes(content)
                checksums.append(f"{hashlib.sha256(content).hexdigest()}  {member}\n")

            yield put_file
            (folder / CHECKSUMS_MEMBER).write_text("".join(checksums), newline="\n")
            # Not flushed to the disk: hundreds of files would take seconds. Whatever a power cut takes
            # the checksums tell, and `prepare` makes it again.
            if target.is_dir():
                shutil.rmtree(target)
            else:
                target.unlink(missing_ok=True)
            folder.replace(target)


def adopt_clip(earlier: Path, target: Path) -> None:
    """Store the clip `earlier` once more as `target`, without its bytes twice where the system can.

    No stored file is ever written into, so that two names of one file do no harm.
    """
    if earlier.is_dir():
        target.parent.mkdir(parents=True, exist_ok=True)
        with temporary_folder(target.parent) as folder:
            shutil.copytree(earlier, folder / "clip", copy_function=_link_or_copy)
            (folder / "clip").replace(target)
    else:
        with atomic_path(target) as temporary:
            temporary.unlink()
            _link_or_copy(earlier, temporary)


def _link_or_copy(source: str | Path, target: str | Path) -> None:
    try:
        Path(target).hardlink_to(source)
    except OSError:
        shutil.copyfile(source, target)
