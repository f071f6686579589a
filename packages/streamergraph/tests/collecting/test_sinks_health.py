"""What is known of the runs of each store."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import pytest
from looks_at_noon import LOOKS, NOON, QUARTER, SECOND, look, stream
from streamergraph.collecting.clock import SimulatedClock
from streamergraph.collecting.looking import blank_look
from streamergraph.collecting.sinks import open_sink


class TestHealth:
    """What `health` says of own runs is the same whatever the store."""

    def looks(self):
        met = {"collecting: asked again: too many requests (429)": 3, "streams of no id": 1}
        ended = [
            replace(
                look(k, stream(1, members=(1, 2), authors=(3,))), ended=look(k).ended + k * SECOND
            )
            for k in (0, 1, 2, 9)
        ]
        partial = replace(ended[1], problem="partial: a server error (500)", losses=Counter(met))
        failed = replace(blank_look("it", NOON + 3 * QUARTER), problem="no list of streams: a 500")
        other = [look(k, stream(4, authors=(4, 5)), language="de") for k in range(10)]
        return [ended[0], partial, *ended[2:], failed, *other]

    @pytest.fixture
    def facts(self, address, opened, tmp_path, call):
        def said(*options):
            with opened() as sink:
                sink.sink.add(self.looks())
            path = tmp_path / "health.html"
            status, out, err = call("health", address, "--out", path, *options)
            return status, out, err, json.loads(path.with_suffix(".json").read_text())

        return said

    def test_the_numbers(self, facts, tmp_path):
        status, out, _, said = facts()
        assert status == 0
        assert "14 of 20 runs stored" in out
        assert said["partial_runs"] == 1
        assert said["failed_runs"] == {"no list of streams: a 500": 1}
        assert said["never_started_runs"] == 5
        assert [(hole["series"], hole["minutes"]) for hole in said["holes"]] == [
            ("twitch/it", 105.0)
        ]
        assert said["mean_duration_seconds"] == round(12 / 14, 3)
        assert [(one["reason"], one["count"]) for one in said["met while collecting"]] == [
            ("asked again: too many requests (429)", 3)
        ]
        assert [one["reason"] for one in said["not understood"]] == ["streams of no id"]
        assert set(said["mean_presences_by_hour"].values()) == {2.0}
        assert set(said["mean_authors_by_hour"].values()) <= {1.0, 2.0, 3.0}
        assert said["disk"]["store_bytes"] > 0
        assert said["disk"]["free_bytes"] > 0
        page = (tmp_path / "health.html").read_text()
        assert "105.0" in page
        assert "too many requests" in page

    def test_the_exit_status_says_whether_it_is_as_it_should_be(self, facts):
        status, _, err, _ = facts("--at-least", "95")
        assert status == 2
        assert "70.0 %" in err

    def test_runs_that_are_too_old(self, facts):
        status, _, err, _ = facts("--fresh", "45m")
        assert status == 2
        assert "twitch/de up to" in err

    def test_where_nothing_was_collected(self, address, opened, refusal):
        assert "expected" in refusal("health", f"{address}x")


def test_a_snapshot_whose_line_a_kill_has_taken_is_a_run(opened, tmp_path, call):
    with open_sink(
        f"json:{tmp_path / 's'}", key=tmp_path / "key", clock=SimulatedClock(NOON)
    ) as sink:
        sink.sink.add(LOOKS)
    runs = tmp_path / "s" / "runs.jsonl"
    runs.write_text("".join(runs.read_text().splitlines(keepends=True)[:-1]))
    assert "3 of 3 runs stored" in call("health", tmp_path / "s")[1]
