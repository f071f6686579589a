"""How long a video will turn out to be, told before it is decoded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from twostream.errors import TwostreamError
from twostream.video.decode import Video
from twostream.video.frame_times import IncreasingTimes, longest_gap_seconds
from twostream.video.opening import open_stream
from twostream.video.rates import has_times, rate_of

# Their headers state how long they are, joined ones too; others say it of their first or last recording.
KEEP_THEIR_WORD = frozenset({"mp4", "mov"})
MOST_BYTES = 64 << 20
# Of longer files the rest is taken to be like their beginning, which is never quite true.
JOINED_FROM = 1.5


@dataclass(frozen=True)
class ToldByPackets:
    """How many pictures the packets of a file hold and how long these last; `whole`: all were looked at."""

    frames: float
    seconds: float
    whole: bool


def expected_seconds(video: Video) -> float | None:
    """How long a video lasts by its header, or by its packets where these can be trusted more.

    So it is where all of them are looked at. Of a long file the beginning alone is, and decides where it
    says that the file is much longer, as where recordings were joined. None where nothing is known.
    """
    stated = video.stated_seconds or video.container_seconds
    told = told_by_packets(video)
    if told is None:
        return stated
    surer = told.whole or stated is None or told.seconds > JOINED_FROM * stated
    return told.seconds if surer else stated


def length_seconds(video: Video) -> float:
    """The same, or what the number of frames in its header comes to; 0 where nothing is known.

    Of the pictures alone: sound may go on for long after the last one.
    """
    return expected_seconds(video) or (video.header_frames or 0) / video.fps


def expected_frames(video: Video) -> tuple[float, float]:
    """How many frames a video will turn out to have, 0 where nothing is known, and how many a second."""
    told = told_by_packets(video)
    if told is not None and told.whole:
        return told.frames, told.frames / told.seconds
    by_time = (expected_seconds(video) or 0.0) * video.fps
    frames = video.header_frames or by_time
    return by_time if by_time > JOINED_FROM * frames else frames, video.fps


def told_by_packets(video: Video) -> ToldByPackets | None:
    """What the packets of a video say; None of headers that keep their word, and where they say nothing."""
    kinds = video.container_name.split(",")
    # In a fragmented MP4 the header says no number, and its duration may count from a clock's 0.
    if video.header_frames is not None and not KEEP_THEIR_WORD.isdisjoint(kinds):
        return None
    try:
        status = video.path.stat()
        told = _told(video.path, status.st_size, status.st_mtime_ns)
    except (OSError, TwostreamError):
        return None
    # Of recordings that were joined FFmpeg may read the first one alone.
    return replace(told, whole=False) if told is not None and video.is_joined else told


@lru_cache(maxsize=256)
def _told(path: Path, size: int, _: int) -> ToldByPackets | None:
    import av

    with open_stream(path) as stream:
        fps, timed = rate_of(stream).fps, has_times(stream)
        name = str(stream.container.format.name)
        times = IncreasingTimes(fps, longest_gap_seconds=longest_gap_seconds(name))
        reached, packets = 0, 0
        try:
            for packet in stream.container.demux(stream):
                if packet.size and (packet.dts is not None or not timed):
                    dts = packet.dts
                    times.next(None if dts is None else float(dts * packet.time_base))
                    packets += 1
                    reached = max(reached, packet.pos or 0)
                if reached > MOST_BYTES:
                    break
        except av.FFmpegError:
            pass
    if not packets:
        return None
    seconds, whole = times.last_seconds + 1 / fps, reached <= MOST_BYTES
    share = 1.0 if whole else size / reached
    return ToldByPackets(packets * share, seconds * share, whole)
