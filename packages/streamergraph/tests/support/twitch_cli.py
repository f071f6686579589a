"""Twitch's own mock of Helix, where it is at hand: a program that somebody else wrote."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

PATIENCE_SECONDS = 60
REPOSITORY = Path(__file__).resolve().parents[4]


@dataclass(frozen=True)
class TwitchCli:
    """A server that runs; `change` moves its world on."""

    port: int
    home: Path
    make_data: Path
    client_id: str
    client_secret: str

    @property
    def helix_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/mock"

    @property
    def auth_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/auth"

    def units(self, what: str) -> Any:
        address = f"http://127.0.0.1:{self.port}/units/{what}?first=5000"
        with urllib.request.urlopen(address) as answer:
            return json.load(answer)["data"]

    def data(self, *words: str) -> None:
        subprocess.run(
            [sys.executable, str(self.make_data), str(self.home), *words],
            check=True,
            stdout=subprocess.DEVNULL,
        )


@contextmanager
def twitch_cli(home: Path) -> Iterator[TwitchCli]:
    """A server with 25 users in `home`; skips visibly where the program is not at hand."""
    folder = REPOSITORY.parent / "shared" / "servers" / "twitch-cli"
    program = Path(os.environ.get("STREAMERGRAPH_TWITCH_CLI", folder / "twitch"))
    if not program.is_file():
        pytest.skip(f"Twitch's mock of Helix is not at hand: {program.name}")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = home / "server.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [str(program), "mock-api", "start", "-p", str(port)],
            env={**os.environ, "HOME": str(home)},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        try:
            client = _client(port, process)
            yield TwitchCli(
                port=port, home=home, make_data=program.parent / "make_data.py",
                client_id=client["ID"], client_secret=client["Secret"],
            )  # fmt: skip
        finally:
            process.terminate()
            process.wait()


def _client(port: int, process: subprocess.Popen[bytes]) -> Any:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/units/clients") as answer:
                return json.load(answer)["data"][0]
        except (OSError, KeyError, IndexError, TypeError):
            time.sleep(0.1)
    pytest.skip("Twitch's mock of Helix does not start")
