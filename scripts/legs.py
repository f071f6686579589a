"""Try the versions that the packages promise: each leg makes an environment and does a short job in it.

Usage: python scripts/legs.py LEG... [--out build/legs] [--at-once 2]

floor        the lower bound of every dependency, on this Python; trains on PyTorch, JAX and TensorFlow
3.12, 3.13   the versions of constraints.txt on that Python, on JAX and without PyTorch
newest       whatever pip takes, bounds or not, on this Python; tells what comes of it, ends with 0

The job: decode videos, flow, train and score both streams, the report; a graph and questions to it; and
some of the tests. A Python that is not here is skipped and said so. What a leg printed is in OUT/LEG.log.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from dependencies import PACKAGES, ROOT, normal, pinned_lines, requirements

OTHER_PYTHONS = ("3.12", "3.13")
LEGS = ("floor", *OTHER_PYTHONS, "newest")
# What is closest to the dependencies: decoding, numba's compiler, locks, DuckDB and Polars. And the step
# of training that reads Keras's layers, where there is PyTorch.
TESTS = (
    "packages/twostream/tests/video/test_decode.py",
    "packages/twostream/tests/flow/tv_l1/test_compilation.py",
    "packages/twostream/tests/flow/tv_l1/test_iteration.py",
    "packages/twostream/tests/flow/test_opencv.py",
    "packages/twostream/tests/test_locks.py",
    "packages/streamergraph/tests/processing/test_process.py",
)
TESTS_ON_PYTORCH = (
    "packages/twostream/tests/models/test_batch_norm.py",
    "packages/twostream/tests/lab/yardsticks/test_training_steps.py",
)
# 430 MB and Java: `make spark` tries that extra.
SPARK = (
    "pyspark",
    "pyarrow",
    "pandas",
    "googleapis-common-protos",
    "grpcio",
    "grpcio-status",
    "zstandard",
)
PIP = ("-m", "pip", "--disable-pip-version-check", "--quiet")


@dataclass(frozen=True)
class Leg:
    """What is installed on which Python, and the backends of Keras that are tried."""

    name: str
    python: Path
    wanted: list[str]
    constraints: list[str]
    backends: tuple[str, ...]


def plan(name: str) -> Leg | None:
    """The leg of that name; None where its Python is not on this machine."""
    needed = {r.name: r for package in PACKAGES for r in requirements(package)}
    for package in SPARK:
        needed.pop(package, None)
    if name == "floor":
        return Leg(
            name,
            Path(sys.executable),
            [f"{r.name}=={r.lowest}" for r in needed.values()],
            pinned_lines(but={normal(name) for name in needed} | {"jaxlib", "dask"}),
            ("torch", "jax", "tensorflow"),
        )
    del needed["tensorflow"]
    if name == "newest":
        # The newest PyTorch is gigabytes of CUDA: pip's own PIP_CONSTRAINT says where another is wanted.
        pinned = [] if "PIP_CONSTRAINT" in os.environ else pinned_lines(but=set())
        pins = [line for line in pinned if line.startswith("torch==")]
        return Leg(name, Path(sys.executable), list(needed), pins, ("torch", "jax"))
    python = find_python(name)
    if python is None:
        return None
    del needed["torch"]
    return Leg(name, python, [str(r) for r in needed.values()], pinned_lines(but=set()), ("jax",))


def find_python(version: str) -> Path | None:
    """A Python of that version on PATH or among pyenv's."""
    found = [shutil.which(f"python{version}")]
    if pyenv := shutil.which("pyenv"):
        root = subprocess.run([pyenv, "root"], capture_output=True, text=True, check=True)
        versions = Path(root.stdout.strip(), "versions")
        found += sorted(map(str, versions.glob(f"{version}.*/bin/python")))
    for python in filter(None, found):
        # pyenv puts commands on PATH for versions that are not chosen: they only print an error.
        ask = [python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
        answer = subprocess.run(ask, capture_output=True, text=True, check=False)
        if answer.stdout.strip() == version:
            return Path(python)
    return None


def go(leg: Leg, folder: Path, wheels: list[Path]) -> int:
    """Make the environment and do the job; the exit status of the first command that fails, else 0."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "wanted.txt").write_text("\n".join([*leg.wanted, "pytest", "hypothesis"]) + "\n")
    (folder / "constraints.txt").write_text("\n".join(leg.constraints) + "\n")
    with log_path(folder).open("w", encoding="utf-8") as log:
        for backend, command in commands(leg, folder, wheels):
            words = [str(word) for word in command]
            log.write(f"\n$ KERAS_BACKEND={backend} {' '.join(words)}\n")
            log.flush()
            env = {**os.environ, "KERAS_BACKEND": backend, "JAX_PLATFORMS": "cpu"}
            env.pop("PYTHONPATH", None)  # what is tried are the wheels, not the sources
            status = subprocess.run(
                words, cwd=ROOT, env=env, stdout=log, stderr=subprocess.STDOUT, check=False
            ).returncode
            if status != 0:
                return status
    shutil.rmtree(folder / "venv")  # gigabytes
    return 0


def commands(leg: Leg, folder: Path, wheels: list[Path]) -> list[tuple[str, list[str | Path]]]:
    """What a leg does, in order: the backend of Keras and the words of each command."""
    python = folder / "venv" / "bin" / "python"
    install: list[str | Path] = [python, *PIP, "install", "--no-compile"]
    listed = ["--requirement", folder / "wanted.txt", "--constraint", folder / "constraints.txt"]
    smoke, usual = folder / "smoke", leg.backends[0]
    train = [python, "-m", "twostream", "train", "spatial", smoke / "run" / "data"]
    small = ["--backbone", "cnn-s", "--size", "32", "--epochs", "1"]
    return [
        (usual, [leg.python, "-m", "venv", folder / "venv"]),
        (usual, [*install, *listed]),
        (usual, [*install, "--no-deps", *wheels]),
        (usual, [python, *PIP, "freeze"]),
        (usual, [python, ROOT / "scripts" / "smoke.py", smoke]),
        *((other, [*train, "--out", folder / other, *small]) for other in leg.backends[1:]),
        (usual, [python, ROOT / "scripts" / "smoke_graph.py", folder / "smoke-graph"]),
        (usual, [python, "-m", "pytest", "--quiet", "-p", "no:cacheprovider", *tests(leg)]),
    ]


def tests(leg: Leg) -> list[str]:
    """The test files that run in a leg."""
    return [*TESTS, *(TESTS_ON_PYTORCH if "torch" in leg.backends else ())]


def log_path(folder: Path) -> Path:
    """Where everything is that the leg with this folder printed."""
    return folder.with_name(f"{folder.name}.log")


def build_wheels(folder: Path) -> list[Path]:
    """The wheels of all packages, made by this Python."""
    shutil.rmtree(folder, ignore_errors=True)
    for package in PACKAGES:
        build = [sys.executable, "-m", "build", "--no-isolation", "--quiet", "--wheel"]
        subprocess.run([*build, "--outdir", folder, ROOT / "packages" / package], check=True)
    return sorted(folder.glob("*.whl"))


def report(name: str, out: Path, wheels: list[Path]) -> bool:
    """Run one leg and say in a line how it went; whether all is well."""
    leg = plan(name)
    if leg is None:
        print(f"leg {name}: SKIPPED, no Python {name} on this machine", flush=True)
        return True
    began = time.monotonic()
    status = go(leg, out / name, wheels)
    took = f"after {time.monotonic() - began:.0f} s"
    log = log_path(out / name)
    if status == 0:
        print(f"leg {name}: passed {took} ({', '.join(leg.backends)})", flush=True)
        return True
    tail = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-40:])
    print(f"leg {name}: FAILED {took}, the end of {log}:\n{tail}", flush=True)
    return name == "newest"


def main() -> None:
    """Run the legs that are named."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("legs", nargs="+", choices=LEGS)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "legs")
    parser.add_argument("--at-once", type=int, default=2)
    chosen = parser.parse_args()
    out = chosen.out.absolute()
    wheels = build_wheels(out / "wheels")
    with ThreadPoolExecutor(chosen.at_once) as pool:
        fine = list(pool.map(lambda name: report(name, out, wheels), chosen.legs))
    sys.exit(0 if all(fine) else 1)


if __name__ == "__main__":
    main()
