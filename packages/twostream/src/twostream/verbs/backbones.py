"""The verb `models` (in Python `backbones`): which backbones there are, and what each costs."""

from __future__ import annotations

from dataclasses import replace

from twostream.paths import OutputFile, path_or_none
from twostream.verbs.found import Backbones
from twostream.verbs.paths import checks_paths


@checks_paths
def backbones(
    *backbone: str,
    size: int = 224,
    speed: bool = False,
    json: bool = False,
    csv: OutputFile | None = None,
) -> Backbones:
    """List the backbones: parameters, operations for an image, input range, and where weights come from.

    Parameters
    ----------
    backbone
        Names or .keras files, which are built and counted; none of them: all that have a name.
    size
        Size of the image in pixels; other than 224 for named ones only.
    speed
        Time how many images a second this machine scores; for named ones only.
    json
        Print one object a backbone, a line each, and nothing else, on standard output.
    csv
        A file for the table.
    """
    import csv as tables
    import io
    from json import dumps

    from twostream.atomic import write_text
    from twostream.errors import TwostreamError
    from twostream.events import made
    from twostream.models.backend import prepare_keras
    from twostream.models.catalogue import KNOWN_SIZE_PX, backbone_facts, known_backbones
    from twostream.models.speed import images_per_second
    from twostream.own_files import require_own_csv
    from twostream.verbs.results import JsonLine

    if not backbone and (speed or size != KNOWN_SIZE_PX):
        raise TwostreamError(
            "--speed" if speed else f"--size {size}",
            expected="names of backbones, for each is built for it, which takes seconds",
            found="none",
            remedy="twostream models EfficientNetLite0 ResNet50 "
            + ("--speed" if speed else f"--size {size}"),
        )
    found = []
    if backbone:
        prepare_keras(seed=0)
        for name in backbone:
            facts, network = backbone_facts(name, size_px=size)
            rate = images_per_second(network) if speed else None
            found.append(replace(facts, images_per_second=rate))
            if json:
                made(JsonLine(dumps(found[-1].to_dict())))
    else:
        found = known_backbones()
        for facts in found if json else ():
            made(JsonLine(dumps(facts.to_dict())))
    table = Backbones(tuple(found))
    out = path_or_none(csv)
    if out is not None:
        require_own_csv(out, list(table.rows[0]), flag="--csv", what="a table of backbones")
        text = io.StringIO()
        writer = tables.DictWriter(text, table.rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(table.rows)
        write_text(out, text.getvalue())
    return table if json else made(table)
