"""`make never-lost`: whatever goes wrong while a finished run is replaced, its models stay and can be used.

For each of `train`, `run` and `run --splits`, a finished run is to be replaced, and the command meets
a network file that is none, a download that fails, a full disk, Ctrl-C at many moments, and a hard kill
between every two steps in which what is new takes its place. After each, every model in the run has the
bytes it had (or, once all is decided, all have those of the new run), and `evaluate` works. Prints what
it found, writes it to OUT/never_lost.json, and ends with status 1 where anything was lost.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / "packages" / "twostream" / "tests" / "support"))

QUICK = ["--size", "32", "--stack-length", "4", "--backbone", "cnn-s"]
SCORED = ["--protocols", "one-frame", "--engine", "keras"]
# So that a download fails at once and nothing is found that was downloaded before.
NO_NETWORK = {"https_proxy": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9"}
# The command line, with a kill before step N of those that change the file system in `staging`.
KILLED_AT_STEP = """
import os, signal, sys
from twostream import staging
from twostream.cli.main import run_command

left = [int(sys.argv.pop(1))]

def counted(works):
    def step(*arguments, **options):
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left[0] -= 1
        return works(*arguments, **options)
    return step

staging.write_json = counted(staging.write_json)
staging.shutil.rmtree = counted(staging.shutil.rmtree)
for name in ("rename", "replace", "unlink"):
    # Other modules rename files too: only what `staging` does is a step.
    works = getattr(staging.Path, name)
    def step(self, *arguments, works=works, **options):
        caller = sys._getframe(1).f_globals.get("__name__")
        return (counted(works) if caller == "twostream.staging" else works)(self, *arguments, **options)
    setattr(staging.Path, name, step)
sys.exit(run_command(sys.argv[1:]))
"""


@dataclass(frozen=True)
class Verb:
    """One of the commands that replace: its words, and the folder of a finished run that it made."""

    name: str
    words: tuple[str, ...]

    def command(self, *more: str) -> list[str]:
        """The whole command line; later flags win."""
        return [sys.executable, "-m", "twostream", *self.words, *more]


def verbs() -> list[Verb]:
    """The three of them; paths are relative to the folder of a copy."""
    lists = ["--annotations", "lists", "--flow", "dis", *QUICK, *SCORED]
    return [
        Verb("train", ("train", "spatial", "run/data", "--out", "run", *QUICK)),
        Verb("run", ("run", "videos", "--out", "run", *lists)),
        Verb("run --splits", ("run", "videos", "--out", "splits", "--splits", "1,2", *lists)),
    ]


def prepare_runs(folder: Path, names: list[str]) -> None:
    """Videos, two splits of them, and a finished run of one split, of both, or either."""
    from version_0_1 import unpacked

    unpacked(folder / "before")
    shutil.move(folder / "before" / "videos", folder / "videos")
    shutil.rmtree(folder / "before")
    classes = ("down", "left", "right")
    lists = folder / "lists"
    lists.mkdir()
    (lists / "classInd.txt").write_text("".join(f"{k} {c}\n" for k, c in enumerate(classes, 1)))
    for split in (1, 2):
        for side, group in (("train", split), ("test", 3 - split)):
            files = [f"{c}/v_{c}_g{group:02d}_c01.avi" for c in classes]
            (lists / f"{side}list{split:02d}.txt").write_text("\n".join(files) + "\n")
    (folder / "junk.keras").write_bytes(b"no network")
    needed = {"run --splits" if name == "run --splits" else "run" for name in names}
    for verb in (verb for verb in verbs() if verb.name in needed):
        done = subprocess.run(
            verb.command("--epochs", "1"), cwd=folder, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise SystemExit(done.stderr)


def models(folder: Path) -> dict[str, str]:
    """The models in place, by their paths, and the digests of their bytes."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("model.keras"))
        if not {".next", ".previous"} & set(path.relative_to(folder).parts)
    }


