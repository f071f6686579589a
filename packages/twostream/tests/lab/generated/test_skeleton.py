from __future__ import annotations

import numpy as np
import pytest
from twostream.lab.generated.actions import ACTIONS, CLASSES
from twostream.lab.generated.skeleton import Proportions, joints_of


@pytest.fixture(params=CLASSES)
def joints(request):
    poses = ACTIONS[request.param].poses(np.linspace(0, 1, 40, endpoint=False))
    return joints_of(poses, Proportions(), yaw_degrees=30.0)


def test_bones_keep_their_length(joints):
    body = Proportions()
    for begin, end, length in (
        ("hip", "knee", body.thigh),
        ("knee", "ankle", body.shin),
        ("shoulder", "elbow", body.upper_arm),
        ("elbow", "wrist", body.forearm),
    ):
        for side in ("left", "right"):
            bone = joints[f"{side}_{end}"] - joints[f"{side}_{begin}"]
            assert np.allclose(np.linalg.norm(bone, axis=1), length)


def test_feet_stand_on_the_ground(joints):
    heights = [
        joints[f"{side}_{name}"][:, 1] for side in ("left", "right") for name in ("ankle", "toe")
    ]
    assert np.allclose(np.min(heights, axis=0), 0.022)


def test_motion_is_smooth(joints):
    for track in joints.values():
        assert np.abs(np.diff(track, 2, axis=0)).max() < 0.03


def test_sitting_lowers_the_head():
    joints = joints_of(
        ACTIONS["sit_down"].poses(np.array([0.0, 1.0])), Proportions(), yaw_degrees=0.0
    )
    standing, sitting = joints["head"][:, 1]
    assert sitting < standing - 0.15
