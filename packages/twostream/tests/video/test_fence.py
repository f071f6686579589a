"""A file that came from others opens nothing but itself; targets here are on this machine's loopback."""

from __future__ import annotations

import socket
from threading import Thread

import odd_videos
import pytest
from twostream.errors import TwostreamError
from twostream.sources.devices import open_device
from twostream.video.decode import open_video

HLS = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{target}\n#EXT-X-ENDLIST\n"
CONCAT = "ffconcat version 1.0\nfile '{target}'\n"


@pytest.fixture
def listener():
    """A server's address, and the connections that it got."""
    connections = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                connections.append(connection.recv(4096))
                connection.close()

        Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/a.ts", connections
        server.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("text", [HLS, CONCAT])
@pytest.mark.parametrize("name", ["a.mp4", "a.m3u8", "a.avi", "a.ts"])
def test_a_playlist_opens_nothing_whatever_its_name(tmp_path, listener, text, name):
    target, connections = listener
    video = odd_videos.write(tmp_path / "secret.ts", odd_videos.moving_ramp())
    for leads_to in (target, video.name, str(video), video.as_uri()):
        path = tmp_path / name
        path.write_text(text.format(target=leads_to))
        with pytest.raises(TwostreamError) as caught, open_video(path):
            pass
        assert "unreadable data" in caught.value.found
    assert connections == []


def test_an_address_may_connect_and_a_file_as_an_address_may_not(tmp_path, listener):
    target, connections = listener
    with pytest.raises(TwostreamError):
        open_device(target, 5.0)
    assert len(connections) >= 1
    connections.clear()
    path = tmp_path / "a.mp4"
    path.write_text(HLS.format(target=target))
    for address in (str(path), path.as_uri()):
        with pytest.raises(TwostreamError):
            open_device(address, 5.0)
    assert connections == []
