"""How much memory `predict` needs for an hour of video, beside a minute.

    python scripts/predict_memory.py [--seconds 3600] [--size 320x240] [--fps 10] [--classes 101]

Makes a run with small untrained networks and two videos, a few seconds whose packets are repeated, and
predicts each in a process of its own, as a timeline with scores as CSV and Parquet. There are eight
windows a second however few frames: fewer take less time and as much memory. Prints the peaks, and fails
where the long video needs more than 100 MiB more. Ten minutes.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

SHORT_SECONDS, LOOP_SECONDS, ALLOWED_MIB = 60, 4, 100


def write_video(path: Path, *, seconds: int, width: int, height: int, fps: int) -> None:
    """A picture that drifts round, in H.264: a few seconds of it, again and again."""
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 256, (height // 8, width // 8, 3), np.uint8)
    picture = np.kron(coarse, np.ones((8, 8, 1), np.uint8))
    options = {"preset": "ultrafast", "bf": "0", "g": str(fps * LOOP_SECONDS)}
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps, options=options)
        stream.width, stream.height, stream.pix_fmt = picture.shape[1], picture.shape[0], "yuv420p"
        packets = []
        for k in range(fps * LOOP_SECONDS):
            image = np.roll(picture, 2 * k, axis=1)
            packets += stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24"))
        packets += stream.encode()
        contents = [(bytes(packet), packet.is_keyframe) for packet in packets]
        for k in range(seconds * fps):
            content, is_key = contents[k % len(contents)]
            packet = av.Packet(content)
            packet.stream = stream
            packet.pts = packet.dts = k
            packet.time_base = Fraction(1, fps)
            packet.is_keyframe = is_key
            container.mux(packet)


def make_run(folder: Path, *, classes: int, size_px: int) -> None:
    """Two streams as `train` leaves them, untrained."""
    from twostream.models.backend import prepare_keras

    prepare_keras(seed=0)
    from twostream.models.backbones import load_backbone
    from twostream.models.classifier import build_classifier
    from twostream.sources.specification import FlowSpecification
    from twostream.training.bundle import StreamBundle, TrainingFacts, write_bundle
    from twostream.transforms.preprocessing import Preprocessing

    facts = {"weights": None, "split": 1, "n_train": 0, "n_validation": 0, "selection": ""}
    texts = {"backbone": "cnn-s", "fingerprint": "", "content": ""}
    for stream in ("spatial", "temporal"):
        preprocessing = Preprocessing(stream=stream, size_px=size_px)
        place = folder / stream
        place.mkdir(parents=True)
        backbone = load_backbone(
            "cnn-s", weights="none", channels=preprocessing.channels, size_px=size_px
        )
        model = build_classifier(backbone, n_classes=classes, dropout=0.0, head_l2=0.0)
        model.save(place / "model.keras")
        write_bundle(
            StreamBundle(
                folder=place,
                classes=tuple(f"class {k}" for k in range(classes)),
                preprocessing=preprocessing,
                flow=FlowSpecification(algorithm="dis"),
                training=TrainingFacts(**facts, **texts, selected_epoch=0, environment={}),
            )
        )


def measured(run: Path, video: Path) -> dict[str, float]:
    """Predict in a process of its own; its peak in MiB and its seconds."""
    done = subprocess.run(
        [sys.executable, __file__, "--one", str(run), str(video)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def predict_one(run: Path, video: Path) -> None:
    """What the process does."""
    import twostream

    started = time.monotonic()
    twostream.predict(
        run,
        str(video),
        timeline=True,
        on_above=0.5,
        csv=video.with_suffix(".csv"),
        parquet=video.with_suffix(".parquet"),
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"mib": peak, "seconds": time.monotonic() - started}))


def main() -> None:
    """See the top of this file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=3600)
    parser.add_argument("--size", default="320x240")
    parser.add_argument("--fps", type=int, default=10)
    parser.add_argument("--classes", type=int, default=101)
    parser.add_argument("--one", nargs=2, type=Path)
    given = parser.parse_args()
    if given.one:
        predict_one(*given.one)
        return
    width, height = map(int, given.size.split("x"))
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        make_run(place / "run", classes=given.classes, size_px=32)
        peaks = {}
        for seconds in (SHORT_SECONDS, given.seconds):
            video = place / f"{seconds}.mp4"
            write_video(video, seconds=seconds, width=width, height=height, fps=given.fps)
            found = measured(place / "run", video)
            peaks[seconds] = found["mib"]
            print(
                f"{seconds} s of video: {found['mib']:.0f} MiB, {found['seconds']:.0f} s",
                flush=True,
            )
    more = peaks[given.seconds] - peaks[SHORT_SECONDS]
    print(f"{more:+.0f} MiB; at most {ALLOWED_MIB} are allowed")
    sys.exit(more > ALLOWED_MIB)


if __name__ == "__main__":
    main()
