from __future__ import annotations

import contextlib
import json
import re
import stat

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamergraph.errors import StreamergraphError
from streamergraph.privacy import Pseudonyms, load_pseudonyms
from streamergraph.processing.logins import read_logins
from streamergraph.verbs.communities import communities
from streamergraph.verbs.explore import explore
from streamergraph.verbs.import_observations import import_observations
from streamergraph.verbs.model import model
from streamergraph.verbs.quality import quality
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
    for name in ("graph", "g.cypher", "g.jsonl", "g.graphml", "g.gexf"):
        model(simulated.tables, out=str(tmp_path / name))
    model(simulated.tables, out=str(tmp_path / "admin"), format="neo4j-csv")
    explore(simulated.tables, out=tmp_path / "explore.html")
    quality(simulated.tables, out=tmp_path / "quality.html", store=simulated.store)
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
    looked_at = 0
    for root in (simulated.store, simulated.tables):
        for path in root.rglob("*.parquet"):
            for column in pl.read_parquet(path).select(pl.col(pl.String)):
                texts = set(column.drop_nulls().str.to_lowercase())
                assert not logins & texts, path
                looked_at += len(texts)
    # A search of no text finds no login: names of streamers and categories are texts.
    assert looked_at > 80


@given(
    st.lists(st.text("abcdefghij_0123456789", min_size=8, max_size=19), min_size=1, max_size=6),
    st.sampled_from(["whole", "half", "no object", "wrong clock", "bad log line"]),
)
def test_no_login_is_written_whatever_happens_to_its_file(tmp_path_factory, logins, mishap):
    folder = tmp_path_factory.mktemp("private")
    secret = [f"secret{login}" for login in logins]
    stream = {"spect": secret, "game_name": "X", "viewer_count": 3}
    text = json.dumps(secret if mishap == "no object" else {"Someone": stream})
    text = text[: -len(text) // 3] if mishap == "half" else text
    source = folder / "source"
    source.mkdir()
    if mishap == "bad log line":
        rows = "".join(f"never,Someone,{s}\n2022-05-05T13:01:00Z,Someone,{s}\n" for s in secret)
        (folder / "chat.csv").write_text(f"time,channel,user\n{rows}")
        source = folder / "chat.csv"
    else:
        year = 1999 if mishap == "wrong clock" else 2022
        (source / f"{year}-05-05_15-09.json").write_text(text)
    with contextlib.suppress(StreamergraphError):  # where nothing is left
        import_observations(source, out=folder / "store", key=folder / "key")
    (folder / "bots.csv").write_text("\n".join(secret))
    pseudonyms = load_pseudonyms(folder / "key", create=False)
    # Bots are known by the same numbers as the viewers in the store.
    assert read_logins(folder / "bots.csv", pseudonyms).viewers == {
        pseudonyms.viewer(s) for s in secret
    }
    for path in (folder / "store").rglob("*"):
        if path.is_file():
            assert b"secret" not in path.read_bytes()
        if path.suffix == ".parquet":
            assert "secret" not in str(pl.read_parquet(path).rows())


def test_the_same_login_has_the_same_pseudonym_under_one_key_only():
    one, other = Pseudonyms(key=b"1" * 32), Pseudonyms(key=b"2" * 32)
    assert one.viewer("Someone") == one.viewer("someone")
    assert one.viewer("someone") != other.viewer("someone")
    assert one.viewer("someone") != one.viewer("someone_else")
    assert -(2**63) <= one.viewer("someone") < 2**63


def test_a_key_is_made_once_and_for_its_owner_alone(tmp_path):
    path = tmp_path / "deep" / "key"
    made = load_pseudonyms(path, create=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_pseudonyms(path, create=False).viewer("a") == made.viewer("a")


def test_half_a_key_is_not_left_behind(tmp_path, monkeypatch):
    def interrupted(path):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("streamergraph.privacy.flush_to_disk", interrupted)
        with pytest.raises(KeyboardInterrupt):
            load_pseudonyms(tmp_path / "key", create=True)
    assert list(tmp_path.iterdir()) == []
    load_pseudonyms(tmp_path / "key", create=True)


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
    load_pseudonyms(tmp_path / "other", create=True)
    source = simulated.simulation / "snapshots"
    said = refusal("import", source, "--out", simulated.store, "--key", tmp_path / "other")
    assert "the key that the store was written with" in said
    bots = simulated.simulation / "truth" / "bots.csv"
    options = ["--out", tmp_path / "t", "--bots", bots, "--key", tmp_path / "other"]
    assert "key" in refusal("process", simulated.store, *options)
