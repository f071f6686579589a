from __future__ import annotations

import numpy as np
import pytest
from twostream.lab.generated.actions import (
    ACTIONS,
    APPEARANCE_CLASSES,
    CLASSES,
    MOTION_CLASSES,
    MOTION_PAIRS,
)
from twostream.lab.generated.timing import draw_phases


def test_classes_are_the_two_disjoint_groups():
    assert len(CLASSES) >= 8
    assert len(set(CLASSES)) == len(CLASSES)
    assert not set(MOTION_CLASSES) & set(APPEARANCE_CLASSES)
    assert CLASSES == MOTION_CLASSES + APPEARANCE_CLASSES


@pytest.mark.parametrize("pair", MOTION_PAIRS)
def test_motion_pairs_share_poses_view_and_surroundings(pair):
    first, second = (ACTIONS[name] for name in pair)
    assert first.keys == second.keys
    assert first.yaw_degrees == second.yaw_degrees
    assert first.travel == second.travel
    assert (first.context, first.prop) == (second.context, second.prop)
    differences = (
        first.reversed_in_time != second.reversed_in_time,
        first.cycles_per_second != second.cycles_per_second,
    )
    assert sum(differences) == 1


@pytest.mark.parametrize("pair", MOTION_PAIRS)
def test_motion_pairs_show_the_same_set_of_poses(pair):
    sets = []
    for name in pair:
        action = ACTIONS[name]
        phases = np.concatenate([draw_phases(action, np.random.default_rng(n)) for n in range(400)])
        if action.cycles_per_second is not None:
            phases = phases % 1.0
        sets.append(np.sort(action.poses(phases), axis=0))
    quantiles = [np.quantile(poses, np.linspace(0, 1, 21), axis=0) for poses in sets]
    ranges = np.ptp(sets[0], axis=0) + 1e-9
    assert np.max(np.abs(quantiles[0] - quantiles[1]) / ranges) < 0.05


@pytest.mark.parametrize("pair", [p for p in MOTION_PAIRS if ACTIONS[p[1]].reversed_in_time])
def test_pairs_in_time_are_exact_reversals(pair):
    for seed in range(5):
        first, second = (draw_phases(ACTIONS[name], np.random.default_rng(seed)) for name in pair)
        assert np.array_equal(first, second[::-1])


def test_speeds_of_a_pair_never_overlap():
    slow, fast = ACTIONS["wave_slow"].cycles_per_second, ACTIONS["wave_fast"].cycles_per_second
    assert slow[1] < fast[0]


def test_appearance_classes_share_one_motion():
    actions = [ACTIONS[name] for name in APPEARANCE_CLASSES]
    assert all(action.keys == actions[0].keys for action in actions)
    assert len({(action.cycles_per_second, action.yaw_degrees) for action in actions}) == 1
    assert len({action.prop for action in actions}) == len(actions)


def test_cyclic_poses_close():
    for action in ACTIONS.values():
        if action.cycles_per_second is not None:
            start, end = action.poses(np.array([0.0, 1.0 - 1e-9]))
            assert np.allclose(start, end, atol=1e-4)
