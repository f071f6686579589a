"""The page in a browser, with a real worker: a clip is dropped, looked at, explained and taken along."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from browser import chromium
from fixtures import small_data, small_videos
from small_training import options
from twostream.training.stream import train_stream

pytest.importorskip("fastapi", reason="the extra `serve` is absent")
SCRIPTS = Path(__file__).resolve().parents[4] / "scripts"
sys.path.insert(0, str(SCRIPTS))
from serving_trials import serving  # noqa: E402

__all__ = ["small_data", "small_videos"]
pytestmark = pytest.mark.slow
# A camera that shows a moving picture, and a permission that nobody is asked for.
CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")


@pytest.fixture(scope="module")
def served(tmp_path_factory, small_data, small_videos):
    """A server of a small run, with the clips it learnt from as examples."""
    run = tmp_path_factory.mktemp("served") / "run"
    for stream in ("spatial", "temporal"):
        train_stream(small_data, run, options=options(stream=stream, epochs=0, weights=None))
    flags = ("--engine", "torch", "--examples", str(small_videos), "--on-above", "0.1")
    with serving(run, *flags, log=run.parent / "serve.log") as one:
        yield one


@pytest.fixture
def page(served, tmp_path):
    with chromium(tmp_path / "profile", *CAMERA) as one:
        one.open(f"http://127.0.0.1:{served.port}/")
        yield one


def wait(page, condition, seconds=600):
    """Until an expression holds in the page."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if page.script(f"Boolean({condition})"):
            return
        time.sleep(0.1)
    raise AssertionError(f"never: {condition}; {page.script('document.body.innerText')}")


def drop(page, clip):
    content = base64.b64encode(clip.read_bytes()).decode()
    page.script(f"""(() => {{
      const bytes = Uint8Array.from(atob("{content}"), sign => sign.charCodeAt(0));
      const dropped = new DataTransfer();
      dropped.items.add(new File([bytes], {json.dumps(clip.name)}));
      document.getElementById("drop").dispatchEvent(
        new DragEvent("drop", {{ dataTransfer: dropped, bubbles: true, cancelable: true }}));
    }})()""")


@pytest.fixture(scope="module")
def clip(tmp_path_factory, shared_data):
    """A real clip, as a phone would have it: H.264, which browsers play."""
    from twostream.video.decode import open_video
    from twostream.video.rewriting import write_with_sound

    (source, *_) = sorted((shared_data / "ucf101" / "videos").glob("*/*.avi"))
    place = tmp_path_factory.mktemp("clip") / "a real clip.mp4"
    with open_video(source) as video:
        frames = [(one.seconds, one.image()) for one in video.shown_frames()][:40]
        write_with_sound(place, frames, sound_of=None, fps=video.fps)
    return place


def test_a_clip_is_dropped_looked_at_explained_and_taken_along(page, served, clip, tmp_path):
    drop(page, clip)
    wait(page, "location.pathname.endsWith('/page') && document.getElementById('cam')")
    assert page.script("document.querySelector('h1').textContent") == clip.name
    best = page.script("[...document.querySelectorAll('.three .verdict')].map(one => "
                       "[one.dataset.streamBest, one.querySelectorAll('li').length])")  # fmt: skip
    assert best == [["spatial", 3], ["temporal", 3], ["fused", 3]]
    wait(page, "video.readyState >= 1 && duration > 1")
    wait(page, "flow && !flow.hidden && flow.readyState >= 2 && flow.videoWidth > 0")
    # A click in the lanes goes there, and the flow goes along.
    page.script("""(() => {
      const box = canvas.getBoundingClientRect(), place = left() + .5 * (width() - left());
      for (const kind of ["pointerdown", "pointerup"]) canvas.dispatchEvent(new PointerEvent(
        kind, { clientX: box.left + place, clientY: box.top + 30, bubbles: true, pointerId: 1 }));
    })()""")
    wait(page, "Math.abs(video.currentTime - duration / 2) < .1 && !video.seeking")
    wait(page, "Math.abs(flow.currentTime - video.currentTime) < .3")
    page.script("document.body.dispatchEvent(new KeyboardEvent("
                "'keydown', { key: 'Home', bubbles: true }))")  # fmt: skip
    wait(page, "video.currentTime === 0")
    page.script("document.getElementById('cam').click()")
    wait(page, "document.querySelectorAll('.seen img').length >= 2")
    shown = page.script("document.querySelector('.seen img').src")
    assert shown.endswith("-map.jpg")
    page.script("document.getElementById('cam').click()")
    wait(page, "!document.querySelector('.seen img').src.endsWith('-map.jpg')")
    for link in ("result", "overlay.mp4", "labels/elan", "labels/label-studio"):
        place = page.script("location.pathname").replace("page", link)
        status, content = served.get(place)
        assert (status, bool(content)) == (200, True), link
    told = json.loads(served.get(page.script("location.pathname").replace("page", "result"))[1])
    assert told["source"] == clip.name
    if folder := os.environ.get("TWOSTREAM_PICTURES"):
        pictures(page, Path(folder))
    page.script("document.getElementById('remove').click()")
    wait(page, "location.pathname === '/' && document.getElementById('drop')")


def pictures(page, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for scheme in ("light", "dark"):
        (folder / f"result-{scheme}.png").write_bytes(page.picture(scheme=scheme))


def test_a_clip_is_recorded_by_the_camera(page):
    page.script("document.getElementById('record').click()")
    wait(page, "recording?.state === 'recording'")
    time.sleep(3)
    page.script("document.getElementById('stop').click()")
    wait(page, "location.pathname.endsWith('/page') && document.getElementById('cam')")
    assert page.script("document.querySelector('h1').textContent") in (
        "recording.webm",
        "recording.mp4",
    )


def test_an_example_is_tried_and_what_is_no_video_is_told(page, tmp_path):
    wait(page, "document.querySelectorAll('#examples button').length > 2")
    junk = tmp_path / "notes.mp4"
    junk.write_bytes(b"no video" * 99)
    drop(page, junk)
    wait(page, "!document.getElementById('error').hidden")
    assert "notes.mp4" in page.script("document.getElementById('error').textContent")
    page.script("document.querySelector('#examples button').click()")
    wait(page, "location.pathname.endsWith('/page') && document.getElementById('cam')")


def test_300_requests_and_all_that_does_harm_leave_the_server_as_it_was(tmp_path):
    command = [sys.executable, SCRIPTS / "abuse_serve.py", "--out", tmp_path / "abuse"]
    more = ["--requests", "300", "--steady-after", "100", "--engine", "torch"]
    done = subprocess.run([*map(str, command), *more], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
