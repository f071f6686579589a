"""Every path of every verb: text is taken, inputs must be there, nothing is written into them."""

from __future__ import annotations

import importlib
import inspect
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import twostream
from twostream.cli.main import BENCHMARKS, VERBS
from twostream.errors import TwostreamError
from twostream.verbs.paths import flag_of, path_roles

PLACES = [place for place, _ in (*VERBS.values(), *BENCHMARKS.values())]
NEEDED: dict[str, Any] = {
    "stream": "spatial",
    "name": "hmdb51",
    "source": "a.mp4",
    "repository": "a/b",
}


def function(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(module), name)


def cases(*, read: bool) -> list[Any]:
    found = []
    for place in PLACES:
        for name, role in path_roles(function(place)).items():
            if role.read if read else role.written:
                found.append(pytest.param(place, name, id=f"{place.partition(':')[2]}-{name}"))
    return found


def arguments(place: str, folder: Path, also: str | None = None) -> dict[str, Any]:
    """Something for every argument that must be given, and `also` one more: folders for what is read.

    What would be said of one stream is left out, for it would hide what is said of both.
    """
    given: dict[str, Any] = {}
    roles = path_roles(function(place))
    for name, parameter in inspect.signature(function(place)).parameters.items():
        if name != also and name.startswith(("spatial_", "temporal_")):
            continue
        if name in roles and (roles[name].read or parameter.default is parameter.empty):
            given[name] = str(folder / name)
            if roles[name].read:
                (folder / name).mkdir(exist_ok=True)
        elif (
            parameter.default is parameter.empty and parameter.kind is not parameter.VAR_POSITIONAL
        ):
            given[name] = NEEDED[name]
    return given


@pytest.mark.parametrize("place", PLACES)
def test_every_path_says_what_is_done_with_it(place: str) -> None:
    verb = function(place)
    for name, parameter in inspect.signature(verb).parameters.items():
        words = str(parameter.annotation).replace("|", " ").replace("[", " ").replace("]", " ")
        assert "Path" not in words.split(), f"{name} of {place} takes no text"
        assert ("Path" in words) <= (name in path_roles(verb)), (place, name)
    assert hasattr(verb, "__wrapped__") or not path_roles(verb), f"{place} looks at no path"


@pytest.mark.parametrize(("place", "name"), cases(read=True))
def test_what_is_read_must_be_there(place: str, name: str, tmp_path: Path) -> None:
    given = arguments(place, tmp_path, also=name)
    (tmp_path / name).rename(tmp_path / f"{name}s")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(TwostreamError, match=r"no such file or folder; did you mean") as caught:
        function(place)(**given)
    assert caught.value.subject == given[name]
    assert sorted(tmp_path.rglob("*")) == before
    given[name] = str(tmp_path / "xyzzy")
    with pytest.raises(TwostreamError, match=f"check {flag_of(function(place), name)}"):
        function(place)(**given)


@pytest.mark.parametrize(("place", "name"), cases(read=False))
def test_nothing_is_written_into_what_is_read(place: str, name: str, tmp_path: Path) -> None:
    verb, given = function(place), arguments(place, tmp_path)
    (tmp_path / "link").symlink_to(tmp_path, target_is_directory=True)
    before = sorted(tmp_path.rglob("*"))
    for read in (key for key in given if (role := path_roles(verb).get(key)) and role.read):
        for folder in (tmp_path / read, tmp_path / "link" / read):
            inside = ("data", "new/data.json") if path_roles(verb)[read].holds_originals else ()
            for out in (folder, *(folder / below for below in inside)):
                with pytest.raises(TwostreamError, match=f"apart from {flag_of(verb, read)}"):
                    verb(**{**given, name: str(out)})
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(("place", "name"), cases(read=False))
def test_a_place_where_nothing_can_be_written_is_refused_at_once(
    place: str, name: str, tmp_path: Path
) -> None:
    verb, given = function(place), arguments(place, tmp_path)
    file, folder = tmp_path / "a file", tmp_path / "a folder"
    file.touch()
    folder.mkdir()
    wrong = [file / "below"]
    is_file = path_roles(verb)[name].is_file
    if is_file is not None:
        wrong.append(folder if is_file else file)
    before = sorted(tmp_path.rglob("*"))
    for out in wrong:
        with pytest.raises(TwostreamError, match=f"choose another {flag_of(verb, name)}") as caught:
            verb(**{**given, name: str(out)})
        assert caught.value.subject == str(out)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("verb", [twostream.prepare, twostream.run])
def test_nothing_is_written_beside_a_table_and_its_videos(verb: Any, tmp_path: Path) -> None:
    (tmp_path / "clips.csv").write_text("path,label\n")
    with pytest.raises(TwostreamError, match="found the folder of SOURCE"):
        verb(tmp_path / "clips.csv", out=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["clips.csv"]


@pytest.mark.parametrize("name", ["out", "data"])
def test_a_run_and_its_data_are_two_folders(name: str, tmp_path: Path) -> None:
    (tmp_path / "videos").mkdir()
    with pytest.raises(TwostreamError, match="itself"):
        twostream.run(str(tmp_path / "videos"), out=tmp_path / "x", data=tmp_path / "x")


def test_videos_may_lie_below_the_results(tmp_path: Path) -> None:
    # As those of the demo do.
    (tmp_path / "videos").mkdir()
    with pytest.raises(TwostreamError, match="an empty folder"):
        twostream.prepare(tmp_path / "videos", out=tmp_path)


def test_an_address_is_no_path(tmp_path: Path) -> None:
    with pytest.raises(TwostreamError) as caught:
        twostream.download("hmdb51", to=tmp_path, source="file:///no/such/archive.rar")
    assert "no such file or folder" not in str(caught.value)


@pytest.mark.slow
def test_type_checkers_take_text_and_paths(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    (tmp_path / "use.py").write_text(
        "from pathlib import Path\n"
        "import twostream\n"
        'twostream.run("videos", out="run", backbone=Path("net.keras"), from_="earlier")\n'
        'twostream.run(Path("videos"), out=Path("run"), annotations="lists")\n'
        'twostream.evaluate("run", data="data")\n'
        'twostream.explore("data")\n'
    )
    command = [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", "use.py"]
    done = subprocess.run(
        [*command, f"--cache-dir={tmp_path / 'cache'}"],
        cwd=tmp_path,
        env={**os.environ, "MYPYPATH": str(Path(twostream.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "no issues found" in done.stdout, done.stdout


def test_the_command_line_gives_paths_and_the_help_says_so(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "twostream", "prepare", "--help"]
    told = subprocess.run(
        command, env={**os.environ, "COLUMNS": "120"}, capture_output=True, text=True, check=True
    ).stdout
    assert "--annotations PATH" in told
