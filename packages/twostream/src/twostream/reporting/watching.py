"""What is found in videos, to be watched: a page for each, and a copy that is drawn on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from twostream.datasets.names import counted
from twostream.environment import available_cores
from twostream.errors import TwostreamError
from twostream.events import warn
from twostream.explanation.explain import Explainer
from twostream.own_files import require_own_page, require_own_video
from twostream.paths import is_same, require_place
from twostream.prediction.labels import intervals_of
from twostream.prediction.naming import Source
from twostream.prediction.results import Prediction
from twostream.progress import Progress
from twostream.reporting.flow_insets import flow_insets
from twostream.reporting.looks import EVERY_S, looks_along
from twostream.reporting.overlay import Insets, Look, write_overlay
from twostream.reporting.timeline_page import WEB, write_timeline_page
from twostream.sources.opening import is_stored_clip
from twostream.sources.video import VideoClip
from twostream.training.two_streams import TwoStreamBundle
from twostream.video.decode import open_video
from twostream.video.rewriting import CONTAINERS, check_container

PAGES = (".html", ".htm")


def check_watching(sources: Sequence[Source], *, overlay: Path | None, html: Path | None) -> None:
    """Raise TwostreamError where pages or copies of all sources cannot be made at these places.

    Of one source it is a file, of several ones a folder. Only video files can be copied.
    """
    for flag, target, endings in (("--overlay", overlay, CONTAINERS), ("--html", html, PAGES)):
        if target is not None and len(sources) > 1 and target.suffix.lower() in endings:
            raise TwostreamError(
                flag,
                expected=f"a folder, for there are {counted(len(sources), 'source')}",
                found=f"a file, {target}",
                remedy=f"name a folder, such as {target.with_suffix('')}",
            )
        if target is not None:
            _check_places(sources, target, flag, endings)
    if overlay is None:
        return
    if len(sources) == 1 and overlay.suffix and not overlay.is_dir():
        check_container("--overlay", overlay)
    for source in sources:
        if not source.is_file or is_stored_clip(Path(str(source.place))):
            raise TwostreamError(
                "--overlay",
                expected="video files, which are gone through a second time",
                found=source.name,
                remedy="leave --overlay out, or record the source as a video first",
            )


def _check_places(
    sources: Sequence[Source], target: Path, flag: str, endings: Sequence[str]
) -> None:
    """Raise TwostreamError where a source, a folder or somebody's file is in a place that is needed."""
    for place in targets([one.name for one in sources], target, endings):
        require_place(place, flag=flag, is_file=True)
        for source in sources:
            if source.is_file and is_same(place, str(source.place)):
                raise TwostreamError(
                    place,
                    expected="a place apart from SOURCE, into which nothing is written",
                    found="SOURCE itself",
                    remedy=f"choose another {flag}",
                )
        if endings is PAGES:
            require_own_page(place, flag=flag)
        else:
            require_own_video(place, flag=flag)


def write_pages(
    found: Sequence[Prediction], target: Path, *, copies: Mapping[str, Path] | None = None
) -> None:
    """Write a page for each source: `target` itself, or files in the folder `target`; raises OSError.

    A page plays the copy of the source, if there is one.
    """
    for one, place in zip(found, _targets(found, target, PAGES), strict=True):
        copy = (copies or {}).get(one.source)
        is_playable = one.source.lower().startswith(WEB) or Path(one.source).is_file()
        write_timeline_page(
            place,
            one.windows,
            one.intervals,
            source=one.source,
            player=copy or (one.source if is_playable else None),
            notes=[f"it ended early: {one.ended}"] if one.ended is not None else [],
            explained=one.explanations,
        )


def write_copies(
    found: Sequence[Prediction],
    target: Path,
    bundle: TwoStreamBundle,
    *,
    explainer: Explainer | None = None,
) -> dict[str, Path]:
    """Write a copy of each video that is drawn on (`write_overlay`); returns their places by source.

    With an `explainer` it shows where the streams looked, too.
    Raises TwostreamError for a video that cannot be read again, OSError where nothing can be written.
    """
    made = {}
    for one, place in zip(found, _targets(found, target, CONTAINERS), strict=True):
        path = Path(one.source)
        clip = VideoClip(path, bundle.flow, threads=available_cores())
        insets: Insets = ()
        if bundle.temporal is not None:
            end = float(one.windows.windows_s[-1, 1]) if len(one.windows.windows_s) else 0.0
            insets = flow_insets(clip, bound_px=bundle.flow.bound_px, end_s=end)
        with open_video(path) as video:
            total = video.header_frames or 0
        try:
            with Progress(
                f"overlay {path.name}", total=total, unit="frame", warms_up=True
            ) as progress:
                write_overlay(
                    place,
                    path,
                    one.windows,
                    intervals_of(one),
                    insets=insets,
                    looks=None if explainer is None else _looks(explainer, one),
                    on_frame=progress.advance,
                )
        finally:
            clip.close()
        made[one.source] = place
    return made


def _looks(explainer: Explainer, one: Prediction) -> Iterator[tuple[float, Look | None]]:
    """Where the streams looked; what cannot be explained ends them, and is told."""
    try:
        yield from looks_along(explainer.along(Source(one.source), one, every_s=EVERY_S))
    except TwostreamError as error:
        warn(str(error))


def _targets(found: Sequence[Prediction], target: Path, endings: Sequence[str]) -> list[Path]:
    return targets([one.source for one in found], target, endings)


def targets(names: Sequence[str], target: Path, endings: Sequence[str]) -> list[Path]:
    """Where what is made of each source goes: `target` itself, or a file of its name in that folder."""
    if len(names) == 1 and target.suffix.lower() in endings:
        return [target]
    places: list[Path] = []
    for name in names:
        stem = Path(name.rpartition("://")[2]).stem.strip(".") or "source"
        place, count = target / f"{stem}{endings[0]}", 1
        while place in places:
            count += 1
            place = target / f"{stem}-{count}{endings[0]}"
        places.append(place)
    return places
