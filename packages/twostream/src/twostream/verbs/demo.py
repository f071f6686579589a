"""The verb `demo`: generated clips of a human figure through the whole pipeline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from twostream.errors import TwostreamError
from twostream.paths import InputPath, OutputFolder, StrPath
from twostream.verbs.paths import checks_paths
from twostream.verbs.results import Evaluation, PlannedRun

# More actors with fewer clips each: with few, a network learns the actors by heart.
GROUPS_PER_CLASS = 30
CLIPS_PER_GROUP = 1
TEST_GROUPS = 10
SIDE_PX = 96
MOTION_GROUPS, TESTED_MOTION_GROUPS = 24, 4
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
    # Four of the eighteen: the fewest by which a weight of flow is chosen. The network of frames may be
    # poor, and half of the say would then cost what flow knows.
    "validation_fraction": 0.25,
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
    motions: bool = False,
    frames: InputPath | None = None,
    replace: bool = False,
) -> Evaluation | PlannedRun:
    """Generate clips of a moving figure, then prepare, train, evaluate and report on them.

    Some of its classes differ only by motion, some only by appearance.

    Parameters
    ----------
    out
        Run folder. Default: demo, demo-recordings or demo-motions, and with another seed than 0 with -SEED
        behind it.
    seed
        Seed of the clips and of everything else.
    recordings
        Generate recordings of a minute with a table of what happens when in them, instead of clips, and
        measure the timelines of those that are not trained on.
    motions
        Train a temporal stream alone on moving figures and on pictures under known motions, with the recipe
        `generated-motion`: a start for another run (`--temporal-from`).
    frames
        With `motions`: a folder of videos whose frames are moved. Without it, textures are.
    replace
        Replace a finished run of another seed: when the new one is trained, and not before.
    """
    from twostream.verbs.run import run

    _check_kinds(recordings=recordings, motions=motions, frames=frames)
    if motions:
        return _demo_of_motions(out, seed=seed, frames=frames, replace=replace)
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


def _check_kinds(*, recordings: bool, motions: bool, frames: StrPath | None) -> None:
    if recordings and motions:
        raise TwostreamError(
            "--motions",
            expected="one kind of demo",
            found="--recordings too",
            remedy="leave one of them out",
        )
    if frames is not None and not motions:
        raise TwostreamError(
            "--frames",
            expected="--motions: only there are frames of videos moved",
            found="another demo",
            remedy="add --motions, or leave --frames out",
        )


def _demo_of_motions(
    out: StrPath | None, *, seed: int, frames: StrPath | None, replace: bool
) -> Evaluation | PlannedRun:
    """Train a temporal stream on figures and on pictures under known motions."""
    from twostream.events import say
    from twostream.verbs.run import run

    out = Path(out or ("demo-motions" if seed == 0 else f"demo-motions-{seed}"))
    videos, lists = demo_motions(out, seed=seed, frames=None if frames is None else Path(frames))
    done = run(
        videos,
        out=out,
        annotations=lists,
        recipe="generated-motion",
        seed=seed,
        replace=replace,
    )
    say(f"next: twostream run VIDEOS --temporal-epochs 20 --temporal-from {out} --out RUN")
    return done


def demo_motions(out: Path, *, seed: int, frames: Path | None) -> tuple[Path, Path]:
    """The clips to learn motion from, and the lists of their split; what exists is kept.

    Clips of textures, and of the frames of each folder, have a folder of their own.
    """
    from twostream.lab.generated.actions import MOTION_CLASSES
    from twostream.lab.generated.known_motions import KNOWN_MOTIONS
    from twostream.lab.generated.motion_clips import motion_clips, name_of, pictures_of
    from twostream.progress import Progress

    pictures = () if frames is None else pictures_of(frames)
    videos = out / (f"frames-{name_of(pictures)}-{seed}" if pictures else f"textures-{seed}")
    total = (len(MOTION_CLASSES) + len(KNOWN_MOTIONS)) * MOTION_GROUPS
    with Progress("generate", total=total) as progress:
        motion_clips(
            videos,
            out / "lists",
            seed=seed,
            groups=MOTION_GROUPS,
            test_groups=TESTED_MOTION_GROUPS,
            side_px=SIDE_PX,
            pictures=pictures,
            on_clip=lambda done: progress.advance(done - progress.done),
        )
    return videos, out / "lists"


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
