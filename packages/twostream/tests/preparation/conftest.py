from __future__ import annotations

import hashlib

import pytest
from twostream.preparation.dataset import prepare_dataset
from twostream.preparation.options import ExtractionOptions, PrepareOptions


@pytest.fixture(scope="session")
def make_source(write_video, moving_texture):
    """Two classes of small videos: `right` moves to the right, `left` to the left."""

    def make(folder, *, per_class=2, n=6, **options):
        for sign, name in ((1, "right"), (-1, "left")):
            for k in range(per_class):
                frames = moving_texture(n, dx=2.0 * sign, seed=k)
                write_video(folder / name / f"{name}_{k}.avi", frames, **options)
        return folder

    return make


@pytest.fixture(scope="session")
def small_source(tmp_path_factory, make_source):
    """A source that no test changes."""
    return make_source(tmp_path_factory.mktemp("source") / "videos")


@pytest.fixture(scope="session")
def prepare():
    """Prepare `source` in `out` with the fast flow and two workers; options may be changed."""

    def run(
        source,
        out,
        *,
        workers=2,
        timeout_seconds=60.0,
        annotations=None,
        seed=0,
        replace_other=False,
        trusting=False,
        **options,
    ):
        return prepare_dataset(
            source,
            out,
            PrepareOptions(
                extraction=ExtractionOptions(**{"flow": "dis", **options}),
                annotations=annotations,
                workers=workers,
                seed=seed,
                timeout=timeout_seconds,
            ),
            replace_other=replace_other,
            trusting=trusting,
        )

    return run


@pytest.fixture(scope="session")
def digest():
    """What lies in a folder: relative path -> hash of the content."""

    def read(folder):
        return {
            path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.name not in (".prepare.lock", ".verified.json")
        }

    return read
