"""Files that mean harm to a server of videos: they point elsewhere, or are small and unfold without end.

What they point to is harmless: a listener on the loopback that counts who comes, and a video in a folder.
"""

from __future__ import annotations

import io
import socket
import struct
import threading
from pathlib import Path

import av
import numpy as np


class Listener:
    """Counts connections to a port of the loopback: there must be none."""

    def __init__(self) -> None:
        self.came = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                link, _ = self._socket.accept()
            except OSError:
                return
            self.came += 1
            link.close()

    def close(self) -> None:
        """Listen no more."""
        self._socket.close()


def encoded(
    frames: list[np.ndarray], *, codec: str = "mpeg4", kind: str = "mp4", fps: int = 25
) -> bytes:
    """Frames as a video of that codec, in that container."""
    made = io.BytesIO()
    with av.open(made, "w", format=kind) as container:
        stream = container.add_stream(codec, rate=fps)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        for image in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode())
    return made.getvalue()


def grey(count: int, width: int = 64, height: int = 64) -> list[np.ndarray]:
    """As many frames of one colour."""
    return [np.full((height, width, 3), 90, np.uint8)] * count


def pointing(target: Path, port: int) -> dict[str, bytes]:
    """Playlists, image sequences and containers that lead to `target` and to the port."""
    web = f"http://127.0.0.1:{port}/stolen.mp4"
    local = str(target)
    hls = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:9\n#EXTINF:9.0,\n{}\n#EXT-X-ENDLIST\n"
    mpd = (
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
        'mediaPresentationDuration="PT9S" profiles="urn:mpeg:dash:profile:isoff-on-demand:2011">'
        '<Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="9">'
        f"<BaseURL>{web}</BaseURL></Representation></AdaptationSet></Period></MPD>"
    )
    sdp = (
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
        f"m=video {port} RTP/AVP 96\na=rtpmap:96 H264/90000\n"
    )
    asx = f'<asx version="3.0"><entry><ref href="{web}"/></entry></asx>'
    folder = target.parent
    return {
        "web.m3u8": hls.format(web).encode(),
        "file.m3u8": hls.format(f"file://{local}").encode(),
        "plain.m3u8": hls.format(local).encode(),
        "concat.m3u8": hls.format(f"concat:{local}|{local}").encode(),
        "crypto.m3u8": hls.format(f"crypto:{web}").encode(),
        "subfile.m3u8": hls.format(f"subfile,,start,0,end,0,,:{local}").encode(),
        "named.mp4": hls.format(web).encode(),
        "list.ffconcat": f"ffconcat version 1.0\nfile '{local}'\n".encode(),
        "web.ffconcat": f"ffconcat version 1.0\nfile '{web}'\n".encode(),
        "list.mp4": f"ffconcat version 1.0\nfile '{local}'\n".encode(),
        "dash.mpd": mpd.encode(),
        "session.sdp": sdp.encode(),
        "list.asx": asx.encode(),
        "list.pls": f"[playlist]\nFile1={web}\nNumberOfEntries=1\n".encode(),
        "images%04d.png": b"\x89PNG\r\n\x1a\n" + bytes(64),
        f"{folder}/image%d.jpg": b"\xff\xd8\xff\xe0" + bytes(64),
        "glob*.jpg": b"\xff\xd8\xff\xe0" + bytes(64),
        "film.imf": f"<AssetMap><Path>{local}</Path></AssetMap>".encode(),
        "film.edl": f"# mpv EDL v0\n{local}\n".encode(),
        "vapour.vpy": f"import os\nos.system('curl {web}')\n".encode(),
        "referring.mov": referring_mov(local),
        "referring-web.mov": referring_mov(web),
        "referring-alias.mov": referring_mov(local, kind=b"alis"),
    }


