"""Long generated recordings, of which it is known what happens when."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

from twostream.atomic import atomic_path, write_csv
from twostream.lab.generated.actions import FRAMES_PER_SECOND
from twostream.lab.generated.figure import Held, paint_figure, paint_shadow
from twostream.lab.generated.keyframes import FloatArray
from twostream.lab.generated.look import draw_look
from twostream.lab.generated.painting import Picture
from twostream.lab.generated.props import draw_prop_textures
from twostream.lab.generated.recording_script import RECORDED, Activity, draw_script
from twostream.lab.generated.scene import draw_room, photograph
from twostream.lab.generated.skeleton import joints_of
from twostream.lab.generated.stage import Stage
from twostream.timelines.intervals import Interval
from twostream.video.opencv_threads import one_opencv_thread

TABLE_NAME = "intervals.csv"
TABLE_COLUMNS = ("path", "label", "split", "group", "start_seconds", "end_seconds")
SOUND_HZ, BEEP_S = 16_000, 0.2
_OVERSAMPLING = 2
_BLEND_FRAMES = 8
_NOISE_PLAY_PX = 32


def recording_name(number: int) -> str:
    """The file of a recording; they count from 1.

    >>> recording_name(3)
    'recording_03.mp4'
    """
    return f"recording_{number:02d}.mp4"


def script_of(
    *, seed: int, number: int, seconds: float, classes: Sequence[str] = RECORDED
) -> tuple[Activity, ...]:
    """What happens in a recording; see `draw_script`."""
    random = np.random.default_rng([seed, number, 1])
    return draw_script(random, seconds=seconds, classes=classes)


def truth_of(script: Sequence[Activity]) -> list[Interval]:
    """The actions of a script as intervals."""
    return [Interval(one.start_s, one.end_s, one.label) for one in script if one.label is not None]


def film(
    script: Sequence[Activity], *, seed: int, number: int, width_px: int = 96, height_px: int = 96
) -> Iterator[Picture]:
    """Yield the frames of a recording, uint8 RGB (height, width, 3), one at a time.

    One actor in one room, other ones for every `number`; the camera trembles, and light comes and goes.
    """
    rng = np.random.default_rng([seed, number, 2])
    width, height = width_px * _OVERSAMPLING, height_px * _OVERSAMPLING
    look, props = draw_look(rng), draw_prop_textures(rng)
    room = draw_room(rng, width_px=width, height_px=height)
    frames = script[-1].end
    stage = _place(rng, frames, width, height)
    camera = _camera(rng, frames, width)
    gains = 0.97 + 0.15 * _slow_wave(rng, frames)
    joints = joints_of(_blended(script), look.proportions, yaw_degrees=stage.yaw)
    noise = rng.standard_normal((height_px + _NOISE_PLAY_PX, width_px + _NOISE_PLAY_PX, 3))
    noise = (noise * rng.uniform(1.0, 4.5)).astype(np.float32)
    mirrored = rng.random() < 0.5
    scale = float(stage.scales_px[0])
    for one in script:
        held = () if one.prop is None else (Held(one.prop, props[one.prop]),)
        for index in range(one.first, one.end):
            offset = camera[index]
            canvas = photograph(room, 0.85 * offset, width_px=width, height_px=height)
            points = stage.project(joints, index, offset)
            paint_shadow(canvas, points, scale_px=scale)
            paint_figure(canvas, points, look, scale_px=scale, held=held)
            small: Any = cv2.resize(canvas, (width_px, height_px), interpolation=cv2.INTER_AREA)
            top, left = rng.integers(0, _NOISE_PLAY_PX, 2)
            lit = small * np.float32(gains[index])
            lit += noise[top : top + height_px, left : left + width_px]
            frame: Picture = np.clip(lit, 0, 255).astype(np.uint8)
            yield np.ascontiguousarray(frame[:, ::-1]) if mirrored else frame


def write_recordings(
    out: Path,
    *,
    seed: int = 0,
    sides: Sequence[str] = ("train", "train", "test"),
    seconds: float = 60.0,
    test_seconds: float | None = None,
    width_px: int = 96,
    height_px: int = 96,
    with_sound: bool = False,
    on_frame: Callable[[], None] = lambda: None,
) -> Path:
    """Write a recording for each of the `sides`, and the table of what happens in them; return the table.

    ``out/recording_<NN>.mp4`` and ``out/intervals.csv``, one action a row; recordings of the test part
    last `test_seconds`. With sound, a tone tells where an action begins. Recordings that exist are left
    as they are. `on_frame` is called after every frame.
    """
    rows: list[tuple[Any, ...]] = []
    for number, side in enumerate(sides, start=1):
        length = seconds if side != "test" or test_seconds is None else test_seconds
        script = script_of(seed=seed, number=number, seconds=length)
        name = recording_name(number)
        rows += [
            (name, one.label, side, name.partition(".")[0], one.start_s, one.end_s)
            for one in truth_of(script)
        ]
        target = out / name
        if target.exists():
            continue
        size = {"width_px": width_px, "height_px": height_px}
        frames = film(script, seed=seed, number=number, **size)
        beeps = [one.start_s for one in script if one.label] if with_sound else None
        write_recording(target, frames, beeps_s=beeps, on_frame=on_frame)
    write_csv(out / TABLE_NAME, TABLE_COLUMNS, rows)
    return out / TABLE_NAME


def write_recording(
    target: Path,
    frames: Iterator[Picture],
    *,
    beeps_s: Sequence[float] | None = None,
    on_frame: Callable[[], None] = lambda: None,
) -> None:
    """Write frames as H.264 in MP4, which browsers play, whole or not at all; sides must be even.

    With `beeps_s` there is a track of sound, silent but for a short tone at each of these moments.
    """
    with (
        one_opencv_thread(),  # the shapes are of a few hundred pixels
        atomic_path(target, durable=False) as temporary,
        av.open(str(temporary), "w", format="mp4", options={"movflags": "+faststart"}) as file,
    ):
        stream: Any = file.add_stream("libx264", rate=Fraction(FRAMES_PER_SECOND))
        stream.pix_fmt = "yuv420p"
        stream.codec_context.thread_count = 1
        stream.codec_context.options = {"crf": "20", "preset": "veryfast"}
        sound = None if beeps_s is None else file.add_stream("aac", rate=SOUND_HZ, layout="mono")
        for number, frame in enumerate(frames):
            if number == 0:
                stream.height, stream.width = frame.shape[:2]
            file.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
            if sound is not None and beeps_s is not None:
                _add_sound(file, sound, number, beeps_s)
            on_frame()
        file.mux(stream.encode())
        if sound is not None:
            file.mux(sound.encode())


def _add_sound(file: Any, sound: Any, number: int, beeps_s: Sequence[float]) -> None:
    """The sound that belongs to a frame."""
    samples = SOUND_HZ // FRAMES_PER_SECOND
    time = (number * samples + np.arange(samples)) / SOUND_HZ
    heard = np.zeros(samples)
    for begin in beeps_s:
        envelope = np.clip(1 - (time - begin) / BEEP_S, 0, 1) * (time >= begin)
        heard += 0.25 * envelope * np.sin(2 * np.pi * 660 * (time - begin))
    frame = av.AudioFrame.from_ndarray(heard.astype(np.float32)[None], "fltp", "mono")
    frame.rate, frame.pts, frame.time_base = SOUND_HZ, number * samples, Fraction(1, SOUND_HZ)
    file.mux(sound.encode(frame))


def _blended(script: Sequence[Activity]) -> FloatArray:
    """All poses (frames, channels); one activity goes over into the next within a third of a second."""
    poses = np.concatenate([one.poses for one in script])
    frames = np.arange(len(poses))
    blended = poses.copy()
    for before, after in itertools.pairwise(script):
        reach = min(_BLEND_FRAMES // 2, before.end - before.first, after.end - after.first)
        near = frames[before.end - reach : before.end + reach]
        share = ((near - before.end + reach + 0.5) / (2 * reach))[:, None]
        eased = share * share * (3 - 2 * share)
        blended[near] = (1 - eased) * poses[np.minimum(near, before.end - 1)] + eased * poses[
            np.maximum(near, after.first)
        ]
    return blended


def _place(rng: np.random.Generator, frames: int, width: int, height: int) -> Stage:
    scale = height * rng.uniform(0.66, 0.76)
    feet_y = height * rng.uniform(0.34, 0.38) + 0.8 * scale
    sideways = width * (0.5 + rng.uniform(-0.08, 0.08) + 0.03 * _slow_wave(rng, frames))
    feet = np.stack([sideways, np.full(frames, feet_y)], axis=1)
    return Stage(np.full(frames, scale), feet, float(rng.uniform(-28.0, 28.0)))


def _camera(rng: np.random.Generator, frames: int, width: int) -> FloatArray:
    """Where a camera in a hand looks, in pixels from the middle, (frames, 2)."""
    sway = np.stack([_slow_wave(rng, frames), _slow_wave(rng, frames)], axis=1)
    tremble = rng.uniform(0.0, 0.28) * rng.standard_normal((frames, 2))
    offsets: FloatArray = (rng.uniform(0.0, 3.0) * sway + tremble) * width / 128
    return offsets


def _slow_wave(rng: np.random.Generator, frames: int) -> FloatArray:
    """A wave between -1 and 1 that comes back every few seconds, (frames,)."""
    time = np.arange(frames) / FRAMES_PER_SECOND
    first, second = rng.uniform(0.03, 0.25, 2)
    turns = rng.random(2)
    wave: FloatArray = (
        np.sin(2 * np.pi * (first * time + turns[0]))
        + np.sin(2 * np.pi * (second * time + turns[1]))
    ) / 2
    return wave
