"""What replaces something is in its place wholly or not at all, wherever the process dies."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from twostream import staging
from twostream.errors import TwostreamError
from twostream.staging import commit, is_unsettled, settle, stage_of

NAMES = ["spatial", "split2/temporal", "config.yaml", "new"]


def write(folder: Path, text: str, names: list[str]) -> None:
    for name in names:
        path = folder / name if name.endswith(".yaml") else folder / name / "model.keras"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def read(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, "old", [*NAMES[:3], "kept"])
    write(stage_of(tmp_path), "new", NAMES)
    (stage_of(tmp_path) / "rest").write_text("of the work")
    return tmp_path


WHOLE = {
    "spatial/model.keras": "new",
    "split2/temporal/model.keras": "new",
    "config.yaml": "new",
    "new/model.keras": "new",
    "kept/model.keras": "old",
}


def test_all_of_it_takes_its_place(folder: Path) -> None:
    commit(folder, NAMES)
    assert read(folder) == WHOLE
    assert sorted(path.name for path in folder.iterdir()) == [
        "config.yaml",
        "kept",
        "new",
        "spatial",
        "split2",
    ]


def test_nothing_moves_where_a_part_was_not_made(folder: Path) -> None:
    before = read(folder)
    with pytest.raises(FileNotFoundError, match="absent"):
        commit(folder, [*NAMES, "absent"])
    assert read(folder) == before


def test_a_commit_that_is_interrupted_anywhere_is_ended_by_who_comes_next(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every change of the file system in turn is the last one that is made, or fails half-way."""
    steps = 0
    for step in range(1000):
        copy = Path(shutil.copytree(folder, tmp_path_factory.mktemp("copy") / "run"))
        counter = iter(range(step))
        with monkeypatch.context() as patch:
            for owner, name in (
                (staging, "write_json"),
                (staging.Path, "rename"),
                (staging.Path, "replace"),
                (staging.Path, "unlink"),
                (staging.shutil, "rmtree"),
            ):
                patch.setattr(owner, name, dying(getattr(owner, name), counter))
            try:
                commit(copy, NAMES)
                finished = True
            except KeyboardInterrupt:
                finished = False
        decided = is_unsettled(copy)
        settle(copy)
        found = {name: text for name, text in read(copy).items() if not name.startswith(".next/")}
        staged = {name for name in read(stage_of(copy)) if not name.startswith(".partial-")}
        if finished or decided or found == WHOLE:
            assert found == WHOLE, step
        else:  # nothing was decided yet, and the work can be used again
            assert set(found.values()) == {"old"}, step
            assert staged == set(read(stage_of(folder)))
        assert not (copy / staging.PREVIOUS_NAME).exists()
        steps = step
        if finished:
            break
    assert steps > 10


def dying(works: Any, counter: Any) -> Any:
    def call(*arguments: Any, **options: Any) -> Any:
        if next(counter, None) is None:
            raise KeyboardInterrupt
        return works(*arguments, **options)

    return call


def test_a_damaged_list_is_a_sentence(folder: Path) -> None:
    (stage_of(folder) / staging.COMMIT_NAME).write_text("damaged")
    with pytest.raises(TwostreamError, match="by hand"):
        settle(folder)
