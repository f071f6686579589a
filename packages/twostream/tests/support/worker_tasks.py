"""What workers do in tests: it must be importable in their processes."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import numpy as np
from twostream.environment import available_cores
from twostream.errors import TwostreamError
from twostream.execution.outcomes import FatalError
from twostream.execution.services import cores_now, still_alive


def double(number):
    return 2 * number


def cores(_):
    return available_cores(), cores_now()


def process(_):
    time.sleep(0.05)
    return os.getpid()


def odd_fails(number):
    if number % 2:
        raise TwostreamError("x", expected="an even number", found=str(number), remedy="add one")
    return number


def misbehave(kind):
    match kind:
        case "user":
            raise TwostreamError("x", expected="a", found="b", remedy="c")
        case "bug":
            return [][1]
        case "system":
            raise OSError(5, "Input/output error")
        case "memory":
            raise MemoryError
        case "exit":
            os._exit(7)
        case "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        case "hang":
            time.sleep(1000)
    return kind


def sample_or_not(kind):
    misbehave(kind)
    return np.zeros((2, 2, 3), np.uint8)


def killed_at_first(path):
    path = Path(path)
    with path.open("a") as file:
        file.write("try\n")
    if len(path.read_text().split()) == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return path.name


def size_unless_deadly(path):
    """The size of a file that was sent, unless its name says that it kills."""
    if path.name.startswith("deadly"):
        os.kill(os.getpid(), signal.SIGKILL)
    return path.stat().st_size


def its_files(path):
    return [path]


def at_other_place(path, places, _):
    return places[path]


def leaves_nothing(_):
    return None


def the_result(_, result, __):
    return result


def full(number):
    if number == 1:
        raise FatalError("disk", expected="room", found="none", remedy="make room")
    time.sleep(1000)


def slow_but_alive(steps):
    for _ in range(steps):
        time.sleep(0.5)
        still_alive()
    return steps


def share_of_the_last(task):
    started = time.monotonic()
    while task == "long" and cores_now() < 4 and time.monotonic() - started < 300:
        time.sleep(0.01)
    return cores_now()


def mark_and_hang(path):
    Path(path).write_text(str(os.getpid()))
    time.sleep(1000)


def nothing() -> None:
    """Do nothing."""
