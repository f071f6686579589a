"""What a reader finds, gathered and checked alike for all formats."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from twostream.labelling.options import EACH, LabelOptions
from twostream.labelling.segments import (
    FactsOf,
    FrameSpan,
    LabelledPoint,
    LabelledSegment,
    Labels,
    Stretch,
    Told,
    no_facts,
)

# Reasons, by which what is told is counted.
REVERSED = "ends before it starts"
EMPTY = "is empty: starts and ends at the same time"
NO_LABEL = "has no label"
NO_TIME = "has no time that can be read"
CUT_AT_END = "ends after its video and was cut at the end"
AFTER_END = "begins after its video ends"
CUT_AT_START = "starts before its video and was cut at the start"
BEFORE_START = "lies before its video starts"
STRIPPED = "has blanks at an end, which are no part of a label"

TIERS = "tiers that name no participant are subjects themselves: --subject each makes a sequence of each"
# Lengths are rounded in files of labels.
ROUNDED_SECONDS = 5e-4


@dataclass
class Collected:
    """Segments and all else as a reader adds them; `labels` is the sum."""

    options: LabelOptions = field(default_factory=LabelOptions)
    facts_of: FactsOf = no_facts
    default_video: str = ""
    only_video: str = ""
    file: str = ""
    formats: dict[str, None] = field(default_factory=dict)
    _segments: list[LabelledSegment] = field(default_factory=list)
    _points: list[LabelledPoint] = field(default_factory=list)
    _unsure: list[Stretch] = field(default_factory=list)
    _told: list[Told] = field(default_factory=list)
    _videos: dict[str, None] = field(default_factory=dict)
    _notes: dict[str, None] = field(default_factory=dict)

    def segment(
        self,
        video: str,
        label: str,
        start_s: float | None,
        end_s: float | None,
        *,
        subject: str = "",
        annotator: str = "",
        recording: str = "",
        side: str | None = None,
        length_s: float | None = None,
        frames: FrameSpan | None = None,
        whole_rest: bool = False,
    ) -> None:
        """Add a segment, unless it is none; what was left out or cut is told.

        `length_s` is what the labels say of the video's length. With `whole_rest`, no `end_s` means the
        end of the video; else it means a time that cannot be read.
        """
        self.saw(video)
        label = self._stripped(video, label)

        def tell(reason: str, *, lost: bool = True) -> None:
            self.tell(reason, video=video, label=label, start_s=start_s, end_s=end_s, lost=lost)

        if not label:
            return tell(NO_LABEL)
        if start_s is None or (end_s is None and not whole_rest):
            return tell(NO_TIME)
        begin, end = start_s, end_s
        if not math.isfinite(begin) or (end is not None and not math.isfinite(end)):
            return tell(NO_TIME)
        if end is not None and end <= begin:
            return tell(EMPTY if end == begin else REVERSED)
        if end is not None and end <= 0:
            return tell(BEFORE_START)
        if begin < 0:
            tell(CUT_AT_START, lost=False)
            begin = 0.0
            frames = None if frames is None else FrameSpan(0, frames.end, frames.fps)
        if length_s is not None and length_s > 0:
            if begin >= length_s:
                return tell(AFTER_END)
            if end is not None and end > length_s + ROUNDED_SECONDS:
                tell(CUT_AT_END, lost=False)
                end, frames = length_s, None
        self._segments.append(
            LabelledSegment(
                video,
                label,
                begin,
                end,
                subject.strip(),
                annotator,
                recording,
                side,
                frames,
                self.file,
            )
        )
        return None

    def _stripped(self, video: str, label: str) -> str:
        stripped = label.strip()
        if stripped and stripped != label:
            self.tell(STRIPPED, repr(label), video=video, label=stripped, lost=False)
        return stripped

    def frames(
        self, video: str, label: str, first: int, end: int, fps: float, *, subject: str = ""
    ) -> None:
        """Add a segment of the frames from `first` on and before `end`."""
        span = FrameSpan(first, end, fps)
        facts = self.facts_of(video)
        start_s, end_s = span.start_s, span.end_s
        if facts is not None and facts.counts_like(fps) and facts.read_times is not None:
            start_s, end_s = facts.time_of(first), facts.time_of(end)
        self.segment(video, label, start_s, end_s, subject=subject, frames=span)

    def point(
        self,
        video: str,
        label: str,
        time_s: float | None,
        *,
        subject: str = "",
        annotator: str = "",
        recording: str = "",
    ) -> None:
        """Add a label of one moment, unless it is none."""
        self.saw(video)
        label = self._stripped(video, label)
        if not label or time_s is None or not math.isfinite(time_s) or time_s < 0:
            reason = NO_LABEL if not label else BEFORE_START if time_s else NO_TIME
            self.tell(reason, video=video, label=label, start_s=time_s)
            return
        self._points.append(
            LabelledPoint(video, label, time_s, subject.strip(), annotator, recording, self.file)
        )

    def unsure(self, video: str, start_s: float, end_s: float, *, reason: str) -> None:
        """Add a stretch that is neither action nor background, and tell it."""
        self.saw(video)
        self._unsure.append(Stretch(video, start_s, end_s))
        self.tell(reason, video=video, start_s=start_s, end_s=end_s, lost=False)

    def tier_as_subject(self, tier: str) -> str:
        """The subject of a tier that names none: with `--subject each` the tier is one, else nobody is."""
        if self.options.subject != EACH:
            return ""
        self.note(TIERS)
        return tier

    def saw(self, video: str) -> None:
        """Note that `video` was looked at, whatever is in it."""
        self._videos.setdefault(video)

    def tell(
        self,
        reason: str,
        detail: str = "",
        *,
        video: str = "",
        label: str = "",
        start_s: float | None = None,
        end_s: float | None = None,
        lost: bool = True,
    ) -> None:
        """Note what was left out (`lost`) or changed."""
        self._told.append(Told(reason, detail, video, label, start_s, end_s, lost))

    def note(self, sentence: str) -> None:
        """Note how the file was understood, once."""
        self._notes.setdefault(sentence)

    @property
    def labels(self) -> Labels:
        """All of it."""
        return Labels(
            tuple(self.formats),
            tuple(self._segments),
            tuple(self._points),
            tuple(self._unsure),
            tuple(self._told),
            tuple(self._videos),
            tuple(self._notes),
        )
