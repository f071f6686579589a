"""Fetching from a server that drops connections, refuses ranges and lies about sizes."""

from __future__ import annotations

import json

import pytest
from faulty_server import Faults, serving
from hypothesis import given, settings
from hypothesis import strategies as st
from twostream.downloads.fetch import fetch
from twostream.errors import TwostreamError

CONTENT = bytes(range(256)) * 4000  # 1 MB


def get(address, target, **options):
    fetch(f"{address}/x.rar", target, pause_seconds=0, timeout_seconds=20, **options)


def refusal(address, target, **options):
    with pytest.raises(TwostreamError) as caught:
        get(address, target, **options)
    assert not target.exists()
    return str(caught.value)


@pytest.fixture
def target(tmp_path):
    return tmp_path / "archives" / "x.rar"


def test_a_server_that_behaves(target):
    faults = Faults({"x.rar": CONTENT})
    with serving(faults) as address:
        get(address, target, size_bytes=len(CONTENT))
    assert target.read_bytes() == CONTENT
    assert [path.name for path in target.parent.iterdir()] == ["x.rar"]
    assert faults.asked == [None]


def test_dropped_connections_are_taken_up_where_they_broke(target):
    faults = Faults({"x.rar": CONTENT}, drops_after=100_000)
    with serving(faults) as address:
        get(address, target, tries=2)
    assert target.read_bytes() == CONTENT
    assert faults.sent_bytes == len(CONTENT)
    assert faults.asked[1] == "bytes=100000-"


def test_a_later_call_goes_on(target):
    faults = Faults({"x.rar": CONTENT}, drops_after=300_000, drops=1)
    with serving(faults) as address:
        faults.statuses = []
        faults.ranges = True
        _stopped_after_one_answer(address, target, faults)
        get(address, target)
    assert target.read_bytes() == CONTENT
    assert faults.sent_bytes == len(CONTENT)


def _stopped_after_one_answer(address, target, faults):
    """As if the process had been killed: some bytes are there, and what was known of the file."""
    target.parent.mkdir()
    (target.parent / "x.rar.part").write_bytes(CONTENT[:300_000])
    import hashlib

    tag = f'"{hashlib.sha256(CONTENT).hexdigest()[:12]}"'
    notes = {"url": f"{address}/x.rar", "total_bytes": len(CONTENT), "validator": tag}
    (target.parent / "x.rar.part.json").write_text(json.dumps(notes))
    faults.sent_bytes, faults.drops = 300_000, 0


@given(
    drops=st.lists(st.integers(1, 5000), max_size=6),
    size=st.integers(0, 12_000),
    ranges=st.booleans(),
)
@settings(max_examples=25)
def test_whatever_breaks_the_file_is_whole(tmp_path_factory, drops, size, ranges):
    content = CONTENT[:size]
    target = tmp_path_factory.mktemp("fetched") / "x.rar"
    faults = Faults({"x.rar": content}, ranges=ranges)
    with serving(faults) as address:
        for length in drops:
            faults.drops_after, faults.drops = length, 1
        get(address, target, tries=3)
    assert target.read_bytes() == content


def test_a_server_without_ranges_sends_all_again(target):
    faults = Faults({"x.rar": CONTENT}, ranges=False, drops_after=500_000, drops=2)
    with serving(faults) as address:
        get(address, target)
    assert target.read_bytes() == CONTENT
    assert faults.sent_bytes == len(CONTENT) + 1_000_000


def test_a_file_that_changed_meanwhile_is_begun_anew(target):
    faults = Faults({"x.rar": CONTENT[::-1]})
    with serving(faults) as address:
        _stopped_after_one_answer(address, target, faults)
        get(address, target)
    assert target.read_bytes() == CONTENT[::-1]


def test_a_file_that_changed_without_a_tag(target):
    faults = Faults({"x.rar": CONTENT[::-1] + b"more"}, tags=False)
    with serving(faults) as address:
        target.parent.mkdir()
        (target.parent / "x.rar.part").write_bytes(CONTENT[:1000])
        notes = {"url": f"{address}/x.rar", "total_bytes": len(CONTENT), "validator": ""}
        (target.parent / "x.rar.part.json").write_text(json.dumps(notes))
        get(address, target)
    assert target.read_bytes() == CONTENT[::-1] + b"more"


def test_a_part_of_unknown_origin_is_not_gone_on_with(target):
    target.parent.mkdir()
    (target.parent / "x.rar.part").write_bytes(b"something else")
    with serving(Faults({"x.rar": CONTENT})) as address:
        get(address, target)
    assert target.read_bytes() == CONTENT


def test_another_part_than_was_asked_for_is_never_appended(target):
    faults = Faults({"x.rar": CONTENT}, drops_after=100_000, wrong_range=True)
    with serving(faults) as address:
        assert "another part of the file" in refusal(address, target, tries=2)


def test_a_server_that_promises_more_than_it_has(target):
    faults = Faults({"x.rar": CONTENT}, extra_length=10, ranges=False)
    with serving(faults) as address:
        line = refusal(address, target, tries=2)
    assert f"found {len(CONTENT)} of the {len(CONTENT) + 10} bytes that it promises" in line


def test_a_server_that_takes_its_promise_back(target):
    # Asked for the ten bytes that are missing, it says that the file has none.
    faults = Faults({"x.rar": CONTENT}, extra_length=10)
    with serving(faults) as address:
        get(address, target, tries=2)
    assert target.read_bytes() == CONTENT


def test_a_server_that_promises_less_gives_another_size(target):
    faults = Faults({"x.rar": CONTENT}, extra_length=-10)
    with serving(faults) as address:
        line = refusal(address, target, size_bytes=len(CONTENT))
    assert (
        f"expected a file of {len(CONTENT)} bytes, found {len(CONTENT) - 10}: another file" in line
    )


def test_without_a_length_the_stated_size_decides(target):
    faults = Faults({"x.rar": CONTENT}, no_length=True)
    with serving(faults) as address:
        get(address, target, size_bytes=len(CONTENT))
        target.unlink()
        faults.drops_after = 1000
        assert "found 1000: another file" in refusal(address, target, size_bytes=len(CONTENT))


def test_a_server_that_is_busy_is_asked_again(target):
    faults = Faults({"x.rar": CONTENT}, statuses=[503, 429, 500])
    with serving(faults) as address:
        get(address, target)
    assert len(faults.asked) == 4


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_refusal_is_not_repeated(target, status):
    faults = Faults({"x.rar": CONTENT}, statuses=[status] * 9)
    with serving(faults) as address:
        line = refusal(address, target)
    assert f"status {status}" in line
    assert "--source" in line
    assert len(faults.asked) == 1


def test_nobody_there(target):
    with serving(Faults({})) as address:
        pass
    assert "refused" in refusal(address, target, tries=2)


@pytest.mark.parametrize("url", ["ftp://x/y.rar", "file:///etc/passwd", "javascript:x"])
def test_only_the_web(target, url):
    with pytest.raises(TwostreamError, match="begins with http"):
        fetch(url, target, pause_seconds=0)


def test_no_room(target, monkeypatch):
    import shutil
    from collections import namedtuple

    usage = namedtuple("Usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10, 10, 1000))
    with serving(Faults({"x.rar": CONTENT})) as address:
        assert "expected room for 1024000 bytes, found 1000" in refusal(address, target)
