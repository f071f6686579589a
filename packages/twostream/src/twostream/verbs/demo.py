"""The verb `demo`: generated clips of a human figure through the whole pipeline."""

from __future__ import annotations

from pathlib import Path

from twostream.paths import OutputPath
from twostream.verbs.paths import checks_paths
from twostream.verbs.results import Evaluation, PlannedRun

# More actors with fewer clips each: with few, a network learns the actors by heart.
GROUPS_PER_CLASS = 30
CLIPS_PER_GROUP = 1
TEST_GROUPS = 10
SIDE_PX = 96
RECORDING_SECONDS = 60.0
# An actor and a room that no clip shows.
RECORDING_NUMBER = 1000


@checks_paths
def demo(
    *, out: OutputPath | None = None, seed: int = 0, replace: bool = False
) -> Evaluation | PlannedRun:
    """Generate clips of a moving figure, then prepare, train, evaluate and report on them.

    Some of its classes differ only by motion, some only by appearance. Beside them is a recording of a
    minute, OUT/recording.mp4, for `predict`.

    Parameters
    ----------
    out
        Run folder. Default: demo, and with another seed than 0 demo-SEED.
    seed
        Seed of the clips and of everything else.
    replace
        Replace a finished run of another seed: when the new one is trained, and not before.
    """
    from twostream.events import say
    from twostream.verbs.run import run

    out = Path(out or ("demo" if seed == 0 else f"demo-{seed}"))
    videos, lists = demo_videos(out, seed=seed)
    recording = demo_recording(out, seed=seed)
    done = run(
        videos,
        out=out,
        annotations=lists,
        flow="dis",
        backbone="cnn-s",
        size=80,
        epochs=18,
        batch_size=32,
        samples_per_clip=3,
        segments=1,
        dropout=0.3,
        smallest_crop=0.8,
        validation_fraction=0.0,
        name="generated figures",
        seed=seed,
        replace=replace,
    )
    page = out / "timeline.html"
    say(f"next: twostream predict {out} {recording} --html {page} --overlay {out / 'overlay.mp4'}")
    return done


def demo_recording(out: Path, *, seed: int) -> Path:
    """A recording of a minute in which actions of the clips come and go; what exists is kept.

    ``recording.csv`` beside it has the true intervals.
    """
    from twostream.lab.generated.recording_script import CLIP_CLASSES
    from twostream.lab.generated.recordings import film, script_of, truth_of, write_recording
    from twostream.progress import step
    from twostream.timelines.files import write_intervals_csv

    target = out / "recording.mp4"
    script = script_of(
        seed=seed, number=RECORDING_NUMBER, seconds=RECORDING_SECONDS, classes=CLIP_CLASSES
    )
    truth = truth_of(script)
    if not target.exists():
        with step("film a recording of a minute"):
            frames = film(
                script, seed=seed, number=RECORDING_NUMBER, width_px=SIDE_PX, height_px=SIDE_PX
            )
            write_recording(target, frames, beeps_s=[one.start_s for one in truth])
    write_intervals_csv(target.with_suffix(".csv"), [(target.name, truth)])
    return target


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
