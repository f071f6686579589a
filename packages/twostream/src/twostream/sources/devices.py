"""What gives live images: cameras by number, and whatever FFmpeg opens by its address."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol

import numpy as np

from twostream.errors import TwostreamError
from twostream.store.jpeg import Image
from twostream.video.fence import for_address
from twostream.video.orientation import Upright
from twostream.video.rates import DEFAULT_FPS, rate_of
from twostream.video.square_pixels import pixel_aspect

Address = int | str
# Images of these are lost where nobody takes them; of a file behind an address none is.
LIVE = ("rtsp", "rtsps", "rtmp", "rtmps", "rtp", "udp", "srt", "mms", "mmsh", "mmst")


class Device(Protocol):
    """Something that gives images one after another; used by one thread."""

    fps: float
    """Images a second, as it says itself."""
    live: bool
    """Whether images go on coming where nobody takes them."""

    def read(self) -> tuple[float, Image] | None:
        """The next image, (H, W, 3) uint8 RGB upright, and its time in seconds; None at the end."""
        ...

    def close(self) -> None:
        """Give it back."""
        ...


OpenDevice = Callable[[Address, float], Device]


def open_device(address: Address, timeout_seconds: float) -> Device:
    """Open the camera of a number, or an address; raises TwostreamError where that fails."""
    if isinstance(address, int):
        return _open_camera(address)
    return _open_address(address, timeout_seconds)


@dataclass
class _Camera:
    """A camera of this machine, by OpenCV; images are timed as they arrive."""

    capture: Any
    fps: float
    live: bool = True

    def read(self) -> tuple[float, Image] | None:
        done, image = self.capture.read()
        if not done:
            return None
        return time.monotonic(), np.ascontiguousarray(image[..., ::-1])

    def close(self) -> None:
        self.capture.release()


def _open_camera(number: int) -> Device:
    cv2: Any = import_module("cv2")
    log = cv2.utils.logging
    before = log.getLogLevel()
    log.setLogLevel(log.LOG_LEVEL_SILENT)  # the error says once what each way to open it says
    try:
        capture = cv2.VideoCapture(number)
    finally:
        log.setLogLevel(before)
    if not capture.isOpened():
        raise TwostreamError(
            f"camera {number}",
            expected="a camera of that number",
            found="none that can be opened",
            remedy="plug it in, close other programs that use it, or try another number",
        )
    return _Camera(capture, fps=float(capture.get(cv2.CAP_PROP_FPS)) or DEFAULT_FPS)


class _Stream:
    """An address that FFmpeg opens; images have the times that it gives them."""

    def __init__(self, address: str, container: Any, *, live: bool, timeout_seconds: float) -> None:
        stream = container.streams.video[0]
        self.fps = rate_of(stream).fps
        self.live = live
        self._address = address
        self._timeout_seconds = timeout_seconds
        self._container = container
        self._frames = self._decoded(stream)
        self._upright = Upright(aspect=pixel_aspect(stream))

    def read(self) -> tuple[float, Image] | None:
        frame = next(self._frames, None)
        if frame is None:
            return None
        seconds = time.monotonic() if frame.time is None else float(frame.time)
        return seconds, self._upright(frame)

    def close(self) -> None:
        self._container.close()

    def _decoded(self, stream: Any) -> Iterator[Any]:
        import av

        packets = self._container.demux(stream)
        while True:
            try:
                packet = next(packets, None)
            except av.FFmpegError as error:
                if isinstance(error, av.ExitError):
                    found = _reason(error, self._timeout_seconds)
                else:
                    found = f"its end ({_reason(error, self._timeout_seconds)})"
                raise _refused(self._address, found) from error
            if packet is None:
                return
            try:
                yield from packet.decode()
            except av.FFmpegError:
                continue  # what was lost on the way; the next key frame is whole again


def _open_address(address: str, timeout_seconds: float) -> Device:
    import av

    try:
        container = av.open(
            address, options=for_address(address), timeout=(timeout_seconds, timeout_seconds)
        )
    except (av.FFmpegError, ValueError) as error:
        raise _refused(address, _reason(error, timeout_seconds)) from error
    if not container.streams.video:
        container.close()
        raise _refused(address, "no video stream")
    live = address.partition("://")[0].lower() in LIVE
    return _Stream(address, container, live=live, timeout_seconds=timeout_seconds)


def _refused(address: str, found: str) -> TwostreamError:
    return TwostreamError(
        address,
        expected="moving pictures that FFmpeg can read",
        found=found,
        remedy="check the address and the connection",
    )


def _reason(error: Exception, timeout_seconds: float) -> str:
    import av

    if isinstance(error, av.ExitError):  # by which FFmpeg says that time is up
        return f"nothing for {timeout_seconds:g} s"
    return str(getattr(error, "strerror", "") or error)
