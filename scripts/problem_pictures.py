"""Draw the pictures of docs/what-can-go-wrong.md: what `prepare` and `check` say of damage.

Usage: python scripts/problem_pictures.py [FOLDER]

FOLDER is docs/images by default. The videos are generated; the lines are the verbs' own.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import av
import numpy as np
from rich.text import Text
from source_pictures import FOLDER, terminal_svg

COLUMNS = 110
PREPARE = ("prepare", "videos", "--out", "DATA", "--flow", "dis", "--workers", "1", "--strict")


def write_video(path: Path, *, frames: int) -> Path:
    """A moving bright square."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 96, 72, "yuv420p"
        for k in range(frames):
            image = np.full((72, 96, 3), 40, np.uint8)
            image[20:50, 2 * k : 2 * k + 30] = 200
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode())
    return path


def write_videos(folder: Path) -> None:
    """Good clips of two classes, and what people have among them."""
    for name in ("jump", "run"):
        for k in (1, 2):
            write_video(folder / name / f"good {k}.avi", frames=20)
    whole = write_video(folder / "jump" / "download broke off.avi", frames=90)
    data = whole.read_bytes()
    whole.write_bytes(data[: len(data) * 3 // 4])
    write_video(folder / "run" / "one frame.avi", frames=1)
    (folder / "run" / "renamed text.mp4").write_text("this is no video\n" * 40)
    (folder / "run" / "empty.mov").touch()
    (folder / "run" / "link.avi").symlink_to("moved away.avi")
    (folder / "swim").mkdir()
    shutil.copy(folder / "run" / "good 1.avi", folder / "belongs to no class.avi")


def said(work: Path, *command: str) -> str:
    """The command and all that it prints."""
    done = subprocess.run(
        [sys.executable, "-m", "twostream", *command],
        cwd=work,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = (done.stderr + done.stdout).splitlines()
    # The line of an error is the last that a terminal shows.
    errors = [line for line in lines if line.startswith("twostream: ")]
    rest = [line for line in lines if line not in errors]
    return "\n".join(
        [f"$ twostream {' '.join(command)}", *rest, *errors, f"[status {done.returncode}]"]
    )


def main(folder: Path) -> None:
    """Write both pictures to `folder`."""
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        write_videos(work / "videos")
        prepared = said(work, *PREPARE)
        clips = work / "DATA" / "clips"
        stored = clips / "run" / "good 1.zip"
        content = bytearray(stored.read_bytes())
        content[len(content) // 2] ^= 4
        stored.write_bytes(content)
        (clips / "jump" / "good 2.zip").unlink()
        shutil.copy(stored, clips / "run" / "copy of good 1.zip")
        checked = said(work, "check", "DATA", "--workers", "1")
    for title, text in (("problems", prepared), ("check", checked)):
        target = folder / f"{title}.svg"
        svg = terminal_svg(Text(text), title="twostream", width=COLUMNS)
        target.write_text(svg, encoding="utf-8")
        print(target)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
