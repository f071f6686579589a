from __future__ import annotations

import inspect
from pathlib import Path

import pytest
import twostream
import yaml
from hypothesis import given
from hypothesis import strategies as st
from twostream.cli.main import VERBS, function_at, run_command, split_config
from twostream.errors import TwostreamError
from twostream.options import parameter_of
from twostream.preparation import dataset
from twostream.preparation.record import read_preparation_record
from twostream.verbs.flags import with_flags
from twostream.verbs.options import RunOptions
from twostream.verbs.paths import parameter_names
from twostream.verbs.run_parts import RunJob
from twostream.verbs.settings import load_settings, plain_options, save_settings, write_settings


@pytest.fixture
def config(tmp_path):
    """Write a configuration file and return its path."""

    def write(text):
        path = tmp_path / "my config.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@pytest.fixture(autouse=True)
def sources(monkeypatch, tmp_path):
    """The folders that the tests name are there."""
    monkeypatch.chdir(tmp_path)
    for name in ("videos", "2024-01-01"):
        (tmp_path / name).mkdir()


@pytest.fixture
def prepared_with(monkeypatch):
    """Run `twostream prepare …`; returns what it would have prepared with."""
    seen = []

    class StopHereError(Exception):
        pass

    def record(source, out, options, **more):
        seen.append(
            {
                "source": source,
                "out": out,
                "options": options.extraction,
                "annotations": options.annotations,
                "workers": options.workers,
            }
        )
        raise StopHereError

    monkeypatch.setattr(dataset, "prepare_dataset", record)

    def run(*tokens):
        with pytest.raises(StopHereError):
            run_command(["prepare", *map(str, tokens)])
        return seen.pop()

    return run


@pytest.fixture
def refusal(capsys):
    def run(*tokens):
        assert run_command(list(map(str, tokens))) == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.count("\n") == 1
        return captured.err

    return run


def test_options_come_from_the_file(config, prepared_with):
    path = config("source: videos\nout: data\nflow: dis\nbound: 15\nstep: 2\nlayout: rawframes\n")
    for place in (["--config", path], [f"--config={path}"]):
        used = prepared_with(*place)
        assert (str(used["source"]), str(used["out"])) == ("videos", "data")
        options = used["options"]
        assert (options.flow, options.bound_px, options.step) == ("dis", 15.0, 2)
        assert options.layout == "rawframes"


def test_flags_that_are_names_of_verbs_too():
    assert set(VERBS) & set(parameter_names(function_at(VERBS["run"][0]))) == {"flow", "splits"}


def test_such_a_flag_counts_in_a_run_too(config, refusal):
    path = config("source: videos\nout: data\nsplits: none\n")
    assert "--splits: expected numbers of splits" in refusal("run", "--config", path)


@pytest.mark.parametrize("key", ["flow"])
def test_a_flag_that_is_the_name_of_a_verb_too_counts(config, prepared_with, key):
    # The configuration of a run has `flow: dis`, and there is a verb `flow`.
    used = prepared_with("--config", config(f"source: videos\nout: data\n{key}: dis\n"))
    assert getattr(used["options"], key) == "dis"


def test_the_file_serves_the_verbs_of_two_words_too(config, refusal):
    assert "unknown key 'xyzzy'" in refusal("bench", "flow", "--config", config("xyzzy: 1\n"))


def test_flags_win_over_the_file(config, prepared_with):
    path = config("source: videos\nout: data\nflow: dis\nstep: 2\n")
    for tokens in (
        ["--step", 3, "--out", "other", "--config", path],
        ["--config", path, "--step", 3, "--out", "other"],
    ):
        used = prepared_with(*tokens)
        assert str(used["out"]) == "other"
        assert (used["options"].step, used["options"].flow) == (3, "dis")


def test_keys_have_dashes_or_underscores(config, prepared_with):
    for key in ("short-side", "short_side"):
        path = config(f"source: videos\nout: data\n{key}: 64\n")
        assert prepared_with("--config", path)["options"].short_side_px == 64


def test_null_means_the_default(config, prepared_with):
    path = config("source: videos\nout: data\nshort-side: null\nannotations: ~\nworkers:\n")
    used = prepared_with("--config", path)
    assert used["options"].short_side_px is None
    assert (used["annotations"], used["workers"]) == (None, None)


def test_names_that_yaml_takes_for_numbers_and_dates(config, prepared_with):
    used = prepared_with("--config", config("source: 2024-01-01\nout: 51\n"))
    assert (str(used["source"]), str(used["out"])) == ("2024-01-01", "51")


