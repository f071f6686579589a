"""The library tells who listens, and nobody else."""

from __future__ import annotations

import json
import logging
import warnings
from concurrent.futures import ThreadPoolExecutor

import pytest
from twostream.errors import TwostreamWarning
from twostream.events import Advanced, Made, Said, Warned, heard_in_threads, listening, say, warn
from twostream.progress import Progress, step


def test_without_a_listener_all_is_silent(capfd: pytest.CaptureFixture[str]) -> None:
    say("nobody hears this")
    with Progress("prepare", total=3) as progress, step("look"):
        progress.advance()
    assert capfd.readouterr() == ("", "")


def test_a_warning_is_an_event_to_a_listener_and_python_s_own_otherwise() -> None:
    with pytest.warns(TwostreamWarning, match="look out") as caught:
        warn("look out")
    assert caught[0].filename == __file__
    heard: list[object] = []
    with warnings.catch_warnings(), listening(heard.append):
        warnings.simplefilter("error")
        warn("look out")
    assert heard == [Warned("look out")]


def test_a_listener_hears_its_own_context_and_the_threads_begun_there() -> None:
    here: list[object] = []
    with listening(here.append):
        with ThreadPoolExecutor(1) as stranger:
            stranger.submit(say, "of a stranger").result()
        with ThreadPoolExecutor(1, initializer=heard_in_threads()) as ours:
            ours.submit(say, "of ours").result()
        inner: list[object] = []
        with listening(inner.append):
            say("inner")
        say("outer")
    assert (here, inner) == ([Said("of ours"), Said("outer")], [Said("inner")])


def test_every_event_can_be_sent_as_json() -> None:
    for event in (
        Advanced(label="prepare", total=3, done=1, counters={"frames": 7}),
        Said("a"),
        Warned("b"),
        Made(object()),
    ):
        plain = json.loads(json.dumps(event.to_dict()))
        assert plain["event"] == type(event).__name__.lower()


def test_logging_has_them_for_debugging(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="twostream"):
        say("here")
    assert "here" in caplog.text
