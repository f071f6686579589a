from __future__ import annotations

import numpy as np
import pytest
from twostream.store.jpeg import encode_jpeg
from twostream.store.members import METADATA_MEMBER, flow_members, frame_member
from twostream.store.metadata import ClipMetadata
from twostream.store.writer import clip_sink

FACTS = {
    "source_name": "a [1] #2 100%.avi",
    "source_sha256": "0" * 64,
    "source_bytes": 5,
    "source_width": 64,
    "source_height": 48,
    "fps": 25.0,
    "width": 32,
    "height": 24,
    "step": 1,
    "bound_px": 20.0,
    "jpeg_quality": 95,
    "flow_algorithm": "dis",
}


@pytest.fixture
def metadata():
    """Facts of a clip of `frames` frames, with changes."""

    def make(frames=4, **changes):
        return ClipMetadata(**{**FACTS, "frames": frames, **changes})

    return make


@pytest.fixture
def store(tmp_path, metadata):
    """Store a small clip whose images differ from each other; returns its path."""

    def write(name="clip.zip", *, layout="archive", frames=4, **changes):
        target = tmp_path / name
        with clip_sink(target, layout=layout) as put:
            for k in range(frames):
                image = np.full((24, 32, 3), (40 * (k % 6), 100, 200 - 40 * (k % 6)), np.uint8)
                put(frame_member(k), encode_jpeg(image, quality=95))
            for k in range(frames - 1):
                for axis, member in enumerate(flow_members(k)):
                    codes = np.full((24, 32), 128 + 10 * (k % 12 + 1) * (-1) ** axis, np.uint8)
                    put(member, encode_jpeg(codes, quality=95))
            put(METADATA_MEMBER, metadata(frames, **changes).to_json())
        return target

    return write
