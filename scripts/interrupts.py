"""`make interrupts`: Ctrl-C at random moments of several commands, from their first millisecond on.

Prints how they ended and exits with status 1 where one ended otherwise than promised: with one line and
status 130, with nothing written by half, and with no process left behind.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

LINE = "interrupted: call the same command again to go on"
LONGEST_SECONDS = 8.0  # start-up is what it is about
SOON_SECONDS = 10.0  # for processes of a group that was interrupted
# Where an interrupt may still show Python's own traceback: while modules that need nothing are on
# their way to the handler of Ctrl-C. Anything further inside is ours to answer for.
BEFORE_THE_HANDLER = ("__init__.py", "__main__.py", "interrupts.py")
FRAME = re.compile(r'File "(?P<file>[^"]*/(?:twostream|streamergraph)/[^"]*)", .* in (?P<name>\S+)')


@dataclass(frozen=True)
class Command:
    """A command whose OUT is made anew each time."""

    name: str
    words: tuple[str, ...]

    def start(self, out: Path) -> subprocess.Popen[str]:
        """Start it in a process group of its own, as a terminal does."""
        return subprocess.Popen(
            [word.replace("OUT", str(out)) for word in self.words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )


def commands(work: Path) -> list[Command]:
    """Commands of both packages, through either way of calling them, on small data made in `work`."""
    from twostream.lab.generated.dataset import generate_clips

    videos, data, world = work / "videos", work / "data", work / "world"
    generate_clips(videos, groups_per_class=3, clips_per_group=1, width_px=64, height_px=48)
    twostream, streamergraph = (
        (str(Path(sys.executable).with_name(name)), sys.executable)
        for name in ("twostream", "streamergraph")
    )
    prepare = ("prepare", str(videos), "--flow", "dis", "--workers", "2")
    train = ("train", "spatial", str(data), "--out", "OUT", "--size", "32", "--epochs", "1")
    backbone = ("--backbone", "cnn-s", "--weights", "none", "--batch-size", "4")
    simulate = ("simulate", "--streamers", "24", "--viewers", "1500", "--interval-minutes", "15")
    snapshots, key = str(world / "snapshots"), str(work / "key")
    run = ("run", snapshots, "--out", "OUT", "--key", key)
    prepared = [twostream[0], *prepare, "--out", str(data)]
    simulated = [streamergraph[0], *simulate, "--out", str(world)]
    for words in (prepared, simulated):
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    return [
        Command("twostream prepare", (twostream[0], *prepare, "--out", "OUT")),
        Command(
            "-m twostream prepare", (sys.executable, "-m", "twostream", *prepare, "--out", "OUT")
        ),
        Command("-m twostream train", (sys.executable, "-m", "twostream", *train, *backbone)),
        Command("streamergraph simulate", (streamergraph[0], *simulate, "--out", "OUT")),
        Command("-m streamergraph run", (sys.executable, "-m", "streamergraph", *run)),
    ]


def undisturbed_seconds(command: Command, out: Path) -> float:
    """How long the command takes; the second time, as the first may compile."""
    for _ in range(2):
        begun = time.monotonic()
        process = command.start(out)
        _, err = process.communicate()
        if process.returncode != 0:
            sys.exit(f"{command.name}: status {process.returncode}\n{err}")
        shutil.rmtree(out)
    return time.monotonic() - begun


def interrupted(command: Command, out: Path, after_seconds: float) -> tuple[str, str]:
    """How the command ended that was interrupted after that time, in words; and what it said."""
    process = command.start(out)
    time.sleep(after_seconds)
    os.killpg(process.pid, signal.SIGINT)  # no other process has its number before it is waited for
    try:
        _, err = process.communicate(timeout=120)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        _, err = process.communicate()
        return "WRONG: did not end", err
    said = [line for line in err.splitlines() if line]
    if left_behind(process.pid):
        return "WRONG: left a process behind", err
    if list(out.rglob(".partial-*")):
        return "WRONG: left half a file behind", err
    if process.returncode == 0:
        return ("done before" if LINE not in err else "WRONG: status 0 though interrupted"), err
    if process.returncode == 130 and said[-1:] == [LINE] and "Traceback" not in err:
        return "one line, status 130", err
    if before_our_code(err):
        return "before a line of ours could run", err
    return f"WRONG: status {process.returncode}", err


def before_our_code(err: str) -> bool:
    """Whether what Python said shows that the handler of Ctrl-C did not stand yet."""
    frames = list(FRAME.finditer(err))
    at_start = all(
        frame["name"] == "<module>" and frame["file"].endswith(BEFORE_THE_HANDLER)
        for frame in frames
    )
    chained = err.count("another exception occurred")
    return at_start and LINE not in err and err.count("Traceback") - chained <= 1


def left_behind(group: int) -> bool:
    """Whether processes of the group are still there after a while."""
    deadline = time.monotonic() + SOON_SECONDS
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return False
        time.sleep(0.05)
    os.killpg(group, signal.SIGKILL)
    return True


@contextmanager
def busy_cores(count: int) -> Iterator[None]:
    """Keep so many cores busy meanwhile."""
    others = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"], start_new_session=True)
        for _ in range(count)
    ]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


def main(words: Sequence[str] | None = None) -> int:
    """Interrupt, count, and say whether all went as promised."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=500)
    parser.add_argument("--busy", type=int, default=0, metavar="N", help="keep N cores busy")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(words)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # Started in the background of a shell: the commands would inherit that and end undisturbed.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    rng = random.Random(options.seed)
    ends: dict[str, Counter[str]] = {}
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        tried = commands(work)
        out = work / "out"
        with busy_cores(options.busy):
            seconds = {command.name: undisturbed_seconds(command, out) for command in tried}
            for k in range(options.times):
                command = tried[k % len(tried)]
                # Half of them in the first half second: the way to the handler and into the command.
                longest = 0.5 if rng.random() < 0.5 else LONGEST_SECONDS
                span = min(longest, seconds[command.name])
                after = rng.uniform(0, span)
                end, err = interrupted(command, out, after)
                ends.setdefault(command.name, Counter())[end] += 1
                if end.startswith("WRONG"):
                    print(f"{command.name}, after {after:.3f} s: {end}\n{err}\n", flush=True)
                shutil.rmtree(out, ignore_errors=True)
                if (k + 1) % 50 == 0:
                    print(f"{k + 1} of {options.times}", flush=True)
    for name, counts in ends.items():
        told = ", ".join(f"{count} {end}" for end, count in sorted(counts.items()))
        print(f"{name} ({seconds[name]:.1f} s): {told}")
    wrong = sum(
        n for counts in ends.values() for end, n in counts.items() if end.startswith("WRONG")
    )
    print(
        f"{options.times} interrupts, {options.busy} busy cores, seed {options.seed}: {wrong} wrong"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
