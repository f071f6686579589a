"""How long a video will turn out to be, told before it is decoded."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from twostream.errors import TwostreamError
from twostream.video.decode import DEFAULT_FPS, Video
from twostream.video.frame_times import IncreasingTimes, longest_gap_seconds
from twostream.video.opening import open_stream

# Their headers state how long they are, joined ones too; others say it of their first or last recording.
KEEP_THEIR_WORD = frozenset({"mp4", "mov"})
MOST_BYTES = 64 << 20
# Of longer files the rest is taken to be like their beginning, which is never quite true.
JOINED_FROM = 1.5


def expected_seconds(video: Video) -> float | None:
    """How long a video lasts by its header, or by its packets where these say that it is much longer.

    So are recordings that were joined byte by byte. Of a long file only the beginning is read. None where
    nothing is known.
    """
    stated = video.stated_seconds or video.container_seconds
    if not KEEP_THEIR_WORD.isdisjoint(video.container_name.split(",")):
        return stated
    try:
        status = video.path.stat()
        told = seconds_of_packets(video.path, status.st_size, status.st_mtime_ns)
    except (OSError, TwostreamError):
        return stated
    if told is None:
        return stated
    return told if stated is None or told > JOINED_FROM * stated else stated


@lru_cache(maxsize=256)
def seconds_of_packets(path: Path, size: int, _: int) -> float | None:
    """How long the packets of a file last one after another; none is decoded.

    Raises TwostreamError where it cannot be opened.
    """
    import av

    with open_stream(path) as stream:
        rate = stream.average_rate or stream.guessed_rate
        fps = float(rate) if rate else DEFAULT_FPS
        name = str(stream.container.format.name)
        times = IncreasingTimes(fps, longest_gap_seconds=longest_gap_seconds(name))
        reached, packets = 0, 0
        try:
            for packet in stream.container.demux(stream):
                if packet.dts is not None and packet.size:
                    times.next(float(packet.dts * packet.time_base))
                    packets += 1
                    reached = max(reached, packet.pos or 0)
                if reached > MOST_BYTES:
                    break
        except av.FFmpegError:
            pass
    if not packets:
        return None
    seconds = times.last_seconds + 1 / fps
    return seconds * size / reached if reached > MOST_BYTES else seconds
