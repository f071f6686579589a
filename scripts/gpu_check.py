"""What a GPU does with twostream, in at most eight minutes: `python scripts/gpu_check.py OUT`.

For a bare machine with PyTorch and this package: a training step of ResNet-50 beside plain PyTorch's, eager
and compiled, in float32 and in what `--precision auto` takes, with the most memory that each needs; scoring
by each engine; generated clips from videos to scores. OUT/gpu_check.json has all figures, with the names of
card and libraries. Parts that would begin after their time are left out, which is said. `--tiny` is for a
try without a GPU, of all parts: small pictures and few of them.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from twostream.environment import describe_environment
from twostream.models.backend import prepare_keras
from twostream.models.device import Compute, described, on_device, resolve_compute

LIMIT_SECONDS = 420  # the last part that begins before ends before 480


def main() -> None:
    """Run the parts one after another and keep what each tells."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--tiny", action="store_true")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    prepare_keras(seed=0)
    compute = resolve_compute(asked.device, purpose="training")
    found: dict[str, Any] = {
        "device": described(compute.device),
        "precision": compute.dtype,
        "environment": describe_environment(),
    }
    parts: dict[str, Callable[[], Any]] = {
        "training": lambda: training_steps(compute, tiny=asked.tiny),
        "scoring": lambda: scoring(str(compute.device), tiny=asked.tiny),
        "end to end": lambda: end_to_end(asked.out / "run", str(compute.device), tiny=asked.tiny),
    }
    started = time.monotonic()
    for name, part in parts.items():
        if not asked.tiny and time.monotonic() - started > LIMIT_SECONDS:
            found[name] = "left out: the time was over"
        else:
            begun = time.monotonic()
            found[name] = part()
            found[f"{name}, seconds"] = round(time.monotonic() - begun, 1)
        (asked.out / "gpu_check.json").write_text(json.dumps(found, indent=1) + "\n")
    print(json.dumps(found, indent=1))


def training_steps(compute: Compute, *, tiny: bool) -> dict[str, Any]:
    """Seconds and memory of a step: ours, plain PyTorch's, and that compiled, in float32 and by default."""
    import torch
    from twostream.lab.yardsticks.training_steps import (
        NativeStep,
        fine_tuned_classifier,
        keras_step,
        random_batch,
    )

    size_px, batch, steps = (64, 2, 2) if tiny else (192, 32, 10)
    pixels, targets = random_batch(size_px=size_px, channels=3, batch_size=batch, classes=51)
    samples = pixels.astype(np.float32)
    told: dict[str, Any] = {"batch_size": batch, "size_px": size_px}
    with on_device(compute.device):
        ours = fine_tuned_classifier(
            "ResNet50", weights="none", channels=3, size_px=size_px, classes=51, fast=True
        )
        for numbers in dict.fromkeys((Compute(compute.device), compute)):
            native, compiled = NativeStep(ours, numbers), NativeStep(ours, numbers)
            compiled.model = torch.compile(compiled.model)  # type: ignore[assignment]
            ways: dict[str, Callable[[], object]] = {
                "twostream": lambda numbers=numbers: keras_step(ours, samples, targets, numbers),
                "PyTorch": lambda native=native: native(samples, targets),
                "PyTorch, compiled": lambda compiled=compiled: compiled(samples, targets),
            }
            for name, step in ways.items():
                told[f"{name}, {numbers.dtype}"] = measured(step, steps, compute.device.kind)
    return told


def measured(step: Callable[[], object], steps: int, kind: str) -> dict[str, Any] | str:
    """Median seconds of a step, which waits for its loss, and the most memory of the device."""
    import torch

    on_gpu = kind == "cuda"
    try:
        step()
        if on_gpu:
            torch.cuda.reset_peak_memory_stats()
        seconds = []
        for _ in range(steps):
            started = time.perf_counter()
            step()
            seconds.append(time.perf_counter() - started)
    except Exception as error:  # a compiler is missing, say: the other ways still count
        return f"failed: {type(error).__name__}: {str(error).splitlines()[0][:200]}"
    told: dict[str, Any] = {"seconds": float(np.median(seconds))}
    if on_gpu:
        told["gib"] = round(torch.cuda.max_memory_allocated() / 2**30, 2)
    return told


def scoring(device: str, *, tiny: bool) -> dict[str, Any]:
    """Images a second by each engine, in float32 and in bfloat16."""
    from twostream.lab.benchmarks.bench_inference import bench_inference

    size, images, rounds = (64, 4, 1) if tiny else (224, 256, 5)
    results = bench_inference(
        device=device, precision="bf16", size=size, images=images, rounds=rounds
    )
    return {
        name: {key: row[key] for key in ("images_per_second", "largest_difference")}
        for name, row in results["ways"].items()
    }


def end_to_end(out: Path, device: str, *, tiny: bool) -> dict[str, Any]:
    """Generated clips, prepared, trained and scored on the device."""
    from twostream.lab.generated.dataset import generate_clips
    from twostream.verbs.run import run

    groups, epochs = (3, 1) if tiny else (6, 4)
    videos = generate_clips(
        out / "videos", groups_per_class=groups, clips_per_group=1, width_px=80, height_px=80
    )
    run(videos, out=out, backbone="cnn-s", size=64, epochs=epochs, device=device, flow="dis")
    results = json.loads((out / "results.json").read_text())
    return {"protocols": results["protocols"], "engines": results["engines"]}


if __name__ == "__main__":
    main()
