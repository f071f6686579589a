from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from twostream.datasets.clips import SourceClip
from twostream.datasets.groups import group_and_tags

REPOSITORY = Path(__file__).resolve().parents[4]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    folder = REPOSITORY.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"the real clips are absent: {folder} is no folder")
    return folder


@pytest.fixture
def make_source(tmp_path: Path) -> Callable[..., Path]:
    """Create empty files under a folder and return that folder."""

    def make(*names: str) -> Path:
        source = tmp_path / "source"
        source.mkdir(exist_ok=True)
        for name in names:
            path = source / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        return source

    return make


@pytest.fixture
def make_lists(tmp_path: Path) -> Callable[[Mapping[str, str | bytes]], Path]:
    """Create files with the given contents in a folder and return that folder."""

    def make(files: Mapping[str, str | bytes]) -> Path:
        folder = tmp_path / "annotations"
        folder.mkdir(exist_ok=True)
        for name, content in files.items():
            data = content if isinstance(content, bytes) else content.encode()
            (folder / name).write_bytes(data)
        return folder

    return make


@pytest.fixture(scope="session")
def make_clips() -> Callable[..., tuple[SourceClip, ...]]:
    """Clips as the scan would describe files of these names, `<class>/<file>`."""

    def make(*names: str) -> tuple[SourceClip, ...]:
        clips = []
        for name in names:
            class_name, path = name.split("/")[0], Path(name)
            clip_id = f"{class_name}/{path.stem}"
            group, tags = group_and_tags(clip_id, class_name=class_name, stem=path.stem)
            clips.append(SourceClip(clip_id, class_name, path, name, group, tags))
        return tuple(clips)

    return make
