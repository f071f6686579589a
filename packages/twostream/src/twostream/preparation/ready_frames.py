"""Ready frames into one stored clip: the same JPEGs, renumbered so that flow k leaves image k."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from twostream.datasets.clips import Dataset, FrameFolder
from twostream.datasets.names import counted
from twostream.errors import TwostreamError
from twostream.preparation.alignment import (
    CLEAR_MAJORITY,
    FEWEST_VOTES,
    Alignment,
    decide,
    read_numbers,
    weigh,
)
from twostream.preparation.options import ExtractionOptions
from twostream.store.clip import JPEG_END, JPEG_START
from twostream.store.frame_folders import FrameFiles, Member, open_frames
from twostream.store.jpeg import encode_jpeg
from twostream.store.members import METADATA_MEMBER, flow_members, frame_member
from twostream.store.metadata import FLOW_ENCODING, ClipMetadata, parse_metadata
from twostream.store.writer import clip_sink

ALGORITHM = "ready"
CLASSIC_ZERO_CODE = 127
CLASSIC_ENCODING = "code = floor(127.5 + 127.5 * clamp(flow, -bound, bound) / bound)"
KEPT_AS_IT_WAS = 0  # the quality of a JPEG that somebody else wrote
BY = {"counts": "their counts", "images": "their images", "others": "the images of other clips"}
REMEDY = "extract the clip again, or prepare from its video"


def store_ready_frames(
    folder: FrameFolder,
    target: Path,
    options: ExtractionOptions,
    *,
    fps: float,
    others: Alignment | None = None,
) -> ClipMetadata:
    """Store the ready frames in `folder` as `target`; JPEGs are copied, other images encoded.

    Every image is decoded once, to know that it is whole and of one size. Codes are taken as classic
    ones, which truncate, so that zero motion is code 127; those that this package wrote (told by
    their ``clip.json``) keep theirs. `fps` is an assumption, for images do not tell; `others` is how
    the flows of other clips lie, for where these leave it open. Raises
    TwostreamError for images that are missing, damaged, or of several sizes.
    """
    files = open_frames(folder)
    numbers = read_numbers(files.images, subject=str(folder))
    own = _own_metadata(files)
    bound_px = own.bound_px if own else options.bound_px
    zero_code = None if own else CLASSIC_ZERO_CODE
    size = _size(_decode(files, files.images["img"][numbers.images[0]], grey=False))

    def grey(number: int) -> npt.NDArray[np.uint8]:
        return _decode(files, files.images["img"][number], grey=True)

    def flow(number: int) -> npt.NDArray[np.float32]:
        kinds = (files.images[kind][number] for kind in ("flow_x", "flow_y"))
        codes = np.stack([_of_size(files, member, size) for member in kinds], axis=-1)
        zero, steps = (127.5, 127.5) if own is None else (128.0, 127.0)
        scaled: npt.NDArray[np.float32] = (codes.astype(np.float32) - zero) * (bound_px / steps)
        return scaled

    for member in files.images["img"].values():
        _of_size(files, member, size)
    decision = decide(numbers, weigh(numbers, grey=grey, flow=flow), others=others)
    first, last = numbers.images
    with clip_sink(target, layout=options.layout) as put:
        for index, number in enumerate(range(first, last + 1)):
            image = files.images["img"][number]
            put(frame_member(index), _jpeg(files, image, quality=options.jpeg_quality))
            if number == last:
                break
            for kind, name in zip(("flow_x", "flow_y"), flow_members(index), strict=True):
                member = files.images[kind][decision.first_flow + index]
                _of_size(files, member, size)
                put(name, _jpeg(files, member, quality=options.jpeg_quality))
        sha256, n_bytes = files.identity()
        parameters = {
            "images": len(files.images["img"]),
            "flows": len(files.images["flow_x"]),
            **decision.facts(),
            "fps": "as stored" if own else "assumed",
        }
        if own is not None:
            parameters["made_by"] = own.flow_algorithm
        metadata = ClipMetadata(
            source_name=folder.name.encode("utf-8", "replace").decode(),
            source_sha256=sha256,
            source_bytes=n_bytes,
            source_width=size[0],
            source_height=size[1],
            fps=own.fps if own else fps,
            frames=last - first + 1,
            width=size[0],
            height=size[1],
            step=1,
            bound_px=bound_px,
            jpeg_quality=own.jpeg_quality if own else KEPT_AS_IT_WAS,
            flow_algorithm=ALGORITHM,
            flow_parameters=parameters,
            warning=decision.warning,
            flow_zero_code=zero_code,
            flow_encoding=FLOW_ENCODING if own else CLASSIC_ENCODING,
        )
        put(METADATA_MEMBER, metadata.to_json())
    return metadata


def has_ready_flow(dataset: Dataset) -> bool:
    """Whether clips of `dataset` come with their flow, so that none is computed."""
    return any(clip.frames_in and clip.frames_in.has_flow for clip in dataset.clips)


def refuse_options(options: ExtractionOptions) -> None:
    """Raise TwostreamError for options that ready frames cannot follow."""
    for flag, given in (
        ("--short-side", options.short_side_px is not None),
        ("--step", options.step != 1),
        ("--fps", options.fps is not None),
        ("--crop", options.crop is not None),
    ):
        if given:
            raise TwostreamError(
                flag,
                expected="a source of videos",
                found="ready frames, which are kept as they are",
                remedy=f"leave {flag} out, or prepare from the videos",
            )


def outvoted(stored: Mapping[str, ClipMetadata]) -> tuple[Alignment | None, tuple[str, ...]]:
    """How the flows of the clips lie whose images have decided, and which open ones lie otherwise.

    One tool makes all clips of a data set, so a clear majority speaks for the clips too whose images
    leave it open (steady or hardly any motion).
    """
    facts = {
        clip_id: item.flow_parameters
        for clip_id, item in stored.items()
        if item.flow_algorithm == ALGORITHM and "images" in item.flow_parameters
    }
    votes = Counter(item["alignment"] for item in facts.values() if item["decided_by"] == "images")
    if votes.total() < FEWEST_VOTES:
        return None, ()
    winner, count = votes.most_common(1)[0]
    if count < CLEAR_MAJORITY * votes.total():
        return None, ()
    return winner, tuple(
        clip_id
        for clip_id, item in facts.items()
        if item["decided_by"] != "images"
        and item["images"] == item["flows"]
        and item["alignment"] != winner
    )


def alignment_notes(stored: Iterable[ClipMetadata]) -> tuple[str, ...]:
    """What was found of the flows of ready frames, summed up; empty where there are none."""
    found = Counter(
        (str(item.flow_parameters.get("alignment")), str(item.flow_parameters.get("decided_by")))
        for item in stored
        if item.flow_algorithm == ALGORITHM
    )
    return tuple(
        f"ready frames: flow k goes {alignment} image k in {counted(count, 'clip')}, by "
        + BY.get(decided_by, decided_by)
        for (alignment, decided_by), count in sorted(found.items())
    )


def _own_metadata(files: FrameFiles) -> ClipMetadata | None:
    """The ``clip.json`` of frames that this package wrote."""
    if files.metadata is None:
        return None
    try:
        own = parse_metadata(files.read(files.metadata), subject=str(files.folder))
    except TwostreamError:
        return None
    return own if own.flow_zero_code is None else None


def _jpeg(files: FrameFiles, member: Member, *, quality: int) -> bytes:
    content = files.read(member)
    if content.startswith(JPEG_START):
        # Some programs pad their files.
        return content.rstrip(b"\0")
    image = _decode(files, member, grey=member.is_flow)
    return encode_jpeg(np.ascontiguousarray(image), quality=quality)


def _of_size(files: FrameFiles, member: Member, size: tuple[int, int]) -> npt.NDArray[np.uint8]:
    image = _decode(files, member, grey=member.is_flow)
    if _size(image) != size:
        raise _damaged(files, member, f"{image.shape[1]}x{image.shape[0]}", size)
    return image


def _decode(files: FrameFiles, member: Member, *, grey: bool) -> npt.NDArray[np.uint8]:
    import cv2

    content = files.read(member)
    whole = not content.startswith(JPEG_START) or content.rstrip(b"\0").endswith(JPEG_END)
    mode = cv2.IMREAD_GRAYSCALE if grey else cv2.IMREAD_COLOR
    image: npt.NDArray[np.uint8] | None = (
        cv2.imdecode(np.frombuffer(content, np.uint8), mode) if content and whole else None
    )
    if image is None:
        raise _damaged(files, member, "damaged data", None)
    return image if grey else np.ascontiguousarray(image[..., ::-1])


def _size(image: npt.NDArray[np.uint8]) -> tuple[int, int]:
    return image.shape[1], image.shape[0]


def _damaged(
    files: FrameFiles, member: Member, found: str, size: tuple[int, int] | None
) -> TwostreamError:
    return TwostreamError(
        f"{files.folder}: {member.name}",
        expected=f"{member.name} whole" + (f" and {size[0]}x{size[1]}" if size else ""),
        found=found,
        remedy=REMEDY,
    )
