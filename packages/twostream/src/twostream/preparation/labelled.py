"""Clips cut by labels of other tools, and a class of what is unlabelled: with the videos looked at."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path

from twostream.datasets.background import LabelledVideo, note_on_unlabelled, with_background
from twostream.datasets.class_folders import Scan
from twostream.datasets.clip_table import is_table, read_rows, scan_table
from twostream.datasets.names import is_video
from twostream.datasets.plain_lists import is_plain_list
from twostream.datasets.sources import find_clips
from twostream.errors import TwostreamError
from twostream.labelling.behaviour import plain_key
from twostream.labelling.clips import scan_labels
from twostream.labelling.opened import LabelFile
from twostream.labelling.options import ClipLabelOptions, LabelOptions
from twostream.labelling.reading import holds_labels, read_labels
from twostream.labelling.segments import VideoFacts
from twostream.labelling.videos import AmbiguousVideoError, VideoIndex
from twostream.video.decode import open_video
from twostream.video.expected import expected_seconds


def find_labelled(source: Path, options: ClipLabelOptions) -> Scan | None:
    """The clips of `source` by labels or with a background; None where neither is asked for.

    Raises TwostreamError as `read_labels`, `scan_labels` and `with_background` do.
    """
    if not is_labels(source, options):
        if options.background is None and not options.multi_label:
            return None
        # With a background one class is enough.
        least = 2 if options.background is None else 1
        if is_table(source):
            scan = scan_table(source, least_classes=least, multi_label=options.multi_label)
        else:
            _refuse_folders(source, options)
            scan = find_clips(source)
        return _with_background(source, scan, _videos_of(scan), options)
    known = videos_of_labels(source, options)
    index = known.index
    labels = read_labels(source, options, known.of_name, only_video=known.only)
    facts = {path: known.of_path(path) for name in labels.videos if (path := known.find(name))}
    scan, placed = scan_labels(source, labels, index, options, facts)
    videos = [
        LabelledVideo(
            path,
            index.relative(path),
            facts[path].seconds,
            facts[path].fps,
            tuple(placed.unsure.get(path, ())),
        )
        for path in placed.looked_at
    ]
    note = note_on_unlabelled(scan, videos) if options.background is None else None
    if note is not None:
        scan = replace(scan, notes=(*scan.notes, note))
    return _with_background(source, scan, videos, options)


def _refuse_folders(source: Path, options: ClipLabelOptions) -> None:
    """Raise TwostreamError where several labels at once are asked for and a source has one a clip."""
    if options.multi_label:
        raise TwostreamError(
            "--multi-label",
            expected="labels of a tool, or a table in which a clip or a stretch may have several labels",
            found=f"{source}, in which each clip is of one class",
            remedy="leave it out, or write a table with a row for each label of a clip",
        )


def videos_of_labels(named: Path, options: LabelOptions) -> VideosOfLabels:
    """The videos that the labels in `named` may be of, as far as they are there."""
    return VideosOfLabels(VideoIndex(_videos_folder(named, options)))


def is_labels(source: Path, options: ClipLabelOptions) -> bool:
    """Whether `source` holds labels of another tool, rather than being a source of clips itself."""
    if options.videos is not None:
        return not _is_our_table(source)
    if (
        not source.is_file()
        or source.suffix.lower() in (".parquet", ".zip")
        or is_video(source.name)
    ):
        return False
    if _is_our_table(source):
        return False
    return holds_labels(source) or LabelFile(source).is_cut_json


def _is_our_table(source: Path) -> bool:
    if source.suffix.lower() == ".parquet" and source.is_file():
        return True
    if is_plain_list(source):
        # `1-15 SIL` and `video 1.0 2.0` look like paths with labels, but for the path.
        first = next(read_rows(source), None)
        return first is not None and (is_video(first.path) or (source.parent / first.path).exists())
    return is_table(source) and {"path", "label"} <= set(LabelFile(source).header)


def _videos_folder(source: Path, options: LabelOptions) -> Path:
    if options.videos is not None:
        return options.videos
    return source if source.is_dir() else source.parent


class VideosOfLabels:
    """What headers say of the videos that labels name; each is opened once."""

    def __init__(self, index: VideoIndex) -> None:
        self.index = index
        self._known: dict[Path, VideoFacts] = {}

    @property
    def only(self) -> str:
        """The name of the video where there is but one; else empty."""
        return "" if self.index.only is None else self.index.only.name

    def find(self, name: str) -> Path | None:
        """The video of that name; None where there is none, or several."""
        try:
            return self.index.find(name)
        except AmbiguousVideoError:
            return None

    def key(self, name: str) -> str:
        """One name for all spellings of a video: its path below the folder, or its plain name."""
        path = self.find(name)
        return plain_key(name) if path is None else self.index.relative(path)

    def seconds(self, name: str) -> float | None:
        """How long the video of that name lasts by its header; None where nothing is known."""
        facts = self.of_name(name)
        return None if facts is None else facts.seconds

    def of_name(self, name: str) -> VideoFacts | None:
        """The facts of the video of that name; None where it is not there."""
        path = self.find(name)
        return None if path is None else self.of_path(path)

    def of_path(self, path: Path) -> VideoFacts:
        """The facts of a video; none of one that cannot be opened, which is told later."""
        if path not in self._known:
            self._known[path] = _facts(path)
        return self._known[path]


def _facts(path: Path) -> VideoFacts:
    """What the header of a video says; nothing of one that cannot be opened, which is told later."""
    try:
        with open_video(path) as video:
            return VideoFacts(
                video.fps, video.header_frames, expected_seconds(video), partial(_times, path)
            )
    except TwostreamError:
        return VideoFacts()


@lru_cache(maxsize=4096)
def _times(path: Path) -> tuple[float, ...] | None:
    """The times of a video's frames, where they are not evenly spaced."""
    with open_video(path) as video:
        return video.uneven_times()


def _videos_of(scan: Scan) -> list[LabelledVideo]:
    sources = {clip.path: clip.source for clip in scan.clips if clip.segment is not None}
    known = [(path, source, _facts(path)) for path, source in sorted(sources.items())]
    return [LabelledVideo(path, source, facts.seconds, facts.fps) for path, source, facts in known]


def _with_background(
    source: Path, scan: Scan, videos: list[LabelledVideo], options: ClipLabelOptions
) -> Scan:
    if options.background is None:
        return scan
    return with_background(scan, videos, asked=options.background, named=source)
