from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamergraph.errors import StreamergraphError
from streamergraph.privacy import Pseudonyms
from streamergraph.processing.logins import read_logins

KEYED = Pseudonyms(key=bytes(32))
BOTS = ["nightbot", "Anna_99", "name", "12345", "x"]


def lines(*rows):
    return "".join(f"{row}\n" for row in rows)


def table(header, *columns, delimiter=","):
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerows([*([header] if header else []), *zip(*columns, strict=True)])
    return text.getvalue()


COUNTS = [1500, 1499, 80, 7, 7]
TIMES = [1714560000 + k for k in range(5)]
KINDS = ["bot", "bot", "viewbot", "bot", "bot"]
FORMS = {
    # Text
    "a line each": lines(*BOTS),
    "comments and blank lines": "# known bots\n\n" + lines(*BOTS, "// the end"),
    "words behind the name": lines(*(f"{bot}  # seen everywhere, always" for bot in BOTS)),
    "at signs": lines(*(f"@{bot}" for bot in BOTS)),
    "links": lines(*(f"https://www.twitch.tv/{bot}?sr=a" for bot in BOTS)),
    "links without https": lines(*(f"twitch.tv/{bot}/videos" for bot in BOTS)),
    "a list with bullets": lines(*(f"- {bot}" for bot in BOTS)),
    "a numbered list": lines(*(f"{k}. {bot}" for k, bot in enumerate(BOTS, 1))),
    "chat commands": lines(*(f"/ban {bot} is a bot" for bot in BOTS)),
    "one line with commas": ", ".join(BOTS),
    "quoted, with commas": lines(*(f"'{bot}'," for bot in BOTS)),
    "a heading": lines("login", *BOTS),
    # Tables
    "login in the second column": table(["id", "login", "n"], range(5), BOTS, COUNTS),
    "semicolons": table(["n", "Twitch Username"], COUNTS, BOTS, delimiter=";"),
    "tabs": table(["userLogin", "last seen"], BOTS, TIMES, delimiter="\t"),
    "Excel's own word": "sep=;\n" + table(["bot_name", "n"], BOTS, COUNTS, delimiter=";"),
    "a login beside the name shown": table(
        ["display_name", "login"], ["Night Bot", "Anna", "N", "12", "X"], BOTS
    ),
    "a user's id and name": table(["user_id", "user_name"], TIMES, BOTS),
    "a column that says true": table(["bot", "name"], ["true"] * 5, BOTS),
    "no heading": table(None, BOTS, COUNTS, TIMES),
    "no heading, numbers first": table(None, COUNTS, TIMES, BOTS),
    "no heading, kinds": table(None, KINDS, BOTS),
    "columns of spaces": lines(*(f"{bot}   {n}" for bot, n in zip(BOTS, COUNTS, strict=True))),
    "a table of a web page": lines("| login | n |", "|---|---|", *(f"| {b} | 5 |" for b in BOTS)),
    # JSON
    "an array": json.dumps(BOTS, indent=1),
    "an object with rows": json.dumps(
        {"bots": [[b, 5, t] for b, t in zip(BOTS, TIMES, strict=True)], "_total": 5}
    ),
    "rows under another key": json.dumps({"liste": [[5, b] for b in BOTS], "page": {"cursor": "abc"}}),
    "rows with a heading": json.dumps([["n", "login"], *([7, b] for b in BOTS)]),
    "objects": json.dumps([{"id": str(k), "username": b} for k, b in enumerate(BOTS)]),
    "objects of objects": json.dumps([{"user": {"id": 1, "login": b}, "n": 2} for b in BOTS]),
    "what Twitch answers": json.dumps({
        "data": [{"user_id": "1", "user_login": b, "user_name": "Ä"} for b in BOTS],
        "pagination": {"cursor": "e"},
    }),
    "logins as keys": json.dumps({b: {"channels": 5, "tags": ["a"]} for b in BOTS}),
    "logins as keys of a list": json.dumps({"bots": {b: {"channels": 5} for b in BOTS}}),
    "logins as keys of numbers": json.dumps(dict.fromkeys(BOTS, 17)),
    "ids as keys": json.dumps({str(k): {"name": b} for k, b in enumerate(BOTS)}),
    "nested": json.dumps(
        {"meta": {"date": "2024"}, "data": {"list": {"bots": [{"name": b} for b in BOTS]}}}
    ),
    "a list for each kind": json.dumps({"chatters": {"vips": [], "bots_a": BOTS[:2], "bots_b": BOTS[2:]}}),
    "JSON lines": lines(*(json.dumps({"login": b, "n": 5}) for b in BOTS)),
    "JSON lines of names": lines(*(json.dumps([b]) for b in BOTS)),
}  # fmt: skip


