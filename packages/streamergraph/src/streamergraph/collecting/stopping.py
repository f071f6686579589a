"""Being told to end: by Ctrl-C or SIGTERM, at a moment at which nothing is half done."""

from __future__ import annotations

import datetime
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType


@dataclass
class StoppableClock:
    """The machine's clock, whose waiting ends when the process is told to end.

    Whatever works meanwhile - a tick that is being stored - is done first. Then waiting raises
    KeyboardInterrupt for Ctrl-C and SystemExit for SIGTERM. A second Ctrl-C does not wait for anything.
    """

    _told: threading.Event = field(default_factory=threading.Event)
    _by: int = 0

    def now(self) -> datetime.datetime:
        """The machine's time in UTC."""
        return datetime.datetime.now(datetime.UTC)

    def monotonic(self) -> float:
        """The machine's seconds."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait; raises where the process was told to end."""
        if self._told.wait(max(0.0, seconds)):
            raise KeyboardInterrupt if self._by == signal.SIGINT else SystemExit(0)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take both signals for the body, in the main thread; one that is ignored stays so."""
        before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        taken = [number for number, handler in before.items() if handler != signal.SIG_IGN]
        for number in taken:
            signal.signal(number, self._note)
        try:
            yield
        finally:
            for number in taken:
                signal.signal(number, before[number] or signal.SIG_DFL)

    def _note(self, number: int, frame: FrameType | None) -> None:
        del frame
        if self._told.is_set() and number == signal.SIGINT:
            raise KeyboardInterrupt
        self._by = number
        self._told.set()
