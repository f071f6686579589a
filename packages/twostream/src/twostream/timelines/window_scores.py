"""What networks said of every window of one long video."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Times = npt.NDArray[np.float64]
Probabilities = npt.NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, eq=False)
class WindowScores:
    """Probabilities of each class in windows of one video, in the order of time.

    Attributes
    ----------
    class_names : names of the C classes, as columns of probabilities; no name twice.
    windows_s : start and end of each window, (n, 2), in seconds from the first frame; windows may overlap.
    spatial, temporal, fused : probabilities (n, C) of the streams that there are and of their fusion.
    background : the class among `class_names` that stands for 'none of them'; None where there is none.
    cuts_s : moments at which the picture changes to another shot, in seconds, rising.
    fps : frames a second, by which boundaries of intervals are placed.
    multi_label : whether each class is a label that holds or not, whatever others do, so that intervals of
        different labels may overlap.
    agreement : whether intervals beside a background are made of what both streams say together, and not of
        `fused`: where that is a plain average, in which the surer stream outvotes the other.
    """

    class_names: Sequence[str]
    windows_s: Times
    spatial: Probabilities | None = None
    temporal: Probabilities | None = None
    fused: Probabilities | None = None
    background: str | None = None
    cuts_s: Sequence[float] = ()
    fps: float = 25.0
    multi_label: bool = False
    agreement: bool = False

    def __post_init__(self) -> None:
        """Refuse what does not fit together, which is a bug of the caller's."""
        windows = np.asarray(self.windows_s, np.float64).reshape(-1, 2)
        object.__setattr__(self, "windows_s", windows)
        object.__setattr__(self, "class_names", tuple(self.class_names))
        object.__setattr__(self, "cuts_s", tuple(float(cut) for cut in self.cuts_s))
        if not np.isfinite(windows).all() or (windows[:, 1] <= windows[:, 0]).any():
            raise ValueError("a window ends before it starts")
        if (np.diff(windows[:, 0]) < 0).any():
            raise ValueError("windows are not in the order of time")
        shape = (len(windows), len(self.class_names))
        if not self.streams:
            raise ValueError("scores of no stream")
        for name, scores in self.streams.items():
            if scores.shape != shape:
                raise ValueError(f"{name}: {shape} scores expected, {scores.shape} found")
        if self.background is not None and self.background not in self.class_names:
            raise ValueError(f"no class {self.background!r}")
        if not self.fps > 0:
            raise ValueError(f"{self.fps} frames a second")

    @property
    def streams(self) -> dict[str, Probabilities]:
        """The probabilities that there are, by 'spatial', 'temporal' and 'fused'."""
        named = {"spatial": self.spatial, "temporal": self.temporal, "fused": self.fused}
        return {name: scores for name, scores in named.items() if scores is not None}

    @property
    def deciding(self) -> str:
        """The stream that intervals are made from: the fusion, or the only one."""
        return list(self.streams)[-1]

    def together(self, windows: slice) -> Probabilities:
        """Probabilities (n, C) of some windows, by which classes are weighed with each other.

        With `agreement` the geometric mean of both streams, normalised; else those that decide.
        """
        if not self.agreement or self.spatial is None or self.temporal is None:
            decided: Probabilities = self.streams[self.deciding][windows]
            return decided
        joint: Probabilities = self.spatial[windows] * self.temporal[windows]
        np.sqrt(joint, out=joint)
        joint /= np.maximum(joint.sum(axis=1, keepdims=True), np.finfo(np.float32).tiny)
        return joint
