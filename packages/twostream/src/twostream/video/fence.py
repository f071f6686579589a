"""What FFmpeg may open: a file opens itself, and an address nothing on this machine.

FFmpeg knows a file by its content, whatever its name: a playlist called `a.mp4` would be read as a
playlist, and what it lists opened.
"""

from __future__ import annotations

# Containers and streams that hold their own pictures; none that names other files or addresses.
FILE_FORMATS = (
    *("mov", "mp4", "matroska", "webm", "avi", "mpeg", "mpegts", "mpegvideo", "flv", "asf", "ogg"),
    *(
        "gif",
        "apng",
        "webp",
        "mjpeg",
        "mpjpeg",
        "smjpeg",
        "mjpeg_2000",
        "h261",
        "h263",
        "h264",
        "hevc",
    ),
    *(
        "vvc",
        "evc",
        "m4v",
        "vc1",
        "vc1test",
        "av1",
        "obu",
        "ivf",
        "dv",
        "dirac",
        "dnxhd",
        "cavsvideo",
    ),
    *(
        "avs2",
        "avs3",
        "mxf",
        "gxf",
        "nut",
        "yuv4mpegpipe",
        "rm",
        "swf",
        "wtv",
        "nsv",
        "pva",
        "ty",
        "amv",
    ),
    *(
        "cine",
        "mlv",
        "ivr",
        "iv8",
        "dhav",
        "r3d",
        "bink",
        "smk",
        "roq",
        "flic",
        "film_cpk",
        "thp",
        "xmv",
    ),
    *(
        "rawvideo",
        "bethsoftvid",
        "ea",
        "mtv",
        "nuv",
        "vividas",
        "ingenient",
        "lmlm4",
        "mvi",
        "mgsts",
    ),
    # Pictures, to say of such a file that it has one frame.
    *(
        "png_pipe",
        "jpeg_pipe",
        "bmp_pipe",
        "tiff_pipe",
        "webp_pipe",
        "ppm_pipe",
        "pgm_pipe",
        "image2",
    ),
    # Sound, to say of such a file that it holds no video.
    *(
        "mp3",
        "wav",
        "flac",
        "aac",
        "ac3",
        "eac3",
        "aiff",
        "amr",
        "ape",
        "caf",
        "au",
        "w64",
        "tta",
        "wv",
    ),
)
# What strangers may upload: containers that people, cameras and browsers make. The rest of FFmpeg is not
# for data that somebody chose to do harm with.
UPLOAD_FORMATS = (
    *("mov", "mp4", "matroska", "webm", "avi", "mpeg", "mpegts", "flv", "asf", "ogg", "gif"),
    *("mpegvideo", "h264", "hevc", "m4v", "ivf", "dv", "mjpeg", "nut", "mxf"),
)
NETWORK_PROTOCOLS = (
    *("http", "https", "httpproxy", "tcp", "tls", "udp", "udplite", "rtp", "srtp", "srt", "rist"),
    *(
        "rtmp",
        "rtmpe",
        "rtmps",
        "rtmpt",
        "rtmpte",
        "rtmpts",
        "mmsh",
        "mmst",
        "ftp",
        "crypto",
        "data",
    ),
)


def for_file() -> dict[str, str]:
    """Options with which FFmpeg opens a file and nothing else."""
    return {"protocol_whitelist": "file", "format_whitelist": ",".join(FILE_FORMATS)}


def for_upload(*, most_pixels: int) -> dict[str, str]:
    """Options with which FFmpeg reads bytes that it is given, opens nothing, and refuses larger pictures.

    The last holds for the pictures that it decodes to learn what a stream is, too.

    >>> for_upload(most_pixels=9)["protocol_whitelist"]
    'none'
    """
    return {
        "protocol_whitelist": "none",
        "format_whitelist": ",".join(UPLOAD_FORMATS),
        "max_pixels": str(most_pixels),
    }


def for_address(address: str) -> dict[str, str]:
    """Options with which FFmpeg opens an address, and what that leads to on the network: no file.

    >>> "file" in for_address("https://example.org/live.m3u8")["protocol_whitelist"].split(",")
    False
    >>> for_address("a.mp4") == for_file()
    True
    """
    scheme = address.partition("://")[0].lower() if "://" in address else "file"
    if scheme == "file":
        return for_file()
    return {"protocol_whitelist": ",".join(NETWORK_PROTOCOLS)}
