"""What is published is served to this machine, and nothing else."""

from __future__ import annotations

import http.client
import json
import shutil
import socket
import struct
import subprocess
import threading
import time
from contextlib import contextmanager

import pytest
from streamergraph.serving import server as server_module
from streamergraph.serving.published import published_files
from streamergraph.serving.server import POLL_MILLISECONDS, make_server


@pytest.fixture
def folder(tmp_path):
    """A folder as `run` leaves it, with things that nobody else may see."""
    files = {
        "out/explore.html": "<html><body>What the tables say</body></html>",
        "out/explore.json": "{}",
        "out/view/graph.html": "<html><body>graph</body></html>",
        "out/view/graph.png": "png",
        "out/view/communities.csv": "streamer_id,name,community\n",
        "out/tables/Streamer_dataset.csv": "idStreamer\n",
        "out/tables/streamers.parquet": "x",
        "out/tables/process.json": "{}",
        "out/tables/review.csv": "x",
        "out/bots.csv": "login\n",
        "out/store/store.json": "{}",
        "out/store/graph.html": "in a store",
        "out/elsewhere/store.json": "{}",
        "out/elsewhere/graph.html": "in a store of another name",
        "out/graph": "LBUG",
        "out/key": "secret",
        "out/token.json": "secret",
        "out/credentials.json": "secret",
        "out/.hidden/graph.html": "hidden",
        "outside.html": "outside",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "out" / "link.html").symlink_to(tmp_path / "outside.html")
    return tmp_path / "out"


PUBLISHED = {
    "explore.html", "explore.json", "view/graph.html", "view/graph.png", "view/communities.csv",
    "tables/Streamer_dataset.csv",
}  # fmt: skip


@contextmanager
def served(folder, *, with_token=False):
    server = make_server(folder, port=0, with_token=with_token)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def get(server, path, *, host=None, method="GET", **headers):
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    headers = {"Host": host or f"127.0.0.1:{server.server_port}", **headers}
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text, dict(answer.getheaders())


def test_results_are_served_and_everything_else_is_not_there(folder):
    assert set(published_files(folder)) == PUBLISHED
    with served(folder) as server:
        for name in PUBLISHED:
            status, text, headers = get(server, f"/{name}")
            assert status == 200
            assert text.startswith((folder / name).read_text().removesuffix("</body></html>"))
            assert headers["X-Content-Type-Options"] == "nosniff"
        others = {p.relative_to(folder).as_posix() for p in folder.rglob("*")} - PUBLISHED
        for name in [
            *sorted(others), "../outside.html", "%2e%2e/outside.html", "/etc/passwd", "//etc/passwd",
            "view/../key", "view%2f..%2fkey", "store/", "view", "absent.html", "%00", "link.html",
        ]:  # fmt: skip
            assert get(server, f"/{name}")[0] == 404, name
        status, text, _ = get(server, "/")
        assert status == 200
        assert 'href="/view/graph.html"' in text
        assert "key" not in text
        assert "store/" not in text
        assert get(server, "/explore.html", method="HEAD")[1] == ""
        for method in ("POST", "PUT", "DELETE"):
            assert get(server, "/explore.html", method=method)[0] == 501


def test_it_listens_to_this_machine_only(folder):
    with served(folder) as server:
        assert server.server_address[0] == "127.0.0.1"
        assert get(server, "/explore.html", host="localhost:1")[0] == 200
        # A page of others whose name was made to mean this machine.
        assert get(server, "/explore.html", host="evil.example")[0] == 403


def test_a_token_is_asked_for_once_and_then_a_cookie_does(folder):
    with served(folder, with_token=True) as server:
        for path in ("/", "/explore.html", "/_state", "/?token=wrong", "/?token="):
            assert get(server, path)[0] == 403, path
        status, _, headers = get(server, f"/?token={server.token}")
        assert status == 200
        assert server.token in server.address
        cookie = headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        assert get(server, "/explore.html", Cookie=cookie.split(";")[0])[0] == 200
        assert get(server, "/key", Cookie=cookie.split(";")[0])[0] == 404


def test_the_state_changes_when_a_file_is_written_anew(folder):
    with served(folder) as server:

        def state(of=""):
            return json.loads(get(server, f"/_state?of={of}")[1])["state"]

        all_, page = state(), state("explore.html")
        assert (all_, page) == (state(), state("explore.html"))
        (folder / "view" / "graph.html").write_text("<html><body>tomorrow</body></html>")
        assert state() != all_
        assert state("explore.html") == page
        (folder / "view" / "new.png").write_text("x")
        assert "/view/new.png" in get(server, "/")[1]


def test_a_page_that_is_open_loads_anew(folder, tmp_path, monkeypatch):
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("Debian's chromium is absent: the page is not tried in a browser")
    asked = []

    def state(files):
        asked.append([file.name for file in files])
        if len(asked) == 2:
            (folder / "explore.html").write_text("<html><body>Written later</body></html>")
        return str(min(2, len(asked)))

    monkeypatch.setattr(server_module, "_state", state)
    with served(folder) as server:
        result = subprocess.run(
            [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--no-proxy-server",
             f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom",
             f"--virtual-time-budget={10 * POLL_MILLISECONDS}",
             f"http://127.0.0.1:{server.server_port}/explore.html"],
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
    assert "Written later" in result.stdout, result.stderr[-1000:]
    assert asked[0] == ["explore.html"]


def test_a_browser_that_goes_away_is_nobody_s_error(folder, capfd):
    (folder / "explore.json").write_bytes(bytes(2**24))
    with served(folder) as server:
        for _ in range(3):
            browser = socket.create_connection(("127.0.0.1", server.server_port))
            browser.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            browser.sendall(b"GET /explore.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            browser.recv(1)
            browser.close()
        time.sleep(0.2)
    assert "Traceback" not in capfd.readouterr().err


def test_nothing_to_see_and_a_port_that_is_taken_are_refused(tmp_path, folder, refusal):
    (tmp_path / "empty").mkdir()
    assert "reports or pictures" in refusal("serve", tmp_path / "empty")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert "--port" in refusal("serve", folder, "--port", taken.getsockname()[1])
    assert "--port" in refusal("serve", folder, "--port", 70000)
