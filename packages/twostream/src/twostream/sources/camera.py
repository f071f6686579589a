"""A camera or a stream as a clip: images pulled as they come, and nothing shown twice."""

from __future__ import annotations

import queue
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeVar

from twostream.errors import TwostreamError
from twostream.sources.devices import Address, Device, OpenDevice, open_device
from twostream.sources.forward import Forward, PassedError
from twostream.sources.images import ChosenImages
from twostream.sources.specification import FlowSpecification
from twostream.store.jpeg import Image
from twostream.store.source import ClipFacts, Planes
from twostream.video.decode import ShownFrame
from twostream.video.frame_times import IncreasingTimes

if TYPE_CHECKING:
    from twostream.flow.tv_l1.flow import Threads

Item = TypeVar("Item")
TIMEOUT_SECONDS = 10.0
# Images that wait for whoever takes them: a second of most cameras.
WAITING_IMAGES = 30
LOOK_UP_SECONDS = 0.1
Came = tuple[float, Image] | Exception | None


class CameraClip:
    """What a camera or an address shows from now on, made into images and flows as the store has them.

    Images are taken by their times, at the rate of the specification, and can be read forwards only; the
    latest are kept. What comes while nobody takes it is dropped, the oldest first, and counted in
    `dropped_frames`, but nothing of a file behind an address is. It is pickled as its address: another
    process opens it for itself, which most cameras allow to one at a time.
    """

    def __init__(
        self,
        address: Address,
        specification: FlowSpecification,
        *,
        timeout_seconds: float = TIMEOUT_SECONDS,
        threads: Threads = 1,
        opener: OpenDevice = open_device,
    ) -> None:
        self.address = address
        self.specification = specification
        self.timeout_seconds = timeout_seconds
        self.threads = threads
        self.opener = opener
        self._lock = threading.RLock()
        self._facts: ClipFacts | None = None
        self._forward: Forward | None = None
        self._pump: _Pump | None = None
        self._images: ChosenImages | None = None

    def __reduce__(self) -> tuple[Callable[..., CameraClip], tuple[object, ...]]:
        """The address and how it is read; what is open stays here."""
        parts = (self.address, self.specification, self.timeout_seconds, self.threads, self.opener)
        return _again, parts

    @property
    def name(self) -> str:
        """As users know it."""
        return f"camera {self.address}" if isinstance(self.address, int) else self.address

    @property
    def dropped_frames(self) -> int:
        """Images that came while nobody took them."""
        return self._pump.dropped if self._pump is not None else 0

    def seconds(self, index: int) -> float | None:
        """When image `index` came, from the first one; None before it was read, and long after."""
        return self._images.moments.of(index) if self._images is not None else None

    @property
    def resized_frames(self) -> int:
        """Images so far that came in another size than the first."""
        return self._images.other_sizes if self._images is not None else 0

    @property
    def facts(self) -> ClipFacts:
        """What is known of it, after its first image; raises TwostreamError where none comes."""
        with self._lock:
            self._started()
            assert self._facts is not None
            return self._facts

    def count_frames(self) -> int:
        """Refused with a TwostreamError: nobody knows the end of what is still going on."""
        raise TwostreamError(
            self.name,
            expected="a clip with an end",
            found="a live source",
            remedy="ask for the next frames and flows of it, or record it first",
        )

    def frames(self, first: int = 0, end: int | None = None) -> Iterator[Image]:
        """Frames `first` to `end` (excluded; None: for ever): (H, W, 3) uint8 RGB.

        Raises TwostreamError where none comes in time, where it ends before, and for what has passed.
        """
        return self._each(Forward.frame, "frame", first, end)

    def flows(self, first: int = 0, end: int | None = None) -> Iterator[Planes]:
        """Flows `first` to `end` (excluded; None: for ever), x and y: (H, W) uint8 codes, zero motion 128.

        Raises TwostreamError as `frames` does.
        """
        return self._each(Forward.flow, "flow", first, end)

    def close(self) -> None:
        """Give the camera back; opened again, it begins with another frame 0."""
        if self._pump is not None:
            self._pump.stop()
        self._forward = None

    def _each(
        self,
        read: Callable[[Forward, int], Item | None],
        kind: str,
        first: int,
        end: int | None,
    ) -> Iterator[Item]:
        if first < 0 or (end is not None and end < first):
            raise IndexError(f"{self.name}: {kind}s {first} to {end}")
        index = first
        while end is None or index < end:
            with self._lock:
                forward = self._started()
                forward.keep(0 if end is None else end - first)
                try:
                    item = read(forward, index)
                except PassedError as error:
                    raise self._refused(f"{kind} {index}", "it has passed") from error
            if item is None:
                if end is None:
                    return
                raise self._refused(f"{kind} {index}", f"the end after {forward.reached}")
            yield item
            index += 1

    def _refused(self, expected: str, found: str) -> TwostreamError:
        return TwostreamError(
            self.name, expected=expected, found=found, remedy="read a live source forwards"
        )

    def _started(self) -> Forward:
        if self._forward is None:
            device = self.opener(self.address, self.timeout_seconds)
            self._pump = _Pump(device, self.name, self.timeout_seconds)
            weakref.finalize(
                self, self._pump.stop
            )  # whoever forgets the clip gives the camera back
            images = self._images = ChosenImages(self._pump.frames(), self.specification)
            self._forward = Forward(
                images.lazily(), self.specification, subject=self.name, threads=self.threads
            )
            try:
                if self._forward.frame(0) is None:
                    raise self._refused("a first frame", "the end")
            except TwostreamError:
                self._pump.stop()
                self._forward = None
                raise
            self._facts = ClipFacts(
                name=self.name,
                layout="camera",
                width=images.size[0],
                height=images.size[1],
                fps=images.stated_fps(device.fps),
                frames=None,
            )
        return self._forward


