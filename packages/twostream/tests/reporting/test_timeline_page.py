"""The page of one video: what it holds, and what it does in a browser."""

from __future__ import annotations

import base64
import json
import re

import numpy as np
import pytest
from browser import chromium
from twostream.lab.generated.recordings import film, script_of, write_recording
from twostream.reporting.timeline_curves import MOST_LANES, curves_of, lanes_of
from twostream.reporting.timeline_page import player_link, write_timeline_page
from twostream.timelines.intervals import Interval
from twostream.timelines.window_scores import WindowScores

INTERVALS = [Interval(1.0, 2.5, "run", 0.9), Interval(3.0, 3.75, "</script> & jump", 0.8)]
NAMES = ("run", "</script> & jump", "background")


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with chromium(tmp_path_factory.mktemp("profile")) as one:
        yield one


def scores_of(count=40, names=NAMES, *, stride_s=0.1, **more):
    starts = np.arange(count) * stride_s
    values = np.random.default_rng(0).random((2, count, len(names)), np.float32) / len(names)
    return WindowScores(
        class_names=names,
        windows_s=np.stack([starts, starts + 4 * stride_s], axis=1),
        spatial=values[0],
        temporal=values[1],
        fused=values.mean(axis=0),
        background="background" if "background" in names else None,
        **more,
    )


def data_in(page):
    found = re.search(r'id="data">(.*?)</script>', page.read_text(encoding="utf-8"), re.DOTALL)
    return json.loads(found[1])


def test_the_page_needs_nothing_but_the_video_that_it_links(tmp_path):
    (tmp_path / "out").mkdir()
    page = write_timeline_page(
        tmp_path / "out" / "timeline.html",
        scores_of(),
        INTERVALS,
        source="a film #1.mp4",
        player=tmp_path / "a film #1.mp4",
    )
    text = page.read_text(encoding="utf-8")
    assert 'src="../a%20film%20%231.mp4"' in text
    assert not re.search(r"https?://|@import|url\(", text)
    # A name cannot end the script that holds it.
    data = data_in(page)
    assert [one["label"] for one in data["intervals"]] == [one.label for one in INTERVALS]
    assert data["lanes"] == list(NAMES)
    assert "&lt;/script&gt; &amp; jump" in text
    assert '<button type="button">0:03.00</button>' in text


def test_what_was_watched_live_has_no_player(tmp_path):
    page = write_timeline_page(
        tmp_path / "t.html", scores_of(), [], source="rtsp://camera/1", player=None
    )
    text = page.read_text(encoding="utf-8")
    assert "<video" not in text
    assert "watched live" in text
    assert "No class reached the threshold" in text
    assert player_link("https://a.example/b.mp4", tmp_path) == "https://a.example/b.mp4"


def test_a_clip_that_was_looked_at_as_a_whole_says_so(tmp_path):
    scores = scores_of(1)
    page = write_timeline_page(tmp_path / "t.html", scores, [], source="a", player=None)
    text = page.read_text(encoding="utf-8")
    assert "looked at as one clip" in text
    best = int(scores.fused[0].argmax())
    assert f'{NAMES[best]}</th><td class="n">{scores.fused[0, best]:.3f}</td>' in text


def test_scores_are_told_to_a_255th_and_times_to_a_tenth_of_a_millisecond():
    scores = scores_of()
    curves = curves_of(scores, NAMES)
    gaps = np.frombuffer(base64.b64decode(curves["times"]), "<u4")
    assert np.cumsum(gaps) / 1e4 == pytest.approx(scores.windows_s.mean(axis=1), abs=1e-4)
    codes = np.frombuffer(base64.b64decode(curves["streams"]["fused"]), np.uint8).reshape(3, -1)
    assert pytest.approx(scores.fused, abs=0.5 / 255 + 1e-6) == codes.T / 255


