from __future__ import annotations

import json
import re
import stat

import pytest
from streamergraph.errors import StreamergraphError
from streamergraph.privacy import Pseudonyms, load_pseudonyms
from streamergraph.verbs.communities import communities
from streamergraph.verbs.model import model
from streamergraph.verbs.view import view


def logins_of(simulation):
    logins = set()
    for path in (simulation / "snapshots").glob("*.json"):
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            continue
        for stream in content.values():
            logins.update(stream.get("spect", ()))
    return logins


def test_no_login_of_a_viewer_or_bot_is_in_any_file_that_is_written(simulated, tmp_path):
    communities(simulated.tables, out=tmp_path / "view", seeds=1, trials=1)
    view(simulated.tables, out=tmp_path / "view")
    model(simulated.tables, out=str(tmp_path / "graph"))
    model(simulated.tables, out=str(tmp_path / "graph.cypher"))
    logins = logins_of(simulated.simulation)
    assert len(logins) > 1000
    assert all(re.search(r"viewer_[a-z]{6}_[0-9]{7}|_always_there", login) for login in logins)
    written = [
        path
        for root in (simulated.store, simulated.tables, tmp_path)
        for path in root.rglob("*")
        if path.is_file()
    ]
    assert len(written) > 15
    for path in written:
        content = path.read_bytes()
        # Every invented login has one of these forms; Parquet is checked as values below.
        assert not re.search(rb"viewer_[a-z]{6}_[0-9]{7}|_always_there", content), path
    import polars as pl

    for path in simulated.store.rglob("*.parquet"):
        frame = pl.read_parquet(path)
        for column in frame.select(pl.col(pl.String)):
            assert not logins & set(column.drop_nulls().str.to_lowercase())
    assert frame.width > 0


def test_the_same_login_has_the_same_pseudonym_under_one_key_only():
    one, other = Pseudonyms(key=b"1" * 32), Pseudonyms(key=b"2" * 32)
    assert one.viewer("Someone") == one.viewer("someone")
    assert one.viewer("someone") != other.viewer("someone")
    assert one.viewer("someone") != one.viewer("someone_else")
    assert 0 <= one.viewer("someone") < 2**64


def test_a_key_is_made_once_and_for_its_owner_alone(tmp_path):
    path = tmp_path / "deep" / "key"
    made = load_pseudonyms(path, create=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_pseudonyms(path, create=False).viewer("a") == made.viewer("a")


def test_a_key_is_not_shown(tmp_path):
    made = load_pseudonyms(tmp_path / "key", create=True)
    assert (tmp_path / "key").read_text().strip() not in repr(made) + made.fingerprint
    assert made.key.hex() not in repr(made)


@pytest.mark.parametrize("content", ["", "zz" * 32, "ab" * 31])
def test_a_broken_key_is_refused_and_stays_as_it_is(tmp_path, content):
    (tmp_path / "key").write_text(content)
    with pytest.raises(StreamergraphError, match="hexadecimal"):
        load_pseudonyms(tmp_path / "key", create=True)
    assert (tmp_path / "key").read_text() == content


def test_a_store_refuses_another_key(simulated, tmp_path, refusal):
    source = simulated.simulation / "snapshots"
    said = refusal("import", source, "--out", simulated.store, "--key", tmp_path / "other")
    assert "the key that the store was written with" in said
    bots = simulated.simulation / "truth" / "bots.csv"
    options = ["--out", tmp_path / "t", "--bots", bots, "--key", tmp_path / "other"]
    assert "key" in refusal("process", simulated.store, *options)
