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
# With more flows than images by more than that, numbers alone are believed.
MOST_SPARE = 8


@dataclass(frozen=True)
class Numbers:
    """First and last number of the images and of the flows, without gaps."""

    images: tuple[int, int]
    flows: tuple[int, int]

    @property
    def usual(self) -> tuple[int, ...]:
        """Flows of the first pair of images under which the numbers mean something; the usual one first.

        As many flows as images: the flow of an image leads into it, as the classic tool for HMDB-51
        leaves them, which drops the first image but not its flow. One fewer: flow k starts from image k.
        """
        (first, last), (first_flow, last_flow) = self.images, self.flows
        found = []
        if first_flow <= first + 1 and last_flow >= last:
            found.append(first + 1)
        if first_flow <= first and last_flow >= last - 1:
            found.append(first)
        return tuple(found)

    @property
    def possible(self) -> tuple[int, ...]:
        """Flows that may be that of the first pair of images, so that every pair has one.

        The numbers of images and flows begin where their tools began, so only counts say what is possible:
        with one flow fewer than images it is the first.
        """
        first, last = self.flows[0], self.flows[1] - (self.images[1] - self.images[0]) + 1
        spare = last - first
        return self.usual if spare > MOST_SPARE else tuple(range(first, last + 1))

    @property
    def base(self) -> int:
        """The flow that would go from the first image."""
        if all(number - self.images[0] in (0, 1) for number in self.possible):
            return self.images[0]
        return min(self.possible)


@dataclass(frozen=True)
class Evidence:
    """Error left by flow compensation, as a share of the difference of the images.

    `error_from` is that where the first pair has the flow `Numbers.base`, `error_into` that where it has
    the next one, `others` those of later ones in their order.
    """

    error_into: float
    error_from: float
    others: tuple[float, ...] = ()

    @property
    def best(self) -> int | None:
        """How far after the base the flow of the first pair is, by the images.

        None where they leave it open: several explain them about as well, or none does.
        """
        errors = (self.error_from, self.error_into, *self.others)
        less, more = sorted(errors)[:2]
        return errors.index(less) if less < min(1.0, DECISIVE * more) else None


@dataclass(frozen=True)
class Decision:
    """The alignment, what decided it, and the evidence if any was to be had.

    `first_flow` is the number of the flow between the first two images; `decided_by` is 'counts', 'images',
    or 'others' where the clip's own images left it open.
    """

    numbers: Numbers
    first_flow: int
    decided_by: Literal["counts", "images", "others"]
    evidence: Evidence | None

    @property
    def alignment(self) -> Alignment:
        """Whether the flows begin at the first image, or lead into images."""
        return "from" if self.first_flow == self.numbers.base else "into"

    @property
    def warning(self) -> str:
        """Said where images speak against the counts, or nothing tells how numbers fit; else empty."""
        best = self.evidence.best if self.evidence else None
        if best is None:
            settled = self.decided_by != "counts" or len(self.numbers.possible) == 1
            if settled or self.numbers.base == self.numbers.images[0]:
                return ""
            (a, b), (c, d) = self.numbers.images, self.numbers.flows
            return (
                f"images {a} to {b} and flows {c} to {d} leave open which flow belongs to which images: "
                f"flow {self.first_flow} was taken for the first two"
            )
        if self.numbers.base + best == self.first_flow:
            return ""
        verdict = "from" if best == 0 else "into"
        return (
            f"the counts say that flow k goes {self.alignment} image k, the images rather that it "
            f"goes {verdict} it"
        )

    def facts(self) -> dict[str, Any]:
        """For `clip.json`."""
        facts: dict[str, Any] = {"alignment": self.alignment, "decided_by": self.decided_by}
        if self.first_flow - self.numbers.images[0] not in (0, 1):
            facts["first_flow"] = self.first_flow
        if self.evidence is not None:
            facts["error_into"] = round(self.evidence.error_into, 4)
            facts["error_from"] = round(self.evidence.error_from, 4)
            if self.evidence.others:
                facts["errors_of_later"] = [round(error, 4) for error in self.evidence.others]
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
    """The alignment that the counts allow, and where they allow several, what the images say.

    Where they say nothing, it is that of the `others` of the data set, if that is known.
    """
    possible, base = numbers.possible, numbers.base
    best = evidence.best if evidence else None
    if len(possible) > 1 and best is not None and base + best in possible:
        return Decision(numbers, base + best, "images", evidence)
    theirs = base + (others == "into")
    if len(possible) > 1 and others is not None and theirs in possible:
        return Decision(numbers, theirs, "others", evidence)
    usual = [number for number in numbers.usual if number in possible]
    return Decision(numbers, usual[0] if usual else possible[0], "counts", evidence)


def weigh(
    numbers: Numbers,
    *,
    grey: Callable[[int], Grey],
    flow: Callable[[int], npt.NDArray[np.float32]],
) -> Evidence | None:
    """Try all alignments on a few images; None where too few have both neighbours or nothing moves.

    `grey(k)` is image k (H, W) uint8, `flow(k)` flow k (H, W, 2) in pixels.
    """
    first, last = numbers.images
    tried = range(numbers.base, max(numbers.base + 1, *numbers.possible) + 1)
    low = max(tried[-1], numbers.flows[0])
    high = min(tried[0] + last - first - 1, numbers.flows[1])
    if low > high:
        return None
    tested = np.unique(np.linspace(low, high, PAIRS_TESTED).round().astype(int))
    errors = []
    for first_flow in tried:
        starts = ((first + number - first_flow, number) for number in tested)
        error = _error_share([(k, k + 1, number) for k, number in starts], grey=grey, flow=flow)
        if error is None:
            return None
        errors.append(error)
    return Evidence(errors[1], errors[0], tuple(errors[2:]))


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
        expected="images without gaps, with as many flows, or one fewer",
        found=found,
        remedy="extract the clip again, or prepare from its video",
    )
