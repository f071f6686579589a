"""What a run says of videos."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from twostream.cli.tables.lines import print_at_once
from twostream.datasets.names import counted
from twostream.prediction.results import STREAMS, Prediction
from twostream.verbs.found import Seen


def print_prediction(found: Prediction) -> None:
    """The intervals of a timeline; the best classes of each stream of a clip side by side."""
    Console().print(_timeline(found) if found.is_timeline else _clip(found))


def print_seen(seen: Seen) -> None:
    """One interval of what goes on, in a line, at once."""
    one = seen.interval
    print_at_once(
        f"{seen.source}: {moment(one.start_s)} to {moment(one.end_s)} {one.label} "
        f"{_percent(one.score)}"
    )


def _clip(found: Prediction) -> Table:
    columns = {name: getattr(found, name) for name in STREAMS if getattr(found, name)}
    caption = f"protocol {found.protocol}"
    if found.thresholds is not None:
        held = ", ".join(one.label for one in found.holding) or "none"
        caption = f"labels: {held} ({caption}; each score is a label's own)"
    table = Table(title=Text(found.source), caption=Text(caption))
    for name in columns:
        table.add_column(name, overflow="fold")
        table.add_column("", justify="right")
    for row in zip(*columns.values(), strict=True):
        table.add_row(*(cell for one in row for cell in (Text(one.label), _percent(one.score))))
    return table


def _timeline(found: Prediction) -> Table:
    reached = found.windows.windows_s[-1, 1]
    table = Table(
        title=Text(found.source),
        caption=f"{counted(len(found.intervals), 'interval')} in {moment(reached)}",
    )
    for heading in ("start", "end"):
        table.add_column(heading, justify="right")
    table.add_column("label")
    table.add_column("score", justify="right")
    for one in found.intervals:
        table.add_row(moment(one.start_s), moment(one.end_s), Text(one.label), _percent(one.score))
    return table


def moment(seconds: float) -> str:
    """A time in a video as players show it.

    >>> moment(3723.46), moment(0.04)
    ('1:02:03.5', '0:00.0')
    """
    tenths = round(seconds * 10)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    clock = f"{hours}:{minutes:02d}" if hours else f"{minutes}"
    return f"{clock}:{rest // 10:02d}.{rest % 10}"


def _percent(score: float) -> str:
    return f"{100 * score:.1f} %"