@pytest.mark.parametrize(
    ("key", "nearest"),
    [
        ("shrot-side", "short-side"),
        ("worker", "workers"),
        ("Flow", "flow"),
        ("time_out", "timeout"),
    ],
)
def test_an_unknown_key_names_the_nearest_valid_one(config, refusal, key, nearest):
    line = refusal("prepare", "videos", "--out", "data", "--config", config(f"{key}: 5\n"))
    assert repr(key) in line
    assert f"did you mean {nearest!r}?" in line


def test_a_key_like_no_other_gets_the_list_of_all(config, refusal):
    line = refusal("prepare", "--config", config("xyzzy: 5\n"))
    assert "known are" in line
    assert "short-side" in line


def test_the_keys_are_those_of_the_verb(config, refusal):
    assert "'epochs'" in refusal("prepare", "--config", config("epochs: 5\n"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("- a\n- b\n", "a list"),
        ("just words\n", "a single value"),
        ("", "nothing in it"),
        ("# only a comment\n", "nothing in it"),
        ("{unclosed", "expected ',' or '}'"),
        ("a: b: c\n", "mapping values"),
        ("\tstep: 2\n", "cannot start any token"),
        (b"\xff\xfe\x00", "utf-8"),
        ("step: [1, 2]\n", "a list"),
        ("step: {a: 1}\n", "a dict"),
        ("!!python/object/apply:os.system ['true']\n", "could not determine a constructor"),
        ("flow: dis\nseed: 3\nflow: tvl1", "the key 'flow' twice"),
        ("training:\n  seed: 3\n  seed: 4", "the key 'seed' twice"),
    ],
)
def test_what_is_no_configuration_is_refused_with_its_reason(config, refusal, text, found):
    path = config(text)
    line = refusal("prepare", "videos", "--out", "data", "--config", path)
    assert str(path) in line
    assert found in line


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("step: abc\n", "step"),
        ("step: 1.5\n", "step"),
        ("step: true\n", "step"),
        ("bound: wide\n", "bound"),
        ("flow: diss\n", '"dis"'),
        ("layout: 5\n", "layout"),
    ],
)
def test_a_value_of_the_wrong_kind_names_its_key_and_the_file(config, refusal, text, named):
    path = config(text)
    line = refusal("prepare", "videos", "--out", "data", "--config", path)
    assert named in line
    assert path.name in line


def test_a_missing_file_a_folder_and_no_name_at_all(refusal, tmp_path):
    assert "no such file" in refusal("prepare", "--config", tmp_path / "none.yaml")
    assert "Is a directory" in refusal("prepare", "--config", tmp_path)
    assert "a file's name" in refusal("prepare", "videos", "--out", "data", "--config")


def test_a_file_without_a_verb_is_passed_over(config, refusal, capsys):
    path = config("step: 2\n")
    assert run_command(["--config", str(path)]) == 0
    assert "Usage" in capsys.readouterr().out
    assert 'Did you mean "prepare"?' in refusal("prepar", "--config", path)


@given(st.lists(st.sampled_from(["run", "--out", "x", "-v", "a b"]), max_size=6), st.data())
def test_the_file_is_taken_out_and_all_else_stays(tokens, data):
    place = data.draw(st.integers(0, len(tokens)))
    for words in (["--config", "f.yaml"], ["--config=f.yaml"]):
        rest, path = split_config([*tokens[:place], *words, *tokens[place:]])
        assert rest == tokens
        assert str(path) == "f.yaml"


values = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
names = st.text(st.characters(codec="ascii", categories=["Ll"]), min_size=1)


def verb_of(names):
    """A verb that takes these flags."""

    def verb(**flags): ...

    kind = inspect.Parameter.KEYWORD_ONLY
    verb.__signature__ = inspect.Signature(
        [inspect.Parameter(f"{name}_", kind, default=None) for name in names]
    )
    return verb


@given(settings=st.dictionaries(names, values, min_size=1))
def test_what_was_saved_is_loaded(tmp_path_factory, settings):
    folder = tmp_path_factory.mktemp("run")
    write_settings(folder, settings)
    loaded = load_settings(folder / "config.yaml", verb_of(settings))
    assert loaded == {name: value for name, value in settings.items() if value is not None}


@pytest.mark.parametrize(
    "name", ["a\x85b", "a\u2028b", "caf\udce9", "a\r\nb", "größe 😀", "a: b #c"]
)
def test_odd_names_survive(tmp_path, name):
    for settings in ({"source": name}, {"prepare": {"name": name}}):
        write_settings(tmp_path, settings)
        loaded = load_settings(tmp_path / "config.yaml", twostream.run)
        assert list(loaded.values()) == [name]


