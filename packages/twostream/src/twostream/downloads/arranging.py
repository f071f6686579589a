"""What archives of data sets hold, put in order: a folder a class, lists of splits, frames and flow."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from twostream.datasets.frames_apart import find_flow_folders
from twostream.datasets.hmdb51 import holds_hmdb51
from twostream.datasets.names import is_video, without_extension
from twostream.datasets.official_names import class_told_by_name
from twostream.datasets.ready_frames import PICTURE
from twostream.datasets.ucf101 import holds_ucf101
from twostream.downloads.addresses import Role
from twostream.downloads.unpack import unpack
from twostream.errors import TwostreamError


def arrange(role: Role, archive: Path, opened: Path, into: Path) -> None:
    """Move what the folder `opened` holds of `role` to the new folder `into`.

    Raises TwostreamError naming the `archive` where it holds nothing of the kind.
    """
    ARRANGED[role](archive, opened, into)


def replace_folder(folder: Path, arranged: Path, *, archive: Path) -> None:
    """Put `arranged` in the place of `folder`.

    Raises TwostreamError where that holds files of other origin.
    """
    if folder.exists():
        other = next((name for name in _files(folder) if not (arranged / name).exists()), None)
        if other is not None:
            raise TwostreamError(
                folder,
                expected=f"nothing but what {archive.name} holds, which takes its place",
                found=f"other files too, such as {other}",
                remedy="move them away or choose another --to",
            )
        shutil.rmtree(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    arranged.replace(folder)


def count_files(folder: Path) -> int:
    """Number of files in a folder and all below it; 0 where there is none."""
    return sum(len(files) for _, _, files in os.walk(folder))


def _files(folder: Path) -> Iterator[str]:
    for parent, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            yield (Path(parent) / name).relative_to(folder).as_posix()


def _open_nested(folder: Path) -> None:
    """Open the archives inside, each into a folder of its name beside it, and delete them."""
    nested = sorted(path for path in folder.rglob("*") if path.suffix.lower() in {".rar", ".zip"})
    for path in nested:
        if path.is_file():
            unpack(path, path.with_name(f"{path.name}.opened"))
            path.unlink()


def _arrange_videos(archive: Path, opened: Path, into: Path) -> None:
    """Move every video to ``<class>/``: by its folder, the archive that held it, or its name."""
    _open_nested(opened)
    videos = [path for path in sorted(opened.rglob("*")) if path.is_file() and is_video(path.name)]
    # A copy of UCF-101 has one folder for all.
    told = {path: class_told_by_name(without_extension(path.name)) for path in videos}
    in_names = len({path.parent for path in videos}) == 1 and all(told.values())
    for path in videos:
        above = path.parent.name
        class_name = above.removesuffix(".opened")
        if class_name != above:
            class_name = Path(class_name).stem
        name = told[path]
        if in_names and name is not None:
            class_name = name
        target = into / class_name / path.name
        if (path.parent == opened and not in_names) or target.exists():
            raise TwostreamError(
                archive,
                expected="every video once, in a folder of its class",
                found=path.relative_to(opened).as_posix(),
                remedy="give another --source",
            )
        target.parent.mkdir(parents=True, exist_ok=True)
        path.replace(target)
    if not videos:
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


def _arrange_flow(archive: Path, opened: Path, into: Path) -> None:
    """Take the folders of horizontal and of vertical flow."""
    pair = find_flow_folders(opened)
    if pair is None:
        raise _without(archive, "folders u/ and v/ of flow")
    into.mkdir()
    for folder in pair:
        folder.replace(into / folder.name)


def _arrange_pictures(archive: Path, opened: Path, into: Path) -> None:
    """Take the folder of the clips' folders, or of the classes' folders."""
    folder = opened
    while len(inside := list(folder.iterdir())) == 1 and inside[0].is_dir():
        if any(PICTURE.fullmatch(item.name) for item in inside[0].iterdir()):
            break  # the only clip
        folder = inside[0]
    if not any(map(PICTURE.fullmatch, (name for _, _, names in os.walk(folder) for name in names))):
        raise _without(archive, "numbered pictures")
    folder.replace(into)


ARRANGED: dict[Role, Callable[[Path, Path, Path], None]] = {
    "videos": _arrange_videos,
    "annotations": _arrange_annotations,
    "pictures": _arrange_pictures,
    "flow": _arrange_flow,
}


def _without(archive: Path, what: str) -> TwostreamError:
    return TwostreamError(
        archive, expected=f"an archive of {what}", found="none in it", remedy="check --source"
    )
