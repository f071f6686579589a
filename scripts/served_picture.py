"""Draw the picture of the page that `twostream serve` shows of a video.

Usage: python scripts/served_picture.py RUN VIDEO [TARGET]

RUN and VIDEO are as in timeline_pictures.py; TARGET is docs/images/served.png by default. Needs the extra
serve, httpx and Debian's chromium.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

TARGET = Path(__file__).resolve().parents[1] / "docs" / "images" / "served.png"
PAGE_PX = (1180, 1240)
PATIENCE_S = 600.0


def free_port() -> int:
    """A port of this machine that nobody has."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def wait_for(client: httpx.Client, address: str, done: object) -> dict[str, object]:
    """What an address answers when its `state` is `done`, or when it answers at all."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        try:
            answer = client.get(address)
            if answer.status_code == 200 and (done is None or answer.json().get("state") == done):
                return dict(answer.json())
        except httpx.TransportError:
            pass
        time.sleep(0.5)
    raise SystemExit(f"{address}: no answer")


def picture_of(address: str, target: Path) -> None:
    """What a browser shows of an address, once its video has begun to load."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise SystemExit("chromium is absent")
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            [
                *(chromium, "--headless", "--no-sandbox", "--disable-gpu", "--no-proxy-server"),
                *("--hide-scrollbars", "--virtual-time-budget=20000"),
                f"--user-data-dir={profile}",
                f"--window-size={PAGE_PX[0]},{PAGE_PX[1]}",
                f"--screenshot={target.absolute()}",
                address,
            ],
            check=True,
            stderr=subprocess.DEVNULL,
        )


def main(run: Path, video: Path, target: Path) -> None:
    """Serve the run, show it the video, and keep what the page looks like."""
    port = free_port()
    command = [sys.executable, "-m", "twostream", "serve", str(run), "--port", str(port)]
    with subprocess.Popen(command) as server, httpx.Client(trust_env=False) as client:
        try:
            address = f"http://127.0.0.1:{port}"
            wait_for(client, f"{address}/health", None)
            with video.open("rb") as file:
                answer = client.post(
                    f"{address}/jobs",
                    files={"file": (video.name, file, "video/mp4")},
                    params={"timeline": "true"},
                    timeout=PATIENCE_S,
                )
            answer.raise_for_status()
            job = f"{address}{answer.headers['location']}"
            wait_for(client, job, "done")
            target.parent.mkdir(parents=True, exist_ok=True)
            picture_of(f"{job}/page", target)
        finally:
            server.terminate()


if __name__ == "__main__":
    places = [Path(word) for word in sys.argv[1:]]
    if len(places) not in (2, 3):
        raise SystemExit(__doc__)
    main(places[0], places[1], places[2] if len(places) == 3 else TARGET)