@given(
    spatial=st.integers(0, 99),
    temporal=st.integers(0, 99),
    seed=st.integers(0, 9),
    classes=st.none() | st.just("walk,run"),
    flow=st.sampled_from(["tvl1", "dis"]),
)
def test_a_run_repeats_from_what_was_saved_of_it(
    tmp_path_factory, spatial, temporal, seed, classes, flow
):
    folder = tmp_path_factory.mktemp("run")
    given = {"epochs": spatial, "temporal_epochs": temporal, "seed": seed, "prepare_seed": 3}
    options = with_flags(RunOptions(), {**given, "classes": classes, "flow": flow})
    assert (options.spatial.epochs, options.temporal.epochs) == (spatial, temporal)
    assert (options.spatial.seed, options.temporal.seed, options.prepare.seed) == (seed, seed, 3)
    save_settings(RunJob(folder, folder, options))
    loaded = load_settings(folder / "config.yaml", twostream.run)
    assert (loaded.pop("source"), loaded.pop("out")) == (str(folder), str(folder))
    flags = {parameter_of(name): value for name, value in loaded.items()}
    assert plain_options(with_flags(RunOptions(), flags)) == plain_options(options)


def test_options_of_a_group_stand_below_its_name(config):
    path = config("epochs: 9\nprepare:\n  flow: dis\ntemporal:\n  epochs: 20\n  dropout: 0.3\n")
    loaded = load_settings(path, twostream.run)
    assert loaded == {"epochs": 9, "flow": "dis", "temporal-epochs": 20, "temporal-dropout": 0.3}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("temporal:\n  epoch: 20\n", "unknown key 'epoch' below 'temporal'"),
        ("temporal:\n  flow: dis\n", "unknown key 'flow' below 'temporal'"),
        ("temporal: 5\n", "unknown key 'temporal'"),
        ("temporal:\n  epochs: 20\ntemporal-epochs: 5\n", "20 and 5"),
    ],
)
def test_a_group_with_what_is_not_its_own_is_refused(config, refusal, text, found):
    assert found in refusal("run", "videos", "--out", "run", "--config", config(text))


@pytest.mark.parametrize("name", ["backbone", "temporal_backbone", "weights", "temporal_weights"])
def test_a_file_is_saved_with_its_whole_path_and_a_name_as_it_is(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    Path("mine.keras").touch()
    for value, expected in (("mine.keras", str(tmp_path / "mine.keras")), ("VGG16", "VGG16")):
        saved = plain_options(with_flags(RunOptions(), {name: value}))
        assert saved["temporal"][name.removeprefix("temporal_")] == expected


def test_paths_are_saved_whole_and_as_text(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save_settings(RunJob(Path("videos"), Path("größe"), RunOptions(data=Path("data"))))
    saved = yaml.safe_load((tmp_path / "größe" / "config.yaml").read_text(encoding="utf-8"))
    paths = [saved[name] for name in ("source", "out", "data")]
    assert paths == [str(tmp_path / name) for name in ("videos", "größe", "data")]


def test_a_run_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "run").write_text("in the way")
    with pytest.raises(TwostreamError, match="choose another --out"):
        write_settings(tmp_path / "run", {"a": 1})


@pytest.mark.parametrize(
    "value", ["2022-02-30", "0x_", "!!int ''", "!!bool maybe", "!!timestamp x", "[" * 3000]
)
def test_what_looks_like_a_value_and_is_none_is_a_sentence(config, refusal, value):
    path = config(f"seed: {value}\n")
    assert "a YAML file of options" in refusal("prepare", "--config", path)
    record = path.rename(path.with_name("prepare.yaml"))
    assert read_preparation_record(record.parent) == {}


@pytest.mark.parametrize(
    "text", ["precision: mixed\n", "spatial:\n  precision: mixed\n", "temporal-precision: mixed\n"]
)
def test_values_of_earlier_versions_are_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    (tmp_path / "config.yaml").write_text(text)
    config = ["--config", str(tmp_path / "config.yaml")]
    assert run_command(["run", str(tmp_path / "no"), *config, "--out", str(tmp_path / "out")]) == 2
    assert "no such file or folder; check SOURCE" in capsys.readouterr().err
    for flag in (["--precision", "mixed"], ["--precision=mixed"]):
        assert run_command(["evaluate", str(tmp_path), *flag]) == 2
        assert "expected a run with a trained" in capsys.readouterr().err
