"""The heartbeat: what it tells, and by what a collector that is called again goes on."""

from __future__ import annotations

import datetime
import json

import pytest
from streamergraph.collecting.clock import SimulatedClock
from streamergraph.collecting.heartbeat import Heartbeat, end_of_campaign
from streamergraph.collecting.looking import blank_look

NOON = datetime.datetime(2026, 3, 28, 12, 0, tzinfo=datetime.UTC)
QUARTER = datetime.timedelta(minutes=15)
TWO_WEEKS = datetime.timedelta(days=14)
ABOUT = {"languages": ["it"], "every_seconds": 900.0, "for": "14d"}


@pytest.fixture
def heartbeat(tmp_path):
    return Heartbeat(
        path=tmp_path / "heartbeat.json",
        clock=SimulatedClock(NOON),
        every=QUARTER,
        about={**ABOUT, "ends": (NOON + TWO_WEEKS).isoformat()},
    )


def told(heartbeat):
    return json.loads(heartbeat.path.read_text())


def test_it_tells_of_the_last_tick_and_when_the_next_beat_is_late(heartbeat):
    heartbeat.beat([], state="starting")
    assert told(heartbeat)["last_tick"] == []
    heartbeat.beat([blank_look("it", NOON)])
    said = told(heartbeat)
    assert said["last_tick"][0]["status"] == "broken"
    assert said["late_after"] == "2026-03-28T12:30:00+00:00"
    assert said["disk_free_bytes"] > 0
    heartbeat.beat([])  # a tick that could not be stored
    assert told(heartbeat)["looks"]["lost"] == 1
    assert told(heartbeat)["last_tick"][0]["planned"] == NOON.isoformat()


def test_a_full_disk_does_not_end_it(heartbeat, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_text", full)
    heartbeat.beat([])


def test_who_is_called_again_ends_when_the_first_one_would_have(heartbeat):
    later = NOON + datetime.timedelta(days=3)
    assert end_of_campaign(heartbeat.path, NOON, TWO_WEEKS, ABOUT) == NOON + TWO_WEEKS
    heartbeat.beat([], state="ended")
    assert end_of_campaign(heartbeat.path, later, TWO_WEEKS, ABOUT) == NOON + TWO_WEEKS
    other = {**ABOUT, "languages": ["de"]}
    assert end_of_campaign(heartbeat.path, later, TWO_WEEKS, other) == later + TWO_WEEKS
    after = NOON + 2 * TWO_WEEKS
    assert end_of_campaign(heartbeat.path, after, TWO_WEEKS, ABOUT) == after + TWO_WEEKS
    assert end_of_campaign(heartbeat.path, later, None, ABOUT) is None
    heartbeat.path.write_text("{")
    assert end_of_campaign(heartbeat.path, later, TWO_WEEKS, ABOUT) == later + TWO_WEEKS
