"""The verb `flow`: optical flow of two pictures or of a whole video, as files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import cyclopts

from twostream.choices import Algorithm, Preset
from twostream.errors import TwostreamError
from twostream.options import again, check_options, option
from twostream.paths import InputPath, OutputPath, path_or_none
from twostream.preparation.options import ExtractionOptions
from twostream.verbs.flags import takes_flags
from twostream.verbs.paths import checks_paths

Format = Literal["jpg", "flo", "npy", "png", "mp4", "csv"]
_FILES = {"mp4": "a video in colours", "csv": "a table of motion"}


@dataclass(frozen=True, kw_only=True)
class FlowOptions:
    """How flow is computed, and how its files are written."""

    flow: Algorithm = again(ExtractionOptions, "flow")
    flow_preset: Preset = again(ExtractionOptions, "flow_preset")
    bound_px: float = again(ExtractionOptions, "bound_px")
    format: Format | None = option(
        None,
        "Of the files of a video: `jpg` (grey codes flow_x_00001.jpg and flow_y_00001.jpg, zero motion is "
        "128), `flo`, `npy`, `png` (colours), `mp4` or `csv`. By default what `out` says, or jpg.",
    )
    full_color_px: float | None = option(
        None,
        "Speed of full colour in `png` and `mp4`, in pixels per step. By default one that suits the video: "
        "99 % of what moves in 12 pairs is slower.",
        flag="full-color",
        above=0,
    )
    threads: int | None = option(
        None,
        "Pairs of a video in flight at once for `tvl1`; by default as many as there are cores.",
        least=1,
    )

    def __post_init__(self) -> None:
        """Refuse values that no flow could be computed with."""
        check_options(self)
        default = FlowOptions.flow_preset
        if self.flow != "tvl1" and self.flow_preset != default:
            raise TwostreamError(
                "--flow-preset",
                expected=f"{default} with --flow {self.flow}, for presets are those of tvl1",
                found=self.flow_preset,
                remedy="leave one of them out",
            )


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
    `twostream flow VIDEO -o out.mp4` a video in colours with its wheel, and `twostream flow VIDEO
    -o motion.csv` a table: mean speed and direction between frames, and the share of pixels that move (by
    more than half a pixel). Stopped at any time, the same command goes on with a folder; a file is begun
    anew.

    Parameters
    ----------
    source
        A video, or the first of two pictures.
    frame1
        The second picture.
    out
        The file to write for two pictures; a folder, or a file that ends in .mp4 or .csv, for a video.

    Returns
    -------
    The path written, `out`.

    Raises
    ------
    TwostreamError
        Unreadable sources, frames of different sizes, a video with one frame, names that do not say
        a format, a folder with other flows.
    """
    from twostream.datasets.names import readable
    from twostream.environment import available_cores
    from twostream.events import say
    from twostream.verbs.flow_pairs import Pairs, write_film, write_folder, write_motion

    source, frame1, out = Path(source), path_or_none(frame1), Path(out)
    if frame1 is not None:
        _require_pictures(frame1, out, options.format)
        return _two_pictures(source, frame1, out, options)
    kind = _video_format(out, options.format)
    pairs = Pairs(source, options.flow, options.flow_preset, options.threads or available_cores())
    if kind == "mp4":
        write_film(pairs, out, full_color_px=options.full_color_px)
    elif kind == "csv":
        write_motion(pairs, out)
    else:
        write_folder(
            pairs, out, kind, bound_px=options.bound_px, full_color_px=options.full_color_px
        )
    say(f"{readable(str(out))}: written")
    return out


def _require_pictures(frame1: Path, out: Path, kind: Format | None) -> None:
    of_video = _FILES.get(kind or out.suffix.lower().removeprefix("."))
    if of_video is not None:
        raise TwostreamError(
            frame1,
            expected=f"one video alone for {of_video}",
            found="a second path",
            remedy="run it once for each video; of two pictures there is one flow: -o out.flo",
        )


def _two_pictures(source: Path, frame1: Path, out: Path, options: FlowOptions) -> Path:
    from twostream.flow.algorithms import flow_sequence
    from twostream.flow.files import WRITABLE, read_image, require_own_flow, write_flow

    suffix, kind = out.suffix.lower(), options.format
    if suffix not in WRITABLE or (kind is not None and suffix != f".{kind}"):
        raise TwostreamError(
            out,
            expected=f"a name that ends in {f'.{kind}' if kind else ', '.join(WRITABLE)}",
            found=f"suffix {out.suffix!r}" if out.suffix else "no suffix",
            remedy="name the file, for two pictures have one flow: -o out.flo",
        )
    _require_file(out)
    require_own_flow(out, flag="--out")
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
    from twostream.own_files import require_own_csv, require_own_video
    from twostream.verbs.flow_pairs import MOTION_COLUMNS

    suffix = out.suffix.lower().removeprefix(".")
    if kind is None:
        kind = "mp4" if suffix == "mp4" else "csv" if suffix == "csv" else "jpg"
    if kind in _FILES:
        if suffix != kind:
            raise TwostreamError(
                out,
                expected=f"a file that ends in .{kind}",
                found=out.name,
                remedy=f"-o out.{kind}",
            )
        _require_file(out)
        if kind == "csv":
            require_own_csv(out, MOTION_COLUMNS, flag="--out", what="a table of motion")
        else:
            require_own_video(out, flag="--out")
        return kind
    # A folder may have any name that nobody takes for that of a file.
    if suffix in _FILES:
        raise TwostreamError(
            out,
            expected="a folder",
            found=out.name,
            remedy="-o FOLDER, or leave --format out",
        )
    if out.is_file() or (out.suffix and not out.is_dir() and not suffix.isdigit()):
        raise TwostreamError(
            out,
            expected="a folder, or a file that ends in .mp4 or .csv, for a video",
            found="a file" if out.is_file() else f"suffix {out.suffix!r}",
            remedy="choose another --out; two pictures have one flow: FRAME0 FRAME1 -o out.flo",
        )
    return kind


def _require_file(out: Path) -> None:
    if out.is_dir():
        raise TwostreamError(
            out, expected="a file", found="a folder", remedy="choose another --out"
        )
