"""The verb `flow`: optical flow of two pictures or of a whole video, as files."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import cyclopts

from twostream.choices import Algorithm, Preset
from twostream.errors import TwostreamError
from twostream.options import again, check_options, option
from twostream.paths import InputPath, OutputPath, path_or_none
from twostream.preparation.options import ExtractionOptions
from twostream.verbs.flags import takes_flags
from twostream.verbs.paths import checks_paths

if TYPE_CHECKING:
    from twostream.flow.algorithms import Flow
    from twostream.video.decode import ShownFrame

Format = Literal["jpg", "flo", "npy", "png", "mp4"]
TICKS_A_SECOND = 90_000  # of the times in videos of flow
_FILE_SUFFIXES = (".flo", ".npy", ".png", ".jpg", ".jpeg", ".gif", ".avi", ".mkv", ".mov", ".webm")


@dataclass(frozen=True, kw_only=True)
class FlowOptions:
    """How flow is computed, and how its files are written."""

    flow: Algorithm = again(ExtractionOptions, "flow")
    flow_preset: Preset = again(ExtractionOptions, "flow_preset")
    bound_px: float = again(ExtractionOptions, "bound_px")
    format: Format | None = option(
        None,
        "Of the files of a video: `jpg` (grey codes flow_x_00001.jpg and flow_y_00001.jpg, zero motion is "
        "128), `flo`, `npy`, `png` (colours) or `mp4`. By default what `out` says, or jpg.",
    )
    threads: int | None = option(
        None,
        "Pairs of a video in flight at once for `tvl1`; by default as many as there are cores.",
        least=1,
    )

    def __post_init__(self) -> None:
        """Refuse values that no flow could be computed with."""
        check_options(self)


@takes_flags(FlowOptions, renamed={"algorithm": "flow", "preset": "flow_preset"})
@checks_paths
def flow(
    source: InputPath,
    frame1: InputPath | None = None,
    *,
    out: Annotated[OutputPath, cyclopts.Parameter(alias="-o")],
    options: FlowOptions,
) -> Path:
    """Compute the optical flow of two pictures, or of every pair of frames of a video.

    `twostream flow FRAME0 FRAME1 -o out.flo` writes one flow: `.flo` or `.npy` for the numbers,
    `.png` for Middlebury colours. `twostream flow VIDEO -o FOLDER` writes one or two files a pair,
    `twostream flow VIDEO -o out.mp4` a video in colours, where the bound is the speed of full colour.
    Stopped at any time, the same command goes on with a folder; a video is made anew.

    Parameters
    ----------
    source
        A video, or the first of two pictures.
    frame1
        The second picture.
    out
        The file to write for two pictures; a folder, or a file that ends in .mp4, for a video.

    Returns
    -------
    The path written, `out`.

    Raises
    ------
    TwostreamError
        Unreadable sources, frames of different sizes, a video with one frame, names that do not say
        a format, a folder with other flows.
    """
    from twostream.environment import available_cores

    source, frame1, out = Path(source), path_or_none(frame1), Path(out)
    if frame1 is not None:
        return _two_pictures(source, frame1, out, options)
    kind = _video_format(out, options.format)
    pairs = _Pairs(source, options, options.threads or available_cores())
    if kind == "mp4":
        _write_mp4(pairs, out, options.bound_px)
    else:
        _write_folder(pairs, out, kind, options.bound_px)
    return out


def _two_pictures(source: Path, frame1: Path, out: Path, options: FlowOptions) -> Path:
    from twostream.flow.algorithms import flow_sequence
    from twostream.flow.files import WRITABLE, read_image, write_flow

    suffix, kind = out.suffix.lower(), options.format
    if suffix not in WRITABLE or (kind is not None and suffix != f".{kind}"):
        raise TwostreamError(
            out,
            expected=f"a name that ends in {f'.{kind}' if kind else ', '.join(WRITABLE)}",
            found=f"suffix {out.suffix!r}" if out.suffix else "no suffix",
            remedy="name the file, for two pictures have one flow: -o out.flo",
        )
    _require_file(out)
    frames = [read_image(path) for path in (source, frame1)]
    if frames[0].shape != frames[1].shape:
        sizes = [f"{frame.shape[1]}x{frame.shape[0]}" for frame in frames]
        raise TwostreamError(
            frame1,
            expected=f"{sizes[0]} pixels like {source}",
            found=sizes[1],
            remedy="give pictures of one size",
        )
    (field,) = flow_sequence(frames, algorithm=options.flow, preset=options.flow_preset)
    return write_flow(out, field)


def _video_format(out: Path, kind: Format | None) -> Format:
    is_mp4 = out.suffix.lower() == ".mp4"
    if kind is None:
        kind = "mp4" if is_mp4 else "jpg"
    if (kind == "mp4") != is_mp4:
        raise TwostreamError(
            out,
            expected="a file that ends in .mp4" if kind == "mp4" else "a folder",
            found=out.name,
            remedy="-o out.mp4" if kind == "mp4" else "-o FOLDER, or leave --format out",
        )
    if kind == "mp4":
        _require_file(out)
    elif out.is_file() or out.suffix.lower() in _FILE_SUFFIXES:
        raise TwostreamError(
            out,
            expected="a folder, or a file that ends in .mp4, for a video",
            found="a file" if out.is_file() else f"suffix {out.suffix!r}",
            remedy="choose another --out; two pictures have one flow: FRAME0 FRAME1 -o out.flo",
        )
    return kind


def _require_file(out: Path) -> None:
    if out.is_dir():
        raise TwostreamError(
            out, expected="a file", found="a folder", remedy="choose another --out"
        )


@dataclass(frozen=True)
class _Pairs:
    """All pairs of consecutive frames of a video, and how their flow is computed."""

    source: Path
    options: FlowOptions
    threads: int
    seconds: list[float] = dataclasses.field(default_factory=list)
    """When the frames that were read are shown, from the first one of the first flow on."""

    def _noted(self, frames: Iterator[ShownFrame]) -> Iterator[ShownFrame]:
        for frame in frames:
            self.seconds.append(frame.seconds)
            yield frame

    def record(self) -> dict[str, Any]:
        """What the flows depend on, in plain values."""
        from twostream.flow import TVL1Parameters
        from twostream.preparation.extract import file_identity

        sha256, _ = file_identity(self.source)
        how = self.options
        parameters = asdict(TVL1Parameters.preset(how.flow_preset)) if how.flow == "tvl1" else {}
        return {"source_sha256": sha256, "algorithm": how.flow, "parameters": parameters}

    def flows(self, *, done: int = 0) -> Iterator[Flow]:
        """The flow of every pair after the first `done`.

        Raises TwostreamError naming the video, also for a single frame.
        """
        from twostream.datasets.names import readable
        from twostream.events import say
        from twostream.flow.algorithms import flow_sequence
        from twostream.flow.frames import grey
        from twostream.progress import Progress
        from twostream.video.decode import open_video
        from twostream.video.oddities import decoding_warning

        with open_video(self.source) as video:
            total = max((video.header_frames or 1) - 1, 1, done)
            shown = islice(video.shown_frames(), done, None)
            frames = (grey(frame.image()) for frame in self._noted(shown))
            flows = flow_sequence(
                frames,
                algorithm=self.options.flow,
                preset=self.options.flow_preset,
                threads=self.threads,
            )
            progress = Progress("flow", total=total, unit="pair", done=done, already_done=done)
            with progress:
                try:
                    for field in flows:
                        yield field
                        # Headers promise more or fewer frames than there are.
                        progress.total = max(progress.total, progress.done + 1)
                        progress.advance()
                except TwostreamError as error:
                    raise TwostreamError(
                        f"{self.source}, {error.subject}",
                        expected=error.expected,
                        found=error.found,
                        remedy=error.remedy,
                    ) from error
                if progress.done == 0:
                    raise TwostreamError(
                        self.source,
                        expected="two frames or more",
                        found="fewer",
                        remedy="flow needs two frames; re-encode or choose another video",
                    )
                progress.total = progress.done
            if warning := decoding_warning(video, progress.done + 1):
                say(f"{readable(str(self.source))}: {warning}")


def _write_folder(pairs: _Pairs, out: Path, kind: Any, bound: float) -> None:
    from twostream.flow.folder import begin, pairs_done, write_pair
    from twostream.video.decode import open_video

    with open_video(pairs.source):
        pass  # says what is wrong with a path, before anything is read from it or written
    record = {**pairs.record(), "format": kind, "bound_px": bound}
    done = pairs_done(out, kind, record)
    for index, field in enumerate(pairs.flows(done=done), start=done + 1):
        if index == 1:
            begin(out, record)
        write_pair(out, kind, index, field, bound_px=bound)


def _write_mp4(pairs: _Pairs, out: Path, bound: float) -> None:
    from fractions import Fraction

    import av
    import numpy as np

    from twostream.atomic import atomic_path
    from twostream.flow.colors import flow_to_rgb
    from twostream.video.decode import open_video

    with open_video(pairs.source) as video:
        rate = Fraction(video.fps).limit_denominator(1001)
    with atomic_path(out) as temporary, av.open(str(temporary.absolute()), "w") as container:
        stream: Any = None
        lasts: dict[int, int] = {}

        def mux(packets: Any) -> None:
            for packet in packets:
                packet.duration = lasts.pop(packet.pts)
                container.mux(packet)

        for index, field in enumerate(pairs.flows()):
            rgb = flow_to_rgb(field, max_px=bound)
            height, width = rgb.shape[:2]
            if stream is None:
                # Without B-frames, whose reordering shortens the duration that an MP4 states.
                options = {"crf": "18", "bf": "0"}
                stream = container.add_stream("libx264", rate=rate, options=options)
                # The format stores colours for 2x2 pixels: sides are even.
                stream.width, stream.height = width + width % 2, height + height % 2
                stream.pix_fmt = "yuv420p"
                stream.codec_context.time_base = Fraction(1, TICKS_A_SECOND)
            margin = (0, stream.height - height), (0, stream.width - width), (0, 0)
            picture = av.VideoFrame.from_ndarray(np.pad(rgb, margin, mode="edge"), format="rgb24")
            # Each flow as long as the frame that it starts from, whatever rate a header states.
            starts, ends = (
                round(seconds * TICKS_A_SECOND) for seconds in pairs.seconds[index : index + 2]
            )
            lasts[starts] = ends - starts
            picture.pts, picture.time_base = starts, Fraction(1, TICKS_A_SECOND)
            mux(stream.encode(picture))
        mux(stream.encode(None))
