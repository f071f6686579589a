"""What a worker does with uploads: `predict`, and what is made of a prediction for people to look at."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import cv2

from twostream.events import warn
from twostream.explanation.explain import Explainer
from twostream.explanation.pictures import over
from twostream.prediction.labels import write_predicted_labels
from twostream.prediction.naming import Source
from twostream.prediction.predictor import Hearing, RunPredictor
from twostream.prediction.results import Prediction
from twostream.prediction.side_by_side import Cores
from twostream.reporting.flow_insets import flow_insets
from twostream.reporting.watching import write_copies
from twostream.serving.result_page import write_result_page
from twostream.serving.tasks import Task
from twostream.sources.video import VideoClip
from twostream.video.limits import LimitError, Limits
from twostream.video.rewriting import write_with_sound

PREDICTION, RESULT, PAGE = "prediction.pickle", "result.json", "result.html"
FLOW, OVERLAY, EXPLANATIONS = "flow.mp4", "overlay.mp4", "explanations"
FLOW_SIDE_PX, FLOW_EVERY_S = 240, 0.125
# Pictures of a long recording take as long as looking at it: so many of its clearest intervals are shown.
MOST_EXPLAINED = 24


@dataclass(frozen=True)
class Work:
    """Does tasks with the networks of one run, several at once."""

    predictor: RunPredictor
    limits: Limits
    cores: Cores

    def do(self, task: Task, hearing: Hearing) -> Any:
        """The result of a task; raises TwostreamError, LimitError for what is too large or too long."""
        self.cores.begin()
        try:
            match task.what:
                case "predict":
                    return self._predict(task, hearing)
                case "flow":
                    return self._flow(task, hearing)
                case "explain":
                    return self._explain(task)
                case "overlay":
                    return self._overlay(task)
                case "labels":
                    return self._labels(task)
        finally:
            self.cores.end()

    def _predict(self, task: Task, hearing: Hearing) -> str:
        look = self.predictor.look
        if task.timeline is not None:
            look = replace(look, timeline=task.timeline)
        if task.top is not None:
            look = replace(look, top=task.top)
        clip = self._clip(task)
        try:
            found = self.predictor.looking(look).of_clip(clip, name=task.name, hearing=hearing)
        finally:
            clip.close()
        if isinstance(found.ended, LimitError):
            raise found.ended
        if found.ended is not None:  # what was seen before is told, and that it is not all
            warn(str(found.ended))
        if task.keep is not None:
            (task.keep / PREDICTION).write_bytes(pickle.dumps(found))
            (task.keep / RESULT).write_text(found.to_json() + "\n", encoding="utf-8")
            write_result_page(task.keep / PAGE, found, streams=self._streams)
        return found.to_json()

    def _flow(self, task: Task, hearing: Hearing) -> str:
        """The flow that the temporal stream sees, as a video in step with the upload."""
        found, clip = _kept(task), self._clip(task)
        flow = self.predictor.bundle.flow
        end = float(found.windows.windows_s[-1, 1]) if len(found.windows.windows_s) else 0.0
        hearing.on_length(end)

        def pictures() -> Any:
            for seconds, picture in flow_insets(
                clip,
                bound_px=flow.bound_px,
                end_s=end,
                every_s=FLOW_EVERY_S,
                short_side_px=FLOW_SIDE_PX,
            ):
                hearing.check()
                hearing.on_seconds(seconds)
                yield seconds, picture

        try:
            write_with_sound(
                _place(task, FLOW), pictures(), sound_of=None, fps=1 / FLOW_EVERY_S, duration_s=end
            )
        finally:
            clip.close()
        return FLOW

    def _explain(self, task: Task) -> list[dict[str, Any]]:
        """Grad-CAM: each moment's pictures, plain and with the map, as files."""
        found = _kept(task)
        clearest = sorted(found.intervals, key=lambda one: -one.score)[:MOST_EXPLAINED]
        found = replace(found, intervals=tuple(sorted(clearest, key=lambda one: one.start_s)))
        folder = _place(task, EXPLANATIONS)
        folder.mkdir(exist_ok=True)
        told = []
        for number, one in enumerate(Explainer(self.predictor).of(Source(str(task.video)), found)):
            streams = {}
            for stream, picture in one.pictures.items():
                plain, heat = f"{number}-{stream}.jpg", f"{number}-{stream}-map.jpg"
                cv2.imwrite(str(folder / plain), picture[..., ::-1])
                cv2.imwrite(str(folder / heat), over(picture, one.maps[stream])[..., ::-1])
                streams[str(stream)] = {
                    "score": round(one.scores[stream], 6),
                    "layer": one.layers[stream],
                    "picture": plain,
                    "map": heat,
                }
            told.append(
                {
                    "label": one.label,
                    "start_s": round(one.start_s, 6),
                    "end_s": round(one.end_s, 6),
                    "streams": streams,
                }
            )
        (folder / "explanations.json").write_text(json.dumps(told), encoding="utf-8")
        return told

    def _overlay(self, task: Task) -> str:
        one = replace(_kept(task), source=str(task.video))
        write_copies([one], _place(task, OVERLAY), self.predictor.bundle)
        return OVERLAY

    def _labels(self, task: Task) -> str:
        """The file of one format; the files in an archive, where there are several."""
        assert task.to is not None
        folder = _place(task, f"labels-{task.to}")
        folder.mkdir(exist_ok=True)
        for one in folder.iterdir():
            one.unlink()
        write_predicted_labels([replace(_kept(task), source=str(task.video))], task.to, folder)
        files = sorted(folder.iterdir())
        if len(files) == 1:
            return f"{folder.name}/{files[0].name}"
        with ZipFile(folder / f"{task.video.stem}-{task.to}.zip", "w") as archive:
            for one in files:
                archive.write(one, one.name)
        return f"{folder.name}/{task.video.stem}-{task.to}.zip"

    def _clip(self, task: Task) -> VideoClip:
        return VideoClip(
            task.video, self.predictor.bundle.flow, threads=self.cores, limits=self.limits
        )

    @property
    def _streams(self) -> tuple[str, ...]:
        return tuple(one.stream for one in self.predictor.bundle.streams)


def _place(task: Task, name: str) -> Path:
    assert task.keep is not None
    return task.keep / name


def _kept(task: Task) -> Prediction:
    """The prediction that this program kept, in a folder that is its own."""
    found: Prediction = pickle.loads(_place(task, PREDICTION).read_bytes())
    return found


Doing = Callable[[Task, Hearing], Any]