class Trial:
    """One verb on copies of the finished runs."""

    def __init__(self, verb: Verb, finished: Path, work: Path) -> None:
        self.verb, self.finished, self.work = verb, finished, work
        self.out = "splits" if verb.name == "run --splits" else "run"
        self.before = models(finished / self.out)
        self.failures: list[str] = []
        self.seen: dict[str, int] = {}

    def copy(self, source: Path | None = None) -> Path:
        """A fresh copy of the finished runs, or of another folder."""
        target = self.work / "copy"
        shutil.rmtree(target, ignore_errors=True)
        return Path(shutil.copytree(source or self.finished, target))

    def check(self, what: str, folder: Path, *, may_be_new: bool) -> None:
        """Note a failure unless all models are the old ones (or all of the new run), and can be used."""
        command = [sys.executable, "-m", "twostream", "evaluate", self.out, *SCORED]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        now = models(folder / self.out)
        changed = [name for name in self.before if now.get(name) != self.before[name]]
        # `train` was told to replace one stream only.
        replaced = [n for n in self.before if self.verb.name != "train" or n.startswith("spatial")]
        if changed and not (may_be_new and changed == replaced and set(now) == set(self.before)):
            self.failures.append(f"{what}: lost or mixed: {', '.join(changed)}")
        if done.returncode != 0:
            self.failures.append(f"{what}: evaluate: {done.stderr[-500:]}")
        kind = "the new run" if changed else "the run before"
        self.seen[f"{what.partition(' at ')[0]}: {kind}"] = (
            self.seen.get(f"{what.partition(' at ')[0]}: {kind}", 0) + 1
        )

    def fails(self, what: str, *more: str, env: dict[str, str] | None = None) -> None:
        """The command ends with status 2 and one line, and nothing is lost."""
        folder = self.copy()
        command = self.verb.command("--epochs", "2", *more, "--replace")
        done = subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, **(env or {})},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 2 or "Traceback" in done.stderr:
            self.failures.append(f"{what}: status {done.returncode}: {done.stderr[-500:]}")
        self.check(what, folder, may_be_new=False)

    def full_disk(self) -> None:
        """The same in a file system with room for a part of what is new."""
        mounted = self.work / "small disk"
        mounted.mkdir(exist_ok=True)
        used = sum(p.stat().st_blocks * 512 for p in self.finished.rglob("*") if p.is_file())
        size = used + (64 << 10)
        mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(mounted)]
        if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
            self.seen["full disk: skipped, this user may not mount"] = 1
            return
        try:
            folder = Path(shutil.copytree(self.finished, mounted / "copy"))
            command = self.verb.command("--epochs", "2", "--replace")
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
            if done.returncode != 2 or "No space left" not in done.stderr:
                self.failures.append(f"full disk: status {done.returncode}: {done.stderr[-500:]}")
            subprocess.run(["mount", "-o", "remount,size=256m", str(mounted)], check=True)
            self.check("full disk", folder, may_be_new=False)
        finally:
            subprocess.run(["umount", "-l", str(mounted)], check=True)

    def interrupts(self, times: int) -> None:
        """Ctrl-C at moments that divide the undisturbed command's time."""
        started = time.monotonic()
        command = self.verb.command("--epochs", "2", "--replace")
        folder = self.copy()
        subprocess.run(command, cwd=folder, capture_output=True, check=True)
        took = time.monotonic() - started
        for k in range(times):
            folder = self.copy()
            process = subprocess.Popen(
                command, cwd=folder, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
            )
            time.sleep(took * (k + 0.5) / times)
            process.send_signal(signal.SIGINT)
            _, err = process.communicate()
            if process.returncode not in (0, 130, -signal.SIGINT) or "Traceback" in err:
                self.failures.append(f"Ctrl-C at {k}: status {process.returncode}: {err[-500:]}")
            self.check(f"Ctrl-C at {k}", folder, may_be_new=True)

    def kills(self, *, every: int) -> None:
        """A hard kill before each step of the swap (or `every` so many); the training is done once."""
        folder = self.copy()
        command = self.verb.command("--epochs", "2", "--replace")[3:]

        def killed_at(step: int, folder: Path) -> int:
            words = [sys.executable, "-c", KILLED_AT_STEP, str(step), *command]
            return subprocess.run(words, cwd=folder, capture_output=True, check=False).returncode

        # Step 0 is the first of a commit: all is trained, nothing has moved.
        if killed_at(0, folder) != -signal.SIGKILL:
            self.failures.append("kill at 0: the command did not come to its commit")
            return
        trained = self.work / "trained"
        shutil.rmtree(trained, ignore_errors=True)
        folder.rename(trained)
        for step in range(0, 200, every):
            folder = self.copy(trained)
            status = killed_at(step, folder)
            self.check(f"kill at {step}", folder, may_be_new=True)
            if status == 0:
                return
        self.failures.append("kills: the commit has no end")


def main() -> int:
    """Run all of it, or the part that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--interrupts", type=int, default=20)
    parser.add_argument("--every", type=int, default=1, help="kill at every so many steps only")
    parser.add_argument("--verbs", nargs="*", default=[verb.name for verb in verbs()])
    arguments = parser.parse_args()
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # Started in the background of a shell: the commands would inherit that.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    work = arguments.out.absolute()
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    finished = work / "finished"
    finished.mkdir()
    prepare_runs(finished, arguments.verbs)
    results: dict[str, Any] = {}
    for verb in verbs():
        if verb.name not in arguments.verbs:
            continue
        trial = Trial(verb, finished, work)
        trial.fails("junk backbone", "--backbone", "junk.keras")
        home = {**NO_NETWORK, "KERAS_HOME": str(work / "keras")}
        trial.fails("failed download", "--backbone", "ResNet50", env=home)
        trial.full_disk()
        trial.kills(every=arguments.every)
        trial.interrupts(arguments.interrupts)
        results[verb.name] = {"seen": trial.seen, "failures": trial.failures}
        print(f"{verb.name}:", *(f"  {n} x {what}" for what, n in trial.seen.items()), sep="\n")
        print(*(f"  FAILED {failure}" for failure in trial.failures), sep="\n")
    (work / "never_lost.json").write_text(json.dumps(results, indent=2) + "\n")
    for name in ("finished", "copy", "trained"):
        shutil.rmtree(work / name, ignore_errors=True)
    return int(any(found["failures"] for found in results.values()))


if __name__ == "__main__":
    sys.exit(main())
