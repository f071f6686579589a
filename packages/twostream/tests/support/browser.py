"""Debian's Chromium without a window, told what to do over a pipe (the DevTools protocol)."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-proxy-server", "--mute-audio"),
    *("--autoplay-policy=no-user-gesture-required", "--remote-debugging-pipe"),
)
# Chromium reads commands from descriptor 3, and answers on 4.
AS_3_AND_4 = """
import os, sys
for place, passed in enumerate(sys.argv[1:3], start=3):
    os.dup2(int(passed), place)
os.execv(sys.argv[3], sys.argv[3:])
"""


class Browser:
    """One page in one Chromium."""

    def __init__(self, sent: int, received: int) -> None:
        self._sent, self._received = sent, received
        self._rest = b""
        self._number = 0
        self._session: str | None = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]

    def call(self, method: str, **parameters: Any) -> Any:
        """A command of the protocol, and what it returns."""
        self._number += 1
        command = {"id": self._number, "method": method, "params": parameters}
        if self._session is not None:
            command["sessionId"] = self._session
        os.write(self._sent, json.dumps(command).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer["error"]
                return answer["result"]

    def _next(self) -> Any:
        while b"\0" not in self._rest:
            more = os.read(self._received, 1 << 16)
            assert more, "Chromium has gone"
            self._rest += more
        text, _, self._rest = self._rest.partition(b"\0")
        return json.loads(text)

    def open(self, page: Path | str) -> None:
        """Show a page, a file or an address, and wait until it is loaded."""
        self.call("Page.navigate", url=page if isinstance(page, str) else page.as_uri())
        self.script(
            "new Promise(done => document.readyState === 'complete' ? done() : onload = done)"
        )

    def script(self, text: str) -> Any:
        """The value of an expression, or of what it promises."""
        told = self.call("Runtime.evaluate", expression=text, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    def picture(self, *, scheme: str = "light") -> bytes:
        """The page as PNG, all of it."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", features=features)
        self.script("new Promise(done => setTimeout(done, 300))")
        shot = self.call("Page.captureScreenshot", captureBeyondViewport=True)
        return base64.b64decode(shot["data"])


@contextmanager
def chromium(profile: Path, *flags: str, width: int = 1200, height: int = 900) -> Iterator[Browser]:
    """A browser with a profile of its own, and more flags; the test is skipped where there is none."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("Debian's chromium is absent: the page is not tried in a browser")
    (to_read, to_write), (from_read, from_write) = os.pipe(), os.pipe()
    passed = [fcntl.fcntl(one, fcntl.F_DUPFD, 10) for one in (to_read, from_write)]
    os.close(to_read)
    os.close(from_write)
    own = [f"--user-data-dir={profile}", f"--window-size={width},{height}"]
    with subprocess.Popen(
        [sys.executable, "-c", AS_3_AND_4, *map(str, passed), found, *FLAGS, *flags, *own],
        pass_fds=passed,
        stderr=subprocess.DEVNULL,
    ) as process:
        for one in passed:
            os.close(one)
        try:
            yield Browser(to_write, from_read)
        finally:
            process.terminate()
            os.close(to_write)
            os.close(from_read)
