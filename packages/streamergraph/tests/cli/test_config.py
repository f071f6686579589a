from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamergraph.cli.config import split_config
from streamergraph.cli.main import GROUPS, VERBS, flags_of


@pytest.fixture
def config(tmp_path):
    """Write a configuration file and return its path."""

    def write(text):
        path = tmp_path / "my config.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def settings_of(folder):
    return json.loads((folder / "truth" / "simulation.json").read_text())


SMALL = "streamers: 8\nviewers: 200\ncommunities: 2\ndays: 1\ninterval_minutes: 60\n"


def test_options_come_from_the_file_and_flags_win(config, tmp_path, call):
    path = config(f"{SMALL}out: {tmp_path / 'one'}\nseed: 5\nbots:\n")
    status, _, err = call("simulate", "--config", path)
    assert status == 0, err
    settings = settings_of(tmp_path / "one")
    assert (settings["streamers"], settings["interval_minutes"], settings["seed"]) == (8, 60, 5)
    assert settings["bots"] == 12  # empty: the default
    tokens = ["simulate", "--seed", 6, f"--config={path}", "--out", tmp_path / "two"]
    assert call(*tokens)[0] == 0
    assert settings_of(tmp_path / "two")["seed"] == 6


@pytest.mark.parametrize(
    ("text", "said"),
    [("shreamers: 5", "did you mean 'streamers'?"), ("xyzzy: 5", "known are"), ("- a", "something"),
     ("", "found nothing"), ("seed: 1\ndays: 2\nseed: 3", "'seed' twice"), ("a: b: c", "here line 1"),
     (b"\xff\xfe\x00", "utf-8"),
     ("seed: [1]", "a list"), ("days: two", "days"), ("days: 1.5", "my config.yaml"),
     ("seed: 2022-02-30", "day is out of range"), ("seed: 0x_", "invalid literal"),
     ("seed: !!int ''", "out of range"), ("seed: !!bool maybe", "maybe"),
     ("seed: !!timestamp x", "my config.yaml"), ("seed: " + "[" * 3000, "recursion")],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_its_reason(config, refusal, tmp_path, text, said):
    assert said in refusal("simulate", "--out", tmp_path / "x", "--config", config(text))


def test_what_may_be_said_several_times_may_be_a_list(config, refusal):
    # It gets as far as the languages, the second of which is none.
    said = refusal("collect", "--config", config("store: s\nlanguage: [it, klingon]\n"))
    assert "'klingon'" in said
    assert "single value" in refusal("collect", "--config", config("store: s\nlanguage: [[it]]\n"))


@pytest.mark.parametrize("text", ["language: no\n", "language: [it, no]\n", "every: off\n"])
def test_words_that_yaml_takes_for_true_or_false(config, refusal, text):
    """Norwegian is a language, and no refusal of all."""
    assert "in quotes" in refusal("collect", "--config", config(f"store: s\n{text}"))


def test_a_missing_file_and_no_name_at_all(refusal, tmp_path):
    assert "no such file" in refusal("simulate", "--config", tmp_path / "none.yaml")
    assert "a file's name" in refusal("simulate", "--out", tmp_path, "--config")


@pytest.mark.parametrize(
    "place",
    [
        place
        for verbs in (VERBS, *(members for _, members in GROUPS.values()))
        for place, _ in verbs.values()
    ],
)
def test_no_flag_of_a_verb_is_taken_for_the_file(place):
    assert "config" not in flags_of(place)


def test_the_file_serves_the_verb_of_two_words_too(config, refusal):
    assert "did you mean 'streamers'?" in refusal(
        "bench", "process", "--config", config("streamer: 1")
    )


@given(st.lists(st.sampled_from(["run", "--out", "x", "a b"]), max_size=6), st.data())
def test_the_file_is_taken_out_and_all_else_stays(tokens, data):
    place = data.draw(st.integers(0, len(tokens)))
    for words in (["--config", "f.yaml"], ["--config=f.yaml"]):
        rest, path = split_config([*tokens[:place], *words, *tokens[place:]])
        assert rest == tokens
        assert str(path) == "f.yaml"
