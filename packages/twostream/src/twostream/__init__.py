"""Two-stream recognition of human actions in video.

Every verb of the command line is a function here: `prepare`, `check`, `explore`, `train`, `evaluate`,
`predict`, `report`, `compare`, `run`, `demo`, with the same arguments (`models` is `backbones` here). They
print nothing; `with twostream.shown():` shows progress, `with twostream.listening(function):` passes it on
as events. `load` gives a trained run, to be asked about videos, frames and cameras.
"""

from __future__ import annotations

from twostream.version import __version__ as __version__

# Not from `typing`, which takes most of the time of this import.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from twostream.cli.showing import shown
    from twostream.events import listening
    from twostream.verbs.backbones import backbones
    from twostream.verbs.bundle import bundle
    from twostream.verbs.check import check
    from twostream.verbs.compare import compare
    from twostream.verbs.demo import demo
    from twostream.verbs.download import download
    from twostream.verbs.evaluate import evaluate
    from twostream.verbs.explore import explore
    from twostream.verbs.export import export
    from twostream.verbs.features import features
    from twostream.verbs.info import info
    from twostream.verbs.lists import lists
    from twostream.verbs.load import load
    from twostream.verbs.nearest import nearest
    from twostream.verbs.predict import predict
    from twostream.verbs.prepare import prepare
    from twostream.verbs.publish import publish
    from twostream.verbs.report import report
    from twostream.verbs.run import run
    from twostream.verbs.serve import serve
    from twostream.verbs.splits import splits
    from twostream.verbs.train import train

__all__ = [
    "backbones",
    "bouts",
    "bundle",
    "check",
    "compare",
    "demo",
    "download",
    "evaluate",
    "explore",
    "export",
    "features",
    "info",
    "listening",
    "lists",
    "load",
    "nearest",
    "predict",
    "prepare",
    "publish",
    "report",
    "review",
    "run",
    "serve",
    "shown",
    "splits",
    "train",
]


# Names that are no verbs.
ELSEWHERE = {
    "listening": "twostream.events",
    "load": "twostream.verbs.load",
    "shown": "twostream.cli.showing",
}


def __getattr__(name: str) -> object:
    # Loaded on first use: importing twostream must stay fast.
    if name in __all__:
        import importlib

        place = ELSEWHERE.get(name, f"twostream.verbs.{name}")
        return getattr(importlib.import_module(place), name)
    raise AttributeError(f"module 'twostream' has no attribute {name!r}")
