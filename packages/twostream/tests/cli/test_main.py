from __future__ import annotations

import errno
import inspect
import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Literal, get_args, get_origin

import cv2
import numpy as np
import pytest
import twostream
from twostream import __version__
from twostream.cli.main import BENCHMARKS, VERBS, build_app, function_at, main, run_command
from twostream.cli.other_words import OTHER_WORDS
from twostream.options import places_of, with_values
from twostream.verbs.flags import options_type
from twostream.verbs.paths import parameter_names

COMMANDS = {
    **{(verb,): place for verb, (place, _) in VERBS.items()},
    **{("bench", subject): place for subject, (place, _) in BENCHMARKS.items()},
}
HEAVY = ["keras", "torch", "cv2", "av", "numba", "polars", "numpy", "jax", "openvino"]


@pytest.fixture(autouse=True)
def sources(monkeypatch, tmp_path):
    """The folder that the tests name is there."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "videos").mkdir()


@pytest.fixture
def call(capsys):
    """Run the command line here; returns (status, standard output, standard error)."""

    def run(*tokens):
        status = run_command(list(map(str, tokens)))
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run


@pytest.fixture
def refusal(call):
    """Run what must be refused with one line on standard error; returns the line."""

    def run(*tokens):
        status, out, err = call(*tokens)
        assert status == 2
        assert out == ""
        assert err.count("\n") == 1
        assert err.startswith("twostream: ")
        return err.strip()

    return run


def test_help_imports_nothing_heavy():
    code = (
        "import sys, json; from twostream.cli.main import run_command; run_command(['--help']);"
        f"print(json.dumps([m for m in {HEAVY} if m in sys.modules]))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        timeout=900,
    )
    assert "Usage: twostream" in done.stdout
    assert json.loads(done.stdout.splitlines()[-1]) == []


def test_importing_the_package_imports_nothing_heavy():
    code = f"import sys, twostream; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=900
    )
    assert done.stdout == "[]\n"


def test_help_names_every_verb(call):
    status, out, err = call("--help")
    assert (status, err) == (0, "")
    for verb in VERBS:
        assert f" {verb} " in out
    assert "--config FILE" in out


def test_no_arguments_at_all_show_the_help(call):
    assert call() == call("--help")


def test_the_version(call):
    assert call("--version") == (0, f"{__version__}\n", "")


@pytest.mark.parametrize(("words", "place"), COMMANDS.items(), ids=map(" ".join, COMMANDS))
def test_the_help_of_a_verb_describes_every_flag(call, words, place, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    status, out, err = call(*words, "--help", "--all")
    assert (status, err) == (0, "")
    rows = [row.strip(" │") for row in out.splitlines()]
    for name in parameter_names(function_at(place)):
        described = [
            words
            for row in rows
            if name.upper() in (words := row.replace("*", " ").split()) or f"--{name}" in words
        ]
        assert described, f"--{name} is not in the help"
        prose = [word for word in described[0] if word.islower() and not word.startswith("--")]
        assert len(prose) >= 2, f"--{name} is not described"
    usage = next(row for row in rows if row.startswith("Usage: "))
    assert "[ARGS" not in usage
    for one in inspect.signature(function_at(place)).parameters.values():
        if one.kind is not one.KEYWORD_ONLY:
            assert one.name.upper().replace("_", "-") in usage


@pytest.mark.parametrize(("words", "place"), COMMANDS.items(), ids=map(" ".join, COMMANDS))
def test_every_word_of_the_help_fits_its_column(words, place):
    """In a terminal of 80 columns a word of more than 35 letters may be broken in two."""
    text = inspect.getdoc(function_at(place))
    options = text.partition("\nParameters\n")[2].partition("\n\nReturns\n")[0]
    assert [word for word in options.split() if len(word) > 35 and set(word) != {"-"}] == []


def test_every_word_that_an_option_offers_is_taken():
    """Of each verb, whatever else is refused in combination with it."""
    for place, _ in VERBS.values():
        kind = options_type(function_at(place))
        for one in () if kind is None else places_of(kind):
            for part in (one.option.hint, *get_args(one.option.hint)):
                for word in get_args(part) if get_origin(part) is Literal else ():
                    with_values(kind(), {one: word})


@pytest.mark.parametrize("words", [("train",), ("check",), ("bench", "flow")], ids=" ".join)
def test_an_option_that_nobody_knows_is_told_with_where_they_are_listed(refusal, words):
    told = refusal(*words, "--never-heard-of")
    assert "--never-heard-of" in told
    assert f"; see twostream {' '.join(words)} --help" in told


def test_the_short_help_of_run_fits_a_page_and_says_where_the_rest_is(call, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    status, out, err = call("run", "--help")
    assert (status, err) == (0, "")
    assert len(out.splitlines()) <= 40
    assert "--backbone" in out
    assert "--weight-decay" not in out
    assert "more options: twostream run --help --all" in out


def test_all_without_help_is_no_flag(refusal):
    assert "--all" in refusal("run", "videos", "--out", "run", "--all")


FUNCTIONS = sorted(set(twostream.__all__) - set(twostream.ELSEWHERE))
# Verbs that are called otherwise in Python: `twostream.models` is the package of the networks.
COMMANDS = {"backbones": "models"}


@pytest.mark.parametrize("verb", FUNCTIONS)
def test_a_verb_is_a_function_of_the_package_with_the_same_arguments(verb):
    function = getattr(twostream, verb)
    assert function.__name__ == verb
    assert function is getattr(import_module(f"twostream.verbs.{verb}"), verb)
    names = {name.strip("_").replace("_", "-") for name in inspect.signature(function).parameters}
    assert names == set(parameter_names(function_at(VERBS[COMMANDS.get(verb, verb)][0])))


def test_an_unknown_verb_names_the_nearest(refusal):
    assert 'Did you mean "prepare"?' in refusal("prepar", "videos")
    assert 'Did you mean "predict"?' in refusal("recognise", "run", "a.mp4")
    assert 'Did you mean "evaluate"?' in refusal("Test", "run")
    assert set(OTHER_WORDS.values()) <= set(VERBS)
    assert not set(OTHER_WORDS) & set(VERBS)


def test_an_unknown_flag_names_the_nearest(refusal):
    assert "Did you mean --flow?" in refusal("prepare", "videos", "--out", "data", "--flwo", "dis")


def test_a_wrong_choice_names_the_right_ones(refusal):
    line = refusal("prepare", "videos", "--out", "data", "--flow", "diss")
    assert '"tvl1", "dis", "farneback"' in line
    assert 'Did you mean "dis"?' in line


@pytest.mark.parametrize(
    ("tokens", "named"),
    [
        (["prepare"], "SOURCE"),
        (["prepare", "videos"], "--out"),
        (["prepare", "videos", "--out"], "--out"),
        (["train", "spatial", "--out", "run"], "DATA"),
        (["evaluate"], "RUN"),
    ],
)
def test_what_is_missing_is_named(refusal, tokens, named):
    assert named in refusal(*tokens)


@pytest.mark.parametrize(
    ("verb", "named"),
    [("run", "SOURCE"), ("predict", "RUN"), ("flow", "SOURCE"), ("compare", "RUN-A")],
)
def test_what_is_said_by_its_place_is_not_called_a_flag(refusal, verb, named):
    line = refusal(verb)
    assert line == f"twostream: {verb}: {named} is missing; see twostream {verb} --help"


def test_a_flag_that_is_not_there_is_told_apart_from_one_without_its_value(refusal):
    help_of_it = "see twostream run --help"
    assert refusal("run", "videos") == f"twostream: run: --out is missing; {help_of_it}"
    for flag in ("--out", "--seed"):
        line = refusal("run", "videos", flag)
        assert line == f"twostream: run: {flag} has no value behind it; {help_of_it}"


@pytest.mark.parametrize(
    ("flag", "value"),
    [
        ("--step", "two"),
        ("--step", "1.5"),
        ("--workers", "2.5"),
        ("--short-side", "1e3"),
        ("--seed", ""),
        ("--bound", "wide"),
        ("--bound", "nan"),
        ("--bound", "-20"),
        ("--step", "0"),
        ("--workers", "0"),
        ("--short-side", "3"),
        ("--timeout", "0"),
        ("--seed", "-1"),
        ("--limit", "1"),
        ("--limit", "few"),
        ("--classes", ","),
    ],
)
def test_a_value_of_the_wrong_kind_names_its_flag(refusal, tmp_path, flag, value):
    line = refusal("prepare", "videos", "--out", tmp_path / "data", f"{flag}={value}")
    assert flag in line
    assert not (tmp_path / "data").exists()


def test_words_too_many_are_named(refusal):
    assert "more" in refusal("prepare", "videos", "more", "--out", "data")


def test_a_missing_source(refusal, tmp_path):
    line = refusal("prepare", tmp_path / "none", "--out", tmp_path / "data")
    assert str(tmp_path / "none") in line


def test_an_empty_source(refusal, tmp_path):
    (tmp_path / "empty").mkdir()
    line = refusal("prepare", tmp_path / "empty", "--out", tmp_path / "data")
    assert "an empty folder" in line


def test_a_bug_keeps_its_traceback(monkeypatch):
    from twostream.preparation import dataset

    def bug(*arguments, **options):
        raise ZeroDivisionError

    monkeypatch.setattr(dataset, "prepare_dataset", bug)
    with pytest.raises(ZeroDivisionError):
        run_command(["prepare", "videos", "--out", "data"])


@pytest.mark.parametrize(("tokens", "status"), [(["--version"], 0), (["nonsense"], 2)])
def test_main_exits_with_the_status(tokens, status, capsys):
    with pytest.raises(SystemExit) as caught:
        main(tokens)
    assert caught.value.code == status


def test_the_application_can_be_built_twice():
    assert build_app() is not build_app()


def test_names_that_the_terminal_cannot_show_do_no_harm(tmp_path, run_twostream):
    place = tmp_path / "größe 😀 跳躍"
    done = run_twostream("prepare", place, "--out", "data", env={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "\\U0001f600" in done.stderr
    # Descriptions hold signs that ASCII lacks.
    done = run_twostream("prepare", "--help", "--all", env={"PYTHONIOENCODING": "ascii"})
    assert (done.returncode, done.stderr) == (0, "")
    assert "\\u2026" in done.stdout


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc")
def test_a_place_that_takes_no_files_is_one_line(tmp_path, refusal):
    for name in ("a.png", "b.png"):
        cv2.imwrite(str(tmp_path / name), np.zeros((24, 32), np.uint8))
    for out in ("/proc/here/flow.flo", "/proc/flow.flo"):
        pictures = tmp_path / "a.png", tmp_path / "b.png"
        line = refusal("flow", *pictures, "--algorithm", "dis", "-o", out)
        assert line.endswith("; choose another path")


def test_a_name_too_long_is_one_line(tmp_path, refusal):
    for name in ("a.png", "b.png"):
        cv2.imwrite(str(tmp_path / name), np.zeros((24, 32), np.uint8))
    pictures = tmp_path / "a.png", tmp_path / "b.png"
    line = refusal("flow", *pictures, "--algorithm", "dis", "-o", tmp_path / ("x" * 300 + ".flo"))
    assert line.endswith("; choose another path")
    assert refusal("explore", tmp_path / ("x" * 300)).endswith("; choose another path")


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.ENOSPC, "make room or choose another path"),
        (errno.EROFS, "make room or choose another path"),
        (errno.ELOOP, "choose another path"),
    ],
)
def test_what_the_system_refuses_is_one_line_whatever_is_written(
    tmp_path, refusal, monkeypatch, number, remedy
):
    def refused(*_, **options):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("twostream.verbs.lists.lists", refused)
    line = refusal("lists", tmp_path, "--to", tmp_path / "lists")
    assert line == f"twostream: {os.strerror(number)}; {remedy}"
