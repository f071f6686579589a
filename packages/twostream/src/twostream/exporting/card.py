"""The model card: what a folder with networks is, how well it does, and what it must not be used for."""

from __future__ import annotations

from functools import cache

import jinja2

from twostream.datasets.names import counted
from twostream.evaluation.sample_sets import EVEN_SAMPLES
from twostream.exporting.accuracies import accuracies_of
from twostream.exporting.description import PROTOCOL, flow_of
from twostream.exporting.licences import licence_of
from twostream.exporting.thresholds import Thresholds
from twostream.training.bundle import StreamBundle
from twostream.training.two_streams import TwoStreamBundle
from twostream.version import __version__

CARD_NAME = "README.md"
NO_THRESHOLDS = Thresholds()


def card(
    bundle: TwoStreamBundle,
    *,
    use: str,
    precision: str = "float32",
    measured_in: str | None = None,
    thresholds: Thresholds = NO_THRESHOLDS,
    limits: tuple[str, ...] = (),
) -> str:
    """The card of a bundle in Markdown, with the front matter that the Hub reads.

    `precision` is that of the networks, `measured_in` that of the accuracies to be told where there are
    several; None: the same. `use` is the section about how to use the folder; `limits` are told beside
    those of every run.
    """
    accuracies = accuracies_of(bundle, precision=measured_in or precision)
    training = bundle.streams[0].training
    return _template().render(
        accuracies=accuracies,
        background=bundle.background,
        classes=bundle.classes,
        crop=bundle.flow.crop,
        dataset=None if accuracies is None else accuracies.dataset,
        facts=_facts(bundle),
        licence=licence_of(bundle),
        limits=limits,
        n_train=counted(training.n_train, "clip"),
        precision=precision,
        protocol=PROTOCOL,
        samples=EVEN_SAMPLES,
        thresholds=thresholds,
        multi_label=bundle.multi_label,
        use=use.strip(),
        version=__version__,
    )


def _facts(bundle: TwoStreamBundle) -> list[tuple[str, str]]:
    made, rule, sources = bundle.flow, bundle.fusion, bundle.streams[0].sources
    facts = []
    if sources is not None:
        facts += [
            ("training clips", f"{sources.clips}, of {sources.width}x{sources.height} (median)"),
            (
                "frames a second",
                f"{sources.lowest_fps:g} to {sources.highest_fps:g}, median {sources.fps:g}",
            ),
        ]
    images = f"every {made.step} frames" if made.step > 1 else "every frame"
    images = images if made.fps is None else f"the nearest to {made.fps:g} moments a second"
    facts.append(("images", f"{images}, as JPEG of quality {made.jpeg_quality}"))
    if bundle.temporal is not None:
        flow = flow_of(bundle)
        by = made.algorithm if flow is None or flow.same else f"{made.algorithm} (twostream's own)"
        facts.append(("optical flow", f"{by}, clipped at {made.bound_px:g} px, in 255 codes"))
    facts += [(one.stream, _stream(one)) for one in bundle.streams]
    if len(bundle.streams) == 2:
        facts.append(
            (
                "both together",
                f"{rule.pool}, {rule.spatial_weight:.0%} frames and {rule.temporal_weight:.0%} flow: "
                f"{rule.reason or 'as it was said'}",
            )
        )
    return [(name, value.replace("|", "\\|")) for name, value in facts]


def _stream(one: StreamBundle) -> str:
    see = one.preprocessing
    kinds = {
        "full": f"the whole image, its short side at {see.size_px} px",
        "centre": f"the centre square at {see.size_px} px",
        "three": f"three squares at {see.size_px} px",
    }
    seen = "a frame" if one.stream == "spatial" else f"{see.stack_length} flows"
    return f"{named(one.training.backbone)}; {seen}, {kinds[see.view]}"


def named(backbone: str) -> str:
    """A backbone's name; of a file that alone, for where it lay is nobody's business.

    >>> named("/home/ada/nets/mine.keras"), named("EfficientNetLite0")
    ('mine.keras', 'EfficientNetLite0')
    """
    return backbone.replace("\\", "/").rpartition("/")[2]


@cache
def _template() -> jinja2.Template:
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("twostream.exporting", "templates"),
        autoescape=False,  # it is Markdown
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["code"] = lambda name: f"`{name}`"
    return made.get_template("card.md.j2")
