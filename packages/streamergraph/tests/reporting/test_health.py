from __future__ import annotations

import json

import pytest
from streamergraph.reporting.collector_log import read_log


def test_the_published_log_has_its_numbers(published):
    health = read_log(published / "Twitch_stream_collection_CLEAN.log")
    assert (len(health.stored), health.expected) == (3823, 4032)
    assert health.mean_duration_seconds(whole_seconds=True) == pytest.approx(14.35, abs=0.005)
    assert health.mean_duration_seconds() == pytest.approx(14.253, abs=0.0005)
    streams, presences = health.hourly("streams"), health.hourly("presences")
    assert [round(streams[h]) for h in (22, 6)] == [3575, 239]
    assert [round(presences[h]) for h in (22, 7)] == [114639, 5813]
    assert max(streams, key=streams.get) == max(presences, key=presences.get) == 22
    assert min(presences, key=presences.get) == 7
    assert min(run.streams for run in health.stored) == 200
    assert max(run.presences for run in health.stored) == 168521


def test_the_published_holes_are_found(published):
    first, second, *rest = read_log(published / "Twitch_stream_collection_CLEAN.log").holes()
    assert f"{first.after:%m-%d %H:%M} {first.before:%H:%M}" == "05-12 03:59 09:04"
    assert f"{second.after:%m-%d %H:%M} {second.before:%H:%M}" == "05-17 17:19 18:34"
    longer = [hole for hole in rest if round(hole.minutes, 1) > 20]
    assert all(20 <= hole.minutes < 31 for hole in rest)
    # The specification counts six; a seventh lasts 20.0 minutes to the millisecond.
    assert (len(longer), len(rest)) == (5, 7)


RAW = """\
2022-05-05 15:00:00,100,INFO,1,Caricamento chiavi di accesso
2022-05-05 15:00:04,100,INFO,2,Numero di stream online: 15
2022-05-05 15:00:08,100,INFO,3,Numero di spettatori online: 400
2022-05-05 15:00:10,600,INFO,4,file 2022-05-05_15-00 salvato
2022-05-05 15:05:00,100,INFO,1,Caricamento chiavi di accesso
2022-05-05 15:05:04,100,INFO,2,Numero di stream online: 16
2022-05-05 15:09:30,561,ERROR,Esecuzione terminata per Timeout
2022-05-05 15:10:00,100,INFO,1,Caricamento chiavi di accesso
Traceback (most recent call last):
  File "C:\\Users\\somebody\\collector.py", line 3, in <module>
2022-05-05 15:10:02,100,ERROR,Fatal error on SSL transport
2022-05-05 15:15:00,100,INFO,1,Caricamento chiavi di accesso
2022-05-05 15:30:00,1
"""


def test_a_raw_log_tells_why_runs_failed(tmp_path, call):
    log = tmp_path / "collection.log"
    log.write_text(RAW)
    status, out, _ = call("health", log, "--out", tmp_path / "health.json")
    assert status == 0
    assert "1 of 4 runs stored" in out
    facts = json.loads((tmp_path / "health.json").read_text())
    assert facts["started_runs"] == 4
    assert facts["failed_runs"] == {"time-out": 1, "TLS": 1, "died before the stream count": 1}
    assert (facts["error_lines"], facts["ignored_lines"]) == (2, 3)
    assert facts["mean_duration_seconds"] == 10.5
    assert "somebody" not in (tmp_path / "health.json").read_text()


@pytest.mark.parametrize("text", ["", "nothing\n", "\x00\xff"])
def test_files_that_are_no_log_are_refused(tmp_path, refusal, text):
    (tmp_path / "x.log").write_text(text)
    assert "expected lines such as" in refusal("health", tmp_path / "x.log")
