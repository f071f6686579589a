"""All pairs of consecutive frames of a video, their flow, and the files and films it goes to."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twostream.choices import Algorithm, Preset
from twostream.errors import TwostreamError
from twostream.fingerprints import deciding_values

if TYPE_CHECKING:
    from twostream.flow.algorithms import Flow
    from twostream.flow.folder import FolderFormat
    from twostream.video.decode import ShownFrame

TICKS_A_SECOND = 90_000  # of the times in videos of flow
LOOKED_AT = 12  # pairs whose motion decides the speed of full colour
MOTION_COLUMNS = ("frame", "seconds", "mean_speed_px", "direction_degrees", "moving_share")


@dataclass(frozen=True)
class Pairs:
    """All pairs of consecutive frames of a video, and how their flow is computed."""

    source: Path
    algorithm: Algorithm
    preset: Preset
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
        is_tvl1 = self.algorithm == "tvl1"
        parameters = deciding_values(TVL1Parameters.preset(self.preset)) if is_tvl1 else {}
        return {"source_sha256": sha256, "algorithm": self.algorithm, "parameters": parameters}

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
                algorithm=self.algorithm,
                preset=self.preset,
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
                        remedy="flow needs two; choose another video, or two pictures: FRAME0 FRAME1",
                    )
                progress.total = progress.done
            if warning := decoding_warning(video, progress.done + 1):
                say(f"{readable(str(self.source))}: {warning}")

    def full_color_px(self) -> float:
        """The speed of full colour that suits this video: by `LOOKED_AT` pairs evenly over it.

        They are decoded beforehand and their flow is computed by the fastest algorithm; raises what
        opening a video raises.
        """
        from twostream.flow.frames import grey
        from twostream.flow.motion import MOVING_PX, full_color_px
        from twostream.flow.opencv import dis
        from twostream.video.decode import open_video

        flows = []
        with open_video(self.source) as video:
            step = max(1, (video.header_frames or 0) // LOOKED_AT)
            earlier = None
            for index, frame in enumerate(islice(video.shown_frames(), LOOKED_AT * step + 1)):
                if earlier is not None:
                    later = grey(frame.image())
                    if later.shape == earlier.shape:
                        flows.append(dis(earlier, later))
                earlier = grey(frame.image()) if index % step == 0 else None
        return full_color_px(flows) if flows else MOVING_PX


def write_folder(
    pairs: Pairs, out: Path, kind: FolderFormat, *, bound_px: float, full_color_px: float | None
) -> None:
    """Write one or two files a pair into `out`, going on where an earlier run stopped."""
    from twostream.flow.folder import begin, pairs_done, write_pair
    from twostream.video.decode import open_video

    with open_video(pairs.source):
        pass  # says what is wrong with a path, before anything is read from it or written
    record = {**pairs.record(), "format": kind, "bound_px": bound_px}
    if kind == "png":
        bound_px = pairs.full_color_px() if full_color_px is None else full_color_px
        record["full_color_px"] = bound_px
    done = pairs_done(out, kind, record)
    for index, field in enumerate(pairs.flows(done=done), start=done + 1):
        if index == 1:
            begin(out, record)
        write_pair(out, kind, index, field, bound_px=bound_px)


def write_film(pairs: Pairs, out: Path, *, full_color_px: float | None) -> None:
    """Write the flow in colours as a video with its colour wheel."""
    from fractions import Fraction

    import av
    import numpy as np

    from twostream.atomic import atomic_path
    from twostream.flow.colors import draw_legend, flow_to_rgb
    from twostream.own_files import MARK
    from twostream.video.decode import open_video

    with open_video(pairs.source) as video:
        rate = Fraction(video.fps).limit_denominator(1001)
    fastest = pairs.full_color_px() if full_color_px is None else full_color_px
    with atomic_path(out) as temporary, av.open(str(temporary.absolute()), "w") as container:
        container.metadata["comment"] = MARK
        stream: Any = None
        lasts: dict[int, int] = {}

        def mux(packets: Any) -> None:
            for packet in packets:
                packet.duration = lasts.pop(packet.pts)
                container.mux(packet)

        for index, field in enumerate(pairs.flows()):
            rgb = draw_legend(flow_to_rgb(field, max_px=fastest), max_px=fastest)
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


def write_motion(pairs: Pairs, out: Path) -> None:
    """Write a table, one row a pair: when, how fast, whither, and how much of the picture moves."""
    from twostream.atomic import write_csv
    from twostream.flow.motion import motion_of

    rows: list[tuple[int, float, float, float | None, float]] = []
    for index, field in enumerate(pairs.flows()):
        motion = motion_of(field)
        seconds = pairs.seconds[index]
        rows.append(
            (
                index + 1,
                seconds,
                motion.mean_speed_px,
                motion.direction_degrees,
                motion.moving_share,
            )
        )
    write_csv(out, MOTION_COLUMNS, rows)
