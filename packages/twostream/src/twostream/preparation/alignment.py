"""Between which images a ready flow goes: told from the numbers, checked against the images."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from twostream.errors import TwostreamError

Alignment = Literal["into", "from"]
Grey = npt.NDArray[np.uint8]
PAIRS_TESTED = 8
# Below this ratio of errors the images have spoken; steady motion explains both alike. On 34 real clips
# the verdict is right for 52 of 68 (clip, convention), never wrong, and open for the rest.
DECISIVE = 0.97
# As many clips as that, this share of them of one opinion, decide for those that are open.
FEWEST_VOTES, CLEAR_MAJORITY = 3, 0.9


@dataclass(frozen=True)
class Numbers:
    """First and last number of the images and of the flows, without gaps."""

    images: tuple[int, int]
    flows: tuple[int, int]

    @property
    def possible(self) -> tuple[Alignment, ...]:
        """The alignments under which every two neighbouring images have a flow; the usual one first.

        As many flows as images: the flow of an image leads into it, as the classic tool for HMDB-51
        leaves them, which drops the first image but not its flow. One fewer: flow k starts from image k.
        """
        (first, last), (first_flow, last_flow) = self.images, self.flows
        found: list[Alignment] = []
        if first_flow <= first + 1 and last_flow >= last:
            found.append("into")
        if first_flow <= first and last_flow >= last - 1:
            found.append("from")
        return tuple(found)


@dataclass(frozen=True)
class Evidence:
    """Error left by flow compensation, as a share of the difference of the images, either way."""

    error_into: float
    error_from: float

    @property
    def verdict(self) -> Alignment | None:
        """What the images say; None where both explain them about as well, or neither does."""
        best: Alignment = "into" if self.error_into < self.error_from else "from"
        less, more = sorted((self.error_into, self.error_from))
        return best if less < min(1.0, DECISIVE * more) else None


@dataclass(frozen=True)
class Decision:
    """The alignment, what decided it, and the evidence if any was to be had.

    `decided_by` is 'counts', 'images', or 'others' where the clip's own images left it open.
    """

    alignment: Alignment
    decided_by: Literal["counts", "images", "others"]
    evidence: Evidence | None

    @property
    def contradiction(self) -> str:
        """A warning where the images speak against what the counts allow; else empty."""
        verdict = self.evidence.verdict if self.evidence else None
        if verdict is None or verdict == self.alignment:
            return ""
        return (
            f"the counts say that flow k goes {self.alignment} image k, the images rather that it "
            f"goes {verdict} it"
        )

    def facts(self) -> dict[str, Any]:
        """For `clip.json`."""
        facts: dict[str, Any] = {"alignment": self.alignment, "decided_by": self.decided_by}
        if self.evidence is not None:
            facts["error_into"] = round(self.evidence.error_into, 4)
            facts["error_from"] = round(self.evidence.error_from, 4)
        return facts


def read_numbers(images: Mapping[str, Mapping[int, object]], *, subject: str) -> Numbers:
    """The numbers of a clip's images; raises TwostreamError for gaps and counts that do not fit."""
    x, y = set(images["flow_x"]), set(images["flow_y"])
    if x != y:
        odd = min(x ^ y)
        lacking = "flow_x" if odd in y else "flow_y"
        raise _unfit(subject, f"{len(x)} flow_x and {len(y)} flow_y, without {lacking} {odd}")
    if len(images["img"]) < 2 or not x:
        raise _unfit(subject, f"{len(images['img'])} images and {len(x)} flows")
    spans = []
    for kind in ("img", "flow_x"):
        there = set(images[kind])
        first, last = min(there), max(there)
        if last - first >= len(there):
            # Found from what is there: numbers that are dates have huge gaps.
            gap = next(k + 1 for k in sorted(there) if k + 1 not in there)
            raise _unfit(subject, f"no {kind} {gap} between {first} and {last}")
        spans.append((first, last))
    numbers = Numbers(spans[0], spans[1])
    if not numbers.possible:
        (a, b), (c, d) = spans
        raise _unfit(subject, f"images {a} to {b} and flows {c} to {d}")
    return numbers


def decide(
    numbers: Numbers, evidence: Evidence | None, *, others: Alignment | None = None
) -> Decision:
    """The alignment that the counts allow, and where they allow both, what the images say.

    Where they say nothing, it is that of the `others` of the data set, if that is known.
    """
    possible = numbers.possible
    verdict = evidence.verdict if evidence else None
    if len(possible) > 1 and verdict is not None:
        return Decision(verdict, "images", evidence)
    if len(possible) > 1 and others is not None:
        return Decision(others, "others", evidence)
    return Decision(possible[0], "counts", evidence)


def weigh(
    numbers: Numbers,
    *,
    grey: Callable[[int], Grey],
    flow: Callable[[int], npt.NDArray[np.float32]],
) -> Evidence | None:
    """Try both alignments on a few images; None where too few have both neighbours or nothing moves.

    `grey(k)` is image k (H, W) uint8, `flow(k)` flow k (H, W, 2) in pixels.
    """
    low = max(numbers.images[0] + 1, numbers.flows[0])
    high = min(numbers.images[1] - 1, numbers.flows[1])
    if low > high:
        return None
    tested = np.unique(np.linspace(low, high, PAIRS_TESTED).round().astype(int))
    into = _error_share([(k - 1, k, k) for k in tested], grey=grey, flow=flow)
    out_of = _error_share([(k, k + 1, k) for k in tested], grey=grey, flow=flow)
    return None if into is None or out_of is None else Evidence(into, out_of)


def _error_share(
    pairs: Sequence[tuple[int, int, int]],
    *,
    grey: Callable[[int], Grey],
    flow: Callable[[int], npt.NDArray[np.float32]],
) -> float | None:
    """Difference of image pairs (from, to, flow) after compensation, relative to that without."""
    import cv2

    left = still = 0.0
    for start, end, number in pairs:
        before, after, motion = grey(start), grey(end), flow(number)
        rows, columns = np.indices(before.shape, dtype=np.float32)
        moved = cv2.remap(
            after,
            columns + motion[..., 0],
            rows + motion[..., 1],
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        left += float(cv2.absdiff(before, moved).mean())
        still += float(cv2.absdiff(before, after).mean())
    return left / still if still > 0 else None


def _unfit(subject: str, found: str) -> TwostreamError:
    return TwostreamError(
        subject,
        expected="images 1 to N with as many flows, or one fewer",
        found=found,
        remedy="extract the clip again, or prepare from its video",
    )
