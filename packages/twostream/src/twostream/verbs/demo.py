"""The verb `demo`: generated clips of a human figure through the whole pipeline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from twostream.paths import OutputFolder, StrPath
from twostream.verbs.paths import checks_paths
from twostream.verbs.results import Evaluation, PlannedRun

# More actors with fewer clips each: with few, a network learns the actors by heart.
GROUPS_PER_CLASS = 30
CLIPS_PER_GROUP = 1
TEST_GROUPS = 10
SIDE_PX = 96
RECORDINGS, TESTED_RECORDINGS, RECORDING_SECONDS, RECORDING_PX = 20, 2, 60.0, 96
# What both demos are trained with.
SETTINGS: dict[str, Any] = {
    "flow": "dis",
    "backbone": "cnn-s",
    "batch_size": 32,
    "samples_per_clip": 3,
    "segments": 1,
    "dropout": 0.3,
    "smallest_crop": 0.8,
    "validation_fraction": 0.0,
}
# What is trained on the intervals of generated recordings.
OF_RECORDINGS: dict[str, Any] = {
    **SETTINGS,
    "background": "all",
    "size": 56,
    "epochs": 24,
    "label_smoothing": 0.05,
    "protocols": "one-frame",
    "name": "generated recordings",
}


@checks_paths
def demo(
    *,
    out: OutputFolder | None = None,
    seed: int = 0,
    recordings: bool = False,
    replace: bool = False,
) -> Evaluation | PlannedRun:
    """Generate clips of a moving figure, then prepare, train, evaluate and report on them.

    Some of its classes differ only by motion, some only by appearance.

    Parameters
    ----------
    out
        Run folder. Default: demo, or demo-recordings, and with another seed than 0 demo-SEED.
    seed
        Seed of the clips and of everything else.
    recordings
        Generate recordings of a minute with a table of what happens when in them, instead of clips, and
        measure the timelines of those that are not trained on.
    replace
        Replace a finished run of another seed: when the new one is trained, and not before.
    """
    from twostream.verbs.run import run

    if recordings:
        return _demo_of_recordings(out, seed=seed, replace=replace)
    out = Path(out or ("demo" if seed == 0 else f"demo-{seed}"))
    videos, lists = demo_videos(out, seed=seed)
    return run(
        videos,
        out=out,
        annotations=lists,
        size=80,
        epochs=18,
        name="generated figures",
        seed=seed,
        replace=replace,
        **SETTINGS,
    )


def _demo_of_recordings(
    out: StrPath | None, *, seed: int, replace: bool
) -> Evaluation | PlannedRun:
    """Train on the intervals of recordings, and measure the timelines of others."""
    from twostream.events import say
    from twostream.lab.generated.recordings import recording_name
    from twostream.verbs.run import run

    out = Path(out or ("demo-recordings" if seed == 0 else f"demo-recordings-{seed}"))
    table = demo_recordings(out, seed=seed)
    done = run(table, out=out, timelines=True, seed=seed, replace=replace, **OF_RECORDINGS)
    last = table.parent / recording_name(RECORDINGS)
    say(
        f"next: twostream predict {out} {last} --html {out / 'timeline.html'} "
        f"--overlay {out / 'overlay.mp4'}"
    )
    return done


def demo_recordings(out: Path, *, seed: int) -> Path:
    """The generated recordings below `out` and the table of what happens in them; what exists is kept."""
    from twostream.lab.generated.actions import FRAMES_PER_SECOND
    from twostream.lab.generated.recordings import write_recordings
    from twostream.progress import Progress

    sides = ["train"] * (RECORDINGS - TESTED_RECORDINGS) + ["test"] * TESTED_RECORDINGS
    total = round(RECORDINGS * RECORDING_SECONDS * FRAMES_PER_SECOND)
    with Progress("film recordings", total=total, unit="frame") as progress:
        return write_recordings(
            out / f"recordings-{seed}",
            seed=seed,
            sides=sides,
            seconds=RECORDING_SECONDS,
            width_px=RECORDING_PX,
            height_px=RECORDING_PX,
            with_sound=True,
            on_frame=progress.advance,
        )


def demo_videos(out: Path, *, seed: int) -> tuple[Path, Path]:
    """The generated clips and the lists of their split, below `out`; what exists is kept."""
    from twostream.lab.generated.actions import CLASSES
    from twostream.lab.generated.dataset import generate_clips
    from twostream.lab.generated.lists import write_split_lists
    from twostream.progress import Progress

    total = len(CLASSES) * GROUPS_PER_CLASS * CLIPS_PER_GROUP
    with Progress("generate", total=total) as progress:
        videos = generate_clips(
            out / f"videos-{seed}",
            seed=seed,
            groups_per_class=GROUPS_PER_CLASS,
            clips_per_group=CLIPS_PER_GROUP,
            width_px=SIDE_PX,
            height_px=SIDE_PX,
            on_clip=lambda done, _: progress.advance(done - progress.done),
        )
    lists = write_split_lists(
        out / "lists",
        groups_per_class=GROUPS_PER_CLASS,
        clips_per_group=CLIPS_PER_GROUP,
        test_groups=TEST_GROUPS,
    )
    return videos, lists
