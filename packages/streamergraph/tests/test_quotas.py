"""Quotas of control groups, in folders that look like those of a system."""

from __future__ import annotations

import pytest
from streamergraph.cores import available_cores
from streamergraph.quotas import quota_cores


@pytest.fixture
def system(tmp_path):
    """Write files of a system by their paths; returns its root."""

    def write(files):
        for path, text in files.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text)
        return tmp_path

    return write


MEMBER = "proc/self/cgroup"
V1_FULL = "9:name=systemd:/\n1:cpu,cpuacct:/docker/abc\n0::/\n"
V1, V2 = "sys/fs/cgroup/cpu", "sys/fs/cgroup"


@pytest.mark.parametrize(
    ("files", "cores"),
    [
        pytest.param({}, None, id="no such system"),
        pytest.param({MEMBER: "0::/\n"}, None, id="no quota at all"),
        pytest.param({MEMBER: "0::/\n", f"{V2}/cpu.max": "max 100000\n"}, None, id="unlimited"),
        pytest.param({MEMBER: "0::/\n", f"{V2}/cpu.max": "250000 100000\n"}, 2.5, id="container"),
        pytest.param(
            {
                MEMBER: "0::/jobs/7/step\n",
                f"{V2}/jobs/cpu.max": "400000 100000\n",
                f"{V2}/jobs/7/cpu.max": "150000 50000\n",
                f"{V2}/jobs/7/step/cpu.max": "max 100000\n",
            },
            3.0,
            id="the smallest of all groups above",
        ),
        pytest.param(
            {MEMBER: "0::/../../elsewhere\n", f"{V2}/cpu.max": "100000 100000\n"},
            1.0,
            id="a path of the world outside",
        ),
        pytest.param(
            {
                MEMBER: V1_FULL,
                f"{V1}/cpu.cfs_quota_us": "-1\n",
                f"{V1}/cpu.cfs_period_us": "100000\n",
                f"{V1}/docker/abc/cpu.cfs_quota_us": "50000\n",
                f"{V1}/docker/abc/cpu.cfs_period_us": "100000\n",
            },
            0.5,
            id="version 1",
        ),
        pytest.param(
            {
                MEMBER: V1_FULL,
                "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "200000\n",
                "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
            },
            2.0,
            id="version 1 within a container",
        ),
        pytest.param(
            {MEMBER: "nonsense\n\n::\n0::/\n", f"{V2}/cpu.max": "many 100000\n"},
            None,
            id="not understood",
        ),
    ],
)
def test_the_quota_is_what_the_groups_allow(system, files, cores):
    assert quota_cores(system(files)) == cores


@pytest.mark.parametrize(("quota", "cores"), [(None, 8), (0.5, 1), (2.0, 2), (2.5, 3), (64.0, 8)])
def test_a_quota_takes_cores_away_and_leaves_one(monkeypatch, quota, cores):
    monkeypatch.setattr("streamergraph.cores._affinity", lambda: 8)
    monkeypatch.setattr("streamergraph.cores.quota_cores", lambda: quota)
    assert available_cores() == cores
