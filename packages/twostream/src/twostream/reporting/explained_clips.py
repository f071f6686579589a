"""Where the networks of a run looked in the test clips that its report shows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from twostream.atomic import write_json
from twostream.errors import TwostreamError
from twostream.events import warn
from twostream.explanation.explain import Explainer
from twostream.prediction.options import LookOptions
from twostream.prediction.predictor import load_predictor
from twostream.progress import Progress
from twostream.reporting.gallery import ShownClip
from twostream.store.clip import open_clip
from twostream.training.two_streams import read_two_streams

FOLDER_NAME = "explained"
INDEX_NAME = "explained.json"


@dataclass(frozen=True, kw_only=True)
class ExplainedClip:
    """Where both streams looked for a class in a clip: the picture `file` in `FOLDER_NAME`.

    `start_s` is when the window begins; `scores` of the class there and `layers` of the maps, by stream.
    """

    clip_id: str
    label: str
    start_s: float
    scores: dict[str, float]
    layers: dict[str, str]
    file: str


def explain_clips(
    run: Path, clips: Sequence[ShownClip], *, stored: dict[str, Path], trainings: dict[str, str]
) -> None:
    """Make a picture of each clip and class: of the class that was said, and of the true one.

    They are kept in ``RUN/explained/`` with the `trainings` that they are of. Raises TwostreamError where
    the networks cannot be loaded, OSError where nothing can be written.
    """
    explainer = Explainer(load_predictor(read_two_streams(run), LookOptions()))
    folder = run / FOLDER_NAME
    folder.mkdir(exist_ok=True)
    made: list[ExplainedClip] = []
    with Progress("explain", total=len(clips), unit="clip", warms_up=True) as progress:
        for number, one in enumerate(clips, start=1):
            made += _of_clip(explainer, one, stored.get(one.clip_id), folder, number)
            progress.advance()
    write_json(
        folder / INDEX_NAME, {"trainings": trainings, "clips": [asdict(one) for one in made]}
    )


def _of_clip(
    explainer: Explainer, one: ShownClip, path: Path | None, folder: Path, number: int
) -> list[ExplainedClip]:
    said = one.verdicts[-1].guesses[0].name
    try:
        if path is None:
            return []
        found = explainer.of_clip(open_clip(path), list(dict.fromkeys([said, one.truth])))
    except TwostreamError as error:  # others may be explained
        warn(f"{one.clip_id} is not explained: {error}")
        return []
    made = []
    for k, looked in enumerate(found, start=1):
        name = f"{number:02d}-{k}.png"
        looked.write(folder / name)
        made.append(
            ExplainedClip(
                clip_id=one.clip_id,
                label=looked.label,
                start_s=looked.start_s,
                scores={str(stream): score for stream, score in looked.scores.items()},
                layers={str(stream): layer for stream, layer in looked.layers.items()},
                file=name,
            )
        )
    return made


def explained_clips(run: Path, *, trainings: dict[str, str]) -> dict[str, list[ExplainedClip]]:
    """What `explain_clips` kept of these trainings, by clip; empty where there is nothing, or of others.

    What is damaged is told, and left out: `report --explain` makes it anew.
    """
    folder = run / FOLDER_NAME
    try:
        told: dict[str, Any] = json.loads((folder / INDEX_NAME).read_text(encoding="utf-8"))
        if told["trainings"] != trainings:
            return {}
        found: dict[str, list[ExplainedClip]] = {}
        for values in told["clips"]:
            one = ExplainedClip(**values)
            if (folder / one.file).is_file():
                found.setdefault(one.clip_id, []).append(one)
        return found
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        warn(f"{folder / INDEX_NAME} is damaged ({error}): no explanations; report --explain anew")
        return {}
