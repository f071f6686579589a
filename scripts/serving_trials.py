"""A server of a small untrained run, a small clip, and requests: what trials of `serve` share."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from predict_memory import make_run, write_video

BOUNDARY = "a-boundary-of-the-trial"
START_SECONDS = 1800.0


def small_run(folder: Path) -> Path:
    """Two untrained streams of the small network."""
    run = folder / "run"
    if not run.is_dir():
        make_run(run, classes=4, size_px=64)
    return run


def small_clip(folder: Path) -> Path:
    """16 frames of 64x64 in H.264."""
    clip = folder / "clip.mp4"
    if not clip.is_file():
        write_video(clip, seconds=1, width=64, height=64, fps=16)
    return clip


@dataclass(frozen=True)
class Served:
    """A server at work: its port, and its processes."""

    port: int
    process: subprocess.Popen[str]

    @property
    def processes(self) -> list[int]:
        """The server and all below it."""
        found, look = [], [self.process.pid]
        while look:
            number = look.pop()
            found.append(number)
            for thread in Path(f"/proc/{number}/task").glob("*/children"):
                try:
                    look += map(int, thread.read_text().split())
                except OSError:
                    continue
        return found

    def resident_mib(self) -> float:
        """Memory of all of them."""
        pages = 0
        for number in self.processes:
            pages += int(Path(f"/proc/{number}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)

    def processor_seconds(self) -> float:
        """Time that processors worked for all of them."""
        ticks = 0
        for number in self.processes:
            told = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
            ticks += int(told[11]) + int(told[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def descriptors(self) -> int:
        """Open files of all of them."""
        return sum(len(list(Path(f"/proc/{one}/fd").iterdir())) for one in self.processes)

    def connection(self, timeout: float = 300.0) -> http.client.HTTPConnection:
        """A new connection to it."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def get(self, path: str, method: str = "GET", **headers: str) -> tuple[int, bytes]:
        """Status and body of a request of its own connection."""
        link = self.connection()
        try:
            link.request(method, path, headers=headers)
            answer = link.getresponse()
            return answer.status, answer.read()
        finally:
            link.close()

    def post(
        self, content: bytes, *, path: str = "/predict", name: str = "clip.mp4", **headers: str
    ) -> tuple[int, Any]:
        """Status and JSON of an upload over a connection of its own."""
        link = self.connection()
        try:
            return upload(link, content, path=path, name=name, **headers)
        finally:
            link.close()


def multipart(content: bytes, *, name: str = "clip.mp4", field: str = "file") -> bytes:
    """A body with one file."""
    head = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    return head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()


def upload(
    link: http.client.HTTPConnection,
    content: bytes,
    *,
    path: str = "/predict",
    name: str = "clip.mp4",
    **headers: str,
) -> tuple[int, Any]:
    """Status and JSON of an upload over an open connection."""
    kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    # A server that refuses what is too much answers before all of it is sent.
    with suppress(BrokenPipeError, ConnectionResetError):
        link.request("POST", path, multipart(content, name=name), {**kind, **headers})
    answer = link.getresponse()
    body = answer.read()
    try:
        return answer.status, json.loads(body)
    except ValueError:
        return answer.status, body


@contextmanager
def serving(run: Path, *flags: str, log: Path) -> Iterator[Served]:
    """A server of a run at a free port, for the body; what it tells goes to the file `log`."""
    command = [sys.executable, "-m", "twostream", "serve", str(run), "--port", "0", *flags]
    with log.open("w", encoding="utf-8") as told:
        process = subprocess.Popen(command, stdout=told, stderr=subprocess.STDOUT, text=True)
    try:
        yield Served(_port(process, log), process)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _port(process: subprocess.Popen[str], log: Path) -> int:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        for line in log.read_text(encoding="utf-8").splitlines():
            if line.startswith("http://"):
                return int(line.partition("/ ")[0].rpartition(":")[2])
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError(f"no server: {log.read_text(encoding='utf-8')}")