class _Pump:
    """Reads a device in a thread of its own, so that a source that stalls stalls nobody for ever."""

    def __init__(self, device: Device, name: str, timeout_seconds: float) -> None:
        self.dropped = 0
        self._device = device
        self._name = name
        self._timeout_seconds = timeout_seconds
        self._waiting: queue.Queue[Came] = queue.Queue(WAITING_IMAGES)
        self._stopped = threading.Event()
        threading.Thread(target=self._read, name=f"read {name}", daemon=True).start()

    def stop(self) -> None:
        """Let the thread end, and the device with it."""
        self._stopped.set()

    def frames(self) -> Iterator[ShownFrame]:
        """The images as they come, up to the device's end; TwostreamError where none comes in time."""
        first: float | None = None
        times = IncreasingTimes(self._device.fps)
        while (came := self._next()) is not None:
            if isinstance(came, Exception):
                raise came
            seconds, image = came
            first = seconds if first is None else first
            yield ShownFrame(times.next(round(seconds - first, 6)), image, _as_it_is)

    def _next(self) -> Came:
        waited = 0.0
        while not self._stopped.is_set():
            try:
                return self._waiting.get(timeout=LOOK_UP_SECONDS)
            except queue.Empty:
                waited += LOOK_UP_SECONDS
                if waited >= self._timeout_seconds:
                    raise TwostreamError(
                        self._name,
                        expected="another frame",
                        found=f"none for {self._timeout_seconds:g} s",
                        remedy="check the camera or the connection",
                    ) from None
        return None

    def _read(self) -> None:
        try:
            while not self._stopped.is_set():
                came = self._device.read()
                self._put(came)
                if came is None:
                    return
        except Exception as error:  # raised again by whoever takes the images
            self._put(error)
        finally:
            self._device.close()

    def _put(self, came: Came) -> None:
        while not self._stopped.is_set():
            try:
                self._waiting.put(came, timeout=0 if self._device.live else LOOK_UP_SECONDS)
                return
            except queue.Full:
                if self._device.live:
                    self._drop_oldest()

    def _drop_oldest(self) -> None:
        try:
            self._waiting.get_nowait()
        except queue.Empty:
            return
        self.dropped += 1


def _as_it_is(image: Image) -> Image:
    return image


def _again(
    address: Address,
    specification: FlowSpecification,
    timeout_seconds: float,
    threads: Threads,
    opener: OpenDevice,
) -> CameraClip:
    return CameraClip(
        address, specification, timeout_seconds=timeout_seconds, threads=threads, opener=opener
    )
