"""Running the tasks of a data set's clips, and gathering what became of them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field

from twostream.execution.executor import Executor
from twostream.opencv import require_opencv
from twostream.preparation.ensure import ClipResult, ClipTask, ensure_clip
from twostream.preparation.passes import in_passes
from twostream.preparation.verified import Stamps
from twostream.progress import Progress
from twostream.store.metadata import ClipMetadata


@dataclass
class Stored:
    """What became of tasks: by clip id what is stored, and by which stamps it is known as whole.

    `otherwise` says in what clips would be others if they were made today.
    `problems` are (clip id, stage, reason); `reused` counts the clips that were there already.
    """

    clips: dict[str, ClipMetadata] = field(default_factory=dict)
    problems: list[tuple[str, str, str]] = field(default_factory=list)
    stamps: dict[str, Stamps] = field(default_factory=dict)
    otherwise: dict[str, str] = field(default_factory=dict)
    reused: int = 0


def store_all(
    tasks: list[ClipTask],
    *,
    executor: Executor,
    still_there: Callable[[], None],
    function: Callable[[ClipTask], ClipResult] = ensure_clip,
) -> Stored:
    """Run the tasks; raises what ends the whole job, such as a full disk.

    `function` is another one than `ensure_clip` where tasks run on several machines.
    """
    # Here, for in the workers it would be a problem of every single clip.
    require_opencv(contrib=any(task.options.flow == "tvl1-opencv" for task in tasks))
    done = Stored()
    outcomes = executor.map(function, in_passes(tasks))
    with Progress("prepare", total=len(tasks)) as progress, closing(outcomes):
        for outcome in outcomes:
            still_there()
            clip_id = outcome.task.clip_id
            result = outcome.result
            if result is None:
                done.problems.append((clip_id, "decode", outcome.problem or "unknown"))
                progress.note = f"{len(done.problems)} with problems"
                progress.advance()
                continue
            done.clips[clip_id] = result.metadata
            if result.otherwise:
                done.otherwise[clip_id] = result.otherwise
            if result.stamps is not None:
                done.stamps[clip_id] = result.stamps
            if result.metadata.warning:
                done.problems.append((clip_id, "warning", result.metadata.warning))
            if result.reused:
                done.reused += 1
                progress.already_done += 1
                progress.advance()
            else:
                progress.advance(frames=result.metadata.frames)
    return done
