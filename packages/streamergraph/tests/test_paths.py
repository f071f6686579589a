"""Paths that are not there, are the same, or lie inside each other."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamergraph.errors import StreamergraphError
from streamergraph.paths import is_same, lies_inside, nearest_path, require_path


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "my_tables" / "running").mkdir(parents=True)
    (tmp_path / "my_tables" / "clips.csv").touch()
    (tmp_path / "runs").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("my_talbes", "my_tables"),
        ("My_Tables", "my_tables"),
        ("my_talbes/running", "my_tables/running"),
        ("my_talbes/elsewhere", "my_tables"),
        ("my_tables/clip.csv", "my_tables/clips.csv"),
        ("my_tables/clips.cvs", "my_tables/clips.csv"),
        ("xyzzy", None),
        ("my_tables", None),
    ],
)
def test_the_first_part_that_is_not_there_is_replaced_by_its_neighbour(
    tree: Path, typed: str, meant: str | None
) -> None:
    expected = None if meant is None else Path(meant)
    assert nearest_path(Path(typed)) == expected
    assert nearest_path(tree / typed) == (None if expected is None else tree / expected)


@pytest.mark.usefixtures("tree")
def test_what_is_not_there_is_called_that_and_the_near_one_named() -> None:
    require_path("my_tables", flag="SOURCE")
    with pytest.raises(
        StreamergraphError, match=r"no such file or folder; did you mean my_tables\?"
    ):
        require_path("my_talbes", flag="SOURCE")
    with pytest.raises(StreamergraphError, match="no such file or folder; check --from"):
        require_path(Path("xyzzy"), flag="--from")
    Path("link").symlink_to("gone")
    with pytest.raises(StreamergraphError, match="found a link to nothing"):
        require_path("link", flag="SOURCE")


def test_inside_and_the_same_are_told_through_links_and_spellings(tree: Path) -> None:
    (tree / "link").symlink_to(tree / "my_tables", target_is_directory=True)
    for folder in ("my_tables", "link", tree / "runs" / ".." / "my_tables"):
        assert is_same(folder, "my_tables")
        assert lies_inside(Path(folder) / "new" / "data", "my_tables")
        assert lies_inside("my_tables/running", folder)
        assert not lies_inside(folder, "my_tables")
        assert not lies_inside("my_tables_2", folder)
    assert is_same("not/there", tree / "not" / "there")
    assert not is_same("not/there", "my_tables")
