"""A trained run, ready to be asked about videos."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache, partial

import numpy as np

from twostream.choices import Protocol
from twostream.errors import TwostreamError
from twostream.evaluation.bundle_scores import load_for_scoring, notes_of_use
from twostream.evaluation.chosen import CHOSEN
from twostream.evaluation.label_thresholds import label_thresholds_of
from twostream.events import say, warn
from twostream.models.device import AskedPrecision
from twostream.models.engines.engine import EngineName
from twostream.models.inference import resolve_scoring
from twostream.prediction.choosing_threshold import threshold_of
from twostream.prediction.clips import score_clip
from twostream.prediction.cuts import find_cuts
from twostream.prediction.going_on import KEPT_SECONDS, GoingOn
from twostream.prediction.lengths import frames_per_second, is_no_longer, seconds_of
from twostream.prediction.naming import Source
from twostream.prediction.networks import Networks, Scores
from twostream.prediction.notes import notes_of_reading, short_shots, unseen_end
from twostream.prediction.options import LookOptions
from twostream.prediction.results import Prediction
from twostream.prediction.threshold import Threshold
from twostream.prediction.timeline import Collected
from twostream.prediction.windows import WindowBatch, Windows, score_windows
from twostream.sources.camera import CameraClip
from twostream.sources.opening import open_source
from twostream.sources.video import VideoClip
from twostream.store.source import ClipSource
from twostream.timelines.intervals import Interval, intervals_from
from twostream.timelines.options import TimelineOptions
from twostream.timelines.window_scores import WindowScores
from twostream.training.two_streams import TwoStreamBundle

USUAL_PROTOCOL: Protocol = "25"
SHORT_SECONDS = 15.0
Threads = int | Callable[[], int]


@dataclass(frozen=True, kw_only=True)
class Hearing:
    """Who hears of the work on one source, and may stop it.

    `check` is called again and again, and may raise. `on_length` hears how many seconds a timeline will
    have, as far as that is known, and `on_seconds` how many it has; `on_interval` the source's name and
    each interval of what is live.
    """

    check: Callable[[], None] = lambda: None
    on_length: Callable[[float], None] = lambda _: None
    on_seconds: Callable[[float], None] = lambda _: None
    on_interval: Callable[[str, Interval], None] = lambda _, __: None


UNHEARD = Hearing()


@dataclass(frozen=True)
class RunPredictor:
    """The networks of a run, loaded once, and what they say of sources; to be used by several threads."""

    networks: Networks
    look: LookOptions
    find_threshold: Callable[[], Threshold]
    find_label_thresholds: Callable[[], tuple[float, ...]] = tuple

    @property
    def bundle(self) -> TwoStreamBundle:
        """What is known of the run."""
        return self.networks.loaded.bundle

    def of_source(
        self,
        source: Source,
        *,
        threads: Threads = 1,
        hearing: Hearing = UNHEARD,
    ) -> Prediction:
        """What it says of one source: of a short one by a protocol, of a long one as a timeline.

        Raises TwostreamError where it cannot be read.
        """
        clip = open_source(
            source.place,
            self.bundle.flow,
            threads=threads,
            timeout_seconds=self.look.timeout,
        )
        try:
            return self.of_clip(clip, name=source.name, hearing=hearing)
        finally:
            if isinstance(clip, VideoClip | CameraClip):
                clip.close()

    def of_clip(self, clip: ClipSource, *, name: str, hearing: Hearing = UNHEARD) -> Prediction:
        """The same of any clip."""
        if self._is_short(clip):
            return self._clip(clip, name, hearing)
        return self._timeline(clip, name, hearing)

    def windows(
        self,
        clip: ClipSource,
        *,
        cuts: tuple[int, ...] = (),
        check: Callable[[], None] = lambda: None,
    ) -> Iterator[WindowBatch]:
        """What it says of window after window of a clip, as far as the options say."""
        yield from score_windows(self.networks, clip, self.where(clip, cuts), check=check)

    def where(self, clip: ClipSource, cuts: tuple[int, ...]) -> Windows:
        """Where the windows of a clip with these cuts are.

        Raises TwostreamError where a window is longer than all that is to be looked at.
        """
        fps, seconds = frames_per_second(clip), self.look.seconds
        length = max(one.preprocessing.stack_length for one in self.bundle.streams)
        if seconds is not None and seconds < length / fps:
            raise TwostreamError(
                "--seconds",
                expected=f"at least {length / fps:g}, which a stack of {length} flows takes",
                found=f"{seconds:g}",
                remedy="look at more",
            )
        return Windows(
            fps=fps,
            rate=self.look.rate,
            length=length,
            cuts=cuts,
            end_s=math.inf if seconds is None else seconds,
        )

    def _is_short(self, clip: ClipSource) -> bool:
        if self.look.timeline:
            return False
        if self.look.protocol is not None:
            return True
        return not isinstance(clip, CameraClip) and is_no_longer(clip, SHORT_SECONDS)

    def _clip(self, clip: ClipSource, name: str, hearing: Hearing) -> Prediction:
        protocol = self.look.protocol or USUAL_PROTOCOL
        self._refuse_part(clip, name)
        scores = score_clip(self.networks, clip, protocol=protocol, check=hearing.check)
        self.tell_notes(clip)
        fps = clip.facts.fps
        return Prediction(
            source=name,
            windows=WindowScores(
                class_names=self.bundle.classes,
                windows_s=np.asarray([[0.0, clip.count_frames() / fps]]),
                spatial=_one(scores.get("spatial")),
                temporal=_one(scores.get("temporal")),
                fused=_one(scores["fused"]),
                fps=fps,
                multi_label=self.bundle.multi_label,
            ),
            protocol=protocol,
            top=self.look.top,
            thresholds=self._thresholds(),
        )

    def _refuse_part(self, clip: ClipSource, name: str) -> None:
        """Raise TwostreamError where a clip goes on after what is to be looked at: it is scored whole."""
        seconds = self.look.seconds
        length = 0.0 if seconds is None else clip.count_frames() / clip.facts.fps
        if seconds is not None and length > seconds + 1 / clip.facts.fps:
            raise TwostreamError(
                name,
                expected=f"a timeline, of which --seconds {seconds:g} looks at a part",
                found=f"a clip of {length:.1f} s, which is scored as a whole",
                remedy="add --timeline, or leave --seconds out",
            )

    def _timeline(self, clip: ClipSource, name: str, hearing: Hearing) -> Prediction:
        _ = clip.facts  # what cannot be opened is told before a threshold is looked for
        intervals_in = self._finder()
        cuts: tuple[tuple[int, float], ...] = ()
        if self.look.cuts and isinstance(clip, VideoClip):
            cuts = find_cuts(clip, check=hearing.check)
            if note := short_shots(name, [k for k, _ in cuts], self.where(clip, ()).length):
                warn(note)
        elif self.look.cuts:
            warn(f"{name}: cuts are looked for in video files alone")
        live = isinstance(clip, CameraClip)
        if not live:
            hearing.on_length(min(seconds_of(clip), self.look.seconds or math.inf))
        collected = Collected(most_s=KEPT_SECONDS if live else math.inf)
        windows_of = partial(self._windows_of, clip, [seconds for _, seconds in cuts])
        going_on = GoingOn(intervals_in, windows_of, self._settling_s(), self.bundle.multi_label)
        ended: BaseException | None = None
        try:
            for batch in self.windows(clip, cuts=tuple(k for k, _ in cuts), check=hearing.check):
                collected.add(batch)
                hearing.on_seconds(collected.reached_s)
                for one in going_on.look(collected) if live else ():
                    hearing.on_interval(name, one)
        except (TwostreamError, KeyboardInterrupt) as error:
            if not collected.count:
                raise
            ended = error  # what was seen so far is kept
        self.tell_notes(clip)
        if not collected.count:  # it is shorter than a stack of flows
            return self._clip(clip, name, hearing)
        where = self.where(clip, tuple(k for k, _ in cuts))
        if ended is None and (note := unseen_end(clip, where, collected.reached_s)):
            warn(note)
        rest = going_on.all(collected) if live else None
        windows = windows_of(collected)
        return Prediction(
            source=name,
            windows=windows,
            top=self.look.top,
            intervals=tuple(intervals_in(windows)) if rest is None else rest,
            ended=ended,
            thresholds=self._thresholds(),
        )

    def _windows_of(
        self, clip: ClipSource, cuts_s: Sequence[float], collected: Collected
    ) -> WindowScores:
        reached = collected.reached_s
        return collected.windows(
            self.bundle.classes,
            streams=[*(one.stream for one in self.bundle.streams), "fused"],
            fps=clip.facts.fps,
            background=self.bundle.background,
            cuts_s=[seconds for seconds in cuts_s if seconds < reached],
            agreement=self.bundle.fusion.is_plain_average,
            multi_label=self.bundle.multi_label,
        )

    def _settling_s(self) -> float:
        options = self.interval_options
        return options.smoothing_s + options.shortest() + 2 / self.look.rate

    @property
    def interval_options(self) -> TimelineOptions:
        """How intervals are made: as was asked, else by what the run learnt from."""
        facts = self.bundle.streams[0].sources
        asked = self.look.intervals
        of_run = None if facts is None else facts.shortest_s
        return replace(asked, shortest_s=asked.shortest(of_run))

    def tell_notes(self, clip: ClipSource) -> None:
        """What is to be known of a clip that was looked at."""
        for note in (*notes_of_use(self.bundle, clip), *notes_of_reading(clip)):
            warn(note)

    def _finder(self) -> Callable[[WindowScores], list[Interval]]:
        """What finds intervals in windows; the threshold is known before anything is looked at."""
        options = self.interval_options
        if self.bundle.multi_label:
            return partial(intervals_from, options=options, thresholds=self._thresholds() or ())
        if options.on_above is not None or self.bundle.background is not None:
            return partial(intervals_from, options=options)
        return partial(intervals_from, options=options, threshold=self.find_threshold().value)

    def _thresholds(self) -> tuple[float, ...] | None:
        """The thresholds of a run's labels, or the one that is asked for; None for one class a clip."""
        if not self.bundle.multi_label:
            return None
        asked = self.look.intervals.on_above
        labels = len(self.bundle.classes)
        return self.find_label_thresholds() if asked is None else (asked,) * labels

    def intervals_in(self, windows: WindowScores) -> list[Interval]:
        """The intervals in windows of one video, by the threshold of the run if no other is asked for.

        A run with a class of background needs none; of another one the threshold is told once.
        """
        return self._finder()(windows)

    def has_timelines(self, sources: Sequence[Source]) -> bool:
        """Whether any of these files will have a timeline, as far as they tell before they are read."""
        if self.look.timeline or self.look.protocol is not None:
            return self.look.timeline
        for source in sources:
            with suppress(TwostreamError):  # which is told when it is looked at
                if seconds_of(open_source(source.place, self.bundle.flow)) > SHORT_SECONDS:
                    return True
        return False

    def settle(self) -> None:
        """Find the thresholds that timelines need now, before others look by them too."""
        self._finder()

    def looking(self, look: LookOptions) -> RunPredictor:
        """The same networks, looking otherwise."""
        return replace(self, look=look)


