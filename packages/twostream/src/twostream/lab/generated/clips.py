"""One clip: an actor performs an action in a room, photographed as a film."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from functools import lru_cache

import cv2
import numpy as np

from twostream.errors import TwostreamError
from twostream.lab.generated.actions import ACTIONS, CLASSES, Action, Prop
from twostream.lab.generated.distractors import draw_distractors, paint_distractors
from twostream.lab.generated.figure import Held, paint_figure, paint_shadow
from twostream.lab.generated.keyframes import CHANNELS, FloatArray
from twostream.lab.generated.look import Look, draw_look
from twostream.lab.generated.painting import Picture
from twostream.lab.generated.props import draw_prop_textures
from twostream.lab.generated.scene import draw_camera, draw_room, photograph
from twostream.lab.generated.skeleton import joints_of
from twostream.lab.generated.stage import draw_stage, paint_carpet, paint_stool
from twostream.lab.generated.timing import draw_phases

_OVERSAMPLING = 2


def render_clip(
    class_name: str,
    *,
    seed: int,
    group: int,
    clip: int,
    width_px: int = 128,
    height_px: int = 96,
) -> Picture:
    """Return one clip of `class_name`, uint8 RGB of shape (26 to 34, height, width, 3), 25 fps.

    The same arguments give the same pixels. Clips of one `group`, whatever their class, show the
    same actor in the same room, so that a look tells nothing of the class; everything else (place,
    size, tempo, camera, light, noise) is drawn anew for every clip. Raises TwostreamError for an
    unknown class or a frame below 32 pixels.

    >>> render_clip("wave_fast", seed=0, group=1, clip=1, width_px=64, height_px=48).shape[1:]
    (48, 64, 3)
    """
    if class_name not in ACTIONS:
        raise TwostreamError(
            class_name,
            expected="one of " + ", ".join(CLASSES),
            found="an unknown class",
            remedy="choose a class of that list",
        )
    if min(width_px, height_px) < 32:
        raise TwostreamError(
            f"{width_px}x{height_px}",
            expected="frames of at least 32x32 pixels",
            found="smaller ones",
            remedy="raise width_px or height_px",
        )
    action = ACTIONS[class_name]
    code = zlib.crc32(class_name.encode())
    look, room, props = _group(seed, group, width_px * _OVERSAMPLING, height_px * _OVERSAMPLING)
    rng = np.random.default_rng([seed, code, group, clip])
    frames = _film(action, look, room, props, rng, size=(width_px, height_px))
    return _develop(frames, rng)


@lru_cache(maxsize=16)
def _group(
    seed: int, group: int, width_px: int, height_px: int
) -> tuple[Look, Picture, Mapping[Prop, Picture]]:
    """What the clips of a group share, remembered while they are rendered one after the other."""
    rng = np.random.default_rng([seed, group])
    look, props = draw_look(rng), draw_prop_textures(rng)
    return look, draw_room(rng, width_px=width_px, height_px=height_px), props


def _film(
    action: Action,
    look: Look,
    room: Picture,
    props: Mapping[Prop, Picture],
    rng: np.random.Generator,
    *,
    size: tuple[int, int],
) -> Picture:
    width, height = (side * _OVERSAMPLING for side in size)
    phases = draw_phases(action, rng)
    stage = draw_stage(action, rng, phases=phases, width_px=width, height_px=height)
    camera = draw_camera(rng, frames=len(phases), width_px=width)
    distractors = draw_distractors(rng, frames=len(phases), width_px=width, height_px=height)
    joints = joints_of(_performed(action, phases, rng), look.proportions, yaw_degrees=stage.yaw)
    held = _held(action, props)
    frames = np.empty((len(phases), size[1], size[0], 3), np.uint8)
    for index, offset in enumerate(camera.offsets):
        canvas = photograph(room, 0.85 * offset, width_px=width, height_px=height)
        if action.context == "carpet":
            paint_carpet(canvas, stage, look, offset)
        paint_distractors(canvas, distractors, props, index, offset=offset)
        points = stage.project(joints, index, offset)
        scale = float(stage.scales_px[index])
        paint_shadow(canvas, points, scale_px=scale)
        if action.context == "stool":
            paint_stool(canvas, stage, look, index, offset)
        paint_figure(canvas, points, look, scale_px=scale, held=held)
        cv2.resize(canvas, size, dst=frames[index], interpolation=cv2.INTER_AREA)
    return frames


def _held(action: Action, props: Mapping[Prop, Picture]) -> tuple[Held, ...]:
    if action.prop is not None:
        return (Held(action.prop, props[action.prop]),)
    if action.context == "pompoms":
        return tuple(Held("pompom", props["pompom"], side) for side in ("left", "right"))
    if action.context == "mitten":
        return (Held("mitten", props["mitten"]),)
    return ()


def _performed(action: Action, phases: FloatArray, rng: np.random.Generator) -> FloatArray:
    """The poses of one performance: everybody moves a little differently."""
    poses = action.poses(phases)
    middle = poses.mean(axis=0)
    reach = rng.uniform(0.85, 1.12)
    habit = rng.normal(0.0, 4.0, len(CHANNELS))
    time = np.arange(len(phases))[:, None]
    sway = rng.uniform(0.0, 2.0, len(CHANNELS)) * np.sin(
        rng.uniform(0.08, 0.35, len(CHANNELS)) * time + rng.uniform(0, 6.3, len(CHANNELS))
    )
    result: FloatArray = middle + reach * (poses - middle) + habit + sway
    return result


def _develop(frames: Picture, rng: np.random.Generator) -> Picture:
    """Mirror half of the clips, let the exposure drift, add the noise of a sensor.

    Light changes within a clip rather than from clip to clip: a constant tint would be a name tag
    by which a network could learn its few clips by heart.
    """
    if rng.random() < 0.5:
        frames = frames[:, :, ::-1]
    from_gain, to_gain = rng.uniform(0.78, 1.15, 2)
    strength = rng.uniform(1.0, 4.5)
    count, height, width, _ = frames.shape
    # One sheet of noise, shifted anew for every frame: cheap, and never standing still.
    play = 32
    sheet = rng.standard_normal((height + play, width + play, 3), np.float32)
    sheet *= np.float32(strength)
    developed = np.empty((count, height, width, 3), np.uint8)
    gains = np.linspace(from_gain, to_gain, count, dtype=np.float32)
    for index, (top, left) in enumerate(rng.integers(0, play, (count, 2))):
        lit = frames[index] * gains[index]
        lit += sheet[top : top + height, left : left + width]
        developed[index] = np.clip(lit, 0, 255, out=lit)
    return developed
