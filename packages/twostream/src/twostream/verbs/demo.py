"""The verb `demo`: generated clips of a human figure through the whole pipeline."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def demo(*, out: Path = Path("demo"), seed: int = 0) -> dict[str, Any]:
    """Generate clips of a moving figure, then prepare, train, evaluate and report on them.

    Some of its classes differ only by motion, some only by appearance.

    Parameters
    ----------
    out
        Run folder.
    seed
        Seed of the clips and of everything else.
    """
    from twostream.generated.dataset import generate_clips
    from twostream.progress import Progress
    from twostream.verbs.run import run

    progress = Progress("generate", total=0)

    def on_clip(done: int, total: int) -> None:
        progress.total = total
        progress.advance(done - progress.done)

    videos = generate_clips(out / "videos", seed=seed, on_clip=on_clip)
    progress.refresh(last=True)
    return run(
        videos,
        out=out,
        flow="dis",
        backbone="cnn-s",
        size=80,
        epochs=DEMO_EPOCHS,
        batch_size=32,
        samples_per_clip=2,
        dropout=0.3,
        seed=seed,
    )


DEMO_EPOCHS = 20
