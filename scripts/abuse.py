"""`make abuse`: damaged videos, hard kills, a full disk and a vanished folder against `prepare`.

Prints what it found and writes it to OUT/abuse.json; ends with status 1 where anything gave way.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from abuse_videos import write_mutants, write_seeds
from twostream.datasets.manifest import read_manifest
from twostream.datasets.problems import read_problems
from twostream.errors import TwostreamError
from twostream.preparation.ensure import ClipTask, ensure_clip
from twostream.preparation.options import ExtractionOptions
from twostream.store.clip import open_clip

LIMIT_SECONDS = 60  # for each video, without a new frame
OPTIONS = ["--flow", "dis", "--short-side", "32", "--workers", "2"]
SIGNS_OF_A_CRASH = ("killed by", "worker ended", "internal error", "no progress")


def command(source: Path, out: Path, *more: str) -> list[str]:
    """The command line of one `prepare`."""
    prepare = [sys.executable, "-m", "twostream", "prepare", str(source), "--out", str(out)]
    return [*prepare, *OPTIONS, *more]


def run(source: Path, out: Path, *more: str, seconds: float = 3600) -> tuple[int, str]:
    """Status and standard error of one `prepare`."""
    done = subprocess.run(
        command(source, out, *more), capture_output=True, text=True, timeout=seconds, check=False
    )
    return done.returncode, done.stderr


@contextmanager
def started(source: Path, out: Path, **options: Any) -> Iterator[subprocess.Popen[str]]:
    """One `prepare` at work, which does not outlast this process."""
    process = subprocess.Popen(command(source, out), stderr=subprocess.PIPE, text=True, **options)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def archives(out: Path) -> list[Path]:
    """The finished archives of a store."""
    return [
        path for path in (out / "clips").rglob("*.zip") if not path.name.startswith(".partial-")
    ]


def broken_archives(out: Path) -> list[str]:
    """What is wrong with each archive that is not whole."""
    broken = []
    for path in archives(out):
        try:
            open_clip(path).check(decode=True)
        except TwostreamError as error:
            broken.append(str(error))
    return broken


def digest(out: Path) -> dict[str, str]:
    """Relative path -> hash of every file of a store."""
    return {
        path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.name not in (".prepare.lock", ".verified.json")
    }


def damaged_videos(work: Path, seeds: list[Path], *, count: int, batch: int) -> dict[str, Any]:
    """`count` damaged videos through `prepare`, `batch` at a time."""
    outcome: Counter[str] = Counter()
    failures: list[str] = []
    for first in range(0, count, batch):
        source, out = work / "damaged", work / "data"
        for folder in (source, out):
            shutil.rmtree(folder, ignore_errors=True)
        videos = list(write_mutants(source, seeds, first=first, count=min(batch, count - first)))
        whole = seeds[0]  # one good clip a class, so that the batch always ends with a manifest
        for name in "ab":
            shutil.copy(whole, source / name / f"whole{whole.suffix}")
        limit = LIMIT_SECONDS * len(videos)
        status, err = run(source, out, "--timeout", str(LIMIT_SECONDS), seconds=limit)
        if status != 0 or "Traceback" in err:
            failures.append(f"videos from {first}: status {status}: {err[-2000:]}")
        problems = read_problems(out)
        refused = {problem.source for problem in problems if problem.stage == "decode"}
        used = {row.source for row in read_manifest(out).rows}
        failures += [
            f"{problem.source}: {problem.reason}"
            for problem in problems
            if any(sign in problem.reason for sign in SIGNS_OF_A_CRASH)
        ]
        names = {path.relative_to(source).as_posix() for path in videos}
        failures += [f"{name}: neither used nor refused" for name in names - refused - used]
        failures += broken_archives(out)
        failures += [f"left over: {path}" for path in out.rglob(".partial-*")]
        outcome["videos"] += len(videos)
        outcome["refused"] += len(names & refused)
        outcome["used"] += len(names & used)
        outcome["used with a warning"] += sum(p.stage == "warning" for p in problems)
        print(f"damaged videos: {dict(outcome)}, {len(failures)} failures", flush=True)
    return {**outcome, "failures": failures}


def leaks(work: Path, *, count: int) -> dict[str, Any]:
    """Memory and open files of one process that takes `count` damaged videos in turn."""
    child = [sys.executable, __file__, "--leak-child", str(work), "--videos", str(count)]
    done = subprocess.run(child, capture_output=True, text=True, timeout=7200, check=False)
    if done.returncode != 0:
        return {"failures": [f"status {done.returncode}: {done.stderr[-2000:]}"]}
    found = json.loads(done.stdout.splitlines()[-1])
    grown = found["mib_at_end"] - found["mib_at_half"]
    found["failures"] = []
    if grown > 32:
        found["failures"].append(f"memory grew by {grown:.0f} MiB in the second half")
    if found["files_at_end"] > found["files_at_half"]:
        found["failures"].append("files stay open")
    return found


def leak_child(work: Path, *, count: int) -> None:
    """In a process of its own, which a decoder may crash: every video twice, then the figures."""
    seeds = sorted((work / "seeds").iterdir())
    figures: dict[str, float] = {"videos": 2 * count}
    for half in ("half", "end"):
        for video in write_mutants(work / "leak", seeds, first=10_000_000, count=count):
            try:
                target = work / "leak.zip"
                options = ExtractionOptions(flow="dis", short_side_px=32)
                ensure_clip(ClipTask("a/a", video, target, options, fresh=True))
            except TwostreamError:
                pass
            video.unlink()
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        figures[f"mib_at_{half}"] = pages * os.sysconf("SC_PAGE_SIZE") / 2**20
        figures[f"files_at_{half}"] = len(list(Path("/proc/self/fd").iterdir()))
    print(json.dumps(figures))


def hard_kills(
    work: Path, source: Path, undisturbed: dict[str, str], *, kills: int
) -> dict[str, Any]:
    """Kill `prepare` at random moments and call it again, until it was killed `kills` times."""
    rng = random.Random(0)
    out = work / "killed"
    begun = time.monotonic()
    run(source, out)
    whole_run_seconds = time.monotonic() - begun
    done, finished, failures = 0, 0, []
    while True:
        last = done >= kills
        if not last and digest(out) == undisturbed:
            shutil.rmtree(out)
        with started(source, out, stdout=subprocess.DEVNULL, start_new_session=True) as process:
            try:
                begun = time.monotonic()
                moment = None if last else rng.uniform(0, whole_run_seconds)
                _, err = process.communicate(timeout=moment)
                # It was faster than thought: the next moments come earlier.
                whole_run_seconds = min(whole_run_seconds, time.monotonic() - begun)
            except subprocess.TimeoutExpired:
                # All of it, or the parent alone: its workers must then end by themselves.
                group = rng.random() < 0.5
                os.killpg(process.pid, signal.SIGKILL) if group else process.kill()
                process.communicate()
                done += 1
                failures += broken_archives(out)
                print(
                    f"hard kills: {done}, {len(archives(out))} clips stored, "
                    f"{len(failures)} failures",
                    flush=True,
                )
                continue
        finished += 1
        if process.returncode != 0 or "Traceback" in err:
            failures.append(f"after {done} kills: status {process.returncode}: {err[-2000:]}")
        elif digest(out) != undisturbed:
            failures.append(f"after {done} kills: the store differs from an undisturbed one")
        if last:
            return {"kills": done, "finished and equal": finished, "failures": failures}


def small_disk(work: Path) -> Path:
    """Where the full disk is mounted."""
    return work / "small disk"


def unmount(folder: Path) -> None:
    """Take the small disk away, even while a process that was just killed still holds it."""
    if folder.is_mount():
        subprocess.run(["umount", "-l", str(folder)], check=True)


def full_disk(work: Path, source: Path, undisturbed: dict[str, str]) -> dict[str, Any]:
    """A file system too small for the store: one line, nothing half; with more room it goes on."""
    mounted = small_disk(work)
    mounted.mkdir()
    # Room for half of the clips, whatever their number and size.
    size = sum(path.stat().st_size for path in archives(work / "undisturbed")) // 2
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(mounted)]
    failures = []
    try:
        if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
            return {"skipped": "this user may not mount a small file system", "failures": []}
        out = mounted / "data"
        status, err = run(source, out)
        message = (err.splitlines() or [""])[-1]
        if status != 2 or "No space left" not in message or "Traceback" in err:
            failures.append(f"status {status}: {err[-2000:]}")
        failures += broken_archives(out)
        failures += [f"left over: {path}" for path in out.rglob(".partial-*")]
        kept = len(archives(out))
        subprocess.run(["mount", "-o", "remount,size=64m", str(mounted)], check=True)
        status, err = run(source, out)
        if status != 0 or digest(out) != undisturbed:
            failures.append(f"with more room: status {status}: {err[-2000:]}")
    finally:
        unmount(mounted)
    return {"message": message, "clips kept": kept, "failures": failures}


def vanished_folder(work: Path, source: Path, undisturbed: dict[str, str]) -> dict[str, Any]:
    """The output folder goes while clips are written: one line; the same command makes it again."""
    out, failures = work / "vanishing", []
    with started(source, out) as process:
        while process.poll() is None and not archives(out):
            time.sleep(0.01)
        out.rename(work / "vanished")
        _, err = process.communicate()
    message = (err.splitlines() or [""])[-1]
    if process.returncode != 2 or "removed or replaced" not in message or "Traceback" in err:
        failures.append(f"status {process.returncode}: {err[-2000:]}")
    if (out / "manifest.parquet").exists():
        failures.append("a manifest of clips that are gone")
    status, err = run(source, out)
    if status != 0 or digest(out) != undisturbed:
        failures.append(f"again: status {status}: {err[-2000:]}")
    return {"message": message, "failures": failures}


def many_clips(folder: Path, seeds: list[Path], *, count: int) -> Path:
    """Copies of the seeds as a source of `count` clips in two classes."""
    for number in range(count):
        seed = seeds[number % len(seeds)]
        path = folder / "ab"[number % 2] / f"clip{number:03d}{seed.suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(seed, path)
    return folder


def main() -> int:
    """Run all of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("build/abuse"))
    parser.add_argument("--clips", type=Path, default=Path("../shared/data"), help="real clips")
    parser.add_argument("--videos", type=int, default=2000)
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--store-clips", type=int, default=48, help="clips of the store to kill")
    parser.add_argument("--leak-child", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.leak_child:
        leak_child(options.leak_child, count=options.videos)
        return 0
    for number in (signal.SIGTERM, signal.SIGHUP):
        # As Ctrl-C does: by an exception, so that nothing stays mounted and no child goes on.
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    work = options.out.absolute()
    unmount(small_disk(work))  # of an earlier run that had no time for it
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    begun = time.monotonic()
    seeds = write_seeds(work / "seeds", options.clips)
    source = many_clips(
        work / "videos", [s for s in seeds if work in s.parents], count=options.store_clips
    )
    run(source, work / "undisturbed")
    undisturbed = digest(work / "undisturbed")
    results: dict[str, Any] = {
        "vanished folder": vanished_folder(work, source, undisturbed),
        "full disk": full_disk(work, source, undisturbed),
        "hard kills": hard_kills(work, source, undisturbed, kills=options.kills),
        "leaks": leaks(work, count=max(1, options.videos // 10)),
        "damaged videos": damaged_videos(work, seeds, count=options.videos, batch=options.batch),
    }
    results["minutes"] = round((time.monotonic() - begun) / 60, 1)
    (work / "abuse.json").write_text(json.dumps(results, indent=2) + "\n")
    print(json.dumps(results, indent=2))
    return int(any(value["failures"] for value in results.values() if isinstance(value, dict)))


if __name__ == "__main__":
    sys.exit(main())
