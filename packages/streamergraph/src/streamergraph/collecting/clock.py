"""The clock of a collector, given in, so that two weeks can pass in a minute."""

from __future__ import annotations

import datetime
import time
from dataclasses import dataclass
from typing import Protocol

SLICE_SECONDS = 1.0


class Clock(Protocol):
    """What time it is, how much has passed, and waiting."""

    def now(self) -> datetime.datetime:
        """The time that the machine shows, in UTC; it may be set forward and back."""

    def monotonic(self) -> float:
        """Seconds since some moment; they only go on, and may stand still while the machine sleeps."""

    def sleep(self, seconds: float) -> None:
        """Let time pass."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime.datetime:
        """The machine's time in UTC."""
        return datetime.datetime.now(datetime.UTC)

    def monotonic(self) -> float:
        """The machine's seconds."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(max(0.0, seconds))


@dataclass
class SimulatedClock:
    """A clock on which waiting takes no time.

    >>> clock = SimulatedClock(datetime.datetime(2026, 10, 25, tzinfo=datetime.UTC))
    >>> clock.sleep(90)
    >>> clock.now().time(), clock.monotonic()
    (datetime.time(0, 1, 30), 90.0)
    """

    shown: datetime.datetime
    passed: float = 0.0

    def now(self) -> datetime.datetime:
        """The time that it shows."""
        return self.shown

    def monotonic(self) -> float:
        """The seconds that have passed, however it was set meanwhile."""
        return self.passed

    def sleep(self, seconds: float) -> None:
        """Let time pass at once."""
        seconds = max(0.0, seconds)
        self.passed += seconds
        self.shown += datetime.timedelta(seconds=seconds)

    def leap(self, seconds: float) -> None:
        """Set it forward or back, as a correction of the machine's clock or its sleep does."""
        self.shown += datetime.timedelta(seconds=seconds)


def sleep_until(clock: Clock, moment: datetime.datetime) -> None:
    """Wait until the clock shows `moment`; notices within a second when it is set."""
    while (left := (moment - clock.now()).total_seconds()) > 0:
        clock.sleep(min(left, SLICE_SECONDS))