def _one(scores: Scores | None) -> Scores | None:
    """The scores (C,) of one window as those of windows (1, C)."""
    return None if scores is None else scores[None]


def load_predictor(
    bundle: TwoStreamBundle,
    look: LookOptions,
    *,
    engine: EngineName = "auto",
    device: str = "auto",
    precision: AskedPrecision = "auto",
) -> RunPredictor:
    """Load the networks of a bundle; raises TwostreamError as `load_for_scoring` does."""
    loaded = load_for_scoring(bundle, engine=engine, device=device, precision=precision)
    networks = Networks(loaded)
    lock = threading.Lock()

    @lru_cache(maxsize=1)
    def chosen() -> Threshold:
        found = threshold_of(bundle, networks, resolve_scoring(engine, device, precision))
        say(f"threshold {found.value:g}: {found.reason}; --on-above sets another")
        return found

    def find_threshold() -> Threshold:
        with lock:  # several sources may ask at once
            return chosen()

    @lru_cache(maxsize=1)
    def of_labels() -> tuple[float, ...]:
        found = label_thresholds_of(bundle)
        say(f"thresholds of labels: {found.reason}; --on-above sets another for all")
        stream = CHOSEN if len(bundle.streams) == 2 else bundle.streams[0].stream
        return tuple(found.of(stream, bundle.classes).tolist())

    def find_label_thresholds() -> tuple[float, ...]:
        with lock:
            return of_labels()

    return RunPredictor(networks, look, find_threshold, find_label_thresholds)