def test_an_hour_stays_below_5_mb_and_no_peak_is_lost(tmp_path):
    names = [f"class {k}" for k in range(101)]
    scores = scores_of(8 * 3600, names, stride_s=0.125)
    scores.fused[12345, 7] = 1.0
    intervals = [Interval(4.0 * k, 4.0 * k + 3, names[k % 101], 0.9) for k in range(900)]
    page = write_timeline_page(
        tmp_path / "t.html", scores, intervals, source="a.mp4", player="a.mp4"
    )
    assert page.stat().st_size < 5_000_000
    curves = data_in(page)["curves"]
    row = curves["lanes"].index("class 7")
    codes = np.frombuffer(base64.b64decode(curves["streams"]["fused"]), np.uint8)
    codes = codes.reshape(len(curves["lanes"]), -1)
    assert codes[row, 12345 // curves["windows_a_point"]] == 255


def test_classes_without_an_interval_get_the_lanes_that_are_left():
    names = [f"class {k}" for k in range(40)]
    scores = scores_of(10, names)
    scores.fused[:] = 0
    scores.fused[3, 30] = 0.4
    lanes = lanes_of(scores, [Interval(0, 1, "class 39")], [Interval(0, 1, "not of the run")])
    assert {"class 39", "class 30", "not of the run"} <= set(lanes)
    assert len(lanes) == MOST_LANES


STEPS = """
(async () => {
  const canvas = document.querySelector("#lanes canvas"), box = canvas.getBoundingClientRect();
  const found = {};
  const until = async condition => {
    for (let k = 0; k < 200 && !condition(); k++) await new Promise(done => setTimeout(done, 50));
  };
  const settled = async () => {
    await until(() => !video.seeking && video.currentTime === at && !waiting);
    return [at, video.currentTime];
  };
  const press = (key, more) => {
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, ...more }));
    return settled();
  };
  const click = async share => {
    canvas.setPointerCapture = () => {};
    const clientX = box.left + left() + share * (width() - left()), clientY = box.top + 60;
    const more = { clientX, clientY, bubbles: true };
    for (const kind of ["pointerdown", "pointerup"]) canvas.dispatchEvent(new PointerEvent(kind, more));
    return settled();
  };
  await until(() => video.readyState >= 1 || video.error);
  if (video.error) return { error: video.error.message };
  found.clicked = await click(.5);
  found.home = await press("Home");
  found.next = await press("n");
  await until(() => document.querySelector("tr.now"));
  found.label = document.getElementById("label").textContent;
  found.row = document.querySelector("tr.now")?.cells[1].textContent;
  found.second = await press("n");
  found.previous = await press("p");
  found.later = await press("ArrowRight");
  found.frame = await press("ArrowLeft", { shiftKey: true });
  await press("+");
  found.zoomed = to - from;
  await press("0");
  found.all = to - from;
  document.querySelectorAll("#intervals button")[1].click();
  found.fromTable = await settled();
  const before = canvas.toDataURL();
  document.querySelector("[data-stream=spatial]").click();
  await until(() => canvas.toDataURL() !== before);
  found.redrawn = canvas.toDataURL() !== before;
  await press("Home");
  await press(" ");
  await until(() => video.currentTime > .2);
  found.played = video.currentTime;
  await press(" ");
  found.paused = video.paused;
  found.duration = duration;
  return found;
})()
"""


def test_a_click_seeks_and_so_do_keys_in_a_browser(browser, tmp_path):
    script = script_of(seed=0, number=1, seconds=5)
    frames = film(script, seed=0, number=1, width_px=32, height_px=32)
    write_recording(tmp_path / "a film.mp4", frames)
    page = write_timeline_page(
        tmp_path / "t.html",
        scores_of(),
        INTERVALS,
        source="a film",
        player=tmp_path / "a film.mp4",
    )
    browser.open(page)
    found = browser.script(STEPS)
    if "error" in found:
        pytest.skip(f"this Chromium plays no H.264: {found['error']}")

    def both(time):
        return [pytest.approx(time, abs=0.02)] * 2

    assert found["duration"] == pytest.approx(5, abs=0.05)
    assert found["clicked"] == both(found["duration"] / 2)
    assert [found[name] for name in ("home", "next", "second", "previous")] == [
        both(0),
        both(1),
        both(3),
        both(1),
    ]
    assert (found["label"], found["row"]) == ("run (0.90)", "run")
    assert (found["later"], found["frame"]) == (both(2), both(1.96))
    assert found["zoomed"] == pytest.approx(found["all"] / 2)
    assert found["all"] == pytest.approx(found["duration"])
    assert found["fromTable"] == both(3)
    assert found["redrawn"]
    assert found["played"] > 0.2
    assert found["paused"]


def test_a_video_that_cannot_be_played_leaves_the_timeline(browser, tmp_path):
    page = write_timeline_page(
        tmp_path / "t.html", scores_of(), INTERVALS, source="gone", player=tmp_path / "gone.avi"
    )
    browser.open(page)
    told = browser.script(
        """(async () => {
          const notice = document.getElementById("unplayable");
          const moment = () => new Promise(done => setTimeout(done, 50));
          for (let k = 0; k < 200 && notice.hidden; k++) await moment();
          document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "n", bubbles: true }));
          return [notice.hidden, getComputedStyle(video).display, at];
        })()"""
    )
    assert told == [False, "none", 1]
