from __future__ import annotations

import inspect
import subprocess
import sys
from importlib import import_module

import pytest
from streamergraph import __version__
from streamergraph.cli.main import GROUPS, VERBS, main


def test_help_names_every_verb_and_imports_nothing_heavy():
    code = (
        "import sys; from streamergraph.cli.main import run_command; run_command(['--help']);"
        "heavy = {'polars', 'numpy', 'duckdb', 'numba', 'scipy', 'ladybug', 'neo4j', 'PIL'};"
        "print('HEAVY', sorted(heavy & sys.modules.keys()))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert "HEAVY []" in result.stdout
    for verb in VERBS:
        assert verb in result.stdout


PLACES = {
    **{verb: place for verb, (place, _) in VERBS.items()},
    **{
        f"{group} {word}": place
        for group, (_, words) in GROUPS.items()
        for word, (place, _) in words.items()
    },
}


@pytest.mark.parametrize("words", PLACES)
def test_the_help_of_every_verb_describes_every_flag(call, words, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    module, _, name = PLACES[words].partition(":")
    function = getattr(import_module(module), name)
    rows = [row.strip(" │*") for row in call(*words.split(), "--help")[1].splitlines()]
    usage = next(row for row in rows if row.startswith("Usage: "))
    assert "[ARGS" not in usage
    for parameter in inspect.signature(function).parameters:
        if parameter == "steps":  # the sections of a file of options, and no flag
            continue
        flag = parameter.strip("_").replace("_", "-")
        described = [
            row for row in rows if row.startswith(f"{flag.upper()} ") or f"--{flag} " in f"{row} "
        ]
        assert described, f"--{flag} is not in the help"
        prose = [word for word in described[0].split("[")[0].split() if word.strip("`'(").islower()]
        assert len([word for word in prose if not word.startswith("--")]) >= 2, described[0]


def test_version(call):
    assert call("--version")[1].strip() == __version__


@pytest.mark.parametrize(
    "tokens",
    [["nonsense"], ["process"], ["simulate", "--out", "x", "--days", "two"], ["view", "a", "--no"]],
)
def test_mistakes_are_one_line_and_status_2(refusal, tokens):
    refusal(*tokens)


def test_an_unknown_verb_is_told_with_where_all_are_listed(refusal):
    told = refusal("nonsense").strip()
    assert told == 'streamergraph: Unknown command "nonsense"; see streamergraph --help'


@pytest.mark.parametrize(
    ("tokens", "told"),
    [
        (["view", "a", "--out", "b", "--no"], "--no"),
        (["view", "a", "b c", "--out", "d", "--top", "many"], "--top"),
        (["view", "my", "tables", "--out", "b"], "'tables' belongs to nothing"),
        (["view"], "requires an argument"),
    ],
)
def test_a_word_that_cannot_be_is_told_with_where_those_that_can_are_listed(refusal, tokens, told):
    said = refusal(*tokens).strip()
    assert told in said
    assert said.endswith("; see streamergraph view --help")


def test_main_exits_with_the_status(tmp_path):
    with pytest.raises(SystemExit) as stopped:
        main(["process", str(tmp_path), "--out", str(tmp_path)])
    assert stopped.value.code == 2


def test_settings_of_worlds_that_cannot_be_are_refused(tmp_path, refusal):
    assert "--streamers" in refusal("simulate", "--out", tmp_path, "--streamers", 2)
    assert "--loyalty" in refusal("simulate", "--out", tmp_path, "--loyalty", 2)


def test_paths_that_cannot_be_written_are_one_line(simulated, tmp_path, refusal):
    (tmp_path / "file").write_text("in the way")
    assert "file" in refusal("quality", simulated.tables, "--out", tmp_path / "file" / "q.html")
    assert "/proc/absent" in refusal("quality", simulated.tables, "--out", "/proc/absent/q.html")
    said = refusal("explore", simulated.tables, "--out", tmp_path)
    assert str(tmp_path) in said
    assert ".partial-" not in said
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("verb", ["communities", "layout", "view"])
@pytest.mark.parametrize("top", ["0", "-3"])
def test_a_graph_of_nobody_is_refused(simulated, tmp_path, refusal, verb, top):
    assert "--top" in refusal(verb, simulated.tables, "--out", tmp_path, "--top", top)
