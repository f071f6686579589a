"""Every path of every verb: text is taken, inputs must be there, nothing is written into them."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path
from typing import Any

import pytest
from streamergraph.cli.main import GROUPS, VERBS
from streamergraph.errors import StreamergraphError
from streamergraph.verbs.communities import communities
from streamergraph.verbs.enrich import enrich
from streamergraph.verbs.paths import flag_of, path_roles
from streamergraph.verbs.quality import quality
from streamergraph.verbs.query import query

PLACES = [
    place
    for verbs in (VERBS, *(members for _, members in GROUPS.values()))
    for place, _ in verbs.values()
]
NEEDED: dict[str, Any] = {"login": ["somebody"]}


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


def arguments(place: str, folder: Path) -> dict[str, Any]:
    """Something for every argument that must be given: folders for what is read."""
    given: dict[str, Any] = {}
    roles = path_roles(function(place))
    for name, parameter in inspect.signature(function(place)).parameters.items():
        if name in roles and (roles[name].read or parameter.default is parameter.empty):
            given[name] = str(folder / name)
            if roles[name].read:
                (folder / name).mkdir(exist_ok=True)
        elif parameter.default is parameter.empty:
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
    given = arguments(place, tmp_path)
    (tmp_path / name).rename(tmp_path / f"{name}s")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(StreamergraphError, match=r"no such file or folder; did you mean") as caught:
        function(place)(**given)
    assert caught.value.subject == given[name]
    assert sorted(tmp_path.rglob("*")) == before
    given[name] = str(tmp_path / "xyzzy")
    with pytest.raises(StreamergraphError, match=f"check {flag_of(function(place), name)}"):
        function(place)(**given)


@pytest.mark.parametrize(("place", "name"), cases(read=False))
def test_nothing_is_written_into_what_is_read(place: str, name: str, tmp_path: Path) -> None:
    verb, given = function(place), arguments(place, tmp_path)
    (tmp_path / "link").symlink_to(tmp_path, target_is_directory=True)
    before = sorted(tmp_path.rglob("*"))
    for read in (key for key, role in path_roles(verb).items() if role.read):
        for folder in (tmp_path / read, tmp_path / "link" / read):
            if not path_roles(verb)[read].holds_originals:
                continue  # what this program wrote itself may hold more of it
            for out in (folder, folder / "view", folder / "new" / "data.json"):
                with pytest.raises(StreamergraphError, match=f"apart from {flag_of(verb, read)}"):
                    verb(**{**given, name: str(out)})
    assert sorted(tmp_path.rglob("*")) == before


def test_results_may_lie_among_the_tables(tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    for out in (tmp_path / "tables", tmp_path / "tables" / "view"):
        with pytest.raises(StreamergraphError) as caught:
            communities(tmp_path / "tables", out=out)
        assert "apart from" not in str(caught.value)


def test_tables_may_be_enriched_in_place(tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    (tmp_path / "steam.csv").touch()
    with pytest.raises(StreamergraphError) as caught:
        enrich(str(tmp_path / "tables"), steam=tmp_path / "steam.csv", out=tmp_path / "tables")
    assert "apart from" not in str(caught.value)


def test_the_json_beside_a_report_is_no_input_either(tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    (tmp_path / "collector.json").write_text("the log")
    with pytest.raises(StreamergraphError, match="found --log itself"):
        quality(
            tmp_path / "tables", out=tmp_path / "collector.html", log=tmp_path / "collector.json"
        )
    assert (tmp_path / "collector.json").read_text() == "the log"


def test_an_address_is_no_path() -> None:
    with pytest.raises(StreamergraphError) as caught:
        query("bolt://127.0.0.1:1", "count", timeout_seconds=0.1)
    assert "no such file or folder" not in str(caught.value)


def test_what_was_meant_for_another_verb_is_told_by_its_name(simulated, tmp_path, refusal):
    out = ["--out", tmp_path / "out"]
    assert f"`process`: streamergraph process {simulated.store}" in refusal(
        "view", simulated.store, *out
    )
    assert "a store, which is imported; give it to `process`" in refusal(
        "import", simulated.store, *out
    )
    assert "name the store that they were made from" in refusal("process", simulated.tables, *out)
    taken = [simulated.tables, "--out", simulated.store]
    assert "a folder for tables, found a store" in refusal("import", *taken)
    assert "at most 100" in refusal("process", simulated.store, *out, "--threshold", 300)
    assert not (tmp_path / "out").exists()


ADDRESSES = [
    pytest.param(place, name, id=f"{place.partition(':')[2]}-{name}")
    for place in PLACES
    for name, role in path_roles(function(place)).items()
    if role.addresses
]


@pytest.mark.parametrize(("place", "name"), ADDRESSES)
def test_an_address_that_begins_as_none_does_is_no_folder(place, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for known in path_roles(function(place))[name].addresses:
        word, rest = known[0] + known[2] + known[1] + known[3:].rstrip("/"), known.partition(":")[2]
        typed = f"{word.rstrip(':')}:{rest}localhost:1/a.b"
        given = {**arguments(place, tmp_path), name: typed}
        before = sorted(tmp_path.rglob("*"))
        with pytest.raises(
            StreamergraphError, match=r"an address that begins with .* did you mean"
        ):
            function(place)(**given)
        assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("verb", ["process", "view", "bots", "graph", "explore"])
def test_an_address_where_none_is_read_is_told_who_reads_it(verb, tmp_path, refusal):
    line = refusal(verb, "mongodb://user:secret@localhost/a.b", "--out", tmp_path / "out")
    assert "found an address (mongodb://…); give it to `import`" in line
    assert "secret" not in line


def test_a_name_with_a_colon_in_it_is_a_path(simulated, tmp_path, call):
    out = tmp_path / "16:30"
    assert call("model", simulated.tables, "--out", f"{out}.jsonl")[0] == 0
    assert (tmp_path / "16:30.jsonl").is_file()


@pytest.mark.parametrize(("place", "name"), cases(read=False))
def test_what_is_written_is_of_the_kind_that_is_meant(
    place: str, name: str, tmp_path: Path
) -> None:
    verb, given = function(place), arguments(place, tmp_path)
    (tmp_path / "a-file").write_text("mine")
    (tmp_path / "a-folder").mkdir()
    is_folder = path_roles(verb)[name].is_folder
    wrong = {"a-file/new": "a-file is a file"}
    if is_folder is not None:
        wrong["a-file" if is_folder else "a-folder"] = "a file" if is_folder else "a folder"
    before = sorted(tmp_path.rglob("*"))
    for path, found in wrong.items():
        with pytest.raises(StreamergraphError, match=f"found .*{found}; .*{flag_of(verb, name)}"):
            verb(**{**given, name: str(tmp_path / path)})
    assert sorted(tmp_path.rglob("*")) == before
