"""How far the scores of an export's example are from those of `predict`, where flow is not the same.

Usage: python scripts/export_difference.py RUN CLIP…

RUN's networks learnt from twostream's own TV-L1, say, for which the example takes OpenCV's. Prints the
largest difference of a score by stream and clip. Needs the extra onnx, and time: OpenCV's TV-L1 is slow.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import twostream


def main(run: Path, clips: list[Path]) -> None:
    """Export the run, and compare clip by clip."""
    with tempfile.TemporaryDirectory() as place:
        export = Path(place) / "export"
        twostream.export(run, format="onnx", out=export)
        loaded = twostream.load(run, protocol="25")
        for clip in clips:
            command = [sys.executable, str(export / "example.py"), str(clip.absolute())]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            told = json.loads(done.stdout)
            expected = loaded.predict(clip)
            differences = {
                stream: max(
                    abs(told[stream][label] - float(score))
                    for label, score in zip(expected.classes, scores, strict=True)
                )
                for stream, scores in expected.scores.items()
            }
            same = max(told["fused"], key=told["fused"].get) == expected.fused[0].label
            words = ", ".join(f"{stream} {value:.5f}" for stream, value in differences.items())
            print(f"{clip.name}: {words}; the best class is {'the same' if same else 'another'}")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]), [Path(word) for word in sys.argv[2:]])
