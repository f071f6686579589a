"""The processor time that Linux control groups allow: the limit of a container or of a batch job."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

MEMBERSHIP = "proc/self/cgroup"
# Where version 1 and version 2 are found; systems that have both keep the second one apart.
MOUNTS_1 = ("sys/fs/cgroup/cpu", "sys/fs/cgroup/cpu,cpuacct", "sys/fs/cgroup/cpuacct,cpu")
MOUNTS_2 = ("sys/fs/cgroup", "sys/fs/cgroup/unified")


def quota_cores(root: Path = Path("/")) -> float | None:
    """Cores' worth of processor time that this process may use, such as 2.5; None where unlimited.

    A group is held to its own limit and to those of all groups above it, so the smallest counts.
    `root` is where the system's files are. What is absent or not understood limits nothing. Source: the
    kernel's documentation, `cgroup-v2` (`cpu.max`) and `sched-bwc` (`cpu.cfs_quota_us`).
    """
    return min(_quotas(root), default=None)


def _quotas(root: Path) -> Iterator[float]:
    for line in _lines(root / MEMBERSHIP):
        number, _, rest = line.partition(":")
        controllers, _, group = rest.partition(":")
        if "cpu" in controllers.split(","):
            for folder in _groups(root, MOUNTS_1, group):
                quota = _first(folder / "cpu.cfs_quota_us")
                yield from _quota(quota, _first(folder / "cpu.cfs_period_us"))
        elif number == "0" and not controllers:
            for folder in _groups(root, MOUNTS_2, group):
                quota, _, period = _first(folder / "cpu.max").partition(" ")
                yield from _quota(quota, period)


def _groups(root: Path, mounts: tuple[str, ...], group: str) -> Iterator[Path]:
    """The folder of a group and those above it.

    Within a container a path of the world outside may be told: then only the topmost folder, which is
    the container's own, is there.
    """
    inside = [part for part in PurePosixPath(group).parts if part not in ("/", "..")]
    for mount in mounts:
        for depth in range(len(inside), -1, -1):
            yield root.joinpath(mount, *inside[:depth])


def _quota(quota: str, period: str) -> Iterator[float]:
    """Both in microseconds; `max` and -1 stand for no limit."""
    if quota.isdecimal() and period.isdecimal() and int(quota) and int(period):
        yield int(quota) / int(period)


def _first(path: Path) -> str:
    return next(iter(_lines(path)), "")


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return []