def referring_mov(place: str, *, kind: bytes = b"url ") -> bytes:
    """A MOV file whose samples are said to lie in another file."""
    whole = bytearray(encoded(grey(4), kind="mov"))
    at = whole.index(b"dref") - 4
    (size,) = struct.unpack_from(">I", whole, at)
    text = place.encode() + b"\0"
    if kind == b"alis":  # an alias record of Macintosh: the path is its record 18
        record = bytearray(150) + struct.pack(">HH", 18, len(text)) + text
        record += b"\0" * (len(text) % 2) + struct.pack(">HH", 0xFFFF, 0)
        struct.pack_into(">H", record, 4, len(record))
        text = bytes(record)
    entry = struct.pack(">I4sI", 12 + len(text), kind, 0) + text  # flag 0: not in this file
    box = struct.pack(">I4sII", 16 + len(entry), b"dref", 0, 1) + entry
    more = len(box) - size
    whole[at : at + size] = box
    for name in (b"dinf", b"minf", b"mdia", b"trak", b"moov"):
        place_of = whole.index(name) - 4
        (old,) = struct.unpack_from(">I", whole, place_of)
        struct.pack_into(">I", whole, place_of, old + more)
    return bytes(whole)


def bombs() -> dict[str, bytes]:
    """Small files of huge pictures, and of hours of one colour."""
    small = encoded(grey(3), codec="mjpeg", kind="mjpeg")
    huge = encoded(grey(1, 4000, 4000), codec="mjpeg", kind="mjpeg")
    lying = bytearray(encoded(grey(16), kind="avi"))
    for name, shift in ((b"avih", 40), (b"strf", 12)):  # width and height of both headers
        struct.pack_into("<II", lying, lying.index(name) + shift, 60_000, 60_000)
    return {
        "huge.mjpeg": huge,
        "grows.mjpeg": small + huge,
        "huge.mp4": encoded(grey(1, 4000, 4000)),
        "huge.gif": _gif(65_535, 65_535),
        "lying.avi": bytes(lying),
        "hours.mp4": _hours(kind="mp4"),
        "hours.mkv": _hours(kind="matroska"),
        "hours.ts": _hours(kind="mpegts"),
        "hours.avi": _hours(kind="avi"),
    }


def _gif(width: int, height: int) -> bytes:
    """A screen of that size, and two small pictures in it."""
    head = b"GIF89a" + struct.pack("<HH", width, height) + b"\x80\0\0" + b"\0\0\0\xff\xff\xff"
    picture = b"," + struct.pack("<HHHH", 0, 0, 1, 1) + b"\0" + b"\x02\x02D\x01\0"
    return head + picture + picture + b";"


def _hours(*, kind: str, hours: int = 12) -> bytes:
    """One picture a minute, for hours; of AVI, which knows no such pauses, one a second."""
    made = io.BytesIO()
    rate, step, count = (1, 1, 1800) if kind == "avi" else (25, 60 * 25, hours * 60)
    with av.open(made, "w", format=kind) as container:
        stream = container.add_stream("mpeg2video" if kind == "mpegts" else "mpeg4", rate=rate)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        (image,) = grey(1)
        for k in range(count):
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts = k * step
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return made.getvalue()


def malformed() -> dict[str, tuple[str, bytes]]:
    """Bodies that are no proper multipart: content type and body."""
    proper = "multipart/form-data; boundary=b"
    file = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n'
    return {
        "no boundary": ("multipart/form-data", file + b"x\r\n--b--\r\n"),
        "another boundary": ("multipart/form-data; boundary=c", file + b"x\r\n--b--\r\n"),
        "no end": (proper, file + b"x"),
        "nothing": (proper, b""),
        "end alone": (proper, b"--b--\r\n"),
        "no disposition": (proper, b"--b\r\n\r\nx\r\n--b--\r\n"),
        "no name": (proper, b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n"),
        "a text": (
            proper,
            b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nx\r\n--b--\r\n',
        ),
        "another field": (proper, file.replace(b'"file"', b'"film"') + b"x\r\n--b--\r\n"),
        "two files": (proper, (file + b"x\r\n") * 2 + b"--b--\r\n"),
        "many fields": (
            proper,
            b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n' * 500 + b"--b--\r\n",
        ),
        "a long header": (proper, b"--b\r\nX-Long: " + b"x" * 300_000 + b"\r\n\r\nx\r\n--b--\r\n"),
        "an empty file": (proper, file + b"\r\n--b--\r\n"),
        "bytes": (proper, bytes(range(256)) * 40),
        "JSON": ("application/json", b'{"file": "/etc/passwd"}'),
        "a form": ("application/x-www-form-urlencoded", b"file=/etc/passwd"),
        "no type": ("", file + b"x\r\n--b--\r\n"),
        "a strange charset": (proper + "; charset=utf-99", file + b"x\r\n--b--\r\n"),
    }