@pytest.fixture
def read(tmp_path):
    def make(content, name="list.txt", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(content.encode(encoding))
        return read_logins(path, KEYED)

    return make


def viewers(logins):
    return frozenset(KEYED.viewer(login) for login in logins)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_the_same_accounts_in_every_form_in_which_lists_are_published(read, form, encoding):
    assert read(FORMS[form], encoding=encoding).viewers == viewers(BOTS)


QUOTED = ", ".join(f"'{bot}'" for bot in BOTS)
OF_PROGRAMS = {
    "list.yaml": lines("bots:", *(f"  - {bot}" for bot in BOTS)),
    "facts.yml": lines(*(f"- name: {bot}\n  reason: spam" for bot in BOTS)),
    "flow.yaml": f"bots: [{', '.join(BOTS)}]\n",
    "list.toml": "title = 'bots'\nbots = [" + QUOTED + "]\n",
    "tables.toml": lines(*(f"[[bots]]\nlogin = '{bot}'\nchannels = 5" for bot in BOTS)),
    "set.py": "BOTS = {" + QUOTED + "}  # all of them\n",
    "list.js": "// mine\nexport const bots = [\n" + lines(*(f"  '{bot}'," for bot in BOTS)) + "];\n",
    "comments.json": "[\n" + lines(*(f'  "{bot}",  // seen' for bot in BOTS)) + "]\n",
    "one.env": "BOTS=" + ",".join(BOTS),
    "words.txt": lines(*(f"{bot}: moderation" for bot in BOTS)),
    "marks.md": lines(f"- **{BOTS[0]}**", *(f"- [{b}](https://twitch.tv/{b})" for b in BOTS[1:])),
    "titled.csv": "Known bots,,\n" + table(["nr", "login", "n"], range(5), BOTS, COUNTS),
    "columns.json": json.dumps({"login": {str(k): b for k, b in enumerate(BOTS)},
                                "n": {str(k): 7 for k in range(5)}}),
    "split.json": json.dumps({"columns": ["login", "n"], "index": [0], "data": [[b, 7] for b in BOTS]}),
}  # fmt: skip


@pytest.mark.parametrize("name", OF_PROGRAMS)
def test_the_same_accounts_in_files_for_programs(read, name):
    found = read(OF_PROGRAMS[name], name)
    assert (found.viewers, found.not_understood) == (viewers(BOTS), {})


@pytest.mark.parametrize("name", ["bots.csv", "bots.tsv"])
@pytest.mark.parametrize("heading", ["login", "name", "Twitch username", "bots"])
def test_a_table_of_one_column_has_a_heading(read, name, heading):
    assert read(lines(heading, "anna", "bert"), name).viewers == viewers(["anna", "bert"])


def test_no_bot_is_taken_for_a_heading(read):
    assert read(lines("name", "anna")).viewers == viewers(["name", "anna"])
    assert read(lines("login", "name", "anna"), "l.csv").viewers == viewers(["name", "anna"])
    assert read("name,1500\nanna,20\n", "l.csv").viewers == viewers(["name", "anna"])


@pytest.mark.parametrize(
    "content",
    [
        "anna: spam\nname: spam\nbert: ads\n",
        "bots:\n  anna: spam\n  name: spam\n  bert: spam\n",
        "anna: 1\nbert: 2\nname: 3\n",
        "bots:\n  anna:\n  name:\n  bert:\n",
        "anna: true\nname: true\nbert: true\n",
        "- anna\n- name\n- bert\n",
    ],
)
def test_an_account_may_be_called_name(read, content):
    assert read(content, "bots.yaml").viewers == viewers(["anna", "name", "bert"])


def test_an_account_called_name_among_two(read):
    assert read("anna: spam\nname: spam\n", "b.yaml").viewers == viewers(["anna", "name"])


def test_a_key_that_may_be_an_account_or_a_heading_is_not_guessed(read):
    with pytest.raises(StreamergraphError, match="name among 3 keys, which may be either"):
        read("anna: spam\nname: viewbot\nbert: ads\n", "bots.yaml")
    assert read("name: viewbot\nreason: spam\n", "bots.yaml").viewers == viewers(["viewbot"])


@pytest.mark.parametrize("key", ["whitelist", "allowed", "trusted"])
def test_who_is_no_bot_is_not_taken_for_one(read, key):
    with pytest.raises(StreamergraphError, match=f"{key}, which is no list of bots"):
        read(json.dumps({key: ["anna"], "blacklist": ["bert"]}), "bots.json")
    assert read(json.dumps({key: ["anna"]}), "allow.json").viewers == viewers(["anna"])


def test_digits_may_be_a_login_where_nothing_else_could_be(read):
    assert read("123\n456\n").viewers == viewers(["123", "456"])
    assert read("login,n\n123,5\n456,6\n").viewers == viewers(["123", "456"])
    assert read("anna,5\n456,6\nbert,7\n").viewers == viewers(["anna", "456", "bert"])


def test_an_object_of_one_bot_has_its_login_as_key(read):
    for content in ('{"data": {"anna": {"channels": 1}}}', '{"bots": {"anna": 1500}}'):
        assert read(content).viewers == viewers(["anna"])


def test_what_is_not_understood_is_counted_by_reason(read):
    said = read(lines("login,n", "anna,1", "Änna,2", f"{'a' * 26},3", ",4", "bert,5"), "l.csv")
    assert said.read == 2
    assert said.not_understood == {
        "characters that no login has": 1,
        "longer than 25 characters": 1,
        "no value": 1,
    }
    line = said.told(seen=1)
    assert "2 logins read, 1 of them seen" in line
    assert "3 entries not understood" in line
    broken = read('{"login": "anna"}\n{"login": \n7\n')
    assert broken.not_understood == {
        "a number where others have names": 1,
        "lines that are no JSON": 1,
    }


@pytest.mark.parametrize(
    "content",
    ["", "# nobody\n", "login\n", "id,channels\n1000,50\n1001,60\n", "user_id;n\n1;2\n", "[]", "{}",
     '{"bots": [], "_total": 0}', "[1, 2]", '[{"id": 1, "n": 2}]', '{"error": "None", "status": 401}',
     '{"error": "Gone", "message": "moved"}', '["anna", ', "<html><body>nightbot</body></html>",
     "Night Bot\nOther Bot\n", "anna,otto\nbert,karl\n", '{"a": ["anna"], "b": ["anna", "bert"]}'],
)  # fmt: skip
def test_a_file_that_leaves_open_where_its_logins_are_is_refused(read, content):
    with pytest.raises(StreamergraphError, match="list"):
        read(content, "list.csv")


def test_a_refusal_quotes_no_entry(read):
    with pytest.raises(StreamergraphError) as caught:
        read("secret one,5\nsecret two,6\n")
    assert "secret" not in str(caught.value)


@given(
    st.sets(st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,24}", fullmatch=True), min_size=2, max_size=8)
)
def test_an_array_a_table_and_a_text_have_the_same_accounts(tmp_path_factory, logins):
    folder = tmp_path_factory.mktemp("lists")
    names = sorted(logins)
    (folder / "a.json").write_text(json.dumps(names))
    (folder / "b.csv").write_text(table(["id", "login"], range(len(names)), names))
    (folder / "c.json").write_text(json.dumps({"bots": [[name, 5] for name in names]}))
    for path in folder.iterdir():
        assert read_logins(path, KEYED).viewers == viewers(names)


@pytest.fixture
def stored(tmp_path, call):
    people = [f"ann{k}" for k in range(30)]
    (tmp_path / "snapshots").mkdir()
    for k in range(12):
        content = {"Anna": {"spect": people, "game_name": "Chess", "viewer_count": 99 + k}}
        path = tmp_path / "snapshots" / f"2024-05-01_12-{5 * k:02}.json"
        path.write_text(json.dumps(content))
    options = ["--out", tmp_path / "store", "--key", tmp_path / "key"]
    assert call("import", tmp_path / "snapshots", *options)[0] == 0
    return tmp_path / "store"


def test_process_tells_how_many_logins_were_read_and_seen(stored, tmp_path, call):
    (tmp_path / "bots.json").write_text(
        json.dumps({"bots": [["ann3", 5], ["ann4", 6], ["nobody", 7], ["n ö", 8]]})
    )
    (tmp_path / "allow.txt").write_text("@ann4\n")
    options = ["--out", tmp_path / "tables", "--key", tmp_path / "key"]
    lists = ["--bots", tmp_path / "bots.json", "--allow", tmp_path / "allow.txt"]
    status, out, err = call("process", stored, *options, *lists)
    assert status == 0, err
    assert (
        "--bots bots.json: 3 logins read, 2 of them seen in the store; 1 entries not understood"
        in out
    )
    assert "--allow allow.txt: 1 logins read, 1 of them seen" in out
    summary = json.loads((tmp_path / "tables" / "process.json").read_text())
    assert summary["bots_removed"]["list"]["accounts"] == 1
    assert summary["lists"]["bots"] == {
        "file": "bots.json", "read": 3, "seen": 2, "not_understood": {"characters that no login has": 1},
    }  # fmt: skip


@pytest.mark.parametrize("flag", ["--bots", "--allow"])
def test_process_refuses_a_list_without_a_login(stored, tmp_path, refusal, flag):
    (tmp_path / "ids.csv").write_text("id,channels\n1000,50\n")
    options = ["--out", tmp_path / "tables", "--key", tmp_path / "key"]
    assert "column of logins" in refusal("process", stored, *options, flag, tmp_path / "ids.csv")
    assert not (tmp_path / "tables").exists()
