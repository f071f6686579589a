"""What `serve` can be told."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated

from twostream.errors import TwostreamError
from twostream.options import check_options, option
from twostream.paths import READ
from twostream.prediction.options import PredictOptions
from twostream.video.limits import Limits

MEBI = 1 << 20


@dataclass(frozen=True, kw_only=True)
class LimitOptions:
    """How much strangers may ask of a server."""

    upload_mib: float = option(
        256.0, "The largest upload, in MiB; a larger one is refused with status 413.", above=0
    )
    upload_seconds: float = option(
        120.0, "Seconds in which an upload must be complete; a slower one gets status 408.", above=0
    )
    megapixels: float = option(
        9.0,
        "The largest picture of a video, in millions of pixels: 9 holds 4K. It is asked of the header "
        "before anything is decoded, and of every picture.",
        above=0,
    )
    video_seconds: float = option(
        3600.0, "The longest video, in seconds, by its header and while it is decoded.", above=0
    )
    work_seconds: float = option(
        600.0,
        "Seconds of work on one upload; what takes longer is stopped and gets status 504.",
        above=0,
    )
    worker_mib: float = option(
        4096.0,
        "Memory, in MiB, that the worker may take beyond its networks; who makes it take more gets "
        "status 422. On Linux.",
        above=0,
    )
    queue: int = option(
        32,
        "Requests that may wait or be uploaded at the same time; more get status 503 at once.",
        least=1,
    )
    keep_jobs: int = option(
        50, "Jobs that are kept; the oldest that is done makes room for a new one.", least=1
    )
    keep_minutes: float = option(
        60.0, "Minutes after which a job that nobody asks for is removed, with its video.", above=0
    )

    def __post_init__(self) -> None:
        """Refuse values out of range."""
        check_options(self)

    @property
    def upload_bytes(self) -> int:
        """The largest upload."""
        return round(self.upload_mib * MEBI)

    @property
    def of_videos(self) -> Limits:
        """What is read of a video."""
        return Limits(most_pixels=round(self.megapixels * 1e6), most_seconds=self.video_seconds)


@dataclass(frozen=True, kw_only=True)
class ServeOptions:
    """Where a run is served, to whom, and how much of it."""

    port: int = option(8000, "The port; 0 takes a free one.", main=True, least=0, most=65535)
    host: str = option(
        "127.0.0.1",
        "The address to listen on. The default is reached from this machine alone; another one needs "
        "--token.",
        main=True,
    )
    token: str | None = option(
        None,
        "Answer only who knows this word, sent as `Authorization: Bearer WORD` or typed into the page; "
        "`new` makes one and tells it. It is best kept in a file for --config: what stands on a command "
        "line other users of the machine can see.",
        main=True,
    )
    examples: Annotated[Path | None, READ] = option(
        None, "A folder of videos to try, a few of which the page offers.", main=True
    )
    stop_seconds: float = option(
        10.0, "Seconds that requests at work have to finish when the server is stopped.", least=0
    )
    limits: LimitOptions = field(default_factory=LimitOptions)
    predict: PredictOptions = field(default_factory=PredictOptions)

    def __post_init__(self) -> None:
        """Refuse to be reached by others without a token."""
        check_options(self)
        if self.token is not None and len(self.token) < 3:
            raise TwostreamError(
                "--token",
                expected="a word of at least three letters, or new",
                found="a shorter one",
                remedy="--token new makes a good one",
            )
        if not self.is_local and self.token is None:
            raise TwostreamError(
                "--host",
                expected="--token for an address that other machines reach",
                found=f"{self.host} and no token",
                remedy="add --token new",
            )

    @property
    def is_local(self) -> bool:
        """Whether nobody but this machine reaches the address."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"
